//! Do the values and groups that a file of rules names make sense for the kind it is for?
//!
//! Every name in it is known by now. A value that no golden record ever has decides nothing, and what a place consists of is right only
//! from one record.

use jiku_golden::{Remark, Rules};
use jiku_model::{Kind, RawRecord};

use crate::kinds::noun;
use crate::write::prepare::context;
use crate::write::state::now;

/// The final values and those of the past that no golden record of the kind can have.
pub(super) fn impossible(kind: Kind, rules: &Rules, toml: &str) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    for clause in rules.clauses() {
        let finals =
            clause.columns.first().into_iter().flat_map(|column| clause.final_values.iter().map(move |value| (column.as_str(), value)));
        let past = clause.past.into_iter().flat_map(|(column, values, _)| values.iter().map(move |value| (column, value)));
        for (column, value) in finals.chain(past) {
            if let Some(message) = cannot_be(kind, column, value) {
                remarks.push(Remark { line: line_of(toml, value), message });
            }
        }
    }
    remarks.sort_by(|one, other| (one.line, &one.message).cmp(&(other.line, &other.message)));
    remarks.dedup();
    remarks
}

/// Why an attribute never has this value.
fn cannot_be(kind: Kind, column: &str, value: &str) -> Option<String> {
    let raw: RawRecord = [(column.to_owned(), value.into())].into_iter().collect();
    let parsed = noun(kind).parse(&raw, &context(now()));
    if let Some(problem) = parsed.problems.iter().find(|problem| problem.field.as_deref() == Some(column)) {
        return Some(format!("{column:?} is never {value:?}: {}", problem.advice));
    }
    match parsed.attributes.get(column) {
        Some(read) if read != value => Some(format!("{column:?} is never {value:?} in a golden record: write {read:?}")),
        _ => None,
    }
}

/// Attributes that the rules of the service keep together and these part.
pub(super) fn parted(kind: Kind, rules: &Rules, toml: &str) -> Vec<Remark> {
    let Ok(ours) = Rules::from_toml(noun(kind).default_survivorship()) else { return Vec::new() };
    let group = |column: &String| rules.clauses().position(|clause| clause.columns.contains(column));
    let part = |together: &[String]| -> Option<Remark> {
        let (first, rest) = together.split_first()?;
        let other = rest.iter().find(|other| group(other).is_none() || group(other) != group(first))?;
        let message =
            format!("{first:?} and {other:?} are chosen apart from each other and may come from two records; name them in one group");
        Some(Remark { line: line_of(toml, first), message })
    };
    ours.clauses().filter_map(|clause| part(clause.columns)).collect()
}

/// The line on which a text stands first.
fn line_of(toml: &str, text: &str) -> usize {
    let quoted = [format!("{text:?}"), format!("'{text}'")];
    toml.lines().position(|line| quoted.iter().any(|quoted| line.contains(quoted))).map_or(1, |at| at + 1)
}
