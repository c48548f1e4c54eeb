//! What is a valid parcel boundary?
//!
//! A [`ParcelGeometry`] that exists is valid: finite, on the grid, rings closed and simple, shells counter-clockwise,
//! holes inside and clockwise, parts apart, each interior in one piece, at most four degrees wide.

use std::collections::HashSet;

use crate::grid::{GridPoint, ring_turn};
use crate::problem::{GeometryFault, GeometryNotice, GeometryProblem};
use crate::{AxisOrder, BoundingBox, Crs, RawGeometry, recognition, validity};

/// The widest and highest a parcel may be, nano-degrees: offsets within it fit 32 bits.
pub(crate) const MAX_SPAN: i64 = 4_000_000_000;

/// A shell with its holes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    rings: Vec<Vec<GridPoint>>,
}

impl Part {
    /// The shell, then the holes; each without the closing position.
    #[must_use]
    pub fn rings(&self) -> &[Vec<GridPoint>] {
        &self.rings
    }
}

/// A valid polygon or multi-polygon in CGCS2000 longitude and latitude, on the grid of 10⁻⁹ °.
///
/// ```
/// use jiku_spatial::{Crs, AxisOrder, ParcelGeometry, RawGeometry};
/// let raw = RawGeometry::from_wkt("POLYGON ((113 23, 113.001 23, 113.001 23.001, 113 23))").unwrap();
/// let geometry = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
/// assert_eq!(geometry.vertex_count(), 3);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParcelGeometry {
    parts: Vec<Part>,
    bbox: BoundingBox,
}

/// A geometry that was accepted, and what was done to it on the way in.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted {
    /// The geometry.
    pub geometry: ParcelGeometry,
    /// What its sender should know.
    pub notices: Vec<GeometryNotice>,
}

impl ParcelGeometry {
    /// Checks a geometry given in `crs`, brings it to CGCS2000 longitude and latitude and onto the grid.
    ///
    /// # Errors
    /// Every problem that could be told at once, each with its place, at most one hundred.
    pub fn try_new(raw: &RawGeometry, crs: Crs, order: AxisOrder) -> Result<Accepted, Vec<GeometryProblem>> {
        accept(raw, crs, order, MAX_SPAN)
    }

    /// Reads the canonical form back from where it was stored: only what can break the engine is checked again, not
    /// whether rings are simple.
    ///
    /// # Errors
    /// When the bytes are no well-known binary, a position is off the globe or the span is too wide.
    pub fn from_stored(wkb: &[u8]) -> Result<Self, GeometryProblem> {
        Self::stored(&RawGeometry::from_wkb(wkb)?)
    }

    /// The same from hexadecimal digits.
    ///
    /// # Errors
    /// As [`ParcelGeometry::from_stored`].
    pub fn from_stored_hex(text: &str) -> Result<Self, GeometryProblem> {
        Self::stored(&RawGeometry::from_hex_wkb(text)?)
    }

    fn stored(raw: &RawGeometry) -> Result<Self, GeometryProblem> {
        let first = |mut problems: Vec<GeometryProblem>| problems.swap_remove(0);
        let mut parts = to_grid(raw, Crs::Cgcs2000, AxisOrder::EastFirst).map_err(first)?;
        if let Some(problem) = drop_repeated(&mut parts).problems.into_iter().next() {
            return Err(problem);
        }
        if parts.is_empty() {
            return Err(GeometryProblem::whole(GeometryFault::Empty));
        }
        let geometry = Self::from_rings(parts);
        if geometry.bbox.width() > MAX_SPAN || geometry.bbox.height() > MAX_SPAN {
            return Err(GeometryProblem::whole(GeometryFault::OutsideExtent));
        }
        Ok(geometry)
    }

    /// Puts rings that are known to be valid together; each part has at least its shell.
    pub(crate) fn from_rings(parts: Vec<Vec<Vec<GridPoint>>>) -> Self {
        let shells = parts.iter().filter_map(|rings| rings.first());
        let bbox = BoundingBox::around(shells.flatten().copied()).unwrap_or_default();
        Self { parts: parts.into_iter().map(|rings| Part { rings }).collect(), bbox }
    }

    /// The parts, at least one.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Every ring of every part.
    pub fn rings(&self) -> impl Iterator<Item = &[GridPoint]> + Clone {
        self.parts.iter().flat_map(|part| part.rings.iter().map(Vec::as_slice))
    }

    /// The smallest box around it.
    #[must_use]
    pub const fn bbox(&self) -> BoundingBox {
        self.bbox
    }

    /// How many vertices it has; closing positions are not counted.
    #[must_use]
    pub fn vertex_count(&self) -> usize {
        self.rings().map(<[GridPoint]>::len).sum()
    }
}

type GridParts = Vec<Vec<Vec<GridPoint>>>;

