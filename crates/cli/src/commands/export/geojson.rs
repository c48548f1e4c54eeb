//! How do parcels look as GeoJSON?
//!
//! RFC 7946 asks for WGS 84 longitude and latitude. The parcels are held in CGCS2000 (EPSG:4490), whose difference from
//! WGS 84 is below the accuracy of a cadastral survey, so the coordinates are written as they are.

use std::io::{self, Write};

use jiku_geofile::LeftOut;
use jiku_registry::{EntityView, Watermark};
use jiku_spatial::ParcelGeometry;
use serde_json::{Map, Value, json};

use super::layer::REAL;
use super::{Sink, line};

/// A feature collection, written feature by feature.
pub(super) struct GeoJson {
    out: Box<dyn Write>,
    first: bool,
}

impl GeoJson {
    pub(super) fn new(mut out: Box<dyn Write>, mark: &Watermark) -> io::Result<Self> {
        // A member of our own beside those of the standard (RFC 7946, clause 6.1).
        let export = serde_json::to_string(&mark.to_string())?;
        writeln!(out, "{{\"type\":\"FeatureCollection\",\"export\":{export},\"features\":[")?;
        Ok(Self { out, first: true })
    }
}

impl Sink for GeoJson {
    fn item(&mut self, entity: &EntityView) -> io::Result<()> {
        if !self.first {
            self.out.write_all(b",")?;
        }
        self.first = false;
        line(&mut self.out, &feature(entity)?)
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<LeftOut>> {
        self.out.write_all(b"]}\n")?;
        self.out.flush()?;
        Ok(Vec::new())
    }
}

/// Features, one on each line.
pub(super) struct Lines {
    out: Box<dyn Write>,
    export: String,
}

impl Lines {
    pub(super) fn new(out: Box<dyn Write>, mark: &Watermark) -> Self {
        Self { out, export: mark.id.to_string() }
    }
}

impl Sink for Lines {
    fn item(&mut self, entity: &EntityView) -> io::Result<()> {
        let mut feature = feature(entity)?;
        feature["export"] = self.export.as_str().into();
        line(&mut self.out, &feature)
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<LeftOut>> {
        self.out.flush()?;
        Ok(Vec::new())
    }
}

fn feature(entity: &EntityView) -> io::Result<Value> {
    let geometry = match entity.values.get("geometry") {
        Some(held) => ParcelGeometry::from_stored_hex(&held.value)
            .map_err(|problem| io::Error::other(format!("the geometry of parcel {}: {problem:?}", entity.id)))?
            .to_geojson(),
        None => Value::Null,
    };
    let others = entity.values.iter().filter(|(column, _)| *column != "geometry");
    let told = |column: &str, text: &str| match REAL.contains(&column).then(|| text.parse::<f64>()) {
        Some(Ok(number)) => Value::from(number),
        _ => Value::from(text),
    };
    let properties: Map<String, Value> = others.map(|(column, value)| (column.clone(), told(column, &value.value))).collect();
    Ok(json!({ "type": "Feature", "id": entity.id, "geometry": geometry, "properties": properties }))
}
