//! Do GDAL's own programs read the parcels?

use std::path::Path;
use std::process::Command;

use super::super::service::Service;
use super::land;

/// Runs a program of GDAL.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{program} does not run ({error}): apt-get install gdal-bin"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program} {arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

#[test]
fn gdal_lists_filters_and_copies_parcels() {
    let service = Service::with_public_parcels();
    land::settle(&service, 8, 6);
    let source = format!("OAPIF:http://{}/ogc", service.address());
    let summary = run("ogrinfo", &["-ro", "-so", &source, "parcels"]);
    assert!(summary.contains("Feature Count: 48"), "{summary}");
    assert!(summary.contains("(113.300000, 23.100000) - (113.304000, 23.103000)"), "the extent is tight: {summary}");
    assert!(summary.contains("registered_area_m2: Real") && summary.contains("parcel_code: String"), "{summary}");
    let one = run("ogrinfo", &["-ro", "-where", "parcel_code='440106001001GB00010'", &source, "parcels"]);
    assert!(one.contains("Feature Count: 1") && one.contains("POLYGON ((113.3005 23.1005"), "{one}");
    let boxed = run("ogrinfo", &["-ro", "-so", "-spat", "113.3001", "23.1001", "113.3006", "23.1004", &source, "parcels"]);
    assert!(boxed.contains("Feature Count: 2"), "{boxed}");

    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let package = file("parcels.gpkg");
    run("ogr2ogr", &["-f", "GPKG", "-t_srs", "EPSG:4547", "-oo", "PAGE_SIZE=7", &package, &source, "parcels"]);
    assert!(Path::new(&package).exists());
    let copied = run("ogrinfo", &["-ro", "-so", &package, "parcels"]);
    assert!(copied.contains("Feature Count: 48") && copied.contains("4547"), "every page was followed: {copied}");
}
