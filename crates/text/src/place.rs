//! Where does a record say that its subject is, as the matching engine sees it?

use std::borrow::Cow;

use jiku_model::{Attributes, Features};

use crate::address::{Address, Rung, sub_district_of, township_marks};
use crate::divisions::{self, Township};

/// What the columns `address` and `division` of a record tell of a place.
#[derive(Debug)]
pub struct Place<'r> {
    text: Option<&'r str>,
    address: Option<Address>,
    /// What was told, or else what the address proves.
    code: Option<&'r str>,
    /// The township that the division tells.
    township: Option<Township<'r>>,
}

impl<'r> Place<'r> {
    /// Reads both columns.
    #[must_use]
    pub fn of(attributes: &'r Attributes) -> Self {
        let (text, division) = (attributes.get("address"), attributes.get("division"));
        let address = text.map(|text| Address::parse_in(text, division));
        let code = division.or(address.as_ref().and_then(Address::code));
        Self { text, address, code, township: division.and_then(divisions::township) }
    }

    /// The address.
    #[must_use]
    pub const fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }

    /// The county, city or province of today, by its code.
    #[must_use]
    pub fn division(&self) -> Option<&'static str> {
        // A code of the past and its successor are one place.
        self.code.and_then(divisions::in_force).map(|division| division.code)
    }

    /// The four digits of the city.
    #[must_use]
    pub fn city(&self) -> Option<&'static str> {
        self.division().and_then(divisions::city_of)
    }

    /// The name of the township that the address tells, or else the division by a code that says which.
    #[must_use]
    pub fn township(&self) -> Option<&str> {
        self.address().and_then(|address| address.get(Rung::Township)).or(match self.township {
            Some(Township::Listed(listed)) => Some(listed.name),
            _ => None,
        })
    }

    /// The township that the division tells, by its name or else by its code.
    #[must_use]
    pub const fn told_township(&self) -> Option<&'r str> {
        match self.township {
            Some(Township::Listed(listed)) => Some(listed.name),
            Some(Township::Coded(code)) => Some(code),
            None => None,
        }
    }

    /// Adds what every kind of record shows of a place: the home and its parts, the township, and what lies above it.
    pub fn add_to(&self, features: &mut Features) {
        let mut marks: Vec<Cow<'_, str>> = Vec::new();
        if let (Some(text), Some(address)) = (self.text, &self.address) {
            if let Some(house) = address.house_key() {
                features.extend(address.home_in(&house).map(|key| ("home", key)));
                features.push(("address_road", house));
            }
            features.extend(address.house_marks().map(|marks| ("house_marks", marks)));
            features.extend(address.house_words().map(|words| ("house_words", words.to_owned())));
            features.extend(address.detail_key().map(|key| ("address_detail", key)));
            features.push(("address", text.to_owned()));
            marks.extend(address.township_marks().into_iter().map(Cow::Borrowed));
            features.extend(address.zone().map(|zone| ("zone", zone)));
        }
        // A division told down to the town names it where the address does not.
        match self.township.filter(|_| marks.is_empty()) {
            Some(Township::Listed(listed)) => marks.extend(township_marks(listed.name).into_iter().map(Cow::Borrowed)),
            Some(Township::Coded(code)) => marks.push(Cow::Borrowed(code)),
            None => {}
        }
        features.extend(sub_district_of(&marks).map(|street| ("street", street.to_owned())));
        features.extend(marks.into_iter().map(|mark| ("township", mark.into_owned())));
        let town = self.address().and_then(Address::town).or_else(|| self.told_township().filter(|name| !is_sub_district(name)));
        features.extend(town.map(|town| ("town", town.to_owned())));
        // Two homes of one road name and number lie in one county, or in one city where no county is told.
        let known = self.division();
        features.extend(known.filter(|code| !code.ends_with("00")).map(|code| ("county", code.to_owned())));
        features.extend(self.city().map(|city| ("city", city.to_owned())));
        features.extend(self.code.and_then(|code| code.get(..2)).map(|province| ("province", province.to_owned())));
        features.extend(known.or_else(|| self.code.and_then(|code| code.get(..6))).map(|code| ("division", code.to_owned())));
    }
}

/// Whether the name of a township is that of a sub-district (街道).
#[must_use]
pub fn is_sub_district(township: &str) -> bool {
    township.ends_with("街道")
}
