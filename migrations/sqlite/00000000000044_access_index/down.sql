DELETE FROM store_meta WHERE name = 'access-indexed';
DROP TABLE __access_by_entity;
CREATE INDEX access_log_entity ON access_log (entity, id);
