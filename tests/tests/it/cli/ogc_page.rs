//! Do the requests of the page for GIS programs work as they stand there?

use std::net::TcpListener;
use std::process::Command;

use jiku_tests::binary::{jiku, repository};

use super::folder;

/// The indented lines of a section.
fn block(page: &str, section: &str) -> String {
    let inside = page.split(&format!("\n## {section}\n")).nth(1).expect("the section is there");
    let inside = inside.split("\n## ").next().unwrap_or_default();
    inside.lines().filter_map(|line| line.strip_prefix("    ")).flat_map(|line| [line, "\n"]).collect()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
    listener.local_addr().expect("a bound address").port()
}

#[test]
fn a_parcel_is_created_patched_replaced_and_deleted_as_the_page_says() {
    let page = std::fs::read_to_string(repository().join("docs/ogc.md")).expect("the page is there");
    // Of each request the status is told, in place of the body that a reader of the page would see.
    let requests = block(&page, "Edits")
        .replace("8080", &free_port().to_string())
        .replace("\ncurl -X", "\ncurl -s -o body.json -w '%{http_code}\\n' -X");
    let script = format!("trap 'kill $! 2> killed.txt || true' EXIT\n{requests}");
    let place = folder();
    let path = format!("{}:{}", jiku().parent().expect("a folder").display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    shell.args(["-euc", &script]).current_dir(place.path()).env("PATH", path);
    let ran = shell.output().expect("a shell runs");
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{script}\n{out}\n{err}");
    let told: Vec<&str> = out.lines().filter(|line| line.len() == 3).collect();
    assert_eq!(told, ["200", "200", "204"], "{script}\n{out}\n{err}");
}
