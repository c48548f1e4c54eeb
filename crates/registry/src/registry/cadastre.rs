//! Use cases: parcels on maps, and the cadastre.

use std::sync::Arc;

use chrono::NaiveDate;
use jiku_model::{EntityId, Kind, RawRecord};
use jiku_spatial::tile::TileAddress;
use jiku_store::Backend;

use crate::facade::{
    BoundaryProblems, Days, EditOptions, EditOutcome, ParcelEdit, ParcelGroup, ParcelHistory, ParcelQuery, ParcelRights, ParcelValidity,
    RightsQuery,
};
use crate::memory::{DivisionExtents, MapTile, ParcelView};
use crate::read::{maps, parcels, rights, validate};
use crate::registry::questions::holds_number;
use crate::registry::sight::seen_within;
use crate::registry::{Registry, Result};
use crate::rights::{Right, require};
use crate::write::cadastre;
use crate::write::cadastre::Editing;
use crate::{Actor, FieldUse, scope};

/// Maps: parcels without anything personal, from memory.
impl Registry {
    /// Whether callers without a key may see parcels.
    #[must_use]
    pub fn has_public_parcels(&self) -> bool {
        self.inner.public_parcels
    }

    /// The parcels of this moment, values and places together. Does not block. `actor` is none for a caller without a key.
    pub fn parcels_now(&self, actor: Option<&Actor>) -> Result<Arc<ParcelView>> {
        maps::admit(&self.inner, actor)?;
        Ok(self.inner.core.shelf(Kind::Parcel).parcels.view())
    }

    /// The parcels as they were recorded at a moment (microseconds since 1970 UTC) and stood in the world on one of these days, each with the
    /// last version that held on one; of now where neither is given. Made of the parcels of now and the versions that changed since, all in memory.
    pub fn parcels_at(&self, actor: Option<&Actor>, moment: Option<i64>, days: Option<Days>) -> Result<Arc<ParcelView>> {
        maps::admit(&self.inner, actor)?;
        Ok(self.inner.core.shelf(Kind::Parcel).parcels.view_at(moment, days))
    }

    /// Every version of every parcel that was recorded by a moment; by now where none is given.
    pub fn parcel_versions(&self, actor: Option<&Actor>, moment: Option<i64>) -> Result<Arc<ParcelView>> {
        maps::admit(&self.inner, actor)?;
        Ok(self.inner.core.shelf(Kind::Parcel).parcels.versions(moment))
    }

    /// The land of the parcels of each county, by code, as the parcels lie now.
    pub fn division_extents(&self, actor: Option<&Actor>) -> Result<Arc<DivisionExtents>> {
        maps::admit(&self.inner, actor)?;
        let shelf = self.inner.core.shelf(Kind::Parcel);
        Ok(shelf.divisions.extents(&shelf.parcels.view(), &self.inner.core.cadastre.tolerances))
    }

    /// Under which slot of a view a version of a parcel stands; the one that is shown where no number is given.
    #[must_use]
    pub fn parcel_slot_in(&self, view: &ParcelView, id: EntityId, version: Option<i32>) -> Option<u32> {
        self.inner.core.shelf(Kind::Parcel).parcels.slot_in(view, id, version)
    }

    /// A vector tile of parcels of another moment or day, without those that have ended by a day.
    #[must_use]
    pub fn draw_tile(&self, view: &ParcelView, address: TileAddress, day: Option<NaiveDate>) -> MapTile {
        maps::draw(view, address, day)
    }

    /// Under which slot of [`Registry::parcels_now`] a parcel stands; it may have gone since.
    #[must_use]
    pub fn parcel_slot(&self, id: EntityId) -> Option<u32> {
        self.inner.core.shelf(Kind::Parcel).parcels.slot(id)
    }

