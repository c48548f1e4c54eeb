//! How does the preview of a model, or of survivorship rules, go on while its page is looked at?
//!
//! To compare every record anew, or to compose every golden record, takes longer than a request may. A preview belongs to who asked for it, and is kept in memory
//! for an hour: it changes nothing, so whoever misses it asks again. Each takes a processor for a while, so one of a principal is worked
//! on at a time, and two in all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use jiku_model::Kind;
use jiku_registry::{Actor, ModelChange, Registry, RegistryError, RulesChange, RulesPreview, ThresholdPreview};
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::desk::Desk;
use crate::problem::Problem;

/// How long an outcome is kept.
const KEPT: Duration = Duration::from_secs(3600);

/// How many are worked on at a time, whoever asked.
const AT_ONCE: usize = 2;

/// The previews that wait or run, and those that have ended.
pub(crate) struct Previews {
    known: Mutex<HashMap<Uuid, Preview>>,
    all: Arc<Semaphore>,
    of: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// What would be changed.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    /// The match model.
    Model(ModelChange),
    /// The survivorship rules.
    Rules(RulesChange),
}

/// What that would change.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    /// Another match model.
    Model(ThresholdPreview),
    /// Other survivorship rules.
    Rules(Box<RulesPreview>),
}

/// One preview.
struct Preview {
    owner: String,
    kind: Kind,
    asked: Instant,
    change: Asked,
    state: Stage,
}

/// What became of it.
enum Stage {
    Waiting,
    Running(Instant),
    Ended(Result<Told, Problem>),
}

/// Leave to work on a preview; the next one waits until it is dropped.
pub(crate) struct Turn {
    _own: OwnedMutexGuard<()>,
    _all: Option<OwnedSemaphorePermit>,
}

/// How far a preview is.
pub(crate) enum Progress {
    /// Others are worked on.
    Waiting,
    /// It runs, for so long by now.
    Running(Duration),
    /// What the change would change.
    Done(Told),
    /// Why there is no preview.
    Failed(Problem),
}

impl Default for Previews {
    fn default() -> Self {
        Self { known: Mutex::default(), all: Arc::new(Semaphore::new(AT_ONCE)), of: Mutex::default() }
    }
}

/// What a change of the model would change, when its turn comes.
pub(crate) async fn model_in_turn(desk: &Desk, kind: Kind, change: ModelChange) -> Result<ThresholdPreview, Problem> {
    let turn = desk.state().previews.turn(&desk.actor().principal).await;
    work(desk, turn, move |registry, actor| registry.preview_model(actor, kind, &change)).await
}

/// What other survivorship rules would change, when its turn comes.
pub(crate) async fn rules_in_turn(desk: &Desk, kind: Kind, change: RulesChange) -> Result<RulesPreview, Problem> {
    let turn = desk.state().previews.turn(&desk.actor().principal).await;
    work(desk, turn, move |registry, actor| registry.preview_survivorship(actor, kind, &change)).await
}

/// The turn ends with the work, even when whoever asked has gone away.
async fn work<T: Send + 'static>(
    desk: &Desk,
    turn: Turn,
    preview: impl FnOnce(&Registry, &Actor) -> Result<T, RegistryError> + Send + 'static,
) -> Result<T, Problem> {
    let worked = desk.run(move |registry, actor| {
        let outcome = preview(registry, actor);
        drop(turn);
        outcome
    });
    worked.await
}

/// Begins a preview that goes on without its request.
pub(crate) fn begin(desk: &Desk, kind: Kind, change: Asked) -> Uuid {
    let desk = desk.clone();
    let id = desk.state().previews.ask(&desk.actor().principal, kind, change.clone());
    actix_web::rt::spawn(async move {
        let previews = &desk.state().previews;
        let turn = previews.turn(&desk.actor().principal).await;
        if previews.start(id) {
            let told = work(&desk, turn, move |registry, actor| match change {
                Asked::Model(change) => registry.preview_model(actor, kind, &change).map(Told::Model),
                Asked::Rules(change) => registry.preview_survivorship(actor, kind, &change).map(Box::new).map(Told::Rules),
            });
            previews.end(id, told.await);
        }
    });
    id
}

