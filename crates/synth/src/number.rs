//! Which numbers do people and organisations of the province bear?
//!
//! Written independently of the parsers in the entity crates, so that each tests the other.

use chrono::{Datelike, NaiveDate};

use crate::random::{Random, scatter};

/// The alphabet of GB 32100-2015, 5.3: no I, O, S, V, Z.
const CREDIT_ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Appends the check character of GB 11643-1999 (ISO 7064 MOD 11-2) to 17 digits.
pub(crate) fn with_citizen_check(digits: &str) -> String {
    let sum: u32 = digits.bytes().enumerate().map(|(i, digit)| u32::from(digit - b'0') * ((1_u32 << (17 - i)) % 11)).sum();
    format!("{digits}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// The number of the first generation of cards: century and check character left out.
pub(crate) fn fifteen_digits(citizen_number: &str) -> String {
    format!("{}{}", &citizen_number[..6], &citizen_number[8..17])
}

/// An organisation code of GB 11714-1997: the body and its check character.
fn with_organisation_check(body: &str) -> String {
    let value = |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 });
    let sum: u32 = body.bytes().zip([3, 7, 9, 10, 5, 8, 4, 2]).map(|(byte, weight)| value(byte) * weight).sum();
    let check = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    format!("{body}{check}")
}

/// The unified social credit code (GB 32100-2015) of the `serial`-th organisation: no two serials share one.
pub(crate) fn credit_code(department_and_category: &str, division: &str, serial: u64) -> String {
    // Multiplication by a number prime to 31 is a bijection of the six free places.
    const PLACES: u64 = 31_u64.pow(6);
    let mut rest = (serial % PLACES) * 387_420_489 % PLACES;
    let mut body = *b"MA000000";
    for place in body[2..].iter_mut().rev() {
        *place = CREDIT_ALPHABET[usize::try_from(rest % 31).unwrap_or(0)];
        rest /= 31;
    }
    let code = format!("{department_and_category}{division}{}", with_organisation_check(&String::from_utf8_lossy(&body)));
    let value = |byte: u8| CREDIT_ALPHABET.iter().position(|&letter| letter == byte).unwrap_or(0);
    let (sum, _) = code.bytes().fold((0, 1), |(sum, weight), byte| (sum + value(byte) * weight, weight * 3 % 31));
    format!("{code}{}", char::from(CREDIT_ALPHABET[(31 - sum % 31) % 31]))
}

/// The 15-digit business registration number (GS 15-2006) with its check digit (GB/T 17710, MOD 11,10).
pub(crate) fn registration_number(division: &str, sole_trader: bool, serial: u64) -> String {
    let body = format!("{division}{}{:07}", if sole_trader { 6 } else { 0 }, serial % 10_000_000 * 7_654_321 % 10_000_000);
    let remainder = body.bytes().fold(10, |p, digit| match (p + u32::from(digit - b'0')) % 10 {
        0 => 20 % 11,
        t => t * 2 % 11,
    });
    format!("{body}{}", (11 - remainder) % 10)
}

/// Hands out citizen numbers: for each region, birth date and sex one sequence number after the other, as an issuing
/// office does, so that no two people share a number and neighbours in time have neighbouring numbers (twins do).
/// Memory is bounded by regions times days, whatever the population.
#[derive(Debug, Default)]
pub(crate) struct IssuingOffice {
    issued: std::collections::HashMap<u32, Box<[u16]>>,
}

/// Days from 1900 to 2049, by two sexes.
const REGISTER_LENGTH: usize = 150 * 366 * 2;

impl IssuingOffice {
    /// The next free number of this region (six digits), birth date and sex.
    pub(crate) fn issue(&mut self, region: &str, birth: NaiveDate, male: bool) -> String {
        let day = usize::try_from((birth.year() - 1900).clamp(0, 149)).unwrap_or(0) * 366 + birth.ordinal0() as usize;
        let number = region.parse::<u32>().unwrap_or(0);
        let register = self.issued.entry(number).or_insert_with(|| vec![0; REGISTER_LENGTH].into_boxed_slice());
        let issued = &mut register[day * 2 + usize::from(male)];
        let first = scatter(u64::from(number) << 32 | day as u64) % 500;
        let sequence = (first + u64::from(*issued)) % 500 * 2 + u64::from(male);
        *issued = issued.saturating_add(1);
        with_citizen_check(&format!("{region}{}{sequence:03}", birth.format("%Y%m%d")))
    }
}

/// A mobile number of a public prefix; the subscriber part is drawn.
pub(crate) fn mobile(random: &mut Random) -> String {
    const PREFIXES: [&str; 24] = [
        "130", "131", "132", "133", "134", "135", "136", "137", "138", "139", "147", "150", "151", "152", "157", "158", "159", "166",
        "176", "177", "185", "186", "188", "199",
    ];
    format!("{}{:08}", random.pick(&PREFIXES), random.below(100_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_the_check_characters_of_the_standards_examples() {
        assert_eq!(with_citizen_check("11010519491231002"), "11010519491231002X");
        assert_eq!(with_organisation_check("D2143569"), "D2143569X");
        assert_eq!(fifteen_digits("11010519491231002X"), "110105491231002");
    }

    #[test]
    fn an_issuing_office_never_gives_a_number_twice() {
        let (mut office, day) = (IssuingOffice::default(), NaiveDate::from_ymd_opt(1980, 2, 29).expect("a leap day"));
        let numbers: std::collections::HashSet<_> = (0..900).map(|i| office.issue("440106", day, i % 2 == 0)).collect();
        assert_eq!(numbers.len(), 900);
    }

    #[test]
    fn credit_codes_differ_for_every_serial() {
        let codes: std::collections::HashSet<_> = (0..5000).map(|i| credit_code("91", "440106", i)).collect();
        assert_eq!(codes.len(), 5000);
        assert!(codes.iter().all(|code| code.len() == 18));
    }
}
