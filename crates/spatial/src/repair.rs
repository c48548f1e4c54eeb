//! What could be meant by a boundary that is not valid?

use geo::{BooleanOps, LineString, MultiPolygon, Polygon};

use crate::plane::ring_width_m;
use crate::topology::contained;
use crate::{AxisOrder, Crs, GridPoint, ParcelGeometry, RawGeometry};

/// At most this many positions are worked on: a proposal may take a while.
const MOST_POSITIONS: usize = 10_000;

/// A valid geometry of the same land as far as can be told: crossings become vertices; a ring that crosses itself bounds what it goes around
/// an odd number of times, so that a bow-tie keeps both halves; holes are put together and cut to their shell; parts are put together; what
/// is thinner than `noise_m` metres falls away, parts and holes alike. A proposal, to be looked at; none when there is none. Rings that are
/// not closed are closed first.
#[must_use]
pub fn repair(raw: &RawGeometry, crs: Crs, order: AxisOrder, noise_m: f64) -> Option<ParcelGeometry> {
    if raw.parts.iter().flatten().map(Vec::len).sum::<usize>() > MOST_POSITIONS {
        return None;
    }
    // In degrees, so that the result is told in the system everything is kept in.
    let north_first = crs.is_north_first(order);
    let position = |&[first, second]: &[f64; 2]| {
        let (east, north) = if north_first { (second, first) } else { (first, second) };
        crs.to_lon_lat(east, north).ok()
    };
    let ring = |positions: &Vec<[f64; 2]>| positions.iter().map(position).collect::<Option<Vec<[f64; 2]>>>().map(LineString::from);
    let nothing = || MultiPolygon(Vec::new());
    // A union with nothing, by the even-odd rule.
    let alone = |ring: LineString| Polygon::new(ring, Vec::new()).union(&nothing());
    let mut whole = nothing();
    for part in &raw.parts {
        let mut rings = part.iter().map(ring).collect::<Option<Vec<LineString>>>()?.into_iter();
        let Some(shell) = rings.next() else { continue };
        whole = contained(|| {
            let holes = rings.map(alone).fold(nothing(), |holes, hole| holes.union(&hole));
            whole.union(&alone(shell).difference(&holes))
        })?;
    }
    let thick = |ring: &LineString| width_m(ring) > noise_m;
    let rings = |polygon: &Polygon| -> Vec<Vec<[f64; 2]>> {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors().iter().filter(|hole| thick(hole)));
        rings.map(|ring| ring.coords().map(|place| [place.x, place.y]).collect()).collect()
    };
    let parts = whole.iter().filter(|polygon| thick(polygon.exterior())).map(rings).collect();
    let repaired = RawGeometry { parts, ..RawGeometry::default() };
    ParcelGeometry::try_new(&repaired, Crs::Cgcs2000, AxisOrder::EastFirst).ok().map(|accepted| accepted.geometry)
}

/// How wide the inside of a ring of degrees is on the whole, metres.
fn width_m(ring: &LineString) -> f64 {
    let points: Vec<GridPoint> = ring.coords().filter_map(|place| GridPoint::from_degrees(place.x, place.y)).collect();
    ring_width_m(&points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wkt: &str, parts: Option<usize>) {
        let raw = RawGeometry::from_wkt(wkt).expect("well-known text");
        let repaired = repair(&raw, Crs::Crs84, AxisOrder::EastFirst, 0.001);
        assert_eq!(repaired.map(|geometry| geometry.parts().len()), parts, "{wkt}");
    }

    #[test]
    fn a_bow_tie_becomes_its_two_halves_and_nothing_comes_of_a_line() {
        check("POLYGON ((113 23, 113.002 23.002, 113.002 23, 113 23.002, 113 23))", Some(2));
        check("POLYGON ((113 23, 113.001 23, 113.002 23, 113 23))", None);
        check("POLYGON ((113 23, 113.001 23, 113.001 23.001, 113 23.001))", Some(1));
    }
    /// Area and holes of what is proposed, of a shape in thousandths of a degree from a corner.
    #[track_caller]
    fn check_area(wkt: &str, squares: f64, holes: usize) {
        let raw = RawGeometry::from_wkt(wkt).expect("well-known text");
        let repaired = repair(&raw, Crs::Crs84, AxisOrder::EastFirst, 0.001).expect("a proposal");
        let corner = RawGeometry::from_wkt("POLYGON ((113 23, 113.001 23, 113.001 23.001, 113 23.001, 113 23))").expect("a square");
        let square = ParcelGeometry::try_new(&corner, Crs::Crs84, AxisOrder::EastFirst).expect("valid").geometry.planar_area().area_m2;
        let area = repaired.planar_area().area_m2 / square;
        assert!((area - squares).abs() < 0.001, "{wkt}: {area} squares");
        assert_eq!(repaired.parts().iter().map(|part| part.rings().len() - 1).sum::<usize>(), holes, "{wkt}");
    }

    #[test]
    fn holes_stay_holes_and_parts_stay_land() {
        let square = |west: f64, south: f64, east: f64, north: f64| {
            let [west, east] = [west, east].map(|x| 113.0 + x / 1000.0);
            let [south, north] = [south, north].map(|y| 23.0 + y / 1000.0);
            format!("({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south})")
        };
        let shell = square(0.0, 0.0, 4.0, 4.0);
        let with = |holes: &[String]| format!("POLYGON ({shell}, {})", holes.join(", "));
        check_area(&with(&[square(5.0, 1.0, 6.0, 2.0)]), 16.0, 0);
        check_area(&with(&[square(3.0, 1.0, 5.0, 2.0)]), 15.0, 0);
        check_area(&with(&[square(1.0, 1.0, 2.0, 3.0), square(1.5, 1.0, 3.0, 2.0)]), 13.0, 1);
        check_area(&with(&[square(1.0, 1.0, 3.0, 3.0), square(1.5, 1.5, 2.0, 2.0)]), 12.0, 1);
        check_area(&with(&[square(1.0, 1.0, 1.000_001, 1.000_001), square(3.0, 1.0, 5.0, 2.0)]), 15.0, 0);
        let parts =
            |parts: &[String]| format!("MULTIPOLYGON ({})", parts.iter().map(|part| format!("({part})")).collect::<Vec<_>>().join(", "));
        check_area(&parts(&[square(0.0, 0.0, 2.0, 2.0), square(1.0, 1.0, 3.0, 3.0)]), 7.0, 0);
        check_area(&parts(&[square(0.0, 0.0, 2.0, 2.0), square(1.0, 0.0, 3.0, 2.0), square(5.0, 5.0, 5.000_001, 5.000_001)]), 6.0, 0);
    }
}
