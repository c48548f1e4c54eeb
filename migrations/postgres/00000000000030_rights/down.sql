-- Further rights of a parcel are of no use to the version before; its golden record keeps them.
DELETE FROM parcel_right WHERE ordinal > 0;
ALTER TABLE parcel_right DROP COLUMN certificate;
ALTER TABLE parcel_right DROP COLUMN category;
COMMENT ON TABLE parcel_right IS 'Rights in parcels';
