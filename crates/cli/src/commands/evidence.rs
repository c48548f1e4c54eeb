//! `jiku audit evidence`: what does an assessor want to see of a database?
//!
//! One document with who may call what, how accounts and keys stand, whether the traces are whole, which advisories were waived in the
//! build, and when copies were made and restored. It holds counts, ages and names of routes and files: no person, no account, no record.

use chrono::{TimeDelta, Utc};
use jiku_registry::{Act, ActView, KeyReport, Office, Role, TraceReport};
use jiku_web::{Personal, ROUTES};
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::operator::operator;
use crate::settings::DatabaseUrl;

/// The rules of the supply chain that this program was built under.
const DENY: &str = include_str!("../../../../deny.toml");

/// So many copies and drills are told, the latest.
const MOST_TOLD: usize = 20;

/// So many acts are read at a time.
const STEP: usize = 1_000;

/// The document.
pub(super) fn pack(office: &Office, database: &DatabaseUrl, traces: &TraceReport) -> Result<Value, Failure> {
    let acts = |wanted: Act| acts(office, wanted);
    Ok(json!({
        "made_at": Utc::now(),
        "jiku": env!("CARGO_PKG_VERSION"),
        "store": if database.file().is_some() { "sqlite" } else { "postgresql" },
        "position": office.position(),
        "rights": rights(),
        "accounts": accounts(office)?,
        "api_keys": api_keys(office)?,
        "data_keys": office.encryption()?.keys.iter().map(data_key).collect::<Vec<_>>(),
        "traces": trail(traces),
        "waivers": waivers(),
        "copies": acts(Act::BackupMade)?,
        "drills": acts(Act::RestoreTried)?,
    }))
}

/// Every route with its right, when it asks for a purpose of use, and the roles that have it.
fn rights() -> Vec<Value> {
    let told = |entry: &jiku_web::Entry| {
        let purpose = match entry.personal {
            Personal::No => "never",
            Personal::OfPersons => "of-persons",
            Personal::Always => "always",
        };
        let roles: Vec<&str> = Role::ALL.iter().filter(|role| entry.right.is_held_by(&[**role])).map(|role| role.as_str()).collect();
        json!({ "method": entry.method, "path": entry.path, "right": entry.right.as_str(), "purpose": purpose, "roles": roles })
    };
    ROUTES.iter().map(told).collect()
}

/// How many accounts have which role, and what is unusual about them.
fn accounts(office: &Office) -> Result<Value, Failure> {
    let (admitted, shut_out): (Vec<_>, Vec<_>) = office.list_principals()?.into_iter().partition(|account| account.enabled);
    let of = |role: Role| admitted.iter().filter(move |account| account.roles.contains(&role));
    let by_role: Map<String, Value> = Role::ALL.iter().map(|role| (role.as_str().to_owned(), of(*role).count().into())).collect();
    let administrators = [Role::Auditor, Role::SystemAdmin, Role::SecurityAdmin];
    let without = administrators.into_iter().flat_map(of).filter(|account| !account.second_factor).count();
    Ok(json!({
        "enabled": admitted.len(),
        "disabled": shut_out.len(),
        "by_role": by_role,
        "administrators_without_second_factor": without,
        "may_unmask": admitted.iter().filter(|account| account.limits.unmask).count(),
        "may_act_in_emergencies": admitted.iter().filter(|account| account.limits.emergency).count(),
    }))
}

/// How many keys of departments' systems work, and how old they are.
fn api_keys(office: &Office) -> Result<Value, Failure> {
    let now = Utc::now();
    let keys = office.list_keys()?;
    let (revoked, rest): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| key.revoked_at.is_some());
    let (live, expired): (Vec<_>, Vec<_>) = rest.into_iter().partition(|key| key.expires_at.is_none_or(|end| end > now));
    let soon = now + TimeDelta::days(30);
    Ok(json!({
        "live": live.len(),
        "expired": expired.len(),
        "revoked": revoked.len(),
        "live_without_end": live.iter().filter(|key| key.expires_at.is_none()).count(),
        "ending_within_30_days": live.iter().filter(|key| key.expires_at.is_some_and(|end| end <= soon)).count(),
        "oldest_live_days": live.iter().map(|key| (now - key.created_at).num_days()).max(),
    }))
}

/// A key that values are encrypted under: its age, never the key.
fn data_key(key: &KeyReport) -> Value {
    json!({
        "number": key.number,
        "purpose": key.purpose,
        "algorithm": key.algorithm,
        "master": key.master,
        "age_days": (Utc::now() - key.created_at).num_days(),
        "retired": key.retired_at.is_some(),
    })
}

/// What the check of the traces found; the places, never what stands there.
fn trail(traces: &TraceReport) -> Value {
    let places: Vec<Value> = traces.findings.iter().map(|found| json!({ "area": found.area, "subject": found.subject })).collect();
    json!({
        "intact": traces.total == 0,
        "changes": traces.changes,
        "seals": traces.seals,
        "readings": traces.readings,
        "public_key": traces.public_key,
        "broken_total": traces.total,
        "broken": places,
    })
}

/// The advisories that the build leaves aside, each with its reason.
fn waivers() -> Vec<Value> {
    let rules: toml::Table = DENY.parse().expect("deny.toml is TOML");
    let ignored = rules.get("advisories").and_then(|advisories| advisories.get("ignore")).and_then(toml::Value::as_array);
    let told = |waiver: &toml::Value| match waiver.as_str() {
        Some(id) => json!({ "id": id, "reason": null }),
        None => {
            let text = |name: &str| waiver.get(name).and_then(toml::Value::as_str);
            json!({ "id": text("id"), "reason": text("reason") })
        }
    };
    ignored.into_iter().flatten().map(told).collect()
}

/// The latest acts of one sort, the oldest of them first: when, of which copy, and what came of it.
fn acts(office: &Office, wanted: Act) -> Result<Vec<Value>, Failure> {
    let mut told: Vec<ActView> = Vec::new();
    let mut after = 0;
    loop {
        let page = office.acts(&operator(), after, STEP)?;
        let Some(last) = page.last() else { break };
        after = last.position;
        told.extend(page.into_iter().filter(|act| act.act == wanted.as_str()));
        told.drain(..told.len().saturating_sub(MOST_TOLD));
    }
    Ok(told.into_iter().map(|act| json!({ "at": act.at, "copy": act.about, "outcome": act.detail })).collect())
}
