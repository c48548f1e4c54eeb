//! How is the change feed written?

use chrono::{DateTime, Utc};
use jiku_registry::Change;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::KeyBody;

/// An entry of the change feed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangeBody {
    /// 1, 2, 3 … in commit order; a number that is missing is an alarm's or an administrator's act.
    pub(crate) position: i64,
    at: DateTime<Utc>,
    actor: String,
    kind: &'static str,
    /// `created`, `updated`, `merged`, `revived`, `redirected` or `retired`; `decided` for the decision of a steward, after what followed from it;
    /// `rejudged` when judgements changed and no entity; `rules-changed` when other survivorship rules came into use, before what follows from them;
    /// `remodelled` when another match model came into use, after what followed from it.
    event: String,
    /// The canonical id; absent where the change is about the whole kind: `rules-changed`, `remodelled`, and `rejudged` by a rebuild.
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<Uuid>,
    /// The version that the change gave the entity; absent where it gave it none, as `decided`.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    /// For `merged` and `redirected`: who answers now; for `revived`: who gave the records back.
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<Uuid>,
    /// The source records whose arrival, change or move made it.
    records: Vec<KeyBody>,
}

/// Changes after a position.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChangesBody {
    pub(crate) changes: Vec<ChangeBody>,
    /// Ask with `after` set to this for what comes next; it is the position asked for when nothing has happened since.
    pub(crate) next_after: i64,
    /// The newest position this node knows.
    pub(crate) position: i64,
}

impl From<Change> for ChangeBody {
    fn from(change: Change) -> Self {
        Self {
            position: change.position,
            at: change.at,
            actor: change.actor,
            kind: change.kind.as_str(),
            event: change.event,
            entity: change.entity.map(|id| id.0),
            version: change.version,
            other: change.other.map(|id| id.0),
            records: change.records.into_iter().map(Into::into).collect(),
        }
    }
}
