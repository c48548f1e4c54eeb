//! Use cases: how it stands with the data, and what keeps them whole.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::facade::{DayCount, QualityQuery, QualityReport, Stats, VerifyReport};
use crate::read::{feed, quality};
use crate::registry::{Registry, Result};
use crate::rights::{Right, require};
use crate::{Actor, RegistryError, rebuild, verify};

impl Registry {
    /// The figures of the whole.
    pub fn stats(&self) -> Result<Stats> {
        Ok(feed::stats(&self.inner))
    }

    /// The same for a page: while a batch is written, they may be those from before it.
    #[must_use]
    pub fn recent_stats(&self) -> Stats {
        feed::recent_stats(&self.inner)
    }

    /// How good what each source sends is, by field, reason and time; without personal data.
    pub fn quality(&self, query: &QualityQuery) -> Result<QualityReport> {
        quality::quality(&self.inner, query)
    }

    /// How much changed on each of the last `days` days, oldest first; at most 92.
    pub fn activity(&self, days: usize) -> Result<Vec<DayCount>> {
        feed::activity(&self.inner, days)
    }

    /// Recomputes clusters, golden records, indexes and the hash chain, and tells every difference.
    pub fn verify(&self) -> Result<VerifyReport> {
        verify::verify(&self.inner)
    }

    /// Seals the traces every so often, and when the service stops.
    pub fn seal_traces_every(&self, folder: &Path, every: Duration) -> Result<()> {
        self.seal_traces(folder)?;
        let started = self.inner.sealer.start(Arc::clone(&self.inner.core), folder.to_owned(), every);
        started.map_err(|error| RegistryError::internal(format!("a thread cannot be started: {error}")))
    }

    /// Replaces everything derived: judgements of the model, clusters, golden records, typed tables, indexes.
    /// Canonical ids and stewards' decisions stay.
    pub fn rebuild(&self, actor: &Actor) -> Result<()> {
        require(actor, Right::Operate)?;
        rebuild::rebuild(&self.inner, actor)
    }
}
