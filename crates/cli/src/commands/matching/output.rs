//! How are results written as tables: CSV, or Parquet where the file's name says so?

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use crate::console::create;
use crate::failure::{Failure, Outcome, chain};

/// What a column of a Parquet file holds; CSV knows text only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Text; empty is null.
    Text,
    /// A whole number.
    Whole,
    /// A number.
    Real,
}

/// A table being written.
pub(crate) struct TableFile {
    path: PathBuf,
    kinds: Vec<Cell>,
    to: To,
}

enum To {
    Csv(Box<csv::Writer<Box<dyn Write>>>),
    Parquet { file: Box<SerializedFileWriter<File>>, waiting: Vec<Vec<String>> },
}

/// Rows that are written together.
const ROW_GROUP: usize = 100_000;

impl TableFile {
    /// Begins a table at this path; - is CSV on standard output.
    pub(crate) fn create(path: &Path, columns: &[(&str, Cell)]) -> Result<Self, Failure> {
        let failed = |error: &dyn std::error::Error| Failure::place(format!("cannot write {}: {}", path.display(), chain(error)));
        let is_parquet = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("parquet"));
        let to = if is_parquet {
            let fields = columns.iter().map(field).collect::<Result<Vec<_>, _>>().map_err(|error| failed(&error))?;
            let schema = Type::group_type_builder("schema").with_fields(fields).build().map_err(|error| failed(&error))?;
            let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
            let file = File::create(path).map_err(|error| failed(&error))?;
            let file = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).map_err(|error| failed(&error))?;
            To::Parquet { file: Box::new(file), waiting: Vec::new() }
        } else {
            let mut writer = csv::Writer::from_writer(create(path)?);
            writer.write_record(columns.iter().map(|(name, _)| name)).map_err(|error| failed(&error))?;
            To::Csv(Box::new(writer))
        };
        Ok(Self { path: path.to_owned(), kinds: columns.iter().map(|(_, kind)| *kind).collect(), to })
    }

    /// Writes a row, a cell for each column.
    pub(crate) fn row(&mut self, cells: &[&str]) -> Outcome {
        match &mut self.to {
            To::Csv(writer) => writer.write_record(cells).map_err(|error| self.failed(&error)),
            To::Parquet { waiting, .. } => {
                waiting.push(cells.iter().map(|cell| (*cell).to_owned()).collect());
                if waiting.len() < ROW_GROUP { Ok(()) } else { self.write_group() }
            }
        }
    }

    /// Writes what is left, and the end of the file.
    pub(crate) fn finish(mut self) -> Outcome {
        self.write_group()?;
        let path = self.path.display().to_string();
        let failed = |error: &dyn std::error::Error| Failure::place(format!("cannot write {path}: {}", chain(error)));
        match self.to {
            To::Csv(mut writer) => writer.flush().map_err(|error| failed(&error)),
            To::Parquet { file, .. } => file.close().map(drop).map_err(|error| failed(&error)),
        }
    }

    fn failed(&self, error: &dyn std::error::Error) -> Failure {
        Failure::place(format!("cannot write {}: {}", self.path.display(), chain(error)))
    }

    fn write_group(&mut self) -> Outcome {
        let kinds = self.kinds.clone();
        let To::Parquet { file, waiting } = &mut self.to else { return Ok(()) };
        let rows = std::mem::take(waiting);
        write_rows(file, &kinds, &rows).map_err(|error| self.failed(&error))
    }
}

fn field((name, kind): &(&str, Cell)) -> Result<Arc<Type>, ParquetError> {
    let builder = match kind {
        Cell::Text => Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
            .with_logical_type(Some(LogicalType::String))
            .with_converted_type(ConvertedType::UTF8),
        Cell::Whole => Type::primitive_type_builder(name, Physical::INT64),
        Cell::Real => Type::primitive_type_builder(name, Physical::DOUBLE),
    };
    builder.with_repetition(Repetition::OPTIONAL).build().map(Arc::new)
}

fn write_rows(file: &mut SerializedFileWriter<File>, kinds: &[Cell], rows: &[Vec<String>]) -> Result<(), ParquetError> {
    if rows.is_empty() {
        return Ok(());
    }
    let mut group = file.next_row_group()?;
    for (at, kind) in kinds.iter().enumerate() {
        let mut column = group.next_column()?.ok_or_else(|| ParquetError::General("a column is missing".to_owned()))?;
        let cells = || rows.iter().map(|row| row[at].as_str());
        match kind {
            Cell::Text => {
                let (values, levels) = split(cells().map(|cell| (!cell.is_empty()).then(|| ByteArray::from(cell))));
                column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)?;
            }
            Cell::Whole => {
                let (values, levels) = split(cells().map(|cell| cell.parse::<i64>().ok()));
                column.typed::<Int64Type>().write_batch(&values, Some(&levels), None)?;
            }
            Cell::Real => {
                let (values, levels) = split(cells().map(|cell| cell.parse::<f64>().ok()));
                column.typed::<DoubleType>().write_batch(&values, Some(&levels), None)?;
            }
        }
        column.close()?;
    }
    group.close()?;
    Ok(())
}

/// The values that are there, and for each row whether one is.
fn split<T>(cells: impl Iterator<Item = Option<T>>) -> (Vec<T>, Vec<i16>) {
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    for cell in cells {
        levels.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    (values, levels)
}
