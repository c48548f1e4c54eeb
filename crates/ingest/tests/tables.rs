//! What do readers make of workbooks and Parquet files, sound and damaged?

use std::io::Write;
use std::sync::Arc;

use jiku_ingest::{Fault, FileFault, Mapping, Options, Reader, Row};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1))))
}

/// An entry of an archive as its directory describes it.
struct Entry<'a> {
    name: &'a str,
    content: &'a str,
    unpacked: u32,
    flags: u16,
    at: Option<u32>,
}

fn entry<'a>(name: &'a str, content: &'a str) -> Entry<'a> {
    Entry { name, content, unpacked: content.len() as u32, flags: 0, at: None }
}

/// A zip archive of entries that are stored, not packed.
fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
    let (mut data, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = entry.at.unwrap_or(data.len() as u32);
        let (crc, length, name) = (crc32(entry.content.as_bytes()), entry.content.len() as u32, entry.name.as_bytes());
        let mut header = Vec::new();
        header.extend(20_u16.to_le_bytes());
        header.extend(entry.flags.to_le_bytes());
        header.extend([0; 6]);
        header.extend(crc.to_le_bytes());
        header.extend(length.to_le_bytes());
        header.extend(entry.unpacked.to_le_bytes());
        header.extend((name.len() as u16).to_le_bytes());
        header.extend([0; 2]);
        data.extend(b"PK\x03\x04");
        data.extend(&header);
        data.extend(name);
        data.extend(entry.content.as_bytes());
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&header);
        directory.extend([0; 10]);
        directory.extend(at.to_le_bytes());
        directory.extend(name);
    }
    let (start, count) = (data.len() as u32, entries.len() as u16);
    data.extend(&directory);
    data.extend(b"PK\x05\x06\0\0\0\0");
    data.extend(count.to_le_bytes());
    data.extend(count.to_le_bytes());
    data.extend((directory.len() as u32).to_le_bytes());
    data.extend(start.to_le_bytes());
    data.extend([0; 2]);
    data
}

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>"#;
const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="人口" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const BOOK_RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#;
const STYLES: &str = r#"<?xml version="1.0"?><styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
const SHEET: &str = r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>name</t></is></c><c r="B1" t="inlineStr"><is><t>birth_date</t></is></c><c r="C1" t="inlineStr"><is><t>id_number</t></is></c></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>李雷</t></is></c><c r="B2" s="1"><v>29317</v></c><c r="C2"><v>440106198004061234</v></c></row>
<row r="4"><c r="A4" t="inlineStr"><is><t>韩梅梅</t></is></c></row>
<row r="5"><c r="D5"><v>1</v></c></row>
</sheetData></worksheet>"#;

fn workbook(sheet: &str) -> Vec<u8> {
    archive(&[
        entry("[Content_Types].xml", TYPES),
        entry("_rels/.rels", RELS),
        entry("xl/workbook.xml", BOOK),
        entry("xl/_rels/workbook.xml.rels", BOOK_RELS),
        entry("xl/styles.xml", STYLES),
        entry("xl/worksheets/sheet1.xml", sheet),
    ])
}

fn open(bytes: Vec<u8>, options: Options) -> Result<Vec<Result<Row, Fault>>, FileFault> {
    Ok(Reader::open(std::io::Cursor::new(bytes), options)?.collect())
}

