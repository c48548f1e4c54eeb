//! How are features kept in a zipped shapefile?
//!
//! ESRI Shapefile Technical Description, 1998: shapes in `.shp`, attributes in `.dbf` (dBASE), the coordinate system in `.prj`,
//! the character set in `.cpg`. Names of attributes have ten bytes at most.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use dbase::encoding::{EncodingRs, UnicodeLossy};
use dbase::{FieldName, FieldValue, TableWriterBuilder};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8};
use shapefile::record::polygon::GenericPolygon;
use shapefile::{Point, Polygon, PolygonRing, Shape, ShapeReader, ShapeWriter};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::{Column, ColumnKind, Feature, Flow, GeoFileError, Layer, LeftOut, Options, Polygons, Sink, Value, Visitor, epsg_of_wkt, wkt};

/// The largest part of an archive that is unpacked, in bytes.
const MOST_UNPACKED: u64 = 2 * 1024 * 1024 * 1024;
/// Text attributes of dBASE have at most this many bytes.
const TEXT_BYTES: u8 = 254;
/// Names of attributes have at most this many bytes, and those with a number behind so many before it.
const NAME_BYTES: usize = 10;
const NUMBERED_BYTES: usize = 8;

/// Reads all shapes with their attributes.
pub(crate) fn read(path: &Path, options: &Options, visitor: &mut dyn Visitor) -> Result<(), GeoFileError> {
    let mut archive = ZipArchive::new(BufReader::new(File::open(path)?)).map_err(GeoFileError::damaged)?;
    let stem = stem_of(&archive, options.layer.as_deref())?;
    let shapes = part(&mut archive, &stem, "shp")?.ok_or_else(|| GeoFileError::damaged("the archive holds no .shp"))?;
    let mut table = part(&mut archive, &stem, "dbf")?.ok_or_else(|| GeoFileError::damaged("the archive holds no .dbf beside the .shp"))?;
    let projection = small(&mut archive, &stem, "prj")?;
    let declared = match options.charset.clone() {
        Some(charset) => Some(charset),
        None => small(&mut archive, &stem, "cpg")?,
    };
    let encoding = encoding_of(declared.as_deref(), &mut table)?;
    let mut rows = dbase::ReaderBuilder::new()
        .with_encoding(EncodingRs::from(encoding))
        .build(BufReader::new(table))
        .map_err(GeoFileError::damaged)?;
    let columns: Vec<Column> =
        rows.fields().iter().map(|field| Column { name: field.name().trim().to_owned(), kind: kind_of(field) }).collect();
    let name = stem.rsplit('/').next().unwrap_or(&stem).to_owned();
    let layer = Layer { name, columns, epsg: projection.as_deref().and_then(epsg_of_wkt), key: None, about: None };
    if visitor.layer(&layer) == Flow::Enough {
        return Ok(());
    }
    let mut shapes = ShapeReader::new(BufReader::new(shapes)).map_err(GeoFileError::damaged)?;
    let mut rows = rows.iter_records();
    for shape in shapes.iter_shapes() {
        let geometry = geometry_of(shape.map_err(GeoFileError::damaged)?)?;
        let row = rows.next().ok_or_else(|| GeoFileError::damaged("there are fewer attributes than shapes"))?;
        let mut row = row.map_err(GeoFileError::damaged)?;
        let values = layer.columns.iter().map(|column| row.remove(&column.name).map_or(Value::Null, value_of)).collect();
        if visitor.feature(Feature { geometry, values, key: None }) == Flow::Enough {
            break;
        }
    }
    Ok(())
}

fn kind_of(field: &dbase::FieldInfo) -> ColumnKind {
    match field.field_type() {
        dbase::FieldType::Double | dbase::FieldType::Float | dbase::FieldType::Numeric | dbase::FieldType::Currency => ColumnKind::Real,
        _ => ColumnKind::Text,
    }
}

