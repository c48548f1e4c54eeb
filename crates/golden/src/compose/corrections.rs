//! What do the values that survived say of each other?

use std::borrow::Cow;

use jiku_model::EntityKind;

use super::survivorship::{Choice, choose, opinions, since};
use super::{Member, Override, compose};
use crate::{Criterion, Golden, GoldenValue, Rules};

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
    let told = noun.division_of_address(&golden.attributes());
    let is_stewards = |column: &str| golden.values.get(column).is_some_and(|held| held.rule == "override");
    if told.is_some() && is_stewards("address") && !is_stewards("division") {
        // It belongs to the address that the steward's takes the place of.
        golden.values.remove("division");
    }
    if let Some(code) = told {
        golden.complete("division", code.to_owned(), "address", members);
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
        let (order, trust, past) = (&group.order, &group.trust, group.past.as_ref());
        let choice = Choice { columns: &columns, order, trust, final_values: &[], former: &[], past };
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

impl Golden {
    /// Puts the value of a column of which the chosen record says nothing, and which another value of that record tells (an address its
    /// division). What other records say of the column belongs to what they say of the other one.
    pub(super) fn complete(&mut self, column: &str, value: String, told_by: &str, members: &[Member<'_>]) {
        if let Some(teller) = self.values.get(told_by)
            && (teller.record.is_some() || teller.rule == "override")
            && !self.values.contains_key(column)
        {
            let record = teller.record;
            let (agreeing, differing) = opinions(column, &value, members);
            let told = GoldenValue { value, record, rule: Cow::Borrowed("address"), agreeing, differing };
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
    pub(super) fn keep_former(&mut self, former: &str, column: &str) {
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
