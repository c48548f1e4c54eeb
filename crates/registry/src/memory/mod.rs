//! What does a node hold in memory, beside the database?

mod graph;
mod postings;
mod quality;
mod shelf;
mod sources;

pub(crate) use graph::{Entity, Graph, Node, Override, Task, pair};
pub(crate) use postings::{Postings, hash_token, token_hasher};
pub(crate) use quality::{Appraisal, Quality, Tally, is_flagged};
pub(crate) use shelf::{Effects, Lookup, Shelf};
pub(crate) use sources::{Sources, source_row};
