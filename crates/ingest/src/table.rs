//! How do the cells of a table row become a record?

use jiku_model::RawRecord;
use serde_json::Value;

use crate::fault::FileFault;
use crate::limits::Limits;
use crate::mapping::{Mapping, Plan};

/// The column that is the key of a table with boundaries where no other is.
pub(crate) const ID: &str = "id";

/// The header of a table, with what is to be done per column.
pub(crate) struct Table {
    columns: Vec<Column>,
    constants: Vec<(String, String)>,
}

struct Column {
    name: String,
    /// The name as it stands in the payload: quoted and escaped, with the colon.
    member: String,
    plan: Plan,
    plain: bool,
}

impl Table {
    /// A table with this header; names are unique and not empty.
    pub(crate) fn new(header: &[String], mapping: &Mapping, limits: &Limits) -> Result<Self, FileFault> {
        let fault = |advice: String| Err(FileFault::new("csv-header", advice).at_line(1));
        if header.len() > limits.columns {
            return fault(format!("send at most {} columns, got {}", limits.columns, header.len()));
        }
        let mut columns: Vec<Column> = Vec::with_capacity(header.len());
        for (i, name) in header.iter().enumerate() {
            let name = name.trim();
            if name.is_empty() {
                return fault(format!("name column {} in the header", i + 1));
            }
            let plan = mapping.plan(name);
            if let Some(other) = columns.iter().position(|column| column.name == name || column.plan.target == plan.target) {
                return fault(format!("name each column once: columns {} and {} are the same", other + 1, i + 1));
            }
            let mut member = String::new();
            push_text(&mut member, name);
            member.push(':');
            columns.push(Column { name: name.to_owned(), member, plain: plan.is_plain(), plan });
        }
        // What GDAL calls the boundary in a table.
        if !columns.iter().any(|column| column.plan.target == "geometry")
            && let Some(wkt) = columns.iter_mut().find(|column| column.plan.target.eq_ignore_ascii_case("wkt"))
        {
            wkt.plan = mapping.plan_for("geometry");
            wkt.plain = wkt.plan.is_plain();
        }
        // What our own files, and others, call the key of a feature.
        let has = |target: &str| columns.iter().any(|column| column.plan.target == target);
        if has("geometry")
            && !has("source_key")
            && let Some(id) = columns.iter_mut().find(|column| column.plan.target == ID)
        {
            id.plan = mapping.plan_for("source_key");
            id.plain = id.plan.is_plain();
        }
        if columns.is_empty() {
            return fault("begin with a header line that names the columns".to_owned());
        }
        Ok(Self { columns, constants: mapping.constants() })
    }

    /// How many columns the header names.
    pub(crate) fn width(&self) -> usize {
        self.columns.len()
    }

    /// The name of a column in the file.
    pub(crate) fn name(&self, column: usize) -> &str {
        &self.columns[column].name
    }

    /// The standard names of the columns.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.plan.target.as_str())
    }

    /// A row's record and its payload, a JSON object of header and cell. Empty cells are absent from the record.
    pub(crate) fn record<'a>(&self, cells: impl Iterator<Item = &'a str>, size: usize) -> (RawRecord, String) {
        let mut raw = RawRecord::with_capacity(self.columns.len() + self.constants.len());
        let mut payload = String::with_capacity(size + self.columns.len() * 24);
        payload.push('{');
        for (column, cell) in self.columns.iter().zip(cells) {
            if payload.len() > 1 {
                payload.push(',');
            }
            payload.push_str(&column.member);
            push_text(&mut payload, cell);
            if column.plain {
                if !cell.is_empty() {
                    raw.insert(column.plan.target.clone(), Value::String(cell.to_owned()));
                }
            } else if let Some(text) = column.plan.text(cell) {
                raw.insert(column.plan.target.clone(), Value::String(text));
            }
        }
        payload.push('}');
        add_constants(&mut raw, &self.constants);
        (raw, payload)
    }
}

/// Puts the constants where the row says nothing itself; a coordinate reference system only beside a geometry.
pub(crate) fn add_constants(raw: &mut RawRecord, constants: &[(String, String)]) {
    for (column, value) in constants {
        if !raw.contains_key(column) && (column != "crs" || raw.contains_key("geometry")) {
            raw.insert(column.clone(), Value::String(value.clone()));
        }
    }
}

/// Appends the text as JSON.
fn push_text(json: &mut String, text: &str) {
    json.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        json.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            _ => {
                json.push_str("\\u00");
                json.extend([char::from_digit(u32::from(byte >> 4), 16), char::from_digit(u32::from(byte & 15), 16)].into_iter().flatten());
            }
        }
    }
    json.push_str(&text[from..]);
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_as_another_implementation_reads_it() {
        for text in ["", "张伟", "a\"b\\c", "\u{1}\n\r\t\u{1f}", "𠮷\u{7f}"] {
            let mut json = String::new();
            push_text(&mut json, text);
            assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
        }
    }

    #[test]
    fn the_column_wkt_is_the_geometry_where_no_other_is() {
        let targets = |names: &[&str]| {
            let header: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let table = Table::new(&header, &Mapping::default(), &Limits::STANDARD).expect("a table");
            table.targets().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(targets(&["WKT", "source_key"]), ["geometry", "source_key"]);
        assert_eq!(targets(&["id", "version", "geometry"]), ["source_key", "version", "geometry"], "the key of a feature");
        assert_eq!(targets(&["id", "source_key", "geometry"]), ["id", "source_key", "geometry"]);
        assert_eq!(targets(&["id", "name"]), ["id", "name"], "of a person an id may be anything");
        assert_eq!(targets(&["wkt", "geometry"]), ["wkt", "geometry"]);
    }

    #[test]
    fn a_header_names_each_column_once() {
        let make = |names: &[&str]| {
            let header: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            Table::new(&header, &Mapping::default(), &Limits::STANDARD).map(|table| table.width()).map_err(|fault| fault.code)
        };
        assert_eq!(make(&["name", "sex"]), Ok(2));
        for bad in [&["name", "name"][..], &["name", ""], &["name", " name "], &[]] {
            assert_eq!(make(bad), Err("csv-header"), "{bad:?}");
        }
    }
}
