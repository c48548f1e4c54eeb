//! What must a kind of entity bring, so that the service can keep it?
//!
//! A fourth kind is one new crate that implements [`EntityKind`], a variant of [`Kind`] and a registration.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{Attributes, Kind, Problem, RawRecord, Severity};

/// How far a column may travel; masking, logs and exports obey it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sensitivity {
    /// Anyone may see it.
    Public,
    /// Public bodies may see it.
    Internal,
    /// Personal data (个人信息).
    Personal,
    /// Sensitive personal data (敏感个人信息): identity numbers, addresses, phones.
    Sensitive,
}

/// A standard column of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in files, JSON, SQL and on the page.
    pub name: &'static str,
    /// What a person reads above it, in Chinese.
    pub title_zh: &'static str,
    /// What a person reads above it, in English.
    pub title_en: &'static str,
    /// What it holds, in a sentence, with its standard.
    pub about: &'static str,
    /// How far it may travel.
    pub sensitivity: Sensitivity,
}

/// What an entity crate may look at besides the record: the day it is read on, never the clock.
#[derive(Clone, Copy, Debug)]
pub struct ParseContext {
    /// The day on which the record is read: dates after it lie in the future.
    pub today: NaiveDate,
}

/// A record as its entity crate understood it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParsedRecord {
    /// The canonical values.
    pub attributes: Attributes,
    /// Everything found wrong; the record is refused when one of them says so.
    pub problems: Vec<Problem>,
}

impl ParsedRecord {
    /// Whether a problem refuses the record.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::Reject)
    }
}

/// What a record shows to the matching engine: named feature values, a name may occur more than once.
///
/// The names are those a model file speaks of (`name`, `name_pinyin`, `birth_date` …).
pub type Features = Vec<(&'static str, String)>;

/// A key under which a person looks for an entity: a search field (`name`, `pinyin`, `initials`, `number`, `phone`,
/// `birth_date`, `address`, `code`) and a value in the form a query is brought to as well.
pub type SearchToken = (&'static str, String);

/// A party that a golden record names: the legal representative of a company, the right holder of a parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedParty {
    /// The role, such as `legal_representative`, `right_holder`, `guardian`.
    pub role: &'static str,
    /// The party's identity number or credit code, canonical, when known.
    pub number: Option<String>,
    /// The party's name as told.
    pub name: Option<String>,
}

/// Where a record names another entity by its number: the legal representative of a company.
///
/// The number alone says who is named as long as one goes by one number. Of one who goes by several (a number that was
/// corrected, a passport beside the identity card) the engine is shown who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tie {
    /// The feature that holds the entity named.
    pub feature: &'static str,
    /// The kind of the entity named.
    pub to: Kind,
    /// Its number.
    pub number: SearchToken,
}

/// A kind of entity: everything the service needs to know of it, in one place.
pub trait EntityKind: Send + Sync + 'static {
    /// Which kind it is.
    fn kind(&self) -> Kind;

    /// Its standard columns in the order of files, without `source` and `source_key`.
    fn columns(&self) -> &'static [Column];

    /// Reads a record whose fields already carry standard column names; unknown fields are left alone.
    /// Rejects only what is certainly wrong, and reports every problem at once.
    fn parse(&self, raw: &RawRecord, context: &ParseContext) -> ParsedRecord;

    /// What a record goes on saying of the time before it was revised: the name it was known by. `before` is the record as it
    /// stood, `now` the revision.
    fn remember(&self, _before: &Attributes, _now: &mut Attributes) {}

    /// Columns that are understood together: what the features of a group are depends on no column of another group, so that
    /// each distinct text of a group need be read once only. Columns that show no feature are left out. All are one group
    /// unless told. The name alone may tell values of other groups, when more than a name stands in it: a number, a former name.
    fn feature_groups(&self) -> Vec<Vec<&'static str>> {
        vec![self.columns().iter().map(|column| column.name).collect()]
    }

    /// What the record shows to the matching engine.
    fn features(&self, attributes: &Attributes) -> Features;

    /// The names of all features that records show, those that come of their ties included: what a model file may speak of.
    fn feature_names(&self) -> &'static [&'static str];

    /// The verified number that no two entities share (identity number, credit code, parcel code): two clusters
    /// that hold different ones are never joined without a steward.
    fn strong_identifier(&self, attributes: &Attributes) -> Option<String>;

    /// The keys under which the record can be found.
    fn search_tokens(&self, attributes: &Attributes) -> Vec<SearchToken>;

    /// The numbers by which records of other kinds name this one, among its search tokens.
    fn own_numbers(&self, _attributes: &Attributes) -> Vec<SearchToken> {
        Vec::new()
    }

    /// The other entities whose identity says something about this record's.
    fn ties(&self, _attributes: &Attributes) -> Vec<Tie> {
        Vec::new()
    }

    /// What a person typed into a search field, brought to the form of [`EntityKind::search_tokens`]; several forms
    /// when the text can be read in several ways, none when it is too broad to search by.
    fn search_query(&self, field: &str, text: &str) -> Vec<SearchToken>;

    /// What a code in a column is called, in Chinese and in English; none when the value is no code, and an empty English
    /// name when its list has none.
    fn code_name(&self, _column: &str, _value: &str) -> Option<(String, &'static str)> {
        None
    }

    /// What the number of a golden record tells that its other values do not say, or say otherwise: column and value.
    fn told_by_number(&self, _golden: &Attributes) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Whether what a golden record tells beside its number is another person's than the number's bearer, and no slip: then the number was
    /// borrowed or typed for another, and tells nothing of the record.
    fn bears_foreign_number(&self, _golden: &Attributes) -> bool {
        false
    }

    /// The columns of a golden record that another of its values rules out (a spouse of who is single), with that value's column.
    fn ruled_out(&self, _golden: &Attributes) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    /// The code of the division that the address of a golden record lies in; none when its text tells none.
    fn division_of_address(&self, _golden: &Attributes) -> Option<&'static str> {
        None
    }

    /// Whether an address tells all that another one tells, and more: the same house with its room.
    fn completes_address(&self, _address: &str, _other: &str) -> bool {
        false
    }

    /// The parties a golden record names.
    fn related_parties(&self, golden: &Attributes) -> Vec<RelatedParty>;

    /// The default match model, TOML as `jiku-linkage` reads it.
    fn default_model(&self) -> &'static str;

    /// The default survivorship rules, TOML as `jiku-golden` reads them.
    fn default_survivorship(&self) -> &'static str;
}
