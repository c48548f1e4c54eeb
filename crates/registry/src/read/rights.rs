//! Which rights does a parcel have, and who holds them?

use ahash::AHashSet;
use jiku_model::{EntityId, Kind};
use jiku_parcel::rights::{ParcelRight, rights};
use jiku_store::Reader;
use jiku_text::characters::{compact_number, tidy};
use jiku_text::simplify;

use super::find::find;
use super::views::entity_of_number;
use crate::facade::{EntityState, Found, Include, ParcelRights, Party, PartyFoundBy, RightView, RightsQuery, View};
use crate::registry::Inner;
use crate::write::draft::shown;
use crate::write::images::read_golden;
use crate::write::state::Core;
use crate::{Actor, RegistryError, scope};

type Result<T> = std::result::Result<T, RegistryError>;

/// Of so many legal persons with such a name each is looked at; a name of more is no name to go by.
const MOST_NAMESAKES: usize = 20;

pub(crate) fn of_parcel(inner: &Inner, actor: &Actor, id: EntityId, query: &RightsQuery) -> Result<ParcelRights> {
    let view = View { as_of: query.as_of, include: Include::default() };
    let mut found = find(inner, actor, Kind::Parcel, id, &view)?;
    if let Found::Moved(survivor) = found {
        found = find(inner, actor, Kind::Parcel, survivor, &view)?;
    }
    let Found::Record(parcel) = found else { return Err(RegistryError::NotFound { what: "entity" }) };
    let day = query.valid_at.map(|day| day.to_string());
    let stands = |right: &ParcelRight| day.as_deref().is_none_or(|day| right.stands_on(day));
    let listed = rights(&parcel.attributes()).into_iter().filter(stands);
    let rights = inner.core.store.read(|reader| {
        let with_party = |right: ParcelRight| Ok(RightView { party: party(&inner.core, reader, actor, &right)?, right });
        listed.map(with_party).collect::<Result<Vec<_>>>()
    })?;
    Ok(ParcelRights { parcel: parcel.id, version: parcel.version, rights, masked: false })
}

/// Who the holder of a right is, as far as the actor reaches.
fn party(core: &Core, reader: &mut Reader<'_>, actor: &Actor, right: &ParcelRight) -> Result<Option<Party>> {
    let by_number = right.right_holder_id.as_deref().and_then(|number| entity_of_number(core, number));
    let party = match (by_number, &right.right_holder, &right.right_holder_id) {
        (Some((kind, id)), ..) => Some(Party { kind, id, by: PartyFoundBy::Number }),
        (None, Some(name), None) => legal_person_named(core, reader, name)?,
        _ => None,
    };
    let Some(party) = party else { return Ok(None) };
    let reached = actor.limits.reach_kind(party.kind) && !scope::within(reader, actor, party.kind, &[party.id])?.is_empty();
    Ok(Some(party).filter(|_| reached))
}

/// The only legal person whose registered name is this one.
fn legal_person_named(core: &Core, reader: &mut Reader<'_>, name: &str) -> Result<Option<Party>> {
    let shelf = core.shelf(Kind::LegalPerson);
    let namesakes: Vec<EntityId> = {
        let lookup = shelf.lookup.read();
        let tokens = shelf.noun.search_query("name", name);
        let slots = tokens.iter().flat_map(|token| lookup.postings.get(lookup.postings.hash(token)));
        let found: AHashSet<EntityId> = slots.filter_map(|slot| lookup.entity(*slot)).collect();
        found.into_iter().collect()
    };
    if namesakes.is_empty() || namesakes.len() > MOST_NAMESAKES {
        return Ok(None);
    }
    let wanted = plain(name);
    let mut bearers = Vec::new();
    for row in reader.current_versions(&namesakes)? {
        let bears = read_golden(&row.golden)?.values.get("name").is_some_and(|value| plain(&value.value) == wanted);
        if bears && shown(row.state) == EntityState::Active {
            bearers.push(row.entity);
        }
    }
    Ok(match bearers.as_slice() {
        [id] => Some(Party { kind: Kind::LegalPerson, id: *id, by: PartyFoundBy::Name }),
        _ => None,
    })
}

/// A name without differences of width, case and script.
fn plain(name: &str) -> String {
    compact_number(&simplify(&tidy(name))).replace('（', "(").replace('）', ")")
}
