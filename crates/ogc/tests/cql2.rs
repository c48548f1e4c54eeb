//! Are filters read, refused and evaluated as CQL2 has them?

#![expect(clippy::unwrap_used, reason = "a test whose premise does not hold has failed")]

use jiku_ogc::cql2::{
    Expression, Feature, Geometry, Queryable, Queryables, SpatialPredicate, Value, matches, parse_json, parse_text, to_json,
};
use jiku_ogc::{Moment, TimeSpan};
use proptest::prelude::*;

/// A parcel at a point, the simplest geometry with which predicates can be asked.
struct Parcel;

impl Feature for Parcel {
    fn property(&self, name: &str) -> Option<Value> {
        Some(match name {
            "land_use" => Value::Text("0701".into()),
            "holder" => Value::Text("José Müller".into()),
            "area" => Value::Number(120.5),
            "registered" => Value::Boolean(true),
            "since" => Value::Time(Moment::read("2020-05-01").unwrap().into()),
            "period" => Value::Time(TimeSpan::between("2020-01-01", "2020-12-31").unwrap()),
            "tags" => Value::List(vec![Value::Text("a".into()), Value::Text("b".into())]),
            "geometry" => Value::OwnGeometry("geometry".into()),
            _ => return None,
        })
    }

    fn spatial(&self, predicate: SpatialPredicate, left: &Value, right: &Value) -> Option<bool> {
        let (Value::OwnGeometry(_), Value::Geometry(Geometry::Box([west, south, east, north]))) = (left, right) else { return None };
        let inside = (*west..=*east).contains(&113.0) && (*south..=*north).contains(&23.0);
        Some(if predicate == SpatialPredicate::Disjoint { !inside } else { inside })
    }

    fn function(&self, name: &str, arguments: &[Option<Value>]) -> Option<Value> {
        match (name, arguments) {
            ("dwithin", [Some(Value::OwnGeometry(_)), Some(Value::Geometry(Geometry::Point([lon, lat]))), Some(Value::Number(metres))]) => {
                Some(Value::Boolean((lon - 113.0).hypot(lat - 23.0) * 111_000.0 <= *metres))
            }
            _ => None,
        }
    }
}

fn queryables() -> Queryables {
    Queryables {
        properties: vec![
            ("land_use", Queryable::Text),
            ("holder", Queryable::Text),
            ("area", Queryable::Number),
            ("registered", Queryable::Boolean),
            ("since", Queryable::Time),
            ("period", Queryable::Time),
            ("tags", Queryable::List),
            ("geometry", Queryable::Geometry),
            ("missing", Queryable::Number),
        ],
        functions: vec![("dwithin", vec![Queryable::Geometry, Queryable::Geometry, Queryable::Number], Queryable::Boolean)],
    }
}

/// The tree without the places of names, which the JSON encoding does not carry.
fn through_json(filter: &Expression) -> Expression {
    parse_json(&to_json(filter)).unwrap()
}

