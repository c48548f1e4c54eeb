//! What becomes of a parcel record: what is understood, what is flagged, what is refused?

#![expect(clippy::unwrap_used, reason = "a test that cannot read its fixture has failed")]

use jiku_model::{EntityKind, ParseContext, ParsedRecord, Sensitivity, Severity};
use jiku_parcel::Parcels;
use proptest::prelude::*;
use serde_json::{Value, json};

const SQUARE: &str = "POLYGON ((113.32 23.12, 113.3205 23.12, 113.3205 23.1205, 113.32 23.1205, 113.32 23.12))";

fn parse(record: Value) -> ParsedRecord {
    let Value::Object(raw) = record else { panic!("a record is an object") };
    Parcels.parse(&raw, &ParseContext { today: chrono::NaiveDate::from_ymd_opt(2026, 11, 23).unwrap() })
}

#[track_caller]
fn check(record: Value, expected: &[(Severity, &str)]) -> ParsedRecord {
    let parsed = parse(record);
    let found: Vec<(Severity, &str)> = parsed.problems.iter().map(|problem| (problem.severity, problem.code.as_ref())).collect();
    assert_eq!(found, expected, "{:?}", parsed.problems);
    parsed
}

use Severity::{Flag, Note, Reject};

#[test]
fn a_good_record_is_understood_without_a_word() {
    let parsed = check(
        json!({
            "parcel_code": "440106001002GB00011", "unit_code": "440106001002GB00011W00000000", "land_use": "0701",
            "registered_area_m2": 2837.5, "location": "广州市天河区体育西路1号", "right_holder": "广州云山信息技术有限公司",
            "right_holder_id": "91350100M000100Y43", "right_type": "国有建设用地使用权", "valid_from": "2020-01-31", "geometry": SQUARE,
        }),
        &[],
    );
    let value = |column| parsed.attributes.get(column).unwrap();
    assert_eq!(value("division"), "440106");
    assert_eq!(value("source_crs"), "EPSG:4490");
    assert_eq!(value("land_use_scheme"), "GB/T 21010-2017");
    assert!(value("geometry").starts_with("0103000000"));
    assert!((value("planar_area_m2").parse::<f64>().unwrap() - 2837.0).abs() < 5.0, "{}", value("planar_area_m2"));
    assert_eq!(Parcels.strong_identifier(&parsed.attributes).as_deref(), Some("440106001002GB00011"));
    let party = &Parcels.related_parties(&parsed.attributes)[0];
    assert_eq!((party.role, party.number.as_deref()), ("right_holder", Some("91350100M000100Y43")));
}

#[test]
fn codes_are_brought_to_their_form_and_doubts_are_told() {
    check(json!({"unit_code": "440106 001002 gb00011 F00010001"}), &[(Note, "code-form")]);
    check(json!({"parcel_code": "440106001002GA00011"}), &[(Flag, "parcel-code-ownership-right-combination")]);
    check(json!({"parcel_code": "449906001002GB00011"}), &[(Flag, "parcel-code-county")]);
    check(json!({"parcel_code": "440106001002GB00000", "location": "天河路"}), &[(Flag, "parcel-code-parcel-serial")]);
    check(json!({"parcel_code": "440106001002GB00011", "unit_code": "440106001002GB00012W00000000"}), &[(Flag, "unit-code-mismatch")]);
    let parsed = check(json!({"parcel_code": "440106001002GB00011F00010001"}), &[(Note, "code-column")]);
    assert_eq!(parsed.attributes.get("parcel_code"), Some("440106001002GB00011"));
    assert_eq!(parsed.attributes.get("unit_code"), Some("440106001002GB00011F00010001"));
}

#[test]
fn a_geometry_is_taken_in_every_form_and_kept_in_one() {
    let expected = parse(json!({"geometry": SQUARE}));
    let hex = expected.attributes.get("geometry").unwrap();
    let polygon = json!({"type": "Polygon", "coordinates": [[[113.32, 23.12], [113.3205, 23.12], [113.3205, 23.1205], [113.32, 23.1205], [113.32, 23.12]]]});
    for geometry in [polygon.clone(), json!(hex), json!(hex.to_lowercase()), json!(polygon.to_string())] {
        assert_eq!(check(json!({"geometry": geometry}), &[]).attributes.get("geometry"), Some(hex));
    }
    let plane = "POLYGON ((38424654 2559013, 38424754 2559013, 38424754 2559063, 38424654 2559013))";
    let parsed = check(json!({"geometry": plane, "crs": "EPSG:4526", "registered_area_m2": "2500"}), &[]);
    assert_eq!(parsed.attributes.get("source_crs"), Some("EPSG:4526"));
    assert!((parsed.attributes.get("planar_area_m2").unwrap().parse::<f64>().unwrap() - 2500.0).abs() < 0.02);
    check(json!({"geometry": SQUARE, "crs": "gcj02"}), &[(Note, "datum-approximate")]);
}

