//! Which telephone does a text name?

use std::fmt;
use std::str::FromStr;

use super::{Fault, is_filler};
use crate::characters::{is_han, is_masked, is_space, is_zero_width, narrow};

/// A telephone number in canonical form: `13800138000`, `020-83134762`, `83134762` (area unknown), `4008001234`,
/// `+852-21234567`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone {
    text: String,
    kind: PhoneKind,
}

/// What kind of telephone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PhoneKind {
    /// A mobile of the mainland.
    Mobile,
    /// A fixed line, with or without its area code.
    Fixed,
    /// A service number (400, 800).
    Service,
    /// A number of another country or region.
    Foreign,
}

impl Phone {
    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What kind of telephone.
    #[must_use]
    pub const fn kind(&self) -> PhoneKind {
        self.kind
    }

    /// Whether so many people give this number that it tells none of them: a service number, one of a form's examples, or a run of one digit.
    #[must_use]
    pub fn is_nobodys(&self) -> bool {
        let digits: Vec<u8> = self.text.bytes().filter(u8::is_ascii_digit).collect();
        let tail = digits.len().checked_sub(8).map_or(&[][..], |at| &digits[at..]);
        self.kind == PhoneKind::Service || self.text == "13800138000" || is_filler(tail)
    }

    /// What the number shows of who gives it in a city (the first four digits of its division): `phone`, the whole number, with the area code
    /// of the city where a fixed line has none; `line`, the number within its area; or `unplaced`, the number of a line whose area nobody
    /// told: other subscribers have the same in every city.
    #[must_use]
    pub fn shown(&self, city: Option<&str>) -> Vec<(&'static str, String)> {
        if self.kind != PhoneKind::Fixed {
            return vec![("phone", self.text.clone())];
        }
        let (area, line) = self.text.split_once('-').map_or((None, self.text.as_str()), |(area, line)| (Some(area), line));
        let whole = match (area, city) {
            (Some(_), _) => self.text.clone(),
            (None, Some(city)) => format!("{}-{line}", area_of(city).unwrap_or(city)),
            (None, None) => return vec![("unplaced", line.to_owned())],
        };
        vec![("phone", whole), ("line", line.to_owned())]
    }

