//! Which names begin with what somebody has typed so far?
//!
//! A name of three to eight characters is found by its first two and three as well, in characters and by their reading. Whole names
//! of companies begin with a place, which thousands share: of those the shorter forms count.

use jiku_model::{Kind, SearchToken};
use jiku_text::characters::is_han;
use jiku_text::{divisions, organisation_name, person_name, reading};

/// The field one searches by.
pub(crate) const FIELD: &str = "name_begins";

/// How many characters a name has that is found by its beginning.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=8;

/// The beginnings of the names among a record's search tokens.
pub(crate) fn of(kind: Kind, tokens: &[SearchToken]) -> Vec<SearchToken> {
    let mut beginnings = Vec::new();
    for (_, name) in tokens.iter().filter(|(field, _)| *field == "name") {
        let ends: Vec<usize> = name.char_indices().map(|(at, _)| at).collect();
        if kind == Kind::Parcel || !LENGTHS.contains(&ends.len()) || !name.chars().take(3).all(is_han) {
            continue;
        }
        for end in ends[2..].iter().take(2) {
            let beginning = &name[..*end];
            let read = if kind == Kind::Person { person_name::full_reading(beginning) } else { reading::readings(beginning) };
            beginnings.extend([(FIELD, beginning.to_owned()), (FIELD, read)]);
        }
    }
    beginnings
}

/// What was typed, as one of these beginnings; `whole` is how the kind reads it as a name or, in letters, as its reading. Of what a company is
/// called, what stands after its place counts as well; a place alone is no beginning.
pub(crate) fn asked(kind: Kind, text: &str, whole: impl Fn(&str) -> Vec<SearchToken>) -> Vec<SearchToken> {
    let field = if text.chars().any(is_han) { "name" } else { "pinyin" };
    let mut asked: Vec<SearchToken> =
        whole(field).into_iter().filter(|(read_as, _)| *read_as == field).map(|(_, typed)| (FIELD, typed)).collect();
    if kind == Kind::LegalPerson {
        let name = organisation_name::normalise(text);
        if divisions::named(&name).next().is_some() {
            return Vec::new();
        }
        let after_place = name.strip_prefix(organisation_name::parse(&name).division).unwrap_or(&name);
        asked.extend(after_place.chars().nth(1).map(|_| (FIELD, after_place.to_owned())));
    }
    asked.sort_unstable();
    asked.dedup();
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: Kind, name: &str, expected: &[&str]) {
        let beginnings = of(kind, &[("name", name.to_owned()), ("pinyin", "x".to_owned())]);
        assert_eq!(beginnings.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), expected, "{name}");
    }

    #[test]
    fn a_name_begins_with_its_first_two_and_three_characters() {
        check(Kind::Person, "龚德菲", &["龚德", "gongde"]);
        check(Kind::Person, "欧阳小兰", &["欧阳", "ouyang", "欧阳小", "ouyangxiao"]);
        check(Kind::Person, "单雄信", &["单雄", "shanxiong"]);
        check(Kind::LegalPerson, "云山科技", &["云山", "yunshan", "云山科", "yunshanke"]);
        for (kind, name) in [(Kind::Person, "张伟"), (Kind::Person, "ANNA SMITH"), (Kind::Parcel, "张伟强")] {
            check(kind, name, &[]);
        }
        check(Kind::LegalPerson, "广州市云山科技有限公司", &[]);
    }

    #[test]
    fn a_company_is_asked_for_with_or_without_its_place() {
        let asked = |text: &str| -> Vec<String> {
            let typed =
                super::asked(Kind::LegalPerson, text, |field| vec![(if field == "name" { "name" } else { "pinyin" }, text.to_owned())]);
            typed.into_iter().map(|(_, name)| name).collect()
        };
        assert_eq!(asked("云山"), ["云山"]);
        assert_eq!(asked("广州云山"), ["云山", "广州云山"]);
        assert_eq!(asked("广州"), [""; 0], "thousands begin so");
    }
}
