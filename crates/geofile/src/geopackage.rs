//! How are features kept in a GeoPackage (OGC 12-128r18)?

use std::path::Path;

use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, params, params_from_iter};

use crate::{Column, ColumnKind, Feature, Flow, GeoFileError, Layer, Options, Polygons, Sink, Value, Visitor, wkt};

/// The longest row that is read, in bytes: a boundary of half a million vertices.
const LONGEST_ROW: i32 = 16 << 20;

fn damaged(error: rusqlite::Error) -> GeoFileError {
    if error.sqlite_error_code() == Some(ErrorCode::TooBig) {
        return GeoFileError::Unsupported(format!("a row is longer than {} MiB", LONGEST_ROW >> 20));
    }
    GeoFileError::damaged(error)
}

/// A name as SQL wants it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Reads the features of a layer. The file comes from outside: it is opened for reading, and nothing in it is run: what is read are tables
/// without computed columns, never views, which may go on for ever.
pub(crate) fn read(path: &Path, options: &Options, visitor: &mut dyn Visitor) -> Result<(), GeoFileError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let package = Connection::open_with_flags(path, flags).map_err(damaged)?;
    package.pragma_update(None, "trusted_schema", false).map_err(damaged)?;
    package.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST_ROW).map_err(damaged)?;
    ["gpkg_geometry_columns", "gpkg_spatial_ref_sys"].iter().try_for_each(|table| is_plain(&package, table))?;
    let (table, geometry, srs) = layer_of(&package, options.layer.as_deref())?;
    is_plain(&package, &table)?;
    let (columns, key) = columns_of(&package, &table, &geometry)?;
    let epsg = epsg_of(&package, srs)?;
    let layer = Layer { name: table.clone(), columns, epsg, key, about: None };
    if visitor.layer(&layer) == Flow::Enough {
        return Ok(());
    }
    let mut wanted: Vec<String> = vec![quoted(&geometry)];
    wanted.extend(layer.columns.iter().map(|column| &column.name).chain(&layer.key).map(|name| quoted(name)));
    let mut rows = package.prepare(&format!("SELECT {} FROM {}", wanted.join(","), quoted(&table))).map_err(damaged)?;
    let mut rows = rows.query([]).map_err(damaged)?;
    while let Some(row) = rows.next().map_err(damaged)? {
        let geometry = match row.get_ref(0).map_err(damaged)? {
            ValueRef::Null => None,
            ValueRef::Blob(blob) => geometry_of(blob)?,
            _ => return Err(GeoFileError::damaged("a geometry is no blob")),
        };
        let mut values = Vec::with_capacity(layer.columns.len());
        for number in 1..=layer.columns.len() {
            values.push(match row.get_ref(number).map_err(damaged)? {
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Text(number.to_string()),
                ValueRef::Real(number) => Value::Real(number),
                ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
                ValueRef::Blob(_) => return Err(GeoFileError::Unsupported("a column that holds binary data is not taken".to_owned())),
            });
        }
        let key = layer.key.as_ref().map(|_| row.get(layer.columns.len() + 1)).transpose().map_err(damaged)?;
        if visitor.feature(Feature { geometry, values, key }) == Flow::Enough {
            break;
        }
    }
    Ok(())
}

/// Refuses a view, a virtual table, and a table with columns that are computed when they are read.
fn is_plain(package: &Connection, table: &str) -> Result<(), GeoFileError> {
    let sql = "SELECT (SELECT count(*) FROM sqlite_master WHERE name = ?1 COLLATE NOCASE AND (type = 'view' OR sql LIKE 'CREATE VIRTUAL%')) \
               + (SELECT count(*) FROM pragma_table_xinfo(?1) WHERE hidden <> 0)";
    match package.query_row(sql, [table], |row| row.get::<_, i64>(0)).map_err(damaged)? {
        0 => Ok(()),
        _ => Err(GeoFileError::Unsupported(format!("{table} is computed when it is read, and only stored tables are taken"))),
    }
}

