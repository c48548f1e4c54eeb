//! How are the rows of a workbook or a Parquet file read without holding them all?
//!
//! Both libraries hand out rows that borrow from the open file, and both may panic on damaged files. They run in a thread
//! of their own that sends rows through a short queue; a panic there ends as a bad file, not as the end of the service.

use std::fs::File;
use std::io::BufReader;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::Field;

use crate::archive;
use crate::fault::FileFault;
use crate::format::Format;
use crate::limits::Limits;

/// A row: its number in the sheet, from 1, and its cells.
pub(crate) type SheetRow = (u64, Vec<String>);

enum Message {
    Header(Vec<String>),
    Rows(Vec<SheetRow>),
    End(Result<(), FileFault>),
}

/// The rows of an open workbook or Parquet file.
pub(crate) struct Sheet {
    messages: Receiver<Message>,
    rows: std::vec::IntoIter<SheetRow>,
    ended: bool,
}

/// Rows that travel together, and packets that may wait.
const PACKET: usize = 128;
const QUEUE: usize = 4;

/// The receiver is gone: nobody wants more rows.
struct Gone;

/// The sending end, in the thread.
struct Sender {
    messages: SyncSender<Message>,
    packet: Vec<SheetRow>,
}

impl Sender {
    fn header(&mut self, header: Vec<String>) -> Result<(), Gone> {
        self.messages.send(Message::Header(header)).map_err(|_| Gone)
    }

