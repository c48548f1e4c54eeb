-- Merges that need two people, access in an emergency, and who is the same human under two accounts.

-- The number by which the employer knows a person: two accounts with one number are one human.
ALTER TABLE principal ADD COLUMN staff_number TEXT;

-- Merges that one steward proposed and another has to approve.
CREATE TABLE merge_proposal (
    id UUID PRIMARY KEY,
    kind SMALLINT NOT NULL,
    entities TEXT NOT NULL,
    risks TEXT NOT NULL,
    comment TEXT,
    proposed_by TEXT NOT NULL,
    proposed_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at TIMESTAMPTZ,
    answer TEXT,
    decision UUID,
    CHECK (kind IN (1, 2, 3)),
    CHECK (state IN ('open', 'approved', 'rejected', 'withdrawn', 'stale')),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((state = 'approved') = (decision IS NOT NULL))
);
CREATE INDEX merge_proposal_queue ON merge_proposal (state, id);

-- Access beyond the usual rights, for a stated reason and a short time.
CREATE TABLE emergency_access (
    id UUID PRIMARY KEY,
    principal TEXT COLLATE "C" NOT NULL,
    department TEXT NOT NULL,
    reason TEXT NOT NULL,
    entity UUID,
    division TEXT,
    begun_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    review_due_at TIMESTAMPTZ NOT NULL,
    reviewed_by TEXT,
    reviewed_at TIMESTAMPTZ,
    review TEXT,
    FOREIGN KEY (principal) REFERENCES principal (name),
    CHECK ((entity IS NULL) <> (division IS NULL)),
    CHECK (begun_at <= ends_at),
    CHECK ((reviewed_by IS NULL) = (reviewed_at IS NULL))
);
CREATE INDEX emergency_access_principal ON emergency_access (principal, id);

COMMENT ON COLUMN principal.staff_number IS 'the employer''s number of the person; accounts that share one are one human';
COMMENT ON TABLE merge_proposal IS 'Merges that one steward proposed and another has to approve';
COMMENT ON COLUMN merge_proposal.id IS 'its id';
COMMENT ON COLUMN merge_proposal.kind IS '1 person, 2 legal person, 3 parcel';
COMMENT ON COLUMN merge_proposal.entities IS 'the entities and the version of each that was seen, a JSON object';
COMMENT ON COLUMN merge_proposal.risks IS 'why two people are needed, codes separated by commas';
COMMENT ON COLUMN merge_proposal.comment IS 'why, in the proposer''s words';
COMMENT ON COLUMN merge_proposal.proposed_by IS 'the principal who proposed it';
COMMENT ON COLUMN merge_proposal.proposed_at IS 'when it was proposed';
COMMENT ON COLUMN merge_proposal.state IS 'open, approved, rejected, withdrawn or stale';
COMMENT ON COLUMN merge_proposal.decided_by IS 'the principal who ended it';
COMMENT ON COLUMN merge_proposal.decided_at IS 'when it ended';
COMMENT ON COLUMN merge_proposal.answer IS 'the words of who ended it';
COMMENT ON COLUMN merge_proposal.decision IS 'the decision that carried it out';
COMMENT ON TABLE emergency_access IS 'Access beyond the usual rights, for a stated reason and a short time';
COMMENT ON COLUMN emergency_access.id IS 'its id';
COMMENT ON COLUMN emergency_access.principal IS 'who asked for it';
COMMENT ON COLUMN emergency_access.department IS 'for which department';
COMMENT ON COLUMN emergency_access.reason IS 'why, in their words';
COMMENT ON COLUMN emergency_access.entity IS 'the one person it reaches; none when it reaches a division';
COMMENT ON COLUMN emergency_access.division IS 'the division it reaches, by prefix; none when it reaches one person';
COMMENT ON COLUMN emergency_access.begun_at IS 'since when it holds';
COMMENT ON COLUMN emergency_access.ends_at IS 'until when it holds';
COMMENT ON COLUMN emergency_access.review_due_at IS 'until when an auditor has to look at it';
COMMENT ON COLUMN emergency_access.reviewed_by IS 'the auditor who looked at it';
COMMENT ON COLUMN emergency_access.reviewed_at IS 'when they looked at it';
COMMENT ON COLUMN emergency_access.review IS 'what they found';
