//! What is a citizen number (公民身份号码), and what does it tell?

use std::str::FromStr;

use chrono::NaiveDate;

use super::{Fault, Reading, Repair, ascii_number, checksum, is_filler};
use crate::characters::compact_number;
use crate::{code_list, divisions};

/// An identity number of 18 characters whose form, region, birth date and check character are right: citizen number
/// (GB 11643), residence permit of Hong Kong, Macao and Taiwan residents, or foreign permanent resident card of 2023.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CitizenNumber([u8; 18]);

ascii_number!(CitizenNumber, 18);

/// Whose number it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CitizenKind {
    /// A citizen of the mainland.
    Resident,
    /// A resident of Hong Kong, Macao or Taiwan with a residence permit (港澳台居民居住证).
    ResidencePermit,
    /// A foreigner with a permanent resident card issued since December 2023.
    ForeignPermanentResident,
}

impl CitizenNumber {
    /// The number whose first 17 characters are given; the check character is computed.
    ///
    /// # Errors
    /// As for `FromStr`.
    pub fn from_parts(first_17: &str) -> Result<Self, Fault> {
        let mut number = [0; 18];
        if first_17.len() != 17 {
            return Err(Fault::Length);
        }
        number[..17].copy_from_slice(first_17.as_bytes());
        number[17] = checksum::mod_11_2(&number[..17]).ok_or(Fault::Charset)?;
        Self::checked(number)
    }

    /// The one number in a text with other words (身份证号：…, …（身份证）), also where the letters O, I and L were typed for
    /// digits. Its check character vouches for it; nothing else is guessed.
    #[must_use]
    pub fn among_words(text: &str) -> Option<Self> {
        let compact = compact_number(text);
        if compact.len() == 18 && compact.is_ascii() && compact.bytes().any(|byte| matches!(byte, b'O' | b'I' | b'L')) {
            let digit = |c| match c {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            return compact.chars().map(digit).collect::<String>().parse().ok();
        }
        // ID:…, …0015.0 of a spreadsheet: one part of it is a number.
        let mut runs = compact.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| run.len() == 18);
        let (run, None) = (runs.next()?, runs.next()) else { return None };
        (compact.len() > 18).then(|| run.parse().ok()).flatten()
    }

    /// Whether digits are what is left of a number that was cut off before its sequence was told: a division of today or of the past, and the
    /// beginning of a birth date behind it (`440106`, `4401061980`, `44010619800406`), also of the 15 digits of before 1999 (`440106800406`).
    /// Everybody of that division and year has them.
    ///
    /// ```
    /// use jiku_text::identifier::CitizenNumber;
    /// assert!(CitizenNumber::is_cut_off("4401061980"));
    /// assert!(!CitizenNumber::is_cut_off("01234567"));
    /// ```
    #[must_use]
    pub fn is_cut_off(compact: &str) -> bool {
        if !(6..=14).contains(&compact.len()) || !compact.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        let (region, date) = compact.split_at(6);
        let is_region = region.parse().is_ok_and(|code| divisions::was_ever(code) || divisions::groups_a_city(code));
        // A month, of which the second digit may be cut off.
        let is_month = |digits: &str| match digits.len() {
            0 => true,
            1 => digits <= "1",
            _ => ("01".."13").contains(&&digits[..2]),
        };
        let in_full = ["18", "19", "20"].iter().any(|century| date.starts_with(century)) && date.get(4..).is_none_or(is_month);
        is_region && (date.len() <= 2 || in_full || is_month(&date[2..]))
    }

    pub(super) fn read_compact(compact: &str) -> Result<Reading<Self>, Fault> {
        let form = |value| Reading { value, repair: Repair::Form };
        match compact.parse() {
            Ok(value) => Ok(form(value)),
            // At the end of a number, and only there, a star is a clumsy X.
            Err(Fault::Charset) if compact.len() == 18 && compact.ends_with('*') => format!("{}X", &compact[..17]).parse().map(form),
            Err(fault) => Err(fault),
        }
    }

