//! Does the model in use explain itself, and does a preview tell what another threshold would do?

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiku_model::{Dimension, EntityId, Kind, RecordKey};
use jiku_registry::{Actor, ModelChange, Options, Period, QualityQuery, Registry, RegistryError, ResolveOptions, Role};
use jiku_tests::stores::Database;

use super::support::{actor, crosswalk, incoming, number, open, person, province, take, verified};

jiku_tests::on_both_stores! {
    the_thresholds_in_use_would_change_nothing;
    a_higher_threshold_takes_entities_apart_only_in_the_preview;
    thresholds_without_room_between_them_are_refused;
    what_a_preview_tells_is_what_applying_does_and_going_back_undoes_it;
    a_preview_heeds_what_a_rule_holds_apart_as_applying_does;
    a_model_is_applied_only_to_the_version_that_was_seen;
    another_node_uses_the_model_that_was_applied;
    a_model_that_cannot_be_used_is_refused_with_the_reason;
    a_telephone_of_hundreds_holds_nobody_together_any_more;
    a_valid_number_that_many_names_use_is_nobodys;
    a_number_beside_many_birth_dates_is_one_finding_and_no_questions;
    a_number_of_nobody_holds_nobody_apart;
    records_that_come_one_by_one_make_a_number_nobodys_too;
}

fn the_thresholds_in_use_would_change_nothing(database: &Database) {
    let registry = open(database);
    registry.ingest(&actor(), province(3, 150, 0, 0).iter().map(incoming).collect()).expect("ingest");
    let model = registry.model(&actor(), Kind::Person).expect("the model");
    assert!(model.comparisons.iter().all(|comparison| !comparison.zh.is_empty() && comparison.levels.len() > 1), "in words");
    assert!(model.thresholds.windows(2).all(|pair| pair[0].linked_pairs >= pair[1].linked_pairs), "a higher threshold links less");
    assert!(model.versions.iter().filter(|version| version.active).count() == 1);
    let preview = registry.preview_thresholds(&actor(), Kind::Person, model.link, None).expect("a preview");
    assert_eq!((preview.changes, preview.entities.0), (0, preview.entities.1), "{preview:?}");
    let waiting = registry.stats().expect("stats").kinds[0].open_reviews;
    assert_eq!(preview.tasks, (waiting, waiting), "the same questions as the queue");
}

fn a_higher_threshold_takes_entities_apart_only_in_the_preview(database: &Database) {
    let registry = open(database);
    registry.ingest(&actor(), province(3, 150, 0, 0).iter().map(incoming).collect()).expect("ingest");
    let position = registry.position();
    let preview = registry.preview_thresholds(&actor(), Kind::Person, 200.0, None).expect("a preview");
    assert!(preview.changes > 0 && preview.entities.1 > preview.entities.0, "{preview:?}");
    assert!(preview.tasks.1 > preview.tasks.0, "what is not linked is asked");
    assert!(preview.examples.iter().all(|example| example.records_after.len() > 1), "each falls apart");
    assert_eq!(registry.position(), position, "nothing was written");
    verified(&registry);
}

fn thresholds_without_room_between_them_are_refused(database: &Database) {
    let registry = open(database);
    for (link, review) in [(5.0, Some(5.0)), (1.0, Some(2.0)), (f32::NAN, None), (5.0, Some(f32::NAN))] {
        let answer = registry.preview_thresholds(&actor(), Kind::Person, link, review);
        assert!(matches!(answer, Err(RegistryError::Conflict { code: "threshold-range", .. })), "{link} {review:?}: {answer:?}");
    }
}

/// The entity of every record.
fn belonging(registry: &Registry, records: &[RecordKey]) -> BTreeMap<RecordKey, EntityId> {
    records.iter().map(|record| (record.clone(), crosswalk(registry, record))).collect()
}

