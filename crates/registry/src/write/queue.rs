//! In which transactions are the requests written?
//!
//! One thread owns the write side. Requests queue; what waits is written together in one transaction (group commit) and
//! answered after the commit. When a group fails, each of its requests is tried by itself, so that one request's failure
//! is nobody else's.

use std::any::Any;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ahash::AHashSet;
use jiku_model::{Kind, RecordKey};
use parking_lot::Mutex;

use super::batch::{Row, RowResult, arrive};
use super::session::{Session, transact};
use super::settle::MANY;
use super::state::Core;
use crate::RegistryError;

/// What an act gives back, until its caller takes it by its type.
type Given = Box<dyn Any + Send>;

/// A write other than the arrival of records. It may be tried twice, so it changes nothing but through the session.
type Act = Box<dyn Fn(&mut Session<'_, '_>) -> Result<Given, RegistryError> + Send>;

/// What goes with the arrival of records in the transaction of the last of them.
type After = Box<dyn Fn(&mut Session<'_, '_>, &[(usize, RowResult)]) -> Result<Given, RegistryError> + Send>;

/// A request to write.
enum Work {
    Arrive(Arrival),
    Act { run: Act, alone: bool, reply: Sender<Result<Given, RegistryError>> },
    Stop,
}

/// Records on their way in.
struct Arrival {
    kind: Kind,
    /// The rows with their places in the request.
    rows: VecDeque<(usize, Row)>,
    done: Vec<(usize, RowResult)>,
    after: Option<After>,
    reply: Sender<Result<Arrived, RegistryError>>,
}

/// What became of the records of a request.
pub(crate) type Arrived = (Vec<(usize, RowResult)>, Option<Given>);

/// At most this many records in one transaction: the indexes and other writers wait for no more.
pub(crate) const ROWS_PER_TRANSACTION: usize = 1_000;

/// At most this many requests in one transaction.
const REQUESTS_PER_TRANSACTION: usize = 512;

/// So long the requests of a group are tried one after the other while the database is away.
const TRIED_FOR: Duration = Duration::from_secs(5);

/// How often a waiting caller looks whether the database confirms at all.
const LOOKED_EVERY: Duration = Duration::from_millis(250);

/// The way to the writer.
pub(crate) struct Queue {
    core: Arc<Core>,
    sender: SyncSender<Work>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Queue {
    /// Starts the writer.
    pub(crate) fn start(core: Arc<Core>) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(REQUESTS_PER_TRANSACTION * 2);
        let waited_for = Arc::clone(&core);
        let thread = std::thread::Builder::new().name("jiku-writer".to_owned()).spawn(move || serve(&core, &receiver))?;
        Ok(Self { core: waited_for, sender, thread: Mutex::new(Some(thread)) })
    }

    /// Writes what is queued and stops the writer.
    pub(crate) fn stop(&self) {
        let thread = self.thread.lock().take();
        if let Some(thread) = thread {
            // The writer may be gone already; then there is nothing to stop.
            let _ = self.sender.send(Work::Stop);
            let _ = thread.join();
        }
    }

    /// Takes records of one kind in; `after` runs in the transaction of the last of them.
    pub(crate) fn arrive(&self, kind: Kind, rows: VecDeque<(usize, Row)>, after: Option<After>) -> Result<Arrived, RegistryError> {
        let (reply, answer) = channel();
        self.send(Work::Arrive(Arrival { kind, rows, done: Vec::new(), after, reply }))?;
        self.wait(&answer)?
    }

