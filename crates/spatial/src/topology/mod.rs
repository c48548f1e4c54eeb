//! Does a parcel fit among its neighbours?
//!
//! The rules of a cadastre, each with an id, a severity that depends on the stage, a tolerance and a message in two
//! languages; findings carry the offending place as GeoJSON. Nothing is moved in silence: where snapping would cure, the
//! report brings the snapped geometry as a proposal.

mod contact;
mod finding;
mod overlay;
mod rules;
mod snap;

pub use finding::{Finding, Rule, Stage, TopologySeverity};
pub(crate) use overlay::{Piece, contained, difference, intersection};
pub use rules::{Candidate, Division, Report, Surroundings, check, reach};
pub(crate) use snap::{completed, proposal};

/// How exactly boundaries must agree. Defaults follow TD/T 1001-2012: boundary points are good to 5 cm.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerances {
    /// Up to here two boundary points may be one, and an overlap or gap is a sliver, metres.
    pub snap_m: f64,
    /// Thinner than this is rounding, metres.
    pub noise_m: f64,
    /// By how much a parcel may stick out of its division, metres.
    pub division_m: f64,
    /// From which share of the registered area a difference to the computed one is told, and from which it is flagged.
    pub area: [f64; 2],
}

impl Default for Tolerances {
    fn default() -> Self {
        Self { snap_m: 0.05, noise_m: 0.001, division_m: 0.5, area: [0.001, 0.01] }
    }
}
