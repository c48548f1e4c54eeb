//! How does a test get a server, and how does it call it?

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use jiku_registry::{Actor, NewKey, NewUser, Options, Purpose, Registry, Role, Sources};
use jiku_web::{Running, ServeOptions};
use serde_json::Value;
use tempfile::TempDir;
use ureq::Agent;
use ureq::http::{Method, Request, Response};

/// The password of the user `steward`.
pub(crate) const PASSWORD: &str = "a long password 1";

/// A server over a database of its own.
pub(crate) struct Service {
    running: Option<Running>,
    pub(crate) registry: Registry,
    address: String,
    agent: Agent,
    _folder: Option<TempDir>,
}

impl Service {
    /// Over SQLite.
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = format!("sqlite://{}", folder.path().join("base.db").display());
        Self::over(Options::new(database), Some(folder))
    }

    /// Over SQLite, taking edits of GIS programs that do not say which version they were made on.
    pub(crate) fn with_unversioned_edits() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = format!("sqlite://{}", folder.path().join("base.db").display());
        Self::serving(Options::new(database), Some(folder), true)
    }

    /// Over SQLite, with parcels that anybody may see on maps.
    pub(crate) fn with_public_parcels() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = format!("sqlite://{}", folder.path().join("base.db").display());
        Self::over(Options { public_parcels: true, ..Options::new(database) }, Some(folder))
    }

    /// Over SQLite, accepting the tokens of an identity provider.
    pub(crate) fn trusting(oidc: &std::path::Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = format!("sqlite://{}", folder.path().join("base.db").display());
        Self::over(Options { oidc: Some(oidc.to_owned()), ..Options::new(database) }, Some(folder))
    }

    /// Over PostgreSQL; none when it is left out.
    pub(crate) fn postgres() -> Option<Self> {
        jiku_tests::postgres::database().map(|database| Self::over(Options::new(database), None))
    }

    /// Over any.
    pub(crate) fn over(options: Options, folder: Option<TempDir>) -> Self {
        Self::serving(options, folder, false)
    }

    fn serving(options: Options, folder: Option<TempDir>, unversioned_edits: bool) -> Self {
        let registry = Registry::open(options).expect("the registry opens");
        let purpose = Purpose { department: "*".into(), code: "test".into(), title: "test".into() };
        registry.put_purpose(&Actor::operator("test"), &purpose).expect("a purpose");
        let listener = jiku_web::bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
        let options = ServeOptions { workers: Some(2), unversioned_edits, ..ServeOptions::new(registry.clone(), listener) };
        let running = jiku_web::start(options).expect("the server starts");
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(Duration::from_secs(60)));
        let address = running.address().to_string();
        Self { running: Some(running), registry, address, agent: config.build().into(), _folder: folder }
    }

    /// `HOST:PORT`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Somebody with a key for these roles, of the department `test`.
    pub(crate) fn caller(&self, roles: &[Role]) -> Caller<'_> {
        self.caller_of("test", roles)
    }

    /// Somebody with a key for these roles.
    pub(crate) fn caller_of(&self, department: &str, roles: &[Role]) -> Caller<'_> {
        let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        let named = format!("{department}-{}", names.join("+"));
        // A principal has two keys at most: whoever comes later is somebody else.
        let keys = self.registry.list_keys().expect("keys");
        let taken = |name: &str| keys.iter().filter(|key| key.principal == name).count() >= 2;
        let free = |number: usize| if number == 0 { named.clone() } else { format!("{named}-{number}") };
        let key = NewKey {
            principal: (0..).map(free).find(|name| !taken(name)).expect("a name"),
            department: department.to_owned(),
            roles: roles.to_vec(),
            expires_at: None,
            sources: Sources::Any,
        };
        let (_, key) = self.registry.create_key(&Actor::operator("test"), &key).expect("a key");
        Caller { service: self, headers: vec![("Authorization".into(), format!("Bearer {key}")), ("Purpose-Of-Use".into(), "test".into())] }
    }

    /// Somebody who signs in, by an account made for them.
    pub(crate) fn user(&self, name: &str, roles: &[Role], staff_number: Option<&str>) -> Caller<'_> {
        let user = NewUser {
            name: name.to_owned(),
            department: "test".to_owned(),
            roles: roles.to_vec(),
            password: PASSWORD.to_owned(),
            staff_number: staff_number.map(str::to_owned),
            sources: Sources::default(),
        };
        self.registry.create_user(&Actor::operator("test"), &user).expect("a user");
        let token = self.registry.sign_in(name, PASSWORD, None).expect("signed in").token;
        self.stranger().with("Authorization", &format!("Bearer {token}")).with("Purpose-Of-Use", "test")
    }

    /// Somebody with no key.
    pub(crate) fn stranger(&self) -> Caller<'_> {
        Caller { service: self, headers: Vec::new() }
    }

    /// Makes the user `steward` with every role but those of administrators.
    pub(crate) fn make_steward(&self) {
        let user = NewUser {
            name: "steward".into(),
            department: "test".into(),
            roles: working_roles(),
            password: PASSWORD.into(),
            staff_number: None,
            sources: Sources::Any,
        };
        self.registry.create_user(&Actor::operator("test"), &user).expect("a user");
    }

    /// Sends these very bytes and reads the answer to the end of the connection: status and head with body.
    pub(crate) fn raw(&self, bytes: &[u8]) -> (u16, String) {
        let mut socket = TcpStream::connect(&self.address).expect("a connection");
        socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        // A server that refuses early closes while we still write: what it said counts.
        let _ = socket.write_all(bytes);
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        (status, text)
    }
}

