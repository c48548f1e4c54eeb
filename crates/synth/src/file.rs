//! How do the departments' files look?

use std::collections::HashMap;
use std::io::{self, Write};

use jiku_model::Kind;

use crate::dress::{self, Dress};
use crate::province::SynthRecord;
use crate::{company_records, parcel_records, person_records};

/// The header of a CSV file of this kind: source, key, then the standard columns.
#[must_use]
pub fn header(kind: Kind) -> Vec<&'static str> {
    let columns: &[&'static str] = match kind {
        Kind::Person => &person_records::COLUMNS,
        Kind::LegalPerson => &company_records::COLUMNS,
        Kind::Parcel => &parcel_records::COLUMNS,
    };
    ["source", "source_key"].into_iter().chain(columns.iter().copied()).collect()
}

/// Writes records as CSV, one stream per source and one with the truth, to wherever `open` says: no file is touched here.
pub struct CsvFiles<W: Write, F: FnMut(&str) -> io::Result<W>> {
    open: F,
    own_dress: bool,
    files: HashMap<&'static str, csv::Writer<W>>,
    truth: Option<csv::Writer<W>>,
    row: Vec<String>,
}

impl<W: Write, F: FnMut(&str) -> io::Result<W>> CsvFiles<W, F> {
    /// Files with the standard columns. `open` is asked once per stream, by name: the source's code, or `truth`.
    pub fn new(open: F) -> Self {
        Self { open, own_dress: false, files: HashMap::new(), truth: None, row: Vec::new() }
    }

    /// Files as each department writes them unasked: own column names, dates and character set. [`crate::mapping`] gives
    /// the mapping files that understand them.
    pub fn in_own_dress(open: F) -> Self {
        Self { own_dress: true, ..Self::new(open) }
    }

    /// Writes one record to its source's stream and its truth to `truth` (kind, source, source_key, entity).
    ///
    /// # Errors
    /// When a stream cannot be opened or written.
    pub fn write(&mut self, record: &SynthRecord) -> io::Result<()> {
        match dress::of(record.source).filter(|_| self.own_dress) {
            Some(dress) => self.write_dressed(record, dress)?,
            None => self.write_standard(record)?,
        }
        if self.truth.is_none() {
            let mut writer = csv::Writer::from_writer((self.open)("truth")?);
            writer.write_record(["kind", "source", "source_key", "entity"])?;
            self.truth = Some(writer);
        }
        if let Some(truth) = &mut self.truth {
            truth.write_record([record.kind.as_str(), record.source, &record.source_key, &record.truth.to_string()])?;
        }
        Ok(())
    }

    fn write_standard(&mut self, record: &SynthRecord) -> io::Result<()> {
        let header = header(record.kind);
        if !self.files.contains_key(record.source) {
            let mut writer = csv::Writer::from_writer((self.open)(record.source)?);
            writer.write_record(&header)?;
            self.files.insert(record.source, writer);
        }
        self.row.clear();
        self.row.extend([record.source.to_owned(), record.source_key.clone()]);
        let mut fields = record.fields.iter().peekable();
        for column in &header[2..] {
            let value = fields.next_if(|(name, _)| name == column).map(|(_, value)| value.clone());
            self.row.push(value.unwrap_or_default());
        }
        match self.files.get_mut(record.source) {
            Some(writer) => Ok(writer.write_record(&self.row)?),
            None => Ok(()),
        }
    }

    fn write_dressed(&mut self, record: &SynthRecord, dress: &Dress) -> io::Result<()> {
        if !self.files.contains_key(record.source) {
            let mut writer = csv::WriterBuilder::new().delimiter(dress.delimiter).from_writer((self.open)(record.source)?);
            writer.write_record(dress.columns.iter().map(|(_, own)| dress.bytes(own)))?;
            self.files.insert(record.source, writer);
        }
        let Some(writer) = self.files.get_mut(record.source) else { return Ok(()) };
        for (column, _) in dress.columns {
            let value = if *column == "source_key" { record.source_key.as_str() } else { record.get(column).unwrap_or_default() };
            writer.write_field(dress.bytes(&dress.cell(column, value)))?;
        }
        Ok(writer.write_record(None::<&[u8]>)?)
    }

    /// Writes what is still buffered.
    ///
    /// # Errors
    /// When a stream cannot be written.
    pub fn finish(mut self) -> io::Result<()> {
        for writer in self.files.values_mut().chain(&mut self.truth) {
            writer.flush()?;
        }
        Ok(())
    }
}

/// A parcel record as one GeoJSON feature (RFC 7946): what a geographic information system reads.
#[must_use]
pub fn feature(record: &SynthRecord) -> String {
    let mut properties = serde_json::Map::new();
    properties.insert("source".to_owned(), record.source.into());
    properties.insert("source_key".to_owned(), record.source_key.as_str().into());
    for (column, value) in record.fields.iter().filter(|(column, _)| *column != "geometry") {
        properties.insert((*column).to_owned(), value.as_str().into());
    }
    let geometry = record
        .get("geometry")
        .map_or_else(|| "null".to_owned(), |text| format!(r#"{{"type":"Polygon","coordinates":{}}}"#, parcel_records::coordinates(text)));
    format!(r#"{{"type":"Feature","geometry":{geometry},"properties":{}}}"#, serde_json::Value::Object(properties))
}
