//! Do the settings of the cadastre reach every way in: edits, and what departments send?

use std::fs;

use jiku_registry::{Options, Registry, Role};
use serde_json::{Value, json};

use super::super::service::Service;
use super::land::{self, SIDE, SOUTH, WEST, ring};

/// Two counties side by side, six parcels wide each; the province is a little larger.
fn settings(folder: &std::path::Path, snap_m: f64) -> std::path::PathBuf {
    let county = |code: &str, west: f64, east: f64| {
        let (south, north) = (SOUTH, SOUTH + 10.0 * SIDE);
        let ring = json!([[west, south], [east, south], [east, north], [west, north], [west, south]]);
        json!({ "type": "Feature", "properties": { "division": code }, "geometry": { "type": "Polygon", "coordinates": [ring] } })
    };
    let middle = ring(6, 0)[0][0].as_f64().expect("a number");
    let counties =
        json!({ "type": "FeatureCollection", "features": [county("440106", WEST, middle), county("440105", middle, WEST + 12.0 * SIDE)] });
    fs::write(folder.join("counties.geojson"), counties.to_string()).expect("written");
    let file = folder.join("cadastre.toml");
    let text = format!(
        "extent = [{}, {}, {}, {}]\ndivisions = \"counties.geojson\"\n[tolerances]\nsnap_m = {snap_m}\n",
        WEST - 1.0,
        SOUTH - 1.0,
        WEST + 1.0,
        SOUTH + 1.0
    );
    fs::write(&file, text).expect("written");
    file
}

fn feature(column: u32, row: u32, stem: &str) -> Value {
    json!({ "geometry": { "type": "Polygon", "coordinates": [ring(column, row)] }, "values": { "parcel_code": stem, "land_use": "0701" } })
}

fn over(snap_m: f64) -> Service {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("base.db").display());
    let cadastre = Some(settings(folder.path(), snap_m));
    Service::over(Options { cadastre, ..Options::new(database) }, Some(folder))
}

#[test]
fn parcels_lie_in_the_county_of_their_code_and_in_the_province() {
    let service = over(0.05);
    let editor = service.caller(&[Role::GisEditor]);
    for (body, expected) in [
        (feature(2, 2, "440106001002GB"), ""),
        (feature(8, 2, "440106001002GB"), "parcel-code-division"),
        (feature(8, 2, "440105001002GB"), ""),
        (feature(12, 4, "440105001002GB"), "parcel-outside-division"),
        (feature(4000, 4, "440303001002GB"), "parcel-outside-extent"),
    ] {
        let answer = editor.post("/api/v1/parcels", &body);
        assert_eq!(answer.problem(), expected, "{}", answer.text);
        assert!(expected.is_empty() || answer.json()["findings"][0]["geometry"].is_object(), "the place is told: {}", answer.text);
    }
    let draft = {
        let mut draft = feature(12, 4, "440105001002GB");
        draft["values"]["stage"] = json!("draft");
        editor.post("/api/v1/parcels", &draft).expect(201)
    };
    assert_eq!((&draft["report"]["findings"][0]["rule"], &draft["report"]["findings"][0]["severity"]), (&json!("T5"), &json!("warn")));
    let mut row = land::record(7, 5, 8);
    row.extend([("source".to_owned(), json!("land")), ("source_key".to_owned(), json!("stray"))]);
    let sent = service.caller(&[Role::Source]).post("/api/v1/parcels/records?on_flag=accept", &Value::Object(row));
    assert!(sent.text.contains("parcel-code-division"), "what a department sends is told and kept: {}", sent.text);
}

#[test]
fn tolerances_are_the_province_s() {
    for (snap_m, expected) in [(0.05, "parcel-overlap"), (0.5, "")] {
        let service = over(snap_m);
        let editor = service.caller(&[Role::GisEditor]);
        assert_eq!(editor.post("/api/v1/parcels", &feature(1, 1, "440106001002GB")).status, 201);
        let mut body = feature(2, 1, "440106001002GB");
        // 0.2 m over the border.
        for corner in [0, 3, 4] {
            body["geometry"]["coordinates"][0][corner][0] = json!(WEST + 2.0 * SIDE - 2e-6);
        }
        let answer = editor.post("/api/v1/parcels", &body);
        assert_eq!(answer.problem(), expected, "{snap_m}: {}", answer.text);
    }
}

#[test]
fn settings_that_cannot_be_used_stop_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("cadastre.toml");
    for (text, expected) in
        [("divisions = \"missing.geojson\"", "missing.geojson"), ("[tolerances]\nsnap_m = 99", "snap_m"), ("limits = 1", "limits")]
    {
        fs::write(&file, text).expect("written");
        let database = format!("sqlite://{}", folder.path().join("base.db").display());
        let refused =
            Registry::open(Options { cadastre: Some(file.clone()), ..Options::new(database) }).err().expect("refused").to_string();
        assert!(refused.contains("cadastre") && refused.contains(expected), "{refused}");
    }
}
