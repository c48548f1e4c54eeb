//! Do the default models judge the situations a register is full of?

use std::fs;
use std::sync::Arc;

use jiku_linkage::{MatchIndex, Model, compare};
use jiku_model::Verdict;

fn model(kind: &str) -> Model {
    let path = format!("{}/../{kind}/model.toml", env!("CARGO_MANIFEST_DIR"));
    Model::from_toml(&fs::read_to_string(path).expect("every entity crate has a model")).expect("the default models are well formed")
}

/// Features from `field=value; …`.
fn features(text: &str) -> Vec<(&'static str, String)> {
    let names = [
        "name",
        "name_pinyin",
        "name_initials",
        "surname",
        "given",
        "former_name",
        "id_number",
        "id_raw",
        "birth_date",
        "sex",
        "phone",
        "address",
        "address_road",
        "address_detail",
        "home",
        "house_marks",
        "division",
        "county",
        "city",
        "province",
        "uscc",
        "org_code",
        "brand",
        "trade",
        "form",
        "region",
        "branch",
        "representative",
        "representative_number",
        "established_on",
        "registration_number",
        "parcel_code",
        "middle",
        "reach",
        "width",
        "area",
        "house",
        "location",
        "right_holder",
        "right_holder_number",
        "land_use",
    ];
    text.split(';')
        .map(|pair| pair.trim().split_once('=').expect("field=value"))
        .map(|(name, value)| (*names.iter().find(|known| **known == name).expect("a known feature"), value.to_owned()))
        .collect()
}

#[track_caller]
fn check(kind: &str, left: &str, right: &str, expected: Verdict) {
    let model = model(kind);
    let pair = compare(&model, &features(left), &features(right));
    let explanation = pair.explain();
    let told: Vec<String> =
        explanation.lines.iter().map(|line| format!("{}: {} {:+.1}", line.comparison, line.level, line.weight)).collect();
    assert_eq!(model.verdict(pair.weight), expected, "weight {:.1}\n{}", pair.weight, told.join("\n"));
    let sum: f32 = explanation.prior + explanation.lines.iter().map(|line| line.weight).sum::<f32>();
    assert_eq!(sum, pair.weight, "the waterfall must add up");
    let back = compare(&model, &features(right), &features(left));
    assert_eq!((back.weight, &back.levels), (pair.weight, &pair.levels), "a pair has one weight, whichever comes first");
}

fn person(left: &str, right: &str, expected: Verdict) {
    check("person", left, right, expected);
}

const LI: &str = "name=李晓明; name_pinyin=lixiaoming; surname=李; given=晓明";

#[test]
fn the_same_number_and_name_is_one_person() {
    person(
        &format!("{LI}; id_number=440106198004061234; birth_date=1980-04-06; sex=1"),
        &format!("{LI}; id_number=440106198004061234"),
        Verdict::Positive,
    );
}

#[test]
fn a_name_and_a_birth_date_with_the_phone_are_one_person() {
    let record = format!("{LI}; birth_date=1980-04-06; sex=1; phone=13800001111");
    person(&record, &record, Verdict::Positive);
}

#[test]
fn a_homophone_in_the_name_is_a_slip() {
    let rest = "birth_date=1980-04-06; sex=1; phone=13800001111";
    person(&format!("{LI}; {rest}"), &format!("name=李小明; name_pinyin=lixiaoming; surname=李; given=小明; {rest}"), Verdict::Positive);
}

#[test]
fn a_common_name_and_a_birth_date_are_not_enough_when_the_rest_differs() {
    let record = "name=张伟; name_pinyin=zhangwei; surname=张; given=伟; birth_date=1980-04-06; sex=1";
    person(
        &format!("{record}; phone=13800001111; division=440106; county=440106; city=4401; province=44"),
        &format!("{record}; phone=13911112222; division=440106; county=440106; city=4401; province=44"),
        Verdict::Unsure,
    );
    person(
        &format!("{record}; phone=13800001111; division=440106; county=440106; city=4401; province=44"),
        &format!("{record}; phone=13911112222; division=440303; county=440303; city=4403; province=44"),
        Verdict::Negative,
    );
    person(record, &record.replace("1980-04-06", "1980"), Verdict::Negative);
}

