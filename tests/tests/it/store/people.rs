//! Are accounts, keys, sessions, jobs, settings and models kept and changed?

use chrono::Duration;
use jiku_model::{JobId, Kind};
use jiku_store::{
    ApiKeyRow, IdempotencyRow, JobFilter, JobRow, JobState, MetaRow, ModelRow, PrincipalRow, PurposeRow, RejectionRow, SessionRow,
    SourceRow, StoreError, UsageRow,
};
use jiku_tests::stores::Database;

use super::samples::{Stored, second, uuid};

fn account() -> PrincipalRow {
    PrincipalRow {
        name: "wang".to_owned(),
        display_name: "王芳".to_owned(),
        department: "civil affairs".to_owned(),
        roles: "steward".to_owned(),
        password_hash: Some("$argon2id$…".to_owned()),
        active: true,
        failures: 0,
        locked_until: None,
        created_at: second(0),
        limits: "{}".to_owned(),
        totp_secret: None,
        totp_step: None,
        staff_number: None,
    }
}

jiku_tests::on_both_stores! {
    purposes_and_what_was_read_today_are_kept;
    an_account_is_changed_in_place_and_its_keys_and_sessions_stay;
    an_idempotency_key_is_claimed_once;
    a_job_moves_on_and_its_rejections_are_not_doubled;
    one_model_of_a_kind_is_in_use;
    sources_and_facts_are_changed_in_place;
}

fn an_account_is_changed_in_place_and_its_keys_and_sessions_stay(database: &Database) {
    let store = database.store();
    let key = ApiKeyRow {
        prefix: "jk_abc".to_owned(),
        hash: vec![9; 32],
        principal: "wang".to_owned(),
        label: "import".to_owned(),
        created_at: second(0),
        expires_at: second(99),
        revoked_at: None,
    };
    let session = SessionRow {
        hash: vec![7; 32],
        principal: "wang".to_owned(),
        created_at: second(0),
        last_seen_at: second(0),
        expires_at: second(60),
    };
    let locked = PrincipalRow { failures: 5, locked_until: Some(second(900)), password_hash: None, ..account() };
    store
        .write(|writer| -> Stored<()> {
            writer.put_principal(&account())?;
            writer.put_api_key(&key)?;
            writer.put_session(&session)?;
            writer.put_principal(&locked)
        })
        .unwrap();
    store
        .read(|reader| -> Stored<()> {
            assert_eq!(reader.principal("wang")?, Some(locked.clone()));
            assert_eq!(reader.principals()?, std::slice::from_ref(&locked));
            assert_eq!(reader.api_key("jk_abc")?, Some(key.clone()));
            assert_eq!(reader.api_keys("wang")?, std::slice::from_ref(&key));
            assert_eq!(reader.session(&[7; 32])?, Some(session.clone()));
            assert_eq!(reader.session(&[8; 32])?, None);
            Ok(())
        })
        .unwrap();
    assert_eq!(store.write(|writer| -> Stored<_> { writer.delete_expired_sessions(second(59)) }).unwrap(), 0);
    assert_eq!(store.write(|writer| -> Stored<_> { writer.delete_expired_sessions(second(60)) }).unwrap(), 1);
    let orphan =
        store.write(|writer| -> Stored<()> { writer.put_session(&SessionRow { principal: "nobody".to_owned(), ..session.clone() }) });
    assert!(matches!(orphan, Err(StoreError::Conflict(_))), "{orphan:?}");
}

fn an_idempotency_key_is_claimed_once(database: &Database) {
    let store = database.store();
    let key =
        IdempotencyRow { owner: "wang".to_owned(), key: "k1".to_owned(), fingerprint: vec![1], status: None, answer: None, at: second(0) };
    let claim = || store.write(|writer| -> Stored<_> { writer.claim_idempotency_key(&key) }).unwrap();
    assert_eq!((claim(), claim()), (None, Some(key.clone())));
    assert!(store.write(|writer| -> Stored<_> { writer.finish_idempotency_key("wang", "k1", 202, "{}") }).unwrap());
    let answered = IdempotencyRow { status: Some(202), answer: Some("{}".to_owned()), ..key.clone() };
    assert_eq!(claim(), Some(answered));
    assert!(!store.write(|writer| -> Stored<_> { writer.release_idempotency_key("wang", "k1") }).unwrap());
    assert_eq!(store.write(|writer| -> Stored<_> { writer.forget_idempotency_keys(second(1)) }).unwrap(), 1);
    assert_eq!(claim(), None);
}

