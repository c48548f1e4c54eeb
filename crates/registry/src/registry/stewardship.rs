//! Use cases: what stewards see and decide.

use jiku_model::{DecisionId, EntityId, Kind, TaskId, Timestamp, Verdict};

use crate::facade::{
    Assignees, DecisionCount, DecisionFilter, DecisionView, Expected, MergeOutcome, OverrideView, Page, ReviewFilter, ReviewView, Unmerge,
};
use crate::read::{decisions, reviews};
use crate::registry::{Registry, Result};
use crate::rights::{Right, require};
use crate::write::stewardship::Order;
use crate::write::{assignment, overrides, stewardship};
use crate::{Actor, FieldUse, scope};

impl Registry {
    /// Review tasks by priority, then oldest first.
    pub fn reviews(&self, actor: &Actor, filter: &ReviewFilter) -> Result<Page<ReviewView>> {
        require(actor, Right::SeeReviews)?;
        self.shown(actor, reviews::reviews(&self.inner, actor, filter))
    }

    /// The id of the first task that fits, after the filter's cursor.
    pub fn next_review(&self, actor: &Actor, filter: &ReviewFilter) -> Result<Option<TaskId>> {
        require(actor, Right::SeeReviews)?;
        reviews::next(&self.inner, actor, filter)
    }

    /// One review task with its evidence.
    pub fn review(&self, actor: &Actor, task: TaskId) -> Result<ReviewView> {
        require(actor, Right::SeeReviews)?;
        self.shown(actor, reviews::review(&self.inner, actor, task))
    }

    /// Which other stewards a task could be given to.
    pub fn assignees(&self, actor: &Actor, task: TaskId) -> Result<Assignees> {
        require(actor, Right::Steward)?;
        assignment::assignees(&self.inner, actor, task)
    }

    /// Takes a task, gives it to another steward, or gives it back.
    pub fn assign_review(&self, actor: &Actor, task: TaskId, to: Option<&str>) -> Result<()> {
        require(actor, Right::Steward)?;
        assignment::assign(&self.inner, actor, task, to)
    }

    /// Decides a review task. With `dry_run` nothing is written and everything that would be touched is told.
    pub fn judge(
        &self,
        actor: &Actor,
        task: TaskId,
        verdict: Verdict,
        comment: Option<&str>,
        expected: &Expected,
        dry_run: bool,
    ) -> Result<MergeOutcome> {
        require(actor, Right::Steward)?;
        if actor.limits.is_scoped() {
            self.review(actor, task)?;
        }
        let order = Order::new(actor, comment, expected, dry_run);
        let (kind, outcome) = self.inner.queue.act_alone(move |session| stewardship::judge(session, task, verdict, &order))?;
        self.shown_decided(kind, actor, "judge", Ok(outcome))
    }

    /// Makes several entities one. With `dry_run` nothing is written and everything that would be touched is told.
    pub fn merge(
        &self,
        actor: &Actor,
        kind: Kind,
        entities: &[EntityId],
        comment: Option<&str>,
        expected: &Expected,
        dry_run: bool,
    ) -> Result<MergeOutcome> {
        require(actor, Right::Steward)?;
        self.in_scope(actor, kind, entities)?;
        let (order, entities) = (Order::new(actor, comment, expected, dry_run), entities.to_vec());
        let outcome = self.inner.queue.act_alone(move |session| stewardship::merge(session, kind, &entities, &order));
        self.shown_decided(kind, actor, "merge", outcome)
    }

