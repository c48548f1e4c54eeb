//! Who is this?

use std::borrow::Cow;

use ahash::{AHashMap, AHashSet};
use jiku_linkage::Match;
use jiku_model::{EntityId, Kind, ParseContext, ParsedRecord, RawRecord};
use rayon::prelude::*;
use serde_json::Value;
use smallvec::SmallVec;

use super::find::views_of;
use super::search::{MOST_ITEMS, checked_limit};
use crate::facade::{Candidate, Include, Matched, Resolution, ResolutionDecision, ResolveOptions};
use crate::registry::Inner;
use crate::write::prepare::context;
use crate::write::state::now;
use crate::{Actor, RegistryError, scope};

pub(crate) fn resolve(
    inner: &Inner,
    actor: &Actor,
    kind: Kind,
    raw: &RawRecord,
    options: &ResolveOptions,
) -> Result<Resolution, RegistryError> {
    let limit = checked_limit(options.limit, MOST_ITEMS)?;
    scope::require_kind(actor, kind)?;
    let shelf = inner.core.shelf(kind);
    let parsed = parsed(inner, kind, raw)?;
    let position = inner.core.position();
    let features = inner.core.features(kind, &parsed.attributes);
    let review = shelf.model().review_threshold();
    let matching = shelf.matching.read();
    let matches = matching.matches(&features, options.floor.unwrap_or(review));
    let best = in_scope(inner, actor, kind, best_per_entity(inner, kind, &matches))?;
    let decision = decide(&best, shelf.model().link_threshold(), review);
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
        let shown = if options.explain { "explanation" } else { "id" };
        let read: Vec<(EntityId, String)> = ids.into_iter().map(|id| (id, shown.to_owned())).collect();
        inner.audit.log(actor, "resolve", kind, &read)?;
    }
    Ok(Resolution { decision, candidates, problems: parsed.problems, model: shelf.model_name(), position })
}

/// The record asked about, as its entity crate reads it.
pub(crate) fn parsed(inner: &Inner, kind: Kind, raw: &RawRecord) -> Result<ParsedRecord, RegistryError> {
    let parsed = inner.core.shelf(kind).noun.parse(raw, &context(now()));
    if parsed.is_rejected() { Err(RegistryError::Invalid(parsed.problems)) } else { Ok(parsed) }
}

/// What a record amounts to, and its best candidate in scope; leaves no trace by itself.
pub(crate) fn matched(
    inner: &Inner,
    actor: &Actor,
    kind: Kind,
    raw: &RawRecord,
) -> Result<(ResolutionDecision, Option<EntityId>), RegistryError> {
    scope::require_kind(actor, kind)?;
    let shelf = inner.core.shelf(kind);
    let features = inner.core.features(kind, &parsed(inner, kind, raw)?.attributes);
    let review = shelf.model().review_threshold();
    let matches = shelf.matching.read().matches(&features, review);
    let best = in_scope(inner, actor, kind, best_per_entity(inner, kind, &matches))?;
    Ok((decide(&best, shelf.model().link_threshold(), review), best.first().map(|(entity, _)| *entity)))
}

/// Whom a question about a person names rightly: who bears the identity number it tells, or else whom it matches.
pub(crate) fn named_rightly(
    inner: &Inner,
    kind: Kind,
    raw: &RawRecord,
    decision: Option<ResolutionDecision>,
    candidates: &[Candidate],
) -> Option<EntityId> {
    if id_number(raw).is_some() {
        return bears_number(inner, kind, raw, candidates);
    }
    candidates.first().filter(|_| decision == Some(ResolutionDecision::Match)).map(|candidate| candidate.entity)
}

/// Which of the candidates carries the identity number that a record asks about.
fn bears_number(inner: &Inner, kind: Kind, raw: &RawRecord, candidates: &[Candidate]) -> Option<EntityId> {
    let shelf = inner.core.shelf(kind);
    let tokens = id_number(raw).map(|number| shelf.noun.search_query("number", number)).unwrap_or_default();
    let lookup = shelf.lookup.read();
    let bearers = tokens.iter().flat_map(|token| lookup.postings.get(lookup.postings.hash(token)));
    bearers.filter_map(|slot| lookup.entity(*slot)).find(|entity| candidates.iter().any(|candidate| candidate.entity == *entity))
}

