//! Which connections read a SQLite file, and how long does one of them look at the same state?
//!
//! A transaction for each question costs two locks on the file, and after a commit of anybody, if only of the access log, every page
//! is read from the file again. So the state that one question was asked of stays open for the next ones: for some milliseconds,
//! and not past the next write of this process, so that whoever has written reads what was written. A state that nobody asks of
//! any more is closed by a thread of its own, since the write-ahead log cannot begin anew while somebody looks at it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::r2d2::R2D2Connection as _;
use parking_lot::{Condvar, Mutex};

use crate::error::{Context, StoreError, take_failure};
use crate::sqlite::{self, Conn};

/// How long questions are asked of one state. Another process on the same file is heard of by the change log, which is looked at far less often.
const HELD_FOR: Duration = Duration::from_millis(20);

/// How long a question waits for a connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// A state that is held open: how much this process had written before, and since when.
#[derive(Clone, Copy)]
struct Held {
    writes: u64,
    since: Instant,
}

struct Reading {
    connection: Conn,
    held: Option<Held>,
}

#[derive(Default)]
struct Idle {
    readings: Vec<Reading>,
    /// How many connections there are, idle and at work.
    open: usize,
    /// Whether the thread that closes states waits for one.
    unwatched: bool,
    watcher: Option<JoinHandle<()>>,
    ended: bool,
}

struct Shared {
    file: String,
    most: usize,
    idle: Mutex<Idle>,
    returned: Condvar,
    begun: Condvar,
    writes: AtomicU64,
}

/// The connections that read a SQLite file, opened when they are needed.
pub(crate) struct Readers {
    shared: Arc<Shared>,
}

impl Readers {
    /// At most so many connections to a file.
    pub(crate) fn new(file: &str, most: usize) -> Self {
        let idle = Mutex::new(Idle { unwatched: true, ..Idle::default() });
        let (returned, begun, writes) = (Condvar::new(), Condvar::new(), AtomicU64::new(0));
        Self { shared: Arc::new(Shared { file: file.to_owned(), most, idle, returned, begun, writes }) }
    }

    /// Runs `work` on a connection that looks at no state yet. It tells whether the connection is lost.
    pub(crate) fn with<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut Conn) -> (Result<T, E>, bool)) -> Result<T, E> {
        let mut taken = self.shared.take()?;
        taken.let_go()?;
        taken.work(work)
    }

    /// Runs `work` on a state that is at most [`HELD_FOR`] old, and no older than the last write of this process.
    pub(crate) fn recent<T, E: From<StoreError>>(&self, work: impl FnOnce(&mut Conn) -> (Result<T, E>, bool)) -> Result<T, E> {
        let mut taken = self.shared.take()?;
        // The state is chosen by the first question after this, so it may hold more than these writes, and never less.
        let writes = self.shared.writes.load(Ordering::Acquire);
        if taken.reading().held.is_some_and(|held| held.writes != writes || held.since.elapsed() > HELD_FOR) {
            taken.let_go()?;
        }
        if taken.reading().held.is_none() {
            taken.begin(writes)?;
        }
        taken.work(work)
    }

    /// This process has written: nobody is asked of what was there before.
    pub(crate) fn renew(&self) {
        self.shared.writes.fetch_add(1, Ordering::Release);
    }

    /// Closes every state that is open and not being asked of.
    pub(crate) fn let_go(&self) {
        self.shared.let_go(&mut self.shared.idle.lock(), |_| true);
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        let watcher = {
            let mut idle = self.shared.idle.lock();
            idle.ended = true;
            self.shared.begun.notify_all();
            idle.watcher.take()
        };
        if let Some(watcher) = watcher {
            // A panic there was told by the panic hook already.
            let _ = watcher.join();
        }
    }
}

