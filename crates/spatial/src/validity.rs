//! Do the rings of a geometry make a polygon?
//!
//! The rules of OGC 06-103r4, clause 6.1.11, all told at once, in exact integer arithmetic: no library that could panic
//! or round is asked.

use std::collections::{HashMap, HashSet};

use crate::ParcelGeometry;
use crate::grid::{GridPoint, Meeting, Side, meet, side_of_ring, turn};
use crate::problem::{GeometryFault, GeometryProblem};

/// The most problems that are reported.
pub(crate) const MAX_PROBLEMS: usize = 100;
/// The most pairs of edges whose boxes meet that are looked at: a hundred times what any real boundary has.
const MAX_PAIRS: usize = 10_000_000;
/// The most steps that may be spent on where rings lie: real boundaries take a few thousand.
const MAX_STEPS: usize = 300_000_000;

struct Edge {
    part: u32,
    ring: u32,
    number: u32,
    from: GridPoint,
    to: GridPoint,
}

/// A ring: part and number within it.
pub(crate) type Ring = (u32, u32);

/// Which rings touch, with the places.
type Touches = HashMap<[Ring; 2], Vec<GridPoint>>;

/// How rings meet.
#[derive(Default)]
struct Met {
    touches: Touches,
    /// Rings that cross or run along one another.
    crossing: HashSet<[Ring; 2]>,
}

impl Met {
    fn cross(&self, one: Ring, other: Ring) -> bool {
        self.crossing.contains(&[one.min(other), one.max(other)])
    }

    fn touch(&self, one: Ring, other: Ring) -> bool {
        self.touches.contains_key(&[one.min(other), one.max(other)])
    }
}

struct Report(Vec<GeometryProblem>);

impl Report {
    fn add(&mut self, fault: GeometryFault, part: u32, ring: u32, place: GridPoint) {
        let problem = GeometryProblem { fault, place: Some(place.degrees()), part: Some(part as usize), ring: Some(ring as usize) };
        if self.0.len() < MAX_PROBLEMS && !self.0.contains(&problem) {
            self.0.push(problem);
        }
    }
}

/// Everything that keeps the geometry from being valid, beside its `unusable` rings, of which it has been told.
pub(crate) fn problems(geometry: &ParcelGeometry, unusable: &HashSet<Ring>) -> Vec<GeometryProblem> {
    let mut report = Report(Vec::new());
    let too_complex = || {
        let place = Some(geometry.bbox().centre().degrees());
        vec![GeometryProblem { place, ..GeometryProblem::whole(GeometryFault::TooComplex) }]
    };
    let edges: Vec<Edge> = edges(geometry).into_iter().filter(|edge| !unusable.contains(&(edge.part, edge.ring))).collect();
    // A ring without an area runs back on itself somewhere or crosses itself: no test of its own.
    for_each_ring(geometry, |part, ring, points| {
        if unusable.contains(&(part, ring)) {
            return;
        }
        let count = points.len();
        for at in 0..count {
            let [before, here, after] = [points[(at + count - 1) % count], points[at], points[(at + 1) % count]];
            let turns_back = turn(before, here, after) == 0
                && (i128::from(here.lon - before.lon) * i128::from(after.lon - here.lon)
                    + i128::from(here.lat - before.lat) * i128::from(after.lat - here.lat))
                    < 0;
            if turns_back {
                report.add(GeometryFault::Degenerate, part, ring, here);
            }
        }
    });
    let Some(met) = meetings(&edges, &mut report) else {
        return too_complex();
    };
    let own = |problem: &GeometryProblem| matches!(problem.fault, GeometryFault::Degenerate | GeometryFault::SelfIntersection);
    let broken: HashSet<Ring> =
        report.0.iter().filter(|problem| own(problem)).filter_map(|problem| ring_of(problem.part?, problem.ring?)).collect();
    if containment(geometry, &met, &broken, unusable, &mut report).is_none() {
        return too_complex();
    }
    // Whether an interior hangs together is only asked where everything else is right.
    if report.0.is_empty() && unusable.is_empty() {
        connected_interiors(&met.touches, &mut report);
    }
    report.0
}

