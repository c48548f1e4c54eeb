//! What does a parcel code (宗地代码) or a real-estate unit code (不动产单元代码) say?
//!
//! GB/T 37346-2019: county 6, cadastral district 3, sub-district 3, feature letters 2, serial 5 make the parcel code of
//! 19 characters; a fixture letter and eight digits more make the unit code of 28. There is no check digit.

use std::fmt;
use std::str::FromStr;

use jiku_text::characters::compact_number;
use jiku_text::divisions;

/// Which right letters each ownership letter goes with, as one public cadastral system has it: a doubt, not an error.
const RIGHTS_OF_OWNERSHIP: [(u8, &[u8]); 3] = [(b'G', b"BSXDEFLNHGWY"), (b'J', b"ABSXCDEFLNWY"), (b'Z', b"BCWY")];
/// Which fixture letters each right letter goes with.
const FIXTURES_OF_RIGHT: [(u8, &[u8]); 14] = [
    (b'A', b"W"),
    (b'B', b"FQW"),
    (b'S', b"FQW"),
    (b'X', b"FQW"),
    (b'C', b"FQW"),
    (b'D', b"W"),
    (b'E', b"LQW"),
    (b'F', b"W"),
    (b'L', b"LQW"),
    (b'N', b"W"),
    (b'H', b"FLQW"),
    (b'G', b"FLQW"),
    (b'W', b"FLQW"),
    (b'Y', b"FLQW"),
];

/// What is wrong with a code, or doubtful about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeFault {
    /// Too few or too many characters.
    Length,
    /// A character that cannot stand where it stands.
    Format,
    /// No such county, now or ever. A doubt when the province exists: the list may be older than the county.
    County,
    /// An ownership letter other than G, J, Z.
    OwnershipLetter,
    /// An unknown right letter.
    RightLetter,
    /// A right that does not go with the ownership: a doubt.
    OwnershipRightCombination,
    /// The serial is 00000.
    ParcelSerial,
    /// A fixture letter other than F, L, Q, W.
    FixtureLetter,
    /// A fixture that does not go with the right: a doubt.
    RightFixtureCombination,
    /// "No fixture" with a number.
    FixtureNumberMustBeZero,
    /// A fixture without a number.
    FixtureNumberZero,
}

impl CodeFault {
    /// The reason as the test vectors name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Format => "format",
            Self::County => "county",
            Self::OwnershipLetter => "ownership_letter",
            Self::RightLetter => "right_letter",
            Self::OwnershipRightCombination => "ownership_right_combination",
            Self::ParcelSerial => "parcel_serial",
            Self::FixtureLetter => "fixture_letter",
            Self::RightFixtureCombination => "right_fixture_combination",
            Self::FixtureNumberMustBeZero => "fixture_number_must_be_zero",
            Self::FixtureNumberZero => "fixture_number_zero",
        }
    }
}

impl fmt::Display for CodeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for CodeFault {}

/// A code that was read from what people and files hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeReading<T> {
    /// The code.
    pub code: T,
    /// What is doubtful about it.
    pub doubts: Vec<CodeFault>,
    /// Whether it was written in the canonical form.
    pub canonical: bool,
}

/// A parcel code of 19 characters. `FromStr` takes the canonical form, [`ParcelCode::read`] what people write.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParcelCode([u8; 19]);

/// A real-estate unit code of 28 characters. `FromStr` takes the canonical form, [`UnitCode::read`] what people write.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UnitCode([u8; 28]);

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("a code is made of checked ASCII letters and digits")
}

fn allows(table: &[(u8, &[u8])], first: u8, second: u8) -> bool {
    table.iter().any(|(letter, others)| *letter == first && others.contains(&second))
}

impl ParcelCode {
    /// Reads a code in any width, case and grouping.
    ///
    /// # Errors
    /// What makes it no parcel code.
    pub fn read(written: &str) -> Result<CodeReading<Self>, CodeFault> {
        let compact = compact_number(written);
        let code: Self = compact.parse()?;
        Ok(CodeReading { doubts: code.doubts(), canonical: compact == written, code })
    }

