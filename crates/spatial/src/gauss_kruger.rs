//! How does a longitude and latitude become a northing and easting of a Gauss–Krüger zone, and back?
//!
//! Krüger's series in the third flattening to the fourth power on the CGCS2000 ellipsoid; within ±3° of the central
//! meridian it agrees with PROJ to better than 0.1 mm.

/// The half major axis of CGCS2000 and GRS 80, metres.
pub(crate) const A: f64 = 6_378_137.0;
/// The flattening of CGCS2000 and GRS 80.
pub(crate) const F: f64 = 1.0 / 298.257_222_101;

const N: f64 = F / (2.0 - F);
const N2: f64 = N * N;
const N3: f64 = N2 * N;
const N4: f64 = N2 * N2;
/// Radius of the rectifying sphere.
const RECTIFYING: f64 = A / (1.0 + N) * (1.0 + N2 / 4.0 + N4 / 64.0);
const ALPHA: [f64; 4] = [
    N / 2.0 - 2.0 * N2 / 3.0 + 5.0 * N3 / 16.0 + 41.0 * N4 / 180.0,
    13.0 * N2 / 48.0 - 3.0 * N3 / 5.0 + 557.0 * N4 / 1440.0,
    61.0 * N3 / 240.0 - 103.0 * N4 / 140.0,
    49_561.0 * N4 / 161_280.0,
];
const BETA: [f64; 4] = [
    N / 2.0 - 2.0 * N2 / 3.0 + 37.0 * N3 / 96.0 - N4 / 360.0,
    N2 / 48.0 + N3 / 15.0 - 437.0 * N4 / 1440.0,
    17.0 * N3 / 480.0 - 37.0 * N4 / 840.0,
    4397.0 * N4 / 161_280.0,
];
const DELTA: [f64; 4] = [
    2.0 * N - 2.0 * N2 / 3.0 - 2.0 * N3 + 116.0 * N4 / 45.0,
    7.0 * N2 / 3.0 - 8.0 * N3 / 5.0 - 227.0 * N4 / 45.0,
    56.0 * N3 / 15.0 - 136.0 * N4 / 35.0,
    4279.0 * N4 / 630.0,
];

/// A Gauss–Krüger zone: its central meridian and what is added to eastings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zone {
    /// Longitude of the central meridian, degrees.
    pub central_meridian: f64,
    /// Added to every easting, metres; carries the zone number in the prefixed systems.
    pub false_easting: f64,
}

impl Zone {
    /// The 3-degree zone whose central meridian is nearest to `lon`, without a zone prefix.
    #[must_use]
    pub fn three_degree(lon: f64) -> Self {
        Self { central_meridian: (lon / 3.0).round() * 3.0, false_easting: 500_000.0 }
    }

    /// Easting and northing in metres of a position in degrees.
    #[must_use]
    pub fn project(self, lon: f64, lat: f64) -> [f64; 2] {
        let eccentricity = 2.0 * N.sqrt() / (1.0 + N);
        let sin_lat = lat.to_radians().sin();
        let conformal = (sin_lat.atanh() - eccentricity * (eccentricity * sin_lat).atanh()).sinh();
        let (sin_lon, cos_lon) = (lon - self.central_meridian).to_radians().sin_cos();
        let xi = conformal.atan2(cos_lon);
        let eta = (sin_lon / conformal.hypot(1.0)).atanh();
        let (mut east, mut north) = (eta, xi);
        let mut twice = 0.0;
        for alpha in ALPHA {
            twice += 2.0;
            east += alpha * (twice * xi).cos() * (twice * eta).sinh();
            north += alpha * (twice * xi).sin() * (twice * eta).cosh();
        }
        [self.false_easting + RECTIFYING * east, RECTIFYING * north]
    }

    /// Longitude and latitude in degrees of an easting and northing in metres.
    #[must_use]
    pub fn unproject(self, easting: f64, northing: f64) -> [f64; 2] {
        let (xi, eta) = (northing / RECTIFYING, (easting - self.false_easting) / RECTIFYING);
        let (mut xi_sphere, mut eta_sphere) = (xi, eta);
        let mut twice = 0.0;
        for beta in BETA {
            twice += 2.0;
            xi_sphere -= beta * (twice * xi).sin() * (twice * eta).cosh();
            eta_sphere -= beta * (twice * xi).cos() * (twice * eta).sinh();
        }
        let conformal = (xi_sphere.sin() / eta_sphere.cosh()).asin();
        let mut lat = conformal;
        let mut twice = 0.0;
        for delta in DELTA {
            twice += 2.0;
            lat += delta * (twice * conformal).sin();
        }
        let lon = eta_sphere.sinh().atan2(xi_sphere.cos());
        [self.central_meridian + lon.to_degrees(), lat.to_degrees()]
    }
}
