//! What is known of a parcel that is to be edited?

use std::collections::BTreeSet;

use jiku_model::{Attributes, EntityId, Kind, RecordKey};
use jiku_parcel::edit::{LEFT_EMPTY, SOURCE};
use jiku_spatial::ParcelGeometry;

use super::Result;
use crate::RegistryError;
use crate::write::images::read_golden;
use crate::write::parcels::geometry;
use crate::write::prepare::read_attributes;
use crate::write::session::Session;
use crate::write::stewardship::active;

/// A current parcel.
pub(super) struct Known {
    pub(super) id: EntityId,
    pub(super) version: i32,
    pub(super) golden: Attributes,
    /// Its records, by slot.
    pub(super) members: Vec<u32>,
    /// The key of its edit's record, which may not exist yet.
    pub(super) key: RecordKey,
    /// What its edit's record says.
    pub(super) edit: Option<Attributes>,
    pub(super) geometry: Option<ParcelGeometry>,
    /// Columns whose value a steward has set by hand.
    overridden: BTreeSet<String>,
}

/// The key of an edit's record.
pub(super) fn edit_key(key: String) -> RecordKey {
    RecordKey { kind: Kind::Parcel, source: SOURCE.parse().expect("a source code"), key }
}

impl Known {
    pub(super) fn read(session: &mut Session<'_, '_>, id: EntityId) -> Result<Self> {
        let sources = session.sources.clone();
        let (desk, reader) = session.desk(Kind::Parcel);
        let members = active(desk.graph, id)?.to_vec();
        let version = desk.graph.entity(id).map_or(0, |entity| entity.version);
        let row = reader.current_versions(&[id])?.pop().ok_or(RegistryError::NotFound { what: "entity" })?;
        let golden = read_golden(&row.golden)?.attributes();
        let own = members.iter().copied().find(|slot| desk.graph.node(*slot).is_some_and(|node| sources.is_of_edits(node.source)));
        let own = own.map(|slot| desk.graph.record(slot));
        let record = reader.records(own.as_slice())?.pop();
        let geometry = golden.get("geometry").map(|hex| geometry(id, hex)).transpose()?;
        let overridden = members.iter().flat_map(|slot| desk.graph.overrides(*slot)).map(|steward| steward.column.clone()).collect();
        Ok(Self {
            id,
            version,
            golden,
            members,
            key: record.as_ref().map_or_else(|| edit_key(id.to_string()), |row| edit_key(row.source_key.clone())),
            edit: record.map(|row| read_attributes(&row.parsed)).transpose()?,
            geometry,
            overridden,
        })
    }

    /// The boundary, which an operation on land needs.
    pub(super) fn boundary(&self) -> Result<&ParcelGeometry> {
        let missing = || RegistryError::conflict("parcel-without-geometry", "a parcel that was named has no geometry: give it one first");
        self.geometry.as_ref().ok_or_else(missing)
    }

    /// A value set by hand would stand over the edit: it must be released first.
    pub(super) fn not_overridden<'a>(&self, mut columns: impl Iterator<Item = &'a str>) -> Result<()> {
        if columns.any(|column| column != LEFT_EMPTY && self.overridden.contains(column)) {
            let message = "a steward has set a value of this parcel by hand that the edit changes; release it first";
            return Err(RegistryError::conflict("value-overridden", message));
        }
        Ok(())
    }
}
