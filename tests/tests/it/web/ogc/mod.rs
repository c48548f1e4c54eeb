//! The parcels as GIS programs see them.

mod land;
mod tiles;