fn what_a_preview_tells_is_what_applying_does_and_going_back_undoes_it(database: &Database) {
    let registry = open(database);
    let records: Vec<_> = province(3, 60, 0, 0).iter().map(incoming).collect();
    let keys: Vec<RecordKey> = records.iter().map(|record| record.key.clone()).collect();
    registry.ingest(&actor(), records).expect("ingest");
    let before = belonging(&registry, &keys);
    let change = ModelChange::Thresholds { link: 45.0, review: None };
    let preview = registry.preview_model(&actor(), Kind::Person, &change).expect("a preview");
    let outcome = registry.apply_model(&actor(), Kind::Person, &change, Some(preview.version), Some("too bold")).expect("applied");
    assert_eq!((outcome.version, outcome.entities), (preview.version + 1, preview.entities), "as the preview said");
    assert_eq!(outcome.tasks, preview.tasks, "as many questions as the preview said");
    assert!(outcome.entities.1 > outcome.entities.0);
    let apart: BTreeSet<EntityId> = belonging(&registry, &keys).into_values().collect();
    assert!(before.values().all(|id| apart.contains(id)), "an id stays with the largest part");
    verified(&registry);
    let decision = registry.decision(&actor(), outcome.decision).expect("it is in the ledger of decisions");
    assert_eq!((decision.kind.as_str(), decision.actor.as_str(), decision.comment.as_deref()), ("model", "tester", Some("too bold")));
    let model = registry.model(&actor(), Kind::Person).expect("the model");
    assert_eq!((model.link, model.in_use, model.versions.len()), (45.0, outcome.version, 2));

    let back = registry.apply_model(&actor(), Kind::Person, &ModelChange::Version(1), None, None).expect("back");
    assert_eq!((back.entities.1, back.tasks.1), (outcome.entities.0, outcome.tasks.0));
    assert_eq!(belonging(&registry, &keys), before, "every record belongs where it belonged");
    verified(&registry);
    drop(registry);
    verified(&open(database));
}

/// Previews a change, applies it, compares the two, and goes back.
#[track_caller]
fn holds_what_it_tells(registry: &Registry, keys: &[RecordKey], change: &ModelChange) {
    let before = belonging(registry, keys);
    let preview = registry.preview_model(&actor(), Kind::Person, change).expect("a preview");
    let outcome = registry.apply_model(&actor(), Kind::Person, change, Some(preview.version), None).expect("applied");
    assert_eq!((preview.entities, preview.tasks), (outcome.entities, outcome.tasks), "{change:?}");
    // Records that were or are together with one another hang together: so many such groups moved, and these are their entities.
    let after = belonging(registry, keys);
    let moved: BTreeSet<EntityId> = keys
        .iter()
        .filter(|key| {
            let with = |of: &BTreeMap<RecordKey, EntityId>| keys.iter().filter(|other| of[*other] == of[*key]).collect::<Vec<_>>();
            with(&before) != with(&after)
        })
        .map(|key| before[key])
        .collect();
    let told: BTreeSet<EntityId> = preview.examples.iter().flat_map(|example| example.entities.iter().copied()).collect();
    assert!(preview.examples.len() as u64 == preview.changes, "few enough to be told all: {}", preview.changes);
    assert_eq!(told, moved, "{change:?}");
    verified(registry);
    registry.apply_model(&actor(), Kind::Person, &ModelChange::Version(1), None, None).expect("back");
    assert_eq!(belonging(registry, keys), before, "every record belongs where it belonged");
}

fn a_preview_heeds_what_a_rule_holds_apart_as_applying_does(database: &Database) {
    let registry = open(database);
    let father = "name=简世豪|birth_date=1950-10-01|address=佛山市禅城区福贤路12号301|phone=13811110001";
    let twin = "name=区志明|sex=1|birth_date=1983-04-06|address=广州市越秀区中山五路3号|phone=13811110009";
    let mut records = vec![
        // Father and son, and one who resembles both.
        person("gongan", "father", father),
        person("renshe", "son", &father.replace("1950-10-01", "1980-03-15")),
        person("weijian", "either", &father.replace("birth_date=1950-10-01|", "")),
        // Two people with two valid numbers who resemble each other otherwise: below a lower threshold too they are no link.
        person("gongan", "one", &format!("{twin}|id_number={}", number("19830406", 11))),
        person("renshe", "other", &format!("{twin}|id_number={}", number("19830406", 13))),
    ];
    records.extend(province(3, 20, 0, 0).iter().map(incoming));
    let keys: Vec<RecordKey> = records.iter().map(|record| record.key.clone()).collect();
    registry.ingest(&actor(), records).expect("ingest");
    let model = registry.model(&actor(), Kind::Person).expect("the model");
    for (link, review) in [
        (model.link + 0.5, None),
        (model.review + 0.5, None),
        (30.0, None),
        (45.0, Some(20.0)),
        // Pairs below the threshold in use are in no ledger.
        (model.link, Some(model.review - 10.0)),
    ] {
        holds_what_it_tells(&registry, &keys, &ModelChange::Thresholds { link, review });
    }
}

