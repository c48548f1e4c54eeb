//! How much is there?

use super::{Answer, Json};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::wire::StatsBody;

/// The figures of the three bases; 403 for who reaches only a part of them.
#[utoipa::path(get, path = "/api/v1/stats", tag = "service", responses((status = 200, body = StatsBody)))]
pub(crate) async fn stats(desk: Desk, _: Query<NoParameters>) -> Answer<Json<StatsBody>> {
    desk.reaches_all()?;
    Ok(Json(desk.run(|registry, _| registry.stats()).await?.into()))
}
