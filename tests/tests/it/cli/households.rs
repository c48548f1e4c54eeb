//! Are people told from those they live with, in a table of any columns and without labels?

use std::fs;
use std::path::Path;

use jiku_tests::command::jiku;
use serde_json::Value;

use super::folder;

/// A number that looks drawn, the same in every run.
fn drawn(of: u64, below: u64) -> u64 {
    let mixed = (of ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    ((mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 33) % below
}

fn given(number: u64) -> String {
    const FIRST: [&str; 16] = ["an", "be", "ca", "do", "el", "fi", "ga", "ho", "is", "jo", "ka", "li", "mo", "ne", "os", "pa"];
    const LAST: [&str; 8] = ["na", "ric", "trud", "mund", "lin", "bert", "dan", "ra"];
    format!("{}{}", FIRST[number as usize / 8], LAST[number as usize % 8])
}

fn surname(number: u64) -> String {
    const FIRST: [&str; 16] =
        ["ash", "bar", "cal", "den", "eve", "far", "gor", "hal", "ing", "jes", "ket", "lam", "mal", "nor", "old", "par"];
    const LAST: [&str; 10] = ["ton", "ley", "ford", "man", "well", "by", "worth", "ham", "son", "er"];
    format!("{}{}", FIRST[number as usize / 10], LAST[number as usize % 10])
}

/// People of four hundred homes, who share surname, home and telephone. Their addresses of e-mail are made of their names. One in three is told `twice`, with a
/// value missing here and there.
fn households(twice: bool) -> String {
    let mut table = String::from("rec,first_name,last_name,dob,street,town,phone,email,truth\n");
    let mut who = 0;
    for home in 0..400 {
        let of = |what: u64, below: u64| drawn(home * 64 + what, below);
        let surname_here = surname(of(1, 160));
        let place = format!("{} {} street,{}burgh,0113{:06}", 1 + of(2, 180), surname(of(3, 160)), surname(of(4, 40)), of(5, 1_000_000));
        let year = 1935 + of(6, 50);
        for member in 0..1 + of(7, 5) {
            let of = |what: u64, below: u64| drawn(home * 64 + 16 + member * 8 + what, below);
            let name = given(of(0, 128));
            let born = year + of(1, 6) + if member < 2 { 0 } else { 25 };
            let born = format!("{born}-{:02}-{:02}", 1 + of(2, 12), 1 + of(3, 28));
            for copy in 0..if twice && of(4, 3) == 0 { 2 } else { 1 } {
                let first = if copy == 1 && of(5, 6) == 0 { &name[..name.len() - 1] } else { &name };
                let email = format!("{name}.{surname_here}{}@mail.example", of(6, 90));
                let told = |missing: bool, value: &str| if missing { String::new() } else { value.to_owned() };
                let (born, email) = (told(of(7, 5) == copy, &born), told(of(6, 3) == copy, &email));
                table.push_str(&format!("r{who}-{copy},{first},{surname_here},{born},{place},{email},{who}\n"));
            }
            who += 1;
        }
    }
    table
}

/// What `jiku dedupe` says of a table in a folder, beside the pairs and the model that it writes there.
fn deduplicated(folder: &Path, table: &str, options: &[&str]) -> Value {
    let path = |name: &str| folder.join(name).display().to_string();
    fs::write(path("people.csv"), table).expect("a file");
    let (people, clusters, pairs) = (path("people.csv"), path("clusters.csv"), path("pairs.csv"));
    let common = ["dedupe", &people, "--id-column", "rec", "--truth-column", "truth", "--output", &clusters, "--pairs", &pairs, "--json"];
    jiku(common.iter().chain(options)).well().json()
}

#[test]
fn how_far_those_of_one_home_agree_is_learned_and_probabilities_can_be_believed() {
    let folder = folder();
    let told = deduplicated(folder.path(), &households(true), &[]);
    let number = |path: &str| told.pointer(path).and_then(Value::as_f64).unwrap_or_else(|| panic!("{path}: {told}"));
    assert!(number("/evaluation/precision") > 0.965 && number("/evaluation/f1") > 0.955, "{told}");
    assert!(number("/evaluation/calibration_error") < 0.06, "{told}");
}

#[test]
fn where_nobody_is_told_twice_nobody_is_linked_and_it_is_said_that_little_could_be_learned() {
    let folder = folder();
    let told = deduplicated(folder.path(), &households(false), &[]);
    assert_eq!(told["clusters"], told["records"], "{told}");
    let warnings = told["warnings"].as_array().expect("warnings");
    assert!(
        warnings.iter().any(|warning| warning.as_str().is_some_and(|text| text.starts_with("there are too few plain matches"))),
        "{told}"
    );
}

#[test]
fn another_number_behind_the_letters_of_an_address_says_nothing() {
    let folder = folder();
    let model = folder.path().join("model.toml").display().to_string();
    deduplicated(folder.path(), &households(true), &["--save-model", &model]);
    let weight = |left: &str, right: &str| -> f64 {
        let row = |id: &str, email: &str| format!("{id},james,boyd,,3 ashby street,norton,,{email},\n");
        let table = format!("rec,first_name,last_name,dob,street,town,phone,email,truth\n{}{}", row("a", left), row("b", right));
        deduplicated(folder.path(), &table, &["--model", &model]);
        let pairs = fs::read_to_string(folder.path().join("pairs.csv")).expect("pairs");
        pairs.lines().nth(1).and_then(|line| line.split(',').nth(2)?.parse().ok()).unwrap_or_else(|| panic!("a weight: {pairs}"))
    };
    let without = weight("james.boyd13@mail.example", "");
    assert!((weight("james.boyd13@mail.example", "james.boyd41@mail.example") - without).abs() < 1e-6);
    assert!(weight("james.boyd13@mail.example", "james.boyd13@mail.example") > without + 5.0);
    assert!(weight("james.boyd13@mail.example", "kim@mail.example") < without - 0.5);
}
