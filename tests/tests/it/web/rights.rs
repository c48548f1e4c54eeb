//! Do scope, field rights, quotas and minimal answers hold over HTTP, on both databases?

use std::io::{BufRead, BufReader, Read as _, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use jiku_model::{Kind, Sensitivity};
use jiku_registry::{Actor, Limits, Role, Sources};
use serde_json::{Value, json};

use super::service::{Caller, Service, identity_number};

/// Sets the limits of the caller's principal, and forgets what the server knows of its key.
fn limit(service: &Service, caller: &Caller<'_>, limits: &Limits) {
    let name = caller.get("/api/v1/sessions/current").expect(200)["principal"].as_str().expect("a name").to_owned();
    let security = service.caller(&[Role::SecurityAdmin]);
    let body = serde_json::to_value(limits).expect("limits");
    assert_eq!(security.put(&format!("/api/v1/principals/{}/limits", name.replace('+', "%2B")), &body).status, 204);
}

fn send(service: &Service, key: &str, first: &str, division: &str) -> (String, String) {
    let number = identity_number(first);
    let record = json!({ "source": "gongan", "source_key": key, "name": "诸葛明", "id_number": number, "division": division, "phone": "13800138000" });
    let row = service.caller(&[Role::Source]).post("/api/v1/persons/records", &record).expect(200);
    (row["entity"].as_str().expect("an id").to_owned(), number)
}

#[test]
fn rights_hold_on_sqlite() {
    rights(&Service::sqlite());
}

#[test]
fn rights_hold_on_postgres() {
    if let Some(service) = Service::postgres() {
        rights(&service);
    }
}

fn rights(service: &Service) {
    let (inside, inside_number) = send(service, "1", "44010619700101101", "440106");
    let (outside, outside_number) = send(service, "2", "44030519750202102", "440305");
    scope(service, &inside, &outside, &outside_number);
    sending(service);
    fields(service, &inside, &inside_number);
    minimal(service, &inside, &inside_number, &outside_number);
    quota(service);
    report(service, &inside);
}

fn scope(service: &Service, inside: &str, outside: &str, outside_number: &str) {
    let clerk = service.caller(&[Role::Reader, Role::Steward]);
    limit(service, &clerk, &Limits { divisions: vec!["4401".to_owned()], kinds: vec![Kind::Person], ..Limits::default() });
    assert_eq!(clerk.get(&format!("/api/v1/persons/{inside}")).status, 200);
    let absent = "0190a7a0-0000-7000-8000-000000000001";
    for path in ["", "?include=sources,history,relationships", "/versions", "/decisions", "/overrides", "/explain?with=SELF"] {
        let of = |id: &str| {
            let begun = Instant::now();
            let answer = clerk.get(&format!("/api/v1/persons/{id}{}", path.replace("SELF", id)));
            assert!(begun.elapsed() >= Duration::from_millis(10), "a miss leaves on the grid, whatever the looking took");
            (answer.status, answer.text)
        };
        assert_eq!(of(outside), of(absent), "{path}");
        assert_eq!(of(outside).0, 404, "{path}");
    }
    let crosswalk = |key: &str| {
        let answer = clerk.get(&format!("/api/v1/sources/gongan/persons/{key}"));
        (answer.status, answer.text)
    };
    assert_eq!(crosswalk("2"), crosswalk("nobody"));
    let found = clerk.post("/api/v1/persons/search", &json!({ "name": "诸葛明" })).expect(200);
    let ids: Vec<&Value> = found["items"].as_array().expect("items").iter().map(|item| &item["id"]).collect();
    assert_eq!((ids, &found["next_cursor"]), (vec![&json!(inside)], &Value::Null));
    let resolved = clerk.post("/api/v1/persons/resolve", &json!({ "id_number": outside_number })).expect(200);
    assert_eq!((&resolved["decision"], &resolved["candidates"]), (&json!("none"), &json!([])));
    assert_eq!(clerk.post("/api/v1/persons/merge?dry_run=true", &json!({ "entities": [inside, outside] })).status, 404);
    assert_eq!(clerk.post("/api/v1/legal-persons/search", &json!({ "name": "某某公司" })).status, 403, "a kind out of scope");
    for path in ["/api/v1/changes", "/api/v1/changes/stream", "/api/v1/stats", "/api/v1/quality"] {
        assert_eq!(clerk.get(path).status, 403, "it tells of everybody: {path}");
    }
    let reader = service.caller_of("sluggish", &[Role::Reader, Role::Steward]);
    limit(service, &reader, &Limits { divisions: vec!["4401".to_owned()], ..Limits::default() });
    for (question, body) in [
        ("search", json!({ "number": outside_number })),
        ("resolve", json!({ "id_number": outside_number })),
        ("exists", json!({ "record": { "id_number": outside_number } })),
    ] {
        let begun = Instant::now();
        reader.post(&format!("/api/v1/persons/{question}"), &body).expect(200);
        assert!(begun.elapsed() >= Duration::from_millis(10), "an answer leaves on the grid as well: {question}");
    }
    let parcel = service.caller(&[Role::Source]).post(
        "/api/v1/parcels/records?on_flag=accept",
        &json!({ "source": "ziran", "source_key": "far", "division": "440305", "location": "深南大道", "geometry": {
            "type": "Polygon", "coordinates": [[[114.0, 22.5], [114.001, 22.5], [114.001, 22.501], [114.0, 22.501], [114.0, 22.5]]] } }),
    );
    let parcel = parcel.expect(200)["entity"].as_str().expect("an id").to_owned();
    let beside = |id: &str| {
        let answer = reader.post("/api/v1/parcels/query", &json!({ "neighbours_of": id }));
        (answer.status, answer.text)
    };
    assert_eq!(beside(&parcel), beside(absent));
    assert_eq!(beside(&parcel).0, 404, "whose neighbours are asked for must be in reach");
}

/// A department sends about its own divisions, and takes nothing back that lies elsewhere.
fn sending(service: &Service) {
    let hospital = service.caller_of("hospital", &[Role::Source]);
    limit(service, &hospital, &Limits { divisions: vec!["4401".to_owned()], sources: Sources::Any, ..Limits::default() });
    let record = |key: &str, division: &str| json!({ "source": "gongan", "source_key": key, "name": "独孤求败", "division": division });
    let send = |key: &str, division: &str| {
        let answer = hospital.post("/api/v1/persons/records", &record(key, division));
        (answer.status, answer.problem())
    };
    assert_eq!(send("s1", "440106").0, 200);
    assert_eq!(send("s2", "440305"), (403, "forbidden".to_owned()), "another division");
    assert_eq!(
        hospital.post("/api/v1/persons/records", &json!({ "source": "gongan", "source_key": "s3", "name": "独孤求败" })).status,
        403
    );
    assert_eq!(send("2", "440106"), (404, "not-found".to_owned()), "in the place of a record of another division");
    let withdraw = |key: &str| hospital.send("DELETE", &format!("/api/v1/sources/gongan/persons/{key}"), b"").status;
    assert_eq!((withdraw("2"), withdraw("nobody"), withdraw("s1")), (404, 404, 200));
    let owner = service.caller_of("clinic", &[Role::Source]);
    limit(service, &owner, &Limits::default());
    let of = |source: &str| {
        let record = json!({ "source": source, "source_key": "o1", "name": "独孤求败" });
        owner.post("/api/v1/persons/records", &record).status
    };
    assert_eq!((of("weijian"), of("gongan")), (403, 403), "in nobody's name until limits list one");
    limit(service, &owner, &Limits { sources: Sources::Listed(vec!["weijian".parse().expect("a code")]), ..Limits::default() });
    assert_eq!((of("weijian"), of("gongan")), (200, 403), "in its own name");
    assert_eq!(owner.send("DELETE", "/api/v1/sources/gongan/persons/1", b"").status, 403);
    // Somebody is known elsewhere, somebody is not: the answers are the same.
    let (_, elsewhere) = self::send(service, "3", "44030519750202133", "440305");
    let nowhere = identity_number("44010619990909101");
    let told = |key: &str, number: &str| {
        let record = json!({ "source": "gongan", "source_key": key, "name": "诸葛明", "id_number": number, "division": "440106" });
        let mut one = hospital.post("/api/v1/persons/records", &record).expect(200);
        let record =
            json!({ "source": "gongan", "source_key": format!("{key}-l"), "name": "诸葛明", "id_number": number, "division": "440106" });
        let lines = format!("{record}\n");
        let stream =
            hospital.clone().with("Content-Type", "application/x-ndjson").send("POST", "/api/v1/persons/records", lines.as_bytes());
        let mut stream = stream.expect(202);
        let job = hospital.get(&format!("/api/v1/jobs/{}", stream["job"]["id"].as_str().expect("an id"))).expect(200);
        assert_eq!((&job["linked"], &job["review"]), (&json!(0), &json!(0)), "{job}");
        for job in ["id", "digest", "started_at", "updated_at", "name"] {
            stream["job"].as_object_mut().expect("a job").remove(job);
        }
        one["source_key"].take();
        stream["rows"][0]["source_key"].take();
        (one, stream)
    };
    let (known, new) = (told("k", &elsewhere), told("n", &nowhere));
    assert_eq!(known, new);
    assert!(known.0["entity"].is_null() && known.0["decision"].is_null() && known.0["status"] == "created", "{known:?}");
    let lines = format!("{}\n{}\n", record("s4", "440106"), record("s5", "440305"));
    let stream = hospital.clone().with("Content-Type", "application/x-ndjson").send("POST", "/api/v1/persons/records", lines.as_bytes());
    assert_eq!(stream.status, 403, "{}", stream.text);
}

fn fields(service: &Service, inside: &str, number: &str) {
    let clerk = service.caller(&[Role::Reader, Role::Source]);
    let low = Limits {
        read: Sensitivity::Personal,
        filter: Sensitivity::Personal,
        write: Sensitivity::Personal,
        sources: Sources::Any,
        ..Limits::default()
    };
    limit(service, &clerk, &low);
    let seen = clerk.get(&format!("/api/v1/persons/{inside}?include=sources,history")).expect(200);
    assert_eq!(seen["values"]["name"], "诸葛*");
    for body in [&seen["values"], &seen["sources"][0]["attributes"], &seen["history"][0]["values"]] {
        assert!(body["phone"].is_null() && body["id_number"].is_null(), "{body}");
    }
    assert_eq!(seen["sources"][0]["raw"], json!({}));
    for (path, body) in [
        ("search", json!({ "phone": "13800138000" })),
        ("search", json!({ "number": number })),
        ("resolve", json!({ "id_number": number })),
    ] {
        let refused = clerk.post(&format!("/api/v1/persons/{path}"), &body);
        assert_eq!((refused.status, refused.problem().as_str()), (403, "field-forbidden"), "{path} {body}");
        assert!(!refused.text.contains(number), "the value is not repeated");
    }
    for body in [format!("name,id_number\n诸葛明,{number}\n"), "phone\n13800138000\n".to_owned(), "name\n甲\nname,phone\n".to_owned()] {
        let refused = clerk.clone().with("Content-Type", "text/csv").send("POST", "/api/v1/persons/match", body.as_bytes());
        let expected = if body.starts_with("name\n") { (200, String::new()) } else { (403, "field-forbidden".to_owned()) };
        assert_eq!((refused.status, refused.problem()), expected, "match {body}");
    }
    let refused =
        clerk.post("/api/v1/persons/records", &json!({ "source": "gongan", "source_key": "7", "name": "王五", "phone": "13800138000" }));
    assert_eq!(refused.problem(), "field-forbidden");
    assert_eq!(clerk.post("/api/v1/persons/search", &json!({ "name": "诸葛明" })).status, 200);
    // A reader who was given the right sees in full.
    let trusted = service.caller(&[Role::Reader, Role::DataOffice]);
    assert_eq!(trusted.get(&format!("/api/v1/persons/{inside}?unmask=true")).status, 403);
    limit(service, &trusted, &Limits { unmask: true, ..Limits::default() });
    assert_eq!(trusted.get(&format!("/api/v1/persons/{inside}?unmask=true")).expect(200)["values"]["id_number"], number);
}

fn minimal(service: &Service, inside: &str, inside_number: &str, outside_number: &str) {
    let verifier = service.caller(&[Role::Verifier]);
    let ask = |path: &str, body: Value| {
        let answer = verifier.post(&format!("/api/v1/persons/{path}"), &body).expect(200);
        assert_eq!(answer.as_object().map(serde_json::Map::len), Some(1), "no more than the answer: {answer}");
        answer["answer"].as_str().expect("a word").to_owned()
    };
    let record = |number: &str| json!({ "name": "诸葛明", "id_number": number });
    assert_eq!(ask("same", json!({ "left": { "id": inside }, "right": record(inside_number) })), "yes");
    assert_eq!(ask("same", json!({ "left": { "id": inside }, "right": record(outside_number) })), "no");
    assert_eq!(ask("same", json!({ "left": record(inside_number), "right": record(inside_number) })), "yes");
    let stranger = identity_number("44010619880808103");
    assert_eq!(
        ask("same", json!({ "left": record(&stranger), "right": record(&stranger) })),
        "yes",
        "also of people who are not in the base"
    );
    assert_eq!(ask("exists", json!({ "record": record(inside_number) })), "yes");
    assert_eq!(ask("exists", json!({ "record": record(inside_number), "division": "440106" })), "yes");
    assert_eq!(ask("exists", json!({ "record": record(inside_number), "division": "4403" })), "no");
    assert_eq!(ask("exists", json!({ "record": record(&stranger) })), "no");
    let name = |department: &str| {
        let verifier = service.caller_of(department, &[Role::Verifier]);
        let found = verifier.post("/api/v1/persons/pseudonym", &json!({ "of": record(inside_number) })).expect(200);
        assert_eq!(found.as_object().map(serde_json::Map::len), Some(2), "no more than the name: {found}");
        found["pseudonym"].as_str().expect("a name").to_owned()
    };
    assert_eq!((name("health"), name("health") == name("court")), (name("health"), false));
    assert_eq!(ask("pseudonym", json!({ "of": record(&stranger) })), "no");
    assert_eq!(verifier.get(&format!("/api/v1/persons/{inside}")).status, 403, "a verifier gets no more");
    assert_eq!(
        verifier.without("Purpose-Of-Use").post("/api/v1/persons/exists", &json!({ "record": record(&stranger) })).problem(),
        "purpose-missing"
    );
}

fn quota(service: &Service) {
    let mut ids = Vec::new();
    for number in 0..6 {
        ids.push(send(service, &format!("q{number}"), &format!("4401061966030{}10{number}", number + 1), "440106").0);
    }
    let reader = service.caller_of("bank", &[Role::Reader]);
    limit(service, &reader, &Limits { daily_persons: Some(4), ..Limits::default() });
    for id in &ids[..4] {
        reader.get(&format!("/api/v1/persons/{id}")).expect(200);
    }
    let again = reader.get(&format!("/api/v1/persons/{}", ids[0]));
    assert_eq!((again.status, again.header("quota-persons")), (200, "4/4"), "the same person costs nothing more");
    let refused = reader.get(&format!("/api/v1/persons/{}", ids[4]));
    assert_eq!((refused.status, refused.problem().as_str()), (429, "quota-exceeded"));
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| (1..=86_400).contains(&seconds)));
    assert_eq!(reader.get("/api/v1/usage/current").expect(200)["persons"], 4);
    let seen = service.caller(&[Role::SecurityAdmin]).get("/api/v1/usage").expect(200);
    assert!(
        seen["principals"].as_array().expect("principals").iter().any(|row| row["principal"] == "bank-reader" && row["persons"] == 4),
        "{seen}"
    );
    // Each stream of changes costs every write a little.
    let stream = |follower: &Caller<'_>| {
        let mut socket = TcpStream::connect(service.address()).expect("a connection");
        write!(socket, "GET /api/v1/changes/stream HTTP/1.1\r\nHost: localhost\r\n{}\r\n\r\n", follower.head()).expect("sent");
        let mut line = String::new();
        BufReader::new(&socket).read_line(&mut line).expect("a status");
        (line, socket)
    };
    ended(service);
    let follower = service.caller_of("follower", &[Role::Reader]);
    let held: Vec<(String, TcpStream)> = (0..20).map(|_| stream(&follower)).collect();
    assert!(held.iter().all(|(line, _)| line.contains(" 200 ")), "{held:?}");
    assert!(stream(&follower).0.contains(" 429 ") && stream(&service.caller_of("other", &[Role::Reader])).0.contains(" 200 "));
    // Guessing ids.
    let guesser = service.caller_of("guess", &[Role::Reader]);
    let guess = |number: usize| guesser.get(&format!("/api/v1/persons/0190a7a0-0000-7000-8000-0000000000{number:02x}")).status;
    let statuses: Vec<u16> = (0..60).map(guess).collect();
    assert_eq!((statuses[48], statuses[49], statuses[59]), (404, 429, 429), "{statuses:?}");
    assert_eq!(guesser.get(&format!("/api/v1/persons/{}", ids[0])).problem(), "enumeration-suspected", "also for what is there");
}

