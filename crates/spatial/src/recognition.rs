//! In which system do coordinates seem to be given, when they do not fit the declared one?

use crate::crs::GaussKruger;
use crate::problem::{GeometryFault, GeometryProblem};
use crate::{Crs, RawGeometry};

/// Land of China lies between these longitudes and latitudes: west, south, east, north.
const CHINA: [f64; 4] = [73.0, 3.0, 136.0, 54.0];

/// What is wrong with numbers of which at least one cannot be converted: one problem of each kind, at its first place.
pub(crate) fn explain(raw: &RawGeometry, crs: Crs, north_first: bool) -> Vec<GeometryProblem> {
    let mut problems: Vec<GeometryProblem> = Vec::new();
    for (part, rings) in raw.parts.iter().enumerate() {
        for (ring, positions) in rings.iter().enumerate() {
            for &place in positions {
                let (east, north) = if north_first { (place[1], place[0]) } else { (place[0], place[1]) };
                let Some(fault) = fault_of(crs, east, north) else { continue };
                if !problems.iter().any(|problem| problem.fault == fault) {
                    // Where it would lie if the numbers were swapped is a place on a map; the numbers as given are none.
                    let swapped = (fault == GeometryFault::AxesSwapped).then(|| crs.to_lon_lat(north, east).ok()).flatten();
                    let place = swapped.unwrap_or(place);
                    problems.push(GeometryProblem { fault, place: Some(place), part: Some(part), ring: Some(ring) });
                }
            }
        }
    }
    problems
}

fn fault_of(crs: Crs, east: f64, north: f64) -> Option<GeometryFault> {
    if !(east.is_finite() && north.is_finite()) {
        return Some(GeometryFault::NotFinite);
    }
    if crs.to_lon_lat(east, north).is_ok() {
        return None;
    }
    let fits_swapped = match crs.to_lon_lat(north, east) {
        Ok([lon, lat]) => !crs.is_projected() || in_china(lon, lat),
        Err(_) => false,
    };
    Some(if fits_swapped { GeometryFault::AxesSwapped } else { GeometryFault::CoordinateRange(looks_like(crs, east, north)) })
}

/// Whether a position lies in the box around China, degrees.
#[must_use]
pub fn in_china(lon: f64, lat: f64) -> bool {
    let [west, south, east, north] = CHINA;
    (west..=east).contains(&lon) && (south..=north).contains(&lat)
}

/// The system a pair of numbers seems to be given in.
fn looks_like(declared: Crs, east: f64, north: f64) -> Option<Crs> {
    if east.abs() <= 180.0 && north.abs() <= 90.0 {
        return Some(Crs::Cgcs2000);
    }
    let (east, north) = if east >= 1e6 && north >= 1e7 { (north, east) } else { (east, north) };
    let northing = 300_000.0..6_000_000.0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked before")]
    if (13e6..46e6).contains(&east) && northing.contains(&north) {
        let zone = (east / 1e6) as u16;
        return match zone {
            13..=23 => GaussKruger::from_epsg(4491 + zone - 13).map(Crs::GaussKruger),
            25..=45 => GaussKruger::from_epsg(4513 + zone - 25).map(Crs::GaussKruger),
            _ => None,
        };
    }
    match declared {
        // An easting without its zone number: the declared zone in the form without prefix.
        Crs::GaussKruger(system) if system.is_prefixed() && (100_000.0..900_000.0).contains(&east) && northing.contains(&north) => {
            Some(Crs::GaussKruger(system.with_prefix(false)))
        }
        _ => None,
    }
}
