-- Rules that come into use over records that are there: the golden records are composed anew in portions, and these tell how far that is.
ALTER TABLE survivorship ADD COLUMN decision BLOB;
ALTER TABLE survivorship ADD COLUMN to_compose INTEGER NOT NULL DEFAULT 0;
ALTER TABLE survivorship ADD COLUMN composed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE survivorship ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE survivorship ADD COLUMN composed_through BLOB;
ALTER TABLE survivorship ADD COLUMN composed_at INTEGER;
UPDATE survivorship SET composed_at = created_at;