#[track_caller]
fn check(text: &str, expected: bool) {
    let filter = parse_text(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    queryables().check(&filter).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(matches(&filter, &Parcel), expected, "{text}");
    let again = through_json(&filter);
    assert_eq!(matches(&again, &Parcel), expected, "{text} as {}", to_json(&filter));
    assert_eq!(through_json(&again), again);
}

#[test]
fn comparisons_hold_as_written() {
    for (text, expected) in [
        ("land_use = '0701'", true),
        ("land_use <> '0701'", false),
        ("area > 100 AND area <= 120.5", true),
        ("area < 100 OR NOT area < 200", false),
        ("NOT (area < 100 OR area > 200)", true),
        ("area BETWEEN 120 AND 121", true),
        ("area NOT BETWEEN 120 AND 121", false),
        ("land_use IN ('0101', '0701')", true),
        ("land_use NOT IN ('0101', '0701')", false),
        ("land_use LIKE '07%'", true),
        ("land_use NOT LIKE '_701'", false),
        ("registered", true),
        ("registered = TRUE", true),
        ("registered AND FALSE", false),
        ("\"area\" >= 1.205e2", true),
        ("area > -1", true),
        ("(area + 10) * 2 = 261", true),
        ("area - 0.5 = 2 * 60", true),
        ("area div 100 = 1 AND 7 % 4 = 3 AND 2 ^ 3 ^ 2 = 512", true),
        ("area / 0 = 1", false),
        ("CASEI(holder) = CASEI('JOSÉ MÜLLER')", true),
        ("ACCENTI(holder) = ACCENTI('Jose Muller')", true),
        ("CASEI(ACCENTI(holder)) LIKE 'jose%'", true),
        ("holder = 'O''Brien'", false),
        ("holder = 'José Müller' and land_use is null", false),
    ] {
        check(text, expected);
    }
}

#[test]
fn what_is_absent_is_neither_true_nor_false() {
    check("missing > 1", false);
    check("NOT missing > 1", false);
    check("missing IS NULL", true);
    check("missing IS NOT NULL", false);
    check("missing > 1 OR area > 1", true);
    check("missing + 1 IN (1, 2)", false);
}

#[test]
fn times_and_lists_lie_to_each_other_as_defined() {
    for (text, expected) in [
        ("since = DATE('2020-05-01')", true),
        ("since < DATE('2021-01-01')", true),
        ("T_AFTER(since, DATE('2020-04-30'))", true),
        ("T_BEFORE(since, TIMESTAMP('2020-05-01T00:00:00Z'))", false),
        ("T_DURING(since, INTERVAL('2020-01-01', '..'))", true),
        ("T_INTERSECTS(period, INTERVAL('..', '2020-01-01'))", true),
        ("T_DISJOINT(period, since)", false),
        // What ends with a day meets what begins with the same; one that goes on into the next overlaps it.
        ("T_MEETS(period, INTERVAL('2020-12-31', '2021-05-01'))", true),
        ("T_METBY(period, INTERVAL('2019-05-01', '2020-01-01'))", true),
        ("T_OVERLAPS(period, INTERVAL('2020-12-31', '2021-05-01'))", false),
        ("T_OVERLAPS(period, INTERVAL('2020-12-30', '2021-05-01'))", true),
        ("T_MEETS(period, INTERVAL('2020-12-30', '2021-05-01'))", false),
        ("T_OVERLAPPEDBY(period, INTERVAL('2019-05-01', '2020-01-01'))", false),
        ("T_CONTAINS(period, since)", true),
        ("t_equals(period, INTERVAL('2020-01-01', '2020-12-31'))", true),
        ("T_StartedBy(period, DATE('2020-01-01'))", true),
        ("T_FINISHEDBY(period, DATE('2020-12-31'))", true),
        ("A_CONTAINS(tags, ('a'))", false),
        ("A_CONTAINS(tags, ('a', 'b'))", true),
        ("A_EQUALS(tags, ('b', 'a'))", true),
        ("A_OVERLAPS(tags, ('b', 'c'))", true),
        ("A_CONTAINEDBY(tags, ('b', 'c'))", false),
    ] {
        let filter = parse_text(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(matches(&filter, &Parcel), expected, "{text}");
        assert_eq!(matches(&through_json(&filter), &Parcel), expected, "{text}");
    }
}

#[test]
fn geometries_are_asked_of_the_feature() {
    check("S_INTERSECTS(geometry, BBOX(112, 22, 114, 24))", true);
    check("S_DISJOINT(geometry, BBOX(112, 22, 0, 114, 24, 9))", false);
    check("dwithin(geometry, POINT(113.001 23), 200)", true);
    check("dwithin(geometry, POINT Z (113.1 -23 5), 200)", false);
    for text in [
        "S_WITHIN(geometry, POLYGON((112 22, 114 22, 114 24, 112 22)))",
        "S_WITHIN(geometry, MULTIPOLYGON(((112 22, 114 22, 114 24, 112 22)), ((0 0, 1 0, 1 1, 0 0), (.1 .1, .2 .1, .2 .2, .1 .1))))",
        "S_CROSSES(geometry, LINESTRING(112 22, -114e0 24))",
        "S_TOUCHES(geometry, MULTIPOINT((112 22), (113 23)))",
        "S_EQUALS(geometry, MULTIPOINT(112 22, 113 23))",
        "S_OVERLAPS(geometry, MULTILINESTRING((112 22, 113 23), (1 2, 3 4)))",
    ] {
        let filter = parse_text(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        queryables().check(&filter).unwrap();
        assert_eq!(through_json(&filter), through_json(&through_json(&filter)));
    }
}

#[test]
fn syntax_errors_say_at_which_character() {
    for (text, says) in [
        ("", "character 1"),
        ("area >", "character 7"),
        ("area > 1 AND", "character 13"),
        ("area > 1 area", "expected AND, OR or the end at character 10"),
        ("(area > 1", "expected ) at character 10"),
        ("holder = 'Jos", "expected a closing quote for the one that opens at character 10"),
        ("面积 > 1 ; DROP", "expected a word, a value or an operator at character 8"),
        ("area BETWEEN 1 OR 2", "expected AND at character 16"),
        ("area IS 5", "expected NULL at character 9"),
        ("land_use IN 5", "expected ( at character 13"),
        ("T_AFTER(since, DATE('2020-02-30'))", "expected a date, YYYY-MM-DD at character 16"),
        ("S_INTERSECTS(geometry)", "expected two arguments at character 1"),
        ("S_INTERSECTS(geometry, POINT(1))", "expected a number at character 31"),
        ("area = 1e999", "expected a number at character 8"),
        ("AND", "character 1"),
    ] {
        let error = parse_text(text).expect_err(text);
        assert_eq!(error.code(), "cql2-syntax", "{text}");
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}

#[test]
fn unknown_names_and_wrong_types_are_refused() {
    for (text, says) in [
        ("owner = 'x'", "\"owner\" at character 1 is not queryable; queryable are land_use"),
        ("buffer(geometry, 5) = 1", "no function \"buffer\" at character 1"),
        ("area = 'x'", "a number is needed, got a text"),
        ("area LIKE '1%'", "a text is needed"),
        ("area", "a condition is needed"),
        ("geometry = 1", "a geometry cannot be compared"),
        ("S_INTERSECTS(area, POINT(1 1))", "a number cannot be compared"),
        ("dwithin(geometry, POINT(1 1))", "takes 3 arguments, got 2"),
        ("land_use + 1 = 2", "a number is needed"),
        ("land_use IN ('a', 5)", "a text is needed"),
        ("NOT area", "a condition is needed"),
    ] {
        let error = queryables().check(&parse_text(text).unwrap()).expect_err(text);
        assert_eq!(error.code(), "cql2-invalid");
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}

#[test]
fn a_sign_stands_before_any_number() {
    for (text, expected) in [
        ("area > +120", true),
        ("-area < -120", true),
        ("-(area + 1) = -121.5", true),
        ("area + -missing > 1 OR area = +(120.5)", true),
        ("- -area = 120.5", true),
        ("-area > 0", false),
    ] {
        check(text, expected);
    }
    assert!(queryables().check(&parse_text("-holder = 1").unwrap()).is_err(), "a text has no sign");
}

#[test]
fn a_text_beside_a_property_of_time_is_a_time() {
    let asked = |text: &str| {
        let filter = queryables().with_times(parse_text(text).unwrap());
        queryables().check(&filter).map(|()| matches(&filter, &Parcel))
    };
    for (text, expected) in [
        ("since < '2020-05-02'", true),
        ("since >= '2020-05-02'", false),
        ("since = '2020-05-01'", true),
        ("'2020-04-30' < since AND NOT (since > '2020-05-01T12:00:00Z' OR since <> '2020-05-01')", true),
        ("since IN ('2019-05-01', '2020-05-01')", true),
    ] {
        assert_eq!(asked(text), Ok(expected), "{text}");
    }
    for text in ["since < 'yesterday'", "since IN ('2020-05-01', 'May')", "holder < DATE('2020-05-01')", "T_AFTER(since, '2020-05-01')"] {
        assert!(asked(text).is_err(), "{text}");
    }
    assert_eq!(asked("holder = '2020-05-01'"), Ok(false), "a text stays one beside a text");
}

#[test]
fn deep_long_and_wide_filters_are_refused() {
    let deep = format!("{}registered{}", "(".repeat(10_000), ")".repeat(10_000));
    let wide = vec!["area + 1 > 1"; 5_000].join(" OR ");
    let nots = format!("{}registered", "NOT ".repeat(10_000));
    let long = format!("holder = '{}'", "x".repeat(70_000));
    let ring = vec!["1 1"; 6_000].join(",");
    let powers = vec!["2"; 10_000].join("^");
    // The bounds themselves: a value and a text are three nodes of a condition with the condition that holds them.
    let within = |levels: usize| format!("{}registered{}", "(".repeat(levels), ")".repeat(levels));
    let terms = |count: usize| vec!["holder = 'x'"; count].join(" OR ");
    for (good, bad) in [(within(31), within(32)), (terms(249), terms(250))] {
        assert!(parse_text(&good).is_ok(), "{good}");
        assert_eq!(parse_text(&bad).expect_err("too much").code(), "cql2-too-complex");
    }
    let signs = format!("area > {}1", "- ".repeat(10_000));
    assert_eq!(parse_text(&signs).expect_err("too much").code(), "cql2-too-complex");
    for text in [deep, wide, nots, long, format!("S_WITHIN(geometry, POLYGON(({ring})))"), format!("area = {powers}")] {
        assert_eq!(parse_text(&text).expect_err("too much").code(), "cql2-too-complex");
    }
    let mut json = serde_json::json!(true);
    for _ in 0..60 {
        json = serde_json::json!({"op": "not", "args": [json]});
    }
    assert_eq!(parse_json(&json).expect_err("too deep").code(), "cql2-too-complex");
}

#[test]
fn bad_json_filters_are_refused() {
    for json in [
        serde_json::json!(null),
        serde_json::json!({}),
        serde_json::json!({"op": "and", "args": [true]}),
        serde_json::json!({"op": "=", "args": [1]}),
        serde_json::json!({"op": 5, "args": []}),
        serde_json::json!({"op": "=", "args": "x"}),
        serde_json::json!({"op": "in", "args": [{"property": "a"}, 5]}),
        serde_json::json!({"date": "2020-02-30"}),
        serde_json::json!({"interval": ["2020-01-01"]}),
        serde_json::json!({"bbox": [1, 2, 3]}),
        serde_json::json!({"type": "Polygon", "coordinates": [[["1", 2]]]}),
        serde_json::json!({"type": "Circle", "coordinates": [1, 2]}),
    ] {
        assert_eq!(parse_json(&json).expect_err(&json.to_string()).code(), "cql2-syntax");
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "[a-z0-9 ()',=<>+*/%^_.\"-]{0,60}|.{0,40}|(NOT |AND |OR |area|\\(|\\)|'x'|1|=|IN |LIKE |POINT|,| ){0,30}") {
        if let Ok(filter) = parse_text(&text) {
            let again = through_json(&filter);
            prop_assert_eq!(through_json(&again), again);
            let _ = queryables().check(&filter);
            let _ = matches(&filter, &Parcel);
        }
    }
}

#[test]
fn intervals_of_properties_and_collections_of_geometries_are_read_in_both_encodings() {
    for (text, json) in [
        (
            "T_DURING(INTERVAL(valid_from, valid_to), INTERVAL('2010-01-01', '..'))",
            serde_json::json!({"op": "t_during", "args": [
                {"interval": [{"property": "valid_from"}, {"property": "valid_to"}]}, {"interval": ["2010-01-01T00:00:00Z", ".."]},
            ]}),
        ),
        (
            "T_AFTER(INTERVAL(valid_from, '..'), DATE('2010-01-01'))",
            serde_json::json!({"op": "t_after", "args": [
                {"interval": [{"property": "valid_from"}, ".."]}, {"date": "2010-01-01"},
            ]}),
        ),
        (
            "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(POINT(1 2), LINESTRING(1 2, 3 4)))",
            serde_json::json!({"op": "s_intersects", "args": [
                {"property": "geometry"},
                {"type": "GeometryCollection", "geometries": [
                    {"type": "Point", "coordinates": [1.0, 2.0]}, {"type": "LineString", "coordinates": [[1.0, 2.0], [3.0, 4.0]]},
                ]},
            ]}),
        ),
    ] {
        let read = parse_text(text).expect(text);
        assert_eq!(to_json(&read), json, "{text}");
        assert_eq!(to_json(&parse_json(&json).expect(text)), json);
    }
    for bad in
        ["T_AFTER(INTERVAL(1, valid_to), DATE('2010-01-01'))", "S_INTERSECTS(geometry, GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 2))))"]
    {
        assert_eq!(parse_text(bad).expect_err(bad).code(), "cql2-syntax");
    }
}
