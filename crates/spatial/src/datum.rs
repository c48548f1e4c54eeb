//! Was a boundary given in another system than was said?
//!
//! GCJ-02 and BD-09 move everything by 300 to 700 metres: a boundary that misses its neighbours as it is, and meets them
//! once the shift is taken back, was digitised on such a map. Eastings without a zone number fit into every zone: which one was meant,
//! the neighbours tell as well.

use crate::{AxisOrder, BoundingBox, Crs, GridPoint, ParcelGeometry, RawGeometry, Snapshot, distance_m};

/// Within this a vertex meets a neighbour's, metres: what digitising on a screen leaves, far below the shift.
const MEETS_M: f64 = 2.0;
/// So many vertices have to meet before anything is said.
const LEAST: usize = 3;

/// How a boundary lies to the current parcels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// At least a quarter of its vertices are those of current parcels.
    Fits,
    /// Fewer do, but many once it is taken for one in this system.
    Seems(Crs),
    /// Nothing can be said.
    Unclear,
}

/// The system in which the coordinates seem to be that were `declared` to be in another one, see [`placement`].
#[must_use]
pub fn suspected_system(geometry: &ParcelGeometry, declared: Option<Crs>, snapshot: &Snapshot) -> Option<Crs> {
    match placement(geometry, declared, snapshot) {
        Placement::Seems(crs) => Some(crs),
        Placement::Fits | Placement::Unclear => None,
    }
}

/// Whether a boundary fits as `declared`, or seems to be in another system: a shifted datum, or of a plane without zone numbers another
/// zone. That is told when at least half of the vertices, and three, meet those of current parcels once it is taken for the declared one,
/// and fewer than a quarter do as they are.
#[must_use]
pub fn placement(geometry: &ParcelGeometry, declared: Option<Crs>, snapshot: &Snapshot) -> Placement {
    let vertices: Vec<GridPoint> = geometry.rings().flatten().copied().collect();
    // Beyond a thousand vertices the first thousand tell.
    let vertices = &vertices[..vertices.len().min(1000)];
    let as_is = meeting(vertices, &[snapshot]);
    if 4 * as_is >= vertices.len() {
        return Placement::Fits;
    }
    let meets = |place: &dyn Fn(f64, f64) -> Option<[f64; 2]>| {
        let moved = vertices.iter().filter_map(|point| place(point.lon_degrees(), point.lat_degrees()));
        let moved: Vec<GridPoint> = moved.filter_map(|[lon, lat]| GridPoint::from_degrees(lon, lat)).collect();
        let found = meeting(&moved, &[snapshot]);
        found >= LEAST && 2 * found >= vertices.len()
    };
    let datum = [Crs::Gcj02, Crs::Bd09].into_iter().find(|crs| meets(&|lon, lat| crs.to_lon_lat(lon, lat).ok()));
    let zone = || match declared {
        // Zones differ in their meridians alone, so the same numbers lie in another zone on the same latitude.
        Some(Crs::GaussKruger(system)) if !system.is_prefixed() => system.others().find(|other| {
            let east = other.zone().central_meridian - system.zone().central_meridian;
            meets(&|lon, lat| Some([lon + east, lat]))
        }),
        _ => None,
    };
    datum.or_else(|| zone().map(Crs::GaussKruger)).map_or(Placement::Unclear, Placement::Seems)
}

/// The system in which a boundary seems to be that lies over parcels of others as it is, and how it lies then. Fewer than a quarter of its
/// vertices meet those of current parcels as they are, and once a shift is taken back at least half, and three, meet those of current
/// parcels or of others that come with it. Whether it lies over none there is for the caller to see.
#[must_use]
pub fn displaced(geometry: &ParcelGeometry, current: &Snapshot, alongside: &Snapshot) -> Option<(Crs, ParcelGeometry)> {
    let vertices = |geometry: &ParcelGeometry| geometry.rings().flatten().copied().take(1000).collect::<Vec<GridPoint>>();
    let own = vertices(geometry);
    if 4 * meeting(&own, &[current]) >= own.len() {
        return None;
    }
    let ring = |ring: &Vec<GridPoint>| ring.iter().chain(ring.first()).map(|point| point.degrees()).collect::<Vec<_>>();
    let parts: Vec<Vec<Vec<[f64; 2]>>> = geometry.parts().iter().map(|part| part.rings().iter().map(ring).collect()).collect();
    let raw = RawGeometry { parts, ..RawGeometry::default() };
    [Crs::Gcj02, Crs::Bd09].into_iter().find_map(|crs| {
        let moved = ParcelGeometry::try_new(&raw, crs, AxisOrder::EastFirst).ok()?.geometry;
        let places = vertices(&moved);
        let found = meeting(&places, &[current, alongside]);
        (found >= LEAST && 2 * found >= places.len()).then_some((crs, moved))
    })
}

/// So many vertices around a boundary tell where it belongs.
const MOST_COMPARED: usize = 50_000;

/// How many of the vertices lie beside a vertex of a parcel.
fn meeting(vertices: &[GridPoint], snapshots: &[&Snapshot]) -> usize {
    let Some(bbox) = BoundingBox::around(vertices.iter().copied()) else { return 0 };
    // Two metres are 18,000 nano-degrees of latitude.
    let bbox = bbox.grown(100_000, 20_000);
    let mut own: Vec<(GridPoint, bool)> = vertices.iter().map(|vertex| (*vertex, false)).collect();
    own.sort_unstable_by_key(|(vertex, _)| vertex.lat);
    let (mut met, mut compared) = (0, 0);
    let mut compare = |point: GridPoint| {
        let from = own.partition_point(|(vertex, _)| vertex.lat < point.lat - 20_000);
        for (vertex, is_met) in own[from..].iter_mut().take_while(|(vertex, _)| vertex.lat <= point.lat + 20_000) {
            if !*is_met && distance_m(*vertex, point) <= MEETS_M {
                (*is_met, met) = (true, met + 1);
            }
        }
        compared += 1;
        met < vertices.len() && compared < MOST_COMPARED
    };
    for snapshot in snapshots {
        let goes_on = snapshot.visit_while(&bbox, |_, shape| {
            shape.rings().flat_map(|ring| ring.points()).filter(|point| bbox.contains(*point)).all(&mut compare)
        });
        if !goes_on {
            break;
        }
    }
    met
}
