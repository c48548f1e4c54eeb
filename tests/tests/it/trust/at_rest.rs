//! Is a person's number, phone or address readable for whoever has only the database?

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use jiku_model::Kind;
use jiku_registry::{Expected, ImportStart, KeySource, KeyUse, NewKey, NewUser, Options, Registry, RejectedRow, Role, RowStatus, Sources};
use jiku_tests::long::setting;
use jiku_tests::stores::Database;

use crate::registry::support::{actor, crosswalk, entity, find, key, open, person, record, take, verified};
use crate::web::service::identity_number;

jiku_tests::on_both_stores! {
    no_number_phone_or_address_is_in_the_bytes_of_the_database;
    no_key_token_or_password_is_in_the_bytes_of_the_database;
    keys_change_while_two_nodes_read_and_write;
    the_lookup_key_changes_in_two_goes_while_another_node_looks_up;
    a_wrong_key_file_opens_nothing;
}

/// Values that nobody has and that are in no other test.
struct Planted {
    number: String,
    phone: String,
    address: String,
}

fn planted(index: u64) -> Planted {
    Planted {
        number: identity_number(&format!("4401061985{:02}{:02}{:03}", index % 12 + 1, index % 28 + 1, (700 + index) % 1000)),
        phone: format!("1397531{index:04}"),
        address: format!("广东省广州市天河区金丝雀路{}号{index}室", 7000 + index),
    }
}

/// S20 in docs/reliability.md: by hand as many as `JIKU_CANARIES` says.
fn planted_count() -> u64 {
    setting("JIKU_CANARIES", 60)
}

/// Records that leave values in every table that can hold one.
fn plant(registry: &Registry) {
    for index in 0..planted_count() {
        let Planted { number, phone, address } = planted(index);
        let fields = format!("name=金丝雀|id_number={number}|phone={phone}|address={address}|birth_date=1985");
        // The source's key is itself an identity number, as with the police.
        let first = take(registry, person("gongan", &number, &fields));
        take(registry, person("weijian", &format!("w{index}"), &fields));
        take(registry, person("weijian", &format!("w{index}"), &format!("{fields}|status=revised")));
        if index == 0 {
            let expected = Expected::new();
            registry
                .override_value(&actor(), Kind::Person, entity(&first), "phone", &phone, &format!("told on {phone}"), &expected, false)
                .expect("an override");
        }
        let company = format!("name=金丝雀{index}有限公司|legal_representative=金丝雀|legal_representative_id={number}|phone={phone}");
        take(registry, record(Kind::LegalPerson, "shichang", &format!("c{index}"), &company));
        let (west, south) = (113.0 + (index % 100) as f64 * 0.01, 23.0 + (index / 100) as f64 * 0.01);
        let (east, north) = (west + 0.001, south + 0.001);
        let ring = format!("POLYGON(({west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}))");
        let parcel = format!("parcel_code=440106001001GB{index:05}|right_holder=金丝雀|right_holder_id={number}|geometry={ring}");
        take(registry, record(Kind::Parcel, "ziran", &format!("p{index}"), &parcel));
    }
    let Planted { number, phone, .. } = planted(3);
    let ImportStart::New(job) = registry.start_import(&actor(), Kind::Person, "f.csv", "digest").expect("an import") else { panic!("new") };
    let refused = RejectedRow { line: 2, row: 1, problems: Vec::new(), raw: format!("{number},{phone}") };
    let rows = registry.read_rows(&actor(), Vec::new(), vec![refused]).expect("rows");
    registry.advance_import(&actor(), &job, rows).expect("a rejected row is kept");
    registry.claim_request(&actor(), "k", &[1; 32]).expect("claimed");
    registry.complete_request(&actor(), "k", 200, &format!("{{\"phone\":\"{phone}\"}}")).expect("an answer is kept");
}

/// The files below a folder in which a needle occurs.
fn occurrences(folder: &Path, needles: &[impl AsRef<[u8]>]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is read").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(occurrences(&path, needles));
        } else if let Ok(bytes) = fs::read(&path) {
            let hits = needles.iter().map(AsRef::as_ref).filter(|needle| memchr::memmem::find(&bytes, needle).is_some());
            found.extend(hits.map(|needle| (path.display().to_string(), String::from_utf8_lossy(needle).into_owned())));
        }
    }
    found
}

/// Everything the database has on disk.
fn bytes_of(database: &Database) -> std::path::PathBuf {
    if database.url().starts_with("sqlite") {
        return database.folder().to_owned();
    }
    jiku_tests::postgres::run(database.url(), "CHECKPOINT");
    // A server that somebody else runs shows no files.
    jiku_tests::postgres::data_folder().unwrap_or_else(|| database.folder().to_owned())
}

