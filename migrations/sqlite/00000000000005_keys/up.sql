-- Values of people are encrypted; the keys, wrapped by a master key outside the database, stand here. The same as in migrations/postgres.

-- The keys that encrypt values of people, each wrapped by a master key that is not in this database.
CREATE TABLE data_key (
    number INTEGER PRIMARY KEY,
    purpose TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    master TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    retired_at INTEGER,
    CHECK (purpose IN ('data', 'lookup'))
) STRICT;
CREATE UNIQUE INDEX data_key_one_for_lookup ON data_key (purpose) WHERE purpose = 'lookup';

-- History is encrypted anew when a key changes, and only then: the transaction that does it says so in store_meta and takes the word back.
DROP TRIGGER entity_version_refuses_update;
DROP TRIGGER source_record_revision_refuses_update;
DROP TRIGGER judgement_refuses_update;
CREATE TRIGGER entity_version_refuses_update BEFORE UPDATE OF entity, version, recorded_from, position, state, redirect, members ON entity_version
BEGIN SELECT RAISE(ABORT, 'entity_version is append-only'); END;
CREATE TRIGGER entity_version_refuses_other_values BEFORE UPDATE OF golden ON entity_version
WHEN NOT EXISTS (SELECT 1 FROM store_meta WHERE name = 'resealing')
BEGIN SELECT RAISE(ABORT, 'entity_version is append-only'); END;
CREATE TRIGGER source_record_revision_refuses_update BEFORE UPDATE OF record, revision, state, recorded_from, recorded_to, fingerprint, problems ON source_record_revision
BEGIN SELECT RAISE(ABORT, 'source_record_revision is append-only'); END;
CREATE TRIGGER source_record_revision_refuses_other_values BEFORE UPDATE OF parsed, payload ON source_record_revision
WHEN NOT EXISTS (SELECT 1 FROM store_meta WHERE name = 'resealing')
BEGIN SELECT RAISE(ABORT, 'source_record_revision is append-only'); END;
CREATE TRIGGER judgement_refuses_update BEFORE UPDATE OF id, decision, left_record, right_record, verdict, origin, weight, probability, model, actor, at ON judgement
BEGIN SELECT RAISE(ABORT, 'judgement is append-only'); END;
CREATE TRIGGER judgement_refuses_other_values BEFORE UPDATE OF evidence ON judgement
WHEN NOT EXISTS (SELECT 1 FROM store_meta WHERE name = 'resealing')
BEGIN SELECT RAISE(ABORT, 'judgement is append-only'); END;