/// What a question about a person by name tells that is no secret to whoever sees people masked: for each value in it that masks hide, what is left of the question
/// then, and whether hardly two strangers of a list have that in common. Questions that differ beyond it are guesses at one person.
pub(crate) fn guesses(kind: Kind, raw: &RawRecord) -> Vec<(String, bool)> {
    // Another spelling of the name, or another name beside it, is no other person.
    let names: Vec<String> = raw
        .iter()
        .filter(|(column, _)| tells_name(column))
        .map(|(_, name)| told(name).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
        .collect();
    if kind != Kind::Person || names.is_empty() {
        return Vec::new();
    }
    let text = |column: &str| raw.get(column).and_then(|value| value.as_str()).filter(|text| !text.trim().is_empty());
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let phone = text("phone").map(|phone| {
        let digits = digits(phone);
        let (first, last) = (digits.get(..3).unwrap_or_default(), digits.get(digits.len().saturating_sub(4)..).unwrap_or_default());
        (format!("{first} {last}"), true)
    });
    let birth = text("birth_date").map(|date| (digits(date).get(..4).unwrap_or_default().to_owned(), true));
    // Of a list some strangers live somewhere under one name.
    let address = text("address").map(|_| (String::new(), false));
    let shown: SmallVec<[(String, bool); 3]> = [phone, birth, address].into_iter().flatten().collect();
    let by_name = names.iter().flat_map(|name| shown.iter().map(move |(shown, is_rare)| (format!("{name} {shown}"), *is_rare)));
    text("id_number").map(|number| (place_and_day(number), true)).into_iter().chain(by_name).collect()
}

/// A value as it was typed; what is no text, as JSON writes it.
pub(crate) fn told(value: &Value) -> Cow<'_, str> {
    value.as_str().map_or_else(|| value.to_string().into(), Cow::Borrowed)
}

/// Whether a column, or a field of a search, tells a name, or how one is read.
pub(crate) fn tells_name(column: &str) -> bool {
    column.contains("name") || matches!(column, "pinyin" | "initials")
}

/// The first fourteen digits of an identity number: where and on which day somebody was born. A number of another form is whole.
fn place_and_day(number: &str) -> String {
    number.chars().filter(|letter| !letter.is_whitespace()).take(14).collect()
}

fn id_number(raw: &RawRecord) -> Option<&str> {
    raw.get("id_number").and_then(|value| value.as_str())
}

/// Those of the entities that the actor reaches.
fn in_scope(inner: &Inner, actor: &Actor, kind: Kind, mut best: Vec<(EntityId, Match)>) -> Result<Vec<(EntityId, Match)>, RegistryError> {
    if actor.limits.is_scoped() {
        let ids: Vec<EntityId> = best.iter().map(|(entity, _)| *entity).collect();
        let reached: AHashSet<EntityId> = inner.core.store.read(|reader| scope::within(reader, actor, kind, &ids))?.into_iter().collect();
        best.retain(|(entity, _)| reached.contains(entity));
    }
    Ok(best)
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
    scope::require_kind(actor, kind)?;
    let context = context(now());
    let matched: Vec<Matched> =
        records.par_iter().map(|raw| match_one(inner, actor, kind, raw, limit, &context)).collect::<Result<_, _>>()?;
    let mut read: Vec<EntityId> = matched.iter().flat_map(|one| one.candidates.iter().map(|candidate| candidate.entity)).collect();
    read.sort_unstable();
    read.dedup();
    let read: Vec<(EntityId, String)> = read.into_iter().map(|id| (id, "id".to_owned())).collect();
    inner.audit.log(actor, "match", kind, &read)?;
    Ok(matched)
}

fn match_one(
    inner: &Inner,
    actor: &Actor,
    kind: Kind,
    raw: &RawRecord,
    limit: usize,
    context: &ParseContext,
) -> Result<Matched, RegistryError> {
    let shelf = inner.core.shelf(kind);
    let parsed = shelf.noun.parse(raw, context);
    if parsed.is_rejected() {
        return Ok(Matched { decision: None, candidates: Vec::new(), problems: parsed.problems });
    }
    let review = shelf.model().review_threshold();
    let features = inner.core.features(kind, &parsed.attributes);
    let matches = shelf.matching.read().matches(&features, review);
    let best = in_scope(inner, actor, kind, best_per_entity(inner, kind, &matches))?;
    let decision = decide(&best, shelf.model().link_threshold(), review);
    let candidate = |(entity, hit): (EntityId, Match)| Candidate {
        entity,
        weight: hit.weight,
        probability: hit.probability,
        explanation: None,
        golden: None,
    };
    Ok(Matched { decision: Some(decision), candidates: best.into_iter().take(limit).map(candidate).collect(), problems: parsed.problems })
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
