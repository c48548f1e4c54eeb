//! What is known of a parcel that is to be edited?

use std::collections::BTreeSet;

use jiku_model::{Attributes, EntityId, Kind, RecordId, RecordKey};
use jiku_parcel::edit::{LEFT_EMPTY, SOURCE};
use jiku_spatial::ParcelGeometry;

use super::{Ground, Result};
use crate::RegistryError;
use crate::write::draft::shown;
use crate::write::images::read_golden;
use crate::write::parcels::geometry;
use crate::write::prepare::read_attributes;
use crate::write::reload::read_members;
use crate::write::stewardship::must_be_active;

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
    pub(super) fn read(ground: &mut Ground<'_, '_>, id: EntityId) -> Result<Self> {
        let missing = || RegistryError::NotFound { what: "entity" };
        let Ground { reader, sources, .. } = ground;
        reader.entities(&[id])?.pop().filter(|row| row.kind == Kind::Parcel).ok_or_else(missing)?;
        let row = reader.current_versions(&[id])?.pop().ok_or_else(missing)?;
        must_be_active(shown(row.state))?;
        let (golden, version) = (read_golden(&row.golden)?.attributes(), row.version);
        let ids: Vec<RecordId> = read_members(&row.members)?.into_iter().map(|(record, _)| record).collect();
        let record = reader.records(&ids)?.into_iter().find(|record| sources.is_of_edits(record.source));
        let geometry = golden.get("geometry").map(|hex| geometry(id, hex)).transpose()?;
        let standing = reader.overrides_of_records(&ids)?.into_iter().filter(|steward| steward.released_at.is_none());
        let overridden = standing.map(|steward| steward.column_name).collect();
        let members = ids.iter().map(|record| record.slot()).collect();
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
