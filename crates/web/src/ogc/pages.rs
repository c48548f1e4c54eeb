//! How do browsers see what GIS programs see?
//!
//! Small pages without scripts: links, tables, and a drawing of what is on the page.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::header;
use jiku_registry::{DivisionExtent, DivisionExtents, ParcelFeature, ParcelView};
use jiku_spatial::{BoundingBox, Snapshot};
use serde_json::Value;

use super::answer::VARY;
use super::collections::Collection;
use super::features::Manner;
use super::properties::seen;
use super::select::Selected;
use super::styles::LAND_USES;

const CSP: &str = "default-src 'none'; img-src 'self' data:; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// A page as an answer.
pub(crate) fn answer(page: String) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, CSP))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::VARY, VARY))
        .body(page)
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A page of an address, with a link to the same in JSON.
fn page(base: &str, title: &str, crumbs: &[(&str, &str)], in_json: &str, body: &str) -> String {
    let trail: String =
        crumbs.iter().map(|(path, name)| format!("<a href=\"{}{path}?f=html\">{}</a> › ", escape(base), escape(name))).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <link rel=\"alternate\" type=\"application/json\" href=\"{in_json}\"><title>{title} · 基库 Jiku</title></head>\
         <body><p>{trail}{title} · <a href=\"{in_json}\">JSON</a></p><h1>{title}</h1>{body}</body></html>\n",
        title = escape(title),
        in_json = escape(in_json)
    )
}

/// Where one comes from.
const HOME: (&str, &str) = ("/", "基库 Jiku");
const COLLECTIONS: (&str, &str) = ("/collections", "集合 Collections");

/// The same address in JSON: of one without parameters but `f`.
const IN_JSON: &str = "?f=json";

/// A document: its links, what it says of properties as a table, and the whole as text.
pub(crate) fn document(base: &str, title: &str, told: &Value) -> String {
    let mut body = String::new();
    let mut links = Vec::new();
    gather_links(told, &mut links);
    if !links.is_empty() {
        body.push_str("<ul>");
        for (href, name) in links {
            let _ = write!(body, "<li><a href=\"{}\">{}</a></li>", escape(href), escape(name));
        }
        body.push_str("</ul>");
    }
    if let Some(properties) = told["properties"].as_object() {
        body.push_str("<table border=\"1\"><tr><th>属性 Property</th><th>名称 Title</th><th>类型 Type</th></tr>");
        for (name, property) in properties {
            let text = |key: &str| escape(property[key].as_str().unwrap_or_default());
            let kind = [text("type"), text("format")].into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
            let _ = write!(body, "<tr><td>{}</td><td>{}</td><td>{kind}</td></tr>", escape(name), text("title"));
        }
        body.push_str("</table>");
    }
    let _ = write!(body, "<pre>{}</pre>", escape(&serde_json::to_string_pretty(told).unwrap_or_default()));
    page(base, title, &[HOME, COLLECTIONS], IN_JSON, &body)
}

/// Every link of a document that leads somewhere by itself, with its title or relation.
fn gather_links<'v>(told: &'v Value, links: &mut Vec<(&'v str, &'v str)>) {
    match told {
        Value::Object(object) => {
            let is_whole = object.get("templated") != Some(&Value::Bool(true));
            if let Some(href) = object.get("href").and_then(Value::as_str).filter(|_| is_whole) {
                let name = ["title", "rel"].iter().find_map(|key| object.get(*key)?.as_str());
                links.push((href, name.unwrap_or(href)));
            }
            object.values().for_each(|value| gather_links(value, links));
        }
        Value::Array(list) => list.iter().for_each(|value| gather_links(value, links)),
        _ => {}
    }
}

/// The landing page.
pub(crate) fn landing(base: &str) -> String {
    let mut body = String::from("<p>宗地基础数据：要素、过滤与矢量瓦片。Land parcels: features, filters and vector tiles.</p><ul>");
    for (path, name) in [
        ("/collections", "集合 Collections"),
        ("/collections/parcels/items", "宗地 Parcels"),
        ("/conformance", "符合性 Conformance"),
        ("/api", "接口 API"),
    ] {
        // Writing to a string cannot fail.
        let _ = write!(body, "<li><a href=\"{}{path}?f=html\">{name}</a></li>", escape(base));
    }
    let _ = write!(body, "</ul><p>QGIS, GDAL: <code>{}</code></p>", escape(base));
    page(base, "宗地 Parcels", &[], IN_JSON, &body)
}

