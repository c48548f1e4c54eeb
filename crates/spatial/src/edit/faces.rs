//! Which rings do directed edges bound, with the land on their left?

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::EditProblem;
use crate::grid::{GridPoint, Side, ring_turn, side_of_ring, turn};
use crate::{AxisOrder, Crs, ParcelGeometry, RawGeometry};

/// Directed edges, each once.
pub(crate) type Edges = BTreeSet<(GridPoint, GridPoint)>;

/// Rings made of the edges: shells counter-clockwise each with the holes in it. Where several edges leave a place the
/// ring takes the one most to the left of where it came from, so that each ring bounds one face.
pub(crate) fn parts(edges: &Edges) -> Vec<Vec<Vec<GridPoint>>> {
    let mut leaving: BTreeMap<GridPoint, Vec<GridPoint>> = BTreeMap::new();
    for &(from, to) in edges {
        leaving.entry(from).or_default().push(to);
    }
    let mut unused = edges.clone();
    let mut rings: Vec<Vec<GridPoint>> = Vec::new();
    while let Some(&(start, second)) = unused.iter().next() {
        let (mut before, mut here) = (start, second);
        unused.remove(&(start, second));
        let mut ring = vec![start];
        while here != start {
            ring.push(here);
            let next = leaving.get(&here).into_iter().flatten().copied().filter(|to| unused.contains(&(here, *to)));
            let Some(next) = next.min_by(|left, right| clockwise(here, before, *left, *right)) else { break };
            unused.remove(&(here, next));
            (before, here) = (here, next);
        }
        rings.extend(simple(ring));
    }
    let (shells, holes): (Vec<_>, Vec<_>) = rings.into_iter().filter(|ring| ring.len() >= 3).partition(|ring| ring_turn(ring) > 0);
    let mut parts: Vec<Vec<Vec<GridPoint>>> = shells.into_iter().map(|shell| vec![shell]).collect();
    for hole in holes {
        // The smallest shell around it, should shells be nested.
        let around = parts.iter_mut().filter(|part| is_within(&hole, &part[0])).min_by_key(|part| ring_turn(&part[0]));
        if let Some(part) = around {
            part.push(hole);
        }
    }
    parts
}

fn is_within(hole: &[GridPoint], shell: &[GridPoint]) -> bool {
    let sides = hole.iter().map(|point| side_of_ring(*point, shell.iter().copied()));
    // A ring all of whose corners are the shell's is the shell's other side: what lies around an island.
    sides.into_iter().find(|side| *side != Side::Boundary) == Some(Side::Inside)
}

/// Cuts a walk that comes through a place twice into rings that do not.
fn simple(walk: Vec<GridPoint>) -> Vec<Vec<GridPoint>> {
    let (mut rings, mut stack): (Vec<Vec<GridPoint>>, Vec<GridPoint>) = (Vec::new(), Vec::new());
    let mut seen: BTreeMap<GridPoint, usize> = BTreeMap::new();
    for point in walk {
        if let Some(at) = seen.get(&point) {
            let ring = stack.split_off(*at);
            for point in &ring {
                seen.remove(point);
            }
            rings.push(ring);
        }
        seen.insert(point, stack.len());
        stack.push(point);
    }
    rings.push(stack);
    rings
}

/// Orders ways out of `here` by how far one turns clockwise from the way back to `before`.
fn clockwise(here: GridPoint, before: GridPoint, left: GridPoint, right: GridPoint) -> Ordering {
    // Directions on the left of the way back, counted clockwise from it, come last; on its right first.
    let half = |to: GridPoint| {
        let side = turn(here, before, to);
        let same_way = i128::from(to.lon - here.lon) * i128::from(before.lon - here.lon)
            + i128::from(to.lat - here.lat) * i128::from(before.lat - here.lat)
            > 0;
        match side.cmp(&0) {
            Ordering::Less => 0,
            Ordering::Equal if !same_way => 1,
            Ordering::Greater => 2,
            Ordering::Equal => 3,
        }
    };
    half(left).cmp(&half(right)).then_with(|| turn(here, left, right).cmp(&0))
}

/// A valid geometry of rings on the grid.
pub(super) fn geometry(parts: &[Vec<Vec<GridPoint>>]) -> Result<ParcelGeometry, EditProblem> {
    let closed = |ring: &Vec<GridPoint>| ring.iter().chain(ring.first()).map(|point| point.degrees()).collect();
    let raw = RawGeometry { parts: parts.iter().map(|part| part.iter().map(closed).collect()).collect(), ..RawGeometry::default() };
    ParcelGeometry::try_new(&raw, Crs::Cgcs2000, AxisOrder::EastFirst).map(|accepted| accepted.geometry).map_err(EditProblem::Invalid)
}

/// The directed edges of a geometry, its land on their left.
pub(super) fn boundary(geometry: &ParcelGeometry) -> impl Iterator<Item = (GridPoint, GridPoint)> {
    geometry.rings().flat_map(|ring| ring.iter().copied().zip(ring.iter().copied().cycle().skip(1)).take(ring.len()))
}