impl Shared {
    fn take(self: &Arc<Self>) -> Result<Taken<'_>, StoreError> {
        let unavailable = |said: String| StoreError::Unavailable(Context { during: "waiting for a connection", said });
        let mut idle = self.idle.lock();
        let mut until = None;
        loop {
            if let Some(reading) = idle.readings.pop() {
                return Ok(Taken::new(self, reading));
            }
            if idle.open < self.most {
                idle.open += 1;
                break;
            }
            let until = *until.get_or_insert_with(|| Instant::now() + PATIENCE);
            if self.returned.wait_until(&mut idle, until).timed_out() {
                return Err(unavailable("all of them were at work".to_owned()));
            }
        }
        drop(idle);
        match sqlite::connect(&self.file) {
            Ok(connection) => Ok(Taken::new(self, Reading { connection, held: None })),
            Err(error) => {
                self.idle.lock().open -= 1;
                self.returned.notify_one();
                Err(unavailable(error.to_string()))
            }
        }
    }

    /// Makes sure that a state that is open is closed in time; false when no thread can be had for it.
    fn is_watched(self: &Arc<Self>, idle: &mut Idle) -> bool {
        if idle.watcher.is_none() && !idle.ended {
            let shared = Arc::clone(self);
            idle.watcher = std::thread::Builder::new().name("jiku-readers".to_owned()).spawn(move || shared.watch()).ok();
        } else if idle.unwatched {
            self.begun.notify_one();
        }
        idle.watcher.is_some()
    }

    /// Closes those of the idle states that are meant; a connection that cannot is thrown away.
    fn let_go(&self, idle: &mut Idle, meant: impl Fn(&Held) -> bool) {
        let before = idle.readings.len();
        idle.readings.retain_mut(|reading| !reading.held.is_some_and(|held| meant(&held)) || reading.let_go().is_ok());
        idle.open -= before - idle.readings.len();
    }

    /// Closes states that were open long enough, until the end.
    fn watch(&self) {
        let mut idle = self.idle.lock();
        while !idle.ended {
            match idle.readings.iter().filter_map(|reading| reading.held).map(|held| held.since).min() {
                None => {
                    idle.unwatched = true;
                    self.begun.wait(&mut idle);
                    idle.unwatched = false;
                }
                Some(since) if since.elapsed() > HELD_FOR => self.let_go(&mut idle, |held| held.since.elapsed() > HELD_FOR),
                Some(since) => {
                    self.begun.wait_until(&mut idle, since + HELD_FOR + Duration::from_millis(1));
                }
            }
        }
    }
}

impl Reading {
    fn let_go(&mut self) -> Result<(), StoreError> {
        match self.held.take() {
            Some(_) => self.connection.batch_execute("COMMIT").map_err(|error| StoreError::from_diesel("letting a state go", &error)),
            None => Ok(()),
        }
    }
}

/// A connection at work; dropped, it goes back to where it came from.
struct Taken<'a> {
    shared: &'a Arc<Shared>,
    /// There until it is dropped.
    reading: Option<Reading>,
    lost: bool,
}

impl<'a> Taken<'a> {
    const fn new(shared: &'a Arc<Shared>, reading: Reading) -> Self {
        Self { shared, reading: Some(reading), lost: false }
    }

    fn reading(&mut self) -> &mut Reading {
        self.reading.as_mut().expect("it is there until it is dropped")
    }

    /// Looks at no state any more.
    fn let_go(&mut self) -> Result<(), StoreError> {
        let done = self.reading().let_go();
        self.lost |= done.is_err();
        done
    }

    /// Begins to look at a state, which is the one of the first question.
    fn begin(&mut self, writes: u64) -> Result<(), StoreError> {
        let reading = self.reading();
        match reading.connection.batch_execute("BEGIN") {
            Ok(()) => {
                reading.held = Some(Held { writes, since: Instant::now() });
                Ok(())
            }
            Err(error) => {
                self.lost = true;
                Err(StoreError::from_diesel("looking at a state", &error))
            }
        }
    }

