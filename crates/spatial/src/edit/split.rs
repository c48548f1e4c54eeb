//! How does a line, or a set of polygons, divide a parcel?

use std::collections::BTreeMap;

use super::faces::{self, Edges, boundary};
use super::{EditProblem, union_unchanged};
use crate::grid::{GridPoint, Meeting, Side, meet};
use crate::packed::{Packed, pack};
use crate::topology::Tolerances;
use crate::{ParcelGeometry, predicate};

/// Cuts a parcel along a line of longitudes and latitudes. Parts come in the order of their south-west corners. A point
/// where the line crosses the boundary is rounded to the grid (0.1 mm) and becomes a vertex of both parts; a neighbour
/// along that boundary then lacks the vertex, which its own check will tell.
///
/// # Errors
/// When the line is none, does not cut the parcel in two, or would leave a part that is not valid.
pub fn split_by_line(parcel: &ParcelGeometry, line: &[[f64; 2]]) -> Result<Vec<ParcelGeometry>, EditProblem> {
    let mut cut: Vec<GridPoint> =
        line.iter().map(|[lon, lat]| GridPoint::from_degrees(*lon, *lat)).collect::<Option<_>>().ok_or(EditProblem::Line)?;
    cut.dedup();
    if cut.len() < 2 || line.len() > 10_000 {
        return Err(EditProblem::Line);
    }
    let own: Vec<(GridPoint, GridPoint)> = boundary(parcel).collect();
    let cuts: Vec<(GridPoint, GridPoint)> = cut.iter().copied().zip(cut.iter().copied().skip(1)).collect();
    // Every edge with the places where it is to be broken.
    let mut own_stops = vec![Vec::new(); own.len()];
    let mut cut_stops = vec![Vec::new(); cuts.len()];
    for (at, (start, end)) in cuts.iter().enumerate() {
        for (edge, (from, to)) in own.iter().enumerate() {
            let places = match meet(*start, *end, *from, *to) {
                Meeting::Apart => continue,
                Meeting::Touch(place) | Meeting::Cross(place) => [place, place],
                Meeting::Overlap(first, second) => [first, second],
            };
            own_stops[edge].extend(places);
            cut_stops[at].extend(places);
        }
        for (other, (from, to)) in cuts.iter().enumerate().skip(at + 2) {
            if let Meeting::Touch(place) | Meeting::Cross(place) = meet(*start, *end, *from, *to) {
                cut_stops[at].push(place);
                cut_stops[other].push(place);
            }
        }
    }
    let mut edges: Edges = own.iter().zip(own_stops).flat_map(|(edge, stops)| broken(*edge, stops)).collect();
    let mut words = Vec::new();
    pack(parcel, &mut words);
    let inner: Edges = cuts
        .iter()
        .zip(cut_stops)
        .flat_map(|(edge, stops)| broken(*edge, stops))
        .filter(|&(from, to)| !edges.contains(&(from, to)) && !edges.contains(&(to, from)) && runs_inside(Packed::new(&words), from, to))
        .collect();
    for (from, to) in without_loose_ends(inner, &edges) {
        edges.extend([(from, to), (to, from)]);
    }
    let mut parts = faces::parts(&edges);
    if parts.len() <= parcel.parts().len() {
        return Err(EditProblem::NotCut);
    }
    parts.sort_by_key(|part| part[0].iter().copied().min());
    parts.into_iter().map(|part| faces::geometry(&[part])).collect()
}

/// An edge in pieces from stop to stop.
fn broken((from, to): (GridPoint, GridPoint), mut stops: Vec<GridPoint>) -> Vec<(GridPoint, GridPoint)> {
    stops.extend([from, to]);
    let away = |point: &GridPoint| i128::from(point.lon - from.lon).pow(2) + i128::from(point.lat - from.lat).pow(2);
    stops.sort_by_key(away);
    stops.dedup();
    stops.iter().copied().zip(stops.iter().copied().skip(1)).collect()
}

/// Whether the middle of a piece that meets the boundary at most at its ends lies inside.
fn runs_inside(parcel: Packed<'_>, from: GridPoint, to: GridPoint) -> bool {
    let middle = GridPoint { lon: from.lon + (to.lon - from.lon) / 2, lat: from.lat + (to.lat - from.lat) / 2 };
    predicate::side(parcel, middle) == Side::Inside
}

/// Pieces of the line that lead from boundary to boundary, or in a circle: ends in the middle of the parcel cut nothing.
fn without_loose_ends(mut inner: Edges, border: &Edges) -> Edges {
    loop {
        let mut degree: BTreeMap<GridPoint, usize> = BTreeMap::new();
        for point in inner.iter().flat_map(|(from, to)| [from, to]) {
            *degree.entry(*point).or_default() += 1;
        }
        for point in border.iter().map(|(from, _)| from) {
            degree.entry(*point).and_modify(|degree| *degree += 2);
        }
        let before = inner.len();
        inner.retain(|(from, to)| degree[from] > 1 && degree[to] > 1);
        if inner.len() == before {
            return inner;
        }
    }
}

/// Divides a parcel into the given parts, which must make it up.
///
/// # Errors
/// When there are fewer than two parts, they overlap, or together they are not the parcel.
pub fn split_by_polygons(parcel: &ParcelGeometry, parts: &[ParcelGeometry], tolerances: &Tolerances) -> Result<(), EditProblem> {
    if parts.len() < 2 {
        return Err(EditProblem::NotCut);
    }
    union_unchanged(std::slice::from_ref(parcel), parts, tolerances)
}
