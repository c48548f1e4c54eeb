//! Is the published description of the API the one the code gives?

use std::fs;

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
