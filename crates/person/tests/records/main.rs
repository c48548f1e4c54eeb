//! What becomes of good and bad records of people on their way in? All people are invented.

mod numbers;

use chrono::NaiveDate;
use jiku_model::{Attributes, EntityKind, ParseContext, ParsedRecord, Severity};
use jiku_person::People;
use serde_json::{Value, json};

const CONTEXT: ParseContext = ParseContext { today: NaiveDate::from_ymd_opt(2026, 11, 23).unwrap() };

pub(crate) fn parse(record: &Value) -> ParsedRecord {
    People.parse(record.as_object().expect("a record is an object"), &CONTEXT)
}

/// The problems of a record as `field code severity`.
pub(crate) fn problems(record: &ParsedRecord) -> Vec<String> {
    let line = |severity| match severity {
        Severity::Note => "note",
        Severity::Flag => "flag",
        Severity::Reject => "reject",
    };
    record
        .problems
        .iter()
        .map(|problem| format!("{} {} {}", problem.field.as_deref().unwrap_or("-"), problem.code, line(problem.severity)))
        .collect()
}

#[track_caller]
pub(crate) fn check(record: Value, expected: &[&str]) -> ParsedRecord {
    let parsed = parse(&record);
    assert_eq!(problems(&parsed), expected, "{record}");
    parsed
}

/// A clean record with one field replaced.
pub(crate) fn with(column: &str, value: impl Into<Value>) -> Value {
    let mut record = json!({"name": "张伟", "id_number": "440106198803150021"});
    record[column] = value.into();
    record
}

#[track_caller]
pub(crate) fn features(record: Value, expected: &[(&str, &str)]) {
    let found = People.features(&parse(&record).attributes);
    for &(feature, value) in expected {
        assert!(found.iter().any(|(name, text)| *name == feature && text == value), "{feature} {value} not in {found:?}");
    }
}

#[test]
fn a_clean_record_has_canonical_values() {
    let parsed = check(
        json!({
            "source": "gongan", "source_key": "1", "name": "欧阳娜娜", "id_type": "居民身份证", "id_number": "440106198803150021", "sex": "女",
            "birth_date": "1988-03-15", "phone": "13800138000", "address": "广州天河区天河路三百八十五号", "division": "440106", "ethnic_group": "汉",
            "nationality": "中国", "status": "正常", "valid_from": "2020-01-01", "blood_type": "A"
        }),
        &[],
    );
    let values: Vec<_> = parsed.attributes.iter().collect();
    let expected = [
        ("address", "广东省广州市天河区天河路385号"),
        ("birth_date", "1988-03-15"),
        ("division", "440106"),
        ("ethnic_group", "01"),
        ("id_number", "440106198803150021"),
        ("id_type", "111"),
        ("name", "欧阳娜娜"),
        ("nationality", "CHN"),
        ("phone", "13800138000"),
        ("sex", "2"),
        ("status", "active"),
        ("valid_from", "2020-01-01"),
    ];
    assert_eq!(values, expected);
}

#[test]
fn every_canonical_value_reads_back_as_itself() {
    let parsed = parse(&json!({
        "name": "買買提•艾力", "id_type": "护照", "id_number": "e 1234 5678", "sex": "M", "birth_date": "1980年4月", "phone": "+86 138-0013-8000/020 83134762",
        "address": "番禺市市桥镇大北路12#三幢", "division": "广东省广州市番禺区", "ethnic_group": "维族", "nationality": "156", "former_name": "艾力", "status": "已故"
    }));
    let raw = parsed.attributes.iter().map(|(column, value)| (column.to_owned(), Value::String(value.to_owned()))).collect();
    let again = People.parse(&raw, &CONTEXT);
    assert_eq!(again.attributes, parsed.attributes);
}

