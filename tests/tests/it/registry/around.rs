//! Who is near an entity, and does masking change the answer?

use jiku_model::Kind;
use jiku_registry::{Actor, EntityView};
use jiku_tests::stores::Database;

use super::support::{actor, entity, li, number, open, person, take, wang, zhang};

jiku_tests::on_both_stores! {
    a_household_shares_telephone_or_address_whoever_asks;
    a_suggestion_looks_alike_and_is_not_the_entity_itself;
    entities_are_found_together_in_the_order_asked_for;
}

fn names(views: &[EntityView]) -> Vec<&str> {
    views.iter().map(|view| view.values["name"].value.as_str()).collect()
}

fn a_household_shares_telephone_or_address_whoever_asks(database: &Database) {
    let registry = open(database);
    let address = "广东省广州市天河区天河路10号3栋501室";
    let at_home = |key: &str, name: &str, birth: &str, phone: &str| {
        let number = number(&birth.replace('-', ""), 11);
        take(
            &registry,
            person(
                "gongan",
                key,
                &format!("name={name}|id_type=111|id_number={number}|birth_date={birth}|phone={phone}|address={address}"),
            ),
        )
    };
    let father = entity(&at_home("1", "司马光", "1970-01-05", "13800138010"));
    at_home("2", "司马迁", "1998-06-07", "13800138011");
    let elsewhere = person("gongan", "3", "name=欧阳修|birth_date=1985-02-03|phone=13800138010");
    take(&registry, elsewhere);
    take(&registry, wang("gongan", "4"));
    let home = registry.household(&actor(), Kind::Person, father).expect("household");
    let mut found = names(&home);
    found.sort_unstable();
    assert_eq!(found, ["司马迁", "欧阳修"]);
    let masked = Actor { unmask: false, ..actor() };
    let home = registry.household(&masked, Kind::Person, father).expect("household");
    assert!(home.len() == 2 && home.iter().all(|view| view.masked), "the same people, masked");
    for key in 5..20 {
        take(
            &registry,
            person(
                "gongan",
                &key.to_string(),
                &format!(
                    "name=工人{}|birth_date=19{}-01-01|phone=13800138010|address={address}",
                    "甲乙丙丁戊己庚辛壬癸子丑寅卯辰".chars().nth(key - 5).expect("a letter"),
                    60 + key
                ),
            ),
        );
    }
    assert!(registry.household(&actor(), Kind::Person, father).expect("household").is_empty(), "a dormitory is no household");
}

fn a_suggestion_looks_alike_and_is_not_the_entity_itself(database: &Database) {
    let registry = open(database);
    let one = entity(&take(&registry, zhang("gongan", "1")));
    let number = number("19800406", 11);
    let other = entity(&take(
        &registry,
        person("weijian", "a", &format!("name=陈丽华|id_type=111|id_number={number}|sex=2|birth_date=1995-11-30")),
    ));
    take(&registry, li("gongan", "2"));
    let alike = registry.alike(&Actor { unmask: false, ..actor() }, Kind::Person, one, 5).expect("suggestions");
    assert_eq!(alike.first().map(|candidate| candidate.entity), Some(other));
    assert!(alike.iter().all(|candidate| candidate.entity != one));
    assert!(alike[0].golden.as_ref().is_some_and(|golden| golden.masked));
}

fn entities_are_found_together_in_the_order_asked_for(database: &Database) {
    let registry = open(database);
    let ids = [wang("gongan", "1"), zhang("gongan", "2")].map(|record| entity(&take(&registry, record)));
    let views = registry.find_all(&actor(), Kind::Person, &ids).expect("views");
    assert_eq!(names(&views), ["王建国", "张伟强"]);
    assert!(registry.find_all(&actor(), Kind::Parcel, &[]).expect("views").is_empty());
}
