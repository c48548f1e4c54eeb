//! Where are the cells of a CSV file?
//!
//! RFC 4180, read by `csv-core` on bytes into buffers of fixed size: neither UTF-8 nor GB 18030 use the bytes of comma,
//! quote and line end inside a character.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::fault::{FileFault, reject};
use crate::input::Input;
use crate::limits::Limits;
use jiku_model::Problem;

/// Takes the rows of a CSV file apart.
pub(crate) struct Csv {
    reader: Reader,
    limits: Limits,
    output: Vec<u8>,
    ends: Vec<usize>,
    filled: usize,
    cells: usize,
}

/// One row: its cells are in [`Csv::cells`].
#[derive(Debug)]
pub(crate) struct CsvRow {
    /// The line it begins on.
    pub(crate) line: u64,
    /// The offset of its first byte.
    pub(crate) offset: u64,
    /// Why the row cannot be used, if so; its cells are then cut.
    pub(crate) problem: Option<Problem>,
}

const FIRST_OUTPUT: usize = 8 * 1024;
const FIRST_ENDS: usize = 64;

impl Csv {
    pub(crate) fn new(delimiter: u8, limits: Limits) -> Self {
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Self { reader, limits, output: vec![0; FIRST_OUTPUT], ends: vec![0; FIRST_ENDS], filled: 0, cells: 0 }
    }

    /// Takes rows of so many bytes from here on.
    pub(crate) const fn take_rows_of(&mut self, bytes: usize) {
        self.limits.row_bytes = bytes;
    }

    /// The bytes of all cells of the last row, one after the other, and where each ends.
    pub(crate) fn cells(&self) -> (&[u8], &[usize]) {
        (&self.output[..self.filled], &self.ends[..self.cells])
    }

    /// The next row, none at the end. A quote that is opened and never closed ends the file: what would follow is
    /// guesswork.
    pub(crate) fn next(&mut self, input: &mut Input) -> Result<Option<CsvRow>, FileFault> {
        let (mut line, mut offset) = (input.line(), input.offset());
        let (mut taken, mut problem, mut started, mut cell_lines) = (0_u64, None, false, (0_usize, 0_u64));
        (self.filled, self.cells) = (0, 0);
        loop {
            let chunk = input.chunk().map_err(|error| FileFault::unreadable(&error))?;
            let at_end = chunk.is_empty();
            // After the last byte: a line end inside a quote is content, anywhere else it ends the row.
            let chunk = if at_end && started { b"\n" } else { chunk };
            let (result, read, written, ends) =
                self.reader.read_record(chunk, &mut self.output[self.filled..], &mut self.ends[self.cells..]);
            let lines = memchr::memchr_iter(b'\n', &chunk[..read]).count() as u64;
            if !started {
                // Line ends before the first byte of the row belong to blank lines or to the row before.
                let blank = chunk[..read].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
                line += memchr::memchr_iter(b'\n', &chunk[..blank]).count() as u64;
                offset += blank as u64;
                started = blank < read;
            }
            if !at_end {
                taken += read as u64;
                input.consume_counted(read, lines);
            }
            (self.filled, self.cells) = (self.filled + written, self.cells + ends);
            if ends > 0 {
                cell_lines = (self.cells, 0);
            } else {
                cell_lines.1 += lines;
            }
            let cell_start = if self.cells == 0 { 0 } else { self.ends[self.cells - 1] };
            match result {
                ReadRecordResult::Record => {
                    return Ok(Some(CsvRow { line, offset, problem }));
                }
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::InputEmpty if at_end && started && problem.is_none() => return Err(unclosed(line, offset)),
                ReadRecordResult::InputEmpty if at_end && started => return Ok(Some(CsvRow { line, offset, problem })),
                ReadRecordResult::InputEmpty if at_end => return Ok(None),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.output.len() < self.limits.row_bytes => {
                    self.output.resize((self.output.len() * 4).min(self.limits.row_bytes), 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < self.limits.columns => {
                    self.ends.resize((self.ends.len() * 4).min(self.limits.columns), 0);
                }
                ReadRecordResult::OutputFull => {
                    problem = Some(self.limits.row_too_long());
                    (self.filled, self.cells) = (0, 0);
                }
                ReadRecordResult::OutputEndsFull => {
                    problem = Some(reject("csv-columns", None, "send at most 1000 columns"));
                    (self.filled, self.cells) = (0, 0);
                }
            }
            if cell_lines.1 > 1 && self.filled.saturating_sub(cell_start) > self.limits.field_bytes {
                return Err(unclosed(line, offset));
            }
            if taken > self.limits.give_up_bytes {
                return Err(self.limits.no_end().at(line, offset));
            }
        }
    }
}

fn unclosed(line: u64, offset: u64) -> FileFault {
    FileFault::new("csv-structure", "close the quote that is opened in the row that begins here").at(line, offset)
}
