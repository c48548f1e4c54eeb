-- A file may hold all its rows on one line: rejections of one line are told apart by their order.
ALTER TABLE rejection ADD COLUMN ordinal BIGINT NOT NULL DEFAULT 0;
ALTER TABLE rejection ALTER COLUMN ordinal DROP DEFAULT;
ALTER TABLE rejection DROP CONSTRAINT rejection_pkey;
ALTER TABLE rejection ADD PRIMARY KEY (job, line, ordinal);
COMMENT ON COLUMN rejection.ordinal IS 'which of the import''s rejections it is, in the order in which they were written';
