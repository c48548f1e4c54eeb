//! Which rules does a parcel break?

use std::borrow::Cow;
use std::cell::LazyCell;

use geo::{BooleanOps, LineString, MultiPolygon, Polygon};
use serde_json::{Value, json};

use super::contact::{Contact, Outline, contact};
use super::finding::{Finding, Rule, Stage};
use super::overlay::{Piece, contained, difference, intersection, noded};
use super::{Tolerances, TopologySeverity, snap};
use crate::edit::faces::{self, Edges};
use crate::packed::{Packed, pack};
use crate::plane::{Plane, foot, length, minus, ring_width_m};
use crate::{BoundingBox, ParcelGeometry, Region, Snapshot};

/// A parcel that wants in.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// Its boundary.
    pub geometry: &'a ParcelGeometry,
    /// The area its certificate states.
    pub registered_area_m2: Option<f64>,
    /// The county its code names.
    pub county: Option<&'a str>,
}

/// What lies around it.
pub struct Surroundings<'a> {
    /// All current parcels.
    pub snapshot: &'a Snapshot,
    /// Whether the parcel in a slot is of the same layer and stays: not the one that is replaced, split or merged, not a
    /// parcel above or below the ground.
    pub counts: &'a dyn Fn(u32) -> bool,
    /// Parcels that come in together with it, and are not in the snapshot yet.
    pub beside: &'a [(u32, &'a ParcelGeometry)],
    /// Counties that could be meant.
    pub divisions: &'a [Division],
    /// The box of the province, when it is known.
    pub extent: Option<BoundingBox>,
    /// The boundary that the parcel had before, where it had one: its land is not to be left open in silence.
    pub former: Option<&'a ParcelGeometry>,
    /// Whether everything that lies around is there. While more may come, what is open is no gap yet, and no cure is sought.
    pub complete: bool,
}

/// A county with its extent.
#[derive(Clone, Debug)]
pub struct Division {
    /// Its code, GB/T 2260.
    pub code: String,
    extent: ParcelGeometry,
    region: Region,
}

impl Division {
    /// A county.
    #[must_use]
    pub fn new(code: impl Into<String>, extent: ParcelGeometry) -> Self {
        Self { code: code.into(), region: Region::from(&extent), extent }
    }
}

/// How far from a parcel the rules look: a metre, so that a gap between near neighbours is seen with what closes it.
#[must_use]
pub fn reach(geometry: &ParcelGeometry) -> BoundingBox {
    geometry.bbox().grown(100_000, 10_000)
}

/// A parcel that overlaps so many others is compared with no more: it is wrong all the same, and thousands that lie upon each other are not to be
/// compared each with each. What else lies around, such as gaps, is then not looked for.
const MOST_OVERLAPPED: usize = 50;

/// So many of those around are looked at before the others are asked for: where thousands lie upon each other, these will do.
const FIRST: usize = 1_000;

/// What was found, and a cure where there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Whether no other parcel lies within a metre.
    pub alone: bool,
    /// Everything that does not fit, the worst first.
    pub findings: Vec<Finding>,
    /// The boundary with its points brought to the neighbours' points and lines, when that changes anything and is valid.
    pub snapped: Option<ParcelGeometry>,
    /// Parcels of the snapshot that lack a vertex of this one on the shared border, each with its boundary with the vertex put in.
    pub completed: Vec<(u32, ParcelGeometry)>,
}

