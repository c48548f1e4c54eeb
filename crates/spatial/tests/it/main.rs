//! Does the spatial engine agree with the standards' vectors, with plain scans and with real parcels?

mod coordinates;
mod geometries;
mod measures;
