//! How is a graph laid aside and taken up again?

use std::io;
use std::num::NonZeroU64;

use ahash::AHashMap;
use jiku_model::{DecisionId, EntityId, ImageReader, ImageWriter, Kind, TaskId, Timestamp, Verdict, unfit};
use smallvec::SmallVec;
use uuid::Uuid;

use super::{Entities, Entity, Graph, ModelArc, Node, Override, StewardArc, Task};
use crate::facade::EntityState;

const VERDICTS: [Verdict; 3] = [Verdict::Positive, Verdict::Negative, Verdict::Unsure];
const STATES: [EntityState; 3] = [EntityState::Active, EntityState::Merged, EntityState::Retired];

/// The place of a thing in the list of all there are.
fn number<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter().position(|known| known == one).and_then(|place| u8::try_from(place).ok()).unwrap_or(u8::MAX)
}

fn one_of<T: Copy>(all: &[T], number: u8) -> io::Result<T> {
    all.get(usize::from(number)).copied().ok_or_else(|| unfit("a code that is not known"))
}

fn moment(micros: i64) -> io::Result<Timestamp> {
    Timestamp::from_timestamp_micros(micros).ok_or_else(|| unfit("a moment out of range"))
}

/// Arrays that tell of the same things, side by side.
fn aligned(lengths: &[usize]) -> io::Result<()> {
    if lengths.windows(2).all(|pair| pair[0] == pair[1]) { Ok(()) } else { Err(unfit("arrays of different lengths")) }
}

fn write_entities(entities: &Entities, image: &mut ImageWriter<'_>) -> io::Result<()> {
    let entities: Vec<_> = entities.iter().collect();
    image.u128s(entities.iter().map(|(id, _)| id.0.as_u128()))?;
    image.i32s(entities.iter().map(|(_, entity)| entity.version))?;
    image.bytes(&entities.iter().map(|(_, entity)| number(&STATES, &entity.state)).collect::<Vec<_>>())?;
    image.u128s(entities.iter().map(|(_, entity)| entity.redirect().map_or(0, |to| to.0.as_u128())))?;
    image.i64s(entities.iter().map(|(_, entity)| entity.created().timestamp_micros()))?;
    image.u32s(entities.iter().map(|(_, entity)| u32::try_from(entity.members.len()).unwrap_or(u32::MAX)))?;
    let members: Vec<u32> = entities.iter().flat_map(|(_, entity)| entity.members.iter().copied()).collect();
    image.u32s(members.iter().copied())
}

/// Each judgement from the side of the smaller record.
fn write_judgements(
    model: &AHashMap<u32, SmallVec<[ModelArc; 2]>>,
    steward: &AHashMap<u32, Vec<StewardArc>>,
    image: &mut ImageWriter<'_>,
) -> io::Result<()> {
    let told = model.iter().flat_map(|(from, arcs)| arcs.iter().filter(|arc| *from < arc.other).map(move |arc| (*from, arc)));
    let told: Vec<_> = told.collect();
    image.u32s(told.iter().map(|(from, _)| *from))?;
    image.u32s(told.iter().map(|(_, arc)| arc.other))?;
    image.f32s(told.iter().map(|(_, arc)| arc.weight))?;
    image.bytes(&told.iter().map(|(_, arc)| number(&VERDICTS, &arc.verdict)).collect::<Vec<_>>())?;
    let said = steward.iter().flat_map(|(from, arcs)| arcs.iter().filter(|arc| *from < arc.other).map(move |arc| (*from, arc)));
    let said: Vec<_> = said.collect();
    image.u32s(said.iter().map(|(from, _)| *from))?;
    image.u32s(said.iter().map(|(_, arc)| arc.other))?;
    image.i64s(said.iter().map(|(_, arc)| arc.at.timestamp_micros()))?;
    image.u128s(said.iter().map(|(_, arc)| arc.decision.0.as_u128()))?;
    image.bytes(&said.iter().map(|(_, arc)| number(&VERDICTS, &arc.verdict)).collect::<Vec<_>>())
}

