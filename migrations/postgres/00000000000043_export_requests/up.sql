-- Exports that need two people: asked for by the data office, approved by a security administrator, taken once.
CREATE TABLE export_request (
    id UUID PRIMARY KEY,
    kind SMALLINT NOT NULL,
    in_full BOOLEAN NOT NULL,
    most_rows BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    reason TEXT NOT NULL,
    requested_by TEXT COLLATE "C" NOT NULL,
    department TEXT NOT NULL,
    requested_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at TIMESTAMPTZ,
    answer TEXT,
    taken_at TIMESTAMPTZ,
    sha256 TEXT,
    FOREIGN KEY (requested_by) REFERENCES principal (name),
    CHECK (kind IN (1, 2, 3)),
    CHECK (state IN ('open', 'approved', 'rejected', 'withdrawn', 'taken')),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((state = 'taken') = (taken_at IS NOT NULL)),
    CHECK (most_rows > 0),
    CHECK (requested_at < ends_at)
);
CREATE INDEX export_request_by ON export_request (requested_by, id);

COMMENT ON TABLE export_request IS 'Exports that one principal asked for and another has to approve';
COMMENT ON COLUMN export_request.id IS 'its id';
COMMENT ON COLUMN export_request.kind IS '1 person, 2 legal person, 3 parcel';
COMMENT ON COLUMN export_request.in_full IS 'whether personal values are asked for in full';
COMMENT ON COLUMN export_request.most_rows IS 'the most entities the file may hold';
COMMENT ON COLUMN export_request.purpose IS 'the purpose of use';
COMMENT ON COLUMN export_request.reason IS 'why, in their words';
COMMENT ON COLUMN export_request.requested_by IS 'who asked for it';
COMMENT ON COLUMN export_request.department IS 'for which department';
COMMENT ON COLUMN export_request.requested_at IS 'when it was asked for';
COMMENT ON COLUMN export_request.ends_at IS 'until when it can be approved and taken';
COMMENT ON COLUMN export_request.state IS 'open, approved, rejected, withdrawn or taken';
COMMENT ON COLUMN export_request.decided_by IS 'who approved or ended it';
COMMENT ON COLUMN export_request.decided_at IS 'when it was approved or ended';
COMMENT ON COLUMN export_request.answer IS 'the words of who did';
COMMENT ON COLUMN export_request.taken_at IS 'when the file was begun';
COMMENT ON COLUMN export_request.sha256 IS 'the SHA-256 of the whole file, hexadecimal; none when it broke off';
