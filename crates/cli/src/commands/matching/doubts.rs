//! Which values of a table of a kind are dirty, and what became of them?

use std::collections::BTreeMap;
use std::sync::Mutex;

use jiku_model::{Problem, Severity};
use serde_json::{Value, json};

/// What was found about the values of one column under one reason.
#[derive(Clone, Debug)]
pub(crate) struct Doubt {
    pub(crate) severity: Severity,
    /// What to do, in one sentence.
    pub(crate) advice: String,
    /// In how many different texts; cells that are read together, as a number with a birth date, are one text, and one that many rows
    /// tell counts once.
    pub(crate) texts: u64,
}

/// What was found, by column and reason code.
#[derive(Debug, Default)]
pub(crate) struct Doubts(BTreeMap<(String, String), Doubt>);

/// Collects what many threads find.
#[derive(Debug, Default)]
pub(super) struct Collector(Mutex<Doubts>);

impl Collector {
    /// Notes what one text shows.
    pub(super) fn note<'p>(&self, problems: impl Iterator<Item = &'p Problem>) {
        let mut problems = problems.peekable();
        if problems.peek().is_none() {
            return;
        }
        let mut doubts = self.0.lock().expect("nobody panics while noting");
        for problem in problems {
            let Some(column) = &problem.field else { continue };
            let doubt = doubts.0.entry((column.to_string(), problem.code.to_string())).or_insert_with(|| Doubt {
                severity: problem.severity,
                advice: problem.advice.to_string(),
                texts: 0,
            });
            doubt.texts += 1;
        }
    }

    pub(super) fn end(self) -> Doubts {
        self.0.into_inner().expect("nobody panics while noting")
    }
}

impl Doubts {
    /// Adds what another file shows.
    pub(super) fn add(&mut self, other: Self) {
        for (place, doubt) in other.0 {
            self.0.entry(place).and_modify(|known| known.texts += doubt.texts).or_insert(doubt);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Column, reason code and what was found.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str, &Doubt)> {
        self.0.iter().map(|((column, code), doubt)| (column.as_str(), code.as_str(), doubt))
    }

    /// The same for programs.
    pub(crate) fn json(&self) -> Value {
        let one = |(column, code, doubt): (&str, &str, &Doubt)| json!({ "column": column, "reason": code, "texts": doubt.texts, "became": doubt.became().1, "advice": doubt.advice });
        self.iter().map(one).collect()
    }
}

impl Doubt {
    /// What became of the values, in Chinese and in English.
    pub(crate) const fn became(&self) -> (&'static str, &'static str) {
        match self.severity {
            Severity::Note => ("已规范", "repaired"),
            Severity::Flag => ("慎用或不用", "used with care, or not"),
            Severity::Reject => ("按缺失处理", "taken as missing"),
        }
    }
}
