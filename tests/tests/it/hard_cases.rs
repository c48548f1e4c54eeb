//! What does Jiku decide where clerks hesitate?
//!
//! The cases are data in `fixtures/hard-cases`. `docs/hard-cases.md` is made from them: `JIKU_BLESS=1 cargo test -p
//! jiku-tests hard_cases` writes it anew.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use jiku_legal_person::LegalPersons;
use jiku_linkage::{Explanation, MatchIndex, Model, ScoredPair, compare};
use jiku_model::{EntityKind, Features, ParseContext, RawRecord};
use jiku_person::People;
use serde::Deserialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Decision {
    Link,
    Review,
    Separate,
}

impl Decision {
    fn as_str(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Review => "review",
            Self::Separate => "separate",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    zh: String,
    expected: Decision,
    why: String,
    /// What Jiku decides today, where that is not what is expected.
    today: Option<Decision>,
    /// Why it does so.
    note: Option<String>,
    left: RawRecord,
    right: RawRecord,
}

#[derive(Deserialize)]
struct File {
    case: Vec<Case>,
}

/// The cases of one kind and what decides them.
struct Suite {
    title: &'static str,
    entity: &'static dyn EntityKind,
    model: Model,
    cases: Vec<Case>,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn suites() -> [Suite; 2] {
    let suite = |title, file: &str, entity: &'static dyn EntityKind| {
        let path = root().join("fixtures/hard-cases").join(file);
        let text = std::fs::read_to_string(&path).expect("the cases are in the repository");
        let cases = toml::from_str::<File>(&text).unwrap_or_else(|error| panic!("{file}: {error}")).case;
        Suite { title, entity, model: Model::from_toml(entity.default_model()).expect("the default model is good"), cases }
    };
    [suite("People 自然人", "persons.toml", &People), suite("Legal persons 法人", "legal-persons.toml", &LegalPersons)]
}

impl Suite {
    fn features(&self, raw: &RawRecord) -> Features {
        let today = chrono::NaiveDate::from_ymd_opt(2026, 6, 30).expect("a day");
        let parsed = self.entity.parse(raw, &ParseContext { today });
        assert!(!parsed.is_rejected(), "a record that is refused cannot be decided on: {raw:?}");
        self.entity.features(&parsed.attributes)
    }

    fn score(&self, case: &Case) -> ScoredPair {
        compare(&self.model, &self.features(&case.left), &self.features(&case.right))
    }

