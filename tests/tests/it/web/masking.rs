//! Does any answer tell a person's data to those who did not ask for it in full, or may not?
//!
//! Invented people with values that occur nowhere else (canaries) go in; then everything is read, and nothing of them may
//! come out.

use std::collections::BTreeSet;

use jiku_model::SourceSystem;
use jiku_registry::{Actor, Role};
use serde_json::{Value, json};

use super::console::signed_in_as;
use super::service::{Caller, Service, identity_number};

#[test]
fn canaries_stay_inside_on_sqlite() {
    let service = Service::sqlite();
    canaries(&service);
    keys_that_are_numbers(&service);
}

#[test]
fn canaries_stay_inside_on_postgres() {
    if let Some(service) = Service::postgres() {
        canaries(&service);
        keys_that_are_numbers(&service);
    }
}

/// What must not be found anywhere.
fn secrets() -> Vec<String> {
    vec![
        identity_number("44010619610711031"),
        identity_number("44010619610711032"),
        "1961-07-11".to_owned(),
        "1961-07-12".to_owned(),
        "鸀鸁鸂".to_owned(),
        "鸃鸄".to_owned(),
        "13912345671".to_owned(),
        "天河北路987号".to_owned(),
    ]
}

fn canaries(service: &Service) {
    let secrets = secrets();
    let police = service.caller_of("police", &[Role::Source]);
    let health = service.caller_of("health", &[Role::Source]);
    let weijian =
        SourceSystem { code: "weijian".parse().expect("a code"), name: "卫健".to_owned(), department: "health".to_owned(), trust: 50 };
    service.registry.put_source(&Actor::operator("test"), &weijian).expect("a source");
    let person = |source: &str, key: &str, number: &str, date: &str| {
        json!({
            "source": source, "source_key": key, "name": secrets[4], "former_name": secrets[5], "id_number": number, "birth_date": date,
            "phone": secrets[6], "address": format!("广州市天河区{}", secrets[7]), "ethnic_group": "01",
        })
    };
    let first = police.post("/api/v1/persons/records", &person("gongan", "1", &secrets[0], &secrets[2])).expect(200);
    health.post("/api/v1/persons/records", &person("weijian", "1", &secrets[0], &secrets[2])).expect(200);
    let other = police.post("/api/v1/persons/records", &person("gongan", "2", &secrets[1], &secrets[2])).expect(200);
    let company = json!({
        "source": "shichang", "source_key": "1", "name": "广州云峰有限公司", "legal_representative": secrets[4],
        "legal_representative_id": secrets[0],
    });
    let company = police.post("/api/v1/legal-persons/records", &company).expect(200);
    let parcel = json!({
        "source": "ziran", "source_key": "1", "parcel_code": "440106001001GB00001", "right_holder": secrets[4], "right_holder_id": secrets[0],
    });
    let parcel = police.post("/api/v1/parcels/records", &parcel).expect(200);
    let id = |row: &Value| row["entity"].as_str().expect("an entity").to_owned();
    let (first, other, company, parcel) = (id(&first), id(&other), id(&company), id(&parcel));

    let steward = service.caller(&[Role::Steward, Role::Reader, Role::DataOffice]);
    let column = format!("/api/v1/persons/{first}/overrides/name");
    let tag = steward.get(&format!("/api/v1/persons/{first}")).header("etag").to_owned();
    steward.clone().with("If-Match", &tag).put(&column, &json!({ "value": secrets[4], "reason": "seen on the document" })).expect(200);
    // A stream with a row that is refused: its uploader gets it back, nobody else does.
    let row = |key: &str| json!({ "source": "gongan", "source_key": key, "name": secrets[4], "birth_date": secrets[3] }).to_string();
    let rows: Vec<String> = ["11", "12", "13", "14", "15"].into_iter().map(row).collect();
    let rows = format!("{}\n{{\"name\":\"{}\" broken\n", rows.join("\n"), secrets[4]);
    let stream = police.clone().with("Content-Type", "application/x-ndjson").send("POST", "/api/v1/persons/records", rows.as_bytes());
    let job = stream.json()["job"]["id"].as_str().expect("a job").to_owned();

    let reads = |caller: &Caller<'_>, unmask: bool| -> Vec<(String, String)> {
        let more = |path: String| if !unmask { path } else { format!("{path}{}unmask=true", if path.contains('?') { '&' } else { '?' }) };
        let mut answers = Vec::new();
        let everything = "include=sources,provenance,history,relationships,parcels";
        for (kind, id) in [("persons", &first), ("persons", &other), ("legal-persons", &company), ("parcels", &parcel)] {
            for rest in [
                format!("?{everything}"),
                "/versions".to_owned(),
                format!("/explain?with={id}"),
                "/decisions".to_owned(),
                "/overrides".to_owned(),
            ] {
                answers.push(("GET", format!("/api/v1/{kind}/{id}{rest}"), Value::Null));
            }
        }
        answers.push(("GET", format!("/api/v1/persons/{first}/explain?with={other}"), Value::Null));
        answers.push(("GET", "/api/v1/sources/gongan/persons/1".to_owned(), Value::Null));
        answers.push(("GET", "/api/v1/reviews?kind=person".to_owned(), Value::Null));
        answers.push(("GET", format!("/api/v1/jobs/{job}/rejections"), Value::Null));
        answers.push(("GET", "/api/v1/changes".to_owned(), Value::Null));
        answers.push(("GET", "/api/v1/jobs".to_owned(), Value::Null));
        answers.push(("GET", "/metrics".to_owned(), Value::Null));
        answers.push(("POST", "/api/v1/persons/search".to_owned(), json!({ "number": secrets[0] })));
        answers.push(("POST", "/api/v1/persons/search".to_owned(), json!({ "number": "440106196107110318" })));
        answers.push(("POST", "/api/v1/persons/resolve?explain=true".to_owned(), json!({ "id_number": secrets[0] })));
        answers.push(("POST", "/api/v1/parcels/query".to_owned(), json!({ "right_holder": secrets[4] })));
        answers.push(("POST", "/api/v1/persons/merge?dry_run=true".to_owned(), json!({ "entities": [first, other] })));
        answers.push(("POST", format!("{column}/release?dry_run=true"), json!({})));
        answers
            .into_iter()
            .map(|(method, path, body)| {
                let path = more(path);
                let answer = if method == "GET" { caller.get(&path) } else { caller.post(&path, &body) };
                assert!(answer.status < 500, "{path}: {}", answer.text);
                (format!("{method} {path}"), answer.text)
            })
            .collect()
    };
    let leaks = |answers: &[(String, String)]| -> BTreeSet<String> {
        let leaking = answers
            .iter()
            .flat_map(|(what, text)| secrets.iter().filter(|secret| text.contains(secret.as_str())).map(move |secret| (what, secret)));
        leaking.map(|(what, secret)| format!("{what} tells {secret}")).collect()
    };

    for caller in [&steward, &health, &service.caller(&[Role::Reader]), &service.caller(&[Role::DataOffice])] {
        let found = leaks(&reads(caller, false));
        assert!(found.is_empty(), "{found:#?}");
    }
    let found = leaks(&pages(service, &[("persons", &first), ("persons", &other), ("legal-persons", &company), ("parcels", &parcel)]));
    assert!(found.is_empty(), "{found:#?}");
    let full = reads(&steward, true);
    for what in [
        "/versions",
        "/overrides",
        "merge?dry_run",
        "/release?dry_run",
        "/explain",
        "/resolve",
        "/sources/gongan",
        "/search",
        "/rejections",
    ] {
        assert!(
            full.iter().any(|(path, text)| path.contains(what) && secrets.iter().any(|secret| text.contains(secret))),
            "a steward who asks sees {what}"
        );
    }
    // A department's system sees in full what it sent itself.
    let own = health.get("/api/v1/sources/weijian/persons/1?unmask=true").expect(200);
    assert_eq!((own["attributes"]["id_number"].as_str(), &own["masked"]), (Some(secrets[0].as_str()), &json!(false)));
    let own = health.get("/api/v1/sources/gongan/persons/1?unmask=true").expect(200);
    assert_eq!((own["raw"]["name"].as_str(), &own["masked"]), (Some("鸀**"), &json!(true)));
    assert!(!health.get(&format!("/api/v1/persons/{first}?unmask=true")).text.contains(&secrets[0]), "the golden record is not its own");
    let refused = service.caller(&[Role::Reader]).get(&format!("/api/v1/persons/{first}?unmask=true"));
    assert_eq!((refused.status, refused.problem().as_str()), (403, "forbidden"));
    assert_eq!(steward.get(&format!("/api/v1/persons/{first}?unmask=yes")).problem(), "parameter-invalid");

    // Seeing in full is an event of its own, and a trace holds no value.
    let traces = service.caller(&[Role::Auditor]).get(&format!("/api/v1/persons/{first}/access?limit=1000"));
    assert!(leaks(&[("access".to_owned(), traces.text.clone())]).is_empty());
    let unmasked = |principal: &str| {
        let traces = traces.json();
        let rows = traces["reads"].as_array().expect("reads").clone();
        rows.iter().filter(|row| row["principal"] == principal && row["action"] == "unmask").count()
    };
    assert!(unmasked("test-steward+reader+data-office") >= 5);
    assert_eq!(unmasked("test-reader"), 0);
    // The department's system asked for everything in full and saw its own record so, once; what it was shown masked is no such event.
    let own = traces.json()["reads"].as_array().expect("reads").clone();
    let by_health = |action: &str| own.iter().filter(|row| row["department"] == "health" && row["action"] == action).count();
    assert_eq!((by_health("unmask"), by_health("crosswalk") >= 2, by_health("find") >= 1), (1, true, true), "{own:?}");
}

