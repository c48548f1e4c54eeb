-- Readings are found again by whom they are about through a table that is filled from the log in sorted portions, up to the entry that
-- store_meta names: entities are read in no order, and an index that every entry goes into at once costs a page for each.
DROP INDEX access_log_entity;
CREATE TABLE __access_by_entity (
    entity BLOB NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (entity, id)
) STRICT, WITHOUT ROWID;
INSERT INTO __access_by_entity SELECT entity, id FROM access_log WHERE entity IS NOT NULL ORDER BY entity, id;
INSERT OR REPLACE INTO store_meta SELECT 'access-indexed', coalesce(max(id), 0) FROM access_log;
