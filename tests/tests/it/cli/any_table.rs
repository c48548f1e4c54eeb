//! Does matching without configuration say what it cannot use, and does a saved model mean the same for every table?

use std::fs;
use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use jiku_tests::command::{command, jiku};
use serde_json::Value;

use super::folder;

/// A number that looks drawn, the same in every run.
fn drawn(of: u64, below: u64) -> u64 {
    let mixed = (of ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) % below
}

/// People of few names, two records each, one in eight with another town.
fn people(count: u64) -> String {
    let given = ["anna", "peter", "maria", "john", "lucy", "mark", "susan", "paul", "erik", "nina", "tom", "laura"];
    let surnames = ["smith", "jones", "brown", "taylor", "wilson"];
    let mut table = String::from("rec,first_name,surname,dob,phone,town,truth\n");
    for person in 0..count {
        let of = |what: u64, below: u64| drawn(person * 16 + what, below);
        let (first, last) = (given[of(0, 12) as usize], surnames[of(1, 5) as usize]);
        let born = format!("{}-{:02}-{:02}", 1940 + of(2, 60), 1 + of(3, 12), 1 + of(4, 28));
        for copy in 0..2 {
            let town = of(if copy == 1 && of(6, 8) == 0 { 7 } else { 5 }, 30);
            table.push_str(&format!("r{person}-{copy},{first},{last},{born},0770{:07},town {town},{person}\n", of(8, 10_000_000)));
        }
    }
    table
}

/// The value of a row under a header.
fn cell<'t>(table: &'t str, row: usize, header: &str) -> &'t str {
    let mut lines = table.lines();
    let at = lines.next().expect("a header").split(',').position(|name| name == header).expect("the header");
    lines.nth(row).expect("the row").split(',').nth(at).expect("the cell")
}

#[test]
fn a_pair_weighs_the_same_whatever_other_rows_its_table_has() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let table = people(300);
    let lines: Vec<&str> = table.lines().collect();
    fs::write(path("all.csv"), &table).expect("a file");
    fs::write(path("two.csv"), lines[..3].join("\n")).expect("a file");
    let (model, clusters) = (path("model.toml"), path("clusters.csv"));
    let weights = |file: &str, option: &str| {
        let pairs = path("pairs.csv");
        jiku([
            "dedupe",
            &path(file),
            "--id-column",
            "rec",
            "--truth-column",
            "truth",
            option,
            &model,
            "--output",
            &clusters,
            "--pairs",
            &pairs,
        ])
        .well();
        let pairs = fs::read_to_string(pairs).expect("pairs");
        pairs.lines().find(|line| line.starts_with("r0-0,r0-1,")).expect("the pair").to_owned()
    };
    let fitted = weights("all.csv", "--save-model");
    let saved = fs::read_to_string(&model).expect("a model");
    assert!(saved.contains("[[column]]") && saved.contains("kind = \"date\""), "{saved}");
    assert_eq!(weights("all.csv", "--model"), fitted);
    assert_eq!(weights("two.csv", "--model"), fitted, "in two rows every column has one value, or nearly so");
    // Written by hand, without columns, the measures tell what the values are.
    let by_hand = saved.split("[[column]]").next().expect("a beginning").to_owned();
    let rest = saved.find("[[relation]]").or_else(|| saved.find("[[blocking]]")).expect("what follows the columns");
    fs::write(&model, by_hand + &saved[rest..]).expect("a file");
    assert_eq!(weights("two.csv", "--model"), weights("all.csv", "--model"));
}

#[test]
fn a_misspelt_field_of_a_model_is_refused_with_the_names_there_are() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("all.csv"), people(40)).expect("a file");
    let model = path("model.toml");
    let run = |option: &str| {
        jiku(["dedupe", &path("all.csv"), "--id-column", "rec", "--ignore", "truth", option, &model, "--output", &path("c.csv")])
    };
    run("--save-model").well();
    let saved = fs::read_to_string(&model).expect("a model");
    for (right, wrong, place) in [
        ("key = \"all()\"", "key = \"phoen\"", "blocking rule"),
        ("same(phone)", "same(phoen)", "comparison \"phone\", level \"same\""),
        ("fields = [\"phone\"]", "fields = [\"phoen\"]", "comparison \"phone\""),
        ("days(dob)", "days(dbo)", "comparison \"dob\", level"),
    ] {
        assert!(saved.contains(right), "{right}: {saved}");
        fs::write(&model, saved.replace(right, wrong)).expect("a file");
        let nearest = if wrong.contains("phoen") { "there are phone, " } else { "there are dob, " };
        run("--model").refused(3, &["model.toml", place, nearest]);
    }
}

