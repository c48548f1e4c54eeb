//! Which criteria choose a value, and in which order?

mod check;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::check::{Remark, Vocabulary};

/// How far sources are trusted by their codes, 0 to 100, where it is said other than the source's own trust.
pub(crate) type Trusts = BTreeMap<String, u8>;

/// What makes one value better than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Criterion {
    /// The trust in the source system: higher is better.
    Trust,
    /// When the value began to hold in the world (`valid_from`), or else when it was received: later is better.
    Recency,
    /// How much is said: more columns of the group, then the longer text (`1980-04-06` over `1980`).
    Completeness,
    /// How many members say the same: more is better.
    Frequency,
    /// Whether the record carries a verified identifier: yes is better.
    Verified,
    /// Whether no member calls the value a former one: yes is better. The group names the column of former values under `former`.
    Current,
    /// Whether no part of the value was lost on its way (a sign for a character that could not be written, a name cut off in the middle
    /// of 有限公司): yes is better.
    Intact,
    /// Whether the record does not say that its values are of the past, of itself (moved away) or by going on under a former name: yes is
    /// better. The group names the column, and the values or the column of former values, under `past`.
    Present,
    /// Whether the value is one that nothing later undoes (death): yes is better, and of two such values the one that the group lists first
    /// under `final`.
    Final,
}

impl Criterion {
    /// Every criterion.
    pub(crate) const ALL: [Self; 9] = [
        Self::Trust,
        Self::Recency,
        Self::Completeness,
        Self::Frequency,
        Self::Verified,
        Self::Current,
        Self::Intact,
        Self::Present,
        Self::Final,
    ];

    /// The word in TOML and in a value's provenance.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trust => "trust",
            Self::Recency => "recency",
            Self::Completeness => "completeness",
            Self::Frequency => "frequency",
            Self::Verified => "verified",
            Self::Current => "current",
            Self::Intact => "intact",
            Self::Present => "present",
            Self::Final => "final",
        }
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Survivorship rules (存活规则) of one kind, as a steward reads them:
///
/// ```toml
/// name = "person"
/// version = 1
///
/// [default]                            # every attribute that no group names
/// order = ["verified", "trust", "recency", "frequency"]
///
/// [[attribute]]                        # these move together, all from one record
/// columns = ["address", "division"]    # the first is the one that must be there
/// order = ["recency", "trust"]
///
/// [[attribute]]
/// columns = ["marital_status"]
/// order = ["trust", "recency"]
/// trust = { minzheng = 100, gongan = 60 }   # of these sources, for these attributes, instead of the trust that a source has
///
/// [[attribute]]
/// columns = ["status"]
/// order = ["trust", "final", "recency"]
/// final = ["deceased"]                 # of the first column: what nothing later undoes, the most final value first
///
/// [[attribute]]
/// columns = ["name"]
/// order = ["trust", "current", "recency"]
/// former = "former_name"               # the column that lists values of before, parted by semicolons
///
/// [[attribute]]
/// columns = ["phone"]
/// order = ["present", "recency"]
/// past = { column = "status", values = ["moved-away"] }
///
/// [[attribute]]
/// columns = ["legal_representative"]
/// order = ["trust", "present", "recency"]
/// past = { column = "name", former = "former_name" }   # a copy under a former name is of the time of that name
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// What the rules are for.
    name: String,
    /// Which edition they are.
    version: u32,
    /// The order for every attribute no group names.
    default: DefaultOrder,
    /// The groups.
    #[serde(default, rename = "attribute")]
    attributes: Vec<Group>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DefaultOrder {
    pub(crate) order: Vec<Criterion>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) trust: Trusts,
}

/// Attributes that are chosen together, from one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Group {
    pub(crate) columns: Vec<String>,
    pub(crate) order: Vec<Criterion>,
    /// How far these sources are trusted for these attributes, instead of the trust that each has.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) trust: Trusts,
    /// Values of the first column that nothing later undoes, the most final one first.
    #[serde(default, rename = "final", skip_serializing_if = "Vec::is_empty")]
    pub(crate) final_values: Vec<String>,
    /// The column that lists former values of the first column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) former: Option<String>,
    /// What a record says of itself whose values are of the past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) past: Option<Past>,
}

