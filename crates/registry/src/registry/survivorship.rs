//! Use cases: the survivorship rules in use, and others in their place. Rules are of every record of their kind, and so for who reaches them
//! all.

use jiku_model::Kind;

use crate::facade::{ClauseView, RulesChange, RulesOutcome, RulesPreview, RulesView};
use crate::registry::{Registry, Result};
use crate::rights::{Right, require};
use crate::survivorship::{self, preview, view};
use crate::{Actor, scope};

impl Registry {
    /// The survivorship rules in use, or those of an earlier version, with all versions and how far golden records follow.
    pub fn survivorship(&self, actor: &Actor, kind: Kind, version: Option<i32>) -> Result<RulesView> {
        require(actor, Right::SeeReviews)?;
        scope::require_all(actor, kind)?;
        view::rules(&self.inner, kind, version)
    }

    /// What the rules say by which golden records are composed now, group by group: the words for the rule that chose a value, for whoever may
    /// see it. Nothing of any record is in them.
    #[must_use]
    pub fn clauses_in_use(&self, kind: Kind) -> Vec<ClauseView> {
        view::clauses(&self.inner.core.shelf(kind).rules())
    }

    /// What other rules would change, without changing anything. Nobody waits while it is computed; whose values are shown is traced.
    ///
    /// # Errors
    /// [`crate::RegistryError::Invalid`] names everything that is wrong with the file, each with its line.
    pub fn preview_survivorship(&self, actor: &Actor, kind: Kind, change: &RulesChange) -> Result<RulesPreview> {
        require(actor, Right::SeeReviews)?;
        require(actor, Right::Read)?;
        scope::require_all(actor, kind)?;
        self.shown(actor, preview::preview(&self.inner, actor, kind, change))
    }

    /// Puts other rules into use: from then on every golden record that is composed, on any node, is composed by them, and those that stand
    /// are composed anew in portions while others read and write. It is a decision in the ledger; putting an earlier version into use takes
    /// it back. With `expected`, only when that version is in use. Exactly the rules that are in use already change nothing.
    ///
    /// # Errors
    /// `survivorship-stale` when another version is in use than expected, [`crate::RegistryError::Invalid`] when the file cannot be used.
    pub fn apply_survivorship(
        &self,
        actor: &Actor,
        kind: Kind,
        change: &RulesChange,
        expected: Option<i32>,
        comment: Option<&str>,
    ) -> Result<RulesOutcome> {
        require(actor, Right::Models)?;
        scope::require_all(actor, kind)?;
        survivorship::apply(&self.inner, actor, kind, change, expected, comment)
    }
}
