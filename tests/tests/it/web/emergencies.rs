//! Does access in an emergency reach what it names, for its time, and leave its trace; on both databases?

use jiku_model::Kind;
use jiku_registry::{Actor, EmergencyReach, Limits, NewEmergency, Role, View};
use serde_json::{Value, json};

use super::service::{Caller, Service, identity_number};

#[test]
fn the_glass_is_broken_on_sqlite() {
    let service = Service::sqlite();
    emergency(&service);
    alarms(&service);
}

#[test]
fn the_glass_is_broken_on_postgres() {
    if let Some(service) = Service::postgres() {
        emergency(&service);
        alarms(&service);
    }
}

fn send(service: &Service, key: &str, first: &str, division: &str) -> (String, String) {
    let number = identity_number(first);
    let record = json!({ "source": "gongan", "source_key": key, "name": "诸葛明", "id_number": number, "division": division });
    let row = service.caller(&[Role::Source]).post("/api/v1/persons/records", &record).expect(200);
    (row["entity"].as_str().expect("an id").to_owned(), number)
}

fn emergency(service: &Service) {
    let (person, number) = send(service, "1", "44030519700101101", "440305");
    let (neighbour, _) = send(service, "2", "44030519750202102", "440305");
    let (far, _) = send(service, "3", "11010119750202105", "110101");
    let doctor = service.caller_of("hospital", &[Role::Reader, Role::Steward]);
    let begin = |body: Value| doctor.post("/api/v1/emergencies", &body);
    let why = "unconscious patient, blood group needed";
    let refused = begin(json!({ "reason": why, "person": person }));
    assert_eq!((refused.status, refused.problem().as_str()), (403, "forbidden"), "not by default");
    let name = doctor.get("/api/v1/sessions/current").expect(200)["principal"].as_str().expect("a name").to_owned();
    let limits = Limits { divisions: vec!["4401".to_owned()], emergency: true, ..Limits::default() };
    service.registry.set_limits(&Actor::operator("test"), &name, &limits).expect("limits");
    std::thread::sleep(std::time::Duration::from_millis(1_100));

    for (body, slug) in [
        (json!({ "reason": "urgent", "person": person }), "value-invalid"),
        (json!({ "reason": why }), "required"),
        (json!({ "reason": why, "person": person, "division": "440305" }), "required"),
        (json!({ "reason": why, "division": "44" }), "value-invalid"),
        (json!({ "reason": why, "person": person, "minutes": 61 }), "value-invalid"),
        (json!({ "reason": why, "person": "0190a7a0-0000-7000-8000-000000000001" }), "not-found"),
    ] {
        assert_eq!(begin(body.clone()).problem(), slug, "{body}");
    }
    let path = |id: &str| format!("/api/v1/persons/{id}");
    assert_eq!(doctor.get(&path(&person)).status, 404, "out of scope without");

    let made = begin(json!({ "reason": why, "person": person, "minutes": 5 })).expect(201);
    let id = made["id"].as_str().expect("an id").to_owned();
    let under = doctor.without_purpose().with("Emergency-Access", &id);
    let seen = under.get(&format!("{}?unmask=true", path(&person))).expect(200);
    assert_eq!(seen["values"]["id_number"], number, "in full");
    assert_eq!((under.get(&path(&neighbour)).status, under.get(&path(&far)).status), (404, 404), "nobody else");
    let found = under.post("/api/v1/persons/search", &json!({ "name": "诸葛明" })).expect(200);
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1), "{found}");
    for (method, address) in [("POST", "/api/v1/persons/merge"), ("GET", "/api/v1/reviews"), ("POST", "/api/v1/persons/records")] {
        assert_eq!(
            under.clone().with("Content-Type", "application/json").send(method, address, b"").status,
            403,
            "reading alone: {address}"
        );
    }
    let stranger = |caller: Caller<'_>| caller.with("Emergency-Access", &id).get(&path(&person)).status;
    assert_eq!(stranger(service.caller(&[Role::Reader])), 403, "another's emergency");
    assert_eq!(doctor.clone().with("Emergency-Access", "x").get(&path(&person)).problem(), "id-format");

    let end = |caller: &Caller<'_>| caller.post(&format!("/api/v1/emergencies/{id}/end"), &json!({}));
    assert_eq!(end(&service.caller(&[Role::Reader])).status, 404, "another's emergency");
    let ended = end(&doctor).expect(200);
    assert!(ended["ends_at"].as_str() < made["ends_at"].as_str(), "before its time: {ended}");
    let under = doctor.without_purpose().with("Emergency-Access", &id);
    assert_eq!(under.get(&path(&person)).status, 403, "nothing is read under it any more");
    assert_eq!(end(&doctor).expect(200)["ends_at"], ended["ends_at"], "it stays as it was ended");

    let division = begin(json!({ "reason": why, "division": "440305" })).expect(201)["id"].as_str().expect("an id").to_owned();
    let under = doctor.without_purpose().with("Emergency-Access", &division);
    assert_eq!([&person, &neighbour, &far].map(|id| under.get(&path(id)).status), [200, 200, 404]);

    let auditor = service.caller(&[Role::Auditor]);
    let listed = auditor.get("/api/v1/emergencies").expect(200);
    assert_eq!((&listed["items"][1]["reason"], &listed["items"][1]["person"]), (&json!(why), &json!(person)), "{listed}");
    let report = auditor.get(&format!("/api/v1/persons/{person}/report")).expect(200);
    let reads = report["reads"].as_array().expect("reads");
    let purpose = format!("emergency:{id}");
    assert!(reads.iter().any(|read| read["purpose"] == purpose && read["action"] == "unmask"), "{report}");
    let review =
        |caller: &Caller<'_>| caller.post(&format!("/api/v1/emergencies/{id}/review"), &json!({ "finding": "the patient was there" }));
    assert_eq!(review(&doctor).status, 403);
    assert_eq!(review(&auditor).expect(200)["review"], "the patient was there");
    assert_eq!(review(&auditor).problem(), "already-decided");
    taken_away(service, &name, &person);
}

