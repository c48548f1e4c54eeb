//! How are parcels asked for (OGC 17-069r4, clause 7.15 and 7.16)?

use std::sync::{Arc, LazyLock};

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use jiku_model::EntityId;
use jiku_ogc::TimeSpan;
use jiku_ogc::cql2::Queryables;
use jiku_registry::{Days, ParcelView};
use jiku_spatial::{BoundingBox, Crs, Snapshot};

use super::answer::{Form, VARY, form};
use super::collections::Collection;
use super::features::{Manner, write_feature, write_text};
use super::filter::{Filter, Language, check_value};
use super::map_desk::{MapDesk, base};
use super::properties::{self, QUERYABLE_NAMES, moment, seen};
use super::select::{Selected, Selection};
use super::systems::{self, content_crs, refused};
use super::{divisions, pages, select};
use crate::handlers::Answer;
use crate::parameters::{Given, invalid};
use crate::problem::{self, Problem};
use crate::{cursor, precondition};

/// Parcels of a page, unless told.
pub(crate) const LIMIT: usize = 10;
/// Parcels of a page at most: a larger limit counts as this.
pub(crate) const MOST: usize = 10_000;
/// The media type of features.
pub(crate) const GEOJSON: &str = "application/geo+json";

/// Every parameter of a list of parcels, and of versions.
static NAMES: LazyLock<[Vec<&'static str>; 2]> = LazyLock::new(|| {
    let own = ["f", "limit", "bbox", "bbox-crs", "crs", "datetime", "as_of", "filter", "filter-lang", "filter-crs", "sortby", "cursor"];
    [Collection::Parcels, Collection::History].map(|collection| own.into_iter().chain(properties::queryable_names(collection)).collect())
});

fn names(collection: Collection) -> &'static [&'static str] {
    &NAMES[usize::from(collection == Collection::History)]
}

/// A page of features.
pub(crate) async fn list(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    let collection = Collection::of(&request)?;
    if collection == Collection::Divisions {
        return divisions::list(desk, request).await;
    }
    let given = Given::parse(request.query_string(), names(collection))?;
    let form = form(&request, &given)?;
    let crs = given.text("crs").map_or(Ok(Crs::Crs84), |text| systems::read("crs", text))?;
    let manner = Manner { collection, crs, signed_in: desk.uses().read };
    let base = base(&request);
    let query = request.query_string().to_owned();
    let asked = desk.clone();
    let work = move || {
        let given = Given::parse(&query, names(collection))?;
        let list = listed(collection, &query);
        let address = format!("{base}/collections/{}/items", collection.id());
        let (then, selection) = read(&given, &asked, collection, &list)?;
        let mut selected = selection.run(&then.view)?;
        selected.next = selected.next.map(|position| then.at(&position));
        Ok(match form {
            Form::Json => Written::Json(page(&then.view, &selected, manner, &list, &address, &query)),
            Form::Html => {
                let in_json = format!("{address}?{}", join(&query, &["f"], "f=json"));
                let next = next_link(&selected, &list, &address, &query);
                Written::Html(pages::items(&base, &then.view, &selected, manner, next.as_deref(), &in_json))
            }
        })
    };
    let written = if collection == Collection::Parcels && is_light(&given) { work()? } else { desk.run(work).await? };
    Ok(match written {
        Written::Json(text) => {
            let mut answer = HttpResponse::Ok();
            answer.insert_header((header::CACHE_CONTROL, desk.cache_control())).insert_header((header::VARY, VARY));
            answer.insert_header((header::CONTENT_TYPE, GEOJSON)).insert_header(("Content-Crs", content_crs(crs))).body(text)
        }
        Written::Html(page) => pages::answer(page),
    })
}

/// A page, written.
pub(crate) enum Written {
    Json(Vec<u8>),
    Html(String),
}