/// The table of features that is meant, its geometry column and spatial reference system.
fn layer_of(package: &Connection, wanted: Option<&str>) -> Result<(String, String, i64), GeoFileError> {
    let sql = "SELECT g.table_name, g.column_name, g.srs_id FROM gpkg_geometry_columns g \
               JOIN sqlite_master m ON m.name = g.table_name AND m.type = 'table' ORDER BY g.table_name";
    let mut query =
        package.prepare(sql).map_err(|_| GeoFileError::damaged("it is no GeoPackage: the table of geometry columns is missing"))?;
    let layers: Vec<(String, String, i64)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .map_err(damaged)?
        .collect::<Result<_, _>>()
        .map_err(damaged)?;
    match (wanted, layers.as_slice()) {
        (Some(name), layers) => {
            layers.iter().find(|layer| layer.0 == name).cloned().ok_or_else(|| several("no layer has this name; there are", layers))
        }
        (None, [one]) => Ok(one.clone()),
        (None, []) => Err(GeoFileError::Unsupported("it holds no layer of features".to_owned())),
        (None, layers) => Err(several("name one of its layers with --layer, or as sheet of the mapping", layers)),
    }
}

fn several(what: &str, layers: &[(String, String, i64)]) -> GeoFileError {
    let names: Vec<&str> = layers.iter().take(20).map(|layer| layer.0.as_str()).collect();
    GeoFileError::Unsupported(format!("{what}: {}", names.join(", ")))
}

/// The attributes of a layer, and the column that numbers its features.
fn columns_of(package: &Connection, table: &str, geometry: &str) -> Result<(Vec<Column>, Option<String>), GeoFileError> {
    let mut query = package.prepare("SELECT name, type, pk FROM pragma_table_info(?1)").map_err(damaged)?;
    let columns: Vec<(String, String, i64)> = query
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .map_err(damaged)?
        .collect::<Result<_, _>>()
        .map_err(damaged)?;
    let is_attribute = |(name, _, key): &(String, String, i64)| name != geometry && *key == 0;
    let kind = |declared: &str| {
        let declared = declared.to_ascii_uppercase();
        if ["REAL", "DOUBLE", "FLOAT"].iter().any(|word| declared.starts_with(word)) { ColumnKind::Real } else { ColumnKind::Text }
    };
    let keys: Vec<&(String, String, i64)> = columns.iter().filter(|(.., key)| *key > 0).collect();
    let key = match keys[..] {
        [(name, declared, _)] if declared.eq_ignore_ascii_case("integer") => Some(name.clone()),
        _ => None,
    };
    let attributes = columns.iter().filter(|column| is_attribute(column));
    Ok((attributes.map(|(name, declared, _)| Column { name: name.clone(), kind: kind(declared) }).collect(), key))
}

fn epsg_of(package: &Connection, srs: i64) -> Result<Option<u32>, GeoFileError> {
    let sql = "SELECT organization, organization_coordsys_id FROM gpkg_spatial_ref_sys WHERE srs_id = ?1";
    let found: Result<(String, i64), _> = package.query_row(sql, [srs], |row| Ok((row.get(0)?, row.get(1)?)));
    match found {
        Ok((organisation, code)) if organisation.eq_ignore_ascii_case("epsg") => Ok(u32::try_from(code).ok()),
        Ok(_) | Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
        Err(error) => Err(damaged(error)),
    }
}

/// The WKB inside a geometry blob (2.1.3); none when it says that it is empty.
fn geometry_of(blob: &[u8]) -> Result<Option<Vec<u8>>, GeoFileError> {
    let cut = || GeoFileError::damaged("a geometry is cut off");
    if blob.get(..2) != Some(b"GP") {
        return Err(GeoFileError::damaged("a geometry does not begin with GP"));
    }
    let flags = *blob.get(3).ok_or_else(cut)?;
    let envelope = match flags >> 1 & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err(GeoFileError::damaged("a geometry has an unknown envelope")),
    };
    if flags & 0x10 != 0 {
        return Ok(None);
    }
    Ok(Some(blob.get(8 + envelope..).ok_or_else(cut)?.to_vec()))
}

/// A GeoPackage being written, in one transaction.
pub(crate) struct Writer {
    package: Connection,
    insert: String,
    table: String,
    srs: i32,
    bounds: Option<[f64; 4]>,
}