    /// The four digits of the city in which a fixed line lies, by its area code; of the cities of Guangdong and the municipalities.
    ///
    /// ```
    /// use jiku_text::identifier::Phone;
    /// assert_eq!(Phone::read("0757-83300000").unwrap().city(), Some("4406"));
    /// ```
    #[must_use]
    pub fn city(&self) -> Option<&'static str> {
        let (area, _) = self.text.split_once('-').filter(|_| self.kind == PhoneKind::Fixed)?;
        AREAS.iter().find(|(_, of)| *of == area).map(|(city, _)| *city)
    }

    /// Reads one number with spaces, hyphens, brackets, a country code or an extension (which is left out).
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn read(text: &str) -> Result<Self, Fault> {
        let without_words = without_words(text);
        match Self::read_number(without_words) {
            // 020-83134762-801: an extension behind a hyphen.
            Err(Fault::Length) => match without_words.rsplit_once(['-', '－', '—', '–']) {
                Some((line, extension)) if matches!(extension.trim().len(), 1..=6) => {
                    Self::read_number(line).ok().filter(|line| line.kind != PhoneKind::Mobile).ok_or(Fault::Length)
                }
                _ => Err(Fault::Length),
            },
            read => read,
        }
    }

    fn read_number(text: &str) -> Result<Self, Fault> {
        if text.len() == 11 && is_mobile(text) {
            // 13800000000 is what forms get that insist on a number.
            return if is_filler(&text.as_bytes()[1..]) || text.ends_with("00000000") {
                Err(Fault::Placeholder)
            } else {
                Ok(Self { text: text.to_owned(), kind: PhoneKind::Mobile })
            };
        }
        if is_masked(text) {
            return Err(Fault::Masked);
        }
        let (digits, area_end, plus) = Self::digits(text)?;
        if digits.is_empty() {
            return Err(Fault::Empty);
        }
        if is_filler(digits.as_bytes()) {
            return Err(Fault::Placeholder);
        }
        let national = match digits
            .strip_prefix("0086")
            .or_else(|| digits.strip_prefix("86").filter(|rest| plus || (rest.len() == 11 && is_mobile(rest))))
        {
            Some(rest) => rest,
            None if plus => return foreign(&digits),
            None if digits.starts_with("00") => return foreign(&digits[2..]),
            // Hong Kong and Macao are nearer than the mainland areas that had 0852 and 0853 until 2014.
            None if area_end == Some(3) && digits.len() == 11 && (digits.starts_with("852") || digits.starts_with("853")) => {
                return foreign(&digits);
            }
            None if area_end.is_none() && digits.len() == 11 && (digits.starts_with("8529") || digits.starts_with("8526")) => {
                return foreign(&digits);
            }
            // 86-20-38888888: the country before an area without its zero.
            None if area_end == Some(2) && digits.starts_with("86") && matches!(digits.len(), 12 | 13) => &digits[2..],
            // Taiwan's numbers have seven to nine digits after the area's zero.
            None if area_end == Some(3) && matches!(digits.len(), 11..=13) && digits.starts_with("886") => return foreign(&digits),
            None => &digits,
        };
        let without_zero = national.strip_prefix('0').unwrap_or(national);
        if without_zero.len() == 11 && is_mobile(without_zero) {
            return Self::read_number(without_zero);
        }
        if (national.starts_with("400") || national.starts_with("800")) && national.len() == 10 {
            return Ok(Self { text: national.to_owned(), kind: PhoneKind::Service });
        }
        let fixed = |text: String| Ok(Self { text, kind: PhoneKind::Fixed });
        let with_zero =
            if national.len() < digits.len() && !national.starts_with('0') { format!("0{national}") } else { national.to_owned() };
        if with_zero.starts_with('0') {
            let area = if matches!(with_zero.as_bytes().get(1), Some(b'1' | b'2')) { 3 } else { 4 };
            let rest = with_zero.get(area..).unwrap_or_default();
            return if matches!(rest.len(), 7 | 8) && !rest.starts_with('0') {
                fixed(format!("{}-{rest}", &with_zero[..area]))
            } else {
                Err(Fault::Length)
            };
        }
        match (national.len(), area_end) {
            (7 | 8, _) if matches!(national.as_bytes()[0], b'2'..=b'8') => fixed(national.to_owned()),
            // An area code without its zero, as typed in front of a hyphen: 20-83134762.
            (10..=11, Some(2 | 3)) => Self::read_number(&format!("0{national}")),
            _ => Err(Fault::Length),
        }
    }

    /// Reads the numbers of a field that may hold several (`13800138000/020-83134762`), with what could not be read.
    pub fn read_all(text: &str) -> impl Iterator<Item = Result<Self, Fault>> {
        // 13800138000（父）13900139000（母）: words in brackets part two numbers.
        let parted: String;
        let text = if text.contains(is_han) && text.matches(['(', '（']).count() > 1 {
            parted = text.chars().map(|c| if matches!(c, ')' | '）') { ';' } else { c }).collect();
            &parted
        } else {
            text
        };
        let numbers: Vec<Result<Self, Fault>> = Self::read_parts(text).collect();
        numbers.into_iter()
    }

    fn read_parts(text: &str) -> impl Iterator<Item = Result<Self, Fault>> {
        let separator = |c: char| matches!(c, '/' | ',' | '，' | ';' | '；' | '、' | '|');
        text.split(separator).filter(|part| part.chars().any(|c| !is_space(c))).flat_map(|part| match Self::read(part) {
            // Two numbers with a space or a line break between them, when each is one by itself.
            Err(Fault::Length) => {
                let parts: Result<Vec<Self>, Fault> =
                    part.split(is_space_or_break).filter(|word| !word.is_empty()).map(Self::read).collect();
                parts.map_or_else(|_| vec![Err(Fault::Length)], |phones| phones.into_iter().map(Ok).collect())
            }
            read => vec![read],
        })
    }

    /// The digits, where the first separator stood, and whether a plus sign came first.
    fn digits(text: &str) -> Result<(String, Option<usize>, bool), Fault> {
        let (mut digits, mut first_separator, mut plus) = (String::with_capacity(16), None, false);
        for c in text.chars().map(narrow) {
            match c {
                '0'..='9' => digits.push(c),
                '+' if digits.is_empty() => plus = true,
                '-' | '(' | ')' | '（' | '）' | '—' | '–' | '.' | '\'' => first_separator = first_separator.or(Some(digits.len())),
                // An extension.
                '转' | '轉' | '#' | 'x' | 'X' if digits.len() >= 7 => break,
                _ if is_space(c) || is_zero_width(c) || c.is_control() => {}
                _ => return Err(Fault::Charset),
            }
        }
        Ok((digits, first_separator, plus))
    }
}

