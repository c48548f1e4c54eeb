-- The first schema. The same tables and columns as in migrations/sqlite.

-- Facts about this database itself: one value by name.
CREATE TABLE store_meta (
    name TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);
COMMENT ON TABLE store_meta IS 'Facts about this database itself: one value by name';
COMMENT ON COLUMN store_meta.name IS 'name of the fact';
COMMENT ON COLUMN store_meta.value IS 'its value';

-- The departments' systems that send records.
CREATE TABLE source_system (
    number SMALLINT PRIMARY KEY,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT NOT NULL,
    department TEXT NOT NULL,
    trust SMALLINT NOT NULL,
    UNIQUE (code),
    CHECK (trust BETWEEN 0 AND 100)
);
COMMENT ON TABLE source_system IS 'The departments'' systems that send records';
COMMENT ON COLUMN source_system.number IS 'the short number that stands for the source in other tables';
COMMENT ON COLUMN source_system.code IS 'its code, unique';
COMMENT ON COLUMN source_system.name IS 'its name for people to read';
COMMENT ON COLUMN source_system.department IS 'the department that answers for it';
COMMENT ON COLUMN source_system.trust IS 'how far its values are trusted when sources disagree, 0 to 100';

-- The current revision of every record a source has sent.
CREATE TABLE source_record (
    id BIGINT PRIMARY KEY,
    kind SMALLINT NOT NULL,
    source SMALLINT NOT NULL,
    source_key TEXT COLLATE "C" NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    entity UUID,
    fingerprint BYTEA NOT NULL,
    received_at TIMESTAMPTZ NOT NULL,
    position BIGINT NOT NULL,
    parsed TEXT NOT NULL,
    problems TEXT NOT NULL,
    payload TEXT NOT NULL,
    UNIQUE (source_key, source, kind),
    CHECK (kind IN (1, 2, 3)),
    CHECK (revision >= 1),
    CHECK (state IN ('active', 'withdrawn')),
    CHECK (state = 'withdrawn' OR entity IS NOT NULL)
);
COMMENT ON TABLE source_record IS 'The current revision of every record a source has sent';
COMMENT ON COLUMN source_record.id IS 'the kind in the high bits and a dense slot in the low ones';
COMMENT ON COLUMN source_record.kind IS '1 person, 2 legal person, 3 parcel';
COMMENT ON COLUMN source_record.source IS 'number of the source system';
COMMENT ON COLUMN source_record.source_key IS 'the source''s own key; may itself be an identity number';
COMMENT ON COLUMN source_record.revision IS 'counted from 1';
COMMENT ON COLUMN source_record.state IS 'active or withdrawn';
COMMENT ON COLUMN source_record.entity IS 'the entity it speaks of; none once withdrawn';
COMMENT ON COLUMN source_record.fingerprint IS 'digest of the content: equal means unchanged';
COMMENT ON COLUMN source_record.received_at IS 'when this revision was received';
COMMENT ON COLUMN source_record.position IS 'the change-log position at which this revision was received';
COMMENT ON COLUMN source_record.parsed IS 'canonical values by standard column, a JSON object';
COMMENT ON COLUMN source_record.problems IS 'what was found wrong, a JSON array without values';
COMMENT ON COLUMN source_record.payload IS 'the record as received, byte for byte';

-- Superseded revisions of source records, kept as received.
CREATE TABLE source_record_revision (
    record BIGINT NOT NULL,
    revision INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    recorded_from TIMESTAMPTZ NOT NULL,
    recorded_to TIMESTAMPTZ NOT NULL,
    fingerprint BYTEA NOT NULL,
    parsed TEXT NOT NULL,
    problems TEXT NOT NULL,
    payload TEXT NOT NULL,
    PRIMARY KEY (record, revision),
    CHECK (recorded_from <= recorded_to),
    CHECK (state IN ('active', 'withdrawn'))
);
COMMENT ON TABLE source_record_revision IS 'Superseded revisions of source records, kept as received';
COMMENT ON COLUMN source_record_revision.record IS 'the record';
COMMENT ON COLUMN source_record_revision.revision IS 'which revision';
COMMENT ON COLUMN source_record_revision.state IS 'active or withdrawn, as it was';
COMMENT ON COLUMN source_record_revision.recorded_from IS 'when it was received';
COMMENT ON COLUMN source_record_revision.recorded_to IS 'when the next revision replaced it';
COMMENT ON COLUMN source_record_revision.fingerprint IS 'digest of the content';
COMMENT ON COLUMN source_record_revision.parsed IS 'canonical values by standard column, a JSON object';
COMMENT ON COLUMN source_record_revision.problems IS 'what was found wrong, a JSON array without values';
COMMENT ON COLUMN source_record_revision.payload IS 'the record as received, byte for byte';

