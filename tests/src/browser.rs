//! How does a test look at a page as a person does?
//!
//! Through Chromium without a window, steered by ChromeDriver over the `WebDriver` protocol
//! (<https://www.w3.org/TR/webdriver2/>): JSON over HTTP, small enough to need no library. A test that ends takes the browser
//! with it; one that is killed does too, by way of [`Leash`].
//!
//! Names cannot be looked up from here but for this machine's address, so that a page that asks anything of another host fails
//! its test in every network; [`Browser::strangers`] tells which host it was.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

use crate::binary::repository;
use crate::leash::Leash;

/// How long a page may take to get where a test waits for it: far more than it needs on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The key under which `WebDriver` names an element (section 12.1).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One browser at a time: two cores are soon taken, and a page that waits for a core fails nothing but patience.
static TURN: Mutex<()> = Mutex::new(());

/// A browser with one window, signed in nowhere.
pub struct Browser {
    agent: Agent,
    session: String,
    base: String,
    pictures: PathBuf,
    _driver: Leash,
    _profile: TempDir,
    _turn: MutexGuard<'static, ()>,
}

/// Something on the page.
#[derive(Clone, Debug)]
pub struct Element(String);

/// The name of a key for [`Browser::press`] (section 17.4.2).
pub mod key {
    /// Enter.
    pub const ENTER: &str = "\u{E007}";
    /// Escape.
    pub const ESCAPE: &str = "\u{E00C}";
    /// Tab.
    pub const TAB: &str = "\u{E004}";
    /// Arrow down.
    pub const DOWN: &str = "\u{E015}";
    /// Arrow up.
    pub const UP: &str = "\u{E013}";
    /// Control, held until the end of the text.
    pub const CONTROL: &str = "\u{E009}";
}

fn program(name: &str, package: &str) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let found =
        std::env::split_paths(&folders).chain([PathBuf::from("/usr/bin")]).map(|folder| folder.join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| {
        panic!("{name} is not installed: apt-get install {package} (the browser tests need chromium and chromium-driver)")
    })
}

