//! Where somebody lives: street, town, postcode and region hang together and are compared as one.
//!
//! Who moves changes them all at once, and who lives in one house shares them all; compared one by one, the same fact would
//! count several times.

use super::columns::{Column, ColumnKind, Profile, Role};
use super::family::{self, among_family};
use super::propose::{address, code, comparison, level};
use crate::model_file::{ComparisonFile, LevelFile};

/// The columns of a table that say where somebody lives.
pub(super) struct Home<'a> {
    street: Option<&'a str>,
    place: Option<&'a str>,
    postcode: Option<&'a str>,
}

impl<'a> Home<'a> {
    /// Finds the columns: the first address, place and postcode. An address with neither stands alone.
    pub(super) fn of(profile: &'a Profile) -> Self {
        let first =
            |holds: &dyn Fn(&Column) -> bool| profile.columns.iter().find(|column| holds(column)).map(|column| column.field.as_str());
        let place = first(&|column| column.kind == ColumnKind::Name && !column.chinese && column.role == Some(Role::Place));
        let postcode = first(&|column| column.kind == ColumnKind::Postcode);
        let street =
            first(&|column| column.kind == ColumnKind::Address && !column.chinese).filter(|_| place.is_some() || postcode.is_some());
        Self { street, place, postcode }
    }

    fn leading(&self) -> Option<&'a str> {
        self.street.or(self.place).or(self.postcode)
    }

    /// Whether this is the column in whose place the comparison stands.
    pub(super) fn is_led_by(&self, column: &Column) -> bool {
        self.leading() == Some(&column.field)
    }

    /// Whether several columns are compared as one.
    pub(super) fn is_joint(&self) -> bool {
        [self.street, self.place, self.postcode].iter().flatten().count() > 1
    }

    /// Whether the column is part of the comparison.
    pub(super) fn has(&self, column: &Column) -> bool {
        [self.street, self.place, self.postcode].contains(&Some(column.field.as_str()))
    }

    /// Whether the table shows who lives together: by a home, an address or a phone.
    pub(super) fn tells_households(&self, profile: &Profile) -> bool {
        let shared = |column: &Column| matches!(column.kind, ColumnKind::Address | ColumnKind::Phone);
        self.street.is_some() || self.postcode.is_some() || profile.columns.iter().any(shared)
    }

    /// When two records could be compared by home: then their region says nothing more.
    pub(super) fn compared(&self) -> Option<String> {
        let parts: Vec<String> = [self.place, self.postcode].into_iter().flatten().map(|field| format!("both({field})")).collect();
        (!parts.is_empty()).then(|| parts.join(" or "))
    }

    /// The comparison.
    pub(super) fn comparison(&self) -> ComparisonFile {
        let fields: Vec<&str> = [self.street, self.place, self.postcode].into_iter().flatten().collect();
        let name = fields.join(" and ");
        let levels = match (self.street, self.place, self.postcode) {
            (Some(street), place, postcode) => street_levels(street, place, postcode),
            (None, Some(place), Some(postcode)) => among_family(place_and_postcode(place, postcode), &family::PLACE_AND_POSTCODE),
            (None, Some(place), None) => among_family(place_levels(place), &family::PLACE),
            (None, None, Some(postcode)) => code(postcode),
            (None, None, None) => address(""),
        };
        let mut comparison = comparison(&name, &fields, levels, self.leading());
        if fields.len() > 1 {
            comparison.applies = Some(fields.iter().map(|field| format!("both({field})")).collect::<Vec<_>>().join(" or "));
        }
        comparison
    }
}

fn alike(place: &str) -> String {
    format!("(jaro_winkler({place}) >= 0.88 or osa({place}) <= 2)")
}

fn street_levels(street: &str, place: Option<&str>, postcode: Option<&str>) -> Vec<LevelFile> {
    let near = |sign: &str| {
        let parts = [
            place.map(|place| format!("same({place})")),
            postcode.map(|postcode| format!("same({postcode})")),
            place.map(|place| format!("jaro_winkler({place}) >= 0.88")),
            postcode.map(|postcode| format!("osa({postcode}) <= 1")),
        ];
        format!("({})", parts.into_iter().flatten().collect::<Vec<_>>().join(sign))
    };
    let near = near(" or ");
    let similar = format!("(osa({street}) <= 2 or jaro_winkler({street}) >= 0.9 or similarity({street}) >= 0.8)");
    let both = [place, postcode].into_iter().flatten().map(|field| format!("same({field})")).collect::<Vec<_>>().join(" and ");
    let either: Vec<String> = [postcode, place].into_iter().flatten().map(|field| format!("same({field})")).collect();
    let place_alike = place.map(|place| level("place alike", &alike(place), 0.02, 0.02, 0.0));
    let levels = [
        Some(level("same street, place or postcode near", &format!("same({street}) and {near}"), 0.5, 1e-5, 1.0)),
        Some(level("street alike, place or postcode near", &format!("{similar} and {near}"), 0.12, 2e-5, 0.5)),
        Some(level("same street", &format!("same({street})"), 0.05, 3e-4, 1.0)),
        Some(level("street has words in common, place or postcode near", &format!("jaccard({street}) >= 0.5 and {near}"), 0.03, 1e-4, 0.0)),
        Some(level("other street, all else the same", &both, 0.06, 0.002, 0.0)),
        Some(level("street alike", &similar, 0.04, 0.003, 0.0)),
        Some(level("same postcode, or same place", &either.join(" or "), 0.06, 0.01, 0.0)),
        place_alike,
        Some(level("street has words in common", &format!("jaccard({street}) >= 0.5 or bigrams({street}) >= 0.6"), 0.02, 0.01, 0.0)),
        Some(level("different", "", 0.1, 0.95, 0.0)),
    ];
    let (levels, shares): (Vec<LevelFile>, Vec<f64>) =
        levels.into_iter().zip(family::HOME).filter_map(|(level, share)| Some((level?, share))).unzip();
    among_family(levels, &shares)
}

fn place_levels(f: &str) -> Vec<LevelFile> {
    vec![
        level("same", &format!("same({f})"), 0.7, 0.05, 1.0),
        level("one or two slips apart", &format!("length({f}) >= 4 and osa({f}) <= 2"), 0.12, 0.01, 0.5),
        level("alike", &format!("jaro_winkler({f}) >= 0.85"), 0.05, 0.01, 0.5),
        level("different", "", 0.13, 0.93, 0.0),
    ]
}

fn place_and_postcode(f: &str, p: &str) -> Vec<LevelFile> {
    let alike = alike(f);
    vec![
        level("same place and postcode", &format!("same({f}) and same({p})"), 0.6, 0.001, 1.0),
        level("same postcode, place alike", &format!("same({p}) and {alike}"), 0.1, 2e-4, 0.5),
        level("same place, postcode one slip apart", &format!("same({f}) and osa({p}) <= 1"), 0.08, 3e-4, 0.5),
        level("same postcode", &format!("same({p})"), 0.06, 0.002, 0.0),
        level("same place", &format!("same({f})"), 0.06, 0.004, 1.0),
        level("place and postcode alike", &format!("osa({p}) <= 1 and {alike}"), 0.02, 2e-4, 0.0),
        level("place alike", &alike, 0.03, 0.01, 0.0),
        level("postcode one slip apart", &format!("osa({p}) <= 1"), 0.02, 0.03, 0.0),
        level("different", "", 0.04, 0.95, 0.0),
    ]
}
