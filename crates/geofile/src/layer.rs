//! What is a layer of features?

/// A format of a geographic information system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// OGC GeoPackage: a SQLite database.
    GeoPackage,
    /// An ESRI shapefile and its siblings in one zip archive.
    Shapefile,
    /// FlatGeobuf.
    FlatGeobuf,
    /// GeoParquet; only written, since it is read as the table it is.
    GeoParquet,
}

/// How a file is to be read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The layer of a GeoPackage or the shapefile of an archive, when there are several.
    pub layer: Option<String>,
    /// The character set of a shapefile's attributes, such as `gb18030`; else the archive's `.cpg`, the mark in the table, or
    /// what the bytes look like.
    pub charset: Option<String>,
}

/// What all features of a file have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its name.
    pub name: String,
    /// The attributes, without the geometry.
    pub columns: Vec<Column>,
    /// The attribute under which the file itself numbers its features, which is none of the columns: of a GeoPackage that has been read.
    pub key: Option<String>,
    /// The coordinate system, when the file says it in a way that is understood.
    pub epsg: Option<u32>,
    /// What is said of it as a whole when it is written, in the place that the format has for it; not read back.
    pub about: Option<String>,
}

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: ColumnKind,
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Numbers.
    Real,
}

/// A feature: geometry and attributes.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Two-dimensional WKB, east first; none where the feature has no place.
    pub geometry: Option<Vec<u8>>,
    /// In the order of the layer's columns.
    pub values: Vec<Value>,
    /// Its number in the file, where the layer has a key.
    pub key: Option<i64>,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// Text; dates as `YYYY-MM-DD`.
    Text(String),
    /// A number.
    Real(f64),
}

impl Value {
    /// The value as a cell of a table.
    #[must_use]
    pub fn into_text(self) -> String {
        match self {
            Self::Null => String::new(),
            Self::Text(text) => text,
            Self::Real(number) => number.to_string(),
        }
    }
}

/// Values that a format has no room for: they were left empty, not cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The column, by its whole name.
    pub column: String,
    /// How many of its values.
    pub values: u64,
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// More, please.
    More,
    /// Enough.
    Enough,
}

/// Who takes what a file holds.
pub trait Visitor {
    /// The layer, before its features.
    fn layer(&mut self, layer: &Layer) -> Flow;
    /// The next feature.
    fn feature(&mut self, feature: Feature) -> Flow;
}
