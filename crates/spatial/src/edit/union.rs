//! Do the new parcels together make the old ones together?

use geo::{BooleanOps, MultiPolygon};
use serde_json::{Value, json};

use super::EditProblem;
use crate::ParcelGeometry;
use crate::plane::Plane;
use crate::topology::{Piece, Tolerances, contained, difference, intersection};

/// Checks that no land is won or lost and that the new parcels do not overlap: a boundary adjustment, a split or a merge.
///
/// # Errors
/// The area in question; pieces thinner than the tolerance are not counted.
pub fn union_unchanged(old: &[ParcelGeometry], new: &[ParcelGeometry], tolerances: &Tolerances) -> Result<(), EditProblem> {
    let Some(place) = old.first().or(new.first()) else { return Ok(()) };
    let plane = Plane::around(place.bbox().centre());
    let shapes = |parcels: &[ParcelGeometry]| parcels.iter().map(|parcel| plane.shape(parcel)).collect::<Vec<_>>();
    let (old, new) = (shapes(old), shapes(new));
    let area = |pieces: &[Piece]| pieces.iter().map(|piece| piece.area_m2).sum::<f64>();
    let place = |pieces: &[Piece]| {
        let polygons: Vec<Value> = pieces.iter().map(|piece| piece.geojson(&plane)["coordinates"].take()).collect();
        json!({"type": "MultiPolygon", "coordinates": polygons})
    };
    for (at, left) in new.iter().enumerate() {
        for right in &new[at + 1..] {
            let overlap = intersection(left, right, tolerances.snap_m).ok_or(EditProblem::NotComputed)?;
            if !overlap.is_empty() {
                return Err(EditProblem::PartsOverlap(area(&overlap), place(&overlap)));
            }
        }
    }
    let joined = |shapes: Vec<MultiPolygon>| {
        contained(|| shapes.into_iter().reduce(|left, right| left.union(&right))).ok_or(EditProblem::NotComputed)
    };
    let nothing = || MultiPolygon(Vec::new());
    let (old, new) = (joined(old)?.unwrap_or_else(nothing), joined(new)?.unwrap_or_else(nothing));
    let changed = [difference(&old, &new, tolerances.snap_m), difference(&new, &old, tolerances.snap_m)];
    let changed: Vec<Piece> = changed.into_iter().collect::<Option<Vec<_>>>().ok_or(EditProblem::NotComputed)?.concat();
    if changed.is_empty() { Ok(()) } else { Err(EditProblem::UnionChanged(area(&changed), place(&changed))) }
}

/// How the area of an old parcel is shared out among new ones: the weight of each edge of the lineage, 0 to 1.
///
/// # Errors
/// When the shapes cannot be laid over each other.
pub fn area_shares(old: &ParcelGeometry, new: &[ParcelGeometry]) -> Result<Vec<f64>, EditProblem> {
    let plane = Plane::around(old.bbox().centre());
    let shape = plane.shape(old);
    let whole = old.planar_area().area_m2;
    let share = |parcel: &ParcelGeometry| {
        let pieces = intersection(&shape, &plane.shape(parcel), 0.0).ok_or(EditProblem::NotComputed)?;
        Ok((pieces.iter().map(|piece| piece.area_m2).sum::<f64>() / whole).clamp(0.0, 1.0))
    };
    new.iter().map(share).collect()
}
