//! How is a geometry written as GeoJSON text in the coordinates somebody asked for, straight from where it lies in memory?
//!
//! A map answers with hundreds of boundaries at a time: no tree of values is built, and degrees are written from whole
//! nano-degrees without going through floating point.

use crate::grid::GridPoint;
use crate::packed::Packed;
use crate::{AxisOrder, Crs, ParcelGeometry, Snapshot};

impl Snapshot {
    /// Appends the geometry of a slot, in `crs` with the axes in `order`; says whether there is one.
    pub fn write_geojson(&self, slot: u32, crs: Crs, order: AxisOrder, text: &mut Vec<u8>) -> bool {
        let Some(shape) = self.shape(slot) else { return false };
        write_packed(shape, crs, order, text);
        true
    }
}

impl ParcelGeometry {
    /// Appends the geometry, in `crs` with the axes in `order`: Polygon when there is one part, else MultiPolygon.
    pub fn write_geojson(&self, crs: Crs, order: AxisOrder, text: &mut Vec<u8>) {
        let mut words = Vec::new();
        crate::packed::pack(self, &mut words);
        write_packed(Packed::new(&words), crs, order, text);
    }
}

fn write_packed(shape: Packed<'_>, crs: Crs, order: AxisOrder, text: &mut Vec<u8>) {
    let several = shape.rings().filter(|ring| ring.is_shell).count() > 1;
    text.extend_from_slice(if several { br#"{"type":"MultiPolygon","coordinates":["# } else { br#"{"type":"Polygon","coordinates":"# });
    let north_first = crs.is_north_first(order);
    for (number, ring) in shape.rings().enumerate() {
        match (number, ring.is_shell) {
            (0, _) => text.push(b'['),
            (_, true) => text.extend_from_slice(b"],["),
            (_, false) => text.push(b','),
        }
        text.push(b'[');
        for (number, point) in ring.points().chain(ring.points().next()).enumerate() {
            if number > 0 {
                text.push(b',');
            }
            write_position(point, crs, north_first, text);
        }
        text.push(b']');
    }
    text.extend_from_slice(if several { b"]]}" } else { b"]}" });
}

fn write_position(point: GridPoint, crs: Crs, north_first: bool, text: &mut Vec<u8>) {
    text.push(b'[');
    let (east, north, places) = match crs {
        Crs::Crs84 | Crs::Cgcs2000 | Crs::Wgs84 => (point.lon, point.lat, 9),
        Crs::GaussKruger(_) => {
            let [east, north] = crs.from_lon_lat(point.lon_degrees(), point.lat_degrees());
            (scaled(east, 1e4), scaled(north, 1e4), 4)
        }
        Crs::Gcj02 | Crs::Bd09 => {
            let [east, north] = crs.from_lon_lat(point.lon_degrees(), point.lat_degrees());
            (scaled(east, 1e9), scaled(north, 1e9), 9)
        }
    };
    let (first, second) = if north_first { (north, east) } else { (east, north) };
    write_fixed(first, places, text);
    text.push(b',');
    write_fixed(second, places, text);
    text.push(b']');
}

#[expect(clippy::cast_possible_truncation, reason = "coordinates of the globe in tenths of millimetres or nano-degrees")]
fn scaled(value: f64, by: f64) -> i64 {
    (value * by).round() as i64
}

/// A whole number of 10⁻ⁿ as a decimal number, without zeros at its end.
fn write_fixed(value: i64, places: usize, text: &mut Vec<u8>) {
    let mut digits = [b'0'; 24];
    let mut rest = value.unsigned_abs();
    let mut at = digits.len();
    while rest > 0 || digits.len() - at <= places {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    let point = digits.len() - places;
    if value < 0 {
        text.push(b'-');
    }
    text.extend_from_slice(&digits[at..point]);
    let end = digits[point..].iter().rposition(|digit| *digit != b'0').map_or(point, |last| point + last + 1);
    if end > point {
        text.push(b'.');
        text.extend_from_slice(&digits[point..end]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RawGeometry;

    #[test]
    fn numbers_are_written_as_short_as_they_are() {
        for (value, places, expected) in [
            (0, 9, "0"),
            (113_000_000_000, 9, "113"),
            (-1, 9, "-0.000000001"),
            (113_264_400_000, 9, "113.2644"),
            (25_000_001, 4, "2500.0001"),
        ] {
            let mut text = Vec::new();
            write_fixed(value, places, &mut text);
            assert_eq!(String::from_utf8(text).unwrap(), expected);
        }
    }

    #[test]
    fn the_text_says_what_the_tree_of_values_says() {
        for wkt in [
            "POLYGON ((113 23, 113.001 23, 113.001 23.001, 113 23))",
            "POLYGON ((-70 -3, -67 -3, -67 0, -70 0, -70 -3), (-69 -2, -68 -1, -68 -2, -69 -2))",
            "MULTIPOLYGON (((0 0, 3 0, 3 3, 0 3, 0 0), (1 1, 2 2, 2 1, 1 1)), ((3.5 3.5, 4 3.5, 4 4, 3.5 3.5)))",
        ] {
            let geometry =
                ParcelGeometry::try_new(&RawGeometry::from_wkt(wkt).unwrap(), Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
            let mut text = Vec::new();
            geometry.write_geojson(Crs::Crs84, AxisOrder::Authority, &mut text);
            let read: serde_json::Value = serde_json::from_slice(&text).unwrap();
            let again = ParcelGeometry::try_new(&RawGeometry::from_geojson(&read).unwrap(), Crs::Crs84, AxisOrder::EastFirst).unwrap();
            assert_eq!(again.geometry, geometry, "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn each_system_has_its_order_of_axes() {
        let raw = RawGeometry::from_wkt("POLYGON ((114 23, 114.001 23, 114.001 23.001, 114 23))").unwrap();
        let geometry = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
        for code in [4490, 4547, 4526] {
            let mut text = Vec::new();
            geometry.write_geojson(Crs::from_epsg(code).unwrap(), AxisOrder::Authority, &mut text);
            let text = String::from_utf8(text).unwrap();
            let read: serde_json::Value = serde_json::from_str(&text).unwrap();
            let north = read["coordinates"][0][0][0].as_f64().unwrap();
            let expected = if code == 4490 { 23.0..=23.0 } else { 2_540_000.0..=2_550_000.0 };
            assert!(expected.contains(&north), "{code} {text}");
        }
    }
}
