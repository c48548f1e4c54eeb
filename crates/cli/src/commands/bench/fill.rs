//! What goes into the database that is measured, and how fast?

use std::time::Instant;

use jiku_model::{EntityId, Kind, RawRecord, RecordKey};
use jiku_registry::{Actor, Incoming, Registry, RowOutcome};
use jiku_synth::{Province, Settings, SynthRecord};
use serde_json::Value;

use super::BenchArgs;
use crate::console::Console;
use crate::failure::Failure;

/// Records in one transaction, as `jiku ingest` sends them.
const BATCH: usize = 2_000;

/// The department whose records come last, into the full base.
const LATE: &str = "weijian";

/// What went in, and what may be asked about it.
pub(super) struct Taken {
    pub(super) records: u64,
    pub(super) seconds: f64,
    pub(super) late_records: u64,
    pub(super) late_seconds: f64,
    pub(super) people: Vec<RawRecord>,
    pub(super) ids: Vec<EntityId>,
    /// Places where parcels are: longitude and latitude.
    pub(super) places: Vec<[f64; 2]>,
}

pub(super) fn take_in(args: &BenchArgs, console: &Console, registry: &Registry, actor: &Actor) -> Result<Taken, Failure> {
    let settings = Settings::new(1, args.people, args.people * 3 / 20, args.parcels.unwrap_or(args.people / 4));
    let progress = console.counted("taking records in", args.people);
    // So many are kept as questions, at even distances; a person has about three records.
    let apart = (usize::try_from(args.people).unwrap_or(usize::MAX) * 3 / args.questions.max(1)).max(7);
    let mut taken =
        Taken { records: 0, seconds: 0.0, late_records: 0, late_seconds: 0.0, people: Vec::new(), ids: Vec::new(), places: Vec::new() };
    let mut province = Province::new(settings);
    let mut late: Vec<SynthRecord> = Vec::new();
    loop {
        // Inventing is not what is measured.
        let batch: Vec<SynthRecord> = province.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        taken.people.extend(batch.iter().filter(|record| record.kind == Kind::Person).step_by(apart).map(SynthRecord::raw));
        let parcels = batch.iter().filter(|record| record.kind == Kind::Parcel);
        taken.places.extend(parcels.step_by(7).filter_map(|record| first_vertex(record.get("geometry")?)));
        let (later, now): (Vec<_>, Vec<_>) = batch.into_iter().partition(|record| record.kind == Kind::Person && record.source == LATE);
        late.extend(later.into_iter().step_by(apart.div_ceil(7)));
        let (outcomes, seconds) = ingest(registry, actor, &now)?;
        taken.seconds += seconds;
        taken.records += outcomes.len() as u64;
        let of_people = outcomes.iter().filter(|outcome| outcome.key.kind == Kind::Person);
        taken.ids.extend(of_people.filter_map(|outcome| outcome.entity).step_by(apart));
        progress.set(province.made().people);
        console.check_stop()?;
    }
    progress.done();
    let progress = console.counted("taking records into the full base", late.len() as u64);
    for batch in late.chunks(BATCH) {
        taken.late_seconds += ingest(registry, actor, batch)?.1;
        taken.late_records += batch.len() as u64;
        progress.advance(batch.len() as u64);
        console.check_stop()?;
    }
    progress.done();
    Ok(taken)
}

/// Takes records in, and how many seconds that took.
fn ingest(registry: &Registry, actor: &Actor, records: &[SynthRecord]) -> Result<(Vec<RowOutcome>, f64), Failure> {
    let incoming = records.iter().map(incoming).collect::<Result<Vec<_>, _>>()?;
    let started = Instant::now();
    let outcomes = registry.ingest(actor, incoming)?;
    Ok((outcomes, started.elapsed().as_secs_f64()))
}

fn incoming(record: &SynthRecord) -> Result<Incoming, Failure> {
    let source = record.source.parse().map_err(|error| Failure::internal(format!("source {}: {error}", record.source)))?;
    let raw = record.raw();
    let payload = Value::Object(raw.clone()).to_string();
    Ok(Incoming { key: RecordKey { kind: record.kind, source, key: record.source_key.clone() }, raw, payload, line: None, row: None })
}

/// Where a boundary in well-known text begins.
fn first_vertex(text: &str) -> Option<[f64; 2]> {
    let mut numbers = text.trim_start_matches(|c: char| !c.is_ascii_digit()).split([' ', ',']);
    let mut next = || numbers.next()?.parse().ok();
    Some([next()?, next()?])
}

#[cfg(test)]
mod tests {
    use super::first_vertex;

    #[test]
    fn a_boundary_begins_at_its_first_vertex() {
        assert_eq!(first_vertex("POLYGON ((113.5 23.25, 113.6 23.25))"), Some([113.5, 23.25]));
        assert_eq!(first_vertex("POLYGON EMPTY"), None);
    }
}
