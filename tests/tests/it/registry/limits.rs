//! Do scope and field rights agree with a model of a few lines, whoever asks for whatever; and are accounts kept apart?

use std::collections::BTreeMap;
use std::sync::Arc;

use jiku_model::{EntityId, Kind, RawRecord, Sensitivity};
use jiku_registry::{
    Actor, Found, Include, Limits, NewKey, NewUser, ParcelQuery, Registry, RegistryError, ResolveOptions, Role, RowStatus, SearchField,
    SearchQuery, Sources, View, Who, columns,
};
use jiku_tests::long::setting;
use jiku_tests::stores::Database;

use super::support::{actor, entity, key, open, person, record, take};
use crate::web::service::identity_number;

jiku_tests::on_both_stores! {
    random_triples_of_actor_entity_and_field_agree_with_the_model;
    no_account_is_two_administrators_or_an_administrator_who_reads;
    a_principal_has_two_keys_of_a_year_at_most;
    rights_change_at_once_on_another_node;
    who_sends_a_record_brings_nobody_into_their_own_scope;
    whoever_walks_through_numbers_is_kept_out_whichever_way_they_ask;
    whoever_tries_values_under_a_name_is_kept_out_whichever_way_they_ask;
}

/// A small generator: the same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len())].clone()
    }
}

const CLASSES: [Sensitivity; 4] = [Sensitivity::Public, Sensitivity::Internal, Sensitivity::Personal, Sensitivity::Sensitive];

/// What the model says an actor sees of a field: nothing, the value masked, or the value.
#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Absent,
    Masked,
    Full,
}

/// The model: a page of rules in a dozen lines.
fn expected(asking: &Actor, kind: Kind, division: Option<&str>, column: &str) -> Seen {
    let limits = &asking.limits;
    let class = columns(kind).iter().find(|known| known.name == column).expect("a column").sensitivity;
    let kind_fits = limits.kinds.is_empty() || limits.kinds.contains(&kind);
    let division_fits = limits.divisions.is_empty() || limits.divisions.iter().any(|prefix| division.unwrap_or("").starts_with(prefix));
    if !kind_fits || !division_fits || class > limits.read {
        Seen::Absent
    } else if class <= Sensitivity::Internal || (asking.unmask && (asking.roles.contains(&Role::Steward) || limits.unmask)) {
        Seen::Full
    } else {
        Seen::Masked
    }
}

pub(super) struct Known {
    pub(super) kind: Kind,
    pub(super) id: EntityId,
    source_key: String,
    values: BTreeMap<String, String>,
}

pub(super) fn fill(registry: &Registry) -> Vec<Known> {
    let mut all = Vec::new();
    for (number, division) in ["440106", "440103", "440305", "110101", ""].iter().cycle().take(15).enumerate() {
        let born = format!("19{}-0{}-1{}", 60 + number, number % 9 + 1, number % 9);
        let fields = format!(
            "name=诸葛{}|birth_date={born}|phone=1380013{:04}|division={division}|status=active",
            "甲乙丙丁戊己庚辛壬癸子丑寅卯辰".chars().nth(number).expect("a letter"),
            8000 + number
        );
        let row = take(registry, person("gongan", &format!("p{number}"), &fields));
        all.push((Kind::Person, entity(&row), format!("p{number}")));
    }
    for (number, division) in ["440106", "440305", "110101"].iter().enumerate() {
        let fields = format!("name=广州第{number}有限公司|legal_representative=张伟|division={division}|phone=020-8313476{number}");
        let row = take(registry, record(Kind::LegalPerson, "gongan", &format!("l{number}"), &fields));
        all.push((Kind::LegalPerson, entity(&row), format!("l{number}")));
    }
    let golden = |(kind, id, source_key): (Kind, EntityId, String)| {
        let Found::Record(view) = registry.find(&actor(), kind, id, &View::default()).expect("found") else { panic!("it is there") };
        Known { kind, id, source_key, values: view.values.into_iter().map(|(column, value)| (column, value.value)).collect() }
    };
    all.into_iter().map(golden).collect()
}

