//! How do other survivorship rules come into use?
//!
//! Putting them into use is one act in the ledger: the file as it was given with its number, who, when, and its digest. From that commit on
//! every node composes by them and by no others. The golden records that stand are composed anew in portions, each a transaction of its own
//! that also says how far it came ([`composer`]): others read and write between them, whoever is killed goes on at the next start, and what
//! was said before stays in the versions. Going back is putting an earlier version into use again: history is added, never rewritten.

pub(crate) mod composer;
pub(crate) mod preview;
mod sense;
pub(crate) mod view;

use std::borrow::Cow;

use jiku_golden::{Remark, Rules, Vocabulary};
use jiku_model::{DecisionId, Dimension, EntityId, Kind, Problem, Severity};
use jiku_store::{DecisionRow, Reader, SurvivorshipRow};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::facade::{DecisionKind, EntityState, MAX_RULES_BYTES, RulesChange, RulesOutcome, RulesRemark};
use crate::kinds::noun;
use crate::memory::{Graph, Shelf, Sources};
use crate::registry::Inner;
use crate::seals::seal::hex;
use crate::write::draft::{Draft, Note};
use crate::write::reload::index;
use crate::write::session::Session;
use crate::{Actor, RegistryError};

type Result<T> = std::result::Result<T, RegistryError>;

/// Other rules, ready to be asked.
#[derive(Clone)]
pub(crate) struct Proposed {
    rules: Rules,
    toml: String,
    digest: String,
    /// The version in use.
    from: i32,
    /// Whether they are those in use.
    is_same: bool,
    /// The version that they are again.
    again: Option<i32>,
    warnings: Vec<RulesRemark>,
}

impl Proposed {
    /// The rules that a change names.
    pub(crate) fn of(inner: &Inner, kind: Kind, change: &RulesChange) -> Result<Self> {
        let (kept, sources) =
            inner.core.store.read(|reader| Ok::<_, RegistryError>((reader.survivorships(kind)?, Sources::new(reader.sources()?)?)))?;
        let in_use = kept.iter().find(|row| row.active).ok_or_else(|| RegistryError::internal("no survivorship rules are in use"))?;
        let (toml, (rules, warnings)) = match change {
            RulesChange::File(toml) => {
                // What is in use may be looked at whatever its size.
                if toml.len() > MAX_RULES_BYTES && *toml != in_use.toml {
                    let advice = format!("the file has {} bytes, and a file of rules has {MAX_RULES_BYTES} (256 KiB) at most", toml.len());
                    return Err(RegistryError::Invalid(vec![problem(Cow::Owned(advice))]));
                }
                (toml.clone(), checked(kind, toml, &sources).map_err(RegistryError::Invalid)?)
            }
            RulesChange::Version(version) => {
                let row = kept.iter().find(|row| row.version == *version);
                let row = row.ok_or(RegistryError::NotFound { what: "version of the survivorship rules" })?;
                let warnings = checked(kind, &row.toml, &sources).map(|(_, warnings)| warnings).unwrap_or_default();
                (row.toml.clone(), (read(row)?, warnings))
            }
        };
        let digest = digest(&toml);
        let again = if let RulesChange::Version(version) = change { Some(*version) } else { None };
        Ok(Self { rules, digest, from: in_use.version, is_same: in_use.toml == toml, again, warnings, toml })
    }
}

/// Rules that are kept.
pub(crate) fn read(row: &SurvivorshipRow) -> Result<Rules> {
    Rules::from_toml(&row.toml)
        .map_err(|error| RegistryError::internal(format!("version {} of the survivorship rules is not readable: {error}", row.version)))
}

/// Rules with what may be a slip in them, or everything that is wrong: each with its line.
fn checked(kind: Kind, toml: &str, sources: &Sources) -> std::result::Result<(Rules, Vec<RulesRemark>), Vec<Problem>> {
    let attributes: Vec<&str> = noun(kind).columns().iter().map(|column| column.name).collect();
    let codes: Vec<&str> = sources.all().map(|source| source.code.as_str()).collect();
    let known = Vocabulary { kind: kind.as_str(), attributes: &attributes, sources: &codes };
    let told = |Remark { line, message }: Remark| RulesRemark { line, message };
    let sensible = |(rules, mut doubts): (Rules, Vec<Remark>)| {
        let impossible = sense::impossible(kind, &rules, toml);
        doubts.extend(sense::parted(kind, &rules, toml));
        if impossible.is_empty() { Ok((rules, doubts)) } else { Err(impossible) }
    };
    Rules::checked(toml, known).and_then(sensible).map(|(rules, doubts)| (rules, doubts.into_iter().map(told).collect())).map_err(
        |faults| faults.into_iter().map(|Remark { line, message }| problem(Cow::Owned(format!("line {line}: {message}")))).collect(),
    )
}

/// What is wrong with a file.
fn problem(advice: Cow<'static, str>) -> Problem {
    Problem {
        code: Cow::Borrowed("survivorship-invalid"),
        severity: Severity::Reject,
        dimension: Dimension::Validity,
        field: Some(Cow::Borrowed("toml")),
        advice,
    }
}