/// The area codes of the cities of Guangdong (the long-distance codes of the telephone numbering plan), and of the municipalities.
const AREAS: [(&str, &str); 25] = [
    ("1101", "010"),
    ("1201", "022"),
    ("3101", "021"),
    ("5001", "023"),
    ("4401", "020"),
    ("4402", "0751"),
    ("4403", "0755"),
    ("4404", "0756"),
    ("4405", "0754"),
    ("4406", "0757"),
    ("4407", "0750"),
    ("4408", "0759"),
    ("4409", "0668"),
    ("4412", "0758"),
    ("4413", "0752"),
    ("4414", "0753"),
    ("4415", "0660"),
    ("4416", "0762"),
    ("4417", "0662"),
    ("4418", "0763"),
    ("4419", "0769"),
    ("4420", "0760"),
    ("4451", "0768"),
    ("4452", "0663"),
    ("4453", "0766"),
];

fn area_of(city: &str) -> Option<&'static str> {
    AREAS.iter().find(|(code, _)| *code == city).map(|(_, area)| *area)
}

fn is_space_or_break(c: char) -> bool {
    is_space(c) || c.is_control()
}

/// The text without the words around the number: 手机：…, …（儿子）. Nothing is taken from between digits.
fn without_words(text: &str) -> &str {
    let text = ["tel", "Tel", "TEL", "Mob", "mob", "MOB"].iter().find_map(|word| text.trim_start().strip_prefix(word)).unwrap_or(text);
    let is_word = |c: char| is_han(c) && !matches!(c, '转' | '轉') || is_space_or_break(c) || matches!(c, ':' | '：' | '.');
    let bracket = |c: char| matches!(c, '(' | '（' | ')' | '）');
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        if is_word(first) || bracket(first) && after.starts_with(|c: char| is_word(c)) || matches!(first, ')' | '）') {
            rest = after;
        } else {
            break;
        }
    }
    // Words alone stay what they are.
    let rest = rest.trim_end_matches(|c: char| is_word(c) || bracket(c));
    if rest.is_empty() { text } else { rest }
}

fn is_mobile(digits: &str) -> bool {
    let bytes = digits.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && matches!(bytes[1], b'3'..=b'9') && bytes.iter().all(u8::is_ascii_digit)
}

fn foreign(digits: &str) -> Result<Phone, Fault> {
    let text = match digits {
        _ if !(8..=15).contains(&digits.len()) => return Err(Fault::Length),
        _ if digits.starts_with("852") || digits.starts_with("853") || digits.starts_with("886") => {
            format!("+{}-{}", &digits[..3], &digits[3..])
        }
        _ => format!("+{digits}"),
    };
    Ok(Phone { text, kind: PhoneKind::Foreign })
}

impl FromStr for Phone {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        Self::read(text).and_then(|phone| if phone.text == text { Ok(phone) } else { Err(Fault::Charset) })
    }
}