    /// What is doubtful about the code.
    #[must_use]
    pub fn doubts(&self) -> Vec<CodeFault> {
        let county = !self.county().parse().is_ok_and(divisions::was_ever) && divisions::find(self.county()).is_none();
        let combination = !allows(&RIGHTS_OF_OWNERSHIP, self.0[12], self.0[13]);
        [(county, CodeFault::County), (combination, CodeFault::OwnershipRightCombination)]
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, fault)| fault)
            .collect()
    }

    /// The 19 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        text(&self.0)
    }

    /// County, GB/T 2260.
    #[must_use]
    pub fn county(&self) -> &str {
        text(&self.0[..6])
    }

    /// Cadastral district (地籍区).
    #[must_use]
    pub fn district(&self) -> &str {
        text(&self.0[6..9])
    }

    /// Cadastral sub-district (地籍子区).
    #[must_use]
    pub fn sub_district(&self) -> &str {
        text(&self.0[9..12])
    }

    /// Ownership letter: G state, J collective, Z undetermined.
    #[must_use]
    pub const fn ownership(&self) -> char {
        self.0[12] as char
    }

    /// Right letter.
    #[must_use]
    pub const fn right(&self) -> char {
        self.0[13] as char
    }

    /// Serial (宗地顺序号) within sub-district and feature.
    #[must_use]
    pub fn serial(&self) -> &str {
        text(&self.0[14..])
    }
}

impl UnitCode {
    /// Reads a code in any width, case and grouping.
    ///
    /// # Errors
    /// What makes it no unit code.
    pub fn read(written: &str) -> Result<CodeReading<Self>, CodeFault> {
        let compact = compact_number(written);
        let code: Self = compact.parse()?;
        Ok(CodeReading { doubts: code.doubts(), canonical: compact == written, code })
    }

    /// What is doubtful about the code.
    #[must_use]
    pub fn doubts(&self) -> Vec<CodeFault> {
        let mut doubts = self.parcel_code().doubts();
        if !allows(&FIXTURES_OF_RIGHT, self.0[13], self.0[19]) {
            doubts.push(CodeFault::RightFixtureCombination);
        }
        doubts
    }

    /// The 28 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        text(&self.0)
    }

    /// The code of the parcel the unit belongs to.
    #[must_use]
    pub fn parcel_code(&self) -> ParcelCode {
        let mut parcel = [0; 19];
        parcel.copy_from_slice(&self.0[..19]);
        ParcelCode(parcel)
    }

    /// Fixture letter: F building, L forest, Q other, W none.
    #[must_use]
    pub const fn fixture(&self) -> char {
        self.0[19] as char
    }

    /// Fixture number, eight digits.
    #[must_use]
    pub fn fixture_number(&self) -> &str {
        text(&self.0[20..])
    }

    /// Building and unit, four digits each, when the fixture is a building.
    #[must_use]
    pub fn building_and_unit(&self) -> Option<(&str, &str)> {
        (self.fixture() == 'F').then(|| self.fixture_number().split_at(4))
    }

    /// The printed form in four groups: `440106 001002 GB00011 F00010001`.
    #[must_use]
    pub fn display(&self) -> String {
        [&self.0[..6], &self.0[6..12], &self.0[12..19], &self.0[19..]].map(text).join(" ")
    }
}

fn check_parcel(code: &[u8; 19]) -> Result<(), CodeFault> {
    let digits = |range: std::ops::Range<usize>| code[range].iter().all(u8::is_ascii_digit);
    if !(digits(0..12) && digits(14..19) && code[12..14].iter().all(u8::is_ascii_uppercase)) {
        return Err(CodeFault::Format);
    }
    let province = u32::from(code[0] - b'0') * 10 + u32::from(code[1] - b'0');
    if !divisions::is_province(province) {
        return Err(CodeFault::County);
    }
    if !RIGHTS_OF_OWNERSHIP.iter().any(|(letter, _)| *letter == code[12]) {
        return Err(CodeFault::OwnershipLetter);
    }
    if !FIXTURES_OF_RIGHT.iter().any(|(letter, _)| *letter == code[13]) {
        return Err(CodeFault::RightLetter);
    }
    if &code[14..] == b"00000" { Err(CodeFault::ParcelSerial) } else { Ok(()) }
}

