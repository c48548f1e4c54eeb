//! Use cases: what needs the database and none of the indexes.
//!
//! Reading a million records takes long; a command that makes an account or changes a key should not wait for it.

use std::path::Path;
use std::sync::Arc;

use jiku_store::Store;

use super::{Inner, Options, Result, open_store};
use crate::facade::{Act, ActView, Encryption, Forgotten, KeyUse, Page, RetentionRules, VerifyReport};
use crate::load::bare;
use crate::rights::{Right, require};
use crate::seals::sealer::seal;
use crate::write::state::now;
use crate::{Actor, OpenError, RegistryError, Seal, acts, retention, verify};

/// A registry without its indexes: accounts, purposes, keys, traces and copies. [`super::Registry`] is one too.
#[derive(Clone)]
pub struct Office {
    pub(super) inner: Arc<Inner>,
}

impl Office {
    /// Opens the database and brings its schema up to date; reads no record.
    ///
    /// # Errors
    /// When the database cannot be used; the message is one sentence for the operator.
    pub fn open(options: &Options) -> Result<Self, OpenError> {
        let core = bare(open_store(options)?)?;
        Ok(Self { inner: Arc::new(Inner::start(core, None, None, options)?) })
    }

    /// As [`Office::open`], of a database that has this version's schema; an older one is refused and left as it is.
    ///
    /// # Errors
    /// As [`Office::open`], and when the schema is older.
    pub fn open_unchanged(options: &Options) -> Result<Self, OpenError> {
        let looked = Store::open_to_inspect(&options.database);
        drop(looked.map_err(|error| OpenError::Database(error.to_string(), Box::new(error)))?);
        Self::open(options)
    }

    /// Finishes the writes that are queued and stops; later writes answer `stopping`.
    pub fn close(&self) {
        self.inner.stop();
    }

    /// The change-log position this node has applied.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.inner.core.position()
    }
}

/// Keys, copies and what is forgotten.
impl Office {
    /// The keys that values of people are encrypted under, oldest first, and the file of the master keys.
    pub fn encryption(&self) -> Result<Encryption> {
        let (key_file, keys) = self.inner.core.store.keys()?;
        Ok(Encryption { key_file, keys })
    }

    /// Makes a new key for this use and encrypts everything anew under it while others read and write; `each` hears how many rows
    /// are done. How many rows there were.
    pub fn rotate_key(&self, actor: &Actor, of: KeyUse, each: &mut dyn FnMut(u64)) -> Result<u64> {
        require(actor, Right::Operate)?;
        let number = self.inner.core.store.add_key(of, now())?;
        self.note(actor, Act::KeyringChanged, format!("key {number}"), format!("made for {of:?}").to_lowercase())?;
        self.resume_rotation(actor, each)
    }

    /// Goes on with a rotation that was interrupted. How many rows there were.
    pub fn resume_rotation(&self, actor: &Actor, each: &mut dyn FnMut(u64)) -> Result<u64> {
        require(actor, Right::Operate)?;
        Ok(self.inner.core.store.reseal(now(), each)?.rows)
    }

    /// Adds a new master key to the key file and wraps the data keys with it; its id.
    pub fn change_master_key(&self, actor: &Actor) -> Result<String> {
        require(actor, Right::Operate)?;
        let master = self.inner.core.store.change_master_key()?;
        self.note(actor, Act::KeyringChanged, format!("master key {master}"), "made, and wraps every key".to_owned())?;
        Ok(master)
    }

    fn note(&self, actor: &Actor, act: Act, about: String, detail: String) -> Result<()> {
        let actor = actor.principal.clone();
        self.inner.queue.act(move |session| acts::note(session, &actor, act, &about, &detail))
    }

    /// Writes down that this copy of the database was made.
    pub fn backup_made(&self, actor: &Actor, copy: &str, detail: &str) -> Result<()> {
        require(actor, Right::Operate)?;
        self.note(actor, Act::BackupMade, copy.to_owned(), detail.to_owned())
    }

    /// Writes down that a database was made of this copy elsewhere, and what came of it.
    pub fn restore_tried(&self, actor: &Actor, copy: &str, outcome: &str) -> Result<()> {
        require(actor, Right::Operate)?;
        self.note(actor, Act::RestoreTried, copy.to_owned(), outcome.to_owned())
    }

    /// Forgets what the rules of retention say: never source records, versions, decisions or the logs.
    pub fn forget(&self, actor: &Actor, rules: &RetentionRules) -> Result<Forgotten> {
        require(actor, Right::Operate)?;
        retention::apply(&self.inner, actor, rules)
    }
}

/// The traces.
impl Office {
    /// What administrators did, after a position of the change log, in order, at most 1,000.
    pub fn acts(&self, actor: &Actor, after: i64, limit: usize) -> Result<Vec<ActView>> {
        require(actor, Right::Audit)?;
        acts::list(&self.inner, after, limit)
    }

    /// What administrators did, the latest first; `cursor` is `next` of the page before.
    pub fn latest_acts(&self, actor: &Actor, limit: usize, cursor: Option<&str>) -> Result<Page<ActView>> {
        require(actor, Right::Audit)?;
        acts::latest(&self.inner, limit, cursor)
    }

    /// Recomputes the hash chain of the change log alone, and tells every break.
    pub fn verify_chain(&self, actor: &Actor) -> Result<VerifyReport> {
        require(actor, Right::Audit)?;
        verify::verify_chain(&self.inner)
    }

    /// Seals the traces as they stand: a signed line in the day's file of this folder, which should lie outside the database's
    /// reach. Nothing when the last seal there says the same.
    pub fn seal_traces(&self, folder: &Path) -> Result<Option<Seal>, RegistryError> {
        seal(&self.inner.core, folder, &mut None)
    }
}
