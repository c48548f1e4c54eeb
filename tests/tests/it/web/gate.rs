//! Who may call what?

use std::time::{Duration, Instant};

use jiku_registry::{Actor, NewUser, Options, Role, Sources};
use jiku_web::{Entry, Face, PEOPLE_ALONE, Personal, ROUTES, Right};

use super::console::{form, signed_in_as};
use super::service::{PASSWORD, Service, working_roles};

/// A path of this route, its variables filled in.
fn path_of(entry: &Entry) -> String {
    let id = "0190a7a0-0000-7000-8000-000000000001";
    let filled = entry
        .path
        .replace("{kind:persons|legal-persons|parcels}", "persons")
        .replace("{kind}", "persons")
        .replace("{id}", id)
        .replace("{source}", "nowhere")
        .replace("{key}", "1");
    filled
        .replace("{column}", "name")
        .replace("{department}", "nobody")
        .replace("{name}", "nobody")
        .replace("{file:.*}", "")
        .replace("{file}", "console.css")
        .replace("{code}", "en")
        .replace("{slug}", "not-found")
        .replace("{collection}", "parcels")
        .replace("{set}", "WebMercatorQuad")
        .replace("{style}", "parcels")
}

#[test]
fn every_route_refuses_strangers_in_its_own_form() {
    let service = Service::sqlite();
    let stranger = service.stranger();
    for entry in ROUTES.iter().filter(|entry| entry.right != Right::Open) {
        let answer = stranger.clone().with("Content-Type", "application/json").send(entry.method, &path_of(entry), b"");
        let what = format!("{} {}", entry.method, entry.path);
        if entry.face == Face::Page {
            let back = if entry.method == "GET" && entry.path != "/" { "/sign-in?next=%2F" } else { "/sign-in" };
            assert_eq!((answer.status, answer.header("location").starts_with(back)), (303, true), "{what}");
        } else {
            assert_eq!((answer.status, answer.problem().as_str()), (401, "unauthenticated"), "{what}");
            let answer = stranger.clone().with("Authorization", "Bearer jk_nobody").send(entry.method, &path_of(entry), b"");
            assert_eq!((answer.status, answer.problem().as_str()), (401, "token-invalid"), "{what}");
        }
    }
}

#[test]
fn two_sets_of_credentials_are_none() {
    let service = Service::sqlite();
    let token = format!("Bearer {}", service.caller(&[Role::Reader]).key());
    let asked = |heads: &[&str]| {
        let heads: String = heads.iter().map(|head| format!("Authorization: {head}\r\n")).collect();
        let head = format!("GET /api/v1/usage/current HTTP/1.1\r\nHost: localhost\r\n{heads}Connection: close\r\n\r\n");
        service.raw(head.as_bytes())
    };
    assert_eq!(asked(&[&token]).0, 200);
    for heads in [[token.as_str(), "Bearer jk_nobody"], ["Bearer jk_nobody", &token], [&token, &token]] {
        let (status, text) = asked(&heads);
        assert!(status == 401 && text.contains("token-invalid") && text.contains("two Authorization"), "{status} {text}");
    }
}

#[test]
fn every_role_gets_what_the_table_says_and_nothing_else() {
    let service = Service::sqlite();
    for role in Role::ALL {
        let caller = service.caller(&[role]);
        // A stream never ends by itself, and nothing but its right is in question here.
        let routes = ROUTES.iter().filter(|entry| !matches!(entry.face, Face::Page | Face::Events) && !entry.path.contains("sessions"));
        for entry in routes {
            let answer = caller.clone().with("Content-Type", "application/json").send(entry.method, &path_of(entry), b"");
            let refused = answer.status == 403;
            let what = format!("{role}: {} {} gave {} {}", entry.method, entry.path, answer.status, answer.text);
            assert_eq!(refused, !entry.right.is_held_by(&[role]), "{what}");
            assert!(answer.status < 500, "{what}");
        }
    }
}

#[test]
fn every_role_gets_the_pages_that_the_table_says_and_no_others() {
    let service = Service::sqlite();
    for role in Role::ALL {
        let user = NewUser {
            name: role.to_string(),
            department: "test".to_owned(),
            roles: vec![role],
            password: PASSWORD.to_owned(),
            staff_number: None,
            sources: Sources::default(),
        };
        service.registry.create_user(&Actor::operator("test"), &user).expect("a user");
        let browser = signed_in_as(&service, role.as_str());
        let pages = ROUTES.iter().filter(|entry| entry.face == Face::Page && entry.path != "/sign-out" && entry.path != "/sign-in");
        let mut shown = 0;
        for entry in pages {
            let path = path_of(entry);
            let answer = if entry.method == "GET" { browser.get(&path) } else { form(&browser, &path, String::new()) };
            let what = format!("{role}: {} {} gave {} {}", entry.method, entry.path, answer.status, answer.text);
            assert_eq!(answer.status == 403, !entry.right.is_held_by(&[role]), "{what}");
            assert!(answer.status < 500, "{what}");
            shown += usize::from(answer.status == 200);
        }
        assert!(shown >= 2, "{role} sees the pages of whoever signed in");
    }
}

