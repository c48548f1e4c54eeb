//! How good is what the departments send?

use jiku_registry::{Period, QualityQuery};

use super::{Answer, Json};
use crate::desk::Desk;
use crate::parameters::{Given, Parameters, Query, invalid};
use crate::problem::Problem;
use crate::wire::QualityBody;

/// Which part of the report is asked for.
pub(crate) struct QualityParameters(QualityQuery);

impl Parameters for QualityParameters {
    const NAMES: &'static [&'static str] = &["kind", "source", "period", "field"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let period = match given.text("period") {
            None | Some("day") => Period::Day,
            Some("week") => Period::Week,
            Some("month") => Period::Month,
            Some(_) => return Err(invalid("period", "day, week or month")),
        };
        Ok(Self(QualityQuery {
            kind: given.value("kind", "person, legal-person or parcel")?,
            source: given.value("source", "the code of a source system")?,
            period,
            field: given.text("field").map(str::to_owned),
        }))
    }
}

/// The quality of the data (数据质量) by kind, source system, field, reason and time; figures only. 403 for who reaches only a part of the entities.
#[utoipa::path(
    get, path = "/api/v1/quality", tag = "service",
    params(
        ("kind" = Option<String>, Query, description = "person, legal-person or parcel"),
        ("source" = Option<String>, Query, description = "only this source system"),
        ("period" = Option<String>, Query, description = "day (when absent), week or month"),
        ("field" = Option<String>, Query, description = "a column that is told over time too, such as phone"),
    ),
    responses((status = 200, body = QualityBody))
)]
pub(crate) async fn quality(desk: Desk, query: Query<QualityParameters>) -> Answer<Json<QualityBody>> {
    desk.reaches_all()?;
    let query = query.0.0;
    Ok(Json(desk.run(move |registry, _| registry.quality(&query)).await?.into()))
}