impl Writer {
    pub(crate) fn create(path: &Path, layer: &Layer) -> Result<Self, GeoFileError> {
        if path.exists() {
            std::fs::remove_file(path)?;
        }
        let epsg = layer.epsg.unwrap_or(4490);
        let definition = wkt(epsg).ok_or_else(|| GeoFileError::Unsupported(format!("EPSG:{epsg} cannot be written to a GeoPackage")))?;
        let package = Connection::open(path).map_err(damaged)?;
        // "GPKG", version 1.3: how others know the file. Its content is whole or absent, so no journal is needed.
        package
            .execute_batch("PRAGMA application_id = 0x47504B47; PRAGMA user_version = 10300; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;")
            .map_err(damaged)?;
        package.execute_batch(SCHEMA).map_err(damaged)?;
        let table = layer.name.clone();
        let srs = i32::try_from(epsg).unwrap_or(0);
        let mut known = vec![(4326, wkt(4326).unwrap_or_default())];
        if epsg != 4326 {
            known.push((srs, definition));
        }
        for (code, definition) in known {
            let name = definition.split('"').nth(1).unwrap_or("").to_owned();
            let sql = "INSERT INTO gpkg_spatial_ref_sys VALUES (?1, ?2, 'EPSG', ?2, ?3, NULL)";
            package.execute(sql, params![name, code, definition]).map_err(damaged)?;
        }
        let declared = layer.columns.iter().map(|column| {
            let kind = match column.kind {
                ColumnKind::Text => "TEXT",
                ColumnKind::Real => "REAL",
            };
            format!(", {} {kind}", quoted(&column.name))
        });
        let declared: String = declared.collect();
        let create =
            format!("CREATE TABLE {} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom MULTIPOLYGON{declared})", quoted(&table));
        package.execute_batch(&create).map_err(damaged)?;
        let contents =
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id, description) VALUES (?1, 'features', ?1, ?2, ?3)";
        package.execute(contents, params![table, srs, layer.about.as_deref().unwrap_or_default()]).map_err(damaged)?;
        package
            .execute("INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', 'MULTIPOLYGON', ?2, 0, 0)", params![table, srs])
            .map_err(damaged)?;
        let names: String = layer.columns.iter().map(|column| format!(", {}", quoted(&column.name))).collect();
        let marks = ", ?".repeat(layer.columns.len());
        let insert = format!("INSERT INTO {} (geom{names}) VALUES (?{marks})", quoted(&table));
        Ok(Self { package, insert, table, srs, bounds: None })
    }
}

impl Sink for Writer {
    fn write(&mut self, feature: &Feature) -> Result<(), GeoFileError> {
        use rusqlite::types::Value as Sql;
        let blob = match &feature.geometry {
            None => Sql::Null,
            Some(wkb) => {
                let polygons = Polygons::from_wkb(wkb)?;
                let mut blob = b"GP\0\x03".to_vec();
                blob.extend(self.srs.to_le_bytes());
                let bounds = polygons.bounds().unwrap_or([f64::NAN; 4]);
                let [west, south, east, north] = bounds;
                for number in [west, east, south, north] {
                    blob.extend(number.to_le_bytes());
                }
                blob.extend(polygons.to_wkb());
                let [w, s, e, n] = self.bounds.unwrap_or(bounds);
                self.bounds = Some([w.min(west), s.min(south), e.max(east), n.max(north)]);
                Sql::Blob(blob)
            }
        };
        let values = feature.values.iter().map(|value| match value {
            Value::Null => Sql::Null,
            Value::Text(text) => Sql::Text(text.clone()),
            Value::Real(number) => Sql::Real(*number),
        });
        let mut insert = self.package.prepare_cached(&self.insert).map_err(damaged)?;
        insert.execute(params_from_iter(std::iter::once(blob).chain(values))).map_err(damaged)?;
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<crate::LeftOut>, GeoFileError> {
        if let Some([west, south, east, north]) = self.bounds {
            let sql = "UPDATE gpkg_contents SET min_x = ?1, min_y = ?2, max_x = ?3, max_y = ?4 WHERE table_name = ?5";
            self.package.execute(sql, params![west, south, east, north, self.table]).map_err(damaged)?;
        }
        self.package.execute_batch("COMMIT").map_err(damaged)?;
        self.package.close().map_err(|(_, error)| damaged(error))?;
        Ok(Vec::new())
    }
}

/// The tables every GeoPackage has (Annex C), and the reference systems it must hold.
const SCHEMA: &str = "
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL,
  definition TEXT NOT NULL, description TEXT);
INSERT INTO gpkg_spatial_ref_sys VALUES ('Undefined Cartesian', -1, 'NONE', -1, 'undefined', NULL), ('Undefined geographic', 0, 'NONE', 0, 'undefined', NULL);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE, description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name), CONSTRAINT uk_gc_table_name UNIQUE (table_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
";