#[test]
fn a_record_needs_a_name_or_a_number() {
    check(json!({"source": "a", "source_key": "1"}), &["name required reject"]);
    check(json!({"name": "  ", "id_number": null}), &["name required reject"]);
    check(json!({"name": "未知"}), &["name name-placeholder flag", "name required reject"]);
    check(json!({"name": "张*"}), &["name masked-value flag", "name required reject"]);
    check(json!({"id_number": "440106198803150021"}), &[]);
    check(json!({"name": "李娜"}), &[]);
}

#[test]
fn an_identity_number_sent_as_a_json_number_is_refused() {
    assert!(check(with("id_number", 440_106_198_803_150_021_u64), &["id_number type-mismatch reject"]).is_rejected());
    check(with("name", json!(["张伟"])), &["name type-mismatch reject"]);
}

#[test]
fn overlong_values_are_refused_whatever_they_are_made_of() {
    check(with("name", "张".repeat(129)), &["name too-long reject"]);
    check(with("name", format!("e{}", "\u{301}".repeat(10_000))), &["name too-long reject"]);
    check(with("name", "A".repeat(10_000_000)), &["name too-long reject"]);
    assert!(!parse(&with("name", "张".repeat(128))).is_rejected());
}

#[test]
fn characters_that_cannot_be_seen_are_named() {
    check(with("name", "张\u{0}伟"), &["name invalid-unicode reject"]);
    let bidi = check(with("name", "张\u{202E}伟"), &["name bidi-removed flag"]);
    assert_eq!(bidi.attributes.get("name"), Some("张伟"));
    check(with("name", "张\u{2066}伟\u{2069}"), &["name bidi-removed flag"]);
    let zero_width = check(with("name", "张\u{200B}伟\u{FEFF}"), &["name zero-width-removed note"]);
    assert_eq!(zero_width.attributes.get("name"), Some("张伟"));
    let broken = check(with("address", "广州市天河区\r\n天河路1号\u{1b}"), &["address control-character flag"]);
    assert_eq!(broken.attributes.get("address"), Some("广东省广州市天河区天河路1号"));
    check(with("name", "张\u{FFFD}"), &["name replacement-character flag"]);
}

#[test]
fn rare_characters_are_kept_as_they_are() {
    let private = check(with("name", "张\u{E816}"), &["name pua-character flag"]);
    assert_eq!(private.attributes.get("name"), Some("张\u{E816}"));
    let rare = check(with("name", "𠮷田㐂"), &[]);
    assert_eq!(rare.attributes.get("name"), Some("𠮷田㐂"));
    let features = People.features(&private.attributes);
    assert!(features.contains(&("name", "张\u{20087}".to_owned())), "compared by its code point: {features:?}");
}

#[test]
fn markup_and_formulas_are_data() {
    for name in ["<script>alert(1)</script>", "=HYPERLINK(\"x\")", "'; DROP TABLE person", "{{7*7}}", "+CMD", "@SUM"] {
        let parsed = parse(&with("name", name));
        assert!(!parsed.is_rejected(), "{name}");
    }
}

#[test]
fn dates_are_refused_flagged_or_read() {
    let dated = |date: &str, expected: &[&str]| {
        check(json!({"name": "张伟", "birth_date": date}), expected).attributes.get("birth_date").map(str::to_owned)
    };
    for impossible in ["2023-02-29", "0000-00-00", "99999-01-01", "1980-13-01"] {
        assert_eq!(dated(impossible, &["birth_date date-invalid reject"]), None);
    }
    assert_eq!(dated("2090-01-01", &["birth_date date-range flag"]), None);
    assert_eq!(dated("1880-01-01", &["birth_date date-range flag"]).as_deref(), Some("1880-01-01"));
    for old in ["1896-01-01", "1896-11-22", "1895"] {
        assert_eq!(dated(old, &["birth_date date-range flag"]).as_deref(), Some(old), "the day counts");
    }
    for young in ["1896-11-23", "1896-11", "1896"] {
        assert_eq!(dated(young, &[]).as_deref(), Some(young));
    }
    for unclear in ["36526", "04/06/1980", "农历四月初六", "民国69年4月6日"] {
        assert_eq!(dated(unclear, &["birth_date date-format flag"]), None);
    }
    for other_form in ["2000/1/1", "20000101", "2000年1月1日"] {
        assert_eq!(dated(other_form, &["birth_date date-format note"]).as_deref(), Some("2000-01-01"));
    }
    assert_eq!(dated("1900-01-01", &["birth_date date-placeholder flag"]), None);
    for (zeros, known) in [("1985-06-00", "1985-06"), ("19850600", "1985-06"), ("1985-00-00", "1985"), ("1985年0月0日", "1985")] {
        assert_eq!(dated(zeros, &["birth_date date-partial flag"]).as_deref(), Some(known));
    }
    assert_eq!(dated("1900-00-00", &["birth_date date-partial flag", "birth_date date-placeholder flag"]), None);
}

