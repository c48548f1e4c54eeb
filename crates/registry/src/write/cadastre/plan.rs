//! Which records does an edit write, and which does it take out?

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use jiku_model::{Attributes, DecisionId, EntityId, Kind, Problem, RawRecord, RecordKey, Severity, Timestamp};
use jiku_parcel::edit::{LEFT_EMPTY, RIGHT, STEM, contradicts_rights, decided, fresh, patched, replaced, stem};
use jiku_spatial::edit::{self as shapes, EditProblem};
use jiku_spatial::topology::Rule;
use jiku_spatial::{AxisOrder, Crs, ParcelGeometry, RawGeometry};
use serde_json::Value;
use uuid::Uuid;

use super::codes::{Issued, must_be_free};
use super::known::{Known, edit_key};
use super::{Editing, Ground, Result, undo};
use crate::RegistryError;
use crate::facade::{Cut, Incoming, ParcelEdit, ParcelOperation, RightsPolicy, TopologyFinding, TopologyReport};
use crate::write::batch::Row;
use crate::write::parcels::geometry;
use crate::write::prepare::{Prepared, context, prepare};

/// At most this many parcels take part in one edit.
const MOST_PARCELS: usize = 50;

/// What a part of a split has of its parcel, and a united one of its first, beside rights.
const INHERITED: [&str; 4] = ["land_use", "land_use_suffix", "location", "stage"];

/// An edit, planned.
pub(super) struct Plan {
    pub(super) operation: ParcelOperation,
    pub(super) valid_on: NaiveDate,
    pub(super) puts: Vec<Put>,
    /// Records that are taken out, by slot, with the parcel they belonged to.
    pub(super) out: Vec<(u32, EntityId)>,
    /// The parcels that end.
    pub(super) ends: Vec<EntityId>,
    pub(super) lineage: Vec<Step>,
    pub(super) undoes: Option<DecisionId>,
    /// The versions it was planned on.
    pub(super) seen: Vec<(EntityId, i32)>,
}

/// A record that is written.
pub(super) struct Put {
    /// The parcel it speaks of; none for a new one.
    pub(super) of: Option<EntityId>,
    pub(super) row: Row,
    pub(super) geometry: Option<ParcelGeometry>,
    /// Whether the topology rules look at it.
    pub(super) checked: bool,
}

/// The new parcel of a put has land from an earlier one.
pub(super) struct Step {
    pub(super) child: usize,
    pub(super) parent: EntityId,
    pub(super) share: f64,
}

/// Plans an edit.
pub(super) fn plan(ground: &mut Ground<'_, '_>, edit: &ParcelEdit, editing: &Editing) -> Result<Plan> {
    let mut planner = Planner { ground, editing, issued: Issued::default(), plan: Plan::new(edit, editing) };
    let today = jiku_model::civil_day(planner.ground.at);
    match editing.options.valid_on {
        None => planner.plan.valid_on = today,
        // What holds from a day to come would be the present from now on: nothing waits for its day here.
        Some(day) if day > today => return Err(of_the_future("valid_on")),
        Some(_) => {}
    }
    match edit {
        ParcelEdit::Create { values } => planner.create(values)?,
        ParcelEdit::Replace { parcel, values } => planner.change(*parcel, |known| Ok(replaced(&known.golden, values)))?,
        ParcelEdit::Patch { parcel, changes } => planner.patch(*parcel, changes)?,
        ParcelEdit::Retire { parcel } => planner.retire(*parcel)?,
        ParcelEdit::Split { parcel, by, crs, parts } => planner.split(*parcel, by, crs.as_deref(), parts)?,
        ParcelEdit::Unite { parcels, values, several_parts } => planner.unite(parcels, values, *several_parts)?,
        ParcelEdit::Adjust { boundaries, crs } => planner.adjust(boundaries, crs.as_deref())?,
        ParcelEdit::Undo { decision } => undo::plan(planner.ground, &mut planner.plan, *decision)?,
    }
    Ok(planner.plan)
}