/// Whether a page is answered at once: nothing but a box and few parcels of now.
fn is_light(given: &Given<'_>) -> bool {
    let heavy = ["filter", "sortby", "datetime", "as_of"].into_iter().chain(QUERYABLE_NAMES);
    heavy.into_iter().all(|name| given.text(name).is_none())
        && given.text("limit").is_none_or(|limit| limit.parse::<usize>().is_ok_and(|limit| limit <= 1_000))
}

/// What the cursors of a list belong to: its parameters without those that do not change which parcels it has.
pub(crate) fn listed(collection: Collection, query: &str) -> String {
    let kept = |pair: &&str| !["cursor=", "limit=", "f=", "crs="].iter().any(|name| pair.starts_with(name));
    let mut pairs: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).filter(kept).collect();
    pairs.sort_unstable();
    format!("ogc {} {}", collection.id(), pairs.join("&"))
}

/// The parcels a list is made of. A list of another moment or day, of versions, or in an order that was asked for, goes on with what was recorded when its
/// first page was asked for: its cursors carry that moment.
struct Then {
    view: Arc<ParcelView>,
    moment: Option<i64>,
}

impl Then {
    fn at(&self, position: &str) -> String {
        self.moment.map_or_else(|| position.to_owned(), |moment| format!("{moment}~{position}"))
    }
}

/// Whether `datetime` names two ends.
pub(crate) fn is_interval(given: &Given<'_>) -> bool {
    given.text("datetime").is_some_and(|text| text.contains('/'))
}

/// The moment as of which parcels are asked for (`as_of`), and the days on which they stood (`datetime`).
pub(crate) fn time_of(given: &Given<'_>) -> Result<(Option<i64>, Option<Days>), Problem> {
    let moment = given.moment("as_of")?;
    // Clocks may go apart by a little; what will be recorded is nobody's to tell.
    if moment.is_some_and(|moment| moment > chrono::Utc::now() + chrono::TimeDelta::minutes(1)) {
        return Err(invalid("as_of", "a moment that has been"));
    }
    let moment = moment.map(|moment| moment.timestamp_micros());
    // An end that is open lies beyond what is a day.
    let day = |micros| chrono::DateTime::from_timestamp_micros(micros).map(|moment| moment.date_naive());
    Ok((moment, time_span(given)?.map(|span| Days { first: day(span.start), last: day(span.end) })))
}

/// The span of `datetime`.
pub(crate) fn time_span(given: &Given<'_>) -> Result<Option<TimeSpan>, Problem> {
    let read = |text: &str| {
        let text = text.replace(' ', "+");
        let is_reversed = || text.split_once('/').is_some_and(|(start, end)| TimeSpan::between(end, start).is_some());
        TimeSpan::read(&text).ok_or_else(|| {
            let expected = if is_reversed() {
                "an interval that begins before it ends: this one ends before it begins"
            } else {
                "a date, an RFC 3339 date and time, or two of them with / between, one of which may be .."
            };
            invalid("datetime", expected)
        })
    };
    given.text("datetime").map(read).transpose()
}

fn then(given: &Given<'_>, desk: &MapDesk, collection: Collection, after: &mut Option<String>) -> Result<Then, Problem> {
    let (moment, days) = time_of(given)?;
    // In the order of slots pages go on whatever is edited meanwhile; in that of values they would not.
    let is_sorted = given.text("sortby").is_some();
    if collection == Collection::Parcels && moment.is_none() && days.is_none() && !is_sorted {
        return Ok(Then { view: desk.parcels()?, moment: None });
    }
    let last = desk.parcels()?.moment_micros();
    let mut moment = moment.unwrap_or(last).min(last);
    if let Some(position) = after {
        let (first, rest) = position.split_once('~').ok_or_else(select::bad_cursor)?;
        moment = first.parse().map_err(|_| select::bad_cursor())?;
        *position = rest.to_owned();
    }
    let view = match collection {
        Collection::History => desk.versions(Some(moment))?,
        Collection::Parcels | Collection::Divisions => desk.parcels_at(Some(moment), days)?,
    };
    Ok(Then { view, moment: Some(moment) })
}

