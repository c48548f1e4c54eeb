//! Does the golden record say what its rules choose, in any order of its members?

use jiku_model::{Attributes, Kind, RecordId, Timestamp};

use super::{Member, Override, compose};
use crate::{Golden, Rules};

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
                source: ["first", "second", "third"].get(index).copied().unwrap_or("another"),
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
fn a_rule_may_trust_a_source_otherwise_than_it_is_trusted_elsewhere() {
    let text = "name='t'\nversion=1\n[default]\norder=['trust']\n[[attribute]]\ncolumns=['status']\norder=['trust']\ntrust={second=95}";
    let rules = Rules::from_toml(text).expect("valid rules");
    let sources = ["90 1 - - name=A status=1", "50 1 - - name=B status=2"].map(read);
    let golden = golden(&rules, &sources, &[0, 1], &[]);
    let told = |column: &str| (golden.values[column].value.clone(), golden.values[column].rule.to_string());
    assert_eq!(told("name"), ("A".to_owned(), "trust".to_owned()));
    assert_eq!(told("status"), ("2".to_owned(), "trust".to_owned()));
    for wrong in ["order=['recency']\ntrust={second=95}", "order=['trust']\ntrust={second=101}"] {
        assert!(Rules::from_toml(&format!("name='t'\nversion=1\n[default]\n{wrong}")).is_err(), "{wrong}");
    }
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
