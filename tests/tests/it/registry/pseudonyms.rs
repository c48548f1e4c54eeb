//! Can a department join its data on people without being told who they are?

use jiku_model::{Kind, RawRecord};
use jiku_registry::{Actor, Expected, MinimalAnswer, Pseudonym, Registry, RegistryError, Role, Unmerge, Who};
use jiku_tests::stores::Database;

use super::support::{actor, entity, li, number, open, take, zhang};

jiku_tests::on_both_stores! {
    a_name_is_the_departments_own_and_survives_merge_and_unmerge;
    who_walks_the_numbers_is_kept_out;
}

fn verifier(department: &str) -> Actor {
    let roles = vec![Role::Verifier];
    Actor { department: department.to_owned(), roles, purposes: Some(["test".to_owned()].into()), ..Actor::operator(department) }
}

fn by_number(birth: &str, sequence: u32) -> Who {
    let raw: RawRecord = [("id_number".to_owned(), number(birth, sequence).into())].into_iter().collect();
    Who::Record(raw)
}

fn a_name_is_the_departments_own_and_survives_merge_and_unmerge(database: &Database) {
    let registry = open(database);
    let (one, other) = (entity(&take(&registry, zhang("gongan", "1"))), entity(&take(&registry, li("gongan", "2"))));
    let ask =
        |registry: &Registry, department: &str, who: &Who| registry.pseudonym(&verifier(department), Kind::Person, who).expect("an answer");
    let health = |who: &Who| ask(&registry, "health", who);
    let name = |found: &Pseudonym| found.pseudonym.clone().expect("a name");
    let (first, second) = (health(&Who::Entity(one)), health(&Who::Entity(other)));
    assert_eq!(first, health(&by_number("19800406", 11)), "by id or by record");
    assert_eq!(first, ask(&open(database), "health", &Who::Entity(one)), "on every node");
    assert_ne!(name(&first), name(&second));
    assert_ne!(name(&first), name(&ask(&registry, "court", &Who::Entity(one))), "another department has other names");
    assert!(name(&first).len() == 32 && !name(&first).contains(&one.to_string()[..8]));
    let stranger = health(&by_number("19770707", 77));
    assert_eq!(stranger, Pseudonym { answer: MinimalAnswer::No, pseudonym: None, former: Vec::new() });

    let done = registry.merge(&actor(), Kind::Person, &[one, other], None, &Expected::new(), false).expect("merged");
    let merged = health(&Who::Entity(other));
    assert_eq!(merged, health(&Who::Entity(one)), "who was merged is found under the survivor's name");
    let mut known = [name(&first), name(&second)];
    known.sort();
    let mut told: Vec<String> = merged.former.iter().cloned().chain([name(&merged)]).collect();
    told.sort();
    assert_eq!(told, known, "both names are told, one as a former one");
    let decision = done.decision.expect("a decision");
    registry.unmerge(&actor(), Kind::Person, &Unmerge::Decision(decision), None, &Expected::new(), false).expect("unmerged");
    assert_eq!((health(&Who::Entity(one)), health(&Who::Entity(other))), (first, second), "an unmerge gives the names back");
    let nobody = registry.pseudonym(&verifier(" "), Kind::Person, &Who::Entity(one));
    assert!(matches!(nobody, Err(RegistryError::Conflict { code: "no-department", .. })));
    let auditor = Actor { roles: vec![Role::Auditor], ..verifier("audit") };
    assert!(matches!(registry.pseudonym(&auditor, Kind::Person, &Who::Entity(one)), Err(RegistryError::Forbidden(_))));
}

fn who_walks_the_numbers_is_kept_out(database: &Database) {
    let registry = open(database);
    take(&registry, zhang("gongan", "1"));
    let walker = verifier("walker");
    let walk = |sequence: u32| registry.pseudonym(&walker, Kind::Person, &by_number("19900101", sequence));
    let stopped =
        (0..60).position(|sequence| matches!(walk(sequence), Err(RegistryError::Exhausted { code: "enumeration-suspected", .. })));
    assert_eq!(stopped, Some(49), "at the fiftieth miss");
    assert!(registry.pseudonym(&walker, Kind::Person, &by_number("19800406", 11)).is_err(), "also for who is there");
    // Who knows names and numbers does not guess, and who tries the numbers of one place and day under a name does.
    let (careful, careless) = (verifier("careful"), verifier("careless"));
    let exists = |actor: &Actor, birth: &str, sequence: u32| {
        let Who::Record(mut raw) = by_number(birth, sequence) else { panic!("a record") };
        raw.insert("name".to_owned(), "诸葛明".into());
        registry.exists(actor, Kind::Person, &raw, None)
    };
    for day in 0..60 {
        exists(&careful, &format!("1990{:02}{:02}", day / 28 + 1, day % 28 + 1), 1).expect("answered");
    }
    assert_eq!((0..60).position(|sequence| exists(&careless, "19900101", sequence).is_err()), Some(50), "the first of them is no try");
}