    fn row(&mut self, number: u64, cells: Vec<String>) -> Result<(), Gone> {
        self.packet.push((number, cells));
        if self.packet.len() == PACKET { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Gone> {
        let packet = std::mem::replace(&mut self.packet, Vec::with_capacity(PACKET));
        self.messages.send(Message::Rows(packet)).map_err(|_| Gone)
    }
}

/// Why a thread stopped early.
enum Stop {
    Gone,
    Bad(FileFault),
}

impl From<Gone> for Stop {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

fn damaged(what: &str, error: impl std::fmt::Display) -> Stop {
    Stop::Bad(FileFault::new("content-mismatch", format!("send a sound {what} file: {error}")))
}

impl Sheet {
    /// Opens the file; gives its header.
    pub(crate) fn open(mut file: File, format: Format, sheet: Option<String>, limits: Limits) -> Result<(Self, Vec<String>), FileFault> {
        if format == Format::Xlsx {
            archive::check(&mut file)?;
        }
        let (messages, receiver) = sync_channel(QUEUE);
        let run = move || {
            let mut sender = Sender { messages, packet: Vec::with_capacity(PACKET) };
            let result = match format {
                Format::Parquet => read_parquet(file, &mut sender),
                _ => read_workbook(file, sheet.as_deref(), limits, &mut sender),
            };
            let end = match result.and_then(|()| Ok(sender.flush()?)) {
                Ok(()) => Ok(()),
                Err(Stop::Gone) => return,
                Err(Stop::Bad(fault)) => Err(fault),
            };
            // Nobody listens when the reader was dropped: then nobody needs to know.
            let _ = sender.messages.send(Message::End(end));
        };
        std::thread::Builder::new().name(format!("ingest-{format}")).spawn(run).map_err(|error| FileFault::unreadable(&error))?;
        let mut sheet = Self { messages: receiver, rows: Vec::new().into_iter(), ended: false };
        match sheet.messages.recv() {
            Ok(Message::Header(header)) => Ok((sheet, header)),
            Ok(Message::End(Err(fault))) => Err(fault),
            Ok(_) => {
                sheet.ended = true;
                Err(FileFault::new("csv-header", "begin with a header row that names the columns"))
            }
            Err(_) => Err(broken(format)),
        }
    }

    /// The next row, none at the end.
    pub(crate) fn next(&mut self, format: Format) -> Result<Option<SheetRow>, FileFault> {
        loop {
            if let Some(row) = self.rows.next() {
                return Ok(Some(row));
            }
            if self.ended {
                return Ok(None);
            }
            match self.messages.recv() {
                Ok(Message::Rows(rows)) => self.rows = rows.into_iter(),
                Ok(Message::Header(_)) => {}
                Ok(Message::End(end)) => {
                    self.ended = true;
                    end?;
                }
                Err(_) => return Err(broken(format)),
            }
        }
    }
}

fn broken(format: Format) -> FileFault {
    FileFault::new("content-mismatch", format!("send a sound {format} file: it is damaged"))
}

fn read_workbook(file: File, sheet: Option<&str>, limits: Limits, sender: &mut Sender) -> Result<(), Stop> {
    let mut workbook: Xlsx<_> = Xlsx::new(BufReader::new(file)).map_err(|error| damaged("xlsx", error))?;
    let name = match sheet {
        Some(name) => name.to_owned(),
        None => workbook.sheet_names().first().cloned().ok_or_else(|| damaged("xlsx", "it has no sheet"))?,
    };
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(|error| damaged("xlsx", error))?;
    let (mut number, mut row, mut has_header): (u32, Vec<String>, bool) = (0, Vec::new(), false);
    let mut finish = |number: u32, row: &mut Vec<String>| -> Result<(), Stop> {
        let row = std::mem::take(row);
        if row.iter().all(String::is_empty) {
            return Ok(());
        }
        if has_header {
            return Ok(sender.row(u64::from(number) + 1, row)?);
        }
        has_header = true;
        Ok(sender.header(row)?)
    };
    while let Some(cell) = cells.next_cell().map_err(|error| damaged("xlsx", error))? {
        let (cell_row, column) = (cell.get_position().0, cell.get_position().1 as usize);
        if cell_row != number {
            finish(number, &mut row)?;
            number = cell_row;
        }
        let text = cell_text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        if column > limits.columns {
            return Err(Stop::Bad(FileFault::new("csv-header", format!("send at most {} columns", limits.columns))));
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        row[column] = text;
    }
    finish(number, &mut row)
}

fn cell_text(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::Int(number) => number.to_string(),
        // Spreadsheets keep 15 digits; a number is printed without exponent, so that what is lost can be seen.
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(moment) => spreadsheet_moment(*moment),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.trim_end_matches("T00:00:00").to_owned(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// A cell that is formatted as a date: the day, with the time where there is one.
fn spreadsheet_moment(moment: ExcelDateTime) -> String {
    match moment.as_datetime() {
        Some(moment) if moment.time() == chrono::NaiveTime::MIN => moment.date().to_string(),
        Some(moment) => moment.format("%Y-%m-%dT%H:%M:%S").to_string(),
        None => moment.as_f64().to_string(),
    }
}

fn read_parquet(file: File, sender: &mut Sender) -> Result<(), Stop> {
    let reader = SerializedFileReader::new(file).map_err(|error| damaged("parquet", error))?;
    let schema = reader.metadata().file_metadata().schema_descr().root_schema().clone();
    sender.header(schema.get_fields().iter().map(|field| field.name().to_owned()).collect())?;
    for (number, row) in (1..).zip(reader) {
        let row = row.map_err(|error| damaged("parquet", error))?;
        sender.row(number, row.get_column_iter().map(|(_, field)| field_text(field)).collect())?;
    }
    Ok(())
}

fn field_text(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Str(text) => text.clone(),
        Field::Bytes(bytes) => String::from_utf8_lossy(bytes.data()).into_owned(),
        Field::Float(number) => number.to_string(),
        Field::Double(number) => number.to_string(),
        Field::Date(days) => since_epoch(TimeDelta::try_days(i64::from(*days))).map(|moment| moment.date().to_string()).unwrap_or_default(),
        Field::TimestampMillis(time) => moment_text(since_epoch(TimeDelta::try_milliseconds(*time))),
        Field::TimestampMicros(time) => moment_text(since_epoch(Some(TimeDelta::microseconds(*time)))),
        other => other.to_string(),
    }
}

fn since_epoch(delta: Option<TimeDelta>) -> Option<NaiveDateTime> {
    NaiveDate::from_ymd_opt(1970, 1, 1)?.and_time(chrono::NaiveTime::MIN).checked_add_signed(delta?)
}

fn moment_text(moment: Option<NaiveDateTime>) -> String {
    moment.map(|moment| moment.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()
}
