//! Is what has been decided, and how much has changed, told in the right order and number?

use jiku_model::{Kind, SourceSystem, Verdict};
use jiku_registry::{
    Actor, DecisionFilter, DecisionKind, Expected, Limits, NewUser, Registry, RegistryError, ReviewFilter, Role, Sources, Unmerge,
};
use jiku_tests::stores::Database;

use super::support::{actor, entity, li, number, open, person, take, wang, zhang};

jiku_tests::on_both_stores! {
    decisions_are_listed_latest_first_by_whom_and_of_what_kind;
    every_change_counts_for_its_day;
    a_task_tells_what_its_sources_said_before;
    tasks_are_filtered_by_source_and_division_page_by_page;
    a_task_is_given_to_a_steward_who_reaches_it_and_to_nobody_else;
}

fn listed(registry: &Registry, filter: DecisionFilter) -> Vec<DecisionKind> {
    let filter = DecisionFilter { limit: 10, ..filter };
    registry.recent_decisions(&actor(), &filter).expect("decisions").items.iter().map(|view| view.kind).collect()
}

fn decisions_are_listed_latest_first_by_whom_and_of_what_kind(database: &Database) {
    let registry = open(database);
    let began = registry.now();
    let [zhang, li, wang] = [zhang("gongan", "1"), li("gongan", "2"), wang("gongan", "3")].map(|record| entity(&take(&registry, record)));
    let other = Actor::operator("another");
    let merged = registry.merge(&actor(), Kind::Person, &[zhang, li], Some("one"), &Expected::new(), false).expect("merge");
    let decision = merged.decision.expect("a decision");
    registry.merge(&other, Kind::Person, &[zhang, wang], None, &Expected::new(), false).expect("merge");
    registry.unmerge(&actor(), Kind::Person, &Unmerge::Decision(decision), None, &Expected::new(), false).expect("undo");

    assert_eq!(listed(&registry, DecisionFilter::default()), [DecisionKind::Unmerge, DecisionKind::Merge, DecisionKind::Merge]);
    let own = DecisionFilter { actor: Some("tester".to_owned()), ..DecisionFilter::default() };
    assert_eq!(listed(&registry, own.clone()), [DecisionKind::Unmerge, DecisionKind::Merge]);
    assert_eq!(listed(&registry, DecisionFilter { acts: vec![DecisionKind::Merge], ..own }), [DecisionKind::Merge]);
    assert!(listed(&registry, DecisionFilter { entity_kind: Some(Kind::Parcel), ..DecisionFilter::default() }).is_empty());

    let mut filter = DecisionFilter { limit: 2, ..DecisionFilter::default() };
    let first = registry.recent_decisions(&actor(), &filter).expect("a page");
    filter.cursor.clone_from(&first.next);
    let second = registry.recent_decisions(&actor(), &filter).expect("the next page");
    assert_eq!((first.items.len(), second.items.len(), second.next), (2, 1, None));
    assert_eq!(second.items[0].id, decision);

    let one = registry.decision(&actor(), decision).expect("the decision");
    assert_eq!((one.kind, one.entity_kind, one.comment.as_deref()), (DecisionKind::Merge, Kind::Person, Some("one")));
    assert!(one.undone_by.is_some() && one.entities.contains(&zhang) && one.entities.contains(&li));

    let counts = registry.decision_counts(&actor(), began).expect("counts");
    let told: Vec<_> = counts.iter().map(|count| (count.actor.as_str(), count.kind, count.count)).collect();
    assert_eq!(told, [("another", DecisionKind::Merge, 1), ("tester", DecisionKind::Merge, 1), ("tester", DecisionKind::Unmerge, 1)]);
    assert!(registry.decision_counts(&actor(), registry.now() + chrono::Duration::minutes(1)).expect("counts").is_empty());
}

fn every_change_counts_for_its_day(database: &Database) {
    let registry = open(database);
    assert_eq!(registry.activity(7).expect("activity").iter().map(|day| day.changes).collect::<Vec<_>>(), [0; 7]);
    for record in [zhang("gongan", "1"), li("gongan", "2"), wang("gongan", "3")] {
        take(&registry, record);
    }
    let days = registry.activity(7).expect("activity");
    assert!(days.windows(2).all(|pair| pair[0].day.succ_opt() == Some(pair[1].day)), "oldest first, no day left out");
    let changes: u64 = days.iter().map(|day| day.changes).sum();
    assert_eq!(changes, u64::try_from(registry.position()).expect("a position"));
    assert_eq!(registry.activity(0).expect("activity").len(), 1);
}

