//! Which rows does a file hold?

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::charset::Charset;
use crate::delimited::Delimited;
use crate::fault::{Fault, FileFault, RowFault, kept, reject};
use crate::format::{Format, sniff};
use crate::input::{Input, hexadecimal};
use crate::json::{Elements, Shape};
use crate::limits::Limits;
use crate::lines::Lines;
use crate::mapping::Mapping;
use crate::objects::Objects;
use crate::row::Row;
use crate::sheet::{Place, Question, Sheet, Whole};
use crate::table::Table;

/// How a file is to be read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The format the sender declares; the mapping's, or what the content shows, when absent.
    pub format: Option<Format>,
    /// The file's name, a hint where the content fits several formats.
    pub file_name: Option<String>,
    /// The character set the sender declares.
    pub charset: Option<Charset>,
    /// The mapping of the source.
    pub mapping: Mapping,
    /// The standard columns of the kind, to name columns that are none; nothing is named when empty.
    pub columns: Vec<&'static str>,
    /// Rows that an earlier run has dealt with: they are read over.
    pub skip_rows: u64,
    /// Bounds.
    pub limits: Limits,
    /// That nobody will ask for the digest, which need not be made then.
    pub undigested: bool,
}

enum Engine {
    Delimited(Box<Delimited>),
    Lines(Lines),
    Elements(Elements),
    Sheet(Sheet, Table),
}

/// What an engine found next: a row's place, and its content if it was wanted.
pub(crate) enum Found {
    /// The row begins on this line; nothing more was wanted.
    Passed,
    /// A row.
    Row(Row),
    /// A row that cannot be used.
    Bad(RowFault),
}

/// Reads rows one by one; memory does not grow with the file.
///
/// ```
/// let csv = "source,source_key,name\ngongan,1,李雷\n";
/// let mut reader = jiku_ingest::Reader::open(csv.as_bytes(), jiku_ingest::Options::default()).unwrap();
/// let row = reader.next().unwrap().unwrap();
/// assert_eq!((row.line, row.raw["name"].as_str()), (2, Some("李雷")));
/// assert_eq!(row.payload, r#"{"source":"gongan","source_key":"1","name":"李雷"}"#);
/// ```
pub struct Reader {
    format: Format,
    input: Input,
    engine: Engine,
    objects: Objects,
    total: Option<u64>,
    digest: Option<String>,
    number: u64,
    skip_rows: u64,
    limits: Limits,
    unknown: Vec<String>,
    ended: bool,
}

/// Bytes looked at to tell the format.
const HEAD: u64 = 64 * 1024;

/// The largest file of that sort that is taken from a stream, in bytes.
const SPOOL: u64 = 2 * 1024 * 1024 * 1024;

impl Reader {
    /// Opens a file by its path.
    ///
    /// # Errors
    /// When the file cannot be opened or is bad as a whole: see [`FileFault`].
    pub fn open_file(path: &Path, options: Options) -> Result<Self, FileFault> {
        check(&options)?;
        let mut file = File::open(path).map_err(|error| FileFault::unreadable(&error))?;
        let total = file.metadata().map_err(|error| FileFault::unreadable(&error))?.len();
        let file_name = options.file_name.clone().or_else(|| path.file_name().map(|name| name.to_string_lossy().into_owned()));
        let options = Options { file_name, ..options };
        let head = read_head(&mut file)?;
        let format = format_of(&head, &options)?;
        file.seek(SeekFrom::Start(0)).map_err(|error| FileFault::unreadable(&error))?;
        let mut reader = if format.needs_whole_file() {
            let (digest, _) = copy(&mut file, &mut io::sink())?;
            file.seek(SeekFrom::Start(0)).map_err(|error| FileFault::unreadable(&error))?;
            Self::open_whole(Whole { file, path: Place::Given(path.to_owned()) }, format, options, digest)?
        } else {
            Self::open_stream(Box::new(file), format, &head, options)?
        };
        reader.total = Some(total);
        Ok(reader)
    }

    /// Opens a stream. Files that are not read from their beginning are first put into a temporary file.
    ///
    /// # Errors
    /// When the file is bad as a whole: see [`FileFault`].
    pub fn open(mut input: impl Read + Send + 'static, options: Options) -> Result<Self, FileFault> {
        check(&options)?;
        let head = read_head(&mut input)?;
        // A file may be empty where nothing has changed; who sends nothing has sent it by mistake.
        if head.is_empty() {
            return Err(FileFault::new("body-missing", "send records: the body is empty"));
        }
        let format = format_of(&head, &options)?;
        let mut whole = Cursor::new(head.clone()).chain(input);
        if !format.needs_whole_file() {
            return Self::open_stream(Box::new(whole), format, &head, options);
        }
        let (mut file, path) = tempfile::NamedTempFile::new().map_err(|error| FileFault::unreadable(&error))?.into_parts();
        let (digest, total) = copy(&mut whole, &mut file)?;
        file.seek(SeekFrom::Start(0)).map_err(|error| FileFault::unreadable(&error))?;
        let mut reader = Self::open_whole(Whole { file, path: Place::Spool(path) }, format, options, digest)?;
        reader.total = Some(total);
        Ok(reader)
    }

