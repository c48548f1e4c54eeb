//! How does a CSV file become rows?

use std::borrow::Cow;

use jiku_model::Problem;

use crate::charset::Charset;
use crate::csv::{Csv, CsvRow};
use crate::fault::{FileFault, RowFault, flag, kept, reject};
use crate::input::Input;
use crate::limits::Limits;
use crate::mapping::Mapping;
use crate::reader::Found;
use crate::row::Row;
use crate::table::Table;

/// An open CSV file, its header read.
pub(crate) struct Delimited {
    csv: Csv,
    table: Table,
    charset: Charset,
    declared: bool,
    /// Whether characters beyond ASCII have been read well: then the file is in its charset, and a row that is not is a
    /// bad row.
    seen_wide: bool,
    limits: Limits,
}

/// What a row's cells turned out to be.
enum Cells<'a> {
    /// All of them in one text, as UTF-8 files have them.
    Whole(&'a str),
    /// One by one, decoded.
    Each(Vec<Cow<'a, str>>),
}

/// Where bytes are no text of the charset.
struct BadByte {
    cell: usize,
    position: usize,
}

impl Delimited {
    pub(crate) fn open(
        input: &mut Input,
        head: &[u8],
        charset: Option<Charset>,
        mapping: &Mapping,
        limits: Limits,
    ) -> Result<Self, FileFault> {
        let mut csv = Csv::new(mapping.delimiter.unwrap_or_else(|| delimiter_of(head)), limits);
        let (declared, charset) = (charset.is_some(), charset.unwrap_or(Charset::Utf8));
        let Some(row) = csv.next(input)? else {
            return Err(FileFault::new("csv-header", "begin with a header line that names the columns"));
        };
        if row.problem.is_some() {
            return Err(FileFault::new("csv-header", "begin with a header line that names at most 1000 columns").at_line(row.line));
        }
        let header: Vec<String> = match decode(&csv, charset) {
            Ok(Cells::Whole(text)) => slices(text, csv.cells().1).map(str::to_owned).collect(),
            Ok(Cells::Each(cells)) => cells.into_iter().map(Cow::into_owned).collect(),
            Err(bad) => return Err(undeclared(declared, charset, &row, &bad)),
        };
        let seen_wide = header.iter().any(|name| !name.is_ascii());
        let table = Table::new(&header, mapping, &limits)?;
        if table.targets().any(|target| target == "geometry") {
            csv.take_rows_of(limits.feature_bytes);
        }
        Ok(Self { table, csv, charset, declared, seen_wide, limits })
    }

    pub(crate) const fn table(&self) -> &Table {
        &self.table
    }

    pub(crate) fn next(&mut self, input: &mut Input, number: u64, wanted: bool) -> Result<Option<Found>, FileFault> {
        let Some(row) = self.csv.next(input)? else { return Ok(None) };
        if !wanted {
            return Ok(Some(Found::Passed));
        }
        let line = row.line;
        if let Some(problem) = row.problem {
            return Ok(Some(Found::Bad(RowFault { number, line, problem, payload: kept(self.csv.cells().0) })));
        }
        let (bytes, ends) = self.csv.cells();
        let bad = |problem| Ok(Some(Found::Bad(RowFault { number, line, problem, payload: kept(bytes) })));
        if ends.len() != self.table.width() {
            return bad(reject("csv-columns", None, format!("send {} cells as the header has, got {}", self.table.width(), ends.len())));
        }
        let cells = match decode(&self.csv, self.charset) {
            Ok(cells) => cells,
            Err(place) if !self.declared && !self.seen_wide => return Err(undeclared(false, self.charset, &row, &place)),
            Err(place) => return bad(reject("encoding", Some(self.table.name(place.cell)), "save the file in one character set")),
        };
        match cells {
            Cells::Whole(text) => {
                self.seen_wide |= !text.is_ascii();
                Ok(Some(finish(&self.table, number, line, slices(text, ends), bytes, &self.limits)))
            }
            Cells::Each(cells) => Ok(Some(finish(&self.table, number, line, cells.iter().map(AsRef::as_ref), bytes, &self.limits))),
        }
    }
}

fn finish<'a>(table: &Table, number: u64, line: u64, cells: impl Iterator<Item = &'a str> + Clone, bytes: &[u8], limits: &Limits) -> Found {
    let suspect = bytes.len() > limits.field_bytes || memchr::memchr(0, bytes).is_some();
    if suspect && let Some(problem) = cell_problem(table, cells.clone(), limits) {
        return Found::Bad(RowFault { number, line, problem, payload: kept(bytes) });
    }
    let problems = replaced(table, cells.clone());
    let (raw, payload) = table.record(cells, bytes.len());
    Found::Row(Row { number, line, raw, payload, problems })
}