#[test]
fn of_a_masked_name_the_surname_is_left() {
    let surname = |name: &str, problems: &[&str]| {
        let parsed = check(with("name", name), problems);
        let features = People.features(&parsed.attributes);
        assert!(features.iter().all(|(feature, _)| !matches!(*feature, "name" | "given" | "name_pinyin")), "{name}");
        features.into_iter().find(|(feature, _)| *feature == "surname").map(|(_, surname)| surname)
    };
    for name in ["李**", "李某", "李XX", "李*明"] {
        assert_eq!(surname(name, &["name masked-value flag"]).as_deref(), Some("李"), "{name}");
    }
    assert_eq!(surname("李女士", &["name name-honorific flag", "name name-too-short flag"]).as_deref(), Some("李"));
    assert_eq!(surname("**", &["name masked-value flag"]), None);
    let parsed = check(
        json!({"name": "李女士", "birth_date": "1988-03-15", "phone": "13800138001"}),
        &["name name-honorific flag", "name name-too-short flag"],
    );
    assert_eq!((parsed.attributes.get("name"), parsed.attributes.get("sex")), (Some("李*"), Some("2")));
    assert!(People.search_tokens(&parsed.attributes).iter().all(|(field, _)| !matches!(*field, "name" | "pinyin" | "initials")));
}

#[test]
fn codes_a_list_does_not_know_are_left_out() {
    for column in ["sex", "ethnic_group", "nationality", "status", "id_type", "division"] {
        let parsed = check(with(column, "乱写"), &[&format!("{column} code-unknown flag")]);
        assert_eq!(parsed.attributes.get(column), None);
    }
    check(with("sex", 1), &["sex id-conflict flag"]);
    check(with("sex", "不详"), &[]);
}

#[test]
fn all_problems_are_reported_at_once() {
    check(
        json!({"name": "张*", "id_number": "110105194912310021", "sex": "3", "birth_date": "2023-02-29", "phone": "123"}),
        &[
            "name masked-value flag",
            "id_number id-checksum flag",
            "sex code-unknown flag",
            "birth_date date-invalid reject",
            "phone phone-format flag",
        ],
    );
}

#[test]
fn no_problem_tells_the_value() {
    let secret = "110105194912310021";
    let parsed = parse(&json!({"name": secret, "id_number": secret, "birth_date": secret, "phone": secret, "sex": secret}));
    assert!(!parsed.problems.is_empty());
    assert!(parsed.problems.iter().all(|problem| !problem.advice.contains(secret)));
}

#[test]
fn names_written_in_different_ways_show_the_same_feature() {
    for name in ["张伟", "張偉", "张　伟", "张\u{200B}伟"] {
        features(
            json!({"name": name}),
            &[("name", "张伟"), ("name_pinyin", "zhangwei"), ("name_initials", "zw"), ("surname", "张"), ("given", "伟")],
        );
    }
    for dot in ['·', '•', '・', '‧', '.'] {
        features(json!({"name": format!("买买提{dot}艾力")}), &[("name", "买买提艾力"), ("given", "买买提艾力")]);
    }
    features(json!({"name": "单雄信"}), &[("name_pinyin", "shanxiongxin"), ("name_initials", "sxx")]);
    features(json!({"name": "ＺＨＡＮＧ Wei"}), &[("name", "ZHANG WEI"), ("name_pinyin", "zhangwei")]);
}

