//! How are all matching pairs of a table found, each scored once?
//!
//! Deterministic: the same records, model and seed give the same pairs to the bit, whatever the number of threads.

mod blocks;
mod components;
mod intake;
mod keys;
mod pairs;
mod records;
mod shared;

pub use blocks::{Blocking, BlockingReport, Reach, RuleReach, RuleReport};
pub(crate) use components::LARGEST;
pub use components::{components, score_within};
pub use intake::{Intake, Reading, RowReader};
pub use pairs::{Pairs, ScoredEdge, Weighing, WeightHistogram, score_pairs};
pub use records::Records;

pub(crate) use pairs::{each_pair, work};
