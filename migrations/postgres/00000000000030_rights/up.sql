-- A parcel has several rights, restrictions and responsibilities (ISO 19152).

ALTER TABLE parcel_right ADD COLUMN category TEXT NOT NULL DEFAULT 'right' CHECK (category IN ('right', 'restriction', 'responsibility'));
ALTER TABLE parcel_right ADD COLUMN certificate TEXT;
COMMENT ON COLUMN parcel_right.category IS 'right, restriction or responsibility, ISO 19152';
COMMENT ON COLUMN parcel_right.certificate IS 'number of the certificate';
COMMENT ON TABLE parcel_right IS 'Rights, restrictions and responsibilities in parcels';
