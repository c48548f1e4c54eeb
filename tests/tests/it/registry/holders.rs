//! Are the rights in a parcel told in full, each with the person or legal person who holds it?

use jiku_model::{EntityId, Kind, RawRecord, Sensitivity};
use jiku_registry::{
    Actor, EditOptions, Include, Limits, Options, ParcelEdit, ParcelQuery, ParcelRights, PartyFoundBy, Registry, RegistryError,
    RightsPolicy, RightsQuery,
};
use jiku_tests::stores::Database;
use serde_json::{Value, json};

use super::support::{actor, entity, find, number, open, picture, record, take, verified, zhang};

jiku_tests::on_both_stores! {
    a_parcel_tells_all_its_rights_and_who_holds_them;
    rows_of_one_source_tell_the_rights_of_a_parcel_together;
    rights_are_edited_carried_and_brought_back;
    holders_are_masked_and_kept_from_who_may_not_reach_them;
}

const COMPANY: &str = "91350100M000100Y43";
const BOUNDARY: &str = "POLYGON((113.3 23.1,113.301 23.1,113.301 23.101,113.3 23.101,113.3 23.1))";

fn parcel(registry: &Registry, source: &str, key: &str, fields: &str) -> EntityId {
    entity(&take(registry, record(Kind::Parcel, source, key, &format!("parcel_code=440106001001GB00007|{fields}"))))
}

fn rights(registry: &Registry, actor: &Actor, id: EntityId, query: &RightsQuery) -> ParcelRights {
    registry.parcel_rights(actor, id, query).expect("the rights")
}

/// Category, holder, share and party.
type Told<'a> = (&'a str, &'a str, Option<&'a str>, Option<(Kind, EntityId, PartyFoundBy)>);

fn told(rights: &ParcelRights) -> Vec<Told<'_>> {
    let one = |view: &jiku_registry::RightView| view.party.map(|party| (party.kind, party.id, party.by));
    rights
        .rights
        .iter()
        .map(|view| {
            let right = &view.right;
            (right.category.as_str(), right.right_holder.as_deref().unwrap_or_default(), right.right_share.as_deref(), one(view))
        })
        .collect()
}

fn a_parcel_tells_all_its_rights_and_who_holds_them(database: &Database) {
    let registry = open(database);
    let person = entity(&take(&registry, zhang("gongan", "P1")));
    let company =
        entity(&take(&registry, record(Kind::LegalPerson, "shichang", "C1", &format!("name=福州云山科技有限公司|uscc={COMPANY}"))));
    let bank = entity(&take(
        &registry,
        record(Kind::LegalPerson, "shichang", "C2", "name=广州云峰银行股份有限公司|registration_number=440101000000001"),
    ));
    let list = json!([
        {"right_type": "宅基地使用权", "right_holder": "张伟强", "right_holder_id": number("19800406", 11), "right_share": "1/2"},
        {"right_type": "宅基地使用权", "right_holder": "福州云山科技有限公司", "right_holder_id": COMPANY, "right_share": "1/2"},
        {"right_type": "抵押权", "right_holder": "广州云峰银行股份有限公司", "valid_from": "2020-01-01", "valid_to": "2021-12-31"},
        {"right_type": "地役权", "right_holder": "李四"},
    ]);
    let id = parcel(&registry, "ziran", "1", &format!("geometry={BOUNDARY}|rights={list}"));
    let all = rights(&registry, &actor(), id, &RightsQuery::default());
    assert_eq!(
        told(&all),
        [
            ("right", "张伟强", Some("1/2"), Some((Kind::Person, person, PartyFoundBy::Number))),
            ("right", "福州云山科技有限公司", Some("1/2"), Some((Kind::LegalPerson, company, PartyFoundBy::Number))),
            ("restriction", "广州云峰银行股份有限公司", None, Some((Kind::LegalPerson, bank, PartyFoundBy::Name))),
            ("restriction", "李四", None, None),
        ],
        "people are not found by their name"
    );
    let later = RightsQuery { valid_at: "2022-01-01".parse().ok(), ..RightsQuery::default() };
    assert_eq!(rights(&registry, &actor(), id, &later).rights.len(), 3, "the mortgage has ended");
    // From the other side: whoever holds any right holds the parcel.
    let held = find(&registry, Kind::LegalPerson, company).parcels.expect("asked for");
    assert_eq!(held.iter().map(|tie| (tie.from, tie.role.as_str())).collect::<Vec<_>>(), [(id, "right_holder")]);
    for holder in [COMPANY, "张伟强", "广州云峰银行股份有限公司"] {
        let query = ParcelQuery { right_holder: Some(holder.to_owned()), limit: 10, ..ParcelQuery::default() };
        let hits = registry.query_parcels(&actor(), &query).expect("query").items;
        assert_eq!(hits.iter().map(|hit| hit.parcel.id).collect::<Vec<_>>(), [id], "{holder}");
    }
    let before = find(&registry, Kind::Parcel, id).recorded_from;
    parcel(&registry, "ziran", "1", &format!("geometry={BOUNDARY}|right_holder=李四|right_type=宅基地使用权"));
    assert_eq!(told(&rights(&registry, &actor(), id, &RightsQuery::default())), [("right", "李四", None, None)]);
    let then = RightsQuery { as_of: Some(before), ..RightsQuery::default() };
    assert_eq!(rights(&registry, &actor(), id, &then).rights.len(), 4, "what was recorded then is still told");
    verified(&registry);
}

