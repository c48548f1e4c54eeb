//! What follows from the ledger for the records a write touched: clusters, canonical ids, golden records?

use std::sync::Arc;

use ahash::{AHashMap, AHashSet};
use jiku_golden::{Composition, Golden, GoldenValue, Member, Override, Rules, compose, compose_of};
use jiku_linkage::MatchIndex;
use jiku_model::{Attributes, EntityId, RecordId, Timestamp};
use jiku_parcel::edit::{LEFT_EMPTY, decided};
use jiku_parcel::rights::{SHORT, gathered};
use jiku_parcel::survey::Survey;
use jiku_resolution::{Assignment, Former, IdOrigin, Redirect, assign_ids, cluster};
use jiku_store::{Reader, RecordRow};
use rayon::prelude::*;
use smallvec::SmallVec;
use uuid::Uuid;

use super::crowds;
use super::draft::{Draft, EntityDraft};
use super::images::read_golden;
use super::prepare::read_attributes;
use super::state::Core;
use super::tasks;
use super::ties::own_numbers;
use crate::RegistryError;
use crate::cadastre::Cadastre;
use crate::facade::EntityState;
use crate::kinds::noun;
use crate::memory::{Entity, Graph, Nobodys, Shelf, Sources};

/// From so many on, what does not lean on one another is done on all processors; fewer are done sooner than other threads wake.
pub(crate) const MANY: usize = 64;
/// How many of them one thread takes at a time.
pub(super) const PIECE: usize = 16;

/// What must be read again from the database when a write is not committed, or because another node wrote it.
#[derive(Debug, Default)]
pub(crate) struct Touched {
    pub(crate) slots: AHashSet<u32>,
    pub(crate) entities: AHashSet<EntityId>,
    /// Another model came into use.
    pub(crate) model: bool,
    /// Other survivorship rules came into use.
    pub(crate) rules: bool,
}

impl Touched {
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.entities.is_empty() && !self.model && !self.rules
    }
}

/// Where a write to one kind is planned.
pub(crate) struct Desk<'a> {
    pub(crate) core: &'a Core,
    pub(crate) shelf: &'a Shelf,
    pub(crate) graph: &'a mut Graph,
    pub(crate) touched: &'a mut Touched,
    pub(crate) sources: &'a Sources,
    pub(crate) cadastre: &'a Cadastre,
}

/// A record whose content is new in this write.
#[derive(Clone, Debug)]
pub(crate) struct Fresh<'a> {
    pub(crate) attributes: &'a Attributes,
    pub(crate) survey: Option<&'a Arc<Survey>>,
    pub(crate) received_at: Timestamp,
    pub(crate) revision: i32,
    pub(crate) actor: Arc<str>,
}

/// What a write did to the ledger.
#[derive(Default)]
pub(crate) struct Cause<'a> {
    /// Records with new content.
    pub(crate) fresh: AHashMap<u32, Fresh<'a>>,
    /// Records that do not count any more, with the entity each belonged to.
    pub(crate) gone: Vec<(u32, EntityId)>,
    /// Records whose judgements or overrides changed.
    pub(crate) judged: Vec<u32>,
    /// Whose overrides changed.
    pub(crate) overridden: Vec<u32>,
    /// Whether every golden record is composed again, and gets a new version when it says something else.
    pub(crate) recompose: bool,
    /// The index of the model that judged, where it is not in use yet.
    pub(crate) matching: Option<&'a MatchIndex>,
    /// Who did it; a fresh record has its own.
    pub(crate) actor: Arc<str>,
}

