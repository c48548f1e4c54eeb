//! What do the pages tell, or do, for somebody who reaches one city alone?
//!
//! Every page of the console is asked for and every form is sent, about people, pairs, decisions and proposals that lie outside: nothing of
//! them comes back, what is answered is what an id that does not exist is answered, and nothing is changed.

use std::time::Duration;

use jiku_model::{EntityId, Kind};
use jiku_registry::{Actor, Expected, Limits, NewUser, Role, Sources, Unmerge};
use jiku_web::{Face, ROUTES};
use serde_json::{Value, json};

use super::service::{Answer, Caller, PASSWORD, Service, identity_number};

#[test]
fn a_city_sees_nothing_of_another_on_sqlite() {
    attacked(&Service::sqlite());
}

#[test]
fn a_city_sees_nothing_of_another_on_postgres() {
    if let Some(service) = Service::postgres() {
        attacked(&service);
    }
}

const ABSENT: &str = "0190a7a0-0000-7000-8000-000000000001";

fn encode(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn form(caller: &Caller<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let body = fields.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect::<Vec<_>>().join("&");
    caller.clone().with("Content-Type", "application/x-www-form-urlencoded").send("POST", path, body.as_bytes())
}

/// A browser in which somebody with every working role and these limits has signed in.
fn signed_in<'a>(service: &'a Service, name: &str, limits: &Limits) -> Caller<'a> {
    let operator = Actor::operator("test");
    let roles = Role::ALL.into_iter().filter(|role| !role.is_administrator()).collect();
    let user = NewUser {
        name: name.to_owned(),
        department: "test".to_owned(),
        roles,
        password: PASSWORD.to_owned(),
        staff_number: None,
        sources: Sources::Any,
    };
    service.registry.create_user(&operator, &user).expect("a user");
    service.registry.set_limits(&operator, name, limits).expect("limits");
    let visitor = service.stranger().with("Accept", "text/html,*/*;q=0.8").with("Accept-Language", "en");
    let answer = form(&visitor, "/sign-in", &[("name", name), ("password", PASSWORD), ("purpose", "data-stewardship")]);
    assert_eq!(answer.status, 303, "{}", answer.text);
    let cookies: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().expect("text")).collect();
    visitor.with("Cookie", &cookies.iter().filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>().join("; "))
}

/// What lies outside of the city, and what of it must not be told.
struct Outside {
    people: Vec<String>,
    task: String,
    decision: String,
    proposal: String,
    company: String,
    /// Names, numbers, keys and ids.
    secrets: Vec<String>,
}

fn send(service: &Service, kind: &str, record: &Value) -> String {
    let answer = service.caller(&[Role::Source]).post(&format!("/api/v1/{kind}/records?on_flag=accept"), record);
    answer.expect(200)["entity"].as_str().expect("an id").to_owned()
}

/// Two cities with people that look alike, a decision and a proposal each. The other city's are told.
fn fill(service: &Service) -> (String, Outside) {
    let operator = Actor::operator("test");
    let mut inside = String::new();
    let mut outside = Outside {
        people: Vec::new(),
        task: String::new(),
        decision: String::new(),
        proposal: String::new(),
        company: String::new(),
        secrets: Vec::new(),
    };
    for (city, division, name, alike) in [("guang", "440106", "司马光远", "慕容复"), ("shen", "440305", "东方鸿飞", "令狐冲")]
    {
        let is_outside = city == "shen";
        let number = identity_number(&format!("{division}19700101101"));
        let person = |key: &str, fields: Value| {
            let source = if key == "3" { "weijian" } else { "gongan" };
            let mut record = json!({ "source": source, "source_key": format!("{city}-{key}"), "division": division });
            for (column, value) in fields.as_object().expect("fields") {
                record[column] = value.clone();
            }
            send(service, "persons", &record)
        };
        let phone = if is_outside { "13987654321" } else { "13912345678" };
        let one = person("1", json!({ "name": name, "id_number": number, "phone": phone }));
        let pair = [("2", "1988-08-18"), ("3", "1988-08-19")].map(|(key, born)| person(key, json!({ "name": alike, "birth_date": born })));
        let company =
            json!({ "source": "shijian", "source_key": format!("{city}-c"), "division": division, "name": format!("{name}贸易有限公司") });
        let company = send(service, "legal-persons", &company);
        let id = |text: &str| text.parse::<EntityId>().expect("an id");
        let registry = &service.registry;
        let merged = registry.merge(&operator, Kind::Person, &[id(&one), id(&pair[0])], None, &Expected::new(), false).expect("merged");
        let decision = merged.decision.expect("a decision");
        registry.unmerge(&operator, Kind::Person, &Unmerge::Decision(decision), None, &Expected::new(), false).expect("unmerged");
        let proposal = registry.propose_merge(&operator, Kind::Person, &[id(&one), id(&pair[1])], Some("the same man"), &Expected::new());
        if is_outside {
            outside.proposal = proposal.expect("a proposal").id.to_string();
            outside.decision = decision.to_string();
            outside.company = company.clone();
            outside.secrets = vec![name.to_owned(), alike.to_owned(), number, phone.to_owned(), format!("{city}-1"), company];
            outside.people = vec![one, pair[0].clone(), pair[1].clone()];
            outside.secrets.extend(outside.people.clone());
        } else {
            inside = one;
        }
    }
    let tasks = service.caller(&[Role::Steward, Role::Reader]).get("/api/v1/reviews").expect(200);
    let of_outside = |item: &&Value| outside.people.iter().any(|id| item.to_string().contains(id.as_str()));
    let task = tasks["items"].as_array().expect("tasks").iter().find(of_outside);
    let task = task.unwrap_or_else(|| panic!("a pair of the other city waits: {tasks}"));
    outside.task = task["id"].as_str().expect("an id").to_owned();
    outside.secrets.extend([outside.task.clone(), outside.proposal.clone()]);
    (inside, outside)
}