impl Plan {
    fn new(edit: &ParcelEdit, editing: &Editing) -> Self {
        let operation = match edit {
            ParcelEdit::Create { .. } => ParcelOperation::Create,
            ParcelEdit::Replace { .. } => ParcelOperation::Replace,
            ParcelEdit::Patch { .. } => ParcelOperation::Patch,
            ParcelEdit::Retire { .. } => ParcelOperation::Retire,
            ParcelEdit::Split { .. } => ParcelOperation::Split,
            ParcelEdit::Unite { .. } => ParcelOperation::Unite,
            ParcelEdit::Adjust { .. } => ParcelOperation::Adjust,
            ParcelEdit::Undo { .. } => ParcelOperation::Undo,
        };
        Self {
            operation,
            valid_on: editing.options.valid_on.unwrap_or_default(),
            puts: Vec::new(),
            out: Vec::new(),
            ends: Vec::new(),
            lineage: Vec::new(),
            undoes: None,
            seen: Vec::new(),
        }
    }
}

struct Planner<'p, 's, 'c> {
    ground: &'p mut Ground<'s, 'c>,
    editing: &'p Editing,
    issued: Issued,
    plan: Plan,
}

impl Planner<'_, '_, '_> {
    fn known(&mut self, id: EntityId) -> Result<Known> {
        let known = Known::read(self.ground, id)?;
        self.plan.seen.push((id, known.version));
        Ok(known)
    }

    fn create(&mut self, values: &RawRecord) -> Result<()> {
        if values.get("geometry").is_none_or(Value::is_null) {
            return Err(RegistryError::invalid("geometry", "required", "a parcel has a boundary: send its geometry"));
        }
        let key = edit_key(Uuid::now_v7().to_string());
        let mut record = fresh(&Attributes::default(), &[], values);
        self.number(&mut record, None, &key)?;
        let put = self.put(None, key, record, None)?;
        self.plan.puts.push(put);
        Ok(())
    }

    fn patch(&mut self, id: EntityId, changes: &RawRecord) -> Result<()> {
        self.change(id, |known| {
            if contradicts_rights(&known.golden, changes) {
                let advice = "the parcel has several rights: send them all as rights";
                return Err(RegistryError::invalid("rights", "rights-differ", advice));
            }
            Ok(patched(&known.golden, known.edit.as_ref(), changes))
        })
    }

    fn change(&mut self, id: EntityId, record: impl FnOnce(&Known) -> Result<RawRecord>) -> Result<()> {
        let known = self.known(id)?;
        let mut record = record(&known)?;
        keeps_what_it_needs(&known, &record)?;
        if let Some(day) = self.editing.options.valid_on {
            not_before(&known, day)?;
            record.insert("valid_from".to_owned(), day.to_string().into());
        }
        let put = self.put(Some(id), known.key.clone(), record, None)?;
        self.only_changes(&known, put)
    }

    /// Keeps a revision of a parcel that exists, when nothing stands against the columns it changes.
    fn only_changes(&mut self, known: &Known, mut put: Put) -> Result<()> {
        let said = &put.row.prepared.content.attributes;
        let changed = |column: &&str| known.golden.get(column) != said.get(column);
        // The system in which a boundary was sent says nothing of one that stays.
        let says_something = |column: &&str| *column != "source_crs" || changed(&"geometry");
        if !decided(said).filter(says_something).any(|column| changed(&column)) {
            return Ok(());
        }
        known.not_overridden(decided(said).filter(changed))?;
        if changed(&"valid_to") {
            self.has_ended_if_at_all(said)?;
        }
        put.checked = ["geometry", "parcel_code", "registered_area_m2", "stage"].iter().any(changed);
        self.plan.puts.push(put);
        Ok(())
    }

    fn retire(&mut self, id: EntityId) -> Result<()> {
        let known = self.known(id)?;
        self.end(&known)
    }

    fn split(&mut self, id: EntityId, by: &Cut, crs: Option<&str>, parts: &[RawRecord]) -> Result<()> {
        let known = self.known(id)?;
        let boundary = known.boundary()?.clone();
        let tolerances = self.ground.core.cadastre.tolerances;
        let shapes = match by {
            Cut::Lines(lines) => {
                let crs = declared(crs)?.unwrap_or(Crs::Cgcs2000);
                shapes::split_by_lines(&boundary, lines, crs).map_err(|problem| refused("line", &problem))?
            }
            Cut::Polygons(polygons) => {
                let polygons = polygons.iter().enumerate().map(|(at, value)| read_shape(value, crs, &format!("polygons/{at}")));
                let polygons: Vec<ParcelGeometry> = polygons.collect::<Result<_>>()?;
                shapes::split_by_polygons(&boundary, &polygons, &tolerances).map_err(|problem| refused("polygons", &problem))?
            }
        };
        if shapes.len() > MOST_PARCELS {
            return Err(too_many());
        }
        if parts.len() > shapes.len() {
            let advice = format!("the parcel falls into {} parts: give values for at most so many", shapes.len());
            return Err(RegistryError::invalid("parts", "parts-mismatch", advice));
        }
        self.end(&known)?;
        let shares = shapes::area_shares(&boundary, &shapes).map_err(|problem| refused("geometry", &problem))?;
        let from = self.inheritance(&[&known])?;
        let nothing = RawRecord::new();
        for (child, (shape, share)) in shapes.iter().zip(shares).enumerate() {
            let values = parts.get(child).unwrap_or(&nothing);
            self.new_parcel(&known, &from, values, shape, Some(format!("parts/{child}")))?;
            self.plan.lineage.push(Step { child, parent: id, share });
        }
        Ok(())
    }

    fn unite(&mut self, ids: &[EntityId], values: &RawRecord, several_parts: bool) -> Result<()> {
        distinct(ids)?;
        let tolerances = self.ground.core.cadastre.tolerances;
        let parcels: Vec<Known> = ids.iter().map(|id| self.known(*id)).collect::<Result<_>>()?;
        let boundaries: Vec<ParcelGeometry> = parcels.iter().map(|known| known.boundary().cloned()).collect::<Result<_>>()?;
        let shape = shapes::merge(&boundaries, several_parts, &tolerances).map_err(|problem| refused("parcels", &problem))?;
        for known in &parcels {
            self.end(known)?;
            self.plan.lineage.push(Step { child: 0, parent: known.id, share: 1.0 });
        }
        let all: Vec<&Known> = parcels.iter().collect();
        let from =
            if RIGHT.iter().any(|column| values.contains_key(*column)) { self.inheritance(&all[..1])? } else { self.inheritance(&all)? };
        // The largest parcel says what the new one is called after and used for.
        let area = |known: &&&Known| known.geometry.as_ref().map_or(0.0, |geometry| geometry.planar_area().area_m2);
        let largest = all.iter().max_by(|left, right| area(left).total_cmp(&area(right))).copied();
        self.new_parcel(largest.unwrap_or(all[0]), &from, values, &shape, None)
    }

    fn adjust(&mut self, boundaries: &[(EntityId, Value)], crs: Option<&str>) -> Result<()> {
        distinct(&boundaries.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
        let (mut old, mut new, mut parcels) = (Vec::new(), Vec::new(), Vec::new());
        let day = self.plan.valid_on;
        for (at, (id, boundary)) in boundaries.iter().enumerate() {
            let known = self.known(*id)?;
            not_before(&known, day)?;
            let shape = read_shape(boundary, crs, &format!("boundaries/{at}/geometry"))?;
            let mut changes = RawRecord::new();
            changes.insert("geometry".to_owned(), shape.to_hex_wkb().into());
            changes.insert("valid_from".to_owned(), day.to_string().into());
            if known.golden.get("registered_area_m2").is_some() {
                changes.insert("registered_area_m2".to_owned(), hundredths(shape.planar_area().area_m2).into());
            }
            let mut record = patched(&known.golden, known.edit.as_ref(), &changes);
            if let Some(crs) = crs {
                record.insert("source_crs".to_owned(), crs.into());
            }
            let put = self.put(Some(*id), known.key.clone(), record, Some(format!("boundaries/{at}")))?;
            self.only_changes(&known, put)?;
            old.push(known.boundary()?.clone());
            new.push(shape);
            parcels.push(*id);
        }
        let tolerances = self.ground.core.cadastre.tolerances;
        shapes::union_unchanged(&old, &new, &tolerances).map_err(|problem| match (&problem, self.left_out(&old, &new, &parcels)) {
            (EditProblem::UnionChanged(..), Some(advice)) => refused_with("boundaries", &problem, Some(&advice)),
            _ => refused("boundaries", &problem),
        })?;
        for (before, parent) in old.iter().zip(&parcels) {
            let shares = shapes::area_shares(before, &new).map_err(|problem| refused("boundaries", &problem))?;
            let moved = shares.into_iter().zip(&parcels).filter(|(share, child)| *child != parent && *share > 1e-6);
            // A parcel that stays as it was is written by no put, and wins no land.
            let put = |id: &EntityId| self.plan.puts.iter().position(|put| put.of == Some(*id));
            let steps: Vec<Step> = moved.filter_map(|(share, child)| Some(Step { child: put(child)?, parent: *parent, share })).collect();
            self.plan.lineage.extend(steps);
        }
        Ok(())
    }

    /// Which parcels should be adjusted too, because a corner that moves away is theirs as well.
    fn left_out(&self, old: &[ParcelGeometry], new: &[ParcelGeometry], chosen: &[EntityId]) -> Option<String> {
        let corners = |shapes: &[ParcelGeometry]| shapes.iter().flat_map(ParcelGeometry::rings).flatten().copied().collect::<BTreeSet<_>>();
        let view = self.ground.core.shelf(Kind::Parcel).parcels.view();
        let mut others: BTreeSet<String> = BTreeSet::new();
        for corner in corners(old).difference(&corners(new)) {
            let [lon, lat] = corner.degrees();
            let there = view.places().at_point(lon, lat).into_iter();
            for (slot, parcel) in there.filter_map(|slot| Some((slot, view.get(slot)?))).filter(|(_, parcel)| !chosen.contains(&parcel.id))
            {
                let shape = view.places().geometry(slot)?;
                if shape.rings().any(|ring| ring.contains(corner)) {
                    others.insert(parcel.value("parcel_code").map_or_else(|| parcel.id.to_string(), str::to_owned));
                }
            }
        }
        let named = others.into_iter().collect::<Vec<_>>().join(", ");
        (!named.is_empty()).then(|| format!("a corner that moves is also one of {named}: add that parcel with its new boundary"))
    }

    /// Ends a parcel: all its records are taken out.
    fn end(&mut self, known: &Known) -> Result<()> {
        not_before(known, self.plan.valid_on)?;
        if self.editing.options.rights == RightsPolicy::Block && RIGHT.iter().any(|column| known.golden.get(column).is_some()) {
            let message = "a right in a parcel that was named stands against this: carry it over, or end it";
            return Err(RegistryError::conflict("rights-block", message));
        }
        self.plan.out.extend(known.members.iter().map(|slot| (*slot, known.id)));
        self.plan.ends.push(known.id);
        Ok(())
    }

    /// The columns a new parcel takes over: what it is, and its right when rights are carried.
    fn inheritance(&self, from: &[&Known]) -> Result<Vec<&'static str>> {
        let mut columns = INHERITED.to_vec();
        if self.editing.options.rights == RightsPolicy::Carry {
            if from.iter().any(|known| right_of(&known.golden) != right_of(&from[0].golden)) {
                let message = "the parcels have different rights: give the new parcel its right holder, or end the rights";
                return Err(RegistryError::conflict("rights-differ", message));
            }
            columns.extend(RIGHT);
        }
        Ok(columns)
    }

    /// Plans a parcel that comes out of others.
    fn new_parcel(
        &mut self,
        from: &Known,
        columns: &[&str],
        values: &RawRecord,
        shape: &ParcelGeometry,
        place: Option<String>,
    ) -> Result<()> {
        if values.contains_key("geometry") || values.contains_key("crs") {
            return Err(RegistryError::invalid("geometry", "read-only-field", "the boundary follows from the operation: leave it out"));
        }
        let key = edit_key(Uuid::now_v7().to_string());
        let mut record = fresh(&from.golden, columns, values);
        record.insert("geometry".to_owned(), shape.to_hex_wkb().into());
        if let Some(crs) = from.golden.get("source_crs") {
            record.insert("source_crs".to_owned(), crs.into());
        }
        record.entry("valid_from").or_insert_with(|| self.plan.valid_on.to_string().into());
        if from.golden.get("registered_area_m2").is_some() && !record.contains_key("registered_area_m2") {
            record.insert("registered_area_m2".to_owned(), hundredths(shape.planar_area().area_m2).into());
        }
        self.number(&mut record, Some(&from.golden), &key)?;
        let put = self.put(None, key, record, place)?;
        self.plan.puts.push(put);
        Ok(())
    }

    /// Gives a new parcel what it is known by: the code it says, the next one of the sub-district it says or its origin
    /// lies in, or a key of its own.
    fn number(&mut self, record: &mut RawRecord, from: Option<&Attributes>, key: &RecordKey) -> Result<()> {
        let told = record.get("parcel_code").and_then(Value::as_str);
        let origin = from.and_then(|golden| golden.get("parcel_code"));
        let stem = match told {
            Some(code) => stem(code),
            None if !record.contains_key("unit_code") => origin.and_then(|code| code.get(..STEM)).map(str::to_owned),
            None => None,
        };
        if let Some(stem) = stem {
            let code = self.issued.next(self.ground.reader, &stem)?;
            let empty_unit = from.and_then(|golden| golden.get("unit_code")).is_some_and(|unit| unit.ends_with("W00000000"));
            if empty_unit && !record.contains_key("unit_code") {
                record.insert("unit_code".to_owned(), format!("{code}W00000000").into());
            }
            record.insert("parcel_code".to_owned(), code.into());
        } else if told.is_none() && !record.contains_key("unit_code") && !record.contains_key("foreign_key") {
            record.insert("foreign_key".to_owned(), format!("{}:{}", key.source, key.key).into());
        }
        Ok(())
    }

    /// A record that is fit to be written. What an edit says must be understood: a value that would be left out is refused.
    fn put(&mut self, of: Option<EntityId>, key: RecordKey, raw: RawRecord, place: Option<String>) -> Result<Put> {
        let payload = Value::Object(raw.clone()).to_string();
        let at: Timestamp = self.ground.at;
        let told: BTreeSet<String> = raw.keys().cloned().collect();
        let placed = |mut problem: Problem| {
            if let (Some(place), Some(field)) = (&place, &problem.field) {
                problem.field = Some(format!("{place}/{field}").into());
            }
            problem
        };
        let prepared = prepare(Incoming { key, raw, payload, line: None, row: None }, &context(at), &self.ground.core.prints)
            .map_err(|refused| RegistryError::Invalid(refused.problems.into_vec().into_iter().map(placed).collect()))?;
        let lost = |problem: &&Problem| {
            let column = problem.field.as_deref().unwrap_or_default();
            // A number that is no number we know is kept, and shares that miss the whole are; of a list, anything else is lost.
            let of_list = column.starts_with("rights") && !matches!(problem.code.as_ref(), "party-number" | "right-shares");
            let left_out = told.contains(column) && prepared.content.attributes.get(column).is_none();
            problem.severity == Severity::Flag && (left_out || of_list || problem.code == "rights-differ")
        };
        let lost: Vec<Problem> = prepared.problems.iter().filter(lost).cloned().map(placed).collect();
        if !lost.is_empty() {
            return Err(RegistryError::Invalid(lost));
        }
        if of.is_none() {
            self.has_ended_if_at_all(&prepared.content.attributes)?;
        }
        self.known_by_one(&prepared, of)?;
        let geometry = prepared.content.attributes.get("geometry").map(|hex| geometry(EntityId(Uuid::nil()), hex)).transpose()?;
        let actor = Arc::from(self.editing.actor.principal.as_str());
        Ok(Put { of, row: Row { prepared, actor, received_at: None }, geometry, checked: true })
    }

    /// A parcel ends today or on a day that has been, by whichever edit. Dates may be of a year or a month, which sort before their days.
    fn has_ended_if_at_all(&self, said: &Attributes) -> Result<()> {
        let today = jiku_model::civil_day(self.ground.at).to_string();
        if said.get("valid_to").is_some_and(|to| to > today.as_str()) { Err(of_the_future("valid_to")) } else { Ok(()) }
    }

    /// No other parcel, now or before, has the code.
    fn known_by_one(&mut self, prepared: &Prepared, of: Option<EntityId>) -> Result<()> {
        let Some(code) = prepared.content.attributes.get("parcel_code") else { return Ok(()) };
        let twice = self.plan.puts.iter().any(|put| put.row.prepared.content.attributes.get("parcel_code") == Some(code));
        if twice {
            return Err(RegistryError::invalid("parcel_code", "parcel-code-taken", "two parcels of this edit have the same code"));
        }
        must_be_free(self.ground.reader, code, of)
    }
}

