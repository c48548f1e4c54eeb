//! How far from each other are points `latitude,longitude`, and by which keys are those found that lie near?

use crate::hash;

/// The mean radius of the earth (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// Latitude and longitude in degrees of a point `latitude,longitude`.
fn point(text: &str) -> Option<[f64; 2]> {
    let (latitude, longitude) = text.split_once(',')?;
    Some([latitude.trim().parse().ok()?, longitude.trim().parse().ok()?])
}

/// Metres between two points on a sphere (haversine); NaN where one is none.
#[expect(clippy::cast_possible_truncation, reason = "measures need no more precision")]
pub(crate) fn distance_m(left: &str, right: &str) -> f32 {
    let point = |text| point(text).map(|degrees| degrees.map(f64::to_radians));
    let (Some([lat_a, lon_a]), Some([lat_b, lon_b])) = (point(left), point(right)) else { return f32::NAN };
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    let chord = half(lat_a - lat_b) + lat_a.cos() * lat_b.cos() * half(lon_a - lon_b);
    (2.0 * EARTH_RADIUS_M * chord.sqrt().min(1.0).asin()) as f32
}

/// Metres between two points, each with a length, ÷ the sum of the lengths.
pub(crate) fn offset([left, right, left_length, right_length]: [&str; 4]) -> f32 {
    match (left_length.parse::<f32>(), right_length.parse::<f32>()) {
        (Ok(one), Ok(other)) if one + other > 0.0 => distance_m(left, right) / (one + other),
        _ => f32::NAN,
    }
}

/// A key for each of the squares that a point lies in, of four grids of twice so many metres that lie over each other shifted by half a square. Two points have
/// one in common when they are at most so far from each other to the north and to the east, in degrees: to the east that is less far where meridians are closer.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "squares are numbered in whole numbers"
)]
pub(crate) fn squares(text: &str, metres: usize) -> Option<[u64; 4]> {
    let side = (2.0 * metres.max(1) as f64 / EARTH_RADIUS_M).to_degrees();
    let [north, east] = point(text)?.map(|degrees| (2.0 * degrees / side).floor() as i64);
    // Each half of a square is in that half's own square of the one grid, and in the one shifted by half of the other.
    Some(std::array::from_fn(|grid| {
        let (by_north, by_east) = ((grid & 1) as i64, (grid >> 1) as i64);
        let [north, east] = [(north + by_north) >> 1, (east + by_east) >> 1].map(|at| at as u64);
        hash::fold(hash::fold(hash::mix(grid as u64), north), east)
    }))
}