#[test]
fn every_answer_of_every_route_wears_the_headers() {
    let service = Service::sqlite();
    let (stranger, caller) = (service.stranger(), service.caller(&working_roles()));
    for entry in ROUTES.iter().filter(|entry| entry.face != Face::Events && !entry.path.contains("sessions")) {
        for who in [&stranger, &caller] {
            let answer = who.clone().with("Content-Type", "application/json").send(entry.method, &path_of(entry), b"");
            let what = format!("{} {}: {}", entry.method, entry.path, answer.status);
            assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
            // A page's own forms must tell where they come from; nothing tells another site.
            let referrer = if entry.face == Face::Page { &["same-origin", "no-referrer"][..] } else { &["no-referrer"] };
            assert!(referrer.contains(&answer.header("referrer-policy")), "{what}: {}", answer.header("referrer-policy"));
            assert_eq!(answer.header("request-id").len(), 36, "{what}");
            assert!(answer.header("strict-transport-security").is_empty(), "only over TLS: {what}");
            assert!(answer.header("server").is_empty() && answer.header("x-powered-by").is_empty(), "{what}");
            let policy = answer.header("content-security-policy");
            let named = ["default-src", "frame-ancestors 'none'"].iter().all(|word| policy.contains(word));
            assert!(named && !policy.contains("unsafe-eval") && !policy.contains("script-src 'unsafe-inline'"), "{what}: {policy}");
            let kept = answer.header("cache-control");
            // What is the same for everybody may be kept; what a map's key opens must be asked for again.
            let public = matches!(entry.face, Face::File | Face::Map) || entry.right == Right::Open;
            assert!(public || kept.contains("no-store"), "{what}: {kept}");
            assert!(!kept.is_empty(), "{what}");
        }
    }
}

#[test]
fn personal_data_needs_a_purpose() {
    let service = Service::sqlite();
    let caller = service.caller(&working_roles()).without("Purpose-Of-Use");
    let mut asked = 0;
    for entry in ROUTES.iter().filter(|entry| entry.face != Face::Page && entry.personal != Personal::No) {
        let answer = caller.clone().with("Content-Type", "application/json").send(entry.method, &path_of(entry), b"");
        assert_eq!((answer.status, answer.problem().as_str()), (400, "purpose-missing"), "{} {}", entry.method, entry.path);
        asked += 1;
    }
    assert!(asked >= 10, "the table names the routes that show personal data");
    // A company's and a parcel's own values are nobody's personal data, and the people they name come masked; in full they are somebody's.
    let id = "0190a7a0-0000-7000-8000-000000000001";
    for path in [format!("/api/v1/legal-persons/{id}"), format!("/api/v1/parcels/{id}/rights")] {
        assert_eq!(caller.get(&path).problem(), "not-found", "{path}");
    }
    for entry in ROUTES.iter().filter(|entry| entry.face != Face::Page && entry.right == Right::Read) {
        let path = format!("{}?unmask=true", path_of(entry).replace("/persons/", "/legal-persons/"));
        let answer = caller.clone().with("Content-Type", "application/json").send(entry.method, &path, b"");
        assert_eq!((answer.status, answer.problem().as_str()), (400, "purpose-missing"), "{} {path}", entry.method);
    }
}

