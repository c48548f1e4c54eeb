//! How does a test run `jiku`, and talk to a server it started?

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::binary;

/// What a command left behind.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    fn new(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The same, when it went well.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn well(self) -> Self {
        assert_eq!(self.code, 0, "it should end well\n{}\n{}", self.out, self.err);
        self
    }

    /// Standard output as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[track_caller]
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in standard output:\n{}", self.out))
    }

    /// Checks that it refused with this code, in one sentence that says all of this.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn refused(&self, code: i32, said: &[&str]) {
        assert_eq!(self.code, code, "exit code\n{}\n{}", self.out, self.err);
        assert_eq!(self.err.trim().lines().count(), 1, "one sentence, got\n{}", self.err);
        for words in said {
            assert!(self.err.contains(words), "{words:?} in {:?}", self.err);
        }
    }
}

/// The binary with arguments; it knows no database but the one it is told.
#[must_use]
pub fn command<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(arguments: I) -> Command {
    let mut command = Command::new(binary::jiku());
    command.args(arguments).env_remove("JIKU_DATABASE").env_remove("RUST_LOG").stdin(Stdio::null());
    command
}

/// Runs `jiku` to its end.
///
/// # Panics
/// When it cannot be started.
pub fn jiku<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(arguments: I) -> Ran {
    Ran::new(&command(arguments).output().expect("the binary starts"))
}

/// Runs `jiku` to its end with a text on its standard input.
///
/// # Panics
/// When it cannot be started.
pub fn jiku_reading<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(arguments: I, input: &str) -> Ran {
    let mut child =
        command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    // A command that ends before it reads is free to do so.
    let _ = child.stdin.take().expect("stdin is piped").write_all(input.as_bytes());
    Ran::new(&child.wait_with_output().expect("the binary ends"))
}

/// A server that runs until it is dropped or killed.
#[derive(Debug)]
pub struct Serving {
    child: Child,
    /// What it said when it was ready.
    pub ready: Value,
}

impl Serving {
    /// Starts a command that serves and waits for the JSON it prints when it is ready.
    ///
    /// # Panics
    /// When it does not become ready.
    #[track_caller]
    #[must_use]
    pub fn start<I: IntoIterator<Item = S>, S: AsRef<std::ffi::OsStr>>(arguments: I) -> Self {
        Self::ready(command(arguments))
    }

    /// Serves a database on a free port, and tells everything it does in a file.
    ///
    /// # Panics
    /// When the file cannot be made, or it does not become ready.
    #[track_caller]
    #[must_use]
    pub fn telling_everything(database: &str, log: &Path) -> Self {
        let mut command = command(["-vv", "serve", "--port", "0", "--database", database]);
        command.stderr(File::create(log).expect("the log can be written"));
        Self::ready(command)
    }

    #[track_caller]
    fn ready(mut command: Command) -> Self {
        let mut child = command.arg("--json").stdout(Stdio::piped()).spawn().expect("the binary starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("stdout is piped")).read_line(&mut line).expect("it says something");
        let ready = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: it should say where it answers, said {line:?}"));
        Self { child, ready }
    }

    /// Serves a database on a free port.
    #[track_caller]
    #[must_use]
    pub fn on(database: &str) -> Self {
        Self::start(["serve", "--port", "0", "--database", database])
    }

    /// Where it answers: `http://127.0.0.1:…`.
    ///
    /// # Panics
    /// When it did not say.
    #[must_use]
    pub fn address(&self) -> &str {
        self.ready["address"].as_str().expect("it said where it answers")
    }

    /// The number of its process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no chance to put anything in order.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(mut self) {
        self.child.kill().expect("the server is killed");
        self.child.wait().expect("the server ends");
    }

    /// SIGTERM, and the exit code.
    ///
    /// # Panics
    /// When it cannot be signalled.
    #[must_use]
    pub fn terminate(mut self) -> i32 {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(told.success(), "SIGTERM is sent");
        self.child.wait().expect("the server ends").code().unwrap_or(-1)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes a new database, which commands other than those that begin one want to be there.
///
/// # Panics
/// When it cannot be made.
#[track_caller]
#[must_use]
pub fn made(database: String) -> String {
    jiku(["migrate", "--database", &database]).well();
    database
}

/// The address of an SQLite database in a folder; nothing is there yet.
#[must_use]
pub fn sqlite_in(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("base.db").display())
}
