//! How does a command fail: with which exit code, and in which sentence?

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Why a command ended without doing what was asked. The numbers are the exit codes; scripts rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The work was done and found something wrong: `verify` saw differences, a chain is broken.
    CheckFailed = 1,
    /// The command line cannot be understood (clap uses the same code).
    Usage = 2,
    /// An input file cannot be used: absent, unreadable, not of its format, too many bad rows.
    Input = 3,
    /// The database is not there, cannot be opened, or went away.
    Database = 4,
    /// A place cannot be used: the port is taken, the folder is read-only.
    Place = 5,
    /// Another process was faster: it takes the same file in, or put other rules or another model into use meanwhile.
    Overtaken = 6,
    /// A bug of ours.
    Internal = 70,
    /// Ctrl-C or SIGTERM; what was acknowledged is kept, and the same command goes on.
    Interrupted = 130,
}

impl Reason {
    /// The word under which `--json` reports it.
    const fn as_str(self) -> &'static str {
        match self {
            Self::CheckFailed => "check-failed",
            Self::Usage => "usage",
            Self::Input => "input",
            Self::Database => "database",
            Self::Place => "place",
            Self::Overtaken => "overtaken",
            Self::Internal => "internal",
            Self::Interrupted => "interrupted",
        }
    }
}

/// Printed below `jiku --help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    a check found something wrong (verify, audit verify)
  2    the command line cannot be understood
  3    an input file cannot be used
  4    the database is not there, cannot be opened, or went away
  5    the port is taken or the folder cannot be written
  6    another process was faster: it takes the same file in, or changed what you are changing
  70   an error of Jiku itself; please report it
  130  interrupted; start the same command again and it goes on";

/// One sentence for the person at the keyboard: what happened and what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    reason: Reason,
    sentence: String,
}

/// What a command answers.
pub(crate) type Outcome = Result<(), Failure>;

impl Failure {
    pub(crate) fn new(reason: Reason, sentence: impl Into<String>) -> Self {
        Self { reason, sentence: sentence.into() }
    }

    pub(crate) fn usage(sentence: impl Into<String>) -> Self {
        Self::new(Reason::Usage, sentence)
    }

    pub(crate) fn input(sentence: impl Into<String>) -> Self {
        Self::new(Reason::Input, sentence)
    }

    pub(crate) fn database(sentence: impl Into<String>) -> Self {
        Self::new(Reason::Database, sentence)
    }

    pub(crate) fn place(sentence: impl Into<String>) -> Self {
        Self::new(Reason::Place, sentence)
    }

    pub(crate) fn check(sentence: impl Into<String>) -> Self {
        Self::new(Reason::CheckFailed, sentence)
    }

    pub(crate) fn internal(sentence: impl Into<String>) -> Self {
        Self::new(Reason::Internal, sentence)
    }

    pub(crate) fn interrupted() -> Self {
        Self::new(Reason::Interrupted, "interrupted; start the same command again and it goes on where it stopped")
    }

    /// The exit code of work that was interrupted.
    pub(crate) const INTERRUPTED: u8 = Reason::Interrupted as u8;

    /// Of work that keeps nothing until it is done.
    pub(crate) fn interrupted_at_once() -> Self {
        Self::new(Reason::Interrupted, "interrupted; what was written is not complete: start the same command again")
    }

    /// The same with what else the reader must know.
    pub(crate) fn adding(mut self, more: &str) -> Self {
        self.sentence = format!("{}; {more}", self.sentence);
        self
    }

    /// Prints the sentence to standard error and gives the exit code.
    pub(crate) fn report(&self, json: bool) -> ExitCode {
        if json {
            let body = serde_json::json!({ "error": self.reason.as_str(), "exit_code": self.reason as u8, "message": self.sentence });
            // Nobody may be left to read it; the exit code tells it all the same.
            let _ = writeln!(io::stderr(), "{body}");
        } else {
            let _ = writeln!(io::stderr(), "jiku: {}", self.sentence);
        }
        ExitCode::from(self.reason as u8)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// An error with everything below it in one line: "the outer: the inner".
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let text = inner.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        source = inner.source();
    }
    line
}
