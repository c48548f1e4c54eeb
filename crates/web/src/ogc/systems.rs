//! In which coordinate reference systems are parcels told (OGC 18-058r1)?

use jiku_ogc::{Bbox, ParameterProblem};
use jiku_spatial::{AxisOrder, BoundingBox, Crs, SpatialQuery};

use crate::problem::Problem;

/// The default, longitude first.
pub(crate) const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
/// What is stored: CGCS2000, latitude first.
pub(crate) const STORAGE: &str = "http://www.opengis.net/def/crs/EPSG/0/4490";

/// The systems offered: CRS84 first, CGCS2000 and WGS 84, then the 3-degree Gauss–Krüger zones with and without prefix.
pub(crate) fn offered() -> Vec<String> {
    let codes = [4490, 4326].into_iter().chain(4513..=4554);
    std::iter::once(CRS84.to_owned()).chain(codes.filter_map(|code| Crs::from_epsg(code)?.uri())).collect()
}

/// Reads `crs`, `bbox-crs`, `filter-crs` or a `Content-Crs`: the URI of an offered system.
pub(crate) fn read(parameter: &str, text: &str) -> Result<Crs, Problem> {
    let uri = text.trim().trim_start_matches(['[', '<']).trim_end_matches([']', '>']);
    let crs = uri.parse::<Crs>().ok().filter(|crs| crs.uri().is_some_and(|own| offered().contains(&own)));
    let is_uri = uri.starts_with("http://www.opengis.net/def/crs/") || uri.starts_with("https://www.opengis.net/def/crs/");
    crs.filter(|_| is_uri).ok_or_else(|| {
        Problem::new(crate::problem::CRS_UNSUPPORTED)
            .parameter(parameter)
            .detail(format!("{parameter} must be {CRS84}, {STORAGE}, or another URI that the collection lists under crs"))
    })
}

/// The value of `Content-Crs`: the URI in angle brackets.
pub(crate) fn content_crs(crs: Crs) -> String {
    format!("<{}>", crs.uri().unwrap_or_default())
}

/// What a parameter problem of the protocol is to the outside.
pub(crate) fn refused(problem: ParameterProblem) -> Problem {
    let told = Problem::domain(400, problem.code, "a parameter has a value it cannot have");
    told.parameter(&problem.parameter).detail(problem.message)
}

/// The boxes of longitudes and latitudes that a `bbox` names: two when it crosses the antimeridian.
pub(crate) fn boxes(bbox: Bbox, crs: Crs) -> Result<Vec<BoundingBox>, Problem> {
    let invalid = |detail: String| Problem::new(crate::problem::BBOX_INVALID).parameter("bbox").detail(detail);
    let [west, south, east, north] = if crs.is_north_first(AxisOrder::Authority) {
        [bbox.second_min, bbox.first_min, bbox.second_max, bbox.first_max]
    } else {
        [bbox.first_min, bbox.second_min, bbox.first_max, bbox.second_max]
    };
    if crs.is_projected() && (west > east || south > north) {
        return Err(invalid("the lower corner of bbox lies above the upper one, or to the east of it".to_owned()));
    }
    let [west, south, east, north] = if crs.is_projected() { around(crs, [west, south, east, north])? } else { [west, south, east, north] };
    match SpatialQuery::bbox(west, south, east, north) {
        Ok(SpatialQuery::Boxes(boxes)) => Ok(boxes),
        Ok(_) => Ok(Vec::new()),
        Err(problem) => Err(invalid(problem.to_string())),
    }
}

/// The box of degrees around a box of metres: its edges are curves, so they are followed.
fn around(crs: Crs, [west, south, east, north]: [f64; 4]) -> Result<[f64; 4], Problem> {
    let mut found = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for step in 0..=8 {
        let share = f64::from(step) / 8.0;
        let (x, y) = (west + (east - west) * share, south + (north - south) * share);
        for [x, y] in [[x, south], [x, north], [west, y], [east, y]] {
            let [lon, lat] = crs.to_lon_lat(x, y).map_err(|_| {
                Problem::new(crate::problem::BBOX_INVALID)
                    .parameter("bbox")
                    .detail("bbox does not lie in the zone of bbox-crs; northing comes first")
            })?;
            found = [found[0].min(lon), found[1].min(lat), found[2].max(lon), found[3].max(lat)];
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_read_in_the_axis_order_of_its_system() {
        let bbox = |first_min, second_min, first_max, second_max| Bbox { first_min, second_min, first_max, second_max };
        let degrees = |bbox, crs| boxes(bbox, crs).map(|boxes| boxes.iter().map(BoundingBox::degrees).collect::<Vec<_>>());
        let expected = vec![[113.0, 23.0, 114.0, 24.0]];
        assert_eq!(degrees(bbox(113.0, 23.0, 114.0, 24.0), Crs::Crs84).ok(), Some(expected.clone()));
        assert_eq!(degrees(bbox(23.0, 113.0, 24.0, 114.0), Crs::Cgcs2000).ok(), Some(expected));
        assert_eq!(degrees(bbox(179.0, -1.0, -179.0, 1.0), Crs::Crs84).map(|boxes| boxes.len()).ok(), Some(2));
        let zone = Crs::from_epsg(4547).expect("a zone");
        let [east, north] = zone.from_lon_lat(113.3, 23.1);
        let [west, south, ..] = degrees(bbox(north, east, north + 100.0, east + 100.0), zone).expect("a box")[0];
        assert!((west - 113.3).abs() < 1e-4 && (south - 23.1).abs() < 1e-4);
        assert!(boxes(bbox(north + 100.0, east, north, east + 100.0), zone).is_err(), "a zone has no antimeridian, and no box runs south");
        assert!(boxes(bbox(east, north, east + 100.0, north + 100.0), zone).is_err(), "swapped metres lie in no zone");
    }

    #[test]
    fn systems_are_named_by_their_uris() {
        for (text, good) in [
            (CRS84, true),
            (STORAGE, true),
            ("<http://www.opengis.net/def/crs/EPSG/0/4526>", true),
            ("EPSG:4490", false),
            ("http://www.opengis.net/def/crs/EPSG/0/3857", false),
            ("http://www.opengis.net/def/crs/EPSG/0/4491", false),
            ("", false),
        ] {
            assert_eq!(read("crs", text).is_ok(), good, "{text}");
        }
        assert_eq!(offered()[0], CRS84);
        assert_eq!(content_crs(Crs::Cgcs2000), format!("<{STORAGE}>"));
    }
}
