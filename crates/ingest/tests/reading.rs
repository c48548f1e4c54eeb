//! What do readers make of the files departments send, good and bad?

use std::io::{Cursor, Read};

use jiku_ingest::{Charset, Fault, Format, Mapping, Options, Reader, Row};

/// The rows of a file, one word each: `line key=value …`, `line !code field`, or `!!code line byte` for the file.
fn read(bytes: impl AsRef<[u8]>, options: Options) -> Vec<String> {
    match Reader::open(Cursor::new(bytes.as_ref().to_vec()), options) {
        Err(fault) => vec![tell(&Err(Fault::File(fault)))],
        Ok(reader) => reader.map(|row| tell(&row)).collect(),
    }
}

fn tell(row: &Result<Row, Fault>) -> String {
    match row {
        Ok(row) => {
            let values = row
                .raw
                .iter()
                .map(|(name, value)| value.as_str().map_or_else(|| format!("{name}={value}"), |text| format!("{name}={text}")));
            let flags = row.problems.iter().map(|problem| format!("?{}", problem.code));
            format!("{} {}", row.line, values.chain(flags).collect::<Vec<_>>().join(" "))
        }
        Err(Fault::Row(fault)) => format!("{} !{} {}", fault.line, fault.problem.code, fault.problem.field.as_deref().unwrap_or("-")),
        Err(Fault::File(fault)) => format!("!!{} {:?} {:?}", fault.code, fault.line, fault.offset),
    }
}

#[track_caller]
fn check(bytes: impl AsRef<[u8]>, options: Options, expected: &[&str]) {
    assert_eq!(read(bytes, options), expected);
}

fn mapped(toml: &str) -> Options {
    Options { mapping: Mapping::from_toml(toml).expect("a mapping"), ..Options::default() }
}

fn named(file_name: &str) -> Options {
    Options { file_name: Some(file_name.to_owned()), ..Options::default() }
}

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

