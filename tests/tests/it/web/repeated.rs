//! Is an answer that is given again by its key a reading like the first, on both databases?

use jiku_model::{EntityId, Kind, Sensitivity};
use jiku_registry::{Actor, Limits, Role};
use jiku_tests::postgres;
use serde_json::{Value, json};

use super::service::{Caller, Service};

#[test]
fn an_answer_given_again_is_a_reading_on_sqlite() {
    drop(again(&Service::sqlite()));
    edited(&Service::sqlite());
}

#[test]
fn an_answer_given_again_is_a_reading_on_postgres() {
    let Some(url) = postgres::database() else { return };
    let service = Service::over(jiku_registry::Options::new(url.clone()), None);
    let (steward, request) = again(&service);
    postgres::run(&url, "ALTER TABLE access_log RENAME TO elsewhere");
    let refused = request(&steward);
    assert_eq!((refused.status, refused.problem().as_str()), (503, "audit-unavailable"), "{}", refused.text);
    assert!(!refused.text.contains("values"), "{}", refused.text);
    postgres::run(&url, "ALTER TABLE elsewhere RENAME TO access_log");
    request(&steward).expect(200);
    // Rights that were narrowed since: nothing of it is shown again.
    let name = steward.get("/api/v1/sessions/current").expect(200)["principal"].as_str().expect("a name").to_owned();
    let elsewhere = Limits { divisions: vec!["4403".to_owned()], ..Limits::default() };
    for limits in [Limits { read: Sensitivity::Public, ..Limits::default() }, elsewhere] {
        service.registry.set_limits(&Actor::operator("test"), &name, &limits).expect("limits");
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        let narrowed = request(&steward);
        assert_eq!((narrowed.status, narrowed.problem().as_str()), (403, "forbidden"), "{}", narrowed.text);
        assert!(!narrowed.text.contains("诸葛明"), "{}", narrowed.text);
    }
}

type Request<'a> = Box<dyn Fn(&Caller<'_>) -> super::service::Answer + 'a>;

/// How an entity was read, the latest first: the act, and the id of its request.
fn reads(service: &Service, kind: Kind, id: &str) -> Vec<(String, String)> {
    let id: EntityId = id.parse().expect("an id");
    let rows = service.registry.access_of(&Actor::operator("test"), kind, id, 100).expect("the list");
    rows.into_iter().filter(|read| read.action != "access-list").map(|read| (read.action, read.request_id.unwrap_or_default())).collect()
}

fn send(service: &Service, kind: &str, record: &Value) -> String {
    let answer = service.caller(&[Role::Source]).post(&format!("/api/v1/{kind}/records?on_flag=accept"), record);
    answer.expect(200)["entity"].as_str().expect("an id").to_owned()
}