#[test]
fn places_are_shown_rung_by_rung() {
    features(
        json!({"name": "张伟", "address": "广东省珠海市香洲区吉大路5号3幢2单元0501房", "phone": "13800138001;020-83134762"}),
        &[
            ("address", "广东省珠海市香洲区吉大路5号3栋2单元0501室"),
            ("address_road", "吉大路5号"),
            ("address_detail", "3-2单元-501"),
            ("division", "440402"),
            ("phone", "13800138001"),
            ("phone", "020-83134762"),
        ],
    );
}

#[test]
fn a_number_of_the_districts_of_a_city_together_is_of_the_city() {
    let parsed = parse(&json!({"name": "张春梅", "id_number": "440301198507021232", "division": "440301"}));
    let codes: Vec<&str> = parsed.problems.iter().map(|problem| problem.code.as_ref()).collect();
    assert!(!codes.iter().any(|code| code.starts_with("id-")), "{codes:?}");
    assert_eq!(parsed.attributes.get("division"), Some("440300"));
}

#[test]
fn a_remark_behind_a_name_tells_the_former_name() {
    for (written, former) in
        [("张春梅（曾用名张招娣）", Some("张招娣")), ("张春梅(曾用名：张招娣)", Some("张招娣")), ("张春梅（户主）", None)]
    {
        let parsed = parse(&json!({"name": written}));
        assert_eq!((parsed.attributes.get("name"), parsed.attributes.get("former_name")), (Some("张春梅"), former), "{written}");
    }
}

#[test]
fn a_division_of_the_past_is_compared_as_its_successor() {
    features(json!({"name": "张伟", "division": "440681"}), &[("division", "440606")]);
    features(
        json!({"name": "张伟", "division": "440681", "address": "大良镇新宁路1号"}),
        &[("address", "广东省佛山市顺德区大良镇新宁路1号")],
    );
}

#[track_caller]
pub(crate) fn finds(record: &Value, field: &str, text: &str) -> bool {
    let tokens = People.search_tokens(&parse(record).attributes);
    People.search_query(field, text).iter().any(|token| tokens.contains(token))
}

#[test]
fn a_person_is_found_by_every_field() {
    let record = json!({
        "name": "覃小明", "former_name": "覃明", "id_number": "440106198803150021", "birth_date": "1988-03-15", "phone": "13800138000",
        "address": "广州市天河区石牌街道天河路385号"
    });
    for (field, text) in [
        ("name", "覃小明"),
        ("name", "覃 小明"),
        ("name", "Qin Xiaoming"),
        ("name", "覃明"),
        ("pinyin", "qinxiaoming"),
        ("pinyin", "Tan Xiaoming"),
        ("pinyin", "Xiaoming Qin"),
        ("pinyin", "qxm"),
        ("initials", "qxm"),
        ("number", "440106198803150021"),
        ("number", "440106880315002"),
        ("phone", "+86 138 0013 8000"),
        ("birth_date", "1988年3月15日"),
        ("address", "天河路385号"),
        ("address", "石牌街道"),
        ("address", "天河区"),
    ] {
        assert!(finds(&record, field, text), "{field}: {text}");
    }
    for (field, text) in [("name", "覃大明"), ("number", "440106198803150022"), ("address", "天河路386号"), ("phone", "13800138001")]
    {
        assert!(!finds(&record, field, text), "{field}: {text}");
    }
}

#[test]
fn what_is_too_broad_to_search_by_gives_no_key() {
    for (field, text) in [
        ("name", ""),
        ("name", "张"),
        ("name", "%"),
        ("name", "_"),
        ("name", "**"),
        ("pinyin", "z"),
        ("phone", "1"),
        ("number", "4"),
        ("birth_date", "1988"),
        ("address", "路"),
        ("colour", "red"),
    ] {
        assert_eq!(People.search_query(field, text), [], "{field}: {text}");
    }
}

