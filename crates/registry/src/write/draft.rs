//! What will a write put into the database and the indexes, once it is decided?

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use jiku_golden::Composition;
use jiku_model::{DecisionId, EntityId, Kind, RecordId, Timestamp};
use jiku_parcel::survey::Survey;
use jiku_spatial::ParcelGeometry;
use jiku_store::{
    DecisionEntityRow, DecisionRow, EntityRow, FormerParcelRow, JudgementRow, LineageRow, NewChange, OverrideRow, RecordRow, ReviewTaskRow,
    RevisionRow, VersionRow, Writer,
};
use rayon::prelude::*;
use serde_json::json;

use super::parcels::stood_until;
use super::settle::{MANY, PIECE};
use super::typed::{Form, Typed};
use crate::RegistryError;
use crate::facade::EntityState;
use crate::memory::Effects;

/// Everything one write does to one kind. Nothing in it has been written yet.
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    pub(crate) at: Timestamp,
    /// The act all its judgements belong to.
    pub(crate) decision: DecisionId,
    /// Records met for the first time; their entity and position are filled in when they are written.
    pub(crate) new_records: Vec<RecordRow>,
    /// New revisions of known records, likewise.
    pub(crate) changed_records: Vec<RecordRow>,
    /// The revisions they replace.
    pub(crate) revisions: Vec<RevisionRow>,
    /// Other records that belong to another entity now.
    pub(crate) moved: BTreeMap<EntityId, Vec<RecordId>>,
    /// Records whose judgements of the model are taken back.
    pub(crate) retract_of: Vec<RecordId>,
    pub(crate) judgements: Vec<JudgementRow>,
    pub(crate) decisions: Vec<DecisionRow>,
    pub(crate) decision_entities: Vec<DecisionEntityRow>,
    /// A decision that is undone.
    pub(crate) undo: Option<DecisionId>,
    /// The edit of parcels this is.
    pub(crate) edit: Option<Edit>,
    pub(crate) overrides: Vec<OverrideRow>,
    /// Overrides that are released, by the decision that set them.
    pub(crate) released: Vec<DecisionId>,
    pub(crate) entities: BTreeMap<EntityId, EntityDraft>,
    pub(crate) tasks: Vec<ReviewTaskRow>,
    /// Records that may have doubtful pairs besides those in the ledger, and lose some of these or have them answered by this write.
    pub(crate) thinned: AHashSet<u32>,
    /// Records that followers must read again although their entity did not change.
    pub(crate) near: Vec<RecordId>,
    /// Changes that touch no entity's version.
    pub(crate) notes: Vec<Note>,
    pub(crate) effects: Effects,
    /// Whether `new_records` and the like were already given their entity: slot → entity.
    pub(crate) belongs: BTreeMap<RecordId, EntityId>,
}

/// What an edit of parcels is beyond its records.
pub(crate) struct Edit {
    /// `split`, `unite`, `retire` …: how former parcels tell what ended them.
    pub(crate) operation: &'static str,
    /// The day in the world on which it happened.
    pub(crate) valid_on: chrono::NaiveDate,
    /// The edit it undoes. The judgements of that one stay: they are between records that come and go with it.
    pub(crate) undoes: Option<DecisionId>,
    /// Which parcel has its land from which.
    pub(crate) lineage: Vec<LineageRow>,
}

/// A change that makes no version of its own.
pub(crate) struct Note {
    pub(crate) actor: String,
    pub(crate) event: &'static str,
    /// The entity it is about; none when it is about the kind.
    pub(crate) entity: Option<EntityId>,
    /// A JSON object.
    pub(crate) body: serde_json::Value,
}

/// A new version of an entity.
#[derive(Debug)]
pub(crate) struct EntityDraft {
    pub(crate) new: bool,
    pub(crate) created: Timestamp,
    pub(crate) version: i32,
    pub(crate) state: EntityState,
    pub(crate) redirect: Option<EntityId>,
    pub(crate) golden: Composition,
    /// The boundary of a parcel that is one record, when it is at hand.
    pub(crate) survey: Option<Arc<Survey>>,
    /// The source records with their revisions; for one that is not active, those it had last.
    pub(crate) members: Vec<(RecordId, i32)>,
    pub(crate) event: &'static str,
    /// Who answers now, or who gave the records back.
    pub(crate) other: Option<EntityId>,
    /// The records whose arrival, change or move made this version.
    pub(crate) records: Vec<RecordId>,
    pub(crate) actor: String,
    /// Filled in when it is written.
    pub(crate) position: i64,
}

impl Draft {
    pub(crate) fn new(kind: Kind, at: Timestamp, decision: DecisionId) -> Self {
        Self {
            kind,
            at,
            decision,
            new_records: Vec::new(),
            changed_records: Vec::new(),
            revisions: Vec::new(),
            moved: BTreeMap::new(),
            retract_of: Vec::new(),
            judgements: Vec::new(),
            decisions: Vec::new(),
            decision_entities: Vec::new(),
            undo: None,
            edit: None,
            overrides: Vec::new(),
            released: Vec::new(),
            entities: BTreeMap::new(),
            tasks: Vec::new(),
            thinned: AHashSet::new(),
            near: Vec::new(),
            notes: Vec::new(),
            effects: Effects::default(),
            belongs: BTreeMap::new(),
        }
    }

