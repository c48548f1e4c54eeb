//! How does the memory of a node come to be at start?
//!
//! Everything is streamed from the tables, the kinds at the same time, then the ledger that lies between their records.
//! Whatever changes meanwhile is caught up with from the change log, and so is what changed since the memory was laid aside.

use std::sync::mpsc::sync_channel;
use std::thread;

use jiku_golden::Rules;
use jiku_linkage::Model;
use jiku_model::{Attributes, EntityId, Features, Kind, RecordKey, Timestamp};
use jiku_store::{ModelRow, ScannedRecord, Store, SurvivorshipRow, TaskState, VersionRow};
use rayon::prelude::*;
use smallvec::SmallVec;

use crate::RegistryError;
use crate::error::OpenError;
use crate::facade::EntityState;
use crate::kinds::noun;
use crate::memory::{Appraisal, Effects, Entity, Graph, Node, ParcelFeature, Shelf, Sources, Task, gather};
use crate::snapshot::Images;
use crate::write::draft::shown;
use crate::write::images::read_golden;
use crate::write::parcels::{geometry, superseded};
use crate::write::prepare::{read_attributes, strong, tokens};
use crate::write::reload::{catch_up, index, load_entities, put_judgement, put_override};
use crate::write::state::{Core, State, now};
use crate::write::ties::{features, own_numbers};

type Result<T> = std::result::Result<T, RegistryError>;

/// Builds the memory of a node from the database.
pub(crate) fn load(store: Store) -> std::result::Result<Core, OpenError> {
    load_with(store, None)
}

/// A node whose indexes stay empty, for what asks none of them.
pub(crate) fn bare(store: Store) -> std::result::Result<Core, OpenError> {
    let empty = |kind| {
        let noun = noun(kind);
        let settings = |what| move |error: &dyn std::error::Error| OpenError::Settings { what, kind, reason: chain(error) };
        let model = Model::from_toml(noun.default_model()).map_err(|error| settings("match model")(&error))?;
        let rules = Rules::from_toml(noun.default_survivorship()).map_err(|error| settings("survivorship rules")(&error))?;
        Ok::<_, OpenError>(Shelf::new(kind, (1, model), (1, rules)))
    };
    let [person, legal_person, parcel] = Kind::ALL;
    let shelves = [empty(person)?, empty(legal_person)?, empty(parcel)?];
    let (sources, last) = store.read(|reader| Ok::<_, RegistryError>((Sources::new(reader.sources()?)?, reader.last_change()?)))?;
    let (position, last_at) = last.map_or((0, Timestamp::UNIX_EPOCH), |row| (row.position, row.at));
    let state = State { graphs: Kind::ALL.map(Graph::new), touched: Default::default(), position, last_at };
    let mut core = Core::new(store, shelves, state, sources);
    core.follows = false;
    Ok(core)
}

/// Builds the memory of a node from what is laid aside and what changed since, else from the database.
pub(crate) fn load_with(store: Store, images: Option<&Images>) -> std::result::Result<Core, OpenError> {
    settle_rules(&store)?;
    // Taken before the models, the rules and the scans: what is committed meanwhile is applied once more from the change log.
    let (position, last_at, sources) = store.read(|reader| {
        let last = reader.last_change()?;
        let sources = Sources::new(reader.sources()?)?;
        Ok::<_, RegistryError>((last.as_ref().map_or(0, |row| row.position), last.map_or(Timestamp::UNIX_EPOCH, |row| row.at), sources))
    })?;
    let mut shelves = Vec::with_capacity(Kind::ALL.len());
    for kind in Kind::ALL {
        shelves.push(shelf(&store, kind)?);
    }
    let mut shelves: [Shelf; 3] = shelves.try_into().unwrap_or_else(|_| unreachable!("one shelf for each kind"));
    if let Some((graphs, laid_at)) = images.and_then(|images| images.take_up(&store, &mut shelves)) {
        for (shelf, graph) in shelves.iter().zip(&graphs) {
            recall_parcels(&store, shelf, graph)?;
        }
        let core = Core::new(store, shelves, State { graphs, touched: Default::default(), position: laid_at, last_at }, sources);
        let mut state = core.state.lock();
        core.store.read(|reader| catch_up(&core, &mut state, reader))?;
        drop(state);
        return Ok(core);
    }
    // What the others show depends on whom they name, so people come first.
    let mut graphs = vec![load_kind(&store, &shelves, Kind::Person, &sources)?];
    let others: Result<Vec<Graph>> = thread::scope(|scope| {
        let load = |kind: Kind| {
            let (store, shelves, sources) = (&store, &shelves, &sources);
            scope.spawn(move || load_kind(store, shelves, kind, sources))
        };
        let loading: Vec<_> = Kind::ALL.into_iter().skip(1).map(load).collect();
        loading.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(panicked()))).collect()
    });
    graphs.extend(others?);
    enter_common(&store, &mut graphs)?;
    for (shelf, graph) in shelves.iter().zip(&graphs) {
        place_parcels(&store, shelf, graph)?;
        recall_parcels(&store, shelf, graph)?;
    }
    let graphs: [Graph; 3] = graphs.try_into().unwrap_or_else(|_| unreachable!("one graph for each kind"));
    let state = State { graphs, touched: Default::default(), position, last_at };
    Ok(Core::new(store, shelves, state, sources))
}