#[test]
fn a_number_with_another_name_birth_date_and_sex_goes_to_review() {
    person(
        &format!("{LI}; id_number=440106198004061234; birth_date=1980-04-06; sex=1"),
        "name=王芳; name_pinyin=wangfang; surname=王; given=芳; id_number=440106198004061234; birth_date=1991-12-24; sex=2",
        Verdict::Unsure,
    );
    person(
        &format!("{LI}; id_number=440106198004061234"),
        "name=王芳; name_pinyin=wangfang; surname=王; given=芳; id_number=440106198004061234",
        Verdict::Unsure,
    );
}

#[test]
fn a_parents_number_entered_for_a_child_is_not_linked() {
    person(
        "name=李建国; name_pinyin=lijianguo; surname=李; given=建国; id_number=440106196004061234; birth_date=1960-04-06; sex=1; phone=13800001111",
        "name=李晓; name_pinyin=lixiao; surname=李; given=晓; id_number=440106196004061234; birth_date=1991-12-24; sex=2; phone=13800001111",
        Verdict::Unsure,
    );
}

#[test]
fn two_different_valid_numbers_are_never_linked_by_the_model() {
    let rest = "birth_date=1980-04-06; sex=1; phone=13800001111; address=广州市天河路1号2房; address_road=天河路1号; address_detail=2房; home=天河路1号|2";
    person(&format!("{LI}; id_number=440106198004061234; {rest}"), &format!("{LI}; id_number=440106198004068895; {rest}"), Verdict::Unsure);
    person(
        &format!("{LI}; id_number=440106198004061234; birth_date=1980-04-06"),
        &format!("{LI}; id_number=440303199112241238; birth_date=1991-12-24"),
        Verdict::Negative,
    );
}

const HOME: &str = "phone=13800001111; address=广州市天河路1号2房; address_road=天河路1号; address_detail=2房; home=天河路1号|2; division=440106; county=440106; city=4401; province=44";

#[test]
fn twins_are_not_linked() {
    let twin = |name: &str, pinyin: &str, given: &str| {
        format!("name=李{name}; name_pinyin=li{pinyin}; surname=李; given={given}; birth_date=2001-04-06; sex=1; {HOME}")
    };
    person(&twin("晓明", "xiaoming", "晓明"), &twin("晓亮", "xiaoliang", "晓亮"), Verdict::Unsure);
    person(&twin("军", "jun", "军"), &twin("波", "bo", "波"), Verdict::Negative);
    person(
        &format!("{}; id_number=440106200104061236", twin("晓明", "xiaoming", "晓明")),
        &format!("{}; id_number=440106200104061279", twin("晓亮", "xiaoliang", "晓亮")),
        Verdict::Negative,
    );
}

#[test]
fn siblings_are_apart() {
    person(
        &format!("name=李晓明; name_pinyin=lixiaoming; surname=李; given=晓明; birth_date=2001-04-06; sex=1; {HOME}"),
        &format!("name=李晓红; name_pinyin=lixiaohong; surname=李; given=晓红; birth_date=2003-11-19; sex=2; {HOME}"),
        Verdict::Negative,
    );
}

#[test]
fn father_and_son_of_one_name_are_apart() {
    person(
        &format!("{LI}; birth_date=1970-04-06; sex=1; {HOME}"),
        &format!("{LI}; birth_date=1995-09-18; sex=1; {HOME}"),
        Verdict::Negative,
    );
}

#[test]
fn spouses_with_one_phone_and_address_are_apart() {
    person(
        &format!("{LI}; birth_date=1970-04-06; sex=1; {HOME}"),
        &format!("name=王芳; name_pinyin=wangfang; surname=王; given=芳; birth_date=1972-09-18; sex=2; {HOME}"),
        Verdict::Negative,
    );
    person(&format!("{LI}; {HOME}"), &format!("name=王芳; name_pinyin=wangfang; surname=王; given=芳; {HOME}"), Verdict::Negative);
}

#[test]
fn a_slip_in_the_number_is_forgiven_when_the_check_fails() {
    person(
        &format!("{LI}; id_number=440106198004061234; birth_date=1980-04-06"),
        &format!("{LI}; id_raw=440106198004061284; birth_date=1980-04-06"),
        Verdict::Positive,
    );
}

#[test]
fn strangers_are_apart() {
    person(
        &format!("{LI}; birth_date=1980-04-06; sex=1"),
        "name=王芳; name_pinyin=wangfang; surname=王; given=芳; birth_date=1980-04-06; sex=2",
        Verdict::Negative,
    );
}

fn firm(left: &str, right: &str, expected: Verdict) {
    check("legal-person", left, right, expected);
}

