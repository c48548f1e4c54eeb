//! How do browsers see what GIS programs see?
//!
//! Small pages without scripts: links, tables, and a drawing of the parcels of the page.

use std::fmt::Write;

use actix_web::HttpResponse;
use actix_web::http::header;
use jiku_registry::{DivisionExtent, ParcelFeature, ParcelView};
use jiku_spatial::BoundingBox;
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

fn page(base: &str, title: &str, crumbs: &[(&str, &str)], body: &str) -> String {
    let trail: String =
        crumbs.iter().map(|(path, name)| format!("<a href=\"{}{path}?f=html\">{}</a> › ", escape(base), escape(name))).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"zh\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} · 基库 Jiku</title></head><body><p>{trail}{title}</p><h1>{title}</h1>{body}</body></html>\n",
        title = escape(title)
    )
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
    page(base, "宗地 Parcels", &[], &body)
}

/// The conformance classes.
pub(crate) fn conformance(base: &str, classes: &[&str]) -> String {
    let list: String = classes.iter().map(|class| format!("<li><a href=\"{0}\">{0}</a></li>", escape(class))).collect();
    page(base, "符合性 Conformance", &[("/", "基库 Jiku")], &format!("<ul>{list}</ul>"))
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
    let json = format!("<p><a href=\"{}/api?f=json\">OpenAPI 3.0</a></p>", escape(base));
    page(
        base,
        "接口 API",
        &[("/", "基库 Jiku")],
        &format!("{json}<table border=\"1\"><tr><th>方法</th><th>路径</th><th>参数</th></tr>{rows}</table>"),
    )
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
    page(base, "集合 Collections", &[("/", "基库 Jiku")], &body)
}

/// Divisions with what their parcels come to.
pub(crate) fn divisions<'a>(base: &str, extents: impl Iterator<Item = &'a DivisionExtent>) -> String {
    let mut body =
        String::from("<table border=\"1\"><tr><th>代码 Code</th><th>名称 Name</th><th>宗地数 Parcels</th><th>面积 Area, m²</th></tr>");
    for one in extents {
        let (base, code, name) = (escape(base), escape(&one.code), escape(one.name.unwrap_or_default()));
        let _ = write!(
            body,
            "<tr><td><a href=\"{base}/collections/divisions/items/{code}?f=html\">{code}</a></td><td>{name}</td><td>{}</td><td>{:.2}</td></tr>",
            one.parcels, one.planar_area_m2
        );
    }
    body.push_str("</table>");
    page(base, Collection::Divisions.title(), &[("/", "基库 Jiku"), ("/collections", "集合 Collections")], &body)
}

/// A page of parcels with a drawing.
pub(crate) fn items(base: &str, view: &ParcelView, selected: &Selected, manner: Manner, next: Option<String>) -> String {
    let collection = manner.collection;
    let mut body = drawing(view, &selected.slots);
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
    if let Some(next) = next {
        let next = if next.contains("f=html") { next } else { format!("{next}&f=html") };
        let _ = write!(body, "<p><a rel=\"next\" href=\"{}\">下一页 Next</a></p>", escape(&next));
    }
    page(base, collection.title(), &[("/", "基库 Jiku"), ("/collections", "集合 Collections")], &body)
}

/// One parcel with a drawing.
pub(crate) fn item(base: &str, view: &ParcelView, slot: u32, parcel: &ParcelFeature, manner: Manner) -> String {
    let mut body = drawing(view, &[slot]);
    body.push_str("<table border=\"1\">");
    for property in seen(manner.signed_in) {
        if let Some(value) = parcel.value(property.name) {
            let _ = write!(body, "<tr><th>{}</th><td>{}</td></tr>", escape(property.title), escape(value));
        }
    }
    body.push_str("</table>");
    let items = format!("/collections/{}/items", manner.collection.id());
    let crumbs = [("/", "基库 Jiku"), ("/collections", "集合 Collections"), (&items, manner.collection.title())];
    page(base, &manner.collection.item_id(parcel), &crumbs, &body)
}

/// The width of a drawing, pixels; its height follows from the land, up to as much.
const WIDTH: f64 = 640.0;

/// The parcels as a picture, north up, degrees of longitude shortened by the latitude.
fn drawing(view: &ParcelView, slots: &[u32]) -> String {
    let boxes = slots.iter().filter_map(|slot| view.places().bbox(*slot));
    let Some(extent) = boxes.reduce(|left, right| left.union(&right)) else { return String::new() };
    let [west, south, east, north] = BoundingBox::degrees(&extent);
    let shorten = south.midpoint(north).to_radians().cos();
    let scale = WIDTH / ((east - west) * shorten).max(north - south).max(1e-9);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{:.0}\" height=\"{:.0}\" role=\"img\" aria-label=\"宗地图 Map\">",
        (east - west) * shorten * scale + 4.0,
        (north - south) * scale + 4.0
    );
    for slot in slots {
        let (Some(geometry), Some(parcel)) = (view.places().geometry(*slot), view.get(*slot)) else { continue };
        let class = parcel.value("land_use").unwrap_or_default();
        let colour = LAND_USES.iter().find(|(known, _)| class.starts_with(known)).map_or("#dddddd", |(_, colour)| colour);
        let _ = write!(text, "<path fill=\"{colour}\" fill-rule=\"evenodd\" stroke=\"#6b5b4b\" d=\"");
        for ring in geometry.rings() {
            for (number, point) in ring.iter().enumerate() {
                let [lon, lat] = point.degrees();
                let (x, y) = ((lon - west) * shorten * scale + 2.0, (north - lat) * scale + 2.0);
                let _ = write!(text, "{}{x:.1} {y:.1}", if number == 0 { 'M' } else { 'L' });
            }
            text.push('Z');
        }
        let _ = write!(text, "\"><title>{}</title></path>", escape(parcel.value("parcel_code").unwrap_or_default()));
    }
    text.push_str("</svg>");
    text
}