    /// Writes something small that can share a transaction with others.
    pub(crate) fn act<T: Send + 'static>(
        &self,
        run: impl Fn(&mut Session<'_, '_>) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        self.run(run, false)
    }

    /// Writes something that plans in the graph, in a transaction of its own.
    pub(crate) fn act_alone<T: Send + 'static>(
        &self,
        run: impl Fn(&mut Session<'_, '_>) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, RegistryError> {
        self.run(run, true)
    }

    fn run<T: Send + 'static>(
        &self,
        run: impl Fn(&mut Session<'_, '_>) -> Result<T, RegistryError> + Send + 'static,
        alone: bool,
    ) -> Result<T, RegistryError> {
        let (reply, answer) = channel();
        let run: Act = Box::new(move |session| run(session).map(|value| Box::new(value) as Given));
        self.send(Work::Act { run, alone, reply })?;
        let given = self.wait(&answer)??;
        Ok(*given.downcast().expect("an act gives what its caller asked for"))
    }

    /// Waits for the writer's answer; not for ever when the database does not confirm what is being written.
    fn wait<T>(&self, answer: &Receiver<T>) -> Result<T, RegistryError> {
        loop {
            match answer.recv_timeout(LOOKED_EVERY) {
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Disconnected) => return Err(unanswered()),
                Err(RecvTimeoutError::Timeout) if self.core.store.is_write_stuck() => return Err(unconfirmed()),
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn send(&self, work: Work) -> Result<(), RegistryError> {
        self.sender.send(work).map_err(|_| stopping())
    }
}

fn stopping() -> RegistryError {
    RegistryError::Unavailable { code: "stopping", message: "the service is stopping".into(), source: None }
}

/// The database has not confirmed the commit in time: it may have been done, and may be done later.
fn unconfirmed() -> RegistryError {
    RegistryError::Unavailable {
        code: "commit-unconfirmed",
        message: "the database does not confirm the write: it may or may not have been done; look before you send it again".into(),
        source: None,
    }
}

/// The writer dropped the request: it panicked, or stopped before its turn came.
fn unanswered() -> RegistryError {
    RegistryError::internal("the writer gave no answer")
}

fn serve(core: &Core, receiver: &Receiver<Work>) {
    let mut next: Option<Work> = None;
    while let Some(first) = next.take().or_else(|| receiver.recv().ok()) {
        let mut group = Group::default();
        let mut candidate = Some(first);
        while let Some(work) = candidate.take() {
            if matches!(work, Work::Stop) && group.is_empty() {
                return;
            }
            if !group.takes(&work) {
                next = Some(work);
                break;
            }
            group.push(work);
            candidate = receiver.try_recv().ok();
        }
        // A bug must not end the node: whoever waits gets an error, and what was planned is read again.
        if catch_unwind(AssertUnwindSafe(|| group.write(core))).is_err() {
            tracing::error!("a write panicked; its requests were not done");
        }
    }
}

/// Requests that are written together.
#[derive(Default)]
struct Group {
    arrivals: Vec<Arrival>,
    acts: Vec<(Act, Sender<Result<Given, RegistryError>>)>,
    rows: usize,
    alone: bool,
}

impl Group {
    fn is_empty(&self) -> bool {
        self.arrivals.is_empty() && self.acts.is_empty()
    }

    fn takes(&self, work: &Work) -> bool {
        let room = !self.alone && self.arrivals.len() + self.acts.len() < REQUESTS_PER_TRANSACTION && self.rows < ROWS_PER_TRANSACTION;
        match work {
            Work::Stop => false,
            _ if self.is_empty() => true,
            Work::Act { alone, .. } => room && !alone,
            // Records of one kind may lean on those of another: each finds the other's indexes as they are committed.
            Work::Arrive(arrival) => room && arrival.after.is_none() && self.arrivals.iter().all(|known| known.kind == arrival.kind),
        }
    }

    fn push(&mut self, work: Work) {
        match work {
            Work::Stop => {}
            Work::Act { run, alone, reply } => {
                self.alone |= alone;
                self.acts.push((run, reply));
            }
            Work::Arrive(arrival) => {
                self.alone |= arrival.after.is_some();
                self.rows += arrival.rows.len();
                self.arrivals.push(arrival);
            }
        }
    }

    fn write(mut self, core: &Core) {
        let mut away = Away { began: Instant::now(), seen: None };
        if self.arrivals.len() + self.acts.len() > 1 {
            match write_together(core, &mut self.arrivals, &self.acts) {
                Ok(given) => {
                    self.answer(given);
                    return;
                }
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "a group of writes failed; each is tried by itself");
                    away.saw(&error);
                }
            }
        }
        for (run, reply) in self.acts {
            // Whoever asked may have gone away; the write stands all the same.
            let _ = reply.send(away.unless(|| transact(core, |session| run(session))));
        }
        for mut arrival in self.arrivals {
            let outcome = away.unless(|| write_together(core, std::slice::from_mut(&mut arrival), &[]));
            let _ = arrival.reply.send(outcome.map(|mut given| (std::mem::take(&mut arrival.done), given.after.pop().flatten())));
        }
    }

    fn answer(self, given: AllGiven) {
        for ((_, reply), given) in self.acts.into_iter().zip(given.acts) {
            let _ = reply.send(Ok(given));
        }
        for (arrival, after) in self.arrivals.into_iter().zip(given.after) {
            let _ = arrival.reply.send(Ok((arrival.done, after)));
        }
    }
}

/// Keeps the requests of a group from waiting one after the other for a database that is away, or for a turn that another node does not give back.
struct Away {
    began: Instant,
    seen: Option<RegistryError>,
}

impl Away {
    /// Heeds a failure that any other request would meet too.
    fn saw(&mut self, error: &RegistryError) {
        if matches!(error, RegistryError::Unavailable { .. }) && self.began.elapsed() > TRIED_FOR {
            self.seen = Some(error.clone());
        }
    }