#[test]
fn a_workbook_is_read_row_by_row() {
    let rows = open(workbook(SHEET), Options::default()).expect("a workbook");
    let row = rows[0].as_ref().expect("a row");
    assert_eq!((row.line, row.raw["name"].as_str(), row.raw["birth_date"].as_str()), (2, Some("李雷"), Some("1980-04-06")));
    // What the spreadsheet lost stays visible: it keeps 15 digits, and no others are invented.
    assert_eq!(row.raw["id_number"], "4.40106198004061E+17");
    assert_eq!(
        rows[1].as_ref().map(|row| (row.line, row.payload.as_str())).ok(),
        Some((4, r#"{"name":"韩梅梅","birth_date":"","id_number":""}"#))
    );
    let Err(Fault::Row(fault)) = &rows[2] else { panic!("{:?}", rows[2]) };
    assert_eq!((fault.line, fault.problem.code.as_ref()), (5, "csv-columns"));
}

#[test]
fn a_sheet_can_be_named() {
    let options =
        |sheet: &str| Options { mapping: Mapping::from_toml(&format!("sheet = {sheet:?}")).expect("a mapping"), ..Options::default() };
    assert!(open(workbook(SHEET), options("人口")).is_ok());
    assert_eq!(open(workbook(SHEET), options("法人")).expect_err("no such sheet").code, "content-mismatch");
}

#[track_caller]
fn rejected(entries: &[Entry<'_>], why: &str) {
    let fault = open(archive(entries), Options::default()).expect_err("rejected");
    assert_eq!(fault.code, "archive-rejected");
    assert!(fault.advice.contains(why), "{fault}");
}

#[test]
fn an_archive_that_lies_is_not_unpacked() {
    rejected(&[Entry { unpacked: 3_000_000_000, ..entry("xl/a.xml", "x") }], "too large");
    rejected(&[Entry { unpacked: 100_000_000, ..entry("xl/a.xml", "x") }], "too large");
    rejected(&[entry("../../etc/passwd", "x")], "outside");
    rejected(&[entry("/etc/passwd", "x")], "outside");
    rejected(&[Entry { flags: 1, ..entry("xl/a.xml", "x") }], "encrypted");
    rejected(&[entry("a", "xxxxxxxx"), Entry { at: Some(4), ..entry("b", "x") }], "overlap");
    rejected(&[Entry { at: Some(4_000_000), ..entry("b", "x") }], "overlap");
    let fault = open(b"PK\x03\x04 and nothing else".to_vec(), Options::default()).expect_err("rejected");
    assert_eq!(fault.code, "archive-rejected");
}

#[test]
fn a_document_type_in_a_sheet_fetches_nothing() {
    let sheet = SHEET.replacen("?>", "?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>", 1).replace("李雷", "&e;");
    if let Ok(rows) = open(workbook(&sheet), Options::default()) {
        let name = rows[0].as_ref().ok().and_then(|row| row.raw.get("name").cloned());
        assert!(name.is_none_or(|name| name == "&e;" || name == ""), "an entity was read");
    }
}

#[test]
fn an_archive_that_is_no_workbook_is_a_mismatch() {
    assert_eq!(open(archive(&[entry("hello.txt", "x")]), Options::default()).expect_err("no workbook").code, "content-mismatch");
}

fn parquet(names: &[&str], numbers: &[i64]) -> Vec<u8> {
    let schema = parse_message_type("message m { optional binary name (UTF8); required int64 n; }").expect("a schema");
    let mut file = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut file, Arc::new(schema), Arc::new(WriterProperties::default())).expect("a writer");
    let mut group = writer.next_row_group().expect("a group");
    let mut column = group.next_column().expect("a column").expect("name");
    let values: Vec<ByteArray> = names.iter().filter(|name| !name.is_empty()).map(|&name| ByteArray::from(name)).collect();
    let levels: Vec<i16> = names.iter().map(|name| i16::from(!name.is_empty())).collect();
    column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).expect("names");
    column.close().expect("closed");
    let mut column = group.next_column().expect("a column").expect("n");
    column.typed::<Int64Type>().write_batch(numbers, None, None).expect("numbers");
    column.close().expect("closed");
    group.close().expect("closed");
    writer.close().expect("closed");
    file
}

#[test]
fn parquet_rows_are_records_too() {
    let rows = open(parquet(&["李雷", ""], &[1, i64::MAX]), Options::default()).expect("a file");
    let payloads: Vec<&str> = rows.iter().map(|row| row.as_ref().map_or("", |row| row.payload.as_str())).collect();
    assert_eq!(payloads, [r#"{"name":"李雷","n":"1"}"#, r#"{"name":"","n":"9223372036854775807"}"#]);
}

#[test]
fn the_digest_of_a_whole_file_is_known_at_once() {
    let path = std::env::temp_dir().join(format!("jiku-ingest-{}.parquet", std::process::id()));
    std::fs::File::create(&path).and_then(|mut file| file.write_all(&parquet(&["a"], &[1]))).expect("written");
    let (from_file, from_stream) =
        (Reader::open_file(&path, Options::default()), Reader::open(std::fs::File::open(&path).expect("open"), Options::default()));
    std::fs::remove_file(&path).expect("removed");
    let (mut from_file, mut from_stream) = (from_file.expect("a file"), from_stream.expect("a stream"));
    assert_eq!(from_file.digest(), from_stream.digest());
    assert_eq!(from_file.total_bytes(), from_stream.total_bytes());
}

fn damaged(file: &[u8], changes: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    let mut file = file.to_vec();
    for (index, byte) in changes {
        let at = index.index(file.len());
        file[at] = *byte;
    }
    file
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn random_bytes_never_end_the_reader_badly(head in "(|\u{feff}|\\{|\\[|a,b\n|\\{\"type\":\"FeatureCollection\",\"features\":\\[|\u{1e}\\{|PAR1|PK\u{3}\u{4})", bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let whole = [head.as_bytes(), &bytes].concat();
        let _ = open(whole, Options::default());
    }

    #[test]
    fn text_that_is_nearly_right_never_ends_the_reader_badly(text in "[a,\"\n\r{}:\\[\\]1é ]{0,60}") {
        let _ = open(text.clone().into_bytes(), Options::default());
        let _ = open(format!("a,b\n{text}").into_bytes(), Options::default());
        let _ = open(format!("[{text}]").into_bytes(), Options::default());
    }

    #[test]
    fn a_damaged_workbook_never_ends_the_reader_badly(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let _ = open(damaged(&workbook(SHEET), &changes), Options::default());
    }

    #[test]
    fn a_damaged_parquet_file_never_ends_the_reader_badly(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let _ = open(damaged(&parquet(&["a", "b"], &[1, 2]), &changes), Options::default());
    }
}
