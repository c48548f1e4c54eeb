//! How are the rows of a workbook, a Parquet file or a layer of features read without holding them all?
//!
//! The libraries hand out rows that borrow from the open file, and may panic on damaged files. They run in a thread
//! of their own that sends rows through a short queue; a panic there ends as a bad file, not as the end of the service.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{DataRef, ExcelDateTime, Reader as _, Xlsx};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use jiku_geofile::{Feature, Flow, Layer, Visitor};
use parquet::file::reader::FileReader;
use parquet::file::serialized_reader::SerializedFileReader;
use parquet::record::Field;

use crate::archive;
use crate::charset::Charset;
use crate::fault::FileFault;
use crate::format::Format;
use crate::input::hexadecimal;
use crate::limits::Limits;
use crate::table::ID;

/// A row: its number in the sheet, from 1, and its cells.
pub(crate) type SheetRow = (u64, Vec<String>);

enum Message {
    Header(Vec<String>),
    Rows(Vec<SheetRow>),
    End(Result<(), FileFault>),
}

/// A file at hand as a whole: open, and under a name for the libraries that open files themselves.
pub(crate) struct Whole {
    pub(crate) file: File,
    pub(crate) path: Place,
}

/// Where a file lies.
pub(crate) enum Place {
    /// Where its owner has it.
    Given(PathBuf),
    /// In a temporary file, gone when it has been read.
    Spool(tempfile::TempPath),
}

impl Place {
    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Spool(path) => path,
        }
    }
}

/// What is to be read of a file.
pub(crate) struct Question {
    /// The sheet of a workbook, the layer of a GeoPackage, the shapefile of an archive.
    pub(crate) sheet: Option<String>,
    /// The character set of a shapefile's attributes.
    pub(crate) charset: Option<Charset>,
    /// The standard columns: shapefiles cut names to ten bytes.
    pub(crate) columns: Vec<&'static str>,
    /// The columns of the file that the mapping names.
    pub(crate) mapped: Vec<String>,
    /// Whether the mapping says which column is the key.
    pub(crate) keyed: bool,
    pub(crate) limits: Limits,
}