    fn work<T, E>(mut self, work: impl FnOnce(&mut Conn) -> (Result<T, E>, bool)) -> Result<T, E> {
        let (result, lost) = work(&mut self.reading().connection);
        self.lost |= lost | take_failure();
        result
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let Some(mut reading) = self.reading.take() else { return };
        let lost = self.lost || std::thread::panicking() || reading.connection.is_broken();
        let mut idle = self.shared.idle.lock();
        if lost {
            idle.open -= 1;
        } else {
            if reading.held.is_some() && !self.shared.is_watched(&mut idle) {
                // Without a thread that closes it later it is closed now.
                let _ = reading.let_go();
            }
            idle.readings.push(reading);
        }
        drop(idle);
        self.shared.returned.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use diesel::prelude::*;
    use diesel::sql_query;
    use diesel::sql_types::BigInt;

    use super::*;

    #[derive(QueryableByName)]
    struct Number {
        #[diesel(sql_type = BigInt)]
        number: i64,
    }

    fn number(connection: &mut Conn) -> (Result<i64, StoreError>, bool) {
        let found: QueryResult<Number> = sql_query("SELECT number FROM told").get_result(connection);
        (found.map(|found| found.number).map_err(|error| StoreError::from_diesel("asking", &error)), false)
    }

    struct Base {
        _folder: tempfile::TempDir,
        writer: Conn,
        readers: Readers,
    }

    /// A file that tells 1.
    fn base() -> Base {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("base.db").display().to_string();
        let mut writer = Conn::establish(&file).expect("the file is made");
        sqlite::prepare(&mut writer, true).expect("it is prepared");
        writer.batch_execute("CREATE TABLE told (number INTEGER); INSERT INTO told VALUES (1)").expect("it tells something");
        Base { _folder: folder, writer, readers: Readers::new(&file, 2) }
    }

    impl Base {
        fn tell(&mut self, number: i64) {
            self.writer.batch_execute(&format!("UPDATE told SET number = {number}")).expect("it is told");
        }

        fn asked(&self) -> (i64, i64) {
            (self.readers.recent(number).expect("it answers"), self.readers.with(number).expect("it answers"))
        }
    }

    #[test]
    fn whoever_has_written_reads_what_was_written() {
        let mut base = base();
        for told in 2..200 {
            base.tell(told);
            base.readers.renew();
            assert_eq!(base.asked(), (told, told));
        }
    }

    #[test]
    fn a_state_is_one_moment_and_ends_by_itself() {
        let mut base = base();
        let seen = base.readers.recent(|connection| {
            let first = number(connection).0;
            base.writer.batch_execute("UPDATE told SET number = 2").expect("it is told");
            (first.and_then(|first| Ok((first, number(connection).0?))), false)
        });
        assert_eq!(seen.expect("it answers"), (1, 1));
        // Nobody writes through this process, and yet the other state is seen before long.
        let mut asked = 0;
        while base.readers.recent(number).expect("it answers") == 1 {
            asked += 1;
            std::thread::sleep(Duration::from_millis(1));
            assert!(asked < 60_000, "the first state is held for ever");
        }
    }

    #[test]
    fn a_state_nobody_asks_of_is_closed() {
        let mut base = base();
        assert_eq!(base.readers.recent(number).expect("it answers"), 1);
        // The log is cut to nothing only when nobody looks at it; this waits for who does.
        base.writer.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").expect("it is moved");
        let held = || base.readers.shared.idle.lock().readings.iter().any(|reading| reading.held.is_some());
        for _ in 0..60_000 {
            if !held() {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        panic!("the state is still held");
    }

    #[test]
    fn a_panic_and_a_lost_connection_take_no_place_away() {
        let base = base();
        for _ in 0..5 {
            let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _ = base.readers.recent(|_| -> (Result<(), StoreError>, bool) { panic!("a bug") });
            }));
            assert!(panicked.is_err());
            let lost = || StoreError::Unavailable(Context { during: "test", said: "gone".to_owned() });
            assert!(base.readers.recent(|_| (Err::<(), _>(lost()), true)).is_err());
        }
        assert_eq!(base.asked(), (1, 1));
    }
}