/// A merge by key, and again by the same key; who asked, and how to ask once more.
fn again(service: &Service) -> (Caller<'_>, Request<'_>) {
    let people = [("1", "诸葛明", "1970-01-02"), ("2", "欧阳慧敏", "1980-03-04")].map(|(key, name, born)| {
        send(
            service,
            "persons",
            &json!({ "source": "gongan", "source_key": key, "name": name, "birth_date": born, "phone": "13800138000" }),
        )
    });
    let steward = service.caller(&[Role::Steward]).with("Idempotency-Key", "m1");
    let body = json!({ "entities": people, "comment": "one" });
    let before = people.clone().map(|id| reads(service, Kind::Person, &id).len());
    let preview = steward.clone().with("Idempotency-Key", "p1").post("/api/v1/persons/merge?dry_run=true", &body).expect(200);
    let tags = preview["if_match"].as_str().expect("tags").to_owned();
    let request: Request<'_> =
        Box::new(move |caller: &Caller<'_>| caller.clone().with("If-Match", &tags).post("/api/v1/persons/merge?unmask=true", &body));
    let first = request(&steward);
    let second = request(&steward);
    assert_eq!((first.status, second.status, &first.text), (200, 200, &second.text));
    assert!(second.text.contains("诸葛明"), "in full: {}", second.text);
    let id_of = |answer: &super::service::Answer| answer.header("request-id").to_owned();
    for (id, before) in people.iter().zip(before) {
        let told = reads(service, Kind::Person, id);
        let new: Vec<(&str, &str)> =
            told[..told.len() - before].iter().map(|(action, request)| (action.as_str(), request.as_str())).collect();
        let (one, two) = (id_of(&first), id_of(&second));
        let of = |request: &str| {
            let mut actions: Vec<&str> = new.iter().filter(|(_, of)| *of == request).map(|(action, _)| *action).collect();
            actions.sort_unstable();
            actions
        };
        assert_eq!((of(&one), of(&two)), (vec!["merge", "unmask"], vec!["answer-repeated", "unmask"]), "{told:?}");
        assert_eq!(new.len(), 5, "and the preview: {told:?}");
    }
    // The preview is given again too; whom it would make is nobody yet.
    let survivor = people.clone().map(|id| reads(service, Kind::Person, &id).len());
    let body = json!({ "entities": people, "comment": "one" });
    let repeated = steward.clone().with("Idempotency-Key", "p1").post("/api/v1/persons/merge?dry_run=true", &body);
    assert_eq!(repeated.expect(200), preview);
    for (id, before) in people.iter().zip(survivor) {
        let told = reads(service, Kind::Person, id);
        assert_eq!((told.len() - before, told[0].0.as_str()), (1, "answer-repeated"));
    }
    // What shows nobody leaves nothing.
    let record = json!({ "source": "gongan", "source_key": "3", "name": "司马光远", "birth_date": "1990-05-06" });
    let source = service.caller(&[Role::Source]).with("Idempotency-Key", "r1");
    let sent = source.post("/api/v1/persons/records", &record).expect(200);
    assert_eq!(source.post("/api/v1/persons/records", &record).expect(200), sent);
    assert_eq!(reads(service, Kind::Person, sent["entity"].as_str().expect("an id")), []);
    (steward, request)
}

/// An edit of a parcel in full by key, and again: the holder has both in their list.
fn edited(service: &Service) {
    let number = super::service::identity_number("44010619800406101");
    let holder = send(service, "persons", &json!({ "source": "gongan", "source_key": "1", "name": "诸葛明", "id_number": number }));
    let square = "POLYGON ((113 23.1, 113.001 23.1, 113.001 23.101, 113 23.101, 113 23.1))";
    let parcel = json!({ "source": "ziran", "source_key": "p1", "geometry": square, "right_holder": "诸葛明", "right_holder_id": number, "land_use": "0701" });
    let parcel = send(service, "parcels", &parcel);
    let editor = service.caller(&[Role::GisEditor, Role::Steward]).with("Idempotency-Key", "e1");
    let tag = editor.clone().without("Idempotency-Key").get(&format!("/api/v1/parcels/{parcel}")).header("etag").to_owned();
    let editor = editor.with("If-Match", &tag).with("Content-Type", "application/json");
    let patch = || {
        editor.send(
            "PATCH",
            &format!("/api/v1/parcels/{parcel}?unmask=true"),
            json!({ "values": { "location": "天河区" } }).to_string().as_bytes(),
        )
    };
    let (first, second) = (patch(), patch());
    assert_eq!((first.status, second.status, &first.text), (200, 200, &second.text), "{}", first.text);
    for (kind, id) in [(Kind::Parcel, &parcel), (Kind::Person, &holder)] {
        let told: Vec<String> = reads(service, kind, id).into_iter().map(|(action, _)| action).collect();
        let count = |word: &str| told.iter().filter(|action| *action == word).count();
        assert_eq!((count("edit-parcels"), count("answer-repeated"), count("unmask")), (1, 1, 2), "{kind}: {told:?}");
    }
}