const FIRM: &str = "name=广州天河华星科技有限公司; brand=华星; trade=科技; form=有限公司; region=广州天河; representative=李晓明";

#[test]
fn the_same_code_is_decisive_even_after_a_change_of_name() {
    firm(
        &format!("{FIRM}; uscc=91440101MA5ABCDE1X; org_code=MA5ABCDE1; address=天河路1号; address_road=天河路1号; home=天河路1号"),
        "name=广州新远贸易有限公司; brand=新远; trade=贸易; form=有限公司; uscc=91440101MA5ABCDE1X; org_code=MA5ABCDE1; address=天河路1号; address_road=天河路1号; home=天河路1号",
        Verdict::Positive,
    );
}

#[test]
fn the_same_code_with_everything_else_different_goes_to_review() {
    firm(
        &format!("{FIRM}; uscc=91440101MA5ABCDE1X; org_code=MA5ABCDE1; address=天河路1号"),
        "name=深圳新远贸易有限公司; brand=新远; trade=贸易; form=有限公司; region=深圳; representative=王芳; uscc=91440101MA5ABCDE1X; org_code=MA5ABCDE1; address=深南大道9号",
        Verdict::Unsure,
    );
}

#[test]
fn branch_and_parent_are_never_one() {
    let branch = "name=广州天河华星科技有限公司越秀分公司; brand=华星; trade=科技; form=有限公司; region=广州天河; branch=越秀分公司; representative=李晓明";
    firm(&format!("{FIRM}; phone=02088881111"), &format!("{branch}; phone=02088881111"), Verdict::Negative);
}

#[test]
fn the_same_brand_in_two_cities_is_two_firms() {
    firm(
        &format!("{FIRM}; established_on=2010-01-05"),
        "name=深圳华星科技有限公司; brand=华星; trade=科技; form=有限公司; region=深圳; representative=李晓明; established_on=2010-01-05",
        Verdict::Negative,
    );
}

#[test]
fn the_same_name_and_representative_without_a_code_is_one_firm() {
    firm(FIRM, FIRM, Verdict::Positive);
}

#[test]
fn neighbouring_parcels_are_apart() {
    check(
        "parcel",
        "parcel_code=440106001001GB00001; location=天河路; area=1000; right_holder=李晓明",
        "parcel_code=440106001001GB00002; location=天河路; area=1001; right_holder=李晓明",
        Verdict::Negative,
    );
    let same = "parcel_code=440106001001GB00001; location=天河路; area=1000";
    check("parcel", same, same, Verdict::Positive);
}

#[test]
fn a_boundary_tells_parcels_without_codes() {
    let parcel = |left: &str, right: &str, expected| check("parcel", left, right, expected);
    let house = "middle=23.120000,113.320000; reach=21.2; width=21.2; area=900; land_use=0701";
    // Half a metre away, measured by somebody else: the boundary is enough.
    parcel(house, "middle=23.120004,113.320002; reach=21.3; width=21.1; area=905", Verdict::Positive);
    // Six metres away, most of the land is still the same, unless one is larger by a third.
    parcel(house, "middle=23.120050,113.320030; reach=21.9; width=21.5; area=905", Verdict::Positive);
    let larger = "middle=23.120050,113.320030; reach=24.9; width=24.5; area=1220";
    parcel(house, larger, Verdict::Negative);
    let placed = |parcel: &str| format!("{parcel}; house=天河区天河路1号-");
    parcel(&placed(house), &placed(larger), Verdict::Unsure);
    // Around it, and in a corner of it.
    parcel(house, "middle=23.120000,113.320000; reach=33; width=19; area=1254", Verdict::Negative);
    parcel(house, "middle=23.120090,113.320098; reach=7; width=7; area=100", Verdict::Negative);
    // The next strip of a farmer's field, three metres wide, one as large as the other.
    let strip = "middle=23.120000,113.320000; reach=50.1; width=3.0; area=300; right_holder=李晓明; location=天河村; land_use=0101";
    let next = "middle=23.120027,113.320000; reach=50.1; width=3.0; area=301; right_holder=李晓明; location=天河村; land_use=0101";
    parcel(strip, next, Verdict::Negative);
    // One location and one owner, five hundred metres apart: drawn on a shifted map, perhaps.
    let owned = |parcel: &str| format!("{}; right_holder=李晓明", placed(parcel));
    let shifted = "middle=23.125000,113.320000; reach=21.2; width=21.2; area=900; land_use=0701";
    parcel(&owned(house), &owned(shifted), Verdict::Unsure);
    // The plots of an estate under one owner, each a hundred metres from the next.
    let plot =
        |north: u32| format!("middle=23.12{north:04},113.320000; reach=21.2; width=21.2; area=900; land_use=0701; right_holder_number=1");
    parcel(&plot(0), &plot(900), Verdict::Negative);
}