fn no_number_phone_or_address_is_in_the_bytes_of_the_database(database: &Database) {
    let registry = open(database);
    plant(&registry);
    let Planted { number, .. } = planted(7);
    let held = crosswalk(&registry, &key(Kind::Person, "gongan", &number));
    let view = find(&registry, Kind::Person, held);
    assert!(view.values["id_number"].value.contains(&number), "it reads back");
    // How every planted number, phone and address begins.
    assert_eq!(occurrences(&bytes_of(database), &["4401061985", "1397531", "金丝雀路"]), [], "tables, indexes and write-ahead log");
    // The search itself finds what is there: a source's code is kept as it is.
    assert!(!occurrences(&bytes_of(database), &["shichang"]).is_empty());
    verified(&registry);
}

fn no_key_token_or_password_is_in_the_bytes_of_the_database(database: &Database) {
    let registry = open(database);
    let mut secrets: Vec<String> = Vec::new();
    for number in 0..20 {
        let key = NewKey {
            principal: format!("system-{number}"),
            department: "test".to_owned(),
            roles: vec![Role::Reader],
            expires_at: None,
            sources: Sources::Any,
        };
        let (_, secret) = registry.create_key(&actor(), &key).expect("a key");
        registry.authenticate(&secret).expect("it is in use");
        secrets.push(secret);
    }
    let user = NewUser {
        name: "clerk".to_owned(),
        department: "test".to_owned(),
        roles: vec![Role::Reader],
        password: "a canary that sings".to_owned(),
        staff_number: None,
        sources: Sources::default(),
    };
    registry.create_user(&actor(), &user).expect("a user");
    let token = registry.sign_in(&user.name, &user.password, None).expect("signed in").token;
    registry.authenticate(&token).expect("it is in use");
    if database.url().starts_with("postgres") {
        // Its folder holds every other test's database too, and is gone through once for each.
        secrets.truncate(4);
    }
    secrets.extend([token, user.password]);
    // What stands before the last underscore is no secret: a key is found by it. Nor may the bytes be there that the digits spell.
    let parts: Vec<&str> = secrets.iter().filter_map(|secret| secret.rsplit('_').next()).collect();
    let place = bytes_of(database);
    assert_eq!(occurrences(&place, &parts), [], "tables, indexes and write-ahead log");
    let digits =
        |text: &str| (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16)).collect::<Result<Vec<u8>, _>>();
    let spelled: Vec<Vec<u8>> = parts.iter().filter_map(|part| digits(part).ok()).collect();
    assert!(spelled.len() >= 4, "keys are digits");
    assert_eq!(occurrences(&place, &spelled), []);
    assert!(!occurrences(&place, &["system-19"]).is_empty(), "the search finds what is there");
}

fn keys_change_while_two_nodes_read_and_write(database: &Database) {
    let (one, two) = (open(database), open(database));
    plant(&one);
    let before = one.encryption().expect("keys").keys;
    assert_eq!(before.iter().map(|key| key.purpose.as_str()).collect::<Vec<_>>(), ["lookup", "data"]);
    let rows = std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            for index in 0..40 {
                let Planted { number, .. } = planted(500 + index);
                take(&two, person("minzheng", &format!("m{index}"), &format!("name=金丝雀|id_number={number}")));
            }
        });
        let rows = one.rotate_key(&actor(), KeyUse::Data, &mut |_| {}).expect("the key changes");
        writing.join().expect("the other node writes");
        rows
    });
    assert!(rows > 5 * planted_count(), "{rows} rows were encrypted anew");
    assert_eq!(one.resume_rotation(&actor(), &mut |_| {}).expect("again"), 0, "nothing is left under the former key");
    let after = one.encryption().expect("keys").keys;
    assert_eq!((after.len(), after[1].retired_at.is_some(), after[2].retired_at), (3, true, None));
    // The other node meets values under a key it has not heard of, and one that looks numbers up finds them.
    let Planted { number, .. } = planted(9);
    let held = crosswalk(&two, &key(Kind::Person, "gongan", &number));
    assert_eq!(find(&two, Kind::Person, held).id, held);
    let relations = two.relationships(&actor(), Kind::Person, held).expect("relationships");
    assert!(relations.len() >= 2, "the company and the parcel name the number: {}", relations.len());
    let master = one.change_master_key(&actor()).expect("another master key");
    assert!(one.encryption().expect("keys").keys.iter().all(|key| key.master == master));
    // A key under the new master key: the other node finds that in the file.
    one.rotate_key(&actor(), KeyUse::Data, &mut |_| {}).expect("the key changes again");
    take(&two, person("minzheng", "last", "name=李雷"));
    find(&two, Kind::Person, held);
    drop((one, two));
    verified(&open(database));
}

