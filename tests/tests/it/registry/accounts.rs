//! Who may come in, and how is a repeated request known again?

use chrono::TimeDelta;
use jiku_model::{Kind, SourceSystem};
use jiku_registry::{
    Actor, EmergencyReach, IdempotencyClaim, KeyUse, Limits, NewEmergency, NewKey, NewUser, Office, OpenError, Options, Purpose, Registry,
    RegistryError, Role, Sources,
};
use jiku_store::{ModelRow, SessionRow};
use jiku_tests::stores::Database;
use sha2::{Digest as _, Sha256};

use super::support::{actor, open, person, take};

jiku_tests::on_both_stores! {
    a_user_signs_in_with_the_password_and_out_again;
    a_session_ends_when_it_is_idle_and_after_a_working_day;
    a_key_works_until_it_is_revoked_and_is_told_once;
    a_repeated_request_is_known_by_its_key;
    an_emergency_ends_with_its_time;
    who_is_shut_out_while_the_password_is_checked_stays_outside;
    what_administrators_do_is_in_the_log_without_a_secret;
    accounts_and_keys_are_made_without_reading_what_the_base_holds;
}

fn forbidden<T: std::fmt::Debug>(outcome: &Result<T, RegistryError>) -> bool {
    matches!(outcome, Err(RegistryError::Forbidden(_)))
}

fn lin() -> NewUser {
    NewUser {
        name: "lin".to_owned(),
        department: "data office".to_owned(),
        roles: vec![Role::Steward],
        password: "correct horse".to_owned(),
        staff_number: None,
        sources: Sources::default(),
    }
}

/// The clock is not turned: the session is made older, and asked for at a node that has not seen it.
fn a_session_ends_when_it_is_idle_and_after_a_working_day(database: &Database) {
    let registry = open(database);
    registry.create_user(&actor(), &lin()).expect("user");
    let aged = |idle_minutes: i64, open_minutes: i64| {
        let token = registry.sign_in("lin", "correct horse", None).expect("signed in").token;
        let hash: [u8; 32] = Sha256::digest(&token).into();
        let store = database.store();
        let row = store.read(|reader| reader.session(&hash)).expect("read").expect("a session");
        assert_eq!(row.expires_at - row.created_at, TimeDelta::hours(8));
        let (idle, older) = (TimeDelta::minutes(idle_minutes), TimeDelta::minutes(open_minutes));
        let row = SessionRow {
            last_seen_at: row.last_seen_at - idle,
            created_at: row.created_at - older,
            expires_at: row.expires_at - older,
            ..row
        };
        let put = |writer: &mut jiku_store::Writer<'_>| -> Result<(), jiku_store::StoreError> {
            writer.delete_session(&hash)?;
            writer.put_session(&row)
        };
        store.write(put).expect("written");
        [open(database), open(database)].map(|node| node.authenticate(&token).is_ok())
    };
    assert_eq!(aged(14, 14), [true; 2], "fourteen minutes");
    assert_eq!(aged(16, 16), [false; 2], "sixteen minutes without a question");
    assert_eq!(aged(1, 8 * 60 - 1), [true; 2], "a minute before eight hours");
    assert_eq!(aged(1, 8 * 60), [false; 2], "eight hours, however busy");
}

fn a_user_signs_in_with_the_password_and_out_again(database: &Database) {
    let registry = open(database);
    let user = lin();
    registry.create_user(&actor(), &user).expect("user");
    let short = NewUser { password: "short".to_owned(), ..user.clone() };
    assert!(matches!(registry.create_user(&actor(), &short), Err(RegistryError::Invalid(_))));
    assert!(forbidden(&registry.sign_in("lin", "wrong horse!", None)));
    assert!(forbidden(&registry.sign_in("nobody", "correct horse", None)));
    let session = registry.sign_in("lin", "correct horse", None).expect("signed in");
    let known = registry.authenticate(&session.token).expect("known");
    assert_eq!((known.principal.as_str(), known.roles.as_slice()), ("lin", &[Role::Steward][..]));
    registry.sign_out(&session.token).expect("signed out");
    assert!(forbidden(&registry.authenticate(&session.token)));
    let again = registry.sign_in("lin", "correct horse", None).expect("signed in");
    registry.enable_principal(&actor(), "lin", false).expect("disabled");
    assert!(forbidden(&registry.authenticate(&again.token)));
    assert!(forbidden(&registry.sign_in("lin", "correct horse", None)));
    registry.enable_principal(&actor(), "lin", true).expect("enabled");
    for _ in 0..5 {
        assert!(forbidden(&registry.sign_in("lin", "wrong horse!", None)));
    }
    assert!(forbidden(&registry.sign_in("lin", "correct horse", None)), "locked after five failures");
}

