//! How exactly does the cadastre of this province measure, and where does it lie?
//!
//! A file of settings says it; without one the tolerances of TD/T 1001-2012 hold, and nothing is known of extents.

use std::fs;
use std::path::{Path, PathBuf};

use jiku_spatial::topology::{Division, Tolerances};
use jiku_spatial::{AxisOrder, BoundingBox, Crs, ParcelGeometry, RawGeometry};
use serde::Deserialize;
use serde_json::Value;

use crate::error::OpenError;

/// What the topology rules go by.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cadastre {
    pub(crate) tolerances: Tolerances,
    /// The box of the province; parcels outside are in the wrong place.
    pub(crate) extent: Option<BoundingBox>,
    /// Counties with their extents; rules about divisions look at these.
    pub(crate) divisions: Vec<Division>,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// West, south, east, north.
    extent: Option<[f64; 4]>,
    /// A GeoJSON file of divisions, beside this one.
    divisions: Option<PathBuf>,
    #[serde(default)]
    tolerances: Allowed,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Allowed {
    snap_m: Option<f64>,
    noise_m: Option<f64>,
    division_m: Option<f64>,
    area_note: Option<f64>,
    area_flag: Option<f64>,
}

impl Cadastre {
    /// Reads the file of settings, and the divisions it names.
    pub(crate) fn open(file: &Path) -> Result<Self, OpenError> {
        let refused = |file: &Path, reason: String| OpenError::Cadastre { file: file.display().to_string(), reason };
        let text = fs::read_to_string(file).map_err(|error| refused(file, error.to_string()))?;
        let settings: Settings = toml::from_str(&text).map_err(|error| refused(file, error.message().to_owned()))?;
        let mut cadastre = Self::new(&settings).map_err(|reason| refused(file, reason))?;
        if let Some(name) = settings.divisions {
            let beside = file.parent().unwrap_or(Path::new("")).join(name);
            let text = fs::read_to_string(&beside).map_err(|error| refused(&beside, error.to_string()))?;
            cadastre.divisions = divisions(&text).map_err(|reason| refused(&beside, reason))?;
        }
        Ok(cadastre)
    }

    fn new(settings: &Settings) -> Result<Self, String> {
        let usual = Tolerances::default();
        let allowed = &settings.tolerances;
        let length = |name: &str, told: Option<f64>, usual: f64| match told.unwrap_or(usual) {
            metres if (0.0..=10.0).contains(&metres) => Ok(metres),
            _ => Err(format!("{name} is a length from 0 to 10 metres")),
        };
        let share = |name: &str, told: Option<f64>, usual: f64| match told.unwrap_or(usual) {
            share if (0.0..=1.0).contains(&share) => Ok(share),
            _ => Err(format!("{name} is a share from 0 to 1")),
        };
        let [note, flag] = usual.area;
        let tolerances = Tolerances {
            snap_m: length("snap_m", allowed.snap_m, usual.snap_m)?,
            noise_m: length("noise_m", allowed.noise_m, usual.noise_m)?,
            division_m: length("division_m", allowed.division_m, usual.division_m)?,
            area: [share("area_note", allowed.area_note, note)?, share("area_flag", allowed.area_flag, flag)?],
        };
        if tolerances.noise_m > tolerances.snap_m || tolerances.area[0] > tolerances.area[1] {
            return Err("noise_m is at most snap_m, and area_note at most area_flag".to_owned());
        }
        let extent = settings.extent.map(|[west, south, east, north]| {
            BoundingBox::from_degrees(west, south, east, north).ok_or("extent is [west, south, east, north] in degrees")
        });
        Ok(Self { tolerances, extent: extent.transpose()?, divisions: Vec::new() })
    }
}

/// The divisions of a GeoJSON feature collection: each feature's `division` is its code in GB/T 2260.
fn divisions(text: &str) -> Result<Vec<Division>, String> {
    let collection: Value = serde_json::from_str(text).map_err(|error| format!("it is no JSON: {error}"))?;
    let features = collection["features"].as_array().ok_or("it is no GeoJSON FeatureCollection")?;
    let read = |feature: &Value| {
        let code = feature["properties"]["division"].as_str().ok_or("a feature has no property division with the code of a county")?;
        let raw = RawGeometry::read(&feature["geometry"]).map_err(|problem| format!("{code}: {}", problem.message_en()))?;
        let accepted = ParcelGeometry::try_new(&raw, Crs::Cgcs2000, AxisOrder::EastFirst);
        let problem = |problems: Vec<jiku_spatial::GeometryProblem>| {
            format!("{code}: {}", problems.first().map_or_else(String::new, jiku_spatial::GeometryProblem::message_en))
        };
        accepted.map(|accepted| Division::new(code, accepted.geometry)).map_err(problem)
    };
    features.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<f64, &str>) {
        let settings = toml::from_str::<Settings>(text).map_err(|error| error.message().to_owned());
        let got = settings.and_then(|settings| Cadastre::new(&settings)).map(|cadastre| cadastre.tolerances.snap_m);
        match (&got, expected) {
            (Ok(got), Ok(expected)) => assert!((got - expected).abs() < 1e-12, "{text}"),
            (Err(got), Err(expected)) => assert!(got.contains(expected), "{text}: {got}"),
            _ => panic!("{text}: {got:?}"),
        }
    }

    #[test]
    fn settings_are_checked_when_they_are_read() {
        check("", Ok(0.05));
        check("extent = [109.6, 20.1, 117.4, 25.6]\n[tolerances]\nsnap_m = 0.1", Ok(0.1));
        check("[tolerances]\nsnap = 0.1", Err("unknown field"));
        check("[tolerances]\nsnap_m = -1", Err("snap_m"));
        check("[tolerances]\nsnap_m = 0.0001", Err("noise_m is at most"));
        check("[tolerances]\narea_note = 2", Err("area_note"));
        check("extent = [117.4, 20.1, 109.6, 25.6]", Err("extent"));
    }

    #[test]
    fn divisions_that_cannot_be_used_are_named() {
        let county = |geometry: &str| format!(r#"{{"features":[{{"properties":{{"division":"440106"}},"geometry":{geometry}}}]}}"#);
        let square = r#"{"type":"Polygon","coordinates":[[[113,23],[114,23],[114,24],[113,24],[113,23]]]}"#;
        assert_eq!(divisions(&county(square)).map(|found| found[0].code.clone()), Ok("440106".to_owned()));
        for (text, expected) in [("[", "JSON"), ("{}", "FeatureCollection"), (r#"{"features":[{}]}"#, "division")] {
            assert!(divisions(text).is_err_and(|reason| reason.contains(expected)), "{text}");
        }
        let open = r#"{"type":"Polygon","coordinates":[[[113,23],[114,24],[114,23],[113,24],[113,23]]]}"#;
        assert!(divisions(&county(open)).is_err_and(|reason| reason.starts_with("440106: ")));
    }
}
