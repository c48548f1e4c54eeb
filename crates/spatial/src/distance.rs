//! How far is a point from a parcel?

use crate::grid::GridPoint;
use crate::measure::{distance_degrees_m, in_space};
use crate::packed::Packed;
use crate::predicate;

/// The smallest radius of curvature of the ellipsoid, metres: that of the meridian at the equator.
pub(crate) const LEAST_RADIUS_M: f64 = 6_335_439.0;
/// The largest radius of curvature of the ellipsoid, metres: that at the poles.
const LARGEST_RADIUS_M: f64 = 6_399_594.0;
/// Edges longer than this, degrees, are measured in pieces: a straight line in longitude and latitude bends.
const PIECE: f64 = 0.02;

/// Metres over the ellipsoid from the point to the parcel's boundary, 0 inside and on it.
pub(crate) fn to_shape_m(point: GridPoint, shape: Packed<'_>) -> f64 {
    if predicate::covers(shape, point) {
        return 0.0;
    }
    let from = point.degrees();
    let origin = in_space(from);
    let (mut best, mut shortest) = (f64::INFINITY, f64::INFINITY);
    for ring in shape.rings() {
        let Some(last) = ring.points().next_back() else { continue };
        let mut start = Place::of(last.degrees());
        for end in ring.points().map(|point| Place::of(point.degrees())) {
            let span = (end.degrees[0] - start.degrees[0]).abs().max((end.degrees[1] - start.degrees[1]).abs());
            if span <= PIECE {
                measure(from, origin, &start, &end, &mut shortest, &mut best);
            } else {
                let pieces = (span / PIECE).ceil();
                let mut before = Place::of(start.degrees);
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an edge spans at most four degrees")]
                for piece in 1..=pieces as u32 {
                    let after = Place::of(start.part(&end, f64::from(piece) / pieces));
                    measure(from, origin, &before, &after, &mut shortest, &mut best);
                    before = after;
                }
            }
            start = end;
        }
    }
    best
}

/// Measures over the ellipsoid when a straight line through the earth says that the piece may be nearer than all before.
fn measure(from: [f64; 2], origin: [f64; 3], start: &Place, end: &Place, shortest: &mut f64, best: &mut f64) {
    let away = [0, 1, 2].map(|axis| start.space[axis] - origin[axis]);
    let along = [0, 1, 2].map(|axis| end.space[axis] - start.space[axis]);
    let dot = |left: [f64; 3], right: [f64; 3]| left[0] * right[0] + left[1] * right[1] + left[2] * right[2];
    let length2 = dot(along, along);
    let share = if length2 > 0.0 { (-dot(away, along) / length2).clamp(0.0, 1.0) } else { 0.0 };
    let gap = [0, 1, 2].map(|axis| away[axis] + along[axis] * share);
    let rough = dot(gap, gap).sqrt();
    // Chord and arc go together closely enough for the nearest piece to lie within a hundredth.
    if rough <= *shortest * 1.01 + 0.01 {
        *shortest = shortest.min(rough);
        *best = best.min(distance_degrees_m(from, start.part(end, share)));
    }
}

/// A place by its degrees and in space.
struct Place {
    degrees: [f64; 2],
    space: [f64; 3],
}

impl Place {
    fn of(degrees: [f64; 2]) -> Self {
        Self { degrees, space: in_space(degrees) }
    }

    /// The degrees of the place so far along the way to another one, straight in longitude and latitude.
    fn part(&self, to: &Self, share: f64) -> [f64; 2] {
        [0, 1].map(|axis| self.degrees[axis] + (to.degrees[axis] - self.degrees[axis]) * share)
    }
}

/// A distance in metres that no place of the box (west, south, east, north in degrees) can be nearer than.
pub(crate) fn lower_bound_m(point: [f64; 2], bbox: [f64; 4]) -> f64 {
    let [lon, lat] = point;
    let [west, south, east, north] = bbox;
    let lat_gap = (south - lat).max(lat - north).max(0.0);
    let lon_gap = if (west..=east).contains(&lon) { 0.0 } else { round_the_globe(west - lon).min(round_the_globe(lon - east)) };
    if lon_gap == 0.0 {
        return LEAST_RADIUS_M * lat_gap.to_radians();
    }
    let (d_lon, d_lat) = (lon_gap.to_radians(), lat_gap.to_radians());
    let to_meridian = if lon_gap < 90.0 { (lat.to_radians().cos() * d_lon.sin()).asin() } else { 0.0 };
    if to_meridian < 0.01 && d_lat < 0.01 && lat.abs() < 80.0 {
        // Near enough for a plane; one twentieth is left for its bending.
        return LEAST_RADIUS_M * to_meridian.hypot(d_lat) * 0.95;
    }
    LEAST_RADIUS_M * to_meridian.max(d_lat)
}

/// A distance in metres that no place of the box (west, south, east, north in degrees) can be farther than: that of the farthest
/// corner, as if all degrees of longitude were as long as the longest on the way.
pub(crate) fn upper_bound_m(point: [f64; 2], bbox: [f64; 4]) -> f64 {
    let [lon, lat] = point;
    let [west, south, east, north] = bbox;
    let d_lat = (lat - south).abs().max((north - lat).abs());
    let d_lon = (lon - west).abs().max((east - lon).abs());
    let (lowest, highest) = (lat.min(south), lat.max(north));
    let nearest_equator = if lowest <= 0.0 && highest >= 0.0 { 0.0 } else { lowest.abs().min(highest.abs()) };
    LARGEST_RADIUS_M * d_lat.to_radians().hypot(nearest_equator.to_radians().cos() * d_lon.to_radians())
}

fn round_the_globe(gap: f64) -> f64 {
    if gap < 0.0 { gap + 360.0 } else { gap }
}
