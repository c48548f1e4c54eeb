//! What is forgotten, and when?
//!
//! What nobody is answerable for any more: rows that were refused, answers kept for repeated requests, sessions, counts of
//! quotas. Source records, versions, decisions and both logs are history: they are never forgotten here.

use chrono::TimeDelta;

use crate::facade::{Act, Forgotten, RetentionRules};
use crate::registry::Inner;
use crate::requests::KEPT_FOR;
use crate::{Actor, RegistryError, acts};

type Result<T> = std::result::Result<T, RegistryError>;

/// The shortest time that rejected rows are kept, in days: a department needs some to look at them.
const SHORTEST_DAYS: i64 = 1;

/// Forgets what the rules say; the change log has that it was done, by whom, and how much.
pub(crate) fn apply(inner: &Inner, actor: &Actor, rules: &RetentionRules) -> Result<Forgotten> {
    for (field, days) in [("rejections_days", rules.rejections_days), ("usage_days", rules.usage_days)] {
        if !(SHORTEST_DAYS..=36_500).contains(&days) {
            return Err(RegistryError::invalid(field, "value-invalid", "1 to 36,500 days"));
        }
    }
    let (rules, by) = (*rules, actor.principal.clone());
    let today = inner.usage.day();
    inner.queue.act(move |session| {
        let count = |rows: usize| rows as u64;
        // Whom somebody was shown counts on its day alone.
        session.writer.delete_seen(today)?;
        let forgotten = Forgotten {
            rejections: count(session.writer.forget_rejections(session.at - TimeDelta::days(rules.rejections_days))?),
            answers: count(session.writer.forget_idempotency_keys(session.at - KEPT_FOR)?),
            sessions: count(session.writer.delete_expired_sessions(session.at)?),
            counts: count(session.writer.delete_usage(today - rules.usage_days)?),
        };
        let detail = format!(
            "{} rejected rows, {} answers, {} sessions, {} counts",
            forgotten.rejections, forgotten.answers, forgotten.sessions, forgotten.counts
        );
        acts::note(session, &by, Act::Forgotten, "retention", &detail)?;
        Ok(forgotten)
    })
}
