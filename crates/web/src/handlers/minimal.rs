//! Questions that are answered by a yes, a no or a join key.

use jiku_model::{Kind, RawRecord};
use jiku_registry::{MinimalAnswer, Pseudonym, Who};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::resolve::check;
use super::{Answer, Json};
use crate::body::Body;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::parameters::{NoParameters, Query};
use crate::place::{self, OfKind};
use crate::problem::{self, Problem};

/// `yes`, `no`, or `unsure` when a person would have to look.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MinimalBody {
    answer: &'static str,
}

impl From<MinimalAnswer> for MinimalBody {
    fn from(answer: MinimalAnswer) -> Self {
        Self { answer: answer.as_str() }
    }
}

/// Two, each by its canonical id or as a record.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct SameBody {
    /// `{"id": "…"}`, or the columns of a record.
    #[schema(value_type = Object)]
    left: Value,
    /// `{"id": "…"}`, or the columns of a record.
    #[schema(value_type = Object)]
    right: Value,
}

/// One of the two: an object with an id alone, or a record.
fn who(kind: Kind, fields: &mut Fields, name: &str) -> Result<Who, Problem> {
    let wrong =
        || Problem::new(problem::TYPE_MISMATCH).pointer(format!("/{name}")).detail("an object with an id, or with the columns of a record");
    let Some(Value::Object(object)) = fields.take(name) else { return Err(wrong()) };
    if object.len() == 1
        && let Some(id) = object.get("id")
    {
        return place::id(id.as_str().ok_or_else(wrong)?).map(Who::Entity);
    }
    let raw: RawRecord = object.into_iter().collect();
    check(kind, &raw)?;
    Ok(Who::Record(raw))
}

/// Are these two the same? No id and no value is told.
#[utoipa::path(post, path = "/api/v1/{kind}/same", tag = "minimal", request_body = SameBody, responses((status = 200, body = MinimalBody)))]
pub(crate) async fn same(desk: Desk, OfKind(kind): OfKind, _: Query<NoParameters>, body: Body) -> Answer<Json<MinimalBody>> {
    let mut fields = body.fields();
    let (left, right) = (who(kind, &mut fields, "left")?, who(kind, &mut fields, "right")?);
    fields.finish()?;
    Ok(Json(desk.run(move |registry, actor| registry.same(actor, kind, &left, &right)).await?.into()))
}

/// A record, and where it should be.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct ExistsBody {
    /// The columns of a record, such as name, id_number, birth_date.
    #[schema(value_type = Object)]
    record: Value,
    /// An administrative division by prefix, such as `440106`.
    division: Option<String>,
}

/// Is there such a person, and do they live in this division? No id and no value is told.
#[utoipa::path(
    post, path = "/api/v1/{kind}/exists", tag = "minimal",
    request_body = ExistsBody, responses((status = 200, body = MinimalBody)),
)]
pub(crate) async fn exists(desk: Desk, OfKind(kind): OfKind, _: Query<NoParameters>, body: Body) -> Answer<Json<MinimalBody>> {
    let mut fields = body.fields();
    let Who::Record(record) = who(kind, &mut fields, "record")? else {
        return Err(Problem::new(problem::TYPE_MISMATCH).pointer("/record").detail("give the columns of a record, not an id"));
    };
    let division = fields.text("division");
    fields.finish()?;
    Ok(Json(desk.run(move |registry, actor| registry.exists(actor, kind, &record, division.as_deref())).await?.into()))
}

/// The department's own name for somebody.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PseudonymAnswerBody {
    /// `yes` with a name, `no`, or `unsure` when a person would have to look.
    answer: &'static str,
    /// Join your data by it: 32 hexadecimal digits, the same for your department for ever, another one for every other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pseudonym: Option<String>,
    /// Names you may have been given for the same person before several ids became one; join them to this one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    former: Vec<String>,
}

impl From<Pseudonym> for PseudonymAnswerBody {
    fn from(found: Pseudonym) -> Self {
        Self { answer: found.answer.as_str(), pseudonym: found.pseudonym, former: found.former }
    }
}

/// Who is meant, by canonical id or as a record.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes the body")]
pub(crate) struct PseudonymBody {
    /// `{"id": "…"}`, or the columns of a record.
    #[schema(value_type = Object)]
    of: Value,
}

/// By which name does your department join its data on this person? No id and no value is told.
#[utoipa::path(
    post, path = "/api/v1/{kind}/pseudonym", tag = "minimal",
    request_body = PseudonymBody, responses((status = 200, body = PseudonymAnswerBody)),
)]
pub(crate) async fn pseudonym(desk: Desk, OfKind(kind): OfKind, _: Query<NoParameters>, body: Body) -> Answer<Json<PseudonymAnswerBody>> {
    let mut fields = body.fields();
    let of = who(kind, &mut fields, "of")?;
    fields.finish()?;
    Ok(Json(desk.run(move |registry, actor| registry.pseudonym(actor, kind, &of)).await?.into()))
}