#[test]
fn a_bad_geometry_refuses_the_record_with_every_problem() {
    check(json!({"geometry": "POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))", "location": "x"}), &[(Reject, "geometry-self-intersection")]);
    check(json!({"geometry": SQUARE, "crs": "EPSG:2383"}), &[(Reject, "crs-unsupported")]);
    check(
        json!({"geometry": "POLYGON ((23.12 113.32, 23.12 113.33, 23.13 113.33, 23.12 113.32))"}),
        &[(Reject, "coordinate-order-suspected")],
    );
    check(json!({"geometry": SQUARE, "crs": "EPSG:4526"}), &[(Reject, "coordinate-range")]);
    check(json!({"geometry": 5}), &[(Reject, "geojson-invalid")]);
    check(json!({"geometry": format!("SRID=4526;{SQUARE}"), "crs": "EPSG:4490"}), &[(Reject, "crs-unsupported")]);
    let swapped = "POLYGON ((23.12 73.5, 23.13 73.5, 23.13 73.6, 23.12 73.5))";
    check(json!({"parcel_code": "440106001002GB00011", "geometry": swapped}), &[(Reject, "coordinate-order-suspected")]);
    let parsed = parse(json!({"geometry": "MULTIPOLYGON (((0 0,1 0,1 1,0 1)), ((2 0,3 0,2 0)))"}));
    let advice: Vec<&str> = parsed.problems.iter().map(|problem| problem.advice.as_ref()).collect();
    assert!(parsed.is_rejected());
    assert_eq!(advice.len(), 2);
    assert!(advice[1].contains("part 2, ring 1"), "{advice:?}");
}

#[test]
fn doubtful_values_are_flagged_and_not_used() {
    let parsed = check(
        json!({"location": "天河路", "land_use": "101", "valid_from": "5.4.2020", "right_holder": "张*", "right_holder_id": "123", "registered_area_m2": "-4", "right_share": "3/2"}),
        &[
            (Flag, "land-use-edition"),
            (Flag, "masked-value"),
            (Flag, "party-number"),
            (Flag, "right-share"),
            (Flag, "date-format"),
            (Flag, "area-invalid"),
        ],
    );
    assert_eq!(parsed.attributes.iter().map(|(column, _)| column).collect::<Vec<_>>(), ["location", "right_holder_id"]);
    check(json!({"location": "天河路", "valid_from": "2027-01-01"}), &[(Flag, "date-range")]);
    check(json!({"location": "天河路", "valid_from": "2020年1月2日", "valid_to": "2019"}), &[(Note, "date-format"), (Flag, "date-order")]);
}

#[test]
fn a_day_that_does_not_exist_refuses_the_record() {
    check(json!({"location": "天河路", "valid_from": "2023-02-30"}), &[(Reject, "date-invalid")]);
    check(json!({"location": "天河路", "right_holder_id": 440_106_199_001_011_234_u64}), &[(Reject, "type-mismatch")]);
    check(json!({"location": "天河路", "land_use": "1399", "valid_to": "2090-01-01"}), &[(Flag, "code-unknown")]);
}

#[test]
fn registered_and_computed_area_are_compared_in_grades() {
    let area: f64 = parse(json!({"geometry": SQUARE})).attributes.get("planar_area_m2").unwrap().parse().unwrap();
    check(json!({"geometry": SQUARE, "registered_area_m2": area}), &[]);
    check(json!({"geometry": SQUARE, "registered_area_m2": area * 1.005}), &[(Note, "area-difference")]);
    check(json!({"geometry": SQUARE, "registered_area_m2": area * 1.05}), &[(Flag, "area-mismatch")]);
}

#[test]
fn a_record_that_names_nothing_is_refused() {
    check(json!({}), &[(Reject, "required")]);
    check(json!({"land_use": "0701", "location": "无"}), &[(Reject, "required")]);
}