    /// Writes everything; the positions of the new change-log rows.
    pub(crate) fn write(&mut self, writer: &mut Writer<'_>) -> Result<(), RegistryError> {
        let changes = self.changes();
        let positions = writer.append_changes(&changes)?;
        let last = positions.end - 1;
        for (entity, position) in self.entities.values_mut().zip(positions) {
            entity.position = position;
        }
        self.place_records(last);
        let mut forms = self.write_records_beside_forms(writer)?;
        self.write_entities(writer, &mut forms)?;
        self.write_typed(writer, forms)?;
        if !self.tasks.is_empty() {
            writer.put_review_tasks(&self.tasks)?;
        }
        Ok(())
    }

    /// The rows of the change log: one per entity in the order of `entities`, then the notes.
    fn changes(&self) -> Vec<NewChange> {
        let mut changes: Vec<NewChange> = Vec::with_capacity(self.entities.len() + self.notes.len());
        let mut near = Some(&self.near).filter(|near| !near.is_empty());
        let mut add = |actor: &str, event: &str, entity: Option<EntityId>, mut body: serde_json::Value| {
            if let Some(near) = near.take() {
                body["near"] = json!(near);
            }
            let (actor, event, body) = (actor.to_owned(), event.to_owned(), body.to_string());
            changes.push(NewChange { at: self.at, actor, kind: Some(self.kind), event, entity, body });
        };
        for (id, entity) in &self.entities {
            let mut body = json!({ "version": entity.version, "records": entity.records });
            if let Some(other) = entity.other {
                body["other"] = json!(other);
            }
            add(&entity.actor, entity.event, Some(*id), body);
        }
        for note in &self.notes {
            add(&note.actor, note.event, note.entity, note.body.clone());
        }
        changes
    }

    /// Tells each record its entity, and the position in the change log.
    fn place_records(&mut self, last: i64) {
        for row in self.new_records.iter_mut().chain(&mut self.changed_records) {
            if let Some(entity) = self.belongs.get(&row.id) {
                row.entity = Some(*entity);
            }
            row.position = row.entity.and_then(|entity| self.entities.get(&entity)).map_or(last, |entity| entity.position);
        }
    }

    /// Writes records and ledger; meanwhile other processors make what follows from each golden record.
    fn write_records_beside_forms(&self, writer: &mut Writer<'_>) -> Result<Vec<Form>, RegistryError> {
        if self.entities.len() < MANY {
            self.write_records(writer)?;
            self.write_ledger(writer)?;
            return self.forms();
        }
        let mut forms = Ok(Vec::new());
        rayon::in_place_scope(|scope| {
            scope.spawn(|_| forms = self.forms());
            self.write_records(writer)?;
            self.write_ledger(writer)
        })?;
        forms
    }

    fn write_records(&self, writer: &mut Writer<'_>) -> Result<(), RegistryError> {
        writer.insert_records(&self.new_records)?;
        if !self.changed_records.is_empty() {
            writer.insert_revisions(&self.revisions)?;
            writer.put_records(&self.changed_records)?;
        }
        for (entity, records) in &self.moved {
            writer.move_records(records, Some(*entity))?;
        }
        Ok(())
    }

    fn write_ledger(&self, writer: &mut Writer<'_>) -> Result<(), RegistryError> {
        if !self.retract_of.is_empty() {
            writer.retract_of_records(&self.retract_of, self.decision)?;
        }
        if !self.decisions.is_empty() {
            writer.insert_decisions(&self.decisions, &self.decision_entities)?;
        }
        if let Some(undone) = self.undo {
            if !writer.mark_undone(undone, self.decision)? {
                return Err(RegistryError::conflict("not-merged", "this decision was undone before"));
            }
            writer.retract_decision(undone, self.decision)?;
        }
        if let Some(edit) = &self.edit {
            if let Some(undone) = edit.undoes
                && !writer.mark_undone(undone, self.decision)?
            {
                return Err(RegistryError::conflict("already-undone", "this edit was undone before"));
            }
            writer.insert_lineage(&edit.lineage)?;
        }
        writer.insert_judgements(&self.judgements)?;
        if !self.overrides.is_empty() {
            writer.insert_overrides(&self.overrides)?;
        }
        if !self.released.is_empty() {
            writer.release_overrides(&self.released, self.decision, self.at)?;
        }
        Ok(())
    }

    /// What follows from each golden record alone, in the order of entities.
    fn forms(&self) -> Result<Vec<Form>, RegistryError> {
        let form = |(id, entity): (&EntityId, &EntityDraft)| Form::new(self.kind, self.at, *id, entity);
        if self.entities.len() < MANY {
            return self.entities.iter().map(form).collect();
        }
        let entities: Vec<(&EntityId, &EntityDraft)> = self.entities.iter().collect();
        entities.into_par_iter().with_min_len(PIECE).map(form).collect()
    }

