//! Use cases: what needs a second person, or a second look.

use jiku_model::{EmergencyId, EntityId, Kind, ProposalId};

use crate::facade::{Alarm, AlarmView, EmergencyView, Expected, MergeOutcome, NewEmergency, Page, ProposalFilter, ProposalView};
use crate::read::proposals;
use crate::registry::{Registry, Result};
use crate::rights::{Right, require};
use crate::write::proposals as handed_over;
use crate::write::stewardship::Order;
use crate::{Actor, RegistryError, alarms, emergency};

/// Alarms.
impl Registry {
    /// Alarms after a position of the change log, in order, at most 1,000.
    pub fn alarms(&self, actor: &Actor, after: i64, limit: usize) -> Result<Vec<AlarmView>> {
        require(actor, Right::Alarms)?;
        alarms::list(&self.inner, after, limit)
    }

    /// Alarms, the latest first; `cursor` is `next` of the page before.
    pub fn latest_alarms(&self, actor: &Actor, limit: usize, cursor: Option<&str>) -> Result<Page<AlarmView>> {
        require(actor, Right::Alarms)?;
        alarms::latest(&self.inner, limit, cursor)
    }

    /// How many alarms of each sort this node has raised since it started.
    #[must_use]
    pub fn alarm_counts(&self) -> [(Alarm, u64); Alarm::ALL.len()] {
        self.inner.core.alarms.counts()
    }
}

/// Merges that one steward proposes and another approves.
impl Registry {
    /// Proposes a merge for another steward to approve.
    pub fn propose_merge(
        &self,
        actor: &Actor,
        kind: Kind,
        entities: &[EntityId],
        comment: Option<&str>,
        expected: &Expected,
    ) -> Result<ProposalView> {
        require(actor, Right::Steward)?;
        self.in_scope(actor, kind, entities)?;
        let (order, entities) = (Order::new(actor, comment, expected, false), entities.to_vec());
        self.inner.queue.act_alone(move |session| handed_over::propose(session, kind, &entities, &order))
    }

    /// Proposed merges, oldest first.
    pub fn proposals(&self, actor: &Actor, filter: &ProposalFilter) -> Result<Page<ProposalView>> {
        require(actor, Right::SeeReviews)?;
        proposals::list(&self.inner, actor, filter)
    }

    /// One proposed merge.
    pub fn proposal(&self, actor: &Actor, id: ProposalId) -> Result<ProposalView> {
        require(actor, Right::SeeReviews)?;
        proposals::one(&self.inner, actor, id)
    }

    /// Carries out what another steward proposed, exactly as they saw it.
    ///
    /// # Errors
    /// [`RegistryError::SameHands`] when the actor proposed it, also under another account; the conflict `proposal-stale` when
    /// an entity changed since, which ends the proposal.
    pub fn approve_proposal(&self, actor: &Actor, id: ProposalId, answer: Option<&str>) -> Result<MergeOutcome> {
        require(actor, Right::Steward)?;
        proposals::one(&self.inner, actor, id)?;
        let (by, words) = (actor.clone(), answer.map(str::to_owned));
        match self.inner.queue.act_alone(move |session| handed_over::approve(session, id, &by, words.as_deref())) {
            Ok((kind, outcome)) => self.shown_with(kind, actor, Ok(outcome)),
            Err(RegistryError::Stale { .. } | RegistryError::Conflict { code: "already-merged" | "retired" | "kept-apart", .. }) => {
                let by = actor.clone();
                self.inner.queue.act_alone(move |session| handed_over::give_up(session, id, &by))?;
                let message = "an entity changed since the merge was proposed; look at it again and propose anew";
                Err(RegistryError::conflict("proposal-stale", message))
            }
            Err(other) => Err(other),
        }
    }

    /// Ends a proposal without carrying it out: who proposed it takes it back, another steward rejects it.
    pub fn refuse_proposal(&self, actor: &Actor, id: ProposalId, answer: Option<&str>) -> Result<ProposalView> {
        require(actor, Right::Steward)?;
        proposals::one(&self.inner, actor, id)?;
        let (by, words) = (actor.clone(), answer.map(str::to_owned));
        self.inner.queue.act_alone(move |session| handed_over::refuse(session, id, &by, words.as_deref()))
    }
}

/// Access in an emergency.
impl Registry {
    /// Begins access beyond the actor's rights, for a stated reason and an hour at most.
    pub fn begin_emergency(&self, actor: &Actor, asked: &NewEmergency) -> Result<EmergencyView> {
        require(actor, Right::Read)?;
        emergency::begin(&self.inner, actor, asked)
    }

    /// The actor as far as an emergency of theirs reaches: they read that person or division in full, and do nothing else.
    pub fn in_emergency(&self, actor: &Actor, id: EmergencyId) -> Result<Actor> {
        emergency::entered(&self.inner, actor, id)
    }

    /// Ends an emergency of the actor's before its time; one that is over stays as it is.
    pub fn end_emergency(&self, actor: &Actor, id: EmergencyId) -> Result<EmergencyView> {
        emergency::end(&self.inner, actor, id)
    }

    /// Accesses in emergencies, the latest first.
    pub fn emergencies(&self, actor: &Actor, limit: usize, cursor: Option<&str>) -> Result<Page<EmergencyView>> {
        require(actor, Right::Audit)?;
        emergency::list(&self.inner, limit, cursor)
    }

    /// An auditor has looked at an emergency.
    pub fn review_emergency(&self, actor: &Actor, id: EmergencyId, finding: &str) -> Result<EmergencyView> {
        require(actor, Right::Audit)?;
        emergency::review(&self.inner, actor, id, finding)
    }
}