fn rows_of_one_source_tell_the_rights_of_a_parcel_together(database: &Database) {
    let registry = open(database);
    let of = |key: &str, holder: &str, share: &str| {
        parcel(
            &registry,
            "budongchan",
            key,
            &format!("location=天河路1号|right_type=宅基地使用权|right_holder={holder}|right_share={share}"),
        )
    };
    let id = of("1", "甲", "1/2");
    assert_eq!(of("2", "乙", "1/2"), id);
    parcel(&registry, "budongchan", "3", "location=天河路1号|right_type=抵押权|right_holder=某银行");
    let together = rights(&registry, &actor(), id, &RightsQuery::default());
    let mut holders: Vec<(&str, &str)> = told(&together).into_iter().map(|right| (right.0, right.1)).collect();
    holders.sort();
    assert_eq!(holders, [("restriction", "某银行"), ("right", "乙"), ("right", "甲")]);
    let known = find(&registry, Kind::Parcel, id).values["right_holder"].value.clone();
    assert!(["甲", "乙"].contains(&known.as_str()), "a parcel is known by its right, not by the mortgage that came last: {known}");
    // A row that takes the whole has taken the others' place; so has another source that is heard instead.
    of("4", "丙", "1/1");
    let whole = rights(&registry, &actor(), id, &RightsQuery::default());
    assert!(told(&whole).iter().all(|right| right.0 == "restriction" || right.1 == "丙"), "{whole:?}");
    verified(&registry);
    assert_eq!(picture(&open(database), Kind::Parcel, &[id]), picture(&registry, Kind::Parcel, &[id]));
}

fn raw(value: Value) -> RawRecord {
    let Value::Object(map) = value else { panic!("the values are an object") };
    map
}

fn attempt(registry: &Registry, what: &ParcelEdit, options: EditOptions) -> Result<jiku_registry::EditOutcome, RegistryError> {
    let look = registry.edit_parcels(&actor(), what, &EditOptions { dry_run: true, ..options.clone() })?;
    registry.edit_parcels(&actor(), what, &EditOptions { expected: look.seen, ..options })
}

