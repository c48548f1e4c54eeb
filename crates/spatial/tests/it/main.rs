//! Does the spatial engine agree with the standards' vectors, with plain scans and with real parcels?

#![expect(clippy::unwrap_used, reason = "a test that cannot read its fixture has failed")]

mod coordinates;
mod edits;
mod geometries;
mod index;
mod measures;
mod relations;
mod tiles;
mod topology;
