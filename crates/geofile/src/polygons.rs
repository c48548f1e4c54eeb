//! How are polygons read from WKB and written as WKB?
//!
//! Little of it: the formats here hold polygons, and whether one is valid is not decided here.

use crate::GeoFileError;

/// The rings of a polygon, the first its shell; each a list of east and north.
pub type Rings = Vec<Vec<[f64; 2]>>;

/// One or more polygons (OGC 06-103r4, Polygon and MultiPolygon).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Polygons(pub Vec<Rings>);

/// The most points of a geometry: what is more is refused before memory is taken.
const MOST_POINTS: usize = 10_000_000;

impl Polygons {
    /// Reads WKB or EWKB; Z and M are left out.
    ///
    /// # Errors
    /// When it is cut off, or no polygon.
    pub fn from_wkb(bytes: &[u8]) -> Result<Self, GeoFileError> {
        let mut reader = Bytes { bytes, at: 0 };
        let polygons = reader.geometry(0)?;
        Ok(Self(polygons))
    }

    /// Writes a MultiPolygon as little-endian WKB.
    #[must_use]
    pub fn to_wkb(&self) -> Vec<u8> {
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let mut wkb = vec![1];
        wkb.extend(6_u32.to_le_bytes());
        wkb.extend(count(self.0.len()));
        for rings in &self.0 {
            wkb.push(1);
            wkb.extend(3_u32.to_le_bytes());
            wkb.extend(count(rings.len()));
            for ring in rings {
                wkb.extend(count(ring.len()));
                for coordinate in ring.iter().flatten() {
                    wkb.extend(coordinate.to_le_bytes());
                }
            }
        }
        wkb
    }

    /// Writes a MultiPolygon as WKT, coordinates in full.
    #[must_use]
    pub fn to_wkt(&self) -> String {
        let ring = |ring: &Vec<[f64; 2]>| format!("({})", ring.iter().map(|[x, y]| format!("{x} {y}")).collect::<Vec<_>>().join(", "));
        let polygon = |rings: &Rings| format!("({})", rings.iter().map(ring).collect::<Vec<_>>().join(", "));
        match self.0.as_slice() {
            [] => "MULTIPOLYGON EMPTY".to_owned(),
            [one] => format!("POLYGON {}", polygon(one)),
            many => format!("MULTIPOLYGON ({})", many.iter().map(polygon).collect::<Vec<_>>().join(", ")),
        }
    }

    /// Least east, least north, greatest east, greatest north; none without points.
    #[must_use]
    pub fn bounds(&self) -> Option<[f64; 4]> {
        let mut points = self.0.iter().flatten().flatten();
        let [east, north] = *points.next()?;
        Some(points.fold([east, north, east, north], |[west, south, east, north], [x, y]| {
            [west.min(*x), south.min(*y), east.max(*x), north.max(*y)]
        }))
    }
}

struct Bytes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], GeoFileError> {
        let end = self.at + N;
        let bytes = self.bytes.get(self.at..end).and_then(|bytes| bytes.try_into().ok());
        self.at = end;
        bytes.ok_or_else(|| GeoFileError::damaged("a geometry is cut off"))
    }

    fn geometry(&mut self, depth: u8) -> Result<Vec<Rings>, GeoFileError> {
        let little = match self.take::<1>()? {
            [0] => false,
            [1] => true,
            _ => return Err(GeoFileError::damaged("a geometry has no byte order")),
        };
        let kind = self.count(little)?;
        // EWKB marks Z, M and SRID by high bits, ISO by thousands.
        if kind & 0x2000_0000 != 0 {
            self.take::<4>()?;
        }
        let plain = kind & 0x0fff_ffff;
        let extra = usize::from(kind & 0x8000_0000 != 0)
            + usize::from(kind & 0x4000_0000 != 0)
            + match plain / 1000 {
                1 | 2 => 1,
                3 => 2,
                _ => 0,
            };
        match plain % 1000 {
            3 => Ok(vec![self.rings(little, extra)?]),
            6 if depth == 0 => {
                let count = self.count(little)?;
                let mut polygons = Vec::new();
                for _ in 0..count {
                    polygons.extend(self.geometry(1)?);
                }
                Ok(polygons)
            }
            _ => Err(GeoFileError::Unsupported("only polygons and multipolygons are taken".to_owned())),
        }
    }

    fn count(&mut self, little: bool) -> Result<u32, GeoFileError> {
        let bytes = self.take()?;
        Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn number(&mut self, little: bool) -> Result<f64, GeoFileError> {
        let bytes = self.take()?;
        Ok(if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    fn rings(&mut self, little: bool, extra: usize) -> Result<Rings, GeoFileError> {
        let mut rings = Vec::new();
        for _ in 0..self.count(little)? {
            let points = self.count(little)? as usize;
            let size = points.saturating_mul(16 + 8 * extra);
            if points > MOST_POINTS || size > self.bytes.len().saturating_sub(self.at) {
                return Err(GeoFileError::damaged("a ring tells more points than there are"));
            }
            let mut ring = Vec::with_capacity(points);
            for _ in 0..points {
                ring.push([self.number(little)?, self.number(little)?]);
                for _ in 0..extra {
                    self.number(little)?;
                }
            }
            rings.push(ring);
        }
        Ok(rings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polygons_read_back_and_hostile_counts_take_no_memory() {
        let ring = vec![[113.0, 23.0], [113.1, 23.0], [113.1, 23.1], [113.0, 23.0]];
        let polygons = Polygons(vec![vec![ring.clone(), ring.clone()], vec![ring]]);
        let wkb = polygons.to_wkb();
        assert_eq!(Polygons::from_wkb(&wkb).expect("reads back"), polygons);
        assert_eq!(polygons.bounds(), Some([113.0, 23.0, 113.1, 23.1]));
        for end in 0..wkb.len() {
            assert!(Polygons::from_wkb(&wkb[..end]).is_err(), "cut off at {end}");
        }
        let mut hostile = vec![1, 3, 0, 0, 0, 1, 0, 0, 0];
        hostile.extend(u32::MAX.to_le_bytes());
        assert!(matches!(Polygons::from_wkb(&hostile), Err(GeoFileError::Damaged(_))));
        assert!(matches!(Polygons::from_wkb(&[1, 1, 0, 0, 0]), Err(GeoFileError::Unsupported(_))));
    }

    #[test]
    fn heights_are_left_out() {
        // POLYGON Z of EWKB with an SRID, big-endian, one ring of one point.
        let mut wkb = vec![0];
        wkb.extend(0xa000_0003_u32.to_be_bytes());
        wkb.extend(4490_u32.to_be_bytes());
        wkb.extend([0, 0, 0, 1, 0, 0, 0, 1]);
        for number in [113.0_f64, 23.0, 7.5] {
            wkb.extend(number.to_be_bytes());
        }
        assert_eq!(Polygons::from_wkb(&wkb).expect("reads"), Polygons(vec![vec![vec![[113.0, 23.0]]]]));
    }
}
