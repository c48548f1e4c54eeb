//! How do parcels look in the files of geographic information systems?

use std::io;
use std::path::Path;

use jiku_geofile::{Column, ColumnKind, Feature, Format, GeoFileError, LeftOut, Polygons, Value, Writer};
use jiku_model::Kind;
use jiku_registry::{EntityView, Watermark};
use jiku_spatial::{Crs, ParcelGeometry};

use super::Sink;

/// Columns that hold numbers.
pub(super) const REAL: [&str; 3] = ["registered_area_m2", "planar_area_m2", "ellipsoidal_area_m2"];

/// Degrees from its central meridian beyond which a zone is not used: a zone reaches 1.5 or 3 degrees, and its neighbours' edges a little further.
const FAR: f64 = 5.0;

/// A layer of parcels: the canonical id and the version, then the columns, then the geometry.
pub(super) struct Layer {
    writer: Writer,
    columns: Vec<(&'static str, ColumnKind)>,
    crs: Crs,
}

fn failed(error: GeoFileError) -> io::Error {
    match error {
        GeoFileError::Io(error) => error,
        other => io::Error::other(other.to_string()),
    }
}

impl Layer {
    pub(super) fn create(format: Format, path: &Path, crs: Crs, mark: &Watermark) -> io::Result<Self> {
        let columns: Vec<(&'static str, ColumnKind)> = jiku_registry::columns(Kind::Parcel)
            .iter()
            .map(|column| column.name)
            .filter(|name| !matches!(*name, "geometry" | "crs"))
            .map(|name| (name, if REAL.contains(&name) { ColumnKind::Real } else { ColumnKind::Text }))
            .collect();
        let own = [("id", ColumnKind::Text), ("version", ColumnKind::Real)];
        let columns_of_file = own.iter().chain(&columns).map(|(name, kind)| Column { name: (*name).to_owned(), kind: *kind });
        let layer = jiku_geofile::Layer {
            name: "parcels".to_owned(),
            columns: columns_of_file.collect(),
            epsg: Some(epsg(crs)),
            key: None,
            about: Some(mark.to_string()),
        };
        Ok(Self { writer: Writer::create(format, path, &layer).map_err(failed)?, columns, crs })
    }
}

impl Sink for Layer {
    fn item(&mut self, entity: &EntityView) -> io::Result<()> {
        let value = |(name, kind): &(&str, ColumnKind)| match (entity.values.get(*name), kind) {
            (None, _) => Value::Null,
            (Some(held), ColumnKind::Text) => Value::Text(held.value.clone()),
            (Some(held), ColumnKind::Real) => held.value.parse().map_or_else(|_| Value::Null, Value::Real),
        };
        #[expect(clippy::cast_precision_loss, reason = "nobody changes a parcel that often")]
        let own = [Value::Text(entity.id.to_string()), Value::Real(entity.version as f64)];
        let values = own.into_iter().chain(self.columns.iter().map(value)).collect();
        let geometry = polygons(entity, self.crs)?.map(|polygons| polygons.to_wkb());
        self.writer.write(&Feature { geometry, values, key: None }).map_err(failed)
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<LeftOut>> {
        self.writer.finish().map_err(failed)
    }
}

/// The geometry of a parcel in a coordinate system, east first.
pub(super) fn polygons(entity: &EntityView, crs: Crs) -> io::Result<Option<Polygons>> {
    let Some(held) = entity.values.get("geometry") else { return Ok(None) };
    let geometry = ParcelGeometry::from_stored_hex(&held.value)
        .map_err(|problem| io::Error::other(format!("the geometry of parcel {}: {problem:?}", entity.id)))?;
    let ring = |ring: &Vec<jiku_spatial::GridPoint>| {
        let mut points: Vec<[f64; 2]> = ring.iter().map(|point| crs.from_lon_lat(point.lon_degrees(), point.lat_degrees())).collect();
        if points.first() != points.last() {
            points.extend(points.first().copied());
        }
        points
    };
    Ok(Some(Polygons(geometry.parts().iter().map(|part| part.rings().iter().map(ring).collect()).collect())))
}

/// Whether a parcel lies so far from a zone's central meridian that its numbers there are distorted beyond use.
pub(super) fn is_far(entity: &EntityView, crs: Crs) -> bool {
    let Crs::GaussKruger(zone) = crs else { return false };
    let held = entity.values.get("geometry").and_then(|held| ParcelGeometry::from_stored_hex(&held.value).ok());
    held.is_some_and(|geometry| (geometry.bbox().centre().lon_degrees() - zone.zone().central_meridian).abs() > FAR)
}

/// The code under which files name a coordinate system.
fn epsg(crs: Crs) -> u32 {
    match crs {
        Crs::GaussKruger(zone) => u32::from(zone.epsg()),
        Crs::Crs84 | Crs::Wgs84 => 4326,
        Crs::Cgcs2000 | Crs::Gcj02 | Crs::Bd09 => 4490,
    }
}
