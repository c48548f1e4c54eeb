-- Exports that need two people: asked for by the data office, approved by a security administrator, taken once.
CREATE TABLE export_request (
    id BLOB PRIMARY KEY NOT NULL,
    kind INTEGER NOT NULL,
    in_full INTEGER NOT NULL,
    most_rows INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    reason TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    department TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at INTEGER,
    answer TEXT,
    taken_at INTEGER,
    sha256 TEXT,
    FOREIGN KEY (requested_by) REFERENCES principal (name),
    CHECK (kind IN (1, 2, 3)),
    CHECK (state IN ('open', 'approved', 'rejected', 'withdrawn', 'taken')),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((state = 'taken') = (taken_at IS NOT NULL)),
    CHECK (most_rows > 0),
    CHECK (requested_at < ends_at)
) STRICT;
CREATE INDEX export_request_by ON export_request (requested_by, id);
