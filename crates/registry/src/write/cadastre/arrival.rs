//! What do the topology rules say of parcels that sources send?
//!
//! A department's record is never refused for its neighbours: who is right is for people to decide. What does not fit is
//! told with the row and kept with the record. Records that may speak of the same parcel do not stand against each other.

use std::borrow::Cow;
use std::collections::BTreeSet;

use ahash::{AHashMap, AHashSet};
use jiku_model::{Attributes, Dimension, EntityId, Problem, Severity, civil_day};
use jiku_spatial::topology::{self, Candidate, Finding, Rule, Surroundings, TopologySeverity, reach};
use jiku_spatial::{Crs, ParcelGeometry, Placement, Snapshot, SpatialIndex, displaced, placement, suspected_system};
use rayon::prelude::*;

use super::check::{is_over, layer, stage};
use crate::cadastre::Cadastre;
use crate::memory::pair;
use crate::write::batch::{Found, Place, Row};
use crate::write::crowds::MOST_DOUBTS;
use crate::write::settle::Desk;
use crate::write::state::now;

/// At most this many findings are told of a row.
const MOST_TOLD: usize = 20;

/// So many rows of a batch are asked whether the batch lies where it is said to.
const MOST_ASKED: usize = 64;

/// What a record that arrives says of itself, where it could stand against others that come along.
struct Standing<'r> {
    code: Option<&'r str>,
    layer: u8,
    is_over: bool,
}

/// What the rules say of records that arrive.
#[derive(Default)]
pub(crate) struct Examined {
    /// The findings about each record, by slot.
    pub(crate) told: AHashMap<u32, Vec<Problem>>,
    /// The pairs of registered parcels that overlap: of each record so many as may wait for a steward.
    pub(crate) overlaps: BTreeSet<(u32, u32)>,
}

/// Looks at each changed record that has a boundary, among the current parcels and within the batch.
pub(crate) fn examine<'r>(desk: &Desk<'_>, changed: &[(&'r Row, &Place)], pairs: &[Found]) -> Examined {
    let view = desk.shelf.parcels.view();
    let attributes = |at: usize| &changed[at].0.prepared.content.attributes;
    let shape = |(row, _): &(&'r Row, &Place)| row.prepared.content.survey.as_ref().map(|survey| &survey.geometry);
    let shapes: Vec<Option<&ParcelGeometry>> = changed.iter().map(shape).collect();
    let batch = SpatialIndex::bulk_load((0..).zip(&shapes).filter_map(|(at, shape)| Some((at, (*shape)?)))).snapshot();
    let mut kin: AHashMap<u32, Vec<u32>> = AHashMap::new();
    for pair in pairs {
        kin.entry(pair.slot).or_default().push(pair.other);
        kin.entry(pair.other).or_default().push(pair.slot);
    }
    let replaced: AHashSet<EntityId> = changed.iter().filter_map(|(_, place)| place.head.as_ref()?.entity).collect();
    let graph = &*desk.graph;
    let today = civil_day(now()).to_string();
    let standing = |(row, _): &(&'r Row, &Place)| {
        let attributes = &row.prepared.content.attributes;
        let code = attributes.get("parcel_code");
        Standing { code, layer: layer(code), is_over: is_over(attributes.get("valid_to"), &today) }
    };
    let standing: Vec<Standing<'r>> = changed.iter().map(standing).collect();
    let strange = seem_strange(&shapes, &attributes, view.places());
    let look = |at: usize| -> Option<(u32, Vec<Problem>, Vec<u32>)> {
        let geometry = shapes[at]?;
        let slot = changed[at].1.slot;
        let own = &standing[at];
        let related = kin.get(&slot).map_or(&[][..], Vec::as_slice);
        let same: AHashSet<EntityId> = related.iter().filter_map(|other| graph.node(*other)).map(|node| node.entity).collect();
        let counts = |slot: u32| {
            view.get(slot).is_some_and(|other| {
                let stays = !same.contains(&other.id) && !replaced.contains(&other.id);
                stays && layer(other.value("parcel_code")) == own.layer && !is_over(other.value("valid_to"), &today)
            })
        };
        let comes_along = |other: &usize| {
            let theirs = &standing[*other];
            *other != at
                && !theirs.is_over
                && theirs.layer == own.layer
                && (own.code.is_none() || theirs.code != own.code)
                && !related.contains(&changed[*other].1.slot)
        };
        let beside = |geometry: &ParcelGeometry| -> Vec<(u32, &ParcelGeometry)> {
            let near = batch.in_bbox(&reach(geometry)).into_iter().map(|other| other as usize);
            near.filter(comes_along).filter_map(|other| Some((changed[other].1.slot, shapes[other]?))).collect()
        };
        let Cadastre { tolerances, divisions, extent } = desk.cadastre;
        let rules = |geometry: &ParcelGeometry, divisions| {
            // Areas are compared when the record is read.
            let candidate = Candidate { geometry, registered_area_m2: None, county: attributes(at).get("division") };
            let around = Surroundings {
                snapshot: view.places(),
                counts: &counts,
                beside: &beside(geometry),
                divisions,
                extent: *extent,
                former: None,
                complete: false,
            };
            topology::check(&candidate, &around, tolerances, stage(attributes(at)))
        };
        let lies_over_others = |report: &topology::Report| report.findings.iter().any(|found| found.rule == Rule::Overlap);
        let report = rules(geometry, divisions);
        let mut told: Vec<Problem> = report.findings.iter().take(MOST_TOLD).map(problem).collect();
        let suspected = if report.alone || strange { suspicion(geometry, attributes(at), view.places()).map(seems) } else { None };
        // A row that lies over strangers among rows that are right, and fits into a place that is free once a shift is taken back.
        let misplaced = || {
            let of_degrees = declared(attributes(at)).is_none_or(|crs| !crs.is_projected() && !matches!(crs, Crs::Gcj02 | Crs::Bd09));
            let (system, moved) = displaced(geometry, view.places(), &batch).filter(|_| of_degrees)?;
            (!lies_over_others(&rules(&moved, &[]))).then(|| seems(system))
        };
        let displaced = if suspected.is_none() && lies_over_others(&report) { misplaced() } else { None };
        told.extend(suspected.or(displaced));
        // Nothing has to give way to a draft, nor does a draft take anybody's land.
        let is_draft = |other: u32| view.get(other).is_some_and(|other| other.value("stage") == Some("draft"));
        let overlaps = report.findings.iter().filter(|found| found.rule == Rule::Overlap && found.severity == TopologySeverity::Block);
        let overlaps = overlaps.filter_map(|found| found.other).filter(|other| !own.is_over && !is_draft(*other));
        let overlaps: Vec<u32> = overlaps.take(MOST_DOUBTS).collect();
        (!told.is_empty()).then_some((slot, told, overlaps))
    };
    let found: Vec<(u32, Vec<Problem>, Vec<u32>)> = (0..changed.len()).into_par_iter().filter_map(look).collect();
    let overlaps = found.iter().flat_map(|(slot, _, others)| others.iter().map(|other| pair(*slot, *other))).collect();
    Examined { told: found.into_iter().map(|(slot, told, _)| (slot, told)).collect(), overlaps }
}

/// Whether parcels that come together seem to lie elsewhere than they are said to: their neighbours then came along, so they are not alone.
/// Of rows from all over the batch more meet the current parcels once they are taken for another system than meet them as they are.
fn seem_strange<'a>(shapes: &[Option<&ParcelGeometry>], attributes: &(impl Fn(usize) -> &'a Attributes + Sync), places: &Snapshot) -> bool {
    if places.is_empty() {
        return false;
    }
    let ask = |at: usize| Some(placement(shapes[at]?, declared(attributes(at)), places));
    let asked = (0..shapes.len()).step_by(shapes.len().div_ceil(MOST_ASKED).max(1));
    let told: Vec<Placement> = asked.collect::<Vec<_>>().into_par_iter().filter_map(ask).collect();
    let fit = told.iter().filter(|told| **told == Placement::Fits).count();
    told.iter().filter(|told| matches!(told, Placement::Seems(_))).count() > fit
}