#[expect(clippy::cast_possible_truncation, reason = "parts, rings and vertices are limited far below 2^32")]
fn for_each_ring<'a>(geometry: &'a ParcelGeometry, mut visit: impl FnMut(u32, u32, &'a [GridPoint])) {
    for (part_number, part) in geometry.parts().iter().enumerate() {
        for (ring_number, ring) in part.rings().iter().enumerate() {
            visit(part_number as u32, ring_number as u32, ring);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "vertices are limited far below 2^32")]
fn edges(geometry: &ParcelGeometry) -> Vec<Edge> {
    let mut edges = Vec::with_capacity(geometry.vertex_count());
    for_each_ring(geometry, |part, ring, points| {
        for (number, &from) in points.iter().enumerate() {
            edges.push(Edge { part, ring, number: number as u32, from, to: points[(number + 1) % points.len()] });
        }
    });
    edges
}

fn ring_of(part: usize, ring: usize) -> Option<Ring> {
    Some((u32::try_from(part).ok()?, u32::try_from(ring).ok()?))
}

/// Looks at every pair of edges whose boxes meet; none when there are too many.
fn meetings(edges: &[Edge], report: &mut Report) -> Option<Met> {
    let mut ring_sizes: HashMap<Ring, u32> = HashMap::new();
    for edge in edges {
        *ring_sizes.entry((edge.part, edge.ring)).or_default() += 1;
    }
    let mut met = Met::default();
    let mut pairs = 0;
    let mut order: Vec<&Edge> = edges.iter().collect();
    order.sort_unstable_by_key(|edge| edge.from.lon.min(edge.to.lon));
    for (at, left) in order.iter().enumerate() {
        let east = left.from.lon.max(left.to.lon);
        for right in order[at + 1..].iter().take_while(|right| right.from.lon.min(right.to.lon) <= east) {
            pairs += 1;
            if pairs > MAX_PAIRS {
                return None;
            }
            let (first, second) = if (left.part, left.ring, left.number) < (right.part, right.ring, right.number) {
                (*left, *right)
            } else {
                (*right, *left)
            };
            judge(first, second, ring_sizes[&(first.part, first.ring)], &mut met, report);
        }
    }
    Some(met)
}

fn judge(first: &Edge, second: &Edge, ring_size: u32, met: &mut Met, report: &mut Report) {
    let meeting = meet(first.from, first.to, second.from, second.to);
    if meeting == Meeting::Apart {
        return;
    }
    let same_ring = (first.part, first.ring) == (second.part, second.ring);
    if same_ring {
        let apart = second.number - first.number;
        let adjacent = apart == 1 || apart == ring_size - 1;
        match meeting {
            Meeting::Touch(_) if adjacent => {}
            // A spike: reported at its tip.
            Meeting::Overlap(..) if adjacent => {}
            Meeting::Touch(place) | Meeting::Cross(place) | Meeting::Overlap(place, _) => {
                report.add(GeometryFault::SelfIntersection, first.part, first.ring, place);
            }
            Meeting::Apart => {}
        }
        return;
    }
    let rings = [(first.part, first.ring), (second.part, second.ring)];
    match meeting {
        Meeting::Touch(place) => {
            let places = met.touches.entry(rings).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
        Meeting::Cross(place) | Meeting::Overlap(place, _) => {
            met.crossing.insert(rings);
            report.add(GeometryFault::RingsConflict, second.part, second.ring, place);
        }
        Meeting::Apart => {}
    }
}

/// Holes lie in their shell and not in each other; parts lie outside each other. None when it takes too many steps.
///
/// Where a ring lies is only asked of rings that are simple and do not cross; of a `broken` one it is told that a hole lies far from it.
fn containment(geometry: &ParcelGeometry, met: &Met, broken: &HashSet<Ring>, unusable: &HashSet<Ring>, report: &mut Report) -> Option<()> {
    let mut rings: Vec<(u32, u32, &[GridPoint])> = Vec::new();
    for_each_ring(geometry, |part, ring, points| rings.push((part, ring, points)));
    let boxes: Vec<_> = rings.iter().map(|(_, _, points)| crate::BoundingBox::around(points.iter().copied()).unwrap_or_default()).collect();
    let shells: Vec<usize> = rings.iter().enumerate().filter(|(_, ring)| ring.1 == 0).map(|(at, _)| at).collect();
    let mut steps = MAX_STEPS;
    for (at, &(part, ring, points)) in rings.iter().enumerate() {
        let own = (part, ring);
        if unusable.contains(&own) || (ring > 0 && unusable.contains(&(part, 0))) {
            continue;
        }
        let touching = |other: Ring| met.touch(own, other);
        let told = |other: Ring| broken.contains(&own) || broken.contains(&other) || unusable.contains(&other) || met.cross(own, other);
        if ring > 0 {
            let shell = shells[part as usize];
            if told((part, 0)) {
                if let Some(&place) = points.first().filter(|_| !boxes[shell].intersects(&boxes[at])) {
                    report.add(GeometryFault::RingsConflict, part, ring, place);
                }
            } else if let Some(place) = stray(points, rings[shell].2, touching((part, 0)), Side::Outside, &mut steps)? {
                report.add(GeometryFault::RingsConflict, part, ring, place);
            }
            // Two holes of one part: neither lies in the other.
            let siblings = rings[shell + 1..].iter().zip(&boxes[shell + 1..]).take_while(|(other, _)| other.0 == part);
            for (&(_, other, other_points), bbox) in siblings {
                if other == ring || told((part, other)) || !bbox.intersects(&boxes[at]) {
                    continue;
                }
                if let Some(place) = stray(points, other_points, touching((part, other)), Side::Inside, &mut steps)? {
                    report.add(GeometryFault::RingsConflict, part, ring, place);
                }
            }
        } else {
            for &shell in &shells {
                let (other, _, other_points) = rings[shell];
                if other == part || told((other, 0)) || !boxes[shell].intersects(&boxes[at]) {
                    continue;
                }
                let Some(place) = stray(points, other_points, touching((other, 0)), Side::Inside, &mut steps)? else { continue };
                // Inside the other's shell is allowed only inside one of its holes.
                let mut in_hole = false;
                for (hole, number) in geometry.parts()[other as usize].rings()[1..].iter().zip(1..) {
                    in_hole |=
                        told((other, number)) || stray(points, hole, touching((other, number)), Side::Outside, &mut steps)?.is_none();
                }
                if !in_hole {
                    report.add(GeometryFault::RingsConflict, part, 0, place);
                }
            }
        }
    }
    Some(())
}

/// A place of `ring` that lies on the `wrong` side of `other`. Rings that do not touch are wholly on one side, so one
/// vertex tells; rings that touch are looked at vertex by vertex, and in the middle of edges that start and end on the
/// other. The outer `None` says that the steps are used up.
fn stray(ring: &[GridPoint], other: &[GridPoint], touching: bool, wrong: Side, steps: &mut usize) -> Option<Option<GridPoint>> {
    *steps = steps.checked_sub(other.len() * if touching { 2 * ring.len() } else { 1 })?;
    let side = |point: GridPoint| side_of_ring(point, other.iter().copied());
    if !touching {
        return Some(ring.first().copied().filter(|&point| side(point) == wrong));
    }
    let sides: Vec<Side> = ring.iter().map(|&point| side(point)).collect();
    if let Some(at) = sides.iter().position(|&side| side == wrong) {
        return Some(Some(ring[at]));
    }
    let double = |point: &GridPoint| GridPoint { lon: 2 * point.lon, lat: 2 * point.lat };
    let next = |at: usize| (at + 1) % ring.len();
    Some((0..ring.len()).filter(|&at| sides[at] == Side::Boundary && sides[next(at)] == Side::Boundary).find_map(|at| {
        let (from, to) = (ring[at], ring[next(at)]);
        let middle = GridPoint { lon: from.lon + to.lon, lat: from.lat + to.lat };
        (side_of_ring(middle, other.iter().map(double)) == wrong).then_some(from)
    }))
}

/// The rings of a part and the places where they touch make a graph; a cycle in it cuts the interior in two.
fn connected_interiors(touches: &Touches, report: &mut Report) {
    /// A node: a ring of a part, or a place of a part.
    #[derive(Clone, Copy, PartialEq, Eq, Hash)]
    enum Node {
        Ring(u32, u32),
        Place(u32, GridPoint),
    }
    fn root(parents: &mut HashMap<Node, Node>, node: Node) -> Node {
        let mut at = node;
        while let Some(&parent) = parents.get(&at) {
            at = parent;
        }
        if at != node {
            parents.insert(node, at);
        }
        at
    }
    let mut links: Vec<(u32, u32, GridPoint)> = Vec::new();
    for ([first, second], places) in touches.iter().filter(|([first, second], _)| first.0 == second.0) {
        links.extend(places.iter().flat_map(|&place| [(first.0, first.1, place), (second.0, second.1, place)]));
    }
    links.sort_unstable();
    links.dedup();
    let mut parents = HashMap::new();
    for (part, ring, place) in links {
        let ends = [Node::Ring(part, ring), Node::Place(part, place)].map(|node| root(&mut parents, node));
        if ends[0] == ends[1] {
            report.add(GeometryFault::InteriorDisconnected, part, ring, place);
        } else {
            parents.insert(ends[0], ends[1]);
        }
    }
}
