//! On which grid do stored coordinates lie?
//!
//! Every stored vertex is a whole number of nano-degrees (10⁻⁹ °, at most 0.11 mm): two parcels that share a corner
//! share it exactly, and predicates are integer arithmetic without rounding.

/// Nano-degrees in a degree.
const PER_DEGREE: f64 = 1e9;

/// A point of the grid: CGCS2000 longitude and latitude in nano-degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GridPoint {
    /// Longitude, 10⁻⁹ °.
    pub lon: i64,
    /// Latitude, 10⁻⁹ °.
    pub lat: i64,
}

impl GridPoint {
    /// The grid point nearest to a position in degrees, none when it is not on the globe (NaN and infinity included).
    #[must_use]
    pub fn from_degrees(lon: f64, lat: f64) -> Option<Self> {
        let on_globe = (-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat);
        on_globe.then(|| Self { lon: to_nano(lon), lat: to_nano(lat) })
    }

    /// Longitude in degrees: the decimal number with nine places nearest to the grid value.
    #[must_use]
    pub fn lon_degrees(self) -> f64 {
        to_degrees(self.lon)
    }

    /// Latitude in degrees.
    #[must_use]
    pub fn lat_degrees(self) -> f64 {
        to_degrees(self.lat)
    }

    /// Longitude and latitude in degrees, in this order.
    #[must_use]
    pub fn degrees(self) -> [f64; 2] {
        [self.lon_degrees(), self.lat_degrees()]
    }
}

#[expect(clippy::cast_possible_truncation, reason = "callers pass degrees of the globe, at most 1.8e11 nano-degrees")]
fn to_nano(degrees: f64) -> i64 {
    (degrees * PER_DEGREE).round() as i64
}

#[expect(clippy::cast_precision_loss, reason = "grid values stay below 2^53")]
fn to_degrees(nano: i64) -> f64 {
    nano as f64 / PER_DEGREE
}

/// Twice the signed area of the triangle `a b c`: positive when `c` lies left of the line from `a` to `b`. Exact.
#[must_use]
pub(crate) fn turn(a: GridPoint, b: GridPoint, c: GridPoint) -> i128 {
    i128::from(b.lon - a.lon) * i128::from(c.lat - a.lat) - i128::from(b.lat - a.lat) * i128::from(c.lon - a.lon)
}

/// Whether `p`, known to lie on the line through `a` and `b`, lies between them or on one of them.
#[must_use]
pub(crate) fn between(a: GridPoint, b: GridPoint, p: GridPoint) -> bool {
    p.lon >= a.lon.min(b.lon) && p.lon <= a.lon.max(b.lon) && p.lat >= a.lat.min(b.lat) && p.lat <= a.lat.max(b.lat)
}

/// How two closed segments meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// They have no point in common.
    Apart,
    /// They have one point in common that is an end of at least one of them.
    Touch(GridPoint),
    /// They cross in the interior of both; the place is rounded to the grid.
    Cross(GridPoint),
    /// They share a stretch between two points.
    Overlap(GridPoint, GridPoint),
}

/// How the segments `a b` and `c d` meet. Exact, but for the place of a crossing.
#[must_use]
pub(crate) fn meet(a: GridPoint, b: GridPoint, c: GridPoint, d: GridPoint) -> Meeting {
    if a.lon.max(b.lon) < c.lon.min(d.lon)
        || c.lon.max(d.lon) < a.lon.min(b.lon)
        || a.lat.max(b.lat) < c.lat.min(d.lat)
        || c.lat.max(d.lat) < a.lat.min(b.lat)
    {
        return Meeting::Apart;
    }
    let (c_side, d_side) = (turn(a, b, c), turn(a, b, d));
    if c_side == 0 && d_side == 0 {
        let [mut first, mut second] = [a.min(b), a.max(b)];
        first = first.max(c.min(d));
        second = second.min(c.max(d));
        return match first.cmp(&second) {
            std::cmp::Ordering::Less => Meeting::Overlap(first, second),
            std::cmp::Ordering::Equal => Meeting::Touch(first),
            std::cmp::Ordering::Greater => Meeting::Apart,
        };
    }
    let (a_side, b_side) = (turn(c, d, a), turn(c, d, b));
    for (side, from, to, point) in [(c_side, a, b, c), (d_side, a, b, d), (a_side, c, d, a), (b_side, c, d, b)] {
        if side == 0 && between(from, to, point) {
            return Meeting::Touch(point);
        }
    }
    if (c_side > 0) != (d_side > 0) && (a_side > 0) != (b_side > 0) && [a_side, b_side, c_side, d_side].iter().all(|side| *side != 0) {
        Meeting::Cross(crossing(c_side, d_side, c, d))
    } else {
        Meeting::Apart
    }
}

