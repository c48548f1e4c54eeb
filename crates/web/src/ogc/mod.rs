//! How do GIS programs see the parcels? OGC API under `/ogc`: features, filters, edits, tiles.
//!
//! Everything read here comes from the memory of the node and holds nothing personal, so it needs no purpose and leaves no
//! trace. The words of the standards (parameters, links, CQL2) are `jiku-ogc`'s, shapes are `jiku-spatial`'s.

pub(crate) mod about;
mod answer;
pub(crate) mod collections;
mod description;
mod divisions;
pub(crate) mod edits;
mod features;
mod filter;
pub(crate) mod items;
mod map_desk;
mod pages;
mod properties;
mod select;
pub(crate) mod styles;
mod systems;
pub(crate) mod tiles;
