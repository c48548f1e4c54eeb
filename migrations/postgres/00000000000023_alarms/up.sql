-- Alarms are the entries of the change log that belong to no kind: the security administrator asks for them without reading the rest.
CREATE INDEX change_log_alarm ON change_log (position) WHERE kind IS NULL;
