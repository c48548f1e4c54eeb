//! What is an identity number of 15 digits, and which number replaced it?

use std::str::FromStr;

use chrono::NaiveDate;

use super::{CitizenNumber, Fault, Reading, Repair, ascii_number, is_filler};
use crate::divisions;

/// An identity number of the first generation: region, birth date with two digits of the year, sequence. It has no
/// check character, so a mistyped one is seldom noticed.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegacyNumber([u8; 15], Century);

/// The century of birth that two digits of the year leave open.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Century {
    Eighteen = 18,
    Nineteen = 19,
}

ascii_number!(LegacyNumber, 15);

impl LegacyNumber {
    pub(super) fn read_compact(compact: &str) -> Result<Reading<Self>, Fault> {
        compact.parse().map(|value| Reading { value, repair: Repair::Form })
    }

    fn number(&self, from: usize, to: usize) -> u32 {
        self.0[from..to].iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'))
    }

    /// Whether the sequence is one of those set aside for people over 100 when the numbers were introduced (996 to 999): of them the number
    /// alone tells the century only by that convention, and not every office kept to it.
    #[must_use]
    pub fn is_century_a_guess(&self) -> bool {
        self.number(12, 15) >= 996 && self.in_century(Century::Eighteen).is_some() && self.in_century(Century::Nineteen).is_some()
    }

    /// The number with the century in which it tells a birth nearest to a year that is told elsewhere; only where the number leaves it open.
    #[must_use]
    pub fn born_about(self, year: u16) -> Self {
        let distance = |century: Century| (century as u32 * 100 + self.number(6, 8)).abs_diff(u32::from(year));
        let [eighteen, nineteen] = [Century::Eighteen, Century::Nineteen].map(distance);
        let century = if nineteen < eighteen { Century::Nineteen } else { Century::Eighteen };
        if self.is_century_a_guess() { Self(self.0, century) } else { self }
    }

    /// The number that it is as well when the century is a guess: that of the other century.
    #[must_use]
    pub fn other_century(self) -> Option<Self> {
        let other = if self.1 == Century::Eighteen { Century::Nineteen } else { Century::Eighteen };
        self.is_century_a_guess().then_some(Self(self.0, other))
    }

    fn in_century(&self, century: Century) -> Option<NaiveDate> {
        let year = i32::try_from(century as u32 * 100 + self.number(6, 8)).ok()?;
        NaiveDate::from_ymd_opt(year, self.number(8, 10), self.number(10, 12))
    }

    /// The birth date, with the century that the sequence tells: 18 for 996 to 999, otherwise 19.
    #[must_use]
    pub fn birth_date(&self) -> NaiveDate {
        self.in_century(self.1).expect("checked when the number was made")
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
        CitizenNumber::from_parts(&format!("{}{}{}", &text[..6], self.1 as u8, &text[6..])).expect("region and date were checked")
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
        let number = Self(number, Century::Nineteen);
        let number = if number.number(12, 15) >= 996 { Self(number.0, Century::Eighteen) } else { number };
        let province = number.number(0, 2);
        if province >= 80 || !divisions::is_province(province) {
            return Err(Fault::Region);
        }
        if number.in_century(number.1).is_none() { Err(Fault::BirthDate) } else { Ok(number) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_told_elsewhere_decides_a_century_that_is_open() {
        let number: LegacyNumber = "440106721008998".parse().expect("a number");
        let born = |number: LegacyNumber| number.birth_date().to_string();
        assert_eq!(born(number), "1872-10-08");
        assert_eq!(number.other_century().map(born).as_deref(), Some("1972-10-08"));
        for (year, date) in [(1972, "1972-10-08"), (1970, "1972-10-08"), (1872, "1872-10-08"), (2072, "1972-10-08")] {
            assert_eq!(born(number.born_about(year)), date, "{year}");
            assert_eq!(number.born_about(year).as_str(), number.as_str());
        }
        let plain: LegacyNumber = "440106721008001".parse().expect("a number");
        assert!(plain.other_century().is_none() && born(plain.born_about(1872)) == "1972-10-08");
        let leap: LegacyNumber = "440106800229998".parse().expect("1880 and 1980 have the day");
        assert!(leap.is_century_a_guess());
    }
}
