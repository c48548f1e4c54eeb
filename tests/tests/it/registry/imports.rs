//! How does a whole file go in?

use jiku_model::{JobId, Kind, Sensitivity};
use jiku_registry::{
    Actor, ImportStart, Incoming, JobState, JobView, Limits, NewKey, Registry, RegistryError, RejectedRow, RetentionRules, Role,
    RowOutcome, Sources,
};
use jiku_tests::stores::Database;

use super::cadastre::rectangle;
use super::support::{actor, incoming, open, person, province, record, verified, zhang};

jiku_tests::on_both_stores! {
    an_interrupted_import_goes_on_without_doubling;
    one_file_is_not_taken_in_by_two_at_once;
    the_same_file_again_changes_nothing;
    too_many_bad_rows_stop_an_import_and_kept_rows_stay;
    rejected_rows_can_be_read_again;
    rows_of_one_line_are_rejected_one_by_one;
    what_another_department_sent_is_not_told_of;
    refused_rows_are_forgotten_by_rule_and_nothing_else_is;
    what_was_told_of_rows_is_told_again;
}

fn start(registry: &Registry, digest: &str) -> ImportStart {
    registry.start_import(&actor(), Kind::Person, "people.csv", digest).expect("start")
}

fn new(registry: &Registry, digest: &str) -> JobView {
    match start(registry, digest) {
        ImportStart::New(job) => job,
        other => panic!("a new import expected, got {other:?}"),
    }
}

fn advance(
    registry: &Registry,
    job: &mut JobView,
    records: Vec<Incoming>,
    refused: Vec<RejectedRow>,
) -> Result<Vec<RowOutcome>, RegistryError> {
    let (moved, outcomes) = registry.advance_import(&actor(), job, registry.read_rows(&actor(), records, refused)?)?;
    *job = moved;
    Ok(outcomes)
}

fn people(seed: u64, count: u64) -> Vec<Incoming> {
    let mut people: Vec<Incoming> = province(seed, count, 0, 0).iter().map(incoming).collect();
    for (record, line) in people.iter_mut().zip(2..) {
        record.line = Some(line);
    }
    people
}

fn an_interrupted_import_goes_on_without_doubling(database: &Database) {
    let rows = people(21, 60);
    let half = rows.len() / 2;
    {
        let registry = open(database);
        let mut job = new(&registry, "aa");
        advance(&registry, &mut job, rows[..half].to_vec(), Vec::new()).expect("advance");
    }
    let registry = open(database);
    let ImportStart::Resumed(mut job) = start(&registry, "aa") else { panic!("it goes on") };
    assert_eq!(job.progress.rows, half as u64);
    assert_eq!(job.progress.line, half as u64 + 1);
    // The caller may not have heard of the last batch: sending part of it again doubles nothing.
    let outcomes = advance(&registry, &mut job, rows[half - 5..].to_vec(), Vec::new()).expect("advance");
    assert_eq!((outcomes.len(), job.progress.unchanged), (rows.len() - half + 5, 5));
    let done = registry.finish_import(&actor(), &job, None).expect("finish");
    assert_eq!(done.state, JobState::Finished);
    let stats = registry.stats().expect("stats");
    assert_eq!(stats.kinds[0].records, rows.len() as u64);
    verified(&registry);
}

fn one_file_is_not_taken_in_by_two_at_once(database: &Database) {
    let registry = open(database);
    let mut rows = people(25, 60);
    let later = rows.split_off(rows.len() / 2);
    let bad = |line: u64| RejectedRow { line, row: line, problems: Vec::new(), raw: "half a line".to_owned() };
    let mut first = new(&registry, "ff");
    let ImportStart::Resumed(mut second) = start(&registry, "ff") else { panic!("it is under way") };
    advance(&registry, &mut first, rows.clone(), vec![bad(900)]).expect("the first to come");
    let stopped = advance(&registry, &mut second, rows.clone(), vec![bad(900)]).expect_err("the file is taken in already");
    let RegistryError::Conflict { code: "import-elsewhere", message } = &stopped else { panic!("{stopped:?}") };
    assert!(message.contains(&format!("row {}", rows.len() + 1)), "{message}");
    let ended = registry.finish_import(&actor(), &second, None).expect_err("it is not his to end");
    assert!(matches!(ended, RegistryError::Conflict { code: "import-elsewhere", .. }), "{ended:?}");
    advance(&registry, &mut first, later.clone(), Vec::new()).expect("it goes on");
    let done = registry.finish_import(&actor(), &first, None).expect("finish");
    let all = (rows.len() + later.len()) as u64;
    assert_eq!((done.state, done.progress.rows, done.progress.created, done.progress.rejected), (JobState::Finished, all + 1, all, 1));
    let late = registry.finish_import(&actor(), &second, None).expect_err("it has ended");
    assert!(late.to_string().contains("has ended the import of") && !late.to_string().contains("When it has ended"), "{late}");
    assert!(matches!(start(&registry, "ff"), ImportStart::Unchanged(_)));
    verified(&registry);
}

