//! Which entities match what was typed?

use ahash::AHashSet;
use jiku_model::{EntityId, Kind, RecordId, SearchToken};
use jiku_store::RecordRow;
use jiku_text::identifier::CitizenNumber;
use rayon::prelude::*;

use super::find::views_of;
use crate::facade::{EntityView, Include, Page, SearchField, SearchQuery};
use crate::limits::FieldUse;
use crate::memory::beginnings::{self, Typed};
use crate::memory::{Lookup, Shelf};
use crate::registry::Inner;
use crate::write::prepare::read_attributes;
use crate::{Actor, RegistryError, scope};

type Result<T> = std::result::Result<T, RegistryError>;

/// The most items of a page.
pub(crate) const MOST_ITEMS: usize = 100;

/// How many records are read to look at their names; where more may begin as typed, more is to be typed.
const MOST_READ: usize = 2_000;

/// A query that more entities match than this is refused: nobody reads so far.
const MOST_MATCHES: usize = 20_000;

pub(crate) fn search(inner: &Inner, actor: &Actor, kind: Kind, query: &SearchQuery) -> Result<Page<EntityView>> {
    let limit = checked_limit(query.limit, MOST_ITEMS)?;
    let after = query.cursor.as_deref().map(|cursor| cursor.parse::<EntityId>().map_err(|_| bad_cursor())).transpose()?;
    scope::require_kind(actor, kind)?;
    for field in &query.fields {
        scope::require_field(actor, FieldUse::Filter, kind, searched_column(kind, field))?;
    }
    let found = matching_entities(inner, kind, query)?;
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

/// What a field asks for.
struct Sought {
    /// Whoever carries one of these is meant.
    tokens: Vec<SearchToken>,
    /// Whoever carries one of these may be meant, and is when a name of theirs begins with what was typed.
    perhaps: Option<(Typed, Vec<SearchToken>)>,
}

impl Sought {
    fn of(shelf: &Shelf, field: &SearchField) -> Self {
        let whole = |name: &str| shelf.noun.search_query(name, &field.text);
        let plain = |tokens| Self { tokens, perhaps: None };
        match (field.field.as_str(), shelf.noun.kind()) {
            (beginnings::FIELD, Kind::LegalPerson) => {
                let typed = Typed::read(&field.text);
                if typed.is_empty() {
                    return plain(Vec::new());
                }
                let (sure, perhaps): (Vec<_>, Vec<_>) = typed.tokens().partition(|(_, is_sure)| *is_sure);
                let only = |tokens: Vec<(SearchToken, bool)>| tokens.into_iter().map(|(token, _)| token).collect::<Vec<_>>();
                let perhaps = Some((typed, only(perhaps))).filter(|(_, perhaps)| !perhaps.is_empty());
                // A whole name may be written otherwise than the index has it.
                Self { tokens: only(sure).into_iter().chain(whole("name")).collect(), perhaps }
            }
            (beginnings::FIELD, _) => plain(beginnings::asked_of_person(&field.text, whole)),
            (other, _) => plain(whole(other)),
        }
    }

    fn all(&self) -> impl Iterator<Item = &SearchToken> {
        self.tokens.iter().chain(self.perhaps.iter().flat_map(|(_, tokens)| tokens))
    }

    /// How many records carry one of its tokens.
    fn weight(&self, lookup: &Lookup) -> usize {
        self.all().map(|token| lookup.postings.get(lookup.postings.hash(token)).len()).sum()
    }
}

/// What the index answers to a beginning that is longer than those it has.
struct Doubtful<'a> {
    typed: &'a Typed,
    /// Who has it in any case.
    sure: AHashSet<EntityId>,
    /// The records that may have it.
    perhaps: Vec<(u32, EntityId)>,
}

