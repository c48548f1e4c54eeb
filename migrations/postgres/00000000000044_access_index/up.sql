-- Readings are found by whom they are about through the index access_log_entity, as before; on SQLite through a table that is filled later.
SELECT 1;
