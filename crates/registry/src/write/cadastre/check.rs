//! Do the parcels of an edit fit among their neighbours?

use ahash::{AHashMap, AHashSet};
use jiku_model::{Attributes, EntityId, Kind};
use jiku_spatial::ParcelGeometry;
use jiku_spatial::topology::{self, Candidate, Rule, Stage, Surroundings, Tolerances, TopologySeverity};
use jiku_store::Reader;

use super::Result;
use super::plan::Plan;
use crate::facade::{SnapProposal, TopologyFinding, TopologyReport};
use crate::memory::Shelf;
use crate::write::images::read_golden;
use crate::write::session::Session;
use crate::write::state::Cadastre;

/// A parcel that is looked at.
pub(crate) struct Subject<'a> {
    /// Its place among the parcels of the request.
    pub(crate) part: usize,
    /// The parcel, when it exists.
    pub(crate) parcel: Option<EntityId>,
    pub(crate) attributes: &'a Attributes,
    pub(crate) geometry: &'a ParcelGeometry,
}

pub(super) fn check(session: &mut Session<'_, '_>, plan: &Plan) -> Result<TopologyReport> {
    let core = session.core;
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
    judge(core.shelf(Kind::Parcel), &core.cadastre, session.writer, &subjects, &absent)
}

/// What the rules say of parcels among the current ones, without those that are `absent`.
pub(crate) fn judge(
    shelf: &Shelf,
    cadastre: &Cadastre,
    reader: &mut Reader<'_>,
    subjects: &[Subject<'_>],
    absent: &AHashSet<EntityId>,
) -> Result<TopologyReport> {
    let mut report = TopologyReport { tolerances: cadastre.tolerances, ..TopologyReport::default() };
    let snapshot = shelf.spatial.snapshot();
    for subject in subjects {
        // A metre around, as far as the rules look.
        let reach = subject.geometry.bbox().grown(100_000, 10_000);
        let around: AHashMap<u32, EntityId> = {
            let slots = snapshot.in_bbox(&reach);
            let lookup = shelf.lookup.read();
            slots.into_iter().filter_map(|slot| Some((slot, lookup.entity(slot)?))).filter(|(_, id)| !absent.contains(id)).collect()
        };
        let ids: Vec<EntityId> = around.values().copied().collect();
        let codes: AHashMap<EntityId, Option<String>> = reader.codes_of_parcels(&ids)?.into_iter().collect();
        let code = |id: &EntityId| codes.get(id).and_then(Option::as_deref);
        let own = subject.attributes.get("parcel_code");
        let counts = |slot: u32| around.get(&slot).is_some_and(|id| layer(code(id)) == layer(own));
        let candidate = Candidate {
            geometry: subject.geometry,
            registered_area_m2: subject.attributes.get("registered_area_m2").and_then(|area| area.parse().ok()),
            county: subject.attributes.get("division"),
        };
        let divisions: Vec<(&str, &ParcelGeometry)> = cadastre.divisions.iter().map(|(code, extent)| (code.as_str(), extent)).collect();
        let surroundings = Surroundings { snapshot: &snapshot, counts: &counts, divisions: &divisions };
        let stage = if subject.attributes.get("stage") == Some("draft") { Stage::Draft } else { Stage::Registered };
        let found = topology::check(&candidate, &surroundings, &cadastre.tolerances, stage);
        for finding in found.findings {
            let other = finding.other.and_then(|slot| around.get(&slot).copied());
            let mut severity = finding.severity;
            if severity == TopologySeverity::Block && finding.rule == Rule::Overlap && is_draft(reader, other)? {
                severity = TopologySeverity::Warn;
            }
            report.findings.push(TopologyFinding {
                part: subject.part,
                rule: finding.rule.id(),
                code: finding.rule.code(),
                severity: severity.as_str(),
                tolerance: tolerance(finding.rule, &cadastre.tolerances),
                message_en: finding.message_en,
                message_zh: finding.message_zh,
                other_code: other.as_ref().and_then(code).map(str::to_owned),
                other,
                place: finding.place,
            });
        }
        let proposal =
            |geometry: ParcelGeometry| SnapProposal { part: subject.part, parcel: subject.parcel, geometry: geometry.to_geojson() };
        report.proposals.extend(found.snapped.map(proposal));
    }
    let rank = |severity: &str| ["block", "warn", "note"].iter().position(|known| *known == severity);
    report.findings.sort_by_key(|finding| (rank(finding.severity), finding.part));
    Ok(report)
}

/// Parcels above (S) and below the ground (X) lie over others without overlapping them (GB/T 37346-2019, 4.2.2).
fn layer(code: Option<&str>) -> u8 {
    match code.and_then(|code| code.as_bytes().get(13)) {
        Some(letter @ (b'S' | b'X')) => *letter,
        _ => 0,
    }
}

/// Whether a parcel is itself only a draft: nothing has to give way to it.
fn is_draft(reader: &mut Reader<'_>, id: Option<EntityId>) -> Result<bool> {
    let Some(id) = id else { return Ok(false) };
    let Some(row) = reader.current_versions(&[id])?.pop() else { return Ok(false) };
    Ok(read_golden(&row.golden)?.values.get("stage").is_some_and(|stage| stage.value == "draft"))
}

/// What a rule allows: metres, or a share of the area.
const fn tolerance(rule: Rule, tolerances: &Tolerances) -> Option<f64> {
    match rule {
        Rule::Overlap | Rule::Gap | Rule::UnionChanged | Rule::MissingVertex => Some(tolerances.snap_m),
        Rule::Sliver => Some(tolerances.noise_m),
        Rule::OutsideDivision | Rule::CodeDivision => Some(tolerances.division_m),
        Rule::Area => Some(tolerances.area[0]),
        _ => None,
    }
}
