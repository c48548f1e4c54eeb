//! When is SQLite's write-ahead log moved into the file, and when does it begin anew?
//!
//! What is committed stands in the log first. SQLite by itself moves it into the file within a commit that makes the log long, and whoever
//! waits for that commit, every reader of a person among them, waits for the moving too. So a thread of its own moves the
//! log while others read and write. It begins anew between two commits, when little is left to move: nobody looks at it then. What is
//! moved there makes everybody wait until the file is on the disk, so the thread moves again and again before, each time what came
//! meanwhile, and puts the file on the disk each time: SQLite does that only when nothing is left to move.

use std::fs::File;
use std::os::fd::IntoRawFd as _;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use crate::error::take_full_up;
use crate::readers::Readers;
use crate::sqlite::{self, Conn, Log};

/// What is done from how many pages of 4 KiB on.
#[derive(Clone, Copy, Debug)]
struct Lengths {
    /// So many that stand in the log alone are moved beside whoever writes.
    portion: i64,
    /// From so many on the log is to begin anew.
    long: i64,
    /// So many at most are moved between two commits.
    little: i64,
}

impl Lengths {
    /// May what is left be moved between two commits? A log that grows faster than it is moved beside may leave more.
    fn may_begin_anew(&self, pages: i64, left: i64) -> bool {
        left <= self.little.max((pages - self.long) / 4)
    }
}

/// Portions of 64 MB: pages that change again and again are moved once. From 128 MB on the log begins anew, with at most 2 MB to move.
const LENGTHS: Lengths = Lengths { portion: 16_384, long: 32_768, little: 512 };

/// How often the log is looked at while it is written to.
const LOOKED_EVERY: Duration = Duration::from_millis(20);

#[derive(Default)]
struct Mover {
    /// Asked to move the log, or at it.
    wanted: bool,
    ended: bool,
    thread: Option<JoinHandle<()>>,
}

/// The write-ahead log of one file.
pub(crate) struct WriteAheadLog {
    file: String,
    lengths: Lengths,
    looked: Mutex<Option<Instant>>,
    mover: Arc<(Mutex<Mover>, Condvar)>,
}

impl WriteAheadLog {
    pub(crate) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), lengths: LENGTHS, looked: Mutex::default(), mover: Arc::default() }
    }

    /// To be called by who has just committed and holds the turn to write. What fails here is tried again after another commit.
    pub(crate) fn tend(&self, connection: &mut Conn, readers: &Readers) {
        if take_full_up() {
            sqlite::shorten_log(connection);
        }
        let mut looked = self.looked.lock();
        if looked.is_some_and(|at| at.elapsed() < LOOKED_EVERY) {
            return;
        }
        *looked = Some(Instant::now());
        let Ok(Log { pages, moved }) = sqlite::log_of(connection) else { return };
        if self.is_moving() {
            // Whoever puts the file on the disk meanwhile waits for all that the thread has moved.
            return;
        }
        let (left, lengths) = (pages - moved, self.lengths);
        let ends = pages >= lengths.long;
        if ends {
            // States from before the last commit keep its pages from being moved, those from before the moving keep the log from
            // beginning anew.
            readers.renew();
            readers.let_go();
        }
        if ends && lengths.may_begin_anew(pages, left) {
            if sqlite::move_log(connection).is_ok_and(|log| log.pages == log.moved) {
                readers.renew();
                readers.let_go();
            }
        } else if ends || left >= lengths.portion {
            self.move_beside();
        }
    }

    fn is_moving(&self) -> bool {
        let state = self.mover.0.lock();
        state.wanted && state.thread.is_some()
    }

    /// Has the log moved by a thread of its own.
    fn move_beside(&self) {
        let (mover, told) = &*self.mover;
        let mut state = mover.lock();
        state.wanted = true;
        told.notify_one();
        if state.thread.is_none() && !state.ended {
            let (file, own) = (self.file.clone(), Arc::clone(&self.mover));
            // Without a thread SQLite moves the log itself, later.
            state.thread = std::thread::Builder::new().name("jiku-log".to_owned()).spawn(move || serve(&file, &own)).ok();
        }
    }
}

impl Drop for WriteAheadLog {
    fn drop(&mut self) {
        let thread = {
            let mut state = self.mover.0.lock();
            state.ended = true;
            self.mover.1.notify_one();
            state.thread.take()
        };
        if let Some(thread) = thread {
            // A panic there was told by the panic hook already.
            let _ = thread.join();
        }
    }
}

/// Moves the log whenever that is wanted, until the end.
fn serve(file: &str, (mover, told): &(Mutex<Mover>, Condvar)) {
    let mut hands: Option<(Conn, File)> = None;
    loop {
        let mut state = mover.lock();
        while !state.wanted && !state.ended {
            told.wait(&mut state);
        }
        if state.ended {
            break;
        }
        drop(state);
        if hands.is_none() {
            hands = sqlite::connect(file).ok().and_then(|connection| Some((connection, File::open(file).ok()?)));
        }
        // What cannot be moved or put on the disk yet is tried again after a later commit.
        if let Some((connection, on_disk)) = &mut hands {
            if let Err(error) = sqlite::move_log(connection) {
                tracing::debug!(error = &error as &dyn std::error::Error, "the write-ahead log cannot be moved yet");
            } else if let Err(error) = on_disk.sync_data() {
                tracing::debug!(error = &error as &dyn std::error::Error, "the file cannot be put on the disk yet");
            }
        }
        mover.lock().wanted = false;
    }
    if let Some((_, on_disk)) = hands {
        // Never closed: a process that closes one descriptor of a file loses all its locks on that file, those of SQLite's other
        // connections too.
        let _ = on_disk.into_raw_fd();
    }
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;

    use super::*;

    #[test]
    fn the_log_begins_anew_although_somebody_always_reads() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("base.db").display().to_string();
        let mut writer = sqlite::connect(&file).expect("the file is made");
        writer.batch_execute("PRAGMA query_only = OFF; CREATE TABLE filler (bytes BLOB)").expect("it can be written");
        // Should the thread that moves the log get no time, SQLite moves it, as it would in earnest.
        writer.batch_execute("PRAGMA wal_autocheckpoint = 2000").expect("it is set");
        let (readers, mut log) = (Readers::new(&file, 2), WriteAheadLog::new(&file));
        log.lengths = Lengths { portion: 256, long: 512, little: 4_000 };
        let ask =
            |connection: &mut Conn| (sqlite::is_foreign(connection).map_err(|error| crate::StoreError::from_diesel("ask", &error)), false);
        let (mut longest, mut written, mut before) = (0, 0, 0);
        for _ in 0..200 {
            readers.recent(ask).expect("it answers");
            writer.batch_execute("INSERT INTO filler VALUES (randomblob(400000))").expect("it is written");
            *log.looked.lock() = None;
            log.tend(&mut writer, &readers);
            let pages = sqlite::log_of(&mut writer).expect("it tells").pages;
            written += if pages > before { pages - before } else { pages };
            (longest, before) = (longest.max(pages), pages);
        }
        assert!(written > 15_000 && longest < 8_000, "{written} pages were written through a log of {longest}");
    }
}