fn value_of(value: FieldValue) -> Value {
    let text = |text: String| if text.is_empty() { Value::Null } else { Value::Text(text) };
    let date = |date: dbase::Date| format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day());
    match value {
        FieldValue::Character(value) => value.map_or(Value::Null, text),
        FieldValue::Memo(value) => text(value),
        FieldValue::Numeric(value) => value.map_or(Value::Null, Value::Real),
        FieldValue::Float(value) => value.map_or(Value::Null, |value| Value::Real(f64::from(value))),
        FieldValue::Double(value) | FieldValue::Currency(value) => Value::Real(value),
        FieldValue::Integer(value) => Value::Text(value.to_string()),
        FieldValue::Logical(value) => value.map_or(Value::Null, |value| Value::Text(value.to_string())),
        FieldValue::Date(value) => value.map_or(Value::Null, |value| Value::Text(date(value))),
        FieldValue::DateTime(value) => Value::Text(date(value.date())),
    }
}

/// The shapefile of the archive that is meant: its path without ending.
fn stem_of(archive: &ZipArchive<BufReader<File>>, wanted: Option<&str>) -> Result<String, GeoFileError> {
    let is_shapefile = |name: &str| name.len() > 4 && name.to_ascii_lowercase().ends_with(".shp") && !name.contains("__MACOSX");
    let stems: Vec<String> = names(archive).filter(|name| is_shapefile(name)).map(|name| name[..name.len() - 4].to_owned()).collect();
    let is_wanted = |stem: &&String| wanted.is_none_or(|wanted| *stem == wanted || stem.rsplit('/').next() == Some(wanted));
    let found: Vec<&String> = stems.iter().filter(is_wanted).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] if stems.is_empty() => Err(GeoFileError::Unsupported("the archive holds no shapefile".to_owned())),
        _ => Err(GeoFileError::Unsupported(format!(
            "name one of its shapefiles with --layer, or as sheet of the mapping: {}",
            stems.join(", ")
        ))),
    }
}

/// The names of the archive's entries, as far as they can be read.
fn names(archive: &ZipArchive<BufReader<File>>) -> impl Iterator<Item = String> + '_ {
    archive.file_names().filter_map(Result::ok).map(std::borrow::Cow::into_owned)
}

/// A part of the shapefile, unpacked into a temporary file.
fn part(archive: &mut ZipArchive<BufReader<File>>, stem: &str, ending: &str) -> Result<Option<File>, GeoFileError> {
    let Some(name) = name_of(archive, stem, ending) else { return Ok(None) };
    let mut entry = archive.by_name(&name).map_err(GeoFileError::damaged)?;
    let mut file = tempfile::tempfile()?;
    let copied = std::io::copy(&mut Read::by_ref(&mut entry).take(MOST_UNPACKED + 1), &mut file).map_err(GeoFileError::damaged)?;
    if copied > MOST_UNPACKED {
        return Err(GeoFileError::Unsupported("a part of the archive is larger than 2 GiB".to_owned()));
    }
    file.seek(SeekFrom::Start(0))?;
    Ok(Some(file))
}

/// A small text part.
fn small(archive: &mut ZipArchive<BufReader<File>>, stem: &str, ending: &str) -> Result<Option<String>, GeoFileError> {
    let Some(name) = name_of(archive, stem, ending) else { return Ok(None) };
    let mut bytes = Vec::new();
    archive.by_name(&name).map_err(GeoFileError::damaged)?.take(64 * 1024).read_to_end(&mut bytes).map_err(GeoFileError::damaged)?;
    Ok(Some(String::from_utf8_lossy(&bytes).trim().to_owned()))
}

fn name_of(archive: &ZipArchive<BufReader<File>>, stem: &str, ending: &str) -> Option<String> {
    let ending = format!(".{ending}");
    let fits =
        |name: &String| name.len() == stem.len() + ending.len() && name.starts_with(stem) && name.to_ascii_lowercase().ends_with(&ending);
    names(archive).find(fits)
}

