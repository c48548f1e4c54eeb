//! How is an entity written?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use jiku_registry::{EntityView, Page, Relationship, ValueView, VersionView};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{KeyBody, RecordBody, geojson};

/// An entity (a person, a legal person, a parcel) with its golden values.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntityBody {
    /// The canonical id (统一标识).
    id: Uuid,
    /// `person`, `legal-person` or `parcel`.
    kind: &'static str,
    /// The version, counted from 1.
    version: i64,
    /// `active`, `merged` or `retired`.
    state: &'static str,
    /// Since when this version is recorded.
    recorded_from: DateTime<Utc>,
    /// Until when it was; absent for the current one.
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_to: Option<DateTime<Utc>>,
    /// The change-log position that made this version.
    position: i64,
    /// The golden values by column.
    values: BTreeMap<String, String>,
    /// The shape of a parcel, GeoJSON in CGCS2000 longitude and latitude.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    geometry: Option<Value>,
    /// Whether personal values are masked; `unmask=true` shows them to those who may.
    masked: bool,
    /// How many source records it is made of.
    member_count: usize,
    /// Where each value comes from; with `include=provenance`.
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<BTreeMap<String, ProvenanceBody>>,
    /// The source records (来源记录); with `include=sources`.
    #[serde(skip_serializing_if = "Option::is_none")]
    sources: Option<Vec<RecordBody>>,
    /// The versions, newest first; with `include=history`.
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<Vec<VersionBody>>,
    /// Ties to other entities in both directions; with `include=relationships`.
    #[serde(skip_serializing_if = "Option::is_none")]
    relationships: Option<Vec<RelationshipBody>>,
    /// The parcels it holds rights in; with `include=parcels`.
    #[serde(skip_serializing_if = "Option::is_none")]
    parcels: Option<Vec<RelationshipBody>>,
}

/// Where a golden value comes from (溯源).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProvenanceBody {
    /// The source system of the record it comes from; absent when a steward set the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// The record's key there; absent when a steward set the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_key: Option<String>,
    /// The survivorship rule that chose it: `only`, `agreed`, `trust`, `recency`, `completeness`, `frequency`, `verified`, `final`, `current`, `number`, `tie`, `override`.
    rule: String,
    /// How many source records say the same.
    agreeing: u32,
    /// How many say something else.
    differing: u32,
}

/// A version of an entity.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionBody {
    id: Uuid,
    version: i64,
    state: &'static str,
    /// For a merged one: who answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<Uuid>,
    recorded_from: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recorded_to: Option<DateTime<Utc>>,
    position: i64,
    values: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    geometry: Option<Value>,
    /// The source records it was made of, with the revision that counted.
    members: Vec<MemberBody>,
}

/// A member of a version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MemberBody {
    #[serde(flatten)]
    record: KeyBody,
    revision: i64,
}

/// The versions of an entity, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionsBody {
    pub(crate) versions: Vec<VersionBody>,
}

/// A tie between two entities: a golden record names a party by number or name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RelationshipBody {
    /// Who names the party.
    from: Uuid,
    from_kind: &'static str,
    /// `legal_representative`, `right_holder`, `guardian` …
    role: String,
    /// The party's number as told.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
    /// The party's name as told.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The entity of that number, when one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to_kind: Option<&'static str>,
}

/// A page of entities.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntitiesBody {
    /// The entities, by canonical id.
    items: Vec<EntityBody>,
    /// Send it as `cursor` for the next page; null on the last.
    next_cursor: Option<String>,
}

impl EntityBody {
    /// With or without provenance.
    pub(crate) fn new(view: EntityView, with_provenance: bool) -> Self {
        let provenance =
            with_provenance.then(|| view.values.iter().map(|(column, value)| (column.clone(), value.clone().into())).collect());
        let (values, geometry) = split_values(view.values);
        Self {
            id: view.id.0,
            kind: view.kind.as_str(),
            version: view.version,
            state: view.state.as_str(),
            recorded_from: view.recorded_from,
            recorded_to: view.recorded_to,
            position: view.position,
            values,
            geometry,
            masked: view.masked,
            member_count: view.member_count,
            provenance,
            sources: view.sources.map(|records| records.into_iter().map(Into::into).collect()),
            history: view.history.map(|versions| versions.into_iter().map(Into::into).collect()),
            relationships: view.relationships.map(|ties| ties.into_iter().map(Into::into).collect()),
            parcels: view.parcels.map(|ties| ties.into_iter().map(Into::into).collect()),
        }
    }
}

/// The values as text, and the geometry apart from them as GeoJSON.
pub(crate) fn split_values(mut views: BTreeMap<String, ValueView>) -> (BTreeMap<String, String>, Option<Value>) {
    let geometry = views.remove("geometry").and_then(|value| geojson(&value.value));
    (views.into_iter().map(|(column, value)| (column, value.value)).collect(), geometry)
}

impl From<ValueView> for ProvenanceBody {
    fn from(view: ValueView) -> Self {
        let (source, source_key) = view.source.map(|key| (key.source.into(), key.key)).unzip();
        Self { source, source_key, rule: view.rule.into_owned(), agreeing: view.agreeing, differing: view.differing }
    }
}

impl From<VersionView> for VersionBody {
    fn from(view: VersionView) -> Self {
        let (values, geometry) = split_values(view.values);
        Self {
            id: view.id.0,
            version: view.version,
            state: view.state.as_str(),
            redirect: view.redirect.map(|id| id.0),
            recorded_from: view.recorded_from,
            recorded_to: view.recorded_to,
            position: view.position,
            values,
            geometry,
            members: view.members.into_iter().map(|(record, revision)| MemberBody { record: record.into(), revision }).collect(),
        }
    }
}

impl From<Relationship> for RelationshipBody {
    fn from(tie: Relationship) -> Self {
        Self {
            from: tie.from.0,
            from_kind: tie.from_kind.as_str(),
            role: tie.role,
            number: tie.number,
            name: tie.name,
            to: tie.to.map(|(_, id)| id.0),
            to_kind: tie.to.map(|(kind, _)| kind.as_str()),
        }
    }
}

impl EntitiesBody {
    /// A page whose cursor is already wrapped.
    pub(crate) fn new(page: Page<EntityView>, next_cursor: Option<String>) -> Self {
        Self { items: page.items.into_iter().map(|view| EntityBody::new(view, false)).collect(), next_cursor }
    }
}
