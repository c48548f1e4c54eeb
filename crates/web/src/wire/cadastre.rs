//! How are edits of parcels and topology reports written?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use jiku_registry::{
    BoundaryProblems, EditOutcome, EditedParcel, FormerView, LineageView, ParcelHistory, ParcelValidity, PlacedProblem, SnapProposal,
    TopologyFinding, TopologyReport,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::ProblemBody;
use super::entities::split_values;
use crate::edit::in_values;
use crate::precondition::joint_tag;

/// What an edit did, or in a dry run would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EditBody {
    /// Whether nothing was written.
    dry_run: bool,
    /// Whether the rules let it pass.
    accepted: bool,
    /// `create`, `replace`, `patch`, `retire`, `split`, `unite`, `adjust` or `undo`.
    operation: &'static str,
    /// The decision, to undo it by; absent in a dry run, and when nothing changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Uuid>,
    /// The moment of all its versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_at: Option<DateTime<Utc>>,
    /// The parcels that are new or changed.
    parcels: Vec<EditedParcelBody>,
    /// The parcels that are no more.
    retired: Vec<Uuid>,
    /// Which parcel has its land from which.
    lineage: Vec<LineageBody>,
    /// What the topology rules found.
    report: ReportBody,
    /// The change-log position reached; in a dry run the one it was computed at.
    position: i64,
    /// In a dry run: send it as `If-Match` to do exactly this.
    #[serde(skip_serializing_if = "Option::is_none")]
    if_match: Option<String>,
}

/// A parcel after an edit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EditedParcelBody {
    /// Absent in a dry run for a parcel that would be new.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    version: i64,
    new: bool,
    values: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    geometry: Option<Value>,
    /// What was found wrong with the values, and let pass.
    problems: Vec<ProblemBody>,
}

/// A step of lineage (宗地沿革).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineageBody {
    /// The later parcel; absent in a dry run for one that would be new.
    #[serde(skip_serializing_if = "Option::is_none")]
    child: Option<Uuid>,
    parent: Uuid,
    /// `split`, `unite` or `adjust`.
    operation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<DateTime<Utc>>,
    /// The part of the earlier parcel's area that went over, 0 to 1.
    share: f64,
    /// The decision that undid it, and gave the land back.
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_by: Option<Uuid>,
}

/// What the topology rules found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReportBody {
    /// The worst first.
    findings: Vec<FindingBody>,
    /// Boundaries brought to their neighbours': ready as the body of a PATCH.
    proposals: Vec<ProposalBody>,
    tolerances: TolerancesBody,
}

/// A thing that does not fit.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FindingBody {
    /// Which parcel of the edit, counted from 0.
    part: usize,
    /// The rule's id, see the documentation of topology.
    rule: &'static str,
    code: &'static str,
    /// `block`, `warn` or `note`.
    severity: &'static str,
    /// Metres, or a share of the area.
    #[serde(skip_serializing_if = "Option::is_none")]
    tolerance: Option<f64>,
    message: String,
    message_zh: String,
    /// The other parcel.
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_code: Option<String>,
    /// The place, a GeoJSON geometry.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    geometry: Option<Value>,
}

/// A boundary brought to its neighbours'.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProposalBody {
    part: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    parcel: Option<Uuid>,
    /// Send `{"geometry": …}` with it as a PATCH, or use it instead of the boundary that was sent.
    #[schema(value_type = Object)]
    geometry: Value,
}

/// How exactly boundaries must agree here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TolerancesBody {
    /// Up to here two boundary points may be one, metres.
    snap_m: f64,
    /// Thinner than this is rounding, metres.
    noise_m: f64,
    /// By how much a parcel may stick out of its division, metres.
    division_m: f64,
    /// From which share of the registered area a difference is a note.
    area_note: f64,
    /// From which share it is a warning.
    area_warn: f64,
}

/// What is wrong with a parcel that was only looked at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValidityBody {
    /// Whether it could be written.
    valid: bool,
    /// What is wrong with values and geometry.
    problems: Vec<PlacedProblemBody>,
    report: ReportBody,
    /// The geometry in canonical form, when it is valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    geometry: Option<Value>,
    /// A valid geometry near the one that was sent: a proposal, nothing more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    repair: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    planar_area_m2: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ellipsoidal_area_m2: Option<f64>,
}

/// A problem with its place on the map.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PlacedProblemBody {
    code: String,
    /// `reject`, `flag` or `note`.
    severity: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_zh: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// The place, a GeoJSON point.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    geometry: Option<Value>,
}

/// A boundary of an edit that is not valid.
#[derive(Debug, Serialize)]
pub(crate) struct BoundaryBody {
    pointer: String,
    problems: Vec<PlacedProblemBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repair: Option<Value>,
}