/// Checks a parcel against all rules.
#[must_use]
pub fn check(candidate: &Candidate<'_>, around: &Surroundings<'_>, tolerances: &Tolerances, stage: Stage) -> Report {
    let geometry = candidate.geometry;
    let plane = Plane::around(geometry.bbox().centre());
    let reach = reach(geometry);
    let (first, are_all) = around.snapshot.some_in_bbox(&reach, FIRST);
    let others = || if are_all { Vec::new() } else { around.snapshot.in_bbox(&reach) };
    let others = std::iter::once_with(others).flatten().filter(|slot| first.binary_search(slot).is_err());
    let placed = first.iter().copied().chain(others).filter(|slot| (around.counts)(*slot));
    let placed = placed.filter_map(|slot| Some((slot, Cow::Owned(around.snapshot.geometry(slot)?))));
    let coming = around.beside.iter().filter(|(_, geometry)| geometry.bbox().intersects(&reach));
    let coming = coming.map(|(slot, geometry)| (*slot, Cow::Borrowed(*geometry)));
    let mut outline = Outline::of(geometry);
    let mut checker = Checker { plane, tolerances, stage, findings: Vec::new() };
    let own = LazyCell::new(|| plane.shape(geometry));
    let (mut neighbours, mut outlines, mut unclear, mut overlapped) = (Vec::new(), Vec::new(), false, 0);
    for (slot, neighbour) in placed.chain(coming) {
        if overlapped == MOST_OVERLAPPED {
            break;
        }
        let of_neighbour = Outline::of(&neighbour);
        if contact(&mut outline, &of_neighbour, tolerances.snap_m) == Contact::Unclear {
            let (other, told) = (plane.shape(&neighbour), checker.findings.len());
            checker.overlap(&own, slot, &other);
            overlapped += usize::from(checker.findings[told..].iter().any(|finding| finding.rule == Rule::Overlap));
            checker.border(&own, slot, &other);
            unclear = true;
        }
        neighbours.push((slot, neighbour));
        outlines.push(of_neighbour);
    }
    let left = around.former.filter(|former| *former != geometry).and_then(|former| checker.left_open(&own, former, around));
    let crowded = overlapped == MOST_OVERLAPPED;
    if around.complete && !crowded && (unclear || may_enclose(&outline, &outlines)) {
        let others: Vec<MultiPolygon> = neighbours.iter().map(|(_, neighbour)| plane.shape(neighbour)).collect();
        checker.gaps(&own, &others, left.as_ref());
    }
    checker.thin(geometry);
    checker.extent(candidate, around.extent);
    checker.divisions(candidate, around.divisions);
    checker.area(candidate);
    // Where every neighbour fits to the point there is nothing to snap.
    let sought = around.complete && unclear && !crowded;
    let snapped = if sought { snap::proposal(geometry, &neighbours, &plane, tolerances.snap_m) } else { None };
    let completed = if sought { checker.completed(snapped.as_ref().unwrap_or(geometry), &neighbours) } else { Vec::new() };
    checker.findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.rule, finding.other));
    Report { findings: checker.findings, snapped, completed, alone: neighbours.is_empty() }
}

/// Whether a parcel and its neighbours could have a hole among them. Exact where borders have the same vertices on both
/// sides: there what they make together has the edges that only one of them has.
fn may_enclose(own: &Outline, others: &[Outline]) -> bool {
    if own.shared.iter().all(|shared| *shared) {
        return false;
    }
    let mut edges = Edges::new();
    for &(from, to) in others.iter().chain([own]).flat_map(|outline| &outline.edges) {
        if !edges.remove(&(to, from)) {
            edges.insert((from, to));
        }
    }
    faces::parts(&edges).iter().any(|rings| rings.len() > 1)
}

struct Checker<'a> {
    plane: Plane,
    tolerances: &'a Tolerances,
    stage: Stage,
    findings: Vec<Finding>,
}

/// How many vertices of the neighbour a shared border lacks here, and how many of this parcel's it lacks there.
fn missing_in_words(here: usize, there: usize) -> (String, String) {
    let vertices = |count: usize| if count == 1 { "1 vertex".to_owned() } else { format!("{count} vertices") };
    let mine = (format!("lacks {} of the neighbour", vertices(here)), format!("本宗地缺少相邻宗地的 {here} 个界址点"));
    let other = (format!("lacks {} of this parcel", vertices(there)), format!("相邻宗地缺少本宗地的 {there} 个界址点"));
    match (here, there) {
        (_, 0) => (format!("on the shared border this parcel {}", mine.0), format!("共用界线上{}", mine.1)),
        (0, _) => (format!("on the shared border the neighbour {}", other.0), format!("共用界线上{}", other.1)),
        _ => (
            format!("on the shared border this parcel {}, and the neighbour {}", mine.0, other.0),
            format!("共用界线上{}，{}", mine.1, other.1),
        ),
    }
}

