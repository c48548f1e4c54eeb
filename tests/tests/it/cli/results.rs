//! Does matching without a database give its results in every form: clusters, pairs, golden rows, the way to a cluster, a report?

use std::collections::BTreeSet;
use std::fs;

use jiku_tests::command::jiku;

use super::folder;

/// Four rows of two people; the last number of the first is a slip whose check character was worked out anew, which the birth date told
/// beside it gives away.
const PEOPLE: &str = "source_key,name,id_number,birth_date,sex,phone,address,entity
1,欧阳若曦,440106198304061227,1983-04-06,2,13912345678,广州市天河区龙口西路12号3栋501房,a
2,欧阳若曦,440106198304061227,1983-04-06,2,13912345678,广东省广州市天河区龙口西路12号3栋501房,a
3,欧阳若曦,440106198304161228,1983-04-06,2,13912345678,,a
4,司徒建国,440305195502113412,1955-02-11,1,18712349999,深圳市南山区科苑路8号,b
";

#[test]
fn a_row_that_fits_two_namesakes_is_neithers_and_a_name_may_hold_a_number() {
    let folder = folder();
    let path = folder.path().join("people.csv").display().to_string();
    let table = "source_key,name,id_number,birth_date,phone,address
spring,温建国,,1962-03-04,,广州市从化区太平镇格塘村18号
autumn,温建国,,1962-10-27,,广州市从化区太平镇格塘村18号
year,温建国,,1962,,广州市从化区太平镇格塘村18号
glued,欧阳若曦440106198304061227,,,13912345671,
apart,欧阳若曦,440106198304061227,1983-04-06,13912345671,
remark,欧阳若曦（女）,,1983-04-06,13912345671,
";
    fs::write(&path, table).expect("a file");
    let ran = jiku(["dedupe", &path, "--kind", "person", "--as-shipped", "--id-column", "source_key", "--output", "-"]).well();
    let cluster = |id: &str| {
        let line = ran.out.lines().find(|line| line.starts_with(&format!("{id},"))).expect("every row has a cluster");
        line.rsplit(',').next().expect("a cluster").to_owned()
    };
    let [spring, autumn, year] = ["spring", "autumn", "year"].map(cluster);
    assert!(spring != autumn && year != spring && year != autumn, "{}", ran.out);
    assert!(cluster("glued") == cluster("apart") && cluster("apart") == cluster("remark"), "{}", ran.out);
}

#[test]
fn a_record_that_leaves_the_town_out_joins_nobody_of_two_towns() {
    let people = "source_key,name,birth_date,address
changan,陈志强,1980-03-03,东莞市长安镇人民路8号
neither,陈志强,1980-03-03,东莞市人民路8号
humen,陈志强,1980-03-03,东莞市虎门镇人民路8号
";
    let shops = "source_key,name,legal_representative,address
changan,东莞市好运来便利店,陈小明,东莞市长安镇人民路8号
neither,东莞市好运来便利店,,东莞市人民路8号
humen,东莞市好运来便利店,黄大伟,东莞市虎门镇人民路8号
";
    for (kind, table) in [("person", people), ("legal-person", shops)] {
        let folder = folder();
        let path = folder.path().join("rows.csv").display().to_string();
        fs::write(&path, table).expect("a file");
        let ran = jiku(["dedupe", &path, "--kind", kind, "--as-shipped", "--id-column", "source_key", "--output", "-"]).well();
        let clusters: BTreeSet<&str> = ran.out.lines().skip(1).filter_map(|line| line.rsplit(',').next()).collect();
        assert_eq!(clusters.len(), 3, "{kind}: {}", ran.out);
    }
}

#[test]
fn a_number_corrects_a_slip_but_not_another_persons_birth_date() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let table = "source_key,name,id_number,birth_date,sex
mother,陈大文,440106199005061715,1990-05-06,1
child,陈小宝,440106199005061715,2018-02-02,2
slip,欧阳若曦,440106198304061227,1983-04-16,2
";
    fs::write(path("people.csv"), table).expect("a file");
    let (people, golden) = (path("people.csv"), path("golden.csv"));
    jiku(["dedupe", &people, "--kind", "person", "--id-column", "source_key", "--output", &path("c.csv"), "--golden", &golden]).well();
    let rows = fs::read_to_string(&golden).expect("golden rows");
    for told in
        ["陈大文,440106199005061715,1990-05-06,1", "陈小宝,440106199005061715,2018-02-02,2", "欧阳若曦,440106198304061227,1983-04-06,2"]
    {
        let [name, number, date, sex] = told.split(',').collect::<Vec<_>>()[..] else { unreachable!("four values") };
        let row = rows.lines().find(|row| row.contains(name)).expect("the row of everybody");
        assert!([number, date].iter().all(|value| row.contains(value)) && row.split(',').any(|value| value == sex), "{rows}");
    }
}

