//! Which other documents name a person, and what shape do their numbers have?

use crate::characters::{compact_number, is_han};

/// A travel document recognised by the shape of its number; none of them has a check character outside the
/// machine-readable zone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TravelDocument {
    /// Mainland travel permit of a Hong Kong or Macao resident (港澳居民来往内地通行证): H or M and eight digits; the
    /// issue count of older cards is left out, since it changes with every card.
    HongKongMacaoPermit(String),
    /// Mainland travel permit of a Taiwan resident (台湾居民来往大陆通行证): eight digits, older ones ten.
    TaiwanPermit(String),
    /// Chinese ordinary passport: E and eight characters, older ones G and eight digits.
    ChinesePassport(String),
    /// Any other document: letters and digits.
    Other(String),
}

impl TravelDocument {
    /// Recognises a number by its document type (a code of the GA/T 517 family) or, without one, by its shape.
    ///
    /// A number of eight or ten digits without a type is not taken for a Taiwan permit: too much else looks so.
    #[must_use]
    pub fn read(document_type: Option<&str>, text: &str) -> Option<Self> {
        let mut number = compact_number(text);
        // The check character of a Hong Kong or Macao identity card stands in brackets: A123456(3).
        if let Some((main, check)) = number.split_once(['(', '（']).filter(|(main, _)| matches!(main.len(), 7 | 8))
            && let Some(check) = check.strip_suffix([')', '）']).filter(|check| check.len() == 1)
        {
            number = format!("{main}{check}");
        }
        // Cards of Macao from before 2002 part it with strokes: 1/234567/8 is 1234567(8).
        if let [first, main, check] = number.split('/').collect::<Vec<_>>()[..]
            && (first.len(), main.len(), check.len()) == (1, 6, 1)
        {
            number = format!("{first}{main}{check}");
        }
        let bytes = number.as_bytes();
        let digits = |from: usize| bytes.len() > from && bytes[from..].iter().all(u8::is_ascii_digit);
        let plausible =
            (5..=20).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_alphanumeric) && bytes.iter().any(u8::is_ascii_digit);
        if !plausible || super::is_filler(bytes) {
            return Self::with_words(document_type?, number);
        }
        let permit = matches!(bytes[0], b'H' | b'M') && matches!(bytes.len(), 9 | 11) && digits(1);
        let passport = bytes.len() == 9
            && ((matches!(bytes[0], b'E' | b'G') && digits(1)) || (bytes[0] == b'E' && bytes[1].is_ascii_uppercase() && digits(2)));
        Some(match document_type {
            Some("516") | None if permit => Self::HongKongMacaoPermit(number[..9].to_owned()),
            Some("511" | "512") if matches!(bytes.len(), 8 | 10) && digits(0) => Self::TaiwanPermit(number[..8].to_owned()),
            Some("414") | None if passport => Self::ChinesePassport(number),
            _ => Self::Other(number),
        })
    }

    /// The numbers of military, police and other domestic documents have words in them: 军字第1234567号.
    fn with_words(document_type: &str, number: String) -> Option<Self> {
        let domestic = matches!(document_type.as_bytes(), [b'1' | b'2', ..]) && !matches!(document_type, "111" | "112" | "113");
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        let plausible = digits >= 3 && number.len() <= 60 && number.chars().all(|c| c.is_ascii_alphanumeric() || is_han(c));
        (domestic && plausible && number.chars().any(is_han)).then_some(Self::Other(number))
    }

    /// Whether a number, of which nobody tells the document, has the form that passports, permits and identity cards of other places have: letters
    /// and digits, seven to twelve of them, and four digits at least. Digits alone are anything's.
    ///
    /// ```
    /// use jiku_text::identifier::TravelDocument;
    /// assert!(TravelDocument::is_shaped("A1234563") && TravelDocument::is_shaped("C01X00T47"));
    /// assert!(!TravelDocument::is_shaped("19800406") && !TravelDocument::is_shaped("A0001"));
    /// ```
    #[must_use]
    pub fn is_shaped(number: &str) -> bool {
        let digits = number.bytes().filter(u8::is_ascii_digit).count();
        (7..=12).contains(&number.len()) && (4..number.len()).contains(&digits)
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

    /// The document type, when the shape tells one.
    #[must_use]
    pub const fn type_code(&self) -> Option<&'static str> {
        match self {
            Self::HongKongMacaoPermit(_) => Some("516"),
            Self::TaiwanPermit(_) => Some("511"),
            Self::ChinesePassport(_) => Some("414"),
            Self::Other(_) => None,
        }
    }

    /// The canonical number.
    #[must_use]
    pub fn number(&self) -> &str {
        match self {
            Self::HongKongMacaoPermit(number) | Self::TaiwanPermit(number) | Self::ChinesePassport(number) | Self::Other(number) => number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(document_type: Option<&str>, text: &str, expected: Option<(Option<&str>, &str)>) {
        let read = TravelDocument::read(document_type, text);
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
    fn words_and_filler_are_no_numbers() {
        for text in ["无", "PASSPORT", "00000000", "1234", "", "军字第1234567号"] {
            check(None, text, None);
        }
        check(Some("114"), "军字第号", None);
    }
}
