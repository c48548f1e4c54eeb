//! Which entities does an actor reach?
//!
//! What lies outside is answered as if it were not there: the same error, the same body.

use jiku_model::{EntityId, Kind, RecordId, Sensitivity, SourceCode};
use jiku_store::{Reader, RecordRow, VersionRow};
use jiku_text::address::Address;

use crate::facade::{EntityState, Relationship};
use crate::kinds::columns;
use crate::limits::{FieldUse, Limits};
use crate::write::draft::shown;
use crate::write::images::read_golden;
use crate::write::prepare::read_attributes;
use crate::write::reload::read_members;
use crate::{Actor, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

const NO_ENTITY: RegistryError = RegistryError::NotFound { what: "entity" };

/// How many redirects are followed.
const LONGEST_CHAIN: usize = 64;

/// Whether the entity of this version is in scope. Where somebody lives is what others than the actor say, if they say anything: else whoever may send
/// records could bring in anybody whose name and number they know.
pub(crate) fn reaches(reader: &mut Reader<'_>, limits: &Limits, kind: Kind, row: &VersionRow) -> Result<bool> {
    if !lies_within(limits, kind, row)? {
        return Ok(false);
    }
    if limits.divisions.is_empty() || limits.sources.is_none() {
        return Ok(true);
    }
    let by_a_steward = read_golden(&row.golden)?.values.get("division").is_some_and(|value| value.record.is_none());
    if by_a_steward {
        return Ok(true);
    }
    let members: Vec<RecordId> = read_members(&row.members)?.into_iter().map(|(record, _)| record).collect();
    let own: Vec<i16> = reader
        .sources()?
        .into_iter()
        .filter(|source| SourceCode::try_from(source.code.clone()).is_ok_and(|code| limits.sources.include(&code)))
        .map(|source| source.number)
        .collect();
    let others: Vec<RecordRow> = reader.records(&members)?.into_iter().filter(|record| !own.contains(&record.source)).collect();
    for record in &others {
        let told = read_attributes(&record.parsed)?;
        let of_address = || told.get("address").map(Address::parse).and_then(|address| address.code().map(str::to_owned));
        if limits.reach(kind, told.get("division").map(str::to_owned).or_else(of_address).as_deref()) {
            return Ok(true);
        }
    }
    Ok(others.is_empty())
}

/// Whether the golden record of this version is of a place in scope, whoever says so.
pub(crate) fn lies_within(limits: &Limits, kind: Kind, row: &VersionRow) -> Result<bool> {
    if limits.only.is_some_and(|only| only != row.entity) {
        return Ok(false);
    }
    if limits.divisions.is_empty() {
        return Ok(limits.reach_kind(kind));
    }
    Ok(limits.reach(kind, read_golden(&row.golden)?.attributes().get("division")))
}

/// Refuses an entity out of scope as an absent one; a merged one is where its survivor is.
pub(crate) fn require(reader: &mut Reader<'_>, actor: &Actor, kind: Kind, id: EntityId) -> Result<()> {
    if !actor.limits.is_scoped() {
        return Ok(());
    }
    let mut row = reader.current_versions(&[id])?.pop().ok_or(NO_ENTITY)?;
    for _ in 0..LONGEST_CHAIN {
        match (shown(row.state), row.redirect) {
            (EntityState::Merged, Some(next)) => row = reader.current_versions(&[next])?.pop().ok_or(NO_ENTITY)?,
            _ => break,
        }
    }
    if reaches(reader, &actor.limits, kind, &row)? { Ok(()) } else { Err(NO_ENTITY) }
}

/// Those of the entities that are in scope, in their order.
pub(crate) fn within(reader: &mut Reader<'_>, actor: &Actor, kind: Kind, ids: &[EntityId]) -> Result<Vec<EntityId>> {
    if !actor.limits.is_scoped() {
        return Ok(ids.to_vec());
    }
    let mut reached = ahash::AHashSet::new();
    for piece in ids.chunks(1_000) {
        for row in reader.current_versions(piece)? {
            if reaches(reader, &actor.limits, kind, &row)? {
                reached.insert(row.entity);
            }
        }
    }
    Ok(ids.iter().copied().filter(|id| reached.contains(id)).collect())
}

/// Leaves out the ties whose other end is out of scope.
pub(crate) fn retain_ties(reader: &mut Reader<'_>, actor: &Actor, own: EntityId, ties: &mut Vec<Relationship>) -> Result<()> {
    if !actor.limits.is_scoped() {
        return Ok(());
    }
    let mut kept = Vec::with_capacity(ties.len());
    for tie in ties.drain(..) {
        let other = if tie.from == own { tie.to } else { Some((tie.from_kind, tie.from)) };
        let reached = match other {
            Some((kind, id)) => !within(reader, actor, kind, &[id])?.is_empty(),
            None => true,
        };
        if reached {
            kept.push(tie);
        }
    }
    *ties = kept;
    Ok(())
}

/// Refuses the use of a column whose class the actor's limits do not allow. A name that is no column passes: whoever reads it
/// will say so.
pub(crate) fn require_field(actor: &Actor, what: FieldUse, kind: Kind, column: &str) -> Result<()> {
    let class = columns(kind).iter().find(|known| known.name == column).map_or(Sensitivity::Public, |known| known.sensitivity);
    if actor.limits.allow(what, class) { Ok(()) } else { Err(RegistryError::FieldForbidden { field: column.to_owned() }) }
}

/// Refuses a kind out of scope.
pub(crate) fn require_kind(actor: &Actor, kind: Kind) -> Result<()> {
    if actor.limits.reach_kind(kind) {
        return Ok(());
    }
    Err(RegistryError::Forbidden(format!("{} are outside of your scope", kind.plural()).into()))
}

/// Refuses an actor who reaches only a part of a kind what tells of, or changes, all of it.
pub(crate) fn require_all(actor: &Actor, kind: Kind) -> Result<()> {
    if actor.limits.reach_all(kind) {
        return Ok(());
    }
    Err(RegistryError::Forbidden(format!("this is about every one of the {}; your rights reach only a part of them", kind.plural()).into()))
}

/// Refuses to send in the name of a source system that the limits do not list.
pub(crate) fn require_source(actor: &Actor, source: &SourceCode) -> Result<()> {
    if actor.limits.sources.include(source) {
        return Ok(());
    }
    let message = if actor.limits.sources.is_none() {
        "your rights name no source system to send for; a security administrator adds them to your limits"
    } else {
        "your rights do not include sending for this source system"
    };
    Err(RegistryError::Forbidden(message.into()))
}

/// Refuses an actor who reaches only a part of the parcels: an edit, a check of topology and a lineage touch or tell neighbours.
pub(crate) fn require_all_parcels(actor: &Actor) -> Result<()> {
    if actor.limits.divisions.is_empty() && actor.limits.reach_kind(Kind::Parcel) {
        return Ok(());
    }
    Err(RegistryError::Forbidden("this touches neighbouring parcels as well; your rights reach only a part of them".into()))
}