#[test]
fn what_is_dirty_in_a_table_of_a_kind_is_told() {
    let folder = folder();
    let path = folder.path().join("people.csv").display().to_string();
    let table = "source_key,姓名,身份证号,出生日期,电话
1,欧阳若曦,44010619830406122X,1900-01-01,无
2,欧阳若曦,44010619830406122X,1983/4/6,11111111111
3,司徒建国,440305195502113412,1955-00-00,18712349999
";
    fs::write(&path, table).expect("a file");
    let ran = jiku(["dedupe", &path, "--kind", "person", "--output", &format!("{path}.out"), "--json"]).well();
    let told = ran.json()["dirty_values"].as_array().expect("a list").clone();
    let of = |column: &str, reason: &str| {
        told.iter().find(|one| one["column"] == column && one["reason"] == reason).and_then(|one| one["texts"].as_u64())
    };
    assert_eq!(of("id_number", "id-checksum"), Some(2), "the number is read with the birth date, of which there are two: {told:?}");
    assert_eq!((of("birth_date", "date-placeholder"), of("birth_date", "date-partial")), (Some(1), Some(1)), "{told:?}");
    assert_eq!(of("phone", "phone-placeholder"), Some(1), "{told:?}");
    assert_eq!(of("name", "required"), None, "{told:?}");
}

#[test]
fn a_table_becomes_clusters_pairs_golden_rows_and_a_report() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("people.csv"), PEOPLE).expect("a file");
    for (clusters, pairs, golden) in [("c.csv", "p.csv", "g.csv"), ("c.parquet", "p.parquet", "g.parquet")] {
        let (clusters, pairs, golden) = (path(clusters), path(pairs), path(golden));
        let report = path("report.html");
        let table = path("people.csv");
        let common =
            ["dedupe", &table, "--kind", "person", "--as-shipped", "--id-column", "source_key", "--truth-column", "entity", "--json"];
        let outputs = ["--output", &clusters, "--pairs", &pairs, "--golden", &golden, "--report", &report, "--explain", "1"];
        let told = jiku(common.into_iter().chain(outputs)).well().json();
        assert_eq!((told["clusters"].as_u64(), told["evaluation"]["f1"].as_f64()), (Some(2), Some(1.0)), "{told}");
        let steps: Vec<&str> = told["explained"]["1"].as_array().expect("steps").iter().filter_map(serde_json::Value::as_str).collect();
        assert_eq!(steps[0], "Cluster 0 has 3 records: 1 2 3");
        assert!(steps[1].contains("1 and 2 join 1 + 1 records") && steps[2].contains("join") && steps.len() == 3, "{steps:?}");
        // What was written is read again: by the evaluation, whatever the format.
        let judged = jiku([
            "evaluate",
            "--clusters",
            &clusters,
            "--truth",
            &table,
            "--truth-column",
            "entity",
            "--id-column",
            "source_key",
            "--pairs",
            &pairs,
            "--json",
        ]);
        let judged = judged.well().json();
        assert_eq!((judged["exact_clusters"].as_u64(), judged["scores"]["pairs_recall"].as_f64()), (Some(2), Some(1.0)), "{judged}");
        assert!(judged["scores"]["curve"].as_array().is_some_and(|curve| !curve.is_empty()));
        let again = jiku(["dedupe", &golden, "--id-column", "cluster_id", "--ignore", "records", "--output", "-", "--json"]).well();
        assert_eq!(again.out.lines().count(), 3, "a header and one row for each cluster: {}", again.out);
        let page = fs::read_to_string(&report).expect("a report");
        for part in ["<html lang=zh-CN>", "匹配报告", "做了什么", "欧阳若曦", "prefers-color-scheme:dark", "@media print", "</html>"]
        {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("src=") && !page.contains("href="), "one file is all");
    }
    let rows = fs::read_to_string(path("g.csv")).expect("golden rows");
    assert!(rows.starts_with("cluster_id,records,name,id_number"), "{rows}");
    assert!(rows.contains("0,3,欧阳若曦,440106198304061227"), "the number two of three records give: {rows}");
    jiku(["dedupe", &path("people.csv"), "--json", "--output", "-", "--explain", "77"]).refused(2, &["--explain names no record"]);
}

