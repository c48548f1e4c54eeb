//! How likely do two records speak of one entity, and which pairs are worth asking about?
//!
//! A [`Model`] is a TOML file a steward can read: blocking rules, comparisons with ordered levels, relations such as
//! family members that look alike without being the same, conflict rules, thresholds. The same compiled model scores
//! a pair in a batch run, in the online [`MatchIndex`] and in an explanation, to the same bits.
//!
//! Records are rows of numbers: every field's values are interned once, so a record takes four bytes per field.

mod batch;
mod blocking;
mod bounds;
mod compare;
mod condition;
mod crowd;
mod dates;
mod dictionary;
mod evaluation;
mod explain;
mod frequency;
mod gate;
mod hash;
mod index;
mod kernels;
mod measure;
mod model;
mod model_file;
mod points;
mod postings;
mod profile;
mod score;
mod training;
mod within;

pub use batch::{
    Blocking, BlockingReport, Intake, Pairs, Reach, Reading, Records, RowReader, RuleReach, RuleReport, ScoredEdge, Weighing,
    WeightHistogram, components, score_pairs, score_within,
};
pub use blocking::KeyError;
pub use compare::compare;
pub use condition::ConditionError;
pub use evaluation::{CalibrationBin, CurvePoint, Evaluation, JudgedPair, ScoreEvaluation, wilson};
pub use explain::{Explanation, ExplanationLine, ScoredPair};
pub use frequency::FrequencyFile;
pub use index::{Match, MatchIndex};
pub use model::{Model, ModelError, UnknownField};
pub use model_file::{
    BlockingFile, CalibrationFile, ColumnFile, ComparisonFile, ConflictFile, Effect, LevelFile, ModelFile, RelationFile, SharedFile,
};
pub use postings::Postings;
pub use profile::{Column, ColumnKind, DateOrder, LeftOut, Profile, Role, Said, propose_blocking};
pub use training::{Progress, Training, TrainingReport, train};
