//! What is the land of many parcels together, without the borders between them?

use std::collections::HashMap;

use super::faces::{self, Edges, boundary};
use crate::geometry::MAX_SPAN;
use crate::grid::{GridPoint, ring_turn};
use crate::plane::{Plane, foot, length, minus};
use crate::topology::Tolerances;
use crate::{BoundingBox, ParcelGeometry};

/// How far beyond an edge's box vertices are looked for, nano-degrees: more than any tolerance of boundary points.
const REACH: i64 = 10_000;

/// Edges by their ends in ascending order: how often each runs that way, less how often it runs back.
type Balance = HashMap<(GridPoint, GridPoint), i32>;

/// The land of the parcels together. Borders that run both ways fall away, also where only one side has a vertex that lies on
/// the other's line within the tolerance; gaps stay, as holes. None when there is no land, or it is wider than four degrees.
///
/// A view of the parcels and not a boundary of its own: where parcels overlap, so do the lines.
#[must_use]
pub fn dissolve(parcels: impl IntoIterator<Item = ParcelGeometry>, tolerances: &Tolerances) -> Option<ParcelGeometry> {
    let mut balance = Balance::new();
    for parcel in parcels {
        boundary(&parcel).for_each(|edge| add(&mut balance, edge));
    }
    balance.retain(|_, runs| *runs != 0);
    let open: Vec<(GridPoint, GridPoint)> = directed(balance).collect();
    let mut vertices: Vec<GridPoint> = open.iter().map(|(from, _)| *from).collect();
    vertices.sort_unstable();
    vertices.dedup();
    let mut balance = Balance::new();
    for (from, to) in open {
        let stops = on_edge(from, to, &vertices, tolerances.snap_m);
        let mut start = from;
        for end in stops.into_iter().chain([to]) {
            add(&mut balance, (start, end));
            start = end;
        }
    }
    balance.retain(|_, runs| *runs != 0);
    let edges: Edges = directed(balance).collect();
    let mut parts = faces::parts(&edges);
    parts.retain(|part| part.first().is_some_and(|shell| ring_turn(shell) > 0));
    let bbox = BoundingBox::around(parts.iter().filter_map(|part| part.first()).flatten().copied())?;
    (bbox.width() <= MAX_SPAN && bbox.height() <= MAX_SPAN).then(|| ParcelGeometry::from_rings(parts))
}

fn add(balance: &mut Balance, (from, to): (GridPoint, GridPoint)) {
    if from < to {
        *balance.entry((from, to)).or_default() += 1;
    } else {
        *balance.entry((to, from)).or_default() -= 1;
    }
}

/// Each edge once, the way it runs more often.
fn directed(balance: Balance) -> impl Iterator<Item = (GridPoint, GridPoint)> {
    balance.into_iter().map(|((low, high), runs)| if runs > 0 { (low, high) } else { (high, low) })
}

/// Vertices that lie on an edge without being one of its ends, in the order of the edge.
fn on_edge(from: GridPoint, to: GridPoint, vertices: &[GridPoint], snap_m: f64) -> Vec<GridPoint> {
    let span = BoundingBox { min: from, max: from }.union(&BoundingBox { min: to, max: to }).grown(REACH, REACH);
    let first = vertices.partition_point(|vertex| vertex.lon < span.min.lon);
    let near = vertices[first..].iter().take_while(|vertex| vertex.lon <= span.max.lon);
    let mut near = near.filter(|vertex| span.contains(**vertex) && **vertex != from && **vertex != to).peekable();
    if near.peek().is_none() {
        return Vec::new();
    }
    let plane = Plane::around(from);
    let (start, end) = (plane.of(from), plane.of(to));
    let long = length(minus(end, start));
    let mut found: Vec<(f64, GridPoint)> = near
        .map(|vertex| (foot(plane.of(*vertex), start, end), *vertex))
        .filter(|((share, gap), _)| *gap <= snap_m && share * long > snap_m && (1.0 - share) * long > snap_m)
        .map(|((share, _), vertex)| (share, vertex))
        .collect();
    found.sort_by(|left, right| left.0.total_cmp(&right.0));
    found.into_iter().map(|(_, vertex)| vertex).collect()
}