    /// Does it, unless the database has been away for too long.
    fn unless<T>(&mut self, act: impl FnOnce() -> Result<T, RegistryError>) -> Result<T, RegistryError> {
        if let Some(error) = &self.seen {
            return Err(error.clone());
        }
        act().inspect_err(|error| self.saw(error))
    }
}

/// What all requests of a group give back.
#[derive(Default)]
struct AllGiven {
    acts: Vec<Given>,
    after: Vec<Option<Given>>,
}

/// Writes rounds of rows until none is left; the acts go with the first round. A round holds no key twice, so that each
/// revision of a record that comes twice is kept.
fn write_together(
    core: &Core,
    arrivals: &mut [Arrival],
    acts: &[(Act, Sender<Result<Given, RegistryError>>)],
) -> Result<AllGiven, RegistryError> {
    let mut given = AllGiven { acts: Vec::new(), after: arrivals.iter().map(|_| None).collect() };
    let mut first = true;
    while first || arrivals.iter().any(|arrival| !arrival.rows.is_empty()) {
        let round = Round::take(arrivals);
        let outcome = transact(core, |session| {
            let acts = if first { acts.iter().map(|(run, _)| run(session)).collect::<Result<Vec<_>, _>>()? } else { Vec::new() };
            let results = round.write(session)?;
            let mut after = Vec::new();
            for (at, arrival) in arrivals.iter().enumerate() {
                let own = results.iter().filter(|(owner, ..)| *owner == at).map(|(_, place, result)| (*place, result.clone()));
                let done: Vec<(usize, RowResult)> = arrival.done.iter().cloned().chain(own).collect();
                let last = arrival.rows.is_empty();
                after.push(arrival.after.as_ref().filter(|_| last).map(|run| run(session, &done)).transpose()?);
            }
            Ok((acts, results, after))
        });
        let (acts, results, after) = match outcome {
            Ok(done) => done,
            Err(error) => {
                round.give_back(arrivals);
                return Err(error);
            }
        };
        given.acts.extend(acts);
        for (owner, place, result) in results {
            arrivals[owner].done.push((place, result));
        }
        for (slot, value) in given.after.iter_mut().zip(after) {
            *slot = value.or(slot.take());
        }
        // Given back beside the next round.
        rayon::spawn(move || drop(round));
        first = false;
    }
    Ok(given)
}

/// The rows of one transaction, by kind.
#[derive(Default)]
struct Round {
    kinds: Vec<OfKind>,
}

/// The rows of one kind, each with its arrival and its place in it.
struct OfKind {
    kind: Kind,
    places: Vec<(usize, usize)>,
    rows: Vec<Row>,
}

impl Round {
    fn take(arrivals: &mut [Arrival]) -> Self {
        let mut round = Self::default();
        let mut seen: AHashSet<RecordKey> = AHashSet::new();
        let mut room = ROWS_PER_TRANSACTION;
        for (owner, arrival) in arrivals.iter_mut().enumerate() {
            while room > 0 && arrival.rows.front().is_some_and(|(_, row)| seen.insert(row.prepared.key.clone())) {
                let Some((place, row)) = arrival.rows.pop_front() else { break };
                round.push(arrival.kind, owner, place, row);
                room -= 1;
            }
        }
        round
    }

    fn push(&mut self, kind: Kind, owner: usize, place: usize, row: Row) {
        let at = self.kinds.iter().position(|known| known.kind == kind).unwrap_or_else(|| {
            self.kinds.push(OfKind { kind, places: Vec::new(), rows: Vec::new() });
            self.kinds.len() - 1
        });
        self.kinds[at].places.push((owner, place));
        self.kinds[at].rows.push(row);
    }

    fn write(&self, session: &mut Session<'_, '_>) -> Result<Vec<(usize, usize, RowResult)>, RegistryError> {
        let mut results = Vec::new();
        for OfKind { kind, places, rows } in &self.kinds {
            for row in rows {
                session.ensure_source(&row.prepared.key.source)?;
            }
            let (core, at) = (session.core, session.at);
            let held = (rows.len() >= MANY).then(|| core.pace.hold());
            let (mut desk, reader) = session.desk(*kind);
            let (draft, outcomes) = arrive(&mut desk, reader, at, rows)?;
            drop(held);
            session.write(draft)?;
            results.extend(places.iter().zip(outcomes).map(|((owner, place), outcome)| (*owner, *place, outcome)));
        }
        Ok(results)
    }

    /// Puts the rows back where they came from, in their order.
    fn give_back(self, arrivals: &mut [Arrival]) {
        for OfKind { places, rows, .. } in self.kinds {
            for ((owner, place), row) in places.into_iter().zip(rows).rev() {
                arrivals[owner].rows.push_front((place, row));
            }
        }
    }
}
