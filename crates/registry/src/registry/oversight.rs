//! Use cases: what needs a second person, or a second look.

use jiku_model::{EmergencyId, EntityId, ExportId, Kind, ProposalId, RecordKey};

use crate::facade::{
    Alarm, AlarmView, EmergencyView, EntityView, Expected, ExportView, Include, MergeOutcome, NewEmergency, NewExport, Page,
    ProposalFilter, ProposalView, Watermark,
};
use crate::read::{find, proposals};
use crate::registry::{Registry, Result};
use crate::rights::{Right, require};
use crate::shown::Sight;
use crate::write::proposals as handed_over;
use crate::write::stewardship::Order;
use crate::{Actor, RegistryError, alarms, emergency, exports};

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
            Ok((kind, outcome)) => self.shown_decided(kind, actor, "merge", Ok(outcome)),
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

    /// Accesses in emergencies to whom the actor's scope reaches, the latest first; a page may hold fewer than were asked for.
    pub fn emergencies(&self, actor: &Actor, limit: usize, cursor: Option<&str>) -> Result<Page<EmergencyView>> {
        require(actor, Right::Audit)?;
        emergency::list(&self.inner, actor, limit, cursor)
    }

    /// An auditor has looked at an emergency.
    pub fn review_emergency(&self, actor: &Actor, id: EmergencyId, finding: &str) -> Result<EmergencyView> {
        require(actor, Right::Audit)?;
        emergency::review(&self.inner, actor, id, finding)
    }
}

/// Everything of a kind as a file.
impl Registry {
    /// Asks for an export of personal values in full, or of more people than a day's quota; a security administrator approves it.
    pub fn ask_for_export(&self, actor: &Actor, asked: &NewExport) -> Result<ExportView> {
        require(actor, Right::Export)?;
        exports::ask(&self.inner, actor, asked)
    }

    /// Exports that were asked for, the latest first: the actor's own, or all for security administrators and auditors.
    pub fn exports(&self, actor: &Actor, limit: usize, cursor: Option<&str>) -> Result<Page<ExportView>> {
        if !Right::Alarms.is_held_by(actor) {
            require(actor, Right::Export)?;
        }
        exports::list(&self.inner, actor, limit, cursor)
    }

    /// One export that was asked for, as [`Registry::exports`] shows them.
    pub fn export_request(&self, actor: &Actor, id: ExportId) -> Result<Option<ExportView>> {
        if !Right::Alarms.is_held_by(actor) {
            require(actor, Right::Export)?;
        }
        exports::one(&self.inner, actor, id)
    }

    /// Approves an export that another asked for.
    ///
    /// # Errors
    /// [`RegistryError::SameHands`] when the actor asked for it, also under another account; the conflicts `already-decided` and
    /// `export-expired`.
    pub fn approve_export(&self, actor: &Actor, id: ExportId, answer: Option<&str>) -> Result<ExportView> {
        require(actor, Right::Accounts)?;
        exports::approve(&self.inner, actor, id, answer)
    }

    /// Ends a request before its file is written: who asked takes it back, a security administrator rejects it.
    pub fn refuse_export(&self, actor: &Actor, id: ExportId, answer: Option<&str>) -> Result<ExportView> {
        if !Right::Accounts.is_held_by(actor) {
            require(actor, Right::Export)?;
        }
        exports::refuse(&self.inner, actor, id, answer)
    }

    /// Lets a masked export of everything of a kind begin: traced, counted on the day's quota of people, told as an alarm.
    pub fn begin_export(&self, actor: &Actor, kind: Kind) -> Result<Watermark> {
        require(actor, Right::Operate)?;
        exports::begin(&self.inner, actor, kind)
    }

    /// Lets the file of an approved export be written, once: traced and told in the same way.
    pub fn take_export(&self, actor: &Actor, id: ExportId) -> Result<Watermark> {
        require(actor, Right::Operate)?;
        exports::take(&self.inner, actor, id)
    }

    /// Hands every active entity to `each`, by canonical id, until it says stop (`false`), within an export that the actor began. That
    /// an entity was read is durable in the access log before `each` has it.
    pub fn export(&self, actor: &Actor, mark: &Watermark, include: Include, each: &mut dyn FnMut(EntityView) -> bool) -> Result<u64> {
        require(actor, Right::Operate)?;
        if mark.principal != actor.principal {
            return Err(RegistryError::Forbidden("another began this export".into()));
        }
        let sources = self.inner.core.sources();
        let by = Actor { unmask: mark.in_full, ..actor.clone() };
        let cover = |text: &str| self.inner.core.store.cover(text);
        let sight = Sight::new(&by, &sources, &cover);
        let page = &mut |views: &mut [EntityView]| {
            views.iter_mut().for_each(|view| sight.show(view));
            exports::trace_page(&self.inner, actor, mark, views)
        };
        find::export(&self.inner, actor, mark.kind, include, page, each)
    }

    /// Writes down that the file of an export is whole: how many entities it holds and its SHA-256, hexadecimal.
    pub fn finish_export(&self, actor: &Actor, mark: &Watermark, rows: u64, sha256: &str) -> Result<()> {
        require(actor, Right::Operate)?;
        exports::finish(&self.inner, actor, mark, rows, sha256)
    }

    /// Hands every active entity and the records it is made of to `each`, by canonical id, until it says stop (`false`): who belongs
    /// together, without a value of theirs.
    pub fn memberships(&self, actor: &Actor, kind: Kind, each: &mut dyn FnMut(EntityId, Vec<RecordKey>) -> bool) -> Result<u64> {
        require(actor, Right::Operate)?;
        let (sources, by) = (self.inner.core.sources(), Actor { unmask: false, ..actor.clone() });
        let cover = |text: &str| self.inner.core.store.cover(text);
        let sight = Sight::new(&by, &sources, &cover);
        find::export(&self.inner, actor, kind, Include { sources: true, ..Include::default() }, &mut |_| Ok(()), &mut |mut view| {
            sight.show(&mut view);
            each(view.id, view.sources.into_iter().flatten().map(|record| record.key).collect())
        })
    }
}
