//! Which person or organisation does a number name, when the field takes either?

use super::{CitizenNumber, CreditCode, LegacyNumber, OldForeignerCard, TravelDocument, TravelKind};

/// The number of a party: right holders, representatives and shareholders are people or organisations.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PartyNumber {
    /// A person with an identity number; numbers of 15 digits come upgraded.
    Citizen(CitizenNumber),
    /// A foreigner with a card from before December 2023.
    Foreigner(OldForeignerCard),
    /// An organisation.
    Organisation(CreditCode),
    /// A person with another document.
    Document(TravelDocument),
}

impl PartyNumber {
    /// Reads a number of any kind. Codes of 18 digits are taken for a citizen's when they can be one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if let Ok(reading) = CitizenNumber::read(text) {
            return Some(Self::Citizen(reading.value));
        }
        if let Ok(reading) = CreditCode::read(text) {
            return Some(Self::Organisation(reading.value));
        }
        if let Ok(reading) = LegacyNumber::read(text) {
            return Some(Self::Citizen(reading.value.upgrade()));
        }
        if let Ok(reading) = OldForeignerCard::read(text) {
            return Some(Self::Foreigner(reading.value));
        }
        let document = TravelDocument::read(None, text).ok()?.value;
        (document.kind() != TravelKind::Other).then_some(Self::Document(document))
    }

    /// The canonical number.
    #[must_use]
    pub fn number(&self) -> &str {
        match self {
            Self::Citizen(number) => number.as_str(),
            Self::Foreigner(card) => card.as_str(),
            Self::Organisation(code) => code.as_str(),
            Self::Document(document) => document.number(),
        }
    }
}