fn read(given: &Given<'_>, desk: &MapDesk, collection: Collection, list: &str) -> Result<(Then, Selection), Problem> {
    let uses = desk.uses();
    let mut after = given.text("cursor").map(|text| cursor::unwrap(list, text)).transpose()?;
    let limit = jiku_ogc::parse_limit(given.text("limit"), LIMIT, MOST).map_err(refused)?;
    let boxes = boxes(given)?;
    // Parcels are those of these days as it is; of all versions those are chosen that hold in them.
    let span = time_span(given)?.filter(|_| collection == Collection::History);
    let then = then(given, desk, collection, &mut after)?;
    let view = &then.view;
    let queryables = properties::queryables(uses.filter, collection);
    let filter = filter(given, view.places(), &queryables, |name| properties::forbidden(name, uses.known))?;
    let mut values = Vec::new();
    for name in QUERYABLE_NAMES {
        let Some(value) = given.text(name) else { continue };
        // A time that was sent with its offset: a plus sign in a query string may come as a space.
        let value = &if name.starts_with("recorded") { value.replace(' ', "+") } else { value.to_owned() };
        let is_own = matches!(name, "id" | "parcel" | "recorded_to");
        if !is_own && !seen(uses.filter).any(|property| property.name == name) {
            if let Some(refusal) = properties::forbidden(name, uses.known) {
                return Err(refusal);
            }
            return Err(Problem::new(problem::PARAMETER_UNKNOWN).parameter(name).detail("sign in, or send a key, to ask by it"));
        }
        check_value(name, value)?;
        values.push((name, value.clone()));
    }
    let sortables: Vec<&str> = seen(uses.sort).map(|property| property.name).chain(["id"]).collect();
    let names =
        given.text("sortby").into_iter().flat_map(|text| text.split(',')).map(|name| name.trim().trim_start_matches(['+', '-', ' ']));
    if let Some(refusal) = names.filter(|name| !sortables.contains(name)).find_map(|name| properties::forbidden(name, uses.known)) {
        return Err(refusal);
    }
    let sort = given.text("sortby").map_or(Ok(Vec::new()), |text| jiku_ogc::parse_sort(text, &sortables)).map_err(refused)?;
    // A list without `datetime` is of today, one of another moment of the day of that.
    let is_of_now = collection == Collection::Parcels && given.text("datetime").is_none();
    let is_everything = boxes.is_none() && span.is_none() && filter.is_none() && values.is_empty();
    let without = is_of_now.then(|| {
        let day = jiku_model::civil_day(given.moment("as_of").ok().flatten().unwrap_or_else(chrono::Utc::now));
        (day.to_string(), if is_everything { view.ended_by(day) } else { 0 })
    });
    Ok((then, Selection { collection, limit, boxes, span, without, filter, values, sort, after }))
}

/// The filter of `filter`, `filter-lang` and `filter-crs`.
pub(crate) fn filter(
    given: &Given<'_>,
    places: &Snapshot,
    queryables: &Queryables,
    forbidden: impl Fn(&str) -> Option<Problem>,
) -> Result<Option<Filter>, Problem> {
    let crs = given.text("filter-crs").map_or(Ok(Crs::Crs84), |text| systems::read("filter-crs", text))?;
    let language = match given.text("filter-lang") {
        None | Some("cql2-text") => Language::Text,
        Some("cql2-json") => Language::Json,
        Some(_) => return Err(invalid("filter-lang", "cql2-text or cql2-json")),
    };
    given.text("filter").map(|text| Filter::new(text, language, crs, places, queryables, forbidden)).transpose()
}

/// The boxes of `bbox` in the system of `bbox-crs`.
pub(crate) fn boxes(given: &Given<'_>) -> Result<Option<Vec<BoundingBox>>, Problem> {
    let bbox_crs = given.text("bbox-crs").map_or(Ok(Crs::Crs84), |text| systems::read("bbox-crs", text))?;
    let bbox = given.text("bbox").map(jiku_ogc::parse_bbox).transpose().map_err(refused)?;
    bbox.map(|bbox| systems::boxes(bbox, bbox_crs)).transpose()
}