fn the_same_file_again_changes_nothing(database: &Database) {
    let registry = open(database);
    let mut job = new(&registry, "bb");
    advance(&registry, &mut job, people(22, 20), Vec::new()).expect("advance");
    registry.finish_import(&actor(), &job, None).expect("finish");
    let ImportStart::Unchanged(known) = start(&registry, "bb") else { panic!("it is in already") };
    assert_eq!(known.id, job.id);
    assert!(matches!(advance(&registry, &mut job, people(22, 20), Vec::new()), Err(RegistryError::Conflict { .. })), "it has ended");
    assert_eq!(registry.jobs(&actor(), 10).expect("jobs").len(), 1);
}

fn too_many_bad_rows_stop_an_import_and_kept_rows_stay(database: &Database) {
    let registry = open(database);
    let mut job = new(&registry, "cc");
    let bad = |count: u64, from: u64| {
        (from..from + count)
            .map(|line| Incoming { line: Some(line), row: Some(line), ..person("gongan", &line.to_string(), "sex=1") })
            .collect::<Vec<_>>()
    };
    let good = people(23, 30);
    let kept = good.len() as u64;
    let mut first = good;
    first.extend(bad(400, 1_000));
    advance(&registry, &mut job, first, Vec::new()).expect("advance");
    assert_eq!(job.state, JobState::Running, "fewer than 1,000 rows are too few to judge");
    advance(&registry, &mut job, bad(700, 2_000), Vec::new()).expect("advance");
    assert_eq!(job.state, JobState::TooManyRowErrors);
    assert_eq!((job.progress.rejected, job.progress.created), (1_100, kept));
    assert_eq!(registry.finish_import(&actor(), &job, None).expect("finish").state, JobState::TooManyRowErrors);
    assert_eq!(registry.stats().expect("stats").kinds[0].records, kept);
    let mut small = new(&registry, "dd");
    advance(&registry, &mut small, bad(3, 1), Vec::new()).expect("advance");
    assert_eq!(
        registry.finish_import(&actor(), &small, None).expect("finish").state,
        JobState::TooManyRowErrors,
        "a small file is judged at its end"
    );
    assert!(matches!(start(&registry, "dd"), ImportStart::New(_)), "and may be tried again");
}

fn rejected_rows_can_be_read_again(database: &Database) {
    let registry = open(database);
    let mut job = new(&registry, "ee");
    let broken = RejectedRow { line: 7, row: 6, problems: Vec::new(), raw: "half a li\0ne".to_owned() };
    let mut rows = people(24, 20);
    rows.push(Incoming { line: Some(90), row: Some(89), ..person("gongan", "90", "sex=1") });
    advance(&registry, &mut job, rows, vec![broken]).expect("advance");
    let rejected = registry.rejections(&actor(), job.id, (0, None), 10).expect("rejections");
    assert_eq!(rejected.iter().map(|row| row.line).collect::<Vec<_>>(), [7, 90]);
    assert!(rejected[1].raw.contains("sex") && !rejected[1].problems.is_empty());
    assert_eq!(registry.rejections(&actor(), job.id, (7, None), 10).expect("rejections").len(), 1);
    let failed = registry.finish_import(&actor(), &job, Some("the file is cut off")).expect("finish");
    assert_eq!((failed.state, failed.message.as_deref()), (JobState::Failed, Some("the file is cut off")));
}

