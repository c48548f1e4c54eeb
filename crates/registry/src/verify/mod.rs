//! Is everything derived what it should be?
//!
//! Every encrypted value is opened, those of earlier versions too, and every record compared with the digest of the text it came in. The memory is built a second time from the database and compared
//! with the one at work; pairs that the model judged are weighed anew, clusters computed from the ledger, golden records from their
//! members, typed tables from golden records, and the hash chain from its rows.
//! Writers of this node wait meanwhile; readers do not.

mod chain;
mod damage;
mod entities;
mod judgements;
mod memory;
mod records;
mod settings;

pub use damage::damage;

use jiku_model::Kind;

use crate::RegistryError;
use crate::facade::{Difference, VerifyReport};
use crate::load::load;
use crate::registry::Inner;
use crate::write::reload::{catch_up, index};

/// The most differences that are listed.
const MOST_LISTED: usize = 1_000;

/// Differences as they are found.
#[derive(Default)]
pub(crate) struct Findings {
    listed: Vec<Difference>,
    total: u64,
}

impl Findings {
    fn add(&mut self, area: &'static str, subject: impl ToString, detail: impl Into<String>) {
        self.total += 1;
        if self.listed.len() < MOST_LISTED {
            self.listed.push(Difference { area, subject: subject.to_string(), detail: detail.into() });
        }
    }
}

/// Checks the hash chain alone: the log of a running service, in the time it takes to read it.
pub(crate) fn verify_chain(inner: &Inner) -> Result<VerifyReport, RegistryError> {
    let mut findings = Findings::default();
    let (changes, _) = inner.core.store.read(|reader| chain::check(reader, &mut findings))?;
    let position = i64::try_from(changes).unwrap_or(i64::MAX);
    Ok(VerifyReport { differences: findings.listed, total: findings.total, records: 0, entities: 0, changes, position })
}

pub(crate) fn verify(inner: &Inner) -> Result<VerifyReport, RegistryError> {
    let core = &inner.core;
    let mut findings = Findings::default();
    let mut report = VerifyReport { differences: Vec::new(), total: 0, records: 0, entities: 0, changes: 0, position: 0 };
    for damaged in core.store.damaged_rows()? {
        findings.add("sealed-value", format!("{} {}", damaged.table, damaged.row), damaged.said);
    }
    if findings.total > 0 {
        // Nothing can be computed from what cannot be read.
        return Ok(VerifyReport { differences: findings.listed, total: findings.total, ..report });
    }
    let mut state = core.state.lock();
    let fresh = load(core.store.clone()).map_err(|error| RegistryError::internal(error.to_string()))?;
    let mut fresh_state = fresh.state.lock();
    core.store.read(|reader| {
        catch_up(core, &mut state, reader)?;
        catch_up(&fresh, &mut fresh_state, reader)?;
        report.position = state.position;
        let (changes, moments) = chain::check(reader, &mut findings)?;
        report.changes = changes;
        judgements::of_models(&fresh, reader, &mut findings)?;
        for kind in Kind::ALL {
            let (graph, fresh_graph) = (&state.graphs[index(kind)], &fresh_state.graphs[index(kind)]);
            memory::graphs(graph, fresh_graph, &mut findings);
            report.records += memory::indexes(core, fresh.shelf(kind), reader, &mut findings)?;
            entities::clusters(core.shelf(kind), fresh_graph, &mut findings);
            report.entities += entities::golden(core.shelf(kind), fresh_graph, &fresh.sources(), reader, &mut findings)?;
            entities::moments(fresh_graph, &moments, reader, &mut findings)?;
            records::check(kind, core, &moments, reader, &mut findings)?;
            settings::check(kind, reader, &mut findings)?;
        }
        Ok::<_, RegistryError>(())
    })?;
    for line in core.store.integrity_findings()? {
        findings.add("database", "file", line);
    }
    report.total = findings.total;
    report.differences = findings.listed;
    Ok(report)
}
