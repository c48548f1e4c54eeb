//! How do files name their coordinate system?
//!
//! CGCS2000 longitude and latitude (EPSG:4490), its 3-degree Gauss–Krüger zones with the zone in the easting (4513–4533) and
//! without (4534–4554), its 6-degree zones (4491–4512), and WGS 84 (EPSG:4326): as WKT 1 (OGC 01-009), which GeoPackage,
//! shapefiles and FlatGeobuf take, and as PROJJSON, which GeoParquet takes.

use serde_json::{Value, json};

/// The parameters of a Gauss–Krüger zone.
struct Zone {
    name: String,
    central_meridian: u32,
    false_easting: u32,
}

fn zone(epsg: u32) -> Option<Zone> {
    let (meridian, width, number) = match epsg {
        4491..=4501 => (75 + 6 * (epsg - 4491), 6, Some(13 + epsg - 4491)),
        4502..=4512 => (75 + 6 * (epsg - 4502), 6, None),
        4513..=4533 => (75 + 3 * (epsg - 4513), 3, Some(25 + epsg - 4513)),
        4534..=4554 => (75 + 3 * (epsg - 4534), 3, None),
        _ => return None,
    };
    let family = if width == 3 { "CGCS2000 / 3-degree Gauss-Kruger" } else { "CGCS2000 / Gauss-Kruger" };
    let false_easting = number.map_or(500_000, |number| number * 1_000_000 + 500_000);
    let name = number.map_or_else(|| format!("{family} CM {meridian}E"), |number| format!("{family} zone {number}"));
    Some(Zone { name, central_meridian: meridian, false_easting })
}

/// The definition of a coordinate system as WKT 1; none for one that is not used here.
#[must_use]
pub fn wkt(epsg: u32) -> Option<String> {
    const CGCS2000: &str = concat!(
        r#"GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101]],"#,
        r#"PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4490"]]"#
    );
    const WGS84: &str = concat!(
        r#"GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],"#,
        r#"PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]"#
    );
    match epsg {
        4490 => Some(CGCS2000.to_owned()),
        4326 => Some(WGS84.to_owned()),
        _ => zone(epsg).map(|zone| {
            format!(
                r#"PROJCS["{}",{CGCS2000},PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",{}],PARAMETER["scale_factor",1],PARAMETER["false_easting",{}],PARAMETER["false_northing",0],UNIT["metre",1],AUTHORITY["EPSG","{epsg}"]]"#,
                zone.name, zone.central_meridian, zone.false_easting
            )
        }),
    }
}

