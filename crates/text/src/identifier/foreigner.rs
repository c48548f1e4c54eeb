//! What is the number of a foreign permanent resident card issued before December 2023?

use std::str::FromStr;

use super::{Fault, Reading, Repair, ascii_number, checksum};
use crate::{code_list, divisions};

/// A number of 15 characters: nationality (alpha-3), four digits of the region, birth date with two digits of the year,
/// one digit, and an ICAO check digit. The number on the card of 2023 cannot be derived from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OldForeignerCard([u8; 15]);

ascii_number!(OldForeignerCard, 15);

impl OldForeignerCard {
    pub(super) fn read_compact(compact: &str) -> Result<Reading<Self>, Fault> {
        compact.parse().map(|value| Reading { value, repair: Repair::Form })
    }

    /// The nationality, alpha-3.
    #[must_use]
    pub fn nationality(&self) -> &str {
        &self.as_str()[..3]
    }

    /// The city or province that issued it, six digits.
    #[must_use]
    pub fn issuing_region(&self) -> String {
        format!("{}00", &self.as_str()[3..7])
    }

    /// The birth date without its century, `YYMMDD`.
    #[must_use]
    pub fn birth_yymmdd(&self) -> &str {
        &self.as_str()[7..13]
    }
}

impl FromStr for OldForeignerCard {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let number = <[u8; 15]>::try_from(text.as_bytes()).map_err(|_| Fault::Length)?;
        if !number[..3].iter().all(u8::is_ascii_uppercase) || !number[3..].iter().all(u8::is_ascii_digit) {
            return Err(Fault::Charset);
        }
        let card = Self(number);
        if code_list::country_by_alpha3(card.nationality()).is_none() {
            return Err(Fault::Nationality);
        }
        let two = |at: usize| u32::from(number[at] - b'0') * 10 + u32::from(number[at + 1] - b'0');
        if !divisions::is_province(two(3)) {
            return Err(Fault::Region);
        }
        // The century is unknown, and 1900 was no leap year while 2000 was: the kinder one decides.
        let possible = |century: i32| chrono::NaiveDate::from_ymd_opt(century + two(7).cast_signed(), two(9), two(11)).is_some();
        if !possible(1900) && !possible(2000) {
            return Err(Fault::BirthDate);
        }
        if checksum::icao_9303(&number[..14]) == Some(number[14]) { Ok(card) } else { Err(Fault::Checksum) }
    }
}
