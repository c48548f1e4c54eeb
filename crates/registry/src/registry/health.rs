//! Use cases: how it stands with the data, and what keeps them whole.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::facade::{DayCount, Encryption, Forgotten, QualityQuery, QualityReport, RetentionRules, Stats, VerifyReport};
use crate::read::{feed, quality};
use crate::registry::{Registry, Result};
use crate::rights::{Right, require};
use crate::seals::sealer::seal;
use crate::write::state::now;
use crate::{Actor, RegistryError, Seal, rebuild, retention, verify};

impl Registry {
    /// The figures of the whole.
    pub fn stats(&self) -> Result<Stats> {
        feed::stats(&self.inner)
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

    /// Recomputes the hash chain of the change log alone, and tells every break.
    pub fn verify_chain(&self, actor: &Actor) -> Result<VerifyReport> {
        require(actor, Right::Audit)?;
        verify::verify_chain(&self.inner)
    }

    /// Seals the traces as they stand: a signed line in the day's file of this folder, which should lie outside the database's
    /// reach. Nothing when the last seal there says the same.
    pub fn seal_traces(&self, folder: &Path) -> Result<Option<Seal>> {
        seal(&self.inner.core, folder, &mut None)
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

    /// Forgets what the rules of retention say: never source records, versions, decisions or the logs.
    pub fn forget(&self, actor: &Actor, rules: &RetentionRules) -> Result<Forgotten> {
        require(actor, Right::Operate)?;
        retention::apply(&self.inner, actor, rules)
    }

    /// The keys that values of people are encrypted under, oldest first, and the file of the master keys.
    pub fn encryption(&self) -> Result<Encryption> {
        let (key_file, keys) = self.inner.core.store.keys()?;
        Ok(Encryption { key_file, keys })
    }

    /// Makes a new data key and encrypts everything anew under it while others read and write; `each` hears how many rows
    /// are done. Interrupted, the next call with `fresh` false goes on. How many rows there were.
    pub fn rotate_data_key(&self, actor: &Actor, fresh: bool, each: &mut dyn FnMut(u64)) -> Result<u64> {
        require(actor, Right::Operate)?;
        if fresh {
            self.inner.core.store.add_data_key(now())?;
        }
        Ok(self.inner.core.store.reseal(now(), each)?.rows)
    }

    /// Adds a new master key to the key file and wraps the data keys with it; its id.
    pub fn change_master_key(&self, actor: &Actor) -> Result<String> {
        require(actor, Right::Operate)?;
        Ok(self.inner.core.store.change_master_key()?)
    }

    /// Copies the database to a file while it is used (SQLite; PostgreSQL has its own tools).
    pub fn backup(&self, to: &Path) -> Result<()> {
        Ok(self.inner.core.store.backup_to(to)?)
    }
}
