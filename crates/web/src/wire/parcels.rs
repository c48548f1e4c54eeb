//! How are parcels that were found written, in JSON and in GeoJSON?

use jiku_registry::{Page, ParcelGroup, ParcelHit};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::EntityBody;
use super::entities::split_values;

/// A parcel that was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParcelHitBody {
    #[serde(flatten)]
    parcel: EntityBody,
    /// How far it is, when the question was about distance.
    #[serde(skip_serializing_if = "Option::is_none")]
    distance_m: Option<f64>,
}

/// A page of parcels: by distance when that was asked, otherwise in an order that edits do not change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParcelsBody {
    items: Vec<ParcelHitBody>,
    /// Send it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl ParcelsBody {
    /// A page whose cursor is already wrapped.
    pub(crate) fn new(page: Page<ParcelHit>, next_cursor: Option<String>) -> Self {
        let items =
            page.items.into_iter().map(|hit| ParcelHitBody { parcel: EntityBody::new(hit.parcel, false), distance_m: hit.distance_m });
        Self { items: items.collect(), next_cursor }
    }
}

/// The same page as a GeoJSON feature collection (RFC 7946); longitude and latitude are CGCS2000, which for GeoJSON's
/// WGS 84 differs by less than a decimetre.
pub(crate) fn feature_collection(page: Page<ParcelHit>, next_cursor: Option<String>) -> Value {
    let features: Vec<Value> = page.items.into_iter().map(feature).collect();
    json!({ "type": "FeatureCollection", "numberReturned": features.len(), "features": features, "next_cursor": next_cursor })
}

fn feature(hit: ParcelHit) -> Value {
    let (values, geometry) = split_values(hit.parcel.values);
    let mut properties: Map<String, Value> = values.into_iter().map(|(column, value)| (column, Value::String(value))).collect();
    properties.insert("version".to_owned(), hit.parcel.version.into());
    if let Some(distance_m) = hit.distance_m {
        properties.insert("distance_m".to_owned(), distance_m.into());
    }
    json!({ "type": "Feature", "id": hit.parcel.id.to_string(), "geometry": geometry, "properties": properties })
}

/// Count and area by division and land use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupsBody {
    /// What is counted: `whole-parcels`, all of which have a point in common with the place that was asked about, or fit without one.
    counted: &'static str,
    groups: Vec<GroupBody>,
}

/// Parcels of one land use in one division.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GroupBody {
    /// County, GB/T 2260; null for parcels without a Chinese code.
    division: Option<String>,
    /// Class of GB/T 21010-2017; null when none is said.
    land_use: Option<String>,
    count: u64,
    /// Of the whole parcels, in the 3-degree zones.
    planar_area_m2: f64,
    /// What of it lies in the box or the polygon that was asked with; null for other questions.
    planar_area_within_m2: Option<f64>,
    /// As certificates state it, of those that have one; null where none has.
    registered_area_m2: Option<f64>,
}

impl From<Vec<ParcelGroup>> for GroupsBody {
    fn from(groups: Vec<ParcelGroup>) -> Self {
        let group = |group: ParcelGroup| GroupBody {
            division: group.division,
            land_use: group.land_use,
            count: group.count,
            planar_area_m2: group.planar_area_m2,
            planar_area_within_m2: group.planar_area_within_m2,
            registered_area_m2: group.registered_area_m2,
        };
        Self { counted: "whole-parcels", groups: groups.into_iter().map(group).collect() }
    }
}
