//! Does fitting without labels keep namesakes out of the matches, and does blocking say what it reaches?

use jiku_linkage::{Blocking, Model, Records, RuleReach, Training, train};

const MODEL: &str = r#"
name = "people"
version = 1
prior = 1e-3
link = 5.0
review = 0.0
max-block = 1000

[[blocking]]
name = "name"
key = "name"

[[blocking]]
name = "day"
key = "day"

[[comparison]]
name = "name"
fields = ["name"]
term-frequency = "name"
level = [
  { name = "same", when = "same(name)", m = 0.95, u = 1e-3, term-frequency = 1.0 },
  { name = "different", m = 0.05, u = 0.999 },
]

[[comparison]]
name = "day"
fields = ["day"]
level = [{ name = "same", when = "same(day)", m = 0.95, u = 4e-3 }, { name = "different", m = 0.05, u = 0.996 }]

[[comparison]]
name = "town"
fields = ["town"]
level = [{ name = "same", when = "same(town)", m = 0.9, u = 0.1 }, { name = "different", m = 0.1, u = 0.9 }]

[term-frequency.name]
floor = 1e-3
"#;

/// Three hundred people of rare names with two records each, one in thirty on two days, and sixty who are all called 王伟.
fn register(model: &Model) -> Records {
    let mut records = Records::new(model);
    let mut push = |name: String, day: u32, town: u32| {
        records.push(model, &[("name", name), ("day", format!("d{}", day % 250)), ("town", format!("t{}", town % 10))]);
    };
    for person in 0..300 {
        push(format!("n{person}"), person, person);
        push(format!("n{person}"), if person % 30 == 0 { person + 7 } else { person }, person);
    }
    (0..60).for_each(|person| push("王伟".to_owned(), person * 4 + 1, person * 3));
    records
}

#[test]
fn namesakes_are_not_taken_for_matches() {
    // How often two records of one person tell two days, as fitted.
    let other_day = |model: &str, passes: bool| {
        let model = Model::from_toml(model).expect("a model");
        let mut records = register(&model);
        let blocking = Blocking::new(&model, &records);
        let training = Training { passes, belief_share: 0.0, belief_u: 1e12, ..Training::default() };
        let (fitted, _) = train(&model, &mut records, &blocking, &training, &|_| {}).expect("a model that can be fitted");
        fitted.file().comparison[1].level[1].m
    };
    let blindly = MODEL.replace(", term-frequency = 1.0", "");
    let (heeding, blind) = (other_day(MODEL, false), other_day(&blindly, false));
    assert!((0.02..0.12).contains(&heeding), "one match in thirty tells two days, fitted {heeding}");
    assert!(blind > 3.0 * heeding, "taking namesakes for matches makes it {blind} instead of {heeding}");
    let in_passes = other_day(&blindly, true);
    assert!((0.02..0.12).contains(&in_passes), "in passes over what few share, namesakes are not met: {in_passes}");
}

#[test]
fn what_strangers_often_share_is_the_tables_matter() {
    // The written share of equal towns is a hundredth of the table's, that of equal names a thousand times what random pairs can show.
    let text = MODEL
        .replace("u = 0.1 }", "u = 0.001 }")
        .replace("u = 1e-3, term", "u = 1e-9, term")
        .replace("link = 5.0", "link = 5.0\nlink-fitted = 2.0");
    let model = Model::from_toml(&text).expect("a model");
    let mut records = register(&model);
    let blocking = Blocking::new(&model, &records);
    let training = Training { random_pairs: 50_000, belief_share: 0.0, belief_u: 0.0, hits_u: 5.0, ..Training::default() };
    let (fitted, _) = train(&model, &mut records, &blocking, &training, &|_| {}).expect("a model that can be fitted");
    let u = |comparison: usize| fitted.file().comparison[comparison].level[0].u;
    assert!((0.06..0.14).contains(&u(2)), "one pair of strangers in ten shares a town, fitted {}", u(2));
    assert!(u(0) < 1e-6, "a name that few share stays rare, fitted {}", u(0));
    assert_eq!((fitted.link_threshold(), fitted.file().link_fitted), (2.0, None), "its probabilities are the table's own");
}

#[test]
fn matches_that_differ_in_much_that_strangers_hardly_share_are_told() {
    let comparison = |field: &str| {
        format!(
            "[[comparison]]\nname = \"{field}\"\nfields = [\"{field}\"]\nlevel = [{{ name = \"same\", when = \"same({field})\", m = 0.95, u = 1e-5 }}, \
             {{ name = \"different\", m = 0.05, u = 0.99999 }}]\n"
        )
    };
    let fields = ["number", "day", "phone", "street"];
    let head = MODEL.split("[[comparison]]").next().expect("a beginning").replace("key = \"name\"", "key = \"number\"");
    let model = Model::from_toml(&(head + &fields.map(comparison).concat())).expect("a model");
    // What share of a person's two records differs in each field but the number.
    let doubtful = |percent: u32| {
        let mut records = Records::new(&model);
        for person in 0..300_u32 {
            for copy in 0..2 {
                let value = |at: u32| if copy == 1 && (person * 37 + at * 13) % 100 < percent { person + 1_000 * at } else { person };
                records
                    .push(&model, &[0, 1, 2, 3].map(|at| (fields[at as usize], format!("{}", if at == 0 { person } else { value(at) }))));
            }
        }
        let blocking = Blocking::new(&model, &records);
        let (fitted, report) = train(&model, &mut records, &blocking, &Training::default(), &|_| {}).expect("a model that can be fitted");
        (report.doubtful.into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(" "), fitted.link_threshold())
    };
    assert_eq!(doubtful(5), (String::new(), model.link_threshold()));
    // What is doubtful is linked from a high weight on only.
    assert_eq!(doubtful(45), ("day phone street".to_owned(), 10.0));
}

#[test]
fn blocking_says_which_pairs_it_reaches() {
    let model = Model::from_toml(MODEL).expect("a model");
    let mut records = Records::new(&model);
    for (name, day) in [("a", "1"), ("a", "1"), ("b", "1"), ("a", "2"), ("c", "3")] {
        records.push(&model, &[("name", name.to_owned()), ("day", day.to_owned())]);
    }
    let blocking = Blocking::new(&model, &records);
    let reach = blocking.reach([(0, 1), (0, 2), (0, 3), (0, 4)]);
    assert_eq!(blocking.reached(&[vec![0, 1, 2], vec![3], vec![0, 4]], None), (3, 4));
    assert_eq!(blocking.reached(&[vec![0, 1, 2], vec![3], vec![0, 4]], Some(1)), (2, 3));
    let rule = |pairs, new, alone| RuleReach { pairs, new, alone };
    assert_eq!((reach.pairs, reach.rules), (4, vec![rule(2, 2, 1), rule(2, 1, 1)]));
}
