//! Does reading a record keep its promises for records nobody thought of?

use chrono::NaiveDate;
use jiku_legal_person::LegalPersons;
use jiku_model::{EntityKind, ParseContext, RawRecord};
use proptest::prelude::*;
use serde_json::Value;

const CONTEXT: ParseContext = ParseContext { today: NaiveDate::from_ymd_opt(2026, 11, 23).unwrap() };

/// Text as fields hold it: anything, names, codes, amounts, dates, and mixtures.
fn texts() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{0,24}".prop_map(Value::String),
        "(广东省|广州市?|云山|中国)?(云山|白云山|天河)?(（广州）|\\(集团\\))?(科技|信息技术|银行|贸易)?(有限公司|有限责任公司|店|公安局|村委会)?(深圳分公司|天河支行)?(（已注销）)?"
            .prop_map(Value::String),
        "[0-9A-HJ-NP-RT-UW-YOISZ-]{15,20}".prop_map(Value::String),
        "(91440101MA5000030P|9135OlOOMOOOlOOY43|440100000123456|440106880315002|440106198803150021|71526726-X)".prop_map(Value::String),
        "[0-9]{1,9}(\\.[0-9]{1,3})?(万|亿)?(元|美元|人民币)?".prop_map(Value::String),
        "(19|20)[0-9]{2}[-/.年][0-9]{1,2}([-/.月][0-9]{1,2}日?)?".prop_map(Value::String),
        "(存续|吊销|6510|I65|制造业|1130|有限责任公司|020-8[0-9]{7}|天河区|440681)".prop_map(Value::String),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
    ]
}

/// Records of every column but the address, whose ladder is tried with people.
fn records() -> impl Strategy<Value = RawRecord> {
    let columns: Vec<&'static str> =
        LegalPersons.columns().iter().map(|column| column.name).filter(|column| *column != "address").collect();
    prop::collection::vec(prop::option::of(texts()), columns.len())
        .prop_map(move |values| columns.iter().zip(values).filter_map(|(column, value)| Some(((*column).to_owned(), value?))).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn reading_what_was_understood_changes_nothing_more(record in records()) {
        let parsed = LegalPersons.parse(&record, &CONTEXT);
        let again = parsed.attributes.iter().map(|(column, value)| (column.to_owned(), Value::String(value.to_owned()))).collect();
        prop_assert_eq!(LegalPersons.parse(&again, &CONTEXT).attributes, parsed.attributes);
    }

    #[test]
    fn a_strong_key_is_always_a_feature_and_a_search_key(record in records()) {
        let attributes = LegalPersons.parse(&record, &CONTEXT).attributes;
        let (features, tokens) = (LegalPersons.features(&attributes), LegalPersons.search_tokens(&attributes));
        if let Some(code) = LegalPersons.strong_identifier(&attributes) {
            prop_assert!(features.contains(&("uscc", code.clone())));
            prop_assert!(tokens.contains(&("number", code)));
        }
        prop_assert!(features.iter().all(|(_, value)| !value.is_empty()), "{features:?}");
        prop_assert!(tokens.iter().all(|(_, value)| !value.is_empty()), "{tokens:?}");
    }

    #[test]
    fn a_legal_person_is_found_by_what_is_shown(record in records()) {
        let attributes = LegalPersons.parse(&record, &CONTEXT).attributes;
        let tokens = LegalPersons.search_tokens(&attributes);
        for (field, column) in [("name", "name"), ("number", "uscc"), ("number", "registration_number"), ("number", "legal_representative_id")] {
            let Some(shown) = attributes.get(column) else { continue };
            let query = LegalPersons.search_query(field, shown);
            prop_assert!(query.is_empty() || query.iter().any(|token| tokens.contains(token)), "{field}: {query:?} {tokens:?}");
        }
    }
}
