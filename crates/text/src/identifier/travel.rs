//! Which other documents name a person, and what shape do their numbers have?

use std::str::FromStr;

use super::{CitizenNumber, Fault, Reading, Repair};
use crate::characters::{compact_number, is_han, is_masked};

/// Which document a number is of, as far as its shape or the record tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TravelKind {
    /// Mainland travel permit of a Hong Kong or Macao resident (港澳居民来往内地通行证): H or M and eight digits; the
    /// issue count of older cards is left out, since it changes with every card.
    HongKongMacaoPermit,
    /// Mainland travel permit of a Taiwan resident (台湾居民来往大陆通行证): eight digits, older ones ten.
    TaiwanPermit,
    /// Chinese ordinary passport: E and eight characters, older ones G and eight digits.
    ChinesePassport,
    /// Any other document: letters and digits, with the words of a domestic one.
    Other,
}

/// The number of a passport, a permit or another document that names a person; none of them has a check character outside the
/// machine-readable zone but the identity cards of Hong Kong and Taiwan.
///
/// `FromStr` takes the canonical form of what is known by its shape; [`TravelDocument::read`] takes any spelling, and the type that the record
/// tells. The raw text is the caller's to keep.
///
/// ```
/// use jiku_text::identifier::{Fault, Repair, TravelDocument, TravelKind};
/// let reading = TravelDocument::read(None, "e 1234 5678")?;
/// assert_eq!((reading.value.kind(), reading.value.number(), reading.repair), (TravelKind::ChinesePassport, "E12345678", Repair::Form));
/// assert_eq!("E12345678".parse(), Ok(reading.value));
/// assert_eq!("E 1234 5678".parse::<TravelDocument>(), Err(Fault::Charset));
/// # Ok::<(), Fault>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TravelDocument {
    kind: TravelKind,
    number: String,
}

impl TravelDocument {
    /// Reads a number by its document type (a code of the GA/T 517 family) or, without one, by its shape.
    ///
    /// A number of eight or ten digits without a type is not taken for a Taiwan permit: too much else looks so.
    ///
    /// # Errors
    /// [`Fault::Empty`], [`Fault::Masked`], [`Fault::Placeholder`]: nothing of a number is there. [`Fault::Length`]: no document has so few or so
    /// many characters. [`Fault::Charset`]: signs, words of no domestic document, or no digit.
    pub fn read(document_type: Option<&str>, text: &str) -> Result<Reading<Self>, Fault> {
        let value = Self::recognise(document_type, text)?;
        let repair = if value.number == text { Repair::None } else { Repair::Form };
        Ok(Reading { value, repair })
    }

    fn recognise(document_type: Option<&str>, text: &str) -> Result<Self, Fault> {
        let mut number = compact_number(text);
        if number.is_empty() {
            return Err(Fault::Empty);
        }
        if is_masked(&number) {
            return Err(Fault::Masked);
        }
        // The check character of a Hong Kong or Macao identity card stands in brackets: A123456(3).
        let mut check_apart = false;
        if let Some((main, check)) = number.split_once(['(', '（']).filter(|(main, _)| matches!(main.len(), 7 | 8))
            && let Some(check) = check.strip_suffix([')', '）']).filter(|check| check.len() == 1)
        {
            number = format!("{main}{check}");
            check_apart = true;
        }
        // Cards of Macao from before 2002 part it with strokes: 1/234567/8 is 1234567(8).
        if let [first, main, check] = number.split('/').collect::<Vec<_>>()[..]
            && (first.len(), main.len(), check.len()) == (1, 6, 1)
        {
            number = format!("{first}{main}{check}");
            check_apart = true;
        }
        let bytes = number.as_bytes();
        let digits = |from: usize| bytes.len() > from && bytes[from..].iter().all(u8::is_ascii_digit);
        let fault = match bytes {
            _ if !bytes.iter().all(u8::is_ascii_alphanumeric) || !bytes.iter().any(u8::is_ascii_digit) => Some(Fault::Charset),
            _ if !(5..=20).contains(&bytes.len()) => Some(Fault::Length),
            _ if super::is_filler(bytes) => Some(Fault::Placeholder),
            _ => None,
        };
        if let Some(fault) = fault {
            return document_type.and_then(|told| Self::with_words(told, number)).ok_or(fault);
        }
        let permit = matches!(bytes[0], b'H' | b'M') && matches!(bytes.len(), 9 | 11) && digits(1);
        let passport = bytes.len() == 9
            && ((matches!(bytes[0], b'E' | b'G') && digits(1)) || (bytes[0] == b'E' && bytes[1].is_ascii_uppercase() && digits(2)));
        let known = |kind, length: usize| Self { kind, number: number[..length].to_owned() };
        Ok(match document_type {
            Some("516") | None if permit => known(TravelKind::HongKongMacaoPermit, 9),
            Some("511" | "512") if matches!(bytes.len(), 8 | 10) && digits(0) => known(TravelKind::TaiwanPermit, 8),
            Some("414") | None if passport => known(TravelKind::ChinesePassport, 9),
            // The digits of a Macao card are known by its check digit, which stands apart and has to stay so.
            _ if check_apart && digits(0) => {
                let (main, check) = number.split_at(number.len() - 1);
                Self { kind: TravelKind::Other, number: format!("{main}({check})") }
            }
            _ => Self { kind: TravelKind::Other, number },
        })
    }

