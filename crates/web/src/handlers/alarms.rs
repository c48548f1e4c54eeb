//! How is somebody told of alarms, and of what administrators did?

use chrono::{DateTime, Utc};
use jiku_registry::{ActView, AlarmView};
use serde::Serialize;
use utoipa::ToSchema;

use super::changes::Stretch;
use super::{Answer, Json};
use crate::desk::Desk;
use crate::parameters::Query;

/// An alarm.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlarmBody {
    /// Its position in the change log.
    position: i64,
    /// When.
    at: DateTime<Utc>,
    /// `emergency-begun`, `emergency-unreviewed`, `traces-broken`, `ids-guessed`, `sign-in-locked`, `exported`, `reading-unusual`, `quota-reached`.
    alarm: String,
    /// Who did it, or who noticed.
    principal: String,
    /// For which department.
    department: String,
    /// What it is about, by ids and numbers.
    about: String,
}

impl From<AlarmView> for AlarmBody {
    fn from(view: AlarmView) -> Self {
        let AlarmView { position, at, alarm, principal, department, about } = view;
        Self { position, at, alarm, principal, department, about }
    }
}

/// Alarms in order.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlarmsBody {
    items: Vec<AlarmBody>,
    /// Ask with this as `after` for what comes later.
    next: i64,
}

/// Alarms after a position, oldest first: emergencies, a change log that was tampered with, guessed ids, locked sign-ins, exports.
#[utoipa::path(
    get, path = "/api/v1/alarms", tag = "rights",
    params(
        ("after" = Option<i64>, Query, description = "the position after which; 0 when absent", minimum = 0),
        ("limit" = Option<usize>, Query, description = "1 to 1000; 100 when absent", minimum = 1, maximum = 1000),
    ),
    responses((status = 200, body = AlarmsBody)),
)]
pub(crate) async fn list(desk: Desk, Query(asked): Query<Stretch>) -> Answer<Json<AlarmsBody>> {
    let Stretch { after, limit } = asked;
    let views = desk.run(move |registry, actor| registry.alarms(actor, after, limit)).await?;
    let next = views.last().map_or(after, |view| view.position);
    Ok(Json(AlarmsBody { items: views.into_iter().map(Into::into).collect(), next }))
}

/// An act of an administrator.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActBody {
    /// Its position in the change log.
    position: i64,
    /// When.
    at: DateTime<Utc>,
    /// Who.
    actor: String,
    /// `user-put`, `principal-enabled`, `principal-disabled`, `limits-set`, `second-factor-set`, `second-factor-reset`, `key-created`,
    /// `key-revoked`, `purpose-put`, `purpose-deleted`, `source-put`, `keyring-changed`, `export-asked`, `export-decided`, `export-written`, `forgotten`.
    act: String,
    /// Whom or what it changed.
    about: String,
    /// What that is now.
    detail: String,
}

impl From<ActView> for ActBody {
    fn from(view: ActView) -> Self {
        let ActView { position, at, actor, act, about, detail } = view;
        Self { position, at, actor, act, about, detail }
    }
}

/// Acts in order.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActsBody {
    items: Vec<ActBody>,
    /// Ask with this as `after` for what comes later.
    next: i64,
}

/// What administrators did after a position, oldest first: accounts, keys, limits, purposes, source systems, keys of the database, retention.
#[utoipa::path(
    get, path = "/api/v1/administration", tag = "rights",
    params(
        ("after" = Option<i64>, Query, description = "the position after which; 0 when absent", minimum = 0),
        ("limit" = Option<usize>, Query, description = "1 to 1000; 100 when absent", minimum = 1, maximum = 1000),
    ),
    responses((status = 200, body = ActsBody)),
)]
pub(crate) async fn acts(desk: Desk, Query(asked): Query<Stretch>) -> Answer<Json<ActsBody>> {
    let Stretch { after, limit } = asked;
    let views = desk.run(move |registry, actor| registry.acts(actor, after, limit)).await?;
    let next = views.last().map_or(after, |view| view.position);
    Ok(Json(ActsBody { items: views.into_iter().map(Into::into).collect(), next }))
}
