//! Does reading a record keep its promises for records nobody thought of?

use chrono::NaiveDate;
use jiku_model::{EntityKind, ParseContext, RawRecord};
use jiku_person::People;
use proptest::prelude::*;
use serde_json::Value;

const CONTEXT: ParseContext = ParseContext { today: NaiveDate::from_ymd_opt(2026, 11, 23).unwrap() };

/// Text as fields hold it: anything, names, numbers, addresses, dates, and mixtures.
fn texts() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{0,24}".prop_map(Value::String),
        "[张李欧阳司马伟秀英娜买提艾力·•. ()（）先生A-Za-z*?\u{E816}\u{200B}]{0,10}".prop_map(Value::String),
        "[0-9Xx×*+E -]{10,20}".prop_map(Value::String),
        "(110105|440106|440681|810000)(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9])[0-9]{3}[0-9X]".prop_map(Value::String),
        "(19|20)[0-9]{2}[-/.年][0-9]{1,2}([-/.月][0-9]{1,2}日?)?".prop_map(Value::String),
        "(男|女|汉族|01|111|护照|CHN|中国|正常|已故|13[0-9]{9}|020-8[0-9]{7})".prop_map(Value::String),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
    ]
}

/// Addresses from above to below with any part missing: the order of a ladder is what its words mean.
fn addresses() -> impl Strategy<Value = Value> {
    let parts = concat!(
        "(广东省)?(广州市|佛山|顺德市|朝阳区|东莞市)?(天河区|南山区|东山区)?(石牌街道|大良镇)?(云山社区)?(大和村)?",
        "(中山五路|云山大道西|二横街)?([一二三]?十[五六]号|12#|甲9号院|8-2号)?(云山花园|海德广场B区)?(3幢|[ABC]座|二号楼)?",
        "(2单元)?(12楼|负一层)?(1201室|0501房|301|1201-1205室)?",
    );
    parts.prop_map(Value::String)
}

fn records() -> impl Strategy<Value = RawRecord> {
    let columns: Vec<&'static str> = People.columns().iter().map(|column| column.name).collect();
    let values = prop::collection::vec(prop::option::of(texts()), columns.len());
    (values, prop::option::of(addresses())).prop_map(move |(mut values, address)| {
        let place = columns.iter().position(|column| *column == "address").expect("people have addresses");
        values[place] = address;
        columns.iter().zip(values).filter_map(|(column, value)| Some(((*column).to_owned(), value?))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn reading_what_was_understood_changes_nothing_more(record in records()) {
        let parsed = People.parse(&record, &CONTEXT);
        let again = parsed.attributes.iter().map(|(column, value)| (column.to_owned(), Value::String(value.to_owned()))).collect();
        prop_assert_eq!(People.parse(&again, &CONTEXT).attributes, parsed.attributes);
    }

    #[test]
    fn a_strong_key_is_always_a_feature_and_a_search_key(record in records()) {
        let attributes = People.parse(&record, &CONTEXT).attributes;
        let (features, tokens) = (People.features(&attributes), People.search_tokens(&attributes));
        if let Some(number) = People.strong_identifier(&attributes) {
            prop_assert!(features.contains(&("id_number", number.clone())));
            prop_assert!(tokens.contains(&("number", number)));
        }
        prop_assert!(features.iter().all(|(_, value)| !value.is_empty()), "{features:?}");
        prop_assert!(tokens.iter().all(|(_, value)| !value.is_empty()), "{tokens:?}");
    }

    #[test]
    fn a_person_is_found_by_the_name_as_shown(record in records()) {
        let attributes = People.parse(&record, &CONTEXT).attributes;
        let tokens = People.search_tokens(&attributes);
        for (field, column) in [("name", "name"), ("birth_date", "birth_date"), ("number", "id_number")] {
            let Some(shown) = attributes.get(column) else { continue };
            let query = People.search_query(field, shown);
            prop_assert!(query.is_empty() || query.iter().any(|token| tokens.contains(token)), "{field}: {query:?} {tokens:?}");
        }
    }
}
