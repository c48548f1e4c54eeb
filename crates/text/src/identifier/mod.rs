//! Which numbers name people and organisations, and when is one certainly wrong?
//!
//! People, legal persons and right holders of parcels are named by the same numbers, so their types live here and the
//! entity crates export those they speak of. `FromStr` of each type takes the canonical form only; its `read` first
//! brings the text to that form (width, case, spaces, hyphens) and is what files go through. The raw value is the
//! caller's to keep.

mod checksum;
mod citizen;
mod credit_code;
mod foreigner;
mod legacy;
mod lei;
mod organisation_code;
mod party;
mod phone;
mod registration;
mod travel;

pub use citizen::{CitizenKind, CitizenNumber};
pub use credit_code::CreditCode;
pub use foreigner::OldForeignerCard;
pub use legacy::LegacyNumber;
pub use lei::Lei;
pub use organisation_code::OrganisationCode;
pub use party::PartyNumber;
pub use phone::{Phone, PhoneKind};
pub use registration::{RegistrationClass, RegistrationNumber};
pub use travel::{TravelDocument, TravelKind};

/// Why a text is not the number it should be, or what is doubtful about one that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing was written.
    Empty,
    /// Too few or too many characters.
    Length,
    /// A character that cannot stand where it stands.
    Charset,
    /// The check character does not fit.
    Checksum,
    /// No such division, or none that can stand here.
    Region,
    /// No such country.
    Nationality,
    /// No such day in the calendar.
    BirthDate,
    /// A day that is still to come.
    BirthFuture,
    /// Made up to fill a field.
    Placeholder,
    /// No such registration department.
    Department,
    /// No such category of the department.
    Category,
    /// The organisation code inside has a wrong check character.
    OrgCodeChecksum,
    /// A spreadsheet rounded the digits away.
    SpreadsheetLoss,
    /// Parts were hidden on the way.
    Masked,
}

impl Fault {
    /// The reason as test vectors and reports name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Length => "length",
            Self::Charset => "charset",
            Self::Checksum => "checksum",
            Self::Region => "region",
            Self::Nationality => "nationality",
            Self::BirthDate => "birth_date",
            Self::BirthFuture => "birth_future",
            Self::Placeholder => "placeholder",
            Self::Department => "department",
            Self::Category => "category",
            Self::OrgCodeChecksum => "org_code_checksum",
            Self::SpreadsheetLoss => "spreadsheet_loss",
            Self::Masked => "masked",
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::error::Error for Fault {}

/// A number that was read, and what had to be done to the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<T> {
    /// The number.
    pub value: T,
    /// What was repaired.
    pub repair: Repair,
}

/// What had to be done to a text before it was a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Nothing: it was written canonically.
    None,
    /// Width, case, spaces, hyphens or stray signs; the characters that count were right.
    Form,
    /// Characters taken for others (O for 0, I for 1) were put right, and the check character then fitted.
    LookAlikes,
}

/// Whether the digits were typed to fill a field: one digit repeated, or counted up or down.
fn is_filler(digits: &[u8]) -> bool {
    let step = |by: u8| digits.windows(2).all(|pair| (pair[0].wrapping_sub(b'0') + by) % 10 == pair[1].wrapping_sub(b'0'));
    digits.len() > 3 && digits.iter().all(u8::is_ascii_digit) && (step(0) || step(1) || step(9))
}

/// Fixed-width ASCII text inside a number type: implements the string conversions they all share.
macro_rules! ascii_number {
    ($name:ident, $length:literal) => {
        impl $name {
            /// The number as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                std::str::from_utf8(&self.0).expect("only ASCII is ever put in")
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), self.as_str())
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::identifier::Fault;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl $name {
            /// Reads the number however its width, case, spaces and hyphens were written.
            ///
            /// # Errors
            /// The first fault found.
            pub fn read(text: &str) -> Result<$crate::identifier::Reading<Self>, $crate::identifier::Fault> {
                use $crate::identifier::{Reading, Repair};
                if text.len() == $length
                    && let Ok(value) = text.parse()
                {
                    return Ok(Reading { value, repair: Repair::None });
                }
                if $crate::characters::is_masked(text) && text.contains("**") {
                    return Err($crate::identifier::Fault::Masked);
                }
                Self::read_compact(&$crate::characters::compact_number(text))
            }
        }
    };
}
pub(crate) use ascii_number;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filler_is_seen() {
        for text in ["000000", "111111111111111111", "123456789012345678", "987654321"] {
            assert!(is_filler(text.as_bytes()), "{text}");
        }
        assert!(!is_filler(b"440106198803150021"));
    }
}