/// Clusters everything the cause can reach, gives ids, composes golden records, and derives the review tasks; all of it
/// goes into the graph and the draft.
pub(crate) fn settle(desk: &mut Desk<'_>, reader: &mut Reader<'_>, draft: &mut Draft, cause: &Cause<'_>) -> Result<(), RegistryError> {
    let left_behind =
        cause.gone.iter().filter_map(|(_, entity)| desk.graph.entity(*entity)).flat_map(|entity| entity.members.iter().copied());
    let seeds: Vec<u32> = cause.fresh.keys().copied().chain(cause.judged.iter().copied()).chain(left_behind).collect();
    let slots = desk.graph.component(seeds);
    desk.touched.slots.extend(slots.iter().copied());
    let (edges, nobodys) = match cause.matching {
        Some(matching) => (desk.graph.edges(matching, &slots, &draft.effects.put), Arc::new(Nobodys::of(matching.model()))),
        None => (desk.graph.edges(&desk.shelf.matching.read(), &slots, &draft.effects.put), desk.shelf.nobodys()),
    };
    let clustering = cluster(&desk.graph.resolution_nodes(&slots, &nobodys), &edges, &desk.shelf.cluster_rules);
    let formers = formers(desk.graph, &slots, cause);
    let assignment = assign_ids(&clustering.groups, &formers, || EntityId(Uuid::now_v7()));
    desk.touched.entities.extend(formers.iter().map(|former| former.entity));
    desk.touched.entities.extend(assignment.groups.iter().map(|group| group.entity));

    let changed = groups_that_change(desk.graph, &clustering.groups, &assignment, cause);
    let losing = formers.iter().zip(&assignment.former).filter(|(_, redirect)| **redirect != Redirect::Itself);
    let needed = changed.iter().flat_map(|change| change.members.iter().copied());
    let needed: Vec<u32> = needed.chain(losing.flat_map(|(former, _)| former.members.iter().map(|record| record.slot()))).collect();
    let contents = load_members(reader, desk.graph, needed.into_iter(), cause)?;
    let changed = if cause.recompose { without_equal(desk, reader, changed, &contents, cause)? } else { changed };
    let goldens = goldens_of(desk, &changed, &contents, cause)?;
    for (change, golden) in changed.into_iter().zip(goldens) {
        install_group(desk, draft, change, golden, &contents, cause);
    }
    for (former, redirect) in formers.iter().zip(&assignment.former) {
        install_former(desk.graph, draft, former, *redirect, &contents, cause);
    }
    let grown = crowds::fill(desk, draft)?;
    let mut slots = [slots, grown].concat();
    slots.sort_unstable();
    slots.dedup();
    tasks::derive(desk, reader, draft, &slots, &clustering.held)
}

fn formers(graph: &Graph, slots: &[u32], cause: &Cause<'_>) -> Vec<Former> {
    let mut formers = graph.formers(slots);
    for (_, entity) in &cause.gone {
        if formers.iter().all(|former| former.entity != *entity)
            && let Some(known) = graph.entity(*entity)
        {
            let gone = |member: u32| cause.gone.iter().any(|(slot, _)| *slot == member);
            let members = known.members.iter().filter(|member| !gone(**member)).map(|member| graph.record(*member)).collect();
            formers.push(Former { entity: *entity, created: known.created(), members, active: known.state == EntityState::Active });
        }
    }
    formers
}

/// A group whose entity gets a new version.
struct GroupChange {
    id: EntityId,
    origin: IdOrigin,
    members: SmallVec<[u32; 4]>,
}

fn groups_that_change(graph: &Graph, groups: &[Vec<RecordId>], assignment: &Assignment, cause: &Cause<'_>) -> Vec<GroupChange> {
    let overridden: AHashSet<u32> = cause.overridden.iter().copied().collect();
    let mut changes = Vec::new();
    for (group, given) in groups.iter().zip(&assignment.groups) {
        let members: SmallVec<[u32; 4]> = group.iter().map(|record| record.slot()).collect();
        let same = graph.entity(given.entity).is_some_and(|entity| entity.state == EntityState::Active && entity.members == members);
        if cause.recompose || !same || members.iter().any(|slot| cause.fresh.contains_key(slot) || overridden.contains(slot)) {
            changes.push(GroupChange { id: given.entity, origin: given.origin, members });
        }
    }
    changes
}

/// What survivorship and the crosswalk need of a record.
struct MemberContent {
    attributes: Attributes,
    received_at: Timestamp,
    revision: i32,
}

/// The contents of all records that are needed and not fresh, in one go.
fn load_members(
    reader: &mut Reader<'_>,
    graph: &Graph,
    needed: impl Iterator<Item = u32>,
    cause: &Cause<'_>,
) -> Result<AHashMap<u32, MemberContent>, RegistryError> {
    let mut wanted: Vec<RecordId> = needed.filter(|slot| !cause.fresh.contains_key(slot)).map(|slot| graph.record(slot)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(AHashMap::new());
    }
    let content = |row: RecordRow| {
        let attributes = read_attributes(&row.parsed)?;
        Ok((row.id.slot(), MemberContent { attributes, received_at: row.received_at, revision: row.revision }))
    };
    reader.records(&wanted)?.into_iter().map(content).collect()
}

