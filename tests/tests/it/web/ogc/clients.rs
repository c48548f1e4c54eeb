//! Do the programs that people use read the parcels: GDAL, QGIS and OWSLib? None of them, in Debian 12, edits by this interface.

use std::path::Path;
use std::process::Command;

use jiku_registry::Role;
use serde_json::{Value, json};

use super::super::service::Service;
use super::land;

/// Runs a program that comes with a package of Debian.
fn run(program: &str, arguments: &[&str], package: &str) -> String {
    let output = Command::new(program)
        .args(arguments)
        // QGIS draws nothing here, and its settings of this user are none of the test's business.
        .env("QT_QPA_PLATFORM", "offscreen")
        .env("QGIS_CUSTOM_CONFIG_PATH", std::env::temp_dir())
        .output()
        .unwrap_or_else(|error| panic!("{program} does not run ({error}): apt-get install {package}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program} {arguments:?} (is {package} installed?): {text}{errors}");
    text
}

/// Runs a script of this folder with the system's Python, which knows Debian's packages, and reads what it says.
fn script(name: &str, arguments: &[&str], package: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/web/ogc").join(name).display().to_string();
    let arguments: Vec<&str> = [file.as_str()].into_iter().chain(arguments.iter().copied()).collect();
    let text = run("/usr/bin/python3", &arguments, package);
    let said = text.lines().rfind(|line| line.starts_with('{')).unwrap_or_else(|| panic!("{name} says nothing: {text}"));
    serde_json::from_str(said).expect("JSON")
}

#[test]
fn qgis_reads_pages_boxes_and_filters() {
    let service = Service::with_public_parcels();
    land::settle(&service, 8, 6);
    let said = script("with_qgis.py", &[&format!("http://{}/ogc", service.address())], "python3-qgis");
    let counts = [&said["features"], &said["boxed"], &said["used"]].map(|count| count.as_u64().unwrap_or_default());
    assert_eq!(counts, [48, 2, 24], "{said}");
    assert!(said["fields"].as_array().is_some_and(|fields| fields.contains(&json!("registered_area_m2"))), "{said}");
    assert_eq!((said["west"].as_f64(), said["south"].as_f64()), (Some(land::WEST), Some(land::SOUTH)), "longitude is east: {said}");
}

#[test]
fn owslib_reads_collections_boxes_and_items() {
    let service = Service::sqlite();
    land::settle(&service, 8, 6);
    let key = service.caller(&[Role::Reader]).key();
    let said = script("with_owslib.py", &[&format!("http://{}/ogc", service.address()), &key], "python3-owslib");
    assert_eq!(
        (&said["collections"][0], &said["boxed"], &said["one"]),
        (&json!("parcels"), &json!(2), &json!("440106001001GB00001")),
        "{said}"
    );
    assert!(said["queryables"].as_array().is_some_and(|names| names.contains(&json!("land_use"))), "{said}");
    assert!(said["conformance"].as_u64().is_some_and(|count| count > 10), "{said}");
}

/// Runs a program of GDAL.
fn gdal(program: &str, arguments: &[&str]) -> String {
    run(program, arguments, "gdal-bin")
}

#[test]
fn gdal_lists_filters_and_copies_parcels() {
    let service = Service::with_public_parcels();
    land::settle(&service, 8, 6);
    let source = format!("OAPIF:http://{}/ogc", service.address());
    let summary = gdal("ogrinfo", &["-ro", "-so", &source, "parcels"]);
    assert!(summary.contains("Feature Count: 48"), "{summary}");
    assert!(summary.contains("(113.300000, 23.100000) - (113.304000, 23.103000)"), "the extent is tight: {summary}");
    assert!(summary.contains("registered_area_m2: Real") && summary.contains("parcel_code: String"), "{summary}");
    let one = gdal("ogrinfo", &["-ro", "-where", "parcel_code='440106001001GB00010'", &source, "parcels"]);
    assert!(one.contains("Feature Count: 1") && one.contains("POLYGON ((113.3005 23.1005"), "{one}");
    let boxed = gdal("ogrinfo", &["-ro", "-so", "-spat", "113.3001", "23.1001", "113.3006", "23.1004", &source, "parcels"]);
    assert!(boxed.contains("Feature Count: 2"), "{boxed}");

    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let package = file("parcels.gpkg");
    gdal("ogr2ogr", &["-f", "GPKG", "-t_srs", "EPSG:4547", "-oo", "PAGE_SIZE=7", &package, &source, "parcels"]);
    assert!(Path::new(&package).exists());
    let copied = gdal("ogrinfo", &["-ro", "-so", &package, "parcels"]);
    assert!(copied.contains("Feature Count: 48") && copied.contains("4547"), "every page was followed: {copied}");
}