fn declared(attributes: &Attributes) -> Option<Crs> {
    attributes.get("source_crs").and_then(|text| text.parse().ok())
}

/// In which other system than was declared a boundary seems to be.
pub(crate) fn suspicion(geometry: &ParcelGeometry, attributes: &Attributes, places: &Snapshot) -> Option<Crs> {
    suspected_system(geometry, declared(attributes), places)
}

/// That a boundary seems to be in this system, in Chinese.
pub(crate) fn seems_zh(system: Crs) -> String {
    format!("界址与相邻宗地不接，按 {system} 解释则相接，请声明该坐标系")
}

/// That a boundary seems to be in this system.
pub(crate) fn seems(system: Crs) -> Problem {
    let advice = format!("the boundary misses its neighbours and meets them as {system}: declare that system");
    let code = if system.is_projected() { "zone-suspected" } else { "datum-suspected" };
    Problem { advice: Cow::Owned(advice), ..flag(Severity::Flag, code) }
}

fn flag(severity: Severity, code: &'static str) -> Problem {
    Problem {
        code: Cow::Borrowed(code),
        severity,
        dimension: Dimension::Consistency,
        field: Some(Cow::Borrowed("geometry")),
        advice: Cow::Borrowed(""),
    }
}

/// A finding as a problem of the row, with its place in words.
fn problem(finding: &Finding) -> Problem {
    let severity = match finding.rule {
        Rule::Sliver | Rule::MissingVertex => Severity::Note,
        _ => Severity::Flag,
    };
    let mut place = finding.place.as_ref().map(|place| &place["coordinates"]);
    while let Some(inner) = place.and_then(|place| place.get(0)).filter(|inner| inner.is_array()) {
        place = Some(inner);
    }
    let position = place.and_then(|place| Some((place.get(0)?.as_f64()?, place.get(1)?.as_f64()?)));
    let at = position.map(|(lon, lat)| format!(" (at {lon:.6} {lat:.6})")).unwrap_or_default();
    Problem { advice: Cow::Owned(format!("{}{at}", finding.message_en)), ..flag(severity, finding.rule.code()) }
}
