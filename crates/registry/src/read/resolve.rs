//! Who is this?

use ahash::AHashMap;
use jiku_linkage::Match;
use jiku_model::{EntityId, Kind, ParseContext, RawRecord};
use rayon::prelude::*;

use super::find::views_of;
use super::search::{MOST_ITEMS, checked_limit};
use crate::facade::{Candidate, Include, Matched, Resolution, ResolutionDecision, ResolveOptions};
use crate::registry::Inner;
use crate::write::prepare::context;
use crate::write::state::now;
use crate::{Actor, RegistryError};

pub(crate) fn resolve(
    inner: &Inner,
    actor: &Actor,
    kind: Kind,
    raw: &RawRecord,
    options: &ResolveOptions,
) -> Result<Resolution, RegistryError> {
    let limit = checked_limit(options.limit, MOST_ITEMS)?;
    let shelf = inner.core.shelf(kind);
    let parsed = shelf.noun.parse(raw, &context(now()));
    if parsed.is_rejected() {
        return Err(RegistryError::Invalid(parsed.problems));
    }
    let position = inner.core.position();
    let features = shelf.noun.features(&parsed.attributes);
    let review = shelf.model.review_threshold();
    let matching = shelf.matching.read();
    let matches = matching.matches(&features, options.floor.unwrap_or(review));
    let best = best_per_entity(inner, kind, &matches);
    let decision = decide(&best, shelf.model.link_threshold(), review);
    let mut candidates: Vec<Candidate> = best
        .into_iter()
        .take(limit)
        .map(|(entity, hit)| Candidate {
            entity,
            weight: hit.weight,
            probability: hit.probability,
            explanation: if options.explain { matching.score(&features, hit.slot).map(|pair| pair.explain()) } else { None },
            golden: None,
        })
        .collect();
    drop(matching);
    let ids: Vec<EntityId> = candidates.iter().map(|candidate| candidate.entity).collect();
    if options.golden && !ids.is_empty() {
        let mut views: AHashMap<EntityId, _> =
            views_of(inner, actor, "resolve", kind, &ids, Include::default())?.into_iter().map(|view| (view.id, view)).collect();
        // An entity that was merged away in this very moment has no view: its survivor will answer the next question.
        candidates.retain_mut(|candidate| {
            candidate.golden = views.remove(&candidate.entity).map(Box::new);
            candidate.golden.is_some()
        });
    } else {
        let read: Vec<(EntityId, String)> = ids.into_iter().map(|id| (id, "id".to_owned())).collect();
        inner.audit.log(actor, "resolve", kind, &read)?;
    }
    Ok(Resolution { decision, candidates, problems: parsed.problems, model: shelf.model_name.clone(), position })
}

/// The candidates of each record of a list, in its order, on all processors. One trace for all of them.
pub(crate) fn match_records(
    inner: &Inner,
    actor: &Actor,
    kind: Kind,
    records: &[RawRecord],
    limit: usize,
) -> Result<Vec<Matched>, RegistryError> {
    let limit = checked_limit(limit, MOST_ITEMS)?;
    let context = context(now());
    let matched: Vec<Matched> = records.par_iter().map(|raw| match_one(inner, kind, raw, limit, &context)).collect();
    let mut read: Vec<EntityId> = matched.iter().flat_map(|one| one.candidates.iter().map(|candidate| candidate.entity)).collect();
    read.sort_unstable();
    read.dedup();
    let read: Vec<(EntityId, String)> = read.into_iter().map(|id| (id, "id".to_owned())).collect();
    inner.audit.log(actor, "match", kind, &read)?;
    Ok(matched)
}

fn match_one(inner: &Inner, kind: Kind, raw: &RawRecord, limit: usize, context: &ParseContext) -> Matched {
    let shelf = inner.core.shelf(kind);
    let parsed = shelf.noun.parse(raw, context);
    if parsed.is_rejected() {
        return Matched { decision: None, candidates: Vec::new(), problems: parsed.problems };
    }
    let review = shelf.model.review_threshold();
    let matches = shelf.matching.read().matches(&shelf.noun.features(&parsed.attributes), review);
    let best = best_per_entity(inner, kind, &matches);
    let decision = decide(&best, shelf.model.link_threshold(), review);
    let candidate = |(entity, hit): (EntityId, Match)| Candidate {
        entity,
        weight: hit.weight,
        probability: hit.probability,
        explanation: None,
        golden: None,
    };
    Matched { decision: Some(decision), candidates: best.into_iter().take(limit).map(candidate).collect(), problems: parsed.problems }
}

/// The best record of each entity, best first, ties by id.
fn best_per_entity(inner: &Inner, kind: Kind, matches: &[Match]) -> Vec<(EntityId, Match)> {
    let lookup = inner.core.shelf(kind).lookup.read();
    let mut best: AHashMap<EntityId, Match> = AHashMap::new();
    for hit in matches {
        let Some(entity) = lookup.entity(hit.slot) else { continue };
        // Matches come best first.
        best.entry(entity).or_insert(*hit);
    }
    let mut best: Vec<(EntityId, Match)> = best.into_iter().collect();
    best.sort_by(|a, b| b.1.weight.total_cmp(&a.1.weight).then(a.0.cmp(&b.0)));
    best
}

fn decide(best: &[(EntityId, Match)], link: f32, review: f32) -> ResolutionDecision {
    let weight = |at: usize| best.get(at).map_or(f32::NEG_INFINITY, |(_, hit)| hit.weight);
    if weight(0) >= link && weight(1) < link {
        ResolutionDecision::Match
    } else if weight(0) >= review {
        ResolutionDecision::Review
    } else {
        ResolutionDecision::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[track_caller]
    fn check(weights: &[f32], expected: ResolutionDecision) {
        let best: Vec<(EntityId, Match)> =
            weights.iter().map(|weight| (EntityId(Uuid::nil()), Match { slot: 0, weight: *weight, probability: 0.0 })).collect();
        assert_eq!(decide(&best, 10.0, 2.0), expected);
    }

    #[test]
    fn one_strong_candidate_is_a_match_and_two_are_for_a_person_to_tell_apart() {
        check(&[12.0, 5.0], ResolutionDecision::Match);
        check(&[12.0, 11.0], ResolutionDecision::Review);
        check(&[9.0], ResolutionDecision::Review);
        check(&[1.0], ResolutionDecision::None);
        check(&[], ResolutionDecision::None);
    }
}
