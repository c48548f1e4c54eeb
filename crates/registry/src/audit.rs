//! How does every reading of an entity leave a trace before its answer leaves?
//!
//! One thread writes the traces of all readers that wait, in one transaction. A reader that gets an error shows nothing.
//! Who reads within [`deferred`] does not wait: what was read is held back, and handed over when its traces are durable.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use jiku_model::{EntityId, Kind, Sensitivity};
use jiku_store::{Backend, NewAccess, Reader};
use parking_lot::Mutex;

use crate::follower::count;
use crate::kinds::columns;
use crate::read::views::entity_of_number;
use crate::rights::{Unmasking, unmasking};
use crate::usage::{NearQuota, Usage};
use crate::write::session::Session;
use crate::write::state::{Core, now};
use crate::{Actor, RegistryError};

/// The action under which the access log has that values were seen in full, beside the action that showed them.
pub(crate) const UNMASK: &str = "unmask";

/// What is done when the traces are durable, or cannot be written.
type Done = Box<dyn FnOnce(Result<(), RegistryError>) + Send>;

struct Trace {
    reading: Reading,
    done: Done,
}

/// What must be durable before an answer leaves.
#[derive(Default)]
struct Reading {
    rows: Vec<NewAccess>,
    /// Set where nodes count together before it leaves.
    near_quota: Option<NearQuota>,
}

thread_local! {
    /// The reading under way on this thread, when its answer is held back for its traces.
    static HELD: RefCell<Option<Reading>> = const { RefCell::new(None) };
}

/// Reads, and gives back what was read with the traces that must be durable before anybody sees it.
fn held_back<T>(read: impl FnOnce() -> T) -> (T, Reading) {
    /// Ends the holding back also when the reading panics.
    struct Ending;
    impl Drop for Ending {
        fn drop(&mut self) {
            HELD.take();
        }
    }
    HELD.set(Some(Reading::default()));
    let ending = Ending;
    let value = read();
    let reading = HELD.take().unwrap_or_default();
    drop(ending);
    (value, reading)
}

/// At most this many readers' traces in one transaction.
const TRACES_PER_TRANSACTION: usize = 1_024;

/// How long a transaction waits for more readers when many read: about as long as some of them need to come, and little beside what
/// they wait for each other anyway.
const LINGERING: Duration = Duration::from_micros(700);

/// From this many readers in one transaction on, waiting for them has paid: what a transaction costs is shared.
const READERS_THAT_PAY: usize = 5;

/// Of so many transactions with more than one reader, one waits to see whether waiting pays.
const TRIED_EVERY: u32 = 32;

/// How often a waiting reader looks whether the database confirms at all.
const LOOKED_EVERY: Duration = Duration::from_millis(250);

/// The way to the access log.
pub(crate) struct Audit {
    core: Arc<Core>,
    usage: Arc<Usage>,
    sender: Mutex<Option<SyncSender<Trace>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Audit {
    /// Starts the thread that writes traces.
    pub(crate) fn start(core: Arc<Core>, usage: Arc<Usage>) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(TRACES_PER_TRANSACTION);
        let waited_for = Arc::clone(&core);
        let thread = std::thread::Builder::new().name("jiku-audit".to_owned()).spawn({
            let usage = Arc::clone(&usage);
            move || serve(&core, &usage, &receiver)
        })?;
        Ok(Self { core: waited_for, usage, sender: Mutex::new(Some(sender)), thread: Mutex::new(Some(thread)) })
    }

    /// Writes what waits and stops.
    pub(crate) fn stop(&self) {
        drop(self.sender.lock().take());
        if let Some(thread) = self.thread.lock().take() {
            // A panic there was reported by the readers it failed.
            let _ = thread.join();
        }
    }

    /// Logs that `actor` read these entities with these fields; an empty list is a question that found nobody. Refuses what
    /// goes beyond a quota: every answer about an entity passes here.
    pub(crate) fn log(&self, actor: &Actor, action: &str, kind: Kind, read: &[(EntityId, String)]) -> Result<(), RegistryError> {
        self.log_seen(actor, action, kind, read, Seen::Fields)
    }

