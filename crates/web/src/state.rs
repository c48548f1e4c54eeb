//! What do all workers of one server share?

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use actix_web::web;
use jiku_model::EmergencyId;
use jiku_registry::{Actor, Period, QualityQuery, QualityReport, Registry, RegistryError};
use tokio::sync::watch;

use crate::at_once::AtOnce;
use crate::base_map::BaseMap;
use crate::behind::Behind;
use crate::held::{Coming, overloaded};
use crate::metrics::Metrics;
use crate::previews::Previews;
use crate::problem::{self, Problem};
use crate::serve::ServeOptions;
use crate::sign_ins::SignIns;
use crate::streams::Streams;

/// How long a worker trusts a token it has checked; the registry itself believes one for two seconds, so that a revoked key is
/// refused within three.
const TRUST: Duration = Duration::from_secs(1);

/// Tokens a worker remembers at most.
const REMEMBERED: usize = 4096;

/// The longest the change watcher sleeps without looking whether the server stops.
const WATCH: Duration = Duration::from_millis(500);

/// What all workers share.
pub(crate) struct State {
    /// The use cases.
    pub(crate) registry: Registry,
    /// Counters.
    pub(crate) metrics: Metrics,
    /// Whether callers come over TLS, ours or that of a proxy in front: cookies are for https only then.
    pub(crate) secure_cookies: bool,
    /// The address the world knows us by, without a slash at its end; none when requests say it.
    pub(crate) base_url: Option<String>,
    hosts: Vec<String>,
    /// The base map of the console, if there is one.
    pub(crate) base_map: Option<BaseMap>,
    /// Whether edits of GIS programs may come without the version they were made on.
    pub(crate) unversioned_edits: bool,
    /// The quality of what departments send, for the pages, and when it was counted.
    quality: Mutex<Option<(Instant, Arc<QualityReport>)>>,
    /// Previews of models.
    pub(crate) previews: Previews,
    /// Requests at work.
    pub(crate) at_once: AtOnce,
    /// The threads of what nobody else shall wait behind.
    pub(crate) behind: Behind,
    /// Sign-ins that wait or are being checked.
    pub(crate) sign_ins: SignIns,
    /// Open streams of changes.
    pub(crate) streams: Streams,
    /// Streams of records that come in.
    pub(crate) uploads: Streams,
    /// What has come of bodies that are not whole.
    pub(crate) coming: Coming,
    stopping: AtomicBool,
    sign_outs: AtomicU64,
    newest: watch::Sender<i64>,
}

/// A token that was checked, when, and after how many sign-outs.
struct Checked {
    actor: Arc<Actor>,
    at: Instant,
    sign_outs: u64,
}

thread_local! {
    static CHECKED: RefCell<HashMap<String, Checked>> = RefCell::new(HashMap::new());
}

/// How old the figures of quality on pages may be: they are sums over every record.
const QUALITY_HOLDS: Duration = Duration::from_secs(60);

impl State {
    /// The quality of what departments send, day by day, as it was within the last minute.
    pub(crate) fn recent_quality(&self) -> Result<Arc<QualityReport>, RegistryError> {
        self.kept_quality().map_or_else(|| self.count_quality(), Ok)
    }