/// The character set: as declared, by the mark in the table's header (byte 29), or by what the first rows look like.
fn encoding_of(declared: Option<&str>, table: &mut File) -> Result<&'static Encoding, GeoFileError> {
    if let Some(label) = declared {
        let label = label.trim().trim_start_matches('\u{feff}');
        return match label.to_ascii_lowercase().as_str() {
            "936" | "cp936" => Ok(GBK),
            _ => Encoding::for_label(label.as_bytes())
                .ok_or_else(|| GeoFileError::Unsupported(format!("the character set of the attributes is not known: {label:.20}"))),
        };
    }
    let mut head = Vec::new();
    Read::by_ref(table).take(1024 * 1024).read_to_end(&mut head)?;
    table.seek(SeekFrom::Start(0))?;
    if head.get(29) == Some(&0x4d) {
        return Ok(GBK);
    }
    let is_utf8 = std::str::from_utf8(&head[head.len().min(32)..]).map_or_else(|error| error.error_len().is_none(), |_| true);
    Ok(if is_utf8 { UTF_8 } else { GB18030 })
}

/// The polygons of a shape: shells run clockwise, and each hole belongs to the shell before it that contains it.
fn geometry_of(shape: Shape) -> Result<Option<Vec<u8>>, GeoFileError> {
    fn polygons<P: Copy>(polygon: &GenericPolygon<P>, xy: impl Fn(P) -> [f64; 2]) -> Polygons {
        let mut polygons: Vec<Vec<Vec<[f64; 2]>>> = Vec::new();
        let mut holes = Vec::new();
        for ring in polygon.rings() {
            match ring {
                PolygonRing::Outer(points) => polygons.push(vec![points.iter().map(|point| xy(*point)).collect()]),
                PolygonRing::Inner(points) => holes.push(points.iter().map(|point| xy(*point)).collect::<Vec<_>>()),
            }
        }
        for hole in holes {
            let owner = polygons.iter().position(|rings| hole.first().is_some_and(|point| surrounds(&rings[0], *point))).unwrap_or(0);
            match polygons.get_mut(owner) {
                Some(rings) => rings.push(hole),
                None => polygons.push(vec![hole]),
            }
        }
        Polygons(polygons)
    }
    Ok(match shape {
        Shape::NullShape => None,
        Shape::Polygon(polygon) => Some(polygons(&polygon, |point: Point| [point.x, point.y]).to_wkb()),
        Shape::PolygonM(polygon) => Some(polygons(&polygon, |point| [point.x, point.y]).to_wkb()),
        Shape::PolygonZ(polygon) => Some(polygons(&polygon, |point| [point.x, point.y]).to_wkb()),
        _ => return Err(GeoFileError::Unsupported("only polygons are taken from a shapefile".to_owned())),
    })
}

/// Whether a ring goes around a point, by the crossings of a ray to the east.
fn surrounds(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let crosses = |pair: &[[f64; 2]]| {
        let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
        (ay > y) != (by > y) && x < (bx - ax) * (y - ay) / (by - ay) + ax
    };
    ring.windows(2).filter(|pair| crosses(pair)).count() % 2 == 1
}

/// A shapefile being written to a folder of its own, packed at the end.
pub(crate) struct Writer {
    folder: tempfile::TempDir,
    shapes: ShapeWriter<BufWriter<File>>,
    table: dbase::TableWriter<BufWriter<File>>,
    columns: Vec<(String, ColumnKind)>,
    projection: String,
    stem: String,
    path: PathBuf,
    about: Option<String>,
    /// The columns by their whole names, and how many values of each were too long.
    whole_names: Vec<String>,
    left_out: Vec<u64>,
}

