//! Do parcels travel through the files of geographic information systems, and do others read what is written?

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use jiku_synth::{Province, Settings};
use jiku_tests::command::{jiku, made, sqlite_in};
use serde_json::{Value, json};

use super::folder;

/// An invented cadastre of forty parcels, one feature a line.
fn cadastre(path: &Path) {
    let settings = Settings { divisions: vec!["4401".to_owned()], ..Settings::new(7, 120, 10, 40) };
    let features =
        Province::new(settings).filter(|record| record.kind == jiku_model::Kind::Parcel).map(|record| jiku_synth::feature(&record));
    fs::write(path, features.collect::<Vec<_>>().join("\n")).expect("a file");
}

fn ingest(database: &str, file: &Path) -> Value {
    let done = jiku(["ingest", "--json", "--database", database, "--kind", "parcel", "--source", "map", file.to_str().expect("UTF-8")]);
    done.well().json()[0].clone()
}

fn export(database: &str, file: &Path, more: &[&str]) {
    let arguments = ["export", "--database", database, "--kind", "parcel", "--output", file.to_str().expect("UTF-8")];
    jiku(arguments.iter().chain(more)).well();
}

/// What is said of each parcel, by its code: areas in whole square metres; of the boundary what follows from it, without the system it came in,
/// which is the file's; nothing of right holders, who leave masked.
fn said(database: &str, folder: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let file = folder.join("said.ndjson");
    export(database, &file, &[]);
    let text = fs::read_to_string(&file).expect("an export");
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let value = |(column, value): (&String, &Value)| {
        let text = value["value"].as_str().or(value.as_str()).unwrap_or_default();
        let whole = || text.parse::<f64>().expect("an area").round().to_string();
        (column.clone(), if column.ends_with("_area_m2") { whole() } else { text.to_owned() })
    };
    let left_out = ["geometry", "source_crs", "right_holder", "right_holder_id", "rights"];
    let values = |row: Value| -> BTreeMap<String, String> {
        let told = row["values"].as_object().expect("values").iter();
        told.filter(|(column, _)| !left_out.contains(&column.as_str())).map(value).collect()
    };
    rows.map(values).map(|values| (values["parcel_code"].clone(), values)).collect()
}

/// What GDAL says of a layer.
fn ogrinfo(file: &Path) -> String {
    let shown = Command::new("ogrinfo").args(["-ro", "-so", "-al"]).arg(file).output();
    let shown = shown.expect("GDAL is there (Debian: apt-get install gdal-bin)");
    format!("{}{}", String::from_utf8_lossy(&shown.stdout), String::from_utf8_lossy(&shown.stderr))
}

#[test]
fn every_format_brings_the_parcels_to_another_base_whatever_the_coordinate_system() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let sequence = folder.path().join("parcels.geojsonl");
    cadastre(&sequence);
    assert_eq!(ingest(&database, &sequence)["created"], json!(40));
    let expected = said(&database, folder.path());
    assert_eq!(expected.len(), 40);
    assert!(expected.values().all(|values| values.contains_key("location") && values.contains_key("valid_from")));
    for (name, crs) in [
        ("a.gpkg", "EPSG:4490"),
        ("b.gpkg", "EPSG:4526"),
        ("c.zip", "EPSG:4490"),
        ("d.zip", "EPSG:4547"),
        ("e.fgb", "EPSG:4526"),
        ("f.parquet", "EPSG:4490"),
        ("g.parquet", "EPSG:4526"),
        ("h.csv", "EPSG:4526"),
        ("i.geojson", ""),
        ("j.geojsonl", ""),
    ] {
        let file = folder.path().join(name);
        let chosen = if crs.is_empty() { vec![] } else { vec!["--crs", crs] };
        export(&database, &file, &chosen);
        let other = made(format!("sqlite://{}", folder.path().join(format!("{name}.db")).display()));
        // The key of a row is its canonical id in the base it comes from.
        let done = ingest(&other, &file);
        assert_eq!((&done["created"], &done["rejected"]), (&json!(40), &json!(0)), "{name}: {done}");
        assert_eq!(said(&other, folder.path()), expected, "{name} in {crs}");
    }
}