/// A right that was taken away ends what was begun under it.
fn taken_away(service: &Service, name: &str, person: &str) {
    let limits = Limits { emergency: true, ..Limits::default() };
    let doctor = Actor { roles: vec![Role::Reader], purposes: Some([].into()), limits: limits.into(), ..Actor::operator(name) };
    let reach = EmergencyReach::Person(person.parse().expect("an id"));
    let asked = NewEmergency { reason: "an emergency that is short".to_owned(), reach, minutes: 1 };
    let begun = service.registry.begin_emergency(&doctor, &asked).expect("begun");
    assert_eq!((begun.ends_at - begun.begun_at).num_minutes(), 1);
    let within = service.registry.in_emergency(&doctor, begun.id).expect("it holds");
    service.registry.find(&within, Kind::Person, person.parse().expect("an id"), &View::default()).expect("found");
    let revoked = Actor { limits: Limits::default().into(), ..doctor };
    assert!(service.registry.in_emergency(&revoked, begun.id).is_err(), "without the right");
}

/// What must be told at once is in a list for the security administrator, and counted.
fn alarms(service: &Service) {
    let security = service.caller(&[Role::SecurityAdmin]);
    let listed = |after: i64| security.get(&format!("/api/v1/alarms?after={after}")).expect(200);
    let begun = listed(0);
    let codes = |list: &Value| list["items"].as_array().expect("items").iter().map(|item| item["alarm"].clone()).collect::<Vec<_>>();
    assert!(codes(&begun).iter().all(|code| code == "emergency-begun") && codes(&begun).len() >= 2, "{begun}");
    assert!(begun["items"][0]["about"].as_str().is_some_and(|about| about.starts_with("emergency ")), "{begun}");
    assert!(!begun.to_string().contains("unconscious"), "the reason is the auditor's to read");
    let guesser = service.caller_of("guesser", &[Role::Reader]);
    let id = |number: usize| format!("/api/v1/persons/0190a7a0-0000-7000-8000-{number:012}");
    let missed = (0..200).find(|number| guesser.get(&id(*number)).status == 429).expect("kept out at last");
    assert_eq!(guesser.get(&id(missed)).problem(), "enumeration-suspected");
    let later = listed(begun["next"].as_i64().expect("a position"));
    assert_eq!(codes(&later), ["ids-guessed"], "once: {later}");
    assert!(later["items"][0]["principal"].as_str().is_some_and(|name| name.starts_with("guesser")), "{later}");
    service.make_steward();
    for _ in 0..6 {
        let wrong = json!({ "name": "steward", "password": "not this one at all" });
        assert!(service.stranger().post("/api/v1/sessions", &wrong).status >= 400);
    }
    let last = listed(later["next"].as_i64().expect("a position"));
    assert_eq!(codes(&last), ["sign-in-locked"], "{last}");
    assert_eq!(listed(last["next"].as_i64().expect("a position"))["items"], json!([]));
    for (role, status) in [(Role::Auditor, 200), (Role::SystemAdmin, 403), (Role::Reader, 403)] {
        assert_eq!(service.caller(&[role]).get("/api/v1/alarms").status, status, "{role}");
    }
    let metrics = service.stranger().get("/metrics").text;
    assert!(metrics.lines().any(|line| line == "jiku_alarms{alarm=\"ids-guessed\"} 1"), "{metrics}");
    assert!(service.caller(&[Role::Reader]).get("/api/v1/changes").expect(200)["changes"].as_array().is_some(), "followers go on");
}
