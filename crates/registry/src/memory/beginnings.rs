//! Which names begin with what somebody has typed so far?
//!
//! The name of a person, of three to eight characters, is found by its first two and three as well, in characters and by their reading. The
//! name of a company is found by any beginning of two characters, letters or first letters and more: of the name as it is registered, of
//! what stands after its place, and of that with one place in short before it. The index has some of these beginnings; whoever typed more than
//! the longest of them is told the names after they were looked at.

use std::ops::Range;

use jiku_model::{Attributes, Kind, SearchToken};
use jiku_text::characters::is_han;
use jiku_text::reading::{self, Way};
use jiku_text::{divisions, organisation_name, person_name, simplify};

/// The field one searches by.
pub(crate) const FIELD: &str = "name_begins";

/// How many characters the name of a person has that is found by its beginning.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=8;

/// How a beginning is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Characters,
    /// The readings of the characters run together.
    Letters,
    /// The first letter of each reading.
    FirstLetters,
}

impl Script {
    const ALL: [Self; 3] = [Self::Characters, Self::Letters, Self::FirstLetters];

    const fn field(self) -> &'static str {
        match self {
            Self::Characters => FIELD,
            Self::Letters => "pinyin_begins",
            Self::FirstLetters => "initials_begins",
        }
    }

    /// How long the beginnings are that the index has. The longer ones go beyond a place of two characters (广州, guangzhou, gz), which
    /// thousands of names share.
    const fn lengths(self) -> &'static [usize] {
        match self {
            Self::Characters => &[2, 3, 4],
            Self::Letters => &[2, 4, 8, 12],
            Self::FirstLetters => &[2, 4, 6],
        }
    }

    /// In every way the trade name may be read.
    fn write(self, Form { text, brand }: &Form) -> Vec<String> {
        if self == Self::Characters {
            return vec![text.clone()];
        }
        let written = reading::ways(text, brand.clone()).into_iter();
        written.map(|Way { letters, initials }| if self == Self::Letters { letters } else { initials }).collect()
    }
}

/// The first characters of a text; none when it has fewer.
fn first(text: &str, length: usize) -> Option<&str> {
    let mut ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.nth(length - 1).map(|end| &text[..end])
}

/// The beginnings of the names among a record's search tokens that the index has.
pub(crate) fn of(kind: Kind, tokens: &[SearchToken]) -> Vec<SearchToken> {
    let names = tokens.iter().filter(|(field, _)| *field == "name").map(|(_, name)| name.as_str());
    match kind {
        Kind::Person => names.flat_map(of_person).collect(),
        Kind::LegalPerson => of_company(names.collect()),
        Kind::Parcel => Vec::new(),
    }
}

fn of_person(name: &str) -> Vec<SearchToken> {
    let length = name.chars().count();
    if !LENGTHS.contains(&length) || !name.chars().take(3).all(is_han) {
        return Vec::new();
    }
    let beginnings = [2, 3].into_iter().filter(|end| *end < length).filter_map(|end| first(name, end));
    beginnings.flat_map(|beginning| [(FIELD, beginning.to_owned()), (FIELD, person_name::full_reading(beginning))]).collect()
}

