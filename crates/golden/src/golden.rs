//! What does a golden record hold, and who says so?

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use jiku_model::{Attributes, RecordId};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

use crate::Criterion;

/// The golden record (黄金记录) of a cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Golden {
    /// The values by column.
    pub values: BTreeMap<String, GoldenValue>,
}

impl Golden {
    /// The values alone.
    #[must_use]
    pub fn attributes(&self) -> Attributes {
        let bytes = self.values.iter().map(|(column, golden)| column.len() + golden.value.len()).sum();
        let mut attributes = Attributes::with_capacity(self.values.len(), bytes);
        self.values.iter().for_each(|(column, golden)| attributes.set(column, &golden.value));
        attributes
    }
}

/// One value of a golden record with its provenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldenValue {
    /// The value, canonical.
    pub value: String,
    /// The source record it was taken from; none when a steward set it.
    pub record: Option<RecordId>,
    /// What chose it: `only` (one record says anything), `agreed` (all that say anything say this), the deciding
    /// [`Criterion`], `tie` (the criteria could not tell), `number` (the record's number tells it, and contradicts what was said),
    /// `address` (the address that was chosen tells it, and its record says nothing else), or `override`.
    #[serde(deserialize_with = "rule")]
    pub rule: Cow<'static, str>,
    /// How many members say the same, the chosen one included.
    pub agreeing: u32,
    /// How many members say something else.
    pub differing: u32,
}

/// Reads what chose a value. There are few such words, and every golden record that is shown has many of them.
fn rule<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'static, str>, D::Error> {
    const WORDS: [&str; 6] = ["only", "agreed", "tie", "number", "address", "override"];

    struct Word;
    impl Visitor<'_> for Word {
        type Value = Cow<'static, str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("what chose the value")
        }

        fn visit_str<E>(self, said: &str) -> Result<Self::Value, E> {
            let known = WORDS.into_iter().chain(Criterion::ALL.map(Criterion::as_str)).find(|word| *word == said);
            Ok(known.map_or_else(|| Cow::Owned(said.to_owned()), Cow::Borrowed))
        }
    }
    deserializer.deserialize_str(Word)
}