/// The rows of an open file.
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
    pub(crate) fn open(mut whole: Whole, format: Format, question: Question) -> Result<(Self, Vec<String>), FileFault> {
        if matches!(format, Format::Xlsx | Format::Shapefile) {
            archive::check(&mut whole.file)?;
        }
        let (messages, receiver) = sync_channel(QUEUE);
        let run = move || {
            let mut sender = Sender { messages, packet: Vec::with_capacity(PACKET) };
            let result = match format.layers() {
                Some(layers) => read_features(layers, whole.path.path(), &question, &mut sender),
                None if format == Format::Parquet => read_parquet(whole.file, &mut sender),
                None => read_workbook(whole.file, question.sheet.as_deref(), question.limits, &mut sender),
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
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(moment) => spreadsheet_moment(*moment),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.trim_end_matches("T00:00:00").to_owned(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// A number without exponent. Of one with more than the 15 digits that spreadsheets keep, these and how many there were:
/// `4.41702199206293E+17`. Filled up to eighteen they would be somebody else's number, and of eleven such one has the right check digit.
fn number_text(number: f64) -> String {
    const KEPT: usize = 15;
    let text = number.to_string();
    match text.get(..KEPT) {
        Some(kept) if number >= 1e15 => format!("{}.{}E+{}", &kept[..1], &kept[1..], text.len() - 1),
        _ => text,
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
    let metadata = reader.metadata().file_metadata();
    let geo = metadata.key_value_metadata().into_iter().flatten().find(|entry| entry.key == "geo").and_then(|entry| entry.value.as_deref());
    let geo = geo.and_then(Geo::read);
    let is_geometry = |name: &str| geo.as_ref().is_some_and(|geo| geo.column == name);
    let names: Vec<String> = metadata.schema_descr().root_schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
    let crs = geo.as_ref().and_then(|geo| geo.crs.clone()).filter(|_| names.iter().all(|name| name != "crs"));
    let header = names.iter().map(|name| if is_geometry(name) { "geometry".to_owned() } else { name.clone() });
    sender.header(header.chain(crs.iter().map(|_| "crs".to_owned())).collect())?;
    for (number, row) in (1..).zip(reader) {
        let row = row.map_err(|error| damaged("parquet", error))?;
        let cells = row.get_column_iter().map(|(name, field)| match field {
            Field::Bytes(bytes) if is_geometry(name) => hexadecimal(bytes.data()),
            field => field_text(field),
        });
        sender.row(number, cells.chain(crs.clone()).collect())?;
    }
    Ok(())
}

/// What a GeoParquet file says of its geometry (OGC GeoParquet 1.1).
struct Geo {
    column: String,
    /// The coordinate system; none for longitude and latitude of WGS 84, which is meant when nothing is said.
    crs: Option<String>,
}

impl Geo {
    fn read(text: &str) -> Option<Self> {
        let geo: serde_json::Value = serde_json::from_str(text).ok()?;
        let column = geo["primary_column"].as_str()?;
        let id = &geo["columns"][column]["crs"]["id"];
        let code = id["code"].as_u64().map(|code| code.to_string()).or_else(|| id["code"].as_str().map(str::to_owned));
        let crs = id["authority"].as_str().zip(code).map(|(authority, code)| format!("{authority}:{code}"));
        Some(Self { column: column.to_owned(), crs: crs.filter(|crs| crs != "OGC:CRS84") })
    }
}

/// Reads a layer: its attributes, then the geometry as hexadecimal WKB, then the coordinate system where the file tells it.
fn read_features(format: jiku_geofile::Format, path: &Path, question: &Question, sender: &mut Sender) -> Result<(), Stop> {
    let charset = question.charset.map(|charset| match charset {
        Charset::Utf8 => "utf-8".to_owned(),
        Charset::Gb18030 => "gb18030".to_owned(),
    });
    let options = jiku_geofile::Options { layer: question.sheet.clone(), charset };
    let mut rows =
        Rows { sender, columns: &question.columns, mapped: &question.mapped, keyed: question.keyed, number: 0, crs: None, gone: false };
    let read = jiku_geofile::read(format, path, &options, &mut rows);
    if rows.gone {
        return Err(Stop::Gone);
    }
    read.map_err(|error| match error {
        jiku_geofile::GeoFileError::Io(error) => Stop::Bad(FileFault::unreadable(&error)),
        other => Stop::Bad(FileFault::new("content-mismatch", format!("send a file that can be used: {other}"))),
    })
}

/// Sends features on as rows.
struct Rows<'a> {
    sender: &'a mut Sender,
    columns: &'a [&'static str],
    mapped: &'a [String],
    /// Whether a column is the key: else the file's own number is.
    keyed: bool,
    number: u64,
    crs: Option<String>,
    gone: bool,
}

impl Rows<'_> {
    fn flow(&mut self, sent: Result<(), Gone>) -> Flow {
        self.gone = sent.is_err();
        if self.gone { Flow::Enough } else { Flow::More }
    }

    /// The standard columns behind the names of a layer; a name that the mapping file speaks of stays as it is.
    fn whole_names(&self, layer: &Layer) -> Vec<String> {
        let names: Vec<&str> = layer.columns.iter().map(|column| column.name.as_str()).collect();
        let whole = |name: &&str| {
            let own = self.mapped.iter().any(|mapped| mapped == name) || self.columns.contains(name);
            let standard = || jiku_geofile::spelled_out(name, self.columns).filter(|column| !names.contains(column));
            if own { (*name).to_owned() } else { standard().unwrap_or(name).to_owned() }
        };
        names.iter().map(whole).collect()
    }
}

impl Visitor for Rows<'_> {
    fn layer(&mut self, layer: &Layer) -> Flow {
        let mut header = self.whole_names(layer);
        header.push("geometry".to_owned());
        if let Some(epsg) = layer.epsg.filter(|_| header.iter().all(|name| name != "crs")) {
            self.crs = Some(format!("EPSG:{epsg}"));
            header.push("crs".to_owned());
        }
        self.keyed |= layer.key.is_none() || header.iter().any(|name| ["source_key", ID].contains(&name.as_str()));
        if !self.keyed {
            header.push("source_key".to_owned());
        }
        let sent = self.sender.header(header);
        self.flow(sent)
    }

    fn feature(&mut self, feature: Feature) -> Flow {
        self.number += 1;
        let geometry = feature.geometry.as_deref().map(hexadecimal).unwrap_or_default();
        let crs = self.crs.clone().map(|crs| if geometry.is_empty() { String::new() } else { crs });
        let mut cells: Vec<String> = feature.values.into_iter().map(jiku_geofile::Value::into_text).collect();
        cells.push(geometry);
        cells.extend(crs);
        if !self.keyed {
            cells.push(feature.key.map(|key| key.to_string()).unwrap_or_default());
        }
        let sent = self.sender.row(self.number, cells);
        self.flow(sent)
    }
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
