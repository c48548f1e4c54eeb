//! How do the names of two organisations stand to one another?

use super::{OrganisationName, comparison_key, normalise, parse};
use crate::divisions;
use crate::look_alikes::{self, CharacterRelation};

/// How two names stand to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrganisationRelation {
    /// One name, but for 责任 in the form.
    Same,
    /// The division with or without 市, 省, or missing on one side.
    DivisionVariant,
    /// Another form of company: usually one that was converted.
    Conversion,
    /// One character that looks or sounds like the other's.
    OneCharacter,
    /// The trade name and industry alone on one side.
    ShortName,
    /// One is a branch of the other or of the same parent.
    Branch,
    /// The division stands in front on one side and in brackets on the other.
    DivisionInBrackets,
    /// The same trade name elsewhere.
    OtherDivision,
    /// No relation.
    Different,
}

impl OrganisationRelation {
    /// Whether a matcher should look at the pair when other evidence agrees.
    #[must_use]
    pub const fn is_candidate(self) -> bool {
        matches!(self, Self::Same | Self::DivisionVariant | Self::Conversion | Self::OneCharacter | Self::ShortName)
    }
}

/// Relates two names; they need not be normalised. Symmetric.
#[must_use]
pub fn relate(left: &str, right: &str) -> OrganisationRelation {
    let (left, right) = (comparison_key(&normalise(left)), comparison_key(&normalise(right)));
    if left == right {
        return OrganisationRelation::Same;
    }
    let (a, b) = (parse(&left), parse(&right));
    if a.branch != b.branch {
        return if a.trade_name == b.trade_name { OrganisationRelation::Branch } else { OrganisationRelation::Different };
    }
    if differ_by_one_look_alike(&left, &right) {
        return OrganisationRelation::OneCharacter;
    }
    if a.trade_name != b.trade_name {
        return OrganisationRelation::Different;
    }
    if a.has_division_in_brackets() != b.has_division_in_brackets() && !a.division.is_empty() && !b.division.is_empty() {
        return OrganisationRelation::DivisionInBrackets;
    }
    if are_apart(&a, &b) {
        return OrganisationRelation::OtherDivision;
    }
    match (a.industry == b.industry, a.form == b.form) {
        (true, true) => OrganisationRelation::DivisionVariant,
        (true, false) if a.form.is_empty() || b.form.is_empty() => OrganisationRelation::ShortName,
        (true, false) => OrganisationRelation::Conversion,
        (false, _) if a.form.is_empty() || b.form.is_empty() => OrganisationRelation::ShortName,
        (false, _) => OrganisationRelation::Different,
    }
}

/// Whether both tell a division and neither lies in the other.
fn are_apart(a: &OrganisationName<'_>, b: &OrganisationName<'_>) -> bool {
    match (a.division_code, b.division_code) {
        (Some(a), Some(b)) => !divisions::is_within(a, b) && !divisions::is_within(b, a),
        _ => false,
    }
}

fn differ_by_one_look_alike(left: &str, right: &str) -> bool {
    if left.chars().count() != right.chars().count() {
        return false;
    }
    let mut differing = left.chars().zip(right.chars()).filter(|(a, b)| a != b);
    let (Some((a, b)), None) = (differing.next(), differing.next()) else { return false };
    // 枝 for 技: the list of look-alikes is short, a shared reading without tone is the other usual slip.
    look_alikes::relate(a, b) != CharacterRelation::Different || share_component(a, b)
}

/// Pairs that differ in the radical only and occur in industry words.
fn share_component(a: char, b: char) -> bool {
    const PAIRS: [(char, char); 6] = [('技', '枝'), ('科', '料'), ('贸', '贺'), ('限', '根'), ('工', '土'), ('贷', '货')];
    PAIRS.contains(&(a, b)) || PAIRS.contains(&(b, a))
}
