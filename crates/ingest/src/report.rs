//! How are the problems of a file told, row by row?

use std::io::{self, Write};

use jiku_model::Problem;
use serde::Serialize;

use crate::fault::RowFault;

/// Writes one line of JSON for each problem: file where it tells of several, line, row, source_key, field, code, severity, dimension, advice.
#[derive(Debug)]
pub struct Report<W: Write> {
    writer: W,
    file: Option<String>,
    problems: u64,
}

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    line: u64,
    row: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_key: Option<&'a str>,
    #[serde(flatten)]
    problem: &'a Problem,
}

impl<W: Write> Report<W> {
    /// A report that goes to `writer`, which should be buffered.
    pub const fn new(writer: W) -> Self {
        Self { writer, file: None, problems: 0 }
    }

    /// From here on the rows are those of this file, one of several.
    pub fn begin_file(&mut self, name: &str) {
        self.file = Some(name.to_owned());
    }

    /// Tells the problems of one row, by its line and its number among the rows of the file.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&mut self, (line, row): (u64, u64), source_key: Option<&str>, problems: &[Problem]) -> io::Result<()> {
        for problem in problems {
            serde_json::to_writer(&mut self.writer, &Entry { file: self.file.as_deref(), line, row, source_key, problem })?;
            self.writer.write_all(b"\n")?;
            self.problems += 1;
        }
        Ok(())
    }

    /// Tells of a row that could not be read.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write_fault(&mut self, fault: &RowFault) -> io::Result<()> {
        self.write((fault.line, fault.number), None, std::slice::from_ref(&fault.problem))
    }

    /// How many problems have been told.
    pub const fn problems(&self) -> u64 {
        self.problems
    }

    /// Writes out what is buffered.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    /// Writes out what is buffered and gives the writer back.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.writer.flush()?;
        Ok(self.writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::reject;

    #[test]
    fn each_problem_is_one_line_without_the_value() {
        let mut report = Report::new(Vec::new());
        report.write((7, 6), Some("W1"), &[reject("csv-columns", None, "send 3 cells")]).expect("written");
        let text = String::from_utf8(report.finish().expect("flushed")).expect("text");
        assert_eq!(
            text,
            "{\"line\":7,\"row\":6,\"source_key\":\"W1\",\"code\":\"csv-columns\",\"severity\":\"reject\",\"dimension\":\"validity\",\"advice\":\"send 3 cells\"}\n"
        );
        let mut report = Report::new(Vec::new());
        report.begin_file("a.csv");
        report.write((7, 6), None, &[reject("csv-columns", None, "send 3 cells")]).expect("written");
        let text = String::from_utf8(report.finish().expect("flushed")).expect("text");
        assert!(text.starts_with("{\"file\":\"a.csv\",\"line\":7,"), "{text}");
    }
}
