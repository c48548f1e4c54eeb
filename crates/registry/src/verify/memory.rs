//! Does the memory at work hold what the database says?

use jiku_linkage::compare;
use jiku_spatial::ParcelGeometry;
use jiku_store::{Reader, ScannedRecord};

use super::Findings;
use crate::RegistryError;
use crate::memory::{Graph, Shelf};
use crate::write::prepare::{read_attributes, tokens};
use crate::write::state::Core;

/// Compares two graphs of one kind.
pub(super) fn graphs(at_work: &Graph, fresh: &Graph, findings: &mut Findings) {
    for slot in 0..at_work.slots().max(fresh.slots()) {
        let record = || fresh.record(slot).0;
        if at_work.node(slot) != fresh.node(slot) {
            findings.add("graph", record(), "the record in memory is not the one in the database");
        }
        let arcs = |graph: &Graph| {
            let mut arcs: Vec<(u32, u32, &'static str)> =
                graph.model_arcs(slot).iter().map(|arc| (arc.other, arc.weight.to_bits(), arc.verdict.as_str())).collect();
            arcs.extend(graph.held(slot).iter().map(|other| (*other, u32::MAX, "rule")));
            arcs.extend(graph.steward_verdicts(slot).iter().map(|arc| (arc.other, u32::MAX, arc.verdict.as_str())));
            arcs.sort_unstable();
            arcs
        };
        if arcs(at_work) != arcs(fresh) {
            findings.add("graph", record(), "the judgements in memory are not those of the ledger");
        }
        let mut waiting = (at_work.waiting(slot).collect::<Vec<_>>(), fresh.waiting(slot).collect::<Vec<_>>());
        waiting.0.sort_unstable();
        waiting.1.sort_unstable();
        if waiting.0 != waiting.1 {
            findings.add("graph", record(), "the review tasks in memory are not those of the database");
        }
        if at_work.overrides(slot) != fresh.overrides(slot) {
            findings.add("graph", record(), "the overrides in memory are not those of the database");
        }
    }
    for (id, entity) in fresh.entities() {
        if at_work.entity(id) != Some(entity) {
            findings.add("graph", id, "the entity in memory is not the one in the database");
        }
    }
    for (id, _) in at_work.entities().filter(|(id, _)| fresh.entity(*id).is_none()) {
        findings.add("graph", id, "the entity in memory is not in the database");
    }
}

/// Compares the indexes for readers with the records of the database; how many records there are.
pub(super) fn indexes(core: &Core, fresh: &Shelf, reader: &mut Reader<'_>, findings: &mut Findings) -> Result<u64, RegistryError> {
    let at_work = core.shelf(fresh.kind);
    let matching = at_work.matching.read();
    let lookup = at_work.lookup.read();
    let fresh_lookup = fresh.lookup.read();
    let mut count: u64 = 0;
    let mut failure = None;
    let mut check = |row: ScannedRecord, findings: &mut Findings| -> Result<(), RegistryError> {
        count += 1;
        let slot = row.id.slot();
        let attributes = read_attributes(&row.parsed)?;
        let features = core.features(at_work.kind, &attributes);
        let own = compare(&at_work.model(), &features, &features).weight;
        match matching.score(&features, slot) {
            None => findings.add("match-index", row.id.0, "the record is missing"),
            Some(score) if score.weight.to_bits() != own.to_bits() => {
                findings.add("match-index", row.id.0, "the record has other features")
            }
            Some(_) => {}
        }
        for token in tokens(at_work.noun, &attributes) {
            if lookup.postings.get(token).binary_search(&slot).is_err() {
                findings.add("search-index", row.id.0, "a search token is missing");
            }
        }
        if lookup.quality.entry(slot) != fresh_lookup.quality.entry(slot) {
            findings.add("quality-index", row.id.0, "the record is counted with other values or problems");
        }
        if lookup.entity(slot) != row.entity {
            findings.add("directory", row.id.0, "the record leads to another entity");
        }
        Ok(())
    };
    reader.scan_records(at_work.kind, 0..u32::MAX, &mut |rows| {
        for row in rows {
            if let Err(error) = check(row, findings) {
                failure.get_or_insert(error);
            }
        }
    })?;
    if let Some(error) = failure {
        return Err(error);
    }
    if matching.len() as u64 != count {
        findings.add("match-index", at_work.kind, format!("holds {} records, the database {count}", matching.len()));
    }
    let (own, expected) = (&lookup.postings, &fresh_lookup.postings);
    if (own.len(), own.digest()) != (expected.len(), expected.digest()) {
        findings.add(
            "search-index",
            at_work.kind,
            format!("holds {} tokens, or carries them for other records, than the {} of the database", own.len(), expected.len()),
        );
    }
    if lookup.aliases != fresh_lookup.aliases {
        findings.add("directory", at_work.kind, "the entities that go by several numbers are not those of the database");
    }
    let surplus = lookup.entries().filter(|(slot, _)| fresh_lookup.entity(*slot).is_none()).count();
    if surplus > 0 {
        findings.add("directory", at_work.kind, format!("{surplus} records lead to an entity and are not active"));
    }
    places(at_work, fresh, findings);
    Ok(count)
}

/// Compares where parcels lie.
fn places(at_work: &Shelf, fresh: &Shelf, findings: &mut Findings) {
    let (own, expected) = (at_work.spatial.snapshot(), fresh.spatial.snapshot());
    for slot in expected.slots() {
        if own.geometry(slot).as_ref().map(ParcelGeometry::to_wkb) != expected.geometry(slot).as_ref().map(ParcelGeometry::to_wkb) {
            findings.add("spatial-index", slot, "the parcel of this record lies elsewhere, or is missing");
        }
    }
    if own.len() != expected.len() {
        findings.add("spatial-index", at_work.kind, format!("holds {} parcels, the database {}", own.len(), expected.len()));
    }
    let (own, expected) = (at_work.parcels.view(), fresh.parcels.view());
    let surplus = own.onward(0).filter(|(slot, _)| expected.get(*slot).is_none());
    for (slot, _) in expected.onward(0).filter(|(slot, feature)| own.get(*slot) != Some(feature)).chain(surplus) {
        findings.add("parcel-book", slot, "the parcel of this record says something else, is missing, or is gone");
    }
    if at_work.parcels.past_digest() != fresh.parcels.past_digest() {
        findings.add("parcel-book", at_work.kind, "the superseded versions in memory are not those of the database");
    }
    if at_work.parcels.slots() != fresh.parcels.slots() {
        findings.add("spatial-index", at_work.kind, "parcels stand under other records");
    }
}
