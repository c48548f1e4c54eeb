//! Use cases: what was changed, and who read what.

use std::collections::BTreeSet;
use std::time::Duration;

use jiku_model::{EntityId, Kind, Timestamp};

use crate::Actor;
use crate::facade::{AccessView, Change, PersonReport};
use crate::read::feed;
use crate::registry::{Office, Registry, Result};
use crate::rights::{Right, Unmasking, require, unmasking};
use crate::write::state::now;

/// The action under which the access log has that the feed told the departments' keys of somebody.
const FOLLOW: &str = "follow";

/// The change feed.
impl Registry {
    /// At most `limit` changes after a position, without holes. The departments' own keys are told to who may read records, those of people
    /// where a purpose is stated, and then it is a reading of theirs.
    pub fn changes(&self, actor: &Actor, after: i64, limit: usize) -> Result<Vec<Change>> {
        let mut changes = feed::changes(&self.inner, after, limit)?;
        let reads = Right::Read.is_held_by(actor);
        for change in changes.iter_mut().filter(|change| !reads || (change.kind == Kind::Person && actor.purpose.is_none())) {
            change.records.clear();
        }
        let told = changes.iter().filter(|change| change.kind == Kind::Person && !change.records.is_empty());
        let people: BTreeSet<EntityId> = told.filter_map(|change| change.entity).collect();
        if !people.is_empty() {
            let people: Vec<(EntityId, String)> = people.into_iter().map(|person| (person, "source_key".to_owned())).collect();
            // Masked, a key tells nobody who is meant, and a follower of everything must not end at a quota of people.
            if unmasking(actor) == Unmasking::Nothing {
                self.inner.audit.trace(actor, FOLLOW, Kind::Person, &people)?;
            } else {
                self.inner.audit.log(actor, FOLLOW, Kind::Person, &people)?;
            }
        }
        self.shown(actor, Ok(changes))
    }

    /// The newest position in the database, which this node may not know yet.
    pub fn newest_position(&self) -> Result<i64> {
        self.inner.core.store.read(|reader| Ok(reader.last_position()?))
    }

    /// Waits until there is a change after a position, at most `timeout`; says whether there is one.
    #[must_use]
    pub fn wait_for_change(&self, after: i64, timeout: Duration) -> bool {
        self.inner.core.wait_past(after, timeout)
    }
}

/// What the data office and auditors ask.
impl Office {
    /// Who read an entity, newest first. The asking is itself a reading in the log.
    pub fn access_of(&self, actor: &Actor, kind: Kind, id: EntityId, limit: usize) -> Result<Vec<AccessView>> {
        require(actor, Right::Audit)?;
        feed::access_of(&self.inner, actor, kind, id, limit)
    }

    /// Every reading of a person, also under ids that were merged into theirs, newest first: for the person's own request.
    /// The asking is itself a reading in the log.
    pub fn person_report(&self, actor: &Actor, id: EntityId) -> Result<PersonReport> {
        require(actor, Right::Audit)?;
        feed::person_report(&self.inner, actor, id)
    }

    /// When this was written or read last, for tests of time travel: the clock, to the microsecond the databases keep.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        now()
    }
}
