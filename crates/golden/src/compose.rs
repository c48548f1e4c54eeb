//! Which value does each attribute of the golden record take, and from whom?

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiku_model::{Attributes, EntityKind, RecordId, Timestamp};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

use crate::rules::Past;
use crate::{Criterion, Rules};

/// A source record as survivorship sees it.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The record.
    pub record: RecordId,
    /// Its order-free number ([`jiku_model::RecordKey::order`]): the last word in a tie.
    pub order: u64,
    /// The trust in its source system, 0 to 100.
    pub trust: u8,
    /// Whether it carries a verified identifier.
    pub verified: bool,
    /// Since when its values hold in the world: a canonical date.
    pub valid_from: Option<&'a str>,
    /// When it was received.
    pub received_at: Timestamp,
    /// What it says.
    pub attributes: &'a Attributes,
}

/// A steward's own value for one column; it stands until it is released.
#[derive(Clone, Copy, Debug)]
pub struct Override<'a> {
    /// The column.
    pub column: &'a str,
    /// The value.
    pub value: &'a str,
    /// When it was set: of two for one column the later stands.
    pub at: Timestamp,
}

/// The golden record (黄金记录) of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Golden {
    /// The values by column.
    pub values: BTreeMap<String, GoldenValue>,
}

impl Golden {
    /// The values alone.
    #[must_use]
    pub fn attributes(&self) -> Attributes {
        self.values.iter().map(|(column, golden)| (column.as_str(), golden.value.as_str())).collect()
    }
}

/// One value of a golden record with its provenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldenValue {
    /// The value, canonical.
    pub value: String,
    /// The source record it was taken from; none when a steward set it.
    pub record: Option<RecordId>,
    /// What chose it: `only` (one record says anything), `agreed` (all that say anything say this), the deciding
    /// [`Criterion`], `tie` (the criteria could not tell), `number` (the record's number tells it, and contradicts what was said),
    /// `address` (the address that was chosen tells it, and its record says nothing else), or `override`.
    #[serde(deserialize_with = "rule")]
    pub rule: Cow<'static, str>,
    /// How many members say the same, the chosen one included.
    pub agreeing: u32,
    /// How many members say something else.
    pub differing: u32,
}

/// Reads what chose a value. There are few such words, and every golden record that is shown has many of them.
fn rule<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    const WORDS: [&str; 6] = ["only", "agreed", "tie", "number", "address", "override"];

    struct Word;
    impl Visitor<'_> for Word {
        type Value = Cow<'static, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("what chose the value")
        }

        fn visit_str<E>(self, said: &str) -> Result<Self::Value, E> {
            let known = WORDS.into_iter().chain(Criterion::ALL.map(Criterion::as_str)).find(|word| *word == said);
            Ok(known.map_or_else(|| Cow::Owned(said.to_owned()), Cow::Borrowed))
        }
    }
    deserializer.deserialize_str(Word)
}