/// S5 in docs/reliability.md: by hand as many as `JIKU_TRIPLES` says.
fn random_triples_of_actor_entity_and_field_agree_with_the_model(database: &Database) {
    let registry = open(database);
    let known = fill(&registry);
    let mut dice = Dice(7);
    for _ in 0..setting("JIKU_TRIPLES", 400) {
        let limits = Limits {
            divisions: dice.pick(&[vec![], vec!["44".to_owned()], vec!["4401".to_owned()], vec!["440106".to_owned(), "11".to_owned()]]),
            kinds: dice.pick(&[vec![], vec![Kind::Person], vec![Kind::LegalPerson, Kind::Parcel]]),
            read: dice.pick(&CLASSES),
            filter: dice.pick(&CLASSES),
            unmask: dice.roll(4) == 0,
            ..Limits::default()
        };
        let roles = vec![dice.pick(&[Role::Reader, Role::Steward, Role::Source, Role::DataOffice])];
        let asking = Actor { roles, unmask: dice.roll(2) == 0, limits: Arc::new(limits), ..actor() };
        let about = &known[dice.roll(known.len())];
        let column = dice.pick(&about.values.keys().cloned().collect::<Vec<_>>());
        let division = about.values.get("division").map(String::as_str);
        let expected = expected(&asking, about.kind, division, &column);
        let seen = |value: Option<&str>| match value {
            None => Seen::Absent,
            Some(value) if value == about.values[&column] => Seen::Full,
            Some(_) => Seen::Masked,
        };
        let what = format!("{:?} {} {:?} {column}", asking.roles, about.kind, asking.limits);
        let view = View { include: Include::ALL, ..View::default() };
        let found = match registry.find(&asking, about.kind, about.id, &view) {
            Ok(Found::Record(view)) => view.values.get(&column).map(|value| value.value.clone()),
            Err(RegistryError::NotFound { what: "entity" }) => None,
            other => panic!("{what}: {other:?}"),
        };
        assert_eq!(seen(found.as_deref()), expected, "find: {what}");
        let reached = match registry.crosswalk(&asking, &key(about.kind, "gongan", &about.source_key)) {
            Ok(record) => record.attributes.get(&column).map(str::to_owned),
            Err(RegistryError::NotFound { .. }) => None,
            Err(other) => panic!("{what}: {other:?}"),
        };
        assert_eq!(seen(reached.as_deref()), expected, "crosswalk: {what}");
        let name = SearchField { field: "name".to_owned(), text: about.values["name"].clone() };
        let query = SearchQuery { fields: vec![name], limit: 100, cursor: None };
        let class = columns(about.kind).iter().find(|known| known.name == "name").expect("a name").sensitivity;
        match registry.search(&asking, about.kind, &query) {
            Err(RegistryError::FieldForbidden { .. }) => assert!(class > asking.limits.filter, "search: {what}"),
            Err(RegistryError::Forbidden(_)) => assert!(!asking.limits.reach_kind(about.kind), "search: {what}"),
            Ok(page) => {
                assert!(class <= asking.limits.filter, "search: {what}");
                let hit = page.items.iter().find(|item| item.id == about.id);
                assert_eq!(hit.is_some(), asking.limits.reach(about.kind, division), "search: {what}");
                assert_eq!(page.next, None, "what is out of scope makes no page: {what}");
            }
            Err(other) => panic!("{what}: {other:?}"),
        }
    }
}

fn no_account_is_two_administrators_or_an_administrator_who_reads(database: &Database) {
    let registry = open(database);
    for (at, one) in Role::ALL.into_iter().enumerate() {
        for other in &Role::ALL[at + 1..] {
            let kept_apart = one.is_administrator() || other.is_administrator();
            let roles = vec![one, *other];
            let user = NewUser {
                name: "both".to_owned(),
                department: "d".to_owned(),
                roles: roles.clone(),
                password: "a long password".to_owned(),
                staff_number: None,
                sources: Sources::default(),
            };
            let key = NewKey {
                principal: format!("{one}-{other}"),
                department: "d".to_owned(),
                roles,
                expires_at: None,
                sources: Sources::default(),
            };
            let refused = |error: RegistryError| matches!(error, RegistryError::Conflict { code: "separation-of-duties", .. });
            assert_eq!(registry.create_user(&actor(), &user).err().is_some_and(refused), kept_apart, "{one} {other}");
            assert_eq!(registry.create_key(&actor(), &key).err().is_some_and(refused), kept_apart, "{one} {other}");
        }
    }
}