-- Canonical ids ever given out and where each stands now.
CREATE TABLE entity (
    id UUID PRIMARY KEY,
    kind SMALLINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    redirect UUID,
    version INTEGER NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    position BIGINT NOT NULL,
    CHECK (kind IN (1, 2, 3)),
    CHECK (state IN ('active', 'merged', 'retired')),
    CHECK ((state = 'merged') = (redirect IS NOT NULL)),
    CHECK (version >= 1)
);
COMMENT ON TABLE entity IS 'Canonical ids ever given out and where each stands now';
COMMENT ON COLUMN entity.id IS 'the canonical id';
COMMENT ON COLUMN entity.kind IS '1 person, 2 legal person, 3 parcel';
COMMENT ON COLUMN entity.state IS 'active, merged or retired';
COMMENT ON COLUMN entity.redirect IS 'the survivor, when merged';
COMMENT ON COLUMN entity.version IS 'the current version, counted from 1';
COMMENT ON COLUMN entity.created_at IS 'when the id was minted';
COMMENT ON COLUMN entity.position IS 'the change-log position of the current version';

-- Every version of every entity: golden record, provenance and members, appended and never rewritten.
CREATE TABLE entity_version (
    entity UUID NOT NULL,
    version INTEGER NOT NULL,
    recorded_from TIMESTAMPTZ NOT NULL,
    position BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    redirect UUID,
    golden TEXT NOT NULL,
    members TEXT NOT NULL,
    PRIMARY KEY (entity, version),
    CHECK (version >= 1),
    CHECK (state IN ('active', 'merged', 'retired')),
    CHECK ((state = 'merged') = (redirect IS NOT NULL))
);
COMMENT ON TABLE entity_version IS 'Every version of every entity: golden record, provenance and members, appended and never rewritten';
COMMENT ON COLUMN entity_version.entity IS 'the entity';
COMMENT ON COLUMN entity_version.version IS 'counted from 1';
COMMENT ON COLUMN entity_version.recorded_from IS 'from when it was the current one; it ends where the next begins';
COMMENT ON COLUMN entity_version.position IS 'the change-log position that made it';
COMMENT ON COLUMN entity_version.state IS 'active, merged or retired';
COMMENT ON COLUMN entity_version.redirect IS 'the survivor, when merged';
COMMENT ON COLUMN entity_version.golden IS 'the golden record with the provenance of each value, a JSON object';
COMMENT ON COLUMN entity_version.members IS 'the source records it is made of, a JSON array of [record id, revision]';

-- The ledger: what was decided about two source records, appended, never deleted.
CREATE TABLE judgement (
    id UUID PRIMARY KEY,
    decision UUID NOT NULL,
    left_record BIGINT NOT NULL,
    right_record BIGINT NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    origin TEXT COLLATE "C" NOT NULL,
    weight REAL,
    probability REAL,
    model TEXT,
    actor TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    retracted_by UUID,
    evidence TEXT NOT NULL,
    CHECK (left_record < right_record),
    CHECK (verdict IN ('positive', 'negative', 'unsure')),
    CHECK (origin IN ('model', 'rule', 'steward'))
);
CREATE INDEX judgement_left ON judgement (left_record, right_record);
CREATE INDEX judgement_right ON judgement (right_record);
CREATE INDEX judgement_decision ON judgement (decision) WHERE origin = 'steward';
CREATE UNIQUE INDEX judgement_one_live_of_the_model ON judgement (left_record, right_record) WHERE origin = 'model' AND retracted_by IS NULL;
COMMENT ON TABLE judgement IS 'The ledger: what was decided about two source records, appended, never deleted';
COMMENT ON COLUMN judgement.id IS 'its id';
COMMENT ON COLUMN judgement.decision IS 'the act it belongs to';
COMMENT ON COLUMN judgement.left_record IS 'the record with the smaller id';
COMMENT ON COLUMN judgement.right_record IS 'the record with the larger id';
COMMENT ON COLUMN judgement.verdict IS 'positive, negative or unsure';
COMMENT ON COLUMN judgement.origin IS 'model, rule or steward';
COMMENT ON COLUMN judgement.weight IS 'match weight, log2 of the odds';
COMMENT ON COLUMN judgement.probability IS 'match probability, 0 to 1';
COMMENT ON COLUMN judgement.model IS 'the model''s name and version';
COMMENT ON COLUMN judgement.actor IS 'who decided';
COMMENT ON COLUMN judgement.at IS 'when';
COMMENT ON COLUMN judgement.retracted_by IS 'the decision that took it back, if any';
COMMENT ON COLUMN judgement.evidence IS 'the evidence as it was seen, a JSON document';

