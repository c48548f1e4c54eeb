//! How does a JSON object become a row?

use std::collections::{HashMap, HashSet};

use jiku_model::RawRecord;
use serde_json::Value;

use crate::fault::{RowFault, flag, json_problem, kept, reject};
use crate::json::{JsonError, parse_object_within};
use crate::limits::Limits;
use crate::mapping::{Mapping, Plan};
use crate::reader::Found;
use crate::row::Row;
use crate::table::add_constants;

/// What is done with every object of a file.
pub(crate) struct Objects {
    mapping: Mapping,
    is_plain: bool,
    plans: HashMap<String, Plan>,
    constants: Vec<(String, String)>,
    known: HashSet<&'static str>,
    unknown: Vec<String>,
    limits: Limits,
    features_only: bool,
}

/// Columns that every kind has.
const SHARED: [&str; 4] = ["source", "source_key", "valid_from", "crs"];

/// Unknown columns that are named; a file with more has other troubles.
const NAMED: usize = 100;

impl Objects {
    pub(crate) fn new(mapping: &Mapping, columns: &[&'static str], limits: Limits, features_only: bool) -> Self {
        Self {
            is_plain: mapping.changes_nothing(),
            constants: mapping.constants(),
            mapping: mapping.clone(),
            plans: HashMap::new(),
            known: if columns.is_empty() { HashSet::new() } else { columns.iter().chain(&SHARED).copied().collect() },
            unknown: Vec::new(),
            limits,
            features_only,
        }
    }

    /// A value that every row has which says nothing else.
    pub(crate) fn declare(&mut self, column: &str, value: &str) {
        if self.constants.iter().all(|(own, _)| own != column) {
            self.constants.push((column.to_owned(), value.to_owned()));
        }
    }

    pub(crate) fn is_unknown(&self, column: &str) -> bool {
        !self.known.is_empty() && !self.known.contains(column)
    }

    pub(crate) fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// The row in these bytes.
    pub(crate) fn read(&mut self, bytes: &[u8], number: u64, line: u64) -> Found {
        let bad = |problem| Found::Bad(RowFault { number, line, problem, payload: kept(bytes) });
        let object = match parse_object_within(bytes, &self.limits) {
            Ok(object) => object,
            // In a file an empty place is a comma too many, not a missing body.
            Err(error) if bytes.is_empty() => return bad(json_problem(&JsonError { code: "json-syntax", ..error })),
            Err(error) => return bad(json_problem(&error)),
        };
        let object = match self.flat(object) {
            Ok(object) => object,
            Err(advice) => return bad(reject("geojson-invalid", None, advice)),
        };
        let mut raw = if self.is_plain { object } else { self.mapped(object) };
        let mut problems = Vec::new();
        for (column, value) in &raw {
            let Value::String(text) = value else { continue };
            if text.len() > self.limits.field_bytes && column != "geometry" {
                return bad(reject("too-long", Some(column), "keep a value within 64 KiB"));
            }
            if memchr::memmem::find(text.as_bytes(), "\u{fffd}".as_bytes()).is_some() {
                problems.push(flag("replacement-character", Some(column), "send the value again: characters were lost on the way"));
            }
        }
        add_constants(&mut raw, &self.constants);
        self.note_unknown(&raw);
        // The parser has seen that the bytes are UTF-8.
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let payload = std::str::from_utf8(text).map_or_else(|_| String::from_utf8_lossy(text).into_owned(), str::to_owned);
        Found::Row(Row { number, line, raw, payload, problems })
    }

    /// A GeoJSON feature as one level of values: its properties, its geometry, and its id as the key where it has none.
    fn flat(&self, mut object: RawRecord) -> Result<RawRecord, &'static str> {
        let is_feature = object.get("type").is_some_and(|value| value == "Feature") && object.contains_key("geometry");
        if !is_feature {
            return if self.features_only {
                Err("send features: an object of type Feature with geometry and properties")
            } else {
                Ok(object)
            };
        }
        let mut flat = match object.remove("properties") {
            Some(Value::Object(properties)) => properties,
            None | Some(Value::Null) => RawRecord::new(),
            Some(_) => return Err("send properties as an object"),
        };
        match object.remove("geometry") {
            Some(geometry @ Value::Object(_)) => {
                flat.insert("geometry".to_owned(), geometry);
            }
            None | Some(Value::Null) => {}
            Some(_) => return Err("send geometry as an object"),
        }
        if let Some(id) = object.remove("id").filter(|_| !flat.contains_key("source_key")) {
            flat.insert("source_key".to_owned(), id);
        }
        Ok(flat)
    }

    fn mapped(&mut self, object: RawRecord) -> RawRecord {
        let mut raw = RawRecord::with_capacity(object.len() + self.constants.len());
        for (name, value) in object {
            if !self.plans.contains_key(&name) {
                // Names are the sender's: the table of them must not grow without bound.
                if self.plans.len() >= self.limits.columns {
                    self.plans.clear();
                }
                self.plans.insert(name.clone(), self.mapping.plan(&name));
            }
            let plan = &self.plans[&name];
            if let Some(value) = plan.value(value) {
                raw.insert(plan.target.clone(), value);
            }
        }
        raw
    }

    fn note_unknown(&mut self, raw: &RawRecord) {
        if self.known.is_empty() || self.unknown.len() >= NAMED {
            return;
        }
        for column in raw.keys() {
            if !self.known.contains(column.as_str()) && !self.unknown.contains(column) {
                self.unknown.push(column.clone());
            }
        }
    }
}
