//! Use cases: the match model in use, and another one in its place. A model is of every record of its kind, and so for who reaches them all.

use std::collections::{BTreeMap, BTreeSet};

use jiku_model::Kind;

use crate::facade::{ModelChange, ModelOutcome, ModelView, ThresholdPreview};
use crate::read::{models, preview};
use crate::registry::{Registry, Result};
use crate::rights::{Right, require};
use crate::{Actor, generic, remodel, scope};

impl Registry {
    /// The match model in use: what it compares, what its thresholds mean for the pairs known, and how stewards agree with it.
    pub fn model(&self, actor: &Actor, kind: Kind) -> Result<ModelView> {
        require(actor, Right::SeeReviews)?;
        scope::require_all(actor, kind)?;
        models::model(&self.inner, kind)
    }

    /// What other thresholds would change, without changing anything; without `review` the one in use stays.
    pub fn preview_thresholds(&self, actor: &Actor, kind: Kind, link: f32, review: Option<f32>) -> Result<ThresholdPreview> {
        self.preview_model(actor, kind, &ModelChange::Thresholds { link, review })
    }

    /// What a change of the model would change, without changing anything. Nobody waits while it is computed.
    pub fn preview_model(&self, actor: &Actor, kind: Kind, change: &ModelChange) -> Result<ThresholdPreview> {
        require(actor, Right::SeeReviews)?;
        scope::require_all(actor, kind)?;
        preview::preview(&self.inner, kind, change)
    }

    /// Puts another model into use: what it says otherwise is judged again, clusters, golden records and review tasks follow, ids
    /// stay where most records stay. It is a decision in the ledger; applying an earlier version takes it back. With
    /// `expected`, only when that version is in use. Others read and write while the model is asked, and wait while the
    /// difference is written.
    ///
    /// # Errors
    /// `model-stale` when another version is in use than expected, [`RegistryError::Invalid`] when the model cannot be used.
    pub fn apply_model(
        &self,
        actor: &Actor,
        kind: Kind,
        change: &ModelChange,
        expected: Option<i32>,
        comment: Option<&str>,
    ) -> Result<ModelOutcome> {
        require(actor, Right::Models)?;
        scope::require_all(actor, kind)?;
        let outcome = remodel::apply(&self.inner.core, actor, kind, change, expected, comment)?;
        self.inner.loads.count(&self.inner.core, kind);
        Ok(outcome)
    }

    /// Values that turned out to stand for nobody in particular: as blocking keys they are shared by more records than the model
    /// allows.
    pub fn generic_values(&self, actor: &Actor, kind: Kind) -> Result<BTreeMap<String, BTreeSet<String>>> {
        require(actor, Right::Models)?;
        scope::require_all(actor, kind)?;
        Ok(generic::values(&self.inner.core, kind))
    }

    /// Takes the decisions again that leaned on values which turned out to be generic; nothing when there are none. It happens by
    /// itself at the end of each import, and soon after a record that came by itself brought one name too many to a number.
    pub fn redo(&self, actor: &Actor, kind: Kind) -> Result<Option<ModelOutcome>> {
        require(actor, Right::Models)?;
        scope::require_all(actor, kind)?;
        let outcome = generic::redo(&self.inner.core, actor, kind)?;
        self.inner.loads.count(&self.inner.core, kind);
        Ok(outcome)
    }
}