#[test]
fn gdal_reads_what_is_written_with_its_coordinate_system() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let sequence = folder.path().join("parcels.geojsonl");
    cadastre(&sequence);
    ingest(&database, &sequence);
    for name in ["a.gpkg", "b.fgb", "c.zip"] {
        let file = folder.path().join(name);
        export(&database, &file, &["--crs", "EPSG:4526"]);
        // Inside an archive GDAL wants the absolute path after a slash of its own.
        let shown = if name == "c.zip" { ogrinfo(Path::new(&format!("/vsizip/{}", file.display()))) } else { ogrinfo(&file) };
        assert!(shown.contains("Feature Count: 40"), "{name}: {shown}");
        assert!(shown.contains("Polygon") && shown.contains("zone 38"), "{name}: {shown}");
        assert!(!shown.contains("ERROR") && !shown.contains("Warning"), "{name}: {shown}");
    }
    // And what GDAL writes is taken: a shapefile in GBK, as an office leaves it.
    let (plain, office) = (folder.path().join("plain.gpkg"), folder.path().join("office.shz"));
    export(&database, &plain, &[]);
    let arguments = ["-f", "ESRI Shapefile", "-lco", "ENCODING=GBK", "-t_srs", "EPSG:4526"];
    let made =
        Command::new("ogr2ogr").args(arguments).args([&office, &plain]).output().expect("GDAL is there (Debian: apt-get install gdal-bin)");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let other = jiku_tests::command::made(format!("sqlite://{}", folder.path().join("office.db").display()));
    let done = ingest(&other, &office);
    assert_eq!(done["created"], json!(40), "{done}");
    assert_eq!(said(&other, folder.path()), said(&database, folder.path()));
}

#[test]
fn a_layer_and_its_system_are_named_on_the_command_line_and_its_numbers_are_keys() {
    let folder = folder();
    let package = folder.path().join("town.gpkg");
    let square = |code: &str, east: f64| {
        let ring =
            [[0.0, 0.0], [100.0, 0.0], [100.0, 100.0], [0.0, 100.0], [0.0, 0.0]].map(|[x, y]| [38_424_600.0 + east + x, 2_559_000.0 + y]);
        json!({ "type": "Feature", "properties": { "parcel_code": code }, "geometry": { "type": "Polygon", "coordinates": [ring] } })
    };
    let layer = |name: &str, features: Value| {
        let (table, file) = (json!({ "type": "FeatureCollection", "features": features }), folder.path().join(format!("{name}.geojson")));
        fs::write(&file, table.to_string()).expect("a file");
        // Nothing is said of the system: GDAL would write WGS 84, which these metres are not.
        let made = Command::new("ogr2ogr")
            .args(["-update", "-append", "-f", "GPKG", "-a_srs", "LOCAL_CS[\"grid\"]", "-nln", name])
            .arg(&package)
            .arg(&file)
            .output();
        let made = made.expect("GDAL is there (Debian: apt-get install gdal-bin)");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    };
    layer("old", json!([square("440106001001GB00001", 0.0)]));
    layer("new", json!([square("440106001001GB00002", 200.0), square("440106001001GB00003", 400.0)]));
    let database = made(sqlite_in(folder.path()));
    let take = |more: &[&str]| {
        let own = ["ingest", "--json", "--database", &database, "--kind", "parcel", "--source", "map", package.to_str().expect("UTF-8")];
        jiku(own.iter().chain(more))
    };
    take(&[]).refused(3, &["--layer", "new, old"]);
    let done = take(&["--layer", "new", "--crs", "EPSG:4526"]).well().json()[0].clone();
    assert_eq!((&done["created"], &done["rejected"]), (&json!(2), &json!(0)), "{done}");
    let out = folder.path().join("out.csv");
    export(&database, &out, &["--crs", "EPSG:4526"]);
    let text = fs::read_to_string(&out).expect("an export");
    assert!(text.contains("440106001001GB00003") && !text.contains("440106001001GB00001") && text.contains("((38424999.9999"), "{text}");
    // The number of a feature in its layer is its key: the same again says nothing new.
    let again = take(&["--layer", "new", "--crs", "EPSG:4526", "--again"]).well().json()[0].clone();
    assert_eq!((&again["created"], &again["unchanged"]), (&json!(0), &json!(2)), "{again}");
}