#[test]
fn of_too_many_columns_those_that_tell_most_are_compared() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let header: Vec<String> = (0..100).map(|at| format!("c{at}")).collect();
    let mut table = format!("id,truth,{}\n", header.join(","));
    for row in 0..300_u64 {
        let cells = (0..100)
            .map(|at| format!("{}{}x", ["ab", "cd", "ef"][at as usize % 3], drawn(row / 2 * 128 + at, if at < 60 { 4 } else { 9_999 })));
        table.push_str(&format!("{row},{},{}\n", row / 2, cells.collect::<Vec<_>>().join(",")));
    }
    fs::write(path("wide.csv"), table).expect("a file");
    let ran = jiku(["dedupe", &path("wide.csv"), "--id-column", "id", "--truth-column", "truth", "--output", &path("c.csv")]).well();
    let told = |column: &str| ran.err.lines().find(|line| line.trim_start().starts_with(&format!("{column} "))).expect("a line").to_owned();
    assert!(told("c3").contains("tells less than the others"), "{}", ran.err);
    assert!(ran.err.lines().any(|line| line.trim_start().starts_with("c60 ") && !line.contains("not compared")), "{}", ran.err);
    assert!(ran.out.contains("150 exactly right"), "{}", ran.out);
}

#[test]
fn long_values_take_no_longer_than_their_beginnings() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let mut table = String::from("id,name,blob,note\n");
    for row in 0..60_u64 {
        let blob: String = (0..2_500).map(|at| format!("{:08x}", drawn(row * 4_000 + at, 1 << 31))).collect();
        let note: String = (0..2_000).map(|at| format!("word{} ", drawn(row * 4_000 + at, 5_000))).collect();
        table.push_str(&format!("{row},name{} surname{},{blob},{note}\n", row / 2, row / 2 * 7 % 113));
    }
    fs::write(path("long.csv"), table).expect("a file");
    let start = Instant::now();
    jiku(["dedupe", &path("long.csv"), "--id-column", "id", "--output", &path("c.csv")]).well();
    assert!(start.elapsed() < Duration::from_secs(120), "{:?}", start.elapsed());
}

#[test]
fn who_asks_for_an_end_gets_it_at_once() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("many.csv"), people(20_000)).expect("a file");
    let mut child = command(["dedupe", &path("many.csv"), "--id-column", "rec", "--output", &path("c.csv")])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    // Far enough that it listens, and not near the end.
    std::thread::sleep(Duration::from_millis(1_500));
    let number = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &number]).status().expect("kill runs").success());
    let status = child.wait().expect("it ends");
    let mut said = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut said).expect("text");
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(said.contains("interrupted"), "{said}");
}

#[test]
fn rows_without_an_id_of_their_own_and_headers_told_twice_are_refused_with_their_line() {
    let folder = folder();
    let path = folder.path().join("t.csv").display().to_string();
    let refused = |table: &str, said: &[&str]| {
        fs::write(&path, table).expect("a file");
        jiku(["dedupe", &path, "--id-column", "id", "--output", "-"]).refused(3, said);
    };
    refused("id,name\n1,Anna\n2,Bob\n1,Cy\n", &["line 4", "\"1\"", "line 2", "--id-column"]);
    refused("id,name\n1,Anna\n,Bob\n", &["line 3", "no id"]);
    refused("id,name,name\n1,Anna,a\n2,Bob,b\n", &["line 1", "\"name\""]);
    fs::write(&path, "id,name,phone\n1,Anna Smith,07700900123\n2,Anna Smith\n3,Bob Jones,07700900456,more\n").expect("a file");
    let ran = jiku(["dedupe", &path, "--id-column", "id", "--output", "-"]).well();
    assert!(ran.err.contains("2 rows have more or fewer cells") && ran.err.contains("lines 3, 4"), "{}", ran.err);
    assert_eq!(ran.out.lines().count(), 4, "every row has its cluster: {}", ran.out);
}

#[test]
fn equal_rows_are_one_and_it_is_said_that_nothing_else_is_known() {
    let folder = folder();
    let path = folder.path().join("two.csv").display().to_string();
    fs::write(&path, "name,town\nAnna Smith,Leeds\nAnna Smith,Leeds\n").expect("a file");
    let ran = jiku(["dedupe", &path, "--output", "-"]).well();
    assert!(ran.err.contains("no column has two different values"), "{}", ran.err);
    assert!(ran.out.contains("1,0") && ran.out.contains("2,0"), "{}", ran.out);
}

