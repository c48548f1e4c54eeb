//! Where does each element of a JSON document begin and end?
//!
//! A document may be an array of records, records one after the other, or a GeoJSON feature collection. Only one element
//! is in memory at a time, and no more of it than the limit.

use crate::fault::FileFault;
use crate::input::Input;
use crate::json::parse::{self, parse};
use crate::limits::Limits;

/// How records lie in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `[{…}, {…}]`, or `{…} {…}` with any white space between.
    Records,
    /// `{"type": "FeatureCollection", "features": [{…}, {…}]}`.
    FeatureCollection,
}

/// One element of a document.
#[derive(Debug)]
pub(crate) struct Element {
    /// The line it begins on.
    pub(crate) line: u64,
    /// Whether it was longer than the limit; its bytes are then cut.
    pub(crate) too_long: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    /// Between records that follow one another.
    Loose,
    /// In an array: before the first element, or after an element.
    Array {
        first: bool,
    },
    /// Between members of a feature collection.
    Members {
        first: bool,
    },
    End,
}

/// Walks through the elements of a document.
pub(crate) struct Elements {
    shape: Shape,
    place: Place,
    limits: Limits,
    buffer: Vec<u8>,
    seen_features: bool,
    /// Whether the mapping names the coordinate system, whatever the document says.
    system_is_named: bool,
    system: Option<String>,
}

impl Elements {
    pub(crate) const fn new(shape: Shape, limits: Limits, system_is_named: bool) -> Self {
        Self { shape, place: Place::Start, limits, buffer: Vec::new(), seen_features: false, system_is_named, system: None }
    }

    /// The coordinate system that the document names in front of its features (a `crs` member, as GDAL writes it), unless it is longitude
    /// and latitude.
    pub(crate) fn system(&self) -> Option<&str> {
        self.system.as_deref()
    }