fn the_lookup_key_changes_in_two_goes_while_another_node_looks_up(database: &Database) {
    let (one, two) = (open(database), open(database));
    // More records than one transaction brings over, and then those of the police with numbers for keys.
    let many: Vec<_> = (0..2_100).map(|index| person("minzheng", &format!("m{index}"), &format!("name=金丝雀{index}"))).collect();
    one.ingest(&actor(), many.clone()).expect("records");
    plant(&one);
    let looked_up = |node: &Registry| {
        let Planted { number, .. } = planted(5);
        let held = crosswalk(node, &key(Kind::Person, "gongan", &number));
        let named = node.relationships(&actor(), Kind::Person, held).expect("relationships").len();
        (held, named, crosswalk(node, &key(Kind::Person, "minzheng", "m0")), crosswalk(node, &key(Kind::Person, "minzheng", "m2099")))
    };
    let before = looked_up(&two);
    assert!(before.1 >= 2, "the company and the parcel name the number: {}", before.1);
    // It ends after its first transaction, as by kill -9: nothing is tidied up.
    let ended = std::panic::AssertUnwindSafe(|| one.rotate_key(&actor(), KeyUse::Lookup, &mut |_| panic!("killed")));
    std::panic::catch_unwind(ended).expect_err("it is ended");
    let live = || {
        let keys = one.encryption().expect("keys").keys;
        keys.into_iter().filter(|key| key.purpose == "lookup" && key.retired_at.is_none()).map(|key| key.number).collect::<Vec<_>>()
    };
    assert_eq!(live(), [1, 3], "both are in use");
    // The other node has not heard of the new key.
    assert_eq!(looked_up(&two), before);
    let again = two.ingest(&actor(), many.clone()).expect("sent again");
    assert!(again.iter().all(|row| row.status == RowStatus::Unchanged), "every record is known by its key, whichever that stands under");
    let rows = one.resume_rotation(&actor(), &mut |_| {}).expect("it goes on");
    assert!(rows > 100 && rows < 2_100, "{rows} rows were left");
    assert_eq!((live(), one.resume_rotation(&actor(), &mut |_| {}).expect("again")), (vec![3], 0));
    assert_eq!((looked_up(&one), looked_up(&two)), (before, before));
    drop((one, two));
    let fresh = open(database);
    assert_eq!(looked_up(&fresh), before, "a node that starts now asks under one key");
    let again = fresh.ingest(&actor(), many).expect("sent once more");
    assert!(again.iter().all(|row| row.status == RowStatus::Unchanged));
    verified(&fresh);
}

fn a_wrong_key_file_opens_nothing(database: &Database) {
    let keys = database.folder().join("elsewhere/own.keys");
    let fresh =
        if database.url().starts_with("sqlite") { database.url().to_owned() } else { jiku_tests::postgres::database().expect("a server") };
    let open = || Registry::open(Options { keys: KeySource::File(keys.clone()), ..Options::new(fresh.clone()) });
    let registry = open().expect("a new database makes its keys");
    take(&registry, person("gongan", "1", "name=张伟"));
    drop(registry);
    assert_eq!(fs::metadata(&keys).expect("the file is there").permissions().mode() & 0o777, 0o600);
    let right = fs::read_to_string(&keys).expect("the file is read");
    let refused = |text: Option<&str>, expected: &str| {
        fs::remove_file(&keys).expect("it was there");
        if let Some(text) = text {
            fs::write(&keys, text).expect("written");
        }
        let said = open().err().map(|error| error.to_string()).unwrap_or_default();
        assert!(said.contains(expected), "{said}");
        if text.is_none() {
            fs::write(&keys, "").expect("written");
        }
    };
    refused(None, "there is no key file");
    refused(Some(""), "holds no key");
    refused(Some("m1 AES-256-GCM MTIz\n"), "a key is 32 bytes in base64");
    refused(Some("m1 ROT13 MTIz\n"), "is no key file");
    let line = right.lines().last().expect("a key");
    let (id, other) = (line.split(' ').next().expect("an id"), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    refused(Some(&format!("{id} AES-256-GCM {other}\n")), "name the right file with --keys or JIKU_KEYS");
    refused(Some(&format!("mffffffff AES-256-GCM {other}\n")), "name the right file with --keys or JIKU_KEYS");
    fs::write(&keys, format!("mffffffff AES-256-GCM {other}\n{right}")).expect("written");
    verified(&open().expect("the right key among others"));
}