#[test]
fn a_line_has_room_for_a_boundary_where_a_row_may_hold_one() {
    let positions: Vec<String> = (0..99_999).map(|at| format!("[113.{at:014},23.{at:014}]")).collect();
    let ring = format!("{},{}", positions.join(","), positions[0]);
    let row = |key: &str| format!(r#"{{"source_key":"{key}","geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#);
    let told = |text: &str, columns: &[&'static str], format| {
        let options = Options { columns: columns.to_vec(), format: Some(format), ..Options::default() };
        let rows = Reader::open(Cursor::new(text.as_bytes().to_vec()), options).expect("a reader");
        rows.map(|row| row.map_or_else(|fault| tell(&Err(fault)), |row| row.raw["source_key"].to_string())).collect::<Vec<_>>()
    };
    let (lines, list) = (format!("{}\n{}\n", row("a"), row("b")), format!("[{},{}]", row("a"), row("b")));
    for (text, format) in [(lines, Format::NdJson), (list, Format::Json)] {
        assert!(text.len() > 7_000_000, "each is far longer than a mebibyte");
        assert_eq!(told(&text, &["source_key", "geometry"], format), ["\"a\"", "\"b\""]);
        assert!(told(&text, &["source_key", "name"], format).iter().all(|row| row.contains("too-long")));
    }
}

#[test]
fn csv_rows_carry_the_line_they_begin_on() {
    let text = "\u{feff}name,address\r\n李雷,\"天河区\n五山路\"\r\n\r\n韩梅梅,\"a \"\"b\"\"\"\r\n";
    check(text, Options::default(), &["2 name=李雷 address=天河区\n五山路", "5 name=韩梅梅 address=a \"b\""]);
    check("name,sex\n李雷,\n,1", Options::default(), &["2 name=李雷", "3 sex=1"]);
}

#[test]
fn the_separator_is_found_in_the_header() {
    check("name;sex\n李,雷;1\n", Options::default(), &["2 name=李,雷 sex=1"]);
    check("name\tsex\n李雷\t1\n", named("a.tsv"), &["2 name=李雷 sex=1"]);
    check("name\n李雷\n", Options::default(), &["2 name=李雷"]);
    check("name|sex\n李雷|1\n", mapped("delimiter = \"|\""), &["2 name=李雷 sex=1"]);
}

#[test]
fn gbk_must_be_declared_and_the_first_bad_byte_is_named() {
    let bytes = gb18030("name,sex\n李雷,1\n韩梅梅𠮷,2\n");
    check(&bytes, Options::default(), &["!!encoding-undeclared Some(2) Some(9)"]);
    check(&bytes, mapped("charset = \"gb18030\""), &["2 name=李雷 sex=1", "3 name=韩梅梅𠮷 sex=2"]);
    check(gb18030("姓名,sex\n"), Options::default(), &["!!encoding-undeclared Some(1) Some(0)"]);
    check(gb18030("姓名,sex\n"), Options { charset: Some(Charset::Utf8), ..Options::default() }, &["!!encoding Some(1) Some(0)"]);
}

#[test]
fn a_charset_that_changes_on_the_way_costs_one_row() {
    let mut bytes = "name,sex\n李雷,1\n".as_bytes().to_vec();
    bytes.extend(gb18030("韩梅梅,2\n"));
    bytes.extend("李\u{fffd},1\n".as_bytes());
    check(bytes, Options::default(), &["2 name=李雷 sex=1", "3 !encoding name", "4 name=李\u{fffd} sex=1 ?replacement-character"]);
    // The halves of a character in two cells do not make it whole.
    check(b"name,sex\n\xe6\x9d\x8e,1\n\xe6\x9d,\x8e\n", Options::default(), &["2 name=李 sex=1", "3 !encoding name"]);
}

#[test]
fn headers_name_each_column_once() {
    check("name,name\n", Options::default(), &["!!csv-header Some(1) None"]);
    check("name,,sex\n", Options::default(), &["!!csv-header Some(1) None"]);
    check("\n", named("a.csv"), &["!!csv-header None None"]);
}

#[test]
fn ragged_rows_are_bad_rows() {
    check("a,b\n1\n1,2\n1,2,3\n", Options::default(), &["2 !csv-columns -", "3 a=1 b=2", "4 !csv-columns -"]);
    check("a,b\n1,x\0y\n1,2\n", Options::default(), &["2 !invalid-unicode b", "3 a=1 b=2"]);
}

#[test]
fn a_quote_that_is_never_closed_ends_the_file_at_its_row() {
    let mut text = "a,b\n".to_owned();
    (0..8).for_each(|_| text.push_str("1,2\n"));
    let offset = text.len();
    text.push_str("3,\"open\n");
    (0..100_000).for_each(|_| text.push_str("1,2\n"));
    let rows = read(&text, Options::default());
    assert_eq!((rows.len(), rows[8].as_str()), (9, format!("!!csv-structure Some(10) Some({offset})").as_str()));
    check("a,b\n1,\"x", Options::default(), &["!!csv-structure Some(2) Some(4)"]);
    check("a,b\n1,\"x\"", Options::default(), &["2 a=1 b=x"]);
}

#[test]
fn long_values_cost_a_row_and_a_file_without_line_ends_is_given_up() {
    let long = format!("a,b\n1,{}\n1,2\n", "x".repeat(70_000));
    check(long, Options::default(), &["2 !too-long b", "3 a=1 b=2"]);
    let longer = format!("a,b\n1,\"{}\"\n1,2\n", "x".repeat(10_000_000));
    check(longer, Options::default(), &["2 !too-long -", "3 a=1 b=2"]);
    for head in ["a,b\n1,", "{\"a\":1}\n{\"a\":\"", "[{\"a\":\""] {
        let endless = Cursor::new(head).chain(std::io::repeat(b'x')).take(1_000_000_000);
        let fault = Reader::open(endless, Options::default()).expect("a header").filter_map(Result::err).next();
        let Some(Fault::File(fault)) = fault else { panic!("{head:?} ended otherwise: {fault:?}") };
        assert_eq!(fault.code, "line-too-long");
    }
}

#[test]
fn blank_lines_are_passed_over_at_once_and_a_file_of_nothing_else_is_given_up() {
    let options = |format| Options { format: Some(format), ..Options::default() };
    let blank = |bytes: u64| std::io::repeat(b'\n').take(bytes);
    let told =
        |input: Box<dyn Read + Send>, format| Reader::open(input, options(format)).expect("open").map(|row| tell(&row)).collect::<Vec<_>>();
    for format in [Format::NdJson, Format::Json] {
        let rows = told(Box::new(Cursor::new("{\"a\":1}").chain(blank(30 << 20)).chain(Cursor::new("{\"a\":2}\n"))), format);
        assert_eq!(rows, ["1 a=1".to_owned(), format!("{} a=2", 1 + (30 << 20))], "lines are counted all the same");
        let rows = told(Box::new(Cursor::new("{\"a\":1}").chain(blank(4 << 30))), format);
        assert!(rows.len() == 2 && rows[1].starts_with("!!line-too-long"), "{rows:?}");
    }
    assert_eq!(told(Box::new(blank(1000)), Format::NdJson), Vec::<String>::new());
    check("", options(Format::NdJson), &["!!body-missing None None"]);
    check("", options(Format::Csv), &["!!body-missing None None"]);
}

#[test]
fn what_is_nested_too_deep_is_told_so_whether_it_ends_or_not() {
    let document = |text: &str| read(text, Options { format: Some(Format::Json), ..Options::default() });
    let (opened, closed) = ("[".repeat(100_000), "]".repeat(100_000));
    for (text, expected) in [
        (opened.clone(), vec!["!!json-too-deep Some(1) Some(100000)"]),
        (format!("[{{\"a\":1}},{{\"a\":{opened}"), vec!["1 a=1", "!!json-too-deep Some(1) Some(100014)"]),
        (format!("[x {opened}"), vec!["!!json-too-deep Some(1) Some(100003)"]),
        (format!("{opened}{closed}"), vec!["1 !json-too-deep -"]),
        ("[".repeat(40), vec!["!!json-syntax Some(1) Some(40)"]),
    ] {
        assert_eq!(document(&text), expected);
    }
    let endless = std::io::repeat(b'[').take(1_000_000_000);
    let mut rows = Reader::open(endless, Options { format: Some(Format::Json), ..Options::default() }).expect("open");
    assert!(matches!(rows.next(), Some(Err(Fault::File(fault))) if fault.code == "json-too-deep"));
}

#[test]
fn one_bad_line_of_ndjson_costs_one_row() {
    let text = "{\"name\":\"李雷\"}\n\n{\"name\":}\n  {\"name\":\"a\",\"n\":1}  \r\n";
    check(text, Options::default(), &["1 name=李雷", "3 !json-syntax -", "4 name=a n=1"]);
    let options = Options { format: Some(Format::NdJson), ..Options::default() };
    check("[1]\n{\"a\":1,\"a\":2}\n{\"a\":1e999}\n", options, &["1 !type-mismatch -", "2 !json-duplicate-key -", "3 !json-number -"]);
    let deep = format!("{{\"a\":{}{}}}\n", "[".repeat(64), "]".repeat(64));
    check(format!("{{\"a\":1}}\n{deep}"), Options::default(), &["1 a=1", "2 !json-too-deep -"]);
    let mut bad = b"{\"a\":1}\n{\"a\":\"".to_vec();
    bad.extend([0xd5, 0xc5]);
    bad.extend(b"\"}\n");
    check(bad, Options::default(), &["1 a=1", "2 !encoding -"]);
    check(
        "{\"a\":\"\\ud800\"}\n{\"a\":\"\\u0000\"}\n{\"a\":2}\n",
        Options::default(),
        &["1 !invalid-unicode -", "2 !invalid-unicode -", "3 a=2"],
    );
}

#[test]
fn the_payload_of_json_is_its_text() {
    let text = "{ \"name\" : \"\\u674e\",\"n\":1.50 }\n{\"b\":2}\n";
    let rows: Vec<Row> = Reader::open(text.as_bytes(), Options::default()).expect("open").map(|row| row.expect("a row")).collect();
    assert_eq!((rows[0].payload.as_str(), rows[1].payload.as_str()), ("{ \"name\" : \"\\u674e\",\"n\":1.50 }", "{\"b\":2}"));
}

#[test]
fn json_documents_hold_records_in_an_array_or_one_after_the_other() {
    check("[\n{\"a\":1},\n {\"a\":[1,{\"b\":\"]\"}]} ]", named("a.json"), &["2 a=1", "3 a=[1,{\"b\":\"]\"}]"]);
    check("{\n\"a\":1}\n{\n\"a\":2\n}", named("a.json"), &["1 a=1", "3 a=2"]);
    check("[]", named("a.json"), &[]);
    check(
        "[{\"a\":1},7,{\"a\":1,\"a\":2},{\"a\":3}]",
        named("a.json"),
        &["1 a=1", "1 !type-mismatch -", "1 !json-duplicate-key -", "1 a=3"],
    );
    check("[{\"a\":1}", named("a.json"), &["1 a=1", "!!json-syntax Some(1) Some(8)"]);
    check("[{\"a\":1},]", named("a.json"), &["1 a=1", "1 !json-syntax -"]);
    check("[{\"a\":1}]x", named("a.json"), &["1 a=1", "!!json-syntax Some(1) Some(9)"]);
}

const FEATURE: &str =
    r#"{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[113.3,23.1]},"properties":{"parcel_code":"x"}}"#;
const FLAT: &str = r#"1 parcel_code=x geometry={"type":"Point","coordinates":[113.3,23.1]} source_key=7"#;

#[test]
fn features_become_flat_records() {
    let collection = format!(r#"{{"type":"FeatureCollection","name":"n","features":[{FEATURE}],"bbox":[1,2,3,4]}}"#);
    check(&collection, Options::default(), &[FLAT]);
    check(format!("\u{1e}{FEATURE}\n\u{1e}{FEATURE}\n"), Options::default(), &[FLAT, &FLAT.replacen('1', "2", 1)]);
    check(format!("{FEATURE}\n{FEATURE}\n"), named("a.geojsonl"), &[FLAT, &FLAT.replacen('1', "2", 1)]);
    check(r#"{"type":"FeatureCollection"}"#, Options::default(), &["!!geojson-invalid Some(1) None"]);
    check(r#"{"type":"FeatureCollection","features":{}}"#, Options::default(), &["!!geojson-invalid Some(1) None"]);
    check(r#"{"type":"FeatureCollection","features":[{"a":1}]}"#, Options::default(), &["1 !geojson-invalid -"]);
    let with_crs =
        |crs: &str| format!(r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"{crs}"}}}},"features":[]}}"#);
    check(with_crs("urn:ogc:def:crs:OGC:1.3:CRS84"), Options::default(), &[]);
    check(with_crs("urn:ogc:def:crs:EPSG::3857"), Options::default(), &["!!crs-unsupported Some(1) None"]);
    // What GDAL writes is read in the system it names; a mapping that names one wins over every member.
    let full = |crs: &str| with_crs(crs).replace("\"features\":[]", &format!("\"features\":[{FEATURE}]"));
    check(full("urn:ogc:def:crs:EPSG::4526"), Options::default(), &[&format!("{FLAT} crs=EPSG:4526")]);
    let mapped = || Options { mapping: Mapping::from_toml("crs = \"EPSG:4547\"").expect("a mapping"), ..Options::default() };
    for crs in ["urn:ogc:def:crs:EPSG::4526", "urn:ogc:def:crs:EPSG::3857", "urn:ogc:def:crs:OGC:1.3:CRS84"] {
        check(full(crs), mapped(), &[&format!("{FLAT} crs=EPSG:4547")]);
    }
    let behind = format!(
        r#"{{"type":"FeatureCollection","features":[{FEATURE}],"crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::4526"}}}}}}"#
    );
    check(&behind, Options::default(), &[FLAT, "!!crs-unsupported Some(1) None"]);
}

