//! What may be read on a day, and how much of it is left?

use super::{FEW_LEFT, PERSONS_OF_A_DEPARTMENT};
use crate::Limits;

/// What the principals of one department may read together on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DepartmentQuotas {
    /// Different people; 400,000 unless told.
    pub persons: u64,
    /// Questions; no limit when absent.
    pub requests: Option<u64>,
    /// Entities shown, each time counted; no limit when absent.
    pub entities: Option<u64>,
}

impl Default for DepartmentQuotas {
    fn default() -> Self {
        Self { persons: PERSONS_OF_A_DEPARTMENT, requests: None, entities: None }
    }
}

/// What was read on a day.
#[derive(Clone, Copy, Default)]
pub(super) struct Totals {
    pub(super) requests: u64,
    pub(super) entities: u64,
    /// Different people.
    pub(super) persons: u64,
}

impl Totals {
    pub(super) fn add(&mut self, more: Self) {
        self.requests += more.requests;
        self.entities += more.entities;
        self.persons += more.persons;
    }
}

/// A quota that an answer would have gone beyond.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Reached {
    pub(crate) principal: String,
    pub(crate) department: String,
    /// Of what, and whose it is.
    pub(crate) quota: &'static str,
}

impl DepartmentQuotas {
    /// What is left of the quota of which least is left, after so many more questions, entities and people: as many as there may be in an eighth of
    /// it count as [`FEW_LEFT`]. Beyond a quota, which one. Those of people count where somebody is shown whom the principal had not seen.
    pub(super) fn left(
        &self,
        (limits, shows_more): (&Limits, bool),
        mut own: Totals,
        mut department: Totals,
        more: Totals,
    ) -> std::result::Result<u64, &'static str> {
        own.add(more);
        department.add(more);
        let counted = [
            ("questions", limits.daily_requests, own.requests),
            ("entities", limits.daily_entities, own.entities),
            ("people", limits.daily_persons.filter(|_| shows_more), own.persons),
            ("questions of the department", self.requests, department.requests),
            ("entities of the department", self.entities, department.entities),
            ("people of the department", Some(self.persons).filter(|_| shows_more), department.persons),
        ];
        let mut least = u64::MAX;
        for (quota, most, used) in counted.into_iter().filter_map(|(quota, most, used)| Some((quota, most?, used))) {
            least = least.min(most.checked_sub(used).ok_or(quota)? / (most / 8 / FEW_LEFT).max(1));
        }
        Ok(least)
    }
}
