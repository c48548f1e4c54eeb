//! Who looks at the map, and under which address do they know us?

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};
use jiku_model::{Kind, Sensitivity};
use jiku_registry::{Actor, Days, FieldUse, ParcelView, Registry};

use crate::gate::Caller;
use crate::problem::{self, Problem};
use crate::state::State;

/// For what somebody may use columns that are not public: what they may not read they can neither ask nor order by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Uses {
    /// Whether they showed a key.
    pub(crate) known: bool,
    pub(crate) read: bool,
    pub(crate) filter: bool,
    pub(crate) sort: bool,
}

/// The registry, asked by a caller who may look at maps: one with a key, or anybody where parcels are public.
#[derive(Clone)]
pub(crate) struct MapDesk {
    state: web::Data<State>,
    actor: Option<Arc<Actor>>,
    from: Option<IpAddr>,
}

impl MapDesk {
    /// The use cases.
    pub(crate) fn registry(&self) -> &Registry {
        &self.state.registry
    }

    /// Who asks; none for a caller without a key.
    pub(crate) fn actor(&self) -> Option<&Actor> {
        self.actor.as_deref()
    }

    /// For what the caller may use columns that are not public.
    pub(crate) fn uses(&self) -> Uses {
        // Maps show every parcel: who reaches only a part of them sees of all what anybody sees.
        let may = |what| {
            self.actor().is_some_and(|actor| actor.limits.reach_all(Kind::Parcel) && actor.limits.allow(what, Sensitivity::Internal))
        };
        let read = may(FieldUse::Read);
        Uses { known: self.actor.is_some(), read, filter: read && may(FieldUse::Filter), sort: read && may(FieldUse::Sort) }
    }

    /// The parcels of this moment.
    pub(crate) fn parcels(&self) -> Result<Arc<ParcelView>, Problem> {
        Ok(self.registry().parcels_now(self.actor())?)
    }

    /// The parcels of another moment, microseconds since 1970 UTC, or as they stood on other days.
    pub(crate) fn parcels_at(&self, moment: Option<i64>, days: Option<Days>) -> Result<Arc<ParcelView>, Problem> {
        Ok(self.registry().parcels_at(self.actor(), moment, days)?)
    }

    /// Every version of every parcel that was recorded by a moment.
    pub(crate) fn versions(&self, moment: Option<i64>) -> Result<Arc<ParcelView>, Problem> {
        Ok(self.registry().parcel_versions(self.actor(), moment)?)
    }

    /// How long and by whom an answer may be kept: always asked for again, and by nobody in between where it needs a key.
    pub(crate) fn cache_control(&self) -> &'static str {
        if self.registry().has_public_parcels() { "no-cache" } else { "private, no-cache" }
    }

    /// Whether an edit may come without the version its sender saw.
    pub(crate) fn takes_unversioned_edits(&self) -> bool {
        self.state.unversioned_edits
    }

    /// Does long work behind that of others, a few such at a time.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T, Problem> + Send + 'static,
    {
        self.state.behind(self.from, work).await
    }
}

impl FromRequest for MapDesk {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let actor = request.extensions().get::<Caller>().map(|caller| caller.actor.clone());
        let state = request.app_data::<web::Data<State>>().cloned();
        let from = request.peer_addr().map(|peer| peer.ip());
        ready(state.map(|state| Self { state, actor, from }).ok_or_else(|| Problem::new(problem::INTERNAL)))
    }
}

/// The address under which the caller reached `/ogc`: the configured one, else what the request says (a proxy tells its own
/// by `Forwarded` or `X-Forwarded-*`).
pub(crate) fn base(request: &HttpRequest) -> String {
    let state = request.app_data::<web::Data<State>>();
    if let Some(base) = state.and_then(|state| state.base_url.as_deref()) {
        return format!("{base}/ogc");
    }
    let connection = request.connection_info();
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    let host = Some(connection.host()).filter(|host| plain(host)).unwrap_or("localhost");
    let scheme = if connection.scheme() == "https" { "https" } else { "http" };
    format!("{scheme}://{host}/ogc")
}
