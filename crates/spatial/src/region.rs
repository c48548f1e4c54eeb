//! Which parcels meet a polygon that somebody asks with, and which lie in it?

use rstar::{AABB, RTree, RTreeObject};

use crate::geometry::accept;
use crate::grid::{GridPoint, Meeting, Side, between, meet, turn};
use crate::packed::Packed;
use crate::{AxisOrder, BoundingBox, Crs, GeometryProblem, ParcelGeometry, RawGeometry, predicate};

/// The widest and highest a region may be, nano-degrees.
pub(crate) const MAX_SPAN: i64 = 360_000_000_000;

/// A query polygon, prepared: its edges lie in a tree, so that a parcel meets only those near it. It may be as wide as
/// the globe.
#[derive(Clone, Debug)]
pub struct Region {
    bbox: BoundingBox,
    edges: RTree<Edge>,
    /// Its rings, and whether each is a hole.
    rings: Vec<(Vec<GridPoint>, bool)>,
}

#[derive(Clone, Copy, Debug)]
struct Edge {
    from: GridPoint,
    to: GridPoint,
}

impl RTreeObject for Edge {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(plain(self.from), plain(self.to))
    }
}

/// Nano-degrees as floating point: exact, and far from what could overflow in the tree.
#[expect(clippy::cast_precision_loss, reason = "grid values stay below 2^53")]
const fn plain(point: GridPoint) -> [f64; 2] {
    [point.lon as f64, point.lat as f64]
}

impl Region {
    /// Checks and prepares a polygon.
    ///
    /// # Errors
    /// Every problem of the polygon, as [`ParcelGeometry::try_new`].
    pub fn try_new(raw: &RawGeometry, crs: Crs, order: AxisOrder) -> Result<Self, Vec<GeometryProblem>> {
        Ok(Self::from(&accept(raw, crs, order, MAX_SPAN)?.geometry))
    }

    /// The smallest box around it.
    #[must_use]
    pub const fn bbox(&self) -> BoundingBox {
        self.bbox
    }

    /// Its rings, and whether each is a hole.
    pub(crate) fn rings(&self) -> impl Iterator<Item = (&[GridPoint], bool)> {
        self.rings.iter().map(|(ring, is_hole)| (ring.as_slice(), *is_hole))
    }

    fn near(&self, bbox: &BoundingBox) -> impl Iterator<Item = &Edge> {
        self.edges.locate_in_envelope_intersecting(&AABB::from_corners(plain(bbox.min), plain(bbox.max)))
    }

    /// Where a point lies. Exact.
    pub(crate) fn side(&self, point: GridPoint) -> Side {
        if !self.bbox.contains(point) {
            return Side::Outside;
        }
        // A ray to the east: only edges it can meet are looked at.
        let ray = BoundingBox { min: point, max: GridPoint { lon: self.bbox.max.lon, lat: point.lat } };
        let mut inside = false;
        for edge in self.near(&ray) {
            let (low, high) = if edge.from.lat <= edge.to.lat { (edge.from, edge.to) } else { (edge.to, edge.from) };
            let side = turn(low, high, point);
            if side == 0 && between(low, high, point) {
                return Side::Boundary;
            }
            if side > 0 && point.lat >= low.lat && point.lat < high.lat {
                inside = !inside;
            }
        }
        if inside { Side::Inside } else { Side::Outside }
    }

    /// Where the middle of two grid points lies, which may be no grid point itself.
    fn side_of_middle(&self, from: GridPoint, to: GridPoint) -> Side {
        let double = |point: GridPoint| GridPoint { lon: 2 * point.lon, lat: 2 * point.lat };
        let middle = GridPoint { lon: from.lon + to.lon, lat: from.lat + to.lat };
        let ray = BoundingBox {
            min: GridPoint { lon: from.lon.min(to.lon), lat: from.lat.min(to.lat) },
            max: GridPoint { lon: self.bbox.max.lon.max(from.lon).max(to.lon), lat: from.lat.max(to.lat) },
        };
        let mut inside = false;
        for edge in self.near(&ray) {
            let (low, high) =
                if edge.from.lat <= edge.to.lat { (double(edge.from), double(edge.to)) } else { (double(edge.to), double(edge.from)) };
            let side = turn(low, high, middle);
            if side == 0 && between(low, high, middle) {
                return Side::Boundary;
            }
            if side > 0 && middle.lat >= low.lat && middle.lat < high.lat {
                inside = !inside;
            }
        }
        if inside { Side::Inside } else { Side::Outside }
    }

    /// How a box lies: wholly inside or outside, or on the border of the region.
    pub(crate) fn side_of_box(&self, bbox: &BoundingBox) -> Side {
        if !self.bbox.intersects(bbox) {
            Side::Outside
        } else if self.near(bbox).next().is_some() {
            Side::Boundary
        } else {
            self.side(bbox.min)
        }
    }

    /// Whether parcel and region have a point in common.
    pub(crate) fn intersects(&self, shape: Packed<'_>) -> bool {
        let bbox = shape.bbox();
        if !self.bbox.intersects(&bbox) {
            return false;
        }
        let near: Vec<&Edge> = self.near(&bbox).collect();
        if near.is_empty() {
            // No border of the region near the parcel: the whole of it is in, or none.
            return self.side(bbox.min) == Side::Inside;
        }
        let meets = shape.edges().any(|(from, to)| near.iter().any(|edge| meet(from, to, edge.from, edge.to) != Meeting::Apart));
        meets
            || shape.rings().any(|ring| ring.points().next().is_some_and(|point| self.side(point) != Side::Outside))
            || near.iter().any(|edge| predicate::covers(shape, edge.from))
    }

    /// Whether no point of the parcel lies outside the region.
    pub(crate) fn covers(&self, shape: Packed<'_>) -> bool {
        let bbox = shape.bbox();
        if !self.bbox.covers(&bbox) {
            return false;
        }
        let near: Vec<&Edge> = self.near(&bbox).collect();
        if near.is_empty() {
            return self.side(bbox.min) == Side::Inside;
        }
        // A border of the region inside the parcel leaves some of it out.
        if near.iter().any(|edge| [edge.from, edge.to].iter().any(|&point| predicate::side(shape, point) == Side::Inside)) {
            return false;
        }
        shape.edges().all(|(from, to)| {
            let mut stops = vec![from, to];
            for edge in &near {
                match meet(from, to, edge.from, edge.to) {
                    Meeting::Apart => {}
                    Meeting::Cross(_) => return false,
                    Meeting::Touch(place) => stops.push(place),
                    Meeting::Overlap(start, end) => stops.extend([start, end]),
                }
            }
            stops.sort_unstable();
            stops.dedup();
            self.side(from) != Side::Outside && stops.windows(2).all(|piece| self.side_of_middle(piece[0], piece[1]) != Side::Outside)
        })
    }
}

impl From<&ParcelGeometry> for Region {
    fn from(geometry: &ParcelGeometry) -> Self {
        let mut edges = Vec::with_capacity(geometry.vertex_count());
        for ring in geometry.rings() {
            edges.extend(ring.iter().zip(ring.iter().cycle().skip(1)).map(|(&from, &to)| Edge { from, to }));
        }
        let of_part = |part: &crate::Part| part.rings().iter().cloned().enumerate().map(|(at, ring)| (ring, at > 0)).collect::<Vec<_>>();
        Self { bbox: geometry.bbox(), edges: RTree::bulk_load(edges), rings: geometry.parts().iter().flat_map(of_part).collect() }
    }
}
