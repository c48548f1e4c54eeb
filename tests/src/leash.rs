//! How does a program end with the test that started it, however the test ends?

use std::ffi::OsStr;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A program in a process group of its own. A shell holds it and reads from a pipe of the test's: when the test has ended,
/// also by a signal, the pipe closes and the whole group is ended.
#[derive(Debug)]
pub struct Leash {
    shell: Child,
}

impl Leash {
    /// Starts a program with arguments.
    ///
    /// # Panics
    /// When there is no shell.
    #[must_use]
    pub fn start<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(command: I) -> Self {
        let script = "setsid \"$@\" </dev/null & program=$!; exec >/dev/null; cat; kill -- -$program; wait $program";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "leash"]).args(command).env_remove("JIKU_DATABASE").env_remove("RUST_LOG");
        let shell = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("a shell starts");
        Self { shell }
    }

    /// The program's standard output; it can be taken once.
    ///
    /// # Panics
    /// The second time.
    pub fn output(&mut self) -> ChildStdout {
        self.shell.stdout.take().expect("the output is taken once")
    }
}

impl Drop for Leash {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // It may have ended already.
        let _ = self.shell.wait();
    }
}