/// The page as a feature collection.
fn page(view: &ParcelView, selected: &Selected, manner: Manner, list: &str, address: &str, query: &str) -> Vec<u8> {
    let mut text = Vec::with_capacity(512 + selected.slots.len() * 800);
    text.extend_from_slice(br#"{"type":"FeatureCollection","features":["#);
    let mut returned = 0;
    for (slot, parcel) in selected.slots.iter().filter_map(|slot| Some((*slot, view.get(*slot)?))) {
        if returned > 0 {
            text.push(b',');
        }
        write_feature(view, slot, parcel, manner, &mut text);
        returned += 1;
    }
    finish(returned, selected.matched, next_link(selected, list, address, query), address, query, &mut text);
    text
}

/// Closes a collection of features with what is told about it.
pub(crate) fn finish(returned: usize, matched: Option<usize>, next: Option<String>, address: &str, query: &str, text: &mut Vec<u8>) {
    text.extend_from_slice(format!("],\"numberReturned\":{returned}").as_bytes());
    if let Some(matched) = matched {
        text.extend_from_slice(format!(",\"numberMatched\":{matched}").as_bytes());
    }
    let now = chrono::Utc::now().timestamp_micros();
    text.extend_from_slice(format!(",\"timeStamp\":\"{}\",\"links\":[", moment(now)).as_bytes());
    let own = if query.is_empty() { address.to_owned() } else { format!("{address}?{query}") };
    write_link(&own, "self", GEOJSON, text);
    text.push(b',');
    write_link(&format!("{address}?{}", join(query, &["f"], "f=html")), "alternate", "text/html", text);
    if let Some(next) = next {
        text.push(b',');
        write_link(&next, "next", GEOJSON, text);
    }
    text.extend_from_slice(b"]}");
}

pub(crate) fn write_link(href: &str, rel: &str, media_type: &str, text: &mut Vec<u8>) {
    text.extend_from_slice(b"{\"href\":");
    write_text(href, text);
    text.extend_from_slice(format!(",\"rel\":\"{rel}\",\"type\":\"{media_type}\"}}").as_bytes());
}

/// The address of the next page: every parameter of this one, and where to go on.
fn next_link(selected: &Selected, list: &str, address: &str, query: &str) -> Option<String> {
    let position = selected.next.as_deref()?;
    Some(next_address(address, query, list, position))
}

/// The address of a page that goes on at a position.
pub(crate) fn next_address(address: &str, query: &str, list: &str, position: &str) -> String {
    format!("{address}?{}", join(query, &["cursor"], &format!("cursor={}", cursor::wrap(list, position))))
}

/// A query without some of its parameters, and with another one.
pub(crate) fn join(query: &str, without: &[&str], extra: &str) -> String {
    let kept = |pair: &&str| !pair.is_empty() && !without.contains(&pair.split_once('=').map_or(*pair, |(name, _)| name));
    query.split('&').filter(kept).chain([extra]).collect::<Vec<_>>().join("&")
}

/// One feature.
pub(crate) async fn one(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    let collection = Collection::of(&request)?;
    let given = Given::parse(request.query_string(), &["f", "crs"])?;
    let form = form(&request, &given)?;
    let crs = given.text("crs").map_or(Ok(Crs::Crs84), |text| systems::read("crs", text))?;
    let base = base(&request);
    let (view, slot) = match collection {
        Collection::Parcels => found(&desk, &request)?,
        Collection::History => found_version(&desk, &request)?,
        Collection::Divisions => return divisions::one(desk, request).await,
    };
    let manner = Manner { collection, crs, signed_in: desk.uses().read };
    if form == Form::Html {
        let parcel = view.get(slot).ok_or_else(gone)?;
        return Ok(pages::answer(pages::item(&base, &view, slot, parcel, manner)));
    }
    let tag = view.get(slot).map(|parcel| precondition::tag(parcel.id, i64::from(parcel.version)));
    // A superseded version says since when it is one, which its number does not.
    let is_known = collection == Collection::Parcels && tag.is_some_and(|tag| precondition::caller_has(&request, &tag));
    Ok(answer(&desk, &view, slot, manner, &base, if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() }))
}

