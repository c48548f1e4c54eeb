//! Which value does each attribute of the golden record take, and from whom?

mod corrections;
mod survivorship;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiku_model::{Attributes, RecordId, Timestamp};

pub use self::corrections::compose_of;
use self::survivorship::{Choice, choose, former_values, opinions};
use crate::rules::DefaultOrder;
use crate::{Golden, GoldenValue, Rules};

/// A source record as survivorship sees it.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The record.
    pub record: RecordId,
    /// Its order-free number ([`jiku_model::RecordKey::order`]): the last word in a tie.
    pub order: u64,
    /// The code of its source system.
    pub source: &'a str,
    /// The trust in its source system, 0 to 100, where the rules say no other.
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

/// The golden record of `members` under `rules`; `overrides` replace what the rules would choose.
#[must_use]
pub fn compose(rules: &Rules, members: &[Member<'_>], overrides: &[Override<'_>]) -> Golden {
    if let ([alone], []) = (members, overrides) {
        return said_by(alone.record, alone.attributes);
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
                    trust: &group.trust,
                    final_values: &group.final_values,
                    former: &former,
                    past: group.past.as_ref(),
                },
                members,
                &mut golden,
            );
        }
    }
    let DefaultOrder { order, trust } = rules.default();
    for column in columns {
        choose(Choice { columns: &[column], order, trust, final_values: &[], former: &[], past: None }, members, &mut golden);
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
pub(crate) fn said_by(record: RecordId, attributes: &Attributes) -> Golden {
    let only = |(column, value): (&str, &str)| {
        let (value, record) = (value.to_owned(), Some(record));
        (column.to_owned(), GoldenValue { value, record, rule: Cow::Borrowed("only"), agreeing: 1, differing: 0 })
    };
    Golden { values: attributes.iter().map(only).collect() }
}