#[test]
fn wildcards_are_plain_characters() {
    let record = json!({"name": "张伟"});
    for text in ["张%", "张_", "%伟%", "张伟%", "'; DROP TABLE person; --", "\\"] {
        assert!(!finds(&record, "name", text), "{text}");
    }
}

#[test]
fn every_column_has_a_title_and_a_sensitivity() {
    let mut names: Vec<_> = People.columns().iter().map(|column| column.name).collect();
    assert_eq!(names.len(), 20);
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 20);
    assert!(People.columns().iter().all(|column| !column.title_zh.is_empty() && !column.about.is_empty()));
}

#[test]
fn a_sex_beside_the_name_is_held_against_its_field() {
    let record = |name: &str, sex: &str| json!({"name": name, "birth_date": "1988-03-15", "sex": sex, "phone": "13900001111"});
    check(record("张伟（男）", "男"), &["name name-remark flag"]);
    let told = check(record("张伟（男）", "2"), &["name name-remark flag", "sex sex-conflict flag"]);
    assert_eq!(told.attributes.get("sex"), Some("2"), "the field stands");
    check(record("张伟女士", "1"), &["name name-honorific flag", "sex sex-conflict flag"]);
    check(record("张伟（男）", "0"), &["name name-remark flag"]);
    check(record("张伟（男）", ""), &["name name-remark flag"]);
}

#[test]
fn a_record_names_a_spouse_and_a_guardian() {
    let record = json!({
        "name": "张小明", "spouse": "李 梅", "spouse_id": "44010619880315002１", "guardian": "张伟", "guardian_id": "440106880315002", "marital_status": "已婚"
    });
    let parsed = check(record, &[]);
    let of = |column| parsed.attributes.get(column);
    assert_eq!((of("spouse"), of("spouse_id"), of("marital_status")), (Some("李梅"), Some("440106198803150021"), Some("20")));
    let parties = People.related_parties(&parsed.attributes);
    let told: Vec<_> = parties.iter().map(|party| (party.role, party.number.as_deref(), party.name.as_deref())).collect();
    // A number of 15 digits finds its holder under the one of 18 characters.
    let guardian = ("guardian", Some("440106198803150021"), Some("张伟"));
    assert_eq!(told, [("spouse", Some("440106198803150021"), Some("李梅")), guardian]);
    check(with("guardian_id", "440106198803150022"), &["guardian_id id-checksum flag"]);
    check(with("spouse", "李*"), &["spouse masked-value flag"]);
}

#[test]
fn who_has_no_name_yet_is_told_by_birth_date_and_guardian_or_home() {
    check(
        json!({"name": "新生儿", "birth_date": "2026-11-01", "guardian": "张伟", "guardian_id": "440106198803150021"}),
        &["name name-placeholder flag"],
    );
    check(json!({"name": "张*", "birth_date": "1988-03-15", "phone": "13800138000"}), &["name masked-value flag"]);
    check(json!({"name": "张*", "phone": "13800138000"}), &["name masked-value flag", "name required reject"]);
}

#[test]
fn old_codes_and_letters_of_the_lists_are_known() {
    for (column, written, code) in [
        ("ethnic_group", "HA", "01"),
        ("ethnic_group", "UG", "05"),
        ("marital_status", "2", "20"),
        ("id_type", "二代证", "111"),
        ("nationality", "P.R.China", "CHN"),
        ("nationality", "无国籍", "XXA"),
    ] {
        assert_eq!(parse(&with(column, written)).attributes.get(column), Some(code), "{column} {written}");
    }
}