fn a_principal_has_two_keys_of_a_year_at_most(database: &Database) {
    let registry = open(database);
    let make = |expires_at| {
        let key = NewKey {
            principal: "weijian".to_owned(),
            department: "health".to_owned(),
            roles: vec![Role::Reader],
            expires_at,
            sources: Sources::default(),
        };
        registry.create_key(&actor(), &key)
    };
    let (first, secret) = make(None).expect("the first");
    let ends = first.expires_at.expect("every key ends");
    assert!(ends <= registry.now() + chrono::TimeDelta::days(365), "{ends}");
    make(None).expect("its successor");
    assert!(matches!(make(None), Err(RegistryError::Conflict { code: "too-many-keys", .. })));
    registry.authenticate(&secret).expect("the old key still works");
    registry.revoke_key(&actor(), &first.id).expect("revoked");
    make(None).expect("room for one");
    let late = make(Some(registry.now() + chrono::TimeDelta::days(400)));
    assert!(matches!(late, Err(RegistryError::Invalid(_))), "{late:?}");
}

/// The actor of a key with these limits.
pub(super) fn caller(registry: &Registry, name: &str, limits: &Limits) -> (Actor, String) {
    let key = NewKey {
        principal: name.to_owned(),
        department: "bank".to_owned(),
        roles: vec![Role::Reader],
        expires_at: None,
        sources: Sources::default(),
    };
    let (_, secret) = registry.create_key(&actor(), &key).expect("a key");
    registry.set_limits(&actor(), name, limits).expect("limits");
    (registry.authenticate(&secret).expect("known"), secret)
}

fn rights_change_at_once_on_another_node(database: &Database) {
    let (one, other) = (open(database), open(database));
    let (_, secret) = caller(&one, "bank", &Limits::default());
    assert!(!other.authenticate(&secret).expect("known").limits.is_scoped());
    one.set_limits(&actor(), "bank", &Limits { divisions: vec!["4401".to_owned()], ..Limits::default() }).expect("limits");
    let begun = std::time::Instant::now();
    while !other.authenticate(&secret).expect("known").limits.is_scoped() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "every node learns of it");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

fn who_sends_a_record_brings_nobody_into_their_own_scope(database: &Database) {
    let registry = open(database);
    let number = identity_number("44030519850307001");
    let told = |source: &str, key: &str, rest: &str| person(source, key, &format!("name=张伟|id_number={number}|{rest}"));
    let theirs = entity(&take(&registry, told("gongan", "1", "address=深圳市南山区粤海街道1号|division=440305")));
    let here = Limits { divisions: vec!["440106".to_owned()], ..Limits::default() };
    let sources = Sources::try_from(vec!["shuiwu".to_owned()]).expect("a source");
    let sender = Actor {
        principal: "tax".to_owned(),
        roles: vec![Role::Reader, Role::Source],
        limits: Arc::new(Limits { sources, ..here.clone() }),
        purposes: Some(Vec::new().into()),
        ..actor()
    };
    let neighbour = Actor { principal: "school".to_owned(), limits: Arc::new(here), ..sender.clone() };
    let sees = |asking: &Actor, id: EntityId| match registry.find(asking, Kind::Person, id, &View::default()) {
        Ok(_) => true,
        Err(RegistryError::NotFound { .. }) => false,
        Err(other) => panic!("{other:?}"),
    };
    let mine = told("shuiwu", "b", "address=广州市天河区体育西路9号|division=440106");
    let rows = registry.ingest(&sender, vec![mine]).expect("taken in");
    assert_eq!((rows[0].status, rows[0].entity), (RowStatus::Created, None), "it is taken, and whose it is is not told");
    assert!(!sees(&sender, theirs), "by their own word");
    let again = told("shuiwu", "b", "address=广州市天河区体育西路11号|division=440106");
    registry.ingest(&sender, vec![again]).expect("what is one's own is sent again");
    assert!(sees(&neighbour, theirs), "who sent nothing reads by where the golden record says they live");
    let search = SearchQuery { fields: vec![SearchField { field: "name".to_owned(), text: "张伟".to_owned() }], limit: 10, cursor: None };
    let found = |asking: &Actor| registry.search(asking, Kind::Person, &search).expect("a list").items.len();
    assert_eq!((found(&sender), found(&neighbour)), (0, 1));
    // Another department says that they live here too, if only by the address.
    take(&registry, told("weijian", "c", "address=广东省广州市天河区体育西路9号"));
    assert!(sees(&sender, theirs));
    let own = |phone: &str| person("shuiwu", "own", &format!("name=司马光|birth_date=1960-01-02|phone={phone}|division=440106"));
    registry.ingest(&sender, vec![own("13800138000")]).expect("taken in");
    let search =
        SearchQuery { fields: vec![SearchField { field: "name".to_owned(), text: "司马光".to_owned() }], limit: 10, cursor: None };
    assert_eq!(registry.search(&sender, Kind::Person, &search).expect("a list").items.len(), 1, "whom nobody else knows");
    registry.ingest(&sender, vec![own("13800138001")]).expect("what is one's own is sent again");
}

