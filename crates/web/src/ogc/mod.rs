//! How do GIS programs see the parcels? OGC API under `/ogc`: features, filters, edits, tiles.
//!
//! Everything read here comes from the memory of the node and holds nothing personal, so it needs no purpose and leaves no
//! trace. The words of the standards (parameters, links, CQL2) are `jiku-ogc`'s, shapes are `jiku-spatial`'s.

pub(crate) mod answer;
pub(crate) mod map_desk;
pub(crate) mod styles;
pub(crate) mod tiles;
