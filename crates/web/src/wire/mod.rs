//! Which words go over the wire?
//!
//! Types of their own, apart from what the registry shows: snake case, the same words as the columns, ids as text.

mod cadastre;
mod changes;
mod decisions;
mod emergencies;
mod entities;
mod exports;
mod files;
mod geometry;
mod models;
mod parcels;
mod proposals;
mod quality;
mod records;
mod resolve;
mod reviews;
mod rights;
mod service;
mod survivorship;

pub(crate) use cadastre::{BoundaryBody, EditBody, HistoryBody, ReportBody, ValidityBody};
pub(crate) use changes::{ChangeBody, ChangesBody};
pub(crate) use decisions::{DecisionsBody, OutcomeBody, OverridesBody};
pub(crate) use emergencies::{EmergenciesBody, EmergencyBody};
pub(crate) use entities::{EntitiesBody, EntityBody, VersionsBody};
pub(crate) use exports::{ExportBody, ExportsBody};
pub(crate) use files::{CheckBody, ColumnBody, FoundBody, MatchedRowBody, PreviewBody, decision_of};
pub(crate) use geometry::geojson;
pub(crate) use models::{ModelAppliedBody, ModelBody, RedoBody, ThresholdPreviewBody};
pub(crate) use parcels::{GroupsBody, ParcelsBody, feature_collection};
pub(crate) use proposals::{ProposalBody, ProposalsBody};
pub(crate) use quality::QualityBody;
pub(crate) use records::{KeyBody, ProblemBody, RecordBody, RowBody, StreamBody, TakenBody, WithdrawBody};
pub(crate) use resolve::{ExplainBody, ExplanationBody, ResolutionBody};
pub(crate) use reviews::{ReviewBody, ReviewsBody, review_tag};
pub(crate) use rights::RightsBody;
pub(crate) use service::{
    AccessesBody, JobBody, JobsBody, PersonReportBody, RejectionBody, SessionBody, SourceBody, SourcesBody, StatsBody, WhoBody,
};
pub(crate) use survivorship::{RulesAppliedBody, RulesBody, RulesPreviewBody};
