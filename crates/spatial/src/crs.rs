//! In which coordinate reference system is a coordinate given, and what is it in ours?
//!
//! Ours is CGCS2000 longitude and latitude (EPSG:4490). WGS 84 is taken as equal to it, as PROJ does. Local city systems,
//! Beijing 1954 and Xi'an 1980 need parameters that are not public: they are refused, never guessed.

use std::fmt;
use std::str::FromStr;

use crate::gauss_kruger::Zone;
use crate::map_offset;

/// A supported coordinate reference system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Crs {
    /// OGC CRS84: longitude, latitude. The default of GeoJSON and of the OGC API.
    Crs84,
    /// CGCS2000, EPSG:4490; the authority's axis order is latitude, longitude.
    Cgcs2000,
    /// WGS 84, EPSG:4326; the authority's axis order is latitude, longitude.
    Wgs84,
    /// CGCS2000 Gauss–Krüger, EPSG:4491–4554; the authority's axis order is northing, easting.
    GaussKruger(GaussKruger),
    /// The shifted datum of Chinese web maps (火星坐标系); only when declared.
    Gcj02,
    /// Baidu's shifted datum; only when declared.
    Bd09,
}

/// A CGCS2000 Gauss–Krüger system by its EPSG code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GaussKruger(u16);

impl GaussKruger {
    /// The system with this EPSG code: 4491–4512 are 6-degree zones, 4513–4554 3-degree zones.
    #[must_use]
    pub fn from_epsg(code: u16) -> Option<Self> {
        (4491..=4554).contains(&code).then_some(Self(code))
    }

    /// The 3-degree system around `lon` with or without a zone prefix, where CGCS2000 defines one (73.5° to 136.5°).
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked before")]
    pub fn three_degree(lon: f64, prefixed: bool) -> Option<Self> {
        let zone = ((lon + 1.5) / 3.0).floor();
        (25.0..=45.0).contains(&zone).then(|| Self(zone as u16 - 25 + if prefixed { 4513 } else { 4534 }))
    }

    /// The EPSG code.
    #[must_use]
    pub const fn epsg(self) -> u16 {
        self.0
    }

    /// Whether eastings begin with the zone number.
    #[must_use]
    pub const fn is_prefixed(self) -> bool {
        matches!(self.0, 4491..=4501 | 4513..=4533)
    }

    /// How wide its zones are, degrees: 3 or 6.
    #[must_use]
    pub const fn zone_width(self) -> u8 {
        if self.0 < 4513 { 6 } else { 3 }
    }

    /// The zone's number: 25 to 45 for 3-degree zones, 13 to 23 for 6-degree ones.
    #[must_use]
    pub const fn zone_number(self) -> u16 {
        match self.0 {
            ..=4501 => self.0 - 4491 + 13,
            4502..=4512 => self.0 - 4502 + 13,
            4513..=4533 => self.0 - 4513 + 25,
            _ => self.0 - 4534 + 25,
        }
    }

    /// Central meridian and false easting.
    #[must_use]
    pub fn zone(self) -> Zone {
        let number = f64::from(self.zone_number());
        let central_meridian = if self.zone_width() == 3 { 3.0 * number } else { 6.0 * number - 3.0 };
        Zone { central_meridian, false_easting: 500_000.0 + if self.is_prefixed() { number * 1e6 } else { 0.0 } }
    }

    /// The other zones of the same width, with or without prefix as this one.
    pub fn others(self) -> impl Iterator<Item = Self> {
        let all = match self.0 {
            ..=4501 => 4491..=4501,
            4502..=4512 => 4502..=4512,
            4513..=4533 => 4513..=4533,
            _ => 4534..=4554,
        };
        all.map(Self).filter(move |other| *other != self)
    }

    /// The same zone with (or without) the zone number in front of eastings.
    #[must_use]
    pub const fn with_prefix(self, prefixed: bool) -> Self {
        let offset = if self.zone_width() == 3 { 21 } else { 11 };
        match (self.is_prefixed(), prefixed) {
            (true, false) => Self(self.0 + offset),
            (false, true) => Self(self.0 - offset),
            _ => self,
        }
    }
}