fn rows_of_one_line_are_rejected_one_by_one(database: &Database) {
    let registry = open(database);
    let mut job = new(&registry, "ab");
    let bad = |key: &str, row| Incoming { line: Some(1), row: Some(row), ..person("gongan", key, "sex=1") };
    let broken = |raw: &str, row| RejectedRow { line: 1, row, problems: Vec::new(), raw: raw.to_owned() };
    let good = (3..).zip(people(25, 20)).map(|(row, record)| Incoming { line: Some(1), row: Some(row), ..record });
    let rows: Vec<Incoming> = good.chain([bad("91", 100), bad("92", 102)]).collect();
    let outcomes = advance(&registry, &mut job, rows, vec![broken("x", 1), broken("y", 101)]).expect("advance");
    assert_eq!(job.progress.rejected, 4);
    assert_eq!((outcomes[0].row, outcomes.last().and_then(|outcome| outcome.row)), (Some(3), Some(102)), "as the file counts them");
    advance(&registry, &mut job, vec![bad("93", 104)], vec![broken("z", 103)]).expect("a later batch of the same line");
    let rejected = registry.rejections(&actor(), job.id, (0, None), 10).expect("rejections");
    assert!(rejected.iter().all(|row| row.line == 1));
    assert_eq!(rejected.iter().map(|row| row.row).collect::<Vec<_>>(), [1, 100, 101, 102, 103, 104], "the numbers that the file has");
    let raw: Vec<&str> = rejected.iter().filter(|row| row.problems.is_empty()).map(|row| row.raw.as_str()).collect();
    assert_eq!((rejected.len(), raw), (6, vec!["x", "y", "z"]));
    // A page may end within the line.
    let rest = registry.rejections(&actor(), job.id, (1, Some(rejected[3].row)), 10).expect("rejections");
    assert_eq!(rest, rejected[4..]);
    assert_eq!(registry.rejections(&actor(), job.id, (1, None), 10).expect("rejections"), []);
    verified(&registry);
}

fn what_another_department_sent_is_not_told_of(database: &Database) {
    let registry = open(database);
    let sender = |name: &str, department: &str| {
        let (principal, department) = (name.to_owned(), department.to_owned());
        let sources = Sources::Any;
        let key = NewKey { principal, department, roles: vec![Role::Source], expires_at: None, sources };
        registry.authenticate(&registry.create_key(&actor(), &key).expect("a key").1).expect("known")
    };
    let (own, colleague, other) = (sender("health-1", "health"), sender("health-2", "health"), sender("tax-1", "tax"));
    let ImportStart::New(job) = registry.start_import(&own, Kind::Person, "王伟.csv", "ff").expect("start") else { panic!("new") };
    let bad = Incoming { line: Some(2), row: Some(1), ..person("gongan", "2", "sex=1") };
    registry.advance_import(&own, &job, registry.read_rows(&own, vec![bad], Vec::new()).expect("rows")).expect("advanced");
    let sees = |actor: &Actor| {
        let listed = registry.jobs(actor, 10).expect("jobs").len();
        (listed, registry.job(actor, job.id).is_ok(), registry.rejections(actor, job.id, (0, None), 10).map_or(0, |rows| rows.len()))
    };
    let steward = Actor { principal: "lin".to_owned(), department: "office".to_owned(), roles: vec![Role::Steward], ..actor() };
    assert_eq!([sees(&own), sees(&colleague), sees(&steward)], [(1, true, 1); 3]);
    // The row as received holds every class of field.
    let raw = |actor: &Actor| registry.rejections(actor, job.id, (0, None), 10).expect("rejections").remove(0).raw;
    let low = |actor: &Actor| Actor { limits: Limits { read: Sensitivity::Personal, ..Limits::default() }.into(), ..actor.clone() };
    assert!(raw(&own).contains("\"1\"") && raw(&steward).contains("sex"));
    for actor in [&own, &colleague, &steward] {
        assert_eq!(raw(&low(actor)), "{}", "{}", actor.principal);
    }
    assert_eq!(sees(&other), (0, false, 0));
    let absent = JobId(uuid::Uuid::from_u128(7));
    let told = |job| format!("{:?}", registry.job(&other, job));
    assert_eq!(told(job.id), told(absent), "as one that does not exist");
}

