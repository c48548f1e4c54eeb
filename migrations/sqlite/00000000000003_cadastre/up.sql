-- What edits of parcels need: codes that are found quickly and never given out twice, shares of lineage, and parcels that
-- are no more with the time they stood in the world. The same rules as in migrations/postgres.

CREATE INDEX parcel_by_code ON parcel (parcel_code) WHERE parcel_code IS NOT NULL;

-- Two parcels may exchange land more than once: the decision is part of the key.
ALTER TABLE parcel_lineage RENAME TO parcel_lineage_before;
DROP INDEX parcel_lineage_parent;
CREATE TABLE parcel_lineage (
    child BLOB NOT NULL,
    parent BLOB NOT NULL,
    operation TEXT NOT NULL,
    decision BLOB NOT NULL,
    at INTEGER NOT NULL,
    share REAL NOT NULL,
    PRIMARY KEY (child, parent, decision)
) STRICT, WITHOUT ROWID;
INSERT INTO parcel_lineage SELECT child, parent, operation, decision, at, 1 FROM parcel_lineage_before;
DROP TABLE parcel_lineage_before;
CREATE INDEX parcel_lineage_parent ON parcel_lineage (parent);

-- Parcels that are retired and codes that parcels do not carry any more.
CREATE TABLE parcel_former (
    entity BLOB NOT NULL,
    version INTEGER NOT NULL,
    parcel_code TEXT,
    operation TEXT NOT NULL,
    decision BLOB,
    valid_from TEXT,
    valid_to TEXT,
    min_lon REAL,
    min_lat REAL,
    max_lon REAL,
    max_lat REAL,
    at INTEGER NOT NULL,
    PRIMARY KEY (entity, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX parcel_former_by_code ON parcel_former (parcel_code) WHERE parcel_code IS NOT NULL;