    /// The numbers of military, police and other domestic documents have words in them: 军字第1234567号.
    fn with_words(document_type: &str, number: String) -> Option<Self> {
        let domestic = matches!(document_type.as_bytes(), [b'1' | b'2', ..]) && !matches!(document_type, "111" | "112" | "113");
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let plausible = digits >= 3 && number.len() <= 60 && number.chars().all(|c| c.is_ascii_alphanumeric() || is_han(c));
        (domestic && plausible && number.chars().any(is_han)).then_some(Self { kind: TravelKind::Other, number })
    }

    /// Whether a number, of which nobody tells the document, has the form that a passport, a permit or the identity card of another place has: so many
    /// letters and digits in such an order, and the digits are no birth date, no division, no cut-off identity number and no counter. Digits alone
    /// are anything's, and so are letters before any digits: A19800406, GD440106, GZ2024001, NO00012345.
    ///
    /// ```
    /// use jiku_text::identifier::TravelDocument;
    /// assert!(TravelDocument::is_shaped("A1234563") && TravelDocument::is_shaped("C01X00T47"));
    /// assert!(!TravelDocument::is_shaped("19800406") && !TravelDocument::is_shaped("GD440106"));
    /// ```
    #[must_use]
    pub fn is_shaped(number: &str) -> bool {
        let digits = digits_of(number);
        let is_known = FORMS.contains(&form_of(number).as_str()) || is_german(number) || taiwan_check(number) == Some(true);
        is_known && !is_common(&digits) && !CitizenNumber::is_cut_off(&digits) && !is_count_of_a_year(&digits) && !is_example(number)
    }

    /// Whether a number has the form of a document of which the type is told: as many letters and digits as it has at least, and in the digits no
    /// birth date, division or counter. Cards of soldiers and of the police have words in their numbers, a driving licence has its holder's number.
    #[must_use]
    pub fn is_shaped_as(document_type: &str, number: &str) -> bool {
        let digits = digits_of(number);
        let (length, is_digits) = (number.chars().count(), digits.len() == number.len());
        if number.chars().any(is_han) {
            return digits.len() >= 5;
        }
        let fits = match document_type {
            "516" => matches!(form_of(number).as_str(), "A8" | "A10") && number.starts_with(['H', 'M']),
            "511" | "512" => digits.len() >= 8,
            "411" | "412" | "413" | "414" | "415" | "418" | "419" | "420" | "421" | "423" => {
                (7..=10).contains(&length) && if is_digits { matches!(length, 8 | 9) } else { digits.len() >= 4 }
            }
            "114" | "115" | "118" | "119" | "120" | "122" | "123" => false,
            "335" => false,
            _ => length >= 7 && digits.len() >= if is_digits { 8 } else { 6 },
        };
        fits && !is_common(&digits) && !(is_digits && is_count_of_a_year(&digits))
    }

    /// Whether the check character of a Hong Kong identity card fits, of a number that is written as one is, with the check character in
    /// brackets: `A123456(3)`. None of any other number: Macao has published no rule for its own.
    ///
    /// The letters count from 10, a missing first one 36; the weights run from 9 to 2, and the sum with the check character is a multiple of 11,
    /// in which A is ten (Hong Kong Immigration Department, as the Inland Revenue Department's forms check it).
    #[must_use]
    pub fn hong_kong_check(text: &str) -> Option<bool> {
        let number = compact_number(text);
        let (main, check) = number.strip_suffix([')', '）'])?.split_once(['(', '（'])?;
        let digits = main.trim_start_matches(|c: char| c.is_ascii_uppercase());
        let letters = &main[..main.len() - digits.len()];
        let is_shaped = matches!(letters.len(), 1 | 2) && digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        let check = match check.as_bytes() {
            [digit @ b'0'..=b'9'] => u32::from(digit - b'0'),
            b"A" => 10,
            _ => return None,
        };
        if !is_shaped {
            return None;
        }
        let value = |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 });
        let missing = if letters.len() == 1 { Some(36) } else { None };
        let sum: u32 = missing.into_iter().chain(main.bytes().map(value)).zip((2..=9).rev()).map(|(value, weight)| value * weight).sum();
        Some((sum + check).is_multiple_of(11))
    }

    /// Which document it is of.
    #[must_use]
    pub const fn kind(&self) -> TravelKind {
        self.kind
    }

    /// The document type, when the kind tells one.
    #[must_use]
    pub const fn type_code(&self) -> Option<&'static str> {
        match self.kind {
            TravelKind::HongKongMacaoPermit => Some("516"),
            TravelKind::TaiwanPermit => Some("511"),
            TravelKind::ChinesePassport => Some("414"),
            TravelKind::Other => None,
        }
    }

    /// The canonical number.
    #[must_use]
    pub fn number(&self) -> &str {
        &self.number
    }
}