    /// Undoes a decision, or takes chosen records out of an entity.
    pub fn unmerge(
        &self,
        actor: &Actor,
        kind: Kind,
        what: &Unmerge,
        comment: Option<&str>,
        expected: &Expected,
        dry_run: bool,
    ) -> Result<MergeOutcome> {
        require(actor, Right::Steward)?;
        match what {
            Unmerge::Records { entity, .. } => self.in_scope(actor, kind, &[*entity])?,
            Unmerge::Decision(decision) => self.decision_in_scope(actor, kind, *decision)?,
        }
        let what = match what {
            Unmerge::Records { entity, records } => {
                Unmerge::Records { entity: *entity, records: records.iter().map(|key| self.uncovered(key)).collect() }
            }
            Unmerge::Decision(decision) => Unmerge::Decision(*decision),
        };
        let order = Order::new(actor, comment, expected, dry_run);
        let outcome = self.inner.queue.act_alone(move |session| stewardship::unmerge(session, kind, &what, &order));
        self.shown_decided(kind, actor, "unmerge", outcome)
    }

    /// The decisions that touched an entity, newest first.
    pub fn decisions(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<DecisionView>> {
        require(actor, Right::SeeReviews)?;
        self.shown(actor, reviews::decisions(&self.inner, actor, kind, id))
    }

    /// Decisions of stewards, the latest first.
    pub fn recent_decisions(&self, actor: &Actor, filter: &DecisionFilter) -> Result<Page<DecisionView>> {
        require(actor, Right::SeeReviews)?;
        self.shown(actor, decisions::recent(&self.inner, actor, filter))
    }

    /// One decision.
    pub fn decision(&self, actor: &Actor, id: DecisionId) -> Result<DecisionView> {
        require(actor, Right::SeeReviews)?;
        self.shown(actor, decisions::one(&self.inner, actor, id))
    }

    /// How many decisions everybody made since a moment, by principal and kind of act; their own alone for who reaches only a part.
    pub fn decision_counts(&self, actor: &Actor, since: Timestamp) -> Result<Vec<DecisionCount>> {
        require(actor, Right::SeeReviews)?;
        let mut counts = decisions::counts(&self.inner, since)?;
        counts.retain(|count| !actor.limits.is_scoped() || count.actor == actor.principal);
        Ok(counts)
    }

    /// Sets a golden value by hand; it stands until it is released. With `dry_run` nothing is written and the golden record is told as it
    /// would be.
    #[expect(clippy::too_many_arguments, reason = "each is one word of the sentence")]
    pub fn override_value(
        &self,
        actor: &Actor,
        kind: Kind,
        id: EntityId,
        column: &str,
        value: &str,
        reason: &str,
        expected: &Expected,
        dry_run: bool,
    ) -> Result<MergeOutcome> {
        require(actor, Right::Steward)?;
        self.in_scope(actor, kind, &[id])?;
        scope::require_field(actor, FieldUse::Write, kind, column)?;
        let (order, column, value) = (Order::new(actor, Some(reason), expected, dry_run), column.to_owned(), value.to_owned());
        let outcome = self.inner.queue.act_alone(move |session| overrides::set(session, kind, id, &column, &value, &order));
        self.shown_decided(kind, actor, "override", outcome)
    }

    /// Releases every value set by hand for this column. With `dry_run` nothing is written and the golden record is told as it would be.
    #[expect(clippy::too_many_arguments, reason = "each is one word of the sentence")]
    pub fn release_override(
        &self,
        actor: &Actor,
        kind: Kind,
        id: EntityId,
        column: &str,
        reason: &str,
        expected: &Expected,
        dry_run: bool,
    ) -> Result<MergeOutcome> {
        require(actor, Right::Steward)?;
        self.in_scope(actor, kind, &[id])?;
        scope::require_field(actor, FieldUse::Write, kind, column)?;
        let (order, column) = (Order::new(actor, Some(reason), expected, dry_run), column.to_owned());
        let outcome = self.inner.queue.act_alone(move |session| overrides::release(session, kind, id, &column, &order));
        self.shown_decided(kind, actor, "release", outcome)
    }

    /// The values set by hand, newest first.
    pub fn overrides(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<OverrideView>> {
        require(actor, Right::SeeReviews)?;
        self.shown_with(kind, actor, reviews::overrides(&self.inner, actor, kind, id))
    }
}