#[test]
fn what_repeats_or_is_had_by_all_is_told_and_a_model_of_ones_own_is_fitted() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let widened = |(at, line): (usize, &str)| {
        let cells: Vec<&str> = line.split(',').collect();
        let [rec, first, last, born, phone, town, truth] = cells[..] else { panic!("seven columns") };
        match at {
            0 => format!("{line},surname_in_capitals,born_in\n"),
            _ => {
                // A third of all told the number of the switchboard.
                let phone = if at % 3 == 0 { "02079460000" } else { phone };
                format!("{rec},{first},{last},{born},{phone},{town},{truth},{},{}\n", last.to_uppercase(), &born[..4])
            }
        }
    };
    fs::write(path("people.csv"), people(300).lines().enumerate().map(widened).collect::<String>()).expect("a file");
    let (table, model, fitted) = (path("people.csv"), path("model.toml"), path("fitted.toml"));
    let common = [table.as_str(), "--id-column", "rec", "--ignore", "truth"];
    let clusters = path("clusters.csv");
    let ran = jiku(["dedupe"].into_iter().chain(common).chain(["--output", &clusters, "--save-model", &model])).well();
    for told in ["repeats surname", "where dob does not say it", "1 of phone is had by more than 100 records each"] {
        assert!(ran.err.contains(told), "{told}: {}", ran.err);
    }
    let prior = |text: &str| -> f64 {
        let line = text.lines().find(|line| line.starts_with("prior = ")).expect("a prior");
        line["prior = ".len()..].parse().expect("a number")
    };
    let saved = fs::read_to_string(&model).expect("a model");
    fs::write(&model, saved.replace(&format!("prior = {}", prior(&saved)), "prior = 0.25")).expect("a file");
    let told = jiku(["train"].into_iter().chain(common).chain(["--model", &model, "--output", &fitted, "--json"])).well().json();
    assert_eq!(told["version"].as_u64(), Some(2), "{told}");
    let prior = prior(&fs::read_to_string(&fitted).expect("a model"));
    assert!((0.001..0.003).contains(&prior), "300 of 179,700 pairs match, fitted {prior}");
}

#[test]
fn blocking_recall_is_of_the_candidates_and_review_begins_at_its_threshold() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    // The second record of each tenth person is somebody else's in all but the truth: a candidate that no weight brings near a match.
    let table: String = people(150)
        .lines()
        .map(|line| {
            let person = line.split(',').next_back().and_then(|person| person.parse::<u64>().ok());
            match person.filter(|person| person % 10 == 0 && line.contains("-1,")) {
                Some(person) => format!("r{person}-1,zoe,king,1901-01-{:02},0990{person:07},nowhere,{person}\n", 1 + person / 10),
                None => format!("{line}\n"),
            }
        })
        .collect();
    fs::write(path("t.csv"), &table).expect("a file");
    let (clusters, pairs) = (path("c.csv"), path("p.csv"));
    let told = jiku([
        "--json",
        "dedupe",
        &path("t.csv"),
        "--id-column",
        "rec",
        "--truth-column",
        "truth",
        "--output",
        &clusters,
        "--pairs",
        &pairs,
        "--report",
        &path("r.html"),
    ]);
    let told = told.well().json();
    assert_eq!(told["evaluation"]["blocking_recall"], 1.0, "all pairs are compared: {told}");
    let judge = ["--json", "evaluate", "--clusters", &clusters, "--truth", &path("t.csv"), "--id-column", "rec", "--truth-column", "truth"];
    let judged = jiku(judge.into_iter().chain(["--pairs", &pairs])).well().json();
    assert!(judged["scores"]["pairs_recall"].as_f64().is_some_and(|recall| recall < 1.0), "{judged}");
    // Proposed models link from weight 2 on.
    let curve = judged["scores"]["curve"].as_array().expect("a curve");
    let linked = curve.iter().rfind(|point| point["threshold"].as_f64() >= Some(2.0)).expect("pairs are linked");
    assert_eq!(linked["review_pairs"], told["review_pairs"], "{judged}");
    let lines = fs::read_to_string(&pairs).expect("pairs");
    let weights = lines.lines().skip(1).filter_map(|line| line.split(',').nth(2)?.parse::<f64>().ok());
    assert!(weights.into_iter().all(|weight| weight >= -6.63), "a report does not change what is written");
}

