DROP INDEX data_key_by_use;
CREATE UNIQUE INDEX data_key_one_for_lookup ON data_key (purpose) WHERE purpose = 'lookup';