fn a_key_works_until_it_is_revoked_and_is_told_once(database: &Database) {
    let registry = open(database);
    let key = NewKey {
        principal: "weijian".to_owned(),
        department: "health".to_owned(),
        roles: vec![Role::Source, Role::Reader],
        expires_at: None,
        sources: Sources::default(),
    };
    let (view, secret) = registry.create_key(&actor(), &key).expect("key");
    assert!(secret.starts_with(&view.id) && secret.len() > 64);
    let known = registry.authenticate(&secret).expect("known");
    assert_eq!((known.principal.as_str(), known.department.as_str()), ("weijian", "health"));
    let mut forged = secret.clone();
    forged.pop();
    forged.push(if secret.ends_with('0') { '1' } else { '0' });
    assert!(forbidden(&registry.authenticate(&forged)));
    assert!(forbidden(&registry.authenticate("")));
    assert_eq!(registry.list_keys().expect("keys"), std::slice::from_ref(&view));
    registry.revoke_key(&actor(), &view.id).expect("revoked");
    assert!(forbidden(&registry.authenticate(&secret)));
    let past = NewKey { expires_at: Some(registry.now()), ..key };
    let (_, expired) = registry.create_key(&actor(), &past).expect("key");
    assert!(forbidden(&registry.authenticate(&expired)));
}

fn a_repeated_request_is_known_by_its_key(database: &Database) {
    let registry = open(database);
    let claim = |actor: &Actor, request: u8| registry.claim_request(actor, "k1", &[request; 32]).expect("claim");
    assert_eq!(claim(&actor(), 1), IdempotencyClaim::Fresh);
    assert!(matches!(claim(&actor(), 1), IdempotencyClaim::Running { free_in_s: 1..=301 }));
    assert_eq!(claim(&actor(), 2), IdempotencyClaim::Reused);
    let other = Actor { department: "health".to_owned(), ..actor() };
    assert_eq!(claim(&other, 2), IdempotencyClaim::Fresh, "another department's keys are its own");
    registry.complete_request(&actor(), "k1", 201, "done").expect("complete");
    let answered = |with_these_rights| IdempotencyClaim::Answered { status: 201, body: "done".to_owned(), with_these_rights };
    assert_eq!(claim(&actor(), 1), answered(true));
    let narrowed = Actor { limits: Limits { divisions: vec!["4401".to_owned()], ..Limits::default() }.into(), ..actor() };
    let fewer = Actor { roles: vec![Role::Source], ..actor() };
    assert_eq!((claim(&narrowed, 1), claim(&fewer, 1)), (answered(false), answered(false)));
    registry.abandon_request(&other, "k1").expect("abandon");
    assert_eq!(claim(&other, 3), IdempotencyClaim::Fresh);
}

fn an_emergency_ends_with_its_time(database: &Database) {
    let registry = open(database);
    let key = NewKey {
        principal: "doctor".to_owned(),
        department: "health".to_owned(),
        roles: vec![Role::Reader],
        expires_at: None,
        sources: Sources::default(),
    };
    let (_, secret) = registry.create_key(&actor(), &key).expect("a key");
    registry.set_limits(&actor(), "doctor", &Limits { emergency: true, ..Limits::default() }).expect("limits");
    let doctor = registry.authenticate(&secret).expect("known");
    let reach = EmergencyReach::Division("440305".to_owned());
    let asked = NewEmergency { reason: "a flood in the district".to_owned(), reach, minutes: 60 };
    let begun = registry.begin_emergency(&doctor, &asked).expect("begun");
    let within = registry.in_emergency(&doctor, begun.id).expect("it holds");
    assert_eq!((within.roles.as_slice(), within.limits.divisions.as_slice()), (&[Role::Reader][..], &["440305".to_owned()][..]));
    let store = database.store();
    let row = store.read(|reader| reader.emergency(begun.id)).expect("read").expect("a row");
    let over = jiku_store::EmergencyRow { ends_at: row.begun_at, ..row };
    store.write(|writer| writer.put_emergency(&over)).expect("its hour has passed");
    assert!(forbidden(&registry.in_emergency(&doctor, begun.id)));
}

