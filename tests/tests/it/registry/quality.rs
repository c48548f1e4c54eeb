//! Does the quality of the data tell what the sources sent, by field, reason and time?

use jiku_model::Kind;
use jiku_registry::{FieldPeriod, FieldQuality, Period, QualityQuery, Registry, RegistryError, SourceQuality};
use jiku_tests::stores::Database;

use super::support::{actor, key, open, person, record, take, verified};

jiku_tests::on_both_stores! {
    what_is_missing_and_wrong_is_counted_by_source_and_field;
    a_revision_replaces_what_was_counted_and_a_withdrawal_takes_it_away;
    another_node_and_a_fresh_start_count_the_same;
    a_number_of_two_is_told_until_it_is_put_right;
}

fn of_source(registry: &Registry, source: &str) -> Option<SourceQuality> {
    let query = QualityQuery {
        kind: Some(Kind::Person),
        source: Some(source.parse().expect("a code")),
        period: Period::Month,
        field: Some("phone".to_owned()),
    };
    registry.quality(&query).expect("quality").kinds.pop().expect("the kind asked for").sources.pop()
}

fn field<'q>(quality: &'q SourceQuality, name: &str) -> &'q FieldQuality {
    quality.fields.iter().find(|field| field.field == name).expect("a standard column")
}

/// `code records` of a field.
fn problems(quality: &SourceQuality, name: &str) -> Vec<(String, u64)> {
    field(quality, name).problems.iter().map(|problem| (problem.code.clone(), problem.records)).collect()
}

fn what_is_missing_and_wrong_is_counted_by_source_and_field(database: &Database) {
    let registry = open(database);
    take(&registry, person("gongan", "1", "name=张伟强|id_number=110101199003070038|phone=13800138001"));
    take(&registry, person("gongan", "2", "name=李小梅|id_number=110101199003070039|birth_date=1990-03-07"));
    // The same person again, in the source's own register.
    take(&registry, person("gongan", "3", "name=张伟强|id_number=110101199003070038|phone=13800138001"));
    take(&registry, person("weijian", "1", "name=王芳|birth_date=2188-02-20"));
    let gongan = of_source(&registry, "gongan").expect("it sent records");
    assert_eq!((gongan.records, gongan.flagged, gongan.duplicates), (3, 1, 1));
    assert_eq!((field(&gongan, "name").filled, field(&gongan, "phone").filled, field(&gongan, "address").filled), (3, 2, 0));
    assert_eq!(problems(&gongan, "id_number"), [("id-checksum".to_owned(), 1)]);
    assert_eq!(
        gongan.dimensions.iter().map(|(dimension, records)| (dimension.as_str(), *records)).find(|(_, records)| *records > 0),
        Some(("validity", 1))
    );
    let [period] = gongan.periods.as_slice() else { panic!("one month: {:?}", gongan.periods) };
    assert_eq!((period.records, period.flagged), (3, 1));
    assert_eq!(period.dimensions, gongan.dimensions, "all of them came in one month");
    assert_eq!(period.field, Some(FieldPeriod { filled: 2, problems: 0 }), "telephones over time");
    let unknown = QualityQuery { field: Some("telephone".to_owned()), ..QualityQuery::default() };
    assert!(matches!(registry.quality(&unknown), Err(RegistryError::Invalid(_))));
    let weijian = of_source(&registry, "weijian").expect("it sent a record");
    assert_eq!((weijian.records, weijian.flagged, field(&weijian, "birth_date").filled), (1, 1, 0));
    assert_eq!(problems(&weijian, "birth_date"), [("date-range".to_owned(), 1)]);
    assert!(of_source(&registry, "nobody").is_none());
    verified(&registry);
}

fn a_revision_replaces_what_was_counted_and_a_withdrawal_takes_it_away(database: &Database) {
    let registry = open(database);
    take(&registry, person("gongan", "1", "name=张伟强|id_number=110101199003070039"));
    assert_eq!(of_source(&registry, "gongan").map(|quality| (quality.records, quality.flagged)), Some((1, 1)));
    take(&registry, person("gongan", "1", "name=张伟强|id_number=110101199003070038"));
    assert_eq!(of_source(&registry, "gongan").map(|quality| (quality.records, quality.flagged)), Some((1, 0)));
    registry.withdraw(&actor(), &key(Kind::Person, "gongan", "1")).expect("withdraw");
    assert!(of_source(&registry, "gongan").is_none());
    verified(&registry);
}