    fn open_whole(whole: Whole, format: Format, options: Options, digest: String) -> Result<Self, FileFault> {
        let question = Question {
            sheet: options.mapping.sheet.clone(),
            charset: options.charset.or(options.mapping.charset),
            columns: options.columns.clone(),
            mapped: options.mapping.named_columns().map(str::to_owned).collect(),
            keyed: options.mapping.has_key(),
            limits: options.limits,
        };
        let (sheet, header) = Sheet::open(whole, format, question)?;
        let table = Table::new(&header, &options.mapping, &options.limits)?;
        let input = Input::new(Box::new(io::empty()), false);
        let mut reader = Self::new(format, input, Engine::Sheet(sheet, table), &options);
        reader.digest = Some(digest);
        Ok(reader)
    }

    fn open_stream(input: Box<dyn Read + Send>, format: Format, head: &[u8], options: Options) -> Result<Self, FileFault> {
        let mut input = Input::new(input, !options.undigested);
        let limits = options.limits;
        let of_objects = limits_of_objects(format, &options);
        let engine = match format {
            Format::NdJson => Engine::Lines(Lines::new(b'\n', of_objects)),
            Format::GeoJsonSeq => Engine::Lines(Lines::new(if head.contains(&0x1e) { 0x1e } else { b'\n' }, of_objects)),
            Format::Json => Engine::Elements(Elements::new(Shape::Records, of_objects, false)),
            Format::GeoJson => {
                let is_named = options.mapping.constants().iter().any(|(column, _)| column == "crs");
                Engine::Elements(Elements::new(Shape::FeatureCollection, of_objects, is_named))
            }
            Format::Csv | Format::Xlsx | Format::Parquet | Format::GeoPackage | Format::Shapefile | Format::FlatGeobuf => {
                let charset = options.charset.or(options.mapping.charset);
                Engine::Delimited(Box::new(Delimited::open(&mut input, head, charset, &options.mapping, limits)?))
            }
        };
        Ok(Self::new(format, input, engine, &options))
    }

    fn new(format: Format, input: Input, engine: Engine, options: &Options) -> Self {
        let is_geographic = matches!(format, Format::GeoJson | Format::GeoJsonSeq);
        let limits = limits_of_objects(format, options);
        let objects = Objects::new(&options.mapping, &options.columns, limits, is_geographic);
        let mut reader = Self {
            format,
            input,
            engine,
            objects,
            total: None,
            digest: None,
            number: 0,
            skip_rows: options.skip_rows,
            limits,
            unknown: Vec::new(),
            ended: false,
        };
        let table = match &reader.engine {
            Engine::Delimited(delimited) => Some(delimited.table()),
            Engine::Sheet(_, table) => Some(table),
            Engine::Lines(_) | Engine::Elements(_) => None,
        };
        if let Some(table) = table.filter(|_| !options.columns.is_empty()) {
            reader.unknown = table.targets().filter(|name| reader.objects.is_unknown(name)).map(str::to_owned).collect();
        }
        reader
    }

    /// The format the file was found to be in.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Columns that are none of the standard ones, as far as rows have been read; they stay in the record.
    #[must_use]
    pub fn unknown_columns(&self) -> &[String] {
        if self.unknown.is_empty() { self.objects.unknown() } else { &self.unknown }
    }

