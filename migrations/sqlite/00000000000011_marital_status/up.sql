-- The marital status of a person, GB/T 2261.2.
ALTER TABLE person ADD COLUMN marital_status TEXT;
