//! Which nouns does every kind of entity share?
//!
//! A department sends a [`RawRecord`]; its entity crate reads it as a [`ParsedRecord`]; records are compared by their
//! [`Features`]; a [`Judgement`] says whether two records speak of one entity; the records held together form an
//! entity with one golden record. Nothing here reads a clock, a file or a random number.

mod attributes;
mod entity_kind;
mod id;
mod image;
mod judgement;
mod kind;
mod problem;
mod source;
mod time;

pub use attributes::{Attributes, RawRecord};
pub use entity_kind::{Column, EntityKind, Features, ParseContext, ParsedRecord, RelatedParty, SearchToken, Sensitivity, Tie};
pub use id::{DecisionId, EmergencyId, EntityId, ExportId, JobId, JudgementId, ProposalId, RecordId, TaskId};
pub use image::{ImageReader, ImageWriter, unfit};
pub use judgement::{Judgement, JudgementOrigin, Verdict};
pub use kind::{Kind, UnknownKind};
pub use problem::{Dimension, Problem, Severity};
pub use source::{RecordKey, SourceCode, SourceSystem};
pub use time::{Timestamp, civil_day, truncate_to_micros};
