//! Who is near an entity: alike, or of the same household?
//!
//! The questions are asked with the values as they are kept, so that an actor who sees them masked gets the same answers.

use ahash::AHashSet;
use jiku_model::{EntityId, Kind, RawRecord};

use super::find::{active_view, views_of};
use super::resolve::resolve;
use super::search::matching_entities;
use crate::facade::{Candidate, EntityView, Include, ResolveOptions, SearchField, SearchQuery};
use crate::registry::Inner;
use crate::{Actor, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

/// The least weight of a suggestion: somebody who looks for a duplicate wants to see what the model would not say.
const LEAST_ALIKE: f32 = -5.0;

/// More people than this under one telephone or address are no household but a dormitory.
const MOST_TOGETHER: usize = 8;

/// Other entities whose records look like this one's golden record, best first.
pub(crate) fn alike(inner: &Inner, actor: &Actor, kind: Kind, id: EntityId, limit: usize) -> Result<Vec<Candidate>> {
    let golden = active_view(inner, kind, id)?.attributes();
    let raw: RawRecord = golden.iter().map(|(column, value)| (column.to_owned(), value.into())).collect();
    let options = ResolveOptions { limit: limit.saturating_add(1), floor: Some(LEAST_ALIKE), explain: false, golden: true };
    match resolve(inner, actor, kind, &raw, &options) {
        Ok(resolution) => Ok(resolution.candidates.into_iter().filter(|candidate| candidate.entity != id).take(limit).collect()),
        // A golden record that could not come in as a record any more is like nobody.
        Err(RegistryError::Invalid(_)) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The other people of the same telephone or address.
pub(crate) fn household(inner: &Inner, actor: &Actor, id: EntityId) -> Result<Vec<EntityView>> {
    let golden = active_view(inner, Kind::Person, id)?.attributes();
    let told = ["phone", "address"].into_iter().filter_map(|column| Some((column, golden.get(column)?)));
    let questions = told.flat_map(|(column, value)| value.split(';').map(move |text| (column, text)));
    let mut found: Vec<EntityId> = Vec::new();
    for (column, text) in questions {
        let field = SearchField { field: column.to_owned(), text: text.to_owned() };
        match matching_entities(inner, Kind::Person, &SearchQuery { fields: vec![field], limit: 1, cursor: None }) {
            Ok(together) if together.len() <= MOST_TOGETHER + 1 => found.extend(together),
            // Too many, or a text one cannot ask for.
            Ok(_) | Err(RegistryError::Invalid(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let mut seen = AHashSet::from_iter([id]);
    found.retain(|other| seen.insert(*other));
    found.truncate(MOST_TOGETHER);
    if found.is_empty() { Ok(Vec::new()) } else { views_of(inner, actor, "household", Kind::Person, &found, Include::default()) }
}
