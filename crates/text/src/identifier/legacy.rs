//! What is an identity number of 15 digits, and which number replaced it?

use std::str::FromStr;

use chrono::NaiveDate;

use super::{CitizenNumber, Fault, Reading, Repair, ascii_number, is_filler};
use crate::divisions;

/// An identity number of the first generation: region, birth date with two digits of the year, sequence. It has no
/// check character, so a mistyped one is seldom noticed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegacyNumber([u8; 15]);

ascii_number!(LegacyNumber, 15);

impl LegacyNumber {
    pub(super) fn read_compact(compact: &str) -> Result<Reading<Self>, Fault> {
        compact.parse().map(|value| Reading { value, repair: Repair::Form })
    }

    fn number(&self, from: usize, to: usize) -> u32 {
        self.0[from..to].iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'))
    }

    /// The century: 18 for the sequences 996 to 999, set aside for people then over 100, otherwise 19.
    fn century(&self) -> u32 {
        if self.number(12, 15) >= 996 { 18 } else { 19 }
    }

    fn date(&self) -> Option<NaiveDate> {
        let year = i32::try_from(self.century() * 100 + self.number(6, 8)).ok()?;
        NaiveDate::from_ymd_opt(year, self.number(8, 10), self.number(10, 12))
    }

    /// The birth date, with the century that the sequence tells.
    #[must_use]
    pub fn birth_date(&self) -> NaiveDate {
        self.date().expect("checked when the number was made")
    }

    /// The sex: `1` male, `2` female.
    #[must_use]
    pub const fn sex(&self) -> &'static str {
        if self.0[14] % 2 == 1 { "1" } else { "2" }
    }

    /// The number of 18 characters: the century put in, the check character added.
    #[must_use]
    pub fn upgrade(&self) -> CitizenNumber {
        let text = self.as_str();
        CitizenNumber::from_parts(&format!("{}{}{}", &text[..6], self.century(), &text[6..])).expect("region and date were checked")
    }
}

impl FromStr for LegacyNumber {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let number = <[u8; 15]>::try_from(text.as_bytes()).map_err(|_| Fault::Length)?;
        if !number.iter().all(u8::is_ascii_digit) {
            return Err(Fault::Charset);
        }
        if is_filler(&number) {
            return Err(Fault::Placeholder);
        }
        let number = Self(number);
        let province = number.number(0, 2);
        if province >= 80 || !divisions::is_province(province) {
            return Err(Fault::Region);
        }
        if number.date().is_none() { Err(Fault::BirthDate) } else { Ok(number) }
    }
}
