//! Who is this?

use jiku_model::{Kind, RawRecord};
use jiku_registry::ResolveOptions;
use serde_json::Value;

use super::{Answer, Json};
use crate::body::Body;
use crate::desk::Desk;
use crate::fields::is_read_only;
use crate::parameters::{Given, Parameters, Query, invalid};
use crate::place::OfKind;
use crate::problem::{self, Problem};
use crate::wire::ResolutionBody;

/// How to resolve.
pub(crate) struct ResolveParameters(ResolveOptions);

impl Parameters for ResolveParameters {
    const NAMES: &'static [&'static str] = &["limit", "floor", "explain", "golden"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let floor: Option<f32> = given.value("floor", "a match weight, a number")?;
        if floor.is_some_and(|floor| !floor.is_finite()) {
            return Err(invalid("floor", "a match weight, a number"));
        }
        let golden = given.value::<bool>("golden", "true or false")?.unwrap_or(true);
        Ok(Self(ResolveOptions { limit: given.limit(10, 100)?, floor, explain: given.flag("explain")?, golden }))
    }
}

/// Who is this? The body holds what is known, under the standard column names; nothing is stored but the trace of the question.
#[utoipa::path(
    post, path = "/api/v1/{kind}/resolve", tag = "entities",
    params(
        ("limit" = Option<usize>, Query, description = "at most this many candidates, 1 to 100", minimum = 1, maximum = 100),
        ("floor" = Option<f32>, Query, description = "the smallest match weight to show; the model's review threshold when absent"),
        ("explain" = Option<bool>, Query, description = "tell how each weight came about"),
        ("golden" = Option<bool>, Query, description = "show each candidate's golden values; true when absent"),
    ),
    request_body(content = Object, description = "the columns of the kind, such as name, id_number, birth_date"),
    responses((status = 200, body = ResolutionBody)),
)]
pub(crate) async fn resolve(
    desk: Desk,
    OfKind(kind): OfKind,
    Query(ResolveParameters(options)): Query<ResolveParameters>,
    body: Body,
) -> Answer<Json<ResolutionBody>> {
    check(kind, &body.0)?;
    let raw = body.0;
    Ok(Json(desk.read(move |registry, actor| registry.resolve(actor, kind, &raw, &options)).await?.into()))
}

/// The columns of a kind as its entity crate lists them, beside `source` and `source_key`.
pub(crate) fn is_column(kind: Kind, name: &str) -> bool {
    matches!(name, "source" | "source_key") || jiku_registry::columns(kind).iter().any(|column| column.name == name)
}

/// Columns that may be sent as numbers: no leading zeros to lose.
const NUMERIC: &[&str] = &["registered_capital", "registered_area_m2"];

/// A record typed by hand: only columns of the kind, texts as texts, and something to go by.
pub(crate) fn check(kind: Kind, raw: &RawRecord) -> Result<(), Problem> {
    let mut problems = Vec::new();
    for (name, value) in raw {
        let pointer = || format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        if !is_column(kind, name) {
            let sort = if is_read_only(name) { problem::READ_ONLY_FIELD } else { problem::UNKNOWN_FIELD };
            problems.push((sort, pointer(), "no column of this kind has this name"));
        } else {
            match value {
                Value::Null | Value::String(_) => {}
                Value::Number(_) if NUMERIC.contains(&name.as_str()) => {}
                Value::Object(_) if name == "geometry" => {}
                _ => problems.push((
                    problem::TYPE_MISMATCH,
                    pointer(),
                    "write it as a text in double quotes: digits of a number can be lost",
                )),
            }
        }
    }
    let has_value = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        _ => true,
    };
    if problems.is_empty() && !raw.iter().any(|(name, value)| !matches!(name.as_str(), "source" | "source_key") && has_value(value)) {
        problems.push((problem::REQUIRED, String::new(), "give at least one value, such as a name or a number"));
    }
    let Some((sort, pointer, advice)) = problems.first() else { return Ok(()) };
    let errors: Vec<Value> = problems
        .iter()
        .take(100)
        .map(|(sort, pointer, advice)| serde_json::json!({ "code": sort.slug, "pointer": pointer, "advice": advice }))
        .collect();
    Err(Problem::new(sort).pointer(pointer.clone()).detail(*advice).with("errors", errors))
}