    /// As [`Audit::log`], where the fields do not tell whether a value is shown in full.
    pub(crate) fn log_seen(
        &self,
        actor: &Actor,
        action: &str,
        kind: Kind,
        read: &[(EntityId, String)],
        seen: Seen,
    ) -> Result<(), RegistryError> {
        let near_quota = self.usage.admit(actor, kind, read)?.filter(|_| self.core.store.backend() == Backend::Postgres);
        self.write_trace(actor, action, kind, (read, seen), near_quota)
    }

    /// As [`Audit::log`], without a quota.
    pub(crate) fn trace(&self, actor: &Actor, action: &str, kind: Kind, read: &[(EntityId, String)]) -> Result<(), RegistryError> {
        self.write_trace(actor, action, kind, (read, Seen::Fields), None)
    }

    fn write_trace(
        &self,
        actor: &Actor,
        action: &str,
        kind: Kind,
        (read, seen): (&[(EntityId, String)], Seen),
        mut near_quota: Option<NearQuota>,
    ) -> Result<(), RegistryError> {
        let mut rows = traces(actor, action, kind, (read, seen), |ids| self.named(kind, ids))?;
        let waits = HELD.with_borrow_mut(|held| match held {
            Some(held) => {
                held.rows.append(&mut rows);
                held.near_quota = near_quota.take().or(held.near_quota.take());
                false
            }
            None => true,
        });
        if !waits {
            return Ok(());
        }
        let (reply, answer) = channel();
        // A reader that went away needs no answer.
        self.write(Reading { rows, near_quota }, Box::new(move |written| drop(reply.send(written))));
        loop {
            match answer.recv_timeout(LOOKED_EVERY) {
                Ok(written) => return written,
                Err(RecvTimeoutError::Timeout) if !self.is_stuck() => {}
                Err(_) => return Err(unavailable(None)),
            }
        }
    }

    /// The people of the base whom companies or parcels name now by their numbers, each with the role.
    pub(crate) fn named(&self, kind: Kind, ids: &[EntityId]) -> Result<Vec<(EntityId, String)>, RegistryError> {
        self.core.store.read(|reader| named(&self.core, reader, kind, ids))
    }

    /// Has the counts written that are due, where somebody was shown something without coming by here. Nobody waits for it.
    pub(crate) fn write_counts(&self) {
        if self.usage.is_due() {
            self.write(Reading::default(), Box::new(|_| {}));
        }
    }

    /// Has other nodes hear at once of who is kept out here.
    pub(crate) fn tell_of_locks(&self) {
        write_all_counts(&self.core, &self.usage);
    }

    /// Whether the log is not confirmed by the database, so that nothing can be shown.
    pub(crate) fn is_stuck(&self) -> bool {
        self.core.store.is_log_stuck()
    }

    /// Reads, and hands what was read to `done` when its traces are durable; when they cannot be written, the error.
    pub(crate) fn deferred<T: Send + 'static>(
        &self,
        read: impl FnOnce() -> Result<T, RegistryError>,
        done: impl FnOnce(Result<T, RegistryError>) + Send + 'static,
    ) {
        let (result, reading) = held_back(read);
        if reading.rows.is_empty() {
            done(result);
        } else {
            self.write(reading, Box::new(move |written| done(written.and(result))));
        }
    }

    fn write(&self, reading: Reading, done: Done) {
        let Some(sender) = self.sender.lock().clone() else { return done(Err(unavailable(None))) };
        if let Err(refused) = sender.send(Trace { reading, done }) {
            (refused.0.done)(Err(unavailable(None)));
        }
    }
}

