//! How are parcels edited, and what does an edit say of itself?

use std::collections::BTreeMap;

use chrono::NaiveDate;
use jiku_model::{DecisionId, EntityId, Problem, RawRecord, Timestamp};
use jiku_spatial::topology::Tolerances;
use serde_json::Value;

use super::{EntityState, Expected, ValueView};

/// What is done to parcels (宗地).
#[derive(Clone, Debug, PartialEq)]
pub enum ParcelEdit {
    /// A new parcel. A `parcel_code` of 14 characters asks for the next serial of that sub-district and feature.
    Create {
        /// Its values by standard column; the geometry is GeoJSON, WKT or hexadecimal WKB.
        values: RawRecord,
    },
    /// Everything about a parcel is said anew; what is not said is empty. Its id stays, and its code unless another is given.
    Replace {
        /// The parcel.
        parcel: EntityId,
        /// Its values.
        values: RawRecord,
    },
    /// Some values change; null empties a column.
    Patch {
        /// The parcel.
        parcel: EntityId,
        /// The columns that change.
        changes: RawRecord,
    },
    /// The parcel is no more.
    Retire {
        /// The parcel.
        parcel: EntityId,
    },
    /// One parcel becomes several new ones, each with a code of its own.
    Split {
        /// The parcel.
        parcel: EntityId,
        /// How it is cut.
        by: Cut,
        /// The system of the lines or polygons; CGCS2000 longitude and latitude when absent.
        crs: Option<String>,
        /// Values of the parts: in the order of polygons, then from the south-west corner on; may be fewer.
        parts: Vec<RawRecord>,
    },
    /// Several parcels become one new one.
    Unite {
        /// The parcels.
        parcels: Vec<EntityId>,
        /// Values of the new one.
        values: RawRecord,
        /// Whether it may have parts that do not touch.
        several_parts: bool,
    },
    /// Neighbours exchange land: each keeps its id and code, and all together stay what they are.
    Adjust {
        /// The parcels with their new boundaries.
        boundaries: Vec<(EntityId, Value)>,
        /// The system of the boundaries; CGCS2000 longitude and latitude when absent.
        crs: Option<String>,
    },
    /// An earlier edit is undone: the parcels get new versions that say what they said before.
    Undo {
        /// The edit's decision.
        decision: DecisionId,
    },
}

impl ParcelEdit {
    /// The columns whose values the editor says; the boundary, where there is one, is always theirs to say.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &str> {
        let records: Vec<&RawRecord> = match self {
            Self::Create { values } | Self::Replace { values, .. } | Self::Unite { values, .. } => vec![values],
            Self::Patch { changes, .. } => vec![changes],
            Self::Split { parts, .. } => parts.iter().collect(),
            Self::Retire { .. } | Self::Adjust { .. } | Self::Undo { .. } => Vec::new(),
        };
        records.into_iter().flat_map(|record| record.keys().map(String::as_str))
    }
}

/// How a parcel is cut.
#[derive(Clone, Debug, PartialEq)]
pub enum Cut {
    /// Along lines that begin and end outside, or are closed.
    Lines(Vec<Vec<[f64; 2]>>),
    /// By these parts of it, GeoJSON; what they leave over becomes parts too.
    Polygons(Vec<Value>),
}

/// What becomes of the rights in parcels that end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RightsPolicy {
    /// They go over to the new parcels. Parcels with different rights cannot be united so.
    #[default]
    Carry,
    /// They end; the new parcels say their own.
    End,
    /// A right stands against the edit.
    Block,
}

/// How an edit is made.
#[derive(Clone, Debug, Default)]
pub struct EditOptions {
    /// Why, in the editor's words.
    pub comment: Option<String>,
    /// The versions the editor saw: every existing parcel of the edit must be here unless it is a dry run.
    pub expected: Expected,
    /// What becomes of rights.
    pub rights: RightsPolicy,
    /// The day in the world on which it happens; today when absent.
    pub valid_on: Option<NaiveDate>,
    /// Whether only to look.
    pub dry_run: bool,
}

