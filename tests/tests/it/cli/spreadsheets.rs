//! Does a table that people open in a spreadsheet run nothing there, and say the same when it comes back?

use std::fs;
use std::path::Path;

use jiku_tests::command::{jiku, made, sqlite_in};

use super::folder;

const COMPANIES: &str = "source,source_key,name,established_on,address\n\
    scjg,1,=1+1有限公司,2001-02-03,=HYPERLINK(1)\n\
    scjg,2,＠SUM有限公司,2011-12-13,广州市天河区五山路1号\n\
    scjg,3,广州䶮𠮷商贸有限公司,,-1+1\n";

/// What a spreadsheet made of the export is another source's file.
const MAPPING: &str = "source = \"back\"\n[columns]\nid = \"source_key\"\n";

/// The legal persons of a database: name, day and address of each, as the cells of the table have them.
fn exported(database: &str, file: &Path, more: &[&str]) -> Vec<[String; 3]> {
    let arguments = ["export", "--database", database, "--kind", "legal-person", "--output", file.to_str().expect("UTF-8")];
    jiku(arguments.iter().chain(more)).well();
    let mut reader = csv::Reader::from_path(file).expect("a table");
    let header = reader.headers().expect("a heading").clone();
    let column = |name: &str| header.iter().position(|known| known == name).expect("the column");
    let columns = ["name", "established_on", "address"].map(column);
    let mut rows: Vec<_> = reader.records().map(|row| row.expect("a row")).map(|row| columns.map(|at| row[at].to_owned())).collect();
    rows.sort();
    rows
}

#[test]
fn an_exported_table_runs_no_formula_and_comes_back_in_every_character_set() {
    let folder = folder();
    let file = |name: &str| folder.path().join(name);
    let database = made(sqlite_in(folder.path()));
    fs::write(file("in.csv"), COMPANIES).expect("a file");
    let ingest =
        |database: &str, more: &[&str]| jiku(["ingest", "--database", database, "--kind", "legal-person"].iter().chain(more)).well();
    ingest(&database, &[file("in.csv").to_str().expect("UTF-8")]);

    let guarded = exported(&database, &file("guarded.csv"), &[]);
    let plain = exported(&database, &file("plain.csv"), &["--unguarded"]);
    let is_formula = |cell: &&String| cell.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    assert_eq!((guarded.len(), guarded.iter().flatten().find(is_formula)), (3, None));
    assert!(plain.iter().flatten().filter(is_formula).count() >= 3, "{plain:?}");

    let table = fs::read_to_string(file("guarded.csv")).expect("the table");
    let gb18030 = encoding_rs::GB18030.encode(&table).0.into_owned();
    let forms = [("utf-8", table.clone().into_bytes()), ("utf-8", format!("\u{feff}{table}").into_bytes()), ("gb18030", gb18030)];
    for (at, (charset, bytes)) in forms.into_iter().enumerate() {
        let place = file(&at.to_string());
        fs::create_dir(&place).expect("a folder");
        let (back, mapping) = (place.join("back.csv"), place.join("mapping.toml"));
        fs::write(&back, bytes).expect("a file");
        fs::write(&mapping, MAPPING).expect("a mapping");
        let database = made(sqlite_in(&place));
        let [back, mapping] = [&back, &mapping].map(|path| path.to_str().expect("UTF-8"));
        ingest(&database, &["--charset", charset, "--mapping", mapping, back]);
        assert_eq!(exported(&database, &place.join("again.csv"), &["--unguarded"]), plain, "{at}: {charset}");
    }
}