/// The values of a column that say that a record is of the past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Past {
    pub(crate) column: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) values: Vec<String>,
    /// The column in which the members list former values of `column`: who still says one of them speaks of the past.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) former: Option<String>,
}

/// The rules cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// Not the expected TOML.
    #[error("survivorship rules are not readable")]
    Syntax(#[from] toml::de::Error),
    /// A list that must not be empty is.
    #[error("an attribute group needs at least one attribute under columns and one rule under order")]
    Empty,
    /// The criterion `final` and the list of final values belong together.
    #[error("an attribute group with the rule \"final\" lists its final values under final = [...], and only such a group does")]
    Final,
    /// The criterion `current` and the column of former values belong together.
    #[error(
        "an attribute group with the rule \"current\" names the column of former values under former = \"...\", and only such a group does"
    )]
    Former,
    /// The criterion `present` and what is past belong together.
    #[error(
        "an attribute group with the rule \"present\" says what is past under past = {{ column = \"...\", values = [...] }} or former = \"...\", and only such a group does"
    )]
    Past,
    /// Nothing asks for the trust that is given.
    #[error("how far sources are trusted is said only where the rule \"trust\" is in the order")]
    Trust,
    /// A trust beyond the scale.
    #[error("a trust is a whole number from 0 to 100, got {trust} for {source_code:?}")]
    Beyond {
        /// The source.
        source_code: String,
        /// Its trust.
        trust: u8,
    },
    /// A column is named in two places.
    #[error("column {0:?} is named by two attribute groups")]
    Twice(String),
}

impl Rules {
    /// Reads rules from TOML.
    ///
    /// # Errors
    /// When the text is no such TOML, a group is empty, or a column stands in two groups.
    pub fn from_toml(text: &str) -> Result<Self, RulesError> {
        let rules: Self = toml::from_str(text)?;
        let mut seen = std::collections::BTreeSet::new();
        for group in &rules.attributes {
            group.check()?;
            for column in &group.columns {
                if !seen.insert(column) {
                    return Err(RulesError::Twice(column.clone()));
                }
            }
        }
        rules.default.check()?;
        Ok(rules)
    }

    /// What the rules are for.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which edition they are.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    pub(crate) fn groups(&self) -> &[Group] {
        &self.attributes
    }

    pub(crate) const fn default(&self) -> &DefaultOrder {
        &self.default
    }

    /// What the rules say, group by group in the order of the file, and last what they say of every other attribute.
    pub fn clauses(&self) -> impl Iterator<Item = Clause<'_>> {
        let rest =
            Clause { columns: &[], order: &self.default.order, trust: &self.default.trust, final_values: &[], former: None, past: None };
        self.attributes.iter().map(Group::clause).chain([rest])
    }
}

/// How the values of some attributes are chosen.
#[derive(Clone, Copy, Debug)]
pub struct Clause<'a> {
    /// The attributes, which are chosen together from one record; none for all that no other clause names, each by itself.
    pub columns: &'a [String],
    /// What decides, one after the other.
    pub order: &'a [Criterion],
    /// How far these sources are trusted here, by code, instead of the trust that each has.
    pub trust: &'a BTreeMap<String, u8>,
    /// Values of the first attribute that nothing later undoes, the most final one first.
    pub final_values: &'a [String],
    /// The attribute that lists former values of the first.
    pub former: Option<&'a str>,
    /// What says that a record is of the past: an attribute, the values of it that say so, and the attribute of its former values.
    pub past: Option<(&'a str, &'a [String], Option<&'a str>)>,
}