/// SHA-256 of a file, in hexadecimal digits.
fn digest(toml: &str) -> String {
    hex(&Sha256::digest(toml))
}

/// The golden records that rules can change: those of several records, and those with a value set by hand. What a record says that is alone
/// is said whatever the rules.
pub(crate) fn concerned(graph: &Graph) -> impl Iterator<Item = EntityId> {
    let is_concerned = |members: &[u32]| members.len() > 1 || members.iter().any(|slot| !graph.overrides(*slot).is_empty());
    graph.entities().filter(move |(_, entity)| entity.state == EntityState::Active && is_concerned(&entity.members)).map(|(id, _)| id)
}

/// Refuses when another version is in use than the caller saw.
fn check(shelf: &Shelf, expected: Option<i32>) -> Result<()> {
    let in_use = shelf.rules_version();
    match expected {
        Some(expected) if expected != in_use => {
            let message = format!("version {in_use} of the survivorship rules is in use, not {expected}: look again and decide anew");
            Err(RegistryError::conflict("survivorship-stale", message))
        }
        _ => Ok(()),
    }
}

/// Puts other rules into use; golden records follow in portions.
pub(crate) fn apply(
    inner: &Inner,
    actor: &Actor,
    kind: Kind,
    change: &RulesChange,
    expected: Option<i32>,
    comment: Option<&str>,
) -> Result<RulesOutcome> {
    let proposed = Proposed::of(inner, kind, change)?;
    let (principal, comment) = (actor.principal.clone(), comment.map(str::to_owned));
    inner.queue.act_alone(move |session| {
        check(session.core.shelf(kind), expected.or(Some(proposed.from)))?;
        write(session, kind, &principal, comment.as_deref(), &proposed)
    })
}

fn write(session: &mut Session<'_, '_>, kind: Kind, actor: &str, comment: Option<&str>, proposed: &Proposed) -> Result<RulesOutcome> {
    let Proposed { rules, toml, digest, from, is_same, again, warnings } = proposed;
    let told = |version, decision, to_compose, position| RulesOutcome {
        kind,
        version,
        digest: digest.clone(),
        decision,
        warnings: warnings.clone(),
        to_compose,
        position,
    };
    if *is_same {
        return Ok(told(*from, None, 0, session.writer.last_position()?));
    }
    let mut draft = Draft::new(kind, session.at, DecisionId(Uuid::now_v7()));
    let (decision, at) = (draft.decision, draft.at);
    let to = session.writer.survivorships(kind)?.iter().map(|row| row.version).max().unwrap_or_default() + 1;
    let to_compose = concerned(&session.state.graphs[index(kind)]).count();
    session.writer.put_survivorship(&SurvivorshipRow {
        kind,
        version: to,
        toml: toml.clone(),
        active: true,
        created_at: at,
        actor: actor.to_owned(),
        decision: Some(decision),
        to_compose: i64::try_from(to_compose).unwrap_or(i64::MAX),
        composed: 0,
        changed: 0,
        composed_through: None,
        composed_at: (to_compose == 0).then_some(at),
    })?;
    draft.decisions.push(DecisionRow {
        id: decision,
        kind,
        action: DecisionKind::Survivorship.as_str().to_owned(),
        actor: actor.to_owned(),
        at,
        comment: comment.map(str::to_owned),
        undone_by: None,
        body: json!({ "from": from, "to": to, "again": again, "digest": digest }).to_string(),
    });
    let body = json!({ "records": [], "survivorship": to, "decision": decision });
    draft.notes.push(Note { actor: actor.to_owned(), event: "rules-changed", entity: None, body });
    session.write(draft)?;
    session.adopt_rules(kind, to, rules.clone());
    Ok(told(to, Some(decision), to_compose as u64, session.writer.last_position()?))
}

/// The rules by which golden records may still stand while those in use are newly so: every version from the last one that all followed, the
/// latest first. None when all follow those in use.
pub(crate) fn earlier_rules(reader: &mut Reader<'_>, kind: Kind) -> Result<Vec<Rules>> {
    let rows = reader.survivorships(kind)?;
    if rows.iter().any(|row| row.active && row.composed_at.is_some()) {
        return Ok(Vec::new());
    }
    let followed = rows.iter().filter(|row| row.composed_at.is_some()).map(|row| row.version).max().unwrap_or_default();
    rows.iter().rev().filter(|row| !row.active && row.version >= followed).map(read).collect()
}

/// Notes that every golden record of a kind is composed by the rules in use.
pub(crate) fn all_composed(session: &mut Session<'_, '_>, kind: Kind) -> Result<()> {
    if let Some(row) = session.writer.active_survivorship(kind)?.filter(|row| row.composed_at.is_none()) {
        session.writer.put_survivorship(&SurvivorshipRow { composed: row.to_compose, composed_at: Some(session.at), ..row })?;
    }
    Ok(())
}
