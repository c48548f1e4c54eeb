-- Who was in a file is written down page by page: the ids of so many people in one row, of which `entity` is the first.
ALTER TABLE access_log ADD COLUMN entities BYTEA;
COMMENT ON COLUMN access_log.entity IS 'whose data, of a page the first''s; none when the question found nobody';
COMMENT ON COLUMN access_log.entities IS 'of a page of many that were read together: their canonical ids in order, sixteen bytes each';
CREATE INDEX access_log_pages ON access_log (request_id, entity) WHERE entities IS NOT NULL;