/// The pages of the console, for who may see in full and did not ask, and for who may not.
fn pages(service: &Service, entities: &[(&str, &String)]) -> Vec<(String, String)> {
    service.make_steward();
    service.user("guard", &[Role::Reader], None);
    let mut all = Vec::new();
    for (name, most) in [("steward", 200), ("guard", 403)] {
        let visitor = signed_in_as(service, name);
        let of_entities = entities.iter().flat_map(|(kind, id)| {
            ["", "/why", "/history", "/decisions", "/merge", "/split", "/values/name"].map(|page| format!("/{kind}/{id}{page}"))
        });
        let others =
            ["/", "/search", "/reviews", "/proposals", "/decisions", "/models", "/map", "/match", "/import", "/office", "/account"];
        let mut pages = Vec::new();
        for path in of_entities.chain(others.map(str::to_owned)) {
            let page = visitor.get(&path);
            assert!(page.status == 200 || page.status == most || path.starts_with("/parcels"), "{path}: {}", page.text);
            pages.push((format!("{name} {path}"), page.text));
        }
        let seen = |what: &str| pages.iter().filter(|(_, text)| text.contains(what)).count();
        assert!(seen("鸀**") >= 4, "the pages are those of the people");
        let refused = visitor.get(&format!("/persons/{}?unmask=true", entities[0].1)).status;
        assert_eq!(refused, if most == 200 { 200 } else { 403 });
        all.append(&mut pages);
    }
    all
}