impl Browser {
    /// Starts one for pages of this server, `http://HOST:PORT`. Pictures go to `target/browser`, named after the test.
    ///
    /// # Panics
    /// When Chromium or ChromeDriver is not installed, or does not start.
    #[must_use]
    pub fn start(base: &str) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let (chromium, driver) = (program("chromium", "chromium"), program("chromedriver", "chromium-driver"));
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut leash = Leash::start([driver.as_os_str(), "--port=0".as_ref()]);
        let port = port(leash.output());
        let agent: Agent =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE + Duration::from_secs(60))).build().into();
        let test = thread::current().name().unwrap_or("test").replace("::", "-");
        let pictures = target().join("browser").join(test);
        // Pictures of an earlier run would pass for this one's; there may be none.
        let _ = fs::remove_dir_all(&pictures);
        fs::create_dir_all(&pictures).expect("a folder for pictures");
        let mut browser = Self {
            agent,
            session: format!("http://127.0.0.1:{port}/session"),
            base: base.to_owned(),
            pictures,
            _driver: leash,
            _profile: profile,
            _turn: turn,
        };
        let folder = format!("--user-data-dir={}", browser._profile.path().display());
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-search-engine-choice-screen",
            "--hide-scrollbars",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            "--window-size=1280,900",
            "--lang=en",
            &folder,
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "binary": chromium, "args": arguments, "prefs": { "intl.accept_languages": "en" } },
            "goog:loggingPrefs": { "performance": "ALL", "browser": "ALL" },
        } } });
        let made = browser.command("POST", "", Some(&wanted));
        let id = made["sessionId"].as_str().expect("a session has an id");
        browser.session = format!("{}/{id}", browser.session);
        browser
    }

    /// Goes to a path of the server.
    ///
    /// # Panics
    /// When the page does not load.
    #[track_caller]
    pub fn go(&self, path: &str) {
        self.command("POST", "/url", Some(&json!({ "url": format!("{}{path}", self.base) })));
    }

    /// The path and query of the page.
    ///
    /// # Panics
    /// When the browser does not answer.
    #[track_caller]
    #[must_use]
    pub fn place(&self) -> String {
        let url = self.insist("GET", "/url", None);
        let url = url.as_str().expect("an address");
        url.strip_prefix(&self.base).unwrap_or(url).to_owned()
    }

    /// Makes the window this wide and high.
    ///
    /// # Panics
    /// When the browser does not answer.
    #[track_caller]
    pub fn resize(&self, width: u32, height: u32) {
        self.command("POST", "/window/rect", Some(&json!({ "width": width, "height": height })));
    }

    /// Every element of a CSS selector.
    ///
    /// # Panics
    /// When the browser does not answer.
    #[track_caller]
    #[must_use]
    pub fn all(&self, css: &str) -> Vec<Element> {
        let found = self.insist("POST", "/elements", Some(&json!({ "using": "css selector", "value": css })));
        found.as_array().expect("a list").iter().map(|element| Element(element[ELEMENT].as_str().expect("an element").to_owned())).collect()
    }

    /// The first element of a CSS selector; waits until it is there.
    ///
    /// # Panics
    /// When it does not appear.
    #[track_caller]
    #[must_use]
    pub fn find(&self, css: &str) -> Element {
        let mut found = Vec::new();
        self.wait_until(css, || {
            found = self.all(css);
            !found.is_empty()
        });
        found.swap_remove(0)
    }

    /// Clicks on the first element of a selector once it can be clicked.
    ///
    /// # Panics
    /// When it does not come to that.
    #[track_caller]
    pub fn click(&self, css: &str) {
        self.wait_until(&format!("{css}, to click on"), || {
            let found = self.all(css);
            found.first().is_some_and(|element| {
                let clicked = self.ask("POST", &format!("/element/{}/click", element.0), Some(&json!({}))).is_ok();
                if !clicked {
                    // The head of the page may lie over it.
                    let show = json!({ "script": "arguments[0].scrollIntoView({ block: 'center' })", "args": [{ ELEMENT: element.0 }] });
                    let _ = self.ask("POST", "/execute/sync", Some(&show));
                }
                clicked
            })
        });
    }

    /// Types into the first element of a selector, after what stands there; for a file input, the path of a file.
    ///
    /// # Panics
    /// When it is not there.
    #[track_caller]
    pub fn fill(&self, css: &str, text: &str) {
        self.wait_until(&format!("{css}, to type into"), || {
            let typed = |element: &Element| self.ask("POST", &format!("/element/{}/value", element.0), Some(&json!({ "text": text })));
            self.all(css).first().is_some_and(|element| typed(element).is_ok())
        });
    }

    /// Empties the first element of a selector and types into it.
    ///
    /// # Panics
    /// When it is not there.
    #[track_caller]
    pub fn replace(&self, css: &str, text: &str) {
        let element = self.find(css);
        self.command("POST", &format!("/element/{}/clear", element.0), Some(&json!({})));
        self.fill(css, text);
    }

    /// Presses keys where the focus is.
    ///
    /// # Panics
    /// When the browser does not answer.
    #[track_caller]
    pub fn press(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({ "type": "keyDown", "value": key.to_string() }), json!({ "type": "keyUp", "value": key.to_string() })])
            .collect();
        self.command("POST", "/actions", Some(&json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] })));
    }

    /// Moves the mouse along places of the window, pressing at the first and letting go at the last; one place is a click.
    ///
    /// # Panics
    /// When the browser does not answer.
    #[track_caller]
    pub fn drag(&self, places: &[(i64, i64)]) {
        let to = |(x, y): &(i64, i64)| json!({ "type": "pointerMove", "duration": 40, "x": x, "y": y });
        let (first, rest) = places.split_first().expect("at least one place");
        let mut moves = vec![to(first), json!({ "type": "pointerDown", "button": 0 })];
        moves.extend(rest.iter().map(to));
        moves.push(json!({ "type": "pointerUp", "button": 0 }));
        let mouse = json!({ "type": "pointer", "id": "mouse", "parameters": { "pointerType": "mouse" }, "actions": moves });
        self.command("POST", "/actions", Some(&json!({ "actions": [mouse] })));
    }

    /// The text a person sees in the first element of a selector.
    ///
    /// # Panics
    /// When it is not there.
    #[track_caller]
    #[must_use]
    pub fn text(&self, css: &str) -> String {
        let mut text = String::new();
        // A page that goes away or draws a part anew between the look-up and the question is asked again.
        self.wait_until(&format!("the text of {css}"), || {
            let asked = self.all(css).first().map(|element| self.ask("GET", &format!("/element/{}/text", element.0), None));
            let Some(Ok(Value::String(seen))) = asked else { return false };
            text = seen;
            true
        });
        text
    }

    /// Runs a script in the page and gives what it returns; a promise is waited for.
    ///
    /// # Panics
    /// When it throws.
    #[track_caller]
    #[must_use]
    pub fn script(&self, script: &str, arguments: &[Value]) -> Value {
        self.command("POST", "/execute/sync", Some(&json!({ "script": script, "args": arguments })))
    }

    /// Waits until something holds.
    ///
    /// # Panics
    /// When it does not come to hold; the message shows the page, and a picture of it is kept.
    #[track_caller]
    pub fn wait_until(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let started = Instant::now();
        while !holds() {
            if started.elapsed() > PATIENCE {
                self.shoot("waited-in-vain");
                let seen = self.ask("POST", "/execute/sync", Some(&json!({ "script": "return document.body.innerText", "args": [] })));
                panic!(
                    "waited in vain for {what} at {}; the page says:\n{}\n{:?}",
                    self.place(),
                    seen.unwrap_or_default(),
                    self.complaints()
                );
            }
            thread::sleep(Duration::from_millis(30));
        }
    }

    /// Waits until the page shows this text.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn see(&self, text: &str) {
        let shown = "return document.body.innerText.includes(arguments[0])";
        self.wait_until(&format!("{text:?}"), || {
            self.ask("POST", "/execute/sync", Some(&json!({ "script": shown, "args": [text] }))) == Ok(json!(true))
        });
    }

    /// Keeps a picture of the window under this name.
    ///
    /// # Panics
    /// When the picture cannot be kept.
    #[track_caller]
    pub fn shoot(&self, name: &str) {
        let picture = self.command("GET", "/screenshot", None);
        let bytes = from_base64(picture.as_str().expect("a picture"));
        fs::write(self.pictures.join(format!("{name}.png")), bytes).expect("the picture can be kept");
    }

    /// What pages asked of any other host since the last call: the addresses.
    ///
    /// # Panics
    /// When the browser does not answer.
    #[track_caller]
    #[must_use]
    pub fn strangers(&self) -> Vec<String> {
        let log = self.command("POST", "/se/log", Some(&json!({ "type": "performance" })));
        let mut asked = Vec::new();
        for line in log.as_array().expect("a list") {
            let event: Value = serde_json::from_str(line["message"].as_str().unwrap_or_default()).unwrap_or_default();
            let message = &event["message"];
            if matches!(message["method"].as_str(), Some("Network.requestWillBeSent" | "Network.webSocketCreated")) {
                let url = message["params"]["request"]["url"].as_str().or(message["params"]["url"].as_str()).unwrap_or("?");
                let own = url.starts_with(&format!("{}/", self.base));
                // A blob or a data address holds what is there already.
                if !own && !["data:", "blob:", "about:", "chrome:"].iter().any(|scheme| url.starts_with(scheme)) {
                    asked.push(url.to_owned());
                }
            }
        }
        asked
    }

    /// What the browser complained of since the last call: scripts that threw, addresses refused by the page's policy.
    ///
    /// # Panics
    /// When the browser does not answer.
    #[must_use]
    pub fn complaints(&self) -> Vec<String> {
        let log = self.command("POST", "/se/log", Some(&json!({ "type": "browser" })));
        let severe = log.as_array().expect("a list").iter().filter(|line| line["level"] == "SEVERE");
        severe.map(|line| line["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    #[track_caller]
    fn command(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        self.ask(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// The value of a command that changes nothing, asked again while a page that comes or goes lets it fail.
    #[track_caller]
    fn insist(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let started = Instant::now();
        loop {
            match self.ask(method, path, body) {
                Ok(value) => return value,
                Err(error) if started.elapsed() > PATIENCE => panic!("{method} {path}: {error}"),
                Err(_) => thread::sleep(Duration::from_millis(30)),
            }
        }
    }

    /// A command of the protocol, and its value or error.
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
        let address = format!("{}{path}", self.session);
        let answer = match (method, body) {
            ("POST", Some(body)) => self.agent.post(&address).header("Content-Type", "application/json").send(body.to_string()),
            ("DELETE", _) => self.agent.delete(&address).call(),
            _ => self.agent.get(&address).call(),
        };
        let mut answer = answer.map_err(|error| error.to_string())?;
        let text = answer.body_mut().with_config().limit(1 << 28).read_to_string().map_err(|error| error.to_string())?;
        let mut body: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let value = body["value"].take();
        match value["error"].as_str() {
            Some(error) if !answer.status().is_success() => {
                let mut said = String::from(error);
                let first = value["message"].as_str().unwrap_or_default().lines().next().unwrap_or_default().to_owned();
                write!(said, ": {first}").expect("a text takes a text");
                Err(said)
            }
            _ => Ok(value),
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if thread::panicking() {
            let picture = self.ask("GET", "/screenshot", None).ok().and_then(|picture| picture.as_str().map(from_base64));
            // A picture of the end of a failed test is welcome and not owed.
            let _ = picture.map(|bytes| fs::write(self.pictures.join("failed.png"), bytes));
        }
        // Without this the leash would end the browser all the same, less gently.
        let _ = self.ask("DELETE", "", None);
    }
}

/// The port that ChromeDriver says it listens on.
fn port(output: impl std::io::Read) -> u16 {
    for line in BufReader::new(output).lines() {
        let line = line.expect("ChromeDriver speaks");
        if let Some((_, rest)) = line.split_once("successfully on port ") {
            return rest.trim_end_matches('.').parse().expect("a port");
        }
    }
    panic!("ChromeDriver ended before it listened");
}

/// The folder that holds what builds make.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own file");
    test.ancestors().nth(3).map_or_else(|| repository().join("target"), Path::to_owned)
}

/// The bytes that base64 (RFC 4648, section 4) writes so.
fn from_base64(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'a'..=b'z' => Some(u32::from(byte - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let (mut bytes, mut bits, mut held) = (Vec::with_capacity(text.len() / 4 * 3), 0_u32, 0);
    for six in text.bytes().filter_map(value) {
        bits = bits << 6 | six;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xFF).expect("eight bits"));
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_as_rfc_4648_writes_it() {
        for (text, bytes) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")] {
            assert_eq!(from_base64(text), bytes.as_bytes());
        }
    }
}