-- Acts of stewards and of the engine that may write several judgements.
CREATE TABLE decision (
    id UUID PRIMARY KEY,
    kind SMALLINT NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    actor TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    comment TEXT,
    undone_by UUID,
    body TEXT NOT NULL,
    CHECK (kind IN (1, 2, 3))
);
COMMENT ON TABLE decision IS 'Acts of stewards and of the engine that may write several judgements';
COMMENT ON COLUMN decision.id IS 'its id';
COMMENT ON COLUMN decision.kind IS '1 person, 2 legal person, 3 parcel';
COMMENT ON COLUMN decision.action IS 'what was done: merge, unmerge, judge, override, undo, …';
COMMENT ON COLUMN decision.actor IS 'the principal who did it';
COMMENT ON COLUMN decision.at IS 'when';
COMMENT ON COLUMN decision.comment IS 'why, in the actor''s words';
COMMENT ON COLUMN decision.undone_by IS 'the decision that undid it, if any';
COMMENT ON COLUMN decision.body IS 'what it did in full, a JSON object';

-- Which entities a decision touched.
CREATE TABLE decision_entity (
    entity UUID NOT NULL,
    decision UUID NOT NULL,
    PRIMARY KEY (entity, decision),
    FOREIGN KEY (decision) REFERENCES decision (id)
);
COMMENT ON TABLE decision_entity IS 'Which entities a decision touched';
COMMENT ON COLUMN decision_entity.entity IS 'the entity';
COMMENT ON COLUMN decision_entity.decision IS 'the decision';

-- Doubtful pairs that wait for a steward, or did.
CREATE TABLE review_task (
    id UUID PRIMARY KEY,
    kind SMALLINT NOT NULL,
    left_record BIGINT NOT NULL,
    right_record BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    priority INTEGER NOT NULL,
    weight REAL,
    probability REAL,
    assigned_to TEXT,
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    decision UUID,
    UNIQUE (left_record, right_record),
    CHECK (kind IN (1, 2, 3)),
    CHECK (left_record < right_record),
    CHECK (state IN ('open', 'decided', 'closed')),
    CHECK ((state = 'open') = (closed_at IS NULL))
);
CREATE INDEX review_task_queue ON review_task (state, priority DESC, id);
COMMENT ON TABLE review_task IS 'Doubtful pairs that wait for a steward, or did';
COMMENT ON COLUMN review_task.id IS 'its id';
COMMENT ON COLUMN review_task.kind IS '1 person, 2 legal person, 3 parcel';
COMMENT ON COLUMN review_task.left_record IS 'the record with the smaller id';
COMMENT ON COLUMN review_task.right_record IS 'the record with the larger id';
COMMENT ON COLUMN review_task.reason IS 'why a person must look, a code';
COMMENT ON COLUMN review_task.state IS 'open, decided or closed';
COMMENT ON COLUMN review_task.priority IS 'higher is more urgent';
COMMENT ON COLUMN review_task.weight IS 'match weight, log2 of the odds';
COMMENT ON COLUMN review_task.probability IS 'match probability, 0 to 1';
COMMENT ON COLUMN review_task.assigned_to IS 'the steward who took it';
COMMENT ON COLUMN review_task.opened_at IS 'when it was opened';
COMMENT ON COLUMN review_task.closed_at IS 'when it was decided or closed';
COMMENT ON COLUMN review_task.decision IS 'the decision that answered it';

