-- History is added, not rewritten: the database itself refuses. The same rules as in migrations/sqlite.

CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END
$$;

CREATE TRIGGER change_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON change_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER access_log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER entity_version_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entity_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER source_record_revision_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON source_record_revision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();

-- A judgement may be retracted, nothing else.
CREATE TRIGGER judgement_is_append_only BEFORE UPDATE OF id, decision, left_record, right_record, verdict, origin, weight, probability, model, actor, at, evidence OR DELETE OR TRUNCATE ON judgement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
