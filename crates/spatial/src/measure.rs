//! How large is a parcel, and how far is it from one place to another?

use geo::{Distance, Geodesic, Point};

use crate::crs::GaussKruger;
use crate::gauss_kruger::{A, F, Zone};
use crate::{GridPoint, ParcelGeometry};

/// The first eccentricity squared of the ellipsoid.
const E2: f64 = F * (2.0 - F);
/// Up to here Gauss's mid-latitude formula is good to a millimetre, metres.
const MID_LATITUDE_REACH_M: f64 = 10_000.0;

/// An area in the plane of a 3-degree Gauss–Krüger zone: what a land certificate normally states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanarArea {
    /// Square metres.
    pub area_m2: f64,
    /// The central meridian of the zone, degrees.
    pub central_meridian: f64,
    /// The zone's system (without zone prefix); none outside the longitudes for which CGCS2000 defines zones.
    pub system: Option<GaussKruger>,
}

impl ParcelGeometry {
    /// The area in the plane of the 3-degree zone in which the middle of the parcel lies.
    #[must_use]
    pub fn planar_area(&self) -> PlanarArea {
        let lon = self.bbox().centre().lon_degrees();
        let zone = Zone::three_degree(lon);
        let area =
            self.rings().map(|ring| ring_area(ring.iter().map(|point| zone.project(point.lon_degrees(), point.lat_degrees())))).sum();
        PlanarArea { area_m2: area, central_meridian: zone.central_meridian, system: GaussKruger::three_degree(lon, false) }
    }

    /// The area on the ellipsoid, square metres, with edges straight in longitude and latitude: exact in longitude,
    /// by Simpson's rule in the authalic latitude.
    #[must_use]
    pub fn ellipsoidal_area_m2(&self) -> f64 {
        let base = authalic(self.bbox().centre().lat_degrees().to_radians());
        let height = |lat: f64| authalic(lat) - base;
        let mut sum = 0.0;
        for ring in self.rings() {
            let [mut lon, mut lat] = ring.last().map_or([0.0; 2], |point| point.degrees().map(f64::to_radians));
            let mut low = height(lat);
            for point in ring {
                let [next_lon, next_lat] = point.degrees().map(f64::to_radians);
                let high = height(next_lat);
                let middle = height(f64::midpoint(lat, next_lat));
                sum -= (next_lon - lon) * (low + 4.0 * middle + high) / 6.0;
                (lon, lat, low) = (next_lon, next_lat, high);
            }
        }
        A * A * sum
    }
}

/// The area between the equator and a latitude, in units of half major axis squared and radians of longitude.
fn authalic(lat: f64) -> f64 {
    let sin = lat.sin();
    let e = E2.sqrt();
    (1.0 - E2) / 2.0 * (sin / (1.0 - E2 * sin * sin) + (e * sin).atanh() / e)
}

fn ring_area(positions: impl Iterator<Item = [f64; 2]> + Clone) -> f64 {
    let mut rest = positions;
    let Some([east0, north0]) = rest.next() else { return 0.0 };
    // Relative to the first position: products of eight-digit eastings would lose the millimetres.
    let mut sum = 0.0;
    let mut previous = [0.0, 0.0];
    for [east, north] in rest {
        let here = [east - east0, north - north0];
        sum += previous[0] * here[1] - previous[1] * here[0];
        previous = here;
    }
    sum / 2.0
}

/// The length of the shortest way over the ellipsoid between two positions, metres.
#[must_use]
pub fn distance_m(from: GridPoint, to: GridPoint) -> f64 {
    distance_degrees_m(from.degrees(), to.degrees())
}

/// [`distance_m`] of positions in degrees.
pub(crate) fn distance_degrees_m(from: [f64; 2], to: [f64; 2]) -> f64 {
    let near = mid_latitude_m(from, to);
    if near < MID_LATITUDE_REACH_M { near } else { Geodesic.distance(Point::from(from), Point::from(to)) }
}

/// The place in metres from the middle of the earth: towards 0° 0°, towards 90° east, towards the pole.
pub(crate) fn in_space([lon, lat]: [f64; 2]) -> [f64; 3] {
    let ((sin_lon, cos_lon), (sin_lat, cos_lat)) = (lon.to_radians().sin_cos(), lat.to_radians().sin_cos());
    let normal = A / (1.0 - E2 * sin_lat * sin_lat).sqrt();
    [normal * cos_lat * cos_lon, normal * cos_lat * sin_lon, normal * (1.0 - E2) * sin_lat]
}

/// Metres in a radian of latitude and of longitude at a latitude given in degrees.
fn metres_per_radian(lat: f64) -> [f64; 2] {
    let (sin, cos) = lat.to_radians().sin_cos();
    let w2 = 1.0 - E2 * sin * sin;
    let normal = A / w2.sqrt();
    [normal * cos, normal * (1.0 - E2) / w2]
}

/// Gauss's mid-latitude formula with its second-order terms on the sphere of the place.
fn mid_latitude_m(from: [f64; 2], to: [f64; 2]) -> f64 {
    let lat = f64::midpoint(from[1], to[1]);
    let mut lon_gap = (to[0] - from[0]).abs();
    if lon_gap > 180.0 {
        lon_gap = 360.0 - lon_gap;
    }
    let (d_lon, d_lat) = (lon_gap.to_radians(), (to[1] - from[1]).to_radians());
    if d_lon > 0.01 || d_lat.abs() > 0.01 {
        return f64::INFINITY;
    }
    let [per_lon, per_lat] = metres_per_radian(lat);
    let (sin, cos) = lat.to_radians().sin_cos();
    let east = per_lon * d_lon * (1.0 - (d_lon * sin).powi(2) / 24.0 + d_lat * d_lat / 24.0);
    let north = per_lat * d_lat * (1.0 - d_lon * d_lon * (2.0 * cos * cos + 3.0 * sin * sin) / 24.0);
    east.hypot(north)
}
