//! What becomes of good and bad records of legal persons on their way in? All organisations and people are invented.

use chrono::NaiveDate;
use jiku_legal_person::LegalPersons;
use jiku_model::{EntityKind, ParseContext, ParsedRecord, Severity};
use serde_json::{Value, json};

const CONTEXT: ParseContext = ParseContext { today: NaiveDate::from_ymd_opt(2026, 11, 23).unwrap() };

fn parse(record: &Value) -> ParsedRecord {
    LegalPersons.parse(record.as_object().expect("a record is an object"), &CONTEXT)
}

/// The problems of a record as `field code severity`.
fn problems(record: &ParsedRecord) -> Vec<String> {
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
fn check(record: Value, expected: &[&str]) -> ParsedRecord {
    let parsed = parse(&record);
    assert_eq!(problems(&parsed), expected, "{record}");
    parsed
}

#[test]
fn a_clean_record_has_canonical_values() {
    let parsed = check(
        json!({
            "source": "shichang", "source_key": "1", "name": "广州云山科技有限公司", "uscc": "91440101MA5000030P", "registration_number": "440100000123456",
            "legal_form": "有限责任公司(自然人投资或控股)", "legal_representative": "王秀英", "legal_representative_id": "440106198803150021",
            "registered_capital": "100万元人民币", "established_on": "2015-06-01", "industry": "6510", "address": "广州天河区天河路385号太古汇一座3201室",
            "division": "天河区", "phone": "020-83134762", "status": "在营（开业）企业"
        }),
        &[],
    );
    let values: Vec<_> = parsed.attributes.iter().collect();
    let expected = [
        ("address", "广东省广州市天河区天河路385号太古汇1座3201室"),
        ("division", "440106"),
        ("established_on", "2015-06-01"),
        ("industry", "I6510"),
        ("legal_form", "1130"),
        ("legal_representative", "王秀英"),
        ("legal_representative_id", "440106198803150021"),
        ("name", "广州云山科技有限公司"),
        ("phone", "020-83134762"),
        ("registered_capital", "1000000 CNY"),
        ("registration_number", "440100000123456"),
        ("status", "active"),
        ("uscc", "91440101MA5000030P"),
    ];
    assert_eq!(values, expected);
}

#[test]
fn every_canonical_value_reads_back_as_itself() {
    let parsed = parse(&json!({
        "name": "云山(广州)信息技术股份有限公司（已注销）", "uscc": "9135OlOOMOOOlOOY43", "registration_number": "企合粤总字第000001号", "legal_form": "某种新形式",
        "registered_capital": "5000000", "industry": "软件", "address": "顺德市大良镇新宁路1号之二", "legal_representative": "司徒 美堂", "legal_representative_id": "440106880315002"
    }));
    let raw = parsed.attributes.iter().map(|(column, value)| (column.to_owned(), Value::String(value.to_owned()))).collect();
    assert_eq!(LegalPersons.parse(&raw, &CONTEXT).attributes, parsed.attributes);
}

#[test]
fn a_record_needs_a_name_or_a_number() {
    check(json!({"source": "a", "source_key": "1"}), &["name required reject"]);
    check(json!({"name": "无"}), &["name name-placeholder flag", "name required reject"]);
    check(json!({"name": "有限公司"}), &["name name-form-only flag", "name required reject"]);
    check(json!({"uscc": "91440101MA5000030P"}), &[]);
    check(json!({"registration_number": "440100000123456"}), &[]);
}

#[test]
fn a_code_sent_as_a_json_number_is_refused() {
    assert!(
        check(json!({"name": "广州云山科技有限公司", "uscc": 914_403_001_922_038_216_u64}), &["uscc type-mismatch reject"]).is_rejected()
    );
}

#[test]
fn faulty_codes_are_flagged_and_not_used() {
    for (code, slug) in [
        ("91350100M000100Y44", "id-checksum"),
        ("91350100MV00100Y43", "id-checksum"),
        ("9135O100M000100Y44", "id-checksum"),
        ("91350100M000100Y4", "id-format"),
        ("000000000000000000", "id-placeholder"),
    ] {
        let parsed = check(json!({"name": "广州云山科技有限公司", "uscc": code}), &[&format!("uscc {slug} flag")]);
        assert_eq!(parsed.attributes.get("uscc"), None, "{code}");
        assert_eq!(LegalPersons.strong_identifier(&parsed.attributes), None, "{code}");
    }
}

#[test]
fn a_code_with_letters_for_digits_is_put_right_when_the_check_fits() {
    let parsed = check(json!({"uscc": "9135OlOOMOOOlOOY43"}), &["uscc id-repaired flag"]);
    assert_eq!(LegalPersons.strong_identifier(&parsed.attributes).as_deref(), Some("91350100M000100Y43"));
    check(json!({"uscc": "91350100-m000100y-43"}), &["uscc id-normalised note"]);
}

#[test]
fn doubtful_codes_are_kept_but_only_sound_ones_are_strong_keys() {
    let inside = check(json!({"uscc": "91440101MA5000011Q"}), &["uscc org-code-checksum flag"]);
    assert_eq!(inside.attributes.get("uscc"), Some("91440101MA5000011Q"));
    assert_eq!(LegalPersons.strong_identifier(&inside.attributes), None);
    check(json!({"uscc": "X7440101MA5000014T"}), &["uscc id-department flag"]);
    let category = check(json!({"uscc": "97440101MA5000014F"}), &["uscc id-category flag"]);
    assert!(LegalPersons.strong_identifier(&category.attributes).is_some());
}

#[test]
fn old_numbers_are_kept_as_text() {
    let old = check(json!({"registration_number": "企合粤总字第000001号"}), &["registration_number id-legacy note"]);
    assert_eq!(old.attributes.get("registration_number"), Some("企合粤总字第000001号"));
    let faulty = check(json!({"registration_number": "110108000000017"}), &["registration_number id-checksum flag"]);
    assert!(LegalPersons.features(&faulty.attributes).contains(&("registration_raw", "110108000000017".to_owned())));
    for number in ["4401062001234", "144010600123", "1000001234567"] {
        let old = check(json!({"registration_number": number}), &["registration_number id-legacy note"]);
        assert_eq!(old.attributes.get("registration_number"), Some(number));
    }
    for part in ["440106", "91440106MA", "10001", "19800406", "000123456", "9901062001234"] {
        let told = check(json!({"name": "广州云山科技有限公司", "registration_number": part}), &["registration_number id-format flag"]);
        assert_eq!(told.attributes.get("registration_number"), None, "{part}");
    }
    let moved = check(json!({"registration_number": "91440101MA5000030P"}), &["registration_number id-moved note"]);
    assert_eq!(moved.attributes.get("uscc"), Some("91440101MA5000030P"));
}

#[test]
fn numbers_of_before_2015_are_kept_whatever_column_they_stand_in() {
    let both = check(json!({"uscc": "71526726-X", "registration_number": "440100000123456"}), &["uscc id-legacy note"]);
    assert_eq!(both.attributes.get("organisation_code"), Some("71526726X"));
    assert_eq!(both.attributes.get("registration_number"), Some("440100000123456"));
    let tax = check(json!({"uscc": "44030071526726X"}), &["uscc id-legacy note"]);
    assert_eq!(tax.attributes.get("organisation_code"), Some("71526726X"));
    let registered = check(json!({"uscc": "440100000123456"}), &["uscc id-moved note"]);
    assert_eq!(registered.attributes.get("registration_number"), Some("440100000123456"));
    let titled = check(json!({"organisation_code": "9144030071526726XG"}), &["organisation_code id-moved note"]);
    assert_eq!(titled.attributes.get("uscc"), Some("9144030071526726XG"));
    check(json!({"organisation_code": "715267261"}), &["organisation_code id-checksum flag", "name required reject"]);
}

#[test]
fn names_of_before_are_kept_beside_the_name() {
    let remark = check(json!({"name": "广州云山科技有限公司（原广州青山科技有限公司）"}), &["name name-remark flag"]);
    assert_eq!(
        (remark.attributes.get("name"), remark.attributes.get("former_name")),
        (Some("广州云山科技有限公司"), Some("广州青山科技有限公司"))
    );
    let told = check(json!({"name": "广州云山科技有限公司", "former_name": "广州青山科技有限公司；广州白山科技有限公司"}), &[]);
    assert_eq!(told.attributes.get("former_name"), Some("广州青山科技有限公司;广州白山科技有限公司"));
    let found = LegalPersons.search_tokens(&told.attributes);
    assert!(found.contains(&("name", "青山科技".to_owned())), "{found:?}");
}

#[test]
fn what_is_glued_to_a_name_is_taken_off() {
    let closed = check(json!({"name": "广州云山科技有限公司（已注销）"}), &["name name-remark flag"]);
    assert_eq!((closed.attributes.get("name"), closed.attributes.get("status")), (Some("广州云山科技有限公司"), Some("deregistered")));
    let coded = check(json!({"name": "广州云山科技有限公司 91440101MA5000030P"}), &["name name-code-glued flag"]);
    assert_eq!((coded.attributes.get("name"), coded.attributes.get("uscc")), (Some("广州云山科技有限公司"), Some("91440101MA5000030P")));
}

#[track_caller]
fn shows(record: &Value, expected: &[(&str, &str)]) {
    let found = LegalPersons.features(&parse(record).attributes);
    for &(feature, value) in expected {
        assert!(found.iter().any(|(name, text)| *name == feature && text == value), "{feature} {value} not in {found:?}");
    }
}

#[test]
fn a_name_shows_its_parts() {
    shows(
        &json!({"name": "广州市云山科技有限责任公司"}),
        &[("name", "广州市云山科技有限公司"), ("brand", "云山"), ("trade", "科技"), ("form", "有限公司"), ("region", "4401")],
    );
    shows(
        &json!({"name": "广州雲山科技有限公司"}),
        &[("name", "广州云山科技有限公司"), ("name_pinyin", "guangzhouyunshankejiyouxiangongsi")],
    );
}

#[test]
fn branch_and_parent_differ_by_the_branch() {
    shows(
        &json!({"name": "广州云山科技有限公司深圳分公司"}),
        &[("brand", "云山"), ("form", "分公司"), ("branch", "深圳分公司"), ("region", "4401")],
    );
    let parent = LegalPersons.features(&parse(&json!({"name": "广州云山科技有限公司"})).attributes);
    assert!(!parent.iter().any(|(feature, _)| *feature == "branch"));
}

#[test]
fn one_trade_name_in_two_cities_shows_two_regions() {
    shows(&json!({"name": "广州云山科技有限公司"}), &[("region", "4401")]);
    shows(&json!({"name": "深圳云山科技有限公司"}), &[("region", "4403")]);
    shows(&json!({"name": "云山（广州）科技有限公司"}), &[("region", "(4401)"), ("brand", "云山")]);
}

#[test]
fn numbers_lead_to_one_organisation_code() {
    shows(&json!({"uscc": "9144030071526726XG"}), &[("uscc", "9144030071526726XG"), ("org_code", "71526726X")]);
    // An old tax number is the division and the organisation code.
    shows(&json!({"registration_number": "44030071526726X"}), &[("org_code", "71526726X")]);
    shows(&json!({"registration_number": "71526726-X"}), &[("org_code", "71526726X")]);
}

#[test]
fn a_mistyped_registration_number_is_no_code_of_another_kind() {
    for number in ["440106100123454", "440106000123455"] {
        let told = check(json!({"name": "广州云山科技有限公司", "registration_number": number}), &["registration_number id-checksum flag"]);
        assert_eq!(told.attributes.get("registration_number"), Some(number));
        assert_eq!(told.attributes.get("organisation_code"), None, "{number}");
        let features = LegalPersons.features(&told.attributes);
        assert!(features.contains(&("registration_raw", number.to_owned())) && !features.iter().any(|(field, _)| *field == "org_code"));
    }
}

#[test]
fn a_division_is_no_name_of_an_organisation() {
    let told = check(json!({"name": "广州市天河区", "phone": "020-83134762"}), &["name name-no-trade-name flag"]);
    assert_eq!(told.attributes.get("name"), Some("广州市天河区"));
    for name in ["#N/A", "Null"] {
        let told = check(json!({"name": name, "uscc": "9144030071526726XG"}), &["name name-placeholder flag"]);
        assert_eq!(told.attributes.get("name"), None);
    }
    let exact = parse(&json!({"name": "广州葛\u{e0100}记商行"}));
    assert_eq!(exact.attributes.get("name"), Some("广州葛\u{e0100}记商行"));
    shows(&json!({"name": "广州葛\u{e0100}记商行"}), &[("name", "广州葛记商行")]);
}

#[test]
fn the_representative_is_a_related_party() {
    let parsed =
        parse(&json!({"name": "广州云山科技有限公司", "legal_representative": "王秀英", "legal_representative_id": "440106880315002"}));
    let parties = LegalPersons.related_parties(&parsed.attributes);
    assert_eq!(parties.len(), 1);
    assert_eq!(
        (parties[0].role, parties[0].number.as_deref(), parties[0].name.as_deref()),
        ("legal_representative", Some("440106198803150021"), Some("王秀英"))
    );
    assert_eq!(LegalPersons.related_parties(&parse(&json!({"name": "广州云山科技有限公司"})).attributes), []);
}

#[test]
fn a_legal_person_is_found_by_every_field() {
    let record = json!({
        "name": "广州云山科技有限公司", "uscc": "9144030071526726XG", "legal_representative": "王秀英", "phone": "020-83134762",
        "address": "广州市天河区天河路385号"
    });
    let tokens = LegalPersons.search_tokens(&parse(&record).attributes);
    let finds = |field: &str, text: &str| LegalPersons.search_query(field, text).iter().any(|token| tokens.contains(token));
    for (field, text) in [
        ("name", "广州云山科技有限公司"),
        ("name", "广州雲山科技有限责任公司"),
        ("name", "云山科技"),
        ("name", "云山"),
        ("name", "Yunshan"),
        ("pinyin", "yunshankeji"),
        ("initials", "yskj"),
        ("number", "9144030071526726xg"),
        ("number", "71526726-X"),
        ("phone", "(020)83134762"),
        ("address", "天河路385号"),
        ("address", "天河区"),
    ] {
        assert!(finds(field, text), "{field}: {text}");
    }
    for (field, text) in [("name", "白云"), ("number", "91440101MA5000030P"), ("address", "天河路386号")] {
        assert!(!finds(field, text), "{field}: {text}");
    }
    for (field, text) in [("name", "云"), ("name", "%"), ("name", ""), ("number", "91"), ("address", "路"), ("colour", "red")] {
        assert_eq!(LegalPersons.search_query(field, text), [], "{field}: {text}");
    }
}

#[test]
fn a_brand_is_found_by_every_way_it_is_read() {
    let finds = |name: &str, typed: &str| {
        let tokens = LegalPersons.search_tokens(&parse(&json!({ "name": name })).attributes);
        ["name", "pinyin"].into_iter().any(|field| LegalPersons.search_query(field, typed).iter().any(|token| tokens.contains(token)))
    };
    let winery = "重庆两江新区重阳酒业有限公司";
    for typed in
        ["chongyang", "Chong Yang", "zhongyang", "chongyangjiuye", "cyjy", "重阳", "chongqingliangjiangxinquchongyangjiuyeyouxiangongsi"]
    {
        assert!(finds(winery, typed), "{typed}");
    }
    for (name, typed) in
        [("佛山市长乐贸易有限公司", "zhangyue"), ("广州市重盛机械有限公司", "zhongsheng"), ("广州市重盛机械有限公司", "chongcheng")]
    {
        assert!(finds(name, typed), "{name} {typed}");
    }
    assert!(!finds(winery, "zhongqing") && !finds("广州云山商行", "yunshanshangxing"), "words around a brand have one reading");
}

#[test]
fn every_column_has_a_title_and_a_sensitivity() {
    assert_eq!(LegalPersons.columns().len(), 20);
    assert!(LegalPersons.columns().iter().all(|column| !column.title_zh.is_empty() && !column.about.is_empty()));
}

#[test]
fn a_record_names_shareholders_and_the_parent_of_a_branch() {
    let parsed = check(
        json!({
            "name": "广州云山科技有限公司天河分公司", "shareholders": "王秀英；云山（广州）投资有限公司", "shareholder_ids": "440106198803150021；9144030071526726XG",
            "parent": "广州云山科技有限公司", "parent_uscc": "91440101ma5000030p"
        }),
        &[],
    );
    let parties = LegalPersons.related_parties(&parsed.attributes);
    let told: Vec<_> = parties.iter().map(|party| (party.role, party.number.as_deref(), party.name.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("shareholder", Some("440106198803150021"), Some("王秀英")),
            ("shareholder", Some("9144030071526726XG"), Some("云山（广州）投资有限公司")),
            ("branch_of", Some("91440101MA5000030P"), Some("广州云山科技有限公司")),
        ]
    );
    // Of two names the number of one: whose it is would be a guess.
    let record = json!({"name": "广州云山科技有限公司", "shareholders": "王秀英;李梅", "shareholder_ids": "440106198803150021"});
    let parsed = check(record, &["shareholder_ids list-mismatch flag"]);
    assert_eq!(LegalPersons.related_parties(&parsed.attributes).len(), 2);
    let record = json!({"name": "广州云山科技有限公司", "shareholders": "王秀英;李梅", "shareholder_ids": ";440106198803150021"});
    let parsed = check(record, &[]);
    let numbers: Vec<_> = LegalPersons.related_parties(&parsed.attributes).into_iter().map(|party| party.number).collect();
    assert_eq!(numbers, [None, Some("440106198803150021".to_owned())]);
}

#[test]
fn a_share_beside_a_name_is_no_part_of_it() {
    for shareholders in [
        "张三60%;李四40%",
        "张三60%，李四40%",
        "张三（60%）、李四（40%）",
        "张三:60％;李四 40.5%",
        "张三（持股60%）；李四（持股40%）",
        "张三 占60% 李四 占40%",
    ] {
        let record = json!({"name": "广州云山科技有限公司", "shareholders": shareholders, "shareholder_ids": "440106198803150021;"});
        let parsed = check(record, &["shareholders name-remark note"]);
        assert_eq!(parsed.attributes.get("shareholders"), Some("张三;李四"), "{shareholders}");
        assert!(parsed.attributes.get("shareholder_ids").is_some(), "{shareholders}");
    }
    let parsed = check(json!({"name": "广州云山科技有限公司", "shareholders": "张三;;百分百投资有限公司"}), &[]);
    assert_eq!(parsed.attributes.get("shareholders"), Some("张三;;百分百投资有限公司"));
}

#[test]
fn a_market_identifier_is_read_checked_and_kept() {
    let told = |lei: &str, problems: &[&str]| {
        check(json!({"name": "广州云山科技有限公司", "lei": lei}), problems).attributes.get("lei").map(str::to_owned)
    };
    let lei = "529900T8BM49AURSDO55";
    assert_eq!(told(lei, &[]).as_deref(), Some(lei));
    assert_eq!(told("5299 00t8 bm49 aurs do55", &["lei id-normalised note"]).as_deref(), Some(lei));
    assert_eq!(told("529900T8BM49AURSDO56", &["lei id-checksum flag"]), None);
    assert_eq!(told("529900T8BM49", &["lei id-format flag"]), None);
    assert_eq!(told("5299************DO55", &["lei masked-value flag"]), None);
    assert_eq!(told("无", &[]), None);
    let alone = check(json!({ "lei": lei }), &[]);
    assert!(LegalPersons.features(&alone.attributes).contains(&("lei", lei.to_owned())));
    assert!(LegalPersons.search_tokens(&alone.attributes).contains(&("number", lei.to_owned())));
    assert_eq!(LegalPersons.search_query("number", "5299 00t8 bm49 aurs do55"), [("number", lei.to_owned())]);
}

#[test]
fn a_name_that_a_form_was_filled_with_is_none() {
    for name in ["个人", "某某有限公司", "XX贸易有限公司"] {
        let parsed = check(json!({"name": name, "uscc": "91440101MA5000030P"}), &["name name-placeholder flag"]);
        assert_eq!(parsed.attributes.get("name"), None, "{name}");
    }
}

#[test]
fn forms_of_those_that_are_no_enterprises_are_known() {
    for (written, code) in [("社会团体", "51"), ("民办非企业单位", "52"), ("基金会", "53"), ("事业单位", "12"), ("法人独资", "1150")]
    {
        let parsed = check(json!({"name": "广州云山商会", "legal_form": written}), &[]);
        assert_eq!(parsed.attributes.get("legal_form"), Some(code), "{written}");
    }
    assert_eq!(parse(&json!({"name": "广州云山商会", "status": "吊销后注销"})).attributes.get("status"), Some("deregistered"));
}

#[test]
fn a_code_with_a_slip_behind_the_name_is_cut_off_and_not_used() {
    let parsed = check(json!({"name": "广州云山科技有限公司91440101MA5000030Q"}), &["name name-code-glued flag"]);
    assert_eq!((parsed.attributes.get("name"), parsed.attributes.get("uscc")), (Some("广州云山科技有限公司"), None));
}

#[test]
fn words_before_a_code_and_what_is_no_number_are_told_apart() {
    let parsed = parse(&json!({"name": "广州云雀科技有限公司", "uscc": "统一社会信用代码：91440106MA5CK11136"}));
    assert_eq!(parsed.attributes.get("uscc"), Some("91440106MA5CK11136"));
    let parsed = parse(&json!({"name": "广州云雀科技有限公司", "registration_number": "注册号:440106000012344"}));
    assert_eq!(parsed.attributes.get("registration_number"), Some("440106000012344"));
    for filler in ["0", "1", "未办理", "待办", "无证", "正在办理"] {
        let parsed = parse(&json!({"name": "广州云雀科技有限公司", "registration_number": filler}));
        assert_eq!(parsed.attributes.get("registration_number"), None, "{filler}");
    }
}

#[test]
fn columns_read_apart_from_each_other_show_what_the_whole_record_shows() {
    let records = [
        json!({"name": "榜山村委会", "division": "440882", "address": "雷州市附城镇榜山村"}),
        json!({"name": "五华一中", "division": "441424", "phone": "0753-4422110", "established_on": "1953-09-01"}),
        json!({"name": "翠岭社区居委会", "address": "深圳市罗湖区翠竹街道", "legal_representative": "王秀英", "legal_representative_id": "440106198803150021"}),
        json!({"name": "肇庆市疾病预防控制中心（肇庆市卫生检验中心）", "uscc": "91440101MA5000030P", "registered_capital": "100万元"}),
    ];
    let features = |record: &Value| LegalPersons.features(&parse(record).attributes);
    for record in records {
        let part = |columns: Vec<&str>| {
            let fields = record.as_object().expect("a record is an object").iter();
            Value::Object(
                fields
                    .filter(|(column, _)| columns.contains(&column.as_str()))
                    .map(|(column, value)| (column.clone(), value.clone()))
                    .collect(),
            )
        };
        let mut apart: Vec<_> = LegalPersons.feature_groups().into_iter().flat_map(|columns| features(&part(columns))).collect();
        let mut whole: Vec<_> = features(&record).into_iter().collect();
        apart.sort();
        whole.sort();
        assert_eq!(apart, whole, "{record}");
    }
}