/// What makes a row unusable: a cell that is too long, or a NUL.
pub(crate) fn cell_problem<'a>(table: &Table, cells: impl Iterator<Item = &'a str>, limits: &Limits) -> Option<Problem> {
    cells.enumerate().find_map(|(column, cell)| {
        let name = table.name(column);
        if cell.len() > limits.field_bytes && table.targets().nth(column) != Some("geometry") {
            return Some(reject("too-long", Some(name), "keep a value within 64 KiB"));
        }
        cell.contains('\0').then(|| reject("invalid-unicode", Some(name), "remove the character NUL"))
    })
}

/// Flags for cells in which an earlier conversion has lost characters.
pub(crate) fn replaced<'a>(table: &Table, cells: impl Iterator<Item = &'a str>) -> Vec<Problem> {
    let lost = |(column, cell): (usize, &str)| {
        let found = memchr::memmem::find(cell.as_bytes(), "\u{fffd}".as_bytes()).is_some();
        found.then(|| flag("replacement-character", Some(table.name(column)), "send the value again: characters were lost on the way"))
    };
    cells.enumerate().filter_map(lost).collect()
}

fn slices<'a>(text: &'a str, ends: &'a [usize]) -> impl Iterator<Item = &'a str> + Clone {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends.iter().copied()).map(|(start, end)| &text[start..end])
}

fn decode(csv: &Csv, charset: Charset) -> Result<Cells<'_>, BadByte> {
    let (bytes, ends) = csv.cells();
    // Halves of characters in neighbouring cells may look whole together.
    if charset == Charset::Utf8
        && let Ok(text) = std::str::from_utf8(bytes)
        && ends.iter().all(|&end| text.is_char_boundary(end))
    {
        return Ok(Cells::Whole(text));
    }
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let cells = starts
        .zip(ends)
        .enumerate()
        .map(|(cell, (start, &end))| charset.decode(&bytes[start..end]).map_err(|position| BadByte { cell, position: start + position }));
    cells.collect::<Result<Vec<_>, _>>().map(Cells::Each)
}

/// The fault of a file whose charset is not what it was taken for. The offset is exact where no quotes come before it in
/// its row.
fn undeclared(declared: bool, charset: Charset, row: &CsvRow, bad: &BadByte) -> FileFault {
    let offset = row.offset + (bad.position + bad.cell) as u64;
    if declared {
        let advice =
            format!("declare the character set the file is in: this is no {}", if charset == Charset::Utf8 { "utf-8" } else { "gb18030" });
        return FileFault::new("encoding", advice).at(row.line, offset);
    }
    let advice = "declare the character set (gb18030 for GBK and GB 2312), or save the file as UTF-8";
    FileFault::new("encoding-undeclared", advice).at(row.line, offset)
}

/// The separator that the header line uses most, outside quotes; a comma when none.
fn delimiter_of(head: &[u8]) -> u8 {
    let (mut quoted, mut counts) = (false, [(b',', 0), (b';', 0), (b'\t', 0)]);
    for &byte in head {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if quoted => {}
            _ => {
                if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == byte) {
                    *count += 1;
                }
            }
        }
    }
    // The comma first: of equal counts the last one wins.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |&(delimiter, _)| delimiter)
}