#[test]
fn a_parcel_of_another_country_is_known_by_its_source() {
    let wkt = "POLYGON ((5.545757189 52.317793574, 5.545670899 52.317631067, 5.5459931 52.317566112, 5.545757189 52.317793574))";
    let parsed = check(json!({"source": "kadaster", "source_key": "APD01-F-1234", "geometry": wkt, "crs": "EPSG:4326"}), &[]);
    assert_eq!(parsed.attributes.get("foreign_key"), Some("kadaster:APD01-F-1234"));
    assert_eq!(Parcels.strong_identifier(&parsed.attributes), None);
    assert!(Parcels.features(&parsed.attributes).iter().any(|(name, _)| *name == "foreign_key"));
}

#[test]
fn a_location_is_the_same_with_and_without_what_stands_before_the_road() {
    let told = |location: &str| {
        let features = Parcels.features(&parse(json!({"location": location, "land_use": "0701"})).attributes);
        features.into_iter().find(|(name, _)| ["house", "location"].contains(name)).unwrap()
    };
    for location in ["天河区兴华街道农林二横路1号", "广东省广州市天河区农林二横路１号", "广州市天河区農林二横路一号"]
    {
        assert_eq!(told(location), told("广州市天河区兴华街道农林二横路1号"), "{location}");
    }
    assert_ne!(told("广州市天河区农林二横路3号"), told("广州市天河区农林二横路1号"));
    assert_ne!(told("广州市越秀区农林二横路1号"), told("广州市天河区农林二横路1号"));
    assert_ne!(told("广州市天河区农林二横路1号2栋"), told("广州市天河区农林二横路1号"));
    assert_eq!(told("新村东面水田 "), ("location", "新村东面水田".to_owned()));
}

/// What a boundary, given in degrees from a corner, shows to the matching engine.
fn shown(corners: &[(f64, f64)]) -> Vec<(&'static str, String)> {
    let at = |(east, north): &(f64, f64)| format!("{:.8} {:.8}", 113.32 + east, 23.12 + north);
    let ring: Vec<String> = corners.iter().chain(corners.first()).map(at).collect();
    Parcels.features(&parse(json!({"geometry": format!("POLYGON (({}))", ring.join(", "))})).attributes)
}