/// The people of the base whom companies or parcels name by their numbers, each with the role.
fn named(core: &Core, reader: &mut Reader<'_>, kind: Kind, ids: &[EntityId]) -> Result<Vec<(EntityId, String)>, RegistryError> {
    let ties = reader.relationships_from(ids)?;
    let named = ties.into_iter().filter(|tie| tie.from_kind == kind).filter_map(|tie| {
        let (found, person) = entity_of_number(core, tie.to_number.as_deref()?)?;
        (found == Kind::Person).then_some((person, tie.role))
    });
    let mut named: Vec<(EntityId, String)> = named.collect();
    named.sort_unstable();
    named.dedup();
    Ok(named)
}

/// What tells whether an answer shows a value in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// The fields that were read.
    Fields,
    /// Records of an own source are in it, which their department sees in full when it asks for that.
    OwnRecords,
    /// Rows as they came in are in it, which tell no entity.
    Rows,
}

/// Words in the place of fields, of answers that show no value.
const NO_VALUES: [&str; 3] = ["id", "yes-no", "pseudonym"];

/// Whether the reading of these fields shows somebody a value that others see masked.
fn is_in_full(actor: &Actor, kind: Kind, fields: &str, seen: Seen) -> bool {
    let is_open = |field: &str| {
        let column = columns(kind).iter().find(|column| column.name == field);
        column.is_some_and(|column| column.sensitivity <= Sensitivity::Internal || column.sensitivity > actor.limits.read)
    };
    match unmasking(actor) {
        Unmasking::Nothing => false,
        Unmasking::OwnRecords => seen == Seen::OwnRecords,
        Unmasking::Everything => fields.split(',').any(|field| !field.is_empty() && !NO_VALUES.contains(&field) && !is_open(field)),
    }
}

/// The traces of reading these entities with these fields; `named` tells whom they name.
fn traces(
    actor: &Actor,
    action: &str,
    kind: Kind,
    (read, seen): (&[(EntityId, String)], Seen),
    named: impl FnOnce(&[EntityId]) -> Result<Vec<(EntityId, String)>, RegistryError>,
) -> Result<Vec<NewAccess>, RegistryError> {
    let row = |entity: Option<EntityId>, fields: &str| NewAccess {
        at: now(),
        principal: actor.principal.clone(),
        department: actor.department.clone(),
        purpose: actor.purpose.clone(),
        action: action.to_owned(),
        kind,
        entity,
        fields: fields.to_owned(),
        request_id: actor.request_id.clone(),
    };
    let mut rows: Vec<NewAccess> = read.iter().map(|(entity, fields)| row(Some(*entity), fields)).collect();
    if rows.is_empty() {
        rows.push(row(None, ""));
    }
    // Seeing values in full is an event of its own, also for whom a company or a parcel names.
    let unmasked: Vec<&(EntityId, String)> = read.iter().filter(|(_, fields)| is_in_full(actor, kind, fields, seen)).collect();
    let mut in_full: Vec<NewAccess> = unmasked.iter().map(|(entity, fields)| row(Some(*entity), fields)).collect();
    if kind != Kind::Person && !unmasked.is_empty() {
        let ids: Vec<EntityId> = unmasked.iter().map(|(id, _)| *id).collect();
        let people: Vec<NewAccess> =
            named(&ids)?.iter().map(|(person, role)| NewAccess { kind: Kind::Person, ..row(Some(*person), role) }).collect();
        rows.extend(people.iter().cloned());
        in_full.extend(people);
    }
    if seen == Seen::Rows && unmasking(actor) == Unmasking::Everything {
        in_full.push(row(None, ""));
    }
    rows.extend(in_full.into_iter().map(|row| NewAccess { action: UNMASK.to_owned(), ..row }));
    Ok(rows)
}

/// Traces a reading within the transaction that made what is shown: one commit makes both durable. Quotas are asked for before.
pub(crate) fn trace_within(
    session: &mut Session<'_, '_>,
    actor: &Actor,
    action: &str,
    kind: Kind,
    read: &[(EntityId, String)],
) -> Result<(), RegistryError> {
    let (core, writer) = (session.core, &mut *session.writer);
    let rows = traces(actor, action, kind, (read, Seen::Fields), |ids| named(core, writer, kind, ids))?;
    Ok(writer.append_accesses(&rows)?)
}

