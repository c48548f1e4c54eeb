//! Does every format give back what was written to it? All parcels are invented.

use std::path::Path;

use jiku_geofile::{Column, ColumnKind, Feature, Flow, Format, GeoFileError, Layer, Options, Polygons, Value, Visitor, Writer, read};

#[derive(Default)]
struct Collected {
    layer: Option<Layer>,
    features: Vec<Feature>,
}

impl Visitor for Collected {
    fn layer(&mut self, layer: &Layer) -> Flow {
        self.layer = Some(layer.clone());
        Flow::More
    }

    fn feature(&mut self, feature: Feature) -> Flow {
        self.features.push(feature);
        Flow::More
    }
}

fn layer(epsg: u32) -> Layer {
    let column = |name: &str, kind| Column { name: name.to_owned(), kind };
    Layer {
        name: "parcels".to_owned(),
        columns: vec![column("code", ColumnKind::Text), column("location", ColumnKind::Text), column("area", ColumnKind::Real)],
        epsg: Some(epsg),
        key: None,
        about: None,
    }
}

/// A square with a hole and a second square, one side 100 long.
fn polygons(east: f64, north: f64) -> Polygons {
    let square = |x: f64, y: f64, side: f64| vec![[x, y], [x, y + side], [x + side, y + side], [x + side, y], [x, y]];
    let mut hole = square(east + 20.0, north + 20.0, 10.0);
    hole.reverse();
    Polygons(vec![vec![square(east, north, 100.0), hole], vec![square(east + 200.0, north, 100.0)]])
}

fn features() -> Vec<Feature> {
    let of = |code: &str, location: Value, area: Value, east: f64| Feature {
        geometry: Some(polygons(east, 2_560_000.0).to_wkb()),
        values: vec![Value::Text(code.to_owned()), location, area],
        key: None,
    };
    vec![
        of("440106001001GB00001", Value::Text("天河区黄埔大道西4号𠮷".to_owned()), Value::Real(9900.5), 38_500_000.0),
        of("440106001001GB00002", Value::Null, Value::Null, 38_500_400.0),
    ]
}

fn write(format: Format, path: &Path, epsg: u32) {
    let mut writer = Writer::create(format, path, &layer(epsg)).expect("a file begins");
    for feature in features() {
        writer.write(&feature).expect("a feature is written");
    }
    writer.finish().expect("the file ends");
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    for (format, name) in [(Format::GeoPackage, "a.gpkg"), (Format::Shapefile, "a.zip"), (Format::FlatGeobuf, "a.fgb")] {
        let path = folder.path().join(name);
        write(format, &path, 4526);
        let mut found = Collected::default();
        read(format, &path, &Options::default(), &mut found).expect("the file reads");
        let layer = found.layer.expect("a layer comes first");
        assert_eq!(layer.epsg, Some(4526), "{name}");
        assert_eq!(layer.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(), ["code", "location", "area"], "{name}");
        // A FlatGeobuf file sorts its features by place.
        found.features.sort_by(|one, other| format!("{:?}", one.values).cmp(&format!("{:?}", other.values)));
        assert_eq!(found.features.len(), 2, "{name}");
        let keys: Vec<Option<i64>> = found.features.iter().map(|feature| feature.key).collect();
        let numbered = format == Format::GeoPackage;
        assert_eq!((layer.key.is_some(), keys), (numbered, if numbered { vec![Some(1), Some(2)] } else { vec![None, None] }), "{name}");
        for (read, written) in found.features.iter().zip(features()) {
            assert_eq!(read.values, written.values, "{name}");
            let of = |feature: &Feature| Polygons::from_wkb(feature.geometry.as_ref().expect("a geometry")).expect("polygons");
            assert_eq!(area(&of(read)), area(&of(&written)), "{name}");
            assert_eq!(of(read).0.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1], "{name}: the hole belongs to the first polygon");
        }
    }
}

/// Shells less holes, whichever way they run.
fn area(polygons: &Polygons) -> f64 {
    let ring = |ring: &Vec<[f64; 2]>| {
        let [x0, y0] = ring[0];
        ring.windows(2).map(|pair| (pair[0][0] - x0) * (pair[1][1] - y0) - (pair[1][0] - x0) * (pair[0][1] - y0)).sum::<f64>().abs() / 2.0
    };
    polygons.0.iter().map(|rings| ring(&rings[0]) - rings[1..].iter().map(ring).sum::<f64>()).sum()
}

#[test]
fn a_geoparquet_file_tells_its_geometry_and_its_coordinate_system() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    write(Format::GeoParquet, &path, 4526);
    let bytes = std::fs::read(&path).expect("the file is there");
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains(r#""primary_column":"geometry""#) && text.contains("CGCS2000 / 3-degree Gauss-Kruger zone 38"));
}

