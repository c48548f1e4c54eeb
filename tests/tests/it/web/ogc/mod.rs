//! The parcels as GIS programs see them.

mod conformance;
mod edits;
mod gdal;
mod items;
mod land;
mod province;
mod requirements;
mod tiles;