/// A walk of valid numbers, of which hardly any is known here.
fn whoever_walks_through_numbers_is_kept_out_whichever_way_they_ask(database: &Database) {
    let registry = open(database);
    let known = entity(&take(&registry, person("gongan", "1", "name=张伟|id_number=440106198503070011|phone=13800138000")));
    let number = |step: usize| identity_number(&format!("44010619910101{step:03}"));
    let search_behind = |asking: &Actor, field: &str, text: String, cursor: Option<&str>| {
        let fields = vec![SearchField { field: field.to_owned(), text }];
        registry.search(asking, Kind::Person, &SearchQuery { fields, limit: 10, cursor: cursor.map(str::to_owned) }).map(drop)
    };
    let search = |asking: &Actor, field: &str, text: String| search_behind(asking, field, text, None);
    let raw = |step: usize| person("x", "x", &format!("id_number={}", number(step))).raw;
    let named = |step: usize| person("x", "x", &format!("name=张伟|id_number={}", number(step))).raw;
    let zhang = person("x", "x", "name=张伟|birth_date=1985-03-07|phone=13800138000").raw;
    let parcels_behind = |asking: &Actor, holder: String, cursor: Option<&str>| {
        let query = ParcelQuery { right_holder: Some(holder), limit: 10, cursor: cursor.map(str::to_owned), ..ParcelQuery::default() };
        registry.query_parcels(asking, &query).map(drop)
    };
    let parcels = |asking: &Actor, holder: String| parcels_behind(asking, holder, None);
    type Way<'a> = (&'a str, Box<dyn Fn(&Actor, usize) -> Result<(), RegistryError> + 'a>);
    let nil = uuid::Uuid::nil().to_string();
    let ways: Vec<Way<'_>> = vec![
        ("search by number", Box::new(|asking, step| search(asking, "number", number(step)))),
        (
            "search by number behind a cursor of one's own",
            Box::new(|asking, step| search_behind(asking, "number", number(step), Some(&nil))),
        ),
        (
            "parcels of a number behind a cursor of one's own",
            Box::new(|asking, step| parcels_behind(asking, number(step), Some("0000000000000000.0"))),
        ),
        ("search by phone", Box::new(|asking, step| search(asking, "phone", format!("1393152{step:04}")))),
        ("resolve", Box::new(|asking, step| registry.resolve(asking, Kind::Person, &raw(step), &ResolveOptions::default()).map(drop))),
        ("match a list", Box::new(|asking, step| registry.match_records(asking, Kind::Person, &[raw(step)], 1).map(drop))),
        (
            "resolve under a name",
            Box::new(|asking, step| registry.resolve(asking, Kind::Person, &named(step), &ResolveOptions::default()).map(drop)),
        ),
        (
            "same as somebody known",
            Box::new(|asking, step| registry.same(asking, Kind::Person, &Who::Entity(known), &Who::Record(raw(step))).map(drop)),
        ),
        (
            "same as a name",
            Box::new(|asking, step| registry.same(asking, Kind::Person, &Who::Record(zhang.clone()), &Who::Record(raw(step))).map(drop)),
        ),
        ("parcels of a number", Box::new(|asking, step| parcels(asking, number(step)))),
        ("parcels of a phone", Box::new(|asking, step| parcels(asking, format!("1393152{step:04}")))),
        (
            "versions",
            Box::new(|asking, step| registry.versions(asking, Kind::Person, EntityId(uuid::Uuid::from_u128(step as u128))).map(drop)),
        ),
        (
            "explain",
            Box::new(|asking, step| {
                registry.explain(asking, Kind::Person, known, EntityId(uuid::Uuid::from_u128(step as u128)), 1).map(drop)
            }),
        ),
    ];
    for (way, ask) in ways {
        let walker =
            Actor { principal: way.to_owned(), roles: vec![Role::Reader, Role::Verifier], purposes: Some(Vec::new().into()), ..actor() };
        let stopped =
            (0..100).find(|step| matches!(ask(&walker, *step), Err(RegistryError::Exhausted { code: "enumeration-suspected", .. })));
        // Those of them who send both sides cannot make up for it by what they know.
        // Under a name the second number of a place and day is the first that counts.
        assert_eq!(stopped, Some(if way == "resolve under a name" { 50 } else { 49 }), "{way}");
        assert!(search(&walker, "number", "440106198503070011".to_owned()).is_err(), "{way}: also from what there is");
    }
    let clerk = Actor { principal: "clerk".to_owned(), roles: vec![Role::Reader], purposes: Some(Vec::new().into()), ..actor() };
    for step in 0..100 {
        search(&clerk, "name", format!("李{step}")).expect("who asks for names does not walk through numbers");
        parcels(&clerk, format!("李{step}")).expect("nor who asks for what somebody holds");
    }
    // A list of strangers, born wherever and whenever, is none; one of the numbers of one place and day is.
    let stranger = |day: usize| identity_number(&format!("440106{}{:02}{:02}101", 1950 + day / 300, day / 28 % 12 + 1, day % 28 + 1));
    let strangers: Vec<RawRecord> =
        (0..200).map(|day| person("x", "x", &format!("name=李{day}|id_number={}", stranger(day))).raw).collect();
    registry.match_records(&clerk, Kind::Person, &strangers, 1).expect("strangers");
    let desk = Actor { principal: "desk".to_owned(), ..clerk.clone() };
    let here = person("x", "x", "name=张伟|id_number=440106198503070011").raw;
    for _ in 0..2 {
        for record in &strangers {
            registry.resolve(&desk, Kind::Person, record, &ResolveOptions::default()).expect("a stranger");
            registry.resolve(&desk, Kind::Person, &here, &ResolveOptions::default()).expect("who is here");
            registry.resolve(&desk, Kind::Person, &here, &ResolveOptions::default()).expect("who is here");
        }
    }
    let walk: Vec<RawRecord> = (0..200).map(named).collect();
    assert!(registry.match_records(&clerk, Kind::Person, &walk, 1).is_err(), "a walk");
    let verifier = Actor { principal: "verifier".to_owned(), roles: vec![Role::Verifier], ..clerk.clone() };
    let exists = |record: &RawRecord| registry.exists(&verifier, Kind::Person, record, None);
    assert!(strangers.iter().all(|record| exists(record).is_ok()), "strangers");
    assert!(walk.iter().any(|record| exists(record).is_err()), "a walk");
}