/// The operations by which parcels change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParcelOperation {
    /// A parcel was made.
    Create,
    /// Everything about it was said anew.
    Replace,
    /// Some values changed.
    Patch,
    /// It was ended.
    Retire,
    /// It was split.
    Split,
    /// Parcels were united.
    Unite,
    /// Boundaries were adjusted.
    Adjust,
    /// An edit was undone.
    Undo,
}

impl ParcelOperation {
    /// Every operation.
    pub const ALL: [Self; 8] = [Self::Create, Self::Replace, Self::Patch, Self::Retire, Self::Split, Self::Unite, Self::Adjust, Self::Undo];

    /// The word in lineage and reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Replace => "replace",
            Self::Patch => "patch",
            Self::Retire => "retire",
            Self::Split => "split",
            Self::Unite => "unite",
            Self::Adjust => "adjust",
            Self::Undo => "undo",
        }
    }

    /// The word among decisions, where a steward's merge and split of records have theirs.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::Create => "parcel-create",
            Self::Replace => "parcel-replace",
            Self::Patch => "parcel-patch",
            Self::Retire => "parcel-retire",
            Self::Split => "parcel-split",
            Self::Unite => "parcel-unite",
            Self::Adjust => "parcel-adjust",
            Self::Undo => "parcel-undo",
        }
    }
}

/// What an edit did, or would do.
#[derive(Clone, Debug, PartialEq)]
pub struct EditOutcome {
    /// The decision, to undo it by; none in a dry run, and when nothing changed.
    pub decision: Option<DecisionId>,
    /// What was done.
    pub operation: ParcelOperation,
    /// The moment of all its versions; none in a dry run.
    pub recorded_at: Option<Timestamp>,
    /// The parcels that are new or changed, in the order of the request.
    pub parcels: Vec<EditedParcel>,
    /// The parcels that are no more.
    pub retired: Vec<EntityId>,
    /// Which parcel has its land from which; a dry run has no ids for what would be new.
    pub lineage: Vec<LineageView>,
    /// What the topology rules found.
    pub report: TopologyReport,
    /// The versions the edit was computed on: `If-Match` for the deed.
    pub seen: Expected,
    /// The change-log position reached; in a dry run the one it was computed at.
    pub position: i64,
}

/// A parcel after an edit.
#[derive(Clone, Debug, PartialEq)]
pub struct EditedParcel {
    /// Its canonical id; none for what would be new.
    pub id: Option<EntityId>,
    /// Its version.
    pub version: i64,
    /// Whether it is new.
    pub is_new: bool,
    /// Its golden values.
    pub values: BTreeMap<String, ValueView>,
    /// What was found wrong with the values, and let pass.
    pub problems: Vec<Problem>,
}

/// A step of lineage (宗地沿革): the later parcel has land from the earlier one.
#[derive(Clone, Debug, PartialEq)]
pub struct LineageView {
    /// The later parcel; none for what would be new.
    pub child: Option<EntityId>,
    /// The earlier parcel.
    pub parent: EntityId,
    /// `split`, `unite` or `adjust`.
    pub operation: String,
    /// The decision; none in a dry run.
    pub decision: Option<DecisionId>,
    /// When; none in a dry run.
    pub at: Option<Timestamp>,
    /// The part of the earlier parcel's area that went over, 0 to 1.
    pub share: f64,
    /// The decision that undid it, if any: then the land has gone back.
    pub undone_by: Option<DecisionId>,
}

/// What the topology rules found about one or several parcels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopologyReport {
    /// Everything found, the worst first.
    pub findings: Vec<TopologyFinding>,
    /// Boundaries brought to their neighbours', ready to apply.
    pub proposals: Vec<SnapProposal>,
    /// The tolerances that were applied.
    pub tolerances: Tolerances,
}