impl Previews {
    /// Waits until it is this principal's turn, first come, first served.
    async fn turn(&self, principal: &str) -> Turn {
        let own = {
            let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
            of.retain(|_, lock| lock.strong_count() > 0);
            let known = of.get(principal).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let lock = Arc::default();
                of.insert(principal.to_owned(), Arc::downgrade(&lock));
                lock
            })
        };
        let own = own.lock_owned().await;
        // It is never closed.
        Turn { _own: own, _all: Arc::clone(&self.all).acquire_owned().await.ok() }
    }

    /// A preview is asked for; what its owner asked for before is forgotten.
    fn ask(&self, owner: &str, kind: Kind, change: Asked) -> Uuid {
        let id = Uuid::now_v7();
        let mut known = self.known();
        known.retain(|_, preview| preview.owner != owner && preview.asked.elapsed() < KEPT);
        known.insert(id, Preview { owner: owner.to_owned(), kind, asked: Instant::now(), change, state: Stage::Waiting });
        id
    }

    /// A preview is worked on now; false when it is forgotten, and nobody wants it.
    fn start(&self, id: Uuid) -> bool {
        let mut known = self.known();
        let preview = known.get_mut(&id);
        preview.map(|preview| preview.state = Stage::Running(Instant::now())).is_some()
    }

    /// A preview has ended, unless it is forgotten by now.
    fn end(&self, id: Uuid, outcome: Result<Told, Problem>) {
        if let Some(preview) = self.known().get_mut(&id) {
            preview.state = Stage::Ended(outcome);
        }
    }

    /// What a preview of this owner and kind is of, and how far it is.
    pub(crate) fn look(&self, id: Uuid, owner: &str, kind: Kind) -> Option<(Asked, Progress)> {
        let known = self.known();
        let preview = known.get(&id).filter(|preview| preview.owner == owner && preview.kind == kind)?;
        let progress = match &preview.state {
            Stage::Waiting => Progress::Waiting,
            Stage::Running(since) => Progress::Running(since.elapsed()),
            Stage::Ended(Ok(outcome)) => Progress::Done(outcome.clone()),
            Stage::Ended(Err(problem)) => Progress::Failed(problem.clone()),
        };
        Some((preview.change.clone(), progress))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Uuid, Preview>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem;
    use futures_util::FutureExt;

    #[test]
    fn a_preview_is_its_owners_and_makes_room_for_the_next() {
        let previews = Previews::default();
        let ask = |owner, change| previews.ask(owner, Kind::Person, change);
        let look = |id, owner| previews.look(id, owner, Kind::Person);
        let first = ask("office", Asked::Model(ModelChange::Version(1)));
        assert!(matches!(look(first, "office"), Some((_, Progress::Waiting))));
        assert!(previews.start(first));
        assert!(matches!(look(first, "office"), Some((_, Progress::Running(_)))));
        assert!(look(first, "another").is_none() && previews.look(first, "office", Kind::Parcel).is_none());
        previews.end(first, Err(Problem::new(problem::UNAVAILABLE)));
        assert!(matches!(look(first, "office"), Some((_, Progress::Failed(_)))));
        let other = ask("another", Asked::Rules(RulesChange::Version(1)));
        let second = ask("office", Asked::Model(ModelChange::Version(2)));
        assert!(look(first, "office").is_none() && !previews.start(first));
        assert!(look(second, "office").is_some() && look(other, "another").is_some());
        previews.end(first, Err(Problem::new(problem::UNAVAILABLE)));
        assert!(look(first, "office").is_none(), "what is forgotten stays so");
    }

    #[test]
    fn what_was_asked_is_told_however_far_it_is() {
        let previews = Previews::default();
        let id = previews.ask("office", Kind::Person, Asked::Rules(RulesChange::File("name = \"typed\"".to_owned())));
        let is_told = || matches!(previews.look(id, "office", Kind::Person), Some((Asked::Rules(RulesChange::File(text)), _)) if text.contains("typed"));
        assert!(is_told());
        assert!(previews.start(id) && is_told());
        previews.end(id, Err(Problem::new(problem::UNAVAILABLE)));
        assert!(is_told());
    }

    #[test]
    fn one_of_a_principal_is_worked_on_and_two_in_all() {
        let previews = Previews::default();
        let office = previews.turn("office").now_or_never().expect("nobody else");
        assert!(previews.turn("office").now_or_never().is_none(), "one at a time");
        let another = previews.turn("another").now_or_never().expect("a place is free");
        assert!(previews.turn("third").now_or_never().is_none(), "two in all");
        drop(another);
        assert!(previews.turn("third").now_or_never().is_some());
        drop(office);
        assert!(previews.turn("office").now_or_never().is_some());
    }
}