#[test]
fn a_right_table_with_other_names_is_paired_or_refused() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let table = people(60);
    let (left, right): (Vec<&str>, Vec<&str>) = table.lines().skip(1).partition(|line| line.contains("-0,"));
    fs::write(path("left.csv"), format!("rec,first_name,surname,dob,phone,town,truth\n{}\n", left.join("\n"))).expect("a file");
    let right_as = |name: &str, header: &str| fs::write(path(name), format!("{header}\n{}\n", right.join("\n"))).expect("a file");
    right_as("right.csv", "key,Given Name,Surname,Birth,PHONE,town,truth");
    right_as("strange.csv", "a,b,c,d,e,f,truth");
    let links = path("links.csv");
    let run = |right: &str, more: &[&str]| {
        let (left, right) = (path("left.csv"), path(right));
        jiku(["--json", "link", &left, &right, "--output", &links].into_iter().chain(more.iter().copied()))
    };
    let said = |right: &str, more: &[&str]| {
        let (left, right) = (path("left.csv"), path(right));
        jiku(["link", &left, &right, "--output", &links].into_iter().chain(more.iter().copied())).well().err
    };
    let ids = ["--id-column", "rec,key", "--truth-column", "truth"];
    let told = said("right.csv", &ids);
    assert!(told.contains("\"Given Name\"") && told.contains("is taken for \"first_name\""), "{told}");
    let found: Value = run("right.csv", &ids).well().json();
    assert!(found["evaluation"]["f1"].as_f64() > Some(0.95), "{found}");
    let first = fs::read_to_string(&links).expect("links");
    assert!(first.starts_with("left_id,right_id,weight,probability,decision\n") && cell(&first, 0, "decision") == "linked", "{first}");
    assert!(cell(&first, 0, "left_id").ends_with("-0") && cell(&first, 0, "right_id").ends_with("-1"), "{first}");
    // Without ids each table counts its own rows.
    run("right.csv", &["--truth-column", "truth"]).well();
    let first = fs::read_to_string(&links).expect("links");
    assert!(cell(&first, 0, "left_id").starts_with("left:") && cell(&first, 0, "right_id").starts_with("right:"), "{first}");
    let map =
        ["--map", "first_name=b", "--map", "surname=c", "--map", "dob=d", "--map", "phone=e", "--map", "town=f", "--truth-column", "truth"];
    assert!(run("strange.csv", &map).well().json()["evaluation"]["f1"].as_f64() > Some(0.95));
    run("strange.csv", &["--map", "first_name=z"]).refused(2, &["strange.csv has no column", "it has a, b, c"]);
    fs::write(path("nothing.csv"), "foo,bar\n1,x\n2,y\n").expect("a file");
    run("nothing.csv", &[]).refused(3, &["has no column of the first table", "--map LEFT=RIGHT"]);
}

#[test]
fn lists_in_a_cell_are_compared_value_by_value() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (mut csv, mut ndjson) = (String::from("id,name,codes\n"), String::new());
    for row in 0..400_u64 {
        let of = |what: u64| drawn(row / 2 * 8 + what, 9_000) + 1_000;
        let mut codes = vec![format!("k{}", of(1)), format!("m{}", of(2)), format!("p{}", of(3))];
        codes.rotate_left((row % 2) as usize);
        codes.truncate(2 + (row % 2) as usize);
        csv.push_str(&format!("{row},name {} of {},{}\n", of(4), of(5), codes.join(if row % 3 == 0 { " ; " } else { "|" })));
        let listed: Vec<String> = codes.iter().map(|code| format!("{code:?}")).collect();
        ndjson.push_str(&format!("{{\"id\":\"{row}\",\"name\":\"name {} of {}\",\"codes\":[{}]}}\n", of(4), of(5), listed.join(",")));
    }
    fs::write(path("t.csv"), csv).expect("a file");
    fs::write(path("t.ndjson"), ndjson).expect("a file");
    let weight = |file: &str| {
        let pairs = path("p.csv");
        let ran = jiku([
            "dedupe",
            &path(file),
            "--id-column",
            "id",
            "--output",
            &path("c.csv"),
            "--pairs",
            &pairs,
            "--save-model",
            &path("m.toml"),
        ])
        .well();
        assert!(ran.err.contains("several in a cell"), "{}", ran.err);
        assert!(fs::read_to_string(path("m.toml")).expect("a model").contains("overlap(codes) >= 2"));
        let pairs = fs::read_to_string(pairs).expect("pairs");
        pairs.lines().find(|line| line.starts_with("0,1,")).expect("the pair").to_owned()
    };
    assert_eq!(weight("t.csv"), weight("t.ndjson"));
}

#[test]
fn what_the_clusters_lack_counts_as_found_alone_and_nothing_is_told_twice() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let judge = |clusters: &str, truth: &str| {
        fs::write(path("c.csv"), format!("record_id,cluster_id\n{clusters}")).expect("a file");
        fs::write(path("t.csv"), format!("rec,truth\n{truth}")).expect("a file");
        jiku(["--json", "evaluate", "--clusters", &path("c.csv"), "--truth", &path("t.csv"), "--truth-column", "truth"])
    };
    let judged = judge("a,1\nb,1\n", "a,x\nb,x\nc,x\n").well().json();
    assert_eq!(judged["recall"].as_f64().map(|recall| (recall * 3.0).round()), Some(1.0), "{judged}");
    judge("a,1\na,2\n", "a,x\nb,x\n").refused(3, &["twice"]);
    judge("a,1\nb,1\n", "a,x\na,y\n").refused(3, &["twice"]);
}
