-- Values of people are encrypted; the keys, wrapped by a master key outside the database, stand here. The same as in migrations/sqlite.

-- The keys that encrypt values of people, each wrapped by a master key that is not in this database.
CREATE TABLE data_key (
    number INTEGER PRIMARY KEY,
    purpose TEXT COLLATE "C" NOT NULL,
    algorithm TEXT COLLATE "C" NOT NULL,
    master TEXT COLLATE "C" NOT NULL,
    wrapped BYTEA NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    retired_at TIMESTAMPTZ,
    CHECK (purpose IN ('data', 'lookup'))
);
CREATE UNIQUE INDEX data_key_one_for_lookup ON data_key (purpose) WHERE purpose = 'lookup';
COMMENT ON TABLE data_key IS 'The keys that encrypt values of people, each wrapped by a master key that is not in this database';
COMMENT ON COLUMN data_key.number IS 'counted from 1; values name it';
COMMENT ON COLUMN data_key.purpose IS 'data, or lookup for values that are looked up';
COMMENT ON COLUMN data_key.algorithm IS 'the algorithm it is for';
COMMENT ON COLUMN data_key.master IS 'the id of the master key that wraps it';
COMMENT ON COLUMN data_key.wrapped IS 'the wrapped key';
COMMENT ON COLUMN data_key.created_at IS 'when it was made';
COMMENT ON COLUMN data_key.retired_at IS 'when no value was left under it';

-- History is encrypted anew when a key changes, and only then: the transaction that does it says so in a setting of its own.
CREATE FUNCTION refuse_other_values() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('jiku.resealing', true) IS DISTINCT FROM 'on' THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;

DROP TRIGGER entity_version_is_append_only ON entity_version;
DROP TRIGGER source_record_revision_is_append_only ON source_record_revision;
DROP TRIGGER judgement_is_append_only ON judgement;
CREATE TRIGGER entity_version_is_append_only BEFORE UPDATE OF entity, version, recorded_from, position, state, redirect, members OR DELETE OR TRUNCATE ON entity_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER entity_version_keeps_its_values BEFORE UPDATE OF golden ON entity_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_values();
CREATE TRIGGER source_record_revision_is_append_only BEFORE UPDATE OF record, revision, state, recorded_from, recorded_to, fingerprint, problems OR DELETE OR TRUNCATE ON source_record_revision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER source_record_revision_keeps_its_values BEFORE UPDATE OF parsed, payload ON source_record_revision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_values();
CREATE TRIGGER judgement_is_append_only BEFORE UPDATE OF id, decision, left_record, right_record, verdict, origin, weight, probability, model, actor, at OR DELETE OR TRUNCATE ON judgement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER judgement_keeps_its_values BEFORE UPDATE OF evidence ON judgement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_values();