/// The version of the path, which names the parcel and the number of the version.
fn found_version(desk: &MapDesk, request: &HttpRequest) -> Result<(Arc<ParcelView>, u32), Problem> {
    let missing =
        || Problem::new(problem::NOT_FOUND).detail("there is no such version; it is named by its parcel, a full stop and its number");
    let (id, version) = request.match_info().query("id").rsplit_once('.').ok_or_else(missing)?;
    let (id, version) = (id.parse().map_err(|_| missing())?, version.parse().map_err(|_| missing())?);
    let view = desk.versions(None)?;
    let slot = desk.registry().parcel_slot_in(&view, id, Some(version)).ok_or_else(missing)?;
    Ok((view, slot))
}

fn gone() -> Problem {
    Problem::new(problem::NOT_FOUND).detail("there is no such parcel now")
}

/// The parcel of the path, with the parcels of its moment.
pub(crate) fn found(desk: &MapDesk, request: &HttpRequest) -> Result<(Arc<ParcelView>, u32), Problem> {
    find(desk, request.match_info().query("id").parse().map_err(|_| gone())?)
}

/// A parcel, with the parcels of its moment.
pub(crate) fn find(desk: &MapDesk, id: EntityId) -> Result<(Arc<ParcelView>, u32), Problem> {
    // The slot may change hands between the two looks: then it is looked up again.
    let look = |_| {
        let slot = desk.registry().parcel_slot(id)?;
        let view = desk.parcels().ok()?;
        (view.get(slot)?.id == id).then_some((view, slot))
    };
    (0..3).find_map(look).ok_or_else(gone)
}

/// A parcel as a feature with its links, and its tag in the head; without a body where the caller has it.
pub(crate) fn answer(
    desk: &MapDesk,
    view: &ParcelView,
    slot: u32,
    manner: Manner,
    base: &str,
    mut answer: HttpResponseBuilder,
) -> HttpResponse {
    let Some(parcel) = view.get(slot) else { return HttpResponse::from_error(gone()) };
    if manner.collection == Collection::Parcels {
        answer.insert_header((header::ETAG, format!("\"{}\"", precondition::tag(parcel.id, i64::from(parcel.version)))));
    }
    answer
        .insert_header((header::VARY, VARY))
        .insert_header((header::CACHE_CONTROL, desk.cache_control()))
        .insert_header(("Content-Crs", content_crs(manner.crs)))
        .insert_header((header::CONTENT_TYPE, GEOJSON));
    let mut text = Vec::with_capacity(1_024);
    write_feature(view, slot, parcel, manner, &mut text);
    // The links go inside the feature, in front of its closing brace.
    text.pop();
    text.extend_from_slice(b",\"links\":[");
    let collection = format!("{base}/collections/{}", manner.collection.id());
    let own = format!("{collection}/items/{}", manner.collection.item_id(parcel));
    write_link(&own, "self", GEOJSON, &mut text);
    text.push(b',');
    write_link(&format!("{own}?f=html"), "alternate", "text/html", &mut text);
    text.push(b',');
    write_link(&collection, "collection", "application/json", &mut text);
    text.extend_from_slice(b"]}");
    let mut answer = answer.body(text);
    if answer.status() == StatusCode::NOT_MODIFIED {
        answer = answer.drop_body().map_into_boxed_body();
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_link_keeps_every_parameter() {
        assert_eq!(join("limit=5&cursor=abc&bbox=1,2,3,4", &["cursor"], "cursor=x"), "limit=5&bbox=1,2,3,4&cursor=x");
        assert_eq!(join("", &["cursor"], "cursor=x"), "cursor=x");
        let listed = |query| listed(Collection::Parcels, query);
        assert_eq!(listed("limit=5&land_use=0701&cursor=a"), listed("land_use=0701"), "a cursor holds whatever the size of the page");
        assert_ne!(listed("land_use=0701"), listed("land_use=0702"));
    }
}
