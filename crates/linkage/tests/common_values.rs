//! How much does a common value count, and a rare one?

use std::sync::Arc;

use jiku_linkage::{MatchIndex, Model, Records, compare};

/// Given names and surnames, which `swapped` looks at together; `michael` is a common given name and a rare surname.
const NAMES: &str = r#"
    name = "names"
    version = 0
    prior = 0.001
    link = 2.0
    review = -20.0
    [[blocking]]
    name = "all"
    key = "all()"
    [[comparison]]
    name = "given"
    fields = ["given"]
    term-frequency = "given"
    level = [{ name = "same", when = "same(given)", m = 0.8, u = 0.01, term-frequency = 1.0 }, { name = "different", m = 0.2, u = 0.99 }]
    [[comparison]]
    name = "surname"
    fields = ["surname"]
    term-frequency = "surname"
    level = [{ name = "same", when = "same(surname)", m = 0.8, u = 0.01, term-frequency = 1.0 }, { name = "different", m = 0.2, u = 0.99 }]
    [[comparison]]
    name = "order"
    fields = ["given", "surname"]
    level = [{ name = "swapped", when = "swapped(given, surname)", m = 0.02, u = 0.001 }, { name = "in place", m = 0.98, u = 0.999 }]
    [[comparison]]
    name = "namesakes"
    fields = ["given"]
    level = [{ name = "common", when = "share(given) >= 300000", m = 0.5, u = 0.5 }, { name = "rare", m = 0.5, u = 0.5 }]
    [term-frequency.given]
    floor = 0.001
    values = { michael = 0.4 }
    [term-frequency.surname]
    floor = 0.001
    values = { michael = 0.002 }
"#;

#[test]
fn a_name_is_as_common_as_the_table_of_its_own_field_says() {
    let model = Model::from_toml(NAMES).expect("well formed");
    let named = |given: &str, surname: &str| vec![("given", given.to_owned()), ("surname", surname.to_owned())];
    let mut index = MatchIndex::new(Arc::new(model.clone()));
    for (given, surname, other, same) in [("michael", "alpha", "omega", 0.4), ("omega", "michael", "alpha", 0.002_f32)] {
        let pair =
            if given == "michael" { [named(given, surname), named(given, other)] } else { [named(given, surname), named(other, surname)] };
        // The prior, one name the same and one different, and in their place.
        let expected = (0.001 / 0.999 * 0.8 / same * 0.2 / 0.99 * 0.98 / 0.999_f32).log2();
        index.insert(0, &pair[0]);
        let mut records = Records::new(&model);
        pair.iter().for_each(|features| records.push(&model, features));
        let kept = records.explain(&model, 0, 1);
        records.take_frequencies(&model);
        let of_index = index.score(&pair[1], 0).expect("there");
        for scored in [compare(&model, &pair[0], &pair[1]), of_index, kept, records.explain(&model, 0, 1)] {
            assert!((scored.weight - expected).abs() < 0.01, "{given} {surname}: {}, not {expected}", scored.weight);
            assert_eq!(scored.levels[3], u8::from(given != "michael"), "share(given) looks at given names");
        }
    }
}

#[test]
fn a_nearly_equal_common_name_weighs_no_more_than_an_equal_one() {
    let model = r#"
        name = "ladder"
        version = 0
        prior = 0.01
        link = 2.0
        review = -20.0
        [[blocking]]
        name = "all"
        key = "all()"
        [[comparison]]
        name = "given"
        fields = ["given"]
        term-frequency = "given"
        level = [
          { name = "same", when = "same(given)", m = 0.7162, u = 0.004226, term-frequency = 1.0 },
          { name = "one slip apart", when = "osa(given) <= 1", m = 0.2326, u = 0.001815, term-frequency = 0.5 },
          { name = "different", m = 0.05, u = 0.99 },
        ]
        [term-frequency.given]
        floor = 0.0004092
        values = { michael = 0.01718 }
    "#;
    let model = Model::from_toml(model).expect("well formed");
    let given = |name: &str| [("given", name.to_owned())];
    let weight = |left: &str, right: &str| compare(&model, &given(left), &given(right)).weight;
    assert_eq!(weight("michael", "michaela"), weight("michael", "michael"));
    assert!(weight("oswin", "oswina") < weight("oswin", "oswin"));
}
