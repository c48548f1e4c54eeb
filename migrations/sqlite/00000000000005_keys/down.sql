DROP TRIGGER entity_version_refuses_update;
DROP TRIGGER entity_version_refuses_other_values;
DROP TRIGGER source_record_revision_refuses_update;
DROP TRIGGER source_record_revision_refuses_other_values;
DROP TRIGGER judgement_refuses_update;
DROP TRIGGER judgement_refuses_other_values;
CREATE TRIGGER entity_version_refuses_update BEFORE UPDATE ON entity_version BEGIN SELECT RAISE(ABORT, 'entity_version is append-only'); END;
CREATE TRIGGER source_record_revision_refuses_update BEFORE UPDATE ON source_record_revision BEGIN SELECT RAISE(ABORT, 'source_record_revision is append-only'); END;
CREATE TRIGGER judgement_refuses_update BEFORE UPDATE OF id, decision, left_record, right_record, verdict, origin, weight, probability, model, actor, at, evidence ON judgement
BEGIN SELECT RAISE(ABORT, 'judgement is append-only'); END;
DROP TABLE data_key;
