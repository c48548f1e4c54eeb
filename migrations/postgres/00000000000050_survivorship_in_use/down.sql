ALTER TABLE survivorship DROP COLUMN composed_at;
ALTER TABLE survivorship DROP COLUMN composed_through;
ALTER TABLE survivorship DROP COLUMN changed;
ALTER TABLE survivorship DROP COLUMN composed;
ALTER TABLE survivorship DROP COLUMN to_compose;
ALTER TABLE survivorship DROP COLUMN decision;
