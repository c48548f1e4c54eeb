//! What land do the parcels of each county make together?
//!
//! Derived from the parcels when somebody asks, and kept: after an edit only the counties it touched are put together again.

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::RandomState;
use jiku_spatial::edit::dissolve;
use jiku_spatial::topology::Tolerances;
use jiku_spatial::{ParcelGeometry, Snapshot, SpatialIndex};
use parking_lot::Mutex;
use rayon::prelude::*;

use super::ParcelView;

/// The parcels of one county together.
#[derive(Clone, Debug, PartialEq)]
pub struct DivisionExtent {
    /// Its code by GB/T 2260.
    pub code: String,
    /// Its name, where the code is one in force.
    pub name: Option<&'static str>,
    /// How many parcels it has.
    pub parcels: u64,
    /// Their area together, square metres in the 3-degree zone.
    pub planar_area_m2: f64,
    /// Tells one state of its parcels from another.
    fingerprint: u64,
}

/// All counties that have parcels, by code, and the places of their land by number.
#[derive(Clone, Debug)]
pub struct DivisionExtents {
    /// The counties.
    pub all: Vec<DivisionExtent>,
    /// Their land.
    pub places: Snapshot,
}

/// The extents that were made last, and of which edition of the parcels.
#[derive(Default)]
pub(crate) struct DivisionBook {
    made: Mutex<Option<(u64, Arc<DivisionExtents>)>>,
}

impl DivisionBook {
    /// The extents of the parcels of a view. Who asks while they are made waits for them.
    pub(crate) fn extents(&self, view: &ParcelView, tolerances: &Tolerances) -> Arc<DivisionExtents> {
        let mut made = self.made.lock();
        if let Some((_, extents)) = made.as_ref().filter(|(edition, _)| *edition == view.edition()) {
            return Arc::clone(extents);
        }
        let former = made.as_ref().map(|(_, extents)| Arc::clone(extents));
        let extents = Arc::new(make(view, former.as_deref(), tolerances));
        *made = Some((view.edition(), Arc::clone(&extents)));
        extents
    }
}

fn make(view: &ParcelView, former: Option<&DivisionExtents>, tolerances: &Tolerances) -> DivisionExtents {
    let hasher = RandomState::with_seeds(9, 10, 11, 12);
    let mut counties: BTreeMap<&str, (DivisionExtent, Vec<u32>)> = BTreeMap::new();
    for (slot, parcel) in view.onward(0) {
        let Some(code) = parcel.value("division") else { continue };
        let (extent, slots) = counties.entry(code).or_insert_with(|| {
            let name = jiku_text::divisions::find(code).map(|division| division.name);
            (DivisionExtent { code: code.to_owned(), name, parcels: 0, planar_area_m2: 0.0, fingerprint: 0 }, Vec::new())
        });
        extent.parcels += 1;
        extent.planar_area_m2 += parcel.value("planar_area_m2").and_then(|area| area.parse::<f64>().ok()).unwrap_or_default();
        extent.fingerprint = extent.fingerprint.wrapping_add(hasher.hash_one((parcel.id, parcel.version)));
        slots.push(slot);
    }
    let counties: Vec<(DivisionExtent, Vec<u32>)> = counties.into_values().collect();
    let land = |(extent, slots): &(DivisionExtent, Vec<u32>)| -> Option<ParcelGeometry> {
        let same = |own: &DivisionExtent| own.code == extent.code && own.fingerprint == extent.fingerprint;
        let known = former.and_then(|former| Some((former, former.all.iter().position(same)?)));
        match known {
            Some((former, at)) => former.places.geometry(u32::try_from(at).ok()?),
            None => dissolve(slots.iter().filter_map(|slot| view.places().geometry(*slot)), tolerances),
        }
    };
    let lands: Vec<Option<ParcelGeometry>> = counties.par_iter().map(land).collect();
    let places = SpatialIndex::bulk_load((0..).zip(lands).filter_map(|(number, land)| Some((number, land?)))).snapshot();
    DivisionExtents { all: counties.into_iter().map(|(extent, _)| extent).collect(), places }
}