impl Writer {
    pub(crate) fn create(path: &Path, layer: &Layer) -> Result<Self, GeoFileError> {
        let epsg = layer.epsg.unwrap_or(4490);
        let projection = wkt(epsg).ok_or_else(|| GeoFileError::Unsupported(format!("EPSG:{epsg} cannot be written to a shapefile")))?;
        let stem = path.file_stem().map_or_else(|| layer.name.clone(), |stem| stem.to_string_lossy().into_owned());
        let folder = tempfile::tempdir()?;
        let columns: Vec<(String, ColumnKind)> =
            short_names(&layer.columns).into_iter().zip(layer.columns.iter().map(|column| column.kind)).collect();
        let mut table = TableWriterBuilder::with_encoding(UnicodeLossy);
        for (name, kind) in &columns {
            let name = FieldName::try_from(name.as_str()).map_err(GeoFileError::damaged)?;
            table = match kind {
                ColumnKind::Text => table.add_character_field(name, TEXT_BYTES),
                ColumnKind::Real => table.add_numeric_field(name, 20, 6),
            };
        }
        let table = table.build_with_file_dest(folder.path().join("layer.dbf")).map_err(GeoFileError::damaged)?;
        let shapes = ShapeWriter::from_path(folder.path().join("layer.shp")).map_err(GeoFileError::damaged)?;
        // The place is tried before hours of work.
        File::create(path)?;
        let whole_names: Vec<String> = layer.columns.iter().map(|column| column.name.clone()).collect();
        let left_out = vec![0; whole_names.len()];
        Ok(Self {
            folder,
            shapes,
            table,
            columns,
            projection,
            stem,
            path: path.to_owned(),
            about: layer.about.clone(),
            whole_names,
            left_out,
        })
    }
}

impl Sink for Writer {
    fn write(&mut self, feature: &Feature) -> Result<(), GeoFileError> {
        let Some(wkb) = &feature.geometry else {
            return Err(GeoFileError::Unsupported(
                "a shapefile cannot hold a feature without a geometry: choose another format".to_owned(),
            ));
        };
        let mut rings = Vec::new();
        for polygon in Polygons::from_wkb(wkb)?.0 {
            for (number, ring) in polygon.into_iter().enumerate() {
                let points = ring.into_iter().map(|[x, y]| Point::new(x, y)).collect();
                rings.push(if number == 0 { PolygonRing::Outer(points) } else { PolygonRing::Inner(points) });
            }
        }
        if rings.is_empty() {
            return Err(GeoFileError::Unsupported("a shapefile cannot hold an empty geometry: choose another format".to_owned()));
        }
        let mut row = dbase::Record::default();
        for (at, ((name, kind), value)) in self.columns.iter().zip(&feature.values).enumerate() {
            let number = |value: Option<f64>| FieldValue::Numeric(value);
            let cell = match (value, kind) {
                (Value::Null, ColumnKind::Text) => FieldValue::Character(None),
                (Value::Null, ColumnKind::Real) => number(None),
                // Half a value says something else than the whole.
                (Value::Text(text), ColumnKind::Text) if text.len() > usize::from(TEXT_BYTES) => {
                    self.left_out[at] += 1;
                    FieldValue::Character(None)
                }
                (Value::Text(text), ColumnKind::Text) => FieldValue::Character(Some(text.clone())),
                (Value::Text(text), ColumnKind::Real) => number(text.parse().ok()),
                (Value::Real(value), ColumnKind::Text) => FieldValue::Character(Some(value.to_string())),
                (Value::Real(value), ColumnKind::Real) => number(Some(*value)),
            };
            row.insert(name.clone(), cell);
        }
        self.shapes.write_shape(&Polygon::with_rings(rings)).map_err(GeoFileError::damaged)?;
        self.table.write_record(&row).map_err(GeoFileError::damaged)
    }

    fn finish(self: Box<Self>) -> Result<Vec<LeftOut>, GeoFileError> {
        let Self { folder, mut shapes, mut table, projection, stem, path, about, whole_names, left_out, .. } = *self;
        shapes.finalize().map_err(GeoFileError::damaged)?;
        table.finalize().map_err(GeoFileError::damaged)?;
        drop((shapes, table));
        let mut archive = ZipWriter::new(BufWriter::new(File::create(path)?));
        for ending in ["shp", "shx", "dbf"] {
            let mut part = File::open(folder.path().join(format!("layer.{ending}")))?;
            // Marks for large parts only where they are needed: older readers do not know them.
            let options = SimpleFileOptions::default().large_file(part.metadata()?.len() >= u64::from(u32::MAX));
            archive.start_file(format!("{stem}.{ending}"), options).map_err(GeoFileError::damaged)?;
            std::io::copy(&mut part, &mut archive)?;
        }
        for (ending, text) in [("prj", projection.as_str()), ("cpg", "UTF-8")] {
            archive.start_file(format!("{stem}.{ending}"), SimpleFileOptions::default()).map_err(GeoFileError::damaged)?;
            archive.write_all(text.as_bytes())?;
        }
        if let Some(about) = about {
            archive.set_comment(about).map_err(GeoFileError::damaged)?;
        }
        archive.finish().map_err(GeoFileError::damaged)?.flush()?;
        let told = whole_names.into_iter().zip(left_out).filter(|(_, values)| *values > 0);
        Ok(told.map(|(column, values)| LeftOut { column, values }).collect())
    }
}

