//! How does a line, or a set of polygons, divide a parcel?

use std::borrow::Cow;
use std::collections::BTreeMap;

use geo::MultiPolygon;
use serde_json::{Value, json};

use super::faces::{self, Edges, boundary};
use super::{EditProblem, union_unchanged};
use crate::grid::{GridPoint, Meeting, Side, meet};
use crate::packed::{Packed, pack};
use crate::plane::Plane;
use crate::topology::{Tolerances, completed, difference, proposal};
use crate::{BoundingBox, Crs, ParcelGeometry, predicate};

/// The most places of the lines of one split.
pub(super) const MOST_PLACES: usize = 10_000;

/// Cuts a parcel along lines, whose positions are longitude and latitude, or east and north; one that is closed cuts an island out. Parts come in the order of their south-west
/// corners. A point where a line crosses the boundary is rounded to the grid (0.1 mm) and becomes a vertex of both parts; a neighbour
/// along that boundary then lacks the vertex, which its own check will tell.
///
/// # Errors
/// When a line is none, they do not cut the parcel in two, or would leave a part that is not valid.
pub fn split_by_lines(parcel: &ParcelGeometry, lines: &[Vec<[f64; 2]>], crs: Crs) -> Result<Vec<ParcelGeometry>, EditProblem> {
    if lines.iter().map(Vec::len).sum::<usize>() > MOST_PLACES {
        return Err(EditProblem::LineTooLong);
    }
    let cuts = match on_grid(lines, crs) {
        Some(cuts) => cuts,
        None if swapped(lines, crs).is_some() => return Err(EditProblem::LineSwapped),
        None => return Err(EditProblem::LineOffGlobe),
    };
    if cuts.is_empty() || cuts.iter().any(|cut| cut.len() < 2) {
        return Err(EditProblem::LineTooShort);
    }
    let mut parts = cut(parcel, &cuts);
    if parts.len() <= parcel.parts().len() {
        return Err(misses(parcel, lines, crs, &cuts));
    }
    parts.sort_by_key(|part| part[0].iter().copied().min());
    let made: Result<Vec<ParcelGeometry>, EditProblem> = parts.into_iter().map(|part| faces::geometry(&[part])).collect();
    made.map_err(|problem| cuts.iter().find_map(|cut| self_crossing(cut)).map_or(problem, EditProblem::LineCrossesItself))
}

/// Lines on the grid, without repeated places; none when a place is not where the system is used.
fn on_grid(lines: &[Vec<[f64; 2]>], crs: Crs) -> Option<Vec<Vec<GridPoint>>> {
    let point = |[east, north]: &[f64; 2]| {
        let [lon, lat] = crs.to_lon_lat(*east, *north).ok()?;
        GridPoint::from_degrees(lon, lat)
    };
    let line = |line: &Vec<[f64; 2]>| {
        let mut line: Vec<GridPoint> = line.iter().map(point).collect::<Option<_>>()?;
        line.dedup();
        Some(line)
    };
    lines.iter().map(line).collect()
}

/// The lines with the two numbers of each position in each other's place, where that is on the globe.
fn swapped(lines: &[Vec<[f64; 2]>], crs: Crs) -> Option<Vec<Vec<GridPoint>>> {
    let turned: Vec<Vec<[f64; 2]>> = lines.iter().map(|line| line.iter().map(|[first, second]| [*second, *first]).collect()).collect();
    on_grid(&turned, crs)
}

/// Why lines cut nothing.
fn misses(parcel: &ParcelGeometry, lines: &[Vec<[f64; 2]>], crs: Crs, cuts: &[Vec<GridPoint>]) -> EditProblem {
    let near =
        |cuts: &[Vec<GridPoint>]| BoundingBox::around(cuts.iter().flatten().copied()).is_some_and(|bbox| bbox.intersects(&parcel.bbox()));
    if !near(cuts) && swapped(lines, crs).is_some_and(|turned| near(&turned)) {
        return EditProblem::LineSwapped;
    }
    let mut words = Vec::new();
    pack(parcel, &mut words);
    let is_inside = |point: &&GridPoint| predicate::side(Packed::new(&words), **point) == Side::Inside;
    let inside = cuts.iter().flat_map(|cut| cut.first().into_iter().chain(cut.last())).find(is_inside);
    inside.map_or(EditProblem::NotCut, |point| EditProblem::LineEndsInside(point.degrees()))
}