fn panicked() -> RegistryError {
    RegistryError::internal("loading the indexes panicked")
}

/// On the first start the default models and rules become those in use; from then on the database says.
fn settle_rules(store: &Store) -> Result<()> {
    let missing = store.read(|reader| {
        let mut missing = Vec::new();
        for kind in Kind::ALL {
            if reader.active_model(kind)?.is_none() || reader.active_survivorship(kind)?.is_none() {
                missing.push(kind);
            }
        }
        Ok::<_, RegistryError>(missing)
    })?;
    if missing.is_empty() {
        return Ok(());
    }
    store.write(|writer| {
        for kind in missing {
            if writer.active_model(kind)?.is_none() {
                let toml = noun(kind).default_model().to_owned();
                writer.put_model(&ModelRow { kind, version: 1, toml, active: true, created_at: now(), actor: "jiku".to_owned() })?;
            }
            if writer.active_survivorship(kind)?.is_none() {
                let toml = noun(kind).default_survivorship().to_owned();
                writer.put_survivorship(&SurvivorshipRow {
                    kind,
                    version: 1,
                    toml,
                    active: true,
                    created_at: now(),
                    actor: "jiku".to_owned(),
                    decision: None,
                    to_compose: 0,
                    composed: 0,
                    changed: 0,
                    composed_through: None,
                    composed_at: Some(now()),
                })?;
            }
        }
        Ok(())
    })
}

fn shelf(store: &Store, kind: Kind) -> std::result::Result<Shelf, OpenError> {
    let (model, rules) = store.read(|reader| Ok::<_, RegistryError>((reader.active_model(kind)?, reader.active_survivorship(kind)?)))?;
    let (version, model) = model.map_or_else(|| (1, noun(kind).default_model().to_owned()), |row| (row.version, row.toml));
    let is_composing = rules.as_ref().is_some_and(|row| row.composed_at.is_none());
    let (rules_version, rules) = rules.map_or_else(|| (1, noun(kind).default_survivorship().to_owned()), |row| (row.version, row.toml));
    let model = Model::from_toml(&model).map_err(|error| OpenError::Settings { what: "match model", kind, reason: chain(&error) })?;
    let rules =
        Rules::from_toml(&rules).map_err(|error| OpenError::Settings { what: "survivorship rules", kind, reason: chain(&error) })?;
    let shelf = Shelf::new(kind, (version, model), (rules_version, rules));
    if is_composing {
        shelf.compose_anew();
    }
    Ok(shelf)
}

/// An error with what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {}", cause.to_string().trim().replace('\n', " "));
        source = cause.source();
    }
    text
}

/// A record as the indexes want it.
struct Loaded {
    slot: u32,
    node: Node,
    features: Features,
    numbers: Vec<u64>,
    tokens: Vec<u64>,
    appraisal: Appraisal,
}

/// Streams the records of a kind into its indexes and its graph: one thread reads rows, one understands them with the
/// help of all processors, this one enters them.
fn load_kind(store: &Store, shelves: &[Shelf; 3], kind: Kind, sources: &Sources) -> Result<Graph> {
    let shelf = &shelves[index(kind)];
    let mut graph = Graph::new(kind);
    let mut named = Vec::new();
    let last = store.read(|reader| Ok::<_, RegistryError>(reader.last_record(shelf.kind)?))?;
    let end = last.map_or(0, |record| record.slot() + 1);
    graph.reserve(end);
    let (read, rows_read) = sync_channel::<Vec<ScannedRecord>>(1);
    let (understood, rows_understood) = sync_channel::<Vec<Loaded>>(1);
    thread::scope(|scope| {
        let reading = scope.spawn(move || {
            store.read(|reader| {
                // When the other side stopped because of an error, reading on is only wasted.
                reader.scan_records(shelf.kind, 0..end, &mut |rows| drop(read.send(rows)))?;
                Ok::<_, RegistryError>(())
            })
        });
        let understanding = scope.spawn(move || {
            for rows in rows_read {
                let loaded: Vec<Loaded> = rows.into_par_iter().map(|row| loaded(shelves, kind, sources, row)).collect::<Result<_>>()?;
                // The other side ends only with this one.
                drop(understood.send(loaded));
            }
            Ok(())
        });
        for loaded in rows_understood {
            let mut effects = Effects::default();
            for record in loaded {
                named.extend(record.numbers.into_iter().map(|number| (record.node.entity, number)));
                effects.belong.push((record.slot, Some(record.node.entity)));
                graph.put_node(record.slot, record.node);
                effects.put.push((record.slot, record.features, record.tokens));
                effects.appraise.push((record.slot, record.appraisal));
            }
            shelf.apply(effects);
        }
        understanding.join().unwrap_or_else(|_| Err(panicked()))?;
        reading.join().unwrap_or_else(|_| Err(panicked()))
    })?;
    shelf.lookup.write().aliases = gather(named);
    graph.set_next_slot(end);
    Ok(graph)
}

