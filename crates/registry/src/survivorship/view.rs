//! What do the survivorship rules in use say, and which were in use before?

use ahash::AHashMap;
use jiku_golden::{Clause, Rules};
use jiku_model::{DecisionId, Kind};
use jiku_store::SurvivorshipRow;

use super::{checked, digest, read};
use crate::RegistryError;
use crate::facade::{ClauseView, Composing, PastView, RulesVersionView, RulesView};
use crate::memory::Sources;
use crate::registry::Inner;

type Result<T> = std::result::Result<T, RegistryError>;

/// The rules of a version, or those in use.
pub(crate) fn rules(inner: &Inner, kind: Kind, version: Option<i32>) -> Result<RulesView> {
    let (rows, comments, sources) = inner.core.store.read(|reader| {
        let rows = reader.survivorships(kind)?;
        let decisions: Vec<DecisionId> = rows.iter().filter_map(|row| row.decision).collect();
        let comments: AHashMap<DecisionId, Option<String>> =
            reader.decisions(&decisions)?.into_iter().map(|row| (row.id, row.comment)).collect();
        Ok::<_, RegistryError>((rows, comments, Sources::new(reader.sources()?)?))
    })?;
    let in_use = rows.iter().find(|row| row.active).ok_or_else(|| RegistryError::internal("no survivorship rules are in use"))?;
    let asked = version.unwrap_or(in_use.version);
    let missing = RegistryError::NotFound { what: "version of the survivorship rules" };
    let row = rows.iter().find(|row| row.version == asked).ok_or(missing)?;
    let told = |row: &SurvivorshipRow| RulesVersionView {
        version: row.version,
        active: row.active,
        created_at: row.created_at,
        actor: row.actor.clone(),
        decision: row.decision,
        comment: row.decision.and_then(|decision| comments.get(&decision).cloned().flatten()),
        digest: digest(&row.toml),
        changed: u64::try_from(row.changed).unwrap_or_default(),
        composed_at: row.composed_at,
    };
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let composing = in_use.composed_at.is_none().then(|| Composing {
        of: count(in_use.to_compose.max(in_use.composed)),
        composed: count(in_use.composed),
        changed: count(in_use.changed),
    });
    let mut versions: Vec<RulesVersionView> = rows.iter().map(told).collect();
    versions.sort_by_key(|version| std::cmp::Reverse(version.version));
    Ok(RulesView {
        kind,
        in_use: in_use.version,
        version: told(row),
        toml: row.toml.clone(),
        clauses: clauses(&read(row)?),
        // What names were known when an earlier version came into use is no matter now.
        warnings: checked(kind, &row.toml, &sources).map(|(_, warnings)| warnings).unwrap_or_default(),
        composing,
        versions,
    })
}

/// What rules say, group by group.
pub(crate) fn clauses(rules: &Rules) -> Vec<ClauseView> {
    let told = |clause: Clause<'_>| ClauseView {
        columns: clause.columns.to_vec(),
        order: clause.order.iter().map(|criterion| criterion.as_str()).collect(),
        trust: clause.trust.clone(),
        final_values: clause.final_values.to_vec(),
        former: clause.former.map(str::to_owned),
        past: clause.past.map(|(column, values, former)| PastView {
            column: column.to_owned(),
            values: values.to_vec(),
            former: former.map(str::to_owned),
        }),
    };
    rules.clauses().map(told).collect()
}