/// Where a line crosses itself, or runs back along itself: at no place but where it closes.
fn self_crossing(line: &[GridPoint]) -> Option<[f64; 2]> {
    let edges: Vec<(GridPoint, GridPoint)> = line.iter().copied().zip(line.iter().copied().skip(1)).collect();
    for (at, (start, end)) in edges.iter().enumerate() {
        for (other, (from, to)) in edges.iter().enumerate().skip(at + 1) {
            match meet(*start, *end, *from, *to) {
                Meeting::Apart => {}
                Meeting::Touch(place) if place == *end && other == at + 1 => {}
                Meeting::Touch(place) if at == 0 && other + 1 == edges.len() && place == *start && place == *to => {}
                Meeting::Touch(place) | Meeting::Cross(place) | Meeting::Overlap(place, _) => return Some(place.degrees()),
            }
        }
    }
    None
}

/// Where two edges are to be broken because of each other.
const fn meeting_places(meeting: Meeting) -> Option<[GridPoint; 2]> {
    match meeting {
        Meeting::Apart => None,
        Meeting::Touch(place) | Meeting::Cross(place) => Some([place, place]),
        Meeting::Overlap(first, second) => Some([first, second]),
    }
}

/// The faces into which lines cut a parcel, each as rings.
fn cut(parcel: &ParcelGeometry, lines: &[Vec<GridPoint>]) -> Vec<Vec<Vec<GridPoint>>> {
    let own: Vec<(GridPoint, GridPoint)> = boundary(parcel).collect();
    let cuts: Vec<(GridPoint, GridPoint)> = lines.iter().flat_map(|line| line.iter().copied().zip(line.iter().copied().skip(1))).collect();
    // Every edge with the places where it is to be broken.
    let mut own_stops = vec![Vec::new(); own.len()];
    let mut cut_stops = vec![Vec::new(); cuts.len()];
    for (at, (start, end)) in cuts.iter().enumerate() {
        for (edge, (from, to)) in own.iter().enumerate() {
            let Some(places) = meeting_places(meet(*start, *end, *from, *to)) else { continue };
            own_stops[edge].extend(places);
            cut_stops[at].extend(places);
        }
        for (other, (from, to)) in cuts.iter().enumerate().skip(at + 1) {
            let Some(places) = meeting_places(meet(*start, *end, *from, *to)) else { continue };
            cut_stops[at].extend(places);
            cut_stops[other].extend(places);
        }
    }
    let mut edges: Edges = own.iter().zip(own_stops).flat_map(|(edge, stops)| broken(*edge, stops)).collect();
    let mut words = Vec::new();
    pack(parcel, &mut words);
    // What runs there and back is one piece.
    let ascending = |(from, to): (GridPoint, GridPoint)| if from <= to { (from, to) } else { (to, from) };
    let inner: Edges = cuts
        .iter()
        .zip(cut_stops)
        .flat_map(|(edge, stops)| broken(*edge, stops))
        .filter(|&(from, to)| !edges.contains(&(from, to)) && !edges.contains(&(to, from)) && runs_inside(Packed::new(&words), from, to))
        .map(ascending)
        .collect();
    for (from, to) in without_loose_ends(inner, &edges) {
        edges.extend([(from, to), (to, from)]);
    }
    faces::parts(&edges)
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

/// Divides a parcel by polygons of it: they become parts as they are, and what they leave over becomes more parts, from the south-west on.
///
/// # Errors
/// When they overlap or stick out, leave the parcel as it is, or leave a strip over.
pub fn split_by_polygons(
    parcel: &ParcelGeometry,
    polygons: &[ParcelGeometry],
    tolerances: &Tolerances,
) -> Result<Vec<ParcelGeometry>, EditProblem> {
    let plane = Plane::around(parcel.bbox().centre());
    let whole = plane.shape(parcel);
    for (at, polygon) in polygons.iter().enumerate() {
        let outside = difference(&plane.shape(polygon), &whole, tolerances.snap_m).ok_or(EditProblem::NotComputed)?;
        if !outside.is_empty() {
            let area = outside.iter().map(|piece| piece.area_m2).sum();
            let places: Vec<Value> = outside.iter().map(|piece| piece.geojson(&plane)["coordinates"].take()).collect();
            return Err(EditProblem::SticksOut(at, area, json!({"type": "MultiPolygon", "coordinates": places})));
        }
    }
    // What makes up the parcel, as most do, leaves nothing over to look for.
    if polygons.len() > 1 && union_unchanged(std::slice::from_ref(parcel), polygons, tolerances).is_ok() {
        return Ok(polygons.to_vec());
    }
    // Every edge is held against every other.
    if polygons.iter().map(ParcelGeometry::vertex_count).sum::<usize>() > MOST_PLACES {
        return Err(EditProblem::TooManyCorners);
    }
    let mut parts = polygons.to_vec();
    parts.extend(left_over(parcel, polygons, &plane, tolerances)?);
    if parts.len() < 2 {
        return Err(EditProblem::NotDivided);
    }
    union_unchanged(std::slice::from_ref(parcel), &parts, tolerances)?;
    Ok(parts)
}

/// Land of so many metres of width is no parcel that anybody means to leave over: the polygons miss each other or the border.
const STRIP_M: f64 = 1.0;

/// What polygons leave over of a parcel. They count as brought to its border where they lie nearer to that than the tolerance, so that no hem is left
/// around them; what is no wider than the tolerance is rounding and no land.
fn left_over(
    parcel: &ParcelGeometry,
    polygons: &[ParcelGeometry],
    plane: &Plane,
    tolerances: &Tolerances,
) -> Result<Vec<ParcelGeometry>, EditProblem> {
    let border = [(0, Cow::Borrowed(parcel))];
    let taken: Vec<ParcelGeometry> =
        polygons.iter().map(|polygon| proposal(polygon, &border, plane, tolerances.snap_m).unwrap_or_else(|| polygon.clone())).collect();
    let closed = |ring: &[GridPoint]| ring.iter().chain(ring.first()).copied().collect::<Vec<GridPoint>>();
    let lines: Vec<Vec<GridPoint>> = taken.iter().flat_map(ParcelGeometry::rings).map(closed).collect();
    // Corners of polygons on the border are rounded to the grid: only where the border has them too do lines between them cut it.
    let border =
        taken.iter().fold(parcel.clone(), |border, polygon| completed(&border, polygon, plane, tolerances.snap_m).unwrap_or(border));
    let taken: Vec<MultiPolygon> = taken.iter().map(|polygon| plane.shape(polygon)).collect();
    let mut faces = cut(&border, &lines);
    faces.sort_by_key(|part| part[0].iter().copied().min());
    let mut over = Vec::new();
    for face in faces {
        let face = faces::geometry(&[face])?;
        let shape = plane.shape(&face);
        let mut left = difference(&shape, &MultiPolygon(Vec::new()), tolerances.snap_m).ok_or(EditProblem::NotComputed)?;
        for polygon in &taken {
            let rest = MultiPolygon(left.into_iter().map(|piece| piece.polygon).collect());
            left = difference(&rest, polygon, tolerances.snap_m).ok_or(EditProblem::NotComputed)?;
        }
        let width = left.iter().map(|piece| piece.width_m).fold(0.0, f64::max);
        if width > STRIP_M {
            over.push(face);
        } else if let Some(strip) = left.first() {
            return Err(EditProblem::StripLeft(strip.area_m2, width, strip.geojson(plane)));
        }
    }
    Ok(over)
}