    /// The bytes of the last element.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer
    }

    /// The next element, none at the end of the document.
    pub(crate) fn next(&mut self, input: &mut Input) -> Result<Option<Element>, FileFault> {
        loop {
            let byte = self.peek(input)?;
            match (self.place, byte) {
                (Place::Start, None) => return Err(FileFault::new("body-missing", "send records: the file is empty")),
                (Place::Start, Some(b'[')) if self.shape == Shape::Records => self.step(input, Place::Array { first: true }),
                (Place::Start, Some(b'{')) if self.shape == Shape::Records => self.place = Place::Loose,
                (Place::Start, Some(b'{')) => self.step(input, Place::Members { first: true }),
                (Place::Loose, None) | (Place::End, None) => return Ok(None),
                (Place::Loose, Some(b'{')) => return self.element(input).map(Some),
                (Place::Array { .. }, Some(b']')) => {
                    let after = if self.shape == Shape::Records { Place::End } else { Place::Members { first: false } };
                    self.step(input, after);
                }
                (Place::Array { first: false }, Some(b',')) => {
                    self.step(input, Place::Array { first: false });
                    self.peek(input)?;
                    return self.element(input).map(Some);
                }
                (Place::Array { first: true }, Some(_)) => {
                    self.place = Place::Array { first: false };
                    return self.element(input).map(Some);
                }
                (Place::Members { .. }, Some(b'}')) => {
                    if !self.seen_features {
                        return Err(FileFault::new("geojson-invalid", "send a FeatureCollection with features").at_line(input.line()));
                    }
                    self.step(input, Place::End);
                }
                (Place::Members { first: false }, Some(b',')) => {
                    self.step(input, Place::Members { first: true });
                }
                (Place::Members { first: true }, Some(b'"')) => self.member(input)?,
                _ => return Err(syntax(input)),
            }
        }
    }

    fn step(&mut self, input: &mut Input, place: Place) {
        input.consume(1);
        self.place = place;
    }

    /// Skips white space and shows the next byte.
    fn peek(&self, input: &mut Input) -> Result<Option<u8>, FileFault> {
        let mut skipped = 0_u64;
        loop {
            let chunk = input.chunk().map_err(|error| FileFault::unreadable(&error))?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let space = chunk.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
            let next = chunk.get(space).copied();
            input.consume(space);
            if next.is_some() {
                return Ok(next);
            }
            skipped += space as u64;
            if skipped > self.limits.give_up_bytes {
                return Err(self.limits.nothing_but_blank().at(input.line(), input.offset()));
            }
        }
    }

    /// A member of a feature collection: its features are gone into, `type` and `crs` looked at, others passed over.
    fn member(&mut self, input: &mut Input) -> Result<(), FileFault> {
        self.element(input)?;
        let name = parse(&self.buffer, &self.limits).map_err(|_| syntax(input))?;
        if self.peek(input)? != Some(b':') {
            return Err(syntax(input));
        }
        input.consume(1);
        let next = self.peek(input)?;
        if name == "features" {
            if next != Some(b'[') {
                return Err(FileFault::new("geojson-invalid", "send features as an array").at_line(input.line()));
            }
            self.seen_features = true;
            self.step(input, Place::Array { first: true });
            return Ok(());
        }
        let element = self.element(input)?;
        if element.too_long && (name == "type" || name == "crs") {
            return Err(syntax(input));
        }
        if name == "type" && self.buffer != b"\"FeatureCollection\"" {
            return Err(FileFault::new("geojson-invalid", "send a FeatureCollection").at_line(element.line));
        }
        if name == "crs" && !self.system_is_named && !is_longitude_latitude(&self.buffer) {
            self.system = zone_of(&self.buffer);
            // What has been read is in longitude and latitude by then.
            if self.system.is_none() || self.seen_features {
                let advice = "the member crs names a system that is not read here, or stands behind the features: name the system in the mapping file \
                              (crs = \"EPSG:4526\"), or leave crs out and send longitude and latitude";
                return Err(FileFault::new("crs-unsupported", advice).at_line(element.line));
            }
        }
        self.place = Place::Members { first: false };
        Ok(())
    }

    /// Takes one value into the buffer: everything up to its end, judged later by the parser.
    fn element(&mut self, input: &mut Input) -> Result<Element, FileFault> {
        let line = input.line();
        let (mut depth, mut deepest, mut in_string, mut escaped, mut taken) = (0_usize, 0, false, false, 0_u64);
        self.buffer.clear();
        loop {
            let chunk = input.chunk().map_err(|error| FileFault::unreadable(&error))?;
            if chunk.is_empty() {
                return Err(self.endless(deepest).at(input.line(), input.offset()));
            }
            let (mut at, mut ended) = (0, false);
            while at < chunk.len() && !ended {
                let byte = chunk[at];
                at += 1;
                if escaped {
                    escaped = false;
                } else if in_string {
                    match byte {
                        b'\\' => escaped = true,
                        b'"' => {
                            in_string = false;
                            ended = depth == 0;
                        }
                        _ => at += memchr::memchr2(b'"', b'\\', &chunk[at..]).unwrap_or(chunk.len() - at),
                    }
                } else {
                    match byte {
                        b'"' => in_string = true,
                        b'{' | b'[' => {
                            depth += 1;
                            deepest = deepest.max(depth);
                        }
                        b'}' | b']' | b',' if depth == 0 => {
                            at -= 1;
                            ended = true;
                        }
                        b'}' | b']' => {
                            depth -= 1;
                            ended = depth == 0;
                        }
                        _ => {}
                    }
                }
            }
            let room = self.limits.row_bytes.saturating_sub(self.buffer.len());
            self.buffer.extend_from_slice(&chunk[..at.min(room)]);
            taken += at as u64;
            input.consume(at);
            let too_long = taken > self.limits.row_bytes as u64;
            if ended {
                return Ok(Element { line, too_long });
            }
            if taken > self.limits.give_up_bytes {
                let fault = if deepest > self.limits.json_depth { self.endless(deepest) } else { self.limits.no_end() };
                return Err(fault.at(line, input.offset()));
            }
        }
    }

    /// The fault of a value that has no end, by how deep it went. One that has an end is its parser's to judge: it stops nothing.
    fn endless(&self, deepest: usize) -> FileFault {
        if deepest > self.limits.json_depth {
            FileFault::new("json-too-deep", parse::TOO_DEEP)
        } else {
            FileFault::new("json-syntax", "complete the JSON: it is cut off")
        }
    }
}

fn syntax(input: &Input) -> FileFault {
    FileFault::new("json-syntax", "correct the JSON at this byte").at(input.line(), input.offset())
}

/// Whether a GeoJSON `crs` member (of 2008) names longitude and latitude in WGS 84 or CGCS2000.
fn is_longitude_latitude(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.trim() == "null" || ["CRS84", "EPSG::4326", "EPSG:4326", "EPSG::4490", "EPSG:4490"].iter().any(|name| text.contains(name))
}

/// The Gauss–Krüger zone of CGCS2000 that a `crs` member names; positions of GeoJSON have the easting first.
fn zone_of(bytes: &[u8]) -> Option<String> {
    let member: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let name = member["properties"]["name"].as_str()?;
    if !name.contains("EPSG") {
        return None;
    }
    let code: u16 = name.rsplit([':', '/']).next()?.parse().ok()?;
    (4491..=4554).contains(&code).then(|| format!("EPSG:{code}"))
}