pub(crate) fn unavailable(source: Option<Arc<dyn std::error::Error + Send + Sync>>) -> RegistryError {
    let message = "the access log cannot be written, so nothing is shown; try again later";
    RegistryError::Unavailable { code: "audit-unavailable", message: message.into(), source }
}

/// Whether the next transaction waits for more readers. One reader alone never waits, a crowd shares its transactions; whether
/// there is a crowd shows when a transaction has waited for it.
#[derive(Default)]
struct Pace {
    last: usize,
    untried: u32,
}

impl Pace {
    /// Whether to wait, after what the last transaction held.
    fn lingers(&mut self) -> bool {
        if self.last < 2 {
            return false;
        }
        self.untried += 1;
        let lingers = self.last >= READERS_THAT_PAY || self.untried >= TRIED_EVERY;
        if lingers {
            self.untried = 0;
        }
        lingers
    }
}

fn serve(core: &Core, usage: &Usage, receiver: &Receiver<Trace>) {
    let mut pace = Pace::default();
    while let Ok(first) = receiver.recv() {
        if pace.lingers() {
            std::thread::sleep(LINGERING);
        }
        let mut rows = first.reading.rows;
        let mut waiting = vec![(first.done, first.reading.near_quota)];
        while waiting.len() < TRACES_PER_TRANSACTION
            && let Ok(next) = receiver.try_recv()
        {
            rows.extend(next.reading.rows);
            waiting.push((next.done, next.reading.near_quota));
        }
        pace.last = waiting.len();
        let counts_together = waiting.iter().any(|(_, near_quota)| near_quota.is_some());
        let turn = core.turn();
        let (counts, seen) = usage.due(counts_together);
        let is_nothing = rows.is_empty() && counts.is_empty() && seen.is_empty();
        let log = || core.store.log_accesses(&rows, &counts, &seen).map_err(|error| unavailable(Some(Arc::new(error))));
        let written = if is_nothing { Ok(()) } else { log() };
        drop(turn);
        if written.is_err() {
            usage.give_back(&counts, seen);
        }
        // Of two nodes that write what they are about to show and then read what the other wrote, one at least sees both.
        let told = if counts_together { written.clone().and_then(|()| count(core, usage)) } else { Ok(()) };
        for (done, near_quota) in waiting {
            let within = |near| told.clone().and_then(|()| usage.admit_after(near));
            done(written.clone().and(near_quota.as_ref().map_or(Ok(()), within)));
        }
    }
    // The last counts, when nobody reads any more.
    write_all_counts(core, usage);
}

/// Writes all counts that changed.
fn write_all_counts(core: &Core, usage: &Usage) {
    let turn = core.turn();
    let (counts, seen) = usage.due(true);
    let written = core.store.log_accesses(&[], &counts, &seen);
    drop(turn);
    if let Err(error) = written {
        tracing::warn!(error = &error as &dyn std::error::Error, "what was read last cannot be counted");
        usage.give_back(&counts, seen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_shares_its_transactions_and_a_few_readers_hardly_ever_wait() {
        let waits = |held: &[usize]| {
            let mut pace = Pace::default();
            let waits = held.iter().map(|&last| {
                pace.last = last;
                pace.lingers()
            });
            waits.filter(|waits| *waits).count()
        };
        assert_eq!(waits(&[1; 1_000]), 0);
        assert_eq!(waits(&[2; 1_000]), 1_000 / TRIED_EVERY as usize);
        assert_eq!(waits(&[READERS_THAT_PAY; 1_000]), 1_000);
    }

    #[test]
    fn what_is_held_back_ends_with_the_reading_even_when_it_panics() {
        let (value, reading) = held_back(|| 7);
        assert_eq!((value, reading.rows.len()), (7, 0));
        assert!(std::panic::catch_unwind(|| drop(held_back(|| panic!("a bug")))).is_err());
        assert!(HELD.with_borrow(Option::is_none));
    }
}
