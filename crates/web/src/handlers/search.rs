//! Which entities answer to these values?

use jiku_model::Kind;
use jiku_registry::{SearchField, SearchQuery};

use super::{Answer, Json};
use crate::body::Body;
use crate::cursor;
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::place::OfKind;
use crate::problem::{self, Problem};
use crate::wire::EntitiesBody;

/// The fields one can search by.
const FIELDS: &[&str] = &["name", "name_begins", "pinyin", "initials", "number", "phone", "birth_date", "address", "code"];

/// The most entities on a page.
const CEILING: usize = 100;

/// What to search for: an entity must match every field.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it only describes the body; the fields are read one by one with their problems")]
pub(crate) struct SearchBody {
    /// In characters.
    name: Option<String>,
    /// The first two or three characters of a longer name, or their pinyin.
    name_begins: Option<String>,
    /// The name in pinyin without tones.
    pinyin: Option<String>,
    /// The first letters of the name's pinyin.
    initials: Option<String>,
    /// An identity number, credit code or other number.
    number: Option<String>,
    phone: Option<String>,
    /// YYYY-MM-DD.
    birth_date: Option<String>,
    /// Words of the address.
    address: Option<String>,
    /// A parcel code or the beginning of one.
    code: Option<String>,
    /// 1 to 100; 20 when absent.
    limit: Option<usize>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Entities that match every field given. A body, not a URL: names and numbers of people stay out of logs.
#[utoipa::path(
    post, path = "/api/v1/{kind}/search", tag = "entities",
    request_body = SearchBody, responses((status = 200, body = EntitiesBody)),
)]
pub(crate) async fn search(desk: Desk, OfKind(kind): OfKind, _: Query<NoParameters>, body: Body) -> Answer<Json<EntitiesBody>> {
    let (query, list) = read(kind, body)?;
    let page = desk.weigh(move |registry, actor| Ok(registry.search(actor, kind, &query)?)).await?;
    let next = page.next.as_deref().map(|position| cursor::wrap(&list, position));
    Ok(Json(EntitiesBody::new(page, next)))
}

/// The query, and the name of the list its cursors belong to.
fn read(kind: Kind, body: Body) -> Result<(SearchQuery, String), Problem> {
    let mut given = body.fields();
    let mut fields = Vec::new();
    for field in FIELDS {
        if let Some(text) = given.text(field) {
            fields.push(SearchField { field: (*field).to_owned(), text });
        }
    }
    let limit = given.count("limit", 20, CEILING);
    let cursor = given.text("cursor");
    given.finish()?;
    if fields.is_empty() {
        return Err(Problem::new(problem::QUERY_TOO_BROAD).detail(format!("give at least one of {}", FIELDS.join(", "))));
    }
    let list = fields.iter().fold(format!("search {kind}"), |list, field| format!("{list}\u{1}{}\u{2}{}", field.field, field.text));
    let cursor = cursor.map(|text| cursor::unwrap(&list, &text)).transpose()?;
    Ok((SearchQuery { fields, limit, cursor }, list))
}
