//! Which division does a field of a record tell, by a code of any length or by its name?

use super::{DIVISIONS, Division, Level, children, find, groups_a_city, named, number, short_name, was_also, was_ever};
use crate::simplified::simplify;

/// A division as a field tells it: a code of two to twelve digits or a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DivisionReading {
    /// The canonical code: six digits, or nine or twelve when the field told as much.
    pub code: String,
    /// What is wrong with the township that a code of more than six digits tells.
    pub township: Option<TownshipFault>,
    /// Whether the division is not in force any more.
    pub historical: bool,
    /// Whether more than form had to be repaired (padding, a name looked up).
    pub repaired: bool,
}

/// Why a code does not say which township is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TownshipFault {
    /// The county has no township of this code.
    Unknown,
    /// Two townships of the county have this code: one in the list of civil affairs, the other in that of the Bureau of Statistics.
    Ambiguous,
}

/// Reads the field `division` of a record. None when the text names no division or more than one.
#[must_use]
pub fn read(text: &str) -> Option<DivisionReading> {
    let compact = crate::characters::compact_number(text);
    if !compact.is_empty() && compact.bytes().all(|byte| byte.is_ascii_digit()) {
        return read_code(&compact);
    }
    let name = simplify(&compact).into_owned();
    let mut found = named(&name);
    if let (Some(division), None) = (found.next(), found.next())
        && was_also(division, &name).is_empty()
    {
        return Some(DivisionReading { code: division.code.to_owned(), township: None, historical: false, repaired: true });
    }
    let address = crate::address::Address::parse(&name);
    let code = address.code().filter(|_| address.is_division_only())?;
    let historical = address.has(crate::address::Remark::HistoricalDivision);
    Some(DivisionReading { code: code.to_owned(), township: None, historical, repaired: true })
}

fn read_code(digits: &str) -> Option<DivisionReading> {
    let padded = match digits.len() {
        2 | 4 => format!("{digits:0<6}"),
        6 | 9 | 12 => digits.to_owned(),
        _ => return None,
    };
    let county = &padded[..6];
    if !was_ever(number(county)) {
        let city = || format!("{}00", &county[..4]);
        return groups_a_city(number(county)).then(|| DivisionReading { code: city(), township: None, historical: false, repaired: true });
    }
    let historical = find(county).is_none();
    let code = padded.strip_suffix("000000").filter(|rest| rest.len() == 6).unwrap_or(&padded);
    let code = code.strip_suffix("000").filter(|rest| rest.len() >= 6).unwrap_or(code);
    let (code, township) = match township_of(code) {
        Ok(code) => (code, None),
        Err(fault) => (code, Some(fault)),
    };
    Some(DivisionReading { code: code.to_owned(), township, historical, repaired: code != digits })
}

/// A township as a code of nine digits or more tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Township<'c> {
    /// One of the list.
    Listed(&'static Division),
    /// The nine digits, of one that no list has, or that two lists have for two townships: another code is another place, and no name is its own.
    Coded(&'c str),
}

/// The township that the canonical code of a division tells.
///
/// ```
/// use jiku_text::divisions::{Township, township};
/// assert!(matches!(township("440113002"), Some(Township::Listed(found)) if found.name == "沙湾街道"));
/// assert_eq!(township("440113007"), Some(Township::Coded("440113007")));
/// assert_eq!(township("440113"), None);
/// ```
#[must_use]
pub fn township(code: &str) -> Option<Township<'_>> {
    let told = code.get(..9)?;
    let listed = find(told).filter(|_| township_of(told).is_ok());
    Some(listed.map_or(Township::Coded(told), Township::Listed))
}

/// The code of a division by the list, told as a code of six digits or more: one of the Bureau of Statistics becomes that of the township of its name.
fn township_of(code: &str) -> Result<&str, TownshipFault> {
    let (county, Some(told)) = (&code[..6], code.get(..9)) else { return Ok(code) };
    let is_township = |found: &&'static Division| found.level == Level::Township;
    if !children(county).any(|found| is_township(&found)) {
        return Ok(code);
    }
    match (find(told), DIVISIONS.statistical.get(told)) {
        (Some(listed), Some(name)) if short_name(listed.name) != short_name(name) => Err(TownshipFault::Ambiguous),
        (Some(_), _) => Ok(code),
        (None, Some(name)) => {
            // A farm, a park or a zone that the list has not is known by its code alone.
            Ok(children(county).find(|found| is_township(found) && found.name == *name).map_or(code, |found| found.code))
        }
        (None, None) => Err(TownshipFault::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_township_goes_by_either_code_where_one_town_alone_has_it() {
        let read = |code: &str| read(code).map(|reading| (reading.code, reading.township)).expect("a division");
        assert_eq!(read("440113007"), ("440113007".to_owned(), Some(TownshipFault::Ambiguous)), "桥南街道, and 市桥街道 in the statistics");
        assert_eq!(read("440113002"), ("440113002".to_owned(), None), "沙湾街道 in the list alone");
        assert_eq!(read("440113120"), ("440113102".to_owned(), None), "石碁镇 in the statistics");
        assert_eq!(read("440113120001"), ("440113102".to_owned(), None), "a village of it, whose number goes with the code of the town");
        assert_eq!(read("440113999"), ("440113999".to_owned(), Some(TownshipFault::Unknown)));
        assert_eq!(read("110101999"), ("110101999".to_owned(), None), "no townships are listed there");
    }

    #[test]
    fn a_field_may_hold_a_code_or_a_name() {
        let code = |text: &str| read(text).map(|reading| (reading.code, reading.historical));
        assert_eq!(code("440106"), Some(("440106".to_owned(), false)));
        assert_eq!(code("44"), Some(("440000".to_owned(), false)));
        assert_eq!(code("440106000000"), Some(("440106".to_owned(), false)));
        assert_eq!(code("440681"), Some(("440681".to_owned(), true)));
        assert_eq!(code("天河区"), Some(("440106".to_owned(), false)));
        assert_eq!(code("广东省广州市天河区"), Some(("440106".to_owned(), false)));
        assert_eq!(code("朝阳区"), None);
        for (name, expected) in [
            ("连南县", Some("441826")),
            ("连南自治县", Some("441826")),
            ("连南", Some("441826")),
            ("乳源县", Some("440232")),
            ("湘西州", Some("433100")),
            ("湖南省湘西州", Some("433100")),
            ("四川省阿坝州红原县", Some("513233")),
            ("鄂温克旗", Some("150724")),
            ("新疆巴州", Some("652800")),
            ("三江县", Some("450226")),
            // 三江镇 goes by it too.
            ("三江", None),
            // 东乡区 of Jiangxi was called so.
            ("东乡县", None),
            ("江西省东乡县", Some("361003")),
            ("甘肃省东乡县", Some("622926")),
        ] {
            assert_eq!(code(name).map(|(code, _)| code).as_deref(), expected, "{name}");
        }
        assert_eq!(code("990000"), None);
    }

    #[test]
    fn the_districts_of_a_city_together_are_told_as_the_city() {
        let reading = read("440301").expect("a division");
        assert_eq!((reading.code.as_str(), reading.historical, reading.repaired), ("440300", false, true));
    }
}
