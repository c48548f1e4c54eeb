//! Do the matching commands give the same bytes in every run?

use std::fs;
use std::path::Path;

use jiku_tests::command::{command, jiku};

use super::folder;

/// What `dedupe` writes of a file with so many threads: clusters, pairs and model.
fn written(folder: &Path, threads: &str, name: &str, options: &[&str]) -> [Vec<u8>; 3] {
    let place = |what: &str| folder.join(format!("{name}-{threads}-{what}"));
    let (clusters, pairs, model) = (place("clusters.csv"), place("pairs.csv"), place("model.toml"));
    let ran = command(["dedupe"])
        .env("RAYON_NUM_THREADS", threads)
        .arg(folder.join(format!("{name}.csv")))
        .args(options)
        .args([Path::new("--output"), &clusters, Path::new("--pairs"), &pairs, Path::new("--save-model"), &model])
        .output()
        .expect("the binary runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    [clusters, pairs, model].map(|path| fs::read(path).expect("a file was written"))
}

#[test]
fn one_input_gives_the_same_bytes_whatever_the_number_of_threads() {
    let folder = folder();
    let place = folder.path().to_str().expect("a path in Unicode");
    jiku(["synth", "--output", place, "--people", "100", "--companies", "0", "--parcels", "0"]).well();
    let rows = |source: &str| fs::read_to_string(folder.path().join(format!("{source}.csv"))).expect("a file of the province");
    let (police, health) = (rows("gongan"), rows("weijian"));
    let (header, rest) = health.split_once('\n').expect("a header");
    let all = format!("{police}{rest}");
    fs::write(folder.path().join("people.csv"), &all).expect("a file can be written");
    // Under titles that nobody knows the columns are understood by their values alone.
    let unknown: Vec<String> = (0..header.split(',').count()).map(|at| format!("c{at}")).collect();
    fs::write(folder.path().join("any.csv"), all.replacen(header, &unknown.join(","), 1)).expect("a file can be written");
    for (name, options) in
        [("people", &["--kind", "person", "--id-column", "source_key"][..]), ("any", &["--id-column", "c1", "--ignore", "c0,c4"][..])]
    {
        let one = written(folder.path(), "1", name, options);
        assert!(one.iter().all(|bytes| bytes.len() > 500), "{name}: there is something to compare");
        assert!(one == written(folder.path(), "2", name, options), "{name}: two threads");
    }
}

#[test]
fn a_number_under_many_names_is_nobodys_and_said_to_be() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().expect("a path in Unicode").to_owned();
    let names = ["王建军", "李秀英", "赵国庆", "孙丽", "周大勇", "吴桂花", "郑海涛"];
    let mut rows = "source_key,name,id_number,birth_date,phone\n".to_owned();
    for (at, name) in (0..).zip(names) {
        rows += &format!("d{at},{name},441402198107090338,,1350244{:04}\n", 1000 + 37 * at);
        rows += &format!("e{at},{name},441402198107090338,,\n");
    }
    rows += "own1,禤柏林,441802197007070134,,\nown2,禤柏林,441802197007070134,,\n";
    fs::write(path("people.csv"), rows).expect("a file can be written");
    let (table, clusters) = (path("people.csv"), path("clusters.csv"));
    let ran = jiku(["dedupe", "--json", "--kind", "person", "--as-shipped", "--id-column", "source_key", &table, "--output", &clusters]);
    let told = ran.well().json();
    let warnings = told["warnings"].as_array().expect("warnings");
    assert!(
        warnings.len() == 1 && warnings[0].as_str().is_some_and(|told| told.contains("1 of id_number") && told.contains("14 records")),
        "{told}"
    );
    assert_eq!(
        (&told["clusters"], &told["review_pairs"]),
        (&15.into(), &0.into()),
        "only who has a number of his own is found twice: {told}"
    );
}

#[test]
fn a_credit_code_under_many_brands_is_nobodys_and_a_heads_with_its_branches_is_not() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().expect("a path in Unicode").to_owned();
    let dedupe = |rows: String| {
        fs::write(path("companies.csv"), format!("source_key,name,uscc\n{rows}")).expect("a file can be written");
        let (table, clusters) = (path("companies.csv"), path("clusters.csv"));
        let told =
            ["dedupe", "--json", "--kind", "legal-person", "--as-shipped", "--id-column", "source_key", &table, "--output", &clusters];
        let told = jiku(told).well().json();
        (told["clusters"].as_u64(), told["review_pairs"].as_u64())
    };
    let companies = ["云海科技", "恒盛贸易", "鑫源物流", "永利餐饮", "腾骏建筑", "博雅服装", "长青食品"].into_iter();
    let rows = companies.enumerate().map(|(at, name)| format!("d{at},深圳市{name}有限公司,91440106MA5A000131\n"));
    assert_eq!(dedupe(rows.collect()), (Some(7), Some(0)));
    let branches = ["", "广州分公司", "惠州分公司", "佛山分公司", "东莞分公司", "珠海分公司", "中山分公司"].into_iter();
    let rows = branches.enumerate().map(|(at, branch)| format!("b{at},深圳天朗物业管理有限公司{branch},91440106MA5A000131\n"));
    assert_eq!(dedupe(rows.collect()), (Some(7), Some(0)), "the names tell them apart, and nobody is asked");
}

#[test]
fn a_table_in_gb18030_is_read_beside_one_in_utf_8_when_that_is_said() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name).to_str().expect("a path in Unicode").to_owned();
    let rows = "source_key,name,birth_date,phone\n1,欧阳慧敏,1990-02-01,13800138000\n2,诸葛孔明,1985-07-12,13900139000\n";
    fs::write(path("one.csv"), rows).expect("a file can be written");
    fs::write(path("two.csv"), encoding_rs::GB18030.encode(&rows.replace("\n1,", "\n3,").replace("\n2,", "\n4,")).0).expect("a file");
    let (one, two, clusters) = (path("one.csv"), path("two.csv"), path("clusters.csv"));
    let table = ["dedupe", "--kind", "person", "--as-shipped", "--id-column", "source_key", &one, &two, "--output", &clusters];
    jiku(table).refused(3, &["declare the character set"]);
    jiku(table.iter().chain(&["--charset", "gb18030"]).copied()).well();
    let clusters = fs::read_to_string(&clusters).expect("clusters");
    let of: std::collections::BTreeMap<&str, &str> = clusters.lines().skip(1).filter_map(|line| line.split_once(',')).collect();
    assert!(of["1"] == of["3"] && of["2"] == of["4"] && of["1"] != of["2"], "{clusters}");
    jiku(table.iter().chain(&["--charset", "gb18030", "--ignore", "phome"]).copied()).refused(2, &["phome, which no table has"]);
}
