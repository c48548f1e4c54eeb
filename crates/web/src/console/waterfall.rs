//! How is a match weight drawn?
//!
//! As a waterfall: the prior, then one bar per comparison, each beginning where the last one ended, then the sum.

use jiku_registry::Explanation;

use super::Language;

/// A bar of the picture; places are parts of a hundred.
#[derive(Debug)]
pub(crate) struct Bar {
    /// What it stands for.
    pub(crate) label: String,
    /// The level reached, or nothing.
    pub(crate) level: String,
    /// The weight as text with its sign.
    pub(crate) weight: String,
    /// Left end.
    pub(crate) x: f32,
    /// Width.
    pub(crate) width: f32,
    /// `for`, `against` or `sum`: the style.
    pub(crate) class: &'static str,
}

/// The picture.
#[derive(Debug)]
pub(crate) struct Waterfall {
    /// The bars from top to bottom.
    pub(crate) bars: Vec<Bar>,
    /// Where zero stands.
    pub(crate) zero: f32,
    /// The final weight with its sign.
    pub(crate) weight: String,
    /// A rule that capped or vetoed the weight.
    pub(crate) conflict: Option<String>,
    /// The comparisons that say nothing, for want of a value on either side.
    pub(crate) silent: Vec<String>,
}

/// Draws an explanation.
pub(crate) fn draw(explanation: &Explanation, language: Language) -> Waterfall {
    let mut steps: Vec<(String, String, f32)> = vec![(language.say("先验", "prior").to_owned(), String::new(), explanation.prior)];
    let mut silent = Vec::new();
    for line in &explanation.lines {
        let (label, level) = match language {
            Language::Zh => (&line.comparison_zh, &line.level_zh),
            Language::En => (&line.comparison, &line.level),
        };
        if line.weight == 0.0 {
            silent.push(label.clone());
        } else {
            steps.push((label.clone(), level.clone(), line.weight));
        }
    }
    let mut reached = 0.0_f32;
    let mut spans = Vec::with_capacity(steps.len() + 1);
    for (label, level, weight) in steps {
        spans.push((label, level, weight, reached, reached + weight));
        reached += weight;
    }
    spans.push((language.say("合计", "sum").to_owned(), String::new(), explanation.weight, 0.0, explanation.weight));
    let low = spans.iter().map(|span| span.3.min(span.4)).fold(0.0, f32::min);
    let high = spans.iter().map(|span| span.3.max(span.4)).fold(1.0, f32::max);
    let place = |value: f32| (value - low) / (high - low) * 100.0;
    let last = spans.len() - 1;
    let bars = spans.into_iter().enumerate().map(|(row, (label, level, weight, from, to))| Bar {
        x: place(from.min(to)),
        width: place(from.max(to)) - place(from.min(to)),
        class: if row == last {
            "sum"
        } else if weight < 0.0 {
            "against"
        } else {
            "for"
        },
        weight: language.weight(weight),
        label,
        level,
    });
    Waterfall {
        bars: bars.collect(),
        zero: place(0.0),
        weight: language.weight(explanation.weight),
        conflict: match language {
            Language::Zh => explanation.conflict_zh.clone(),
            Language::En => explanation.conflict.clone(),
        },
        silent,
    }
}