fn loaded(shelves: &[Shelf; 3], kind: Kind, sources: &Sources, row: ScannedRecord) -> Result<Loaded> {
    let shelf = &shelves[index(kind)];
    let attributes: Attributes = read_attributes(&row.parsed)?;
    let source = sources.get(row.source).ok_or_else(|| RegistryError::internal(format!("record {} has an unknown source", row.id.0)))?;
    let order = RecordKey { kind: shelf.kind, source: source.code.clone(), key: row.source_key }.order();
    let entity = row.entity.ok_or_else(|| RegistryError::internal(format!("record {} belongs to no entity", row.id.0)))?;
    let node = Node { order, strong: strong(shelf.noun, &attributes), entity, source: row.source };
    Ok(Loaded {
        slot: row.id.slot(),
        node,
        features: features(shelves, kind, &attributes),
        numbers: own_numbers(shelf.noun, &attributes),
        tokens: tokens(shelf.noun, &attributes),
        appraisal: Appraisal::of(shelf.noun, row.source, &attributes, &row.problems, row.received_at),
    })
}

/// Streams what is read for all kinds at once into the graphs, which know the records already.
fn enter_common(store: &Store, graphs: &mut [Graph]) -> Result<()> {
    let mut dormant: Vec<Vec<EntityId>> = graphs.iter().map(|_| Vec::new()).collect();
    store.read(|reader| {
        reader.scan_entities(&mut |rows| {
            for row in rows {
                let (at, state) = (index(row.kind), shown(row.state));
                if state == EntityState::Active {
                    let entity = Entity::new(row.version, state, None, row.created_at, SmallVec::new());
                    graphs[at].put_entity(row.id, entity);
                } else {
                    dormant[at].push(row.id);
                }
            }
        })?;
        for (graph, ids) in graphs.iter_mut().zip(&dormant) {
            graph.gather_members();
            for (id, entity) in load_entities(reader, ids)? {
                graph.put_entity(id, entity);
            }
        }
        reader.scan_ledger(&mut |rows| rows.iter().for_each(|entry| put_judgement(&mut graphs[index(entry.left_record.kind())], entry)))?;
        reader.scan_review_tasks(&mut |rows| {
            for task in rows {
                let open = task.state == TaskState::Open;
                graphs[index(task.kind)].put_task(task.left_record.slot(), task.right_record.slot(), Task { id: task.id, open });
            }
        })?;
        for steward in reader.live_overrides()? {
            put_override(&mut graphs[index(steward.record.kind())], steward);
        }
        Ok(())
    })
}

/// Puts what all parcels say and where they lie into the indexes.
fn place_parcels(store: &Store, shelf: &Shelf, graph: &Graph) -> Result<()> {
    if shelf.kind != Kind::Parcel {
        return Ok(());
    }
    let mut effects = Effects::default();
    let mut failure = None;
    let read = |row: &VersionRow| {
        let golden = read_golden(&row.golden)?.attributes();
        let place = golden.get("geometry").map(|hex| geometry(row.entity, hex)).transpose()?;
        Ok((ParcelFeature::new(row.entity, row.version, row.recorded_from, &golden), place))
    };
    store.read(|reader| {
        reader.scan_current_versions(Kind::Parcel, &mut |rows| {
            let active = rows.par_iter().filter(|row| shown(row.state) == EntityState::Active);
            match active.map(read).collect::<Result<Vec<_>>>() {
                Ok(read) => {
                    for (feature, place) in read {
                        let id = feature.id;
                        let Some(slot) = graph.entity(id).and_then(|entity| entity.members.first().copied()) else { continue };
                        effects.parcels.put.push((id, Some((slot, feature))));
                        effects.places.extend(place.map(|geometry| (id, Some((slot, geometry)))));
                    }
                }
                Err(error) => failure = Some(error),
            }
        })?;
        Ok::<_, RegistryError>(())
    })?;
    if let Some(error) = failure {
        return Err(error);
    }
    shelf.apply(effects);
    Ok(())
}

/// Puts the superseded versions of parcels into the book of the past. Only what was changed has any, so a base that was never
/// edited costs nothing.
fn recall_parcels(store: &Store, shelf: &Shelf, graph: &Graph) -> Result<()> {
    if shelf.kind != Kind::Parcel {
        return Ok(());
    }
    let has_past = |entity: &Entity| entity.version > 1 || entity.state != EntityState::Active;
    let changed = graph.entities().filter(|(_, entity)| has_past(entity)).map(|(id, _)| (id, 0));
    let mut effects = Effects::default();
    effects.parcels.missed = store.read(|reader| superseded(reader, changed))?;
    shelf.apply(effects);
    Ok(())
}
