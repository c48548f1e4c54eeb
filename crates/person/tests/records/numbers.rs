//! What becomes of the numbers of people's documents on their way in? All people are invented.

use jiku_model::{Attributes, EntityKind};
use jiku_person::People;
use serde_json::{Value, json};

use crate::{check, features, finds, parse, problems, with};

#[test]
fn faulty_identity_numbers_are_flagged_and_never_a_key() {
    for (number, code) in [
        ("110105194912310021", "id-checksum"),
        ("440106190002290001", "id-invalid"),
        ("990106199001010002", "id-invalid"),
        ("440106209001010001", "id-invalid"),
        ("000000000000000000", "id-placeholder"),
        ("111111111111111111", "id-placeholder"),
        ("4.40307196508E+17", "id-spreadsheet-loss"),
        ("440307196508170000", "id-spreadsheet-loss"),
        ("110***********002X", "masked-value"),
        ("11010519491231002", "id-format"),
    ] {
        let parsed = check(json!({"name": "张伟", "id_type": "111", "id_number": number}), &[&format!("id_number {code} flag")]);
        assert_eq!(People.strong_identifier(&parsed.attributes), None, "{number}");
        assert!(!People.features(&parsed.attributes).iter().any(|(feature, _)| *feature == "id_number"), "{number}");
    }
    let mistyped = parse(&with("id_number", "110105194912310021"));
    assert!(People.features(&mistyped.attributes).contains(&("id_raw", "110105194912310021".to_owned())));
    let filler = parse(&with("id_number", "111111111111111111"));
    assert_eq!(filler.attributes.get("id_number"), None);
}

#[test]
fn untidy_and_old_numbers_are_accepted() {
    let untidy = check(with("id_number", "１１０１０５ 19491231-002x"), &["id_number id-normalised note"]);
    assert_eq!(People.strong_identifier(&untidy.attributes).as_deref(), Some("11010519491231002X"));
    let old = check(with("id_number", "440106880315002"), &["id_number id-legacy note"]);
    assert_eq!(old.attributes.get("id_number"), Some("440106880315002"));
    // Without a check character it is evidence, not a strong key.
    assert_eq!(People.strong_identifier(&old.attributes), None);
    assert!(People.features(&old.attributes).contains(&("id_number", "440106198803150021".to_owned())));
}

#[test]
fn other_documents_keep_their_type() {
    let passport = check(json!({"name": "JOHN SMITH", "id_type": "护照", "id_number": "e12345678"}), &["id_number id-normalised note"]);
    assert!(People.features(&passport.attributes).contains(&("id_other", "414:E12345678".to_owned())));
    let card = check(json!({"name": "JOHN SMITH", "id_type": "553", "id_number": "CAN110081080310"}), &[]);
    assert!(People.features(&card.attributes).contains(&("id_other", "553:CAN110081080310".to_owned())));
    check(json!({"name": "JOHN SMITH", "id_type": "111", "id_number": "911124198108030024"}), &["id_type id-type-conflict flag"]);
}

#[test]
fn a_number_that_contradicts_birth_date_or_sex_is_flagged() {
    check(with("birth_date", "1988-03-16"), &["birth_date id-conflict flag"]);
    check(with("birth_date", "1988"), &[]);
    check(with("sex", "男"), &["sex id-conflict flag"]);
    check(with("sex", "0"), &[]);
}

#[test]
fn the_check_character_of_a_hong_kong_card_is_looked_at() {
    let told = |number: &str, problems: &[&str]| {
        let record = json!({"name": "张伟", "id_type": "香港身份证", "id_number": number});
        check(record, problems).attributes.get("id_number").map(str::to_owned)
    };
    assert_eq!(told("A123456(3)", &[]).as_deref(), Some("A1234563"));
    assert_eq!(told("A123456(4)", &["id_number id-checksum flag"]).as_deref(), Some("A1234564"));
    assert_eq!(told("5129478(1)", &[]).as_deref(), Some("5129478(1)"), "Macao has published no rule");
    let macao = check(json!({"name": "张伟", "id_type": "澳门居民身份证", "id_number": "51294781"}), &[]);
    assert_eq!(macao.attributes.get("id_number"), Some("5129478(1)"), "eight digits, and the type says what they are");
}