-- A steward's own value for one field, anchored at a source record, until released.
CREATE TABLE value_override (
    decision UUID PRIMARY KEY,
    record BIGINT NOT NULL,
    column_name TEXT COLLATE "C" NOT NULL,
    value TEXT,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    released_at TIMESTAMPTZ,
    released_by UUID
);
CREATE INDEX value_override_record ON value_override (record);
COMMENT ON TABLE value_override IS 'A steward''s own value for one field, anchored at a source record, until released';
COMMENT ON COLUMN value_override.decision IS 'the decision that set it';
COMMENT ON COLUMN value_override.record IS 'the source record whose entity it follows';
COMMENT ON COLUMN value_override.column_name IS 'the standard column';
COMMENT ON COLUMN value_override.value IS 'the value; none means: leave empty';
COMMENT ON COLUMN value_override.actor IS 'who set it';
COMMENT ON COLUMN value_override.reason IS 'why';
COMMENT ON COLUMN value_override.at IS 'when';
COMMENT ON COLUMN value_override.released_at IS 'when it was released, if ever';
COMMENT ON COLUMN value_override.released_by IS 'the decision that released it';

-- Everything that happened, in commit order without gaps, chained by hashes.
CREATE TABLE change_log (
    position BIGINT PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL,
    kind SMALLINT,
    event TEXT COLLATE "C" NOT NULL,
    entity UUID,
    body TEXT NOT NULL,
    hash BYTEA NOT NULL,
    CHECK (position >= 1),
    CHECK (length(hash) = 32)
);
COMMENT ON TABLE change_log IS 'Everything that happened, in commit order without gaps, chained by hashes';
COMMENT ON COLUMN change_log.position IS 'counted from 1 without gaps';
COMMENT ON COLUMN change_log.at IS 'when';
COMMENT ON COLUMN change_log.actor IS 'who';
COMMENT ON COLUMN change_log.kind IS '1 person, 2 legal person, 3 parcel; none when no entity is concerned';
COMMENT ON COLUMN change_log.event IS 'what happened, a code';
COMMENT ON COLUMN change_log.entity IS 'the entity concerned';
COMMENT ON COLUMN change_log.body IS 'details for followers, a JSON object without values of people';
COMMENT ON COLUMN change_log.hash IS 'SHA-256 over the previous hash and this row';

-- Who read which person's data, for what purpose.
CREATE TABLE access_log (
    id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    at TIMESTAMPTZ NOT NULL,
    principal TEXT NOT NULL,
    department TEXT NOT NULL,
    purpose TEXT,
    action TEXT COLLATE "C" NOT NULL,
    kind SMALLINT NOT NULL,
    entity UUID,
    fields TEXT NOT NULL,
    request_id TEXT
);
CREATE INDEX access_log_entity ON access_log (entity, id);
COMMENT ON TABLE access_log IS 'Who read which person''s data, for what purpose';
COMMENT ON COLUMN access_log.id IS 'counted by the database';
COMMENT ON COLUMN access_log.at IS 'when';
COMMENT ON COLUMN access_log.principal IS 'who read';
COMMENT ON COLUMN access_log.department IS 'for which department';
COMMENT ON COLUMN access_log.purpose IS 'the declared purpose of use';
COMMENT ON COLUMN access_log.action IS 'how it was read: find, search, resolve, export, …';
COMMENT ON COLUMN access_log.kind IS '1 person, 2 legal person, 3 parcel';
COMMENT ON COLUMN access_log.entity IS 'whose data; none when the question found nobody';
COMMENT ON COLUMN access_log.fields IS 'which fields were given, separated by commas';
COMMENT ON COLUMN access_log.request_id IS 'the request''s id';

