//! Why does a pair have its weight?

use serde::Serialize;

use crate::dictionary::{Lexicon, PART, ValueId};
use crate::model::Model;
use crate::score::{MISSING, Outcome, SUPPRESSED, Scorer, frequency_weight};

/// A pair's score with everything it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredPair {
    /// The match weight: log2 of the odds that the two records speak of one entity.
    pub weight: f32,
    /// The match probability.
    pub probability: f32,
    /// The level of each comparison, by number; 255 where a value is missing, 254 where another comparison said it.
    pub levels: Vec<u8>,
    explanation: Explanation,
}

impl ScoredPair {
    /// The waterfall of weights.
    #[must_use]
    pub fn explain(&self) -> Explanation {
        self.explanation.clone()
    }
}

/// The waterfall of a pair: prior plus the weights of all lines is the weight.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The model and its version.
    pub model: String,
    /// log2 of the odds before anything was compared.
    pub prior: f32,
    /// One line per comparison, then what a relation and a conflict rule take away.
    pub lines: Vec<ExplanationLine>,
    /// The match weight.
    pub weight: f32,
    /// The match probability.
    pub probability: f32,
    /// The conflict rule that decided, if one did.
    pub conflict: Option<String>,
    /// The same in Chinese.
    pub conflict_zh: Option<String>,
}

/// A line of an explanation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplanationLine {
    /// What was compared.
    pub comparison: String,
    /// The same in Chinese.
    pub comparison_zh: String,
    /// The outcome.
    pub level: String,
    /// The same in Chinese.
    pub level_zh: String,
    /// The one record's value.
    pub left: Option<String>,
    /// The other record's value.
    pub right: Option<String>,
    /// What the line adds to the weight.
    pub weight: f32,
    /// A remark: how common the value is, why the line counts nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Scores a pair and tells why.
pub(crate) fn scored_pair(model: &Model, lexicon: Lexicon<'_>, left: &[ValueId], right: &[ValueId]) -> ScoredPair {
    let mut scorer = Scorer::new(model, lexicon);
    let outcome = scorer.score(left, right);
    let probability = model.probability_of(&outcome);
    let file = model.file();
    let mut lines: Vec<ExplanationLine> =
        (0..model.comparisons.len()).map(|at| line(model, lexicon, at, scorer.levels[at], left, right)).collect();
    lines.extend(verdict_lines(model, &outcome));
    let explanation = Explanation {
        model: format!("{} {}", file.name, file.version),
        prior: model.prior,
        lines,
        weight: outcome.weight,
        probability,
        conflict: outcome.conflict.map(|at| file.conflict[at].name.clone()),
        conflict_zh: outcome.conflict.map(|at| either(&file.conflict[at].zh, &file.conflict[at].name)),
    };
    ScoredPair { weight: outcome.weight, probability, levels: scorer.levels.clone(), explanation }
}

fn line(model: &Model, lexicon: Lexicon<'_>, at: usize, level: u8, left: &[ValueId], right: &[ValueId]) -> ExplanationLine {
    let (comparison, file) = (&model.comparisons[at], &model.file().comparison[at]);
    let shown = |row: &[ValueId]| {
        let texts: Vec<String> = comparison
            .shown
            .iter()
            .filter(|field| row[**field] != 0)
            .map(|field| lexicon.text(model.dictionary_of[*field], row[*field]).replace(PART, ", "))
            .collect();
        (!texts.is_empty()).then(|| texts.join(" · "))
    };
    let (level, level_zh, weight, note) = match level {
        MISSING => ("not known in both".to_owned(), "缺少可比的值".to_owned(), 0.0, None),
        SUPPRESSED => {
            let note = "counts nothing: another comparison already says it".to_owned();
            ("already said".to_owned(), "已由其他比较说明".to_owned(), 0.0, Some(note))
        }
        level => {
            let level = usize::from(level);
            let by_frequency = frequency_weight(lexicon, model, comparison, level, left, right);
            let note = (by_frequency != 0.0).then(|| {
                let what = if by_frequency > 0.0 { "rare" } else { "common" };
                format!("{by_frequency:+.1} because the value is {what}")
            });
            let written = &file.level[level];
            (written.name.clone(), either(&written.zh, &written.name), comparison.levels[level].weight + by_frequency, note)
        }
    };
    ExplanationLine {
        comparison: file.name.clone(),
        comparison_zh: either(&file.zh, &file.name),
        level,
        level_zh,
        left: shown(left),
        right: shown(right),
        weight,
        note,
    }
}

/// What a relation and a conflict rule take away.
fn verdict_lines(model: &Model, outcome: &Outcome) -> Vec<ExplanationLine> {
    let file = model.file();
    let line = |comparison: &str, comparison_zh: &str, level: String, level_zh: String, weight: f32| ExplanationLine {
        comparison: comparison.to_owned(),
        comparison_zh: comparison_zh.to_owned(),
        level,
        level_zh,
        left: None,
        right: None,
        weight,
        note: None,
    };
    let mut lines = Vec::new();
    if outcome.related != outcome.strangers {
        let name = outcome.relation.map(|at| &file.relation[at]);
        let (level, level_zh) = name.map_or_else(
            || ("hardly likely".to_owned(), "可能性很小".to_owned()),
            |relation| (format!("may be {}", relation.name), format!("可能是{}", either(&relation.zh, &relation.name))),
        );
        lines.push(line("relation", "关系", level, level_zh, outcome.related - outcome.strangers));
    }
    if let Some(at) = outcome.conflict {
        let conflict = &file.conflict[at];
        lines.push(line("conflict", "冲突", conflict.name.clone(), either(&conflict.zh, &conflict.name), outcome.weight - outcome.related));
    }
    lines
}

fn either(first: &str, second: &str) -> String {
    if first.is_empty() { second.to_owned() } else { first.to_owned() }
}
