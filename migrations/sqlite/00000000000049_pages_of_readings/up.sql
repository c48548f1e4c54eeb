-- Who was in a file is written down page by page: the ids of so many people in one row, of which `entity` is the first.
ALTER TABLE access_log ADD COLUMN entities BLOB;
CREATE INDEX access_log_pages ON access_log (request_id, entity) WHERE entities IS NOT NULL;
