//! What do questions answer, and what trace do they leave?

use jiku_model::{EntityId, Kind};
use jiku_registry::{
    Actor, Area, Expected, Found, Limits, ParcelQuery, Registry, RegistryError, ResolutionDecision, ResolveOptions, Role, SearchField,
    SearchQuery, View,
};
use jiku_tests::stores::Database;

use super::support::{actor, entity, find, incoming, key, li, number, open, person, province, record, take, verified, zhang};

jiku_tests::on_both_stores! {
    resolve_says_who_a_record_speaks_of_and_stores_nothing;
    a_search_finds_by_number_name_pinyin_phone_and_birth_date;
    a_company_is_found_by_any_beginning_of_its_name;
    an_old_id_leads_to_the_survivor_and_the_past_is_as_it_was;
    a_company_names_its_representative_and_a_person_their_parcels;
    relationships_of_kin_and_capital_are_followed_from_both_sides;
    parcels_are_found_by_place_holder_and_code;
    the_nearest_parcels_are_those_that_a_department_may_see;
    every_reading_leaves_a_trace;
    a_reader_who_does_not_wait_sees_nothing_before_its_trace;
    who_may_not_is_refused;
    the_change_feed_tells_everything_in_order;
}

fn resolve_says_who_a_record_speaks_of_and_stores_nothing(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    take(&registry, li("gongan", "2"));
    let position = registry.position();
    let options = ResolveOptions { explain: true, ..ResolveOptions::default() };
    let found = registry.resolve(&actor(), Kind::Person, &zhang("x", "x").raw, &options).expect("resolve");
    assert_eq!(found.decision, ResolutionDecision::Match);
    let best = &found.candidates[0];
    assert_eq!((best.entity, found.candidates.len()), (id, 1));
    let explanation = best.explanation.as_ref().expect("asked for");
    assert_eq!(explanation.weight.to_bits(), best.weight.to_bits(), "promise 7: the same score everywhere");
    assert_eq!(best.golden.as_ref().expect("asked for").values["name"].value, "张伟强");
    let stranger = person("x", "x", "name=钱学森|birth_date=1911-12-11|sex=1");
    let nobody = registry.resolve(&actor(), Kind::Person, &stranger.raw, &options).expect("resolve");
    assert_eq!((nobody.decision, nobody.candidates.len()), (ResolutionDecision::None, 0));
    assert!(matches!(registry.resolve(&actor(), Kind::Person, &person("x", "x", "sex=1").raw, &options), Err(RegistryError::Invalid(_))));
    assert_eq!(registry.position(), position);
}

fn a_search_finds_by_number_name_pinyin_phone_and_birth_date(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    take(&registry, li("gongan", "2"));
    let search = |fields: &[(&str, &str)]| {
        let fields = fields.iter().map(|(field, text)| SearchField { field: (*field).to_owned(), text: (*text).to_owned() }).collect();
        registry.search(&actor(), Kind::Person, &SearchQuery { fields, limit: 10, cursor: None })
    };
    let number = number("19800406", 11);
    for (field, text) in [("number", number.as_str()), ("name", "张伟强"), ("pinyin", "zhang wei qiang"), ("phone", "13800138001")] {
        let page = search(&[(field, text)]).expect("search");
        assert_eq!(page.items.iter().map(|view| view.id).collect::<Vec<_>>(), [id], "{field} {text}");
    }
    assert_eq!(search(&[("name", "张伟强"), ("birth_date", "1980-04-06")]).expect("search").items.len(), 1);
    assert!(search(&[("name", "张伟强"), ("birth_date", "1991-07-23")]).expect("search").items.is_empty(), "every field must match");
    assert!(matches!(search(&[]), Err(RegistryError::Invalid(_))));
    assert!(matches!(search(&[("name", "")]), Err(RegistryError::Invalid(_))));
}

