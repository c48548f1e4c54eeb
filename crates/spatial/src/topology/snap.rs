//! What would a boundary look like if it were brought to its neighbours'?

use std::borrow::Cow;

use crate::geometry::ParcelGeometry;
use crate::grid::GridPoint;
use crate::plane::{Plane, foot, length, minus};
use crate::{AxisOrder, Crs, RawGeometry};

/// The boundary with each point within `snap_m` of a neighbour's point moved onto it, else of a neighbour's line moved
/// onto that, and the neighbours' points on its own lines put in. None when nothing changes or the result is not valid.
pub(crate) fn proposal(
    own: &ParcelGeometry,
    neighbours: &[(u32, Cow<'_, ParcelGeometry>)],
    plane: &Plane,
    snap_m: f64,
) -> Option<ParcelGeometry> {
    let vertices: Vec<(GridPoint, [f64; 2])> =
        neighbours.iter().flat_map(|(_, neighbour)| neighbour.rings()).flatten().map(|point| (*point, plane.of(*point))).collect();
    let lines: Vec<([f64; 2], [f64; 2])> = neighbours
        .iter()
        .flat_map(|(_, neighbour)| neighbour.rings())
        .flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1)))
        .map(|(start, end)| (plane.of(*start), plane.of(*end)))
        .collect();
    let moved = |point: GridPoint| -> GridPoint {
        let place = plane.of(point);
        let gap = |other: &[f64; 2]| length(minus(place, *other));
        let nearest =
            vertices.iter().filter(|(_, other)| gap(other) <= snap_m).min_by(|left, right| gap(&left.1).total_cmp(&gap(&right.1)));
        if let Some((vertex, _)) = nearest {
            return *vertex;
        }
        let onto = lines.iter().map(|(start, end)| (foot(place, *start, *end), start, end)).filter(|((_, gap), ..)| *gap <= snap_m);
        let best = onto.min_by(|left, right| left.0.1.total_cmp(&right.0.1));
        // Closer than a grid step is on the line already.
        best.filter(|((_, gap), ..)| *gap > 0.000_2)
            .and_then(|((share, _), start, end)| {
                plane.grid([start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share])
            })
            .unwrap_or(point)
    };
    with_points(own, &moved, &vertices, plane, snap_m)
}

/// A boundary with the points of another one that lie on its lines put in, and nothing moved. None when nothing changes or the result is
/// not valid.
pub(crate) fn completed(boundary: &ParcelGeometry, other: &ParcelGeometry, plane: &Plane, snap_m: f64) -> Option<ParcelGeometry> {
    let own: Vec<[f64; 2]> = boundary.rings().flatten().map(|point| plane.of(*point)).collect();
    let lacks = |place: &[f64; 2]| own.iter().all(|corner| length(minus(*place, *corner)) > snap_m);
    let vertices = other.rings().flatten().map(|point| (*point, plane.of(*point))).filter(|(_, place)| lacks(place)).collect::<Vec<_>>();
    with_points(boundary, &|point| point, &vertices, plane, snap_m)
}

fn with_points(
    own: &ParcelGeometry,
    moved: &impl Fn(GridPoint) -> GridPoint,
    vertices: &[(GridPoint, [f64; 2])],
    plane: &Plane,
    snap_m: f64,
) -> Option<ParcelGeometry> {
    let parts = own
        .parts()
        .iter()
        .map(|part| part.rings().iter().map(|ring| snapped_ring(ring, moved, vertices, plane, snap_m)).collect())
        .collect();
    let raw = RawGeometry { parts, ..RawGeometry::default() };
    let accepted = ParcelGeometry::try_new(&raw, Crs::Cgcs2000, AxisOrder::EastFirst).ok()?;
    (accepted.geometry != *own).then_some(accepted.geometry)
}

fn snapped_ring(
    ring: &[GridPoint],
    moved: &impl Fn(GridPoint) -> GridPoint,
    vertices: &[(GridPoint, [f64; 2])],
    plane: &Plane,
    snap_m: f64,
) -> Vec<[f64; 2]> {
    let corners: Vec<GridPoint> = ring.iter().map(|point| moved(*point)).collect();
    let mut snapped = Vec::with_capacity(corners.len() + 4);
    for (start, end) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        snapped.push(start.degrees());
        let (from, to) = (plane.of(*start), plane.of(*end));
        let long = length(minus(to, from));
        let mut between: Vec<(f64, GridPoint)> = vertices
            .iter()
            .map(|(vertex, place)| (foot(*place, from, to), vertex))
            .filter(|((share, gap), _)| *gap <= snap_m && share * long > snap_m && (1.0 - share) * long > snap_m)
            .map(|((share, _), vertex)| (share, *vertex))
            .collect();
        between.sort_by(|left, right| left.0.total_cmp(&right.0));
        between.dedup_by_key(|(_, vertex)| *vertex);
        snapped.extend(between.into_iter().map(|(_, vertex)| vertex.degrees()));
    }
    snapped.extend(snapped.first().copied());
    snapped
}
