//! How are survivorship rules written?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use jiku_registry::{ClauseView, Composing, RulesExample, RulesOutcome, RulesPreview, RulesRemark, RulesVersionView, RulesView, ValueView};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::entities::ProvenanceBody;

/// The survivorship rules (存活规则) of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulesBody {
    kind: &'static str,
    /// The version that is in use.
    in_use: i32,
    /// The version this is.
    version: i32,
    /// Since when it was in use.
    since: DateTime<Utc>,
    /// Who put it into use.
    actor: String,
    /// The decision in the ledger; absent for what came with the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    /// SHA-256 of the file, in hexadecimal digits.
    digest: String,
    /// The file as it was put into use.
    toml: String,
    /// What it says, group by group; the last is of every attribute that no other names, each by itself.
    rules: Vec<ClauseBody>,
    /// What may be a slip: source systems that no department registered.
    warnings: Vec<RemarkBody>,
    /// How far the golden records follow the version in use; absent when all do.
    #[serde(skip_serializing_if = "Option::is_none")]
    composing: Option<ComposingBody>,
    /// Every version, newest first.
    versions: Vec<RulesVersionBody>,
}

/// How the values of some attributes are chosen: all from the record that is best by the first rule on which it differs from the others.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClauseBody {
    /// The attributes, which are kept together; none for all others.
    attributes: Vec<String>,
    /// `trust`, `recency`, `completeness`, `frequency`, `verified`, `current`, `intact`, `present`, `final`.
    order: Vec<&'static str>,
    /// How far these sources are trusted here, 0 to 100, instead of the trust that each has.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    trust: BTreeMap<String, u8>,
    /// Values that nothing later undoes, the most final one first.
    #[serde(rename = "final", skip_serializing_if = "Vec::is_empty")]
    final_values: Vec<String>,
    /// The attribute that lists former values.
    #[serde(skip_serializing_if = "Option::is_none")]
    former: Option<String>,
    /// What says that a record is of the past.
    #[serde(skip_serializing_if = "Option::is_none")]
    past: Option<PastBody>,
}

/// What says that a record is of the past: one of these values of an attribute, or one that another record calls a former one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PastBody {
    attribute: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    former: Option<String>,
}

/// What is found on a line of a file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RemarkBody {
    line: usize,
    message: String,
}

/// How far golden records are composed anew.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ComposingBody {
    /// How many golden records the rules could change when they came into use.
    of: u64,
    composed: u64,
    changed: u64,
}

/// A version of the rules.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulesVersionBody {
    version: i32,
    active: bool,
    created_at: DateTime<Utc>,
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    digest: String,
    /// Golden records that changed.
    changed: u64,
    /// When the last golden record followed; absent when it is not that far, or another version came into use before.
    #[serde(skip_serializing_if = "Option::is_none")]
    composed_at: Option<DateTime<Utc>>,
}

/// What other rules would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulesPreviewBody {
    kind: &'static str,
    /// The version in use that it was compared with.
    version: i32,
    digest: String,
    warnings: Vec<RemarkBody>,
    /// Golden records that rules can change at all: of several records, or with a value set by hand.
    looked_at: u64,
    /// Golden records that would get a new version.
    changed: u64,
    attributes: Vec<AttributeChangeBody>,
    /// Some golden records with another value, a few for each attribute, masked as your rights say.
    examples: Vec<RulesExampleBody>,
}

/// How often an attribute would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttributeChangeBody {
    attribute: String,
    /// Golden records that would have another value, none, or one for the first time.
    values: u64,
    /// Golden records that would say the same from another record or by another rule.
    provenance: u64,
}

/// An attribute of a golden record that would change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulesExampleBody {
    entity: Uuid,
    attribute: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    now: Option<SaidBody>,
    #[serde(skip_serializing_if = "Option::is_none")]
    then: Option<SaidBody>,
}

/// A value and where it comes from.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SaidBody {
    value: String,
    provenance: ProvenanceBody,
}

/// What came of putting rules into use.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RulesAppliedBody {
    /// The version that is in use now.
    version: i32,
    digest: String,
    /// The decision in the ledger; absent when exactly these rules were in use already.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Uuid>,
    warnings: Vec<RemarkBody>,
    /// Golden records that are looked at, in portions, from now on; `composing` of GET tells how far that is.
    to_compose: u64,
    /// The change-log position after it.
    position: i64,
}

fn remarks(remarks: Vec<RulesRemark>) -> Vec<RemarkBody> {
    remarks.into_iter().map(|RulesRemark { line, message }| RemarkBody { line, message }).collect()
}

impl From<RulesView> for RulesBody {
    fn from(view: RulesView) -> Self {
        let RulesVersionView { version, created_at, actor, decision, comment, digest, .. } = view.version;
        Self {
            kind: view.kind.as_str(),
            in_use: view.in_use,
            version,
            since: created_at,
            actor,
            decision: decision.map(|decision| decision.0),
            comment,
            digest,
            toml: view.toml,
            rules: view.clauses.into_iter().map(Into::into).collect(),
            warnings: remarks(view.warnings),
            composing: view.composing.map(|Composing { of, composed, changed }| ComposingBody { of, composed, changed }),
            versions: view.versions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<ClauseView> for ClauseBody {
    fn from(view: ClauseView) -> Self {
        let past = view.past.map(|past| PastBody { attribute: past.column, values: past.values, former: past.former });
        let ClauseView { columns: attributes, order, trust, final_values, former, .. } = view;
        Self { attributes, order, trust, final_values, former, past }
    }
}

impl From<RulesVersionView> for RulesVersionBody {
    fn from(view: RulesVersionView) -> Self {
        let RulesVersionView { version, active, created_at, actor, decision, comment, digest, changed, composed_at } = view;
        Self { version, active, created_at, actor, decision: decision.map(|decision| decision.0), comment, digest, changed, composed_at }
    }
}

impl From<RulesPreview> for RulesPreviewBody {
    fn from(preview: RulesPreview) -> Self {
        let attributes = preview.attributes.into_iter();
        Self {
            kind: preview.kind.as_str(),
            version: preview.version,
            digest: preview.digest,
            warnings: remarks(preview.warnings),
            looked_at: preview.looked_at,
            changed: preview.changed,
            attributes: attributes
                .map(|change| AttributeChangeBody { attribute: change.column, values: change.values, provenance: change.provenance })
                .collect(),
            examples: preview.examples.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<RulesExample> for RulesExampleBody {
    fn from(example: RulesExample) -> Self {
        let said = |view: ValueView| SaidBody { value: view.value.clone(), provenance: view.into() };
        Self { entity: example.entity.0, attribute: example.column, now: example.now.map(said), then: example.then.map(said) }
    }
}

impl From<RulesOutcome> for RulesAppliedBody {
    fn from(outcome: RulesOutcome) -> Self {
        Self {
            version: outcome.version,
            digest: outcome.digest,
            decision: outcome.decision.map(|decision| decision.0),
            warnings: remarks(outcome.warnings),
            to_compose: outcome.to_compose,
            position: outcome.position,
        }
    }
}