fn a_company_is_found_by_any_beginning_of_its_name(database: &Database) {
    let registry = open(database);
    let company = |key: &str, fields: &str| entity(&take(&registry, record(Kind::LegalPerson, "shichang", key, fields)));
    let ouyang = company("1", "name=广州欧阳科技有限公司");
    let long = company("2", "name=广东省广州市欧冠贸易有限公司|former_name=深圳腾达商行");
    let plain = company("3", "name=云山家具有限公司");
    let search = |typed: &[(&str, &str)]| {
        let fields = typed.iter().map(|(field, text)| SearchField { field: (*field).to_owned(), text: (*text).to_owned() }).collect();
        registry.search(&actor(), Kind::LegalPerson, &SearchQuery { fields, limit: 10, cursor: None })
    };
    let found = |typed: &str| -> Vec<EntityId> {
        let mut found: Vec<EntityId> = search(&[("name_begins", typed)]).expect(typed).items.iter().map(|view| view.id).collect();
        found.sort_unstable();
        found
    };
    let ours = |mut ids: Vec<EntityId>| {
        ids.sort_unstable();
        ids
    };
    for typed in [
        "广州欧阳",
        "广州欧阳科技有",
        "欧阳",
        "欧阳科技有限公司",
        "广州欧阳科技有限责任公司",
        "ouy",
        "ouyangkejiyou",
        "guangzhououyang",
        "guangzhououyangkejiyou",
        "gzoy",
        "oy",
        "gzoykjyx",
    ] {
        assert_eq!(found(typed), [ouyang], "{typed}");
    }
    for typed in ["广州欧", "广州", "guangzhouou", "guangzhou", "gz", "gzo", "广州市欧"] {
        assert_eq!(found(typed), ours(vec![ouyang, long]), "{typed}");
    }
    for typed in ["广东省广", "广东欧冠", "广东省广州市欧冠贸", "欧冠", "guangdongsheng", "gdsgzs", "深圳腾", "腾达", "szt"]
    {
        assert_eq!(found(typed), [long], "{typed}");
    }
    for typed in ["云山", "yunsh", "ysjj", "广州云山"] {
        assert_eq!(found(typed), [plain], "{typed}");
    }
    for typed in ["深圳欧阳", "欧阳科学", "guangzhououzhou", "阳科技", "gzya"] {
        assert_eq!(found(typed), [], "{typed}");
    }
    assert!(matches!(search(&[("name_begins", "广")]), Err(RegistryError::Invalid(_))), "more is to be typed");
    let both = |name: &str| search(&[("name_begins", name), ("initials", "ysjj")]).expect("a search").items.len();
    assert_eq!((both("yunshanjiaju"), both("guangzhouou")), (1, 0), "every field must match");
    // Names that nobody has any more are found no longer.
    take(&registry, record(Kind::LegalPerson, "shichang", "1", "name=广州明湖科技有限公司"));
    assert_eq!((found("广州欧阳"), found("明湖科")), (vec![], vec![ouyang]));
    verified(&registry);
}

fn an_old_id_leads_to_the_survivor_and_the_past_is_as_it_was(database: &Database) {
    let registry = open(database);
    let first = entity(&take(&registry, zhang("gongan", "1")));
    take(&registry, zhang("weijian", "a"));
    let second = entity(&take(&registry, li("gongan", "2")));
    let before = registry.now();
    registry.merge(&actor(), Kind::Person, &[first, second], None, &Expected::new(), false).expect("merge");
    assert_eq!(registry.find(&actor(), Kind::Person, second, &View::default()).expect("find"), Found::Moved(first));
    let past = View { as_of: Some(before), ..View::default() };
    assert!(matches!(registry.find(&actor(), Kind::Person, second, &past), Ok(Found::Record(_))));
    let too_early = View { as_of: Some(before - chrono::TimeDelta::days(1)), ..View::default() };
    assert!(matches!(registry.find(&actor(), Kind::Person, second, &too_early), Err(RegistryError::NotFound { .. })));
    assert!(matches!(registry.find(&actor(), Kind::LegalPerson, first, &View::default()), Err(RegistryError::NotFound { .. })));
    let explained = registry.explain(&actor(), Kind::Person, first, first, 10).expect("explain");
    assert_eq!(explained.len(), 3, "the pairs within the entity");
}

fn a_company_names_its_representative_and_a_person_their_parcels(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    let number = number("19800406", 11);
    let company = take(
        &registry,
        record(
            Kind::LegalPerson,
            "shichang",
            "c1",
            &format!("name=广州市晨星贸易有限公司|legal_representative=张伟强|legal_representative_id={number}"),
        ),
    );
    let parcel = take(&registry, parcel("p1", 113.0, &number));
    let named = find(&registry, Kind::LegalPerson, entity(&company)).relationships.expect("asked for");
    assert!(named.iter().any(|tie| tie.role == "legal_representative" && tie.to == Some((Kind::Person, id))), "{named:?}");
    let view = find(&registry, Kind::Person, id);
    assert_eq!(view.parcels.expect("asked for").iter().map(|tie| tie.from).collect::<Vec<_>>(), [entity(&parcel)]);
    assert_eq!(view.relationships.expect("asked for").len(), 2, "the company and the parcel name them");
}