impl Graph {
    /// Lays the graph aside. What follows from the rest (figures, claims, the sides of tasks) is not written.
    pub(crate) fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        let Self { kind: _, nodes, figures: _, next_slot, model, held, steward, entities, claims: _, tasks, task_sides: _, overrides } =
            self;
        image.number(u64::from(*next_slot))?;
        image.u64s(nodes.iter().map(|node| node.order))?;
        image.u64s(nodes.iter().map(|node| node.strong.map_or(0, NonZeroU64::get)))?;
        image.u128s(nodes.iter().map(|node| node.entity.0.as_u128()))?;
        image.i16s(nodes.iter().map(|node| node.source))?;
        write_entities(entities, image)?;
        write_judgements(model, steward, image)?;
        let pairs = held.iter().flat_map(|(from, others)| others.iter().filter(move |to| from < *to).map(move |to| (*from, *to)));
        let pairs: Vec<(u32, u32)> = pairs.collect();
        image.u32s(pairs.iter().map(|(left, _)| *left))?;
        image.u32s(pairs.iter().map(|(_, right)| *right))?;
        let tasks: Vec<_> = tasks.iter().collect();
        image.u32s(tasks.iter().map(|((left, _), _)| *left))?;
        image.u32s(tasks.iter().map(|((_, right), _)| *right))?;
        image.u128s(tasks.iter().map(|(_, task)| task.id.0.as_u128()))?;
        image.bytes(&tasks.iter().map(|(_, task)| u8::from(task.open)).collect::<Vec<_>>())?;
        let standing: Vec<_> = overrides.iter().flat_map(|(slot, all)| all.iter().map(move |one| (*slot, one))).collect();
        image.u32s(standing.iter().map(|(slot, _)| *slot))?;
        image.u128s(standing.iter().map(|(_, one)| one.decision.0.as_u128()))?;
        image.i64s(standing.iter().map(|(_, one)| one.at.timestamp_micros()))?;
        standing.iter().try_for_each(|(_, one)| image.bytes(one.column.as_bytes()).and_then(|()| image.bytes(one.value.as_bytes())))
    }

    /// Takes up again what [`Graph::write`] laid aside.
    pub(crate) fn read(kind: Kind, image: &mut ImageReader<'_>) -> io::Result<Self> {
        let mut graph = Self::new(kind);
        let next = image.number()?;
        graph.set_next_slot(u32::try_from(next).map_err(|_| unfit("too many records"))?);
        let (orders, strongs, entities, sources) = (image.u64s()?, image.u64s()?, image.u128s()?, image.i16s()?);
        aligned(&[orders.len(), strongs.len(), entities.len(), sources.len()])?;
        let rest = orders.into_iter().zip(strongs).zip(entities.into_iter().zip(sources));
        let node = |((order, strong), (entity, source))| Node {
            order,
            strong: NonZeroU64::new(strong),
            entity: EntityId(Uuid::from_u128(entity)),
            source,
        };
        graph.nodes = rest.map(node).collect();
        graph.figures.records = graph.nodes.iter().filter(|node| !node.is_vacant()).count() as u64;
        graph.read_entities(image)?;
        graph.read_judgements(image)?;
        let (lefts, rights) = (image.u32s()?, image.u32s()?);
        aligned(&[lefts.len(), rights.len()])?;
        lefts.into_iter().zip(rights).for_each(|(left, right)| graph.hold(left, right));
        let (lefts, rights, ids, open) = (image.u32s()?, image.u32s()?, image.u128s()?, image.bytes()?);
        aligned(&[lefts.len(), rights.len(), ids.len(), open.len()])?;
        for ((left, right), (id, open)) in lefts.into_iter().zip(rights).zip(ids.into_iter().zip(open)) {
            graph.put_task(left, right, Task { id: TaskId(Uuid::from_u128(id)), open: open != 0 });
        }
        let (slots, decisions, moments) = (image.u32s()?, image.u128s()?, image.i64s()?);
        aligned(&[slots.len(), decisions.len(), moments.len()])?;
        for (slot, (decision, at)) in slots.into_iter().zip(decisions.into_iter().zip(moments)) {
            let (column, value, at) = (image.text()?, image.text()?, moment(at)?);
            graph.put_override(slot, Override { decision: DecisionId(Uuid::from_u128(decision)), column, value, at });
        }
        Ok(graph)
    }

    fn read_entities(&mut self, image: &mut ImageReader<'_>) -> io::Result<()> {
        let (ids, versions, states) = (image.u128s()?, image.i32s()?, image.bytes()?);
        let (redirects, created, counts, members) = (image.u128s()?, image.i64s()?, image.u32s()?, image.u32s()?);
        aligned(&[ids.len(), versions.len(), states.len(), redirects.len(), created.len(), counts.len()])?;
        self.entities.reserve(ids.len());
        let mut rest = members.as_slice();
        let states = states.into_iter().zip(redirects.into_iter().zip(created.into_iter().zip(counts)));
        for ((id, version), (state, (redirect, (created, count)))) in ids.into_iter().zip(versions).zip(states) {
            let (own, after) = rest.split_at_checked(count as usize).ok_or_else(|| unfit("members are missing"))?;
            rest = after;
            let redirect = (redirect != 0).then(|| EntityId(Uuid::from_u128(redirect)));
            let members = SmallVec::from_slice(own);
            let entity = Entity::new(version, one_of(&STATES, state)?, redirect, moment(created)?, members);
            self.put_entity(EntityId(Uuid::from_u128(id)), entity);
        }
        Ok(())
    }

    fn read_judgements(&mut self, image: &mut ImageReader<'_>) -> io::Result<()> {
        let (lefts, rights, weights, verdicts) = (image.u32s()?, image.u32s()?, image.f32s()?, image.bytes()?);
        aligned(&[lefts.len(), rights.len(), weights.len(), verdicts.len()])?;
        self.model.reserve(lefts.len() + lefts.len() / 2);
        for ((left, right), (weight, verdict)) in lefts.into_iter().zip(rights).zip(weights.into_iter().zip(verdicts)) {
            self.put_model_edge(left, right, one_of(&VERDICTS, verdict)?, weight);
        }
        let (lefts, rights, moments, decisions) = (image.u32s()?, image.u32s()?, image.i64s()?, image.u128s()?);
        let verdicts = image.bytes()?;
        aligned(&[lefts.len(), rights.len(), moments.len(), decisions.len(), verdicts.len()])?;
        let said = moments.into_iter().zip(decisions.into_iter().zip(verdicts));
        for ((left, right), (at, (decision, verdict))) in lefts.into_iter().zip(rights).zip(said) {
            self.put_steward_edge(left, right, one_of(&VERDICTS, verdict)?, moment(at)?, DecisionId(Uuid::from_u128(decision)));
        }
        Ok(())
    }
}
