//! What does a matching run look like, as one HTML page with plots?
//!
//! The page needs nothing but itself, follows light and dark, prints, and speaks Chinese or English.

mod plots;
mod sections;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::ValueEnum;
use jiku_linkage::{Evaluation, Pairs, ScoreEvaluation};

use super::{Clusters, Prepared};
use crate::failure::{Failure, Outcome};

/// The language of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// 中文
    Zh,
    /// English
    En,
}

impl Language {
    /// The language of the table: Chinese when a column holds Chinese, or when it is of a kind.
    fn of(prepared: &Prepared) -> Self {
        let chinese = prepared.profile.as_ref().is_none_or(|profile| profile.columns.iter().any(|column| column.chinese));
        if chinese { Self::Zh } else { Self::En }
    }

    /// The word of this language.
    fn say<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh if !zh.is_empty() => zh,
            _ => en,
        }
    }
}

/// What a report is about.
struct Run<'a> {
    prepared: &'a Prepared,
    pairs: &'a Pairs,
    clusters: &'a Clusters,
    judged: Option<&'a (Evaluation, ScoreEvaluation)>,
    language: Language,
}

/// Writes the report.
pub(crate) fn write_report(
    path: &Path,
    language: Option<Language>,
    prepared: &Prepared,
    pairs: &Pairs,
    clusters: &Clusters,
    judged: Option<&(Evaluation, ScoreEvaluation)>,
) -> Outcome {
    let run = Run { prepared, pairs, clusters, judged, language: language.unwrap_or_else(|| Language::of(prepared)) };
    let say = |zh, en| run.language.say(zh, en);
    let mut page = String::from("<!doctype html><html lang=");
    let _ = write!(
        page,
        "{}><head><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\"><meta name=color-scheme \
         content=\"light dark\"><title>{}</title><style>{}</style></head><body><h1>{}</h1>",
        say("zh-CN", "en"),
        say("匹配报告", "Matching report"),
        include_str!("style.css"),
        say("匹配报告", "Matching report"),
    );
    for section in [
        run.summary(),
        run.deeds(),
        run.truth(),
        run.weights(),
        run.samples(),
        run.levels(),
        run.blocking(),
        run.sizes(),
        run.held(),
        run.columns(),
    ] {
        page.push_str(&section);
    }
    page.push_str("</body></html>\n");
    fs::write(path, page).map_err(|error| Failure::place(format!("cannot write {}: {error}", path.display())))
}

/// Text as HTML shows it.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
