-- What edits of parcels need: codes that are found quickly and never given out twice, shares of lineage, and parcels that
-- are no more with the time they stood in the world. The same rules as in migrations/sqlite.

CREATE INDEX parcel_by_code ON parcel (parcel_code) WHERE parcel_code IS NOT NULL;

-- Two parcels may exchange land more than once: the decision is part of the key.
ALTER TABLE parcel_lineage RENAME TO parcel_lineage_before;
DROP INDEX parcel_lineage_parent;
CREATE TABLE parcel_lineage (
    child UUID NOT NULL,
    parent UUID NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    decision UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    share DOUBLE PRECISION NOT NULL,
    CONSTRAINT parcel_lineage_key PRIMARY KEY (child, parent, decision)
);
INSERT INTO parcel_lineage SELECT child, parent, operation, decision, at, 1 FROM parcel_lineage_before;
DROP TABLE parcel_lineage_before;
CREATE INDEX parcel_lineage_parent ON parcel_lineage (parent);
COMMENT ON TABLE parcel_lineage IS 'Which parcel has its land from which, by a split, a union or an adjustment';
COMMENT ON COLUMN parcel_lineage.child IS 'the later parcel';
COMMENT ON COLUMN parcel_lineage.parent IS 'the earlier parcel';
COMMENT ON COLUMN parcel_lineage.operation IS 'split, unite or adjust';
COMMENT ON COLUMN parcel_lineage.decision IS 'the decision that did it';
COMMENT ON COLUMN parcel_lineage.at IS 'when';
COMMENT ON COLUMN parcel_lineage.share IS 'the part of the earlier parcel''s area that went over, 0 to 1';

CREATE TABLE parcel_former (
    entity UUID NOT NULL,
    version INTEGER NOT NULL,
    parcel_code TEXT COLLATE "C",
    operation TEXT COLLATE "C" NOT NULL,
    decision UUID,
    valid_from TEXT COLLATE "C",
    valid_to TEXT COLLATE "C",
    min_lon DOUBLE PRECISION,
    min_lat DOUBLE PRECISION,
    max_lon DOUBLE PRECISION,
    max_lat DOUBLE PRECISION,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (entity, version)
);
CREATE INDEX parcel_former_by_code ON parcel_former (parcel_code) WHERE parcel_code IS NOT NULL;
COMMENT ON TABLE parcel_former IS 'Parcels that are retired and codes that parcels do not carry any more';
COMMENT ON COLUMN parcel_former.entity IS 'the parcel';
COMMENT ON COLUMN parcel_former.version IS 'its last version under this code';
COMMENT ON COLUMN parcel_former.parcel_code IS 'the code, never given out again';
COMMENT ON COLUMN parcel_former.operation IS 'what ended it: split, unite, retire, recode, undo or withdrawn';
COMMENT ON COLUMN parcel_former.decision IS 'the decision that did it, none when its source withdrew it';
COMMENT ON COLUMN parcel_former.valid_from IS 'since when it stood in the world';
COMMENT ON COLUMN parcel_former.valid_to IS 'until when it stood in the world';
COMMENT ON COLUMN parcel_former.min_lon IS 'western bound';
COMMENT ON COLUMN parcel_former.min_lat IS 'southern bound';
COMMENT ON COLUMN parcel_former.max_lon IS 'eastern bound';
COMMENT ON COLUMN parcel_former.max_lat IS 'northern bound';
COMMENT ON COLUMN parcel_former.at IS 'when it was recorded';