-- Long-running work and how far it is.
CREATE TABLE job (
    id UUID PRIMARY KEY,
    action TEXT COLLATE "C" NOT NULL,
    kind SMALLINT,
    name TEXT NOT NULL,
    digest TEXT COLLATE "C",
    state TEXT COLLATE "C" NOT NULL,
    line BIGINT NOT NULL,
    total BIGINT,
    body TEXT NOT NULL,
    actor TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (state IN ('running', 'paused', 'done', 'failed'))
);
CREATE INDEX job_digest ON job (digest) WHERE digest IS NOT NULL;
COMMENT ON TABLE job IS 'Long-running work and how far it is';
COMMENT ON COLUMN job.id IS 'its id';
COMMENT ON COLUMN job.action IS 'what it does: import, dedupe, export, …';
COMMENT ON COLUMN job.kind IS '1 person, 2 legal person, 3 parcel';
COMMENT ON COLUMN job.name IS 'what people call it: the file''s name';
COMMENT ON COLUMN job.digest IS 'digest of the input, by which an interrupted job is found again';
COMMENT ON COLUMN job.state IS 'running, paused, done or failed';
COMMENT ON COLUMN job.line IS 'the last line of the input that is durably done';
COMMENT ON COLUMN job.total IS 'how many lines there are, when known';
COMMENT ON COLUMN job.body IS 'settings, counts and the report, a JSON object';
COMMENT ON COLUMN job.actor IS 'who started it';
COMMENT ON COLUMN job.created_at IS 'when it was started';
COMMENT ON COLUMN job.updated_at IS 'when it last moved';

-- Rows of an import that were refused, with every problem.
CREATE TABLE rejection (
    job UUID NOT NULL,
    line BIGINT NOT NULL,
    problems TEXT NOT NULL,
    raw TEXT NOT NULL,
    PRIMARY KEY (job, line),
    FOREIGN KEY (job) REFERENCES job (id)
);
COMMENT ON TABLE rejection IS 'Rows of an import that were refused, with every problem';
COMMENT ON COLUMN rejection.job IS 'the import';
COMMENT ON COLUMN rejection.line IS 'the line in its input';
COMMENT ON COLUMN rejection.problems IS 'every problem, a JSON array without values';
COMMENT ON COLUMN rejection.raw IS 'the row as received';

-- Answers already given to requests that carried an Idempotency-Key.
CREATE TABLE idempotency_key (
    owner TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    fingerprint BYTEA NOT NULL,
    status SMALLINT,
    answer TEXT,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (owner, key)
);
CREATE INDEX idempotency_key_at ON idempotency_key (at);
COMMENT ON TABLE idempotency_key IS 'Answers already given to requests that carried an Idempotency-Key';
COMMENT ON COLUMN idempotency_key.owner IS 'the principal whose key it is';
COMMENT ON COLUMN idempotency_key.key IS 'the key as sent';
COMMENT ON COLUMN idempotency_key.fingerprint IS 'digest of the request';
COMMENT ON COLUMN idempotency_key.status IS 'the answer''s status; none while the request runs';
COMMENT ON COLUMN idempotency_key.answer IS 'the answer''s body';
COMMENT ON COLUMN idempotency_key.at IS 'when the request came';

