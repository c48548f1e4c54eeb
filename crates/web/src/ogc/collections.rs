//! Which collections are there, and what may be asked of them?

use actix_web::{HttpRequest, HttpResponse};
use jiku_ogc::MediaType;
use jiku_registry::ParcelFeature;
use serde_json::{Value, json};

use super::answer::{Form, document, form, link, told};
use super::map_desk::{MapDesk, base};
use super::{divisions, pages, properties, systems};
use crate::handlers::Answer;
use crate::parameters::Given;
use crate::problem::{self, Problem};

/// The collections of features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collection {
    /// Land parcels: of now, or of another moment and day.
    Parcels,
    /// Every version of every parcel.
    History,
    /// The land of all parcels of each county.
    Divisions,
}

impl Collection {
    pub(crate) const ALL: [Self; 3] = [Self::Parcels, Self::History, Self::Divisions];

    /// Its identifier in paths.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Parcels => "parcels",
            Self::History => "parcel-history",
            Self::Divisions => "divisions",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Parcels => "宗地 Parcels",
            Self::History => "宗地历史 Parcel history",
            Self::Divisions => "行政区划 Divisions",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::Parcels => "宗地，不含权利人；datetime 取某日的宗地。Land parcels, without right holders; of another day by datetime.",
            Self::History => "每一宗地的每一版本。Every version of every parcel, the current ones among them.",
            Self::Divisions => "各县级区划内宗地合并的范围。The land of all parcels of each county, shared borders gone.",
        }
    }

    /// Whether its features are parcels: then they are sorted and described as such.
    pub(crate) fn is_of_parcels(self) -> bool {
        self != Self::Divisions
    }

    /// The collection of a path.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let named = request.match_info().get("collection").unwrap_or_default();
        Self::ALL.into_iter().find(|collection| collection.id() == named).ok_or_else(missing)
    }

    /// The identifier of a feature: a version of a parcel has its number in it.
    pub(crate) fn item_id(self, parcel: &ParcelFeature) -> String {
        match self {
            Self::History => format!("{}.{}", parcel.id, parcel.version),
            Self::Parcels | Self::Divisions => parcel.id.to_string(),
        }
    }
}

fn missing() -> Problem {
    Problem::new(problem::NOT_FOUND).detail("there is no such collection; /ogc/collections lists them")
}

/// Refuses the path of another collection than the parcels, where only these are edited or drawn.
pub(crate) fn known(request: &HttpRequest) -> Result<(), Problem> {
    match request.match_info().get("collection") {
        None | Some("parcels") => Ok(()),
        Some(_) => Err(missing()),
    }
}

/// Every collection.
pub(crate) async fn list(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    let given = Given::parse(request.query_string(), &["f"])?;
    let base = base(&request);
    let collections: Vec<Value> =
        Collection::ALL.into_iter().map(|collection| described(&desk, collection, &base)).collect::<Result<_, _>>()?;
    if form(&request, &given)? == Form::Html {
        return Ok(pages::answer(pages::collections(&base, &collections)));
    }
    let links = json!([
        link(&format!("{base}/collections"), "self", MediaType::Json, "集合 Collections"),
        link(&format!("{base}/collections?f=html"), "alternate", MediaType::Html, "集合 Collections"),
    ]);
    Ok(document("application/json", &json!({ "links": links, "crs": systems::offered(), "collections": collections })))
}

/// One collection.
pub(crate) async fn one(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    let collection = Collection::of(&request)?;
    let given = Given::parse(request.query_string(), &["f"])?;
    let base = base(&request);
    let about = described(&desk, collection, &base)?;
    if form(&request, &given)? == Form::Html {
        return Ok(pages::answer(pages::collections(&base, &[about])));
    }
    Ok(document("application/json", &about))
}

fn described(desk: &MapDesk, collection: Collection, base: &str) -> Result<Value, Problem> {
    let view = if collection == Collection::History { desk.versions(None)? } else { desk.parcels()? };
    let extent = view.places().extent().map(|extent| extent.degrees());
    let own = format!("{base}/collections/{}", collection.id());
    let title = collection.title();
    let mut links = vec![
        link(&own, "self", MediaType::Json, title),
        link(&format!("{own}?f=html"), "alternate", MediaType::Html, title),
        link(&format!("{own}/items"), "items", MediaType::GeoJson, "要素 Items as GeoJSON"),
        link(&format!("{own}/items?f=html"), "items", MediaType::Html, "要素 Items as HTML"),
        link(&format!("{own}/schema"), "http://www.opengis.net/def/rel/ogc/1.0/schema", MediaType::Schema, "结构 Schema"),
        link(&format!("{own}/schema"), "describedby", MediaType::Schema, "结构 Schema"),
    ];
    let rel = |name: &str| format!("http://www.opengis.net/def/rel/ogc/1.0/{name}");
    links.push(link(&format!("{own}/queryables"), &rel("queryables"), MediaType::Schema, "可查询属性 Queryables"));
    if collection.is_of_parcels() {
        links.push(link(&format!("{own}/sortables"), &rel("sortables"), MediaType::Schema, "可排序属性 Sortables"));
    }
    if collection == Collection::Parcels {
        links.push(link(&format!("{own}/tiles"), "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector", MediaType::Json, "瓦片 Tiles"));
    }
    let mut about = json!({
        "id": collection.id(), "title": title, "description": collection.description(),
        "itemType": "feature", "crs": systems::offered(), "storageCrs": systems::STORAGE, "links": links,
    });
    if let Some(extent) = extent {
        about["extent"] = json!({ "spatial": { "bbox": [extent], "crs": systems::CRS84 } });
    }
    Ok(about)
}

/// What filters may speak of.
pub(crate) async fn queryables(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    properties_told(&desk, &request, "queryables")
}

/// What features hold.
pub(crate) async fn returnables(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    properties_told(&desk, &request, "schema")
}

/// What pages may be sorted by.
pub(crate) async fn sortables(desk: MapDesk, request: HttpRequest) -> Answer<HttpResponse> {
    properties_told(&desk, &request, "sortables")
}

fn properties_told(desk: &MapDesk, request: &HttpRequest, name: &str) -> Answer<HttpResponse> {
    let collection = Collection::of(request)?;
    if name == "sortables" && !collection.is_of_parcels() {
        return Err(Problem::new(problem::NOT_FOUND).detail("divisions come in the order of their codes"));
    }
    let given = Given::parse(request.query_string(), &["f"])?;
    let address = format!("{}/collections/{}/{name}", base(request), collection.id());
    let mut schema = match collection {
        Collection::Divisions => divisions::schema(&address),
        Collection::Parcels | Collection::History => properties::schema(desk.actor().is_some(), collection, &address),
    };
    if name == "sortables"
        && let Some(properties) = schema["properties"].as_object_mut()
    {
        properties.retain(|name, _| !matches!(name.as_str(), "geometry" | "parcel" | "recorded_to"));
    }
    told(request, &given, MediaType::Schema.as_str(), collection.title(), &schema)
}
