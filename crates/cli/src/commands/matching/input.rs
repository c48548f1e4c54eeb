//! How is a table of any format read, as text cells under headers?

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use csv::StringRecord;
use jiku_ingest::Charset;

use crate::failure::{Failure, chain};

/// A table being read.
pub(crate) struct Input {
    /// The headers, trimmed.
    pub(crate) headers: Vec<String>,
    /// What the file is called.
    pub(crate) name: String,
    rows: Rows,
    uneven: Uneven,
}

/// Rows that have more or fewer cells than there are headers: a missing cell counts as empty, a surplus one is left out.
#[derive(Clone, Debug, Default)]
struct Uneven {
    rows: u64,
    /// The lines of the first.
    lines: Vec<u64>,
}

impl Uneven {
    fn note(&mut self, row: &StringRecord, headers: usize) {
        if row.len() < headers || row.iter().skip(headers).any(|cell| !cell.trim().is_empty()) {
            self.rows += 1;
            if self.lines.len() < 5 {
                self.lines.extend(row.position().map(csv::Position::line));
            }
        }
    }
}

enum Rows {
    Stream(Box<csv::Reader<BufReader<File>>>),
    Memory(std::vec::IntoIter<StringRecord>),
}

/// Bytes looked at to tell whether a file is plain CSV in UTF-8, and what separates its cells.
const HEAD: usize = 1 << 20;

