//! How does one resource point to another (RFC 8288)?

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// A media type that the API speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MediaType {
    /// `application/json`
    Json,
    /// `application/geo+json`
    GeoJson,
    /// `application/problem+json`
    Problem,
    /// `application/schema+json`
    Schema,
    /// `application/vnd.oai.openapi+json;version=3.0`
    OpenApi,
    /// `application/vnd.mapbox-vector-tile`
    VectorTile,
    /// `text/html`
    Html,
}

impl MediaType {
    /// The name in `Content-Type` and links.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::GeoJson => "application/geo+json",
            Self::Problem => "application/problem+json",
            Self::Schema => "application/schema+json",
            Self::OpenApi => "application/vnd.oai.openapi+json;version=3.0",
            Self::VectorTile => "application/vnd.mapbox-vector-tile",
            Self::Html => "text/html",
        }
    }
}

/// A link of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// What it is to the document, such as `self`, `next`, `items`.
    pub rel: String,
    /// Its media type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none", default)]
    pub media_type: Option<String>,
    /// What a person reads.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub title: Option<String>,
    /// Whether the address has variables in braces.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub templated: bool,
}

impl Link {
    /// A link with a media type and a title.
    #[must_use]
    pub fn new(href: impl Into<String>, rel: &str, media_type: MediaType, title: &str) -> Self {
        Self {
            href: href.into(),
            rel: rel.to_owned(),
            media_type: Some(media_type.as_str().to_owned()),
            title: Some(title.to_owned()),
            templated: false,
        }
    }
}

/// The links as the value of a `Link` header. Titles stay out: they may hold characters a header may not.
#[must_use]
pub fn links_header(links: &[Link]) -> String {
    let mut header = String::new();
    for link in links.iter().filter(|link| !link.templated && link.href.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'>')) {
        let comma = if header.is_empty() { "" } else { ", " };
        write!(header, "{comma}<{}>; rel=\"{}\"", link.href, link.rel).expect("writing to a string cannot fail");
        if let Some(media_type) = &link.media_type {
            write!(header, "; type=\"{media_type}\"").expect("writing to a string cannot fail");
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_header_names_relation_and_type() {
        let next = Link::new("http://localhost/ogc/collections/parcels/items?limit=10&cursor=a", "next", MediaType::GeoJson, "下一页");
        let broken = Link::new("http://localhost/>\r\nX: y", "self", MediaType::Json, "");
        let expected = r#"<http://localhost/ogc/collections/parcels/items?limit=10&cursor=a>; rel="next"; type="application/geo+json""#;
        assert_eq!(links_header(&[next, broken]), expected);
    }
}