/// In which order the two numbers of a position stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AxisOrder {
    /// East first: longitude, latitude or easting, northing. GeoJSON, and by custom WKB and WKT.
    EastFirst,
    /// As the system's authority orders them: latitude or northing first for every EPSG system here.
    Authority,
}

/// A position of the source could not be brought to longitude and latitude.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfRange;

impl Crs {
    /// The system with this EPSG code, if it is supported.
    #[must_use]
    pub fn from_epsg(code: u32) -> Option<Self> {
        match code {
            4326 => Some(Self::Wgs84),
            4490 => Some(Self::Cgcs2000),
            _ => u16::try_from(code).ok().and_then(GaussKruger::from_epsg).map(Self::GaussKruger),
        }
    }

    /// Its URI, as `Content-Crs` and `crs` carry it; none for the shifted datums, which have none.
    #[must_use]
    pub fn uri(self) -> Option<String> {
        match self {
            Self::Crs84 => Some("http://www.opengis.net/def/crs/OGC/1.3/CRS84".to_owned()),
            Self::Cgcs2000 => Some("http://www.opengis.net/def/crs/EPSG/0/4490".to_owned()),
            Self::Wgs84 => Some("http://www.opengis.net/def/crs/EPSG/0/4326".to_owned()),
            Self::GaussKruger(system) => Some(format!("http://www.opengis.net/def/crs/EPSG/0/{}", system.epsg())),
            Self::Gcj02 | Self::Bd09 => None,
        }
    }

    /// Whether coordinates are metres of a plane.
    #[must_use]
    pub const fn is_projected(self) -> bool {
        matches!(self, Self::GaussKruger(_))
    }

    /// Whether the conversion is approximate, so that a record must say so.
    #[must_use]
    pub const fn is_approximate(self) -> bool {
        matches!(self, Self::Gcj02 | Self::Bd09)
    }

    /// Longitude and latitude of a position given east first.
    ///
    /// # Errors
    /// When the numbers cannot be coordinates of this system: not finite, off the globe, too far from the zone.
    pub fn to_lon_lat(self, east: f64, north: f64) -> Result<[f64; 2], OutOfRange> {
        if !(east.is_finite() && north.is_finite()) {
            return Err(OutOfRange);
        }
        let on_globe = east.abs() <= 180.0 && north.abs() <= 90.0;
        match self {
            Self::Crs84 | Self::Cgcs2000 | Self::Wgs84 if on_globe => Ok([east, north]),
            Self::Gcj02 if on_globe => Ok(map_offset::from_gcj02(east, north)),
            Self::Bd09 if on_globe => Ok(map_offset::from_bd09(east, north)),
            Self::GaussKruger(system) => {
                let zone = system.zone();
                // Beyond 500 km from the meridian a zone is out of use, and northings end at the pole.
                if (east - zone.false_easting).abs() > 500_000.0 || north.abs() > 10_000_000.0 {
                    return Err(OutOfRange);
                }
                Ok(zone.unproject(east, north))
            }
            _ => Err(OutOfRange),
        }
    }

    /// The position of a longitude and latitude in this system, east first.
    #[must_use]
    pub fn from_lon_lat(self, lon: f64, lat: f64) -> [f64; 2] {
        match self {
            Self::Crs84 | Self::Cgcs2000 | Self::Wgs84 => [lon, lat],
            Self::GaussKruger(system) => system.zone().project(lon, lat),
            Self::Gcj02 => map_offset::to_gcj02(lon, lat),
            Self::Bd09 => map_offset::to_bd09(lon, lat),
        }
    }

    /// Whether `order` puts north first in this system.
    #[must_use]
    pub const fn is_north_first(self, order: AxisOrder) -> bool {
        match order {
            AxisOrder::EastFirst => false,
            AxisOrder::Authority => matches!(self, Self::Cgcs2000 | Self::Wgs84 | Self::GaussKruger(_)),
        }
    }
}

impl fmt::Display for Crs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Crs84 => f.write_str("OGC:CRS84"),
            Self::Cgcs2000 => f.write_str("EPSG:4490"),
            Self::Wgs84 => f.write_str("EPSG:4326"),
            Self::GaussKruger(system) => write!(f, "EPSG:{}", system.epsg()),
            Self::Gcj02 => f.write_str("gcj02"),
            Self::Bd09 => f.write_str("bd09"),
        }
    }
}

