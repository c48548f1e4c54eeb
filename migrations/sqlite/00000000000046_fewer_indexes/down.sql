CREATE INDEX relationship_name ON relationship (to_name) WHERE to_name IS NOT NULL;
CREATE INDEX parcel_right_number ON parcel_right (party_number) WHERE party_number IS NOT NULL;
CREATE INDEX parcel_right_name ON parcel_right (party_name) WHERE party_name IS NOT NULL;
