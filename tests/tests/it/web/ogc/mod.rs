//! The parcels as GIS programs see them.

mod clients;
mod conformance;
mod edits;
mod history;
mod items;
mod land;
mod province;
mod requirements;
mod tiles;