/// The point of `c d` where a line cuts it, given how far on which sides of that line `c` and `d` lie.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "the place is for people to look at")]
fn crossing(c_side: i128, d_side: i128, c: GridPoint, d: GridPoint) -> GridPoint {
    let share = c_side as f64 / (c_side as f64 - d_side as f64);
    GridPoint { lon: c.lon + ((d.lon - c.lon) as f64 * share).round() as i64, lat: c.lat + ((d.lat - c.lat) as f64 * share).round() as i64 }
}

/// Where a point lies with respect to a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Strictly inside.
    Inside,
    /// On an edge or a vertex.
    Boundary,
    /// Strictly outside.
    Outside,
}

/// Where `point` lies with respect to the ring of `points` (open: the closing edge is understood). Exact.
pub(crate) fn side_of_ring(point: GridPoint, points: impl Iterator<Item = GridPoint> + Clone) -> Side {
    let Some(mut previous) = points.clone().last() else { return Side::Outside };
    let mut inside = false;
    for current in points {
        let (low, high) = if previous.lat <= current.lat { (previous, current) } else { (current, previous) };
        if point.lat >= low.lat && point.lat <= high.lat && point.lon <= previous.lon.max(current.lon) {
            let side = turn(low, high, point);
            if side == 0 && between(low, high, point) {
                return Side::Boundary;
            }
            // Half-open in latitude, so that a vertex on the ray is counted once.
            if side > 0 && point.lat < high.lat {
                inside = !inside;
            }
        }
        previous = current;
    }
    if inside { Side::Inside } else { Side::Outside }
}

/// Twice the signed area of a ring of `points` in square nano-degrees: positive when it runs counter-clockwise. Exact.
pub(crate) fn ring_turn(points: &[GridPoint]) -> i128 {
    let Some((&origin, rest)) = points.split_first() else { return 0 };
    rest.windows(2).map(|pair| turn(origin, pair[0], pair[1])).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(lon: i64, lat: i64) -> GridPoint {
        GridPoint { lon, lat }
    }

    #[test]
    fn a_position_survives_the_grid_to_nine_places() {
        let point = GridPoint::from_degrees(113.123_456_789, 23.000_000_001).unwrap();
        assert_eq!(point.degrees(), [113.123_456_789, 23.000_000_001]);
        for (lon, lat) in [(f64::NAN, 0.0), (0.0, f64::INFINITY), (180.1, 0.0), (0.0, -90.000_1)] {
            assert_eq!(GridPoint::from_degrees(lon, lat), None);
        }
    }

    #[test]
    fn segments_meet_as_drawn() {
        assert_eq!(meet(p(0, 0), p(4, 4), p(0, 4), p(4, 0)), Meeting::Cross(p(2, 2)));
        assert_eq!(meet(p(0, 0), p(4, 0), p(2, 0), p(2, 5)), Meeting::Touch(p(2, 0)));
        assert_eq!(meet(p(0, 0), p(4, 0), p(2, 0), p(9, 0)), Meeting::Overlap(p(2, 0), p(4, 0)));
        assert_eq!(meet(p(0, 0), p(4, 0), p(4, 0), p(9, 0)), Meeting::Touch(p(4, 0)));
        assert_eq!(meet(p(0, 0), p(4, 0), p(5, 0), p(9, 0)), Meeting::Apart);
        assert_eq!(meet(p(0, 0), p(4, 0), p(2, 1), p(2, 5)), Meeting::Apart);
    }

    #[test]
    fn a_point_is_inside_on_or_outside_a_ring() {
        let ring = [p(0, 0), p(4, 0), p(4, 4), p(2, 2), p(0, 4)];
        for (point, side) in [
            (p(1, 1), Side::Inside),
            (p(2, 3), Side::Outside),
            (p(2, 2), Side::Boundary),
            (p(4, 1), Side::Boundary),
            (p(-1, 4), Side::Outside),
            (p(5, 2), Side::Outside),
            (p(-1, 2), Side::Outside),
            (p(0, 4), Side::Boundary),
        ] {
            assert_eq!(side_of_ring(point, ring.iter().copied()), side, "{point:?}");
        }
    }
}
