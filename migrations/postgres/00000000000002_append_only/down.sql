DROP TRIGGER change_log_is_append_only ON change_log;
DROP TRIGGER access_log_is_append_only ON access_log;
DROP TRIGGER entity_version_is_append_only ON entity_version;
DROP TRIGGER source_record_revision_is_append_only ON source_record_revision;
DROP TRIGGER judgement_is_append_only ON judgement;
DROP FUNCTION refuse_rewriting;
