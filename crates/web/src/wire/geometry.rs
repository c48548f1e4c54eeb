//! How does a stored shape become GeoJSON?
//!
//! Golden values hold geometry as hexadecimal well-known binary (ISO 19125), valid when it was stored. What cannot be read
//! gives nothing rather than a wrong shape.

use serde_json::{Value, json};

/// The GeoJSON geometry of a hexadecimal WKB text.
pub(crate) fn geojson(hex: &str) -> Option<Value> {
    let bytes: Option<Vec<u8>> =
        hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
    let bytes = bytes?;
    let mut reader = Reader { rest: &bytes, little_endian: true };
    let geometry = reader.geometry()?;
    reader.rest.is_empty().then_some(geometry)
}

struct Reader<'a> {
    rest: &'a [u8],
    little_endian: bool,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        Some(*head)
    }

    fn count(&mut self) -> Option<u32> {
        let bytes = self.take::<4>()?;
        Some(if self.little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn coordinate(&mut self) -> Option<f64> {
        let bytes = self.take::<8>()?;
        Some(if self.little_endian { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) }).filter(|number| number.is_finite())
    }

    fn geometry(&mut self) -> Option<Value> {
        self.little_endian = self.take::<1>()? == [1];
        Some(match self.count()? {
            1 => json!({ "type": "Point", "coordinates": self.point()? }),
            2 => json!({ "type": "LineString", "coordinates": self.points()? }),
            3 => json!({ "type": "Polygon", "coordinates": self.rings()? }),
            6 => {
                let count = self.count()?;
                let polygons: Option<Vec<Value>> = (0..count).map(|_| self.member_polygon()).collect();
                json!({ "type": "MultiPolygon", "coordinates": polygons? })
            }
            _ => return None,
        })
    }

    fn member_polygon(&mut self) -> Option<Value> {
        self.little_endian = self.take::<1>()? == [1];
        if self.count()? == 3 { self.rings() } else { None }
    }

    fn rings(&mut self) -> Option<Value> {
        let count = self.count()?;
        (0..count).map(|_| self.points()).collect::<Option<Vec<Value>>>().map(Value::Array)
    }

    fn points(&mut self) -> Option<Value> {
        let count = self.count()?;
        (0..count).map(|_| self.point()).collect::<Option<Vec<Value>>>().map(Value::Array)
    }

    fn point(&mut self) -> Option<Value> {
        let (lon, lat) = (self.coordinate()?, self.coordinate()?);
        Some(json!([lon, lat]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn square() -> Vec<u8> {
        let mut bytes = vec![1];
        for number in [3_u32, 1, 4] {
            bytes.extend(number.to_le_bytes());
        }
        for number in [113.0_f64, 23.0, 113.5, 23.0, 113.5, 23.5, 113.0, 23.0] {
            bytes.extend(number.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn a_polygon_and_a_multipolygon_are_read() {
        let ring = json!([[113.0, 23.0], [113.5, 23.0], [113.5, 23.5], [113.0, 23.0]]);
        assert_eq!(geojson(&hex(&square())), Some(json!({ "type": "Polygon", "coordinates": [ring] })));
        let mut multi = vec![1, 6, 0, 0, 0, 1, 0, 0, 0];
        multi.extend(square());
        assert_eq!(geojson(&hex(&multi)), Some(json!({ "type": "MultiPolygon", "coordinates": [[ring]] })));
    }

    #[test]
    fn what_is_cut_off_or_goes_on_is_no_shape() {
        let bytes = square();
        for end in 0..bytes.len() {
            assert_eq!(geojson(&hex(&bytes[..end])), None, "cut at {end}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert_eq!(geojson(&hex(&longer)), None);
        let mut many = vec![1];
        many.extend([3, 0, 0, 0, 255, 255, 255, 255]);
        assert_eq!(geojson(&hex(&many)), None, "a count beyond the bytes allocates nothing");
    }
}
