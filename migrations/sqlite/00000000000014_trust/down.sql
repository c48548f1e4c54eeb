DROP TABLE emergency_access;
DROP TABLE merge_proposal;
ALTER TABLE principal DROP COLUMN staff_number;
