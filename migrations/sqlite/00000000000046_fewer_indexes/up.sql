-- Nobody asks for parties by their names, or for rights by their parties: who holds what is found in memory. Each of these indexes
-- cost every parcel and company that came in a page at a random place.
DROP INDEX relationship_name;
DROP INDEX parcel_right_number;
DROP INDEX parcel_right_name;