fn relationships_of_kin_and_capital_are_followed_from_both_sides(database: &Database) {
    let registry = open(database);
    let mother = entity(&take(&registry, zhang("gongan", "1")));
    let number = number("19800406", 11);
    let child = entity(&take(
        &registry,
        person("jiaoyu", "s1", &format!("name=张小明|birth_date=2015-05-05|guardian=张伟强|guardian_id={number}")),
    ));
    let company = record(
        Kind::LegalPerson,
        "shichang",
        "c1",
        &format!("name=广州市晨星贸易有限公司|uscc=9144030071526726XG|shareholders=张伟强|shareholder_ids={number}"),
    );
    let company = entity(&take(&registry, company));
    let branch = record(Kind::LegalPerson, "shichang", "c2", "name=广州市晨星贸易有限公司番禺分公司|parent_uscc=9144030071526726XG");
    let branch = entity(&take(&registry, branch));
    let ties = |kind, id| {
        let mut ties: Vec<_> =
            find(&registry, kind, id).relationships.expect("asked for").into_iter().map(|tie| (tie.role, tie.from, tie.to)).collect();
        ties.sort_unstable();
        ties
    };
    let guardian = ("guardian".to_owned(), child, Some((Kind::Person, mother)));
    let shareholder = ("shareholder".to_owned(), company, Some((Kind::Person, mother)));
    let branch_of = ("branch_of".to_owned(), branch, Some((Kind::LegalPerson, company)));
    assert_eq!(ties(Kind::Person, child), std::slice::from_ref(&guardian));
    assert_eq!(ties(Kind::Person, mother), [guardian, shareholder.clone()]);
    assert_eq!(ties(Kind::LegalPerson, company), [branch_of.clone(), shareholder]);
    assert_eq!(ties(Kind::LegalPerson, branch), [branch_of]);
    verified(&registry);
}

/// A square of about a hundred metres whose south-west corner lies at this longitude, 23.1 degrees north.
fn parcel(source_key: &str, west: f64, holder: &str) -> jiku_registry::Incoming {
    let (east, south, north) = (west + 0.001, 23.1, 23.101);
    let geometry = format!("POLYGON (({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))");
    record(
        Kind::Parcel,
        "ziran",
        source_key,
        &format!("geometry={geometry}|location=天河区|right_holder=张伟强|right_holder_id={holder}|land_use=0701"),
    )
}

fn parcels_are_found_by_place_holder_and_code(database: &Database) {
    let registry = open(database);
    let holder = number("19800406", 11);
    let west = entity(&take(&registry, parcel("p1", 113.0, &holder)));
    let east = entity(&take(&registry, parcel("p2", 113.002, &number("19910723", 22))));
    let ask = |area: Area, right_holder: Option<&str>| {
        let query = ParcelQuery { area, right_holder: right_holder.map(str::to_owned), limit: 10, ..ParcelQuery::default() };
        registry.query_parcels(&actor(), &query).map(|page| page.items.iter().map(|hit| hit.parcel.id).collect::<Vec<_>>())
    };
    assert_eq!(ask(Area::Point { lon: 113.0005, lat: 23.1005 }, None).expect("query"), [west]);
    let mut both = vec![west, east];
    both.sort_unstable();
    assert_eq!(ask(Area::Bbox { west: 112.9, south: 23.0, east: 113.1, north: 23.2 }, None).expect("query"), both);
    assert_eq!(ask(Area::Nearest { lon: 113.0019, lat: 23.1005, k: 2 }, None).expect("query"), [east, west]);
    assert_eq!(ask(Area::Radius { lon: 113.0005, lat: 23.1005, radius_m: 30.0 }, None).expect("query"), [west]);
    let triangle = vec![vec![(113.0021, 23.1001), (113.0029, 23.1001), (113.0025, 23.1009), (113.0021, 23.1001)]];
    assert_eq!(ask(Area::Polygons(vec![triangle.clone()]), None).expect("query"), [east]);
    let further_west = vec![triangle[0].iter().map(|(lon, lat)| (lon - 0.002, *lat)).collect()];
    assert_eq!(ask(Area::Polygons(vec![triangle, further_west]), None).expect("query"), both);
    assert_eq!(ask(Area::Everywhere, Some(&holder)).expect("query"), [west]);
    assert!(matches!(ask(Area::Everywhere, None), Err(RegistryError::Invalid(_))));
    assert!(matches!(ask(Area::Point { lon: 500.0, lat: 0.0 }, None), Err(RegistryError::Invalid(_))));
    let before = registry.now();
    take(&registry, parcel("p1", 113.01, &holder));
    assert!(
        ask(Area::Point { lon: 113.0005, lat: 23.1005 }, None).expect("query").is_empty(),
        "promise 11: an edit is visible to the next query"
    );
    assert_eq!(ask(Area::Point { lon: 113.0105, lat: 23.1005 }, None).expect("query"), [west]);
    let then = ParcelQuery { area: Area::Point { lon: 113.0005, lat: 23.1005 }, as_of: Some(before), limit: 10, ..ParcelQuery::default() };
    assert_eq!(registry.query_parcels(&actor(), &then).expect("query").items[0].parcel.id, west, "and the past is as it was");
    super::support::verified(&registry);
}

