//! Which kinds of entity are there?

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of entity the service keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A natural person (人口库).
    Person,
    /// A legal person: company, institution, association, sole trader (法人库).
    LegalPerson,
    /// A land parcel (宗地).
    Parcel,
}

impl Kind {
    /// Every kind, in the order of [`Kind::number`].
    pub const ALL: [Self; 3] = [Self::Person, Self::LegalPerson, Self::Parcel];

    /// The name on the command line, in files and in the database: `person`, `legal-person`, `parcel`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::LegalPerson => "legal-person",
            Self::Parcel => "parcel",
        }
    }

    /// The plural in URLs: `persons`, `legal-persons`, `parcels`.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Person => "persons",
            Self::LegalPerson => "legal-persons",
            Self::Parcel => "parcels",
        }
    }

    /// The number that stands for the kind inside a [`crate::RecordId`] and in `kind` columns: 1, 2, 3.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Person => 1,
            Self::LegalPerson => 2,
            Self::Parcel => 3,
        }
    }

    /// The kind with this number, if there is one.
    #[must_use]
    pub const fn from_number(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Person),
            2 => Some(Self::LegalPerson),
            3 => Some(Self::Parcel),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("kind must be person, legal-person or parcel, got {0:?}")]
pub struct UnknownKind(pub String);

impl FromStr for Kind {
    type Err = UnknownKind;

    /// Reads the singular or the plural.
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text || kind.plural() == text).ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back_from_its_names_and_number() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert_eq!(kind.plural().parse(), Ok(kind));
            assert_eq!(Kind::from_number(kind.number()), Some(kind));
        }
        assert!("vehicle".parse::<Kind>().is_err());
    }
}
