//! How far do Chinese web maps shift a position, and how is the shift taken back?
//!
//! GCJ-02 and BD-09 are never stored: a caller declares them, the position is brought back by iterating the forward
//! shift (better than 10⁻⁹ °), and the record says that it was approximate.

use std::f64::consts::PI;

/// Half major axis and squared eccentricity of the ellipsoid the shift is defined on.
const A: f64 = 6_378_245.0;
const EE: f64 = 0.006_693_421_622_965_943;
/// The helper angle of BD-09.
const BD: f64 = PI * 3000.0 / 180.0;

/// The rectangle in which GCJ-02 shifts: west, south, east, north.
const SHIFTED: [f64; 4] = [72.004, 0.8293, 137.8347, 55.8271];

fn is_shifted(lon: f64, lat: f64) -> bool {
    (SHIFTED[0]..=SHIFTED[2]).contains(&lon) && (SHIFTED[1]..=SHIFTED[3]).contains(&lat)
}

fn waves(value: f64, first: f64, second: f64, third: f64, long: f64, longest: f64) -> f64 {
    (first * (value * PI).sin() + second * (value / 3.0 * PI).sin()) * 2.0 / 3.0
        + (third * (value / 12.0 * PI).sin() + long * (value / longest * PI).sin()) * 2.0 / 3.0
}

/// GCJ-02 longitude and latitude of a true one.
#[must_use]
pub fn to_gcj02(lon: f64, lat: f64) -> [f64; 2] {
    if !is_shifted(lon, lat) {
        return [lon, lat];
    }
    let (x, y) = (lon - 105.0, lat - 35.0);
    let ripple = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let north =
        -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * x.abs().sqrt() + ripple + waves(y, 20.0, 40.0, 160.0, 320.0, 30.0);
    let east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * x.abs().sqrt() + ripple + waves(x, 20.0, 40.0, 150.0, 300.0, 30.0);
    let (sin, cos) = lat.to_radians().sin_cos();
    let magic = 1.0 - EE * sin * sin;
    let root = magic.sqrt();
    [lon + east.to_degrees() / (A / root * cos), lat + north.to_degrees() / (A * (1.0 - EE) / (magic * root))]
}

/// BD-09 longitude and latitude of a true one.
#[must_use]
pub fn to_bd09(lon: f64, lat: f64) -> [f64; 2] {
    let [lon, lat] = to_gcj02(lon, lat);
    let radius = lon.hypot(lat) + 0.000_02 * (lat * BD).sin();
    let angle = lat.atan2(lon) + 0.000_003 * (lon * BD).cos();
    [radius * angle.cos() + 0.0065, radius * angle.sin() + 0.006]
}

/// The true longitude and latitude of a GCJ-02 one.
#[must_use]
pub fn from_gcj02(lon: f64, lat: f64) -> [f64; 2] {
    invert(lon, lat, to_gcj02)
}

/// The true longitude and latitude of a BD-09 one.
#[must_use]
pub fn from_bd09(lon: f64, lat: f64) -> [f64; 2] {
    invert(lon, lat, to_bd09)
}

fn invert(lon: f64, lat: f64, forward: impl Fn(f64, f64) -> [f64; 2]) -> [f64; 2] {
    let mut guess = [lon, lat];
    for _ in 0..10 {
        let [lon_there, lat_there] = forward(guess[0], guess[1]);
        guess = [guess[0] - (lon_there - lon), guess[1] - (lat_there - lat)];
    }
    guess
}
