//! Who does what nobody else shall wait behind?
//!
//! A question that takes long keeps a processor busy for as long as it runs, and where all of them are busy the system lets those who came later wait. So
//! such work has threads of its own, which step back (`nice`): whoever answers something short goes first, and where nobody does they lose nothing.
//! A thread steps back for good, and so do those it starts: what is shared with others is started before (see `Registry::open`).

use std::sync::Once;
use std::{io, thread};

use rustix::process::{getpriority_process, setpriority_process};
use tokio::runtime::{Builder, Runtime};

/// How far these threads step back: at a processor that others want too they have a quarter of it (sched(7): 1.25 to the fifth to one).
const STEPS_BACK: i32 = 5;

/// Such threads for each processor, at most: more than questions may be at work, so that a large body is read while all of those are.
const OF_EACH: usize = 3;

/// The threads.
pub(crate) struct Behind {
    /// There until it is dropped.
    threads: Option<Runtime>,
}

/// The work panicked, or the server is stopping.
#[derive(Debug)]
pub(crate) struct NotDone;

impl Behind {
    /// Threads are started when there is work for them, and end when there was none for a while.
    pub(crate) fn new() -> io::Result<Self> {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        let mut builder = Builder::new_current_thread();
        let threads = builder.max_blocking_threads(OF_EACH * processors).thread_name("jiku-behind").on_thread_start(step_back).build()?;
        Ok(Self { threads: Some(threads) })
    }

    /// Does blocking work on one of them. Who goes away meanwhile does not end it.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, NotDone>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let threads = self.threads.as_ref().ok_or(NotDone)?;
        threads.spawn_blocking(work).await.map_err(|_| NotDone)
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        // The last to hold it may be a worker, which waits for nobody.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

/// Lets the others go before this thread.
fn step_back() {
    static TOLD: Once = Once::new();
    // On Linux each thread has a number of its own, and no process means the thread that asks (setpriority(2), "C library/kernel differences").
    if let Err(error) = getpriority_process(None).and_then(|nice| setpriority_process(None, nice + STEPS_BACK)) {
        TOLD.call_once(|| tracing::warn!(%error, "threads for long questions cannot step back; others may wait behind them"));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::rt::time::timeout;

    use super::*;

    #[actix_web::test]
    async fn its_threads_step_back_and_those_who_wait_for_them_do_not() {
        let behind = Behind::new().expect("threads");
        let own = getpriority_process(None).expect("a priority");
        let asked = || (thread::current().name().map(str::to_owned), getpriority_process(None).expect("a priority"));
        let told = behind.run(asked).await.expect("it is done");
        assert_eq!(told, (Some("jiku-behind".to_owned()), (own + STEPS_BACK).min(19)));
        assert_eq!(getpriority_process(None).expect("a priority"), own);
    }

    #[actix_web::test]
    async fn a_panic_is_told_and_who_goes_away_does_not_end_the_work() {
        let behind = Behind::new().expect("threads");
        assert!(behind.run(|| panic!("a bug")).await.is_err());
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let (begun, begins) = std::sync::mpsc::channel::<()>();
        let work = move || {
            // Ends when the test lets it.
            begins.recv().ok();
            sender.send(()).ok();
        };
        assert!(timeout(Duration::from_millis(20), behind.run(work)).await.is_err(), "nobody waits for it any more");
        drop(begun);
        assert!(receiver.await.is_ok(), "and it is done all the same");
    }
}
