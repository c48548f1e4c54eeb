//! What may a principal reach beyond what its roles say?
//!
//! A role says which acts are allowed; limits say on which entities, on which fields, and how much of them a day. They are
//! kept with the principal, and everything they refuse looks as if it were not there.

use jiku_model::{EntityId, Kind, Sensitivity, SourceCode};
use serde::{Deserialize, Serialize};

use crate::RegistryError;

/// The limits of a principal. By default nothing of what its roles read is out of reach, personal values come masked, and no record
/// may be sent: in whose name is said one by one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Administrative divisions (GB/T 2260) by prefix: `4401` is all of Guangzhou. None listed: everywhere. An entity whose
    /// division is not known is reached only by those without a list.
    pub divisions: Vec<String>,
    /// Kinds of entity. None listed: all.
    pub kinds: Vec<Kind>,
    /// Source systems that records may be sent and withdrawn for. None listed: none.
    pub sources: Sources,
    /// The highest class of field that may be read; fields above it are left out.
    pub read: Sensitivity,
    /// The highest class of field that may be sent or corrected.
    pub write: Sensitivity,
    /// The highest class of field that may be searched and resolved by.
    pub filter: Sensitivity,
    /// The highest class of field that lists may be ordered by.
    pub sort: Sensitivity,
    /// Whether values are shown in full when asked for, also to roles that would see them masked.
    pub unmask: bool,
    /// Whether the principal may ask for access beyond its rights in an emergency.
    pub emergency: bool,
    /// The one entity that is reached, within an emergency; never kept with a principal.
    #[serde(skip)]
    pub only: Option<EntityId>,
    /// Different people a day; the default of the service when absent.
    pub daily_persons: Option<u64>,
    /// Questions a day; no limit when absent.
    pub daily_requests: Option<u64>,
    /// Entities shown a day, each time counted; no limit when absent.
    pub daily_entities: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            divisions: Vec::new(),
            kinds: Vec::new(),
            sources: Sources::default(),
            read: Sensitivity::Sensitive,
            write: Sensitivity::Sensitive,
            filter: Sensitivity::Sensitive,
            sort: Sensitivity::Sensitive,
            unmask: false,
            emergency: false,
            only: None,
            daily_persons: None,
            daily_requests: None,
            daily_entities: None,
        }
    }
}

/// The source systems in whose name records may be sent; written as a list of codes, or `*` alone for every one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub enum Sources {
    /// These, and no others.
    Listed(Vec<SourceCode>),
    /// Every one, as for who enters files of many departments.
    Any,
}

/// The word for every source system; no code of a source can be it.
const EVERY_SOURCE: &str = "*";

impl Default for Sources {
    fn default() -> Self {
        Self::Listed(Vec::new())
    }
}

impl Sources {
    /// Whether records of this source system may be sent.
    #[must_use]
    pub fn include(&self, source: &SourceCode) -> bool {
        match self {
            Self::Listed(codes) => codes.contains(source),
            Self::Any => true,
        }
    }

    /// Whether no record may be sent at all.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::Listed(codes) if codes.is_empty())
    }
}

/// A word names no source system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("name source systems by their codes, or * alone for every one")]
pub struct UnknownSources;

impl TryFrom<Vec<String>> for Sources {
    type Error = UnknownSources;

    fn try_from(words: Vec<String>) -> Result<Self, UnknownSources> {
        if words == [EVERY_SOURCE] {
            return Ok(Self::Any);
        }
        words.into_iter().map(SourceCode::try_from).collect::<Result<_, _>>().map(Self::Listed).map_err(|_| UnknownSources)
    }
}

impl From<Sources> for Vec<String> {
    fn from(sources: Sources) -> Self {
        match sources {
            Sources::Listed(codes) => codes.into_iter().map(String::from).collect(),
            Sources::Any => vec![EVERY_SOURCE.to_owned()],
        }
    }
}

/// What is done with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldUse {
    /// It is shown.
    Read,
    /// It is sent or corrected.
    Write,
    /// Entities are searched by it.
    Filter,
    /// Entities are ordered by it.
    Sort,
}

impl Limits {
    /// Whether the principal reaches only a part of the entities.
    #[must_use]
    pub fn is_scoped(&self) -> bool {
        !self.divisions.is_empty() || !self.kinds.is_empty() || self.only.is_some()
    }

