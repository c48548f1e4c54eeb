DROP TRIGGER entity_version_is_append_only ON entity_version;
DROP TRIGGER entity_version_keeps_its_values ON entity_version;
DROP TRIGGER source_record_revision_is_append_only ON source_record_revision;
DROP TRIGGER source_record_revision_keeps_its_values ON source_record_revision;
DROP TRIGGER judgement_is_append_only ON judgement;
DROP TRIGGER judgement_keeps_its_values ON judgement;
DROP FUNCTION refuse_other_values;
CREATE TRIGGER entity_version_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entity_version
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER source_record_revision_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON source_record_revision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER judgement_is_append_only BEFORE UPDATE OF id, decision, left_record, right_record, verdict, origin, weight, probability, model, actor, at, evidence OR DELETE OR TRUNCATE ON judgement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
DROP TABLE data_key;
