//! Where do lengths and areas of a neighbourhood exist?

use crate::gauss_kruger::Zone;
use crate::{GridPoint, ParcelGeometry};

/// A plane in metres around a place: its 3-degree Gauss–Krüger zone, moved so that numbers are small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plane {
    zone: Zone,
    origin: [f64; 2],
}

impl Plane {
    pub(crate) fn around(place: GridPoint) -> Self {
        let [lon, lat] = place.degrees();
        let zone = Zone::three_degree(lon);
        Self { zone, origin: zone.project(lon, lat) }
    }

    /// East and north of the place, metres.
    pub(crate) fn of(&self, point: GridPoint) -> [f64; 2] {
        self.of_degrees(point.lon_degrees(), point.lat_degrees())
    }

    /// The same of a place that need be no grid point.
    pub(crate) fn of_degrees(&self, lon: f64, lat: f64) -> [f64; 2] {
        let [east, north] = self.zone.project(lon, lat);
        [east - self.origin[0], north - self.origin[1]]
    }

    /// Longitude and latitude in degrees.
    pub(crate) fn degrees(&self, [east, north]: [f64; 2]) -> [f64; 2] {
        self.zone.unproject(east + self.origin[0], north + self.origin[1])
    }

    /// The nearest grid point.
    pub(crate) fn grid(&self, place: [f64; 2]) -> Option<GridPoint> {
        let [lon, lat] = self.degrees(place);
        GridPoint::from_degrees(lon, lat)
    }

    /// The shape in the plane.
    pub(crate) fn shape(&self, geometry: &ParcelGeometry) -> geo::MultiPolygon {
        let ring = |points: &Vec<GridPoint>| geo::LineString::from(points.iter().map(|point| self.of(*point)).collect::<Vec<_>>());
        let parts = geometry.parts().iter().map(|part| {
            let mut rings = part.rings().iter().map(ring);
            geo::Polygon::new(rings.next().unwrap_or_else(|| geo::LineString::new(Vec::new())), rings.collect())
        });
        geo::MultiPolygon(parts.collect())
    }
}

pub(crate) fn length([east, north]: [f64; 2]) -> f64 {
    east.hypot(north)
}

pub(crate) fn minus(left: [f64; 2], right: [f64; 2]) -> [f64; 2] {
    [left[0] - right[0], left[1] - right[1]]
}

/// How far along the segment the place nearest to `place` lies (0 to 1), and how far away it is.
pub(crate) fn foot(place: [f64; 2], start: [f64; 2], end: [f64; 2]) -> (f64, f64) {
    let (along, away) = (minus(end, start), minus(place, start));
    let length2 = along[0] * along[0] + along[1] * along[1];
    let share = if length2 > 0.0 { ((away[0] * along[0] + away[1] * along[1]) / length2).clamp(0.0, 1.0) } else { 0.0 };
    (share, length(minus(away, [along[0] * share, along[1] * share])))
}

/// How wide the inside of a ring is on the whole, metres: twice its area over its length. By the size of a degree at its place, which is
/// good to a hundredth and costs no projection.
#[expect(clippy::cast_precision_loss, reason = "offsets within a parcel are far below 2^53")]
pub(crate) fn ring_width_m(ring: &[GridPoint]) -> f64 {
    const METRES_OF_STEP: f64 = 0.000_111;
    let Some(first) = ring.first() else { return 0.0 };
    let east = METRES_OF_STEP * first.lat_degrees().to_radians().cos();
    let place = |point: &GridPoint| [(point.lon - first.lon) as f64 * east, (point.lat - first.lat) as f64 * METRES_OF_STEP];
    let (mut twice_area, mut around) = (0.0, 0.0);
    for (from, to) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let (from, to) = (place(from), place(to));
        twice_area += from[0] * to[1] - from[1] * to[0];
        around += length(minus(to, from));
    }
    if around > 0.0 { twice_area.abs() / around } else { 0.0 }
}