/// Leaves out the groups that are as they were and whose golden record says what it said.
fn without_equal(
    desk: &Desk<'_>,
    reader: &mut Reader<'_>,
    changes: Vec<GroupChange>,
    contents: &AHashMap<u32, MemberContent>,
    cause: &Cause<'_>,
) -> Result<Vec<GroupChange>, RegistryError> {
    let ids: Vec<EntityId> = changes.iter().map(|change| change.id).collect();
    let mut held: AHashMap<EntityId, Golden> = AHashMap::new();
    for row in reader.current_versions(&ids)? {
        held.insert(row.entity, read_golden(&row.golden)?);
    }
    let goldens = goldens_of(desk, &changes, contents, cause)?;
    let mut different = Vec::new();
    for (change, golden) in changes.into_iter().zip(goldens) {
        let entity = desk.graph.entity(change.id);
        let same = entity.is_some_and(|entity| entity.state == EntityState::Active && entity.members == change.members);
        if !same || held.get(&change.id) != Some(&golden.golden()) {
            different.push(change);
        }
    }
    Ok(different)
}

/// Gives a group its entity's new version.
fn install_group(
    desk: &mut Desk<'_>,
    draft: &mut Draft,
    change: GroupChange,
    golden: Composition,
    contents: &AHashMap<u32, MemberContent>,
    cause: &Cause<'_>,
) {
    let GroupChange { id, origin, members } = change;
    let graph = &mut *desk.graph;
    let previous = graph.entity(id).cloned();
    let mut records = gone_from(graph, cause, id);
    let mut actor = None;
    for &slot in &members {
        let record = graph.record(slot);
        let fresh = cause.fresh.get(&slot);
        let Some(node) = graph.node_mut(slot) else { continue };
        let moved = node.entity != id;
        node.entity = id;
        if let Some(fresh) = fresh {
            draft.belongs.insert(record, id);
            actor.get_or_insert_with(|| fresh.actor.to_string());
        } else if moved {
            draft.moved.entry(id).or_default().push(record);
        }
        if moved || fresh.is_some() {
            draft.effects.belong.push((slot, Some(id)));
        }
        if moved || fresh.is_some() || cause.overridden.contains(&slot) {
            records.push(record);
        }
    }
    let revisions = revisions_of(graph, &members, contents, cause);
    let alone = members.first().filter(|_| matches!(golden, Composition::Alone(..))).and_then(|slot| cause.fresh.get(slot));
    let survey = alone.and_then(|fresh| fresh.survey).map(Arc::clone);
    draft.effects.aliases.push((id, numbers_of(desk.shelf, &members, contents, cause)));
    let version = previous.as_ref().map_or(1, |entity| entity.version + 1);
    let created = previous.as_ref().map_or(draft.at, |entity| entity.created());
    let event = match origin {
        IdOrigin::Minted => "created",
        IdOrigin::Revived => "revived",
        IdOrigin::Kept => "updated",
    };
    draft.entities.insert(
        id,
        EntityDraft {
            new: previous.is_none(),
            created,
            version,
            state: EntityState::Active,
            redirect: None,
            golden,
            survey,
            members: revisions,
            event,
            other: previous.and_then(|entity| entity.redirect()),
            records,
            actor: actor.unwrap_or_else(|| cause.actor.to_string()),
            position: 0,
        },
    );
    graph.put_entity(id, Entity::new(version, EntityState::Active, None, created, members));
}

/// Gives an id that lost its records its new version: merged, pointed elsewhere, or retired.
fn install_former(
    graph: &mut Graph,
    draft: &mut Draft,
    former: &Former,
    redirect: Redirect,
    contents: &AHashMap<u32, MemberContent>,
    cause: &Cause<'_>,
) {
    let Some(previous) = graph.entity(former.entity).cloned() else { return };
    let (state, target, event) = match redirect {
        Redirect::To(target) if previous.state == EntityState::Merged && previous.redirect() == Some(target) => return,
        Redirect::To(target) => {
            (EntityState::Merged, Some(target), if previous.state == EntityState::Active { "merged" } else { "redirected" })
        }
        Redirect::Retired if previous.state == EntityState::Active => (EntityState::Retired, None, "retired"),
        Redirect::Retired | Redirect::Itself => return,
    };
    draft.effects.aliases.push((former.entity, Vec::new()));
    let created = previous.created();
    let mut members = previous.members;
    if state == EntityState::Merged && members.iter().any(|slot| graph.node(*slot).is_some()) {
        members.retain(|slot| graph.node(*slot).is_some());
    }
    let version = previous.version + 1;
    draft.entities.insert(
        former.entity,
        EntityDraft {
            new: false,
            created,
            version,
            state,
            redirect: target,
            golden: Composition::default(),
            survey: None,
            members: revisions_of(graph, &members, contents, cause),
            event,
            other: target,
            records: gone_from(graph, cause, former.entity),
            actor: cause.actor.to_string(),
            position: 0,
        },
    );
    graph.put_entity(former.entity, Entity::new(version, state, target, created, members));
}

