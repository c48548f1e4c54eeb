//! Which words does the façade speak: what goes in, what comes out?

mod acts;
mod alarms;
mod cadastre;
mod emergency;
mod entities;
mod exports;
mod feed;
mod ingest;
mod jobs;
mod keys;
mod minimal;
mod models;
mod parcels;
mod people;
mod proposals;
mod quality;
mod resolve;
mod retention;
mod rights;
mod stewardship;
mod survivorship;

pub use acts::{Act, ActView};
pub use alarms::{Alarm, AlarmView};
pub use cadastre::{
    BoundaryProblems, Cut, EditOptions, EditOutcome, EditedParcel, FormerView, LineageView, ParcelEdit, ParcelHistory, ParcelOperation,
    ParcelValidity, PlacedProblem, RightsPolicy, SnapProposal, TopologyFinding, TopologyReport,
};
pub use emergency::{EmergencyReach, EmergencyView, NewEmergency};
pub use entities::{
    EntityState, EntityView, Found, Include, Page, Relationship, SearchField, SearchQuery, SourceRecordView, ValueView, VersionView, View,
};
pub use exports::{ExportState, ExportView, NewExport, Watermark};
pub use feed::{Change, DayCount, Difference, KindStats, Stats, VerifyReport};
pub use ingest::{Incoming, LinkDecision, RowOutcome, RowStatus, WithdrawOutcome};
pub use jobs::{ImportProgress, ImportStart, JobState, JobView, RejectedRow};
pub use keys::{Encryption, KeyReport, KeySource, KeyUse};
pub use minimal::{MinimalAnswer, Pseudonym, Who};
pub use models::{
    AccuracyBand, BlockingView, ComparisonView, ConflictView, LevelView, ModelChange, ModelOutcome, ModelVersionView, ModelView,
    RegroupView, RelationView, SharedValue, ThresholdPoint, ThresholdPreview,
};
pub use parcels::{Area, Days, ParcelGroup, ParcelHit, ParcelQuery};
pub use people::{AccessView, ApiKeyView, IdempotencyClaim, NewKey, NewUser, PersonReport, PrincipalView, Purpose, SignedIn, UsageView};
pub use proposals::{MergeRisk, ProposalFilter, ProposalState, ProposalView};
pub use quality::{
    FieldPeriod, FieldQuality, ImportPeriod, KindQuality, Period, ProblemCount, QualityPeriod, QualityQuery, QualityReport, SourceQuality,
};
pub use resolve::{Candidate, Matched, PairExplanation, Resolution, ResolutionDecision, ResolveOptions};
pub use retention::{Forgotten, RetentionRules};
pub use rights::{ParcelRights, Party, PartyFoundBy, RightView, RightsQuery};
pub use stewardship::{
    Assignees, Colleague, DecisionCount, DecisionFilter, DecisionKind, DecisionView, EntityImage, Expected, MergeOutcome, OverrideView,
    Redirect, ReviewFilter, ReviewSide, ReviewState, ReviewView, Unmerge,
};
pub use survivorship::{
    AttributeChange, ClauseView, Composing, MAX_RULES_BYTES, PastView, RulesChange, RulesExample, RulesOutcome, RulesPreview, RulesRemark,
    RulesVersionView, RulesView,
};