#[test]
fn a_mapping_that_names_a_column_there_is_not_is_refused() {
    let columns = vec!["source", "source_key", "name", "birth_date", "sex", "nationality"];
    let open = |toml: &str| Reader::open("source,source_key,name\n".as_bytes(), Options { columns: columns.clone(), ..mapped(toml) });
    for (toml, nearest) in [
        ("[dates]\nbirthdate = \"%Y%m%d\"", "[dates] names \"birthdate\", which is no standard column; the nearest is birth_date"),
        ("[codes.sxe]\nM = \"1\"", "[codes] names \"sxe\", which is no standard column; the nearest is sex"),
        ("[constants]\nnationalty = \"CHN\"", "[constants] names \"nationalty\", which is no standard column; the nearest is nationality"),
    ] {
        let fault = open(toml).err().expect(toml);
        assert_eq!((fault.code, fault.advice.as_str()), ("mapping-column", format!("mapping file: {nearest}").as_str()));
    }
    // A column of the department's own is met under the name that the mapping gives it.
    assert!(open("[columns]\n\"登记日\" = \"noted_on\"\n[dates]\nnoted_on = \"%Y%m%d\"").is_ok());
    assert!(open("[dates]\nbirth_date = \"%Y%m%d\"").is_ok());
}

#[test]
fn a_mapping_renames_and_reads_dates_codes_and_constants() {
    let toml = r#"
        source = "weijian"
        empty = ["无"]
        trim = true
        [columns]
        "姓名" = "name"
        "出生日期" = "birth_date"
        "性别" = "sex"
        [constants]
        nationality = "CHN"
        [dates]
        birth_date = "%Y%m%d"
        [codes.sex]
        M = "1"
    "#;
    let expected = "name=李雷 birth_date=1980-04-06 sex=1 source=weijian nationality=CHN";
    check("姓名,出生日期,性别,电话\n 李雷 ,19800406,M,无\n", mapped(toml), &[&format!("2 {expected}")]);
    check("{\"姓名\":\"李雷\",\"出生日期\":19800406,\"性别\":\"M\",\"电话\":\"无\"}\n", mapped(toml), &[&format!("1 {expected}")]);
}