/// The code of a coordinate system that a WKT definition speaks of, by its authority or by the names that software gives.
#[must_use]
pub fn epsg_of_wkt(wkt: &str) -> Option<u32> {
    let compact: String = wkt.chars().filter(|c| !c.is_whitespace()).collect();
    let upper = compact.to_ascii_uppercase();
    // The outermost authority stands last.
    if let Some(code) = upper.rfind(r#"AUTHORITY["EPSG","#).filter(|_| compact.ends_with("]]")) {
        let digits: String = upper[code + 17..].chars().filter(char::is_ascii_digit).collect();
        let is_outermost = upper[code..].matches(']').count() == 2;
        if is_outermost && let Ok(code) = digits.parse() {
            return Some(code);
        }
    }
    let name = upper.split('"').nth(1)?.replace(['_', '-', '/'], "");
    let is_cgcs = name.contains("CGCS2000") || name.contains("CHINA2000") || name.contains("CHINAGEODETICCOORDINATESYSTEM2000");
    if upper.starts_with("GEOGCS") || upper.starts_with("GEOGCRS") {
        return match () {
            () if is_cgcs => Some(4490),
            () if name.contains("WGS1984") || name.contains("WGS84") => Some(4326),
            () => None,
        };
    }
    let parameter = |wanted: &str| {
        let at = upper.find(&format!(r#"PARAMETER["{wanted}","#))?;
        let rest = &upper[at + wanted.len() + 13..];
        rest[..rest.find(']')?].parse::<f64>().ok()
    };
    let transverse = upper.contains("GAUSS_KRUGER") || upper.contains("TRANSVERSE_MERCATOR");
    if !(is_cgcs || upper.contains("CGCS2000") || upper.contains("CHINA_2000")) || !transverse {
        return None;
    }
    let (meridian, easting) = (parameter("CENTRAL_MERIDIAN")?, parameter("FALSE_EASTING")?);
    // A zone of three degrees says so; without it the wider one of the same meridian is meant.
    let first = if name.contains("3DEGREE") { 4513 } else { 4491 };
    (first..=4554).find(|code| {
        zone(*code).is_some_and(|zone| f64::from(zone.central_meridian) == meridian && f64::from(zone.false_easting) == easting)
    })
}

/// The definition of a coordinate system as PROJJSON; none for one that is not used here.
#[must_use]
pub fn projjson(epsg: u32) -> Option<Value> {
    let axis = |name: &str, short: &str, direction: &str, unit: &str| json!({ "name": name, "abbreviation": short, "direction": direction, "unit": unit });
    let geographic = |name: &str, datum: &str, ellipsoid: &str, flattening: f64, code: u32| {
        json!({
            "type": "GeographicCRS", "name": name,
            "datum": { "type": "GeodeticReferenceFrame", "name": datum,
                "ellipsoid": { "name": ellipsoid, "semi_major_axis": 6_378_137, "inverse_flattening": flattening } },
            "coordinate_system": { "subtype": "ellipsoidal", "axis": [
                axis("Geodetic latitude", "Lat", "north", "degree"), axis("Geodetic longitude", "Lon", "east", "degree") ] },
            "id": { "authority": "EPSG", "code": code }
        })
    };
    let cgcs2000 = || geographic("China Geodetic Coordinate System 2000", "China 2000", "CGCS2000", 298.257_222_101, 4490);
    match epsg {
        4490 => Some(cgcs2000()),
        4326 => Some(geographic("WGS 84", "World Geodetic System 1984", "WGS 84", 298.257_223_563, 4326)),
        _ => zone(epsg).map(|zone| {
            let parameter = |name: &str, value: u32, unit: &str, code: u32| json!({ "name": name, "value": value, "unit": unit, "id": { "authority": "EPSG", "code": code } });
            json!({
                "type": "ProjectedCRS", "name": zone.name, "base_crs": cgcs2000(),
                "conversion": { "name": zone.name, "method": { "name": "Transverse Mercator", "id": { "authority": "EPSG", "code": 9807 } },
                    "parameters": [
                        parameter("Latitude of natural origin", 0, "degree", 8801),
                        parameter("Longitude of natural origin", zone.central_meridian, "degree", 8802),
                        parameter("Scale factor at natural origin", 1, "unity", 8805),
                        parameter("False easting", zone.false_easting, "metre", 8806),
                        parameter("False northing", 0, "metre", 8807) ] },
                "coordinate_system": { "subtype": "Cartesian", "axis": [
                    axis("Northing", "X", "north", "metre"), axis("Easting", "Y", "east", "metre") ] },
                "id": { "authority": "EPSG", "code": epsg }
            })
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_known_again() {
        for epsg in [4326, 4490].into_iter().chain(4491..=4554) {
            let wkt = wkt(epsg).expect("a system that is used");
            assert_eq!(epsg_of_wkt(&wkt), Some(epsg), "{wkt}");
            let bare = wkt.replace(&format!(r#",AUTHORITY["EPSG","{epsg}"]"#), "");
            assert_eq!(epsg_of_wkt(&bare), Some(epsg), "{bare}");
            assert_eq!(projjson(epsg).expect("likewise")["id"]["code"], epsg);
        }
        assert_eq!((wkt(3857), epsg_of_wkt("PROJCS[\"Xian_1980\"]"), epsg_of_wkt("")), (None, None, None));
    }

    #[test]
    fn the_names_of_other_software_are_known() {
        let esri = r#"PROJCS["CGCS2000_3_Degree_GK_Zone_38",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",38500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
        assert_eq!(epsg_of_wkt(esri), Some(4526));
        let geographic = r#"GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]"#;
        assert_eq!(epsg_of_wkt(geographic), Some(4490));
        assert_eq!(epsg_of_wkt(r#"GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984"]]"#), Some(4326));
    }
}
