//! Which of several values survives, and who agrees with it?

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Member;
use crate::rules::{Past, Trusts};
use crate::{Criterion, Golden, GoldenValue};

/// What is chosen together, and by what.
#[derive(Clone, Copy)]
pub(super) struct Choice<'a> {
    pub(super) columns: &'a [&'a str],
    pub(super) order: &'a [Criterion],
    /// How far sources are trusted here, where that is not the trust that each has.
    pub(super) trust: &'a Trusts,
    pub(super) final_values: &'a [String],
    /// Values of the first column that a member calls former ones.
    pub(super) former: &'a [&'a str],
    pub(super) past: Option<&'a Past>,
}

/// What members list under a column of former values.
pub(super) fn former_values<'a>(column: &str, members: &[Member<'a>]) -> Vec<&'a str> {
    members.iter().filter_map(|member| member.attributes.get(column)).flat_map(|values| values.split(';')).collect()
}

/// Chooses one record for the columns of a group and takes all its values of the group.
pub(super) fn choose(choice: Choice<'_>, members: &[Member<'_>], golden: &mut Golden) {
    let columns = choice.columns;
    let speaks = |member: &&Member<'_>, columns: &[&str]| columns.iter().any(|column| member.attributes.get(column).is_some());
    let mut candidates: Vec<&Member<'_>> = members.iter().filter(|member| speaks(member, &columns[..1])).collect();
    if candidates.is_empty() {
        candidates = members.iter().filter(|member| speaks(member, columns)).collect();
    }
    let Some(first) = candidates.first() else { return };
    let rule = if candidates.len() == 1 {
        Cow::Borrowed("only")
    } else if candidates.iter().all(|candidate| says_the_same(columns, candidate, first)) {
        Cow::Borrowed("agreed")
    } else {
        Cow::Borrowed("tie")
    };
    let best = |left: &Member<'_>, right: &Member<'_>| -> (Ordering, Option<Criterion>) {
        for criterion in choice.order {
            let ordering = compare(*criterion, choice, left, right, members);
            if ordering.is_ne() {
                return (ordering, Some(*criterion));
            }
        }
        // The smaller number wins, so it counts as the greater.
        (right.order.cmp(&left.order).then(right.record.cmp(&left.record)), None)
    };
    let mut sorted = candidates;
    sorted.sort_by(|left, right| best(right, left).0);
    let chosen = sorted[0];
    let rule = match sorted.iter().find(|other| !says_the_same(columns, other, chosen)) {
        Some(rival) if rule == "tie" => best(chosen, rival).1.map_or(Cow::Borrowed("tie"), |criterion| Cow::Borrowed(criterion.as_str())),
        _ => rule,
    };
    for column in columns {
        if let Some(value) = chosen.attributes.get(column) {
            let (agreeing, differing) = opinions(column, value, members);
            let value = GoldenValue { value: value.to_owned(), record: Some(chosen.record), rule: rule.clone(), agreeing, differing };
            golden.values.insert((*column).to_owned(), value);
            continue;
        }
        // The number of a representative whom the chosen record names alone is with whom names him too.
        let named = columns.first().filter(|first| *first != column).and_then(|first| chosen.attributes.get(first));
        let same = |other: &&&Member<'_>| named.is_some() && other.attributes.get(columns[0]) == named;
        let told = sorted.iter().filter(same).find_map(|other| Some((other.record, other.attributes.get(column)?)));
        if let Some((record, value)) = told {
            let (agreeing, differing) = opinions(column, value, members);
            let rule = Cow::Borrowed(Criterion::Completeness.as_str());
            let value = GoldenValue { value: value.to_owned(), record: Some(record), rule, agreeing, differing };
            golden.values.insert((*column).to_owned(), value);
        }
    }
}

fn says_the_same(columns: &[&str], left: &Member<'_>, right: &Member<'_>) -> bool {
    columns.iter().all(|column| left.attributes.get(column) == right.attributes.get(column))
}

/// How many members say `value` for `column`, and how many say something else.
pub(super) fn opinions(column: &str, value: &str, members: &[Member<'_>]) -> (u32, u32) {
    members
        .iter()
        .filter_map(|member| member.attributes.get(column))
        .fold((0, 0), |(same, other), said| if said == value { (same + 1, other) } else { (same, other + 1) })
}

/// Greater is better.
fn compare(criterion: Criterion, choice: Choice<'_>, left: &Member<'_>, right: &Member<'_>, members: &[Member<'_>]) -> Ordering {
    let columns = choice.columns;
    match criterion {
        Criterion::Final => {
            let rank = |member: &Member<'_>| {
                let said = member.attributes.get(columns[0]);
                let at = said.and_then(|value| choice.final_values.iter().position(|known| known == value));
                at.map_or(0, |at| choice.final_values.len() - at)
            };
            rank(left).cmp(&rank(right))
        }
        Criterion::Present => {
            let is_present = |member: &Member<'_>| {
                choice.past.is_none_or(|past| {
                    let of_past = |said: &str| {
                        let former = past.former.as_deref().map_or_else(Vec::new, |column| former_values(column, members));
                        past.values.iter().any(|known| known == said) || former.contains(&said)
                    };
                    !member.attributes.get(&past.column).is_some_and(of_past)
                })
            };
            is_present(left).cmp(&is_present(right))
        }
        Criterion::Current => {
            let is_current = |member: &Member<'_>| member.attributes.get(columns[0]).is_some_and(|value| !choice.former.contains(&value));
            is_current(left).cmp(&is_current(right))
        }
        Criterion::Intact => {
            let whole = |member: &Member<'_>| columns.iter().all(|column| member.attributes.get(column).is_none_or(is_intact));
            whole(left).cmp(&whole(right))
        }
        Criterion::Trust => {
            let trust = |member: &Member<'_>| choice.trust.get(member.source).copied().unwrap_or(member.trust);
            trust(left).cmp(&trust(right))
        }
        Criterion::Verified => left.verified.cmp(&right.verified),
        Criterion::Recency => since(left).cmp(&since(right)).then(left.received_at.cmp(&right.received_at)),
        Criterion::Completeness => extent(columns, left).cmp(&extent(columns, right)),
        Criterion::Frequency => {
            let followers = |candidate: &Member<'_>| members.iter().filter(|member| says_the_same(columns, member, candidate)).count();
            followers(left).cmp(&followers(right))
        }
    }
}

/// The day since when a record's values hold; the day it was received when it does not say.
pub(super) fn since(member: &Member<'_>) -> String {
    member.valid_from.map_or_else(|| jiku_model::civil_day(member.received_at).to_string(), str::to_owned)
}

fn extent(columns: &[&str], member: &Member<'_>) -> (usize, usize) {
    let said = columns.iter().filter_map(|column| member.attributes.get(column));
    said.fold((0, 0), |(count, length), value| (count + 1, length + value.chars().count()))
}

/// Whether nothing of a value was lost or hidden on its way.
fn is_intact(value: &str) -> bool {
    let lost = value.contains(['?', '？', '□', '〓', '\u{FFFD}', '*']);
    let cut = ["有限", "有限公", "有限责任", "有限责任公", "股份有限公"].iter().any(|end| value.ends_with(end));
    !lost && !cut && !has_digit_for_character(value)
}

/// Whether a digit stands in a short name of Chinese characters (李1明): too short for a company's name, and no person is called so.
fn has_digit_for_character(value: &str) -> bool {
    value.chars().count() <= 4 && value.contains(|c: char| c.is_ascii_digit()) && value.starts_with(|c: char| !c.is_ascii())
}
