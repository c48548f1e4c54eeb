-- A file may hold all its rows on one line: rejections of one line are told apart by their number among the rows.
ALTER TABLE rejection ADD COLUMN ordinal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rejection ALTER COLUMN ordinal DROP DEFAULT;
ALTER TABLE rejection DROP CONSTRAINT rejection_pkey;
ALTER TABLE rejection ADD PRIMARY KEY (job, line, ordinal);
COMMENT ON COLUMN rejection.ordinal IS 'its number among the rows of the input, from 1';
