//! Who seals, and when?

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use parking_lot::Mutex;

use super::seal::{AccessDigest, Seal, SealError, append, sealed_so_far};
use crate::RegistryError;
use crate::follower::sleep;
use crate::write::state::{Core, now};

/// A reading younger than this may still be on its way into the database under a smaller number than others: it is left to
/// the next seal.
const SETTLED: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// How many rows are read at a time.
const STEP: i64 = 10_000;

/// Seals the traces as they stand, if there is anything new since the last seal in this folder; the seal, if one was made. `so_far`
/// is how far the last seal goes, so that the file is read once.
pub(crate) fn seal(core: &Core, folder: &Path, so_far: &mut Option<(i64, i64)>) -> Result<Option<Seal>, RegistryError> {
    let failed = |error: SealError| RegistryError::Unavailable {
        code: "seal-unavailable",
        message: "the seal cannot be written; see that its folder can be".into(),
        source: Some(Arc::new(error)),
    };
    let (position, access_after) = match *so_far {
        Some(known) => known,
        None => sealed_so_far(folder).map_err(failed)?,
    };
    *so_far = Some((position, access_after));
    let at = now();
    let (last, access_to, digest) = core.store.read(|reader| {
        let last = reader.last_change()?;
        let (mut digest, mut to) = (AccessDigest::default(), access_after);
        'rows: loop {
            let rows = reader.accesses_between(to, i64::MAX, STEP)?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                if row.at > at - SETTLED {
                    break 'rows;
                }
                to = row.id;
                digest.add(&row);
            }
        }
        Ok::<_, RegistryError>((last, to, digest.finish()))
    })?;
    let Some(last) = last.filter(|last| last.position > position || access_to > access_after) else { return Ok(None) };
    let key = SigningKey::from_bytes(&core.store.derived_key("audit seal"));
    let seal = Seal::new(&key, at, (last.position, &last.hash), (access_after, access_to, &digest));
    append(folder, &seal).map_err(failed)?;
    *so_far = Some((seal.position, seal.access_to));
    Ok(Some(seal))
}

/// The thread that seals.
#[derive(Default)]
pub(crate) struct Sealer {
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Sealer {
    /// Seals every so often, and at the end.
    pub(crate) fn start(&self, core: Arc<Core>, folder: PathBuf, every: Duration) -> std::io::Result<()> {
        let run = move || {
            let (mut goes_on, mut so_far) = (true, None);
            while goes_on {
                goes_on = sleep(&core, every);
                if let Err(error) = seal(&core, &folder, &mut so_far) {
                    tracing::error!(error = &error as &dyn std::error::Error, "the traces cannot be sealed; trying on");
                }
            }
        };
        *self.thread.lock() = Some(std::thread::Builder::new().name("jiku-sealer".to_owned()).spawn(run)?);
        Ok(())
    }

    /// Waits for the thread, which looks at [`Core::stopping`].
    pub(crate) fn stop(&self) {
        if let Some(thread) = self.thread.lock().take() {
            // A panic there was logged by the runtime; there is nothing to undo.
            let _ = thread.join();
        }
    }
}