fn another_node_and_a_fresh_start_count_the_same(database: &Database) {
    let registry = open(database);
    take(&registry, person("gongan", "1", "name=张伟强|id_number=110101199003070039"));
    let other = open(database);
    take(&registry, person("gongan", "2", "name=李小梅|phone=13800138001"));
    take(&registry, person("gongan", "1", "name=张伟强|id_number=110101199003070038|address=广州市天河区黄埔大道西4号"));
    registry.rebuild(&actor()).expect("rebuild");
    let expected = of_source(&registry, "gongan");
    assert_eq!(of_source(&open(database), "gongan"), expected);
    // A write of its own makes the other node catch up with all that came before it.
    take(&other, person("weijian", "1", "name=王芳"));
    assert_eq!(of_source(&other, "gongan"), expected);
    verified(&other);
}

/// Whose records tell a number that records of another entity tell too, of how many, and how many of a source are flagged: `kind source field`.
fn of_several(registry: &Registry) -> Vec<(String, u64, u64)> {
    let kinds = registry.quality(&QualityQuery::default()).expect("quality").kinds;
    let sources = kinds.iter().flat_map(|of_kind| of_kind.sources.iter().map(move |source| (of_kind.kind, source)));
    let mut told = Vec::new();
    for (kind, source) in sources {
        let shared = |field: &&FieldQuality| field.problems.iter().any(|problem| problem.code == "id-shared");
        for field in source.fields.iter().filter(shared) {
            let records = field.problems.iter().filter(|problem| problem.code == "id-shared").map(|problem| problem.records).sum();
            let of_uniqueness = |dimensions: &[(jiku_model::Dimension, u64)]| {
                dimensions.iter().find(|(dimension, _)| *dimension == jiku_model::Dimension::Uniqueness).map(|(_, records)| *records)
            };
            assert_eq!(of_uniqueness(&source.dimensions), Some(records), "it is told in its dimension");
            assert_eq!(source.periods.iter().filter_map(|period| of_uniqueness(&period.dimensions)).sum::<u64>(), records, "and over time");
            told.push((format!("{kind} {} {}", source.source.code, field.field), records, source.flagged));
        }
    }
    told
}

fn a_number_of_two_is_told_until_it_is_put_right(database: &Database) {
    let registry = open(database);
    let company = |source: &str, key: &str, fields: &str| take(&registry, record(Kind::LegalPerson, source, key, fields));
    let (own, others) = ("uscc=91440106MA5A000131", "uscc=91440106MA5A00021U");
    company("scjg", "1", &format!("name=广州云山科技有限公司|{own}"));
    company("shuiwu", "1", &format!("name=广州云山科技有限公司|{own}"));
    company("scjg", "2", &format!("name=广州青木贸易有限公司|{others}"));
    assert_eq!(of_several(&registry), [], "one organisation in two registers");
    // A branch with its head's code, and a company with another's.
    company("shuiwu", "branch", &format!("name=广州云山科技有限公司佛山分公司|{own}"));
    company("caigou", "wrong", &format!("name=佛山金石陶瓷有限公司|{others}"));
    let told = |line: &str, records, flagged| (line.to_owned(), records, flagged);
    let both = [told("legal-person caigou uscc", 1, 1), told("legal-person scjg uscc", 2, 2), told("legal-person shuiwu uscc", 2, 2)];
    assert_eq!(of_several(&registry), both);
    verified(&registry);
    assert_eq!(of_several(&open(database)), both, "after a new start");
    company("caigou", "wrong", "name=佛山金石陶瓷有限公司");
    assert_eq!(of_several(&registry), [told("legal-person scjg uscc", 1, 1), told("legal-person shuiwu uscc", 2, 2)]);
    registry.withdraw(&actor(), &key(Kind::LegalPerson, "shuiwu", "branch")).expect("withdrawn");
    assert_eq!(of_several(&registry), []);
    // Two people under one number.
    let number = super::support::number("19800406", 11);
    take(&registry, person("gongan", "1", &format!("name=陈志强|id_number={number}|sex=1")));
    take(&registry, person("weijian", "1", &format!("name=卢丽华|id_number={number}|sex=1")));
    assert_eq!(of_several(&registry), [told("person gongan id_number", 1, 1), told("person weijian id_number", 1, 1)]);
    verified(&registry);
}
