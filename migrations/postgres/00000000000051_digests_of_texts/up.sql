-- Sixteen bytes more in a record's digest, of the text it came in; and it is keyed. Records that were there come in anew once.
COMMENT ON COLUMN source_record.fingerprint IS 'keyed digest of the content, equal means unchanged, and of the text it came in';
COMMENT ON COLUMN source_record_revision.fingerprint IS 'keyed digest of the content, and of the text it came in';
