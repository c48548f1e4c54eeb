//! How is a geometry read from and written as well-known binary (OGC 06-103r4, clause 8)?
//!
//! Reads both byte orders, ISO and extended (PostGIS) dimension flags and the extended SRID. Counts are believed only
//! as far as bytes follow.

use crate::problem::{GeometryFault, GeometryProblem};
use crate::raw::Budget;
use crate::{ParcelGeometry, RawGeometry};

const POLYGON: u32 = 3;
const MULTI_POLYGON: u32 = 6;
const EWKB_Z: u32 = 0x8000_0000;
const EWKB_M: u32 = 0x4000_0000;
const EWKB_SRID: u32 = 0x2000_0000;

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
    budget: Budget,
}

struct Header {
    little: bool,
    kind: u32,
    extra: usize,
    srid: Option<u32>,
}

fn fault(expected: &'static str, at: usize) -> GeometryProblem {
    GeometryProblem::whole(GeometryFault::Wkb(expected, at))
}

fn too_complex() -> GeometryProblem {
    GeometryProblem::whole(GeometryFault::TooComplex)
}

impl Cursor<'_> {
    fn take<const N: usize>(&mut self, expected: &'static str) -> Result<[u8; N], GeometryProblem> {
        let chunk = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk::<N>()).ok_or_else(|| fault(expected, self.at))?;
        self.at += N;
        Ok(*chunk)
    }

    fn u32(&mut self, little: bool, expected: &'static str) -> Result<u32, GeometryProblem> {
        let bytes = self.take::<4>(expected)?;
        Ok(if little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn f64(&mut self, little: bool) -> Result<f64, GeometryProblem> {
        let bytes = self.take::<8>("a coordinate")?;
        Ok(if little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }

    /// A count of things that take at least `size` bytes each.
    fn count(&mut self, little: bool, size: usize, expected: &'static str) -> Result<usize, GeometryProblem> {
        let at = self.at;
        let count = self.u32(little, expected)? as usize;
        if count.checked_mul(size).is_some_and(|bytes| bytes <= self.bytes.len() - self.at) { Ok(count) } else { Err(fault(expected, at)) }
    }

    fn header(&mut self) -> Result<Header, GeometryProblem> {
        let little = match self.take::<1>("a byte order")? {
            [0] => false,
            [1] => true,
            _ => return Err(fault("byte order 0 or 1", self.at - 1)),
        };
        let at = self.at;
        let code = self.u32(little, "a geometry type")?;
        let srid = if code & EWKB_SRID == 0 { None } else { Some(self.u32(little, "an SRID")?) };
        let plain = code & !(EWKB_Z | EWKB_M | EWKB_SRID);
        let (iso, kind) = (plain / 1000, plain % 1000);
        if iso > 3 {
            return Err(fault("a geometry type", at));
        }
        let extra = usize::from(code & EWKB_Z != 0 || iso & 1 == 1) + usize::from(code & EWKB_M != 0 || iso & 2 == 2);
        Ok(Header { little, kind, extra, srid })
    }

    fn polygon(&mut self, header: &Header) -> Result<Vec<Vec<[f64; 2]>>, GeometryProblem> {
        if !self.budget.part() {
            return Err(too_complex());
        }
        let rings = self.count(header.little, 4, "a count of rings")?;
        let mut part = Vec::new();
        for _ in 0..rings {
            let positions = self.count(header.little, 16 + 8 * header.extra, "a count of positions")?;
            if !(self.budget.ring() && self.budget.positions(positions)) {
                return Err(too_complex());
            }
            let mut ring = Vec::with_capacity(positions);
            for _ in 0..positions {
                ring.push([self.f64(header.little)?, self.f64(header.little)?]);
                for _ in 0..header.extra {
                    self.f64(header.little)?;
                }
            }
            part.push(ring);
        }
        Ok(part)
    }
}

impl RawGeometry {
    /// Reads well-known binary.
    ///
    /// # Errors
    /// What was expected at which byte; a type that is no Polygon or MultiPolygon; too many vertices.
    pub fn from_wkb(bytes: &[u8]) -> Result<Self, GeometryProblem> {
        let mut cursor = Cursor { bytes, at: 0, budget: Budget::default() };
        let outer = cursor.header()?;
        let mut geometry = Self { parts: Vec::new(), srid: outer.srid, dropped_dimensions: outer.extra > 0 };
        match outer.kind {
            POLYGON => geometry.parts.push(cursor.polygon(&outer)?),
            MULTI_POLYGON => {
                for _ in 0..cursor.count(outer.little, 9, "a count of parts")? {
                    let inner = cursor.header()?;
                    if inner.kind != POLYGON {
                        return Err(fault("a polygon", cursor.at));
                    }
                    geometry.dropped_dimensions |= inner.extra > 0;
                    geometry.parts.push(cursor.polygon(&inner)?);
                }
            }
            _ => return Err(GeometryProblem::whole(GeometryFault::NotPolygonal)),
        }
        if cursor.at == bytes.len() { Ok(geometry) } else { Err(fault("the end", cursor.at)) }
    }

    /// Reads hexadecimal well-known binary, upper or lower case.
    ///
    /// # Errors
    /// As [`RawGeometry::from_wkb`].
    pub fn from_hex_wkb(text: &str) -> Result<Self, GeometryProblem> {
        let digit = |at: usize, byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'A'..=b'F' => Ok(byte - b'A' + 10),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(fault("a hexadecimal digit", at / 2)),
        };
        if !text.len().is_multiple_of(2) {
            return Err(fault("two hexadecimal digits a byte", text.len() / 2));
        }
        // A position takes 32 digits: what cannot fit the ceiling is not even decoded.
        if text.len() > RawGeometry::MAX_POSITIONS * 80 {
            return Err(too_complex());
        }
        let mut bytes = Vec::with_capacity(text.len() / 2);
        for (pair, digits) in text.as_bytes().chunks_exact(2).enumerate() {
            bytes.push(digit(2 * pair, digits[0])? << 4 | digit(2 * pair, digits[1])?);
        }
        Self::from_wkb(&bytes)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "counts are limited far below 2^32")]
fn put_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend((count as u32).to_le_bytes());
}

impl ParcelGeometry {
    /// Little-endian well-known binary, longitude first: a Polygon when there is one part, else a MultiPolygon.
    #[must_use]
    pub fn to_wkb(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(32 + 16 * (self.vertex_count() + 8));
        if self.parts().len() != 1 {
            bytes.push(1);
            bytes.extend(MULTI_POLYGON.to_le_bytes());
            put_count(&mut bytes, self.parts().len());
        }
        for part in self.parts() {
            bytes.push(1);
            bytes.extend(POLYGON.to_le_bytes());
            put_count(&mut bytes, part.rings().len());
            for ring in part.rings() {
                put_count(&mut bytes, ring.len() + 1);
                for point in ring.iter().chain(ring.first()) {
                    bytes.extend(point.lon_degrees().to_le_bytes());
                    bytes.extend(point.lat_degrees().to_le_bytes());
                }
            }
        }
        bytes
    }

    /// The same in upper-case hexadecimal digits: the canonical form of a `geometry` attribute.
    #[must_use]
    pub fn to_hex_wkb(&self) -> String {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let bytes = self.to_wkb();
        let digits = bytes.into_iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|half| DIGITS[usize::from(half)]);
        String::from_utf8(digits.collect()).expect("digits are ASCII")
    }
}