/// The numbers by which the members together go.
fn numbers_of(shelf: &Shelf, members: &[u32], contents: &AHashMap<u32, MemberContent>, cause: &Cause<'_>) -> Vec<u64> {
    let attributes = |slot: &u32| {
        cause.fresh.get(slot).map_or_else(|| contents.get(slot).map(|content| &content.attributes), |fresh| Some(fresh.attributes))
    };
    let mut numbers: Vec<u64> = members.iter().filter_map(attributes).flat_map(|said| own_numbers(shelf.noun, said)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn gone_from(graph: &Graph, cause: &Cause<'_>, entity: EntityId) -> Vec<RecordId> {
    cause.gone.iter().filter(|(_, from)| *from == entity).map(|(slot, _)| graph.record(*slot)).collect()
}

fn revisions_of(graph: &Graph, members: &[u32], contents: &AHashMap<u32, MemberContent>, cause: &Cause<'_>) -> Vec<(RecordId, i32)> {
    let revision =
        |slot: &u32| cause.fresh.get(slot).map(|fresh| fresh.revision).or_else(|| contents.get(slot).map(|content| content.revision));
    members.iter().map(|slot| (graph.record(*slot), revision(slot).unwrap_or_default())).collect()
}

/// The golden record of each group, in their order; of many at once on all processors.
fn goldens_of(
    desk: &Desk<'_>,
    changes: &[GroupChange],
    contents: &AHashMap<u32, MemberContent>,
    cause: &Cause<'_>,
) -> Result<Vec<Composition>, RegistryError> {
    let (shelf, graph, sources) = (desk.shelf, &*desk.graph, desk.sources);
    let compose = |change: &GroupChange| golden_of(shelf, graph, sources, &change.members, contents, cause);
    if changes.len() < MANY { changes.iter().map(compose).collect() } else { changes.par_iter().with_min_len(PIECE).map(compose).collect() }
}

fn golden_of(
    shelf: &Shelf,
    graph: &Graph,
    sources: &Sources,
    members: &[u32],
    contents: &AHashMap<u32, MemberContent>,
    cause: &Cause<'_>,
) -> Result<Composition, RegistryError> {
    let mut speaking: Vec<Speaker<'_>> = Vec::with_capacity(members.len());
    let mut overrides = Vec::new();
    for &slot in members {
        let missing = || RegistryError::internal(format!("record {} is in the graph and not in the database", graph.record(slot).0));
        let (attributes, received_at) = match cause.fresh.get(&slot) {
            Some(fresh) => (fresh.attributes, fresh.received_at),
            None => contents.get(&slot).map(|content| (&content.attributes, content.received_at)).ok_or_else(missing)?,
        };
        let node = graph.node(slot).ok_or_else(missing)?;
        let member = member(graph.record(slot), node.order, sources.standing(node.source), node.strong.is_some(), received_at, attributes);
        speaking.push(Speaker { member, source: node.source, edit: sources.is_of_edits(node.source) });
        overrides.extend(graph.overrides(slot).iter().map(|steward| Override {
            column: &steward.column,
            value: &steward.value,
            at: steward.at,
        }));
    }
    // Most entities are one record that no rule adds anything to.
    let alone = match (speaking.as_slice(), overrides.as_slice()) {
        ([Speaker { member, edit: false, .. }], []) => Composition::alone(shelf.noun, member.record, member.attributes),
        _ => None,
    };
    Ok(alone.unwrap_or_else(|| Composition::Chosen(heard(&shelf.rules(), &speaking, &overrides))))
}

/// A member that speaks for an entity.
pub(crate) struct Speaker<'a> {
    pub(crate) member: Member<'a>,
    /// The number of its source system.
    pub(crate) source: i16,
    /// Whether it is an edit of the service's own.
    pub(crate) edit: bool,
}

/// The golden record of members. What an edit decides, records that were received before it say no more. The rights of a
/// parcel are told by all rows of the source that tells its right holder.
pub(crate) fn heard(rules: &Rules, speakers: &[Speaker<'_>], overrides: &[Override<'_>]) -> Golden {
    if speakers.iter().all(|speaker| !speaker.edit) {
        let members: Vec<Member<'_>> = speakers.iter().map(|speaker| speaker.member).collect();
        let mut golden = composed(rules, &members, overrides);
        gather_rights(&mut golden, speakers, &members);
        return golden;
    }
    let mut said: Vec<Attributes> = speakers.iter().map(|speaker| speaker.member.attributes.clone()).collect();
    for edit in speakers.iter().filter(|speaker| speaker.edit) {
        for (speaker, said) in speakers.iter().zip(&mut said) {
            if !speaker.edit && speaker.member.received_at <= edit.member.received_at {
                decided(edit.member.attributes).for_each(|column| drop(said.remove(column)));
            }
        }
    }
    said.iter_mut().for_each(|said| drop(said.remove(LEFT_EMPTY)));
    let members: Vec<Member<'_>> =
        speakers.iter().zip(&said).map(|(speaker, said)| Member { attributes: said, ..speaker.member }).collect();
    let mut golden = composed(rules, &members, overrides);
    gather_rights(&mut golden, speakers, &members);
    golden
}

/// What the rules of the kind choose.
fn composed(rules: &Rules, members: &[Member<'_>], overrides: &[Override<'_>]) -> Golden {
    match members.first() {
        Some(first) => compose_of(noun(first.record.kind()), rules, members, overrides),
        None => compose(rules, members, overrides),
    }
}

fn gather_rights(golden: &mut Golden, speakers: &[Speaker<'_>], members: &[Member<'_>]) {
    if members.len() < 2 {
        return;
    }
    let holder = golden.values.get("right_holder").or_else(|| golden.values.get("right_holder_id"));
    let Some((chosen, rule)) = holder.and_then(|value| Some((value.record?, value.rule.clone()))) else { return };
    let Some(at) = members.iter().position(|member| member.record == chosen) else { return };
    let mut rows: Vec<&Member<'_>> = vec![&members[at]];
    let of_source = speakers.iter().zip(members).filter(|(speaker, _)| speaker.source == speakers[at].source);
    rows.extend(of_source.map(|(_, member)| member).filter(|member| member.record != chosen));
    rows[1..].sort_by_key(|member| (member.order, member.record));
    let Some(found) = gathered(&rows.iter().map(|row| row.attributes).collect::<Vec<_>>()) else { return };
    let leading = rows[found.leading];
    let value =
        |value: &str| GoldenValue { value: value.to_owned(), record: Some(leading.record), rule: rule.clone(), agreeing: 1, differing: 0 };
    if leading.record != chosen {
        for column in SHORT {
            golden.values.remove(column);
            golden.values.extend(leading.attributes.get(column).map(|said| (column.to_owned(), value(said))));
        }
    }
    golden.values.insert("rights".to_owned(), value(&found.list));
}

/// A record as survivorship sees it; `standing` is the code of its source, and how far that is trusted.
pub(crate) fn member<'a>(
    record: RecordId,
    order: u64,
    standing: (&'a str, u8),
    verified: bool,
    received_at: Timestamp,
    attributes: &'a Attributes,
) -> Member<'a> {
    let (source, trust) = standing;
    Member { record, order, source, trust, verified, valid_from: attributes.get("valid_from"), received_at, attributes }
}