impl fmt::Display for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, Fault>) {
        assert_eq!(Phone::read(text).map(|phone| phone.to_string()), expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn mobiles_come_to_one_form() {
        for text in [
            "13800138000",
            "+86 138-0013-8000",
            "86 13800138000",
            "0086-13800138000",
            "013800138000",
            "１３８００１３８０００",
            "138 0013 8000",
        ] {
            check(text, Ok("13800138000"));
        }
    }

    #[test]
    fn fixed_lines_come_to_one_form() {
        for text in
            ["020-83134762", "(020)83134762", "02083134762", "020 8313 4762", "+86 20 83134762", "020-83134762转8001", "20-83134762"]
        {
            check(text, Ok("020-83134762"));
        }
        check("0755-12345678", Ok("0755-12345678"));
        check("83134762", Ok("83134762"));
        for text in ["020-83134762-801", "020-83134762－8001", "电话：020-83134762", "(020)83134762（办公室）"] {
            check(text, Ok("020-83134762"));
        }
        check("83134762-8001", Ok("83134762"));
        check("13800138000-8", Err(Fault::Length));
    }

    #[test]
    fn other_networks_keep_their_country() {
        check("+852 2123 4567", Ok("+852-21234567"));
        check("00853-28123456", Ok("+853-28123456"));
        check("400-800-1234", Ok("4008001234"));
        check("852-21234567", Ok("+852-21234567"));
        check("853-28123456", Ok("+853-28123456"));
        check("886-2-27208889", Ok("+886-227208889"));
        check("886-912345678", Ok("+886-912345678"));
    }

    #[test]
    fn a_field_may_hold_several_numbers_and_words() {
        for (text, expected) in [
            ("13800138001（儿子）", vec!["13800138001"]),
            ("手机：13800138001", vec!["13800138001"]),
            ("（家）020-83134762；13800138001", vec!["020-83134762", "13800138001"]),
            ("13800138001 13900139002", vec!["13800138001", "13900139002"]),
            ("020-83134762\n13800138001", vec!["020-83134762", "13800138001"]),
            ("138 0013 8001", vec!["13800138001"]),
            ("13800138001（父）13900139002（母）", vec!["13800138001", "13900139002"]),
            ("tel:13800138001", vec!["13800138001"]),
            ("86-20-38888888", vec!["020-38888888"]),
            ("85291234567", vec!["+852-91234567"]),
        ] {
            let read: Vec<String> = Phone::read_all(text).map(|phone| phone.expect(text).to_string()).collect();
            assert_eq!(read, expected, "{text}");
        }
        assert_eq!(Phone::read_all("13800138001 139").collect::<Vec<_>>(), [Err(Fault::Length)]);
    }

    #[test]
    fn what_is_no_number_has_a_reason() {
        check("1380013800", Err(Fault::Length));
        check("138****8000", Err(Fault::Masked));
        check("11111111111", Err(Fault::Placeholder));
        check("00000000", Err(Fault::Placeholder));
        check("13800000000", Err(Fault::Placeholder));
        check("+86 138-0000-0000", Err(Fault::Placeholder));
        check("无", Err(Fault::Charset));
        check("", Err(Fault::Empty));
    }

    #[test]
    fn numbers_that_forms_get_are_nobodys() {
        for text in ["13800138000", "13888888888", "13912345678", "020-12345678", "4008001234"] {
            assert!(text.parse::<Phone>().is_ok_and(|phone| phone.is_nobodys()), "{text}");
        }
        for text in ["13800138001", "020-83134762", "8313476", "+852-21234567"] {
            assert!(text.parse::<Phone>().is_ok_and(|phone| !phone.is_nobodys()), "{text}");
        }
    }

    #[test]
    fn a_line_without_its_area_is_the_citys() {
        let shown = |text: &str, city: Option<&str>| -> Vec<String> {
            let phone: Phone = text.parse().expect("a number");
            phone.shown(city).into_iter().map(|(name, text)| format!("{name} {text}")).collect()
        };
        assert_eq!(shown("83134762", Some("4401")), ["phone 020-83134762", "line 83134762"]);
        assert_eq!(shown("020-83134762", None), ["phone 020-83134762", "line 83134762"]);
        assert_eq!(shown("83134762", Some("4403")), ["phone 0755-83134762", "line 83134762"]);
        assert_eq!(shown("83134762", Some("4301")), ["phone 4301-83134762", "line 83134762"]);
        assert_eq!(shown("83134762", None), ["unplaced 83134762"]);
        assert_eq!(shown("13800138001", Some("4401")), ["phone 13800138001"]);
    }

    #[test]
    fn canonical_text_reads_back() {
        for text in ["13800138000", "020-83134762", "83134762", "4008001234", "+852-21234567"] {
            assert_eq!(text.parse::<Phone>().map(|phone| phone.to_string()).as_deref(), Ok(text));
        }
    }
}
