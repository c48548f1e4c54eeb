//! How does the ledger of judgements become clusters, and which canonical id does each cluster carry?
//!
//! Two pure functions. [`cluster`] folds judgements between source records into groups; it does not depend on the
//! order in which records or judgements are given. [`assign_ids`] hands canonical ids to groups so that an id, once
//! given out, stays with the largest part of what it named, and comes back when a merge is undone.

mod cluster;
mod groups;
mod ids;

pub use cluster::{ClusterRules, Clustering, Edge, Held, HoldReason, Node, Step, cluster, retrace};
pub use ids::{Assignment, Former, GroupId, IdOrigin, Redirect, assign_ids};