/// A stream outlives neither its key nor the rights of its holder.
fn ended(service: &Service) {
    let operator = Actor::operator("test");
    let open = |caller: &Caller<'_>| {
        let mut socket = TcpStream::connect(service.address()).expect("a connection");
        socket.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        let after = service.registry.position();
        let head = caller.head();
        write!(socket, "GET /api/v1/changes/stream?after={after} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{head}\r\n\r\n")
            .expect("sent");
        let mut reader = BufReader::new(socket);
        let mut line = String::new();
        while !line.contains("retry:") {
            line.clear();
            reader.read_line(&mut line).expect("a line");
        }
        reader
    };
    let user = jiku_registry::NewUser {
        name: "follower-in-person".to_owned(),
        department: "test".to_owned(),
        roles: vec![Role::Reader],
        password: super::service::PASSWORD.to_owned(),
        staff_number: None,
        sources: Sources::default(),
    };
    service.registry.create_user(&operator, &user).expect("a user");
    let session = service.registry.sign_in(&user.name, super::service::PASSWORD, None).expect("a session").token;
    let in_person = service.stranger().with("Authorization", &format!("Bearer {session}"));
    let [revoked, disabled, scoped] = ["revoked", "disabled", "scoped"].map(|name| service.caller_of(name, &[Role::Reader]));
    let followers = [&revoked, &disabled, &scoped, &in_person].map(open);
    let key = service.registry.list_keys().expect("keys").into_iter().find(|key| key.principal == "revoked-reader").expect("its key");
    service.registry.revoke_key(&operator, &key.id).expect("revoked");
    service.registry.enable_principal(&operator, "disabled-reader", false).expect("disabled");
    limit_by_operator(service, "scoped-reader");
    service.registry.sign_out(&session).expect("signed out");
    // A worker trusts a token it has checked for a second, the registry for two.
    std::thread::sleep(Duration::from_millis(3_500));
    send(service, "after", "44010619700101144", "440106");
    for (what, mut follower) in ["revoked", "disabled", "scoped", "signed out"].into_iter().zip(followers) {
        let mut rest = String::new();
        follower.read_to_string(&mut rest).expect("the stream ends");
        assert!(!rest.contains("data: "), "{what}: nothing leaves after it\n{rest}");
    }
}

