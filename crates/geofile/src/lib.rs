//! Which features does a file of a geographic information system hold, and how is one written?
//!
//! GeoPackage (OGC 12-128), zipped Shapefile (ESRI 1998), FlatGeobuf and GeoParquet 1.1, each through the library that keeps
//! the format. Features stream: a geometry is two-dimensional WKB with east first, a value is text or a number. Damaged and
//! hostile files end as a [`GeoFileError`].

mod crs;
mod error;
mod flat;
mod geopackage;
mod geoparquet;
mod layer;
mod polygons;
mod shape;

pub use crs::{epsg_of_wkt, projjson, wkt};
pub use error::GeoFileError;
pub use layer::{Column, ColumnKind, Feature, Flow, Format, Layer, LeftOut, Options, Value, Visitor};
pub use polygons::{Polygons, Rings};
pub use shape::spelled_out;

use std::path::Path;

/// Reads a file: first its layer, then its features in the order of the file, until the visitor has enough.
///
/// # Errors
/// When the file is damaged, holds something else, or cannot be read.
pub fn read(format: Format, path: &Path, options: &Options, visitor: &mut dyn Visitor) -> Result<(), GeoFileError> {
    match format {
        Format::GeoPackage => geopackage::read(path, options, visitor),
        Format::Shapefile => shape::read(path, options, visitor),
        Format::FlatGeobuf => flat::read(path, visitor),
        Format::GeoParquet => Err(GeoFileError::Unsupported("a GeoParquet file is read as a table".to_owned())),
    }
}

/// A file being written, feature by feature.
pub struct Writer(Box<dyn Sink>);

/// What each format does with features.
trait Sink {
    fn write(&mut self, feature: &Feature) -> Result<(), GeoFileError>;
    fn finish(self: Box<Self>) -> Result<Vec<LeftOut>, GeoFileError>;
}

impl Writer {
    /// Begins a file; one that is there is replaced.
    ///
    /// # Errors
    /// When the place cannot be written, or the format has no way to say the layer's coordinate system.
    pub fn create(format: Format, path: &Path, layer: &Layer) -> Result<Self, GeoFileError> {
        Ok(Self(match format {
            Format::GeoPackage => Box::new(geopackage::Writer::create(path, layer)?),
            Format::Shapefile => Box::new(shape::Writer::create(path, layer)?),
            Format::FlatGeobuf => Box::new(flat::Writer::create(path, layer)?),
            Format::GeoParquet => Box::new(geoparquet::Writer::create(path, layer)?),
        }))
    }

    /// Writes a feature; its values are in the order of the layer's columns.
    ///
    /// # Errors
    /// When it cannot be written, or its geometry is no polygon.
    pub fn write(&mut self, feature: &Feature) -> Result<(), GeoFileError> {
        self.0.write(feature)
    }

    /// Ends the file, and tells which values its format could not hold. Without it the file is not whole.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<Vec<LeftOut>, GeoFileError> {
        self.0.finish()
    }
}
