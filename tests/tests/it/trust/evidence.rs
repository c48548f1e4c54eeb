//! Does an assessor get one document about a database, and nothing of anybody in it?

use jiku_tests::command::{jiku, jiku_reading};
use jiku_tests::stores::Database;
use serde_json::{Map, Value};

jiku_tests::on_both_stores! {
    the_evidence_is_complete_and_names_nobody;
}

/// What must not stand in the document: people, companies, accounts and what is known of them.
const CANARIES: [&str; 9] =
    ["欧阳明", "诸葛", "13800138000", "11010119900307", "沧海", "云山科技", "91350100M000100Y43", "chen-mei", "gongan-system"];

fn evidence_of(database: &Database, seals: &str) -> Value {
    let ran = jiku(["audit", "--database", database.url(), "evidence", "--seals", seals]).well();
    for canary in CANARIES {
        assert!(!ran.out.contains(canary), "{canary}");
    }
    ran.json()
}

/// The members of an object, in order.
fn members(of: &Value) -> Vec<&str> {
    of.as_object().map(Map::keys).into_iter().flatten().map(String::as_str).collect()
}

fn the_evidence_is_complete_and_names_nobody(database: &Database) {
    let place = |name: &str| database.folder().join(name).to_str().expect("UTF-8").to_owned();
    let people = place("people.csv");
    let rows = "source,source_key,name,id_number,birth_date,phone,address\n\
                gongan,1,欧阳明,110101199003070011,1990-03-07,13800138000,沧海路1号\nweijian,9,诸葛明,,1985-02-01,13800138000,沧海路2号\n";
    std::fs::write(&people, rows).expect("a file");
    let companies = place("companies.csv");
    std::fs::write(&companies, "source,source_key,name,uscc\nshichang,C1,福州云山科技有限公司,91350100M000100Y43\n").expect("a file");
    let url = database.url();
    jiku(["migrate", "--database", url]).well();
    jiku(["ingest", "--database", url, "--kind", "person", &people]).well();
    jiku(["ingest", "--database", url, "--kind", "legal-person", &companies]).well();
    let user = ["user", "--database", url, "add", "chen-mei", "--department", "沧海局", "--role", "auditor"];
    jiku_reading(user, "a long enough password\n").well();
    jiku(["key", "--database", url, "create", "gongan-system", "--department", "沧海局", "--role", "reader"]).well();
    let seals = place("seals");
    std::fs::create_dir(&seals).expect("a folder");
    jiku(["audit", "--database", url, "seal", "--seal-dir", &seals]).well();

    let before = evidence_of(database, &seals);
    let told =
        ["made_at", "jiku", "store", "position", "rights", "accounts", "api_keys", "data_keys", "traces", "waivers", "copies", "drills"];
    assert_eq!(members(&before), told);
    let routes = before["rights"].as_array().expect("routes");
    assert_eq!(routes.len(), jiku_web::ROUTES.len());
    assert!(routes.iter().all(|route| members(route) == ["method", "path", "right", "purpose", "roles"]), "{routes:?}");
    let find = routes.iter().find(|route| route["path"] == "/api/v1/{kind}/{id}" && route["method"] == "GET").expect("a route");
    assert_eq!((&find["right"], &find["purpose"]), (&"read".into(), &"of-persons".into()));
    let accounts = &before["accounts"];
    assert_eq!((&accounts["by_role"]["auditor"], &accounts["administrators_without_second_factor"]), (&1.into(), &1.into()), "{accounts}");
    assert_eq!((&before["api_keys"]["live"], &before["api_keys"]["live_without_end"]), (&1.into(), &0.into()));
    let keys = before["data_keys"].as_array().expect("keys");
    assert!(!keys.is_empty() && keys.iter().all(|key| key["age_days"] == 0 && key["retired"] == false), "{keys:?}");
    assert_eq!((&before["traces"]["intact"], &before["traces"]["seals"]), (&true.into(), &1.into()), "{}", before["traces"]);
    assert_eq!((before["copies"].as_array().map(Vec::len), before["drills"].as_array().map(Vec::len)), (Some(0), Some(0)));

    // A copy, and a drill with it.
    let copy = place("base.copy");
    jiku(["backup", "--database", url, "--output", &copy]).well();
    let drill = match jiku_tests::postgres::database().filter(|_| url.starts_with("postgres")) {
        Some(empty) => empty,
        None => format!("sqlite://{}", place("drill.db")),
    };
    jiku(["restore", "--database", &drill, "--drill-for", url, &copy]).well();
    let after = evidence_of(database, &seals);
    assert_eq!(after["copies"][0]["copy"], "base.copy", "{}", after["copies"]);
    let outcome = after["drills"][0]["outcome"].as_str().unwrap_or_default();
    assert!(outcome.starts_with("no difference, 3 records at position "), "{}", after["drills"]);

    // Who changes the log behind the service's back is found, and the document says so.
    if url.starts_with("postgres") {
        jiku_tests::postgres::run(url, "ALTER TABLE change_log DISABLE TRIGGER ALL; UPDATE change_log SET actor = 'x' WHERE position = 1");
        let ran = jiku(["audit", "--database", url, "evidence", "--seals", &seals]);
        assert_eq!((ran.code, ran.json()["traces"]["intact"].clone()), (1, false.into()));
    }
}