impl Input {
    /// Opens a file: plain CSV is streamed; NDJSON, JSON, Parquet, workbooks and CSV in other character sets are read by
    /// the same readers as `jiku ingest`. `charset` is that of text files that are not UTF-8.
    pub(crate) fn open(path: &Path, charset: Option<Charset>) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let failed = |error: &dyn std::error::Error| Failure::input(format!("cannot read {name}: {}", chain(error)));
        let mut file = File::open(path).map_err(|error| failed(&error))?;
        let mut head = vec![0; HEAD];
        let mut filled = 0;
        loop {
            let read = file.read(&mut head[filled..]).map_err(|error| failed(&error))?;
            if read == 0 {
                break;
            }
            filled += read;
        }
        head.truncate(filled);
        if !is_plain_csv(path, &head) {
            return Self::by_ingest(
                path,
                charset.filter(|_| std::str::from_utf8(&head).is_err_and(|error| error.error_len().is_some())),
                name,
            );
        }
        let file = File::open(path).map_err(|error| failed(&error))?;
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).delimiter(delimiter(&head)).from_reader(BufReader::with_capacity(1 << 18, file));
        let headers = reader.headers().map_err(|error| failed(&error))?;
        let headers: Vec<String> = headers.iter().map(|header| header.trim_start_matches('\u{feff}').trim().to_owned()).collect();
        if headers.iter().all(String::is_empty) {
            return Err(Failure::input(format!("{name} is empty; a table starts with a line of headers")));
        }
        Ok(Self { headers, rows: Rows::Stream(Box::new(reader)), name, uneven: Uneven::default() })
    }

    fn by_ingest(path: &Path, charset: Option<Charset>, name: String) -> Result<Self, Failure> {
        let options = jiku_ingest::Options { charset, ..jiku_ingest::Options::default() };
        let reader = jiku_ingest::Reader::open_file(path, options)
            .map_err(|fault| Failure::input(format!("cannot read {name}: {}", chain(&fault))))?;
        let mut headers: Vec<String> = reader.columns().iter().map(|column| column.trim().to_owned()).collect();
        let mut place: HashMap<String, usize> = headers.iter().cloned().zip(0..).collect();
        let mut rows = Vec::new();
        for row in reader {
            let row = row.map_err(|fault| Failure::input(format!("cannot read {name}: {}", told(&fault))))?;
            let mut cells = vec![String::new(); headers.len()];
            for (header, value) in row.raw {
                let at = *place.entry(header.trim().to_owned()).or_insert_with_key(|header| {
                    headers.push(header.clone());
                    headers.len() - 1
                });
                cells.resize(cells.len().max(at + 1), String::new());
                cells[at] = told_by(value);
            }
            rows.push(StringRecord::from(cells));
        }
        if headers.is_empty() {
            return Err(Failure::input(format!("{name} has no rows")));
        }
        Ok(Self { headers, rows: Rows::Memory(rows.into_iter()), name, uneven: Uneven::default() })
    }

    /// Gives columns other names: those under which another table has them. A column that has such a name already gives it up.
    pub(crate) fn rename(&mut self, names: &[(String, String)]) {
        let places: Vec<Option<usize>> = names.iter().map(|(_, from)| self.column(from)).collect();
        for (header, (to, _)) in places.iter().zip(names).filter_map(|(at, names)| Some(((*at)?, names))) {
            if let Some(other) = self.headers.iter().position(|known| known == to).filter(|other| *other != header) {
                self.headers[other].push_str(" (2)");
            }
            self.headers[header].clone_from(to);
        }
    }

    /// The header that two columns have.
    pub(crate) fn repeated_header(&self) -> Option<&str> {
        let repeated = |(at, header): (usize, &String)| !header.is_empty() && self.headers[..at].contains(header);
        self.headers.iter().enumerate().find(|(at, header)| repeated((*at, header))).map(|(_, header)| header.as_str())
    }

    /// What is to be told of rows with more or fewer cells than there are headers, once all are read.
    pub(crate) fn uneven_rows(&self) -> Option<String> {
        let Uneven { rows, lines } = &self.uneven;
        let lines: Vec<String> = lines.iter().map(u64::to_string).collect();
        let (number, more) = (crate::table::count(*rows), if *rows > lines.len() as u64 { " …" } else { "" });
        (*rows > 0).then(|| {
            format!(
                "{}: {number} rows have more or fewer cells than the {} of the header (lines {}{more}). They are kept: missing cells are empty, \
                 surplus ones are left out. Put quotes around cells that hold the separator.",
                self.name,
                self.headers.len(),
                lines.join(", ")
            )
        })
    }

    /// The next rows, at most `count`; none at the end.
    pub(crate) fn chunk(&mut self, count: usize) -> Result<Vec<StringRecord>, Failure> {
        let mut rows = Vec::new();
        self.fill(&mut rows, count)?;
        Ok(rows)
    }

    /// Fills `rows` with the next ones, at most `count`; none at the end. Their memory is used again.
    pub(crate) fn fill(&mut self, rows: &mut Vec<StringRecord>, count: usize) -> Result<(), Failure> {
        let name = &self.name;
        match &mut self.rows {
            Rows::Stream(reader) => {
                rows.resize_with(count, StringRecord::new);
                let mut filled = 0;
                while filled < count
                    && reader
                        .read_record(&mut rows[filled])
                        .map_err(|error| Failure::input(format!("cannot read {name}: {}", chain(&error))))?
                {
                    self.uneven.note(&rows[filled], self.headers.len());
                    filled += 1;
                }
                rows.truncate(filled);
            }
            Rows::Memory(known) => {
                rows.clear();
                rows.extend(known.take(count));
            }
        }
        Ok(())
    }

    /// The place of a column, whatever the case of its letters.
    pub(crate) fn column(&self, header: &str) -> Option<usize> {
        self.headers
            .iter()
            .position(|known| known == header)
            .or_else(|| self.headers.iter().position(|known| known.to_lowercase() == header.to_lowercase()))
    }

    /// The place of a column that was named on the command line.
    pub(crate) fn named_column(&self, header: &str) -> Result<usize, Failure> {
        self.column(header)
            .ok_or_else(|| Failure::usage(format!("{} has no column {header:?}; it has {}", self.name, self.headers.join(", "))))
    }
}

/// A value as a cell; of a list its values with `;` between them.
fn told_by(value: serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        Value::Array(values) if values.iter().all(|value| !value.is_array() && !value.is_object()) => {
            values.into_iter().map(told_by).collect::<Vec<_>>().join(";")
        }
        other => other.to_string(),
    }
}

/// What is wrong with a row or with the rest of the file.
fn told(fault: &jiku_ingest::Fault) -> String {
    match fault {
        jiku_ingest::Fault::Row(fault) => format!("line {}: {}", fault.line, fault.problem.advice),
        jiku_ingest::Fault::File(fault) => chain(fault),
    }
}

fn is_plain_csv(path: &Path, head: &[u8]) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
    let text = match std::str::from_utf8(head) {
        Ok(_) => true,
        // A character may be cut at the end of what was looked at.
        Err(error) => error.error_len().is_none(),
    };
    text && matches!(extension.as_deref(), Some("csv" | "tsv" | "txt") | None) && !head.trim_ascii_start().starts_with(b"{")
}

/// The sign that separates most cells of the first line.
fn delimiter(head: &[u8]) -> u8 {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |sign: u8| line.iter().filter(|byte| **byte == sign).count();
    [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(|sign| count(*sign)).unwrap_or(b',')
}