    fn checked(number: [u8; 18]) -> Result<Self, Fault> {
        if !number[..17].iter().all(u8::is_ascii_digit) || !(number[17].is_ascii_digit() || number[17] == b'X') {
            return Err(Fault::Charset);
        }
        if is_filler(&number) {
            return Err(Fault::Placeholder);
        }
        let candidate = Self(number);
        candidate.check_region()?;
        if candidate.date().is_none() {
            return Err(Fault::BirthDate);
        }
        match checksum::mod_11_2(&number[..17]) {
            Some(check) if check == number[17] => Ok(candidate),
            // Spreadsheets keep 15 significant digits and fill up with zeros.
            _ if number.ends_with(b"000") => Err(Fault::SpreadsheetLoss),
            _ => Err(Fault::Checksum),
        }
    }

    fn check_region(&self) -> Result<(), Fault> {
        let number = self.number(0, 6);
        match number / 10_000 {
            81..=83 if number.is_multiple_of(10_000) => Ok(()),
            90..=99 => {
                if !divisions::is_province(self.number(1, 3)) {
                    return Err(Fault::Region);
                }
                if code_list::country_by_numeric(self.number(3, 6)).is_none() { Err(Fault::Nationality) } else { Ok(()) }
            }
            province if province < 80 && divisions::is_province(province) => Ok(()),
            _ => Err(Fault::Region),
        }
    }

    fn number(&self, from: usize, to: usize) -> u32 {
        self.0[from..to].iter().fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'))
    }

    fn date(&self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(i32::try_from(self.number(6, 10)).ok()?, self.number(10, 12), self.number(12, 14))
    }

    /// Whose number it is.
    #[must_use]
    pub const fn kind(&self) -> CitizenKind {
        match self.0[0] {
            b'8' => CitizenKind::ResidencePermit,
            b'9' => CitizenKind::ForeignPermanentResident,
            _ => CitizenKind::Resident,
        }
    }

    /// The region code: the household register at first issue, or the province of first application of a foreigner
    /// (with four zeros).
    #[must_use]
    pub fn region(&self) -> String {
        match self.kind() {
            CitizenKind::ForeignPermanentResident => format!("{}0000", &self.as_str()[1..3]),
            _ => self.as_str()[..6].to_owned(),
        }
    }

    /// Whether the region is on the lists of divisions, present or past. A region the lists lack is a warning only.
    #[must_use]
    pub fn is_region_known(&self) -> bool {
        match self.kind() {
            CitizenKind::Resident => divisions::was_ever(self.number(0, 6)) || divisions::groups_a_city(self.number(0, 6)),
            CitizenKind::ResidencePermit | CitizenKind::ForeignPermanentResident => true,
        }
    }

    /// The nationality of a foreigner, alpha-3.
    #[must_use]
    pub fn nationality(&self) -> Option<&'static str> {
        match self.kind() {
            CitizenKind::ForeignPermanentResident => code_list::country_by_numeric(self.number(3, 6)),
            _ => None,
        }
    }

    /// The birth date.
    #[must_use]
    pub fn birth_date(&self) -> NaiveDate {
        self.date().expect("checked when the number was made")
    }

    /// The sequence number of people born on one day in one region.
    #[must_use]
    pub fn sequence(&self) -> &str {
        &self.as_str()[14..17]
    }

    /// The sex: `1` male, `2` female (GB/T 2261.1).
    #[must_use]
    pub const fn sex(&self) -> &'static str {
        if self.0[16] % 2 == 1 { "1" } else { "2" }
    }

    /// The number of 15 digits that a card of the first generation would have had. The century is lost.
    #[must_use]
    pub fn legacy_form(&self) -> String {
        let text = self.as_str();
        format!("{}{}", &text[..6], &text[8..17])
    }

    /// Refuses a number of somebody still to be born.
    ///
    /// # Errors
    /// [`Fault::BirthFuture`].
    pub fn born_by(&self, today: NaiveDate) -> Result<(), Fault> {
        if self.birth_date() > today { Err(Fault::BirthFuture) } else { Ok(()) }
    }
}

impl FromStr for CitizenNumber {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        if text.contains("E+") || text.contains("e+") {
            return Err(Fault::SpreadsheetLoss);
        }
        match <[u8; 18]>::try_from(text.as_bytes()) {
            Ok(number) => Self::checked(number),
            Err(_) if text.is_ascii() => Err(Fault::Length),
            Err(_) => Err(Fault::Charset),
        }
    }
}