/// The text names no supported coordinate reference system.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("crs must be CRS84, EPSG:4490, EPSG:4326, EPSG:4491 to EPSG:4554, gcj02 or bd09")]
pub struct UnsupportedCrs;

impl FromStr for Crs {
    type Err = UnsupportedCrs;

    /// Reads `EPSG:4526`, `4526`, `CRS84`, the URI and URN forms (with or without `[]` or `<>`), `gcj02`, `bd09`.
    fn from_str(text: &str) -> Result<Self, UnsupportedCrs> {
        let text = text.trim().trim_start_matches(['<', '[']).trim_end_matches(['>', ']']);
        let last = text.rsplit(['/', ':']).next().unwrap_or_default();
        let authority = text.strip_suffix(last).unwrap_or_default().trim_end_matches(['/', ':']).to_ascii_lowercase();
        let known = [
            "",
            "epsg",
            "ogc",
            "http://www.opengis.net/def/crs/epsg",
            "http://www.opengis.net/def/crs/ogc",
            "urn:ogc:def:crs:epsg",
            "urn:ogc:def:crs:ogc",
        ];
        let authority = authority.replacen("https://", "http://", 1);
        let unversioned = authority.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '/' | ':'));
        if !known.contains(&unversioned) {
            return Err(UnsupportedCrs);
        }
        match last.to_ascii_lowercase().as_str() {
            "crs84" => Ok(Self::Crs84),
            "gcj02" | "gcj-02" if authority.is_empty() => Ok(Self::Gcj02),
            "bd09" | "bd-09" if authority.is_empty() => Ok(Self::Bd09),
            "cgcs2000" if authority.is_empty() => Ok(Self::Cgcs2000),
            "wgs84" if authority.is_empty() => Ok(Self::Wgs84),
            code if code.len() <= 6 && !unversioned.ends_with("ogc") => code.parse().ok().and_then(Self::from_epsg).ok_or(UnsupportedCrs),
            _ => Err(UnsupportedCrs),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_system_is_understood() {
        let zone = Crs::from_epsg(4526).unwrap();
        for (text, crs) in [
            ("EPSG:4526", zone),
            ("4526", zone),
            ("http://www.opengis.net/def/crs/EPSG/0/4526", zone),
            ("<http://www.opengis.net/def/crs/EPSG/0/4490>", Crs::Cgcs2000),
            ("[EPSG:4326]", Crs::Wgs84),
            ("urn:ogc:def:crs:OGC:1.3:CRS84", Crs::Crs84),
            ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", Crs::Crs84),
            ("urn:ogc:def:crs:EPSG::4490", Crs::Cgcs2000),
            ("gcj02", Crs::Gcj02),
            ("BD-09", Crs::Bd09),
        ] {
            assert_eq!(text.parse(), Ok(crs), "{text}");
        }
        for text in
            ["", "EPSG:", "EPSG:3857", "EPSG:2383", "OGC:4490", "ESRI:4490", "EPSG:44900000", "http://example.org/4490", "EPSG:-4490"]
        {
            assert_eq!(text.parse::<Crs>(), Err(UnsupportedCrs), "{text}");
        }
    }

    #[test]
    fn every_supported_system_reads_back_from_its_name_and_uri() {
        for crs in (4326..=4600).filter_map(Crs::from_epsg).chain([Crs::Crs84, Crs::Gcj02, Crs::Bd09]) {
            assert_eq!(crs.to_string().parse(), Ok(crs));
            if let Some(uri) = crs.uri() {
                assert_eq!(uri.parse(), Ok(crs));
            }
        }
    }

    #[test]
    fn a_zone_has_a_form_with_prefix_and_one_without() {
        let prefixed = GaussKruger::from_epsg(4526).unwrap();
        assert_eq!(prefixed.with_prefix(false).epsg(), 4547);
        assert_eq!(prefixed.with_prefix(false).with_prefix(true), prefixed);
        assert_eq!(GaussKruger::from_epsg(4497).unwrap().with_prefix(false).epsg(), 4508);
        assert_eq!(GaussKruger::three_degree(113.2, true), Some(prefixed));
        assert_eq!(GaussKruger::three_degree(5.5, true), None);
    }
}
