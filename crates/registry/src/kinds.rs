//! Which kinds of entity does the service keep?
//!
//! The one place where an entity crate is registered.

use jiku_model::{Column, EntityKind, Kind, ParseContext, Problem, RawRecord};

/// What the entity crate of a kind brings.
pub(crate) fn noun(kind: Kind) -> &'static dyn EntityKind {
    match kind {
        Kind::Person => &jiku_person::People,
        Kind::LegalPerson => &jiku_legal_person::LegalPersons,
        Kind::Parcel => &jiku_parcel::Parcels,
    }
}

/// The standard columns of a kind, with their titles and sensitivity.
#[must_use]
pub fn columns(kind: Kind) -> &'static [Column] {
    noun(kind).columns()
}

/// Columns of parcels that only the service writes.
#[must_use]
pub const fn computed_parcel_columns() -> &'static [&'static str] {
    &jiku_parcel::edit::COMPUTED
}

/// What is wrong with a record as it would be read now; nothing is stored.
#[must_use]
pub fn inspect(kind: Kind, raw: &RawRecord) -> Vec<Problem> {
    noun(kind).parse(raw, &ParseContext { today: chrono::Utc::now().date_naive() }).problems
}