#[test]
fn a_shapefile_keeps_every_name_and_leaves_out_what_is_too_long() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let table = folder.path().join("rights.ndjson");
    let square = "POLYGON ((113.28 23.12, 113.281 23.12, 113.281 23.121, 113.28 23.121, 113.28 23.12))";
    let right = |holder: &str| json!({ "right_type": "宅基地使用权", "right_holder": holder, "right_share": "1/4" });
    let rights: Vec<Value> = ["某村民小组甲", "某村民小组乙", "某村民小组丙", "某村民小组丁"].map(right).to_vec();
    let row = json!({
        "source": "map", "source_key": "1", "parcel_code": "440106001001JC00001", "geometry": square, "land_use": "0101K", "rights": rights,
    });
    let single = json!({
        "source": "map", "source_key": "2", "parcel_code": "440106001001JC00002", "land_use": "0701", "right_holder": "某公司",
        "right_holder_id": "91440101MA59UXXX0X", "geometry": square.replace("113.28", "113.29"),
    });
    fs::write(&table, format!("{row}\n{single}\n")).expect("a file");
    jiku(["ingest", "--database", &database, "--kind", "parcel", table.to_str().expect("UTF-8")]).well();
    let (file, plain, gdal) = (folder.path().join("own.zip"), folder.path().join("plain.gpkg"), folder.path().join("gdal.shz"));
    let arguments = ["export", "--json", "--database", &database, "--kind", "parcel", "--output", file.to_str().expect("UTF-8")];
    let done = jiku(arguments).well().json();
    assert_eq!(done["left_out"]["rights"], json!(1), "named, and not cut: {done}");
    export(&database, &plain, &[]);
    let made = Command::new("ogr2ogr").args(["-f", "ESRI Shapefile", "-lco", "ENCODING=UTF-8"]).args([&gdal, &plain]).output();
    assert!(made.expect("GDAL is there (Debian: apt-get install gdal-bin)").status.success());
    for (number, file) in [&file, &gdal].into_iter().enumerate() {
        let other = jiku_tests::command::made(format!("sqlite://{}", folder.path().join(format!("{number}.db")).display()));
        let done = ingest(&other, file);
        // Names of holders leave masked and are not taken so, but every column is understood.
        assert_eq!((&done["rejected"], &done["unknown_columns"]), (&json!(0), &json!(["version"])), "{done}");
        let out = folder.path().join("back.ndjson");
        export(&other, &out, &[]);
        let text = fs::read_to_string(&out).expect("an export");
        for column in ["right_type", "right_share", "land_use_scheme", "land_use_suffix"] {
            assert!(text.contains(&format!("\"{column}\"")), "{number}: {column} came back: {text}");
        }
    }
}

#[test]
fn geojson_has_numbers_and_a_zone_far_away_is_told() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let sequence = folder.path().join("parcels.geojsonl");
    cadastre(&sequence);
    ingest(&database, &sequence);
    for name in ["a.geojson", "b.geojsonl"] {
        let file = folder.path().join(name);
        export(&database, &file, &[]);
        let text = fs::read_to_string(&file).expect("an export");
        let first: Value = serde_json::from_str(text.lines().find(|line| line.contains("\"Feature\"")).expect("a feature")).expect("JSON");
        let properties = &first["properties"];
        assert!(properties["planar_area_m2"].is_f64() && properties["ellipsoidal_area_m2"].is_f64(), "{properties}");
        assert!(properties["parcel_code"].is_string() && properties["land_use"].is_string(), "{properties}");
    }
    for (name, crs, far) in [("c.csv", "EPSG:4513", 40), ("d.gpkg", "EPSG:4513", 40), ("e.csv", "EPSG:4526", 0), ("f.csv", "EPSG:4490", 0)]
    {
        let file = folder.path().join(name);
        let arguments =
            ["export", "--json", "--database", &database, "--kind", "parcel", "--crs", crs, "--output", file.to_str().expect("UTF-8")];
        let done = jiku(arguments).well();
        assert_eq!(done.json()["far_from_zone"], json!(far), "{name} in {crs}");
        let told = jiku(arguments.iter().filter(|argument| **argument != "--json")).well().err;
        assert_eq!(told.matches("central meridian").count(), usize::from(far > 0), "{told}");
    }
}

#[test]
fn a_boundary_of_very_many_vertices_comes_back_from_a_table() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let count = 99_998_u32;
    let place = |step: u32| {
        let angle = f64::from(step % count) / f64::from(count) * std::f64::consts::TAU;
        json!([113.3 + 0.03 * angle.cos(), 23.1 + 0.03 * angle.sin()])
    };
    let ring: Vec<Value> = (0..=count).map(place).collect();
    let feature = json!({
        "type": "Feature", "geometry": { "type": "Polygon", "coordinates": [ring] },
        "properties": { "source": "map", "source_key": "1", "parcel_code": "440106001001GB00001" },
    });
    let file = folder.path().join("large.geojsonl");
    fs::write(&file, format!("{feature}\n")).expect("a file");
    assert_eq!(ingest(&database, &file)["created"], json!(1));
    let table = folder.path().join("large.csv");
    export(&database, &table, &[]);
    assert!(fs::metadata(&table).expect("a table").len() > 2_000_000);
    let other = made(format!("sqlite://{}", folder.path().join("other.db").display()));
    let mapping = folder.path().join("mapping.toml");
    fs::write(&mapping, "source = \"map\"\n[columns]\nid = \"source_key\"\n").expect("a mapping");
    let files = [mapping.to_str().expect("UTF-8"), table.to_str().expect("UTF-8")];
    let done =
        jiku(["ingest", "--json", "--database", &other, "--kind", "parcel", "--mapping", files[0], files[1]]).well().json()[0].clone();
    assert_eq!((&done["created"], &done["rejected"]), (&json!(1), &json!(0)), "{done}");
    assert_eq!(said(&other, folder.path()), said(&database, folder.path()));
}