/// Whether a page tells one of the secrets that its address did not hold.
fn told<'s>(page: &str, asked: &str, secrets: &'s [String]) -> Option<&'s String> {
    secrets.iter().find(|secret| page.contains(secret.as_str()) && !asked.contains(secret.as_str()))
}

/// A page without the id that was asked for, the stamp of its request, and the moment.
fn plain(answer: &Answer, id: &str) -> (u16, String) {
    let text = answer.text.replace(id, "ID");
    let stamp = answer.header("request-id").to_owned();
    (answer.status, if stamp.is_empty() { text } else { text.replace(&stamp, "STAMP") })
}

fn attacked(service: &Service) {
    let (inside, outside) = fill(service);
    let limits = Limits { divisions: vec!["4401".to_owned()], sources: Sources::Any, ..Limits::default() };
    let clerk = signed_in(service, "guangzhou", &limits);
    let by_kind = signed_in(service, "companies", &Limits { kinds: vec![Kind::LegalPerson], sources: Sources::Any, ..Limits::default() });
    std::thread::sleep(Duration::from_millis(1_100));
    assert_eq!(clerk.get(&format!("/persons/{inside}")).status, 200, "their own");
    let before = service.registry.position();

    // Every page, with the ids of what lies outside.
    let pages = ROUTES.iter().filter(|entry| entry.face == Face::Page && entry.method == "GET" && !entry.path.starts_with("/sign-in"));
    for entry in pages {
        let kinds: &[&str] = if entry.path.contains("{kind") { &["persons", "legal-persons", "parcels"] } else { &[""] };
        for kind in kinds {
            let ids: &[&String] = match entry.path {
                path if path.starts_with("/reviews/{id}") => &[&outside.task],
                path if path.starts_with("/proposals/{id}") => &[&outside.proposal],
                path if path.starts_with("/decisions/{id}") => &[&outside.decision],
                path if !path.contains("{id}") => &[&inside],
                _ => &[&outside.people[0], &outside.people[1], &outside.company],
            };
            for id in ids {
                let path = |id: &str| {
                    let path = entry.path.replace("{kind:persons|legal-persons|parcels}", kind).replace("{id}", id);
                    let path = path.replace("{column}", "name").replace("{name}", "nobody").replace("{code}", "en");
                    let asked = match entry.path {
                        "/{kind:persons|legal-persons|parcels}/merge" => format!("?ids={},{}", outside.people[0], outside.people[1]),
                        "/search" => "?q=".to_owned() + &encode("东方鸿飞"),
                        _ => String::new(),
                    };
                    path + &asked
                };
                for who in [&clerk, &by_kind] {
                    let is_own_company = std::ptr::eq(who, &by_kind) && (**id == outside.company || entry.path == "/search");
                    let answer = who.get(&path(id));
                    assert!(answer.status < 500, "{}: {}", path(id), answer.text);
                    if !is_own_company {
                        assert_eq!(told(&answer.text, &path(id), &outside.secrets), None, "{}: {}", path(id), answer.text);
                    }
                    if entry.path.contains("{id}") && !is_own_company {
                        assert_eq!(plain(&answer, id), plain(&who.get(&path(ABSENT)), ABSENT), "{} is as if it were not there", path(id));
                        assert!(matches!(answer.status, 403 | 404), "{}: {}", path(id), answer.status);
                    }
                }
            }
        }
    }
    // Lists and searches, of people by all that is known of them.
    for question in ["东方鸿飞", "令狐冲", "13987654321", &outside.secrets[2], "shen-1", &outside.people[0]] {
        let found = form(&clerk, "/search", &[("q", question)]);
        assert_eq!(told(&found.text, question, &outside.secrets), None, "search for {question}: {}", found.text);
    }
    for list in [
        "/reviews?kind=person",
        "/reviews?state=decided",
        "/proposals?state=open",
        "/decisions?mine=1",
        "/models?kind=person",
        "/survivorship?kind=person",
        "/office/exports",
    ] {
        let page = clerk.get(list);
        assert_eq!(told(&page.text, list, &outside.secrets), None, "{list}: {}", page.text);
    }
    assert_eq!(
        (clerk.get("/models").status, clerk.get("/decisions").status, clerk.get("/office").status),
        (403, 403, 403),
        "figures of the whole"
    );

    forms(service, &clerk, &outside);
    forms(service, &by_kind, &outside);
    let operator = Actor::operator("test");
    let changed = service.registry.changes(&operator, before, 100).expect("changes");
    assert!(changed.is_empty(), "nothing was changed by any of it: {changed:?}");
    let told = service.registry.alarms(&operator, before, 100).expect("alarms");
    assert!(told.is_empty(), "nobody was kept out before the end: {told:?}");
    exports(&clerk, service);
    elsewhere(&clerk, &inside);
}