#[test]
fn unknown_columns_are_kept_and_named_once() {
    let options = || Options { columns: vec!["name"], ..Options::default() };
    let mut table = Reader::open("source_key,name,星座\n1,李雷,狮子\n2,韩梅梅,\n".as_bytes(), options()).expect("open");
    assert_eq!(table.by_ref().filter_map(Result::ok).filter(|row| row.raw.contains_key("星座")).count(), 1);
    assert_eq!(table.unknown_columns(), ["星座"]);
    let mut objects = Reader::open("{\"name\":\"a\",\"x\":1}\n{\"x\":2,\"y\":1}\n".as_bytes(), options()).expect("open");
    assert_eq!(objects.by_ref().count(), 2);
    assert_eq!(objects.unknown_columns(), ["x", "y"]);
}

#[test]
fn reading_goes_on_after_the_rows_that_are_done() {
    for text in ["a\n1\n\n2\n3\n", "{\"a\":1}\n{bad}\n{\"a\":3}\n", "[{\"a\":1},{\"a\":2},{\"a\":3}]"] {
        let mut all = Reader::open(text.as_bytes(), Options::default()).expect("open");
        let mut rest = Reader::open(text.as_bytes(), Options { skip_rows: 2, ..Options::default() }).expect("open");
        let (all_rows, rest_rows): (Vec<_>, Vec<_>) = (all.by_ref().collect(), rest.by_ref().collect());
        assert_eq!(rest_rows, all_rows[2..]);
        assert_eq!(rest_rows[0].as_ref().expect("a row").number, 3);
        assert_eq!(all.digest(), rest.digest());
        let mut one_by_one = Reader::open(text.as_bytes(), Options::default()).expect("open");
        let mut taken = vec![one_by_one.bytes_taken()];
        while one_by_one.next().is_some() {
            taken.push(one_by_one.bytes_taken());
        }
        assert!(taken.is_sorted_by(|one, next| one < next) && taken.len() == 4, "each row takes its bytes and no more: {taken:?}");
        assert!(one_by_one.bytes_taken() <= text.len() as u64);
    }
}

#[test]
fn the_digest_is_that_of_the_whole_file_however_much_was_read() {
    let mut reader = Reader::open("a\n1\n".as_bytes(), Options::default()).expect("open");
    assert_eq!(reader.digest().as_deref(), Ok("309b0e45a73d3fc5325e2b6ed0a01ef8b9cde6b05a5633c1f893f970d52bfddc"));
}
