//! Which rows does a file or a request body hold?
//!
//! [`Reader`] streams the rows of CSV, NDJSON, JSON, XLSX, Parquet and GeoJSON as records under standard column names,
//! with what each looked like when it was received. A bad row is a value ([`RowFault`]), not a failure; a bad file is a
//! value too ([`FileFault`]). [`parse_object`] is the same strict JSON for request bodies. Formats, mapping files, limits
//! and reason codes are described in `docs/ingest.md`.

mod archive;
mod charset;
mod csv;
mod delimited;
mod fault;
mod format;
mod input;
mod json;
mod limits;
mod lines;
mod mapping;
mod objects;
mod reader;
mod report;
mod row;
mod sheet;
mod suggest;
mod table;

pub use charset::{Charset, UnknownCharset};
pub use fault::{Fault, FileFault, RowFault};
pub use format::{Format, UnknownFormat};
pub use json::{JsonError, parse, parse_feature, parse_object};
pub use limits::Limits;
pub use mapping::{Mapping, MappingError};
pub use reader::{Options, Reader};
pub use report::Report;
pub use row::{Row, take_key};
pub use suggest::suggest;