#[test]
fn a_link_between_two_tables_tells_its_steps_and_heeds_survivorship() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let lines: Vec<&str> = PEOPLE.lines().collect();
    fs::write(path("left.csv"), [lines[0], lines[1], lines[4]].join("\n")).expect("a file");
    fs::write(path("right.csv"), [lines[0], lines[2]].join("\n")).expect("a file");
    let (left, right, links) = (path("left.csv"), path("right.csv"), path("links.csv"));
    let common = ["link", &left, &right, "--kind", "person", "--as-shipped", "--id-column", "source_key", "--output", &links, "--json"];
    let told = jiku(common.into_iter().chain(["--explain", "2"])).well().json();
    assert_eq!(told["links"].as_u64(), Some(1), "{told}");
    assert_eq!(told["explained"]["2"][0].as_str(), Some("Cluster 0 has 2 records: 1 2"), "{told}");
    jiku(common.into_iter().chain(["--explain", "77"])).refused(2, &["--explain names no record"]);
    let rules = path("no-rules.toml");
    let golden = path("g.csv");
    jiku(common.into_iter().chain(["--golden", &golden, "--survivorship", &rules])).refused(3, &["no-rules.toml"]);
}

#[test]
fn a_source_that_tells_everybody_once_has_one_record_in_a_cluster() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (header, rows) = PEOPLE.split_once('\n').expect("a header");
    let rows: Vec<&str> = rows.lines().collect();
    let sources = ["register", "register", "clinic", "register"];
    let table: String = std::iter::once(format!("{header},office\n"))
        .chain(rows.iter().zip(sources).map(|(row, source)| format!("{row},{source}\n")))
        .collect();
    fs::write(path("people.csv"), table).expect("a file");
    fs::write(path("register.csv"), format!("{header}\n{}\n{}\n{}\n", rows[0], rows[1], rows[3])).expect("a file");
    fs::write(path("clinic.csv"), format!("{header}\n{}\n", rows[2])).expect("a file");
    let run = |files: &[&str], declared: &[&str]| {
        let files: Vec<String> = files.iter().map(|name| path(name)).collect();
        let common = ["--kind", "person", "--as-shipped", "--id-column", "source_key", "--truth-column", "entity", "--output", "-"];
        jiku(["--json", "dedupe"].into_iter().chain(files.iter().map(String::as_str)).chain(common).chain(declared.iter().copied()))
    };
    let clusters = |told: &str| {
        let labels = told.lines().skip(1).map(|line| line.split(',').next_back().expect("a label").to_owned());
        labels.collect::<std::collections::HashSet<String>>().len()
    };
    let by_column = ["--source-column", "office"];
    assert_eq!(clusters(&run(&["people.csv"], &by_column).well().out), 2);
    for free in ["register", "all"] {
        let declared = ["--source-column", "office", "--duplicate-free", free];
        assert_eq!(clusters(&run(&["people.csv"], &declared).well().out), 3, "two records of the register are two people");
    }
    let files = ["register.csv", "clinic.csv"];
    assert_eq!(clusters(&run(&files, &["--duplicate-free", "clinic.csv"]).well().out), 2);
    assert_eq!(clusters(&run(&files, &["--duplicate-free", "register.csv"]).well().out), 3);
    let unknown = run(&["people.csv"], &["--source-column", "office", "--duplicate-free", "surgery"]);
    unknown.refused(2, &["surgery", "register, clinic"]);
}

#[test]
fn blocking_is_explained_with_what_it_reaches() {
    let folder = folder();
    let table = folder.path().join("people.csv").display().to_string();
    fs::write(&table, PEOPLE).expect("a file");
    let ran = jiku([
        "dedupe",
        &table,
        "--kind",
        "person",
        "--as-shipped",
        "--id-column",
        "source_key",
        "--truth-column",
        "entity",
        "--output",
        "-",
        "--explain-blocking",
    ])
    .well();
    let row = |rule: &str| ran.err.lines().find(|line| line.trim_start().starts_with(rule)).expect("a row for the rule").to_owned();
    assert!(row("blocking rule").ends_with("true in all"), "{}", ran.err);
    // One of the three true pairs has one number; by name and birth date all three are reached.
    assert!(row("identity number").contains("0.33333"), "{}", row("identity number"));
    assert!(row("name, district").ends_with("1.00000"), "{}", row("name, district"));
}
