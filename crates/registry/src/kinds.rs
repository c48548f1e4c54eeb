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

/// What a code in a column of a kind is called, in Chinese and in English; none when the value is no code, and an empty
/// English name when its list has none.
#[must_use]
pub fn code_name(kind: Kind, column: &str, value: &str) -> Option<(String, &'static str)> {
    noun(kind).code_name(column, value)
}

/// What is wrong with a record as it would be read now; nothing is stored.
#[must_use]
pub fn inspect(kind: Kind, raw: &RawRecord) -> Vec<Problem> {
    noun(kind).parse(raw, &ParseContext { today: jiku_model::civil_day(chrono::Utc::now()) }).problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_names_and_other_values_none() {
        for (kind, column, value, expected) in [
            (Kind::Person, "sex", "1", Some(("男性", "male"))),
            (Kind::Person, "division", "440106", Some(("广东省广州市天河区", ""))),
            (Kind::LegalPerson, "division", "999999", None),
            (Kind::Parcel, "land_use", "0701", Some(("城镇住宅用地", "Urban residential"))),
            (Kind::Person, "name", "1", None),
        ] {
            let got = code_name(kind, column, value);
            assert_eq!(got.as_ref().map(|(zh, en)| (zh.as_str(), *en)), expected, "{column} {value}");
        }
    }
}