/// Every form, about what lies outside.
fn forms(service: &Service, clerk: &Caller<'_>, outside: &Outside) {
    let tag = |id: &str| {
        let steward = service.caller(&[Role::Steward, Role::Reader]);
        steward.get(&format!("/api/v1/persons/{id}")).header("etag").to_owned()
    };
    let (one, other) = (&outside.people[0], &outside.people[1]);
    let tags = format!("{}, {}", tag(one), tag(other));
    let ids = format!("{one},{other}");
    let sent: &[(String, Vec<(&str, &str)>)] = &[
        (format!("/reviews/{}", outside.task), vec![("verdict", "positive"), ("if_match", &tags)]),
        (format!("/reviews/{}/assignment", outside.task), vec![("take", "1")]),
        ("/reviews/bulk".to_owned(), vec![("verdict", "positive"), ("task", &outside.task), ("confirm", "1"), ("if_match", &tags)]),
        ("/reviews/undo".to_owned(), vec![]),
        (format!("/proposals/{}", outside.proposal), vec![("act", "approve")]),
        (format!("/proposals/{}", outside.proposal), vec![("act", "refuse")]),
        (format!("/decisions/{}", outside.decision), vec![("if_match", &tags)]),
        (format!("/decisions/{}", outside.decision), vec![]),
        ("/persons/merge".to_owned(), vec![("ids", &ids), ("if_match", &tags)]),
        ("/persons/merge".to_owned(), vec![("ids", &ids), ("if_match", &tags), ("act", "propose")]),
        (format!("/persons/{one}/split"), vec![("record", "gongan/shen-1"), ("if_match", &tags)]),
        (format!("/persons/{one}/values/name"), vec![("own", "王五"), ("reason", "a good reason"), ("if_match", &tags)]),
        (format!("/persons/{one}/values/name"), vec![("act", "release"), ("reason", "a good reason"), ("if_match", &tags)]),
        ("/models".to_owned(), vec![("kind", "person"), ("link", "5"), ("review", "1"), ("version", "1")]),
        ("/models/preview".to_owned(), vec![("kind", "person"), ("link", "5"), ("review", "1")]),
        ("/survivorship".to_owned(), vec![("kind", "person"), ("to", "1"), ("version", "1")]),
    ];
    for (path, fields) in sent {
        let mut answer = form(clerk, path, fields);
        if path == "/models/preview" {
            // A preview goes on without its request, and is refused where it is looked at.
            assert_eq!(answer.status, 303, "{}", answer.text);
            answer = clerk.get(answer.header("location").split('#').next().unwrap_or_default());
        }
        let asked = format!("{path} {fields:?}");
        assert!(answer.status >= 400 && answer.status < 500, "{asked}: {} {}", answer.status, answer.text);
        assert_eq!(told(&answer.text, &asked, &outside.secrets), None, "{asked}: {}", answer.text);
    }
}

/// A file of everything is asked for by who reaches everything.
fn exports(clerk: &Caller<'_>, service: &Service) {
    let ask = |caller: &Caller<'_>| {
        let fields = [
            ("act", "ask"),
            ("kind", "person"),
            ("most_rows", "100"),
            ("hours", "1"),
            ("in_full", "true"),
            ("reason", "a census of the county"),
        ];
        form(caller, "/office/exports", &fields).status
    };
    assert_eq!(ask(clerk), 403);
    let public = Limits { read: jiku_model::Sensitivity::Public, ..Limits::default() };
    assert_eq!(ask(&signed_in(service, "public", &public)), 403, "nor is more in it than they may read");
    assert_eq!(ask(&signed_in(service, "whole", &Limits::default())), 303);
}

/// No form is taken from a page elsewhere, whoever is signed in.
fn elsewhere(clerk: &Caller<'_>, inside: &str) {
    for entry in ROUTES.iter().filter(|entry| entry.face == Face::Page && entry.method == "POST") {
        let path = entry
            .path
            .replace("{kind:persons|legal-persons|parcels}", "persons")
            .replace("{id}", inside)
            .replace("{column}", "name")
            .replace("{name}", "nobody");
        for (name, value) in
            [("Origin", "http://elsewhere.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site")]
        {
            let answer = form(&clerk.clone().with(name, value), &path, &[("verdict", "positive"), ("act", "revoke")]);
            assert_eq!(answer.status, 403, "{path} {name}: {value}: {}", answer.text);
            assert!(answer.header("location").is_empty());
        }
    }
    assert_eq!(clerk.get("/").status, 200, "still signed in");
}
