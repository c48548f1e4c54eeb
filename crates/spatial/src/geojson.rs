//! How is a geometry read from and written as GeoJSON (RFC 7946)?

use serde_json::{Value, json};

use crate::problem::{GeometryFault, GeometryProblem};
use crate::raw::Budget;
use crate::{Crs, ParcelGeometry, RawGeometry};

fn fault(expected: &'static str) -> GeometryProblem {
    GeometryProblem::whole(GeometryFault::GeoJson(expected))
}

fn array<'a>(value: &'a Value, expected: &'static str) -> Result<&'a [Value], GeometryProblem> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| fault(expected))
}

struct Reader {
    budget: Budget,
    dropped: bool,
}

impl Reader {
    fn polygon(&mut self, value: &Value) -> Result<Vec<Vec<[f64; 2]>>, GeometryProblem> {
        let too_complex = || GeometryProblem::whole(GeometryFault::TooComplex);
        if !self.budget.part() {
            return Err(too_complex());
        }
        let mut part = Vec::new();
        for ring in array(value, "an array of rings")? {
            let positions = array(ring, "a ring: an array of positions")?;
            if !(self.budget.ring() && self.budget.positions(positions.len())) {
                return Err(too_complex());
            }
            part.push(positions.iter().map(|position| self.position(position)).collect::<Result<_, _>>()?);
        }
        Ok(part)
    }

    fn position(&mut self, value: &Value) -> Result<[f64; 2], GeometryProblem> {
        let numbers = array(value, "a position: an array of numbers")?;
        let coordinate = |at: usize| numbers.get(at).and_then(Value::as_f64).ok_or_else(|| fault("at least two numbers in a position"));
        self.dropped |= numbers.len() > 2;
        if numbers.len() > 4 || !numbers.iter().all(Value::is_number) {
            return Err(fault("two to four numbers in a position"));
        }
        Ok([coordinate(0)?, coordinate(1)?])
    }
}

/// The EPSG code of a `crs` member of the 2008 form; CRS84 counts as 4490 with longitude first, as GeoJSON has it.
fn crs_member(value: &Value) -> Result<Option<u32>, GeometryProblem> {
    let unsupported = || GeometryProblem::whole(GeometryFault::CrsUnsupported);
    match value {
        Value::Null => Ok(None),
        Value::Object(member) => {
            let name = member.get("properties").and_then(|properties| properties.get("name")).and_then(Value::as_str);
            match name.ok_or_else(unsupported)?.parse().map_err(|_| unsupported())? {
                Crs::Crs84 => Ok(None),
                Crs::Cgcs2000 => Ok(Some(4490)),
                Crs::Wgs84 => Ok(Some(4326)),
                Crs::GaussKruger(system) => Ok(Some(u32::from(system.epsg()))),
                Crs::Gcj02 | Crs::Bd09 => Err(unsupported()),
            }
        }
        _ => Err(unsupported()),
    }
}

impl RawGeometry {
    /// Reads a GeoJSON geometry, or the geometry of a feature.
    ///
    /// # Errors
    /// What was expected; a type that is no Polygon or MultiPolygon; too many vertices; an unsupported `crs` member.
    pub fn from_geojson(value: &Value) -> Result<Self, GeometryProblem> {
        let object = value.as_object().ok_or_else(|| fault("an object"))?;
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        if text("type") == Some("Feature") {
            let geometry = object.get("geometry").filter(|geometry| geometry["type"] != "Feature").ok_or_else(|| fault("a geometry"))?;
            return Self::from_geojson(geometry);
        }
        let srid = crs_member(object.get("crs").unwrap_or(&Value::Null))?;
        let coordinates = object.get("coordinates").unwrap_or(&Value::Null);
        let mut reader = Reader { budget: Budget::default(), dropped: false };
        let parts = match text("type") {
            Some("Polygon") => vec![reader.polygon(coordinates)?],
            Some("MultiPolygon") => {
                array(coordinates, "an array of polygons")?.iter().map(|part| reader.polygon(part)).collect::<Result<_, _>>()?
            }
            Some("Point" | "LineString" | "MultiPoint" | "MultiLineString" | "GeometryCollection") => {
                return Err(GeometryProblem::whole(GeometryFault::NotPolygonal));
            }
            _ => return Err(fault("type Polygon or MultiPolygon")),
        };
        Ok(Self { parts, srid, dropped_dimensions: reader.dropped })
    }

    /// Reads a value of a `geometry` column: a GeoJSON object, or text that is GeoJSON, hexadecimal WKB or WKT.
    ///
    /// # Errors
    /// As the reader of the form it seems to be in.
    pub fn read(value: &Value) -> Result<Self, GeometryProblem> {
        let Value::String(text) = value else { return Self::from_geojson(value) };
        let text = text.trim();
        if text.starts_with('{') {
            // Longer than any acceptable geometry with 25 digits a number.
            if text.len() > Self::MAX_POSITIONS * 80 {
                return Err(GeometryProblem::whole(GeometryFault::TooComplex));
            }
            Self::from_geojson(&serde_json::from_str(text).map_err(|_| fault("JSON"))?)
        } else if text.starts_with("00") || text.starts_with("01") {
            Self::from_hex_wkb(text)
        } else {
            Self::from_wkt(text)
        }
    }
}

impl ParcelGeometry {
    /// A GeoJSON geometry, longitude first, shells counter-clockwise: Polygon when there is one part, else MultiPolygon.
    #[must_use]
    pub fn to_geojson(&self) -> Value {
        let mut parts: Vec<Value> = self
            .parts()
            .iter()
            .map(|part| {
                let rings = part.rings().iter();
                rings.map(|ring| ring.iter().chain(ring.first()).map(|point| json!(point.degrees())).collect::<Value>()).collect()
            })
            .collect();
        if parts.len() == 1 {
            json!({"type": "Polygon", "coordinates": parts.swap_remove(0)})
        } else {
            json!({"type": "MultiPolygon", "coordinates": parts})
        }
    }
}