#[test]
fn a_valid_number_tells_birth_date_and_sex() {
    features(
        json!({"id_number": "440106198803150021"}),
        &[("birth_date", "1988-03-15"), ("sex", "2"), ("id_number", "440106198803150021")],
    );
}

#[test]
fn a_number_that_its_source_replaced_is_a_former_one() {
    let remembered = |before: &[(&str, &str)], now: &[(&str, &str)]| {
        let [before, mut now]: [Attributes; 2] = [before, now].map(|said| said.iter().copied().collect());
        People.remember(&before, &mut now);
        now.get("former_number").map(str::to_owned)
    };
    let (old, new) = ("440106198803150021", "440106198603150027");
    let said = |number| [("name", "张伟"), ("id_number", number)];
    assert_eq!(remembered(&said(old), &said(new)).as_deref(), Some(old));
    let corrected = [("name", "张伟"), ("id_number", new), ("former_number", old)];
    assert_eq!(
        remembered(&corrected, &[("name", "张玮"), ("id_number", new), ("phone", "1")]).as_deref(),
        Some(old),
        "it is not forgotten"
    );
    assert_eq!(remembered(&corrected, &said(old)).as_deref(), Some(new), "who goes back replaces the other");
    let passport = [("name", "张伟"), ("id_type", "414"), ("id_number", "E12345678")];
    assert_eq!(remembered(&said(old), &passport), None, "a passport beside a card replaces nothing");
    assert_eq!(remembered(&said("440106880315002"), &said(old)), None, "one number in two forms");
    assert_eq!(remembered(&said("440106198803150022"), &said(old)), None, "a number with a fault was none");
    assert_eq!(remembered(&said(old), &[("name", "李娜"), ("id_number", new)]), None, "the key was given to somebody else");
    assert_eq!(remembered(&said(old), &[("name", "张伟")]), None, "a number that is told no more");
}

#[test]
fn former_numbers_are_listed_in_many_ways() {
    let told = check(with("former_number", "440106198603150027、E12345678; 440106860315002"), &[]);
    assert_eq!(told.attributes.get("former_number"), Some("440106198603150027;E12345678;440106860315002"));
    assert!(People.features(&told.attributes).contains(&("former_number", "440106198603150027".to_owned())));
    let own = check(with("former_number", "440106198803150021"), &[]);
    assert_eq!(own.attributes.get("former_number"), None, "the number of today is no former one");
    check(with("former_number", "440106198603150023"), &["former_number id-format flag"]);
    assert!(finds(&json!({"name": "张伟", "former_number": "440106860315002"}), "number", "440106198603150027"));
}

#[test]
fn the_document_type_and_its_number_are_judged_together() {
    let of = |id_type: &str, number: &str| json!({"name": "张伟", "id_type": id_type, "id_number": number});
    for (record, problems, kept) in [
        (of("身份证", "E12345678"), &["id_type id-type-conflict flag"][..], Some("E12345678")),
        (of("驾驶证", "440106198803150021"), &[], Some("440106198803150021")),
        (of("港澳居民居住证", "810000199408230021"), &[], Some("810000199408230021")),
        (of("身份证", "810000199408230021"), &["id_type id-type-conflict flag"], Some("810000199408230021")),
        (of("军官证", "军字第1234567号"), &[], Some("军字第1234567号")),
        (of("身份证", "440106199005200000"), &["id_number id-spreadsheet-loss flag"], None),
    ] {
        let parsed = check(record.clone(), problems);
        assert_eq!(parsed.attributes.get("id_number"), kept, "{record}");
    }
    // What a spreadsheet left whole.
    for (rounded, birth_date) in [
        ("440106199005200000", Some("1990-05-20")),
        ("4.40106199005200E+17", Some("1990-05-20")),
        ("4.41702199206293E+017", Some("1992-06-29")),
        ("4.401061990052E+17", None),
        ("4.40106E+17", None),
    ] {
        let parsed = check(of("身份证", rounded), &["id_number id-spreadsheet-loss flag"]);
        assert_eq!((parsed.attributes.get("birth_date"), parsed.attributes.get("id_number")), (birth_date, None), "{rounded}");
    }
    check(
        json!({"name": "JOHN SMITH", "id_type": "553", "id_number": "CAN110081080310", "nationality": "USA"}),
        &["nationality id-conflict flag"],
    );
    for (number, nationality, problems) in [
        ("810000199408230021", "TWN", &["nationality id-conflict flag"][..]),
        ("810000199408230021", "USA", &["nationality id-conflict flag"]),
        ("810000199408230021", "HKG", &[]),
        ("810000199408230021", "CHN", &[]),
        ("440106198803150021", "TWN", &["nationality id-conflict flag"]),
        ("440106198803150021", "CHN", &[]),
    ] {
        check(json!({"name": "陈伟", "id_number": number, "nationality": nationality}), problems);
    }
}

