//! How are merges, unmerges, splits and overrides written?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use jiku_registry::{DecisionView, EntityImage, EntityState, MergeOutcome, OverrideView};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::KeyBody;
use super::entities::split_values;
use crate::precondition::joint_tag;

/// What a decision did, or with `dry_run` would do.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OutcomeBody {
    /// Whether nothing was written.
    dry_run: bool,
    /// The decision, to undo it by; absent in a preview.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Uuid>,
    /// Every entity touched, as it was.
    before: Vec<ImageBody>,
    /// Every entity touched, as it is now or would be.
    after: Vec<ImageBody>,
    /// Old ids and who answers for them now, as far as it changed.
    redirects: Vec<RedirectBody>,
    /// Why it needs a second steward: `conflicting-identifier`, `large`. With any of these a merge is proposed and another
    /// steward approves it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    needs_approval: Vec<&'static str>,
    /// The change-log position reached; in a preview the one it was computed at.
    position: i64,
    /// In a preview: send it as `If-Match` to do exactly this.
    #[serde(skip_serializing_if = "Option::is_none")]
    if_match: Option<String>,
}

/// An entity before or after a decision.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ImageBody {
    id: Uuid,
    version: i64,
    /// `active`, `merged` or `retired`.
    state: &'static str,
    /// For a merged one: who answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<Uuid>,
    values: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    geometry: Option<Value>,
    /// Its source records: the crosswalk.
    records: Vec<KeyBody>,
}

/// An old id and who answers for it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RedirectBody {
    from: Uuid,
    to: Uuid,
}

/// A decision of a steward.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecisionBody {
    id: Uuid,
    /// `merge`, `unmerge`, `split`, `judge`, `override`, `release`, `model` or `survivorship`.
    action: &'static str,
    actor: String,
    /// Who proposed it, where it took two.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed_by: Option<String>,
    at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    /// The entities it was about, as they were called then.
    entities: Vec<Uuid>,
    /// The records it judged.
    records: Vec<KeyBody>,
    /// Whether `unmerge` can undo it: a merge, a split or a verdict that stands. Of an override the value is released; a model or rules of before are
    /// put into use again.
    undoable: bool,
    /// The decision that undid it.
    #[serde(skip_serializing_if = "Option::is_none")]
    undone_by: Option<Uuid>,
}

/// The decisions about an entity, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DecisionsBody {
    pub(crate) decisions: Vec<DecisionBody>,
}

/// A value set by hand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverrideBody {
    decision: Uuid,
    column: String,
    value: String,
    actor: String,
    reason: String,
    at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    released_at: Option<DateTime<Utc>>,
}

/// The values set by hand, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverridesBody {
    pub(crate) overrides: Vec<OverrideBody>,
}

impl OutcomeBody {
    /// Of a preview or of the deed.
    pub(crate) fn new(outcome: MergeOutcome, dry_run: bool) -> Self {
        let active = outcome.before.iter().filter(|image| image.state == EntityState::Active).map(|image| (image.id, image.version));
        let if_match = dry_run.then(|| joint_tag(active));
        Self {
            dry_run,
            decision: outcome.decision.map(|id| id.0),
            if_match,
            before: outcome.before.into_iter().map(Into::into).collect(),
            after: outcome.after.into_iter().map(Into::into).collect(),
            redirects: outcome.redirects.into_iter().map(|redirect| RedirectBody { from: redirect.from.0, to: redirect.to.0 }).collect(),
            needs_approval: outcome.risks.iter().map(|risk| risk.as_str()).collect(),
            position: outcome.position,
        }
    }
}

impl OutcomeBody {
    /// A preview of what was seen with this entity tag.
    pub(crate) fn seen_as(self, tag: &str) -> Self {
        Self { if_match: Some(tag.to_owned()), ..self }
    }
}

impl From<EntityImage> for ImageBody {
    fn from(image: EntityImage) -> Self {
        let (values, geometry) = split_values(image.values);
        Self {
            id: image.id.0,
            version: image.version,
            state: image.state.as_str(),
            redirect: image.redirect.map(|id| id.0),
            values,
            geometry,
            records: image.records.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<DecisionView> for DecisionBody {
    fn from(view: DecisionView) -> Self {
        let undoable = view.is_undoable();
        Self {
            id: view.id.0,
            action: view.kind.as_str(),
            actor: view.actor,
            proposed_by: view.proposed_by,
            at: view.at,
            comment: view.comment,
            entities: view.entities.into_iter().map(|id| id.0).collect(),
            records: view.records.into_iter().map(Into::into).collect(),
            undoable,
            undone_by: view.undone_by.map(|id| id.0),
        }
    }
}

impl From<OverrideView> for OverrideBody {
    fn from(view: OverrideView) -> Self {
        Self {
            decision: view.decision.0,
            column: view.column,
            value: view.value,
            actor: view.actor,
            reason: view.reason,
            at: view.at,
            released_at: view.released_at,
        }
    }
}
