//! Which numbers may a model have?

use super::ModelError;
use crate::model_file::{CalibrationFile, ModelFile};

/// Refuses numbers that no model can weigh by.
pub(super) fn check(file: &ModelFile) -> Result<(), ModelError> {
    let open = |place: &str, what, value: f64| {
        if value > 0.0 && value < 1.0 {
            Ok(())
        } else {
            Err(ModelError::Range { place: place.to_owned(), what, range: "above 0 and below 1", value })
        }
    };
    open("the model", "prior", file.prior)?;
    for (place, calibration) in [("calibration", file.calibration), ("calibration-fitted", file.calibration_fitted)] {
        let Some(CalibrationFile { offset, slope }) = calibration else { continue };
        if !(offset.is_finite() && slope.is_finite() && slope > 0.0) {
            let problem = format!("the slope must be above 0 and both numbers finite, got offset {offset} and slope {slope}");
            return Err(ModelError::Content { place: place.to_owned(), problem });
        }
    }
    if let Some(conflict) = file.conflict.iter().find(|conflict| !(conflict.doubt.is_finite() && conflict.doubt >= 0.0)) {
        let place = format!("conflict {:?}", conflict.name);
        return Err(ModelError::Range { place, what: "doubt", range: "0 or more", value: f64::from(conflict.doubt) });
    }
    for relation in &file.relation {
        if relation.per_match.is_nan() || relation.per_match <= 0.0 {
            let place = format!("relation {:?}", relation.name);
            return Err(ModelError::Range { place, what: "per-match", range: "above 0", value: relation.per_match });
        }
    }
    if file.review.is_nan() || file.link.is_nan() || file.review > file.link {
        let problem = format!("the review threshold must not exceed the link threshold, got {} and {}", file.review, file.link);
        return Err(ModelError::Content { place: "the model".to_owned(), problem });
    }
    if let Some(link) = file.link_fitted.filter(|link| link.is_nan() || *link < file.review) {
        let problem = format!("the review threshold must not exceed the link threshold of a fitted model, got {} and {link}", file.review);
        return Err(ModelError::Content { place: "the model".to_owned(), problem });
    }
    for comparison in &file.comparison {
        for level in &comparison.level {
            let place = format!("comparison {:?}, level {:?}", comparison.name, level.name);
            open(&place, "m", level.m)?;
            open(&place, "u", level.u)?;
            for (name, share) in &level.relations {
                open(&place, "the share of a relation", *share)?;
                if !file.relation.iter().any(|relation| relation.name == *name) {
                    return Err(ModelError::Content { place, problem: format!("there is no relation {name:?}") });
                }
            }
        }
    }
    Ok(())
}
