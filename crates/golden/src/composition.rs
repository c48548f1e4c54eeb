//! What do the members of a cluster say together, before it is written?

use std::borrow::Cow;

use jiku_model::{Attributes, EntityKind, RecordId};

use crate::Golden;
use crate::compose::said_by;

/// What the members of a cluster say together. Most clusters are one record, about which nothing need be chosen.
#[derive(Clone, Debug, PartialEq)]
pub enum Composition {
    /// What a record says that is alone.
    Alone(RecordId, Attributes),
    /// What was chosen from several records, or follows from rules and stewards.
    Chosen(Golden),
}

impl Default for Composition {
    fn default() -> Self {
        Self::Chosen(Golden::default())
    }
}

impl Composition {
    /// The record alone, where its golden record is nothing but what it says: [`crate::compose_of`] would say the same.
    #[must_use]
    pub fn alone(noun: &dyn EntityKind, record: RecordId, attributes: &Attributes) -> Option<Self> {
        let has = |column: &str| attributes.get(column).is_some();
        let speaks_for_itself = !has("id_number") && (!has("address") || has("division")) && noun.ruled_out(attributes).is_empty();
        speaks_for_itself.then(|| Self::Alone(record, attributes.clone()))
    }

    /// The golden record.
    #[must_use]
    pub fn golden(&self) -> Golden {
        match self {
            Self::Alone(record, attributes) => said_by(*record, attributes),
            Self::Chosen(golden) => golden.clone(),
        }
    }

    /// The values alone.
    #[must_use]
    pub fn attributes(&self) -> Cow<'_, Attributes> {
        match self {
            Self::Alone(_, attributes) => Cow::Borrowed(attributes),
            Self::Chosen(golden) => Cow::Owned(golden.attributes()),
        }
    }

    /// The value of a column.
    #[must_use]
    pub fn value(&self, column: &str) -> Option<&str> {
        match self {
            Self::Alone(_, attributes) => attributes.get(column),
            Self::Chosen(golden) => golden.values.get(column).map(|value| value.value.as_str()),
        }
    }

    /// The golden record as JSON.
    ///
    /// # Panics
    /// Never: it is texts and numbers.
    #[must_use]
    pub fn json(&self) -> String {
        match self {
            Self::Alone(record, attributes) => said_as_json(*record, attributes),
            Self::Chosen(golden) => serde_json::to_string(golden).expect("a golden record is plain values"),
        }
    }
}

/// What a record says that is alone, as JSON: [`said_by`] written, without making it.
fn said_as_json(record: RecordId, attributes: &Attributes) -> String {
    let rest = format!(r#","record":{},"rule":"only","agreeing":1,"differing":0}}"#, record.0);
    let bytes: usize = attributes.iter().map(|(column, value)| column.len() + value.len() + rest.len() + 16).sum();
    let mut json = Vec::with_capacity(bytes + 2);
    let text = |json: &mut Vec<u8>, text: &str| serde_json::to_writer(json, text).expect("a text is written to memory");
    json.push(b'{');
    for (at, (column, value)) in attributes.iter().enumerate() {
        if at > 0 {
            json.push(b',');
        }
        text(&mut json, column);
        json.extend_from_slice(br#":{"value":"#);
        text(&mut json, value);
        json.extend_from_slice(rest.as_bytes());
    }
    json.push(b'}');
    String::from_utf8(json).expect("texts are UTF-8")
}