/// The conformance classes.
pub(crate) fn conformance(base: &str, classes: &[&str]) -> String {
    let list: String = classes.iter().map(|class| format!("<li><a href=\"{0}\">{0}</a></li>", escape(class))).collect();
    page(base, "符合性 Conformance", &[HOME], IN_JSON, &format!("<ul>{list}</ul>"))
}

/// The operations of the description.
pub(crate) fn api(base: &str, document: &Value) -> String {
    let paths = document["paths"].as_object().into_iter().flatten();
    let rows: String = paths
        .flat_map(|(path, methods)| methods.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation)))
        .map(|(path, method, operation)| {
            let names: Vec<&str> =
                operation["parameters"].as_array().into_iter().flatten().filter_map(|parameter| parameter["name"].as_str()).collect();
            format!("<tr><td>{}</td><td>{}</td><td>{}</td></tr>", escape(&method.to_uppercase()), escape(path), escape(&names.join(", ")))
        })
        .collect();
    page(base, "接口 API", &[HOME], IN_JSON, &format!("<table border=\"1\"><tr><th>方法</th><th>路径</th><th>参数</th></tr>{rows}</table>"))
}

/// The collections.
pub(crate) fn collections(base: &str, collections: &[Value]) -> String {
    let mut body = String::new();
    for collection in collections {
        let text = |name: &str| escape(collection[name].as_str().unwrap_or_default());
        let _ = write!(
            body,
            "<h2><a href=\"{}/collections/{}/items?f=html\">{}</a></h2><p>{}</p><p>CRS: {}</p>",
            escape(base),
            text("id"),
            text("title"),
            text("description"),
            text("storageCrs")
        );
    }
    page(base, "集合 Collections", &[HOME], IN_JSON, &body)
}

/// Divisions with what their parcels come to, and a drawing.
pub(crate) fn divisions(
    base: &str,
    extents: &DivisionExtents,
    chosen: &[(u32, &DivisionExtent)],
    next: Option<&str>,
    in_json: &str,
) -> String {
    let shapes = chosen.iter().map(|(number, one)| Shape { slot: *number, colour: NO_COLOUR, title: one.name.unwrap_or(&one.code) });
    let mut body = drawing(&extents.places, shapes);
    body.push_str("<table border=\"1\"><tr><th>代码 Code</th><th>名称 Name</th><th>宗地数 Parcels</th><th>面积 Area, m²</th></tr>");
    for (_, one) in chosen {
        let (base, code, name) = (escape(base), escape(&one.code), escape(one.name.unwrap_or_default()));
        let _ = write!(
            body,
            "<tr><td><a href=\"{base}/collections/divisions/items/{code}?f=html\">{code}</a></td><td>{name}</td><td>{}</td><td>{:.2}</td></tr>",
            one.parcels, one.planar_area_m2
        );
    }
    body.push_str("</table>");
    link_onward(&mut body, next);
    page(base, Collection::Divisions.title(), &[HOME, COLLECTIONS], in_json, &body)
}

fn link_onward(body: &mut String, next: Option<&str>) {
    if let Some(next) = next {
        let html = if next.contains("f=html") { "" } else { "&f=html" };
        let _ = write!(body, "<p><a rel=\"next\" href=\"{}\">下一页 Next</a></p>", escape(&format!("{next}{html}")));
    }
}

/// A page of parcels with a drawing.
pub(crate) fn items(base: &str, view: &ParcelView, selected: &Selected, manner: Manner, next: Option<&str>, in_json: &str) -> String {
    let collection = manner.collection;
    let mut body = drawing(view.places(), selected.slots.iter().filter_map(|slot| shape(view, *slot)));
    let columns: Vec<_> = seen(manner.signed_in)
        .filter(|property| matches!(property.name, "parcel_code" | "land_use" | "registered_area_m2" | "location"))
        .collect();
    body.push_str("<table border=\"1\"><tr><th>id</th>");
    for column in &columns {
        let _ = write!(body, "<th>{}</th>", escape(column.title));
    }
    body.push_str("</tr>");
    for parcel in selected.slots.iter().filter_map(|slot| view.get(*slot)) {
        let id = collection.item_id(parcel);
        let _ = write!(body, "<tr><td><a href=\"{}/collections/{}/items/{id}?f=html\">{id}</a></td>", escape(base), collection.id());
        for column in &columns {
            let _ = write!(body, "<td>{}</td>", escape(parcel.value(column.name).unwrap_or_default()));
        }
        body.push_str("</tr>");
    }
    body.push_str("</table>");
    link_onward(&mut body, next);
    page(base, collection.title(), &[HOME, COLLECTIONS], in_json, &body)
}