#[test]
fn the_index_gives_the_same_bits_as_a_direct_comparison() {
    let model = Arc::new(model("person"));
    let records = [
        format!("{LI}; birth_date=1980-04-06; sex=1; {HOME}"),
        format!("{LI}; birth_date=1980-04-08; sex=1; phone=13800002222"),
        "name=王芳; name_pinyin=wangfang; surname=王; given=芳; birth_date=1972-09-18; sex=2".to_owned(),
    ];
    let mut index = MatchIndex::new(Arc::clone(&model));
    for (record, slot) in records.iter().zip(0..) {
        index.insert(slot, &features(record));
    }
    for query in &records {
        for found in index.matches(&features(query), -40.0) {
            let direct = compare(&model, &features(query), &features(&records[found.slot as usize]));
            let scored = index.score(&features(query), found.slot).expect("the slot is taken");
            assert_eq!((found.weight.to_bits(), direct.weight.to_bits()), (scored.weight.to_bits(), found.weight.to_bits()));
        }
    }
    assert_eq!(index.matches(&features(&records[0]), -40.0).iter().map(|found| found.slot).collect::<Vec<_>>(), [0, 1]);
    assert!(index.remove(0) && !index.remove(0) && !index.contains(0));
    assert_eq!(index.matches(&features(&records[0]), -40.0).iter().map(|found| found.slot).collect::<Vec<_>>(), [1]);
    index.insert(1, &features(&records[2]));
    assert!(index.matches(&features(&records[0]), -40.0).is_empty());
    assert_eq!(index.len(), 2);
}

#[test]
fn a_model_is_written_as_it_was_read() {
    for kind in ["person", "legal-person", "parcel"] {
        let once = model(kind).to_toml();
        assert_eq!(Model::from_toml(&once).expect("what is written can be read").to_toml(), once);
    }
}

/// Invented people of few names, days and streets, so that pairs of every sort come about.
fn crowd(number: u64) -> Vec<(&'static str, String)> {
    let draw = |what: u64, below: u64| {
        let mixed = (number * 31 + what).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33) % below
    };
    let (surname, given) = (["王", "李", "欧阳"][draw(1, 3) as usize], ["伟", "芳", "建国"][draw(2, 3) as usize]);
    let (year, day) = (1950 + 20 * draw(3, 3), 1 + draw(4, 3));
    let birth = format!("{year}-03-{day:02}");
    let mut text = format!("name={surname}{given}; name_pinyin={surname}{given}; surname={surname}; given={given}");
    if draw(5, 4) > 0 {
        text.push_str(&format!("; id_number=440106{}{:04}", birth.replace('-', ""), draw(6, 4)));
    }
    if draw(7, 5) > 0 {
        text.push_str(&format!("; birth_date={}", if draw(8, 6) > 0 { birth } else { year.to_string() }));
    }
    if draw(9, 2) > 0 {
        text.push_str(&format!("; phone=1380013800{}", draw(10, 9)));
    }
    text.push_str(&format!(
        "; sex={}; division=440106; county=440106; city=4401; province=44; address_road=天河路{}号",
        1 + draw(11, 2),
        draw(12, 9)
    ));
    features(&text)
}

#[test]
fn a_pair_is_given_up_only_when_it_stays_below_the_floor() {
    let model = Arc::new(model("person"));
    let mut index = MatchIndex::new(Arc::clone(&model));
    (0..400).for_each(|slot| index.insert(slot, &crowd(u64::from(slot))));
    let mut kept = 0;
    for floor in [-15.0, model.review_threshold(), 0.0, model.link_threshold()] {
        for slot in 0..400 {
            let mut all = index.matches_of(slot, -1e6);
            all.retain(|hit| hit.weight >= floor);
            kept += all.len();
            assert_eq!(index.matches_of(slot, floor), all, "slot {slot}, floor {floor}");
        }
    }
    assert!(kept > 1_000, "the crowd has too few matches to tell: {kept}");
}
