//! How are features kept in a FlatGeobuf file?

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use flatgeobuf::{
    ColumnType, FallibleStreamingIterator, FeatureProperties as _, FgbCrs, FgbReader, FgbWriter, FgbWriterOptions, GeometryType,
};
use geozero::error::Result as Geozero;
use geozero::wkb::Wkb;
use geozero::{ColumnValue, CoordDimensions, PropertyProcessor, ToWkb as _};

use crate::{Column, ColumnKind, Feature, Flow, GeoFileError, Layer, Polygons, Sink, Value, Visitor, epsg_of_wkt, wkt};

/// Reads all features in the order of the file.
pub(crate) fn read(path: &Path, visitor: &mut dyn Visitor) -> Result<(), GeoFileError> {
    let mut file = BufReader::new(File::open(path)?);
    let reader = FgbReader::open(&mut file).map_err(GeoFileError::damaged)?;
    let layer = layer_of(&reader);
    if visitor.layer(&layer) == Flow::Enough {
        return Ok(());
    }
    let mut features = reader.select_all_seq().map_err(GeoFileError::damaged)?;
    while let Some(feature) = features.next().map_err(GeoFileError::damaged)? {
        let mut values = Values { layer: &layer, values: vec![Value::Null; layer.columns.len()] };
        feature.process_properties(&mut values).map_err(GeoFileError::damaged)?;
        let values = values.values;
        let geometry = match feature.geometry() {
            Some(_) => Some(feature.to_wkb(CoordDimensions::xy()).map_err(GeoFileError::damaged)?),
            None => None,
        };
        if visitor.feature(Feature { geometry, values }) == Flow::Enough {
            break;
        }
    }
    Ok(())
}

fn layer_of<R>(reader: &FgbReader<R>) -> Layer
where
    R: std::io::Read,
{
    let header = reader.header();
    let kind = |kind: ColumnType| match kind {
        ColumnType::Float | ColumnType::Double => ColumnKind::Real,
        _ => ColumnKind::Text,
    };
    let columns =
        header.columns().into_iter().flatten().map(|column| Column { name: column.name().to_owned(), kind: kind(column.type_()) });
    let epsg = header.crs().and_then(|crs| match u32::try_from(crs.code()) {
        Ok(code) if code > 0 => Some(code),
        _ => crs.wkt().and_then(epsg_of_wkt),
    });
    Layer { name: header.name().unwrap_or("features").to_owned(), columns: columns.collect(), epsg, about: None }
}

/// The values of a feature by column.
struct Values<'a> {
    layer: &'a Layer,
    values: Vec<Value>,
}

impl PropertyProcessor for Values<'_> {
    fn property(&mut self, number: usize, name: &str, value: &ColumnValue<'_>) -> Geozero<bool> {
        let at = Some(number).filter(|at| self.layer.columns.get(*at).is_some_and(|column| column.name == name));
        if let Some(kept) = at.and_then(|at| self.values.get_mut(at)) {
            *kept = match value {
                ColumnValue::Float(number) => Value::Real(f64::from(*number)),
                ColumnValue::Double(number) => Value::Real(*number),
                ColumnValue::Binary(_) => Value::Null,
                other => Value::Text(other.to_string()),
            };
        }
        Ok(false)
    }
}

/// A FlatGeobuf file being written. Its index comes first in the file, so features wait in a temporary file until the end.
pub(crate) struct Writer {
    features: FgbWriter<'static>,
    kinds: Vec<String>,
    path: PathBuf,
}

impl Writer {
    pub(crate) fn create(path: &Path, layer: &Layer) -> Result<Self, GeoFileError> {
        let epsg = layer.epsg.unwrap_or(4490);
        let definition =
            wkt(epsg).ok_or_else(|| GeoFileError::Unsupported(format!("EPSG:{epsg} cannot be written to a FlatGeobuf file")))?;
        let crs = FgbCrs { org: Some("EPSG"), code: i32::try_from(epsg).unwrap_or(0), wkt: Some(&definition), ..FgbCrs::default() };
        let options = FgbWriterOptions { crs, description: layer.about.as_deref(), ..FgbWriterOptions::default() };
        let mut features =
            FgbWriter::create_with_options(&layer.name, GeometryType::MultiPolygon, options).map_err(GeoFileError::damaged)?;
        for column in &layer.columns {
            let kind = match column.kind {
                ColumnKind::Text => ColumnType::String,
                ColumnKind::Real => ColumnType::Double,
            };
            features.add_column(&column.name, kind, |_, _| {});
        }
        // The place is tried before hours of work.
        File::create(path)?;
        Ok(Self { features, kinds: layer.columns.iter().map(|column| column.name.clone()).collect(), path: path.to_owned() })
    }
}

impl Sink for Writer {
    fn write(&mut self, feature: &Feature) -> Result<(), GeoFileError> {
        let polygons = match &feature.geometry {
            Some(wkb) => Polygons::from_wkb(wkb)?,
            None => Polygons::default(),
        };
        let (mut failure, names) = (None, &self.kinds);
        self.features
            .add_feature_geom(Wkb(polygons.to_wkb()), |row| {
                for (number, (name, value)) in names.iter().zip(&feature.values).enumerate() {
                    let written = match value {
                        Value::Null => continue,
                        Value::Text(text) => row.property(number, name, &ColumnValue::String(text)),
                        Value::Real(value) => row.property(number, name, &ColumnValue::Double(*value)),
                    };
                    if let Err(error) = written {
                        failure = Some(error);
                    }
                }
            })
            .map_err(GeoFileError::damaged)?;
        failure.map_or(Ok(()), |error| Err(GeoFileError::damaged(error)))
    }

    fn finish(self: Box<Self>) -> Result<Vec<crate::LeftOut>, GeoFileError> {
        let mut out = BufWriter::new(File::create(&self.path)?);
        self.features.write(&mut out).map_err(GeoFileError::damaged)?;
        out.flush()?;
        Ok(Vec::new())
    }
}