/// Lineage and former codes of a parcel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HistoryBody {
    /// `active`, `merged` or `retired`.
    state: &'static str,
    parents: Vec<LineageBody>,
    children: Vec<LineageBody>,
    /// How it ended, and codes it lost.
    former: Vec<FormerBody>,
}

/// How a parcel ended, or lost a code.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FormerBody {
    version: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    parcel_code: Option<String>,
    operation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<String>,
    at: DateTime<Utc>,
}

impl EditBody {
    pub(crate) fn new(outcome: EditOutcome, dry_run: bool) -> Self {
        Self {
            dry_run,
            accepted: outcome.report.blocking().is_none(),
            operation: outcome.operation.as_str(),
            decision: outcome.decision.map(|id| id.0),
            recorded_at: outcome.recorded_at,
            parcels: outcome.parcels.into_iter().map(Into::into).collect(),
            retired: outcome.retired.into_iter().map(|id| id.0).collect(),
            lineage: outcome.lineage.into_iter().map(Into::into).collect(),
            report: outcome.report.into(),
            position: outcome.position,
            if_match: (dry_run && !outcome.seen.is_empty()).then(|| joint_tag(outcome.seen)),
        }
    }
}

impl From<EditedParcel> for EditedParcelBody {
    fn from(parcel: EditedParcel) -> Self {
        let (values, geometry) = split_values(parcel.values);
        Self {
            id: parcel.id.map(|id| id.0),
            version: parcel.version,
            new: parcel.is_new,
            values,
            geometry,
            problems: parcel.problems.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<LineageView> for LineageBody {
    fn from(step: LineageView) -> Self {
        Self {
            child: step.child.map(|id| id.0),
            parent: step.parent.0,
            operation: step.operation,
            decision: step.decision.map(|id| id.0),
            at: step.at,
            share: step.share,
            undone_by: step.undone_by.map(|id| id.0),
        }
    }
}

impl From<TopologyReport> for ReportBody {
    fn from(report: TopologyReport) -> Self {
        let [area_note, area_warn] = report.tolerances.area;
        Self {
            findings: report.findings.into_iter().map(Into::into).collect(),
            proposals: report.proposals.into_iter().map(Into::into).collect(),
            tolerances: TolerancesBody {
                snap_m: report.tolerances.snap_m,
                noise_m: report.tolerances.noise_m,
                division_m: report.tolerances.division_m,
                area_note,
                area_warn,
            },
        }
    }
}

impl From<TopologyFinding> for FindingBody {
    fn from(finding: TopologyFinding) -> Self {
        Self {
            part: finding.part,
            rule: finding.rule,
            code: finding.code,
            severity: finding.severity,
            tolerance: finding.tolerance,
            message: finding.message_en,
            message_zh: finding.message_zh,
            other: finding.other.map(|id| id.0),
            other_code: finding.other_code,
            geometry: finding.place,
        }
    }
}

impl From<SnapProposal> for ProposalBody {
    fn from(proposal: SnapProposal) -> Self {
        Self { part: proposal.part, parcel: proposal.parcel.map(|id| id.0), geometry: proposal.geometry }
    }
}

impl From<PlacedProblem> for PlacedProblemBody {
    fn from(problem: PlacedProblem) -> Self {
        Self {
            code: problem.code,
            severity: problem.severity,
            message: problem.message_en,
            message_zh: problem.message_zh,
            pointer: problem.field.map(|field| in_values(&field).unwrap_or_else(|| format!("/{field}"))),
            geometry: problem.place,
        }
    }
}

impl From<BoundaryProblems> for BoundaryBody {
    fn from(boundary: BoundaryProblems) -> Self {
        Self {
            pointer: format!("/{}", boundary.field),
            problems: boundary.problems.into_iter().map(Into::into).collect(),
            repair: boundary.repair,
        }
    }
}

impl From<ParcelValidity> for ValidityBody {
    fn from(validity: ParcelValidity) -> Self {
        let problems = validity.problems.into_iter().map(Into::into);
        Self {
            valid: validity.valid,
            problems: problems.collect(),
            report: validity.report.into(),
            geometry: validity.geometry,
            repair: validity.repair,
            planar_area_m2: validity.planar_area_m2,
            ellipsoidal_area_m2: validity.ellipsoidal_area_m2,
        }
    }
}

impl From<ParcelHistory> for HistoryBody {
    fn from(history: ParcelHistory) -> Self {
        Self {
            state: history.state.as_str(),
            parents: history.parents.into_iter().map(Into::into).collect(),
            children: history.children.into_iter().map(Into::into).collect(),
            former: history.former.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<FormerView> for FormerBody {
    fn from(former: FormerView) -> Self {
        Self {
            version: former.version,
            parcel_code: former.parcel_code,
            operation: former.operation,
            decision: former.decision.map(|id| id.0),
            valid_from: former.valid_from,
            valid_to: former.valid_to,
            at: former.at,
        }
    }
}
