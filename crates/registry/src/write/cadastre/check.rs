//! Do the parcels of an edit fit among their neighbours?

use ahash::AHashSet;
use chrono::NaiveDate;
use jiku_model::{Attributes, EntityId, Kind, Timestamp};
use jiku_spatial::ParcelGeometry;
use jiku_spatial::topology::{self, Candidate, Rule, Stage, Surroundings, Tolerances, TopologySeverity};

use super::plan::Plan;
use crate::cadastre::Cadastre;
use crate::facade::{SnapProposal, TopologyFinding, TopologyReport};
use crate::memory::Shelf;
use crate::write::state::Core;

/// A parcel that is looked at.
pub(crate) struct Subject<'a> {
    /// Its place among the parcels of the request.
    pub(crate) part: usize,
    /// The parcel, when it exists.
    pub(crate) parcel: Option<EntityId>,
    pub(crate) attributes: &'a Attributes,
    pub(crate) geometry: &'a ParcelGeometry,
}

pub(super) fn check(core: &Core, at: Timestamp, plan: &Plan) -> TopologyReport {
    let mut absent: AHashSet<EntityId> = plan.out.iter().map(|(_, entity)| *entity).collect();
    absent.extend(plan.puts.iter().filter_map(|put| put.of));
    let subjects: Vec<Subject<'_>> = plan
        .puts
        .iter()
        .enumerate()
        .filter(|(_, put)| put.checked)
        .filter_map(|(part, put)| {
            let attributes = &put.row.prepared.content.attributes;
            put.geometry.as_ref().map(|geometry| Subject { part, parcel: put.of, attributes, geometry })
        })
        .collect();
    let day = jiku_model::civil_day(at);
    judge(core.shelf(Kind::Parcel), &core.cadastre, &subjects, &absent, (plan.undoes.is_none(), day))
}

/// Numbers of the parcels of one request, which no slot has: those of the past end far below.
const BESIDE: u32 = u32::MAX - 1_000;

/// What the rules say of parcels among those that stand on a day, without those that are `absent`, and when `among` is set among each other
/// and beside what they were before.
pub(crate) fn judge(
    shelf: &Shelf,
    cadastre: &Cadastre,
    subjects: &[Subject<'_>],
    absent: &AHashSet<EntityId>,
    (among, day): (bool, NaiveDate),
) -> TopologyReport {
    let day = day.to_string();
    let mut report = TopologyReport { tolerances: cadastre.tolerances, ..TopologyReport::default() };
    let view = shelf.parcels.view();
    // As they would be once the proposals are taken: what one cures is not told of its neighbour again.
    let mut together: Vec<(u32, ParcelGeometry)> =
        (BESIDE..).zip(subjects).map(|(number, subject)| (number, subject.geometry.clone())).collect();
    for (at, subject) in subjects.iter().enumerate() {
        let own = layer(subject.attributes.get("parcel_code"));
        // Records that say again what they said before an edit stand as they stood, also beside others of the same parcel.
        let comes_along = |other: usize| among && other != at && layer(subjects[other].attributes.get("parcel_code")) == own;
        let beside: Vec<(u32, &ParcelGeometry)> = together
            .iter()
            .enumerate()
            .filter(|(other, _)| comes_along(*other))
            .map(|(_, (number, geometry))| (*number, geometry))
            .collect();
        let counts = |slot: u32| {
            view.get(slot).is_some_and(|other| {
                !absent.contains(&other.id) && layer(other.value("parcel_code")) == own && !is_over(other.value("valid_to"), &day)
            })
        };
        let former = subject.parcel.filter(|_| among).and_then(|parcel| view.places().geometry(shelf.parcels.slot(parcel)?));
        let ended = is_over(subject.attributes.get("valid_to"), &day);
        let candidate = Candidate {
            geometry: subject.geometry,
            registered_area_m2: subject.attributes.get("registered_area_m2").and_then(|area| area.parse().ok()),
            county: subject.attributes.get("division"),
        };
        let Cadastre { divisions, extent, .. } = cadastre;
        let around = Surroundings {
            snapshot: view.places(),
            counts: &counts,
            beside: &beside,
            divisions,
            extent: *extent,
            former: former.as_ref(),
            complete: true,
        };
        let found = topology::check(&candidate, &around, &cadastre.tolerances, stage(subject.attributes));
        for finding in found.findings {
            let sibling = finding.other.and_then(|slot| subjects.get(slot.checked_sub(BESIDE)? as usize));
            let other = finding.other.and_then(|slot| view.get(slot));
            let other_code =
                sibling.map_or_else(|| other.and_then(|other| other.value("parcel_code")), |sibling| sibling.attributes.get("parcel_code"));
            // Nothing has to give way to a draft, and what has ended takes nobody's land.
            let gives_way = finding.rule == Rule::Overlap && (ended || other.is_some_and(|other| other.value("stage") == Some("draft")));
            let severity = if gives_way { finding.severity.min(TopologySeverity::Warn) } else { finding.severity };
            report.findings.push(TopologyFinding {
                part: subject.part,
                rule: finding.rule.id(),
                code: finding.rule.code(),
                severity: severity.as_str(),
                tolerance: tolerance(finding.rule, &cadastre.tolerances),
                message_en: finding.message_en,
                message_zh: finding.message_zh,
                other: sibling.map_or_else(|| other.map(|other| other.id), |sibling| sibling.parcel),
                other_code: other_code.map(str::to_owned),
                place: finding.place,
            });
        }
        // What lies in another county may be out of the editor's sight.
        let county = subject.attributes.get("division");
        for (slot, completed) in found.completed {
            let Some(other) = view.get(slot).filter(|other| other.value("division") == county) else { continue };
            report.proposals.push(SnapProposal { part: subject.part, parcel: Some(other.id), geometry: completed.to_geojson() });
        }
        if let Some(snapped) = found.snapped {
            report.proposals.push(SnapProposal { part: subject.part, parcel: subject.parcel, geometry: snapped.to_geojson() });
            together[at].1 = snapped;
        }
    }
    let rank = |severity: &str| ["block", "warn", "note"].iter().position(|known| *known == severity);
    report.findings.sort_by_key(|finding| (rank(finding.severity), finding.part));
    report
}

/// Whether a parcel has ended by a day. Dates may be of a year or a month, which sort before their days.
pub(crate) fn is_over(valid_to: Option<&str>, day: &str) -> bool {
    valid_to.is_some_and(|to| to <= day)
}

/// How far a parcel has come by what it says.
pub(super) fn stage(attributes: &Attributes) -> Stage {
    if attributes.get("stage") == Some("draft") { Stage::Draft } else { Stage::Registered }
}

/// Parcels above (S) and below the ground (X) lie over others without overlapping them (GB/T 37346-2019, 4.2.2), and so do those of land
/// ownership (A) over those of the rights to use it.
pub(super) fn layer(code: Option<&str>) -> u8 {
    match code.and_then(|code| code.as_bytes().get(13)) {
        Some(letter @ (b'S' | b'X' | b'A')) => *letter,
        _ => 0,
    }
}

/// What a rule allows: metres, or a share of the area.
const fn tolerance(rule: Rule, tolerances: &Tolerances) -> Option<f64> {
    match rule {
        Rule::Overlap | Rule::Gap | Rule::UnionChanged | Rule::MissingVertex | Rule::Strip => Some(tolerances.snap_m),
        Rule::Sliver | Rule::Nothing => Some(tolerances.noise_m),
        Rule::OutsideDivision | Rule::CodeDivision => Some(tolerances.division_m),
        Rule::Area => Some(tolerances.area[0]),
        _ => None,
    }
}
