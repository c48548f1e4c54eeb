COMMENT ON COLUMN access_log.entity IS 'whose data; none when the question found nobody';
DROP INDEX access_log_pages;
ALTER TABLE access_log DROP COLUMN entities;
