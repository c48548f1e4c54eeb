//! How do the browser tests come by a base with people in it, and by users of every role?
//!
//! The real binary makes it once for all of them: a small demo, users by `jiku user`, and one server that ends with the tests.
//! Each test works on records of its own.

use std::io::{BufRead, BufReader};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::Value;
use tempfile::TempDir;

use crate::binary;
use crate::browser::Browser;
use crate::command::{jiku, jiku_reading, sqlite_in};
use crate::leash::Leash;

/// The password of every user of the office.
pub const PASSWORD: &str = "a long password 1";

/// The users, named after what they may do.
const USERS: &[(&str, &[&str])] = &[
    ("steward", &["reader", "source", "steward"]),
    ("colleague", &["reader", "steward"]),
    ("surveyor", &["reader", "source", "gis-editor"]),
    ("office", &["reader", "source", "data-office"]),
    ("auditor", &["auditor"]),
    ("security", &["security-admin"]),
    ("guard", &["reader"]),
    ("doctor", &["reader"]),
];

/// A served base.
#[derive(Debug)]
pub struct Office {
    address: String,
    folder: TempDir,
}

/// The office of the browser tests.
///
/// # Panics
/// When it cannot be made.
#[must_use]
pub fn office() -> &'static Office {
    static SERVER: Mutex<Option<Leash>> = Mutex::new(None);
    static OFFICE: OnceLock<Office> = OnceLock::new();
    OFFICE.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (home, database) = (folder.path().to_str().expect("a UTF-8 path"), sqlite_in(folder.path()));
        jiku(["demo", "--once", "--json", "--people", "300", "--dir", home, "--database", &database]).well();
        for (name, roles) in USERS {
            let mut arguments = vec!["user", "--database", &database, "add", name, "--department", "数据管理局", "--source", "*"];
            arguments.extend(roles.iter().flat_map(|role| ["--role", role]));
            jiku_reading(arguments, &format!("{PASSWORD}\n")).well();
        }
        let binary = binary::jiku().to_str().expect("a UTF-8 path");
        let mut server = Leash::start([binary, "serve", "--json", "--port", "0", "--workers", "2", "--database", &database]);
        let mut line = String::new();
        BufReader::new(server.output()).read_line(&mut line).expect("the server speaks");
        let ready: Value =
            serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: it should say where it answers, said {line:?}"));
        let address = ready["address"].as_str().expect("it says where it answers").to_owned();
        *SERVER.lock().unwrap_or_else(PoisonError::into_inner) = Some(server);
        Office { address, folder }
    })
}

impl Office {
    /// Where it answers.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// A folder for files of tests.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Does a job in a browser of its own as one of the users, and sees that no page asked anything of another host or
    /// complained.
    ///
    /// # Panics
    /// When the job fails, or a page did.
    #[track_caller]
    pub fn visit(&self, user: &str, job: impl FnOnce(&Browser)) {
        let browser = Browser::start(&self.address);
        browser.go("/sign-in");
        browser.fill("input[name=name]", user);
        browser.fill("input[name=password]", PASSWORD);
        browser.click("main form button");
        browser.wait_until("the first page", || browser.place() == "/");
        job(&browser);
        browser.shoot("end");
        let strangers = browser.strangers();
        assert!(strangers.is_empty(), "pages asked other hosts: {strangers:?}");
        let complaints = browser.complaints();
        assert!(complaints.is_empty(), "the browser complained: {complaints:?}");
    }
}
