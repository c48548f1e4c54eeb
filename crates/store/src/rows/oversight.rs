//! What are the rows of acts that need a second person, or a second look?

use diesel::prelude::*;
use jiku_model::{DecisionId, EmergencyId, EntityId, ExportId, Kind, ProposalId, Timestamp};

use crate::types::{ExportState, ProposalState};

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

row! {
    /// Exports that one principal asked for and another has to approve.
    pub struct ExportRow in export_request {
        /// Its id.
        pub id: ExportId,
        /// 1 person, 2 legal person, 3 parcel.
        pub kind: Kind,
        /// Whether personal values are asked for in full.
        pub in_full: bool,
        /// The most entities the file may hold.
        pub most_rows: i64,
        /// The purpose of use.
        pub purpose: String,
        /// Why, in their words.
        pub reason: String,
        /// Who asked for it.
        pub requested_by: String,
        /// For which department.
        pub department: String,
        /// When it was asked for.
        pub requested_at: Timestamp,
        /// Until when it can be approved and taken.
        pub ends_at: Timestamp,
        /// Where it stands.
        pub state: ExportState,
        /// Who approved or ended it.
        pub decided_by: Option<String>,
        /// When it was approved or ended.
        pub decided_at: Option<Timestamp>,
        /// The words of who did.
        pub answer: Option<String>,
        /// When the file was begun.
        pub taken_at: Option<Timestamp>,
        /// The SHA-256 of the whole file, hexadecimal; none when it broke off.
        pub sha256: Option<String>,
    }
}