/// The characters as an array, when there are so many and all are ASCII.
fn characters<const N: usize>(written: &str) -> Result<[u8; N], CodeFault> {
    if written.chars().count() != N {
        return Err(CodeFault::Length);
    }
    written.as_bytes().try_into().map_err(|_| CodeFault::Format)
}

impl FromStr for ParcelCode {
    type Err = CodeFault;

    fn from_str(written: &str) -> Result<Self, CodeFault> {
        let code = characters(written)?;
        check_parcel(&code)?;
        Ok(Self(code))
    }
}

impl FromStr for UnitCode {
    type Err = CodeFault;

    fn from_str(written: &str) -> Result<Self, CodeFault> {
        let code: [u8; 28] = characters(written)?;
        if !(code[19].is_ascii_uppercase() && code[20..].iter().all(u8::is_ascii_digit)) {
            return Err(CodeFault::Format);
        }
        check_parcel(code.first_chunk().ok_or(CodeFault::Length)?)?;
        let zero = &code[20..] == b"00000000";
        match (code[19], zero) {
            (b'W', true) | (b'F' | b'L' | b'Q', false) => Ok(Self(code)),
            (b'W', false) => Err(CodeFault::FixtureNumberMustBeZero),
            (b'F' | b'L' | b'Q', true) => Err(CodeFault::FixtureNumberZero),
            _ => Err(CodeFault::FixtureLetter),
        }
    }
}

macro_rules! prints_as_text {
    ($($name:ident)*) => { $(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, concat!(stringify!($name), "({})"), self.as_str()) }
        }
    )* };
}

prints_as_text! { ParcelCode UnitCode }

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../../fixtures/reference/vectors/real_estate_unit.json")).unwrap()
    }

    #[test]
    fn every_valid_vector_has_its_parts() {
        for vector in vectors()["valid"].as_array().unwrap() {
            let code: UnitCode = vector["input"].as_str().unwrap().parse().unwrap();
            let parcel = code.parcel_code();
            let parts = [
                ("parcel_code", parcel.as_str().to_owned()),
                ("display", code.display()),
                ("county", parcel.county().to_owned()),
                ("district", parcel.district().to_owned()),
                ("sub_district", parcel.sub_district().to_owned()),
                ("ownership", parcel.ownership().to_string()),
                ("right", parcel.right().to_string()),
                ("serial", parcel.serial().to_owned()),
                ("fixture", code.fixture().to_string()),
                ("fixture_number", code.fixture_number().to_owned()),
            ];
            for (name, part) in parts {
                assert_eq!(vector[name].as_str(), Some(part.as_str()), "{vector}");
            }
            let expected = vector["building"].as_str().zip(vector["unit"].as_str());
            assert_eq!(code.building_and_unit(), expected, "{vector}");
            assert_eq!(code.doubts(), [], "{vector}");
            assert_eq!(parcel.to_string().parse(), Ok(parcel));
        }
    }

    #[test]
    fn every_invalid_vector_has_its_reason() {
        for vector in vectors()["invalid"].as_array().unwrap() {
            let reason = match vector["input"].as_str().unwrap().parse::<UnitCode>() {
                Ok(code) => *code.doubts().first().expect("at least a doubt"),
                Err(fault) => fault,
            };
            assert_eq!(Some(reason.as_str()), vector["reason"].as_str(), "{vector}");
        }
    }

    #[test]
    fn printed_narrow_and_lower_case_forms_are_read() {
        for vector in vectors()["normalise"].as_array().unwrap() {
            let reading = UnitCode::read(vector["input"].as_str().unwrap()).unwrap();
            assert_eq!(Some(reading.code.as_str()), vector["normalised"].as_str());
            assert!(!reading.canonical);
        }
    }

    #[test]
    fn the_combinations_are_those_of_the_vectors() {
        let vectors = vectors();
        for (name, table) in [("ownership_right", &RIGHTS_OF_OWNERSHIP[..]), ("right_fixture", &FIXTURES_OF_RIGHT[..])] {
            let expected = vectors[name].as_object().unwrap();
            assert_eq!(expected.len(), table.len());
            for (letter, others) in table {
                assert_eq!(expected[&(*letter as char).to_string()].as_str(), Some(text(others)));
            }
        }
    }
}