#[test]
fn a_row_of_a_geopackage_that_is_too_long_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.gpkg");
    write(Format::GeoPackage, &path, 4490);
    let long = "UPDATE parcels SET location = printf('%.*c', 17825792, 'x') WHERE fid = 2";
    rusqlite::Connection::open(&path).and_then(|package| package.execute(long, [])).expect("a long text");
    let mut found = Collected::default();
    let error = read(Format::GeoPackage, &path, &Options::default(), &mut found).expect_err("it is refused");
    assert!(error.to_string().contains("a row is longer than 16 MiB"), "{error}");
    assert_eq!(found.features.len(), 1, "the one before it was read");
}

#[test]
fn what_is_no_such_file_is_an_error_and_no_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("x");
    let formats = [Format::GeoPackage, Format::Shapefile, Format::FlatGeobuf];
    let mut originals: Vec<Vec<u8>> = vec![Vec::new(), b"PK\x03\x04".to_vec(), b"SQLite format 3\0".to_vec(), vec![0xff; 4096]];
    for format in formats {
        write(format, &path, 4490);
        let whole = std::fs::read(&path).expect("the file is there");
        originals.push(whole[..whole.len() / 2].to_vec());
        let mut flipped = whole.clone();
        for at in (40..flipped.len()).step_by(97) {
            flipped[at] ^= 0x5a;
        }
        originals.push(flipped);
    }
    for bytes in originals {
        std::fs::write(&path, &bytes).expect("a file is written");
        for format in formats {
            // Whatever comes out, it is no panic; a half file may hold whole features.
            let _ = read(format, &path, &Options::default(), &mut Collected::default());
        }
    }
    std::fs::write(&path, b"name,area\n").expect("a file is written");
    for format in formats {
        assert!(read(format, &path, &Options::default(), &mut Collected::default()).is_err(), "{format:?}");
    }
}

#[test]
fn a_shapefile_without_a_charset_is_read_as_gb18030_when_it_is_no_utf8() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.zip");
    write(Format::Shapefile, &path, 4490);
    // The same shapefile as an older office program leaves it: attributes in GBK, no .cpg.
    let mut old = zip::ZipArchive::new(std::fs::File::open(&path).expect("open")).expect("an archive");
    let other = folder.path().join("b.zip");
    let mut new = zip::ZipWriter::new(std::fs::File::create(&other).expect("create"));
    for number in 0..old.len() {
        let mut entry = old.by_index(number).expect("an entry");
        let name = entry.name().expect("a name").into_owned();
        if name.ends_with(".cpg") {
            continue;
        }
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry, &mut bytes).expect("reads");
        if name.ends_with(".dbf") {
            bytes[29] = 0;
            let (from, to) = ("天河区黄埔大道西4号".as_bytes(), encoding_rs::GBK.encode("天河区黄埔大道西4号").0.into_owned());
            let at = bytes.windows(from.len()).position(|window| window == from).expect("the text is there");
            let padded: Vec<u8> = to.iter().copied().chain(std::iter::repeat(b' ')).take(from.len() + 4).collect();
            bytes[at..at + padded.len()].copy_from_slice(&padded);
        }
        new.start_file(name, zip::write::SimpleFileOptions::default()).expect("an entry");
        std::io::Write::write_all(&mut new, &bytes).expect("writes");
    }
    new.finish().expect("ends");
    let mut found = Collected::default();
    read(Format::Shapefile, &other, &Options::default(), &mut found).expect("reads");
    assert_eq!(found.features[0].values[1], Value::Text("天河区黄埔大道西4号".to_owned()));
    let wrong = Options { charset: Some("klingon".to_owned()), ..Options::default() };
    assert!(matches!(read(Format::Shapefile, &other, &wrong, &mut Collected::default()), Err(GeoFileError::Unsupported(_))));
}

#[test]
fn a_flatgeobuf_that_says_what_it_does_not_hold_is_told_before_memory_is_taken_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("parcels.fgb");
    write(Format::FlatGeobuf, &path, 4526);
    let whole = std::fs::read(&path).expect("the file");
    let told = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("it is written");
        let mut seen = Collected::default();
        let outcome = read(Format::FlatGeobuf, &path, &Options::default(), &mut seen);
        assert!(outcome.is_ok() || seen.features.is_empty(), "nothing is taken of a broken file");
        outcome.map_err(|error| error.to_string())
    };
    assert_eq!(told(&whole), Ok(()));
    assert_eq!(told(&whole[..whole.len() - 3]).map_err(|told| told.contains("feature 2 is to be")), Err(true));
    // A packed tree of two features and its root, 40 bytes each, comes after the header.
    let header = 12 + u32::from_le_bytes(whole[8..12].try_into().expect("four bytes")) as usize;
    let mut huge = whole.clone();
    huge[header + 120..header + 124].copy_from_slice(&[0xf0, 0xff, 0xff, 0xff]);
    assert_eq!(told(&huge).map_err(|told| told.contains("feature 1 is to be 4294967280 bytes long")), Err(true));
    let second = header + 124 + u32::from_le_bytes(whole[header + 120..header + 124].try_into().expect("four bytes")) as usize;
    assert_eq!(told(&whole[..second]), Err("the file is damaged: it says that it holds 2 features, and holds 1".to_owned()));
    assert_eq!(told(&whole[..header + 60]), Err("the file is damaged: an index of 2 features does not fit into it".to_owned()));
}