impl Golden {
    /// Puts the value of a column of which the chosen record says nothing, and which another value of that record tells (an address its
    /// division). What other records say of the column belongs to what they say of the other one.
    fn complete(&mut self, column: &str, value: String, told_by: &str, members: &[Member<'_>]) {
        let teller = self.values.get(told_by).and_then(|teller| teller.record);
        if teller.is_some() && !self.values.contains_key(column) {
            let (agreeing, differing) = opinions(column, &value, members);
            let told = GoldenValue { value, record: teller, rule: Cow::Borrowed("address"), agreeing, differing };
            self.values.insert(column.to_owned(), told);
        }
    }

    /// Takes a value away that another one rules out, unless it is newer, or a steward's.
    fn rule_out(&mut self, column: &str, by: &str, members: &[Member<'_>]) {
        let told = |column: &str| {
            let record = self.values.get(column)?.record?;
            members.iter().find(|member| member.record == record).map(|member| (since(member), member.received_at))
        };
        if let (Some(value), Some(ruling)) = (told(column), told(by))
            && value <= ruling
        {
            self.values.remove(column);
        }
    }

    /// Takes the value that stands out of the list of former ones: a trusted source that still tells it has said that it is none.
    fn keep_former(&mut self, former: &str, column: &str) {
        let Some(standing) = self.values.get(column).map(|standing| standing.value.clone()) else { return };
        let Some(listed) = self.values.get_mut(former).filter(|listed| listed.rule != "override") else { return };
        let kept: Vec<&str> = listed.value.split(';').filter(|value| *value != standing).collect();
        let kept = kept.join(";");
        if kept.is_empty() {
            self.values.remove(former);
        } else {
            listed.value = kept;
        }
    }

    /// Puts the value of a column that another value of the record tells (a number its bearer's birth date) where none is, or one that
    /// contradicts it; a steward's own value stays.
    fn correct(&mut self, column: &str, value: String, told_by: &str, members: &[Member<'_>]) {
        let record = self.values.get(told_by).and_then(|teller| teller.record);
        let (agreeing, differing) = opinions(column, &value, members);
        if self.values.get(column).is_none_or(|held| held.rule != "override") {
            let told = GoldenValue { value, record, rule: Cow::Borrowed("number"), agreeing, differing };
            self.values.insert(column.to_owned(), told);
        }
    }
}

/// The golden record of `members` of a kind: what the rules choose, the chosen address in full where another record tells it so, what
/// the number that survives tells unless it is another person's, nothing that another value rules out, and the division of the address that survives.
#[must_use]
pub fn compose_of(noun: &dyn EntityKind, rules: &Rules, members: &[Member<'_>], overrides: &[Override<'_>]) -> Golden {
    let mut golden = compose(rules, members, overrides);
    tell_address_in_full(&mut golden, noun, rules, members);
    if golden.values.contains_key("id_number") {
        let chosen = golden.attributes();
        let told = noun.told_by_number(&chosen);
        // One of the records that says what the number says speaks for the number.
        let is_seconded = told.iter().any(|(column, value)| opinions(column, value, members).0 > 0);
        if is_seconded || !noun.bears_foreign_number(&chosen) {
            for (column, value) in told {
                golden.correct(column, value, "id_number", members);
            }
        }
    }
    for (column, by) in noun.ruled_out(&golden.attributes()) {
        golden.rule_out(column, by, members);
    }
    if golden.values.contains_key("address") && !golden.values.contains_key("division") {
        let told = noun.division_of_address(&golden.attributes());
        told.into_iter().for_each(|code| golden.complete("division", code.to_owned(), "address", members));
    }
    golden
}

/// Takes the address, with what goes with it, from a record that tells the chosen one in full, the best of those that do: a later record
/// that knows the city or the house alone says nothing against the room.
fn tell_address_in_full(golden: &mut Golden, noun: &dyn EntityKind, rules: &Rules, members: &[Member<'_>]) {
    let Some(group) = rules.groups().iter().find(|group| group.columns[0] == "address") else { return };
    while let Some(chosen) = golden.values.get("address").filter(|chosen| !matches!(chosen.rule.as_ref(), "only" | "agreed" | "override")) {
        let is_fuller = |member: &&Member<'_>| {
            let address = member.attributes.get("address").filter(|address| address.len() > chosen.value.len());
            address.is_some_and(|address| noun.completes_address(address, &chosen.value))
        };
        let fuller: Vec<Member<'_>> = members.iter().filter(is_fuller).copied().collect();
        if fuller.is_empty() {
            return;
        }
        let columns: Vec<&str> = group.columns.iter().map(String::as_str).collect();
        let mut full = Golden::default();
        let choice = Choice { columns: &columns, order: &group.order, final_values: &[], former: &[], past: group.past.as_ref() };
        choose(choice, &fuller, &mut full);
        for column in columns {
            if golden.values.get(column).is_some_and(|held| held.rule == "override") {
                continue;
            }
            golden.values.remove(column);
            if let Some(mut value) = full.values.remove(column) {
                (value.agreeing, value.differing) = opinions(column, &value.value, members);
                value.rule = Cow::Borrowed(Criterion::Completeness.as_str());
                golden.values.insert(column.to_owned(), value);
            }
        }
    }
}

/// The golden record of `members` under `rules`; `overrides` replace what the rules would choose.
#[must_use]
pub fn compose(rules: &Rules, members: &[Member<'_>], overrides: &[Override<'_>]) -> Golden {
    if let ([alone], []) = (members, overrides) {
        return said_by(alone);
    }
    let mut columns: BTreeSet<&str> = members.iter().flat_map(|member| member.attributes.iter().map(|(column, _)| column)).collect();
    let mut golden = Golden::default();
    for group in rules.groups() {
        let names: Vec<&str> = group.columns.iter().map(String::as_str).collect();
        if names.iter().filter(|name| columns.remove(**name)).count() > 0 {
            let former = group.former.as_deref().map_or_else(Vec::new, |column| former_values(column, members));
            choose(
                Choice {
                    columns: &names,
                    order: &group.order,
                    final_values: &group.final_values,
                    former: &former,
                    past: group.past.as_ref(),
                },
                members,
                &mut golden,
            );
        }
    }
    for column in columns {
        choose(
            Choice { columns: &[column], order: rules.default_order(), final_values: &[], former: &[], past: None },
            members,
            &mut golden,
        );
    }
    let mut standing: Vec<&Override<'_>> = overrides.iter().collect();
    standing.sort_by_key(|steward| (steward.at, steward.value));
    for steward in standing {
        let (agreeing, differing) = opinions(steward.column, steward.value, members);
        let value = GoldenValue { value: steward.value.to_owned(), record: None, rule: Cow::Borrowed("override"), agreeing, differing };
        golden.values.insert(steward.column.to_owned(), value);
    }
    for group in rules.groups() {
        let of_past = group.past.as_ref().filter(|past| past.column == group.columns[0]).and_then(|past| past.former.as_ref());
        for former in group.former.iter().chain(of_past) {
            golden.keep_former(former, &group.columns[0]);
        }
    }
    golden
}

/// The golden record of a record that is alone: there is nothing to choose.
fn said_by(member: &Member<'_>) -> Golden {
    let only = |(column, value): (&str, &str)| {
        let (value, record) = (value.to_owned(), Some(member.record));
        (column.to_owned(), GoldenValue { value, record, rule: Cow::Borrowed("only"), agreeing: 1, differing: 0 })
    };
    Golden { values: member.attributes.iter().map(only).collect() }
}

/// What is chosen together, and by what.
#[derive(Clone, Copy)]
struct Choice<'a> {
    columns: &'a [&'a str],
    order: &'a [Criterion],
    final_values: &'a [String],
    /// Values of the first column that a member calls former ones.
    former: &'a [&'a str],
    past: Option<&'a Past>,
}

