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
        // What the file does not name follows its default.
        Some(Remark { line: named(toml, first).or_else(|| named(toml, other)).unwrap_or_else(|| line_of_default(toml)), message })
    };
    ours.clauses().filter_map(|clause| part(clause.columns)).collect()
}

/// The line on which a text stands first; where it is written otherwise, the file as a whole is meant.
fn line_of(toml: &str, text: &str) -> usize {
    named(toml, text).unwrap_or(1)
}

/// The line on which a text stands first, comments aside.
fn named(toml: &str, text: &str) -> Option<usize> {
    let quoted = [format!("{text:?}"), format!("'{text}'")];
    let is_there = |line: &str| !line.trim_start().starts_with('#') && quoted.iter().any(|quoted| line.contains(quoted));
    toml.lines().position(is_there).map(|at| at + 1)
}

/// The line on which the order for everything else stands.
fn line_of_default(toml: &str) -> usize {
    toml.lines().position(|line| line.trim_start().trim_start_matches('[').trim_start().starts_with("default")).map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_names_the_line_that_it_is_about() {
        let head = "# \"address\" is not named here\nname = 'person'\nversion = 2\n\n";
        let groups = |text: &str| Rules::from_toml(text).map(|rules| parted(Kind::Person, &rules, text)).expect("rules");
        let together = Rules::from_toml(noun(Kind::Person).default_survivorship()).expect("our own rules");
        let pair = together.clauses().find(|clause| clause.columns.len() > 1).expect("a group").columns.to_vec();
        let one = format!("{head}[[attribute]]\ncolumns = [\"{}\"]\norder = ['recency']\n\n[default]\norder = ['trust']\n", pair[0]);
        let other = format!("{head}[[attribute]]\ncolumns = [\"{}\"]\norder = ['recency']\n\n[default]\norder = ['trust']\n", pair[1]);
        let none = format!("{head}[default]\norder = ['trust']\n");
        for (text, line) in [(one, 6), (other, 6), (none, 5)] {
            let told = groups(&text);
            assert!(told.iter().any(|remark| remark.line == line && remark.message.contains(&pair[0])), "{line}: {told:?}\n{text}");
            assert!(told.iter().all(|remark| remark.line > 1), "{told:?}");
        }
    }
}
