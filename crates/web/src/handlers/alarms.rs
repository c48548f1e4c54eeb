//! How is somebody told of alarms?

use chrono::{DateTime, Utc};
use jiku_registry::AlarmView;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Answer, Json};
use crate::desk::Desk;
use crate::parameters::{Given, Parameters, Query, invalid};
use crate::problem::Problem;

/// An alarm.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlarmBody {
    /// Its position in the change log.
    position: i64,
    /// When.
    at: DateTime<Utc>,
    /// `emergency-begun`, `traces-broken`, `ids-guessed`, `sign-in-locked`, `exported`.
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

/// Which alarms.
pub(crate) struct AlarmParameters {
    after: i64,
    limit: usize,
}

impl Parameters for AlarmParameters {
    const NAMES: &'static [&'static str] = &["after", "limit"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let whole = |text: &str| text.parse().ok().filter(|position| *position >= 0);
        let after = match given.text("after") {
            None => 0,
            Some(text) => whole(text).ok_or_else(|| invalid("after", "a position, 0 or more"))?,
        };
        Ok(Self { after, limit: given.limit(100, 1_000)? })
    }
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
pub(crate) async fn list(desk: Desk, Query(asked): Query<AlarmParameters>) -> Answer<Json<AlarmsBody>> {
    let AlarmParameters { after, limit } = asked;
    let views = desk.run(move |registry, actor| registry.alarms(actor, after, limit)).await?;
    let next = views.last().map_or(after, |view| view.position);
    Ok(Json(AlarmsBody { items: views.into_iter().map(Into::into).collect(), next }))
}
