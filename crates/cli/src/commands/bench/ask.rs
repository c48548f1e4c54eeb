//! How long do answers take, asked on several threads at once?

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::console::Console;
use crate::failure::Failure;

/// How a sort of question was answered.
pub(super) struct Measured {
    pub(super) name: &'static str,
    pub(super) answered: usize,
    seconds: f64,
    took: Vec<Duration>,
}

impl Measured {
    #[expect(clippy::cast_precision_loss, reason = "a rate on a screen")]
    pub(super) fn per_second(&self) -> f64 {
        self.answered as f64 / self.seconds.max(1e-9)
    }

    /// The time within which this share of the answers came, in milliseconds.
    pub(super) fn within_ms(&self, percent: usize) -> f64 {
        self.took.get((self.took.len() * percent / 100).min(self.took.len().saturating_sub(1))).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    }
}

/// So many questions on so many threads.
pub(super) struct Questions<'a> {
    pub(super) threads: usize,
    pub(super) count: usize,
    pub(super) console: &'a Console,
}

impl Questions<'_> {
    /// Asks on all threads until enough was asked; every answer is timed. Each thread asks through what `begin` gives it.
    pub(super) fn ask<T: Sync, W>(
        &self,
        name: &'static str,
        about: &[T],
        begin: impl Fn() -> Result<W, Failure> + Sync,
        one: impl Fn(&mut W, &T) -> Result<(), Failure> + Sync,
    ) -> Result<Measured, Failure> {
        let next = AtomicUsize::new(0);
        let progress = self.console.counted(name, self.count as u64);
        let started = Instant::now();
        let took = thread::scope(|scope| {
            let asking = || {
                let (mut took, mut way) = (Vec::new(), begin()?);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= self.count || self.console.is_stopping() || about.is_empty() {
                        return Ok(took);
                    }
                    let asked = Instant::now();
                    one(&mut way, &about[number % about.len()])?;
                    took.push(asked.elapsed());
                    progress.advance(1);
                }
            };
            let asking: Vec<_> = (0..self.threads).map(|_| scope.spawn(asking)).collect();
            let mut all = Vec::new();
            for thread in asking {
                let took: Result<Vec<Duration>, Failure> = thread.join().map_err(|_| Failure::internal("a thread that asked panicked"))?;
                all.extend(took?);
            }
            Ok::<_, Failure>(all)
        })?;
        let seconds = started.elapsed().as_secs_f64();
        progress.done();
        self.console.check_stop()?;
        let mut took = took;
        took.sort_unstable();
        Ok(Measured { name, answered: took.len(), seconds, took })
    }
}