/// A system that calls people by their identity numbers: the number is its key, and shows nowhere else.
fn keys_that_are_numbers(service: &Service) {
    let number = identity_number("44010619770707105");
    let sent = json!({ "source": "shebao", "source_key": number, "name": "上官无忌", "id_number": number, "division": "440106" });
    let steward = service.caller(&[Role::Steward, Role::Reader]);
    let id =
        service.caller(&[Role::Source]).post("/api/v1/persons/records", &sent).expect(200)["entity"].as_str().expect("an id").to_owned();
    let other = json!({ "source": "gongan", "source_key": "g7", "name": "上官无忌", "id_number": number, "division": "440106" });
    assert_eq!(service.caller(&[Role::Source]).post("/api/v1/persons/records", &other).expect(200)["entity"], id);
    let office = json!({ "name": "社保", "department": "renshe", "trust": 50 });
    service.caller(&[Role::DataOffice]).put("/api/v1/sources/shebao", &office).expect(200);

    let reader = service.caller_of("tax", &[Role::Reader]);
    let seen = reader.get(&format!("/api/v1/persons/{id}?include=sources,provenance,history")).text;
    let followers = [reader.clone(), steward.clone()];
    let feeds = followers.map(|follower| follower.get("/api/v1/changes?limit=1000").text);
    let versions = reader.get(&format!("/api/v1/persons/{id}/versions")).text;
    let explained = reader.get(&format!("/api/v1/persons/{id}/explain?with={id}")).text;
    for told in feeds.iter().chain([&seen, &versions, &explained]) {
        assert!(told.contains("\"~C.") && !told.contains(&number), "by another name: {told}");
    }
    let administrator = service.caller(&[Role::SystemAdmin]).get("/api/v1/changes?limit=1000").text;
    assert!(administrator.contains(&id) && !administrator.contains("~C.") && !administrator.contains(&number), "by none: {administrator}");
    // By that name it is found, and taken out; who sent it goes on with the key, which stands in no URL.
    let covered = serde_json::from_str::<Value>(&seen).expect("JSON")["sources"]
        .as_array()
        .expect("sources")
        .iter()
        .find_map(|record| record["source_key"].as_str().filter(|key| key.starts_with("~C.")).map(str::to_owned));
    let covered = covered.expect("a covered key");
    assert_eq!(reader.get(&format!("/api/v1/sources/shebao/persons/{covered}")).expect(200)["entity"], id);
    assert_eq!(reader.get(&format!("/api/v1/sources/shebao/persons/{covered}AAAA")).status, 404);
    let part = json!({ "entity": id, "records": [{ "source": "shebao", "source_key": covered }] });
    let split = steward.post("/api/v1/persons/split?dry_run=true", &part);
    assert!(split.status == 200 && split.text.contains(&covered) && !split.text.contains(&number), "{}", split.text);
    let own = service.caller_of("renshe", &[Role::Source]);
    assert_eq!(own.get(&format!("/api/v1/sources/shebao/persons/{number}")).problem(), "sensitive-in-url");
    assert_eq!(
        own.post("/api/v1/sources/shebao/persons/lookup", &json!({ "source_key": number })).expect(200)["source_key"],
        json!(number)
    );
    assert!(own.get("/api/v1/changes?limit=1000").text.contains(&number), "its own key is no secret to it");
    assert_eq!(own.post("/api/v1/sources/shebao/persons/withdraw", &json!({ "source_key": number })).expect(200)["status"], "withdrawn");
    assert_eq!(own.post("/api/v1/sources/shebao/persons/withdraw", &json!({ "source_key": covered })).expect(200)["status"], "unchanged");
}
