//! How does the preview of a model go on while its page is looked at?
//!
//! To compare every record anew takes longer than a request may. A preview belongs to who asked for it, and is kept in memory
//! for an hour: it changes nothing, so whoever misses it asks again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiku_registry::{ModelChange, ThresholdPreview};
use uuid::Uuid;

use crate::problem::Problem;

/// How long an outcome is kept.
const KEPT: Duration = Duration::from_secs(3600);

/// The previews that run, and those that have ended.
#[derive(Default)]
pub(crate) struct Previews(Mutex<HashMap<Uuid, Preview>>);

/// One preview.
struct Preview {
    owner: String,
    begun: Instant,
    change: ModelChange,
    outcome: Option<Result<ThresholdPreview, Problem>>,
}

/// How far a preview is.
pub(crate) enum Progress {
    /// It runs, for so long by now.
    Running(Duration),
    /// What the change would change.
    Done(ModelChange, ThresholdPreview),
    /// Why there is no preview.
    Failed(Problem),
}

impl Previews {
    /// A preview begins; what its owner asked for before is forgotten.
    pub(crate) fn begin(&self, owner: &str, change: ModelChange) -> Uuid {
        let id = Uuid::now_v7();
        let mut known = self.known();
        known.retain(|_, preview| preview.owner != owner && preview.begun.elapsed() < KEPT);
        known.insert(id, Preview { owner: owner.to_owned(), begun: Instant::now(), change, outcome: None });
        id
    }

    /// A preview has ended, unless it is forgotten by now.
    pub(crate) fn end(&self, id: Uuid, outcome: Result<ThresholdPreview, Problem>) {
        if let Some(preview) = self.known().get_mut(&id) {
            preview.outcome = Some(outcome);
        }
    }

    /// How far a preview of this owner is.
    pub(crate) fn look(&self, id: Uuid, owner: &str) -> Option<Progress> {
        let known = self.known();
        let preview = known.get(&id).filter(|preview| preview.owner == owner)?;
        Some(match &preview.outcome {
            None => Progress::Running(preview.begun.elapsed()),
            Some(Ok(outcome)) => Progress::Done(preview.change.clone(), outcome.clone()),
            Some(Err(problem)) => Progress::Failed(problem.clone()),
        })
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Uuid, Preview>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem;

    #[test]
    fn a_preview_is_its_owners_and_makes_room_for_the_next() {
        let previews = Previews::default();
        let first = previews.begin("office", ModelChange::Version(1));
        assert!(matches!(previews.look(first, "office"), Some(Progress::Running(_))));
        assert!(previews.look(first, "another").is_none());
        previews.end(first, Err(Problem::new(problem::UNAVAILABLE)));
        assert!(matches!(previews.look(first, "office"), Some(Progress::Failed(_))));
        let other = previews.begin("another", ModelChange::Version(1));
        let second = previews.begin("office", ModelChange::Version(2));
        assert!(previews.look(first, "office").is_none());
        assert!(previews.look(second, "office").is_some() && previews.look(other, "another").is_some());
        previews.end(first, Err(Problem::new(problem::UNAVAILABLE)));
        assert!(previews.look(first, "office").is_none(), "what is forgotten stays so");
    }
}
