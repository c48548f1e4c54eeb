//! How does a command speak to whoever started it?

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use crate::failure::Failure;
use crate::progress::Progress;
use crate::signals::StopFlag;

/// How often it is looked whether the work shall end at once.
const LOOKS_EVERY: Duration = Duration::from_millis(50);

/// The person, or the program, that started the command.
#[derive(Clone, Debug)]
pub(crate) struct Console {
    json: bool,
    /// Made when work first looks at it: a command that never looks keeps the ordinary Ctrl-C.
    stop: OnceLock<StopFlag>,
}

impl Console {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, stop: OnceLock::new() }
    }

    /// Ends long work that was asked to stop.
    pub(crate) fn check_stop(&self) -> Result<(), Failure> {
        if self.is_stopping() { Err(Failure::interrupted()) } else { Ok(()) }
    }

    /// Whether someone asked to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.stop.get_or_init(StopFlag::listen).is_raised()
    }

    /// From now on whoever asks the work to stop ends the program at once: of what it does nothing is kept until it is done.
    pub(crate) fn stop_at_once(&self) {
        let (stop, json) = (self.stop.get_or_init(StopFlag::listen).clone(), self.json);
        std::thread::spawn(move || {
            while !stop.is_raised() {
                std::thread::sleep(LOOKS_EVERY);
            }
            Failure::interrupted_at_once().report(json);
            std::process::exit(i32::from(Failure::INTERRUPTED));
        });
    }

    /// The result: `json` for a program, `text` for a person.
    pub(crate) fn answer(&self, json: &serde_json::Value, text: impl AsRef<str>) {
        let mut out = io::stdout().lock();
        let text = text.as_ref();
        // A reader that has gone away (`jiku … | head`) is no failure.
        let _ = if self.json { writeln!(out, "{json}") } else { write!(out, "{text}{}", if text.ends_with('\n') { "" } else { "\n" }) };
        let _ = out.flush();
    }

    /// A sentence for a person while the work goes on; a program does not see it.
    pub(crate) fn say(&self, sentence: impl AsRef<str>) {
        if !self.json {
            // Who has gone away, as in `jiku … 2>&1 | head`, hears nothing more; the work goes on.
            let _ = writeln!(io::stderr(), "{}", sentence.as_ref());
        }
    }

    /// A line that counts `total` things.
    pub(crate) fn counted(&self, label: &str, total: u64) -> Progress {
        Progress::counted(label, total, self.json)
    }

    /// A line that follows the reading of a file.
    pub(crate) fn of_file(&self, label: &str, bytes: u64) -> Progress {
        Progress::of_file(label, bytes, self.json)
    }

    /// A line for work whose share done is told.
    pub(crate) fn share(&self, label: &str) -> Progress {
        Progress::of_share(label, self.json)
    }

    /// A line for work without a known end.
    pub(crate) fn spinner(&self, label: &str) -> Progress {
        Progress::spinner(label, self.json)
    }
}

/// Refuses a file that could not be written, before anything is done for it. What is there stays as it is, and a new file is not left behind.
pub(crate) fn probe(output: &Path) -> Result<(), Failure> {
    if output.as_os_str() == "-" {
        return Ok(());
    }
    let is_new = !output.exists();
    let opened = std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(output);
    opened.map_err(|error| Failure::place(format!("cannot write {}: {error}", output.display())))?;
    if is_new {
        // Should it stay, it is written over.
        let _ = std::fs::remove_file(output);
    }
    Ok(())
}

/// Where a result goes: a file, or standard output for `-`.
pub(crate) fn create(output: &Path) -> Result<Box<dyn Write>, Failure> {
    if output.as_os_str() == "-" {
        return Ok(Box::new(BufWriter::new(io::stdout())));
    }
    match std::fs::File::create(output) {
        Ok(file) => Ok(Box::new(BufWriter::with_capacity(1 << 18, file))),
        Err(error) => Err(Failure::place(format!("cannot write {}: {error}", output.display()))),
    }
}
