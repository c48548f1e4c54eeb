//! What do the pairs say among records that hang together by links?

use crate::condition::Condition;
use crate::dictionary::ValueId;
use crate::measure::{Compiled, What};
use crate::model::{Conflict, Model};
use crate::model_file::Effect;
use crate::score::Scorer;

/// A pair of records of a group, by their places in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Within {
    pub(crate) left: usize,
    pub(crate) right: usize,
    pub(crate) weight: f32,
    /// A conflict rule holds the two apart.
    pub(crate) apart: bool,
}

/// Weighs every pair of a group; the weight of those that `link` knows to be links is not worked out again.
///
/// A rule of effect `apart` holds its pair apart. Two more sorts of pairs are held apart unless a third record, linked with both, settles
/// what speaks against them:
/// - those that a rule of effect `review` holds, unless the third record tells something in what the rule says differs: one number under two names is
///   not settled by a record that has the number and no name, nor by one whose name lost the character in which the two differ, but it is by one
///   that tells both names;
/// - those of a rule of effect `unbridged` that the model does not link, unless the third record knows better what they disagree in: a record with
///   nothing but the year of birth fits two namesakes of one village, and says nothing of whether they are one.
pub(crate) fn weigh_within(
    model: &Model,
    scorer: &mut Scorer<'_>,
    rows: &[&[ValueId]],
    link: impl Fn(usize, usize) -> Option<f32>,
) -> Vec<Within> {
    let count = rows.len();
    let mut pairs = Vec::with_capacity(count * count.saturating_sub(1) / 2);
    let mut linked = vec![false; count * count];
    let mut questions = Vec::new();
    for left in 0..count {
        for right in left + 1..count {
            let (weight, apart) = match link(left, right) {
                Some(weight) => (weight, false),
                None => {
                    let outcome = scorer.score(rows[left], rows[right]);
                    let effect = outcome.conflict.map(|at| model.conflicts[at].effect);
                    let rule = match effect {
                        Some(Effect::Review) => outcome.conflict,
                        Some(Effect::Apart) => None,
                        _ if outcome.weight < model.link_threshold() => scorer.unbridged(rows[left], rows[right]),
                        _ => None,
                    };
                    questions.extend(rule.map(|rule| (pairs.len(), rule)));
                    (outcome.weight, effect == Some(Effect::Apart))
                }
            };
            let is_link = weight >= model.link_threshold();
            linked[left * count + right] = is_link;
            linked[right * count + left] = is_link;
            pairs.push(Within { left, right, weight, apart });
        }
    }
    for (pair, rule) in questions {
        let Within { left, right, .. } = pairs[pair];
        let mut thirds = (0..count).filter(|third| linked[left * count + third] && linked[right * count + third]).peekable();
        let Conflict { contested, effect, .. } = &model.conflicts[rule];
        pairs[pair].apart = if *effect == Effect::Review {
            !thirds.any(|third| contested.iter().all(|&field| scorer.tells(field, rows[left], rows[right], rows[third])))
        } else {
            thirds.peek().is_some() && !thirds.any(|third| scorer.knows_better(contested, rows[left], rows[right], rows[third]))
        };
    }
    pairs
}

/// The fields that a rule says differ.
pub(crate) fn contested(condition: &Condition, measures: &[Compiled]) -> Vec<usize> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            let mut fields: Vec<usize> = parts.iter().flat_map(|part| contested(part, measures)).collect();
            fields.sort_unstable();
            fields.dedup();
            fields
        }
        Condition::Test { measure, .. } if matches!(measures[*measure].what, What::Differs | What::Osa) => {
            measures[*measure].fields.clone()
        }
        Condition::Test { .. } | Condition::Not(_) => Vec::new(),
    }
}
