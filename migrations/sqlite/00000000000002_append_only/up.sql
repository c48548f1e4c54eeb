-- History is added, not rewritten: the database itself refuses. The same rules as in migrations/postgres.

CREATE TRIGGER change_log_refuses_update BEFORE UPDATE ON change_log BEGIN SELECT RAISE(ABORT, 'change_log is append-only'); END;
CREATE TRIGGER change_log_refuses_delete BEFORE DELETE ON change_log BEGIN SELECT RAISE(ABORT, 'change_log is append-only'); END;
CREATE TRIGGER access_log_refuses_update BEFORE UPDATE ON access_log BEGIN SELECT RAISE(ABORT, 'access_log is append-only'); END;
CREATE TRIGGER access_log_refuses_delete BEFORE DELETE ON access_log BEGIN SELECT RAISE(ABORT, 'access_log is append-only'); END;
CREATE TRIGGER entity_version_refuses_update BEFORE UPDATE ON entity_version BEGIN SELECT RAISE(ABORT, 'entity_version is append-only'); END;
CREATE TRIGGER entity_version_refuses_delete BEFORE DELETE ON entity_version BEGIN SELECT RAISE(ABORT, 'entity_version is append-only'); END;
CREATE TRIGGER source_record_revision_refuses_update BEFORE UPDATE ON source_record_revision BEGIN SELECT RAISE(ABORT, 'source_record_revision is append-only'); END;
CREATE TRIGGER source_record_revision_refuses_delete BEFORE DELETE ON source_record_revision BEGIN SELECT RAISE(ABORT, 'source_record_revision is append-only'); END;

-- A judgement may be retracted, nothing else.
CREATE TRIGGER judgement_refuses_update BEFORE UPDATE OF id, decision, left_record, right_record, verdict, origin, weight, probability, model, actor, at, evidence ON judgement
BEGIN SELECT RAISE(ABORT, 'judgement is append-only'); END;
CREATE TRIGGER judgement_refuses_delete BEFORE DELETE ON judgement BEGIN SELECT RAISE(ABORT, 'judgement is append-only'); END;