fn limit_by_operator(service: &Service, name: &str) {
    let limits = Limits { divisions: vec!["4401".to_owned()], ..Limits::default() };
    service.registry.set_limits(&Actor::operator("test"), name, &limits).expect("limits");
}

fn report(service: &Service, inside: &str) {
    let reader = service.caller_of("court", &[Role::Reader]);
    let (merged, _) = send(service, "9", "44010619700101199", "440106");
    reader.get(&format!("/api/v1/persons/{merged}")).expect(200);
    let steward = Actor::operator("steward");
    let ids = [inside, merged.as_str()].map(|id| id.parse().expect("an id"));
    service.registry.merge(&steward, Kind::Person, &ids, None, &jiku_registry::Expected::new(), false).expect("merged");
    let report = service.caller(&[Role::Auditor]).get(&format!("/api/v1/persons/{inside}/report")).expect(200);
    let reads = report["reads"].as_array().expect("reads");
    assert!(report["ids"].as_array().is_some_and(|ids| ids.contains(&json!(merged))), "{report}");
    assert!(reads.iter().any(|read| read["id"] == merged && read["department"] == "court" && read["purpose"] == "test"), "{report}");
    let again = service.caller(&[Role::Auditor]).get(&format!("/api/v1/persons/{inside}/report")).expect(200);
    assert!(again["reads"].as_array().expect("reads").iter().any(|read| read["action"] == "person-report"), "the asking is a reading too");
    assert_eq!(service.caller(&[Role::SecurityAdmin]).get(&format!("/api/v1/persons/{inside}/report")).status, 403);
    // A company in full tells its representative, who finds that reading too; masked it tells nobody.
    let number = identity_number("44010619700101101");
    let company = json!({ "source": "shichang", "source_key": "r", "name": "广州诸葛有限公司", "legal_representative": "诸葛明", "legal_representative_id": number, "division": "440106" });
    let company = service.caller(&[Role::Source]).post("/api/v1/legal-persons/records?on_flag=accept", &company).expect(200);
    let company = company["entity"].as_str().expect("an id").to_owned();
    let steward = service.caller_of("notary", &[Role::Steward]);
    let count = |action: &str| {
        let report = service.caller(&[Role::Auditor]).get(&format!("/api/v1/persons/{inside}/report")).expect(200);
        let of = |read: &&Value| read["department"] == "notary" && read["action"] == action;
        report["reads"].as_array().expect("reads").iter().filter(of).count()
    };
    let persons = || steward.get("/api/v1/usage/current").expect(200)["persons"].clone();
    steward.get(&format!("/api/v1/legal-persons/{company}")).expect(200);
    assert_eq!((count("find"), persons()), (0, json!(0)));
    steward.get(&format!("/api/v1/legal-persons/{company}?unmask=true")).expect(200);
    assert_eq!((count("find"), count("unmask"), persons()), (1, 1, json!(1)));
}