/// What members list under a column of former values.
fn former_values<'a>(column: &str, members: &[Member<'a>]) -> Vec<&'a str> {
    members.iter().filter_map(|member| member.attributes.get(column)).flat_map(|values| values.split(';')).collect()
}

/// Chooses one record for the columns of a group and takes all its values of the group.
fn choose(choice: Choice<'_>, members: &[Member<'_>], golden: &mut Golden) {
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
fn opinions(column: &str, value: &str, members: &[Member<'_>]) -> (u32, u32) {
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
        Criterion::Trust => left.trust.cmp(&right.trust),
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
fn since(member: &Member<'_>) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;
    use jiku_model::Kind;

    /// `trust received_day valid_from|- verified|- column=value…`
    struct Source {
        trust: u8,
        day: i64,
        valid_from: Option<String>,
        verified: bool,
        attributes: Attributes,
    }

    fn read(line: &str) -> Source {
        let mut words = line.split_whitespace();
        let mut next = || words.next().expect("four leading words");
        let (trust, day, valid_from, verified) = (next(), next(), next(), next());
        Source {
            trust: trust.parse().expect("a trust"),
            day: day.parse().expect("a day"),
            valid_from: (valid_from != "-").then(|| valid_from.to_owned()),
            verified: verified == "verified",
            attributes: words.filter_map(|pair| pair.split_once('=')).collect(),
        }
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_timestamp(day * 86_400, 0).expect("in range")
    }

    fn golden(rules: &Rules, sources: &[Source], order: &[usize], overrides: &[Override<'_>]) -> Golden {
        let members: Vec<Member<'_>> = order
            .iter()
            .map(|&index| {
                let source = &sources[index];
                Member {
                    record: RecordId::new(Kind::Person, u32::try_from(index).expect("small")),
                    order: index as u64,
                    trust: source.trust,
                    verified: source.verified,
                    valid_from: source.valid_from.as_deref(),
                    received_at: at(source.day),
                    attributes: &source.attributes,
                }
            })
            .collect();
        compose(rules, &members, overrides)
    }

    fn rules(order: &str) -> Rules {
        let text = format!(
            "name='t'\nversion=1\n[default]\norder=[{order}]\n[[attribute]]\ncolumns=['address','division']\norder=['recency','trust']"
        );
        Rules::from_toml(&text).expect("valid rules")
    }

    /// The golden record in every order of the sources as `column=value(rule, record, agreeing:differing)`.
    #[track_caller]
    fn check(order: &str, sources: &[&str], expected: &str) {
        let rules = rules(order);
        let sources: Vec<Source> = sources.iter().map(|line| read(line)).collect();
        let forwards: Vec<usize> = (0..sources.len()).collect();
        let backwards: Vec<usize> = forwards.iter().rev().copied().collect();
        let rotated: Vec<usize> = forwards.iter().map(|index| (index + 1) % sources.len()).collect();
        for way in [forwards, backwards, rotated] {
            let golden = golden(&rules, &sources, &way, &[]);
            let told: Vec<String> = golden
                .values
                .iter()
                .map(|(column, value)| {
                    let record = value.record.map_or("-".to_owned(), |record| record.slot().to_string());
                    format!("{column}={}({}, {record}, {}:{})", value.value, value.rule, value.agreeing, value.differing)
                })
                .collect();
            assert_eq!(told.join(" "), expected);
        }
    }

    #[test]
    fn the_trusted_source_wins() {
        check("'trust'", &["50 1 - - name=B", "90 1 - - name=A"], "name=A(trust, 1, 1:1)");
    }

    #[test]
    fn equal_trust_falls_to_the_next_criterion() {
        check("'trust','recency'", &["50 9 - - name=B", "50 1 - - name=A"], "name=B(recency, 0, 1:1)");
    }

    #[test]
    fn what_holds_since_later_is_newer_even_when_it_was_received_earlier() {
        check("'recency'", &["50 1 2020-01-01 - name=B", "50 2 2010-01-01 - name=A"], "name=B(recency, 0, 1:1)");
    }

    #[test]
    fn a_complete_date_beats_a_year() {
        check("'completeness'", &["50 1 - - birth=1980", "50 1 - - birth=1980-04-06"], "birth=1980-04-06(completeness, 1, 1:1)");
    }

    #[test]
    fn most_voices_win() {
        check("'frequency'", &["50 1 - - name=B", "50 1 - - name=A", "50 1 - - name=A"], "name=A(frequency, 1, 2:1)");
    }

    #[test]
    fn a_verified_record_speaks_first() {
        check("'verified','trust'", &["90 1 - - name=B", "10 1 - verified name=A"], "name=A(verified, 1, 1:1)");
    }

    #[test]
    fn what_lost_a_character_gives_way_to_what_did_not() {
        check("'intact','recency'", &["50 9 - - name=李?明", "50 1 - - name=李䶮明"], "name=李䶮明(intact, 1, 1:1)");
        check("'intact','recency'", &["50 9 - - name=李*", "50 1 - - name=李明"], "name=李明(intact, 1, 1:1)");
        check("'intact','recency'", &["50 9 - - name=李1明", "50 1 - - name=李一明"], "name=李一明(intact, 1, 1:1)");
        check("'intact','recency'", &["50 9 - - name=云山有限公", "50 1 - - name=云山有限公司"], "name=云山有限公司(intact, 1, 1:1)");
    }

    #[test]
    fn a_tie_goes_to_the_smaller_order_whatever_came_first() {
        check("'trust'", &["50 1 - - name=B", "50 1 - - name=A"], "name=B(tie, 0, 1:1)");
    }

    #[test]
    fn a_final_value_outlives_what_is_newer_but_not_what_is_trusted_more() {
        let text = "name='t'\nversion=1\n[default]\norder=['trust']\n[[attribute]]\ncolumns=['status']\norder=['trust','final','recency']\n\
                    final=['deceased']";
        let rules = Rules::from_toml(text).expect("valid rules");
        let chosen = |lines: [&str; 2]| {
            let golden = golden(&rules, &lines.map(read), &[0, 1], &[]);
            (golden.values["status"].value.clone(), golden.values["status"].rule.clone().into_owned())
        };
        let (dead, alive) = ("50 1 2020-01-01 - status=deceased", "50 9 2024-01-01 - status=active");
        assert_eq!(chosen([dead, alive]), ("deceased".to_owned(), "final".to_owned()));
        assert_eq!(chosen([dead, "90 1 - - status=active"]), ("active".to_owned(), "trust".to_owned()));
    }

    #[test]
    fn of_two_final_values_the_more_final_one_stands() {
        let text = "name='t'\nversion=1\n[default]\norder=['trust']\n[[attribute]]\ncolumns=['status']\norder=['trust','final','recency']\n\
                    final=['deregistered','revoked']";
        let rules = Rules::from_toml(text).expect("valid rules");
        let chosen = |lines: [&str; 3]| golden(&rules, &lines.map(read), &[0, 1, 2], &[]).values["status"].value.clone();
        let [gone, revoked, alive] = ["50 1 - - status=deregistered", "50 5 - - status=revoked", "50 9 - - status=active"];
        assert_eq!(chosen([gone, revoked, alive]), "deregistered");
        assert_eq!(chosen([revoked, alive, alive]), "revoked");
    }

    #[test]
    fn what_the_chosen_record_leaves_out_is_with_whom_names_the_same() {
        let text = "name='t'\nversion=1\n[default]\norder=['trust']\n[[attribute]]\ncolumns=['head','head_id']\norder=['trust','recency']";
        let rules = Rules::from_toml(text).expect("valid rules");
        let told = |lines: &[&str]| {
            let sources: Vec<Source> = lines.iter().map(|line| read(line)).collect();
            let order: Vec<usize> = (0..sources.len()).collect();
            let golden = golden(&rules, &sources, &order, &[]);
            let value = |column: &str| golden.values.get(column).map_or("-".to_owned(), |value| format!("{}({})", value.value, value.rule));
            format!("{} {}", value("head"), value("head_id"))
        };
        let [copy, registrar, before] = ["50 9 - - head=A", "50 5 - - head=A head_id=1", "50 1 - - head=B head_id=2"];
        assert_eq!(told(&[copy, registrar, before]), "A(recency) 1(completeness)");
        assert_eq!(told(&[copy, before]), "A(recency) -", "another's number is not his");
        assert_eq!(told(&[copy, "50 3 - - head=A head_id=3", registrar]), "A(recency) 1(completeness)", "the better of two");
    }

    #[test]
    fn a_name_that_somebody_calls_a_former_one_gives_way_to_the_present_one() {
        let text = "name='t'\nversion=1\n[default]\norder=['trust']\n[[attribute]]\ncolumns=['name']\norder=['trust','current','recency']\n\
                    former='former_name'";
        let rules = Rules::from_toml(text).expect("valid rules");
        let chosen = |lines: [&str; 2]| golden(&rules, &lines.map(read), &[0, 1], &[]).values["name"].value.clone();
        let (renamed, stale) = ("50 1 2020-01-01 - name=B former_name=A0;A", "50 9 2024-01-01 - name=A");
        assert_eq!(chosen([renamed, stale]), "B", "the stale copy is newer");
        assert_eq!(chosen([renamed, "90 9 2024-01-01 - name=A"]), "A", "whom one trusts more is believed");
        assert_eq!(chosen(["50 1 2020-01-01 - name=B former_name=A", "50 9 2024-01-01 - name=A former_name=B"]), "A", "back and forth");
        assert!(matches!(Rules::from_toml("name='t'\nversion=1\n[default]\norder=['current']"), Err(crate::RulesError::Former)));
    }

    #[test]
    fn a_number_that_its_source_replaced_gives_way_however_many_copies_there_are() {
        let text = "name='t'\nversion=1\n[default]\norder=['trust','recency']\n[[attribute]]\ncolumns=['number']\n\
                    order=['verified','trust','current','frequency','recency']\nformer='former_number'";
        let rules = Rules::from_toml(text).expect("valid rules");
        let told = |lines: &[&str]| {
            let sources: Vec<Source> = lines.iter().map(|line| read(line)).collect();
            let forwards: Vec<usize> = (0..sources.len()).collect();
            let backwards: Vec<usize> = forwards.iter().rev().copied().collect();
            let [one, other] = [forwards, backwards].map(|way| golden(&rules, &sources, &way, &[]));
            assert_eq!(one, other, "in whatever order they come");
            let value = |column: &str| one.values.get(column).map_or("-".to_owned(), |value| format!("{}({})", value.value, value.rule));
            format!("{} {}", value("number"), value("former_number"))
        };
        let corrected = "50 1 - verified number=N2 former_number=N1";
        let [stale, stranger] = ["50 5 - verified number=N1", "50 5 - verified number=N3"];
        assert_eq!(told(&[corrected, stale, stale, stale]), "N2(current) N1(only)");
        assert_eq!(told(&[corrected, stranger, stranger, stranger]), "N3(frequency) N1(only)", "it says nothing against another number");
        assert_eq!(told(&[corrected, "90 1 - verified number=N1"]), "N1(trust) -", "what stands is no former number");
        let twice = "50 9 - verified number=N3 former_number=N2;N1";
        assert_eq!(told(&[twice, "90 1 - verified number=N2", stale]), "N2(trust) N1(only)");
        assert_eq!(told(&[corrected, "50 9 - verified number=N1 former_number=N2"]), "N1(recency) N2(recency)", "they replaced each other");
    }

    #[test]
    fn a_slip_that_its_source_put_right_gives_way_to_what_it_is_now() {
        let text = "name='t'\nversion=1\n[default]\norder=['trust','recency']\n[[attribute]]\ncolumns=['name']\n\
                    order=['trust','present','recency']\npast={column='name',former='former_spelling'}";
        let rules = Rules::from_toml(text).expect("valid rules");
        let told = |lines: &[&str]| {
            let sources: Vec<Source> = lines.iter().map(|line| read(line)).collect();
            let order: Vec<usize> = (0..sources.len()).collect();
            let golden = golden(&rules, &sources, &order, &[]);
            let value = |column: &str| golden.values.get(column).map_or("-".to_owned(), |value| format!("{}({})", value.value, value.rule));
            format!("{} {}", value("name"), value("former_spelling"))
        };
        let corrected = "50 1 - - name=N2 former_spelling=N1";
        assert_eq!(told(&[corrected, "50 9 - - name=N1"]), "N2(present) N1(only)");
        assert_eq!(told(&[corrected, "50 9 - - name=N3"]), "N3(recency) N1(only)");
        assert_eq!(told(&[corrected, "90 9 - - name=N1"]), "N1(trust) -", "what stands is no slip");
    }

    #[test]
    fn who_moved_away_lives_where_another_record_knows_him() {
        let text = "name='t'\nversion=1\n[default]\norder=['trust']\n[[attribute]]\ncolumns=['address']\norder=['present','recency']\n\
                    past={column='status',values=['moved-away']}";
        let rules = Rules::from_toml(text).expect("valid rules");
        let left = read("50 9 2024-01-01 - address=old status=moved-away");
        let stays = read("50 1 2020-01-01 - address=new status=active");
        let chosen = golden(&rules, &[left, stays], &[0, 1], &[]);
        assert_eq!((chosen.values["address"].value.as_str(), chosen.values["address"].rule.as_ref()), ("new", "present"));
        assert!(matches!(Rules::from_toml("name='t'\nversion=1\n[default]\norder=['present']"), Err(crate::RulesError::Past)));
    }

    #[test]
    fn what_stands_beside_a_former_name_is_of_its_time() {
        let text = "name='t'\nversion=1\n[default]\norder=['trust']\n[[attribute]]\ncolumns=['head']\norder=['trust','present','recency']\n\
                    past={column='name',former='former_name'}";
        let rules = Rules::from_toml(text).expect("valid rules");
        let chosen = |lines: [&str; 2]| golden(&rules, &lines.map(read), &[0, 1], &[]).values["head"].value.clone();
        let renamed = "50 1 2020-01-01 - name=B former_name=A0;A head=new";
        assert_eq!(chosen([renamed, "50 9 2024-01-01 - name=A head=old"]), "new", "the stale copy came later");
        assert_eq!(chosen([renamed, "50 9 2024-01-01 - name=B head=newest"]), "newest", "a copy under the name of today is no stale one");
        assert_eq!(chosen([renamed, "90 9 2024-01-01 - name=A head=old"]), "old", "whom one trusts more is believed");
        let nothing = text.replace(",former='former_name'", "");
        assert!(matches!(Rules::from_toml(&nothing), Err(crate::RulesError::Past)));
    }

    #[test]
    fn one_voice_and_one_opinion_need_no_rule() {
        check("'trust'", &["50 1 - - name=A sex=1", "90 1 - - name=A"], "name=A(agreed, 1, 2:0) sex=1(only, 0, 1:0)");
    }

    #[test]
    fn address_and_division_come_from_one_record() {
        check("'trust'", &["90 1 - - address=old division=440100", "10 5 - - address=new"], "address=new(recency, 1, 1:1)");
        check("'trust'", &["90 1 - - division=440100", "10 5 - - name=A"], "division=440100(only, 0, 1:0) name=A(only, 1, 1:0)");
    }

    #[test]
    fn an_address_whose_record_names_no_division_tells_it_itself() {
        let rules = rules("'trust'");
        let sources = [read("90 1 - - address=old division=440105"), read("10 5 - - address=new")];
        let mut moved = golden(&rules, &sources, &[0, 1], &[]);
        assert!(!moved.values.contains_key("division"), "the division of another address is not its own");
        let members: Vec<Member<'_>> = Vec::new();
        moved.complete("division", "440103".to_owned(), "address", &members);
        let told = &moved.values["division"];
        assert_eq!((told.value.as_str(), &*told.rule, told.record), ("440103", "address", moved.values["address"].record));
        moved.complete("division", "440104".to_owned(), "address", &members);
        assert_eq!(moved.values["division"].value, "440103", "what is there stays");
    }

    #[test]
    fn an_override_stands_until_it_is_released_and_the_later_one_wins() {
        let rules = rules("'trust'");
        let sources = [read("90 1 - - name=A")];
        let overrides = [Override { column: "name", value: "C", at: at(3) }, Override { column: "name", value: "B", at: at(2) }];
        let with = golden(&rules, &sources, &[0], &overrides);
        assert_eq!((with.values["name"].value.as_str(), with.values["name"].record, &*with.values["name"].rule), ("C", None, "override"));
        assert_eq!(golden(&rules, &sources, &[0], &[]).values["name"].value, "A");
    }

    #[test]
    fn nobody_gives_an_empty_record() {
        assert_eq!(compose(&rules("'trust'"), &[], &[]), Golden::default());
    }
}
