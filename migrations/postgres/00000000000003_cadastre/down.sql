DROP TABLE parcel_former;
ALTER TABLE parcel_lineage RENAME TO parcel_lineage_after;
DROP INDEX parcel_lineage_parent;
CREATE TABLE parcel_lineage (
    child UUID NOT NULL,
    parent UUID NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    decision UUID NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (child, parent)
);
INSERT INTO parcel_lineage SELECT child, parent, min(operation), (array_agg(decision))[1], max(at) FROM parcel_lineage_after GROUP BY child, parent;
DROP TABLE parcel_lineage_after;
CREATE INDEX parcel_lineage_parent ON parcel_lineage (parent);
DROP INDEX parcel_by_code;
