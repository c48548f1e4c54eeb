//! What of a database that cannot be loaded is it that cannot be read?

use jiku_model::Kind;
use jiku_store::{Reader, Store, StoreError};

use super::Findings;
use crate::facade::VerifyReport;
use crate::{OpenError, Options, RegistryError};

/// A way to read a table, and the table.
type Walk = (&'static str, fn(&mut Reader<'_>) -> Result<(), StoreError>);

/// Everything a start reads, and what stands beside it. What a page of SQLite holds cannot be told by its tables: each is read by itself.
const WALKS: [Walk; 13] = [
    ("source_system", |reader| reader.sources().map(drop)),
    ("data_key", |reader| reader.data_keys().map(drop)),
    ("match_model", |reader| Kind::ALL.into_iter().try_for_each(|kind| reader.models(kind).map(drop))),
    ("survivorship", |reader| Kind::ALL.into_iter().try_for_each(|kind| reader.survivorships(kind).map(drop))),
    ("source_record", |reader| Kind::ALL.into_iter().try_for_each(|kind| reader.scan_records(kind, 0..u32::MAX, &mut drop))),
    ("entity", |reader| reader.scan_entities(&mut drop)),
    ("entity_version", |reader| Kind::ALL.into_iter().try_for_each(|kind| reader.scan_current_versions(kind, &mut drop))),
    ("judgement", |reader| reader.scan_ledger(&mut drop)),
    ("review_task", |reader| reader.scan_review_tasks(&mut drop)),
    ("change_log", changes),
    ("person", |reader| reader.scan_persons(&mut drop)),
    ("legal_person", |reader| reader.scan_legal_persons(&mut drop)),
    ("parcel", |reader| reader.scan_parcels(&mut drop)),
];

fn changes(reader: &mut Reader<'_>) -> Result<(), StoreError> {
    let mut position = 0;
    while let Some(last) = reader.changes(position, 10_000)?.last() {
        position = last.position;
    }
    Ok(())
}

/// Looks for what is damaged, table by table; `why` is what a start or a check failed with, which is told when nothing else is found.
///
/// # Errors
/// When not even the tables can be opened.
pub fn damage(options: &Options, why: &RegistryError) -> Result<VerifyReport, OpenError> {
    let store = crate::registry::open_store(options)?;
    let mut findings = Findings::default();
    look(&store, &mut findings);
    if findings.total == 0 {
        let mut told = why.to_string();
        let mut source = std::error::Error::source(why);
        while let Some(inner) = source {
            told = format!("{told}: {inner}");
            source = inner.source();
        }
        findings.add("unreadable", "database", told);
    }
    Ok(VerifyReport { differences: findings.listed, total: findings.total, records: 0, entities: 0, changes: 0, position: 0 })
}

fn look(store: &Store, findings: &mut Findings) {
    for (table, walk) in WALKS {
        if let Err(error) = store.read(walk) {
            findings.add("unreadable", table, said(&error));
        }
    }
    match store.damaged_rows() {
        Ok(rows) => rows.into_iter().for_each(|row| findings.add("sealed-value", format!("{} {}", row.table, row.row), row.said)),
        Err(error) => findings.add("unreadable", "encrypted values", said(&error)),
    }
    match store.integrity_findings() {
        Ok(lines) => lines.into_iter().for_each(|line| findings.add("database", "file", line)),
        Err(error) => findings.add("database", "file", said(&error)),
    }
}

/// What failed, in the words of the database, which show no value of a row.
fn said(error: &StoreError) -> String {
    let context = error.context();
    format!("{}: {}", context.during, context.said)
}