fn who_is_shut_out_while_the_password_is_checked_stays_outside(database: &Database) {
    let registry = open(database);
    registry.create_user(&actor(), &lin()).expect("user");
    std::thread::scope(|scope| {
        // Checking a password takes tens of milliseconds: some of these have read the account before it is shut.
        let signing = [(); 4].map(|()| scope.spawn(|| registry.sign_in("lin", "correct horse", None)));
        std::thread::sleep(std::time::Duration::from_millis(5));
        registry.enable_principal(&actor(), "lin", false).expect("shut out");
        for signed in signing {
            let signed = signed.join().expect("it ends");
            assert!(signed.is_err() || forbidden(&registry.authenticate(&signed.expect("a session").token)));
        }
    });
    let principals = registry.list_principals().expect("principals");
    assert_eq!(principals.iter().map(|principal| principal.enabled).collect::<Vec<_>>(), [false]);
}

fn accounts_and_keys_are_made_without_reading_what_the_base_holds(database: &Database) {
    let node = open(database);
    take(&node, person("gongan", "1", "name=张伟"));
    // With a model that cannot be read no index can be made.
    let unreadable = |active| ModelRow {
        kind: Kind::Person,
        version: 9,
        toml: "nonsense".to_owned(),
        active,
        created_at: node.now(),
        actor: "tester".to_owned(),
    };
    database.store().write(|writer| writer.put_model(&unreadable(true))).expect("a model");
    assert!(matches!(Registry::open(Options::new(database.url())), Err(OpenError::Settings { .. })));
    let office = Office::open(&Options::new(database.url())).expect("it reads no model");
    office.create_user(&actor(), &lin()).expect("a user");
    let new = NewKey {
        principal: "weijian".to_owned(),
        department: "health".to_owned(),
        roles: vec![Role::Reader],
        expires_at: None,
        sources: Sources::default(),
    };
    let (_, secret) = office.create_key(&actor(), &new).expect("a key");
    take(&node, person("gongan", "2", "name=李娜"));
    office.set_limits(&actor(), "lin", &Limits { divisions: vec!["44".to_owned()], ..Limits::default() }).expect("limits");
    office.close();
    assert_eq!(node.authenticate(&secret).expect("known").principal, "weijian");
    assert!(node.sign_in("lin", "correct horse", None).is_ok());
    take(&node, person("gongan", "3", "name=王芳"));
}

fn what_administrators_do_is_in_the_log_without_a_secret(database: &Database) {
    let registry = open(database);
    registry.create_user(&actor(), &lin()).expect("a user");
    registry.set_limits(&actor(), "lin", &Limits { unmask: true, ..Limits::default() }).expect("limits");
    registry.enable_principal(&actor(), "lin", false).expect("shut out");
    let new = NewKey {
        principal: "weijian".to_owned(),
        department: "health".to_owned(),
        roles: vec![Role::Reader],
        expires_at: None,
        sources: Sources::default(),
    };
    let (key, secret) = registry.create_key(&actor(), &new).expect("a key");
    registry.revoke_key(&actor(), &key.id).expect("revoked");
    let purpose = Purpose { department: "health".to_owned(), code: "care".to_owned(), title: "Care".to_owned() };
    registry.put_purpose(&actor(), &purpose).expect("a purpose");
    registry.delete_purpose(&actor(), "health", "care").expect("taken away");
    let source =
        SourceSystem { code: "gongan".parse().expect("a code"), name: "Police".to_owned(), department: "police".to_owned(), trust: 80 };
    registry.put_source(&actor(), &source).expect("a source");
    registry.rotate_key(&actor(), KeyUse::Data, &mut |_| {}).expect("a key");
    // What was refused is no act.
    assert!(registry.enable_principal(&actor(), "nobody", false).is_err() && registry.delete_purpose(&actor(), "health", "care").is_err());
    let acts = registry.acts(&actor(), 0, 100).expect("acts");
    let told: Vec<&str> = acts.iter().map(|act| act.act.as_str()).collect();
    let expected = [
        "user-put",
        "limits-set",
        "principal-disabled",
        "key-created",
        "key-revoked",
        "purpose-put",
        "purpose-deleted",
        "source-put",
        "keyring-changed",
    ];
    assert_eq!(told, expected);
    assert!(acts.iter().all(|act| act.actor == "tester"), "{acts:?}");
    assert!(acts[1].about == "lin" && acts[1].detail.contains("unmask"), "{:?}", acts[1]);
    let text = format!("{acts:?}");
    assert!(!text.contains("correct horse") && !text.contains(&secret) && !text.contains("argon2"), "{text}");
    assert_eq!(registry.acts(&actor(), acts[7].position, 100).expect("later").len(), 1);
    let security = Actor { roles: vec![Role::SecurityAdmin], ..actor() };
    assert!(forbidden(&registry.acts(&security, 0, 100)), "whose acts they are does not judge them");
    assert!(registry.verify_chain(&actor()).expect("the chain").is_clean());
    assert_eq!(registry.alarms(&actor(), 0, 100).expect("alarms"), [], "acts are no alarms");
}
