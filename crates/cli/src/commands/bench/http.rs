//! What does the service itself take: a process of its own, asked over HTTP?

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiku_model::{EntityId, RawRecord};
use jiku_registry::{Actor, Limits, NewKey, Purpose, Registry, Role, Sources};
use serde_json::Value;

use super::ask::{Measured, Questions};
use super::fill::Taken;
use crate::failure::Failure;
use crate::settings::DatabaseUrl;

/// Who asks, for whom and what for.
const NAME: &str = "bench";

/// The longest line of an answer's head.
const LONGEST_LINE: u64 = 16 * 1024;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was measured of the service.
pub(super) struct Served {
    pub(super) measured: Vec<Measured>,
    /// From the start of the process until it answers.
    pub(super) start_s: f64,
    /// What the process holds in memory after its start and after all questions, and the most it ever held, in bytes; where the
    /// system tells.
    pub(super) memory: Option<Memory>,
}

/// Memory of a process, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    pub(super) at_start: u64,
    pub(super) after: u64,
    pub(super) most: u64,
}

/// Makes a key that may ask as much as is measured.
pub(super) fn admit(registry: &Registry, actor: &Actor) -> Result<String, Failure> {
    let purpose = Purpose { department: NAME.to_owned(), code: NAME.to_owned(), title: "measuring".to_owned() };
    registry.put_purpose(actor, &purpose)?;
    let new = NewKey {
        principal: NAME.to_owned(),
        department: NAME.to_owned(),
        roles: vec![Role::Reader],
        expires_at: None,
        sources: Sources::default(),
    };
    let (_, key) = registry.create_key(actor, &new)?;
    registry.set_limits(actor, NAME, &Limits { daily_persons: Some(u64::from(u32::MAX)), ..Limits::default() })?;
    Ok(key)
}

/// Starts the service on a database whose indexes lie in `aside`, and asks it everything.
pub(super) fn measure(
    database: &DatabaseUrl,
    aside: &Path,
    key: &str,
    taken: &Taken,
    questions: &Questions<'_>,
) -> Result<Served, Failure> {
    let started = Instant::now();
    let service = Service::start(database, aside)?;
    let start_s = started.elapsed().as_secs_f64();
    let at_start = service.memory();
    let begin = || Caller::new(&service.address);
    let get = |path: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\nPurpose-Of-Use: {NAME}\r\n\r\n", service.address)
    };
    let ask = |name, requests: Vec<String>| questions.ask(name, &requests, begin, |caller: &mut Caller, request| caller.ask(request));
    let resolve = |raw: &RawRecord| {
        let body = Value::Object(raw.clone()).to_string();
        format!(
            "POST /api/v1/persons/resolve HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\nPurpose-Of-Use: {NAME}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            service.address,
            body.len()
        )
    };
    let find = |id: &EntityId| get(&format!("/api/v1/persons/{id}"));
    let around = |[lon, lat]: &[f64; 2]| {
        let [west, south, east, north] = [lon - 0.0015, lat - 0.0015, lon + 0.0015, lat + 0.0015];
        get(&format!("/ogc/collections/parcels/items?limit=200&bbox={west:.6},{south:.6},{east:.6},{north:.6}"))
    };
    let measured = vec![
        ask("resolve a person, over HTTP", taken.people.iter().map(resolve).collect())?,
        ask("golden record by id, over HTTP", taken.ids.iter().map(find).collect())?,
        ask("parcels in a box, over HTTP", taken.places.iter().map(around).collect())?,
    ];
    let memory = at_start.zip(service.memory()).map(|((at_start, _), (after, most))| Memory { at_start, after, most });
    Ok(Served { measured, start_s, memory })
}

/// A service in a process of its own; it ends with the value.
struct Service {
    process: Child,
    address: String,
}

impl Service {
    fn start(database: &DatabaseUrl, aside: &Path) -> Result<Self, Failure> {
        let program = std::env::current_exe().map_err(|error| Failure::place(format!("the program cannot be found again: {error}")))?;
        let mut command = Command::new(program);
        command.args(["serve", "--json", "--port", "0", "--index-from", "1", "--department-daily-persons"]);
        command.arg(u32::MAX.to_string()).arg("--index-dir").arg(aside);
        // A command line can be read by everybody on the machine, and the address may hold a password.
        command.env("JIKU_DATABASE", database.secret()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let process = command.spawn().map_err(|error| Failure::place(format!("the service cannot be started: {error}")))?;
        let mut service = Self { process, address: String::new() };
        let mut line = String::new();
        if let Some(told) = service.process.stdout.take() {
            let mut told = BufReader::new(told);
            told.read_line(&mut line).map_err(|error| Failure::place(format!("the service cannot be heard: {error}")))?;
        }
        let ready: Value = serde_json::from_str(&line).map_err(|_| Failure::place("the service did not start".to_owned()))?;
        let address = ready["address"].as_str().and_then(|address| address.strip_prefix("http://"));
        service.address = address.ok_or_else(|| Failure::internal("the service tells no address"))?.to_owned();
        Ok(service)
    }

    /// What the process holds now, and the most it held, as Linux tells it (proc(5)).
    fn memory(&self) -> Option<(u64, u64)> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let told = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.split_whitespace().next()?.parse::<u64>().ok()? * 1024)
        };
        Some((told("VmRSS:")?, told("VmHWM:")?))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // What it wrote is durable, and the database is measured no more over it.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One connection that is kept open.
struct Caller {
    stream: BufReader<TcpStream>,
}

impl Caller {
    fn new(address: &str) -> Result<Self, Failure> {
        let opened = TcpStream::connect(address).and_then(|stream| {
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            Ok(stream)
        });
        let stream = opened.map_err(|error| Failure::place(format!("the service cannot be reached: {error}")))?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, stream) })
    }

    /// Sends a request and takes the answer, which must be a good one; an id that was merged since answers with another.
    fn ask(&mut self, request: &str) -> Result<(), Failure> {
        let (status, body) = self.exchange(request).map_err(|error| Failure::place(format!("the service answers no more: {error}")))?;
        if (200..400).contains(&status) {
            Ok(())
        } else {
            Err(Failure::internal(format!("the service answered {status}: {}", String::from_utf8_lossy(&body))))
        }
    }

    fn exchange(&mut self, request: &str) -> io::Result<(u16, Vec<u8>)> {
        self.stream.get_mut().write_all(request.as_bytes())?;
        let broken = || io::Error::from(io::ErrorKind::InvalidData);
        let (mut status, mut length) = (0, None);
        loop {
            let mut line = String::new();
            self.stream.by_ref().take(LONGEST_LINE).read_line(&mut line)?;
            let line = line.strip_suffix("\r\n").ok_or_else(broken)?;
            if line.is_empty() {
                break;
            } else if status == 0 {
                status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(broken)?;
            } else if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok();
            }
        }
        let mut body = vec![0; length.ok_or_else(broken)?];
        self.stream.read_exact(&mut body)?;
        Ok((status, body))
    }
}