#[test]
fn digits_that_are_no_documents_are_flagged_and_show_nothing() {
    for (id_type, number) in [
        (None, "19800406"),
        (None, "1980-04-06"),
        (None, "060011"),
        (None, "10001"),
        (None, "000123456"),
        (None, "02038881122"),
        (None, "91440106"),
        (Some("其他"), "19800406"),
        (Some("居民身份证"), "04060011"),
    ] {
        let parsed = check(json!({"name": "李伟", "id_type": id_type, "id_number": number}), &["id_number id-format flag"]);
        assert_eq!(parsed.attributes.get("id_number"), None, "{number}");
        assert!(People.features(&parsed.attributes).iter().all(|(field, _)| !field.starts_with("id_")), "{number}");
    }
    for number in ["19800406", "000123456", "10001", "440106198004"] {
        let parsed = check(
            json!({"name": "李欣", "birth_date": "2015-06-01", "guardian": "李伟", "guardian_id": number}),
            &["guardian_id id-format flag"],
        );
        assert_eq!(parsed.attributes.get("guardian_id"), None, "{number}");
    }
    let macao = check(json!({"name": "陈伟", "id_number": "1392671(8)"}), &[]);
    assert!(People.features(&macao.attributes).contains(&("id_other", "990:13926718".to_owned())));
}

#[test]
fn a_number_that_is_another_persons_tells_nothing_of_the_record() {
    for (birth_date, sex, is_foreign) in [
        // The child whose mother's or father's number was entered.
        ("2018-02-02", "1", true),
        ("2018-02-02", "", true),
        ("1992-11-23", "2", true),
        // Slips, in the date or in the sex.
        ("1990-05-06", "2", false),
        ("1990-05-07", "2", false),
        ("1990-06-05", "2", false),
        ("1909-05-06", "2", false),
        ("1990-05-15", "1", false),
        ("1990", "2", false),
        ("", "2", false),
    ] {
        let told = [("id_number", "440106199005061715"), ("birth_date", birth_date), ("sex", sex)];
        let golden = told.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        assert_eq!(People.bears_foreign_number(&golden), is_foreign, "{birth_date} {sex}");
    }
}

#[test]
fn a_newborn_with_the_mothers_number_is_somebody() {
    let record = json!({"name": "张丽之子", "id_number": "440106199505051601", "birth_date": "2024-03-05"});
    let parsed = parse(&record);
    assert!(!parsed.is_rejected(), "{:?}", problems(&parsed));
    assert_eq!(parsed.attributes.get("id_number"), None, "the number is the mother's");
    assert!(parse(&json!({"name": "张丽之子"})).is_rejected());
}

