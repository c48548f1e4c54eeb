//! What is the rule called that chose a golden value, or that stands in the order of a clause?
//!
//! Most rules have one word. What counts as past is said by each clause: a status, or a name of before.

use jiku_model::Kind;
use jiku_registry::{ClauseView, PastView};

use super::{Language, values, words};

/// What an attribute is called; the geometry has no place in a table, and a name all the same.
pub(crate) fn title(l: Language, kind: Kind, column: &str) -> String {
    match words::columns(l, kind).find(|(name, _)| *name == column) {
        Some((_, title)) => title.to_owned(),
        None if column == "geometry" => l.say("界址", "boundary").to_owned(),
        None => column.to_owned(),
    }
}

/// What a value of an attribute means, in words where there are any.
pub(crate) fn value(l: Language, kind: Kind, column: &str, text: &str) -> String {
    let meaning = values::meaning(l, kind, column, text);
    if meaning.is_empty() { text.to_owned() } else { meaning }
}

/// The rule that chose a golden value, in the words of the clauses in use.
pub(crate) fn rule(l: Language, kind: Kind, clauses: &[ClauseView], column: &str, rule: &str) -> String {
    let clause = clauses.iter().find(|clause| clause.columns.iter().any(|known| known == column));
    clause.map_or_else(|| words::word(l, rule).to_owned(), |clause| rule_of(l, kind, clause, rule))
}

/// A rule in the order of a clause.
pub(crate) fn rule_of(l: Language, kind: Kind, clause: &ClauseView, rule: &str) -> String {
    match &clause.past {
        Some(past) if rule == "present" => present(l, kind, clause, past),
        _ => words::word(l, rule).to_owned(),
    }
}

/// What a record that is not of the past does not say.
fn present(l: Language, kind: Kind, clause: &ClauseView, PastView { column, values, former }: &PastView) -> String {
    let by_value = values.iter().map(|text| value(l, kind, column, text));
    let by_former = former.iter().map(|former| {
        let former = title(l, kind, former);
        // A name is chosen that is no former one; of a seat or a head the record's name says of which time it is.
        match (l, clause.columns.first() == Some(column)) {
            (Language::Zh, true) => former,
            (Language::Zh, false) => format!("{former}时期"),
            (Language::En, true) => format!("a {former}"),
            (Language::En, false) => format!("under a {former}"),
        }
    });
    let told: Vec<String> = by_value.chain(by_former).collect();
    match l {
        Language::Zh => format!("非{}", told.join("、")),
        Language::En => format!("not {}", told.join(" or ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: Kind, columns: &[&str], past: (&str, &[&str], Option<&str>), expected: [&str; 2]) {
        let (column, values, former) = past;
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let clause = ClauseView {
            columns: owned(columns),
            order: vec!["present"],
            trust: std::collections::BTreeMap::new(),
            final_values: Vec::new(),
            former: None,
            past: Some(PastView { column: column.to_owned(), values: owned(values), former: former.map(str::to_owned) }),
        };
        let told =
            [Language::Zh, Language::En].map(|l| rule(l, kind, std::slice::from_ref(&clause), columns[columns.len() - 1], "present"));
        assert_eq!(told, expected);
    }

    #[test]
    fn what_is_of_the_past_is_said_of_each_attribute_by_its_own_words() {
        let moved: &[&str] = &["moved-away"];
        check(Kind::Person, &["address", "division"], ("status", moved, None), ["非迁出", "not moved away"]);
        check(Kind::Person, &["name"], ("name", &[], Some("former_spelling")), ["非曾误写姓名", "not a former spelling"]);
        check(Kind::LegalPerson, &["address", "division"], ("name", &[], Some("former_name")), ["非曾用名时期", "not under a former name"]);
        check(
            Kind::LegalPerson,
            &["phone"],
            ("status", moved, Some("former_name")),
            ["非迁出、曾用名时期", "not moved away or under a former name"],
        );
    }

    #[test]
    fn a_rule_that_no_clause_speaks_of_has_its_general_word() {
        assert_eq!(rule(Language::En, Kind::Person, &[], "name", "present"), "not of the past");
        assert_eq!(rule(Language::Zh, Kind::Parcel, &[], "geometry", "trust"), "来源可信度");
        assert_eq!([title(Language::En, Kind::Parcel, "geometry"), title(Language::Zh, Kind::Person, "status")], ["boundary", "人员状态"]);
    }
}