#[test]
fn a_slip_that_its_source_put_right_is_a_former_spelling() {
    let remembered = |before: &[(&str, &str)], now: &[(&str, &str)]| {
        let [before, mut now]: [Attributes; 2] = [before, now].map(|said| said.iter().copied().collect());
        People.remember(&before, &mut now);
        ["former_spelling", "former_name"].map(|column| now.get(column).map(str::to_owned))
    };
    let said = |name| [("name", name), ("id_number", "440106198803150021")];
    let spelling = |name: &str| [Some(name.to_owned()), None];
    assert_eq!(remembered(&said("张玮"), &said("张伟")), spelling("张玮"));
    assert_eq!(remembered(&said("张伟国"), &said("张伟")), spelling("张伟国"));
    let corrected = [&said("张伟")[..], &[("former_spelling", "张玮")]].concat();
    assert_eq!(remembered(&corrected, &said("张伟")), spelling("张玮"), "it is not forgotten");
    assert_eq!(remembered(&corrected, &said("张玮")), spelling("张伟"), "who goes back calls the other one a slip");
    assert_eq!(remembered(&said("张伟"), &said("李娜")), [None, Some("张伟".to_owned())], "a change of name is none");
    assert_eq!(remembered(&said("张*"), &said("张伟")), [None, None]);
    let another = [("name", "张玮"), ("id_number", "440106199208170022"), ("birth_date", "1992-08-17")];
    let born = [("name", "张伟"), ("id_number", "440106198803150021"), ("birth_date", "1988-03-15")];
    assert_eq!(remembered(&another, &born), [None, None], "the key was given to somebody else");
    let told = check(with("former_spelling", "张玮、张伟"), &[]);
    assert_eq!(told.attributes.get("former_spelling"), Some("张玮"));
    assert!(People.features(&told.attributes).contains(&("former_name", "张玮".to_owned())));
}

#[test]
fn a_town_is_one_told_by_its_code_or_by_its_name() {
    let place = |fields: Value| {
        let features = People.features(&parse(&fields).attributes);
        let of = |name: &str| features.iter().find(|(feature, _)| *feature == name).map(|(_, value)| value.clone());
        (of("town").unwrap_or_default(), of("quarter").unwrap_or_default())
    };
    for (fields, town, quarter) in [
        (json!({"name": "黎亚妹", "division": "440882111"}), "调风镇", ""),
        (json!({"name": "黎亚妹", "division": "440882111203"}), "调风镇", ""),
        // 附城镇 for civil affairs, 沈塘镇 in the statistics.
        (json!({"name": "黎亚妹", "division": "440882101"}), "440882101", ""),
        (json!({"name": "黎亚妹", "address": "雷州市附城镇榜山村"}), "附城镇", "榜山村"),
        (json!({"name": "黎亚妹", "division": "440882102", "address": "雷州市附城镇"}), "附城镇", ""),
        (json!({"name": "黎亚妹", "address": "广州市海珠区南洲街道"}), "", "南洲街道"),
        (json!({"name": "黎亚妹", "address": "广州市海珠区南洲街道南洲路12号"}), "", ""),
    ] {
        assert_eq!(place(fields.clone()), (town.to_owned(), quarter.to_owned()), "{fields}");
    }
}

#[test]
fn a_code_of_a_township_is_flagged_where_lists_differ_or_none_has_it() {
    for (told, kept, problem) in [
        ("440882101", "440882101", Some("division township-ambiguous flag")),
        ("440113999", "440113999", Some("division township-unknown flag")),
        ("440113120", "440113102", None),
        ("440882111", "440882111", None),
    ] {
        let parsed = check(with("division", told), problem.as_slice());
        assert_eq!(parsed.attributes.get("division"), Some(kept), "{told}");
    }
}

#[test]
fn the_day_that_systems_write_for_unknown_is_no_birth_date_beside_a_number_either() {
    let told = check(with("birth_date", "1900-01-01"), &["birth_date date-placeholder flag"]);
    assert_eq!(told.attributes.get("birth_date"), None);
}

#[test]
fn a_time_of_day_without_its_zone_is_noted() {
    let told = check(with("birth_date", "1988-03-15T10:00:00"), &["birth_date date-format note", "birth_date date-zone-missing note"]);
    assert_eq!(told.attributes.get("birth_date"), Some("1988-03-15"));
    check(with("birth_date", "1988-03-15 00:00:00"), &["birth_date date-format note"]);
}
