//! Can users and keys be handled from the command line?

use jiku_tests::command::{Serving, jiku, jiku_reading};
use jiku_tests::http::Caller;
use serde_json::json;

use super::{folder, stores};

#[test]
fn a_key_works_until_it_is_revoked() {
    let folder = folder();
    for database in stores(folder.path()) {
        let made =
            jiku(["key", "--json", "--database", &database, "create", "tax", "--department", "税务局", "--role", "reader"]).well().json();
        let key = made["key"].as_str().expect("the key is told once");
        let listed = jiku(["key", "--json", "--database", &database, "list"]).well();
        assert!(!listed.out.contains(key), "never again");
        assert_eq!(listed.json()[0]["id"], made["id"]);

        let server = Serving::on(&database);
        assert_eq!(Caller::new(server.address(), key).get("/api/v1/changes?after=0").expect("an answer").status, 200);
        assert_eq!(Caller::new(server.address(), "wrong").get("/api/v1/changes?after=0").expect("an answer").status, 401);
        drop(server);

        jiku(["key", "--database", &database, "revoke", made["id"].as_str().expect("an id")]).well();
        let server = Serving::on(&database);
        assert_eq!(Caller::new(server.address(), key).get("/api/v1/changes?after=0").expect("an answer").status, 401);
    }
}

#[test]
fn a_user_is_made_with_a_password_from_standard_input() {
    let folder = folder();
    let database = jiku_tests::command::made(jiku_tests::command::sqlite_in(folder.path()));
    let add = ["user", "--database", &database, "add", "li", "--department", "数据管理局", "--role", "steward"];
    jiku_reading(add, "").refused(3, &["password is empty"]);
    jiku_reading(add, "correct horse battery\n").well();
    jiku(["user", "--database", &database, "disable", "li"]).well();
    let listed = jiku(["user", "--json", "--database", &database, "list"]).well().json();
    assert_eq!((&listed[0]["name"], &listed[0]["enabled"], &listed[0]["roles"]), (&json!("li"), &json!(false), &json!(["steward"])));
    jiku(["user", "--database", &database, "enable", "nobody"]).refused(2, &["not found"]);
}