impl Checker<'_> {
    fn add(&mut self, rule: Rule, other: Option<u32>, message_en: String, message_zh: String, place: Option<Value>) {
        let severity = rule.severity(self.stage);
        self.findings.push(Finding { rule, severity, other, message_en, message_zh, place });
    }

    fn not_computed(&mut self, other: Option<u32>) {
        let (en, zh) = ("the shapes cannot be laid over each other: have them looked at", "几何无法叠加计算，请人工检查");
        self.add(Rule::NotComputed, other, en.to_owned(), zh.to_owned(), None);
    }

    fn overlap(&mut self, own: &MultiPolygon, slot: u32, other: &MultiPolygon) {
        let Some(pieces) = intersection(own, other, self.tolerances.noise_m) else { return self.not_computed(Some(slot)) };
        for piece in pieces {
            let (area, width) = (piece.area_m2, piece.width_m);
            let place = Some(piece.geojson(&self.plane));
            if width <= self.tolerances.snap_m {
                let en = format!("a sliver of {area:.3} m², {:.1} cm wide, lies in both parcels: snap the border", width * 100.0);
                self.add(
                    Rule::Sliver,
                    Some(slot),
                    en,
                    format!("与相邻宗地存在狭缝重叠 {area:.3} 平方米，宽约 {:.1} 厘米，建议捕捉边界", width * 100.0),
                    place,
                );
            } else {
                let en = format!("overlaps another parcel by {area:.2} m², {width:.2} m wide");
                self.add(Rule::Overlap, Some(slot), en, format!("与其他宗地重叠 {area:.2} 平方米，宽约 {width:.2} 米"), place);
            }
        }
    }

    /// Slivers of nothing along a border, and vertices that only one side has.
    fn border(&mut self, own: &MultiPolygon, slot: u32, other: &MultiPolygon) {
        let snap = self.tolerances.snap_m;
        let mut gap: Option<(f64, Vec<Value>)> = None;
        for (start, end) in edges(own) {
            for (from, to) in edges(other) {
                if let Some((width, strip)) = strip_between(start, end, from, to, self.tolerances.noise_m, snap) {
                    let ring: Value = strip.into_iter().map(|place| json!(self.plane.degrees(place))).collect();
                    let (widest, strips) = gap.get_or_insert((0.0, Vec::new()));
                    *widest = widest.max(width);
                    strips.push(json!([ring]));
                }
            }
        }
        // Where the shapes overlap there is no gap: the sliver has been told.
        let told = self.findings.iter().any(|finding| finding.other == Some(slot) && matches!(finding.rule, Rule::Sliver | Rule::Overlap));
        if let Some((width, strips)) = gap.filter(|_| !told) {
            let en = format!("a gap up to {:.1} cm wide lies along the border: snap it", width * 100.0);
            let place = Some(json!({"type": "MultiPolygon", "coordinates": strips}));
            self.add(Rule::Sliver, Some(slot), en, format!("与相邻宗地之间存在狭缝，宽至 {:.1} 厘米，建议捕捉边界", width * 100.0), place);
        }
        let mut missing: Vec<[f64; 2]> = lonely_vertices(other, own, snap);
        let here = missing.len();
        missing.extend(lonely_vertices(own, other, snap));
        if !missing.is_empty() {
            let points: Vec<Value> = missing.iter().map(|place| json!(self.plane.degrees(*place))).collect();
            let (en, zh) = missing_in_words(here, missing.len() - here);
            self.add(Rule::MissingVertex, Some(slot), en, zh, Some(json!({"type": "MultiPoint", "coordinates": points})));
        }
    }

    /// The neighbours, but for those that come along, that were told to lack a vertex of this parcel, and nothing worse of: with the vertex.
    fn completed(&self, own: &ParcelGeometry, neighbours: &[(u32, Cow<'_, ParcelGeometry>)]) -> Vec<(u32, ParcelGeometry)> {
        let about = |slot: u32| self.findings.iter().filter(move |finding| finding.other == Some(slot));
        let lacks = |slot: u32| about(slot).any(|finding| finding.rule == Rule::MissingVertex);
        let fits = |slot: u32| about(slot).all(|finding| matches!(finding.rule, Rule::MissingVertex | Rule::Sliver));
        // Those that come along are borrowed: each is told its own.
        let placed = neighbours.iter().filter(|(slot, neighbour)| matches!(neighbour, Cow::Owned(_)) && lacks(*slot) && fits(*slot));
        let completed =
            placed.filter_map(|(slot, neighbour)| Some((*slot, snap::completed(neighbour, own, &self.plane, self.tolerances.snap_m)?)));
        completed.collect()
    }

    /// Holes that the parcel and its neighbours enclose together.
    fn gaps(&mut self, own: &MultiPolygon, others: &[MultiPolygon], told: Option<&MultiPolygon>) {
        if others.is_empty() {
            return;
        }
        let shapes: Vec<&MultiPolygon> = std::iter::once(own).chain(others).collect();
        let noded = noded(&shapes, self.tolerances.snap_m);
        let joined = contained(|| noded.into_iter().reduce(|joined, other| joined.union(&other)).unwrap_or_else(|| own.clone()));
        let Some(joined) = joined else { return self.not_computed(None) };
        let holes = joined.0.iter().flat_map(Polygon::interiors);
        for hole in holes {
            let beside =
                hole.coords().any(|place| edges(own).any(|(start, end)| foot([place.x, place.y], start, end).1 <= self.tolerances.snap_m));
            let own_hole = own.0.iter().flat_map(Polygon::interiors).any(|interior| same_ring(interior, hole, self.tolerances.snap_m));
            if !beside || own_hole {
                continue;
            }
            let hole = MultiPolygon(vec![Polygon::new(hole.clone(), Vec::new())]);
            let nothing = MultiPolygon(Vec::new());
            for piece in difference(&hole, told.unwrap_or(&nothing), self.tolerances.snap_m).unwrap_or_default() {
                let (area, place) = (piece.area_m2, Some(piece.geojson(&self.plane)));
                self.add(
                    Rule::Gap,
                    None,
                    format!("a gap of {area:.2} m² is left between parcels"),
                    format!("宗地之间存在 {area:.2} 平方米空隙"),
                    place,
                );
            }
        }
    }

    /// Land that the parcel held and nobody holds now: a warning, however large it is. Gives it back.
    fn left_open(&mut self, own: &MultiPolygon, former: &ParcelGeometry, around: &Surroundings<'_>) -> Option<MultiPolygon> {
        let lost = contained(|| self.plane.shape(former).difference(own));
        let Some(mut lost) = lost else {
            self.not_computed(None);
            return None;
        };
        let reach = former.bbox();
        let current = around.snapshot.in_bbox(&reach).into_iter().filter(|slot| (around.counts)(*slot));
        let current = current.filter_map(|slot| around.snapshot.geometry(slot));
        let beside = around.beside.iter().map(|(_, geometry)| *geometry).filter(|geometry| geometry.bbox().intersects(&reach)).cloned();
        for other in current.chain(beside) {
            let other = self.plane.shape(&other);
            match contained(|| lost.difference(&other)) {
                Some(rest) => lost = rest,
                None => {
                    self.not_computed(None);
                    return None;
                }
            }
        }
        let pieces = difference(&lost, &MultiPolygon(Vec::new()), self.tolerances.snap_m).unwrap_or_default();
        for piece in &pieces {
            let (area, place) = (piece.area_m2, Some(piece.geojson(&self.plane)));
            let en = format!("{area:.2} m² that this parcel held are left to nobody");
            self.add(Rule::Gap, None, en, format!("本宗地原有的 {area:.2} 平方米土地不再属于任何宗地"), place);
            if let Some(finding) = self.findings.last_mut() {
                finding.severity = TopologySeverity::Warn;
            }
        }
        Some(MultiPolygon(pieces.into_iter().map(|piece| piece.polygon).collect()))
    }

    /// Parts and holes that round to nothing, or are thinner than boundary points are good to.
    fn thin(&mut self, geometry: &ParcelGeometry) {
        for part in geometry.parts() {
            for (number, ring) in part.rings().iter().enumerate() {
                let width = ring_width_m(ring);
                if width > self.tolerances.snap_m {
                    continue;
                }
                let (what_en, what_zh) = match (number, geometry.parts().len()) {
                    (0, 1) => ("the parcel", "宗地"),
                    (0, _) => ("a part of the parcel", "宗地的一个部件"),
                    _ => ("a hole of the parcel", "宗地的一个孔洞"),
                };
                let positions: Vec<[f64; 2]> = ring.iter().chain(ring.first()).map(|point| point.degrees()).collect();
                let place = Some(json!({"type": "Polygon", "coordinates": [positions]}));
                if width <= self.tolerances.noise_m {
                    let en = format!("{what_en} has no area: it is {:.2} mm wide on the whole", width * 1000.0);
                    self.add(Rule::Nothing, None, en, format!("{what_zh}没有面积，平均宽度仅 {:.2} 毫米", width * 1000.0), place);
                } else {
                    let en = format!("{what_en} is a strip {:.1} cm wide: look whether it is meant", width * 100.0);
                    self.add(Rule::Strip, None, en, format!("{what_zh}为狭长条，平均宽度仅 {:.1} 厘米，请核实", width * 100.0), place);
                }
            }
        }
    }

    fn extent(&mut self, candidate: &Candidate<'_>, extent: Option<BoundingBox>) {
        let bbox = candidate.geometry.bbox();
        if extent.is_some_and(|extent| !extent.covers(&bbox)) {
            let place = json!({"type": "Point", "coordinates": bbox.centre().degrees()});
            let (en, zh) =
                ("the parcel lies outside the province: check zone and axis order", "宗地位于本省范围之外，请检查分带与坐标轴顺序");
            self.add(Rule::OutsideExtent, None, en.to_owned(), zh.to_owned(), Some(place));
        }
    }

    fn divisions(&mut self, candidate: &Candidate<'_>, divisions: &[Division]) {
        let Some(county) = candidate.county else { return };
        let Some(division) = divisions.iter().find(|division| division.code == county) else { return };
        let mut words = Vec::new();
        pack(candidate.geometry, &mut words);
        if division.region.covers(Packed::new(&words)) {
            return;
        }
        let own = &self.plane.shape(candidate.geometry);
        let extent = &division.extent;
        let outside = if extent.bbox().intersects(&candidate.geometry.bbox()) {
            difference(own, &self.plane.shape(extent), self.tolerances.division_m)
        } else {
            let nothing = MultiPolygon(Vec::new());
            difference(own, &nothing, self.tolerances.division_m)
        };
        let Some(outside) = outside else { return self.not_computed(None) };
        let area: f64 = outside.iter().map(|piece| piece.area_m2).sum();
        if area == 0.0 {
            return;
        }
        let place = |pieces: &[Piece]| pieces.first().map(|piece| piece.geojson(&self.plane));
        let bbox = candidate.geometry.bbox();
        let home = divisions.iter().find(|other| other.code != county && self.mostly_in(own, bbox, &other.extent));
        if let Some(Division { code, .. }) = home {
            let place = place(&outside);
            self.add(
                Rule::CodeDivision,
                None,
                format!("the code names county {county}, the parcel lies in {code}"),
                format!("代码所示区县为 {county}，宗地位于 {code}"),
                place,
            );
        } else {
            let place = place(&outside);
            self.add(
                Rule::OutsideDivision,
                None,
                format!("{area:.1} m² lie outside county {county}"),
                format!("有 {area:.1} 平方米超出区县 {county} 范围"),
                place,
            );
        }
    }

    /// Whether less than a tenth of the parcel lies outside.
    fn mostly_in(&self, own: &MultiPolygon, bbox: BoundingBox, extent: &ParcelGeometry) -> bool {
        let area = |pieces: Vec<Piece>| pieces.iter().map(|piece| piece.area_m2).sum::<f64>();
        let nothing = MultiPolygon(Vec::new());
        extent.bbox().intersects(&bbox)
            && difference(own, &self.plane.shape(extent), 0.0)
                .zip(difference(own, &nothing, 0.0))
                .is_some_and(|(outside, all)| area(outside) < area(all) / 10.0)
    }

    fn area(&mut self, candidate: &Candidate<'_>) {
        let Some(registered) = candidate.registered_area_m2.filter(|area| *area > 0.0) else { return };
        let computed = candidate.geometry.planar_area().area_m2;
        let share = (registered - computed).abs() / registered;
        let [note, warn] = self.tolerances.area;
        if share > note {
            let en = format!("registered {registered:.2} m², computed {computed:.2} m²: {:.2} % apart", share * 100.0);
            self.add(
                Rule::Area,
                None,
                en,
                format!("登记面积 {registered:.2} 平方米，计算面积 {computed:.2} 平方米，相差 {:.2}%", share * 100.0),
                None,
            );
            if share <= warn
                && let Some(finding) = self.findings.last_mut()
            {
                finding.severity = TopologySeverity::Note;
            }
        }
    }
}

/// Every edge of every ring.
pub(super) fn edges(shape: &MultiPolygon) -> impl Iterator<Item = ([f64; 2], [f64; 2])> {
    let rings = shape.0.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    rings.flat_map(LineString::lines).map(|line| (line.start.into(), line.end.into()))
}

/// The strip between two segments that run along each other more than `least` and at most `most` apart, with its width.
fn strip_between(start: [f64; 2], end: [f64; 2], from: [f64; 2], to: [f64; 2], least: f64, most: f64) -> Option<(f64, [[f64; 2]; 5])> {
    let long = length(minus(end, start));
    // Only stretches longer than they are apart are strips.
    let reaches = |place| foot(place, start, end);
    let ((first, first_gap), (second, second_gap)) = (reaches(from), reaches(to));
    let stretch = (second - first).abs() * long;
    if stretch <= 4.0 * most {
        return None;
    }
    let along = |share: f64| [start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share];
    let across = |share: f64| {
        let place = along(share);
        let (at, gap) = foot(place, from, to);
        ([from[0] + (to[0] - from[0]) * at, from[1] + (to[1] - from[1]) * at], gap)
    };
    let ((near, near_gap), (far, far_gap)) = (across(first), across(second));
    let width = near_gap.max(far_gap);
    // Both ends of the stretch are near: the segments run along each other.
    let along_each_other =
        near_gap <= most && far_gap <= most && (first_gap <= most || second_gap <= most || near_gap.min(far_gap) <= most);
    (along_each_other && width > least).then_some((width, [along(first), along(second), far, near, along(first)]))
}

/// Vertices of `theirs` that lie on a border of `ours`, where `ours` has no vertex.
fn lonely_vertices(theirs: &MultiPolygon, ours: &MultiPolygon, snap: f64) -> Vec<[f64; 2]> {
    let on_border = |place: &[f64; 2]| edges(ours).any(|(start, end)| foot(*place, start, end).1 <= snap);
    let at_vertex = |place: &[f64; 2]| edges(ours).any(|(start, _)| length(minus(*place, start)) <= snap);
    edges(theirs).map(|(start, _)| start).filter(|place| on_border(place) && !at_vertex(place)).collect()
}

fn same_ring(left: &LineString, right: &LineString, snap: f64) -> bool {
    left.coords().all(|place| right.coords().any(|other| length(minus([place.x, place.y], [other.x, other.y])) <= snap))
}
