-- The marital status of a person, GB/T 2261.2.
ALTER TABLE person ADD COLUMN marital_status text;
COMMENT ON COLUMN person.marital_status IS 'marital status, GB/T 2261.2';
