-- The key of looked-up values can be changed: while values are brought under a new one there are two, the newest counts.
DROP INDEX data_key_one_for_lookup;
CREATE INDEX data_key_by_use ON data_key (purpose, number);
