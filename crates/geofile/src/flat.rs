//! How are features kept in a FlatGeobuf file?

use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Seek as _, Write as _};
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
    check(&mut file)?;
    file.rewind()?;
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
        if visitor.feature(Feature { geometry, values, key: None }) == Flow::Enough {
            break;
        }
    }
    Ok(())
}

/// Goes through the lengths of a file before the library believes them: it takes as much memory as a feature says it is long, takes a
/// broken length for the end of the file, and breaks off where an index cannot be.
fn check(file: &mut BufReader<File>) -> Result<(), GeoFileError> {
    let length = file.get_ref().metadata()?.len();
    let reader = FgbReader::open(&mut *file).map_err(GeoFileError::damaged)?;
    let (count, node_size) = (reader.header().features_count(), reader.header().index_node_size());
    drop(reader);
    let mut at = file.stream_position()?;
    if count > 0 && node_size > 0 {
        let index = index_bytes(count, u64::from(node_size)).filter(|index| *index <= length - at.min(length));
        let index = index.ok_or_else(|| GeoFileError::Damaged(format!("an index of {count} features does not fit into it")))?;
        file.seek_relative(i64::try_from(index).map_err(GeoFileError::damaged)?)?;
        at += index;
    }
    let mut seen = 0_u64;
    while at < length {
        let mut size = [0; 4];
        file.read_exact(&mut size).map_err(|_| GeoFileError::Damaged(format!("it ends in the middle of feature {}", seen + 1)))?;
        let (size, left) = (u64::from(u32::from_le_bytes(size)), length - at - 4);
        if size > left {
            return Err(GeoFileError::Damaged(format!("feature {} is to be {size} bytes long, and {left} are left", seen + 1)));
        }
        file.seek_relative(i64::try_from(size).map_err(GeoFileError::damaged)?)?;
        at += 4 + size;
        seen += 1;
    }
    if count > 0 && seen != count {
        return Err(GeoFileError::Damaged(format!("it says that it holds {count} features, and holds {seen}")));
    }
    Ok(())
}

/// The length of a packed R-tree over so many features, as the format has it: nodes of 40 bytes, level by level.
fn index_bytes(features: u64, node_size: u64) -> Option<u64> {
    if node_size < 2 {
        return None;
    }
    let (mut level, mut nodes) = (features, features);
    loop {
        level = level.div_ceil(node_size);
        nodes = nodes.checked_add(level)?;
        if level == 1 {
            return nodes.checked_mul(40);
        }
    }
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
    Layer { name: header.name().unwrap_or("features").to_owned(), columns: columns.collect(), epsg, key: None, about: None }
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