fn a_model_is_applied_only_to_the_version_that_was_seen(database: &Database) {
    let registry = open(database);
    let change = ModelChange::Thresholds { link: 9.0, review: None };
    registry.apply_model(&actor(), Kind::Person, &change, Some(1), None).expect("the first");
    let late = registry.apply_model(&actor(), Kind::Person, &change, Some(1), None);
    assert!(matches!(late, Err(RegistryError::Conflict { code: "model-stale", .. })), "{late:?}");
    let steward = Actor { roles: vec![Role::Steward], ..actor() };
    let refused = registry.apply_model(&steward, Kind::Person, &change, Some(2), None);
    assert!(matches!(refused, Err(RegistryError::Forbidden(_))), "{refused:?}");
}

fn another_node_uses_the_model_that_was_applied(database: &Database) {
    let (one, other) = (open(database), open(database));
    one.ingest(&actor(), province(3, 60, 0, 0).iter().map(incoming).collect()).expect("ingest");
    one.apply_model(&actor(), Kind::Person, &ModelChange::Thresholds { link: 40.0, review: None }, None, None).expect("applied");
    // What the other node writes is judged by the model in use, and its memory is that of the database.
    other.ingest(&actor(), province(4, 20, 0, 0).iter().map(incoming).collect()).expect("ingest");
    assert_eq!(other.model(&actor(), Kind::Person).expect("the model").link, 40.0);
    verified(&other);
    verified(&one);
}

fn a_model_that_cannot_be_used_is_refused_with_the_reason(database: &Database) {
    let registry = open(database);
    let position = registry.position();
    for (toml, told) in [("prior = ", "not well formed"), ("name=\"a\"\nversion=1\nprior=0.1\nlink=1.0\nreview=0.0", "find nobody")] {
        let answer = registry.apply_model(&actor(), Kind::Person, &ModelChange::Model(toml.to_owned()), None, None);
        let Err(RegistryError::Invalid(problems)) = &answer else { panic!("{toml}: {answer:?}") };
        assert!(problems[0].advice.contains(told), "{}", problems[0].advice);
    }
    let missing = registry.apply_model(&actor(), Kind::Person, &ModelChange::Version(7), None, None);
    assert!(matches!(missing, Err(RegistryError::NotFound { .. })), "{missing:?}");
    assert_eq!(registry.position(), position, "nothing was written");
}

fn a_valid_number_that_many_names_use_is_nobodys(database: &Database) {
    let registry = open(database);
    let number = "440106198206150023";
    let names = ["马桂强", "马超艳", "杨刚华", "杨超红", "刘伟", "陈秀兰", "黄建国", "赵桂英"];
    let records: Vec<_> =
        (0..).zip(names).map(|(at, name)| person("gongan", &at.to_string(), &format!("name={name}|id_number={number}"))).collect();
    registry.ingest(&actor(), records).expect("ingest");
    // One person whose name was misspelt: two spellings are no crowd.
    let own =
        [("gongan", "own", "name=吴晓静|id_number=440106198406150028"), ("weijian", "own", "name=吴晓婧|id_number=440106198406150028")];
    registry.ingest(&actor(), own.map(|(source, key, said)| person(source, key, said)).to_vec()).expect("ingest");
    // What another department tells by that number alone is nobody's birth date either.
    let again = (0..).zip(names).map(|(at, name)| person("renshe", &at.to_string(), &format!("name={name}|id_number={number}")));
    registry.ingest(&actor(), again.collect()).expect("ingest");
    let outcome = registry.redo(&actor(), Kind::Person).expect("redo").expect("eight names use the number");
    assert_eq!(outcome.tasks.1, 0, "nobody is asked about strangers: {outcome:?}");
    let stats = registry.stats().expect("stats");
    let people = stats.kinds.iter().find(|kind| kind.kind == Kind::Person).expect("people");
    assert_eq!(people.entities, 2 * names.len() as u64 + 1, "each is somebody of their own");
    let later = take(&registry, person("gongan", "late", &format!("name=孙志远|id_number={number}")));
    assert_eq!(later.problems.iter().map(|problem| problem.code.as_ref()).collect::<Vec<_>>(), ["id-placeholder"]);
    let query =
        QualityQuery { kind: Some(Kind::Person), source: Some("gongan".parse().expect("a code")), period: Period::Month, field: None };
    let quality = registry.quality(&query).expect("quality").kinds.pop().expect("people").sources.pop().expect("gongan");
    let shared = quality.dimensions.iter().find(|(dimension, _)| *dimension == Dimension::Uniqueness);
    assert_eq!(shared.map(|(_, records)| *records), Some(names.len() as u64 + 1), "what came before is flagged too");
    verified(&registry);
}

