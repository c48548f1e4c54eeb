//! Which rights does a parcel have, and who holds them?

use chrono::NaiveDate;
use jiku_model::{EntityId, Kind, Timestamp};
use jiku_parcel::rights::ParcelRight;

/// Of when rights are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RightsQuery {
    /// As recorded at this moment; now when absent.
    pub as_of: Option<Timestamp>,
    /// Those that stand on this day; all that are recorded when absent.
    pub valid_at: Option<NaiveDate>,
}

/// The rights in a parcel (权利、限制、责任; ISO 19152).
#[derive(Clone, Debug, PartialEq)]
pub struct ParcelRights {
    /// The parcel; the survivor when the one asked for was merged.
    pub parcel: EntityId,
    /// Its version.
    pub version: i64,
    /// The rights, the leading one as a rule first.
    pub rights: Vec<RightView>,
    /// Whether names and numbers of people are masked.
    pub masked: bool,
}

/// A right with its party.
#[derive(Clone, Debug, PartialEq)]
pub struct RightView {
    /// As the parcel's record tells it.
    pub right: ParcelRight,
    /// Who its holder is; none for a name that is not resolved yet.
    pub party: Option<Party>,
}

/// The golden person or legal person who holds a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    /// The kind.
    pub kind: Kind,
    /// The canonical id.
    pub id: EntityId,
    /// By what it was found.
    pub by: PartyFoundBy,
}

/// By what the holder of a right was found among people and legal persons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartyFoundBy {
    /// By its number.
    Number,
    /// By a registered name that one legal person alone bears; people are never found by name.
    Name,
}

impl PartyFoundBy {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Name => "name",
        }
    }
}