#[test]
fn a_number_that_is_the_guardians_or_the_spouses_is_no_key() {
    let (parent, child) = ("440106199208170022", "440106201401010039");
    let told = |fields: &[(&str, &str)], problems: &[&str]| {
        let record: serde_json::Map<String, Value> = fields.iter().map(|(column, value)| ((*column).to_owned(), json!(value))).collect();
        let parsed = check(Value::Object(record), problems);
        ["id_number", "guardian_id", "spouse_id"].map(|column| parsed.attributes.get(column).map(str::to_owned))
    };
    let kept = |numbers: [Option<&str>; 3]| numbers.map(|number| number.map(str::to_owned));
    let of = |number: &'static str| [("name", "闻人洁"), ("guardian", "闻人杰"), ("id_number", number), ("guardian_id", number)];
    let theirs = kept([None, Some(parent), None]);
    let own = kept([Some(child), None, None]);
    for birth_date in ["2014-01-01", ""] {
        let with_date = |number| [&of(number)[..], &[("birth_date", birth_date)]].concat();
        assert_eq!(told(&with_date(parent), &["id_number id-conflict flag"]), theirs, "{birth_date}");
        assert_eq!(told(&with_date(child), &["guardian_id id-conflict flag"]), own, "{birth_date}");
    }
    // A grown person told to be her own guardian.
    let herself = [("name", "闻人洁"), ("id_number", parent), ("guardian", "本人"), ("guardian_id", parent)];
    assert_eq!(told(&herself, &[]), kept([Some(parent), Some(parent), None]));
    let married = |sex| [("name", "闻人洁"), ("id_number", parent), ("sex", sex), ("spouse", "闻人杰"), ("spouse_id", parent)];
    assert_eq!(told(&married("2"), &["spouse_id id-conflict flag"]), kept([Some(parent), None, None]));
    assert_eq!(told(&married("1"), &["id_number id-conflict flag"]), kept([None, None, Some(parent)]));
    // In its old form it is the same number.
    let legacy = [("name", "闻人洁"), ("id_number", "440106920817002"), ("guardian_id", parent), ("birth_date", "2014-01-01")];
    assert_eq!(told(&legacy, &["id_number id-legacy note", "id_number id-conflict flag"]), theirs);
}

#[test]
fn another_persons_number_is_no_evidence_of_the_record() {
    let features = |birth_date: &str, sex: &str| {
        let told = [("name", "李伟"), ("id_number", "440106198004060011"), ("birth_date", birth_date), ("sex", sex)];
        People.features(&told.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    };
    let number = "440106198004060011".to_owned();
    for (birth_date, sex) in [("1991-09-09", ""), ("1985-09-09", "2"), ("1965", "")] {
        let shown = features(birth_date, sex);
        assert!(shown.contains(&("id_borrowed", number.clone())), "{birth_date} {sex}");
        assert!(!shown.iter().any(|(feature, _)| matches!(*feature, "id_number" | "birth_told")), "{birth_date} {sex}");
        assert_eq!(shown.iter().any(|(feature, _)| *feature == "sex"), !sex.is_empty(), "the number tells no sex either");
    }
    for (birth_date, sex) in [("1980-04-06", "2"), ("1985-09-09", "1"), ("1990-04-06", ""), ("1880-04-06", ""), ("", "2")] {
        assert!(features(birth_date, sex).contains(&("id_number", number.clone())), "{birth_date} {sex}");
    }
}

#[test]
fn the_birth_date_tells_the_century_of_an_old_number_for_centenarians() {
    let number = "440106721008998";
    let shown = |birth_date: &str| {
        let told = [("id_number", number), ("birth_date", birth_date)];
        let attributes: Attributes = told.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let features = People.features(&attributes);
        let numbers: Vec<String> =
            features.iter().filter(|(name, _)| *name == "id_number").map(|(_, number)| number[6..14].to_owned()).collect();
        (numbers, People.told_by_number(&attributes).into_iter().find(|(column, _)| *column == "birth_date"))
    };
    let of = |dates: &[&str]| dates.iter().map(|date| (*date).to_owned()).collect::<Vec<_>>();
    assert_eq!(shown("1972-10-08"), (of(&["19721008"]), None));
    assert_eq!(shown("1872-10-08"), (of(&["18721008"]), None));
    assert_eq!(shown("1973-10-08"), (of(&["19721008"]), Some(("birth_date", "1972-10-08".to_owned()))));
    assert_eq!(shown(""), (of(&["18721008", "19721008"]), None), "a century that nobody tells is not guessed");
    check(json!({"name": "叶冬安", "id_number": number, "birth_date": "1972-10-08"}), &["id_number id-legacy note"]);
    for typed in [number, "440106197210089988", "440106187210089989"] {
        assert!(finds(&json!({"name": "叶冬安", "id_number": number}), "number", typed), "{typed}");
    }
}

#[test]
fn a_child_without_a_name_has_not_its_parents_number() {
    for name in ["张丽的儿子", "待取名", "女婴", "张丽新生儿"] {
        let record = json!({"name": name, "id_number": "440106199505051601", "birth_date": "2024-03-05"});
        let told = check(record, &["name name-placeholder flag", "id_number id-conflict flag"]);
        assert_eq!((told.attributes.get("name"), told.attributes.get("id_number")), (None, None), "{name}");
    }
}
