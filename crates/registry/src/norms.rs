//! Who reads far more people today than they usually do, and who has used up a quota?
//!
//! A quota stops who takes too much for anybody; this tells of who takes too much for themselves, long before a quota is used up. What is
//! usual follows from the counts of quotas, which are kept for a month.

use ahash::{AHashMap, AHashSet};

use crate::usage::{Reached, Usage, day_of};
use crate::write::session::transact;
use crate::write::state::Core;
use crate::{Alarm, AlarmView, RegistryError, UsageView, alarms};

/// From how many days before today the usual is known.
const DAYS: i64 = 30;

/// So many times the usual is told of.
const TIMES: u64 = 3;

/// Nobody is told of who read no more people than this.
const FEW: u64 = 100;

/// What principals usually read, as known on a day.
#[derive(Default)]
pub(crate) struct Norms {
    day: Option<i64>,
    /// Different people on a day on which they read at all, on the average.
    usual: AHashMap<String, u64>,
    told: AHashSet<String>,
    /// The quotas of today that somebody was told of.
    told_quotas: AHashSet<Reached>,
}

impl Norms {
    /// Raises an alarm about who has gone beyond their usual since the last look: once a day for each, whichever node notices.
    pub(crate) fn look(&mut self, core: &Core, usage: &Usage) -> Result<(), RegistryError> {
        let day = usage.day();
        if self.day != Some(day) {
            let rows = core.store.peek(|reader| Ok::<_, RegistryError>(reader.usage_between(day - DAYS, day)?))?;
            let counted = rows.into_iter().map(|row| (row.principal, row.day, u64::try_from(row.persons).unwrap_or_default()));
            *self = Self { day: Some(day), usual: usual(counted), ..Self::default() };
        }
        let beyond = |view: &UsageView| view.persons > self.most(&view.principal) && !self.told.contains(&view.principal);
        for view in usage.all().into_iter().filter(beyond).collect::<Vec<_>>() {
            let usual = self.usual.get(&view.principal).copied().unwrap_or_default();
            let about = format!("{} people today, {usual} on a usual day", view.persons);
            transact(core, |session| {
                let of_today = |known: &AlarmView| known.principal == view.principal && day_of(known.at) == day;
                alarms::raise_unless(session, Alarm::ReadingUnusual, &view.principal, &view.department, &about, of_today)
            })?;
            self.told.insert(view.principal);
        }
        for reached in usage.reached() {
            if self.told_quotas.contains(&reached) {
                continue;
            }
            transact(core, |session| {
                let of_today =
                    |known: &AlarmView| known.principal == reached.principal && known.about == reached.quota && day_of(known.at) == day;
                alarms::raise_unless(session, Alarm::QuotaReached, &reached.principal, &reached.department, reached.quota, of_today)
            })?;
            self.told_quotas.insert(reached);
        }
        Ok(())
    }

    /// The most different people a day that nobody need be told of.
    fn most(&self, principal: &str) -> u64 {
        self.usual.get(principal).map_or(FEW, |usual| FEW.max(TIMES * usual))
    }
}

/// How many different people each principal read on a day with readings, on the average; the counts of a day come from several nodes.
fn usual(counted: impl Iterator<Item = (String, i64, u64)>) -> AHashMap<String, u64> {
    let mut days: AHashMap<String, AHashMap<i64, u64>> = AHashMap::new();
    for (principal, day, persons) in counted.filter(|(_, _, persons)| *persons > 0) {
        *days.entry(principal).or_default().entry(day).or_default() += persons;
    }
    let average = |days: AHashMap<i64, u64>| days.values().sum::<u64>().div_ceil(days.len() as u64);
    days.into_iter().map(|(principal, days)| (principal, average(days))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_is_the_average_of_days_with_readings_over_all_nodes() {
        let counted = [("clerk", 1, 30), ("clerk", 1, 10), ("clerk", 4, 60), ("clerk", 5, 0), ("idle", 3, 0)];
        let norms =
            Norms { usual: usual(counted.into_iter().map(|(who, day, persons)| (who.to_owned(), day, persons))), ..Norms::default() };
        assert_eq!(norms.usual.get("clerk"), Some(&50));
        assert_eq!((norms.most("clerk"), norms.most("idle"), norms.most("newcomer")), (150, 100, 100));
    }
}