/// One parcel with a drawing.
pub(crate) fn item(base: &str, view: &ParcelView, slot: u32, parcel: &ParcelFeature, manner: Manner) -> String {
    let mut body = drawing(view.places(), shape(view, slot).into_iter());
    body.push_str("<table border=\"1\">");
    for property in seen(manner.signed_in) {
        if let Some(value) = parcel.value(property.name) {
            let _ = write!(body, "<tr><th>{}</th><td>{}</td></tr>", escape(property.title), escape(value));
        }
    }
    body.push_str("</table>");
    let items = format!("/collections/{}/items", manner.collection.id());
    let crumbs = [HOME, COLLECTIONS, (&items, manner.collection.title())];
    page(base, &manner.collection.item_id(parcel), &crumbs, IN_JSON, &body)
}

/// The width of a drawing, pixels; its height follows from the land, up to as much.
const WIDTH: f64 = 640.0;

/// What has no class of its own.
const NO_COLOUR: &str = "#dddddd";

/// Corners that lie nearer to the one drawn before are left out, pixels.
const FINE: f64 = 0.4;

/// A shape of a picture.
struct Shape<'a> {
    slot: u32,
    colour: &'a str,
    title: &'a str,
}

/// A parcel in the colour of its land use.
fn shape(view: &ParcelView, slot: u32) -> Option<Shape<'_>> {
    let parcel = view.get(slot)?;
    let class = parcel.value("land_use").unwrap_or_default();
    let colour = LAND_USES.iter().find(|(known, _)| class.starts_with(known)).map_or(NO_COLOUR, |(_, colour)| colour);
    Some(Shape { slot, colour, title: parcel.value("parcel_code").unwrap_or_default() })
}

/// Shapes as a picture, north up, degrees of longitude shortened by the latitude.
fn drawing<'a>(places: &Snapshot, shapes: impl Iterator<Item = Shape<'a>>) -> String {
    let shapes: Vec<Shape<'a>> = shapes.collect();
    let boxes = shapes.iter().filter_map(|shape| places.bbox(shape.slot));
    let Some(extent) = boxes.reduce(|left, right| left.union(&right)) else { return String::new() };
    let [west, south, east, north] = BoundingBox::degrees(&extent);
    let shorten = south.midpoint(north).to_radians().cos();
    let scale = WIDTH / ((east - west) * shorten).max(north - south).max(1e-9);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0}\" height=\"{:.0}\" role=\"img\" aria-label=\"地图 Map\">",
        (east - west) * shorten * scale + 4.0,
        (north - south) * scale + 4.0
    );
    for Shape { slot, colour, title } in shapes {
        let Some(geometry) = places.geometry(slot) else { continue };
        let _ = write!(text, "<path fill=\"{colour}\" fill-rule=\"evenodd\" stroke=\"#6b5b4b\" d=\"");
        for ring in geometry.rings() {
            let mut drawn: Option<(f64, f64)> = None;
            for point in ring {
                let [lon, lat] = point.degrees();
                let (x, y) = ((lon - west) * shorten * scale + 2.0, (north - lat) * scale + 2.0);
                if drawn.is_some_and(|(last_x, last_y)| (x - last_x).abs().max((y - last_y).abs()) < FINE) {
                    continue;
                }
                let _ = write!(text, "{}{x:.1} {y:.1}", if drawn.is_none() { 'M' } else { 'L' });
                drawn = Some((x, y));
            }
            text.push('Z');
        }
        let _ = write!(text, "\"><title>{}</title></path>", escape(title));
    }
    text.push_str("</svg>");
    text
}