fn refused_rows_are_forgotten_by_rule_and_nothing_else_is(database: &Database) {
    let registry = open(database);
    let ImportStart::New(job) = registry.start_import(&actor(), Kind::Person, "f.csv", "digest").expect("an import") else { panic!("new") };
    let refused = RejectedRow { line: 2, row: 1, problems: Vec::new(), raw: "as received".to_owned() };
    let rows = registry.read_rows(&actor(), vec![zhang("gongan", "1")], vec![refused]).expect("rows");
    let (job, _) = registry.advance_import(&actor(), &job, rows).expect("advanced");
    registry.finish_import(&actor(), &job, None).expect("finished");
    let kept = |registry: &Registry| registry.rejections(&actor(), job.id, (0, None), 10).expect("rejections").len();
    let rules = RetentionRules { rejections_days: 90, usage_days: 31 };
    assert_eq!(registry.forget(&actor(), &rules).expect("forgotten").rejections, 0, "too young");
    assert_eq!(kept(&registry), 1);
    let store = database.store();
    let row = store.read(|reader| reader.job(job.id)).expect("read").expect("a job");
    let old = jiku_store::JobRow { updated_at: row.updated_at - chrono::TimeDelta::days(91), ..row };
    store.write(|writer| writer.put_job(&old)).expect("it is older now");
    assert_eq!(registry.forget(&actor(), &rules).expect("forgotten").rejections, 1);
    assert_eq!((kept(&registry), registry.stats().expect("stats").kinds[0].records), (0, 1), "the record that was taken in stays");
    assert!(matches!(registry.forget(&actor(), &RetentionRules { rejections_days: 0, ..rules }), Err(RegistryError::Invalid(_))));
    let steward = Actor { roles: vec![Role::Steward], ..actor() };
    assert!(matches!(registry.forget(&steward, &rules), Err(RegistryError::Forbidden(_))));
    verified(&registry);
}

fn what_was_told_of_rows_is_told_again(database: &Database) {
    let registry = open(database);
    let sent = |key: &str, line: u64, land_use: &str, place: [i32; 4]| {
        let geometry = rectangle(place);
        let values = format!("parcel_code=440106001001GB0010{key}|land_use={land_use}|geometry={geometry}");
        Incoming { line: Some(line), row: Some(line - 1), ..record(Kind::Parcel, "ziran", key, &values) }
    };
    // Rows that overlap, as only the base can tell, one with a flag of its own, one that is refused, one twice.
    let rows = vec![
        sent("1", 2, "0701", [0, 0, 10, 10]),
        sent("2", 3, "0701", [5, 0, 15, 10]),
        sent("3", 4, "9999", [40, 0, 50, 10]),
        sent("4", 5, "0701", [60, 0, 60, 0]),
        sent("5", 6, "0701", [80, 0, 90, 10]),
    ];
    let ImportStart::New(job) = registry.start_import(&actor(), Kind::Parcel, "land.csv", "cc").expect("start") else {
        panic!("it is new")
    };
    let batch = registry.read_rows(&actor(), rows.clone(), Vec::new()).expect("read");
    let (job, outcomes) = registry.advance_import(&actor(), &job, batch).expect("advance");
    let told: Vec<_> = outcomes.into_iter().map(|outcome| outcome.problems).collect();
    let counts: Vec<usize> = told.iter().map(Vec::len).collect();
    assert!(counts[0] > 0 && counts[2] > 0 && counts[3] > 0 && counts[4] == 0, "{told:?}");
    assert_eq!(registry.recall_rows(&actor(), &job, rows.clone()).expect("recalled"), told);
    // What comes later of these records is another file's.
    registry.ingest(&actor(), vec![sent("2", 2, "0701", [20, 0, 30, 10]), sent("5", 3, "0701", [45, 0, 55, 10])]).expect("ingest");
    assert_eq!(registry.recall_rows(&actor(), &job, rows[1..].to_vec()).expect("recalled"), told[1..]);
    let stranger = Actor { roles: vec![Role::Reader], ..Actor::operator("stranger") };
    assert!(matches!(registry.recall_rows(&stranger, &job, rows), Err(RegistryError::Forbidden(_))));
}