fn a_job_moves_on_and_its_rejections_are_not_doubled(database: &Database) {
    let store = database.store();
    let job = JobRow {
        id: JobId(uuid(1)),
        action: "import".to_owned(),
        kind: Some(Kind::Person),
        name: "people.csv".to_owned(),
        digest: Some("d1".to_owned()),
        state: JobState::Running,
        line: 0,
        total: None,
        body: "{}".to_owned(),
        actor: "wang".to_owned(),
        created_at: second(0),
        updated_at: second(0),
    };
    let moved = JobRow { line: 500, total: Some(900), state: JobState::Paused, updated_at: second(3), ..job.clone() };
    let rejection = |line, ordinal| RejectionRow { job: job.id, line, problems: "[]".to_owned(), raw: "a,b".to_owned(), ordinal };
    store
        .write(|writer| -> Stored<()> {
            writer.put_job(&job)?;
            writer.put_rejections(&[rejection(3, 1), rejection(9, 2)])?;
            writer.put_rejections(&[rejection(9, 3), rejection(12, 4)])?;
            writer.put_job(&moved)
        })
        .unwrap();
    store
        .read(|reader| -> Stored<()> {
            assert_eq!(reader.job(job.id)?, Some(moved.clone()));
            assert_eq!(
                reader.jobs(
                    &JobFilter { digest: Some("d1".to_owned()), state: Some(JobState::Paused), action: Some("import".to_owned()) },
                    None,
                    5
                )?,
                std::slice::from_ref(&moved)
            );
            assert_eq!(reader.jobs(&JobFilter { state: Some(JobState::Done), ..JobFilter::default() }, None, 5)?, []);
            assert_eq!(reader.jobs(&JobFilter::default(), Some(job.id), 5)?, []);
            assert_eq!(reader.rejections(job.id, (3, i64::MAX), 10)?, [rejection(9, 2), rejection(9, 3), rejection(12, 4)]);
            // A page may end within a line.
            assert_eq!(reader.rejections(job.id, (9, 2), 1)?, [rejection(9, 3)]);
            assert_eq!(reader.rejections(job.id, (9, 3), 10)?, [rejection(12, 4)]);
            assert_eq!(reader.rejection_count(job.id)?, 4);
            Ok(())
        })
        .unwrap();
}

fn one_model_of_a_kind_is_in_use(database: &Database) {
    let store = database.store();
    let model = |version| ModelRow {
        kind: Kind::Person,
        version,
        toml: format!("version = {version}"),
        active: true,
        created_at: second(0) + Duration::seconds(1),
        actor: "jiku".to_owned(),
    };
    store
        .write(|writer| -> Stored<()> {
            writer.put_model(&model(1))?;
            writer.put_model(&model(2))
        })
        .unwrap();
    store
        .read(|reader| -> Stored<()> {
            assert_eq!(reader.active_model(Kind::Person)?, Some(model(2)));
            assert_eq!(reader.active_model(Kind::Parcel)?, None);
            assert_eq!(
                reader.models(Kind::Person)?.iter().map(|row| (row.version, row.active)).collect::<Vec<_>>(),
                [(1, false), (2, true)]
            );
            Ok(())
        })
        .unwrap();
}

fn sources_and_facts_are_changed_in_place(database: &Database) {
    let store = database.store();
    let source =
        |trust| SourceRow { number: 1, code: "gongan".to_owned(), name: "公安".to_owned(), department: "公安厅".to_owned(), trust };
    let fact = |value: &str| MetaRow { name: "salt".to_owned(), value: value.to_owned() };
    store
        .write(|writer| -> Stored<()> {
            writer.put_source(&source(50))?;
            writer.put_source(&source(80))?;
            writer.put_meta(&fact("a"))?;
            writer.put_meta(&fact("b"))
        })
        .unwrap();
    assert_eq!(
        store.read(|reader| -> Stored<_> { Ok((reader.sources()?, reader.meta("salt")?, reader.meta("pepper")?)) }).unwrap(),
        (vec![source(80)], Some("b".to_owned()), None)
    );
    let out_of_range = store.write(|writer| -> Stored<()> { writer.put_source(&source(101)) });
    assert!(matches!(out_of_range, Err(StoreError::Conflict(_))), "{out_of_range:?}");
}

fn purposes_and_what_was_read_today_are_kept(database: &Database) {
    let store = database.store();
    let purpose = PurposeRow {
        department: "health".to_owned(),
        code: "vaccination".to_owned(),
        title: "疫苗接种".to_owned(),
        created_at: second(1),
        actor: "office".to_owned(),
    };
    let usage = |node: &str, persons| UsageRow {
        day: 20_000,
        principal: "wang".to_owned(),
        node: node.to_owned(),
        department: "health".to_owned(),
        requests: 9,
        entities: 8,
        persons,
        locked_until: None,
    };
    store
        .write(|writer| -> Stored<()> {
            writer.put_purpose(&purpose)?;
            writer.put_purpose(&purpose)?;
            writer.put_usage(&[usage("a", 1), usage("b", 2), usage("a", 3)])?;
            writer.put_usage(&[UsageRow { day: 19_999, ..usage("a", 7) }])
        })
        .unwrap();
    store.log_accesses(&[], &[usage("b", 4)], &[]).unwrap();
    store
        .write(|writer| -> Stored<()> {
            assert_eq!(writer.purposes()?.len(), 4, "three are there from the beginning");
            assert_eq!(writer.usage(20_000)?, [usage("a", 3), usage("b", 4)]);
            assert_eq!(writer.delete_usage(20_000)?, 1);
            assert!(writer.usage(19_999)?.is_empty());
            assert!(writer.delete_purpose("health", "vaccination")? && !writer.delete_purpose("health", "vaccination")?);
            Ok(())
        })
        .unwrap();
}