    /// Whether every entity of this kind is in scope.
    #[must_use]
    pub fn reach_all(&self, kind: Kind) -> bool {
        self.divisions.is_empty() && self.only.is_none() && self.reach_kind(kind)
    }

    /// Whether an entity of this kind in this division is in scope.
    #[must_use]
    pub fn reach(&self, kind: Kind, division: Option<&str>) -> bool {
        self.reach_kind(kind)
            && (self.divisions.is_empty()
                || division.is_some_and(|division| self.divisions.iter().any(|prefix| division.starts_with(prefix.as_str()))))
    }

    /// Whether entities of this kind are in scope at all.
    #[must_use]
    pub fn reach_kind(&self, kind: Kind) -> bool {
        self.kinds.is_empty() || self.kinds.contains(&kind)
    }

    /// Whether a field of this class may be used so.
    #[must_use]
    pub fn allow(&self, what: FieldUse, class: Sensitivity) -> bool {
        class
            <= match what {
                FieldUse::Read => self.read,
                FieldUse::Write => self.write,
                FieldUse::Filter => self.filter,
                FieldUse::Sort => self.sort,
            }
    }

    /// Refuses limits that mean nothing.
    pub(crate) fn check(&self) -> Result<(), RegistryError> {
        let good = |prefix: &String| (2..=12).contains(&prefix.len()) && prefix.bytes().all(|byte| byte.is_ascii_digit());
        if !self.divisions.iter().all(good) {
            let advice = "write a division as 2 to 12 digits of its code, such as 44 or 440106";
            return Err(RegistryError::invalid("divisions", "value-invalid", advice));
        }
        Ok(())
    }

    /// As kept in the database. What cannot be read grants nothing.
    pub(crate) fn from_row(text: &str) -> Result<Self, RegistryError> {
        serde_json::from_str(text).map_err(|error| RegistryError::internal(format!("the limits of a principal are not readable: {error}")))
    }

    pub(crate) fn to_row(&self) -> Result<String, RegistryError> {
        serde_json::to_string(self).map_err(|error| RegistryError::internal(format!("limits cannot be written: {error}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(limits: &Limits, kind: Kind, division: Option<&str>, expected: bool) {
        assert_eq!(limits.reach(kind, division), expected, "{limits:?} {kind} {division:?}");
    }

    #[test]
    fn a_division_reaches_what_lies_below_it() {
        let everywhere = Limits::default();
        check(&everywhere, Kind::Person, None, true);
        let guangzhou = Limits { divisions: vec!["4401".to_owned(), "440305".to_owned()], kinds: vec![Kind::Person], ..Limits::default() };
        check(&guangzhou, Kind::Person, Some("440106"), true);
        check(&guangzhou, Kind::Person, Some("440305"), true);
        check(&guangzhou, Kind::Person, Some("440306"), false);
        check(&guangzhou, Kind::Person, None, false);
        check(&guangzhou, Kind::Parcel, Some("440106"), false);
    }

    #[test]
    fn records_are_sent_in_the_name_of_listed_sources_alone() {
        let gongan: SourceCode = "gongan".parse().expect("a code");
        let said = |words: &[&str]| Sources::try_from(words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert!(!Limits::default().sources.include(&gongan) && Sources::default().is_none());
        assert!(!said(&["weijian"]).expect("a list").include(&gongan));
        assert!(said(&["weijian", "gongan"]).expect("a list").include(&gongan));
        assert_eq!(said(&["*"]), Ok(Sources::Any));
        for strange in [&["*", "gongan"][..], &["GONGAN"], &[""]] {
            assert_eq!(said(strange), Err(UnknownSources), "{strange:?}");
        }
        for sources in [Sources::Any, said(&["gongan"]).expect("a list"), Sources::default()] {
            let limits = Limits { sources, ..Limits::default() };
            assert_eq!(Limits::from_row(&limits.to_row().expect("written")).expect("read"), limits);
        }
    }

    #[test]
    fn limits_survive_the_database_and_an_empty_object_limits_nothing() {
        let limits = Limits { read: Sensitivity::Internal, daily_persons: Some(7), ..Limits::default() };
        assert_eq!(Limits::from_row(&limits.to_row().expect("written")).expect("read"), limits);
        assert_eq!(Limits::from_row("{}").expect("read"), Limits::default());
        assert!(Limits::from_row("{\"emperor\":true}").is_err());
        assert!(Limits { divisions: vec!["44x".to_owned()], ..Limits::default() }.check().is_err());
    }
}
