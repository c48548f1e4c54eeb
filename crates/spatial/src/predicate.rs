//! How does a parcel lie to a point, a box, another parcel?
//!
//! As ISO 19125 has it: a parcel covers its boundary, and two shapes intersect when they have a point in common. Exact.

use crate::grid::{Meeting, Side, meet, side_of_ring, turn};
use crate::packed::Packed;
use crate::{BoundingBox, GridPoint};

/// Where the point lies.
pub(crate) fn side(shape: Packed<'_>, point: GridPoint) -> Side {
    if !shape.bbox().contains(point) {
        return Side::Outside;
    }
    let mut inside = false;
    for ring in shape.rings() {
        match side_of_ring(point, ring.points()) {
            Side::Boundary => return Side::Boundary,
            // Even-odd over all rings: holes lie in shells, parts apart.
            Side::Inside => inside = !inside,
            Side::Outside => {}
        }
    }
    if inside { Side::Inside } else { Side::Outside }
}

/// Whether the point lies in the parcel or on its boundary.
pub(crate) fn covers(shape: Packed<'_>, point: GridPoint) -> bool {
    side(shape, point) != Side::Outside
}

/// Whether parcel and box have a point in common.
pub(crate) fn intersects_box(shape: Packed<'_>, bbox: &BoundingBox) -> bool {
    let own = shape.bbox();
    if !bbox.intersects(&own) {
        return false;
    }
    bbox.covers(&own) || shape.edges().any(|(from, to)| edge_meets_box(from, to, bbox)) || covers(shape, bbox.min)
}

/// Whether a segment has a point in common with a box: their boxes meet, and the line does not leave all corners on one side.
fn edge_meets_box(from: GridPoint, to: GridPoint, bbox: &BoundingBox) -> bool {
    let own = BoundingBox { min: from, max: from }.union(&BoundingBox { min: to, max: to });
    if !bbox.intersects(&own) {
        return false;
    }
    let sides = bbox.corners().map(|corner| turn(from, to, corner).signum());
    !(sides.iter().all(|&side| side > 0) || sides.iter().all(|&side| side < 0))
}

/// Whether two parcels have a point in common.
pub(crate) fn intersects(left: Packed<'_>, right: Packed<'_>) -> bool {
    let (left_box, right_box) = (left.bbox(), right.bbox());
    if !left_box.intersects(&right_box) {
        return false;
    }
    let near = |(from, to): &(GridPoint, GridPoint), bbox: &BoundingBox| edge_meets_box(*from, *to, bbox);
    let meets = left.edges().filter(|edge| near(edge, &right_box)).any(|(from, to)| {
        let span = BoundingBox { min: from, max: from }.union(&BoundingBox { min: to, max: to });
        right.edges().filter(|edge| near(edge, &span)).any(|(start, end)| meet(from, to, start, end) != Meeting::Apart)
    });
    // No edge meets: one lies in the other, in every part or in none of a part.
    meets
        || left.rings().any(|ring| ring.points().next().is_some_and(|point| covers(right, point)))
        || right.rings().any(|ring| ring.points().next().is_some_and(|point| covers(left, point)))
}