/// What a parcel says of the right in it.
fn right_of(golden: &Attributes) -> Vec<Option<&str>> {
    RIGHT.iter().map(|column| golden.get(column)).collect()
}

/// Nothing happens to a parcel before what is known of it began to hold.
fn not_before(known: &Known, day: NaiveDate) -> Result<()> {
    let since = known.golden.get("valid_from").and_then(|text| text.parse::<NaiveDate>().ok());
    if since.is_some_and(|since| day < since) {
        let message = "the day lies before the one from which the parcel's present version holds";
        return Err(RegistryError::conflict("backdated", message));
    }
    Ok(())
}

fn distinct(ids: &[EntityId]) -> Result<()> {
    let unlike: BTreeSet<EntityId> = ids.iter().copied().collect();
    if ids.len() < 2 || unlike.len() < ids.len() {
        return Err(RegistryError::invalid("parcels", "merge-too-few", "name two or more different parcels"));
    }
    if ids.len() > MOST_PARCELS { Err(too_many()) } else { Ok(()) }
}

fn too_many() -> RegistryError {
    RegistryError::invalid("parcels", "too-many-items", format!("at most {MOST_PARCELS} parcels take part in one edit"))
}

/// What an edit that is no whole says, with the place where it is none.
fn refused(field: &'static str, problem: &EditProblem) -> RegistryError {
    refused_with(field, problem, None)
}

