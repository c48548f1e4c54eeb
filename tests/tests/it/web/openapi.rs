//! Is the published description of the API the one the code gives?

use std::fs;

use jiku_model::{Kind, Sensitivity};
use jiku_registry::{Role, columns};
use jiku_tests::binary::repository;

use super::service::Service;

#[test]
fn the_published_description_is_the_one_the_code_gives() {
    let file = repository().join("docs/openapi.json");
    let now = jiku_web::openapi_json() + "\n";
    if std::env::var_os("JIKU_BLESS").is_some() {
        fs::write(&file, &now).expect("docs/ can be written");
    }
    let published = fs::read_to_string(&file).expect("docs/openapi.json is there");
    assert!(published == now, "the API has changed: look at the change, then run with JIKU_BLESS=1 to publish it");
}

#[test]
fn nothing_of_a_person_belongs_into_an_address() {
    // A holder's own name is a person's, and so is what else somebody is called.
    let personal: Vec<&str> = Kind::ALL
        .into_iter()
        .flat_map(|kind| columns(kind).iter().filter(|column| column.sensitivity >= Sensitivity::Personal))
        .map(|column| column.name)
        .chain(["number", "q", "query", "text", "record"])
        .collect();
    assert!(personal.contains(&"id_number") && personal.contains(&"birth_date"), "{personal:?}");
    let service = Service::sqlite();
    let mut seen = 0;
    for path in ["/api/openapi.json", "/ogc/api"] {
        let description = service.caller(&[Role::Reader]).get(path).expect(200);
        for (path, methods) in description["paths"].as_object().expect("paths") {
            for (method, operation) in methods.as_object().expect("methods") {
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    let (place, name) = (parameter["in"].as_str().unwrap_or(""), parameter["name"].as_str().unwrap_or(""));
                    // The name of an account is no citizen's.
                    let is_account = place == "path" && path.starts_with("/api/v1/principals/");
                    // When a parcel is retired: whether they end, not whose they are.
                    let is_a_word = parameter["description"].as_str().is_some_and(|told| told.starts_with("end (usual) or block"));
                    let is_a_county = path == "/collections/divisions/items" && name == "name";
                    assert!(is_account || is_a_word || is_a_county || !personal.contains(&name), "{method} {path}: {name} in {place}");
                    seen += usize::from(!name.is_empty());
                }
            }
        }
    }
    assert!(seen > 100, "{seen} parameters");
}

#[test]
fn the_page_to_try_it_needs_no_other_host() {
    let service = Service::sqlite();
    let stranger = service.stranger();
    assert_eq!(stranger.get("/api/openapi.json").expect(200)["openapi"], "3.1.0");
    assert_eq!(stranger.get("/api/docs").header("location"), "/api/docs/");
    let page = stranger.get("/api/docs/");
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    let sources = page.text.split(['"', '\'']).filter(|text| text.starts_with("./") || text.contains("://"));
    let files: Vec<&str> = sources.collect();
    assert!(files.len() >= 3, "{}", page.text);
    for file in files {
        assert!(!file.contains("://"), "{file} lies elsewhere");
        assert_eq!(stranger.get(&format!("/api/docs/{}", &file[2..])).status, 200, "{file}");
    }
}
