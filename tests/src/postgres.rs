//! Where do tests get a PostgreSQL database of their own?
//!
//! One server for a test program, in a folder of its own, reached over a socket in that folder; one database for a test.
//! The server ends with the program, also when that is killed: a shell beside it waits for a pipe to close.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

struct Server {
    folder: PathBuf,
    /// The shell that started the server; its standard input stays open as long as this program lives.
    _leash: Child,
}

/// The address of a fresh, empty database; `None`, with a line that says so, where no PostgreSQL is installed, unless
/// `JIKU_REQUIRE_POSTGRES` asks for it as CI does.
///
/// # Panics
/// When a PostgreSQL is installed or asked for and does not start.
#[must_use]
pub fn database() -> Option<String> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = SERVER.get_or_init(start).as_ref()?;
    let name = format!("jiku_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let socket = server.folder.display();
    let made = Command::new(programs().expect("the server was started from there").join("psql"))
        .args(["-h", &socket.to_string(), "-U", "postgres", "-d", "postgres", "-q", "-c", &format!("CREATE DATABASE {name}")])
        .current_dir("/")
        .status()
        .expect("psql runs");
    assert!(made.success(), "CREATE DATABASE {name}");
    Some(format!("postgres://postgres@{}/{name}", socket.to_string().replace('/', "%2F")))
}

/// The folder of the newest installed server programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.join("bin/initdb").exists())
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .collect();
    found.sort();
    found.pop().map(|(_, bin)| bin)
}

fn start() -> Option<Server> {
    let Some(bin) = programs() else {
        assert!(
            std::env::var_os("JIKU_REQUIRE_POSTGRES").is_none(),
            "JIKU_REQUIRE_POSTGRES is set, but /usr/lib/postgresql holds no server"
        );
        eprintln!(
            "no PostgreSQL server programs under /usr/lib/postgresql: tests on PostgreSQL are left out (apt-get install postgresql-15)"
        );
        return None;
    };
    let folder = std::env::temp_dir().join(format!("jiku-pg-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for PostgreSQL");
    let script = format!(
        "cd / && '{bin}/initdb' -D '{folder}/data' -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync >'{folder}/initdb.log' 2>&1 || exit 1
         '{bin}/postgres' -D '{folder}/data' -k '{folder}' -c listen_addresses= -c fsync=off -c max_connections=200 >'{folder}/server.log' 2>&1 &
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
    Some(Server { folder, _leash: shell })
}

fn log_of(folder: &Path) -> String {
    ["initdb.log", "server.log"].iter().filter_map(|name| std::fs::read_to_string(folder.join(name)).ok()).collect()
}