impl Service {
    /// Sends these very bytes and goes away without waiting for an answer.
    pub(crate) fn send_and_hang_up(&self, bytes: &[u8]) {
        let mut socket = TcpStream::connect(&self.address).expect("a connection");
        socket.write_all(bytes).expect("sent");
        socket.flush().expect("sent");
        // Long enough that the server has taken in what was sent.
        std::thread::sleep(Duration::from_millis(500));
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().expect("the server stops");
        }
        self.registry.close();
    }
}

/// Every role that goes together: all but the three administrators.
pub(crate) fn working_roles() -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| !role.is_administrator()).collect()
}

/// Somebody who calls.
#[derive(Clone)]
pub(crate) struct Caller<'a> {
    service: &'a Service,
    headers: Vec<(String, String)>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// A header as text; empty when absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// The slug of the problem; empty when there is none.
    pub(crate) fn problem(&self) -> String {
        if self.header("content-type") != "application/problem+json" {
            return String::new();
        }
        let slug = self.json()["type"].as_str().and_then(|kind| kind.strip_prefix("/problems/")).unwrap_or("").to_owned();
        assert!(jiku_web::problem_types().iter().any(|known| known.slug == slug), "{slug:?} leads nowhere: {}", self.text);
        slug
    }

    /// The body, if the answer has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        self.json()
    }
}

impl Caller<'_> {
    /// Their key.
    pub(crate) fn key(&self) -> String {
        let bearer = self.headers.iter().find(|(name, _)| name == "Authorization").map(|(_, value)| value.as_str());
        bearer.and_then(|value| value.strip_prefix("Bearer ")).expect("a key").to_owned()
    }

    /// With a header more, or another value of one.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Without a header.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Without a purpose of use.
    pub(crate) fn without_purpose(&self) -> Self {
        self.clone().without("Purpose-Of-Use")
    }

    /// The headers as they stand in a request written by hand.
    pub(crate) fn head(&self) -> String {
        self.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\r\n")
    }

    /// Sends a request.
    pub(crate) fn send(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        let mut request = Request::builder()
            .method(Method::from_bytes(method.as_bytes()).expect("a method"))
            .uri(format!("http://{}{path}", self.service.address));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = if body.is_empty() && matches!(method, "GET" | "HEAD" | "DELETE") {
            self.service.agent.run(request.body(()).expect("a request"))
        } else {
            self.service.agent.run(request.body(body.to_vec()).expect("a request"))
        };
        let mut response: Response<ureq::Body> = response.expect("an answer");
        let text = response.body_mut().with_config().limit(1 << 28).read_to_vec().expect("a body");
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: String::from_utf8_lossy(&text).into_owned(),
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, b"")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.clone().with("Content-Type", "application/json").send("POST", path, body.to_string().as_bytes())
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.clone().with("Content-Type", "application/json").send("PUT", path, body.to_string().as_bytes())
    }
}

/// An identity number with its right check character (GB 11643); `first` are 17 digits.
pub(crate) fn identity_number(first: &str) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{first}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}