fn rights_are_edited_carried_and_brought_back(database: &Database) {
    let registry = open(database);
    let id = parcel(&registry, "ziran", "1", &format!("geometry={BOUNDARY}|right_holder=张三|right_type=宅基地使用权"));
    let list = json!([{"right_holder": "张三", "right_type": "宅基地使用权"}, {"right_holder": "某银行", "right_type": "抵押权"}]);
    let patch = |changes: Value| ParcelEdit::Patch { parcel: id, changes: raw(changes) };
    attempt(&registry, &patch(json!({ "rights": list })), EditOptions::default()).expect("a list is put");
    assert_eq!(rights(&registry, &actor(), id, &RightsQuery::default()).rights.len(), 2);
    for changes in [json!({ "right_holder": "李四" }), json!({ "rights": [{ "right_type": "抵押权" }] }), json!({ "rights": "李四" })]
    {
        let refused = attempt(&registry, &patch(changes.clone()), EditOptions::default());
        assert!(matches!(refused, Err(RegistryError::Invalid(_))), "{changes} says less than is known: {refused:?}");
    }
    let split = ParcelEdit::Split {
        parcel: id,
        by: jiku_registry::Cut::Lines(vec![vec![[113.3005, 23.099], [113.3005, 23.102]]]),
        crs: None,
        parts: Vec::new(),
    };
    let blocked = attempt(&registry, &split, EditOptions { rights: RightsPolicy::Block, ..EditOptions::default() });
    assert!(matches!(blocked, Err(RegistryError::Conflict { code: "rights-block", .. })), "{blocked:?}");
    let done = attempt(&registry, &split, EditOptions::default()).expect("a split carries the rights");
    for part in &done.parcels {
        assert_eq!(rights(&registry, &actor(), part.id.expect("an id"), &RightsQuery::default()).rights.len(), 2);
    }
    let undo = ParcelEdit::Undo { decision: done.decision.expect("a decision") };
    attempt(&registry, &undo, EditOptions::default()).expect("undone");
    assert_eq!(rights(&registry, &actor(), id, &RightsQuery::default()).rights.len(), 2);
    attempt(&registry, &patch(json!({ "rights": null })), EditOptions::default()).expect("all rights end");
    assert!(rights(&registry, &actor(), id, &RightsQuery::default()).rights.is_empty());
    assert!(find(&registry, Kind::Parcel, id).values.keys().all(|column| !column.starts_with("right")));
    verified(&registry);
}

fn holders_are_masked_and_kept_from_who_may_not_reach_them(database: &Database) {
    let registry = Registry::open(Options::new(database.url())).expect("the test's registry opens");
    take(&registry, zhang("gongan", "P1"));
    let list = json!([
        {"right_holder": "张伟强", "right_holder_id": number("19800406", 11)},
        {"right_type": "抵押权", "right_holder": "福州云山科技有限公司", "right_holder_id": COMPANY},
    ]);
    let id = parcel(&registry, "ziran", "1", &format!("geometry={BOUNDARY}|rights={list}"));
    let curious = Actor { unmask: false, ..actor() };
    let seen = rights(&registry, &curious, id, &RightsQuery::default());
    assert!(seen.masked);
    let names: Vec<_> =
        seen.rights.iter().map(|view| (view.right.right_holder.as_deref(), view.right.right_holder_id.as_deref())).collect();
    assert_eq!((names[0].0, names[1]), (Some("张**"), (Some("福州云山科技有限公司"), Some(COMPANY))));
    assert!(names[0].1.is_some_and(|number| number.contains("****")), "{names:?}");
    let value = match registry.find(&curious, Kind::Parcel, id, &jiku_registry::View { as_of: None, include: Include::default() }) {
        Ok(jiku_registry::Found::Record(view)) => view.values["rights"].value.clone(),
        other => panic!("{other:?}"),
    };
    assert!(!value.contains("伟强") && !value.contains("19800406") && value.contains(COMPANY), "{value}");
    let of_the_public = Actor { limits: Limits { read: Sensitivity::Public, ..Limits::default() }.into(), ..actor() };
    let untold = rights(&registry, &of_the_public, id, &RightsQuery::default());
    assert!(untold.rights.iter().all(|view| view.right.right_holder.is_none() && view.party.is_none()), "{untold:?}");
    assert!(rights(&registry, &actor(), id, &RightsQuery::default()).rights.iter().any(|view| view.party.is_some()));
    let of_land = Actor { limits: Limits { kinds: vec![Kind::Parcel], ..Limits::default() }.into(), ..actor() };
    assert!(rights(&registry, &of_land, id, &RightsQuery::default()).rights.iter().all(|view| view.party.is_none()));
    verified(&registry);
}
