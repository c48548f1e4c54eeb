//! What does the outside see of a use case that ended otherwise?

use jiku_registry::RegistryError;
use serde_json::{Value, json};

use crate::problem::{self, Problem};

impl From<RegistryError> for Problem {
    fn from(error: RegistryError) -> Self {
        match error {
            // Who may ask for one may ask for all.
            RegistryError::NotFound { what: what @ ("version of the model" | "version of the survivorship rules") } => {
                Self::new(problem::NOT_FOUND).detail(format!("there is no such {what}; GET tells under versions which there are"))
            }
            // One answer for "absent" and "not for you", with the same body: no oracle.
            RegistryError::NotFound { .. } => Self::new(problem::NOT_FOUND),
            RegistryError::Conflict { code: "model-stale" | "survivorship-stale", message } => {
                Self::new(problem::PRECONDITION_FAILED).detail(message)
            }
            RegistryError::Conflict { code, message } => Self::domain(409, code, "the present state does not allow it").detail(message),
            RegistryError::Invalid(problems) => invalid(&problems),
            RegistryError::Topology(report) => topology(*report),
            RegistryError::Stale { entity, expected, actual } => Self::new(problem::PRECONDITION_FAILED)
                .detail("somebody changed the entity since you read it; read it again and decide anew")
                .with("entity", entity.to_string())
                .with("expected", expected)
                .with("actual", actual),
            RegistryError::Forbidden(reason) => Self::new(problem::FORBIDDEN).detail(reason),
            RegistryError::SameHands(reason) => {
                Self::domain(403, "separation-of-duties", "this needs the hands of two people").detail(reason)
            }
            RegistryError::FieldForbidden { field } => {
                Self::new(problem::FIELD_FORBIDDEN).detail("your rights do not include this field").with("field", field)
            }
            RegistryError::Exhausted { code, message, retry_after_s } => {
                Self::domain(429, code, "you have asked too much").detail(message).with("retry_after", retry_after_s)
            }
            RegistryError::Unavailable { code, message, source } => {
                tracing::warn!(code, cause = source.map(|source| source.to_string()), "the registry cannot answer just now");
                let status = if code == "storage-full" { 507 } else { 503 };
                Self::domain(status, code, "the service cannot do it just now").detail(message)
            }
            RegistryError::Internal(source) => {
                // What the database said, for the operator; it holds no value of a row.
                tracing::error!(cause = %source, context = ?source, "a use case failed");
                Self::new(problem::INTERNAL)
            }
        }
    }
}

/// What the topology rules have against an edit, under the code of the worst, with every finding and its place.
fn topology(report: jiku_registry::TopologyReport) -> Problem {
    let (code, title, chinese) = report.blocking().map_or_else(
        || ("conflict", String::new(), String::new()),
        |worst| (worst.code, worst.message_en.clone(), worst.message_zh.clone()),
    );
    let report = serde_json::to_value(crate::wire::ReportBody::from(report)).unwrap_or_default();
    Problem::domain(409, code, "the parcel does not fit among its neighbours")
        .detail(title)
        .with("detail_zh", chinese)
        .with("findings", report["findings"].clone())
        .with("proposals", report["proposals"].clone())
        .with("tolerances", report["tolerances"].clone())
}

/// Everything wrong with a request as one problem, under the code of the first.
pub(crate) fn invalid(problems: &[jiku_model::Problem]) -> Problem {
    let Some(first) = problems.iter().find(|problem| problem.severity == jiku_model::Severity::Reject).or_else(|| problems.first()) else {
        return Problem::new(problem::VALUE_INVALID);
    };
    let title = "a value cannot be accepted";
    // A document's number without its form is a value like another; the id in a path is not, and answers 400.
    let told = if first.code == problem::ID_FORMAT.slug {
        Problem::of_value(first.code.clone(), title)
    } else {
        Problem::domain(422, first.code.clone(), title)
    };
    let mut told = told.detail(first.advice.clone());
    if let Some(field) = &first.field {
        told = told.pointer(format!("/{field}"));
    }
    told.with("errors", problems.iter().map(row_problem).collect::<Vec<Value>>())
}

/// Why a body is no JSON object, with the byte at which reading stopped.
pub(crate) fn json(error: &jiku_ingest::JsonError) -> Problem {
    Problem::domain(422, error.code, "the body cannot be read").detail(error.advice).with("offset", error.offset)
}

/// Why a stream cannot be read, with its place.
pub(crate) fn file(fault: &jiku_ingest::FileFault) -> Problem {
    let mut told = Problem::domain(422, fault.code, "the stream cannot be read").detail(fault.advice.clone());
    if let Some(line) = fault.line {
        told = told.with("line", line);
    }
    if let Some(offset) = fault.offset {
        told = told.with("offset", offset);
    }
    told
}

/// A problem of a record as reports show it.
pub(crate) fn row_problem(problem: &jiku_model::Problem) -> Value {
    json!({
        "code": problem.code, "severity": problem.severity, "dimension": problem.dimension,
        "pointer": problem.field.as_ref().map(|field| format!("/{field}")), "advice": problem.advice,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;
    use jiku_model::{Dimension, Severity};

    #[track_caller]
    fn check(error: RegistryError, status: u16, slug: &str) {
        let problem = Problem::from(error);
        assert_eq!((problem.status_code().as_u16(), problem.slug()), (status, slug));
    }

    #[test]
    fn every_outcome_has_its_status_and_type() {
        check(RegistryError::NotFound { what: "entity" }, 404, "not-found");
        let told = Problem::from(RegistryError::NotFound { what: "version of the model" });
        assert_eq!(told.told(), Some("there is no such version of the model; GET tells under versions which there are"));
        check(RegistryError::Conflict { code: "already-merged", message: "it is".into() }, 409, "already-merged");
        check(RegistryError::Forbidden("no".into()), 403, "forbidden");
        check(RegistryError::FieldForbidden { field: "phone".to_owned() }, 403, "field-forbidden");
        check(RegistryError::Exhausted { code: "quota-exceeded", message: "wait".into(), retry_after_s: 9 }, 429, "quota-exceeded");
        check(RegistryError::Unavailable { code: "audit-unavailable", message: "wait".into(), source: None }, 503, "audit-unavailable");
        check(RegistryError::Unavailable { code: "storage-full", message: "wait".into(), source: None }, 507, "storage-full");
        let invalid = |code| {
            RegistryError::Invalid(vec![jiku_model::Problem::new(Severity::Reject, Dimension::Validity, "id_number", code, "correct it")])
        };
        check(invalid("id-checksum"), 422, "id-checksum");
        check(invalid("cursor-invalid"), 400, "cursor-invalid");
    }
}
