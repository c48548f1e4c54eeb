//! Which entities match what was typed?

use ahash::AHashSet;
use jiku_model::{EntityId, Kind, SearchToken};
use jiku_text::identifier::CitizenNumber;

use super::find::views_of;
use crate::facade::{EntityView, Include, Page, SearchField, SearchQuery};
use crate::limits::FieldUse;
use crate::memory::{Lookup, Shelf, beginnings};
use crate::registry::Inner;
use crate::{Actor, RegistryError, scope};

type Result<T> = std::result::Result<T, RegistryError>;

/// The most items of a page.
pub(crate) const MOST_ITEMS: usize = 100;

/// A query that more entities match than this is refused: nobody reads so far.
const MOST_MATCHES: usize = 20_000;

pub(crate) fn search(inner: &Inner, actor: &Actor, kind: Kind, query: &SearchQuery) -> Result<Page<EntityView>> {
    let limit = checked_limit(query.limit, MOST_ITEMS)?;
    let after = query.cursor.as_deref().map(|cursor| cursor.parse::<EntityId>().map_err(|_| bad_cursor())).transpose()?;
    scope::require_kind(actor, kind)?;
    for field in &query.fields {
        scope::require_field(actor, FieldUse::Filter, kind, searched_column(kind, field))?;
    }
    let found = matching_entities(inner.core.shelf(kind), query)?;
    let found = inner.core.store.read(|reader| scope::within(reader, actor, kind, &found))?;
    let from = after.map_or(0, |after| found.partition_point(|id| *id <= after));
    let page: Vec<EntityId> = found[from..].iter().take(limit).copied().collect();
    let next = (from + page.len() < found.len()).then(|| page.last().map(ToString::to_string)).flatten();
    Ok(Page { items: views_of(inner, actor, "search", kind, &page, Include::default())?, next })
}

/// The column a search field looks at. The numbers of a company are its own unless one is a citizen's: then it is the
/// representative's.
fn searched_column(kind: Kind, field: &SearchField) -> &str {
    let is_citizen = |text: &str| CitizenNumber::read(text).is_ok();
    match (kind, field.field.as_str()) {
        (Kind::Parcel, "name") => "right_holder",
        (Kind::Parcel, "number") => "right_holder_id",
        (Kind::Parcel, "address") => "location",
        (Kind::Parcel, "code") => "parcel_code",
        (_, "name" | "pinyin" | "initials" | beginnings::FIELD) => "name",
        (Kind::Person, "number") => "id_number",
        (Kind::LegalPerson, "number") if is_citizen(&field.text) => "legal_representative_id",
        (Kind::LegalPerson, "number") => "uscc",
        (_, other) => other,
    }
}

/// The entities that match every field, by id.
pub(crate) fn matching_entities(shelf: &Shelf, query: &SearchQuery) -> Result<Vec<EntityId>> {
    if query.fields.is_empty() {
        return Err(RegistryError::invalid("fields", "required", "name at least one field to search by"));
    }
    let mut fields: Vec<Vec<SearchToken>> = Vec::with_capacity(query.fields.len());
    for field in &query.fields {
        let whole = |name: &str| shelf.noun.search_query(name, &field.text);
        let tokens =
            if field.field == beginnings::FIELD { beginnings::asked(shelf.noun.kind(), &field.text, whole) } else { whole(&field.field) };
        if tokens.is_empty() {
            return Err(unread(&field.field));
        }
        fields.push(tokens);
    }
    let lookup = shelf.lookup.read();
    let weight =
        |tokens: &Vec<SearchToken>| tokens.iter().map(|token| lookup.postings.get(lookup.postings.hash(token)).len()).sum::<usize>();
    fields.sort_by_cached_key(weight);
    if fields.first().is_some_and(|rarest| weight(rarest) > 4 * MOST_MATCHES) {
        return Err(too_broad());
    }
    let mut found: Option<AHashSet<EntityId>> = None;
    for tokens in &fields {
        let own = entities(&lookup, tokens, found.as_ref());
        if own.is_empty() {
            return Ok(Vec::new());
        }
        found = Some(own);
    }
    let mut found: Vec<EntityId> = found.unwrap_or_default().into_iter().collect();
    if found.len() > MOST_MATCHES {
        return Err(too_broad());
    }
    found.sort_unstable();
    Ok(found)
}

/// The entities with a record that carries one of the tokens, among those found so far.
fn entities(lookup: &Lookup, tokens: &[SearchToken], among: Option<&AHashSet<EntityId>>) -> AHashSet<EntityId> {
    let slots = tokens.iter().flat_map(|token| lookup.postings.get(lookup.postings.hash(token)));
    slots.filter_map(|slot| lookup.entity(*slot)).filter(|entity| among.is_none_or(|among| among.contains(entity))).collect()
}

/// Nothing to search for was read from what a field holds.
fn unread(field: &str) -> RegistryError {
    let (field, advice) = match field {
        "birth_date" => ("birth_date", "write the day as 1985-06-15"),
        "number" => ("number", "write the whole number as the document has it"),
        "phone" => ("phone", "write the whole number, a fixed line with its area code"),
        "code" => ("code", "write the whole code"),
        _ => return too_broad(),
    };
    RegistryError::invalid(field, "parameter-invalid", advice)
}

fn too_broad() -> RegistryError {
    RegistryError::invalid("fields", "query-too-broad", "add a birth date, a division or more of the name")
}

pub(crate) fn bad_cursor() -> RegistryError {
    RegistryError::invalid("cursor", "cursor-invalid", "use the cursor of the page before, for the same query")
}

/// A limit between 1 and its ceiling.
pub(crate) fn checked_limit(limit: usize, ceiling: usize) -> Result<usize> {
    if limit == 0 {
        return Err(RegistryError::invalid("limit", "parameter-invalid", "limit must be at least 1"));
    }
    Ok(limit.min(ceiling))
}
