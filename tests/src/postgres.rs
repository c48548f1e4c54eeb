//! Where do tests get a PostgreSQL database of their own?
//!
//! One server for a test program, in a folder of its own, reached over a socket in that folder; one database for a test.
//! The server ends with the program, also when that is killed: a shell beside it waits for a pipe to close.
//!
//! A machine without a PostgreSQL server fails these tests with a sentence that names the package. By hand,
//! `JIKU_TEST_POSTGRES=skip` leaves them out, and `JIKU_TEST_POSTGRES_URL=postgres://USER@HOST/postgres` names a running
//! server on which the user may create databases; they are called `jiku_…` and are left there to look at and to drop.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

struct Server {
    /// The address of a database up to its name, and what follows the name.
    address: (String, String),
    /// The folder of the server's programs; none when they are in `PATH`.
    programs: Option<PathBuf>,
    /// The shell that started the server; its standard input stays open as long as this program lives.
    _leash: Option<Child>,
}

impl Server {
    fn url(&self, database: &str) -> String {
        format!("{}{database}{}", self.address.0, self.address.1)
    }

    /// Runs SQL through psql; whether every statement went well.
    fn runs(&self, url: &str, sql: &str) -> bool {
        let psql = self.programs.as_ref().map_or_else(|| PathBuf::from("psql"), |folder| folder.join("psql"));
        let mut command = Command::new(psql);
        command.args(["-d", url, "-q", "-v", "ON_ERROR_STOP=1", "-c", sql]).current_dir("/");
        command.status().expect("psql runs").success()
    }

    fn create(&self, name: &str, template: &str) -> String {
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'");
        assert!(self.runs(&self.url("postgres"), &sql), "{sql}");
        self.url(name)
    }

    /// A database with a name of its own; on a server that outlives us no two runs meet.
    fn create_next(&self, template: &str) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        self.create(&format!("jiku_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)), template)
    }
}

fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(start).as_ref()
}

/// The address of a fresh, empty database; `None`, with a line that says so, when `JIKU_TEST_POSTGRES=skip` is set.
///
/// # Panics
/// When no PostgreSQL is installed, or it does not start.
#[must_use]
pub fn database() -> Option<String> {
    Some(server()?.create_next("template0"))
}

/// The address of a fresh database with our schema, copied from one that was migrated once; `None` as for [`database`].
///
/// # Panics
/// When no PostgreSQL is installed, or it does not start.
#[must_use]
pub fn migrated_database() -> Option<String> {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    let server = server()?;
    let template = TEMPLATE.get_or_init(|| {
        let name = format!("jiku_{}_migrated", std::process::id());
        drop(jiku_store::Store::open(&server.create(&name, "template0")).expect("the schema can be created"));
        name
    });
    // Two copies of one template at once would refuse each other.
    static COPYING: Mutex<()> = Mutex::new(());
    let _guard = COPYING.lock().unwrap_or_else(PoisonError::into_inner);
    Some(server.create_next(template))
}

/// Runs SQL on a database of [`database`] or [`migrated_database`], for what a test does behind the service's back; whether
/// every statement went well.
///
/// # Panics
/// When there is no such database.
#[must_use]
pub fn runs(url: &str, sql: &str) -> bool {
    server().expect("a database was made before").runs(url, sql)
}

/// Runs SQL as [`runs`] does.
///
/// # Panics
/// When the SQL fails.
pub fn run(url: &str, sql: &str) {
    assert!(runs(url, sql), "{sql}");
}

/// The folder in which the tests' own server keeps its databases and its write-ahead log; `None` when they use another server.
#[must_use]
pub fn data_folder() -> Option<PathBuf> {
    let folder = std::env::temp_dir().join(format!("jiku-pg-{}/data", std::process::id()));
    folder.is_dir().then_some(folder)
}

/// The folder of the newest installed server programs: Debian's place, then `PATH`.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.join("bin/initdb").exists())
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .collect();
    found.sort();
    let in_path = || {
        std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
    };
    found.pop().map(|(_, bin)| bin).or_else(in_path)
}

fn start() -> Option<Server> {
    if std::env::var_os("JIKU_TEST_POSTGRES").is_some_and(|wish| wish == "skip") {
        eprintln!("JIKU_TEST_POSTGRES=skip: tests on PostgreSQL are left out");
        return None;
    }
    if let Ok(url) = std::env::var("JIKU_TEST_POSTGRES_URL") {
        let (before, options) = url.split_once('?').map_or((url.as_str(), String::new()), |(before, after)| (before, format!("?{after}")));
        let (address, _) = before.rsplit_once('/').expect("JIKU_TEST_POSTGRES_URL is postgres://USER@HOST/DATABASE");
        return Some(Server { address: (format!("{address}/"), options), programs: None, _leash: None });
    }
    let bin = programs().expect(
        "no PostgreSQL server programs are installed: apt-get install postgresql-15, or set JIKU_TEST_POSTGRES=skip to leave these tests out",
    );
    let folder = std::env::temp_dir().join(format!("jiku-pg-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for PostgreSQL");
    let script = format!(
        "cd / && '{bin}/initdb' -D '{folder}/data' -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync >'{folder}/initdb.log' 2>&1 || exit 1
         '{bin}/postgres' -D '{folder}/data' -k '{folder}' -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=300 >'{folder}/server.log' 2>&1 &
         server=$!
         for _ in $(seq 200); do '{bin}/pg_isready' -q -h '{folder}' && echo ready && break; sleep 0.05; done
         cat >/dev/null
         kill -INT $server; wait $server; rm -rf '{folder}'",
        bin = bin.display(),
        folder = folder.display()
    );
    // PostgreSQL refuses to run as root.
    let as_root = folder.metadata().expect("the folder was just made").uid() == 0;
    let mut command = if as_root {
        assert!(
            Command::new("chown").arg("postgres").arg(&folder).status().expect("chown runs").success(),
            "chown postgres {}",
            folder.display()
        );
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh", "-c", &script]);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", &script]);
        command
    };
    let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::piped()).current_dir("/").spawn().expect("a shell starts");
    let mut line = String::new();
    BufReader::new(shell.stdout.take().expect("stdout is piped")).read_line(&mut line).expect("the shell answers");
    assert_eq!(line.trim(), "ready", "PostgreSQL must start; {}", log_of(&folder));
    let address = format!("postgres://postgres@{}/", folder.display().to_string().replace('/', "%2F"));
    Some(Server { address: (address, String::new()), programs: Some(bin), _leash: Some(shell) })
}

fn log_of(folder: &Path) -> String {
    ["initdb.log", "server.log"].iter().filter_map(|name| std::fs::read_to_string(folder.join(name)).ok()).collect()
}
