//! Does every problem type lead to a page that says what it means and what to do?

use std::fs;
use std::path::Path;

use jiku_registry::Role;
use jiku_tests::binary::repository;
use jiku_web::problem_types;

use super::service::Service;

/// The page of the manual, from the list of the code.
fn manual() -> String {
    let mut page = "# Problem types\n\nEvery error is a problem (RFC 9457). The last part of its `type` is one of these words; the status is the usual one. \
                    The same words stand in `errors`\nof a problem and in reports of rows, without a status of their own. A running service tells them at `/problems`. \
                    This page is written from the code's own list.\n\n| type | status | what it means | what to do |\n|---|---|---|---|\n"
        .to_owned();
    for found in problem_types() {
        page.push_str(&format!("| `{}` | {} | {} | {} |\n", found.slug, found.status, found.title, found.advice));
    }
    page
}

#[test]
fn the_manual_lists_every_problem_type() {
    let file = repository().join("docs/problems.md");
    if std::env::var_os("JIKU_BLESS").is_some() {
        fs::write(&file, manual()).expect("written");
        return;
    }
    assert_eq!(fs::read_to_string(&file).unwrap_or_default(), manual(), "a problem type has come, gone or changed: run with JIKU_BLESS=1");
}

#[test]
fn a_type_leads_to_a_page_for_people_and_to_json_for_programs() {
    let service = Service::sqlite();
    let stranger = service.stranger();
    let refused = service.caller(&[Role::Reader]).get("/api/v1/persons/nobody");
    let address = refused.json()["type"].as_str().expect("a type").to_owned();
    let told = stranger.get(&address).expect(200);
    assert_eq!((&told["type"], told["status"].as_u64()), (&refused.json()["type"], Some(u64::from(refused.status))));
    assert!(told["advice"].as_str().is_some_and(|advice| !advice.is_empty()), "{told}");
    let browser = stranger.clone().with("Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    let page = browser.get(&address);
    assert!(page.header("content-type").starts_with("text/html") && page.text.contains("what to do"), "{}", page.text);
    let all = browser.get("/problems");
    for found in problem_types() {
        assert!(all.text.contains(&format!("href=\"/problems/{}\"", found.slug)), "{} is not on the page", found.slug);
    }
    assert_eq!(stranger.get("/problems").expect(200).as_array().map(Vec::len), Some(problem_types().len()));
    assert_eq!(stranger.get("/problems/no-such-type").status, 404);
    // The page of the interface shows what its description says.
    let description = stranger.get("/api/openapi.json").expect(200);
    assert_eq!(description["externalDocs"]["url"], "/problems");
}

/// What stands in the code behind the words by which problems are made.
fn raised(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            raised(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a source");
            // What tests make up is raised by nobody.
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            for (words, within) in [
                ("conflict(", 1),
                ("Conflict { code: ", 1),
                ("Unavailable { code: ", 1),
                ("Exhausted { code: ", 1),
                ("Problem::domain(", 1),
                ("RegistryError::invalid(", 2),
                ("refused(\"", 0),
            ] {
                for piece in text.split(words).skip(1) {
                    let piece = if within == 0 { format!("\"{piece}") } else { piece.chars().take(120).collect() };
                    let quoted: Vec<&str> = piece.split('"').skip(1).step_by(2).take(within.max(1)).collect();
                    let is_code = |word: &&&str| word.contains('-') && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
                    let codes = quoted.iter().filter(is_code).map(|code| ((*code).to_owned(), path.display().to_string()));
                    found.extend(codes);
                }
            }
        }
    }
}

#[test]
fn every_type_that_is_raised_is_on_the_list() {
    let mut found = Vec::new();
    for name in ["registry", "web"] {
        raised(&repository().join("crates").join(name).join("src"), &mut found);
    }
    assert!(found.len() > 60, "the words by which problems are made have changed: {}", found.len());
    // Over HTTP these are told as `version-stale`, which every stale precondition is.
    found.retain(|(code, _)| !matches!(code.as_str(), "model-stale" | "survivorship-stale"));
    let missing: Vec<_> = found.iter().filter(|(code, _)| problem_types().iter().all(|known| known.slug != *code)).collect();
    assert!(missing.is_empty(), "say what these mean and what to do, in problem_types.rs: {missing:?}");
}
