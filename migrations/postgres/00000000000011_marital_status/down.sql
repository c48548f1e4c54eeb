ALTER TABLE person DROP COLUMN marital_status;