/// Brings every position to the grid, or says what is wrong with the numbers.
fn to_grid(raw: &RawGeometry, crs: Crs, order: AxisOrder) -> Result<GridParts, Vec<GeometryProblem>> {
    let north_first = crs.is_north_first(order);
    let mut parts = Vec::with_capacity(raw.parts.len());
    for rings in &raw.parts {
        let mut part = Vec::with_capacity(rings.len());
        for positions in rings {
            let mut ring = Vec::with_capacity(positions.len());
            for &[first, second] in positions {
                let (east, north) = if north_first { (second, first) } else { (first, second) };
                let point = crs.to_lon_lat(east, north).ok().and_then(|[lon, lat]| GridPoint::from_degrees(lon, lat));
                let Some(point) = point else { return Err(recognition::explain(raw, crs, north_first)) };
                ring.push(point);
            }
            part.push(ring);
        }
        if !part.is_empty() {
            parts.push(part);
        }
    }
    Ok(parts)
}

/// What became of rings as they were sent.
#[derive(Default)]
struct Tidied {
    /// How many positions were repeated, and the first of them.
    repeated: usize,
    first_repeated: Option<GridPoint>,
    problems: Vec<GeometryProblem>,
    /// Rings that are no rings, part and number: nothing more can be told of them.
    unusable: HashSet<(u32, u32)>,
}

/// Takes away closing and repeated positions, and names rings that are not closed or too short. A ring that is not closed counts as closed
/// in what follows, so that everything else that is wrong with it is told too.
#[expect(clippy::cast_possible_truncation, reason = "parts and rings are limited far below 2^32")]
fn drop_repeated(parts: &mut GridParts) -> Tidied {
    let mut tidied = Tidied::default();
    for (part_number, part) in parts.iter_mut().enumerate() {
        for (ring_number, ring) in part.iter_mut().enumerate() {
            let mut report = |fault, place: Option<GridPoint>| {
                let place = place.map(GridPoint::degrees);
                tidied.problems.push(GeometryProblem { fault, place, part: Some(part_number), ring: Some(ring_number) });
            };
            if ring.len() < 4 {
                report(GeometryFault::RingTooShort, ring.first().copied());
                tidied.unusable.insert((part_number as u32, ring_number as u32));
                continue;
            }
            if ring.first() == ring.last() {
                ring.pop();
            } else {
                report(GeometryFault::RingNotClosed, ring.last().copied());
            }
            let given = ring.len();
            tidied.first_repeated = tidied.first_repeated.or_else(|| ring.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]));
            ring.dedup();
            while ring.len() > 1 && ring.first() == ring.last() {
                tidied.first_repeated = tidied.first_repeated.or_else(|| ring.first().copied());
                ring.pop();
            }
            tidied.repeated += given - ring.len();
            if ring.len() < 3 {
                let place = ring.first().map(|point| point.degrees());
                tidied.problems.push(GeometryProblem {
                    fault: GeometryFault::Degenerate,
                    place,
                    part: Some(part_number),
                    ring: Some(ring_number),
                });
                tidied.unusable.insert((part_number as u32, ring_number as u32));
            }
        }
    }
    tidied
}

/// Shells counter-clockwise, holes clockwise (RFC 7946, section 3.1.6); the first vertex stays first.
fn normalise_orientation(parts: &mut GridParts) {
    for part in parts {
        for (number, ring) in part.iter_mut().enumerate() {
            if !ring.is_empty() && (ring_turn(ring) > 0) != (number == 0) {
                ring[1..].reverse();
            }
        }
    }
}

/// Checks a geometry that may span so many nano-degrees.
pub(crate) fn accept(raw: &RawGeometry, crs: Crs, order: AxisOrder, max_span: i64) -> Result<Accepted, Vec<GeometryProblem>> {
    if raw.parts.iter().all(Vec::is_empty) {
        return Err(vec![GeometryProblem::whole(GeometryFault::Empty)]);
    }
    let mut parts = to_grid(raw, crs, order)?;
    let Tidied { repeated, first_repeated, mut problems, unusable } = drop_repeated(&mut parts);
    normalise_orientation(&mut parts);
    let geometry = ParcelGeometry::from_rings(parts);
    if geometry.bbox.width() > max_span || geometry.bbox.height() > max_span {
        let place = Some(geometry.bbox.centre().degrees());
        problems.push(GeometryProblem { place, ..GeometryProblem::whole(GeometryFault::OutsideExtent) });
    }
    problems.extend(validity::problems(&geometry, &unusable));
    if !problems.is_empty() {
        problems.truncate(validity::MAX_PROBLEMS);
        return Err(problems);
    }
    let notices = [
        first_repeated.map(|first| GeometryNotice::RepeatedPositions { count: repeated, first }),
        raw.dropped_dimensions.then_some(GeometryNotice::ExtraDimensions),
        crs.is_approximate().then_some(GeometryNotice::ApproximateDatum),
    ];
    Ok(Accepted { geometry, notices: notices.into_iter().flatten().collect() })
}
