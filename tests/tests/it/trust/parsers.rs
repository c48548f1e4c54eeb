//! Does any parser panic, hang or swell on bytes that nobody would send?
//!
//! Each target has a corpus of good and odd inputs in `tests/fuzz/corpus`; they are run as they are, then mutated: bytes flipped,
//! pieces taken out, doubled, and spliced from other inputs. `JIKU_FUZZ_RUNS` sets how many mutants each target gets and
//! `JIKU_FUZZ_SEED` which. An input that ever broke something is added to the corpus.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use jiku_ingest::{Format, Mapping, Options, Reader};
use jiku_model::{Kind, RawRecord};
use jiku_tests::binary::repository;
use jiku_tests::long::{Numbers, setting};

/// How long one input may take at most; on a loaded machine without optimisation that is generous.
const LONGEST: Duration = Duration::from_secs(5);

/// Bytes that mean something to one parser or another.
const WORDS: &[&[u8]] = &[
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\"",
    b"\\",
    b"{",
    b"[",
    b"(",
    b")",
    b",",
    b"\n",
    b"\r",
    b"1e400",
    b"NaN",
    b"-",
    b"9999999999999999999",
    "\u{202e}".as_bytes(),
    "𠮷".as_bytes(),
    "·".as_bytes(),
    b"EMPTY",
    b"MULTIPOLYGON",
    b" AND ",
    b"NOT ",
    b"'",
    b"\\ud800",
    b"SRID=",
];

fn mutant(corpus: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = corpus[numbers.below(corpus.len())].clone();
    for _ in 0..=numbers.below(5) {
        let at = numbers.below(bytes.len() + 1);
        match numbers.draw() % 6 {
            0 if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] ^= 1 << (numbers.draw() % 8);
            }
            1 => {
                let end = (at + numbers.below(24)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 => {
                let word = WORDS[numbers.below(WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
            3 => {
                let end = (at + numbers.below(40)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                for _ in 0..numbers.below(30) {
                    bytes.splice(at..at, piece.iter().copied());
                }
            }
            4 => {
                let other = &corpus[numbers.below(corpus.len())];
                let from = numbers.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = repository().join("tests/fuzz/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder).expect("a corpus").filter_map(Result::ok).map(|entry| entry.path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} has inputs", folder.display());
    files.iter().map(|file| std::fs::read(file).expect("an input")).collect()
}

/// Runs the corpus of a target and mutants of it; an input that breaks the parser is told in full, as it belongs to nobody.
fn fuzz(target: &str, parse: impl Fn(&[u8])) {
    let inputs = corpus(target);
    let mut numbers = Numbers::new(setting("JIKU_FUZZ_SEED", 1));
    let mutants = (0..setting("JIKU_FUZZ_RUNS", 400)).map(|_| mutant(&inputs, &mut numbers));
    for input in inputs.iter().cloned().chain(mutants) {
        let begun = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| parse(&input)));
        assert!(outcome.is_ok(), "{target} panics on {:?}", String::from_utf8_lossy(&input));
        assert!(begun.elapsed() < LONGEST, "{target} takes {:?} for {:?}", begun.elapsed(), String::from_utf8_lossy(&input));
    }
}

fn rows(format: Format) -> impl Fn(&[u8]) {
    move |bytes| {
        let options = Options { format: Some(format), ..Options::default() };
        if let Ok(reader) = Reader::open(std::io::Cursor::new(bytes.to_vec()), options) {
            let (kept, _): (Vec<_>, Vec<_>) = reader.partition(Result::is_ok);
            assert!(kept.len() <= bytes.len(), "no row comes from nothing");
        }
    }
}

/// A record of one kind with this text in a column.
fn column(kind: Kind, name: &'static str) -> impl Fn(&[u8]) {
    move |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let mut raw = RawRecord::new();
        // GeoJSON comes as an object, everything else as a text.
        let value = serde_json::from_str(&text).ok().filter(serde_json::Value::is_object).unwrap_or(serde_json::Value::String(text));
        raw.insert(name.to_owned(), value);
        let problems = jiku_registry::inspect(kind, &raw);
        assert!(problems.len() < 1_000, "problems are told once");
    }
}

#[test]
fn bodies_and_files() {
    fuzz("json", |bytes| {
        if let Ok(object) = jiku_ingest::parse_object(bytes) {
            let again = serde_json::to_vec(&object).expect("it prints");
            assert_eq!(jiku_ingest::parse_object(&again).ok(), Some(object), "what was read prints and reads the same");
        }
    });
    fuzz("ndjson", rows(Format::NdJson));
    fuzz("csv", rows(Format::Csv));
    fuzz("geojson", rows(Format::GeoJson));
    fuzz("mapping", |bytes| drop(Mapping::from_toml(&String::from_utf8_lossy(bytes))));
    fuzz("model", |bytes| drop(jiku_linkage::Model::from_toml(&String::from_utf8_lossy(bytes))));
}

#[test]
fn tables_and_layers() {
    fuzz("xlsx", rows(Format::Xlsx));
    fuzz("parquet", rows(Format::Parquet));
    fuzz("geojson-seq", rows(Format::GeoJsonSeq));
    fuzz("geopackage", rows(Format::GeoPackage));
    fuzz("shapefile", rows(Format::Shapefile));
    fuzz("flatgeobuf", rows(Format::FlatGeobuf));
}

#[test]
fn geometries() {
    fuzz("wkt", column(Kind::Parcel, "geometry"));
    fuzz("wkb", column(Kind::Parcel, "geometry"));
    fuzz("geometry", column(Kind::Parcel, "geometry"));
}

#[test]
fn names_numbers_dates_and_addresses() {
    fuzz("names", column(Kind::Person, "name"));
    fuzz("names", column(Kind::LegalPerson, "name"));
    fuzz("ids", column(Kind::Person, "id_number"));
    fuzz("ids", column(Kind::LegalPerson, "uscc"));
    fuzz("ids", column(Kind::Parcel, "parcel_code"));
    fuzz("ids", |bytes| drop(String::from_utf8_lossy(bytes).parse::<jiku_model::EntityId>()));
    fuzz("dates", column(Kind::Person, "birth_date"));
    fuzz("addresses", column(Kind::Person, "address"));
}

#[test]
fn filters() {
    fuzz("cql2-text", |bytes| {
        if let Ok(filter) = jiku_ogc::cql2::parse_text(&String::from_utf8_lossy(bytes)) {
            let written = jiku_ogc::cql2::to_json(&filter);
            assert!(jiku_ogc::cql2::parse_json(&written).is_ok(), "what was read can be written and read again: {written}");
        }
    });
    fuzz("cql2-json", |bytes| {
        if let Ok(value) = serde_json::from_slice(bytes) {
            drop(jiku_ogc::cql2::parse_json(&value));
        }
    });
}

#[test]
fn a_parser_that_panics_is_seen() {
    let outcome = catch_unwind(|| fuzz("json", |bytes| assert!(!bytes.contains(&b'{'), "planted")));
    assert!(outcome.is_err());
}
