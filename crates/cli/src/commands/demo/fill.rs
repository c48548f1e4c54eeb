//! How does the demo come by its data?
//!
//! Files are written as departments would send them, and go in the way `jiku ingest` takes any file.

use std::time::Instant;

use jiku_model::{EntityId, Kind, RecordKey, SourceSystem};
use jiku_registry::{Actor, Area, EntityView, Found, NewKey, NewUser, ParcelQuery, Purpose, Registry, RegistryError, Role, Sources, View};
use jiku_spatial::ParcelGeometry;
use jiku_synth::{SOURCES, Settings};
use serde_json::Value;

use super::home::{Example, Home, Memory};
use super::summary::{Ingested, Summary};
use super::truth::Truth;
use crate::commands::ingest::{Import, ReportFile, import};
use crate::commands::synth;
use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::operator::operator;

/// Fills the registry and completes `memory`; after an interruption it goes on where it stopped.
pub(super) fn fill(console: &Console, home: &Home, registry: &Registry, memory: &mut Memory) -> Outcome {
    let actor = operator();
    admit(registry, &actor, memory)?;
    home.remember(memory)?;
    let truth = invent(console, home, memory.people)?;
    let mut measured = Vec::new();
    for kind in Kind::ALL {
        let ingested = take_in(console, home, registry, &actor, kind)?;
        let comparing = console.spinner(&format!("comparing {} with the truth", kind.plural()));
        let accuracy = truth.compare(registry, &actor, kind)?;
        comparing.done();
        measured.push((kind, ingested, accuracy));
    }
    memory.example = Some(example(registry, &actor)?);
    memory.summary = Some(Summary::new(&registry.stats()?, &truth, &measured));
    home.remember(memory)
}

/// What departments read personal data for, besides what every department may.
const PURPOSES: &[(&str, &str, &str)] = &[
    ("数据管理局", "demo", "演示 demonstration"),
    ("公安厅", "household-registration", "户籍管理 household registration"),
    ("卫生健康委员会", "health-insurance", "医疗保障 health insurance"),
    ("教育厅", "school-enrolment", "入学登记 school enrolment"),
];

/// Who approves what the steward proposes; the password is the same.
pub(super) const COLLEAGUE: &str = "colleague";

/// Makes the steward, a colleague and the key that the demo shows.
fn admit(registry: &Registry, actor: &Actor, memory: &mut Memory) -> Outcome {
    let roles = vec![Role::Reader, Role::Steward, Role::DataOffice];
    let department = "数据管理局";
    // A risky merge takes two people.
    for name in [memory.steward.name.clone(), COLLEAGUE.to_owned()] {
        let (department, password) = (department.to_owned(), memory.steward.password.clone());
        registry
            .create_user(actor, &NewUser { name, department, roles: roles.clone(), password, staff_number: None, sources: Sources::Any })?;
    }
    for (department, code, title) in PURPOSES {
        let purpose = Purpose { department: (*department).to_owned(), code: (*code).to_owned(), title: (*title).to_owned() };
        registry.put_purpose(actor, &purpose)?;
    }
    if memory.key.is_none() {
        let new = NewKey {
            principal: "demo-key".to_owned(),
            department: department.to_owned(),
            roles: vec![Role::Reader, Role::Source, Role::Steward],
            expires_at: None,
            sources: Sources::Any,
        };
        memory.key = Some(registry.create_key(actor, &new)?.1);
    }
    Ok(())
}

fn invent(console: &Console, home: &Home, people: u64) -> Result<Truth, Failure> {
    let settings = if people == Settings::demo().people {
        Settings::demo()
    } else {
        let demo = Settings::demo();
        let share = |total: u64| (total * people).div_ceil(demo.people);
        Settings { people, companies: share(demo.companies), parcels: share(demo.parcels), ..demo }
    };
    let mut truth = Truth::default();
    let progress = console.counted("inventing people", people);
    synth::write(&home.files(), settings, false, |record, made| {
        let source = record.source.parse().map_err(|error| Failure::internal(format!("source {}: {error}", record.source)))?;
        truth.insert(RecordKey { kind: record.kind, source, key: record.source_key.clone() }, record.truth);
        progress.set(made);
        console.check_stop()
    })?;
    progress.done();
    Ok(truth)
}

