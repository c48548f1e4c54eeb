//! How are features written to a GeoParquet file (OGC GeoParquet 1.1)?

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use serde_json::json;

use crate::{ColumnKind, Feature, GeoFileError, Layer, Polygons, Sink, Value, projjson};

/// Features that are written together.
const ROW_GROUP: usize = 20_000;

/// A GeoParquet file being written, a row group at a time.
pub(crate) struct Writer {
    file: SerializedFileWriter<File>,
    kinds: Vec<ColumnKind>,
    waiting: Vec<Feature>,
}

impl Writer {
    pub(crate) fn create(path: &Path, layer: &Layer) -> Result<Self, GeoFileError> {
        let epsg = layer.epsg.unwrap_or(4490);
        let crs = projjson(epsg).ok_or_else(|| GeoFileError::Unsupported(format!("EPSG:{epsg} cannot be written to a GeoParquet file")))?;
        let mut fields = Vec::with_capacity(layer.columns.len() + 1);
        for column in &layer.columns {
            let field = match column.kind {
                ColumnKind::Text => Type::primitive_type_builder(&column.name, Physical::BYTE_ARRAY)
                    .with_logical_type(Some(LogicalType::String))
                    .with_converted_type(ConvertedType::UTF8),
                ColumnKind::Real => Type::primitive_type_builder(&column.name, Physical::DOUBLE),
            };
            let field = field.with_repetition(Repetition::OPTIONAL);
            fields.push(Arc::new(field.build().map_err(GeoFileError::damaged)?));
        }
        let geometry = Type::primitive_type_builder("geometry", Physical::BYTE_ARRAY).with_repetition(Repetition::OPTIONAL);
        fields.push(Arc::new(geometry.build().map_err(GeoFileError::damaged)?));
        let schema = Type::group_type_builder("schema").with_fields(fields).build().map_err(GeoFileError::damaged)?;
        let geo = json!({ "version": "1.1.0", "primary_column": "geometry", "columns": {
            "geometry": { "encoding": "WKB", "geometry_types": ["MultiPolygon"], "crs": crs } } });
        let about = layer.about.iter().map(|about| KeyValue::new("description".to_owned(), about.clone()));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_key_value_metadata(Some(about.chain([KeyValue::new("geo".to_owned(), geo.to_string())]).collect()))
            .build();
        let file = SerializedFileWriter::new(File::create(path)?, Arc::new(schema), Arc::new(properties)).map_err(GeoFileError::damaged)?;
        Ok(Self { file, kinds: layer.columns.iter().map(|column| column.kind).collect(), waiting: Vec::new() })
    }

    fn write_group(&mut self) -> Result<(), GeoFileError> {
        let rows = std::mem::take(&mut self.waiting);
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group().map_err(GeoFileError::damaged)?;
        for (number, kind) in self.kinds.iter().enumerate() {
            let values = rows.iter().map(|row| row.values.get(number).unwrap_or(&Value::Null));
            let mut column =
                group.next_column().map_err(GeoFileError::damaged)?.ok_or_else(|| GeoFileError::damaged("a column is missing"))?;
            match kind {
                ColumnKind::Text => {
                    let texts: Vec<Option<ByteArray>> = values
                        .map(|value| match value {
                            Value::Null => None,
                            Value::Text(text) => Some(ByteArray::from(text.as_str())),
                            Value::Real(number) => Some(ByteArray::from(number.to_string().as_str())),
                        })
                        .collect();
                    let (present, levels) = with_levels(texts);
                    column.typed::<ByteArrayType>().write_batch(&present, Some(&levels), None).map_err(GeoFileError::damaged)?;
                }
                ColumnKind::Real => {
                    let numbers: Vec<Option<f64>> = values
                        .map(|value| match value {
                            Value::Null => None,
                            Value::Text(text) => text.parse().ok(),
                            Value::Real(number) => Some(*number),
                        })
                        .collect();
                    let (present, levels) = with_levels(numbers);
                    column.typed::<DoubleType>().write_batch(&present, Some(&levels), None).map_err(GeoFileError::damaged)?;
                }
            }
            column.close().map_err(GeoFileError::damaged)?;
        }
        let shapes =
            rows.iter().map(|row| row.geometry.as_deref().map(|wkb| Ok(ByteArray::from(Polygons::from_wkb(wkb)?.to_wkb()))).transpose());
        let (present, levels) = with_levels(shapes.collect::<Result<Vec<_>, GeoFileError>>()?);
        let mut column = group.next_column().map_err(GeoFileError::damaged)?.ok_or_else(|| GeoFileError::damaged("a column is missing"))?;
        column.typed::<ByteArrayType>().write_batch(&present, Some(&levels), None).map_err(GeoFileError::damaged)?;
        column.close().map_err(GeoFileError::damaged)?;
        group.close().map_err(GeoFileError::damaged)?;
        Ok(())
    }
}

/// The values that are there, and for each row whether one is.
fn with_levels<T>(values: Vec<Option<T>>) -> (Vec<T>, Vec<i16>) {
    let levels = values.iter().map(|value| i16::from(value.is_some())).collect();
    (values.into_iter().flatten().collect(), levels)
}

impl Sink for Writer {
    fn write(&mut self, feature: &Feature) -> Result<(), GeoFileError> {
        self.waiting.push(feature.clone());
        if self.waiting.len() == ROW_GROUP { self.write_group() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<crate::LeftOut>, GeoFileError> {
        self.write_group()?;
        self.file.close().map_err(GeoFileError::damaged)?;
        Ok(Vec::new())
    }
}
