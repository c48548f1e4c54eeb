//! What can be wrong with a row, and what with a whole file?

use std::borrow::Cow;
use std::io;

use jiku_model::{Dimension, Problem, Severity};

use crate::json::JsonError;

/// A row that could not be read; the rows after it can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// The number of the row among all rows of the file, from 1.
    pub number: u64,
    /// The line on which the row begins, from 1; in a table file the row of the sheet.
    pub line: u64,
    /// What is wrong; it always rejects the row.
    pub problem: Problem,
    /// The row as received, as far as it is text; cut where it is too long.
    pub payload: String,
}

/// Why a file cannot be read, or not further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{advice}{}", place(*.line, *.offset))]
pub struct FileFault {
    /// A reason code such as `encoding-undeclared`.
    pub code: &'static str,
    /// The line, from 1, where it is known.
    pub line: Option<u64>,
    /// The offset of the first bad byte, from 0, where it is known.
    pub offset: Option<u64>,
    /// What to do, in one sentence.
    pub advice: String,
}

fn place(line: Option<u64>, offset: Option<u64>) -> String {
    match (line, offset) {
        (Some(line), Some(offset)) => format!(" (line {line}, byte {offset})"),
        (Some(line), None) => format!(" (line {line})"),
        (None, Some(offset)) => format!(" (byte {offset})"),
        (None, None) => String::new(),
    }
}

/// What a reader yields instead of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// One row is bad; reading goes on.
    Row(RowFault),
    /// The file is bad; nothing follows.
    File(FileFault),
}

impl FileFault {
    pub(crate) fn new(code: &'static str, advice: impl Into<String>) -> Self {
        Self { code, line: None, offset: None, advice: advice.into() }
    }

    pub(crate) const fn at(mut self, line: u64, offset: u64) -> Self {
        (self.line, self.offset) = (Some(line), Some(offset));
        self
    }

    pub(crate) const fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    pub(crate) fn unreadable(error: &io::Error) -> Self {
        Self::new("unreadable", format!("the file cannot be read further: {error}"))
    }
}

/// A problem that rejects a row.
pub(crate) fn reject(code: &'static str, field: Option<&str>, advice: impl Into<Cow<'static, str>>) -> Problem {
    Problem {
        code: Cow::Borrowed(code),
        severity: Severity::Reject,
        dimension: Dimension::Validity,
        field: field.map(|field| Cow::Owned(field.to_owned())),
        advice: advice.into(),
    }
}

/// A problem worth telling about a row that is kept.
pub(crate) fn flag(code: &'static str, field: Option<&str>, advice: &'static str) -> Problem {
    Problem { severity: Severity::Flag, ..reject(code, field, advice) }
}

/// The problem of a row of JSON that is none.
pub(crate) fn json_problem(error: &JsonError) -> Problem {
    reject(error.code, None, format!("{} (byte {} of the row)", error.advice, error.offset))
}

/// The most of a bad row that is kept to show what was sent, in bytes.
const KEPT: usize = 4096;

/// The text of a bad row, cut to a bound, with what is no text replaced.
pub(crate) fn kept(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(KEPT)]);
    text.chars().map(|char| if char == '\0' { '\u{fffd}' } else { char }).collect()
}