#[test]
fn a_service_of_this_machine_alone_is_called_by_the_names_of_this_machine() {
    let service = Service::sqlite();
    let port = service.address().rsplit(':').next().expect("a port").to_owned();
    let ask = |host: &str| {
        let (status, text) = service.raw(format!("GET /api/v1/stats HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes());
        (status, text.contains("misdirected"))
    };
    for host in ["localhost", "LOCALHOST:1", "127.0.0.1", &format!("127.0.0.1:{port}"), "[::1]", &format!("[::1]:{port}")] {
        assert_eq!(ask(host), (401, false), "{host}");
    }
    for host in ["rebound.example", &format!("rebound.example:{port}"), "localhost.example", "10.0.0.1"] {
        assert_eq!(ask(host), (421, true), "{host}");
    }
}

#[test]
fn a_session_ends_at_once() {
    let service = Service::sqlite();
    service.make_steward();
    let wrong = serde_json::json!({ "name": "steward", "password": "not this one" });
    let unknown = serde_json::json!({ "name": "nobody", "password": "not this one" });
    let stranger = service.stranger();
    for body in [&wrong, &unknown] {
        let answer = stranger.post("/api/v1/sessions", body);
        assert_eq!((answer.status, answer.problem().as_str()), (401, "sign-in-failed"));
    }
    let session = stranger.post("/api/v1/sessions", &serde_json::json!({ "name": "steward", "password": PASSWORD })).expect(201);
    let caller = stranger.with("Authorization", &format!("Bearer {}", session["token"].as_str().expect("a token")));
    assert_eq!(caller.get("/api/v1/sessions/current").expect(200)["principal"], "steward");
    assert_eq!(caller.send("DELETE", "/api/v1/sessions/current", b"").status, 204);
    assert_eq!(caller.get("/api/v1/sessions/current").problem(), "token-invalid");
}

#[test]
fn a_session_that_was_signed_out_of_is_refused_by_every_node() {
    let Some(database) = jiku_tests::postgres::database() else { return };
    let nodes = [(); 2].map(|()| Service::over(Options::new(database.clone()), None));
    nodes[0].make_steward();
    for (here, there) in [(0, 1), (1, 0)] {
        let body = serde_json::json!({ "name": "steward", "password": PASSWORD });
        let session = nodes[here].stranger().post("/api/v1/sessions", &body).expect(201);
        let bearer = format!("Bearer {}", session["token"].as_str().expect("a token"));
        let callers = [here, there].map(|node| nodes[node].stranger().with("Authorization", &bearer));
        // Each worker of the other node has just seen that it is good.
        for _ in 0..10 {
            callers.iter().for_each(|caller| assert_eq!(caller.get("/api/v1/sessions/current").status, 200));
        }
        assert_eq!(callers[0].send("DELETE", "/api/v1/sessions/current", b"").status, 204);
        let ended = Instant::now();
        assert_eq!(callers[0].get("/api/v1/sessions/current").problem(), "token-invalid");
        while callers[1].get("/api/v1/sessions/current").status == 200 {
            assert!(ended.elapsed() < Duration::from_secs(5), "for seconds at most");
        }
        for _ in 0..10 {
            assert_eq!(callers.each_ref().map(|caller| caller.get("/api/v1/sessions/current").problem()), ["token-invalid"; 2]);
        }
    }
}

#[test]
fn an_unknown_path_and_an_unknown_method_are_told_apart() {
    let service = Service::sqlite();
    let stranger = service.stranger();
    for path in ["/api/v1/nothing", "/somewhere/else", "/ogc/nothing"] {
        assert_eq!(stranger.get(path).problem(), "not-found", "{path}");
    }
    let answer = stranger.send("PUT", "/api/v1/stats", b"{}");
    assert_eq!((answer.status, answer.problem().as_str(), answer.header("allow")), (405, "method-not-allowed", "GET, HEAD"));
    let answer = service.caller(&[Role::Reader]).get("/api/v1/persons/merge");
    assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "a word is no id");
    assert_eq!(stranger.send("HEAD", "/healthz", b"").status, 200);
}

#[test]
fn health_and_figures_are_told_to_machines() {
    let service = Service::sqlite();
    let stranger = service.stranger();
    assert_eq!(stranger.get("/healthz").expect(200)["status"], "ok");
    assert_eq!(stranger.get("/readyz").expect(200)["status"], "ready");
    let metrics = stranger.get("/metrics");
    assert_eq!(metrics.status, 200);
    assert!(metrics.text.contains("jiku_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"2xx\"} 1"), "{}", metrics.text);
    assert!(metrics.text.contains("jiku_entities{kind=\"person\"} 0"), "{}", metrics.text);
    let stats = service.caller(&[Role::Reader]).get("/api/v1/stats").expect(200);
    assert_eq!(stats["kinds"].as_array().map(Vec::len), Some(3));
}

#[test]
fn while_the_indexes_load_the_service_is_alive_and_not_ready() {
    let listener = jiku_web::bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let address = listener.local_addr().expect("an address");
    let starting = jiku_web::Starting::begin(&listener, None).expect("it answers");
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let ask = |path: &str| {
        let mut response = agent.get(format!("http://{address}{path}")).call().expect("an answer");
        let body: serde_json::Value = serde_json::from_str(&response.body_mut().read_to_string().expect("a body")).expect("JSON");
        (response.status().as_u16(), response.headers().get("retry-after").is_some(), body)
    };
    assert_eq!(ask("/healthz").0, 200);
    for path in ["/readyz", "/api/v1/persons/search", "/"] {
        let (status, tells_when, body) = ask(path);
        assert_eq!((status, tells_when, &body["type"]), (503, true, &serde_json::json!("/problems/unavailable")), "{path}");
    }
    let page = |path: &str| {
        let mut response = agent.get(format!("http://{address}{path}")).header("Accept", "text/html").call().expect("an answer");
        (response.status().as_u16(), response.body_mut().read_to_string().expect("a body"))
    };
    let (status, html) = page("/persons/0190a7a0-0000-7000-8000-000000000001");
    assert!(status == 503 && html.contains("服务正在启动") && html.contains("http-equiv=\"refresh\""), "people are told in words: {html}");
    let style = html.split('"').find(|part| part.starts_with("/assets/console.css")).expect("a style");
    assert_eq!(page(style).0, 200, "the page wears its style");
    starting.end().expect("it ends");

    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("base.db").display());
    let registry = jiku_registry::Registry::open(jiku_registry::Options::new(database)).expect("the registry opens");
    let running = jiku_web::start(jiku_web::ServeOptions { workers: Some(1), ..jiku_web::ServeOptions::new(registry, listener) });
    let running = running.expect("the service takes the address over");
    assert_eq!(ask("/readyz").0, 200);
    running.stop().expect("it stops");
}

