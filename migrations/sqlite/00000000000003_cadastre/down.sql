DROP TABLE parcel_former;
ALTER TABLE parcel_lineage RENAME TO parcel_lineage_after;
DROP INDEX parcel_lineage_parent;
CREATE TABLE parcel_lineage (
    child BLOB NOT NULL,
    parent BLOB NOT NULL,
    operation TEXT NOT NULL,
    decision BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (child, parent)
) STRICT, WITHOUT ROWID;
INSERT INTO parcel_lineage SELECT child, parent, min(operation), max(decision), max(at) FROM parcel_lineage_after GROUP BY child, parent;
DROP TABLE parcel_lineage_after;
CREATE INDEX parcel_lineage_parent ON parcel_lineage (parent);
DROP INDEX parcel_by_code;