-- Accounts: people and systems that may sign in.
CREATE TABLE principal (
    name TEXT COLLATE "C" PRIMARY KEY,
    display_name TEXT NOT NULL,
    department TEXT NOT NULL,
    roles TEXT NOT NULL,
    password_hash TEXT,
    active BOOLEAN NOT NULL,
    failures INTEGER NOT NULL,
    locked_until TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE principal IS 'Accounts: people and systems that may sign in';
COMMENT ON COLUMN principal.name IS 'the sign-in name';
COMMENT ON COLUMN principal.display_name IS 'the name for people to read';
COMMENT ON COLUMN principal.department IS 'the department';
COMMENT ON COLUMN principal.roles IS 'the roles, separated by commas';
COMMENT ON COLUMN principal.password_hash IS 'Argon2id; none when the account has no password';
COMMENT ON COLUMN principal.active IS 'whether it may sign in';
COMMENT ON COLUMN principal.failures IS 'failed sign-ins since the last good one';
COMMENT ON COLUMN principal.locked_until IS 'until when sign-in is refused';
COMMENT ON COLUMN principal.created_at IS 'when it was made';

-- Keys of departments' systems, kept as hashes.
CREATE TABLE api_key (
    prefix TEXT COLLATE "C" PRIMARY KEY,
    hash BYTEA NOT NULL,
    principal TEXT COLLATE "C" NOT NULL,
    label TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    revoked_at TIMESTAMPTZ,
    FOREIGN KEY (principal) REFERENCES principal (name)
);
CREATE INDEX api_key_principal ON api_key (principal);
COMMENT ON TABLE api_key IS 'Keys of departments'' systems, kept as hashes';
COMMENT ON COLUMN api_key.prefix IS 'the public beginning of the key, unique';
COMMENT ON COLUMN api_key.hash IS 'keyed hash of the whole key';
COMMENT ON COLUMN api_key.principal IS 'the account it acts for';
COMMENT ON COLUMN api_key.label IS 'what it is for';
COMMENT ON COLUMN api_key.created_at IS 'when it was made';
COMMENT ON COLUMN api_key.expires_at IS 'when it ends';
COMMENT ON COLUMN api_key.revoked_at IS 'when it was revoked, if it was';

-- Signed-in browsers.
CREATE TABLE session (
    hash BYTEA PRIMARY KEY,
    principal TEXT COLLATE "C" NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (principal) REFERENCES principal (name)
);
CREATE INDEX session_principal ON session (principal);
CREATE INDEX session_expiry ON session (expires_at);
COMMENT ON TABLE session IS 'Signed-in browsers';
COMMENT ON COLUMN session.hash IS 'digest of the session token';
COMMENT ON COLUMN session.principal IS 'the account';
COMMENT ON COLUMN session.created_at IS 'when it signed in';
COMMENT ON COLUMN session.last_seen_at IS 'when it was last used';
COMMENT ON COLUMN session.expires_at IS 'when it ends at the latest';

-- Match models by kind and version.
CREATE TABLE match_model (
    kind SMALLINT NOT NULL,
    version INTEGER NOT NULL,
    toml TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (kind, version),
    CHECK (kind IN (1, 2, 3))
);
CREATE UNIQUE INDEX match_model_active ON match_model (kind) WHERE active;
COMMENT ON TABLE match_model IS 'Match models by kind and version';
COMMENT ON COLUMN match_model.kind IS '1 person, 2 legal person, 3 parcel';
COMMENT ON COLUMN match_model.version IS 'counted from 1';
COMMENT ON COLUMN match_model.toml IS 'the file as loaded';
COMMENT ON COLUMN match_model.active IS 'whether it is the one in use; at most one per kind';
COMMENT ON COLUMN match_model.created_at IS 'when it was loaded';
COMMENT ON COLUMN match_model.actor IS 'who loaded it';

-- Survivorship rules by kind and version.
CREATE TABLE survivorship (
    kind SMALLINT NOT NULL,
    version INTEGER NOT NULL,
    toml TEXT NOT NULL,
    active BOOLEAN NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    actor TEXT NOT NULL,
    PRIMARY KEY (kind, version),
    CHECK (kind IN (1, 2, 3))
);
CREATE UNIQUE INDEX survivorship_active ON survivorship (kind) WHERE active;
COMMENT ON TABLE survivorship IS 'Survivorship rules by kind and version';
COMMENT ON COLUMN survivorship.kind IS '1 person, 2 legal person, 3 parcel';
COMMENT ON COLUMN survivorship.version IS 'counted from 1';
COMMENT ON COLUMN survivorship.toml IS 'the file as loaded';
COMMENT ON COLUMN survivorship.active IS 'whether it is the one in use; at most one per kind';
COMMENT ON COLUMN survivorship.created_at IS 'when it was loaded';
COMMENT ON COLUMN survivorship.actor IS 'who loaded it';

-- Golden records of people, for SQL tools.
CREATE TABLE person (
    entity UUID PRIMARY KEY,
    name TEXT COLLATE "C",
    id_type TEXT COLLATE "C",
    id_number TEXT COLLATE "C",
    sex TEXT COLLATE "C",
    birth_date TEXT COLLATE "C",
    phone TEXT COLLATE "C",
    address TEXT COLLATE "C",
    division TEXT COLLATE "C",
    ethnic_group TEXT COLLATE "C",
    nationality TEXT COLLATE "C",
    former_name TEXT COLLATE "C",
    status TEXT COLLATE "C",
    valid_from TEXT COLLATE "C"
);
COMMENT ON TABLE person IS 'Golden records of people, for SQL tools';
COMMENT ON COLUMN person.entity IS 'the canonical id';
COMMENT ON COLUMN person.name IS 'name';
COMMENT ON COLUMN person.id_type IS 'type of identity document';
COMMENT ON COLUMN person.id_number IS 'identity number';
COMMENT ON COLUMN person.sex IS 'sex, GB/T 2261.1';
COMMENT ON COLUMN person.birth_date IS 'date of birth, to the day, month or year';
COMMENT ON COLUMN person.phone IS 'phone';
COMMENT ON COLUMN person.address IS 'address';
COMMENT ON COLUMN person.division IS 'administrative division, GB/T 2260';
COMMENT ON COLUMN person.ethnic_group IS 'ethnic group, GB/T 3304';
COMMENT ON COLUMN person.nationality IS 'nationality';
COMMENT ON COLUMN person.former_name IS 'former name';
COMMENT ON COLUMN person.status IS 'status';
COMMENT ON COLUMN person.valid_from IS 'from when this holds';

-- Golden records of legal persons, for SQL tools.
CREATE TABLE legal_person (
    entity UUID PRIMARY KEY,
    name TEXT COLLATE "C",
    uscc TEXT COLLATE "C",
    registration_number TEXT COLLATE "C",
    legal_form TEXT COLLATE "C",
    legal_representative TEXT COLLATE "C",
    legal_representative_id TEXT COLLATE "C",
    registered_capital TEXT COLLATE "C",
    established_on TEXT COLLATE "C",
    industry TEXT COLLATE "C",
    address TEXT COLLATE "C",
    division TEXT COLLATE "C",
    phone TEXT COLLATE "C",
    status TEXT COLLATE "C"
);
COMMENT ON TABLE legal_person IS 'Golden records of legal persons, for SQL tools';
COMMENT ON COLUMN legal_person.entity IS 'the canonical id';
COMMENT ON COLUMN legal_person.name IS 'registered name';
COMMENT ON COLUMN legal_person.uscc IS 'unified social credit code, GB 32100';
COMMENT ON COLUMN legal_person.registration_number IS 'registration number';
COMMENT ON COLUMN legal_person.legal_form IS 'legal form';
COMMENT ON COLUMN legal_person.legal_representative IS 'name of the legal representative';
COMMENT ON COLUMN legal_person.legal_representative_id IS 'identity number of the legal representative';
COMMENT ON COLUMN legal_person.registered_capital IS 'registered capital';
COMMENT ON COLUMN legal_person.established_on IS 'date of establishment';
COMMENT ON COLUMN legal_person.industry IS 'industry, GB/T 4754';
COMMENT ON COLUMN legal_person.address IS 'address';
COMMENT ON COLUMN legal_person.division IS 'administrative division, GB/T 2260';
COMMENT ON COLUMN legal_person.phone IS 'phone';
COMMENT ON COLUMN legal_person.status IS 'status';

-- Golden records of land parcels, for SQL and GIS tools.
CREATE TABLE parcel (
    entity UUID PRIMARY KEY,
    parcel_code TEXT COLLATE "C",
    unit_code TEXT COLLATE "C",
    land_use TEXT COLLATE "C",
    registered_area_m2 DOUBLE PRECISION,
    location TEXT COLLATE "C",
    right_holder TEXT COLLATE "C",
    right_holder_id TEXT COLLATE "C",
    right_type TEXT COLLATE "C",
    valid_from TEXT COLLATE "C",
    geometry BYTEA,
    min_lon DOUBLE PRECISION,
    min_lat DOUBLE PRECISION,
    max_lon DOUBLE PRECISION,
    max_lat DOUBLE PRECISION,
    planar_area_m2 DOUBLE PRECISION
);
COMMENT ON TABLE parcel IS 'Golden records of land parcels, for SQL and GIS tools';
COMMENT ON COLUMN parcel.entity IS 'the canonical id';
COMMENT ON COLUMN parcel.parcel_code IS 'parcel code, TD/T 1001';
COMMENT ON COLUMN parcel.unit_code IS 'real-estate unit code, GB/T 37346';
COMMENT ON COLUMN parcel.land_use IS 'land use, GB/T 21010';
COMMENT ON COLUMN parcel.registered_area_m2 IS 'registered area in square metres';
COMMENT ON COLUMN parcel.location IS 'location in words';
COMMENT ON COLUMN parcel.right_holder IS 'name of the right holder';
COMMENT ON COLUMN parcel.right_holder_id IS 'number of the right holder';
COMMENT ON COLUMN parcel.right_type IS 'type of right';
COMMENT ON COLUMN parcel.valid_from IS 'from when this holds';
COMMENT ON COLUMN parcel.geometry IS 'WKB in CGCS2000 longitude and latitude, EPSG:4490';
COMMENT ON COLUMN parcel.min_lon IS 'western bound';
COMMENT ON COLUMN parcel.min_lat IS 'southern bound';
COMMENT ON COLUMN parcel.max_lon IS 'eastern bound';
COMMENT ON COLUMN parcel.max_lat IS 'northern bound';
COMMENT ON COLUMN parcel.planar_area_m2 IS 'area in the 3-degree zone in square metres';

-- Parties that a golden record names: legal representative, right holder, guardian, ….
CREATE TABLE relationship (
    from_entity UUID NOT NULL,
    ordinal SMALLINT NOT NULL,
    from_kind SMALLINT NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    to_number TEXT COLLATE "C",
    to_name TEXT COLLATE "C",
    PRIMARY KEY (from_entity, ordinal)
);
CREATE INDEX relationship_number ON relationship (to_number) WHERE to_number IS NOT NULL;
CREATE INDEX relationship_name ON relationship (to_name) WHERE to_name IS NOT NULL;
COMMENT ON TABLE relationship IS 'Parties that a golden record names: legal representative, right holder, guardian, …';
COMMENT ON COLUMN relationship.from_entity IS 'the entity whose golden record names the party';
COMMENT ON COLUMN relationship.ordinal IS 'counted from 0 within the entity';
COMMENT ON COLUMN relationship.from_kind IS 'its kind';
COMMENT ON COLUMN relationship.role IS 'the party''s role, a code';
COMMENT ON COLUMN relationship.to_number IS 'the party''s canonical number, when known';
COMMENT ON COLUMN relationship.to_name IS 'the party''s name as told';

-- Rights in parcels.
CREATE TABLE parcel_right (
    parcel UUID NOT NULL,
    ordinal SMALLINT NOT NULL,
    party_number TEXT COLLATE "C",
    party_name TEXT COLLATE "C",
    right_type TEXT COLLATE "C",
    share TEXT COLLATE "C",
    valid_from TEXT COLLATE "C",
    valid_to TEXT COLLATE "C",
    PRIMARY KEY (parcel, ordinal)
);
CREATE INDEX parcel_right_number ON parcel_right (party_number) WHERE party_number IS NOT NULL;
CREATE INDEX parcel_right_name ON parcel_right (party_name) WHERE party_name IS NOT NULL;
COMMENT ON TABLE parcel_right IS 'Rights in parcels';
COMMENT ON COLUMN parcel_right.parcel IS 'the parcel';
COMMENT ON COLUMN parcel_right.ordinal IS 'counted from 0 within the parcel';
COMMENT ON COLUMN parcel_right.party_number IS 'the party''s canonical number, when known';
COMMENT ON COLUMN parcel_right.party_name IS 'the party''s name as told';
COMMENT ON COLUMN parcel_right.right_type IS 'type of right';
COMMENT ON COLUMN parcel_right.share IS 'the share, such as 1/2';
COMMENT ON COLUMN parcel_right.valid_from IS 'from when';
COMMENT ON COLUMN parcel_right.valid_to IS 'until when';

-- Which parcel came from which by a split or a merge.
CREATE TABLE parcel_lineage (
    child UUID NOT NULL,
    parent UUID NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    decision UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (child, parent)
);
CREATE INDEX parcel_lineage_parent ON parcel_lineage (parent);
COMMENT ON TABLE parcel_lineage IS 'Which parcel came from which by a split or a merge';
COMMENT ON COLUMN parcel_lineage.child IS 'the later parcel';
COMMENT ON COLUMN parcel_lineage.parent IS 'the earlier parcel';
COMMENT ON COLUMN parcel_lineage.operation IS 'split or merge';
COMMENT ON COLUMN parcel_lineage.decision IS 'the decision that did it';
COMMENT ON COLUMN parcel_lineage.at IS 'when';
