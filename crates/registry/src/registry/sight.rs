//! The one door through which personal values leave: masked, unless the actor asked for them in full and may have them.

use std::collections::BTreeMap;
use std::hash::Hash;

use jiku_model::{DecisionId, EntityId, Kind, RawRecord, RecordKey};

use crate::facade::{Alarm, EditOutcome, MergeOutcome, SearchQuery, Who};
use crate::read::resolve;
use crate::read::views::fields;
use crate::registry::{Registry, Result};
use crate::rights::{Unmasking, unmasking};
use crate::shown::{Shown, Sight, uncovered};
use crate::usage::{LookedUp, Usage, suspected};
use crate::write::session::Session;
use crate::{Actor, RegistryError, alarms, audit, scope};

/// The action under which the access log has what an edit of parcels showed.
const EDITED: &str = "edit-parcels";

/// Which fields of which parcels an edit shows.
fn read_of(done: &EditOutcome) -> Vec<(EntityId, String)> {
    done.parcels.iter().filter_map(|parcel| Some((parcel.id?, fields(&parcel.values)))).collect()
}

/// What was edited as the actor may see it, with its trace in the transaction of the edit: for a database of one node, since nodes that count
/// together do so after what they show is written. Beyond a quota it is told without values.
pub(super) fn seen_within(session: &mut Session<'_, '_>, usage: &Usage, actor: &Actor, mut done: EditOutcome) -> Result<EditOutcome> {
    let core = session.core;
    Sight::new(actor, &session.sources, &|text| core.store.cover(text)).show(&mut done);
    let read = read_of(&done);
    match usage.admit(actor, Kind::Parcel, &read) {
        Ok(_) => audit::trace_within(session, actor, EDITED, Kind::Parcel, &read)?,
        Err(_) => done.parcels.iter_mut().for_each(|parcel| parcel.values.clear()),
    }
    Ok(done)
}

/// No entity was found.
pub(super) const NOBODY: Option<EntityId> = None;

/// A record as one question: the same again is no other.
pub(super) fn words(raw: &RawRecord) -> String {
    let mut words = String::new();
    for (column, value) in raw {
        words.extend([column, "=", &resolve::told(value), "\n"]);
    }
    words
}

/// Whether somebody is asked about by what tells no name.
pub(super) fn is_nameless(raw: &RawRecord) -> bool {
    !raw.keys().any(|column| resolve::tells_name(column))
}

fn is_by_number(who: &Who) -> bool {
    matches!(who, Who::Record(raw) if is_nameless(raw))
}

