//! Is every row of the catalogue answered as it says?

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use jiku_model::Sensitivity;
use jiku_registry::{Actor, Limits, Role};
use serde::Deserialize;
use serde_json::Value;

use super::super::service::{Answer, Caller, Service};
use super::steward;
use super::texts::{Kept, bytes, text};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    /// What the rows find in the base.
    setup: Vec<Trial>,
    row: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    input: String,
    expected: String,
    /// Why something is answered otherwise than was promised.
    why: Option<String>,
    /// Tests of what no single request shows.
    #[serde(default)]
    held_by: Vec<String>,
    #[serde(default)]
    trial: Vec<Trial>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trial {
    send: Option<String>,
    raw: Option<String>,
    #[serde(rename = "as", default = "usual_caller")]
    by: String,
    #[serde(rename = "type", default = "usual_type")]
    media_type: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<String>,
    status: u16,
    problem: Option<String>,
    #[serde(default)]
    shows: BTreeMap<String, Value>,
    #[serde(default)]
    differs: BTreeMap<String, Value>,
    #[serde(default)]
    head: BTreeMap<String, String>,
    told: Option<String>,
    untold: Option<String>,
    #[serde(default)]
    keep: BTreeMap<String, String>,
    /// What the catalogue thought, where it is answered otherwise.
    promised: Option<String>,
    until: Option<u16>,
    times: Option<usize>,
    within_ms: Option<u64>,
}

fn usual_caller() -> String {
    "steward".to_owned()
}

fn usual_type() -> String {
    "application/json".to_owned()
}

fn catalogue() -> Catalogue {
    toml::from_str(include_str!("../../../../../fixtures/bad-input/catalogue.toml")).expect("the catalogue reads")
}

/// What came back.
struct Told {
    status: u16,
    problem: String,
    body: Value,
    /// Head and body, as far as they are known.
    text: String,
    head: Box<dyn Fn(&str) -> String>,
}

impl Told {
    fn of(answer: Answer) -> Self {
        let (problem, body) = (answer.problem(), answer.json());
        let headers = answer.headers;
        let head = move |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
        Self { status: answer.status, problem, body, text: answer.text, head: Box::new(head) }
    }

    /// What came back for a request by hand.
    fn raw((status, text): (u16, String)) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let problem = body["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).unwrap_or_default().to_owned();
        let lines: Vec<(String, String)> = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let head = move |name: &str| lines.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default();
        Self { status, problem, body, text: text.to_lowercase(), head: Box::new(head) }
    }
}

/// A running server and who asks it.
struct Desk<'a> {
    service: &'a Service,
    callers: BTreeMap<&'static str, Caller<'a>>,
    kept: Kept,
}

impl<'a> Desk<'a> {
    fn new(service: &'a Service) -> Self {
        let of = |department: &str, roles: &[Role]| service.caller_of(department, roles);
        let limited = |department: &str, limits: Limits| {
            let caller = of(department, &[Role::Reader, Role::GisEditor, Role::DataOffice]);
            let name = caller.get("/api/v1/sessions/current").expect(200)["principal"].as_str().expect("a name").to_owned();
            service.registry.set_limits(&Actor::operator("test"), &name, &limits).expect("limits");
            caller
        };
        let callers = BTreeMap::from([
            ("steward", steward(service)),
            ("stranger", service.stranger()),
            ("proposer", service.user("north", &[Role::Steward, Role::Reader], None)),
            ("second", service.user("south", &[Role::Steward, Role::Reader], None)),
            ("editor", of("land", &[Role::GisEditor, Role::Reader])),
            ("another", of("another", &[Role::Source])),
            ("walker", of("walker", &[Role::Reader])),
            ("counting", of("counting", &[Role::Verifier])),
            ("auditor", of("audit", &[Role::Auditor])),
            ("elsewhere", limited("elsewhere", Limits { divisions: vec!["4403".to_owned()], ..Limits::default() })),
            ("low", limited("low", Limits { filter: Sensitivity::Public, sort: Sensitivity::Public, ..Limits::default() })),
            ("bank", limited("bank", Limits { daily_persons: Some(2), ..Limits::default() })),
        ]);
        // Limits hold from the next look at the account on.
        std::thread::sleep(Duration::from_millis(1_100));
        Self { service, callers, kept: Kept::new() }
    }