    /// The figures that were counted last, unless they are a minute old and something has changed since.
    fn kept_quality(&self) -> Option<Arc<QualityReport>> {
        let kept = self.quality.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, report) = kept.as_ref()?;
        (at.elapsed() < QUALITY_HOLDS || report.position == self.registry.position()).then(|| report.clone())
    }

    fn count_quality(&self) -> Result<Arc<QualityReport>, RegistryError> {
        let report = Arc::new(self.registry.quality(&QualityQuery { period: Period::Day, ..QualityQuery::default() })?);
        *self.quality.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), report.clone()));
        Ok(report)
    }

    pub(crate) fn new(options: &ServeOptions) -> std::io::Result<Self> {
        let newest = watch::Sender::new(options.registry.position());
        let base_url = options.base_url.as_ref().map(|url| url.trim_end_matches('/').to_owned());
        let mut hosts: Vec<String> = options.hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        // The address the world knows us by is one of our names.
        if hosts.is_empty() && options.listener.local_addr().is_ok_and(|address| address.ip().is_loopback()) {
            // A page elsewhere whose name was made to lead here calls us by its own name.
            hosts = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        }
        if !hosts.is_empty() {
            hosts.extend(base_url.as_deref().and_then(|url| url.split("://").nth(1)).map(|rest| host_of(rest).to_ascii_lowercase()));
        }
        Ok(Self {
            registry: options.registry.clone(),
            metrics: Metrics::new(),
            secure_cookies: options.secure_cookies || options.tls.is_some(),
            base_url,
            base_map: options.base_map.clone(),
            hosts,
            unversioned_edits: options.unversioned_edits,
            quality: Mutex::new(None),
            previews: Previews::default(),
            at_once: AtOnce::default(),
            behind: Behind::new()?,
            sign_ins: SignIns::default(),
            streams: Streams::of_changes(),
            uploads: Streams::of_records(),
            coming: Coming::default(),
            stopping: AtomicBool::new(false),
            sign_outs: AtomicU64::new(0),
            newest,
        })
    }

    /// Whether a request with this `Host` is for us.
    pub(crate) fn is_ours(&self, host: &str) -> bool {
        self.hosts.is_empty() || self.hosts.iter().any(|known| host_of(host).eq_ignore_ascii_case(known))
    }

    /// Whether the server is on its way out.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Tells streams to end and readiness to say no.
    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Wakes every stream, which then sees that the server stops.
        self.newest.send_modify(|_| {});
    }

    /// The newest change position, as it moves.
    pub(crate) fn changes(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// Whose token this is. Asks the registry at most once a second per worker and token.
    pub(crate) async fn authenticate(&self, token: &str) -> Result<Arc<Actor>, RegistryError> {
        let sign_outs = self.sign_outs.load(Ordering::Acquire);
        let known = CHECKED.with_borrow(|checked| {
            checked.get(token).filter(|known| known.sign_outs == sign_outs && known.at.elapsed() < TRUST).map(|known| known.actor.clone())
        });
        if let Some(actor) = known {
            return Ok(actor);
        }
        let (registry, secret) = (self.registry.clone(), token.to_owned());
        let actor = web::block(move || registry.authenticate(&secret)).await.map_err(|_| RegistryError::Unavailable {
            code: "stopping",
            message: "the server is stopping".into(),
            source: None,
        })??;
        let actor = Arc::new(actor);
        CHECKED.with_borrow_mut(|checked| {
            if checked.len() >= REMEMBERED {
                checked.clear();
            }
            checked.insert(token.to_owned(), Checked { actor: actor.clone(), at: Instant::now(), sign_outs });
        });
        Ok(actor)
    }

    /// The caller as far as an emergency of theirs reaches.
    pub(crate) async fn in_emergency(&self, actor: Arc<Actor>, id: EmergencyId) -> Result<Arc<Actor>, RegistryError> {
        let registry = self.registry.clone();
        let stopping = |_| RegistryError::Unavailable { code: "stopping", message: "the server is stopping".into(), source: None };
        web::block(move || registry.in_emergency(&actor, id)).await.map_err(stopping)?.map(Arc::new)
    }

    /// Does work that may take long when there is a place for it, behind that of others. The place is free when it is done, also when the caller has gone
    /// meanwhile: it takes a processor until then.
    pub(crate) async fn behind<T, F>(&self, from: Option<IpAddr>, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, Problem> + Send + 'static,
    {
        let [_asked, place] = self.at_once.dear(from).await.ok_or_else(overloaded)?;
        let kept = move || {
            let done = work();
            drop(place);
            done
        };
        self.behind.run(kept).await.unwrap_or_else(|_| {
            tracing::error!("a question that takes long panicked or the server is stopping");
            Err(Problem::new(problem::INTERNAL))
        })
    }

    /// Forgets every token that was checked: after a sign-out the old one is refused at once.
    pub(crate) fn forget_tokens(&self) {
        self.sign_outs.fetch_add(1, Ordering::AcqRel);
    }
}

/// The name or address in an authority (RFC 3986, clause 3.2), without port and path.
fn host_of(authority: &str) -> &str {
    let authority = authority.split('/').next().unwrap_or("");
    match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => authority.split(':').next().unwrap_or(""),
    }
}

/// The threads that follow the change log: one wakes the streams, one counts the figures of pages anew before somebody has to wait for
/// them. They end with the value.
pub(crate) struct Watcher {
    state: web::Data<State>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Watcher {
    /// Starts following.
    pub(crate) fn start(state: web::Data<State>) -> std::io::Result<Self> {
        let (watched, counted) = (state.clone(), state.clone());
        let streams = thread::Builder::new().name("jiku-changes".to_owned()).spawn(move || {
            while !watched.is_stopping() {
                let seen = *watched.newest.borrow();
                if watched.registry.wait_for_change(seen, WATCH) {
                    watched.newest.send_replace(watched.registry.position());
                }
            }
        })?;
        let figures = thread::Builder::new().name("jiku-figures".to_owned()).spawn(move || {
            while !counted.is_stopping() {
                // A page that finds none asks again, and tells what went wrong.
                if counted.kept_quality().is_none() && counted.count_quality().is_err() {
                    thread::sleep(QUALITY_HOLDS / 12);
                }
                thread::sleep(WATCH);
            }
        })?;
        Ok(Self { state, threads: vec![streams, figures] })
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.state.stop();
        for thread in self.threads.drain(..) {
            // A panic there was told by the panic hook already.
            let _ = thread.join();
        }
    }
}