/// What a search asks for, as a record that tells it.
pub(super) fn asked_for(query: &SearchQuery) -> RawRecord {
    let column = |field: &str| match field {
        "number" => "id_number".to_owned(),
        other => other.to_owned(),
    };
    query.fields.iter().map(|field| (column(&field.field), field.text.clone().into())).collect()
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
    pub(super) fn looked_up<T: Shown>(
        &self,
        actor: &Actor,
        asked: impl Hash,
        answer: Result<T>,
        found: impl Fn(&T) -> EntityId,
    ) -> Result<T> {
        let answer = self.guessed(actor, asked, answer, found);
        self.shown(actor, answer)
    }

    /// Notes a look-up and who was found by it; whoever guesses is kept out, and the security administrator is told once.
    pub(super) fn looks_up(&self, actor: &Actor, asked: impl Hash, found: Option<impl Hash>) -> Result<()> {
        match self.inner.usage.look_up(actor, asked, found)? {
            LookedUp::Admitted => Ok(()),
            LookedUp::KeptOut => {
                alarms::raise_alone(&self.inner, Alarm::IdsGuessed, actor, String::new())?;
                self.inner.audit.tell_of_locks();
                Err(suspected())
            }
        }
    }

    pub(super) fn guessed<T>(&self, actor: &Actor, asked: impl Hash, answer: Result<T>, found: impl Fn(&T) -> EntityId) -> Result<T> {
        match &answer {
            Ok(answer) => self.looks_up(actor, asked, Some(found(answer)))?,
            Err(RegistryError::NotFound { .. }) => self.looks_up(actor, asked, NOBODY)?,
            Err(_) => {}
        }
        answer
    }

    /// As [`Registry::guessed`], for what else is asked about an id: what is found adds nothing to the look-ups, what is not counts.
    pub(super) fn missed<T>(&self, actor: &Actor, asked: impl Hash, answer: Result<T>) -> Result<T> {
        if matches!(answer, Err(RegistryError::NotFound { .. })) {
            self.looks_up(actor, asked, NOBODY)?;
        }
        answer
    }

    /// Notes an answer about a person by name and more that masks hide. A list of strangers is no guessing; whoever tries one value after the other
    /// under somebody's name looks for theirs. Who is found counts as a look-up that hit: among very many questions some
    /// strangers have in common what is shown of them.
    pub(super) fn tried(&self, actor: &Actor, kind: Kind, raw: &RawRecord, found: Option<EntityId>) -> Result<()> {
        let guesses = resolve::guesses(kind, raw);
        if !guesses.is_empty() && (found.is_some() || self.inner.usage.has_tried(actor, &guesses, &words(raw))) {
            return self.looks_up(actor, words(raw), found);
        }
        Ok(())
    }

    /// As [`Registry::guessed`], for a question by a number alone: who walks the numbers finds few people.
    pub(super) fn guessed_by_number<T>(
        &self,
        actor: &Actor,
        who: &Who,
        answer: Result<T>,
        found: impl Fn(&T) -> Option<EntityId>,
    ) -> Result<T> {
        match (who, &answer) {
            (Who::Entity(id), _) => return self.guessed(actor, id, answer, |_| *id),
            (Who::Record(raw), Ok(answer)) if is_by_number(who) => self.looks_up(actor, words(raw), found(answer))?,
            _ => {}
        }
        answer
    }

    /// Notes whether two are one, and who they are in the base. What is told about two records by comparing them tells nothing of the base. Who is in
    /// it counts as a look-up that hit; each of them once, so that nobody makes up for guesses by whom they know.
    pub(super) fn compared(&self, actor: &Actor, kind: Kind, [left, right]: [(&Who, Option<EntityId>); 2], is_no: bool) -> Result<()> {
        // What both sides tell is one try, by whichever of them is another than before.
        let (mut tries, mut question): (BTreeMap<String, bool>, String) = Default::default();
        for (who, entity) in [left, right] {
            let Who::Record(raw) = who else { continue };
            let guesses = resolve::guesses(kind, raw);
            if !guesses.is_empty() && entity.is_some() {
                self.looks_up(actor, words(raw), entity)?;
            } else if !guesses.is_empty() && is_no {
                tries.extend(guesses);
                question.push_str(&words(raw));
            }
        }
        if !tries.is_empty() && self.inner.usage.has_tried(actor, &Vec::from_iter(tries), &question) {
            self.looks_up(actor, question, NOBODY)?;
        }
        let found = left.1.filter(|_| left.1 == right.1);
        match (left.0, right.0) {
            _ if is_no && (is_by_number(left.0) || is_by_number(right.0)) => {
                let words = [left.0, right.0].map(|who| match who {
                    Who::Entity(id) => id.to_string(),
                    Who::Record(raw) => words(raw),
                });
                self.looks_up(actor, words, NOBODY)
            }
            (Who::Entity(id), _) | (_, Who::Entity(id)) => self.looks_up(actor, id, Some(id)),
            _ if found.is_some() => self.looks_up(actor, found, found),
            _ => Ok(()),
        }
    }

    /// As [`Registry::shown_with`], for what a decision touches or would touch: whose values are shown is in the access log before the answer
    /// leaves. A decision that was made is told without values where that cannot be.
    pub(super) fn shown_decided(&self, kind: Kind, actor: &Actor, action: &str, outcome: Result<MergeOutcome>) -> Result<MergeOutcome> {
        let mut outcome = self.shown_with(kind, actor, outcome)?;
        // What would be made by a preview has no data of its own yet.
        let after = outcome.after.iter().filter(|_| outcome.decision.is_some());
        let read: BTreeMap<EntityId, String> = after.chain(&outcome.before).map(|image| (image.id, fields(&image.values))).collect();
        if let Err(refused) = self.inner.audit.log(actor, action, kind, &Vec::from_iter(read)) {
            if outcome.decision.is_none() {
                return Err(refused);
            }
            outcome.before.iter_mut().chain(&mut outcome.after).for_each(|image| image.values.clear());
        }
        Ok(outcome)
    }

    /// As [`Registry::shown_decided`], for an edit of parcels. A look at one that shows nobody in full waits for no writer, and so leaves no trace.
    pub(super) fn shown_edited(&self, actor: &Actor, done: Result<EditOutcome>) -> Result<EditOutcome> {
        let mut done = self.shown(actor, done)?;
        if done.decision.is_none() && unmasking(actor) == Unmasking::Nothing {
            return Ok(done);
        }
        if let Err(refused) = self.inner.audit.log(actor, EDITED, Kind::Parcel, &read_of(&done)) {
            if done.decision.is_none() {
                return Err(refused);
            }
            done.parcels.iter_mut().for_each(|parcel| parcel.values.clear());
        }
        Ok(done)
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