    fn write_entities(&self, writer: &mut Writer<'_>, forms: &mut [Form]) -> Result<(), RegistryError> {
        let row = |(id, entity): (&EntityId, &EntityDraft)| EntityRow {
            id: *id,
            kind: self.kind,
            state: stored(entity.state),
            redirect: entity.redirect,
            version: entity.version,
            created_at: entity.created,
            position: entity.position,
        };
        let new: Vec<EntityRow> = self.entities.iter().filter(|(_, entity)| entity.new).map(row).collect();
        writer.insert_entities(&new)?;
        let known: Vec<EntityRow> = self.entities.iter().filter(|(_, entity)| !entity.new).map(row).collect();
        if !known.is_empty() {
            writer.put_entities(&known)?;
        }
        let versions: Vec<VersionRow> = self
            .entities
            .iter()
            .zip(forms)
            .map(|((id, entity), form)| VersionRow {
                entity: *id,
                version: entity.version,
                recorded_from: self.at,
                position: entity.position,
                state: stored(entity.state),
                redirect: entity.redirect,
                golden: std::mem::take(&mut form.golden),
                members: serde_json::to_string(&entity.members).expect("members are numbers"),
            })
            .collect();
        writer.insert_versions(&versions)?;
        Ok(())
    }

    /// The typed tables and the relationships: derived from the golden records of active entities.
    fn write_typed(&mut self, writer: &mut Writer<'_>, forms: Vec<Form>) -> Result<(), RegistryError> {
        let mut typed = Typed::default();
        let mut features = Vec::new();
        for Form { typed: own, feature, .. } in forms {
            typed.extend(own);
            features.push(feature);
        }
        if self.kind == Kind::Parcel {
            let former = self.former_parcels(writer)?;
            writer.put_former_parcels(&former)?;
            self.effects.parcels.at = Some(self.at);
            self.effects.parcels.stood = former.into_iter().filter_map(|row| Some((row.entity, stood_until(&row)?))).collect();
        }
        let known: Vec<EntityId> = self.entities.iter().filter(|(_, entity)| !entity.new).map(|(id, _)| *id).collect();
        typed.write(writer, self.kind, &known)?;
        if self.kind == Kind::Parcel {
            let mut geometries: AHashMap<EntityId, ParcelGeometry> = typed.geometries.into_iter().collect();
            for ((id, entity), feature) in self.entities.iter().zip(features) {
                let place = entity.members.first().map(|(record, _)| record.slot()).zip(geometries.remove(id));
                self.effects.places.push((*id, place));
                let feature = entity.members.first().map(|(record, _)| record.slot()).zip(feature);
                self.effects.parcels.put.push((*id, feature));
            }
        }
        Ok(())
    }
}

impl Draft {
    /// Parcels that end here, and codes that parcels lose: what the typed table says of them, for the last time.
    fn former_parcels(&self, writer: &mut Writer<'_>) -> Result<Vec<FormerParcelRow>, RegistryError> {
        let known: Vec<EntityId> = self.entities.iter().filter(|(_, entity)| !entity.new).map(|(id, _)| *id).collect();
        let mut losing: Vec<EntityId> = Vec::new();
        for (id, code) in writer.codes_of_parcels(&known)? {
            let Some(entity) = self.entities.get(&id) else { continue };
            let recoded = entity.state == EntityState::Active && code.is_some() && entity.golden.value("parcel_code") != code.as_deref();
            if recoded || entity.state == EntityState::Retired {
                losing.push(id);
            }
        }
        let row = |row: jiku_store::ParcelRow| {
            let entity = self.entities.get(&row.entity)?;
            let ended = entity.state == EntityState::Retired;
            let operation = match &self.edit {
                _ if !ended => "recode",
                Some(edit) => edit.operation,
                None => "withdrawn",
            };
            Some(FormerParcelRow {
                entity: row.entity,
                version: entity.version - 1,
                parcel_code: row.parcel_code,
                operation: operation.to_owned(),
                decision: self.edit.as_ref().map(|_| self.decision),
                valid_from: row.valid_from,
                valid_to: self.edit.as_ref().filter(|_| ended).map(|edit| edit.valid_on.to_string()),
                min_lon: row.min_lon,
                min_lat: row.min_lat,
                max_lon: row.max_lon,
                max_lat: row.max_lat,
                at: self.at,
            })
        };
        Ok(writer.parcels(&losing)?.into_iter().filter_map(row).collect())
    }
}

/// The state as the database has it.
pub(crate) const fn stored(state: EntityState) -> jiku_store::EntityState {
    match state {
        EntityState::Active => jiku_store::EntityState::Active,
        EntityState::Merged => jiku_store::EntityState::Merged,
        EntityState::Retired => jiku_store::EntityState::Retired,
    }
}

/// The state as the façade has it.
pub(crate) const fn shown(state: jiku_store::EntityState) -> EntityState {
    match state {
        jiku_store::EntityState::Active => EntityState::Active,
        jiku_store::EntityState::Merged => EntityState::Merged,
        jiku_store::EntityState::Retired => EntityState::Retired,
    }
}
