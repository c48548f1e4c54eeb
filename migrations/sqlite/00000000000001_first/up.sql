-- "JIKU": tells our files from other applications'.
PRAGMA application_id = 1246317397;

-- The first schema. The same tables and columns as in migrations/postgres.

-- Facts about this database itself: one value by name.
CREATE TABLE store_meta (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The departments' systems that send records.
CREATE TABLE source_system (
    number INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    department TEXT NOT NULL,
    trust INTEGER NOT NULL,
    UNIQUE (code),
    CHECK (trust BETWEEN 0 AND 100)
) STRICT;

-- The current revision of every record a source has sent.
CREATE TABLE source_record (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    source INTEGER NOT NULL,
    source_key TEXT NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    entity BLOB,
    fingerprint BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    parsed TEXT NOT NULL,
    problems TEXT NOT NULL,
    payload TEXT NOT NULL,
    UNIQUE (source_key, source, kind),
    CHECK (kind IN (1, 2, 3)),
    CHECK (revision >= 1),
    CHECK (state IN ('active', 'withdrawn')),
    CHECK (state = 'withdrawn' OR entity IS NOT NULL)
) STRICT;

-- Superseded revisions of source records, kept as received.
CREATE TABLE source_record_revision (
    record INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT NOT NULL,
    recorded_from INTEGER NOT NULL,
    recorded_to INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    parsed TEXT NOT NULL,
    problems TEXT NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (record, revision),
    CHECK (recorded_from <= recorded_to),
    CHECK (state IN ('active', 'withdrawn'))
) STRICT;

-- Canonical ids ever given out and where each stands now.
CREATE TABLE entity (
    id BLOB PRIMARY KEY NOT NULL,
    kind INTEGER NOT NULL,
    state TEXT NOT NULL,
    redirect BLOB,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    CHECK (kind IN (1, 2, 3)),
    CHECK (state IN ('active', 'merged', 'retired')),
    CHECK ((state = 'merged') = (redirect IS NOT NULL)),
    CHECK (version >= 1)
) STRICT, WITHOUT ROWID;

-- Every version of every entity: golden record, provenance and members, appended and never rewritten.
CREATE TABLE entity_version (
    entity BLOB NOT NULL,
    version INTEGER NOT NULL,
    recorded_from INTEGER NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL,
    redirect BLOB,
    golden TEXT NOT NULL,
    members TEXT NOT NULL,
    PRIMARY KEY (entity, version),
    CHECK (version >= 1),
    CHECK (state IN ('active', 'merged', 'retired')),
    CHECK ((state = 'merged') = (redirect IS NOT NULL))
) STRICT;

-- The ledger: what was decided about two source records, appended, never deleted.
CREATE TABLE judgement (
    id BLOB PRIMARY KEY NOT NULL,
    decision BLOB NOT NULL,
    left_record INTEGER NOT NULL,
    right_record INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    origin TEXT NOT NULL,
    weight REAL,
    probability REAL,
    model TEXT,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    retracted_by BLOB,
    evidence TEXT NOT NULL,
    CHECK (left_record < right_record),
    CHECK (verdict IN ('positive', 'negative', 'unsure')),
    CHECK (origin IN ('model', 'rule', 'steward'))
) STRICT;
CREATE INDEX judgement_left ON judgement (left_record, right_record);
CREATE INDEX judgement_right ON judgement (right_record);
CREATE INDEX judgement_decision ON judgement (decision) WHERE origin = 'steward';
CREATE UNIQUE INDEX judgement_one_live_of_the_model ON judgement (left_record, right_record) WHERE origin = 'model' AND retracted_by IS NULL;

-- Acts of stewards and of the engine that may write several judgements.
CREATE TABLE decision (
    id BLOB PRIMARY KEY NOT NULL,
    kind INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    at INTEGER NOT NULL,
    comment TEXT,
    undone_by BLOB,
    body TEXT NOT NULL,
    CHECK (kind IN (1, 2, 3))
) STRICT;

-- Which entities a decision touched.
CREATE TABLE decision_entity (
    entity BLOB NOT NULL,
    decision BLOB NOT NULL,
    PRIMARY KEY (entity, decision),
    FOREIGN KEY (decision) REFERENCES decision (id)
) STRICT, WITHOUT ROWID;

-- Doubtful pairs that wait for a steward, or did.
CREATE TABLE review_task (
    id BLOB PRIMARY KEY NOT NULL,
    kind INTEGER NOT NULL,
    left_record INTEGER NOT NULL,
    right_record INTEGER NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL,
    priority INTEGER NOT NULL,
    weight REAL,
    probability REAL,
    assigned_to TEXT,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    decision BLOB,
    UNIQUE (left_record, right_record),
    CHECK (kind IN (1, 2, 3)),
    CHECK (left_record < right_record),
    CHECK (state IN ('open', 'decided', 'closed')),
    CHECK ((state = 'open') = (closed_at IS NULL))
) STRICT;
CREATE INDEX review_task_queue ON review_task (state, priority DESC, id);

-- A steward's own value for one field, anchored at a source record, until released.
CREATE TABLE value_override (
    decision BLOB PRIMARY KEY NOT NULL,
    record INTEGER NOT NULL,
    column_name TEXT NOT NULL,
    value TEXT,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    at INTEGER NOT NULL,
    released_at INTEGER,
    released_by BLOB
) STRICT;
CREATE INDEX value_override_record ON value_override (record);

-- Everything that happened, in commit order without gaps, chained by hashes.
CREATE TABLE change_log (
    position INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    kind INTEGER,
    event TEXT NOT NULL,
    entity BLOB,
    body TEXT NOT NULL,
    hash BLOB NOT NULL,
    CHECK (position >= 1),
    CHECK (length(hash) = 32)
) STRICT;

-- Who read which person's data, for what purpose.
CREATE TABLE access_log (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    principal TEXT NOT NULL,
    department TEXT NOT NULL,
    purpose TEXT,
    action TEXT NOT NULL,
    kind INTEGER NOT NULL,
    entity BLOB,
    fields TEXT NOT NULL,
    request_id TEXT
) STRICT;
CREATE INDEX access_log_entity ON access_log (entity, id);

-- Long-running work and how far it is.
CREATE TABLE job (
    id BLOB PRIMARY KEY NOT NULL,
    action TEXT NOT NULL,
    kind INTEGER,
    name TEXT NOT NULL,
    digest TEXT,
    state TEXT NOT NULL,
    line INTEGER NOT NULL,
    total INTEGER,
    body TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    CHECK (state IN ('running', 'paused', 'done', 'failed'))
) STRICT;
CREATE INDEX job_digest ON job (digest) WHERE digest IS NOT NULL;

-- Rows of an import that were refused, with every problem.
CREATE TABLE rejection (
    job BLOB NOT NULL,
    line INTEGER NOT NULL,
    problems TEXT NOT NULL,
    raw TEXT NOT NULL,
    PRIMARY KEY (job, line),
    FOREIGN KEY (job) REFERENCES job (id)
) STRICT;

-- Answers already given to requests that carried an Idempotency-Key.
CREATE TABLE idempotency_key (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    status INTEGER,
    answer TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT;
CREATE INDEX idempotency_key_at ON idempotency_key (at);

-- Accounts: people and systems that may sign in.
CREATE TABLE principal (
    name TEXT PRIMARY KEY NOT NULL,
    display_name TEXT NOT NULL,
    department TEXT NOT NULL,
    roles TEXT NOT NULL,
    password_hash TEXT,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    failures INTEGER NOT NULL,
    locked_until INTEGER,
    created_at INTEGER NOT NULL
) STRICT;

-- Keys of departments' systems, kept as hashes.
CREATE TABLE api_key (
    prefix TEXT PRIMARY KEY NOT NULL,
    hash BLOB NOT NULL,
    principal TEXT NOT NULL,
    label TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER,
    FOREIGN KEY (principal) REFERENCES principal (name)
) STRICT;
CREATE INDEX api_key_principal ON api_key (principal);

-- Signed-in browsers.
CREATE TABLE session (
    hash BLOB PRIMARY KEY NOT NULL,
    principal TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    FOREIGN KEY (principal) REFERENCES principal (name)
) STRICT;
CREATE INDEX session_principal ON session (principal);
CREATE INDEX session_expiry ON session (expires_at);

-- Match models by kind and version.
CREATE TABLE match_model (
    kind INTEGER NOT NULL,
    version INTEGER NOT NULL,
    toml TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (kind, version),
    CHECK (kind IN (1, 2, 3))
) STRICT;
CREATE UNIQUE INDEX match_model_active ON match_model (kind) WHERE active;

-- Survivorship rules by kind and version.
CREATE TABLE survivorship (
    kind INTEGER NOT NULL,
    version INTEGER NOT NULL,
    toml TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (kind, version),
    CHECK (kind IN (1, 2, 3))
) STRICT;
CREATE UNIQUE INDEX survivorship_active ON survivorship (kind) WHERE active;

-- Golden records of people, for SQL tools.
CREATE TABLE person (
    entity BLOB PRIMARY KEY NOT NULL,
    name TEXT,
    id_type TEXT,
    id_number TEXT,
    sex TEXT,
    birth_date TEXT,
    phone TEXT,
    address TEXT,
    division TEXT,
    ethnic_group TEXT,
    nationality TEXT,
    former_name TEXT,
    status TEXT,
    valid_from TEXT
) STRICT, WITHOUT ROWID;

-- Golden records of legal persons, for SQL tools.
CREATE TABLE legal_person (
    entity BLOB PRIMARY KEY NOT NULL,
    name TEXT,
    uscc TEXT,
    registration_number TEXT,
    legal_form TEXT,
    legal_representative TEXT,
    legal_representative_id TEXT,
    registered_capital TEXT,
    established_on TEXT,
    industry TEXT,
    address TEXT,
    division TEXT,
    phone TEXT,
    status TEXT
) STRICT, WITHOUT ROWID;

-- Golden records of land parcels, for SQL and GIS tools.
CREATE TABLE parcel (
    entity BLOB PRIMARY KEY NOT NULL,
    parcel_code TEXT,
    unit_code TEXT,
    land_use TEXT,
    registered_area_m2 REAL,
    location TEXT,
    right_holder TEXT,
    right_holder_id TEXT,
    right_type TEXT,
    valid_from TEXT,
    geometry BLOB,
    min_lon REAL,
    min_lat REAL,
    max_lon REAL,
    max_lat REAL,
    planar_area_m2 REAL
) STRICT;

-- Parties that a golden record names: legal representative, right holder, guardian, ….
CREATE TABLE relationship (
    from_entity BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    from_kind INTEGER NOT NULL,
    role TEXT NOT NULL,
    to_number TEXT,
    to_name TEXT,
    PRIMARY KEY (from_entity, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX relationship_number ON relationship (to_number) WHERE to_number IS NOT NULL;
CREATE INDEX relationship_name ON relationship (to_name) WHERE to_name IS NOT NULL;

-- Rights in parcels.
CREATE TABLE parcel_right (
    parcel BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    party_number TEXT,
    party_name TEXT,
    right_type TEXT,
    share TEXT,
    valid_from TEXT,
    valid_to TEXT,
    PRIMARY KEY (parcel, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX parcel_right_number ON parcel_right (party_number) WHERE party_number IS NOT NULL;
CREATE INDEX parcel_right_name ON parcel_right (party_name) WHERE party_name IS NOT NULL;

-- Which parcel came from which by a split or a merge.
CREATE TABLE parcel_lineage (
    child BLOB NOT NULL,
    parent BLOB NOT NULL,
    operation TEXT NOT NULL,
    decision BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (child, parent)
) STRICT, WITHOUT ROWID;
CREATE INDEX parcel_lineage_parent ON parcel_lineage (parent);
