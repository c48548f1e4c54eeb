//! Which survivorship rules are in use, and what would others change?

use std::collections::BTreeMap;

use jiku_model::{DecisionId, EntityId, Kind, Timestamp};

use super::ValueView;

/// The survivorship rules (存活规则) of a kind: those in use, or those of an earlier version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesView {
    /// The kind.
    pub kind: Kind,
    /// The version that is in use: what a change expects.
    pub in_use: i32,
    /// The version this is.
    pub version: RulesVersionView,
    /// The file as it was put into use.
    pub toml: String,
    /// What it says, group by group, and last what it says of every other attribute.
    pub clauses: Vec<ClauseView>,
    /// What may be a slip: source systems that nobody registered.
    pub warnings: Vec<RulesRemark>,
    /// How far the golden records are composed by the version in use; none when all are.
    pub composing: Option<Composing>,
    /// Every version there is, newest first.
    pub versions: Vec<RulesVersionView>,
}

/// How far golden records are composed anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Composing {
    /// How many golden records the rules could change when they came into use.
    pub of: u64,
    /// How many of these were composed anew.
    pub composed: u64,
    /// How many of these changed.
    pub changed: u64,
}

/// A version of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesVersionView {
    /// Counted from 1.
    pub version: i32,
    /// Whether it is the one in use.
    pub active: bool,
    /// Since when it was in use.
    pub created_at: Timestamp,
    /// Who put it into use.
    pub actor: String,
    /// The decision that put it into use; none for what came with the service.
    pub decision: Option<DecisionId>,
    /// Why it was put into use.
    pub comment: Option<String>,
    /// SHA-256 of the file, in hexadecimal digits.
    pub digest: String,
    /// How many golden records changed.
    pub changed: u64,
    /// When the last golden record was composed by it; none when it is not that far, or another version came into use before.
    pub composed_at: Option<Timestamp>,
}

/// How the values of some attributes are chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseView {
    /// The attributes, which come together from one record; none for all that no other clause names, each by itself.
    pub columns: Vec<String>,
    /// What decides, one after the other.
    pub order: Vec<&'static str>,
    /// How far these sources are trusted here instead of the trust that each has, by code.
    pub trust: BTreeMap<String, u8>,
    /// Values of the first attribute that nothing later undoes, the most final one first.
    pub final_values: Vec<String>,
    /// The attribute that lists former values of the first.
    pub former: Option<String>,
    /// What says that a record is of the past.
    pub past: Option<PastView>,
}

/// What says that a record is of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastView {
    /// The attribute that says it.
    pub column: String,
    /// By these values.
    pub values: Vec<String>,
    /// Or by one that another record lists here as a former one.
    pub former: Option<String>,
}

/// What is found in a file of rules that is no error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesRemark {
    /// The line, counted from 1.
    pub line: usize,
    /// What is there, and what may have been meant.
    pub message: String,
}

/// The largest file of rules, in bytes: a hundred times what comes with the service, and every page and command can show and send it.
pub const MAX_RULES_BYTES: usize = 256 * 1024;

/// What to put into use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RulesChange {
    /// A file of rules, of at most [`MAX_RULES_BYTES`].
    File(String),
    /// A version that was in use before.
    Version(i32),
}

/// What other rules would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesPreview {
    /// The kind.
    pub kind: Kind,
    /// The version in use that it was compared with.
    pub version: i32,
    /// SHA-256 of the file looked at, in hexadecimal digits.
    pub digest: String,
    /// What the file says, group by group.
    pub clauses: Vec<ClauseView>,
    /// What may be a slip.
    pub warnings: Vec<RulesRemark>,
    /// How many golden records any rules can change: those of several records, or with a value set by hand.
    pub looked_at: u64,
    /// How many of these would get a new version.
    pub changed: u64,
    /// What would change, by attribute.
    pub attributes: Vec<AttributeChange>,
    /// Some golden records with another value, a few for each attribute.
    pub examples: Vec<RulesExample>,
}

/// How often an attribute would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttributeChange {
    /// The attribute.
    pub column: String,
    /// Golden records that would have another value, none, or one for the first time.
    pub values: u64,
    /// Golden records that would say the same, from another record or by another rule.
    pub provenance: u64,
}

/// An attribute of a golden record that would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesExample {
    /// The canonical id.
    pub entity: EntityId,
    /// The attribute.
    pub column: String,
    /// What is said now.
    pub now: Option<ValueView>,
    /// What would be said.
    pub then: Option<ValueView>,
}

/// What came of putting rules into use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesOutcome {
    /// The kind.
    pub kind: Kind,
    /// The version that is in use now.
    pub version: i32,
    /// SHA-256 of its file, in hexadecimal digits.
    pub digest: String,
    /// The decision in the ledger; none when exactly these rules were in use already, and nothing was written.
    pub decision: Option<DecisionId>,
    /// What may be a slip.
    pub warnings: Vec<RulesRemark>,
    /// How many golden records are looked at, in portions, from now on.
    pub to_compose: u64,
    /// The change-log position after it.
    pub position: i64,
}