impl FromStr for TravelDocument {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        let Reading { value, repair } = Self::read(None, text)?;
        if repair == Repair::None { Ok(value) } else { Err(Fault::Charset) }
    }
}

impl std::fmt::Display for TravelDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.number)
    }
}

impl TryFrom<String> for TravelDocument {
    type Error = Fault;

    fn try_from(text: String) -> Result<Self, Fault> {
        text.parse()
    }
}

/// The forms of passports and cards in letters (A) and counted digits: of most states one or two letters and seven or eight digits, of Canada, New Zealand
/// and Brazil two and six, of Spain and Argentina three and six, of Singapore and the Philippines a letter behind them, of Canada since 2023 two, of
/// Korea since 2021 a letter among them, of France two; of Hong Kong a letter, six digits and the check character.
const FORMS: [&str; 11] = ["A7", "A8", "A10", "AA7", "AA6", "AAA6", "A7A", "A6A", "A6AA", "A3A4", "2AA5"];

/// The form of a number: its letters as A, its runs of digits as their lengths. Ten digits have only the permits H and M with the issue count.
fn form_of(number: &str) -> String {
    let mut form = String::with_capacity(number.len());
    let mut run = 0;
    for c in number.chars() {
        if c.is_ascii_digit() {
            run += 1;
            continue;
        }
        if run > 0 {
            form.push_str(&run.to_string());
            run = 0;
        }
        form.push(if c.is_ascii_uppercase() { 'A' } else { c });
    }
    if run > 0 {
        form.push_str(&run.to_string());
    }
    if form == "A10" && !number.starts_with(['H', 'M']) { String::new() } else { form }
}

fn digits_of(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Passports of Germany: a letter and eight letters or digits, without the vowels and those that are mistaken for digits.
fn is_german(number: &str) -> bool {
    const LETTERS: &str = "CFGHJKLMNPRTVWXYZ";
    let is_one = |c: char| c.is_ascii_digit() || LETTERS.contains(c);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    number.len() == 9 && digits >= 4 && number.chars().all(is_one) && number.starts_with(|c| LETTERS.contains(c))
}

/// Whether the check digit of a Taiwan identity card fits: a letter that counts from 10 in an order of its own, 1 or 2, seven digits and the check
/// digit, weighted 1, 9, 8 … 1, 1. None of what is not written as one.
fn taiwan_check(number: &str) -> Option<bool> {
    const LETTERS: &str = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let letter = u32::try_from(LETTERS.find(number.chars().next()?)?).ok()? + 10;
    if form_of(number) != "A9" || !matches!(number.as_bytes().get(1), Some(b'1' | b'2')) {
        return None;
    }
    let digits = number[1..].bytes().map(|byte| u32::from(byte - b'0')).zip([8, 7, 6, 5, 4, 3, 2, 1, 1]);
    let sum: u32 = letter / 10 + letter % 10 * 9 + digits.map(|(digit, weight)| digit * weight).sum::<u32>();
    Some(sum.is_multiple_of(10))
}

/// Whether digits are a birth date, a division, a month, a telephone or a counter, which many have in common.
fn is_common(digits: &str) -> bool {
    let value = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok()).unwrap_or_default();
    let year = (1900..2100).contains(&value(0, 4));
    let is_month = year && matches!(digits.len(), 6 | 8) && (1..=12).contains(&value(4, 6));
    let is_date = is_month && (digits.len() == 6 || (1..=31).contains(&value(6, 8)));
    let is_region = digits.len() == 6 && CitizenNumber::is_cut_off(digits) || digits.len() >= 10 && CitizenNumber::is_cut_off(digits);
    let is_mobile = digits.len() == 11 && digits.starts_with('1');
    is_date || is_region || is_mobile || digits.starts_with("000")
}

/// Whether digits are a year and a counter with zeros before it: 2024001.
fn is_count_of_a_year(digits: &str) -> bool {
    let year = digits.get(..4).and_then(|year| year.parse::<u32>().ok()).unwrap_or_default();
    (1950..2050).contains(&year) && digits.len() >= 7 && digits[4..].starts_with('0')
}