    /// A vector tile of the parcels of this moment.
    pub fn parcel_tile(&self, actor: Option<&Actor>, address: TileAddress) -> Result<Arc<MapTile>> {
        maps::admit(&self.inner, actor)?;
        Ok(maps::tile(&self.inner, address))
    }
}

/// The cadastre.
impl Registry {
    /// Edits parcels in one transaction at one moment. With `dry_run` nothing is written and the full report is given
    /// instead of a refusal.
    ///
    /// # Errors
    /// [`RegistryError::Topology`] with the report when a rule stands against it, and as the operation asks.
    pub fn edit_parcels(&self, actor: &Actor, edit: &ParcelEdit, options: &EditOptions) -> Result<EditOutcome> {
        require(actor, Right::EditParcels)?;
        scope::require_all_parcels(actor)?;
        edit.columns().try_for_each(|column| scope::require_field(actor, FieldUse::Write, Kind::Parcel, column))?;
        let (edit, editing) = (edit.clone(), Editing { actor: actor.clone(), options: options.clone() });
        if options.dry_run {
            return self.shown_edited(actor, validate::foretold(&self.inner, edit, editing));
        }
        let within = (self.inner.core.store.backend() == Backend::Sqlite).then(|| Arc::clone(&self.inner.usage));
        let is_within = within.is_some();
        let done = self.inner.queue.act_alone(move |session| {
            let done = cadastre::edit(session, &edit, &editing)?;
            match within.as_ref().filter(|_| done.decision.is_some()) {
                Some(usage) => seen_within(session, usage, &editing.actor, done),
                None => Ok(done),
            }
        });
        match done {
            Ok(done) if is_within && done.decision.is_some() => {
                self.inner.audit.write_counts();
                Ok(done)
            }
            done => self.shown_edited(actor, done),
        }
    }

    /// Count and area of the current parcels a query fits, by division and land use.
    ///
    /// # Errors
    /// When the query names nothing, or the past.
    pub fn aggregate_parcels(&self, actor: &Actor, query: &ParcelQuery) -> Result<Vec<ParcelGroup>> {
        require(actor, Right::Read)?;
        let found = parcels::aggregate(&self.inner, actor, query)?;
        if holds_number(query) {
            let holder = query.right_holder.as_deref().map(|holder| holder.split_whitespace().collect::<String>());
            self.looks_up(actor, &holder, holder.as_ref().filter(|_| !found.is_empty()))?;
        }
        Ok(found)
    }

    /// Looks at a parcel without writing: every problem of values and geometry with its place, and every topology rule
    /// among the current parcels. With `parcel` as a change of that one.
    ///
    /// # Errors
    /// When there is no such parcel.
    pub fn validate_parcel(&self, actor: &Actor, parcel: Option<EntityId>, values: &RawRecord) -> Result<ParcelValidity> {
        require(actor, Right::Read)?;
        scope::require_all_parcels(actor)?;
        validate::validate(&self.inner, actor, parcel, values)
    }

    /// What is wrong with the boundaries that an edit names, with places and proposals: for an edit that was refused.
    #[must_use]
    pub fn boundary_problems(&self, edit: &ParcelEdit) -> Vec<BoundaryProblems> {
        validate::boundaries(&self.inner, edit)
    }

    /// The rights, restrictions and responsibilities in a parcel, each with the person or legal person who holds it.
    ///
    /// # Errors
    /// When there is no such parcel, or none any more.
    pub fn parcel_rights(&self, actor: &Actor, id: EntityId, query: &RightsQuery) -> Result<ParcelRights> {
        require(actor, Right::Read)?;
        self.shown(actor, rights::of_parcel(&self.inner, actor, id, query))
    }

    /// Where a parcel has its land from, what became of it, and how it ended if it did. A parcel that is no more answers.
    pub fn parcel_history(&self, actor: &Actor, id: EntityId) -> Result<ParcelHistory> {
        require(actor, Right::Read)?;
        scope::require_all_parcels(actor)?;
        parcels::history(&self.inner, actor, id)
    }
}
