//! How does a node come back without reading everything again?
//!
//! Its memory is laid aside in a folder, one file for each kind, encrypted under a key of the database. At the next start the
//! files are taken up when each was written by this very program, under the match model and rules in use, at a position this
//! change log really had; what changed since is read again like the writes of another node. Companies and parcels are compared
//! by what is known of people, so it is all files or none. A file that does not fit is named in the log and not used:
//! everything in it can be made from the database.

mod keeper;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;

use jiku_model::{ImageReader, ImageWriter, Kind, unfit};
use jiku_store::{Reader, Store};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};

pub(crate) use keeper::Keeper;

use crate::RegistryError;
use crate::memory::{Graph, Indexes, Shelf};
use crate::write::reload::{catch_up, index};
use crate::write::state::Core;

/// What the files are encrypted for.
const PURPOSE: &str = "index image";

/// One change in so many records may have happened since and be read again; after more a start from the database is as quick.
const OLD_SHARE: i64 = 8;
/// So many changes are read again in any case.
const OLD_LEAST: i64 = 1_000;

/// The folder where a node's memory is laid aside.
pub(crate) struct Images {
    folder: PathBuf,
    /// From how many records on that is worth it.
    from: u64,
    /// The position of the files that lie there, as far as this node read or wrote them.
    laid_at: Mutex<Option<i64>>,
}

/// Why a file is not taken up.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("it was written by another version, or under another match model or rules")]
    Foreign,
    #[error("it tells a position that this change log never had")]
    Elsewhere,
    #[error("it lies {behind} changes back")]
    Old { behind: i64 },
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("the database does not answer: {0}")]
    Database(#[from] RegistryError),
}

/// The program that runs, by its bytes: what a record's keys and tokens are, only the same program says the same.
fn program() -> Option<[u8; 32]> {
    static PROGRAM: OnceLock<Option<[u8; 32]>> = OnceLock::new();
    *PROGRAM.get_or_init(|| {
        let digest = || {
            let mut file = File::open(std::env::current_exe()?)?;
            let (mut digest, mut part) = (Sha256::new(), vec![0; 1 << 20]);
            loop {
                match file.read(&mut part)? {
                    0 => return Ok::<_, io::Error>(digest.finalize().into()),
                    read => digest.update(&part[..read]),
                }
            }
        };
        digest().inspect_err(|error| tracing::warn!(%error, "the program's own file cannot be read; indexes are not laid aside")).ok()
    })
}

/// Under what a kind's memory is derived: this program, the match model in use and the rules. None when this node's are no longer those of
/// the database.
fn fingerprint(reader: &mut Reader<'_>, shelf: &Shelf) -> Result<Option<[u8; 32]>, RegistryError> {
    let (model, rules) = (reader.active_model(shelf.kind)?, reader.active_survivorship(shelf.kind)?);
    let (Some(program), Some(model), Some(rules)) = (program(), model, rules) else { return Ok(None) };
    let mut digest = Sha256::new();
    digest.update(program);
    for text in [&model.toml, &rules.toml] {
        digest.update((text.len() as u64).to_le_bytes());
        digest.update(text);
    }
    digest.update(shelf.kind.as_str());
    let is_own = model.version == shelf.model_version() && rules.version == shelf.rules_version();
    Ok(is_own.then(|| digest.finalize().into()))
}

/// A kind's memory as it was laid aside.
struct Laid {
    graph: Graph,
    indexes: Indexes,
    position: i64,
    /// The position of the database when it was read.
    last: i64,
}

impl Images {
    pub(crate) fn new(folder: PathBuf, from: u64) -> Self {
        Self { folder, from, laid_at: Mutex::new(None) }
    }

    fn file(&self, kind: Kind) -> PathBuf {
        self.folder.join(format!("{}.image", kind.as_str()))
    }

