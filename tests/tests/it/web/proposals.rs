//! Does a risky merge pass through the hands of two people, over HTTP and on both databases?

use jiku_registry::Role;
use serde_json::{Value, json};

use super::service::{Answer, Caller, Service, identity_number, working_roles};

#[test]
fn a_risky_merge_takes_two_people_on_sqlite() {
    two_people(&Service::sqlite());
}

#[test]
fn a_risky_merge_takes_two_people_on_postgres() {
    if let Some(service) = Service::postgres() {
        two_people(&service);
    }
}

#[test]
fn of_all_pairs_of_roles_two_stewards_decide() {
    let service = Service::sqlite();
    let numbers = ["44010619700101101", "44010619750202102"].map(identity_number);
    let ids = numbers.map(|number| send(&service, &number, &json!({ "name": format!("欧阳{}", &number[6..10]), "id_number": number })));
    let pair = ids.each_ref().map(String::as_str);
    let steward = service.user("witness", &[Role::Steward], None);
    let with_steward = working_roles().into_iter().map(|role| if role == Role::Steward { vec![role] } else { vec![Role::Steward, role] });
    let roles: Vec<Vec<Role>> =
        Role::ALL.into_iter().filter(|role| *role != Role::Steward).map(|role| vec![role]).chain(with_steward).collect();
    let decides = |at: usize| roles[at].contains(&Role::Steward);
    let accounts: Vec<Caller<'_>> = (0..).zip(&roles).map(|(at, roles)| service.user(&format!("account-{at}"), roles, None)).collect();
    let propose = |caller: &Caller<'_>| {
        let (_, seen) = tags(&steward, &pair);
        caller.clone().with("If-Match", &seen).post("/api/v1/persons/proposals", &json!({ "entities": pair, "comment": "two numbers" }))
    };
    let mut decided = 0;
    for (at, proposer) in accounts.iter().enumerate() {
        let mut made = propose(proposer);
        if !decides(at) {
            check(&made, 403, "forbidden");
            continue;
        }
        for (beside, approver) in accounts.iter().enumerate() {
            let id = made.json()["id"].as_str().expect("an id").to_owned();
            let answer = approver.post(&format!("/api/v1/proposals/{id}/approval"), &json!({}));
            match (decides(beside), at == beside) {
                (false, _) => check(&answer, 403, "forbidden"),
                (true, true) => check(&answer, 403, "separation-of-duties"),
                (true, false) => {
                    let apart = json!({ "decision": answer.expect(200)["decision"] });
                    let seen = steward.post("/api/v1/persons/unmerge?dry_run=true", &apart).expect(200)["if_match"].clone();
                    let undo = steward.clone().with("If-Match", seen.as_str().expect("tags"));
                    undo.post("/api/v1/persons/unmerge", &apart).expect(200);
                    made = propose(proposer);
                    decided += 1;
                }
            }
        }
    }
    assert_eq!((accounts.len(), decided), (14, 6 * 5));
}

/// An export takes two people as well: a key neither asks for one nor approves it, whatever its role.
#[test]
fn keys_neither_ask_for_an_export_nor_approve_one() {
    let service = Service::sqlite();
    let wish = json!({ "kind": "person", "in_full": true, "most_rows": 10, "hours": 1, "reason": "census of the province" });
    let ask = |caller: &Caller<'_>| caller.post("/api/v1/exports", &wish);
    check(&ask(&service.caller(&[Role::DataOffice])), 403, "separation-of-duties");
    let office = service.user("office", &[Role::DataOffice], None);
    let made = ask(&office).expect(201);
    let approval = format!("/api/v1/exports/{}/approval", made["id"].as_str().expect("an id"));
    let guard = service.caller(&[Role::SecurityAdmin]);
    check(&guard.post(&approval, &json!({})), 403, "separation-of-duties");
    service.user("guard", &[Role::SecurityAdmin], None).post(&approval, &json!({})).expect(200);
    let listed = service.caller(&[Role::Auditor]).get("/api/v1/exports").expect(200);
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "what a key asked for is nowhere: {listed}");
}

fn send(service: &Service, key: &str, fields: &Value) -> String {
    let mut record = json!({ "source": "gongan", "source_key": key });
    record.as_object_mut().expect("an object").extend(fields.as_object().expect("fields").clone());
    let row = service.caller(&[Role::Source]).post("/api/v1/persons/records", &record).expect(200);
    row["entity"].as_str().expect("an id").to_owned()
}

/// The tags of entities as a preview of their merge tells them.
fn tags(caller: &Caller<'_>, ids: &[&str]) -> (Value, String) {
    let preview = caller.post("/api/v1/persons/merge?dry_run=true", &json!({ "entities": ids })).expect(200);
    let tags = preview["if_match"].as_str().expect("tags").to_owned();
    (preview, tags)
}

fn propose(caller: &Caller<'_>, ids: &[&str]) -> Answer {
    let (_, seen) = tags(caller, ids);
    let body = json!({ "entities": ids, "comment": "one woman, two numbers" });
    caller.clone().with("If-Match", &seen).post("/api/v1/persons/proposals", &body)
}

