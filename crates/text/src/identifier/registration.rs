//! What is a business registration number (注册号) of 15 digits?

use std::str::FromStr;

use super::{Fault, Reading, Repair, ascii_number, checksum};
use crate::divisions;

/// A registration number of GS 15-2006: authority, sequence, check digit (GB/T 17710). Numbers from before 2007 have
/// no check digit and are kept as text by those who hold them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistrationNumber([u8; 15]);

ascii_number!(RegistrationNumber, 15);

/// Whom the number was given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RegistrationClass {
    /// A domestic enterprise.
    Domestic,
    /// A foreign-funded enterprise.
    Foreign,
    /// A sole trader.
    SoleTrader,
}

impl RegistrationClass {
    /// The class in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Domestic => "domestic",
            Self::Foreign => "foreign",
            Self::SoleTrader => "sole trader",
        }
    }
}

impl RegistrationNumber {
    pub(super) fn read_compact(compact: &str) -> Result<Reading<Self>, Fault> {
        compact.parse().map(|value| Reading { value, repair: Repair::Form })
    }

    /// Whether digits have the form of a number from before 2007 or of another register: thirteen that begin with the division of the authority, and
    /// the twelve of an institution's certificate (事业单位法人证书), a one and the division. Fewer are a part of a number or somebody's own count.
    ///
    /// ```
    /// use jiku_text::identifier::RegistrationNumber;
    /// assert!(RegistrationNumber::is_old_form("4401062001234"));
    /// assert!(!RegistrationNumber::is_old_form("440106"));
    /// ```
    #[must_use]
    pub fn is_old_form(compact: &str) -> bool {
        let division = match compact.len() {
            13 => compact.get(..6),
            12 => compact.strip_prefix('1').and_then(|rest| rest.get(..6)),
            _ => None,
        };
        let is_authority = |code: u32| code == 100_000 || divisions::was_ever(code) || divisions::groups_a_city(code);
        compact.bytes().all(|byte| byte.is_ascii_digit()) && division.and_then(|code| code.parse().ok()).is_some_and(is_authority)
    }

    /// The division of the authority; 100000 is the national one.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.as_str()[..6]
    }

    /// Whom it was given to.
    #[must_use]
    pub const fn class(&self) -> RegistrationClass {
        match self.0[6] {
            b'0'..=b'3' => RegistrationClass::Domestic,
            b'4' | b'5' => RegistrationClass::Foreign,
            _ => RegistrationClass::SoleTrader,
        }
    }
}

impl FromStr for RegistrationNumber {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let number = <[u8; 15]>::try_from(text.as_bytes()).map_err(|_| Fault::Length)?;
        let check = checksum::mod_11_10(&number[..14]).ok_or(Fault::Charset)?;
        if !number[14].is_ascii_digit() {
            return Err(Fault::Charset);
        }
        if super::is_filler(&number) {
            return Err(Fault::Placeholder);
        }
        if check == number[14] { Ok(Self(number)) } else { Err(Fault::Checksum) }
    }
}
