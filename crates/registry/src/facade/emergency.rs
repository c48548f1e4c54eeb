//! What is access in an emergency?

use jiku_model::{EmergencyId, EntityId, Timestamp};

/// What an emergency reaches: one of either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmergencyReach {
    /// One person.
    Person(EntityId),
    /// One division, a county or smaller, by 6 to 12 digits of its code.
    Division(String),
}

/// An emergency that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEmergency {
    /// Why, in at least ten characters.
    pub reason: String,
    /// What it reaches.
    pub reach: EmergencyReach,
    /// For how many minutes; 60 at most.
    pub minutes: i64,
}

/// Access beyond the usual rights, for a stated reason and a short time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencyView {
    /// Its id, named with each request under it.
    pub id: EmergencyId,
    /// Who asked for it.
    pub principal: String,
    /// For which department.
    pub department: String,
    /// Why, in their words.
    pub reason: String,
    /// The one person it reaches.
    pub entity: Option<EntityId>,
    /// Or: the one division.
    pub division: Option<String>,
    /// Since when it holds.
    pub begun_at: Timestamp,
    /// Until when it holds.
    pub ends_at: Timestamp,
    /// Until when an auditor has to look at it.
    pub review_due_at: Timestamp,
    /// The auditor who looked at it.
    pub reviewed_by: Option<String>,
    /// When they did.
    pub reviewed_at: Option<Timestamp>,
    /// What they found.
    pub review: Option<String>,
}