#[track_caller]
fn check(answer: &Answer, status: u16, slug: &str) {
    assert_eq!((answer.status, answer.problem().as_str()), (status, slug), "{}", answer.text);
}

fn two_people(service: &Service) {
    let [one, other] = ["44010619700101101", "44010619750202102"].map(identity_number);
    let one = send(service, "1", &json!({ "name": "诸葛明", "id_number": one }));
    let other = send(service, "2", &json!({ "name": "司马光", "id_number": other }));
    let harmless = send(service, "3", &json!({ "name": "上官婉儿", "birth_date": "1993-03-03" }));
    let [first, second] = ["north", "south"].map(|name| service.user(name, &[Role::Steward, Role::Reader], None));
    let pair = [one.as_str(), other.as_str()];

    let (preview, seen) = tags(&first, &pair);
    assert_eq!(preview["needs_approval"], json!(["conflicting-identifier"]));
    let (preview, seen_harmless) = tags(&first, &[&one, &harmless]);
    assert_eq!(preview["needs_approval"], Value::Null);
    let alone = first.clone().with("If-Match", &seen).post("/api/v1/persons/merge", &json!({ "entities": pair }));
    check(&alone, 409, "approval-required");
    assert_eq!(first.get(&format!("/api/v1/persons/{one}")).status, 200, "nothing was done");

    let key = service.caller_of("key", &[Role::Steward, Role::Reader]);
    check(&propose(&key, &pair), 403, "separation-of-duties");
    let made = propose(&first, &pair).expect(201);
    assert_eq!((&made["state"], &made["risks"]), (&json!("open"), &json!(["conflicting-identifier"])));
    let id = made["id"].as_str().expect("an id").to_owned();
    let approve = |caller: &Caller<'_>, id: &str| caller.post(&format!("/api/v1/proposals/{id}/approval"), &json!({ "comment": "seen" }));
    check(&approve(&first, &id), 403, "separation-of-duties");
    check(&approve(&key, &id), 403, "separation-of-duties");
    check(&approve(&service.caller(&[Role::Reader]), &id), 403, "forbidden");
    check(&second.without_purpose().post(&format!("/api/v1/proposals/{id}/approval"), &json!({})), 400, "purpose-missing");
    let listed = second.get("/api/v1/proposals").expect(200);
    assert_eq!(listed["items"][0], second.get(&format!("/api/v1/proposals/{id}")).expect(200));
    let outcome = approve(&second, &id).expect(200);
    let decision = outcome["decision"].as_str().expect("a decision");
    let ended = second.get(&format!("/api/v1/proposals/{id}")).expect(200);
    assert_eq!((&ended["state"], &ended["decision"]), (&json!("approved"), &json!(decision)));
    assert_eq!((&ended["decided_by"], &ended["answer"]), (&json!("south"), &json!("seen")));
    check(&approve(&second, &id), 409, "already-decided");
    let moved = [&one, &other].map(|id| first.get(&format!("/api/v1/persons/{id}")).status);
    assert!(moved.contains(&307) && moved.contains(&200), "{moved:?}");

    // Taken apart again, proposed again, and changed before anybody approves.
    let apart = json!({ "decision": decision });
    let seen = first.post("/api/v1/persons/unmerge?dry_run=true", &apart).expect(200)["if_match"].as_str().expect("tags").to_owned();
    first.clone().with("If-Match", &seen).post("/api/v1/persons/unmerge", &apart).expect(200);
    let stale = propose(&first, &pair).expect(201)["id"].as_str().expect("an id").to_owned();
    let merge = json!({ "entities": [one, harmless] });
    let (_, seen) = tags(&first, &[&one, &harmless]);
    assert_ne!(seen, seen_harmless, "the entity has moved on");
    first.clone().with("If-Match", &seen).post("/api/v1/persons/merge", &merge).expect(200);
    check(&approve(&second, &stale), 409, "proposal-stale");
    assert_eq!(second.get(&format!("/api/v1/proposals/{stale}")).expect(200)["state"], "stale");

    let refuse =
        |caller: &Caller<'_>, id: &str| caller.post(&format!("/api/v1/proposals/{id}/refusal"), &json!({})).expect(200)["state"].clone();
    let again = || propose(&first, &pair).expect(201)["id"].as_str().expect("an id").to_owned();
    assert_eq!((refuse(&second, &again()), refuse(&first, &again())), (json!("rejected"), json!("withdrawn")));
    same_human(service, &pair);
}

/// Two accounts of one human are one pair of hands.
fn same_human(service: &Service, pair: &[&str]) {
    let sign_in = |name: &str, staff_number: Option<&str>| service.user(name, &[Role::Steward, Role::Reader], staff_number);
    let (lin, again, other) = (sign_in("lin", Some("7001")), sign_in("lin-2", Some("7001")), sign_in("wu", None));
    let id = propose(&lin, pair).expect(201)["id"].as_str().expect("an id").to_owned();
    let approve = |caller: &Caller<'_>| caller.post(&format!("/api/v1/proposals/{id}/approval"), &json!({}));
    check(&approve(&again), 403, "separation-of-duties");
    approve(&other).expect(200);
}
