//! How does a merge pass through the hands of two people?
//!
//! A risky merge is refused to a single steward: one proposes it on the versions they saw, another one, who is not the same
//! human, approves exactly that. What changed in between makes the proposal stale.

use std::collections::BTreeSet;

use jiku_model::{EntityId, Kind, ProposalId};
use jiku_store::{PrincipalRow, ProposalRow, ProposalState, Reader};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::session::Session;
use super::stewardship::{self, Order};
use crate::facade::{Expected, MergeOutcome, MergeRisk, ProposalView};
use crate::memory::{Graph, Nobodys};
use crate::{Actor, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

/// A merge into more records than this needs two people.
const LARGE: usize = 50;

/// What a row keeps of the entities.
#[derive(Debug, Serialize, Deserialize)]
struct Named {
    entities: Vec<(EntityId, i64)>,
}

/// Why a merge of these entities needs two people.
pub(crate) fn risks(graph: &Graph, nobodys: &Nobodys, entities: &[EntityId]) -> Vec<MergeRisk> {
    let distinct: BTreeSet<EntityId> = entities.iter().copied().collect();
    let members: Vec<u32> = distinct.iter().filter_map(|id| graph.entity(*id)).flat_map(|entity| entity.members.iter().copied()).collect();
    let numbers: BTreeSet<_> = members.iter().filter_map(|slot| nobodys.heed(graph.node(*slot)?.strong)).collect();
    let mut risks = Vec::new();
    if distinct.len() > 1 && numbers.len() > 1 {
        risks.push(MergeRisk::ConflictingIdentifier);
    }
    if distinct.len() > 1 && members.len() > LARGE {
        risks.push(MergeRisk::Large);
    }
    risks
}

/// Refuses a risky merge that has passed through one pair of hands only.
pub(crate) fn require_second_person(graph: &Graph, nobodys: &Nobodys, entities: &[EntityId], order: &Order) -> Result<Vec<MergeRisk>> {
    let risks = risks(graph, nobodys, entities);
    if risks.is_empty() || order.dry_run || order.proposal.is_some() || order.actor.is_operator() {
        return Ok(risks);
    }
    let words: Vec<&str> = risks.iter().map(|risk| risk.as_str()).collect();
    let message = format!("this merge needs a second steward ({}): propose it, and another one approves", words.join(", "));
    Err(RegistryError::Conflict { code: "approval-required", message: message.into() })
}

/// Keeps a merge for another steward to approve.
pub(crate) fn propose(session: &mut Session<'_, '_>, kind: Kind, entities: &[EntityId], order: &Order) -> Result<ProposalView> {
    require_a_person(session.writer, &order.actor, "a proposed merge")?;
    let (desk, _) = session.desk(kind);
    let version = |id: &EntityId| desk.graph.entity(*id).map(|entity| (*id, i64::from(entity.version)));
    let named = Named { entities: entities.iter().filter_map(version).collect() };
    let words: Vec<&str> = risks(desk.graph, &desk.shelf.nobodys(), entities).iter().map(|risk| risk.as_str()).collect();
    // What could not be merged now need not be proposed. Looking changes the graph, so it comes last.
    stewardship::merge(session, kind, entities, &Order { dry_run: true, ..order.clone() })?;
    let row = ProposalRow {
        id: ProposalId(Uuid::now_v7()),
        kind,
        entities: serde_json::to_string(&named)
            .map_err(|error| RegistryError::internal(format!("a proposal cannot be written: {error}")))?,
        risks: words.join(","),
        comment: order.comment.clone(),
        proposed_by: order.actor.principal.clone(),
        proposed_at: session.at,
        state: ProposalState::Open,
        decided_by: None,
        decided_at: None,
        answer: None,
        decision: None,
    };
    session.writer.put_proposal(&row)?;
    view(&row)
}

/// Carries out what another steward proposed.
pub(crate) fn approve(session: &mut Session<'_, '_>, id: ProposalId, actor: &Actor, answer: Option<&str>) -> Result<(Kind, MergeOutcome)> {
    let row = open(session, id)?;
    if may_be_same_human(session.writer, &row.proposed_by, actor)? {
        return Err(same_hands("proposed a merge"));
    }
    let named = view(&row)?.entities;
    let entities: Vec<EntityId> = named.iter().map(|(id, _)| *id).collect();
    let expected: Expected = named.into_iter().collect();
    let order = Order { proposal: Some((id, row.proposed_by.clone())), ..Order::new(actor, row.comment.as_deref(), &expected, false) };
    let outcome = stewardship::merge(session, row.kind, &entities, &order)?;
    let (kind, decision) = (row.kind, outcome.decision);
    session.writer.put_proposal(&ProposalRow { decision, ..ended(row, session, actor, ProposalState::Approved, answer) })?;
    Ok((kind, outcome))
}

/// Ends a proposal without carrying it out: who proposed it takes it back, another steward rejects it.
pub(crate) fn refuse(session: &mut Session<'_, '_>, id: ProposalId, actor: &Actor, answer: Option<&str>) -> Result<ProposalView> {
    let row = open(session, id)?;
    let state = if row.proposed_by == actor.principal { ProposalState::Withdrawn } else { ProposalState::Rejected };
    let row = ended(row, session, actor, state, answer);
    session.writer.put_proposal(&row)?;
    view(&row)
}

/// Marks a proposal whose entities changed before anybody approved it.
pub(crate) fn give_up(session: &mut Session<'_, '_>, id: ProposalId, actor: &Actor) -> Result<()> {
    let row = open(session, id)?;
    let row = ended(row, session, actor, ProposalState::Stale, None);
    Ok(session.writer.put_proposal(&row)?)
}

fn open(session: &mut Session<'_, '_>, id: ProposalId) -> Result<ProposalRow> {
    let row = session.writer.proposal(id)?.ok_or(RegistryError::NotFound { what: "proposal" })?;
    if row.state != ProposalState::Open {
        let message = format!("this proposal is no longer open: {}", row.state);
        return Err(RegistryError::Conflict { code: "already-decided", message: message.into() });
    }
    Ok(row)
}

fn ended(row: ProposalRow, session: &Session<'_, '_>, actor: &Actor, state: ProposalState, answer: Option<&str>) -> ProposalRow {
    let decided_by = Some(actor.principal.clone());
    ProposalRow { state, decided_by, decided_at: Some(session.at), answer: answer.map(str::to_owned), ..row }
}

/// Whether what one account began may be ended by an actor of the same human: the same account, accounts with the same number of the employer,
/// and whoever cannot be told apart: only the identity provider knows one of them, or a key, which anybody may hold, stands for one. Who works at the server's command line
/// is told apart by the name.
pub(crate) fn may_be_same_human(reader: &mut Reader<'_>, one: &str, other: &Actor) -> Result<bool> {
    if one == other.principal {
        return Ok(true);
    }
    match (reader.principal(one)?, reader.principal(&other.principal)?) {
        (Some(one), Some(other)) => {
            Ok(is_a_key(&one) || is_a_key(&other) || (one.staff_number.is_some() && one.staff_number == other.staff_number))
        }
        _ => Ok(!other.is_operator()),
    }
}

/// Whether an account is known by keys alone, which anybody may hold.
fn is_a_key(account: &PrincipalRow) -> bool {
    account.password_hash.is_none() && account.staff_number.is_none()
}

/// Refuses a key that asks for what takes two people: nobody could approve it.
pub(crate) fn require_a_person(reader: &mut Reader<'_>, actor: &Actor, what: &str) -> Result<()> {
    let account = if actor.is_operator() { None } else { reader.principal(&actor.principal)? };
    if account.as_ref().is_some_and(is_a_key) {
        return Err(RegistryError::SameHands(
            format!("{what} takes two people, and a key tells nobody's hands: sign in (POST /api/v1/sessions) and ask by that session")
                .into(),
        ));
    }
    Ok(())
}

/// What is refused then.
pub(crate) fn same_hands(what: &str) -> RegistryError {
    RegistryError::SameHands(
        format!("who {what} cannot approve it, nor under another account; it takes two people who sign in, no key, and accounts of the identity provider need one here that says whose they are")
            .into(),
    )
}

/// A proposal as it is shown.
pub(crate) fn view(row: &ProposalRow) -> Result<ProposalView> {
    let named: Named =
        serde_json::from_str(&row.entities).map_err(|error| RegistryError::internal(format!("a proposal is not readable: {error}")))?;
    let risk = |word: &str| MergeRisk::ALL.into_iter().find(|risk| risk.as_str() == word);
    Ok(ProposalView {
        id: row.id,
        kind: row.kind,
        entities: named.entities,
        risks: row.risks.split(',').filter_map(risk).collect(),
        comment: row.comment.clone(),
        proposed_by: row.proposed_by.clone(),
        proposed_at: row.proposed_at,
        state: row.state,
        decided_by: row.decided_by.clone(),
        decided_at: row.decided_at,
        answer: row.answer.clone(),
        decision: row.decision,
    })
}