/// A dummy number beside the birth dates and sexes of many is told as somebody else's by most of them, and as their own by those it happens to fit.
fn a_number_beside_many_birth_dates_is_one_finding_and_no_questions(database: &Database) {
    let registry = open(database);
    let dummy = "440106198206150023";
    let surnames = ["马", "杨", "刘", "陈", "黄", "赵"];
    let given = ["桂强", "超艳", "刚华", "秀兰", "建国", "晓燕"];
    let one = |at: usize| {
        let (name, sex) = (format!("{}{}", surnames[at % 6], given[(at + at / 6) % 6]), 1 + at % 2);
        let birth = format!("{}-{:02}-{:02}", 1950 + at * 2, 1 + at % 12, 1 + (at * 7) % 28);
        person("gongan", &at.to_string(), &format!("name={name}|id_number={dummy}|sex={sex}|birth_date={birth}"))
    };
    registry.ingest(&actor(), (0..30).map(one).collect()).expect("ingest");
    let outcome = registry.redo(&actor(), Kind::Person).expect("redo").expect("thirty names use the number");
    assert_eq!((outcome.tasks.1, outcome.entities.1), (0, 30), "nobody is asked, and each is somebody of their own: {outcome:?}");
    let found: Vec<_> = outcome.shared.iter().map(|shared| (shared.column.as_str(), shared.value.as_str(), shared.records)).collect();
    assert_eq!(found, [("id_number", "4****************3", 30)]);
    let late = take(&registry, one(31));
    let codes: BTreeSet<_> = late.problems.iter().map(|problem| problem.code.as_ref()).collect();
    assert!(codes.contains("id-placeholder"), "{codes:?}");
    assert_eq!(registry.stats().expect("stats").kinds[0].open_reviews, 0);
    verified(&registry);
    assert!(registry.redo(&actor(), Kind::Person).expect("redo").is_none(), "once is enough");
}