    fn ask(&mut self, trial: &Trial) -> Told {
        let mut caller = self.callers.get(trial.by.as_str()).unwrap_or_else(|| panic!("nobody is called {}", trial.by)).clone();
        self.kept.insert("credentials".to_owned(), caller.head());
        if let Some(raw) = &trial.raw {
            return Told::raw(self.service.raw(&bytes(raw, &self.kept)));
        }
        if trial.body.is_some() {
            caller = caller.with("Content-Type", &trial.media_type);
        }
        for (name, value) in &trial.headers {
            caller = match value.as_str() {
                "<<none>>" => caller.without(name),
                value => caller.with(name, &text(value, &self.kept)),
            };
        }
        let send = trial.send.as_deref().expect("send or raw");
        let (method, path) = send.split_once(' ').expect("a method and a path");
        let mut step = 0;
        loop {
            self.kept.insert("step".to_owned(), format!("{step:03}"));
            let body = trial.body.as_deref().map(|body| bytes(body, &self.kept)).unwrap_or_default();
            let told = Told::of(caller.send(method, &text(path, &self.kept), &body));
            step += 1;
            if trial.until != Some(told.status) || Some(step) >= trial.times {
                return told;
            }
        }
    }

    /// What is not as the trial says; what it keeps is known from here on.
    fn fails(&mut self, trial: &Trial) -> Vec<String> {
        let begun = Instant::now();
        let told = self.ask(trial);
        let taken = begun.elapsed();
        let mut wrong = Vec::new();
        let problem = trial.problem.as_deref().unwrap_or_default();
        if told.status != trial.status || (trial.status >= 400 && told.problem != problem) {
            wrong.push(format!("{} {problem} is expected, {} {} came", trial.status, told.status, told.problem));
        }
        if told.status >= 400 && told.text.len() > 20_000 {
            wrong.push("a refusal repeats what was sent".to_owned());
        }
        if trial.within_ms.is_some_and(|most| taken > Duration::from_millis(most)) {
            wrong.push(format!("it took {taken:?}"));
        }
        let expected = |value: &Value| match value {
            Value::String(value) if value == "<<absent>>" => Value::Null,
            Value::String(value) => text(value, &self.kept).into(),
            other => other.clone(),
        };
        let found = |pointer: &str| told.body.pointer(pointer).cloned().unwrap_or_default();
        for (pointer, value) in &trial.shows {
            if found(pointer) != expected(value) {
                wrong.push(format!("{pointer} should be {}, not {}", expected(value), found(pointer)));
            }
        }
        for (pointer, value) in &trial.differs {
            if found(pointer).is_null() || found(pointer) == expected(value) {
                wrong.push(format!("{pointer} should be another than {}", expected(value)));
            }
        }
        for (name, value) in &trial.head {
            let found = (told.head)(name);
            if if value == "<<some>>" { found.is_empty() } else { found != text(value, &self.kept) } {
                wrong.push(format!("the header {name} is {found:?}"));
            }
        }
        if trial.told.as_ref().is_some_and(|word| !told.text.contains(word.as_str())) {
            wrong.push("a word is not told".to_owned());
        }
        if trial.untold.as_ref().is_some_and(|word| told.text.contains(word.as_str())) {
            wrong.push("a word is told".to_owned());
        }
        for (name, pointer) in &trial.keep {
            match told.body.pointer(pointer) {
                Some(Value::String(value)) => drop(self.kept.insert(name.clone(), value.clone())),
                other => wrong.push(format!("{name} is to be kept and is {other:?}")),
            }
        }
        if !wrong.is_empty() {
            wrong.push(told.text.chars().take(600).collect());
        }
        wrong
    }
}

