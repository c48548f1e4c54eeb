//! What could be meant by a boundary that is not valid?

use geo::{BooleanOps, LineString, MultiPolygon, Polygon};

use crate::topology::contained;
use crate::{AxisOrder, Crs, ParcelGeometry, RawGeometry};

/// At most this many positions are worked on: a proposal may take a while.
const MOST_POSITIONS: usize = 10_000;

/// A valid geometry of the same land as far as can be told: crossings become vertices, rings that lie within others become
/// holes, what has no area falls away. A proposal, to be looked at; none when there is none. Rings that are not closed are
/// closed first.
#[must_use]
pub fn repair(raw: &RawGeometry, crs: Crs, order: AxisOrder) -> Option<ParcelGeometry> {
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
    let mut parts = Vec::with_capacity(raw.parts.len());
    for part in &raw.parts {
        let mut rings = part.iter().map(ring).collect::<Option<Vec<LineString>>>()?.into_iter();
        parts.push(Polygon::new(rings.next()?, rings.collect()));
    }
    // A union with nothing, by the even-odd rule.
    let shape = contained(|| MultiPolygon(parts).union(&MultiPolygon(Vec::new())))?;
    let rings = |polygon: &Polygon| {
        let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
        rings.map(|ring| ring.coords().map(|place| [place.x, place.y]).collect()).collect()
    };
    let repaired = RawGeometry { parts: shape.iter().map(rings).collect(), ..RawGeometry::default() };
    ParcelGeometry::try_new(&repaired, Crs::Cgcs2000, AxisOrder::EastFirst).ok().map(|accepted| accepted.geometry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wkt: &str, parts: Option<usize>) {
        let raw = RawGeometry::from_wkt(wkt).expect("well-known text");
        let repaired = repair(&raw, Crs::Crs84, AxisOrder::EastFirst);
        assert_eq!(repaired.map(|geometry| geometry.parts().len()), parts, "{wkt}");
    }

    #[test]
    fn a_bow_tie_becomes_its_two_halves_and_nothing_comes_of_a_line() {
        check("POLYGON ((113 23, 113.002 23.002, 113.002 23, 113 23.002, 113 23))", Some(2));
        check("POLYGON ((113 23, 113.001 23, 113.002 23, 113 23))", None);
        check("POLYGON ((113 23, 113.001 23, 113.001 23.001, 113 23.001))", Some(1));
    }
}
