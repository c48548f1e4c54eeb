//! Land parcels (宗地): codes, validation, match features, survivorship defaults.
//!
//! [`Parcels`] is everything the service needs to know of the kind. A parcel may carry a Chinese parcel code, which no
//! two parcels share, or come from another country's cadastre and be known by its source's key.

mod area;
mod code;
mod columns;
pub mod edit;
mod features;
pub mod land_use;
mod parse;
pub mod rights;
mod share;
pub mod survey;

pub use code::{CodeFault, CodeReading, ParcelCode, UnitCode};

use jiku_model::{Attributes, Column, EntityKind, Features, Kind, ParseContext, ParsedRecord, RawRecord, RelatedParty, SearchToken};
use jiku_spatial::ParcelGeometry;
use jiku_text::{code_list, divisions};

/// The kind of entity "land parcel".
#[derive(Clone, Copy, Debug, Default)]
pub struct Parcels;

impl EntityKind for Parcels {
    fn kind(&self) -> Kind {
        Kind::Parcel
    }

    fn columns(&self) -> &'static [Column] {
        &columns::COLUMNS
    }

    fn parse(&self, raw: &RawRecord, context: &ParseContext) -> ParsedRecord {
        parse::parse(raw, context).0
    }

    fn features(&self, attributes: &Attributes) -> Features {
        let geometry = attributes.get("geometry").and_then(|hex| ParcelGeometry::from_stored_hex(hex).ok());
        features::features(attributes, geometry.as_ref())
    }

    fn feature_names(&self) -> &'static [&'static str] {
        &features::NAMES
    }

    fn strong_identifier(&self, attributes: &Attributes) -> Option<String> {
        attributes.get("parcel_code").map(str::to_owned)
    }

    fn search_tokens(&self, attributes: &Attributes) -> Vec<SearchToken> {
        features::search_tokens(attributes)
    }

    fn code_name(&self, column: &str, value: &str) -> Option<(String, &'static str)> {
        let list = match column {
            "land_use" => code_list::land_uses(),
            "division" => return Some((divisions::full_name(value), "")).filter(|(name, _)| !name.is_empty()),
            _ => return None,
        };
        list.find(value).map(|code| (code.name_zh.to_owned(), code.name_en))
    }

    fn search_query(&self, field: &str, text: &str) -> Vec<SearchToken> {
        features::search_query(field, text)
    }

    fn related_parties(&self, golden: &Attributes) -> Vec<RelatedParty> {
        rights::parties(&rights::rights(golden))
    }

    fn default_model(&self) -> &'static str {
        include_str!("../model.toml")
    }

    fn default_survivorship(&self) -> &'static str {
        include_str!("../survivorship.toml")
    }
}