fn the_nearest_parcels_are_those_that_a_department_may_see(database: &Database) {
    let registry = open(database);
    let holder = number("19800406", 11);
    let places = |number: i32| (113.0 + f64::from(number) / 500.0, if number < 5 { "440106" } else { "440305" });
    let rows = (0..10).map(|number| {
        let (west, county) = places(number);
        let mut row = parcel(&format!("p{number}"), west, &holder);
        row.raw.insert("parcel_code".to_owned(), format!("{county}001001GB0000{number}").into());
        row
    });
    let parcels: Vec<_> = rows.map(|row| entity(&take(&registry, row))).collect();
    let shenzhen = Actor { limits: Limits { divisions: vec!["4403".to_owned()], ..Limits::default() }.into(), ..actor() };
    let ask = |actor: &Actor, cursor: Option<String>| {
        let area = Area::Nearest { lon: 113.0, lat: 23.1005, k: 3 };
        let page = registry.query_parcels(actor, &ParcelQuery { area, limit: 2, cursor, ..ParcelQuery::default() }).expect("query");
        (page.items.iter().map(|hit| hit.parcel.id).collect::<Vec<_>>(), page.next)
    };
    for (actor, first) in [(&actor(), 0), (&shenzhen, 5)] {
        let (page, next) = ask(actor, None);
        assert_eq!(page, parcels[first..first + 2]);
        assert_eq!(ask(actor, Some(next.expect("there is a third"))), (vec![parcels[first + 2]], None));
        let area = || Area::Nearest { lon: 113.0, lat: 23.1005, k: 3 };
        let then = ParcelQuery { area: area(), limit: 5, as_of: Some(registry.now()), ..ParcelQuery::default() };
        let found: Vec<_> = registry.query_parcels(actor, &then).expect("query").items.iter().map(|hit| hit.parcel.id).collect();
        assert_eq!(found, parcels[first..first + 3]);
        for query in [then, ParcelQuery { area: area(), ..ParcelQuery::default() }] {
            let groups = registry.aggregate_parcels(actor, &query).expect("aggregate");
            assert_eq!(groups.iter().map(|group| group.count).sum::<u64>(), 3, "the number tells nothing of what lies elsewhere");
        }
    }
}

fn every_reading_leaves_a_trace(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    let clerk = Actor { principal: "clerk".to_owned(), purpose: Some("benefits".to_owned()), roles: vec![Role::Reader], ..actor() };
    registry.find(&clerk, Kind::Person, id, &View::default()).expect("find");
    registry.resolve(&clerk, Kind::Person, &zhang("x", "x").raw, &ResolveOptions::default()).expect("resolve");
    registry.crosswalk(&clerk, &key(Kind::Person, "gongan", "1")).expect("crosswalk");
    let query =
        SearchQuery { fields: vec![SearchField { field: "name".to_owned(), text: "张伟强".to_owned() }], limit: 5, cursor: None };
    registry.search(&clerk, Kind::Person, &query).expect("search");
    registry.versions(&clerk, Kind::Person, id).expect("versions");
    let traces = registry.access_of(&actor(), Kind::Person, id, 10).expect("traces");
    let actions: Vec<&str> = traces.iter().map(|trace| trace.action.as_str()).collect();
    assert_eq!(actions, ["versions", "search", "crosswalk", "resolve", "find"]);
    assert!(traces.iter().all(|trace| trace.principal == "clerk"
        && trace.purpose.as_deref() == Some("benefits")
        && trace.fields.contains(&"name".to_owned())));
}

/// What `read_then` hands over for this id, and how many traces there were of it at that moment.
fn later(database: &Database, registry: &Registry, id: EntityId) -> (Result<Found, RegistryError>, usize) {
    let (told, hears) = std::sync::mpsc::channel();
    // The thread that writes traces tells: what is asked of the registry there would wait for it.
    let store = database.store();
    registry.read_then(
        move |registry| registry.find(&actor(), Kind::Person, id, &View::default()),
        move |found| {
            let traces = store.read(|reader| reader.accesses_of_entity(id, None, 10)).unwrap_or_default();
            let traces = traces.iter().filter(|trace| trace.action == "find").count();
            told.send((found, traces)).expect("somebody hears");
        },
    );
    hears.recv().expect("an answer comes")
}

