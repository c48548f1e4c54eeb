//! What does a topology rule report?

use serde_json::Value;

/// The rules, by the names of the catalogue in `docs/topology.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Rule {
    /// T1: overlaps a current parcel.
    Overlap,
    /// T2: an overlap or gap thinner than the tolerance along a shared border.
    Sliver,
    /// T3: a neighbour's vertex on the border is missing here, or the other way round.
    MissingVertex,
    /// T4: a hole between parcels that no parcel fills.
    Gap,
    /// T5: sticks out of its division.
    OutsideDivision,
    /// G1: lies outside the province.
    OutsideExtent,
    /// G5: the parcel, a part of it or a hole is so thin that it rounds to nothing.
    Nothing,
    /// G6: the parcel, a part of it or a hole is a strip thinner than boundary points are good to.
    Strip,
    /// A1: registered and computed area differ.
    Area,
    /// C1: the code names another county than the one it lies in.
    CodeDivision,
    /// L1: the new parcels together are not the old ones together.
    UnionChanged,
    /// The rule could not be computed; a person has to look.
    NotComputed,
}

/// How far a parcel has come: a draft may wait with its faults, a registered parcel may not have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Being prepared.
    Draft,
    /// To be registered.
    Registered,
}

/// What a finding means for the write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TopologySeverity {
    /// Worth telling.
    Note,
    /// Accepted, with a review.
    Warn,
    /// Not accepted.
    Block,
}

impl TopologySeverity {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }
}

impl Rule {
    /// The stable id.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Overlap => "T1",
            Self::Sliver => "T2",
            Self::MissingVertex => "T3",
            Self::Gap => "T4",
            Self::OutsideDivision => "T5",
            Self::OutsideExtent => "G1",
            Self::Nothing => "G5",
            Self::Strip => "G6",
            Self::Area => "A1",
            Self::CodeDivision => "C1",
            Self::UnionChanged => "L1",
            Self::NotComputed => "X1",
        }
    }

    /// The reason code in problem details and reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Overlap => "parcel-overlap",
            Self::Sliver => "parcel-sliver",
            Self::MissingVertex => "parcel-missing-vertex",
            Self::Gap => "parcel-gap",
            Self::OutsideDivision => "parcel-outside-division",
            Self::OutsideExtent => "parcel-outside-extent",
            Self::Nothing => "geometry-no-area",
            Self::Strip => "geometry-strip",
            Self::Area => "area-mismatch",
            Self::CodeDivision => "parcel-code-division",
            Self::UnionChanged => "parcel-union-changed",
            Self::NotComputed => "geometry-unsupported",
        }
    }

    /// What it means at a stage.
    #[must_use]
    pub const fn severity(self, stage: Stage) -> TopologySeverity {
        match (self, stage) {
            (Self::Overlap | Self::NotComputed, Stage::Registered) | (Self::UnionChanged | Self::Nothing, _) => TopologySeverity::Block,
            (Self::OutsideDivision | Self::CodeDivision | Self::OutsideExtent, Stage::Registered) => TopologySeverity::Block,
            (Self::Gap, _) | (Self::MissingVertex, Stage::Draft) => TopologySeverity::Note,
            _ => TopologySeverity::Warn,
        }
    }
}

/// One thing that does not fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// What it means for the write.
    pub severity: TopologySeverity,
    /// The other parcel concerned, by its slot.
    pub other: Option<u32>,
    /// What does not fit, in English.
    pub message_en: String,
    /// What does not fit, in Chinese.
    pub message_zh: String,
    /// The place, a GeoJSON geometry in longitude and latitude.
    pub place: Option<Value>,
}