/// As much of a text as so many bytes can hold.
fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Names of ten bytes at most, all different.
fn short_names(columns: &[Column]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(columns.len());
    for column in columns {
        let name = std::iter::once(cut(&column.name, NAME_BYTES).to_owned())
            .chain((1..).map(|number| format!("{}{number}", cut(&column.name, NUMBERED_BYTES))))
            .find(|name| !names.contains(name))
            .unwrap_or_default();
        names.push(name);
    }
    names
}

/// Which of these columns a name in a shapefile stands for, when it stands for one by being cut: of several that begin with the same
/// ten bytes the first has the cut name, and those after it eight bytes and a number, as we write it (`right_ho1`) or as GDAL does
/// (`right_ho_1`).
#[must_use]
pub fn spelled_out<'a>(name: &str, columns: &[&'a str]) -> Option<&'a str> {
    let begins = |column: &&&str, bytes: usize, with: &str| column.len() > bytes && cut(column, bytes).eq_ignore_ascii_case(with);
    if name.len() == NAME_BYTES
        && let Some(column) = columns.iter().find(|column| begins(column, NAME_BYTES, name))
    {
        return Some(column);
    }
    let (stem, number) = name.split_at_checked(NUMBERED_BYTES)?;
    let number: usize = number.strip_prefix('_').unwrap_or(number).parse().ok()?;
    let mut taken: Vec<&str> = Vec::new();
    let is_second = |column: &&&'a str| {
        let own = cut(column, NAME_BYTES);
        let again = taken.contains(&own);
        taken.push(own);
        again
    };
    columns.iter().filter(|column| begins(column, NUMBERED_BYTES, stem)).filter(is_second).nth(number.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_different() {
        let columns = ["registered_area_m2", "registered_by", "right_holder", "right_holder_id", "right_holder_name", "权利人证件号码"]
            .map(|name| Column { name: name.to_owned(), kind: ColumnKind::Text });
        let names = short_names(&columns);
        assert_eq!(names, ["registered", "register1", "right_hold", "right_ho1", "right_ho2", "权利人"]);
        assert!(names.iter().all(|name| name.len() <= 10));
    }

    #[test]
    fn a_cut_name_stands_for_its_column_as_we_and_as_gdal_write_it() {
        let columns =
            ["registered_area_m2", "right_holder", "right_holder_id", "right_type", "right_share", "land_use_scheme", "land_use_suffix"];
        for (name, expected) in [
            ("registered", Some("registered_area_m2")),
            ("REGISTERED", Some("registered_area_m2")),
            ("right_hold", Some("right_holder")),
            ("right_ho1", Some("right_holder_id")),
            ("right_ho_1", Some("right_holder_id")),
            ("right_ho_2", None),
            ("right_type", None),
            ("right_shar", Some("right_share")),
            ("land_use_s", Some("land_use_scheme")),
            ("land_use1", Some("land_use_suffix")),
            ("land_use_1", Some("land_use_suffix")),
            ("land_use", None),
            ("权利人权利人", None),
        ] {
            assert_eq!(spelled_out(name, &columns), expected, "{name}");
        }
        let written = short_names(&columns.map(|name| Column { name: name.to_owned(), kind: ColumnKind::Text }));
        let read: Vec<&str> = written.iter().map(|name| spelled_out(name, &columns).unwrap_or(name)).collect();
        assert_eq!(read, columns, "what is written is understood");
    }
}
