//! How are all matching pairs of a table found, each scored once?
//!
//! Deterministic: the same records, model and seed give the same pairs to the bit, whatever the number of threads.

mod blocks;
mod components;
mod pairs;
mod records;

pub use blocks::{BlockingReport, RuleReport};
pub use components::{components, score_within};
pub use pairs::{Pairs, ScoredEdge, WeightHistogram, score_pairs};
pub use records::Records;

pub(crate) use blocks::Blocks;
pub(crate) use pairs::{each_pair, work};
