//! Do the pages work, and ask nothing of another host?

use std::time::Duration;

use jiku_registry::{Actor, NewUser, Options, Role, Sources};
use serde_json::json;

use super::service::{Answer, Caller, PASSWORD, Service, identity_number};

fn encode(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

pub(super) fn form(caller: &Caller<'_>, path: &str, body: String) -> Answer {
    caller.clone().with("Content-Type", "application/x-www-form-urlencoded").send("POST", path, body.as_bytes())
}

/// A browser that the steward has signed in with.
fn signed_in(service: &Service) -> Caller<'_> {
    signed_in_as(service, "steward")
}

/// A browser that somebody has signed in with.
pub(super) fn signed_in_as<'a>(service: &'a Service, name: &str) -> Caller<'a> {
    let visitor = service.stranger().with("Accept", "text/html,*/*;q=0.8").with("Accept-Language", "en");
    let answer = form(&visitor, "/sign-in", format!("name={name}&password={}&purpose=data-stewardship", encode(PASSWORD)));
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    let cookies: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|cookie| cookie.to_str().expect("text")).collect();
    assert!(cookies.iter().all(|cookie| cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict")), "{cookies:?}");
    let cookie = cookies.iter().filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>().join("; ");
    visitor.with("Cookie", &cookie)
}

#[test]
fn a_steward_signs_in_searches_and_reads_a_record() {
    let service = Service::sqlite();
    service.make_steward();
    let number = identity_number("44010619850512102");
    let script = "<script>alert(1)</script>";
    let record = json!({ "source": "gongan", "source_key": "1", "name": "张晓明", "id_number": number, "birth_date": "1985-05-12", "address": script });
    let entity =
        service.caller(&[Role::Source]).post("/api/v1/persons/records", &record).expect(200)["entity"].as_str().expect("an id").to_owned();

    let visitor = service.stranger().with("Accept", "text/html,*/*;q=0.8").with("Accept-Language", "en");
    assert!(visitor.get("/sign-in").text.contains("Sign in"));
    assert!(visitor.clone().with("Accept-Language", "zh-CN").get("/sign-in").text.contains("登录"));
    assert_eq!(form(&visitor, "/sign-in", "name=steward&password=wrong".to_owned()).status, 401);
    let steward = signed_in(&service);

    let home = steward.get("/");
    assert_eq!(home.status, 200, "{}", home.text);
    assert!(home.text.contains("The three bases"));
    let found = form(&steward, "/search", format!("q={}", encode("张晓明")));
    assert!(found.text.contains(&format!("/persons/{entity}")), "{}", found.text);
    assert!(!found.text.contains(&number), "a list masks numbers");
    let page = steward.get(&format!("/persons/{entity}"));
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(!page.text.contains(&number) && page.text.contains("gongan"), "a record masks numbers");
    assert!(steward.get(&format!("/persons/{entity}?unmask=true")).text.contains(&number), "to whom asks and may");
    assert!(!page.text.contains(script), "a value is shown, not run");
    for page in [&home, &found, &page] {
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(!page.text.contains("://"), "a page names no other host");
        assert!(!page.text.contains("<script>") && !page.text.contains(" style="), "nothing inline");
    }
    assert!(steward.get("/reviews").text.contains("Nothing waits"));
    assert_eq!(steward.get("/persons/not-an-id").status, 400);
    assert_eq!(form(&steward.clone().with("Origin", "http://elsewhere.example"), "/sign-out", String::new()).status, 403);
    assert_eq!(form(&steward, "/sign-out", String::new()).header("location"), "/sign-in");
    assert_eq!(steward.get("/").header("location"), "/sign-in");
}

#[test]
fn while_the_database_is_away_a_page_says_so_and_comes_back_by_itself() {
    let (Some(database), Some(beside)) = (jiku_tests::postgres::database(), jiku_tests::postgres::database()) else { return };
    let service = Service::over(Options::new(database.clone()), None);
    service.make_steward();
    let steward = signed_in(&service);
    let shown = steward.get("/reviews");
    assert!(shown.status == 200 && !shown.text.contains("http-equiv"), "{}", shown.text);

    let name = database.rsplit('/').next().expect("a name");
    let let_in = |whether: bool| jiku_tests::postgres::run(&beside, &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {whether}"));
    let_in(false);
    jiku_tests::postgres::run(&beside, &format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    let away = steward.get("/reviews");
    assert_eq!(away.status, 503, "{}", away.text);
    for told in ["The service cannot answer just now", "asks again every five seconds", "http-equiv=\"refresh\"", "Try again now"] {
        assert!(away.text.contains(told), "{told}: {}", away.text);
    }
    for inner in ["FATAL", "postgres", "panicked", "not currently accepting"] {
        assert!(!away.text.contains(inner), "{inner} is for the log: {}", away.text);
    }
    assert!(steward.clone().with("Accept-Language", "zh").get("/reviews").text.contains("服务暂时不能应答"));
    let sent = form(&steward, "/reviews/bulk", "task=0190a7a0-0000-7000-8000-000000000001&verdict=positive".to_owned());
    assert!(sent.status == 503 && !sent.text.contains("http-equiv"), "what was sent is not sent again: {}", sent.text);
    let_in(true);
    let back = (0..300).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        steward.get("/reviews").status == 200
    });
    assert!(back, "nobody has to start it again");
}

#[test]
fn a_search_says_in_the_language_of_the_page_why_nothing_is_found() {
    let service = Service::sqlite();
    service.make_steward();
    let record = json!({ "source": "gongan", "source_key": "1", "name": "张晓明", "birth_date": "1985-05-12" });
    service.caller(&[Role::Source]).post("/api/v1/persons/records", &record).expect(200);
    let steward = signed_in(&service);
    let chinese = steward.clone().with("Accept-Language", "zh");
    for (who, asked, told) in [
        (&chinese, "张", "请再输入一个字"),
        (&steward, "张", "A single character finds only who is called exactly that"),
        (&chinese, "张大明", "换一种写法试试"),
        (&chinese, "张晓明", "1 条来源记录"),
        (&chinese, "张晓", "1 条来源记录"),
        (&steward, "zhang xiao", "how the name begins"),
        (&chinese, "张明", "换一种写法试试"),
    ] {
        let page = form(who, "/search", format!("q={}", encode(asked)));
        assert!(page.text.contains(told), "{asked}: {}", page.text);
    }
}

#[test]
fn alarms_are_listed_for_those_who_must_be_told() {
    let service = Service::sqlite();
    service.make_steward();
    for _ in 0..6 {
        let wrong = form(&service.stranger().with("Accept", "text/html"), "/sign-in", "name=steward&password=wrong".to_owned());
        assert!(wrong.status >= 400);
    }
    let security = NewUser {
        name: "security".into(),
        department: "test".into(),
        roles: vec![Role::SecurityAdmin],
        password: PASSWORD.into(),
        staff_number: None,
        sources: Sources::Any,
    };
    service.registry.create_user(&Actor::operator("test"), &security).expect("a user");
    let security = signed_in_as(&service, "security");
    let page = security.get("/office/alarms");
    assert!(
        page.status == 200 && page.text.contains("A sign-in failed five times") && page.text.contains("/office/accounts"),
        "{}",
        page.text
    );
    let chinese = security.with("Accept-Language", "zh").get("/office/alarms");
    assert!(chinese.text.contains("连续五次登录失败"), "{}", chinese.text);
}

#[test]
fn the_files_of_the_pages_are_served() {
    let service = Service::sqlite();
    for (file, media_type) in [("console.css", "text/css"), ("console.js", "text/javascript"), ("jiku.svg", "image/svg+xml")] {
        let answer = service.stranger().get(&format!("/assets/{file}"));
        assert!(answer.status == 200 && answer.header("content-type").starts_with(media_type), "{file}");
    }
    assert_eq!(service.stranger().get("/assets/nothing.js").status, 404);
    let library = "/assets/vendor/maplibre-gl-6.17.0/maplibre-gl.mjs";
    let plain = service.stranger().get(library);
    let packed = service.stranger().with("Accept-Encoding", "gzip").get(library);
    assert!(plain.status == 200 && plain.header("content-type").starts_with("text/javascript") && plain.text.len() > 1_000_000);
    assert_eq!((packed.status, packed.header("content-encoding")), (200, "gzip"));
    assert!(packed.header("cache-control").contains("immutable"));
}

#[test]
fn a_steward_answers_a_task_on_its_page() {
    let service = Service::sqlite();
    service.make_steward();
    let source = service.caller(&[Role::Source]);
    for (system, date) in [("gongan", "1988-08-18"), ("weijian", "1988-08-19")] {
        let record = json!({ "source": system, "source_key": "1", "name": "慕容复", "birth_date": date });
        source.post("/api/v1/persons/records", &record).expect(200);
    }
    let steward = signed_in(&service);
    let list = steward.get("/reviews");
    let address = list.text.split('"').find(|text| text.starts_with("/reviews/0")).expect("a task waits").to_owned();
    let page = steward.get(&format!("{address}?unmask=true"));
    assert!(page.text.contains("<svg") && page.text.contains("<mark>8</mark>") && page.text.contains("<mark>9</mark>"), "{}", page.text);
    let tag = page.text.split("name=\"if_match\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("the versions seen");
    let tag = tag.replace("&#34;", "\"").replace("&quot;", "\"");
    let body = format!("verdict=positive&comment=&if_match={}", encode(&tag));
    assert_eq!(
        form(&steward, &address, format!("verdict=positive&if_match={}", encode("\"x\""))).status,
        412,
        "an old page decides nothing"
    );
    let assignment = format!("{address}/assignment");
    assert!(steward.get(&assignment).text.contains("No other steward reaches this task"), "nobody else is there");
    let refused = form(&steward, &assignment, "to=nobody".to_owned());
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("There is no such steward for this task"), "{}", refused.text);
    let put = |body| steward.clone().with("Sec-Fetch-Site", "same-origin").put(&format!("/api/v1{assignment}"), body);
    let told = put(&json!({ "assigned_to": "nobody" })).expect(422);
    assert_eq!((&told["type"], &told["pointer"]), (&json!("/problems/no-such-steward"), &json!("/assigned_to")), "{told}");
    assert_eq!(form(&steward, &assignment, "take=1".to_owned()).header("location"), address);
    assert!(steward.get(&address).text.contains("taken by steward"));
    assert!(steward.get("/").text.contains("href=\"/reviews?mine=1\""), "the first page says so");
    let decided = form(&steward, &address, body);
    assert_eq!((decided.status, decided.header("location")), (303, "/reviews"), "{}", decided.text);
    assert!(steward.get("/reviews").text.contains("Nothing waits"));
    assert!(steward.get(&address).text.contains("This task has been answered"));
}

#[test]
fn scripts_of_our_pages_call_the_api_with_the_session_and_nobody_elses_do() {
    let service = Service::sqlite();
    service.make_steward();
    let page = signed_in(&service).with("Accept", "application/json");
    assert_eq!(page.get("/api/v1/sessions/current").expect(200)["principal"], "steward");
    let ask = |caller: &Caller<'_>| caller.post("/api/v1/persons/search", &json!({ "name": "张伟" })).status;
    let own = page.clone().with("Origin", &format!("http://{}", service.address()));
    assert_eq!(ask(&own), 200, "with the purpose chosen at sign-in");
    assert_eq!(ask(&page.clone().with("Sec-Fetch-Site", "same-origin")), 200);
    for other in [
        page.clone(),
        page.clone().with("Origin", "http://elsewhere.example"),
        page.clone().with("Origin", "null"),
        page.clone().with("Sec-Fetch-Site", "cross-site"),
        page.clone().with("Sec-Fetch-Site", "same-site"),
        own.with("Authorization", "Bearer jk_wrong"),
    ] {
        assert_eq!(ask(&other), 401);
    }
    assert_eq!(page.with("Sec-Fetch-Site", "cross-site").get("/api/v1/stats").status, 401);
}

#[test]
fn who_is_signed_in_keeps_the_ways_around_a_refusal_and_who_is_not_is_led_back() {
    let service = Service::sqlite();
    service.make_steward();
    let steward = signed_in(&service);
    for (path, status) in [("/office/audit", 403), ("/somewhere/else", 404), ("/persons/0190a7a0-0000-7000-8000-000000000001", 404)] {
        let page = steward.get(path);
        assert_eq!(page.status, status, "{path}");
        assert!(page.text.contains("href=\"/reviews\"") && page.text.contains("/sign-out"), "{path}: {}", page.text);
    }
    let chinese = steward.clone().with("Accept-Language", "zh-CN");
    for (path, said) in [
        ("/persons/x", "地址中的标识格式不对"),
        ("/reviews?min=x", "地址中的参数：min"),
        ("/reviews?nothing=1", "地址中有一个不认识的条件"),
        ("/persons/merge", "地址中的参数：ids"),
    ] {
        let page = chinese.get(path);
        let main = page.text.split("<details>").next().unwrap_or_default();
        assert!(main.contains(said) && !main.contains("must be") && !main.contains("UUID"), "{path}: {}", page.text);
    }
    let visitor = service.stranger().with("Accept", "text/html,*/*;q=0.8").with("Accept-Language", "en");
    assert!(!visitor.get("/somewhere/else").text.contains("href=\"/reviews\""), "a stranger is shown no ways");
    let asked = visitor.get("/reviews?kind=person").header("location").to_owned();
    assert_eq!(asked, "/sign-in?next=%2Freviews%3Fkind%3Dperson");
    assert!(visitor.get(&asked).text.contains("name=\"next\" value=\"/reviews?kind=person\""));
    let sign_in = |next: &str| {
        let body = format!("name=steward&password={}&purpose=data-stewardship&next={}", encode(PASSWORD), encode(next));
        form(&visitor, "/sign-in", body).header("location").to_owned()
    };
    assert_eq!(sign_in("/reviews?kind=person"), "/reviews?kind=person");
    assert_eq!(sign_in("//elsewhere.example/"), "/", "and nowhere else");
}

#[test]
fn the_page_of_a_parcel_tells_its_rights_with_their_holders() {
    let service = Service::sqlite();
    service.make_steward();
    let number = identity_number("44010619850512102");
    let holder = json!({ "source": "gongan", "source_key": "1", "name": "张晓明", "id_number": number, "birth_date": "1985-05-12" });
    let person =
        service.caller(&[Role::Source]).post("/api/v1/persons/records", &holder).expect(200)["entity"].as_str().expect("an id").to_owned();
    let parcel = json!({ "values": { "parcel_code": "440106001001GB00001", "rights": [
        { "right_type": "国有建设用地使用权", "right_holder": "张晓明", "right_holder_id": number, "right_share": "1/2", "valid_from": "2020-01-01" },
        { "right_type": "抵押权", "right_holder": "某某银行" },
    ] }, "geometry": { "type": "Polygon", "coordinates": [[[113.3, 23.1], [113.301, 23.1], [113.301, 23.101], [113.3, 23.101], [113.3, 23.1]]] } });
    let made = service.caller(&[Role::GisEditor]).post("/api/v1/parcels", &parcel);
    let id = made.header("location").rsplit('/').next().filter(|id| id.len() == 36).unwrap_or_else(|| panic!("{}", made.text)).to_owned();
    let steward = signed_in(&service);
    let masked = steward.get(&format!("/parcels/{id}"));
    assert!(masked.text.contains(&format!("/persons/{person}")) && !masked.text.contains(&number), "{}", masked.text);
    let page = steward.get(&format!("/parcels/{id}?unmask=true"));
    for told in
        ["Rights, restrictions", "国有建设用地使用权", "1/2", "2020-01-01 –", "restriction", "某某银行", "not found among people", &number]
    {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
}

#[test]
fn the_office_looks_back_over_what_administrators_did_and_over_the_change_log() {
    let service = Service::sqlite();
    service.make_steward();
    for name in ["auditor", "auditress"] {
        let auditor = NewUser {
            name: name.into(),
            department: "test".into(),
            roles: vec![Role::Auditor],
            password: PASSWORD.into(),
            staff_number: None,
            sources: Sources::default(),
        };
        service.registry.create_user(&Actor::operator("test"), &auditor).expect("a user");
    }
    let rows: Vec<_> = (0..130).map(|row| json!({ "source": "gongan", "source_key": row.to_string(), "name": format!("慕容{}", char::from_u32(0x6c5f + row).unwrap_or('复')), "birth_date": format!("19{:02}-03-08", 20 + row % 70) })).collect();
    service.caller(&[Role::Source]).post("/api/v1/persons/records", &json!(rows)).expect(202);
    let auditor = signed_in_as(&service, "auditor");
    let acts = auditor.get("/office/acts");
    assert!(acts.status == 200 && acts.text.contains("user made or changed") && acts.text.contains("auditress"), "{}", acts.text);
    assert!(auditor.clone().with("Accept-Language", "zh").get("/office/acts").text.contains("建立或修改用户"));
    assert_eq!(signed_in(&service).get("/office/acts").status, 403, "for the auditor alone");

    let positions = |page: &Answer| -> Vec<i64> {
        page.text.split("<tr><td class=\"number\">").skip(1).filter_map(|rest| rest.split('<').next()?.parse().ok()).collect()
    };
    let (mut next, mut seen) = (Some("/office/audit".to_owned()), Vec::new());
    while let Some(address) = next {
        let page = auditor.get(&address);
        assert_eq!(page.status, 200, "{}", page.text);
        seen.extend(positions(&page));
        next = page
            .text
            .split("href=\"")
            .find(|rest| rest.starts_with("/office/audit?before="))
            .and_then(|rest| rest.split('"').next())
            .map(str::to_owned);
        assert!(seen.len() <= 1_000, "the log has an end");
    }
    assert!(seen.len() >= 100 && seen.is_sorted_by(|later, earlier| later > earlier), "newest first, each once: {seen:?}");
    assert_eq!(seen.len(), service.registry.changes(&Actor::operator("test"), 0, 10_000).expect("changes").len(), "and every one");
    assert_eq!(auditor.get("/office/audit?before=0").status, 400);
}

#[test]
fn other_thresholds_are_previewed_without_holding_the_request() {
    let service = Service::sqlite();
    service.make_steward();
    let steward = signed_in(&service);
    let begun = form(&steward, "/models/preview", "kind=person&link=30&review=".to_owned());
    let address = begun.header("location").to_owned();
    assert!(begun.status == 303 && address.starts_with("/models?kind=person&preview="), "{} {address}", begun.text);
    let address = address.split('#').next().expect("an address").to_owned();
    let told = (0..300).find_map(|_| {
        let page = steward.get(&address);
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("name=\"link\" type=\"number\" step=\"0.5\" value=\"30\""), "{}", page.text);
        let done = !page.text.contains("data-poll");
        if !done {
            std::thread::sleep(Duration::from_millis(100));
        }
        done.then_some(page.text)
    });
    let told = told.expect("it ends");
    assert!(told.contains("nothing has changed yet") && told.contains("+30.00 / +0.00"), "{told}");
    let text = "name = \n# typed, and wrong";
    let begun = form(&steward, "/models", format!("kind=person&act=preview&model={}", encode(text)));
    let address = begun.header("location").split('#').next().expect("an address").to_owned();
    let refused = (0..300).find_map(|_| Some(steward.get(&address).text).filter(|page| page.contains("No preview:")));
    assert!(refused.is_some_and(|page| page.contains("# typed, and wrong</textarea>")), "it is put right, not pasted again");
    let other = signed_in(&service);
    assert_eq!(form(&other, "/models/preview", "kind=person&link=high".to_owned()).status, 400);
    assert_eq!(form(&other, "/models/preview", "kind=person".to_owned()).status, 400);
}

/// What is typed into a page is on every page of its preview, also on the one that is shown while it runs.
fn check_that_typed_rules_stay(service: &Service) {
    service.make_steward();
    let office = signed_in(service);
    let in_use = service.caller(&[Role::DataOffice]).get("/api/v1/survivorship/persons/toml").text;
    let preview = |typed: &str, ended: &str| {
        let begun = form(&office, "/survivorship", format!("kind=person&act=preview&toml={}", encode(typed)));
        assert_eq!(begun.status, 303, "{}", begun.text);
        let address = begun.header("location").split('#').next().expect("an address").to_owned();
        (0..300)
            .find_map(|_| {
                let page = office.get(&address).text;
                let field = page.split("id=\"toml\"").nth(1).and_then(|rest| rest.split_once('>')?.1.split("</textarea>").next());
                assert!(field.is_some_and(|field| field.contains("# typed, not in use")), "{page}");
                let done = !page.contains("id=\"preview\" aria-live=\"polite\" data-poll");
                assert!(!done || page.contains(ended), "{page}");
                if !done {
                    std::thread::sleep(Duration::from_millis(20));
                }
                done.then_some(address.clone())
            })
            .expect("it ends")
    };
    let address = preview(&format!("{in_use}\n# typed, not in use\n"), "nothing has changed yet");
    assert_eq!(office.get(&address.replace("kind=person", "kind=parcel")).status, 404, "rules of people are no rules of parcels");
    preview("name = \n# typed, not in use", "No preview:");
    // Who looks at the rules without a preview sees those in use.
    assert!(!office.get("/survivorship?kind=person").text.contains("# typed, not in use"));
}

#[test]
fn rules_that_are_typed_stay_while_and_after_they_are_previewed() {
    check_that_typed_rules_stay(&Service::sqlite());
    if let Some(service) = Service::postgres() {
        check_that_typed_rules_stay(&service);
    }
}

#[test]
fn what_is_no_more_says_why_and_leads_to_its_history() {
    let service = Service::sqlite();
    service.make_steward();
    let source = service.caller(&[Role::Source]);
    let record = json!({ "source": "gongan", "source_key": "1", "name": "张晓明", "birth_date": "1985-05-12" });
    let person = source.post("/api/v1/persons/records", &record).expect(200)["entity"].as_str().expect("an id").to_owned();
    assert!(source.send("DELETE", "/api/v1/sources/gongan/persons/1", b"").status < 300);
    let page = signed_in(&service).get(&format!("/persons/{person}"));
    assert_eq!(page.status, 410, "{}", page.text);
    assert!(page.text.contains("all its source records were withdrawn") && page.text.contains(&format!("/persons/{person}/history")));

    let editor = service.caller(&[Role::GisEditor]);
    let square = json!([[[113.3, 23.1], [113.301, 23.1], [113.301, 23.101], [113.3, 23.101], [113.3, 23.1]]]);
    let made = editor
        .post("/api/v1/parcels", &json!({ "values": { "land_use": "0701" }, "geometry": { "type": "Polygon", "coordinates": square } }));
    let place = made.header("location").to_owned();
    let line = json!({ "line": { "type": "LineString", "coordinates": [[113.3005, 23.099], [113.3005, 23.102]] } });
    let parts = editor.clone().with("If-Match", made.header("etag")).post(&format!("{place}/split"), &line);
    let page = signed_in(&service).get(&place.replace("/api/v1", ""));
    assert!(page.status == 410 && page.text.contains("This parcel was split"), "{} {}", parts.text, page.text);
    assert_eq!(page.text.matches("<li><a href=\"/parcels/").count(), 2, "{}", page.text);
}

#[test]
fn a_pair_that_takes_two_stewards_is_proposed_and_the_next_task_follows() {
    let service = Service::sqlite();
    service.make_steward();
    let sender = service.caller(&[Role::Source]);
    for (day, name) in [(1, "欧阳静"), (2, "司徒琳")] {
        for sequence in ["102", "246"] {
            let record = json!({
                "source": format!("yuan{sequence}"), "source_key": day.to_string(), "name": name, "phone": format!("1380013800{day}"),
                "id_number": identity_number(&format!("4401061985051{day}{sequence}")), "birth_date": format!("1985-05-1{day}"),
            });
            sender.post("/api/v1/persons/records", &record).expect(200);
        }
    }
    let tasks = service.caller(&[Role::Steward]).get("/api/v1/reviews").expect(200);
    let task = |at: usize| format!("/reviews/{}", tasks["items"][at]["id"].as_str().expect("two tasks"));
    let steward = signed_in(&service);
    let page = steward.get(&format!("{}?unmask=true", task(0)));
    let hidden = |page: &Answer, name: &str| {
        let value = page.text.split(&format!("name=\"{name}\" value=\"")).nth(1).and_then(|rest| rest.split('"').next());
        encode(
            &value
                .unwrap_or_else(|| panic!("a field {name} in {}", page.text))
                .replace("&#34;", "\"")
                .replace("&quot;", "\"")
                .replace("&#38;", "&")
                .replace("&amp;", "&"),
        )
    };
    let verdict = format!("verdict=positive&if_match={}&place={}", hidden(&page, "if_match"), hidden(&page, "place"));
    let sent = form(&steward, &format!("{}?unmask=true", task(0)), verdict);
    let preview = steward.get(sent.header("location"));
    assert!(preview.text.contains("This merge takes two stewards") && preview.text.contains(&task(1)), "{} {}", sent.text, preview.text);
    let fields = ["ids", "if_match", "then"].map(|name| format!("{name}={}", hidden(&preview, name))).join("&");
    let proposed = form(&steward, "/persons/merge", format!("act=propose&{fields}"));
    assert!(proposed.header("location").starts_with(&task(1)), "{} {}", proposed.status, proposed.text);
    let next = steward.get(proposed.header("location"));
    assert!(next.text.contains("The one before was proposed to another steward"), "{}", next.text);
}