impl DefaultOrder {
    fn check(&self) -> Result<(), RulesError> {
        if self.order.is_empty() {
            return Err(RulesError::Empty);
        }
        if self.order.contains(&Criterion::Final) {
            return Err(RulesError::Final);
        }
        if self.order.contains(&Criterion::Current) {
            return Err(RulesError::Former);
        }
        if self.order.contains(&Criterion::Present) {
            return Err(RulesError::Past);
        }
        check_trust(&self.order, &self.trust)
    }
}

impl Group {
    fn clause(&self) -> Clause<'_> {
        Clause {
            columns: &self.columns,
            order: &self.order,
            trust: &self.trust,
            final_values: &self.final_values,
            former: self.former.as_deref(),
            past: self.past.as_ref().map(|past| (past.column.as_str(), past.values.as_slice(), past.former.as_deref())),
        }
    }

    fn check(&self) -> Result<(), RulesError> {
        if self.columns.is_empty() || self.order.is_empty() {
            return Err(RulesError::Empty);
        }
        if self.final_values.is_empty() == self.order.contains(&Criterion::Final) {
            return Err(RulesError::Final);
        }
        if self.former.is_none() == self.order.contains(&Criterion::Current) {
            return Err(RulesError::Former);
        }
        let tells_past = self.past.as_ref().is_some_and(|past| !past.values.is_empty() || past.former.is_some());
        if tells_past != self.order.contains(&Criterion::Present) {
            return Err(RulesError::Past);
        }
        check_trust(&self.order, &self.trust)
    }
}

fn check_trust(order: &[Criterion], trust: &Trusts) -> Result<(), RulesError> {
    if !trust.is_empty() && !order.contains(&Criterion::Trust) {
        return Err(RulesError::Trust);
    }
    match trust.iter().find(|(_, trust)| **trust > 100) {
        Some((source, trust)) => Err(RulesError::Beyond { source_code: source.clone(), trust: *trust }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, reason: &str) {
        assert_eq!(Rules::from_toml(text).expect_err("must be refused").to_string(), reason);
    }

    #[test]
    fn rules_that_cannot_mean_anything_are_refused() {
        let head = "name='x'\nversion=1\n";
        refused(&format!("{head}[default]\norder=['luck']"), "survivorship rules are not readable");
        refused(
            &format!("{head}[default]\norder=[]"),
            "an attribute group needs at least one attribute under columns and one rule under order",
        );
        refused(
            &format!("{head}[default]\norder=['trust']\n[[attribute]]\ncolumns=[]\norder=['trust']"),
            "an attribute group needs at least one attribute under columns and one rule under order",
        );
        refused(
            &format!(
                "{head}[default]\norder=['trust']\n[[attribute]]\ncolumns=['a','b']\norder=['trust']\n[[attribute]]\ncolumns=['b']\norder=['trust']"
            ),
            "column \"b\" is named by two attribute groups",
        );
    }

    #[test]
    fn final_values_and_their_criterion_belong_together() {
        let reason = "an attribute group with the rule \"final\" lists its final values under final = [...], and only such a group does";
        let head = "name='x'\nversion=1\n[default]\norder=['trust']\n[[attribute]]\ncolumns=['status']\n";
        refused(&format!("{head}order=['final']"), reason);
        refused(&format!("{head}order=['trust']\nfinal=['deceased']"), reason);
        refused("name='x'\nversion=1\n[default]\norder=['final']", reason);
        assert!(Rules::from_toml(&format!("{head}order=['trust','final']\nfinal=['deceased']")).is_ok());
    }

    #[test]
    fn the_criteria_are_written_as_they_are_printed() {
        let text = "name='x'\nversion=2\n[default]\norder=['trust','recency','completeness','frequency','verified']";
        let rules = Rules::from_toml(text).expect("valid");
        let printed: Vec<_> = rules.default().order.iter().map(ToString::to_string).collect();
        assert_eq!(printed, ["trust", "recency", "completeness", "frequency", "verified"]);
        assert_eq!((rules.name(), rules.version()), ("x", 2));
    }
}