#[test]
fn a_parcel_of_a_hectare_is_looked_for_farther_away() {
    let is_wide = |side: f64| shown(&[(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]).iter().any(|(name, _)| *name == "wide");
    assert!(is_wide(0.003) && !is_wide(0.000_3));
}

#[test]
fn a_strip_is_as_wide_as_it_is_whichever_way_it_runs() {
    let width =
        |corners: &[(f64, f64)]| -> f64 { shown(corners).into_iter().find(|(name, _)| *name == "width").unwrap().1.parse().unwrap() };
    // Ten metres wide, two hundred long: from south to north, and from south-west to north-east.
    let upright = width(&[(0.0, 0.0), (0.000_1, 0.0), (0.000_1, 0.002), (0.0, 0.002)]);
    let slanted = width(&[(0.0, 0.0), (0.000_07, -0.000_07), (0.001_48, 0.001_34), (0.001_41, 0.001_41)]);
    assert!((upright - 10.2).abs() < 0.3 && (slanted - 10.5).abs() < 0.7, "{upright} {slanted}");
}

#[test]
fn a_parcel_is_found_by_code_prefix_number_and_holder() {
    let parsed = parse(
        json!({"parcel_code": "440106001002GB00011", "right_holder": "雲山 公司", "right_holder_id": "91350100M000100Y43", "location": "天河路１号"}),
    );
    let tokens = Parcels.search_tokens(&parsed.attributes);
    for (field, text) in [
        ("code", "440106001002gb00011"),
        ("code", "440106 001002 GB00011"),
        ("code", "440106"),
        ("code", "440106001"),
        ("code", "440106001002"),
        ("code", "440106001002GB"),
        ("name", "云山公司"),
        ("number", "91350100-M000100Y43"),
        ("address", "天河路1号"),
        ("address", "广州市天河区天河路1号"),
        ("address", "天河路"),
    ] {
        let query = Parcels.search_query(field, text);
        assert!(query.iter().any(|form| tokens.contains(form)), "{field} {text}: {query:?} {tokens:?}");
    }
    for (field, text) in [("code", "4401"), ("code", ""), ("phone", "13800138000")] {
        assert_eq!(Parcels.search_query(field, text), [], "{field} {text}");
    }
}

#[test]
fn every_canonical_value_has_a_labelled_column_and_reads_back() {
    let first = parse(json!({
        "parcel_code": "440106001002GB00011", "unit_code": "440106001002GB00011W00000000", "land_use": "0201K", "registered_area_m2": 2837.5,
        "location": "广州市天河区体育西路1号", "right_holder": "张伟", "right_holder_id": "11010519491231002X", "right_type": "国有建设用地使用权",
        "right_share": "50%", "valid_from": "2020-01", "valid_to": "2021", "geometry": SQUARE,
    }));
    for (column, _) in first.attributes.iter() {
        assert!(Parcels.columns().iter().any(|known| known.name == column), "{column}");
    }
    let sensitivity = |name: &str| Parcels.columns().iter().find(|column| column.name == name).unwrap().sensitivity;
    assert_eq!(sensitivity("right_holder_id"), Sensitivity::Sensitive);
    assert_eq!(sensitivity("right_holder"), Sensitivity::Personal);
    reads_back(&first);
    let plane = "POLYGON ((38424654 2559013, 38424754 2559013, 38424754 2559063, 38424654 2559013))";
    reads_back(&parse(json!({"geometry": plane, "crs": "EPSG:4526"})));
    reads_back(&parse(json!({"geometry": SQUARE, "crs": "gcj02"})));
    reads_back(&parse(json!({"source": "kadaster", "source_key": "1", "location": "Dorpsstraat 1", "registered_area_m2": "3亩"})));
}

#[test]
fn several_rights_are_told_with_their_holders_shares_and_times() {
    let rights = json!([
        {"right_type": "抵押权", "right_holder": "某某银行", "right_holder_id": "91350100M000100Y43", "valid_from": "2021-03-01"},
        {"right_type": "宅基地使用权", "right_holder": "张三", "right_holder_id": "11010519491231002x", "right_share": "50%", "certificate": "粤（2020）0001号"},
        {"right_type": "宅基地使用权", "right_holder": "李四", "right_share": "1/2"},
        {"right_type": "宅基地使用权", "right_holder": "王五", "right_share": "1", "valid_to": "2019-12-31"},
    ]);
    let parsed = check(json!({"parcel_code": "440106001002GB00011", "rights": rights}), &[]);
    let listed = jiku_parcel::rights::rights(&parsed.attributes);
    let told: Vec<_> = listed
        .iter()
        .map(|right| (right.category.as_str(), right.right_holder.as_deref().unwrap(), right.right_share.as_deref()))
        .collect();
    assert_eq!(
        told,
        [("restriction", "某某银行", None), ("right", "张三", Some("1/2")), ("right", "李四", Some("1/2")), ("right", "王五", Some("1/1"))]
    );
    assert_eq!(
        (listed[1].right_holder_id.as_deref(), listed[1].certificate.as_deref()),
        (Some("11010519491231002X"), Some("粤（2020）0001号"))
    );
    let short = ["right_holder", "right_holder_id", "right_type", "right_share"].map(|column| parsed.attributes.get(column).unwrap());
    assert_eq!(short, ["张三", "11010519491231002X", "宅基地使用权", "1/2"], "the first right that has not ended leads");
    let roles: Vec<&str> = Parcels.related_parties(&parsed.attributes).iter().map(|party| party.role).collect();
    assert_eq!(roles, ["restriction_holder", "right_holder", "right_holder", "right_holder"]);
    for found in [("name", "李四".to_owned()), ("number", "91350100M000100Y43".to_owned())] {
        assert!(Parcels.search_tokens(&parsed.attributes).contains(&found), "{found:?}");
    }
    reads_back(&parsed);
    // A text that holds the list, as a table has it.
    assert_eq!(check(json!({"parcel_code": "440106001002GB00011", "rights": rights.to_string()}), &[]).attributes, parsed.attributes);
}

#[test]
fn rights_that_cannot_be_are_told_with_their_place() {
    let place =
        |record: Value| parse(record).problems.into_iter().map(|problem| (problem.code, problem.field.unwrap())).collect::<Vec<_>>();
    let told = |code: &'static str, field: &'static str| vec![(code.into(), field.into())];
    let with = |rights: Value| json!({"location": "天河路", "rights": rights});
    assert_eq!(place(with(json!("张三"))), told("rights-form", "rights"));
    assert_eq!(place(with(json!([{"right_holder": "甲", "right_share": "3/2"}]))), told("right-share", "rights/0/right_share"));
    assert_eq!(
        place(with(json!([{"right_holder": "甲"}, {"right_type": "抵押权"}]))),
        told("right-without-holder", "rights/1/right_holder")
    );
    let thirds = json!([{"right_holder": "甲", "right_share": "2/3"}, {"right_holder": "乙", "right_share": "1/2"}]);
    assert_eq!(place(with(thirds)), told("right-shares", "rights"));
    let other = json!({"location": "天河路", "right_holder": "丙", "rights": [{"right_holder": "甲"}]});
    assert_eq!(place(other), told("rights-differ", "right_holder"));
}

#[test]
fn holders_that_share_a_cell_are_told_apart_by_their_numbers() {
    let cell = json!({
        "location": "天河路", "right_holder": "张三、某某公司", "right_holder_id": "11010519491231002X、91350100M000100Y43",
        "right_type": "国有建设用地使用权", "right_share": "1/3、2/3",
    });
    let parsed = check(cell, &[]);
    let listed = jiku_parcel::rights::rights(&parsed.attributes);
    let told: Vec<_> = listed.iter().map(|right| (right.right_holder.as_deref().unwrap(), right.right_share.as_deref().unwrap())).collect();
    assert_eq!(told, [("张三", "1/3"), ("某某公司", "2/3")]);
    reads_back(&parsed);
    // Names alone may be one name.
    let one = check(json!({"location": "天河路", "right_holder": "张三、李四"}), &[]);
    assert_eq!((one.attributes.get("right_holder"), one.attributes.get("rights")), (Some("张三、李四"), None));
}

/// What the service gives out it takes in again as the same.
#[track_caller]
fn reads_back(first: &ParsedRecord) {
    let again: serde_json::Map<String, Value> = first.attributes.iter().map(|(column, value)| (column.to_owned(), json!(value))).collect();
    let second = parse(Value::Object(again));
    assert_eq!(second.attributes, first.attributes);
    assert_eq!(second.problems.iter().filter(|problem| problem.severity != Severity::Flag).count(), 0, "{:?}", second.problems);
}

/// Whatever may stand in a field.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        "[0-9A-Z ]{15,30}".prop_map(Value::from),
        "(POLYGON|MULTIPOLYGON|\\(|\\)|,|[0-9. -]){0,20}".prop_map(Value::from),
        "(0[01])?[0-9A-F]{0,80}".prop_map(Value::from),
        "[0-9]{1,4}[-/年.][0-9]{1,2}[-/月.][0-9]{1,2}".prop_map(Value::from),
        Just(json!({"type": "Polygon", "coordinates": [[[0, 0], [1, "x"]]]})),
        Just(json!(SQUARE)),
        Just(json!("EPSG:4526")),
        Just(json!([{"right_holder": "甲", "right_share": "1/2", "valid_to": "2020"}, {"right_holder_id": "x", "right_type": "抵押权"}])),
        Just(json!([{}, 7])),
        Just(json!("[{\"right_holder\": \"甲\"}]")),
        Just(json!("11010519491231002X、91350100M000100Y43")),
        Just(json!("甲、乙")),
    ]
}

proptest! {
    #[test]
    fn no_record_breaks_the_reader(record in prop::collection::btree_map(prop::sample::select(
        Parcels.columns().iter().map(|column| column.name).chain(["source", "source_key"]).collect::<Vec<_>>()), value(), 0..12)) {
        let raw = record.into_iter().map(|(column, value)| (column.to_owned(), value)).collect();
        let parsed = parse(Value::Object(raw));
        // Whatever was understood can be compared, found and read again as the same.
        Parcels.features(&parsed.attributes);
        for (field, text) in Parcels.search_tokens(&parsed.attributes) {
            prop_assert!(!text.is_empty(), "{field}");
        }
        if !parsed.is_rejected() {
            let again: serde_json::Map<String, Value> = parsed.attributes.iter().map(|(column, value)| (column.to_owned(), json!(value))).collect();
            prop_assert_eq!(parse(Value::Object(again)).attributes, parsed.attributes);
        }
    }
}
