//! What are the rows of acts that need a second person, or a second look?

use diesel::prelude::*;
use jiku_model::{DecisionId, EmergencyId, EntityId, Kind, ProposalId, Timestamp};

use crate::types::ProposalState;

row! {
    /// Merges that one steward proposed and another has to approve.
    pub struct ProposalRow in merge_proposal {
        /// Its id.
        pub id: ProposalId,
        /// 1 person, 2 legal person, 3 parcel.
        pub kind: Kind,
        /// The entities and the version of each that was seen, a JSON object.
        pub entities: String,
        /// Why two people are needed, codes separated by commas.
        pub risks: String,
        /// Why, in the proposer's words.
        pub comment: Option<String>,
        /// The principal who proposed it.
        pub proposed_by: String,
        /// When it was proposed.
        pub proposed_at: Timestamp,
        /// Where it stands.
        pub state: ProposalState,
        /// The principal who ended it.
        pub decided_by: Option<String>,
        /// When it ended.
        pub decided_at: Option<Timestamp>,
        /// The words of who ended it.
        pub answer: Option<String>,
        /// The decision that carried it out.
        pub decision: Option<DecisionId>,
    }
}

row! {
    /// Access beyond the usual rights, for a stated reason and a short time.
    pub struct EmergencyRow in emergency_access {
        /// Its id.
        pub id: EmergencyId,
        /// Who asked for it.
        pub principal: String,
        /// For which department.
        pub department: String,
        /// Why, in their words.
        pub reason: String,
        /// The one person it reaches; none when it reaches a division.
        pub entity: Option<EntityId>,
        /// The division it reaches, by prefix; none when it reaches one person.
        pub division: Option<String>,
        /// Since when it holds.
        pub begun_at: Timestamp,
        /// Until when it holds.
        pub ends_at: Timestamp,
        /// Until when an auditor has to look at it.
        pub review_due_at: Timestamp,
        /// The auditor who looked at it.
        pub reviewed_by: Option<String>,
        /// When they looked at it.
        pub reviewed_at: Option<Timestamp>,
        /// What they found.
        pub review: Option<String>,
    }
}
