//! How do golden records come to follow rules that are newly in use?
//!
//! A thread composes them anew in portions in the order of their ids; each portion is a transaction that also writes how far it came. Whoever
//! opens the database goes on where the last one stopped, and nodes that do it at the same time share the work: each portion begins behind
//! the last one that was committed, whosever it was. What is written meanwhile is composed by the new rules anyway.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;
use std::time::Duration;

use jiku_model::{DecisionId, EntityId, Kind};
use jiku_store::SurvivorshipRow;
use parking_lot::Mutex;
use uuid::Uuid;

use super::concerned;
use crate::RegistryError;
use crate::follower::sleep;
use crate::write::draft::Draft;
use crate::write::reload::index;
use crate::write::session::{Session, transact};
use crate::write::settle::{Cause, settle};
use crate::write::state::Core;

type Result<T> = std::result::Result<T, RegistryError>;

/// How many golden records are composed in one transaction: other writers wait for no more.
const PORTION: usize = 500;

/// How often it is looked whether there is something to compose.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long it waits after a portion that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

/// The thread that composes golden records anew.
pub(crate) struct Composer {
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Composer {
    pub(crate) fn start(core: Arc<Core>, is_wanted: bool) -> std::io::Result<Self> {
        // Without indexes there is nothing to compose from.
        if !is_wanted || !core.follows {
            return Ok(Self { thread: Mutex::new(None) });
        }
        let thread = std::thread::Builder::new().name("jiku-composer".to_owned()).spawn(move || {
            let mut failing = false;
            let mut wait = LOOK_EVERY;
            while sleep(&core, wait) {
                let composing = || Kind::ALL.into_iter().filter(|kind| core.shelf(*kind).is_composing());
                wait = LOOK_EVERY;
                match composing().try_for_each(|kind| go_on(&core, kind)) {
                    Ok(()) => failing = false,
                    Err(error) => {
                        if !failing {
                            tracing::warn!(error = &error as &dyn std::error::Error, "golden records cannot be composed anew; trying on");
                        }
                        (failing, wait) = (true, AFTER_FAILURE);
                    }
                }
            }
        })?;
        Ok(Self { thread: Mutex::new(Some(thread)) })
    }

    /// Waits for the thread, which looks at [`Core::stopping`] between portions.
    pub(crate) fn stop(&self) {
        if let Some(thread) = self.thread.lock().take() {
            // A panic there was logged by the runtime; there is nothing to undo.
            let _ = thread.join();
        }
    }
}

/// Composes portion after portion until all golden records of a kind follow the rules in use, or the service stops.
fn go_on(core: &Core, kind: Kind) -> Result<()> {
    let shelf = core.shelf(kind);
    let version = shelf.rules_version();
    // Whoever comes to have several records later is composed by the rules in use then.
    let mut ahead: Vec<EntityId> = concerned(&core.state.lock().graphs[index(kind)]).collect();
    ahead.sort_unstable();
    while !core.stopping.load(Ordering::Relaxed) {
        match transact(core, |session| portion(session, kind, version, &ahead))? {
            Came::Far => {}
            Came::Through(changed) => {
                shelf.composed(version);
                tracing::info!(kind = kind.as_str(), version, changed, "all golden records follow the survivorship rules in use");
                return Ok(());
            }
            // Another version came into use, and is looked for again.
            Came::Late => return Ok(()),
        }
    }
    Ok(())
}

/// How far a portion came.
enum Came {
    /// There may be more.
    Far,
    /// All are composed; how many changed.
    Through(i64),
    /// These rules are not in use any more.
    Late,
}

fn portion(session: &mut Session<'_, '_>, kind: Kind, version: i32, ahead: &[EntityId]) -> Result<Came> {
    let Some(row) = session.writer.active_survivorship(kind)?.filter(|row| row.version == version) else { return Ok(Came::Late) };
    if row.composed_at.is_some() {
        return Ok(Came::Through(row.changed));
    }
    let rest = &ahead[ahead.partition_point(|id| row.composed_through.is_some_and(|last| *id <= last))..];
    let ids = &rest[..rest.len().min(PORTION)];
    let changed = compose(session, kind, &row, ids)?;
    let is_last = ids.len() == rest.len();
    let row = SurvivorshipRow {
        composed: row.composed + i64::try_from(ids.len()).unwrap_or(i64::MAX),
        changed: row.changed + changed,
        composed_through: ids.last().copied().or(row.composed_through),
        composed_at: is_last.then_some(session.at),
        ..row
    };
    session.writer.put_survivorship(&row)?;
    Ok(if is_last { Came::Through(row.changed) } else { Came::Far })
}

/// Composes these golden records and writes those that say something else; how many these are.
fn compose(session: &mut Session<'_, '_>, kind: Kind, row: &SurvivorshipRow, ids: &[EntityId]) -> Result<i64> {
    let graph = &session.state.graphs[index(kind)];
    let slots: Vec<u32> = ids.iter().filter_map(|id| graph.entity(*id)).flat_map(|entity| entity.members.iter().copied()).collect();
    let mut draft = Draft::new(kind, session.at, row.decision.unwrap_or_else(|| DecisionId(Uuid::now_v7())));
    let cause = Cause { judged: slots, recompose: true, actor: Arc::from(row.actor.as_str()), ..Cause::default() };
    let (mut desk, reader) = session.desk(kind);
    settle(&mut desk, reader, &mut draft, &cause)?;
    let changed = i64::try_from(draft.entities.len()).unwrap_or(i64::MAX);
    session.write(draft)?;
    Ok(changed)
}