/// The entities that match every field, by id.
pub(crate) fn matching_entities(inner: &Inner, kind: Kind, query: &SearchQuery) -> Result<Vec<EntityId>> {
    if query.fields.is_empty() {
        return Err(RegistryError::invalid("fields", "required", "name at least one field to search by"));
    }
    let shelf = inner.core.shelf(kind);
    let mut fields: Vec<Sought> = Vec::with_capacity(query.fields.len());
    for field in &query.fields {
        let sought = Sought::of(shelf, field);
        if sought.all().next().is_none() {
            return Err(unread(&field.field));
        }
        fields.push(sought);
    }
    let mut found: Option<AHashSet<EntityId>> = None;
    // Whose names are looked at, once the index has nothing more to say: nobody waits for the database then.
    let mut doubtful: Vec<Doubtful<'_>> = Vec::new();
    {
        let lookup = shelf.lookup.read();
        fields.sort_by_cached_key(|sought| (sought.perhaps.is_some(), sought.weight(&lookup)));
        if fields.iter().all(|sought| sought.weight(&lookup) > 4 * MOST_MATCHES) {
            return Err(too_broad());
        }
        for Sought { tokens, perhaps } in &fields {
            let own = entities(&lookup, tokens, found.as_ref());
            match perhaps {
                Some((typed, perhaps)) => {
                    let mut slots: Vec<(u32, EntityId)> = carriers(&lookup, perhaps, found.as_ref()).collect();
                    slots.retain(|(_, entity)| !own.contains(entity));
                    slots.sort_unstable();
                    slots.dedup();
                    if slots.len() > MOST_READ {
                        return Err(too_broad());
                    }
                    doubtful.push(Doubtful { typed, sure: own, perhaps: slots });
                }
                None if own.is_empty() => return Ok(Vec::new()),
                None => found = Some(own),
            }
        }
    }
    for Doubtful { typed, mut sure, perhaps } in doubtful {
        sure.extend(that_begin(inner, kind, typed, &perhaps)?);
        found = Some(match found {
            Some(found) => found.intersection(&sure).copied().collect(),
            None => sure,
        });
    }
    let mut found: Vec<EntityId> = found.unwrap_or_default().into_iter().collect();
    if found.len() > MOST_MATCHES {
        return Err(too_broad());
    }
    found.sort_unstable();
    Ok(found)
}

/// The entities among these whose records have a name that begins as typed.
fn that_begin(inner: &Inner, kind: Kind, typed: &Typed, slots: &[(u32, EntityId)]) -> Result<Vec<EntityId>> {
    let ids: Vec<RecordId> = slots.iter().map(|(slot, _)| RecordId::new(kind, *slot)).collect();
    let rows = if ids.is_empty() { Vec::new() } else { inner.core.store.read(|reader| Ok::<_, RegistryError>(reader.records(&ids)?))? };
    let begins = |row: &RecordRow| Ok::<_, RegistryError>(typed.begins(&read_attributes(&row.parsed)?).then_some(row.id.slot()));
    let begun: Vec<Option<u32>> = rows.par_iter().map(begins).collect::<Result<_>>()?;
    let begun: AHashSet<u32> = begun.into_iter().flatten().collect();
    Ok(slots.iter().filter(|(slot, _)| begun.contains(slot)).map(|(_, entity)| *entity).collect())
}

/// The entities with a record that carries one of the tokens, among those found so far.
fn entities(lookup: &Lookup, tokens: &[SearchToken], among: Option<&AHashSet<EntityId>>) -> AHashSet<EntityId> {
    carriers(lookup, tokens, among).map(|(_, entity)| entity).collect()
}

/// The records that carry one of the tokens with their entities, among those found so far.
fn carriers<'a>(
    lookup: &'a Lookup,
    tokens: &'a [SearchToken],
    among: Option<&'a AHashSet<EntityId>>,
) -> impl Iterator<Item = (u32, EntityId)> + 'a {
    let slots = tokens.iter().flat_map(|token| lookup.postings.get(lookup.postings.hash(token)));
    let carried = slots.filter_map(|slot| Some((*slot, lookup.entity(*slot)?)));
    carried.filter(move |(_, entity)| among.is_none_or(|among| among.contains(entity)))
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