fn a_task_tells_what_its_sources_said_before(database: &Database) {
    let registry = open(database);
    let number = number("19800406", 11);
    for name in ["张韦强", "张伟强"] {
        take(&registry, person("gongan", "1", &format!("name={name}|id_type=111|id_number={number}|birth_date=1980-04-06")));
    }
    take(&registry, person("weijian", "1", &format!("name=陈丽华|id_type=111|id_number={number}|birth_date=1995-11-30")));
    let filter = ReviewFilter { limit: 10, ..ReviewFilter::default() };
    let task = registry.reviews(&actor(), &filter).expect("reviews").items.pop().expect("two names under one number");
    assert!(task.left.earlier.is_empty() && task.right.earlier.is_empty(), "not in lists");
    let said = |actor: &Actor| {
        let view = registry.review(actor, task.id).expect("the task");
        let [left, right] = [view.left, view.right];
        let (revised, other) = if left.record.key.source.as_str() == "gongan" { (left, right) } else { (right, left) };
        assert!(other.earlier.is_empty(), "it was sent once");
        let earlier = revised.earlier.iter();
        earlier.map(|record| (record.revision, record.attributes.get("name").unwrap_or_default().to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(said(&actor()), [(1, "张韦强".to_owned())]);
    assert_eq!(said(&Actor { unmask: false, ..actor() }), [(1, "张**".to_owned())], "masked like the record");
}

fn tasks_are_filtered_by_source_and_division_page_by_page(database: &Database) {
    let registry = open(database);
    // One number with two names and two birth dates: something for a person to look at.
    let pairs = [
        (1, "440106", "weijian", "张伟强", "陈丽华", "1980-04-06", "1995-11-30"),
        (2, "440106", "minzheng", "李国栋", "王秀珍", "1971-02-17", "1958-07-21"),
        (3, "440305", "weijian", "赵文博", "孙玉兰", "1962-10-09", "1990-03-02"),
    ];
    for (at, division, source, one, other, birth, other_birth) in pairs {
        let number = number(&birth.replace('-', ""), 11);
        let told = [("gongan", one, 1, birth), (source, other, 2, other_birth)];
        for (source, name, sex, birth) in told {
            let fields = format!("name={name}|id_type=111|id_number={number}|sex={sex}|birth_date={birth}|division={division}");
            take(&registry, person(source, &at.to_string(), &fields));
        }
    }
    let count = |source: Option<&str>, division: Option<&str>| {
        let mut filter = ReviewFilter { limit: 1, division: division.map(str::to_owned), ..ReviewFilter::default() };
        filter.source = source.map(|code| code.parse().expect("a source code"));
        let mut found = 0;
        loop {
            let page = registry.reviews(&actor(), &filter).expect("reviews");
            found += page.items.len();
            match page.next {
                Some(next) => filter.cursor = Some(next),
                None => return found,
            }
        }
    };
    assert_eq!(count(None, None), 3);
    assert_eq!((count(Some("weijian"), None), count(Some("minzheng"), None), count(Some("gongan"), None)), (2, 1, 3));
    assert_eq!((count(None, Some("4401")), count(None, Some("440305")), count(Some("minzheng"), Some("440305"))), (2, 1, 0));
    assert_eq!((count(Some("nobody"), None), count(None, Some("11"))), (0, 0));
    let code = "weijian".parse().expect("a source code");
    let named = SourceSystem { code, name: "全员健康信息库".to_owned(), department: "卫生健康委".to_owned(), trust: 50 };
    registry.put_source(&actor(), &named).expect("a name for a source");
    let of_department = |department: &str| {
        let filter = ReviewFilter { limit: 10, department: Some(department.to_owned()), ..ReviewFilter::default() };
        registry.reviews(&actor(), &filter).expect("reviews").items.len()
    };
    assert_eq!((of_department("卫生健康委"), of_department("教育厅")), (2, 0));

    let all = registry.reviews(&actor(), &ReviewFilter { limit: 3, ..ReviewFilter::default() }).expect("reviews").items;
    let after = ReviewFilter { limit: 3, cursor: Some(all[0].cursor()), ..ReviewFilter::default() };
    let rest: Vec<_> = registry.reviews(&actor(), &after).expect("reviews").items.iter().map(|task| task.id).collect();
    assert_eq!(rest, [all[1].id, all[2].id], "the place after a task begins with the next one");
    let next = |cursor: Option<String>| {
        registry.next_review(&actor(), &ReviewFilter { limit: 1, cursor, ..ReviewFilter::default() }).expect("next")
    };
    assert_eq!((next(None), next(Some(all[0].cursor())), next(Some(all[2].cursor()))), (Some(all[0].id), Some(all[1].id), None));
    let judged = registry.judge(&actor(), all[0].id, Verdict::Negative, None, &Expected::new(), false).expect("judge");
    let decision = registry.decision(&actor(), judged.decision.expect("a decision")).expect("the decision");
    assert_eq!((decision.kind, decision.task), (DecisionKind::Judge, Some(all[0].id)), "a verdict names its task");
    assert_eq!(next(None), Some(all[1].id));

    // What a source says anew counts from then on, as does what it takes back.
    let birth = ["1962-10-09", "1990-03-02"];
    let number = number(&birth[0].replace('-', ""), 11);
    for (source, name, sex, birth) in [("gongan", "赵文博", 1, birth[0]), ("weijian", "孙玉兰", 2, birth[1])] {
        let fields = format!("name={name}|id_type=111|id_number={number}|sex={sex}|birth_date={birth}|division=440106|nation=01");
        take(&registry, person(source, "3", &fields));
        let left = usize::from(source == "gongan");
        assert_eq!(count(None, Some("440305")), left, "{source} moved to another division");
    }
    assert_eq!(count(Some("weijian"), Some("440106")), count(Some("weijian"), None));
}

fn a_task_is_given_to_a_steward_who_reaches_it_and_to_nobody_else(database: &Database) {
    let registry = open(database);
    let number = number("19800406", 11);
    for (source, name, sex, birth) in [("gongan", "张伟强", 1, "1980-04-06"), ("weijian", "陈丽华", 2, "1995-11-30")] {
        let fields = format!("name={name}|id_type=111|id_number={number}|sex={sex}|birth_date={birth}|division=440106");
        take(&registry, person(source, "1", &fields));
    }
    let users = [
        ("here", Role::Steward, "440106"),
        ("elsewhere", Role::Steward, "3101"),
        ("reader", Role::Reader, "4401"),
        ("gone", Role::Steward, "4401"),
    ];
    for (name, role, division) in users {
        let (name, roles) = (name.to_owned(), vec![role]);
        let user = NewUser {
            name: name.clone(),
            department: "数据局".into(),
            roles,
            password: "a long password".into(),
            staff_number: None,
            sources: Sources::default(),
        };
        registry.create_user(&actor(), &user).expect("a user");
        let limits = Limits { divisions: vec![division.to_owned()], ..Limits::default() };
        registry.set_limits(&actor(), &name, &limits).expect("limits");
    }
    registry.enable_principal(&actor(), "gone", false).expect("disabled");
    let task = registry.next_review(&actor(), &ReviewFilter { limit: 1, ..ReviewFilter::default() }).expect("next").expect("a task");
    let known = || registry.assignees(&actor(), task).expect("who could be given it");
    assert_eq!(known().stewards.iter().map(|one| (one.name.as_str(), one.department.as_str())).collect::<Vec<_>>(), [("here", "数据局")]);
    for name in ["elsewhere", "reader", "gone", "nobody", ""] {
        let refused = registry.assign_review(&actor(), task, Some(name)).expect_err("no such steward");
        let RegistryError::Invalid(problems) = refused else { panic!("{name}: {refused}") };
        assert_eq!((problems[0].code.as_ref(), problems[0].field.as_deref()), ("no-such-steward", Some("assigned_to")), "{name}");
        assert_eq!(known().assigned_to, None, "{name}");
    }
    let of = |name: &str| {
        let filter = ReviewFilter { limit: 1, assigned_to: Some(name.to_owned()), ..ReviewFilter::default() };
        registry.next_review(&actor(), &filter).expect("next")
    };
    registry.assign_review(&actor(), task, Some("here")).expect("given");
    assert_eq!((known().assigned_to.as_deref(), of("here"), of("tester")), (Some("here"), Some(task), None));
    registry.assign_review(&actor(), task, Some("tester")).expect("taken by oneself");
    assert_eq!((of("here"), of("tester")), (None, Some(task)));
    registry.assign_review(&actor(), task, None).expect("given back");
    assert_eq!(known().assigned_to, None);
    registry.judge(&actor(), task, Verdict::Unsure, None, &Expected::new(), false).expect("judge");
    let late = registry.assign_review(&actor(), task, Some("here")).expect_err("answered already");
    assert!(matches!(late, RegistryError::Conflict { code: "already-decided", .. }), "{late}");
}
