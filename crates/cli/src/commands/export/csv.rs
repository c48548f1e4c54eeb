//! How does a golden record look in a table?

use std::io::{self, Write};

use jiku_geofile::LeftOut;
use jiku_model::Kind;
use jiku_registry::{EntityView, Watermark, guarded_cell};
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
            _ => {
                let value = entity.values.get(column).map_or("", |value| &value.value);
                if self.guarded { guarded_cell(value).into_owned() } else { value.to_owned() }
            }
        });
        Ok(self.out.write_record(own.into_iter().chain(cells).chain([self.export.clone()]))?)
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<LeftOut>> {
        self.out.flush()?;
        Ok(Vec::new())
    }
}