/// One after the other, as an interface sends them, and no import that ends.
fn records_that_come_one_by_one_make_a_number_nobodys_too(database: &Database) {
    let registry = Registry::open(Options::new(database.url())).expect("opens");
    let names = ["马桂强", "马超艳", "杨刚华", "杨超红", "刘伟", "陈秀兰", "黄建国"];
    let said = |name: &str| format!("name={name}|id_number=440106198206150023");
    for (at, name) in (0..).zip(names) {
        take(&registry, person("gongan", &at.to_string(), &said(name)));
    }
    let version = || registry.model(&actor(), Kind::Person).expect("the model").in_use;
    while version() == 1 {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(registry.stats().expect("stats").kinds[0].open_reviews, 0, "nobody is asked about strangers");
    let late = take(&registry, person("gongan", "late", &said("孙志远")));
    assert_eq!(late.problems.iter().map(|problem| problem.code.as_ref()).collect::<Vec<_>>(), ["id-placeholder"]);
    verified(&registry);
}

/// What is known of two records of one person is the same whether the number turned out to be nobody's before they came or after.
fn a_number_of_nobody_holds_nobody_apart(database: &Database) {
    let registry = open(database);
    let dummy = "440106198206150023";
    let known = "phone=13800138001|address=广州市天河区体育西路101号2栋303房";
    let told = |at: u32| {
        let own = number("19800406", 11 + at);
        let name = ["欧阳若曦", "司马青岚"][at as usize];
        let records = [
            person("gongan", &at.to_string(), &format!("name={name}|id_number={own}|{known}")),
            person("weijian", &at.to_string(), &format!("name={name}|id_number={dummy}|{known}")),
            person("minzheng", &at.to_string(), &format!("name={name}|{known}")),
        ];
        records.to_vec()
    };
    let of = |source: &str, at: u32| crosswalk(&registry, &super::support::key(Kind::Person, source, &at.to_string()));
    let is_one = |at| of("gongan", at) == of("weijian", at) && of("gongan", at) == of("minzheng", at);
    registry.ingest(&actor(), told(0)).expect("ingest");
    assert_ne!(of("gongan", 0), of("weijian", 0), "two numbers are two people");
    let names = ["马桂强", "马超艳", "杨刚华", "杨超红", "刘伟", "陈秀兰", "黄建国", "赵桂英"];
    let others = (0..).zip(names).map(|(at, name)| person("renshe", &at.to_string(), &format!("name={name}|id_number={dummy}")));
    registry.ingest(&actor(), others.collect()).expect("ingest");
    registry.redo(&actor(), Kind::Person).expect("redo").expect("nine names use the number");
    assert!(is_one(0), "a number of nobody is no other number");
    registry.ingest(&actor(), told(1)).expect("ingest");
    assert!(is_one(1), "nor is it for those who come later");
    verified(&registry);
    registry.apply_model(&actor(), Kind::Person, &ModelChange::Version(1), None, None).expect("taken back");
    assert!(!is_one(0) && !is_one(1), "undone");
    verified(&registry);
}

fn a_telephone_of_hundreds_holds_nobody_together_any_more(database: &Database) {
    let registry = open(database);
    let desk = "020-83331111";
    // One person under a name typed by sound, known by the telephone and the address alone.
    let pair = [
        person("gongan", "1", "name=欧阳若曦|sex=2|birth_date=1983-04-06|phone=020-83331111"),
        person("weijian", "1", "name=欧阳若熙|sex=2|birth_date=1983-04-09|phone=020-83331111"),
    ];
    registry.ingest(&actor(), pair.to_vec()).expect("ingest");
    let of = |source: &str| crosswalk(&registry, &super::support::key(Kind::Person, source, "1"));
    assert_eq!(of("gongan"), of("weijian"), "a telephone of two holds them together");
    assert!(registry.redo(&actor(), Kind::Person).expect("nothing to redo").is_none());

    let surnames = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周"];
    let strangers = (0..120).map(|at| {
        let name = format!("{}{}", surnames[at % 10], ["伟强", "秀兰", "建国", "桂英", "志远", "晓燕"][at % 6]);
        let birth = format!("{}-{:02}-{:02}", 1940 + at / 2, 1 + at % 12, 1 + (at * 7) % 28);
        person("minzheng", &at.to_string(), &format!("name={name}|birth_date={birth}|phone={desk}"))
    });
    registry.ingest(&actor(), strangers.collect()).expect("ingest");
    let outcome = registry.redo(&actor(), Kind::Person).expect("redo").expect("the telephone is shared by more than a hundred");
    assert_ne!(of("gongan"), of("weijian"), "what leaned on the telephone is taken back");
    assert!(outcome.changed > 0 && outcome.entities.1 > outcome.entities.0, "{outcome:?}");
    let asked = pair[0].raw.clone();
    let found = registry.resolve(&actor(), Kind::Person, &asked, &ResolveOptions { explain: true, ..ResolveOptions::default() });
    let best = found.expect("resolve").candidates.swap_remove(0).explanation.expect("asked for");
    assert!(best.lines.iter().all(|line| line.comparison != "phone" || line.weight == 0.0), "{best:?}");
    verified(&registry);
    assert!(registry.redo(&actor(), Kind::Person).expect("redo").is_none(), "once is enough");
    registry.apply_model(&actor(), Kind::Person, &ModelChange::Version(1), None, None).expect("taken back");
    assert_eq!(of("gongan"), of("weijian"), "undone");
    verified(&registry);
}