    fn decide(&self, pair: &ScoredPair) -> Decision {
        if pair.weight >= self.model.link_threshold() {
            Decision::Link
        } else if pair.weight >= self.model.review_threshold() {
            Decision::Review
        } else {
            Decision::Separate
        }
    }
}

#[test]
fn every_hard_case_is_decided_as_expected() {
    let mut wrong = String::new();
    for suite in suites() {
        assert!(suite.cases.len() >= 20, "{} cases of {}", suite.cases.len(), suite.title);
        for case in &suite.cases {
            let pair = suite.score(case);
            let (decided, expected) = (suite.decide(&pair), case.today.unwrap_or(case.expected));
            if decided != expected {
                let _ = writeln!(wrong, "{}: {} for {} ({:+.1})", case.name, decided.as_str(), expected.as_str(), pair.weight);
            }
            assert_ne!(case.today, Some(case.expected), "{}: today is only for what differs", case.name);
            assert_eq!(case.today.is_some(), case.note.is_some(), "{}: a difference has a reason", case.name);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn a_hard_case_is_decided_alike_from_both_sides() {
    for suite in suites() {
        for case in &suite.cases {
            let (left, right) = (suite.features(&case.left), suite.features(&case.right));
            let (one, other) = (compare(&suite.model, &left, &right), compare(&suite.model, &right, &left));
            assert_eq!(one.weight.to_bits(), other.weight.to_bits(), "{}", case.name);
        }
    }
}

#[test]
fn blocking_finds_every_hard_case_that_is_not_separate() {
    for suite in suites() {
        for case in suite.cases.iter().filter(|case| suite.decide(&suite.score(case)) != Decision::Separate) {
            let mut index = MatchIndex::new(Arc::new(Model::from_toml(suite.entity.default_model()).expect("a model")));
            index.insert(7, &suite.features(&case.left));
            let found = index.matches(&suite.features(&case.right), suite.model.review_threshold());
            assert_eq!(found.iter().map(|found| found.slot).collect::<Vec<_>>(), [7], "{}", case.name);
        }
    }
}

#[test]
fn the_published_page_shows_every_hard_case_and_its_decision() {
    let (path, page) = (root().join("docs/hard-cases.md"), page());
    if std::env::var_os("JIKU_BLESS").is_some() {
        std::fs::write(&path, &page).expect("the page is written");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    // The weights move with every training; what is decided about which case is what the page promises.
    let promises = |page: &str| page.lines().filter(|line| line.starts_with(['#', '*'])).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(promises(&published), promises(&page), "write it anew with JIKU_BLESS=1");
}

const HEAD: &str = "\
Hard cases: what Jiku decides where clerks hesitate, with its explanation. The cases are data (`fixtures/hard-cases`), this
page is made from them by `JIKU_BLESS=1 cargo test -p jiku-tests hard_cases`, and a test keeps every decision. People,
organisations, addresses and numbers are invented.

A weight is log2 of the odds that two records speak of one entity: 0 is even odds, +10 is a thousand to one. Above the upper
threshold a pair is linked, between the two a steward is asked, below they stay apart.
";

/// The page that shows all cases.
fn page() -> String {
    let mut page = format!("# Hard cases 疑难案例\n\n{HEAD}");
    for suite in suites() {
        let right = suite.cases.iter().filter(|case| case.today.is_none()).count();
        let (link, review) = (suite.model.link_threshold(), suite.model.review_threshold());
        let _ = write!(page, "\n## {}\n\n{} cases, {right} decided as expected. ", suite.title, suite.cases.len());
        let _ = writeln!(page, "Default model: linked from {link:+} on, reviewed from {review:+} on.");
        for case in &suite.cases {
            let pair = suite.score(case);
            let _ = writeln!(page, "\n### {} {}\n\n{}\n", case.name, case.zh, case.why);
            show_records(&mut page, case);
            let decision = suite.decide(&pair).as_str();
            let verdict = if case.today.is_none() { "as expected".to_owned() } else { format!("expected: {}", case.expected.as_str()) };
            let _ = writeln!(page, "\n**{decision}** ({verdict})\n\nWeight {:+.1}, probability {:.4}.", pair.weight, pair.probability);
            if let Some(note) = &case.note {
                let _ = writeln!(page, "\n{note}");
            }
            show_explanation(&mut page, &pair.explain());
        }
    }
    page
}

fn show_records(page: &mut String, case: &Case) {
    page.push_str("| column | one | other |\n|---|---|---|\n");
    let others = case.right.keys().filter(|column| !case.left.contains_key(*column));
    for column in case.left.keys().chain(others) {
        let cell =
            |record: &RawRecord| record.get(column).and_then(|value| value.as_str()).map(|text| shown(column, text)).unwrap_or_default();
        let _ = writeln!(page, "| {column} | {} | {} |", cell(&case.left), cell(&case.right));
    }
}

/// Numbers of people are shown by their ends only: an invented number can by chance be somebody's.
fn shown(column: &str, text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let is_number = column.contains("id_number") || column.contains("_id") || column == "identity number";
    if is_number && characters.len() > 12 {
        let (head, tail): (String, String) = (characters[..6].iter().collect(), characters[characters.len() - 3..].iter().collect());
        return format!("{head}…{tail}");
    }
    text.replace('|', "\\|").replace('*', "\\*")
}

fn show_explanation(page: &mut String, explanation: &Explanation) {
    let _ = writeln!(page, "\n| comparison | outcome | weight |\n|---|---|---|\n| prior | | {:+.1} |", explanation.prior);
    for line in explanation.lines.iter().filter(|line| line.weight != 0.0 || line.note.is_some()) {
        let note = line.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
        let _ =
            writeln!(page, "| {} {} | {} {}{note} | {:+.1} |", line.comparison, line.comparison_zh, line.level, line.level_zh, line.weight);
    }
    if let Some(conflict) = &explanation.conflict {
        let _ = writeln!(page, "\nConflict rule: {conflict} {}", explanation.conflict_zh.as_deref().unwrap_or_default());
    }
}
