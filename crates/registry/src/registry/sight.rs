//! The one door through which personal values leave: masked, unless the actor asked for them in full and may have them.

use jiku_model::{DecisionId, EntityId, Kind, RawRecord, RecordKey};

use crate::facade::{Alarm, Who};
use crate::read::resolve;
use crate::registry::{Registry, Result};
use crate::shown::{Shown, Sight, uncovered};
use crate::usage::{LookedUp, suspected};
use crate::{Actor, RegistryError, alarms, scope};

/// Whether somebody is asked about by what tells no name.
pub(super) fn is_by_number(who: &Who) -> bool {
    matches!(who, Who::Record(raw) if !raw.keys().any(|column| column.contains("name")))
}

/// Whether a person is asked about by a name and an identity number together: whoever knows the one may be guessing the other.
pub(super) fn names_number(kind: Kind, raw: &RawRecord) -> bool {
    kind == Kind::Person && raw.contains_key("id_number") && raw.keys().any(|column| column.contains("name"))
}

impl Registry {
    /// Refuses entities out of scope as absent ones.
    pub(super) fn in_scope(&self, actor: &Actor, kind: Kind, entities: &[EntityId]) -> Result<()> {
        if !actor.limits.is_scoped() {
            return Ok(());
        }
        self.inner.core.store.read(|reader| entities.iter().try_for_each(|id| scope::require(reader, actor, kind, *id)))
    }

    /// Refuses a decision about entities out of scope as an absent one.
    pub(super) fn decision_in_scope(&self, actor: &Actor, kind: Kind, decision: DecisionId) -> Result<()> {
        if !actor.limits.is_scoped() {
            return Ok(());
        }
        let entities = self.inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.entities_of_decision(decision)?))?;
        self.in_scope(actor, kind, &entities).map_err(|_| RegistryError::NotFound { what: "decision" })
    }

    /// As [`Registry::shown`], for an id or outside name that was named: too many that are not there look like guessing.
    pub(super) fn looked_up<T: Shown>(&self, actor: &Actor, answer: Result<T>) -> Result<T> {
        let answer = self.guessed(actor, answer);
        self.shown(actor, answer)
    }

    /// Notes a look-up; whoever guesses is kept out, and the security administrator is told once.
    pub(super) fn looks_up(&self, actor: &Actor, found: bool) -> Result<()> {
        match self.inner.usage.look_up(actor, found)? {
            LookedUp::Admitted => Ok(()),
            LookedUp::KeptOut => {
                alarms::raise_alone(&self.inner, Alarm::IdsGuessed, actor, String::new())?;
                Err(suspected())
            }
        }
    }

    pub(super) fn guessed<T>(&self, actor: &Actor, answer: Result<T>) -> Result<T> {
        match &answer {
            Ok(_) => self.looks_up(actor, true)?,
            Err(RegistryError::NotFound { .. }) => self.looks_up(actor, false)?,
            Err(_) => {}
        }
        answer
    }

    /// As [`Registry::guessed`], for what else is asked about an id: what is found adds nothing to the look-ups, what is not counts.
    pub(super) fn missed<T>(&self, actor: &Actor, answer: Result<T>) -> Result<T> {
        if matches!(answer, Err(RegistryError::NotFound { .. })) { self.guessed(actor, answer) } else { answer }
    }

    /// Notes an answer about a name and an identity number. A list of strangers is no guessing; whoever tries one number after the other of one
    /// place and day of birth under somebody's name looks for theirs. Who is found counts as a look-up that hit: among very many questions some
    /// strangers share a place and a day.
    pub(super) fn tried(&self, actor: &Actor, raw: &RawRecord, found: bool) -> Result<()> {
        if found || self.inner.usage.has_tried(actor, &resolve::place_and_day(raw)) {
            return self.looks_up(actor, found);
        }
        Ok(())
    }

    /// As [`Registry::guessed`], for a question by a number alone: who walks the numbers finds few people.
    pub(super) fn guessed_by_number<T>(&self, actor: &Actor, who: &Who, answer: Result<T>, is_found: impl Fn(&T) -> bool) -> Result<T> {
        let by_number = is_by_number(who);
        match &answer {
            _ if matches!(who, Who::Entity(_)) => self.guessed(actor, answer),
            Ok(found) if by_number => {
                self.looks_up(actor, is_found(found))?;
                answer
            }
            _ => answer,
        }
    }

    pub(super) fn shown<T: Shown>(&self, actor: &Actor, answer: Result<T>) -> Result<T> {
        let mut answer = answer?;
        let store = &self.inner.core.store;
        Sight::new(actor, &self.inner.core.sources(), &|text| store.cover(text)).show(&mut answer);
        Ok(answer)
    }

    /// The outside name itself, where it is named as somebody sees it who may not see it.
    pub(super) fn uncovered(&self, key: &RecordKey) -> RecordKey {
        uncovered(key, |name| self.inner.core.store.uncover(name))
    }

    /// As [`Registry::shown`], for an answer that does not know its kind.
    pub(super) fn shown_with<T>(&self, kind: Kind, actor: &Actor, answer: Result<T>) -> Result<T>
    where
        (Kind, T): Shown,
    {
        self.shown(actor, answer.map(|answer| (kind, answer))).map(|(_, answer)| answer)
    }
}
