//! What do neighbouring parcels make together?

use serde_json::{Value, json};

use super::faces::{self, Edges, boundary};
use super::{EditProblem, union_unchanged};
use crate::ParcelGeometry;
use crate::grid::GridPoint;
use crate::plane::{Plane, foot, length, minus};
use crate::topology::Tolerances;

/// Joins parcels: borders that run both ways fall away. A vertex that only one side has counts as the other's too when it
/// lies on its line within the tolerance. With `several_parts` the result may fall into parts that do not touch.
///
/// # Errors
/// When fewer than two are given, they do not share a border, overlap, or the result is not valid.
pub fn merge(parcels: &[ParcelGeometry], several_parts: bool, tolerances: &Tolerances) -> Result<ParcelGeometry, EditProblem> {
    let [first, _, ..] = parcels else { return Err(EditProblem::TooFew) };
    let plane = Plane::around(first.bbox().centre());
    let vertices: Vec<(GridPoint, [f64; 2])> =
        parcels.iter().flat_map(ParcelGeometry::rings).flatten().map(|point| (*point, plane.of(*point))).collect();
    let mut edges = Edges::new();
    for (from, to) in parcels.iter().flat_map(boundary) {
        let mut stops = vec![from];
        stops.extend(on_edge(from, to, &vertices, &plane, tolerances.snap_m));
        stops.push(to);
        for (start, end) in stops.iter().copied().zip(stops.iter().copied().skip(1)) {
            if !edges.remove(&(end, start)) {
                edges.insert((start, end));
            }
        }
    }
    let parts = faces::parts(&edges);
    if parts.len() > 1 && !several_parts {
        let closed = |ring: &Vec<GridPoint>| ring.iter().chain(ring.first()).map(|point| json!(point.degrees())).collect::<Value>();
        let polygons: Vec<Value> = parts.iter().map(|rings| rings.iter().map(closed).collect()).collect();
        return Err(EditProblem::Apart(parts.len(), json!({"type": "MultiPolygon", "coordinates": polygons})));
    }
    let merged = faces::geometry(&parts)?;
    union_unchanged(parcels, std::slice::from_ref(&merged), tolerances)?;
    Ok(merged)
}

/// Vertices that lie on an edge without being one of its ends, in the order of the edge.
fn on_edge(from: GridPoint, to: GridPoint, vertices: &[(GridPoint, [f64; 2])], plane: &Plane, snap_m: f64) -> Vec<GridPoint> {
    let (start, end) = (plane.of(from), plane.of(to));
    let long = length(minus(end, start));
    let mut found: Vec<(f64, GridPoint)> = vertices
        .iter()
        .filter(|(vertex, _)| *vertex != from && *vertex != to)
        .map(|(vertex, place)| (foot(*place, start, end), *vertex))
        .filter(|((share, gap), _)| *gap <= snap_m && share * long > snap_m && (1.0 - share) * long > snap_m)
        .map(|((share, _), vertex)| (share, vertex))
        .collect();
    found.sort_by(|left, right| left.0.total_cmp(&right.0));
    found.dedup_by_key(|(_, vertex)| *vertex);
    found.into_iter().map(|(_, vertex)| vertex).collect()
}