fn ask_all(service: &Service) {
    let catalogue = catalogue();
    let mut desk = Desk::new(service);
    let mut wrong = Vec::new();
    for trial in &catalogue.setup {
        let fails = desk.fails(trial);
        assert!(fails.is_empty(), "{fails:?}");
    }
    for row in &catalogue.row {
        for (number, trial) in (1..).zip(&row.trial) {
            let fails = desk.fails(trial);
            if !fails.is_empty() {
                wrong.push(format!("{} ({}), trial {number}: {}", row.id, row.input, fails.join("; ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} trials are not answered as the catalogue says:\n{}", wrong.len(), wrong.join("\n"));
    // A row about what brings a service down is over when the next one is answered, and nothing of it was a fault of ours.
    let metrics = service.stranger().get("/metrics").text;
    assert!(!metrics.contains("status=\"5xx\""), "{metrics}");
}

#[test]
fn every_row_is_answered_as_it_says_on_sqlite() {
    ask_all(&Service::sqlite());
}

#[test]
fn every_row_is_answered_as_it_says_on_postgres() {
    if let Some(service) = Service::postgres() {
        ask_all(&service);
    }
}

/// Whether a test is there: `web::rights::name` in the tests of the whole, `jiku-text::masking::tests::name` in a crate.
fn exists(test: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
    let (modules, name) = test.rsplit_once("::").expect("modules and a name");
    let (folder, modules) = match modules.strip_prefix("jiku-").and_then(|rest| rest.split_once("::")) {
        Some((named, inner)) => (root.join("crates").join(named).join("src"), inner.trim_end_matches("::tests")),
        None => (root.join("tests/tests/it"), modules),
    };
    let place = folder.join(modules.replace("::", "/"));
    let files = [place.with_extension("rs"), place.join("mod.rs")];
    let text = files.iter().find_map(|file| std::fs::read_to_string(file).ok()).unwrap_or_default();
    text.contains(&format!("fn {name}("))
}

#[test]
fn every_row_is_there_and_says_why_it_is_answered_otherwise() {
    let catalogue = catalogue();
    let ids: Vec<&str> = catalogue.row.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, (1..=100).map(|number| format!("B{number}")).collect::<Vec<_>>());
    for row in &catalogue.row {
        let id = &row.id;
        assert!(!row.input.is_empty() && !row.expected.is_empty() && (!row.trial.is_empty() || !row.held_by.is_empty()), "{id}");
        for test in &row.held_by {
            assert!(exists(test), "{id}: there is no test {test}");
        }
        let otherwise = row.trial.iter().any(|trial| trial.promised.is_some());
        assert_eq!(otherwise, row.why.is_some(), "{id}: whoever answers otherwise says why, and nobody else");
        for trial in &row.trial {
            let answered = format!("{} {}", trial.status, trial.problem.as_deref().unwrap_or_default());
            assert_ne!(trial.promised.as_deref(), Some(answered.trim()), "{id}: what is answered as promised needs no excuse");
            // What is answered as promised is in the catalogue's own words.
            let said = |word: &str| row.expected.contains(word);
            let as_promised = trial.promised.is_none() && trial.problem.as_deref().is_some_and(|slug| !said(slug));
            assert!(
                !as_promised || UNNAMED.contains(&(id.as_str(), trial.problem.as_deref().unwrap_or_default())),
                "{id}: {answered} was not promised"
            );
        }
    }
}

/// Problems of rows that promise a status without a name, or that say more than the row asks.
const UNNAMED: &[(&str, &str)] = &[
    ("B17", "content-coding"),
    ("B37", "not-found"),
    ("B93", "idempotency-key-invalid"),
    ("B95", "precondition-required"),
    ("B95", "if-match-invalid"),
];