/// Guesses at what masks hide of somebody whose name is known, and lists of strangers, which are none.
fn whoever_tries_values_under_a_name_is_kept_out_whichever_way_they_ask(database: &Database) {
    let registry = open(database);
    let known = entity(&take(
        &registry,
        person("gongan", "1", "name=张伟|id_number=440106198503070011|phone=13800138000|address=广州市天河区体育西路1号"),
    ));
    let search = |asking: &Actor, fields: [(&str, String); 2]| {
        let fields = fields.map(|(field, text)| SearchField { field: field.to_owned(), text }).to_vec();
        registry.search(asking, Kind::Person, &SearchQuery { fields, limit: 10, cursor: None }).map(drop)
    };
    let name = || ("name", "张伟".to_owned());
    let phone = |step: usize| format!("138{:04}8000", step + 100);
    let day = |step: usize| format!("1985-{:02}-{:02}", step / 28 % 12 + 1, step % 28 + 1);
    let with_phone = |step: usize| person("x", "x", &format!("name=张伟|phone={}", phone(step))).raw;
    // Another telephone each time hides no guess at the day.
    let with_day = |step: usize| person("x", "x", &format!("name=张伟|birth_date={}|phone=139{:08}", day(step), step * 10_007)).raw;
    type Way<'a> = (&'a str, Box<dyn Fn(&Actor, usize) -> Result<(), RegistryError> + 'a>);
    let ways: Vec<Way<'_>> = vec![
        ("search by name and phone", Box::new(|asking, step| search(asking, [name(), ("phone", phone(step))]))),
        ("search by initials and phone", Box::new(|asking, step| search(asking, [("initials", "zw".to_owned()), ("phone", phone(step))]))),
        (
            "search by pinyin and day",
            Box::new(|asking, step| search(asking, [("pinyin", "zhangwei".to_owned()), ("birth_date", day(step))])),
        ),
        (
            "search by a name with other spaces each time",
            Box::new(|asking, step| search(asking, [("name", format!("张{}伟", " ".repeat(step))), ("birth_date", day(step))])),
        ),
        (
            "exists with another former name each time",
            Box::new(|asking, step| {
                let told = format!(
                    "name=张伟|former_name=李{}|birth_date={}",
                    "一二三四五六七八九十".chars().nth(step % 10).expect("ten"),
                    day(step)
                );
                registry.exists(asking, Kind::Person, &person("x", "x", &told).raw, None).map(drop)
            }),
        ),
        ("search by name and day", Box::new(|asking, step| search(asking, [name(), ("birth_date", day(step))]))),
        (
            "search by day and number",
            Box::new(|asking, step| {
                let number = identity_number(&format!("44010619850307{step:03}"));
                search(asking, [("birth_date", "1985-03-07".to_owned()), ("number", number)])
            }),
        ),
        ("search by name and address", Box::new(|asking, step| search(asking, [name(), ("address", format!("体育西路{}号", step + 2))]))),
        (
            "resolve by name and phone",
            Box::new(|asking, step| registry.resolve(asking, Kind::Person, &with_phone(step), &ResolveOptions::default()).map(drop)),
        ),
        ("match a list", Box::new(|asking, step| registry.match_records(asking, Kind::Person, &[with_phone(step)], 1).map(drop))),
        ("exists by name and phone", Box::new(|asking, step| registry.exists(asking, Kind::Person, &with_phone(step), None).map(drop))),
        ("exists by name and day", Box::new(|asking, step| registry.exists(asking, Kind::Person, &with_day(step), None).map(drop))),
        (
            "pseudonym by name and phone",
            Box::new(|asking, step| registry.pseudonym(asking, Kind::Person, &Who::Record(with_phone(step))).map(drop)),
        ),
        (
            "same as somebody known",
            Box::new(|asking, step| registry.same(asking, Kind::Person, &Who::Entity(known), &Who::Record(with_phone(step))).map(drop)),
        ),
    ];
    for (way, ask) in ways {
        let guesser =
            Actor { principal: way.to_owned(), roles: vec![Role::Reader, Role::Verifier], purposes: Some(Vec::new().into()), ..actor() };
        let stopped =
            (0..200).find(|step| matches!(ask(&guesser, *step), Err(RegistryError::Exhausted { code: "enumeration-suspected", .. })));
        assert!(stopped.is_some_and(|step| step <= 100), "{way}: {stopped:?}");
    }
    // Strangers of one common name, whatever is told of them.
    let office =
        Actor { principal: "office".to_owned(), roles: vec![Role::Reader, Role::Verifier], purposes: Some(Vec::new().into()), ..actor() };
    for at in 0..600 {
        let name = if at % 30 == 0 { "张伟".to_owned() } else { format!("李{}{}", ["明", "芳", "强", "敏", "静"][at % 5], at / 5) };
        let told = format!("name={name}|birth_date={}-{:02}-11|phone=13{:09}", 1940 + at / 10, at % 12 + 1, at * 1_234_577 + 900_000_000);
        registry.exists(&office, Kind::Person, &person("x", "x", &told).raw, None).expect("a stranger");
        registry.resolve(&office, Kind::Person, &person("y", "y", &told).raw, &ResolveOptions::default()).expect("a stranger");
    }
}
