//! Who seals, and when?

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use parking_lot::Mutex;

use super::recheck::Recheck;
use super::seal::{AccessDigest, Seal, SealError, append, last_seal};
use super::watch::Watch;
use crate::follower::sleep;
use crate::write::session::transact;
use crate::write::state::{Core, now};
use crate::{Alarm, RegistryError, alarms};

/// A reading younger than this may still be on its way into the database under a smaller number than others: it is left to
/// the next seal.
const SETTLED: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// How many rows are read at a time.
const STEP: i64 = 10_000;

/// Seals the traces as they stand, if there is anything new since the last seal in this folder; the seal, if one was made. `so_far`
/// is how far the last seal goes, so that the file is read once.
pub(crate) fn seal(core: &Core, folder: &Path, so_far: &mut Option<(i64, i64)>) -> Result<Option<Seal>, RegistryError> {
    let (position, access_after) = match *so_far {
        Some(known) => known,
        None => last_seal(folder).map_err(unusable)?.map_or((0, 0), |seal| (seal.position, seal.access_to)),
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
    append(folder, &seal).map_err(unusable)?;
    *so_far = Some((seal.position, seal.access_to));
    Ok(Some(seal))
}

fn unusable(error: SealError) -> RegistryError {
    RegistryError::Unavailable {
        code: "seal-unavailable",
        message: "the seals cannot be read or written; see that their folder can be".into(),
        source: Some(Arc::new(error)),
    }
}

/// Who noticed, where nobody did something.
const SERVICE: &str = "jiku";

/// Looks whether the change log goes on as it stood, from the last seal in the folder on, and raises an alarm where it does not.
fn look(core: &Core, folder: &Path, watch: &mut Option<Watch>) -> Result<(), RegistryError> {
    let known = match watch {
        Some(known) => known,
        None => {
            let sealed = last_seal(folder).ok().flatten().and_then(|seal| Some((seal.position, seal.hash_bytes()?)));
            watch.insert(
                sealed.filter(|(position, _)| *position > 0).map_or_else(Watch::default, |(position, hash)| Watch::from(position, &hash)),
            )
        }
    };
    let Some(position) = core.store.read(|reader| known.look(reader))? else { return Ok(()) };
    let about = format!("position {position}; run jiku audit verify with the seals");
    transact(core, |session| alarms::raise(session, Alarm::TracesBroken, SERVICE, SERVICE, &about))
}

/// Looks at some of the sealed readings again, and raises an alarm about those that were changed, unless another node has.
fn look_again(core: &Core, folder: &Path, recheck: &mut Recheck) -> Result<(), RegistryError> {
    recheck.open(folder).map_err(unusable)?;
    for (first, last) in core.store.read(|reader| recheck.look(reader))? {
        let about = format!("readings {first} to {last}; run jiku audit verify with the seals");
        transact(core, |session| alarms::raise_unless(session, Alarm::TracesBroken, SERVICE, SERVICE, &about, |told| told.about == about))?;
    }
    Ok(())
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
            let (mut goes_on, mut so_far, mut watch, mut recheck) = (true, None, None, Recheck::default());
            while goes_on {
                goes_on = sleep(&core, every);
                if let Err(error) = look(&core, &folder, &mut watch) {
                    tracing::error!(error = &error as &dyn std::error::Error, "whether the change log goes on cannot be seen; trying on");
                }
                if let Err(error) = look_again(&core, &folder, &mut recheck) {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "whether readings are as they were sealed cannot be seen; trying on"
                    );
                }
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