/// The table of docs/permissions.md: every route, its right, and the roles that have it.
fn permissions() -> String {
    let mut table = String::new();
    for entry in ROUTES {
        let held = |role: &Role| if entry.right.is_held_by(&[*role]) { "●" } else { "" };
        let roles: Vec<&str> = Role::ALL.iter().map(held).collect();
        let purpose = match entry.personal {
            Personal::No => "",
            Personal::OfPersons => "of persons",
            Personal::Always => "always",
        };
        let people = if PEOPLE_ALONE.contains(&(entry.method, entry.path)) { ", no key" } else { "" };
        table.push_str(&format!(
            "| {} `{}` | {}{people} | {purpose} | {} |\n",
            entry.method,
            entry.path,
            entry.right.as_str(),
            roles.join(" | ")
        ));
    }
    table
}

#[test]
fn the_table_of_permissions_is_the_one_of_the_code() {
    let file = jiku_tests::binary::repository().join("docs/permissions.md");
    let page = std::fs::read_to_string(&file).unwrap_or_default();
    let heads: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    let head = format!("| route | right | purpose | {} |\n|---|---|---|{}\n", heads.join(" | "), "---|".repeat(heads.len()));
    let about = page.split("| route |").next().unwrap_or_default();
    let expected = format!("{about}{head}{}", permissions());
    if std::env::var_os("JIKU_BLESS").is_some() {
        std::fs::write(&file, &expected).expect("written");
        return;
    }
    assert_eq!(page, expected, "a route has come, gone or changed: look at who may call it, then run with JIKU_BLESS=1");
}

#[test]
fn a_purpose_must_be_registered_for_the_department() {
    let service = Service::sqlite();
    let health = service.caller_of("health", &[Role::Reader]);
    let body = serde_json::json!({ "name": "独孤求败", "birth_date": "1955-05-05" });
    let ask = |purpose: &str| health.clone().with("Purpose-Of-Use", purpose).post("/api/v1/persons/resolve", &body);
    assert_eq!(ask("vaccination").problem(), "purpose-not-allowed");
    let office = service.caller(&[Role::DataOffice]);
    let path = "/api/v1/purposes/health/vaccination";
    assert_eq!(health.put(path, &serde_json::json!({ "title": "疫苗接种" })).status, 403);
    assert_eq!(office.put(path, &serde_json::json!({ "title": "疫苗接种" })).status, 204);
    assert_eq!(ask("vaccination").status, 200, "at once on this node");
    let police = service.caller_of("police", &[Role::Reader]).with("Purpose-Of-Use", "vaccination");
    assert_eq!(police.post("/api/v1/persons/resolve", &body).problem(), "purpose-not-allowed");
    let listed = health.get("/api/v1/purposes").expect(200);
    assert!(listed["purposes"].as_array().expect("a list").iter().any(|purpose| purpose["code"] == "vaccination"), "{listed}");
    assert_eq!(office.send("DELETE", path, b"").status, 204);
    assert_eq!(ask("vaccination").problem(), "purpose-not-allowed");
    assert_eq!(office.send("DELETE", path, b"").status, 404);
    assert_eq!(ask("public-service").status, 200, "the purposes of the sign-in page are everybody's");
}