fn of_company(mut names: Vec<&str>) -> Vec<SearchToken> {
    // What a company is called for short mostly begins its name: the longest names first.
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut forms: Vec<Form> = Vec::new();
    for name in names {
        if !forms.iter().any(|form| form.text.starts_with(name)) {
            forms.extend(forms_of(name));
        }
    }
    let mut tokens = Vec::with_capacity(forms.len() * 10);
    for script in Script::ALL {
        for written in forms.iter().flat_map(|form| script.write(form)) {
            let beginnings = script.lengths().iter().filter_map(|length| first(&written, *length));
            tokens.extend(beginnings.map(|beginning| (script.field(), beginning.to_owned())));
        }
    }
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// A form of a company's name, and where its trade name stands in it.
#[derive(Clone, Debug)]
struct Form {
    text: String,
    brand: Range<usize>,
}

/// The forms of a company's name that somebody may begin to type: the name itself, what stands after its place, and that with each place in
/// short before it (广东省广州市云山…: 云山…, 广东云山…, 广州云山…). Takes a comparison key.
fn forms_of(name: &str) -> Vec<Form> {
    let parts = organisation_name::parse(name);
    let mut forms = vec![name.to_owned()];
    if let Some(after) = name.strip_prefix(parts.division).filter(|after| !parts.division.is_empty() && !after.is_empty()) {
        let ladder = parts.division_code.map(divisions::ladder).unwrap_or_default();
        let places =
            ladder.iter().map(|division| divisions::short_name(division.name)).chain(parts.shared_county.map(divisions::short_name));
        forms.extend(places.filter(|place| parts.division.contains(place)).map(|place| format!("{place}{after}")));
        forms.push(after.to_owned());
        forms.sort_unstable();
        forms.dedup();
    }
    let placed = |text: String| {
        let brand = text.rfind(parts.trade_name).map_or(0..0, |at| at..at + parts.trade_name.len());
        Form { text, brand }
    };
    forms.into_iter().map(placed).collect()
}

/// What was typed of a person's name, as one of these beginnings; `whole` is how the kind reads it as a name or, in letters, as its reading.
pub(crate) fn asked_of_person(text: &str, whole: impl Fn(&str) -> Vec<SearchToken>) -> Vec<SearchToken> {
    let field = if text.chars().any(is_han) { "name" } else { "pinyin" };
    whole(field).into_iter().filter(|(read_as, _)| *read_as == field).map(|(_, typed)| (FIELD, typed)).collect()
}

/// What was typed of a company's name, as it may be meant.
#[derive(Debug)]
pub(crate) struct Typed(Vec<Meant>);

#[derive(Debug, PartialEq, Eq)]
struct Meant {
    script: Script,
    text: String,
    /// Whether it is left over of a text with a place: names with another place are not meant.
    of_no_place: bool,
}

impl Typed {
    /// Reads it: in characters, or as a reading and as first letters. With a place before it, it is meant also with that in short, and without
    /// it where the name has no place.
    pub(crate) fn read(text: &str) -> Self {
        let name = simplify(&organisation_name::normalise(text)).to_uppercase();
        let meant = |script, text, of_no_place| Meant { script, text, of_no_place };
        let mut typed: Vec<Meant> = if name.chars().any(is_han) {
            let short = with_short_place(&name).filter(|short| *short != name);
            let after = name.strip_prefix(organisation_name::parse(&name).division).filter(|after| *after != name).map(str::to_owned);
            let shorter = short.map(|text| meant(Script::Characters, text, false));
            let placeless = after.map(|text| meant(Script::Characters, text, true));
            [Some(meant(Script::Characters, name, false)), shorter, placeless].into_iter().flatten().collect()
        } else {
            let letters = if text.is_ascii() { reading::readings(&name) } else { reading::fold_typed(text) };
            vec![meant(Script::Letters, letters.clone(), false), meant(Script::FirstLetters, letters, false)]
        };
        typed.retain(|meant| meant.text.chars().nth(1).is_some());
        Self(typed)
    }

    /// Whether nothing can be looked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The tokens of the names that begin so, each with whether all of its names do; else they are to be looked at.
    pub(crate) fn tokens(&self) -> impl Iterator<Item = (SearchToken, bool)> {
        self.0.iter().filter_map(|Meant { script, text, of_no_place }| {
            let beginning = script.lengths().iter().rev().find_map(|length| first(text, *length))?;
            Some(((script.field(), beginning.to_owned()), beginning == text && !of_no_place))
        })
    }

    /// Whether a name of this company, or a former one, begins so.
    pub(crate) fn begins(&self, company: &Attributes) -> bool {
        let former = company.get("former_name").into_iter().flat_map(|names| names.split(';'));
        let mut names = company.get("name").into_iter().chain(former);
        names.any(|name| {
            let forms = forms_of(&organisation_name::comparison_key(name));
            let fits = |Meant { script, text, of_no_place }: &Meant| {
                (!of_no_place || forms.len() == 1)
                    && forms.iter().any(|form| script.write(form).iter().any(|written| written.starts_with(text.as_str())))
            };
            self.0.iter().any(fits)
        })
    }
}

/// What begins with places, with the last of them alone and in short before it: 广东省广州市欧 is 广州欧, 湘西州 is 湘西.
fn with_short_place(name: &str) -> Option<String> {
    const LONGEST: usize = 11;
    let (mut place, mut rest) = (None, name);
    while let Some((found, after)) = (2..=LONGEST).rev().find_map(|length| {
        let name = first(rest, length)?;
        Some((divisions::named(name).next()?, &rest[name.len()..]))
    }) {
        (place, rest) = (Some(divisions::short_name(found.name)), after);
    }
    place.map(|place| format!("{place}{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_alone_is_typed_in_any_of_its_forms() {
        let tokens = of(Kind::LegalPerson, &[("name", organisation_name::comparison_key("湘西州乾坤物流有限公司"))]);
        for typed in ["湘西", "湘西州", "湘西州乾", "湘西乾坤"] {
            assert!(Typed::read(typed).tokens().any(|(token, _)| tokens.contains(&token)), "{typed}: {tokens:?}");
        }
    }

    #[track_caller]
    fn check(name: &str, expected: &[&str]) {
        let beginnings = of(Kind::Person, &[("name", name.to_owned()), ("pinyin", "x".to_owned())]);
        assert_eq!(beginnings.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), expected, "{name}");
    }

    #[test]
    fn a_persons_name_begins_with_its_first_two_and_three_characters() {
        check("龚德菲", &["龚德", "gongde"]);
        check("欧阳小兰", &["欧阳", "ouyang", "欧阳小", "ouyangxiao"]);
        check("单雄信", &["单雄", "shanxiong"]);
        check("张伟", &[]);
        check("ANNA SMITH", &[]);
        assert!(of(Kind::Parcel, &[("name", "张伟强".to_owned())]).is_empty());
    }

    #[test]
    fn a_companys_name_is_told_with_and_without_its_place() {
        let forms_of = |name| forms_of(name).into_iter().map(|form| form.text).collect::<Vec<_>>();
        assert_eq!(forms_of("广州欧阳科技有限公司"), ["广州欧阳科技有限公司", "欧阳科技有限公司"]);
        let long = forms_of("广东省广州市欧阳科技有限公司");
        assert_eq!(long, ["广东欧阳科技有限公司", "广东省广州市欧阳科技有限公司", "广州欧阳科技有限公司", "欧阳科技有限公司"]);
        assert_eq!(forms_of("云山科技有限公司"), ["云山科技有限公司"]);
        let shortened =
            [("广州欧", "广州欧"), ("广东省广州市欧阳", "广州欧阳"), ("广州", "广州"), ("湘西州", "湘西"), ("湘西州乾", "湘西乾")];
        for (typed, short) in shortened.map(|(typed, short)| (typed, Some(short))).into_iter().chain([("云山科技", None)]) {
            assert_eq!(with_short_place(typed).as_deref(), short, "{typed}");
        }
    }

    /// Whether the index leads from what was typed to the company, and its names begin so.
    fn finds(name: &str, typed: &str) -> bool {
        let company: Attributes = [("name", name)].into_iter().collect();
        let indexed = of(Kind::LegalPerson, &[("name", organisation_name::comparison_key(name))]);
        let typed = Typed::read(typed);
        let led = typed.tokens().any(|(token, _)| indexed.contains(&token));
        let sure = typed.tokens().any(|(token, is_sure)| is_sure && indexed.contains(&token));
        assert!(!sure || typed.begins(&company), "what the index is sure of is so");
        led && typed.begins(&company)
    }

    #[test]
    fn every_beginning_finds_a_company_and_nothing_else_does() {
        let name = "广州欧阳科技有限公司";
        for script in Script::ALL {
            for whole in [name, "欧阳科技有限公司"] {
                for written in forms_of(whole).iter().flat_map(|form| script.write(form)) {
                    for length in 2..=written.chars().count() {
                        let typed = first(&written, length).expect("so long");
                        assert!(finds(name, typed), "{typed}");
                    }
                }
            }
        }
        for typed in ["广州市欧", "广东省广州市欧阳", "GUANGZHOU OU", "Guǎngzhōu Ōuyáng", "广州歐陽"] {
            assert!(finds(name, typed), "{typed}");
        }
        let long = "广东省广州市欧阳科技有限公司";
        for typed in ["广州欧", "广东欧阳", "广东省广", "欧阳科", "guangdongsheng", "guangzhouo", "gzoy", "gdsgz", "oykj"] {
            assert!(finds(long, typed), "{typed}");
        }
        for typed in ["chongyang", "zhongyangjiu", "cyjy", "chongqingchongyang", "cqcy", "重庆重阳"] {
            assert!(finds("重庆重阳酒业有限公司", typed), "{typed}");
        }
        assert!(!finds("重庆重阳酒业有限公司", "zhongqing"), "a place has one reading");
        assert!(finds("欧阳科技有限公司", "广州欧阳科"), "the name has no place, and may be of this one");
        for typed in ["广州欧明", "深圳欧阳科", "guangzhouyou", "gzya", "欧阳科学", "阳科"] {
            assert!(!finds(name, typed), "{typed}");
        }
        assert!(Typed::read("广").is_empty() && Typed::read("a").is_empty() && Typed::read("（）").is_empty());
    }
}
