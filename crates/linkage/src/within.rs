//! What do the pairs say among records that hang together by links?

use crate::condition::{Condition, Relation};
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

/// The fields that a rule says differ: by the letter, or in so many characters, or so that they are hardly alike.
pub(crate) fn contested(condition: &Condition, measures: &[Compiled]) -> Vec<usize> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            let mut fields: Vec<usize> = parts.iter().flat_map(|part| contested(part, measures)).collect();
            fields.sort_unstable();
            fields.dedup();
            fields
        }
        Condition::Test { measure, relation, .. } => match (measures[*measure].what, relation) {
            (What::Differs | What::Osa, _) | (What::JaroWinkler, Relation::Below | Relation::AtMost) => measures[*measure].fields.clone(),
            _ => Vec::new(),
        },
        Condition::Not(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use crate::batch::Records;
    use crate::dictionary::ValueId;
    use crate::model::Model;
    use crate::score::Scorer;

    use super::weigh_within;

    const MODEL: &str = r#"
        name = "twins"
        version = 1
        prior = 0.01
        link = 3.0
        review = 0.0
        [[blocking]]
        name = "all"
        key = "all()"
        [[comparison]]
        name = "given"
        fields = ["given"]
        level = [{ name = "same", when = "same(given)", m = 0.95, u = 0.01 }, { name = "other", m = 0.05, u = 0.99 }]
        [[comparison]]
        name = "number"
        fields = ["number"]
        level = [{ name = "same", when = "same(number)", m = 0.9, u = 0.001 }, { name = "other", m = 0.1, u = 0.999 }]
        [[comparison]]
        name = "surname"
        fields = ["surname"]
        level = [{ name = "same", when = "same(surname)", m = 0.95, u = 0.01 }, { name = "other", m = 0.05, u = 0.99 }]
        [[comparison]]
        name = "born"
        fields = ["born"]
        level = [{ name = "same", when = "same(born)", m = 0.95, u = 0.01 }, { name = "other", m = 0.05, u = 0.99 }]
        [[conflict]]
        name = "same birth date, another given name"
        when = "same(born) and RULE"
        effect = "unbridged"
    "#;

    /// Whether the first two of these records, a given name and a number each, are held apart among all of them.
    fn apart(model: &Model, told: &[(&str, &str)]) -> bool {
        let mut records = Records::new(model);
        for (given, number) in told {
            let told = [("given", *given), ("number", *number), ("surname", "Vargas"), ("born", "2015-12-25")];
            let features: Vec<(&str, String)> =
                told.into_iter().filter(|(_, value)| !value.is_empty()).map(|(field, value)| (field, value.to_owned())).collect();
            records.push(model, &features);
        }
        let rows: Vec<&[ValueId]> = (0..records.len()).map(|record| records.row(record)).collect();
        let pairs = weigh_within(model, &mut Scorer::new(model, records.lexicon()), &rows, |_, _| None);
        pairs[0].apart
    }

    #[test]
    fn a_record_that_fits_two_alike_does_not_bridge_them() {
        for rule in ["differs(given)", "jaro_winkler(given) < 0.8", "osa(given) > 2"] {
            let model = Model::from_toml(&MODEL.replace("RULE", rule)).expect("a model");
            let (adam, billy, nameless) = (("Adam", "7"), ("Billy", ""), ("", ""));
            assert!(!apart(&model, &[adam, billy]), "{rule}: nobody stands between them");
            assert!(apart(&model, &[adam, billy, nameless]), "{rule}: who has no given name fits both");
            assert!(!apart(&model, &[adam, adam, nameless]), "{rule}: what is the same is not contested");
            // Adam's number under Billy's name: who has it knows both, and is linked with both.
            assert!(!apart(&model, &[adam, billy, nameless, ("Billy", "7")]), "{rule}");
        }
    }
}
