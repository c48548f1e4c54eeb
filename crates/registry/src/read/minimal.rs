//! Are these the same; is there such a person in this division; by what name may a department join its data on them?
//!
//! Answers for those who need a yes, a no or a join key and should get no more: no id, no value. They leave traces like any
//! other.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiku_linkage::compare;
use jiku_model::{EntityId, Kind, RawRecord};
use sha2::Sha256;

use super::resolve::{matched, parsed};
use crate::facade::{MinimalAnswer, Pseudonym, ResolutionDecision, Who};
use crate::limits::FieldUse;
use crate::registry::Inner;
use crate::{Actor, RegistryError, scope};

type Result<T> = std::result::Result<T, RegistryError>;

/// What the trace says was shown.
const SHOWN: &str = "yes-no";

/// Whether two speak of one entity, and which of the base each of them is.
pub(crate) fn same(inner: &Inner, actor: &Actor, kind: Kind, left: &Who, right: &Who) -> Result<(MinimalAnswer, [Option<EntityId>; 2])> {
    let (one, other) = (place(inner, actor, kind, left)?, place(inner, actor, kind, right)?);
    let read: Vec<(EntityId, String)> = [&one, &other].into_iter().filter_map(|place| Some((place.entity?, SHOWN.to_owned()))).collect();
    let verdict = match (one.entity, other.entity) {
        (Some(one), Some(other)) if one == other => MinimalAnswer::Yes,
        (Some(_), Some(_)) => MinimalAnswer::No,
        _ => match (left, right) {
            // Neither is needed in the base to be compared.
            (Who::Record(left), Who::Record(right)) => compared(inner, kind, left, right)?,
            _ if one.doubtful || other.doubtful => MinimalAnswer::Unsure,
            _ => MinimalAnswer::No,
        },
    };
    inner.audit.log(actor, "same", kind, &read)?;
    Ok((verdict, [one.entity, other.entity]))
}

/// Whether there is such an entity, in a division when one is named; and which, when the answer is yes.
pub(crate) fn exists(
    inner: &Inner,
    actor: &Actor,
    kind: Kind,
    record: &RawRecord,
    division: Option<&str>,
) -> Result<(MinimalAnswer, Option<EntityId>)> {
    let place = place(inner, actor, kind, &Who::Record(record.clone()))?;
    let lives = match (place.entity, division) {
        (Some(entity), Some(division)) => {
            let limits = crate::Limits { divisions: vec![division.to_owned()], ..crate::Limits::default() };
            limits.check()?;
            inner.core.store.read(|reader| match reader.current_versions(&[entity])?.pop() {
                Some(row) => scope::reaches(reader, &limits, kind, &row),
                None => Ok(false),
            })?
        }
        (entity, _) => entity.is_some(),
    };
    let read: Vec<(EntityId, String)> = place.entity.map(|entity| (entity, SHOWN.to_owned())).into_iter().collect();
    inner.audit.log(actor, "exists", kind, &read)?;
    Ok(match place {
        Place { entity: Some(entity), .. } if lives => (MinimalAnswer::Yes, Some(entity)),
        Place { doubtful: true, .. } => (MinimalAnswer::Unsure, None),
        _ => (MinimalAnswer::No, None),
    })
}

/// By what name the actor's department joins its data on an entity. The name is a keyed hash of the department and the
/// canonical id: the same for ever, another one for every other department, and nothing that leads back without the key, which
/// is outside of the database. An id that is merged away keeps its name, told as a former one; an unmerge gives it back. And which entity
/// it is, which is not for the caller.
pub(crate) fn pseudonym(inner: &Inner, actor: &Actor, kind: Kind, who: &Who) -> Result<(Pseudonym, Option<EntityId>)> {
    if actor.department.trim().is_empty() {
        return Err(RegistryError::conflict("no-department", "the account belongs to no department, whose names these would be"));
    }
    let place = place(inner, actor, kind, who)?;
    let read: Vec<(EntityId, String)> = place.entity.map(|entity| (entity, "pseudonym".to_owned())).into_iter().collect();
    inner.audit.log(actor, "pseudonym", kind, &read)?;
    let Some(entity) = place.entity else {
        let answer = if place.doubtful { MinimalAnswer::Unsure } else { MinimalAnswer::No };
        return Ok((Pseudonym { answer, pseudonym: None, former: Vec::new() }, None));
    };
    let key = inner.core.store.derived_key("pseudonym");
    let ids = inner.core.store.read(|reader| super::find::ids_of(reader, entity))?;
    let name = |id: &EntityId| named(&key, &actor.department, kind, *id);
    let mut former: Vec<String> = ids[1..].iter().map(name).collect();
    former.sort();
    Ok((Pseudonym { answer: MinimalAnswer::Yes, pseudonym: Some(name(&entity)), former }, Some(entity)))
}

/// The first 128 bits of HMAC-SHA-256 over department, kind and id, in hexadecimal.
fn named(key: &[u8; 32], department: &str, kind: Kind, id: EntityId) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in [department.as_bytes(), kind.as_str().as_bytes(), id.0.as_bytes()] {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Where somebody is in the base.
struct Place {
    entity: Option<EntityId>,
    /// Nobody for certain, and somebody perhaps.
    doubtful: bool,
}

fn place(inner: &Inner, actor: &Actor, kind: Kind, who: &Who) -> Result<Place> {
    match who {
        Who::Entity(id) => Ok(Place { entity: Some(survivor(inner, actor, kind, *id)?), doubtful: false }),
        Who::Record(raw) => {
            raw.keys().try_for_each(|column| scope::require_field(actor, FieldUse::Filter, kind, column))?;
            let (decision, best) = matched(inner, actor, kind, raw)?;
            Ok(Place { entity: best.filter(|_| decision == ResolutionDecision::Match), doubtful: decision == ResolutionDecision::Review })
        }
    }
}

/// Who answers for an id now.
pub(crate) fn survivor(inner: &Inner, actor: &Actor, kind: Kind, id: EntityId) -> Result<EntityId> {
    inner.core.store.read(|reader| {
        super::find::check_kind(reader, kind, id)?;
        scope::require(reader, actor, kind, id)?;
        super::find::current_of(reader, kind, id)?.ok_or(RegistryError::NotFound { what: "entity" })
    })
}

fn compared(inner: &Inner, kind: Kind, left: &RawRecord, right: &RawRecord) -> Result<MinimalAnswer> {
    let shelf = inner.core.shelf(kind);
    let features = |raw: &RawRecord| Ok::<_, RegistryError>(inner.core.features(kind, &parsed(inner, kind, raw)?.attributes));
    let weight = compare(&shelf.model(), &features(left)?, &features(right)?).weight;
    Ok(if weight >= shelf.model().link_threshold() {
        MinimalAnswer::Yes
    } else if weight >= shelf.model().review_threshold() {
        MinimalAnswer::Unsure
    } else {
        MinimalAnswer::No
    })
}
