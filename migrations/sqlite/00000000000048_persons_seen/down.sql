DROP TABLE person_seen;