fn refused_with(field: &'static str, problem: &EditProblem, advice: Option<&str>) -> RegistryError {
    let message = advice.map_or_else(|| problem.to_string(), |advice| format!("{problem}; {advice}"));
    let (Some(place), Some(chinese)) = (problem.place(), problem.message_zh()) else {
        return RegistryError::invalid(field, problem.code(), message);
    };
    let rule = if matches!(problem, EditProblem::PartsOverlap(..)) { Rule::Overlap } else { Rule::UnionChanged };
    let finding = TopologyFinding {
        part: 0,
        rule: rule.id(),
        code: problem.code(),
        severity: "block",
        tolerance: None,
        message_en: message,
        message_zh: chinese,
        other: None,
        other_code: None,
        place: Some(place.clone()),
    };
    RegistryError::Topology(Box::new(TopologyReport { findings: vec![finding], ..TopologyReport::default() }))
}

fn of_the_future(field: &'static str) -> RegistryError {
    let advice = "what is edited holds, or ends, today or on a day that has been: send the edit when the day has come";
    RegistryError::invalid(field, "date-range", advice)
}

/// An edit moves a boundary and gives another code; it leaves no parcel without what a new one must have.
fn keeps_what_it_needs(known: &Known, record: &RawRecord) -> Result<()> {
    let emptied = record.get(LEFT_EMPTY).and_then(Value::as_str).unwrap_or_default();
    let taken = |column: &str| known.golden.get(column).is_some() && emptied.split(' ').any(|empty| empty == column);
    if taken("geometry") {
        return Err(RegistryError::invalid("geometry", "required", "a parcel has a boundary: send its geometry, or leave it as it is"));
    }
    if taken("parcel_code") {
        return Err(RegistryError::invalid("parcel_code", "required", "a parcel keeps its code: leave it out, or give another one"));
    }
    Ok(())
}

/// A boundary as a request gives it.
fn read_shape(value: &Value, crs: Option<&str>, place: &str) -> Result<ParcelGeometry> {
    let invalid = |problems: Vec<jiku_spatial::GeometryProblem>| {
        RegistryError::Invalid(problems.iter().map(|problem| crate::write::parcels::problem(problem, place)).collect())
    };
    let raw = RawGeometry::read(value).map_err(|problem| invalid(vec![problem]))?;
    let crs = raw.crs(declared(crs)?).map_err(|problem| invalid(vec![problem]))?;
    ParcelGeometry::try_new(&raw, crs, AxisOrder::EastFirst).map(|accepted| accepted.geometry).map_err(invalid)
}

/// The system a request names.
fn declared(crs: Option<&str>) -> Result<Option<Crs>> {
    let unknown = |_| RegistryError::invalid("crs", "crs-unsupported", "name a supported coordinate system");
    crs.map(str::parse::<Crs>).transpose().map_err(unknown)
}

/// Square metres as certificates state them, to the hundredth.
fn hundredths(area_m2: f64) -> String {
    format!("{area_m2:.2}")
}
