COMMENT ON COLUMN source_record.fingerprint IS 'digest of the content: equal means unchanged';
COMMENT ON COLUMN source_record_revision.fingerprint IS 'digest of the content';
