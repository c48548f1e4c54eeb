//! How far do members of one family agree in the columns of an unknown table?
//!
//! Without labels a table cannot tell relatives from matches: both agree more often than strangers. These shares are what keeps
//! a household from becoming one person; how many such pairs there are, and what they share beside names and birth dates, is fitted to the table.

use crate::model_file::{LevelFile, RelationFile};

/// The relation as a model names it.
pub(super) const FAMILY: &str = "family";

/// The relation, with a guess of how frequent such pairs are.
pub(super) fn family() -> RelationFile {
    RelationFile { name: FAMILY.to_owned(), zh: "家庭成员".to_owned(), per_match: 0.5 }
}

/// Gives each level its share among family members.
pub(super) fn among_family(mut levels: Vec<LevelFile>, shares: &[f64]) -> Vec<LevelFile> {
    debug_assert_eq!(levels.len(), shares.len(), "one share for each level");
    for (level, share) in levels.iter_mut().zip(shares) {
        level.relations.insert(FAMILY.to_owned(), *share);
    }
    levels
}

// One share for each level of the comparisons in `propose` and `home`, in their order.
pub(super) const GIVEN_NAME: [f64; 9] = [0.015, 0.005, 0.02, 0.012, 0.004, 0.01, 0.02, 0.074, 0.84];
pub(super) const SURNAME: [f64; 9] = [0.72, 0.001, 0.004, 0.03, 0.01, 0.02, 0.01, 0.02, 0.185];
pub(super) const WHOLE_NAME: [f64; 10] = [0.012, 0.001, 0.001, 0.01, 0.03, 0.02, 0.66, 0.01, 0.06, 0.196];
pub(super) const CHINESE_NAME: [f64; 7] = [0.004, 0.003, 0.004, 0.12, 0.02, 0.001, 0.848];
pub(super) const BIRTH_DATE: [f64; 9] = [0.004, 0.012, 0.0005, 0.008, 0.004, 0.02, 0.03, 0.03, 0.8915];
pub(super) const PHONE: [f64; 4] = [0.35, 0.02, 0.02, 0.61];
pub(super) const EMAIL: [f64; 6] = [0.06, 0.01, 0.02, 0.04, 0.17, 0.7];
pub(super) const ADDRESS: [f64; 6] = [0.6, 0.1, 0.06, 0.04, 0.04, 0.16];
pub(super) const NAME_ORDER: [f64; 4] = [0.0005, 0.003, 0.02, 0.9765];
pub(super) const PLACE: [f64; 4] = [0.7, 0.1, 0.05, 0.15];
pub(super) const PLACE_AND_POSTCODE: [f64; 9] = [0.6, 0.08, 0.06, 0.05, 0.05, 0.02, 0.02, 0.02, 0.1];
pub(super) const HOME: [f64; 10] = [0.5, 0.1, 0.06, 0.05, 0.04, 0.03, 0.05, 0.02, 0.02, 0.13];