fn a_reader_who_does_not_wait_sees_nothing_before_its_trace(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    let (found, traces) = later(database, &registry, id);
    assert!(matches!(found, Ok(Found::Record(_))), "{found:?}");
    assert_eq!(traces, 1, "the trace was there first");
    let nobody = EntityId(uuid::Uuid::from_u128(7));
    assert!(matches!(later(database, &registry, nobody).0, Err(RegistryError::NotFound { .. })));
    registry.close();
    let (found, _) = later(database, &registry, id);
    assert!(matches!(found, Err(RegistryError::Unavailable { code: "audit-unavailable", .. })), "{found:?}");
}

fn who_may_not_is_refused(database: &Database) {
    let registry = open(database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    let reader = Actor { roles: vec![Role::Reader], ..actor() };
    let refused = |outcome: Result<(), RegistryError>| assert!(matches!(outcome, Err(RegistryError::Forbidden(_))), "{outcome:?}");
    refused(registry.ingest(&reader, vec![li("gongan", "2")]).map(drop));
    refused(registry.merge(&reader, Kind::Person, &[id, id], None, &Expected::new(), false).map(drop));
    refused(registry.access_of(&reader, Kind::Person, id, 1).map(drop));
    refused(registry.rebuild(&reader));
    let administrator = Actor { roles: vec![Role::SystemAdmin, Role::SecurityAdmin, Role::Auditor], ..actor() };
    refused(registry.find(&administrator, Kind::Person, id, &View::default()).map(drop));
    let auditor = Actor { roles: vec![Role::Auditor], ..actor() };
    refused(registry.begin_export(&auditor, Kind::Person).map(drop));
}

fn the_change_feed_tells_everything_in_order(database: &Database) {
    let registry = open(database);
    registry.ingest(&actor(), province(2, 30, 5, 5).iter().map(incoming).collect()).expect("ingest");
    let first = entity(&take(&registry, zhang("gongan", "1")));
    let second = entity(&take(&registry, li("gongan", "2")));
    let start = registry.position();
    registry.merge(&actor(), Kind::Person, &[first, second], None, &Expected::new(), false).expect("merge");
    registry.withdraw(&actor(), &key(Kind::Person, "gongan", "1")).expect("withdraw");
    let changes = registry.changes(&actor(), start, 100).expect("changes");
    let mut told: Vec<String> = changes[..3].iter().map(|change| change.event.clone()).collect();
    told.sort();
    assert_eq!(told, ["decided", "merged", "updated"]);
    let merged = changes.iter().find(|change| change.event == "merged").expect("a merge is told");
    assert!(merged.other.is_some() && merged.other != merged.entity && merged.version.is_some());
    let decided = changes.iter().find(|change| change.event == "decided").expect("the decision is told");
    assert!(decided.entity.is_some() && decided.version.is_none(), "it makes no version of its own: {decided:?}");
    let all = registry.changes(&actor(), 0, 10_000).expect("changes");
    assert!(all.iter().zip(1..).all(|(change, position)| change.position == position), "no holes");
    assert!(all.iter().all(|change| change.at <= registry.now()));
}

/// On SQLite another process that holds the only write lock keeps traces from being written.
#[test]
fn a_read_whose_trace_cannot_be_written_shows_nothing() {
    let database = Database::sqlite();
    let registry = open(&database);
    let id = entity(&take(&registry, zhang("gongan", "1")));
    let store = database.store();
    // Who panics lets go of its end, and the other does not wait for ever.
    let (locked, is_locked) = std::sync::mpsc::channel();
    let (unlock, is_unlocked) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let held = store.write(|_| {
                locked.send(()).expect("the test waits");
                assert!(is_unlocked.recv().is_err(), "the other end is let go of");
                Ok::<_, jiku_store::StoreError>(())
            });
            held.expect("the lock is held");
        });
        is_locked.recv().expect("the lock is held");
        let read = registry.find(&actor(), Kind::Person, id, &View::default());
        drop(unlock);
        assert!(matches!(read, Err(RegistryError::Unavailable { code: "audit-unavailable", .. })), "{read:?}");
    });
    assert!(registry.find(&actor(), Kind::Person, id, &View::default()).is_ok(), "and it goes on when it can");
}
