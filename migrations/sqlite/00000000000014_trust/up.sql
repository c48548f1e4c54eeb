-- Merges that need two people, access in an emergency, and who is the same human under two accounts.

-- The number by which the employer knows a person: two accounts with one number are one human.
ALTER TABLE principal ADD COLUMN staff_number TEXT;

-- Merges that one steward proposed and another has to approve.
CREATE TABLE merge_proposal (
    id BLOB PRIMARY KEY NOT NULL,
    kind INTEGER NOT NULL,
    entities TEXT NOT NULL,
    risks TEXT NOT NULL,
    comment TEXT,
    proposed_by TEXT NOT NULL,
    proposed_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at INTEGER,
    answer TEXT,
    decision BLOB,
    CHECK (kind IN (1, 2, 3)),
    CHECK (state IN ('open', 'approved', 'rejected', 'withdrawn', 'stale')),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((state = 'approved') = (decision IS NOT NULL))
) STRICT;
CREATE INDEX merge_proposal_queue ON merge_proposal (state, id);

-- Access beyond the usual rights, for a stated reason and a short time.
CREATE TABLE emergency_access (
    id BLOB PRIMARY KEY NOT NULL,
    principal TEXT NOT NULL,
    department TEXT NOT NULL,
    reason TEXT NOT NULL,
    entity BLOB,
    division TEXT,
    begun_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    review_due_at INTEGER NOT NULL,
    reviewed_by TEXT,
    reviewed_at INTEGER,
    review TEXT,
    FOREIGN KEY (principal) REFERENCES principal (name),
    CHECK ((entity IS NULL) <> (division IS NULL)),
    CHECK (begun_at <= ends_at),
    CHECK ((reviewed_by IS NULL) = (reviewed_at IS NULL))
) STRICT;
CREATE INDEX emergency_access_principal ON emergency_access (principal, id);
