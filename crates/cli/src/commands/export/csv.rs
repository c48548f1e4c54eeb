//! How does a golden record look in a table?

use std::io::{self, Write};

use jiku_geofile::LeftOut;
use jiku_model::Kind;
use jiku_registry::{EntityView, Watermark};
use jiku_spatial::Crs;

use super::Sink;
use super::layer::polygons;

/// A heading, then a row for each entity: its id, its version, how many source records it is made of, its columns, and the export it left by:
/// a row that is copied out of the file says still where it comes from.
pub(super) struct Csv {
    out: csv::Writer<Box<dyn Write>>,
    columns: Vec<&'static str>,
    guarded: bool,
    crs: Crs,
    export: String,
}

impl Csv {
    pub(super) fn new(out: Box<dyn Write>, kind: Kind, guarded: bool, crs: Crs, mark: &Watermark) -> io::Result<Self> {
        let columns: Vec<&'static str> = jiku_registry::columns(kind).iter().map(|column| column.name).collect();
        let mut out = csv::Writer::from_writer(out);
        out.write_record(["id", "version", "member_count"].iter().chain(&columns).chain(&["export"]))?;
        Ok(Self { out, columns, guarded, crs, export: mark.id.to_string() })
    }
}

impl Sink for Csv {
    fn item(&mut self, entity: &EntityView) -> io::Result<()> {
        let own = [entity.id.to_string(), entity.version.to_string(), entity.member_count.to_string()];
        let geometry = polygons(entity, self.crs)?.map(|polygons| polygons.to_wkt());
        let cells = self.columns.iter().map(|&column| match (column, &geometry) {
            ("geometry", Some(wkt)) => wkt.clone(),
            ("crs", Some(_)) => self.crs.to_string(),
            _ => cell(entity.values.get(column).map_or("", |value| &value.value), self.guarded),
        });
        Ok(self.out.write_record(own.into_iter().chain(cells).chain([self.export.clone()]))?)
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<LeftOut>> {
        self.out.flush()?;
        Ok(Vec::new())
    }
}

/// A cell that begins like a formula gets a quote before it, else a spreadsheet would run it (OWASP ASVS 5.0, 1.2.10).
fn cell(value: &str, guarded: bool) -> String {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    if formula && guarded { format!("'{value}") } else { value.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_that_begins_like_a_formula_is_quoted() {
        for value in ["=HYPERLINK(1)", "+8613800138000", "-1", "@a", "\t=1"] {
            assert_eq!(cell(value, true), format!("'{value}"));
            assert_eq!(cell(value, false), value);
        }
        assert_eq!(cell("张伟", true), "张伟");
    }
}
