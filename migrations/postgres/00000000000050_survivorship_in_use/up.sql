-- Rules that come into use over records that are there: the golden records are composed anew in portions, and these tell how far that is.
ALTER TABLE survivorship
    ADD COLUMN decision UUID,
    ADD COLUMN to_compose BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN composed BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN changed BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN composed_through UUID,
    ADD COLUMN composed_at TIMESTAMPTZ;
UPDATE survivorship SET composed_at = created_at;
COMMENT ON COLUMN survivorship.decision IS 'the act that put it into use; none for what came with the service';
COMMENT ON COLUMN survivorship.to_compose IS 'how many golden records it could change when it came into use';
COMMENT ON COLUMN survivorship.composed IS 'how many of these were composed anew';
COMMENT ON COLUMN survivorship.changed IS 'how many of these say something else now, or say it for another reason';
COMMENT ON COLUMN survivorship.composed_through IS 'the last of them in the order of their ids';
COMMENT ON COLUMN survivorship.composed_at IS 'when the last one was composed; none while it goes on';