    /// The columns of a table in the order of the file, under their standard names; none of a file of objects, where each tells its own.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        match &self.engine {
            Engine::Delimited(delimited) => delimited.table().targets().map(str::to_owned).collect(),
            Engine::Sheet(_, table) => table.targets().map(str::to_owned).collect(),
            Engine::Lines(_) | Engine::Elements(_) => Vec::new(),
        }
    }

    /// How many bytes of the file the rows read so far took; all of them of a file that is not read from its beginning.
    #[must_use]
    pub fn bytes_taken(&self) -> u64 {
        match &self.engine {
            Engine::Sheet(..) => self.total.unwrap_or_default(),
            Engine::Delimited(_) | Engine::Lines(_) | Engine::Elements(_) => self.input.offset(),
        }
    }

    /// How long the file is, in bytes, if it was at hand as a whole.
    #[must_use]
    pub const fn total_bytes(&self) -> Option<u64> {
        self.total
    }

    /// The SHA-256 of the whole file, to see that the same file comes twice; reads what is left of it.
    ///
    /// # Errors
    /// When the rest cannot be read, or the reader was opened to be [`Options::undigested`].
    pub fn digest(&mut self) -> Result<String, FileFault> {
        match &self.digest {
            Some(digest) => Ok(digest.clone()),
            None => self.input.digest().map_err(|error| FileFault::unreadable(&error)),
        }
    }

    fn find(&mut self) -> Result<Option<Found>, FileFault> {
        let (number, wanted) = (self.number + 1, self.number >= self.skip_rows);
        let limits = self.limits;
        let too_long = |line, bytes: &[u8]| Found::Bad(RowFault { number, line, problem: limits.row_too_long(), payload: kept(bytes) });
        Ok(match &mut self.engine {
            Engine::Delimited(delimited) => delimited.next(&mut self.input, number, wanted)?,
            Engine::Lines(lines) => lines.next(&mut self.input)?.map(|line| match (wanted, line.too_long) {
                (false, _) => Found::Passed,
                (true, true) => too_long(line.line, lines.bytes()),
                (true, false) => self.objects.read(lines.bytes(), number, line.line),
            }),
            Engine::Elements(elements) => elements.next(&mut self.input)?.map(|element| match (wanted, element.too_long) {
                (false, _) => Found::Passed,
                (true, true) => too_long(element.line, elements.bytes()),
                (true, false) => {
                    if let Some(system) = elements.system() {
                        self.objects.declare("crs", system);
                    }
                    self.objects.read(elements.bytes().trim_ascii(), number, element.line)
                }
            }),
            Engine::Sheet(sheet, table) => sheet
                .next(self.format)?
                .map(|(line, cells)| if wanted { sheet_row(table, number, line, &cells, &self.limits) } else { Found::Passed }),
        })
    }
}

/// A row of a workbook, a Parquet file or a layer; cells that are missing at its end are empty.
fn sheet_row(table: &Table, number: u64, line: u64, cells: &[String], limits: &Limits) -> Found {
    let bad = |problem| Found::Bad(RowFault { number, line, problem, payload: kept(cells.join("\t").as_bytes()) });
    if cells.len() > table.width() {
        return bad(reject("csv-columns", None, format!("send {} cells as the header has, got {}", table.width(), cells.len())));
    }
    let padded = cells.iter().map(String::as_str).chain(std::iter::repeat_n("", table.width() - cells.len()));
    if let Some(problem) = crate::delimited::cell_problem(table, padded.clone(), limits) {
        return bad(problem);
    }
    let problems = crate::delimited::replaced(table, padded.clone());
    let (raw, payload) = table.record(padded, cells.iter().map(String::len).sum());
    Found::Row(Row { number, line, raw, payload, problems })
}

impl Iterator for Reader {
    type Item = Result<Row, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let found = self.find();
            self.number += 1;
            match found {
                Ok(Some(Found::Passed)) => {}
                Ok(Some(Found::Row(row))) => return Some(Ok(row)),
                Ok(Some(Found::Bad(fault))) => return Some(Err(Fault::Row(fault))),
                Ok(None) => self.ended = true,
                Err(fault) => {
                    self.ended = true;
                    return Some(Err(Fault::File(fault)));
                }
            }
        }
        None
    }
}

/// The limits of a row that is no row of a table. Whether it may hold a boundary its format tells, or that its kind has the column.
fn limits_of_objects(format: Format, options: &Options) -> Limits {
    let may_hold_boundary = format.is_geographic() || options.columns.contains(&"geometry");
    if may_hold_boundary { options.limits.for_features() } else { options.limits }
}

/// A mapping that names columns which there are not would be passed over in silence.
fn check(options: &Options) -> Result<(), FileFault> {
    let misspelt = if options.columns.is_empty() { None } else { options.mapping.misspelt(&options.columns) };
    misspelt.map_or(Ok(()), |sentence| Err(FileFault::new("mapping-column", sentence)))
}

fn format_of(head: &[u8], options: &Options) -> Result<Format, FileFault> {
    let hint = options.file_name.as_deref().and_then(Format::from_file_name);
    sniff(head, options.format.or(options.mapping.format), hint)
}

fn read_head(input: &mut impl Read) -> Result<Vec<u8>, FileFault> {
    let mut head = Vec::new();
    input.take(HEAD).read_to_end(&mut head).map_err(|error| FileFault::unreadable(&error))?;
    Ok(head)
}

/// Copies a file up to a bound; gives its digest and length.
fn copy(from: &mut impl Read, into: &mut impl Write) -> Result<(String, u64), FileFault> {
    let (mut digest, mut total, mut buffer) = (Sha256::new(), 0_u64, vec![0; 256 * 1024]);
    loop {
        let count = from.read(&mut buffer).map_err(|error| FileFault::unreadable(&error))?;
        if count == 0 {
            return Ok((hexadecimal(digest.finalize()), total));
        }
        total += count as u64;
        if total > SPOOL {
            return Err(FileFault::new("payload-too-large", "send at most 2 GiB"));
        }
        digest.update(&buffer[..count]);
        into.write_all(&buffer[..count]).map_err(|error| FileFault::unreadable(&error))?;
    }
}
