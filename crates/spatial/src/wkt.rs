//! How is a geometry read from and written as well-known text (OGC 06-103r4, clause 7)?

use std::fmt::Write;

use crate::problem::{GeometryFault, GeometryProblem};
use crate::raw::Budget;
use crate::{ParcelGeometry, RawGeometry};

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    budget: Budget,
    dropped: bool,
}

impl<'a> Scanner<'a> {
    fn fault(&self, expected: &'static str) -> GeometryProblem {
        GeometryProblem::whole(GeometryFault::Wkt(expected, self.at))
    }

    fn rest(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        &self.text[self.at..]
    }

    fn take(&mut self, symbol: char) -> bool {
        let found = self.rest().starts_with(symbol);
        self.at += if found { symbol.len_utf8() } else { 0 };
        found
    }

    fn expect(&mut self, symbol: char, expected: &'static str) -> Result<(), GeometryProblem> {
        if self.take(symbol) { Ok(()) } else { Err(self.fault(expected)) }
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn number(&mut self) -> Result<f64, GeometryProblem> {
        self.rest();
        let start = self.at;
        let word = self.word();
        word.parse().map_err(|_| {
            self.at = start;
            self.fault("a number")
        })
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T, GeometryProblem>) -> Result<Vec<T>, GeometryProblem> {
        self.expect('(', "(")?;
        let mut items = vec![item(self)?];
        while self.take(',') {
            items.push(item(self)?);
        }
        self.expect(')', ") or ,")?;
        Ok(items)
    }

    fn position(&mut self) -> Result<[f64; 2], GeometryProblem> {
        if !self.budget.position() {
            return Err(GeometryProblem::whole(GeometryFault::TooComplex));
        }
        let position = [self.number()?, self.number()?];
        for _ in 0..2 {
            if !self.rest().starts_with([',', ')']) {
                self.number()?;
                self.dropped = true;
            }
        }
        Ok(position)
    }

    fn polygon(&mut self) -> Result<Vec<Vec<[f64; 2]>>, GeometryProblem> {
        if !self.budget.part() {
            return Err(GeometryProblem::whole(GeometryFault::TooComplex));
        }
        self.list(
            |scanner| {
                if scanner.budget.ring() { scanner.list(Self::position) } else { Err(GeometryProblem::whole(GeometryFault::TooComplex)) }
            },
        )
    }
}

impl RawGeometry {
    /// Reads well-known text, with or without a leading `SRID=4490;`.
    ///
    /// # Errors
    /// What was expected at which byte; a type that is no Polygon or MultiPolygon; too many vertices.
    pub fn from_wkt(text: &str) -> Result<Self, GeometryProblem> {
        let mut scanner = Scanner { text, at: 0, budget: Budget::default(), dropped: false };
        let mut geometry = Self::default();
        let mut kind = scanner.word().to_ascii_uppercase();
        if kind == "SRID" {
            scanner.expect('=', "=")?;
            geometry.srid = Some(scanner.word().parse().map_err(|_| scanner.fault("an EPSG code"))?);
            scanner.expect(';', ";")?;
            kind = scanner.word().to_ascii_uppercase();
        }
        if !kind.contains('O') {
            scanner.at = 0;
            return Err(scanner.fault("POLYGON or MULTIPOLYGON"));
        }
        let dimension = |word: &str| matches!(word.to_ascii_uppercase().as_str(), "Z" | "M" | "ZM");
        if !scanner.rest().starts_with('(') {
            let before = scanner.at;
            let mut word = scanner.word();
            if dimension(word) && !scanner.rest().starts_with('(') {
                word = scanner.word();
            }
            if word.eq_ignore_ascii_case("EMPTY") && kind.contains("POLYGON") {
                return Err(GeometryProblem::whole(GeometryFault::Empty));
            }
            if !dimension(word) {
                scanner.at = before;
                return Err(scanner.fault("("));
            }
        }
        match kind.trim_end_matches(['Z', 'M']) {
            "POLYGON" => geometry.parts.push(scanner.polygon()?),
            "MULTIPOLYGON" => geometry.parts = scanner.list(Scanner::polygon)?,
            "POINT" | "LINESTRING" | "MULTIPOINT" | "MULTILINESTRING" | "GEOMETRYCOLLECTION" | "CURVEPOLYGON" | "MULTISURFACE"
            | "TRIANGLE" => {
                return Err(GeometryProblem::whole(GeometryFault::NotPolygonal));
            }
            _ => {
                scanner.at = 0;
                return Err(scanner.fault("POLYGON or MULTIPOLYGON"));
            }
        }
        geometry.dropped_dimensions = scanner.dropped;
        if scanner.rest().is_empty() { Ok(geometry) } else { Err(scanner.fault("the end")) }
    }
}

impl ParcelGeometry {
    /// Well-known text, longitude first: POLYGON when there is one part, else MULTIPOLYGON.
    #[must_use]
    pub fn to_wkt(&self) -> String {
        let mut text = String::from(if self.parts().len() == 1 { "POLYGON " } else { "MULTIPOLYGON (" });
        for (number, part) in self.parts().iter().enumerate() {
            text.push_str(if number > 0 { ", (" } else { "(" });
            for (number, ring) in part.rings().iter().enumerate() {
                text.push_str(if number > 0 { ", (" } else { "(" });
                for (number, point) in ring.iter().chain(ring.first()).enumerate() {
                    let [lon, lat] = point.degrees();
                    let comma = if number > 0 { ", " } else { "" };
                    write!(text, "{comma}{lon} {lat}").expect("writing to a string cannot fail");
                }
                text.push(')');
            }
            text.push(')');
        }
        if self.parts().len() != 1 {
            text.push(')');
        }
        text
    }
}
