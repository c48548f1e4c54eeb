//! What does a node hold in memory, beside the database?

mod aliases;
pub(crate) mod beginnings;
mod divisions;
mod entities;
mod graph;
mod nobodys;
mod parcels;
mod past;
mod postings;
mod quality;
mod shelf;
mod sources;
mod tiles;

pub(crate) use aliases::{Aliases, Revised, gather};
pub(crate) use divisions::DivisionBook;
pub use divisions::{DivisionExtent, DivisionExtents};
pub(crate) use entities::Entities;
pub(crate) use graph::{Entity, Figures, Graph, Node, Override, Task, pair};
pub(crate) use nobodys::{Nobodys, strong_hash};
pub use parcels::{ParcelFeature, ParcelView};
pub(crate) use past::Superseded;
pub(crate) use postings::{Postings, hash_token, token_hasher};
pub(crate) use quality::{Appraisal, DayTally, Quality, Tally, is_flagged};
pub(crate) use shelf::{Effects, Indexes, Lookup, Shelf};
pub(crate) use sources::{Sources, source_row};
pub use tiles::MapTile;