/// Whether it is two letters and the digits as they follow each other: AB123456.
fn is_example(number: &str) -> bool {
    form_of(number) == "AA6" && super::is_filler(&number.as_bytes()[2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_keys_in_the_form_of_a_document_only() {
        for number in [
            "A1234563",
            "TK7654102",
            "C01X00T47",
            "K1234567A",
            "H1234567801",
            "M123A4567",
            "12AB34567",
            "AAB654102",
            "AB654102",
            "A123456789",
        ] {
            assert!(TravelDocument::is_shaped(number), "{number}");
        }
        for number in [
            "A19800406",
            "GZ2024001",
            "XH20240001",
            "ID4401061980",
            "K440106",
            "A440106",
            "GD440106",
            "P13622557788",
            "NO00012345",
            "BH10001",
            "C0001",
            "SB123456789",
            "ABCD1234",
            "HK123456",
            "HK202401",
            "A123456788",
            "12345678",
        ] {
            assert!(!TravelDocument::is_shaped(number), "{number}");
        }
        for (document_type, number, fits) in [
            ("414", "440106", false),
            ("414", "K440106", false),
            ("414", "A19800406", false),
            ("414", "561234567", true),
            ("414", "PX7654321", true),
            ("114", "0012345", false),
            ("114", "军字第1234567号", true),
            ("516", "X0123456701", false),
            ("516", "H0123456701", true),
            ("117", "N440123456", true),
            ("335", "440106955", false),
            ("133", "2024001", false),
        ] {
            assert_eq!(TravelDocument::is_shaped_as(document_type, number), fits, "{document_type} {number}");
        }
    }

    #[track_caller]
    fn check(document_type: Option<&str>, text: &str, expected: Option<(Option<&str>, &str)>) {
        let read = TravelDocument::read(document_type, text).ok().map(|reading| reading.value);
        assert_eq!(read.as_ref().map(|document| (document.type_code(), document.number())), expected, "{text}");
    }

    #[test]
    fn permits_and_passports_are_known_by_their_shape() {
        check(None, "h1234567801", Some((Some("516"), "H12345678")));
        check(None, "E 1234 5678", Some((Some("414"), "E12345678")));
        check(None, "E 8123 4567", Some((Some("414"), "E81234567")));
        check(None, "EA1234567", Some((Some("414"), "EA1234567")));
        check(Some("511"), "0123456701", Some((Some("511"), "01234567")));
        check(None, "K1234567A", Some((None, "K1234567A")));
        check(Some("114"), "军字第1234567号", Some((None, "军字第1234567号")));
        check(Some("990"), "A123456(3)", Some((None, "A1234563")));
        check(None, "a123456（3）", Some((None, "A1234563")));
    }

    #[test]
    fn the_check_character_of_a_hong_kong_card_is_known() {
        for (text, fits) in [
            ("A123456(3)", Some(true)),
            ("a123456（3）", Some(true)),
            ("C668668(E)", None),
            ("AB987654(3)", Some(true)),
            ("Z683365(A)", Some(true)),
            ("A123456(4)", Some(false)),
            ("A123465(3)", Some(false)),
            ("1234567(8)", None),
            ("A1234563", None),
            ("E12345678", None),
        ] {
            assert_eq!(TravelDocument::hong_kong_check(text), fits, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_number_is_told_and_what_was_repaired() {
        for (text, fault) in [
            ("", Fault::Empty),
            (" ", Fault::Empty),
            ("E12****78", Fault::Masked),
            ("E123", Fault::Length),
            ("A12345678901234567890", Fault::Length),
            ("PASSPORT", Fault::Charset),
            ("E1234_678", Fault::Charset),
            ("00000000", Fault::Placeholder),
        ] {
            assert_eq!(TravelDocument::read(None, text), Err(fault), "{text}");
            assert_eq!(text.parse::<TravelDocument>(), Err(fault), "{text}");
        }
        for (text, number, repair) in [
            ("E12345678", "E12345678", Repair::None),
            ("Ｅ１２３４５６７８", "E12345678", Repair::Form),
            ("H1234567801", "H12345678", Repair::Form),
            ("1392671(8)", "1392671(8)", Repair::None),
            ("1/392671/8", "1392671(8)", Repair::Form),
            ("A123456(3)", "A1234563", Repair::Form),
        ] {
            let reading = TravelDocument::read(None, text).expect("a number");
            assert_eq!((reading.value.number(), reading.repair), (number, repair), "{text}");
            assert_eq!(text.parse::<TravelDocument>().is_ok(), repair == Repair::None, "{text}");
        }
    }

    #[test]
    fn words_and_filler_are_no_numbers() {
        for text in ["无", "PASSPORT", "00000000", "1234", "", "军字第1234567号"] {
            check(None, text, None);
        }
        check(Some("114"), "军字第号", None);
    }
}