impl TopologyReport {
    /// The worst finding that stands against the write.
    #[must_use]
    pub fn blocking(&self) -> Option<&TopologyFinding> {
        self.findings.iter().find(|finding| finding.severity == "block")
    }
}

/// A thing that does not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct TopologyFinding {
    /// Which parcel of the edit, counted from 0.
    pub part: usize,
    /// The rule: `T1`, `A1` …
    pub rule: &'static str,
    /// Its reason code: `parcel-overlap` …
    pub code: &'static str,
    /// `block`, `warn` or `note`.
    pub severity: &'static str,
    /// The tolerance applied, metres or a share, when the rule has one.
    pub tolerance: Option<f64>,
    /// What does not fit.
    pub message_en: String,
    /// The same in Chinese.
    pub message_zh: String,
    /// The other parcel concerned.
    pub other: Option<EntityId>,
    /// Its code.
    pub other_code: Option<String>,
    /// The place, a GeoJSON geometry.
    pub place: Option<Value>,
}

/// A boundary brought to the neighbours' points and lines: nothing is moved in silence.
#[derive(Clone, Debug, PartialEq)]
pub struct SnapProposal {
    /// Which parcel of the edit, counted from 0.
    pub part: usize,
    /// The parcel, when it exists.
    pub parcel: Option<EntityId>,
    /// Its boundary, GeoJSON.
    pub geometry: Value,
}

/// What is wrong with a parcel that somebody only looks at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParcelValidity {
    /// Whether it could be written.
    pub valid: bool,
    /// What is wrong with values and geometry.
    pub problems: Vec<PlacedProblem>,
    /// What the topology rules found.
    pub report: TopologyReport,
    /// The boundary in canonical form, GeoJSON, when it is valid.
    pub geometry: Option<Value>,
    /// A valid boundary near one that is not, GeoJSON: a proposal, nothing more.
    pub repair: Option<Value>,
    /// Its area in the 3-degree zone.
    pub planar_area_m2: Option<f64>,
    /// Its area on the ellipsoid.
    pub ellipsoidal_area_m2: Option<f64>,
}

/// A problem with its place on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedProblem {
    /// The reason code.
    pub code: String,
    /// `reject`, `flag` or `note`.
    pub severity: &'static str,
    /// What is wrong and what to do.
    pub message_en: String,
    /// The same in Chinese, for problems of the geometry.
    pub message_zh: Option<String>,
    /// The column.
    pub field: Option<String>,
    /// The place, a GeoJSON point.
    pub place: Option<Value>,
}

/// What is wrong with a boundary that an edit names.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundaryProblems {
    /// Where the edit says it: `geometry`, `polygons/0/geometry` …
    pub field: String,
    /// Every problem with its place.
    pub problems: Vec<PlacedProblem>,
    /// A valid boundary near it, GeoJSON: a proposal, nothing more.
    pub repair: Option<Value>,
}

/// What is known of a parcel beside its values.
#[derive(Clone, Debug, PartialEq)]
pub struct ParcelHistory {
    /// What it is now.
    pub state: EntityState,
    /// The parcels it has its land from.
    pub parents: Vec<LineageView>,
    /// The parcels that have land from it.
    pub children: Vec<LineageView>,
    /// How it ended, and codes it lost.
    pub former: Vec<FormerView>,
}

/// How a parcel ended, or lost a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerView {
    /// Its last version so.
    pub version: i64,
    /// The code, which is not given out again.
    pub parcel_code: Option<String>,
    /// `split`, `unite`, `retire`, `undo`, `recode` or `withdrawn`.
    pub operation: String,
    /// The decision that did it.
    pub decision: Option<DecisionId>,
    /// Since when it stood in the world.
    pub valid_from: Option<String>,
    /// Until when.
    pub valid_to: Option<String>,
    /// When that was recorded.
    pub at: Timestamp,
}