fn take_in(console: &Console, home: &Home, registry: &Registry, actor: &Actor, kind: Kind) -> Result<Ingested, Failure> {
    let mut total = Ingested::default();
    let started = Instant::now();
    for source in SOURCES.iter().filter(|source| source.kind == kind) {
        let code = source.code.parse().map_err(|error| Failure::internal(format!("source {}: {error}", source.code)))?;
        let system = SourceSystem { code, name: source.name.to_owned(), department: source.department.to_owned(), trust: source.trust };
        registry.put_source(actor, &system)?;
        let ending = if kind == Kind::Parcel { "geojson" } else { "csv" };
        let path = home.files().join(format!("{}.{ending}", source.code));
        if path.exists() {
            let done = import(console, registry, actor, &Import::plain(&path, kind), &mut ReportFile::none())?;
            total.rows += done.progress.rows;
            total.rejected += done.progress.rejected;
        }
    }
    total.seconds = started.elapsed().as_secs_f64();
    Ok(total)
}

/// What the commands to copy ask about: a person many departments know, and a place on a parcel.
fn example(registry: &Registry, actor: &Actor) -> Result<Example, Failure> {
    let best = |kind: Kind, among: usize| {
        let mut known: Vec<(usize, EntityId)> = Vec::new();
        registry.memberships(actor, kind, &mut |entity, records| {
            known.push((records.len(), entity));
            known.len() < among
        })?;
        known.sort_by_key(|(records, entity)| (std::cmp::Reverse(*records), *entity));
        let mut views = Vec::new();
        for (_, entity) in known.into_iter().take(20) {
            if let Found::Record(view) = registry.find(actor, kind, entity, &View::default())? {
                views.push(*view);
            }
        }
        Ok::<Vec<EntityView>, RegistryError>(views)
    };
    let people = best(Kind::Person, 500)?;
    let person = people.iter().find(|person| ["name", "birth_date"].iter().all(|&column| person.values.contains_key(column)));
    let value = |column: &str| person.and_then(|person| person.values.get(column)).map(|value| value.value.clone()).unwrap_or_default();
    let mut place = None;
    for parcel in best(Kind::Parcel, 20)? {
        let Some((lon, lat)) = parcel.values.get("geometry").and_then(|held| middle(&held.value)) else { continue };
        let query = ParcelQuery { area: Area::Point { lon, lat }, limit: 1, ..ParcelQuery::default() };
        if !registry.query_parcels(actor, &query)?.items.is_empty() {
            place = Some((lon, lat));
            break;
        }
    }
    Ok(Example { name: value("name"), birth_date: value("birth_date"), place })
}

/// The mean of a polygon's corners, to six decimals (a decimetre): on most parcels it lies inside.
fn middle(geometry: &str) -> Option<(f64, f64)> {
    let shape = ParcelGeometry::from_stored_hex(geometry).ok()?.to_geojson();
    let mut corners = Vec::new();
    collect(shape.get("coordinates")?, &mut corners);
    #[expect(clippy::cast_precision_loss, reason = "a parcel has few corners")]
    let mean = |pick: fn(&(f64, f64)) -> f64| (corners.iter().map(pick).sum::<f64>() / corners.len() as f64 * 1e6).round() / 1e6;
    (!corners.is_empty()).then(|| (mean(|corner| corner.0), mean(|corner| corner.1)))
}

fn collect(value: &Value, corners: &mut Vec<(f64, f64)>) {
    let Some(items) = value.as_array() else { return };
    match (items.first().and_then(Value::as_f64), items.get(1).and_then(Value::as_f64)) {
        (Some(lon), Some(lat)) => corners.push((lon, lat)),
        _ => items.iter().for_each(|item| collect(item, corners)),
    }
}
