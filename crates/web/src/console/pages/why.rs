//! Why are these records one?
//!
//! Step by step: the strongest pairs of records that hold them together, in the order in which each joins what was joined
//! before. A pair that adds nothing to what is connected already is left out.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::{JudgementOrigin, RecordKey, SourceSystem, Verdict};
use jiku_registry::PairExplanation;

use super::Page;
use super::subject::Subject;
use crate::console::frame::Frame;
use crate::console::waterfall::{self, Waterfall};
use crate::console::{Language, render, words};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};
use crate::place::Entity;

/// The pairs looked at: all of thirty records.
const PAIRS: usize = 435;

/// The page.
#[derive(Template)]
#[template(path = "why.html")]
struct WhyPage {
    f: Frame,
    s: Subject,
    steps: Vec<Step>,
}

/// One step: two records, and what speaks for their being one.
struct Step {
    /// The source and the key of each.
    left: (String, String),
    right: (String, String),
    weight: String,
    probability: String,
    /// The levels that spoke for it, the strongest first.
    because: Vec<String>,
    /// Whose word counts.
    verdict: &'static str,
    by_hand: bool,
    picture: Waterfall,
}

/// The page.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let (pairs, sources) =
        desk.run(move |registry, actor| Ok((registry.explain(actor, kind, id, id, PAIRS)?, registry.list_sources()?))).await?;
    let steps = spanning(&pairs).into_iter().map(|pair| step(f.l, pair, &sources)).collect();
    Ok(render(StatusCode::OK, &WhyPage { s: Subject::new(&f, kind, id, "/why"), steps, f }))
}

/// Of pairs, strongest first, those that join two parts which nothing stronger joined. A steward's word goes before any weight.
fn spanning(pairs: &[PairExplanation]) -> Vec<&PairExplanation> {
    let by_hand = |pair: &PairExplanation| pair.verdict == Some((Verdict::Positive, JudgementOrigin::Steward));
    let mut parts: BTreeMap<&RecordKey, usize> = BTreeMap::new();
    for pair in pairs {
        for key in [&pair.left, &pair.right] {
            let next = parts.len();
            parts.entry(key).or_insert(next);
        }
    }
    let mut steps = Vec::new();
    for pair in pairs.iter().filter(|pair| by_hand(pair)).chain(pairs.iter().filter(|pair| !by_hand(pair))) {
        let (left, right) = (parts[&pair.left], parts[&pair.right]);
        if left != right {
            parts.values_mut().filter(|part| **part == right).for_each(|part| *part = left);
            steps.push(pair);
        }
    }
    steps
}

fn step(l: Language, pair: &PairExplanation, sources: &[SourceSystem]) -> Step {
    let mut lines: Vec<_> = pair.explanation.lines.iter().filter(|line| line.weight > 0.5).collect();
    lines.sort_by(|one, other| other.weight.total_cmp(&one.weight));
    let said = |line: &&jiku_registry::ExplanationLine| match l {
        Language::Zh => format!("{}：{}", line.comparison_zh, line.level_zh),
        Language::En => format!("{}: {}", line.comparison, line.level),
    };
    let by_hand = matches!(pair.verdict, Some((_, JudgementOrigin::Steward)));
    let verdict = match pair.verdict {
        Some((Verdict::Positive, JudgementOrigin::Steward)) => l.say("管理员判定为同一", "a steward says same"),
        Some((Verdict::Negative, JudgementOrigin::Steward)) => l.say("管理员判定不同", "a steward says different"),
        Some((Verdict::Positive, _)) => l.say("模型归为同一", "the model says same"),
        Some((Verdict::Negative, _)) => l.say("模型认为不同", "the model says different"),
        Some((Verdict::Unsure, _)) => l.say("不确定", "unsure"),
        None => l.say("未单独判定", "no verdict of its own"),
    };
    let name = |key: &RecordKey| (words::source(sources, &key.source), key.key.clone());
    Step {
        left: name(&pair.left),
        right: name(&pair.right),
        weight: l.weight(pair.explanation.weight),
        probability: l.probability(pair.explanation.probability),
        because: lines.iter().map(said).collect(),
        verdict,
        by_hand,
        picture: waterfall::draw(&pair.explanation, l),
    }
}

#[cfg(test)]
mod tests {
    use jiku_model::Kind;
    use jiku_registry::Explanation;

    use super::*;

    fn pair(left: &str, right: &str, weight: f32, verdict: Option<(Verdict, JudgementOrigin)>) -> PairExplanation {
        let key = |key: &str| RecordKey { kind: Kind::Person, source: "gongan".parse().expect("a code"), key: key.to_owned() };
        let explanation = Explanation {
            model: String::new(),
            prior: 0.0,
            lines: Vec::new(),
            weight,
            probability: 1.0,
            conflict: None,
            conflict_zh: None,
        };
        PairExplanation { left: key(left), right: key(right), explanation, verdict }
    }

    #[test]
    fn each_step_joins_what_was_apart_and_a_steward_goes_first() {
        let by_hand = Some((Verdict::Positive, JudgementOrigin::Steward));
        let pairs = [pair("a", "b", 9.0, None), pair("b", "c", 8.0, None), pair("a", "c", 7.0, None), pair("c", "d", -3.0, by_hand)];
        let steps: Vec<(&str, &str)> = spanning(&pairs).iter().map(|pair| (pair.left.key.as_str(), pair.right.key.as_str())).collect();
        assert_eq!(steps, [("c", "d"), ("a", "b"), ("b", "c")]);
        assert!(spanning(&[]).is_empty());
    }
}
