//! What would other survivorship rules change?
//!
//! Every golden record that rules can change is composed by them beside its current version; nothing is written, and writers wait only while
//! the list of these is made.

use std::collections::BTreeMap;

use ahash::AHashMap;
use jiku_golden::{Golden, GoldenValue, Override, Rules};
use jiku_model::{Attributes, EntityId, Kind, RecordId};
use jiku_store::{OverrideRow, Reader, RecordRow};
use rayon::prelude::*;

use super::view::clauses;
use super::{Proposed, concerned};
use crate::facade::{AttributeChange, RulesChange, RulesExample, RulesPreview, ValueView};
use crate::kinds::noun;
use crate::memory::Sources;
use crate::registry::Inner;
use crate::write::images::{read_golden, record_keys, values};
use crate::write::prepare::{read_attributes, strong};
use crate::write::reload::{index, read_members};
use crate::write::settle::{Speaker, heard, member};
use crate::{Actor, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

/// How many golden records are looked at together.
const STEP: usize = 1_000;

/// How many examples are shown of one attribute.
const OF_ONE: usize = 3;
/// How many examples are shown in all.
const EXAMPLES: usize = 60;

/// What rules would change. Whose values are shown is traced before they are.
pub(crate) fn preview(inner: &Inner, actor: &Actor, kind: Kind, change: &RulesChange) -> Result<RulesPreview> {
    let proposed = Proposed::of(inner, kind, change)?;
    let mut ids: Vec<EntityId> = concerned(&inner.core.state.lock().graphs[index(kind)]).collect();
    ids.sort_unstable();
    let mut sums = Sums::default();
    for piece in ids.chunks(STEP) {
        inner.core.store.read(|reader| look_at(reader, kind, &proposed.rules, piece, &mut sums))?;
    }
    let mut shown: BTreeMap<EntityId, Vec<&str>> = BTreeMap::new();
    sums.examples.iter().for_each(|example| shown.entry(example.entity).or_default().push(&example.column));
    let read: Vec<(EntityId, String)> = shown.into_iter().map(|(id, columns)| (id, columns.join(","))).collect();
    inner.audit.log(actor, "survivorship-preview", kind, &read)?;
    let attribute = |(column, (values, provenance))| AttributeChange { column, values, provenance };
    Ok(RulesPreview {
        kind,
        version: proposed.from,
        digest: proposed.digest,
        clauses: clauses(&proposed.rules),
        warnings: proposed.warnings,
        looked_at: ids.len() as u64,
        changed: sums.changed,
        attributes: sums.attributes.into_iter().map(attribute).collect(),
        examples: sums.examples,
    })
}

#[derive(Default)]
struct Sums {
    changed: u64,
    /// By attribute: other values, and the same with another provenance.
    attributes: BTreeMap<String, (u64, u64)>,
    examples: Vec<RulesExample>,
}

/// Composes some golden records by these rules and counts what differs from their current versions.
fn look_at(reader: &mut Reader<'_>, kind: Kind, rules: &Rules, ids: &[EntityId], sums: &mut Sums) -> Result<()> {
    let mut current: Vec<(EntityId, Golden, Vec<RecordId>)> = Vec::with_capacity(ids.len());
    for row in reader.current_versions(ids)?.into_iter().filter(|row| row.state == jiku_store::EntityState::Active) {
        let members = read_members(&row.members)?.into_iter().map(|(record, _)| record).collect();
        current.push((row.entity, read_golden(&row.golden)?, members));
    }
    let members: Vec<RecordId> = current.iter().flat_map(|(.., members)| members.iter().copied()).collect();
    let sources = Sources::new(reader.sources()?)?;
    let records: AHashMap<RecordId, RecordRow> = reader.records(&members)?.into_iter().map(|row| (row.id, row)).collect();
    let mut overrides: AHashMap<RecordId, Vec<OverrideRow>> = AHashMap::new();
    for row in reader.overrides_of_records(&members)?.into_iter().filter(|row| row.released_at.is_none()) {
        overrides.entry(row.record).or_default().push(row);
    }
    let composed = |(_, _, members): &(EntityId, Golden, Vec<RecordId>)| composed(kind, rules, &sources, members, &records, &overrides);
    let then: Vec<Golden> = current.par_iter().map(composed).collect::<Result<_>>()?;

    let mut different: Vec<(EntityId, String, Option<GoldenValue>, Option<GoldenValue>)> = Vec::new();
    for ((id, mut now, _), mut then) in current.into_iter().zip(then) {
        if now == then {
            continue;
        }
        sums.changed += 1;
        let mut columns: Vec<String> = now.values.keys().chain(then.values.keys()).cloned().collect();
        columns.sort_unstable();
        columns.dedup();
        for column in columns {
            let (now, then) = (now.values.remove(&column), then.values.remove(&column));
            if now == then {
                continue;
            }
            let is_other = now.as_ref().map(|value| &value.value) != then.as_ref().map(|value| &value.value);
            let (values, provenance) = sums.attributes.entry(column.clone()).or_default();
            *(if is_other { &mut *values } else { provenance }) += 1;
            let known =
                |of: &[(EntityId, String, Option<GoldenValue>, Option<GoldenValue>)]| of.iter().filter(|known| known.1 == column).count();
            let shown = sums.examples.iter().filter(|example| example.column == column).count() + known(&different);
            if is_other && shown < OF_ONE && sums.examples.len() + different.len() < EXAMPLES {
                different.push((id, column, now, then));
            }
        }
    }
    let told: Vec<RecordId> =
        different.iter().flat_map(|(_, _, now, then)| [now, then]).flatten().filter_map(|value| value.record).collect();
    let keys = record_keys(reader, &sources, &told)?;
    let view = |column: &str, value: Option<GoldenValue>| -> Option<ValueView> {
        let golden = Golden { values: [(column.to_owned(), value?)].into() };
        values(golden, &keys).remove(column)
    };
    sums.examples.extend(different.into_iter().map(|(entity, column, now, then)| {
        let (now, then) = (view(&column, now), view(&column, then));
        RulesExample { entity, column, now, then }
    }));
    Ok(())
}

/// What members say together by these rules.
fn composed(
    kind: Kind,
    rules: &Rules,
    sources: &Sources,
    members: &[RecordId],
    records: &AHashMap<RecordId, RecordRow>,
    overrides: &AHashMap<RecordId, Vec<OverrideRow>>,
) -> Result<Golden> {
    let mut contents: Vec<(&RecordRow, u64, Attributes)> = Vec::with_capacity(members.len());
    for row in members.iter().filter_map(|record| records.get(record)) {
        contents.push((row, sources.key(row)?.order(), read_attributes(&row.parsed)?));
    }
    let speakers: Vec<Speaker<'_>> = contents
        .iter()
        .map(|(row, order, attributes)| {
            let verified = strong(noun(kind), attributes).is_some();
            let member = member(row.id, *order, sources.standing(row.source), verified, row.received_at, attributes);
            Speaker { member, source: row.source, edit: sources.is_of_edits(row.source) }
        })
        .collect();
    let standing: Vec<Override<'_>> = members
        .iter()
        .filter_map(|record| overrides.get(record))
        .flatten()
        .map(|row| Override { column: &row.column_name, value: row.value.as_deref().unwrap_or_default(), at: row.at })
        .collect();
    Ok(heard(rules, &speakers, &standing))
}
