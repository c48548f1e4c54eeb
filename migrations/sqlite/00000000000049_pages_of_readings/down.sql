DROP INDEX access_log_pages;
ALTER TABLE access_log DROP COLUMN entities;