#[test]
fn what_cannot_be_written_is_said_before_work() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let refused = |arguments: &[&str], said: &str| {
        let all = ["export", "--database", &database, "--output"];
        jiku(all.iter().chain(arguments)).refused(2, &[said]);
    };
    refused(&["x.gpkg", "--kind", "person"], "only parcels");
    refused(&["-", "--kind", "parcel", "--format", "gpkg"], "standard output");
    refused(&["x.geojson", "--kind", "parcel", "--crs", "EPSG:4526"], "longitude and latitude");
    let plain = folder.path().join("x.geojson");
    export(&database, &plain, &["--crs", "EPSG:4326"]);
}

#[test]
fn one_file_holds_the_rows_of_several_sources_each_in_its_own_coordinate_system() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let table = folder.path().join("together.csv");
    // The same square of a hundred metres in the plane of zone 38, with and without its prefix, and near it in degrees.
    let plane = |east: f64, north: f64| {
        let corner = |right: f64, up: f64| format!("{} {}", east + right, north + up);
        format!(
            "\"POLYGON (({}, {}, {}, {}, {}))\"",
            corner(0.0, 0.0),
            corner(100.0, 0.0),
            corner(100.0, 100.0),
            corner(0.0, 100.0),
            corner(0.0, 0.0)
        )
    };
    let degrees = "\"POLYGON ((113.28 23.12, 113.281 23.12, 113.281 23.121, 113.28 23.121, 113.28 23.12))\"";
    let rows = [
        format!("ziran,1,440106001001GB00001,EPSG:4526,{}", plane(38_424_654.0, 2_559_013.0)),
        format!("zhujian,1,440106001001GB00002,EPSG:4547,{}", plane(424_854.0, 2_559_013.0)),
        format!("linye,1,440106001001GB00003,CRS84,{degrees}"),
        format!("nongye,1,440106001001GB00004,EPSG:4548,{}", plane(424_854.0, 2_559_013.0)),
    ];
    fs::write(&table, format!("source,source_key,parcel_code,crs,geometry\n{}\n", rows.join("\n"))).expect("a file");
    let done =
        jiku(["ingest", "--json", "--database", &database, "--kind", "parcel", table.to_str().expect("UTF-8")]).well().json()[0].clone();
    assert_eq!((&done["created"], &done["rejected"]), (&json!(4), &json!(0)), "{done}");
    let areas: Vec<String> = said(&database, folder.path()).into_values().map(|values| values["planar_area_m2"].clone()).collect();
    assert_eq!(areas[..2], ["10000", "10000"]);
    let out = folder.path().join("out.ndjson");
    export(&database, &out, &[]);
    let systems: Vec<String> = fs::read_to_string(&out)
        .expect("an export")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .map(|row| row["values"]["source_crs"].as_str().expect("a system").to_owned())
        .collect();
    assert_eq!(systems, ["EPSG:4526", "EPSG:4547", "OGC:CRS84", "EPSG:4548"], "each row keeps the system it came in");
}

#[test]
fn an_export_leaves_its_mark_in_every_format_in_the_log_and_as_an_alarm() {
    let folder = folder();
    let database = made(sqlite_in(folder.path()));
    let sequence = folder.path().join("parcels.geojsonl");
    cadastre(&sequence);
    ingest(&database, &sequence);
    let mut ids = std::collections::BTreeSet::new();
    for ending in ["csv", "ndjson", "geojson", "geojsonl", "gpkg", "zip", "fgb", "parquet"] {
        let file = folder.path().join(format!("marked.{ending}"));
        let arguments = ["export", "--json", "--database", &database, "--kind", "parcel", "--output", file.to_str().expect("UTF-8")];
        let id = jiku(arguments).well().json()["export"].as_str().expect("an id").to_owned();
        let bytes = fs::read(&file).expect("a file");
        let marks = memchr::memmem::find_iter(&bytes, id.as_bytes()).count();
        // What can be copied out of the file line by line says so in every line.
        let rows = if matches!(ending, "csv" | "ndjson" | "geojsonl") { 40 } else { 1 };
        assert!(marks >= rows, "{ending}: {marks} marks");
        ids.insert(id);
    }
    assert_eq!(ids.len(), 8, "each export has an id of its own");
    let store = jiku_store::Store::open(&database).expect("it opens");
    let logged = store.read(|reader| reader.accesses(None, 100)).expect("the log");
    let exports: std::collections::BTreeSet<String> =
        logged.into_iter().filter(|row| row.action == "export").filter_map(|row| row.request_id).collect();
    assert_eq!(exports, ids);
    let alarms = store.read(|reader| reader.changes_of_none("alarm", 0, 100)).expect("alarms");
    assert!(ids.iter().all(|id| alarms.iter().any(|alarm| alarm.body.contains(id))), "{alarms:?}");
}