    /// The ledgers as they were laid aside with their position, and the indexes on their shelves. None, and the shelves as they
    /// were, unless every kind has a file that fits.
    pub(crate) fn take_up(&self, store: &Store, shelves: &mut [Shelf; 3]) -> Option<([Graph; 3], i64)> {
        let read: Vec<Result<Laid, Refused>> = thread::scope(|scope| {
            let reading: Vec<_> = shelves.iter().map(|shelf| scope.spawn(|| self.read(store, shelf))).collect();
            reading.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(unfit("reading it panicked").into()))).collect()
        });
        if read.iter().all(|read| matches!(read, Err(Refused::Unreadable(error)) if error.kind() == io::ErrorKind::NotFound)) {
            return None;
        }
        let mut all = Vec::with_capacity(read.len());
        for (kind, read) in Kind::ALL.into_iter().zip(read) {
            all.push(read.map_err(|refused| self.tell(kind, &refused)).ok()?);
        }
        let oldest = all.iter().zip(Kind::ALL).min_by_key(|(laid, _)| laid.position).map(|(laid, kind)| (laid.position, kind));
        let (position, kind) = oldest?;
        let records: u64 = all.iter().map(|laid| laid.graph.figures().records).sum();
        let behind = all.iter().map(|laid| laid.last).max()? - position;
        if behind > OLD_LEAST.max(i64::try_from(records).unwrap_or(i64::MAX) / OLD_SHARE) {
            self.tell(kind, &Refused::Old { behind });
            return None;
        }
        let mut graphs = Vec::with_capacity(all.len());
        for (shelf, laid) in shelves.iter_mut().zip(all) {
            shelf.take_up(laid.indexes);
            graphs.push(laid.graph);
        }
        *self.laid_at.lock() = Some(position);
        Some((graphs.try_into().unwrap_or_else(|_| unreachable!("one graph for each kind")), position))
    }

    fn tell(&self, kind: Kind, refused: &Refused) {
        let file = self.file(kind);
        tracing::warn!(file = %file.display(), reason = %refused, "the indexes laid aside are not used; they are made anew from the database");
    }

    fn read(&self, store: &Store, shelf: &Shelf) -> Result<Laid, Refused> {
        let file = File::open(self.file(shelf.kind))?;
        let mut opened = BufReader::with_capacity(1 << 18, store.open_file(PURPOSE, file)?);
        let mut image = ImageReader::new(&mut opened);
        let (written_under, position, hash) = (image.bytes()?, image.number()?, image.bytes()?);
        let position = i64::try_from(position).map_err(|_| unfit("no position"))?;
        let (own, known, last) = store
            .read(|reader| Ok::<_, RegistryError>((fingerprint(reader, shelf)?, hash_at(reader, position)?, reader.last_position()?)))?;
        if own.is_none_or(|own| own[..] != written_under[..]) {
            return Err(Refused::Foreign);
        }
        if known.as_deref() != Some(&hash[..]) {
            return Err(Refused::Elsewhere);
        }
        let graph = Graph::read(shelf.kind, &mut image)?;
        let indexes = shelf.read(&mut image)?;
        if image.number()? != shelf.kind.number() as u64 {
            return Err(unfit("it ends elsewhere").into());
        }
        Ok(Laid { graph, indexes, position, last })
    }

    /// Lays the memory aside. Writes of this node wait while a kind is written; readers do not.
    pub(crate) fn lay_aside(&self, core: &Core) -> Result<(), RegistryError> {
        let mut laid_at = self.laid_at.lock();
        let failed =
            |error: io::Error| RegistryError::internal(format!("the indexes cannot be laid aside in {}: {error}", self.folder.display()));
        fs::create_dir_all(&self.folder).map_err(failed)?;
        let mut least = None;
        for kind in Kind::ALL {
            let Some(position) = self.write(core, kind).map_err(failed)?? else { return Ok(()) };
            least = Some(least.map_or(position, |least: i64| least.min(position)));
        }
        *laid_at = least;
        Ok(())
    }

    /// Writes the file of a kind; its position, or none when there is nothing to tell it by, or another process is writing it.
    fn write(&self, core: &Core, kind: Kind) -> io::Result<Result<Option<i64>, RegistryError>> {
        let shelf = core.shelf(kind);
        let part = self.folder.join(format!("{}.image.part", kind.as_str()));
        let mut state = core.state.lock();
        let known = core.store.read(|reader| {
            catch_up(core, &mut state, reader)?;
            Ok::<_, RegistryError>((state.position, hash_at(reader, state.position)?, fingerprint(reader, shelf)?))
        });
        let (position, hash, fingerprint) = match known {
            Ok((position, Some(hash), Some(fingerprint))) => (position, hash, fingerprint),
            Ok(_) => return Ok(Ok(None)),
            Err(error) => return Ok(Err(error)),
        };
        let Some(file) = create_private(&part)? else { return Ok(Ok(None)) };
        let mut sealed = core.store.seal_file(PURPOSE, file)?;
        let mut image = ImageWriter::new(&mut sealed);
        image.bytes(&fingerprint)?;
        image.number(position.unsigned_abs())?;
        image.bytes(&hash)?;
        let written = state.graphs[index(kind)].write(&mut image).and_then(|()| shelf.write(&mut image));
        drop(state);
        let whole =
            written.and_then(|()| image.number(kind.number() as u64)).and_then(|()| sealed.finish()).and_then(|file| file.sync_all());
        match whole.and_then(|()| fs::rename(&part, self.file(kind))) {
            Ok(()) => Ok(Ok(Some(position))),
            Err(error) => {
                // What is there is of no use, and the reason is told.
                let _ = fs::remove_file(&part);
                Err(error)
            }
        }
    }

    /// The position of the files that lie there, as far as this node read or wrote them.
    pub(crate) fn laid_at(&self) -> Option<i64> {
        *self.laid_at.lock()
    }

    /// Whether so much has changed since that laying aside is due: one change in `share` records.
    fn is_due(&self, core: &Core, share: i64) -> bool {
        let records: u64 = core.state.lock().graphs.iter().map(|graph| graph.figures().records).sum();
        let changes = self.laid_at.lock().map(|position| core.position() - position);
        let enough = i64::try_from(records).unwrap_or(i64::MAX) / share;
        records >= self.from && changes.is_none_or(|changes| changes > enough)
    }

    /// Forgets the files that lie there: the memory is made anew.
    pub(crate) fn outdate(&self) {
        *self.laid_at.lock() = None;
    }
}

/// The hash of the change at a position.
fn hash_at(reader: &mut Reader<'_>, position: i64) -> Result<Option<Vec<u8>>, RegistryError> {
    Ok(reader.changes(position - 1, 1)?.pop().filter(|row| row.position == position).map(|row| row.hash))
}

/// An empty file that only its owner may read; none while another process writes it.
fn create_private(file: &Path) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(file)?;
    match file.try_lock() {
        Ok(()) => file.set_len(0).map(|()| Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}
