//! How does a handler reach the registry?

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::time::timeout;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use jiku_registry::{Actor, Registry, RegistryError};
use tokio::sync::oneshot;

use crate::gate::Caller;
use crate::problem::{self, Problem};
use crate::state::State;

/// How often a read that waits for its trace looks whether the database confirms at all.
const LOOKED_EVERY: Duration = Duration::from_millis(250);

/// The registry, asked by an authorised caller. Only a request that came through the gate with a right gets one.
#[derive(Clone)]
pub(crate) struct Desk {
    state: web::Data<State>,
    actor: Arc<Actor>,
    from: Option<IpAddr>,
}

impl Desk {
    /// Who asks.
    pub(crate) fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Refuses who reaches only a part of the entities, for answers that tell of every one.
    pub(crate) fn reaches_all(&self) -> Result<(), Problem> {
        if self.actor.limits.is_scoped() {
            return Err(Problem::new(problem::FORBIDDEN).detail("this tells of every entity; your rights reach only a part of them"));
        }
        Ok(())
    }

    /// What the workers share.
    pub(crate) fn state(&self) -> &web::Data<State> {
        &self.state
    }

    /// Does blocking work on a thread made for it, and turns what went wrong into a problem.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Registry, &Actor) -> Result<T, RegistryError> + Send + 'static,
    {
        self.try_run(move |registry, actor| work(registry, actor).map_err(Problem::from)).await
    }

    /// Reads an entity or a handful of them. The answer waits for its durable trace without a thread; where the database is at
    /// hand the reading is done in place, because waking another thread would take longer.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Registry, &Actor) -> Result<T, RegistryError> + Send + 'static,
    {
        let (reply, mut answer) = oneshot::channel();
        let (registry, actor) = (self.state.registry.clone(), self.actor.clone());
        let in_place = registry.reads_at_hand();
        // A caller who went away needs no answer.
        let read = move || registry.read_then(|registry| work(registry, &actor), move |result| drop(reply.send(result)));
        if in_place {
            // A panic must not take the worker with it: the reply is dropped, and that is told below.
            drop(catch_unwind(AssertUnwindSafe(read)));
        } else {
            drop(web::block(read));
        }
        let answer = loop {
            match timeout(LOOKED_EVERY, &mut answer).await {
                Ok(answer) => break answer,
                Err(_) if self.state.registry.is_log_stuck() => {
                    return Err(Problem::domain(503, "audit-unavailable", "the service cannot do it just now")
                        .detail("the access log is not confirmed, so nothing is shown; try again later"));
                }
                Err(_) => {}
            }
        };
        match answer {
            Ok(result) => result.map_err(Problem::from),
            Err(_) => {
                tracing::error!("a use case panicked or the server is stopping");
                Err(Problem::new(problem::INTERNAL))
            }
        }
    }

    /// As [`Desk::try_run`], for work that may take long: few such are done at a time, and others go before it. It keeps its place at work until it is
    /// done, also when its caller has gone.
    pub(crate) async fn weigh<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Registry, &Actor) -> Result<T, Problem> + Send + 'static,
    {
        let (registry, actor) = (self.state.registry.clone(), self.actor.clone());
        self.state.behind(self.from, move || work(&registry, &actor)).await
    }

    /// As [`Desk::run`], for work that finds problems of its own.
    pub(crate) async fn try_run<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Registry, &Actor) -> Result<T, Problem> + Send + 'static,
    {
        let (registry, actor) = (self.state.registry.clone(), self.actor.clone());
        web::block(move || work(&registry, &actor)).await.unwrap_or_else(|_| {
            tracing::error!("a use case panicked or the server is stopping");
            Err(Problem::new(problem::INTERNAL))
        })
    }
}

impl FromRequest for Desk {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let caller = request.extensions().get::<Caller>().cloned();
        let state = request.app_data::<web::Data<State>>().cloned();
        let from = request.peer_addr().map(|peer| peer.ip());
        ready(match (state, caller) {
            (Some(state), Some(caller)) => Ok(Self { state, actor: caller.actor, from }),
            _ => Err(Problem::new(problem::UNAUTHENTICATED)),
        })
    }
}
