//! Use cases: questions about entities.

use jiku_model::{EntityId, Kind, RawRecord, RecordKey};
use jiku_store::Backend;
use jiku_text::identifier::{CitizenNumber, CreditCode};

use crate::facade::{
    Candidate, EntityView, Found, Include, Matched, MinimalAnswer, Page, PairExplanation, ParcelHit, ParcelQuery, Pseudonym, Relationship,
    Resolution, ResolveOptions, SearchQuery, SourceRecordView, VersionView, View, Who,
};
use crate::read::{around, find, minimal, parcels, resolve, search};
use crate::registry::sight::{asked_for, is_nameless, words};
use crate::registry::{Registry, Result};
use crate::rights::{Right, require};
use crate::{Actor, FieldUse, scope};

impl Registry {
    /// Reads, and hands what was read to `done` when its traces are durable; when they cannot be written, the error. The caller's
    /// thread does not wait for the log, so a few threads serve many readers. `read` must keep what it sees to itself until
    /// then: everything it lets out goes by its answer.
    pub fn read_then<T: Send + 'static>(&self, read: impl FnOnce(&Self) -> Result<T>, done: impl FnOnce(Result<T>) + Send + 'static) {
        self.inner.audit.deferred(|| read(self), done);
    }

    /// Whether the database does not confirm the traces, so that nothing that was read can be shown.
    #[must_use]
    pub fn is_log_stuck(&self) -> bool {
        self.inner.audit.is_stuck()
    }

    /// Whether a question for one entity takes microseconds and no network: then it may be asked where it comes up, without a
    /// thread of its own.
    #[must_use]
    pub fn reads_at_hand(&self) -> bool {
        self.inner.core.store.backend() == Backend::Sqlite
    }

    /// Who is this? Nothing is stored but the trace.
    pub fn resolve(&self, actor: &Actor, kind: Kind, raw: &RawRecord, options: &ResolveOptions) -> Result<Resolution> {
        require(actor, Right::Read)?;
        raw.keys().try_for_each(|column| scope::require_field(actor, FieldUse::Filter, kind, column))?;
        let found = resolve::resolve(&self.inner, actor, kind, raw, options);
        if let Ok(found) = &found {
            let named = resolve::named_rightly(&self.inner, kind, raw, Some(found.decision), &found.candidates);
            self.tried(actor, kind, raw, named)?;
        }
        let found = self.guessed_by_number(actor, &Who::Record(raw.clone()), found, |found| first(&found.candidates))?;
        self.shown_with(kind, actor, Ok(found))
    }

    /// Who are these? At most `limit` candidates for each record of a list, in its order; nothing is stored but one trace.
    /// A record that cannot be used is told in its place and stops nothing.
    pub fn match_records(&self, actor: &Actor, kind: Kind, records: &[RawRecord], limit: usize) -> Result<Vec<Matched>> {
        require(actor, Right::Read)?;
        for record in records {
            record.keys().try_for_each(|column| scope::require_field(actor, FieldUse::Filter, kind, column))?;
        }
        let matched = resolve::match_records(&self.inner, actor, kind, records, limit)?;
        for (record, found) in records.iter().zip(&matched) {
            let named = resolve::named_rightly(&self.inner, kind, record, found.decision, &found.candidates);
            self.tried(actor, kind, record, named)?;
            self.guessed_by_number(actor, &Who::Record(record.clone()), Ok(found), |found| first(&found.candidates))?;
        }
        Ok(matched)
    }

    /// The entity of this canonical id.
    pub fn find(&self, actor: &Actor, kind: Kind, id: EntityId, view: &View) -> Result<Found> {
        require(actor, Right::Read)?;
        self.looked_up(actor, id, find::find(&self.inner, actor, kind, id, view), |_| id)
    }

    /// Whether two speak of one entity; no more is told.
    pub fn same(&self, actor: &Actor, kind: Kind, left: &Who, right: &Who) -> Result<MinimalAnswer> {
        require(actor, Right::Verify)?;
        let found = minimal::same(&self.inner, actor, kind, left, right);
        let (answer, [one, other]) = match found {
            Err(_) => {
                let named = [left, right].map(|who| if let Who::Entity(id) = who { Some(*id) } else { None });
                return self.missed(actor, named, found).map(|(answer, _)| answer);
            }
            Ok(found) => found,
        };
        self.compared(actor, kind, [(left, one), (right, other)], answer == MinimalAnswer::No)?;
        Ok(answer)
    }

    /// Whether there is such an entity, in this division when one is named; no more is told.
    pub fn exists(&self, actor: &Actor, kind: Kind, record: &RawRecord, division: Option<&str>) -> Result<MinimalAnswer> {
        require(actor, Right::Verify)?;
        let found = minimal::exists(&self.inner, actor, kind, record, division);
        if let Ok((_, found)) = &found {
            self.tried(actor, kind, record, *found)?;
        }
        self.guessed_by_number(actor, &Who::Record(record.clone()), found, |(_, found)| *found).map(|(answer, _)| answer)
    }

    /// The name by which the actor's department joins its data on an entity; no id and no value is told.
    pub fn pseudonym(&self, actor: &Actor, kind: Kind, who: &Who) -> Result<Pseudonym> {
        require(actor, Right::Verify)?;
        let found = minimal::pseudonym(&self.inner, actor, kind, who);
        if let (Ok((_, found)), Who::Record(raw)) = (&found, who) {
            self.tried(actor, kind, raw, *found)?;
        }
        self.guessed_by_number(actor, who, found, |(_, found)| *found).map(|(answer, _)| answer)
    }

    /// Those of these entities that are active, in the order of the ids; at most 100.
    pub fn find_all(&self, actor: &Actor, kind: Kind, ids: &[EntityId]) -> Result<Vec<EntityView>> {
        require(actor, Right::Read)?;
        let ids = &ids[..ids.len().min(search::MOST_ITEMS)];
        self.shown(actor, find::views_of(&self.inner, actor, "find", kind, ids, Include::default()))
    }

    /// Other entities that look like this one, best first.
    pub fn alike(&self, actor: &Actor, kind: Kind, id: EntityId, limit: usize) -> Result<Vec<Candidate>> {
        require(actor, Right::Read)?;
        self.in_scope(actor, kind, &[id])?;
        self.shown(actor, around::alike(&self.inner, actor, kind, id, limit))
    }

    /// The other people of the same telephone or address, as far as they are few; none of another kind.
    pub fn household(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<EntityView>> {
        require(actor, Right::Read)?;
        self.in_scope(actor, kind, &[id])?;
        if kind == Kind::Person { self.shown(actor, around::household(&self.inner, actor, id)) } else { Ok(Vec::new()) }
    }

    /// The source record of this outside name; its `entity` is the crosswalk.
    pub fn crosswalk(&self, actor: &Actor, key: &RecordKey) -> Result<SourceRecordView> {
        require(actor, Right::Read)?;
        self.looked_up(actor, key, find::crosswalk(&self.inner, actor, &self.uncovered(key)), |record| record.entity)
    }

    /// Every version of an entity, newest first.
    pub fn versions(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<VersionView>> {
        require(actor, Right::Read)?;
        self.shown_with(kind, actor, self.missed(actor, id, find::all_versions(&self.inner, actor, kind, id)))
    }

    /// Why two entities are, or are not, one: at most `limit` pairs of their records, strongest first. With the same id
    /// twice: why its records are one.
    pub fn explain(&self, actor: &Actor, kind: Kind, left: EntityId, right: EntityId, limit: usize) -> Result<Vec<PairExplanation>> {
        require(actor, Right::Read)?;
        self.shown_with(kind, actor, self.missed(actor, (left, right), find::explain(&self.inner, actor, kind, left, right, limit)))
    }

    /// Entities that match every field of the query, by canonical id.
    pub fn search(&self, actor: &Actor, kind: Kind, query: &SearchQuery) -> Result<Page<EntityView>> {
        require(actor, Right::Read)?;
        let found = search::search(&self.inner, actor, kind, query);
        if let Ok(found) = &found {
            let (asked, first) = (asked_for(query), found.items.first().map(|item| item.id));
            let by_number = ["id_number", "phone"].iter().any(|column| asked.contains_key(*column));
            if by_number && is_nameless(&asked) {
                self.looks_up(actor, words(&asked), first)?;
            } else {
                self.tried(actor, kind, &asked, first)?;
            }
        }
        self.shown(actor, found)
    }

    /// The parties an entity names and the entities that name it.
    pub fn relationships(&self, actor: &Actor, kind: Kind, id: EntityId) -> Result<Vec<Relationship>> {
        require(actor, Right::Read)?;
        self.shown(actor, self.missed(actor, id, find::relationships(&self.inner, actor, kind, id)))
    }

    /// Parcels by place, holder or code.
    pub fn query_parcels(&self, actor: &Actor, query: &ParcelQuery) -> Result<Page<ParcelHit>> {
        require(actor, Right::Read)?;
        let found = parcels::query(&self.inner, actor, query);
        if let (Ok(found), true) = (&found, holds_number(query)) {
            self.looks_up(actor, &query.right_holder, found.items.first().map(|hit| hit.parcel.id))?;
        }
        self.shown(actor, found)
    }
}

/// Who of them is the best.
fn first(candidates: &[Candidate]) -> Option<EntityId> {
    candidates.first().map(|candidate| candidate.entity)
}

/// Whether parcels are asked for by somebody's number or telephone. The code of an organisation is in a public register.
pub(super) fn holds_number(query: &ParcelQuery) -> bool {
    let by_number = |holder: &str| {
        let is_public = || holder.parse::<CreditCode>().is_ok_and(|code| !code.is_sole_trader());
        CitizenNumber::read(holder).is_ok() || (holder.chars().filter(char::is_ascii_digit).count() >= 7 && !is_public())
    };
    query.right_holder.as_deref().is_some_and(by_number)
}
