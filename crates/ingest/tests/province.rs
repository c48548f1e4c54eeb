//! Are the files of departments that never heard of the standard columns understood by their mapping files?

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use jiku_ingest::{Mapping, Options, Reader};
use jiku_model::RawRecord;
use jiku_synth::{CsvFiles, Province, SOURCES, Settings, SynthRecord, feature};

/// Files in memory, by name.
#[derive(Clone, Default)]
struct Folder(Arc<Mutex<HashMap<String, Vec<u8>>>>);

struct Stream(Folder, String);

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.0.lock().expect("not poisoned").entry(self.1.clone()).or_default().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Folder {
    fn open(&self) -> impl FnMut(&str) -> io::Result<Stream> + use<> {
        let folder = self.clone();
        move |name| Ok(Stream(folder.clone(), name.to_owned()))
    }

    fn rows(&self, name: &str, mapping: Option<&str>) -> Vec<RawRecord> {
        let bytes = self.0.lock().expect("not poisoned")[name].clone();
        let mapping = mapping.map_or_else(Mapping::default, |toml| Mapping::from_toml(toml).expect("a mapping"));
        let reader = Reader::open(io::Cursor::new(bytes), Options { mapping, ..Options::default() }).expect("a file");
        reader.map(|row| row.unwrap_or_else(|fault| panic!("{name}: {fault:?}")).raw).collect()
    }
}

fn records() -> Vec<SynthRecord> {
    Province::new(Settings::new(11, 600, 80, 60)).collect()
}

#[test]
fn files_in_the_departments_own_dress_say_the_same_as_standard_files() {
    let (standard, own) = (Folder::default(), Folder::default());
    let (mut standard_files, mut own_files) = (CsvFiles::new(standard.open()), CsvFiles::in_own_dress(own.open()));
    for record in records() {
        standard_files.write(&record).and_then(|()| own_files.write(&record)).expect("written");
    }
    standard_files.finish().and_then(|()| own_files.finish()).expect("flushed");
    let mut dressed = 0;
    for source in SOURCES {
        let mapping = jiku_synth::mapping(source.code);
        dressed += usize::from(mapping.is_some());
        assert_eq!(own.rows(source.code, mapping.as_deref()), standard.rows(source.code, None), "{}", source.code);
    }
    assert_eq!(dressed, 10);
}

#[test]
fn what_is_read_back_is_what_was_made() {
    let folder = Folder::default();
    let mut files = CsvFiles::new(folder.open());
    let all = records();
    all.iter().for_each(|record| files.write(record).expect("written"));
    files.finish().expect("flushed");
    for source in SOURCES {
        let made: Vec<RawRecord> = all.iter().filter(|record| record.source == source.code).map(SynthRecord::raw).collect();
        let read = folder.rows(source.code, None).into_iter().map(|mut raw| {
            raw.retain(|column, _| column != "source" && column != "source_key");
            raw
        });
        assert_eq!(read.collect::<Vec<_>>(), made, "{}", source.code);
    }
}

#[test]
fn parcels_come_as_features_too() {
    let parcels: Vec<SynthRecord> = records().into_iter().filter(|record| record.source == "ziran").collect();
    let sequence: String = parcels.iter().map(|record| format!("\u{1e}{}\n", feature(record))).collect();
    let rows: Vec<RawRecord> =
        Reader::open(io::Cursor::new(sequence), Options::default()).expect("a sequence").map(|row| row.expect("a feature").raw).collect();
    assert_eq!(rows.len(), parcels.len());
    for (row, record) in rows.iter().zip(&parcels) {
        assert_eq!(row["parcel_code"], record.get("parcel_code").expect("a code"));
        assert_eq!((row["source_key"].as_str(), row["geometry"]["type"].as_str()), (Some(record.source_key.as_str()), Some("Polygon")));
    }
}