#[cfg(test)]
mod tests {
    use jiku_model::Kind;

    use super::*;

    fn attributes(pairs: &[(&str, &str)]) -> Attributes {
        pairs.iter().copied().collect()
    }

    #[test]
    fn a_record_that_is_alone_says_what_composing_it_would_say_byte_for_byte() {
        let parcel = attributes(&[("parcel_code", "440106001001GB00001"), ("location", "天河\"一\\路\n1号"), ("right_holder", "\u{1}𠮷")]);
        let company = attributes(&[("name", "广州某某公司"), ("address", "天河路1号"), ("division", "440106"), ("status", "active")]);
        let clinic = attributes(&[("name", "李雷"), ("birth_date", "1990-01-01")]);
        for (kind, said) in
            [(Kind::Parcel, parcel), (Kind::LegalPerson, company), (Kind::Person, clinic), (Kind::Person, Attributes::new())]
        {
            let rules = Rules::from_toml(noun(kind).default_survivorship()).expect("rules");
            let (record, at) = (RecordId::new(kind, 7), Timestamp::UNIX_EPOCH);
            let composed = compose_of(noun(kind), &rules, &[member(record, 1, ("gongan", 50), false, at, &said)], &[]);
            let alone = Composition::alone(noun(kind), record, &said).expect("nothing is added to it");
            assert_eq!(alone.json(), serde_json::to_string(&composed).expect("plain values"));
            assert_eq!((alone.golden(), alone.attributes().as_ref()), (composed.clone(), &composed.attributes()));
        }
        let numbered = attributes(&[("name", "李雷"), ("id_number", "11010119900307003X")]);
        let undivided = attributes(&[("name", "某某公司"), ("address", "广州市天河区天河路1号")]);
        for (kind, said) in [(Kind::Person, numbered), (Kind::LegalPerson, undivided)] {
            assert_eq!(Composition::alone(noun(kind), RecordId::new(kind, 7), &said), None, "rules may add to it");
        }
    }
}
