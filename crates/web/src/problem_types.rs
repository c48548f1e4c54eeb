//! Which problem types are there, what does each mean, and what is to be done?
//!
//! One list of three parts: problems of a request ([`SORTS`]), what the state of things does not allow ([`STATES`]), and what is wrong with
//! a record, a row or a file, which the documents list and from which it is read here.

use std::sync::LazyLock;

use crate::problem::{SORTS, Sort};

macro_rules! states {
    ($($status:literal $slug:literal $title:literal, $advice:literal;)*) => {
        /// What the state of things does not allow, and what a part of the service refuses under a word of its own.
        const STATES: &[Sort] = &[$(Sort { slug: $slug, status: $status, title: $title, advice: $advice }),*];
    };
}

states! {
    400 "cql2-invalid" "the filter asks for what there is not", "`detail` says where; the queryables name the properties, docs/ogc.md the functions.";
    400 "cql2-syntax" "the filter is no CQL2", "`detail` says where; filter-lang tells whether it is text or JSON.";
    400 "cql2-too-complex" "the filter has too many parts", "Ask in several questions.";
    400 "limit-invalid" "the limit is no whole number from 1 on", "Give one, or leave it out.";
    400 "sortby-invalid" "the list cannot be ordered so", "Name sortable properties with commas between them, `-` in front to descend.";
    400 "coordinate-range" "a position does not lie where its coordinate system is used", "Check the order of the axes and the system.";
    400 "nearest-invalid" "the number of nearest parcels cannot be", "Give a whole number within the bounds that `detail` tells.";
    400 "radius-invalid" "the radius cannot be", "Give metres within the bounds that `detail` tells.";
    403 "separation-of-duties" "this needs the hands of two people", "Another person signs in and approves; a key neither asks nor approves. `detail` says why.";
    409 "already-decided" "somebody has decided it before", "Read it again; when you disagree, undo that decision.";
    409 "already-merged" "an entity was merged into another one", "Go on with the entity that answers for it: GET follows the redirect.";
    409 "already-undone" "the decision was undone before", "Read the entities again.";
    409 "approval-required" "this takes a second person", "Propose the merge (POST …/proposals), or ask for the export (POST /api/v1/exports); another person approves.";
    409 "backdated" "the day lies before what is known of the parcel", "Give a later day.";
    409 "codes-exhausted" "the sub-district has no serial left", "Name another sub-district.";
    409 "edited-since" "the parcels were edited since", "Undo the later edits first.";
    409 "export-expired" "the request for an export is over", "Ask for the export anew.";
    409 "export-too-large" "there are more entities than were approved", "Ask for the export anew with a larger number.";
    409 "import-elsewhere" "another process takes the same file in", "Wait until it is done; GET /api/v1/jobs tells how far it is.";
    409 "kept-apart" "a steward decided otherwise before", "Undo that decision first, if it was wrong.";
    409 "no-department" "the account belongs to no department", "Have the account given a department.";
    409 "not-merged" "the decision merged nothing that could be taken apart", "Name the decision that merged them, or the records to take out.";
    409 "not-undoable" "a decision of this sort is not undone here", "`detail` says by what it is taken back.";
    409 "parcel-code-retired" "the parcel code belonged to a parcel that is no more", "Give another code, or leave it out for the next serial.";
    409 "parcel-code-taken" "the parcel code is taken", "Give another code, or leave it out for the next serial.";
    409 "parcel-without-geometry" "a parcel that was named has no boundary", "Give it one first.";
    409 "proposal-stale" "the entities changed after the proposal", "Look at a preview and propose the merge anew.";
    409 "rights-block" "a parcel that would end has a right", "Carry the right over to the new parcel, or end it.";
    409 "rights-differ" "the parcels have different rights", "Say which rights the new parcel has.";
    409 "source-reserved" "the source is the service's own", "Undo the edit or retire the parcel in place of withdrawing the record.";
    409 "threshold-range" "the threshold asks for more than can be told", "Give one within the bounds that `detail` tells.";
    409 "too-many-keys" "the principal has two keys that work", "Revoke one of them first.";
    409 "too-many-sources" "there are as many source systems as there can be", "Use one that is registered.";
    409 "value-overridden" "the value was set by hand", "Release it first (POST …/overrides/release).";
    422 "code-invalid" "the code of the second factor is wrong", "Send the six digits that the authenticator shows now.";
    422 "edit-result-invalid" "the result is not a valid shape", "Move the line or a corner and check again by a preview.";
    422 "geometry-invalid" "the polygon is not valid", "`detail` says what is wrong with it and where.";
    422 "kind-mismatch" "the import is of another kind", "Send rows of the kind it began with.";
    409 "merge-apart" "the parcels do not share a border", "Choose neighbours: the result would be in several parts.";
    422 "merge-invalid" "the entities cannot be merged as they are named", "Name two or more different entities of one kind.";
    422 "merge-too-few" "a union needs two parcels at least", "Name two or more different parcels.";
    422 "model-invalid" "the model cannot be used", "`detail` says where in the file and what to write instead; docs/matching.md describes it.";
    422 "no-such-steward" "there is no such steward for this task", "Name an account with the role of a steward that reaches both records.";
    422 "parts-mismatch" "there are more or fewer parts than were told", "Say something of each part, in the order of the preview.";
    422 "password-too-short" "the password is too short", "Use one of at least 10 characters.";
    422 "proof-invalid" "the proof of the present second factor is wrong", "Send the code that the present authenticator shows, or the password.";
    422 "split-invalid" "nothing would be taken apart", "Name at least one record, and leave at least one.";
    422 "split-line-invalid" "the line cannot be used", "Give two positions at least.";
    422 "split-line-misses" "the line does not cut the parcel", "Begin outside of it or on its border, and end outside on the other side.";
    422 "split-polygons-invalid" "the polygons do not divide the parcel", "Give two or more, or one that is a part of it.";
    422 "survivorship-invalid" "the survivorship rules cannot be used", "`errors` lists each slip with its line.";
    503 "audit-unavailable" "the access log cannot be written, so nothing is shown", "Wait for Retry-After; the operator frees the disk or mends the database.";
    503 "commit-unconfirmed" "the database does not confirm the write", "It may have been done: look, or send the same request with the same Idempotency-Key.";
    503 "database-unavailable" "the database does not answer", "Wait for Retry-After and send again.";
    503 "seal-unavailable" "the seals cannot be read or written", "The operator sees to the folder of the seals.";
    503 "starting" "the service is starting", "Wait for Retry-After; /readyz tells when it is ready.";
    503 "stopping" "the service is stopping", "Ask another node, or wait for Retry-After.";
    503 "storage-failed" "the storage under the database failed", "The operator looks at the disk and runs jiku verify.";
    507 "storage-full" "the disk of the database is full", "Nothing was written; the operator makes room. Reading goes on where it leaves no trace.";
}

/// The catalogue of reason codes: what is wrong with a value.
const REASONS: &str = include_str!("../../../docs/reason-codes.md");

/// What is wrong with a row or a file as such.
const FILES: &str = include_str!("../../../docs/ingest.md");

/// What the rules of topology say.
const TOPOLOGY: &str = include_str!("../../../docs/topology.md");

/// A problem type: the last part of its URI, the status it usually comes with, what it means and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemType {
    /// The last part of the URI, stable.
    pub slug: String,
    /// The status of an answer that is one problem of this type; the same word stands also in `errors` of others, and in reports of rows.
    pub status: u16,
    /// What it means.
    pub title: String,
    /// What to do.
    pub advice: String,
}

/// Every problem type, by its slug.
static TYPES: LazyLock<Vec<ProblemType>> = LazyLock::new(|| {
    let of = |sort: &Sort| ProblemType {
        slug: sort.slug.to_owned(),
        status: sort.status,
        title: sort.title.to_owned(),
        advice: sort.advice.to_owned(),
    };
    let mut types: Vec<ProblemType> = SORTS.iter().map(|sort| of(sort)).chain(STATES.iter().map(of)).collect();
    let told = "`detail` or `advice` says what to do about this value.";
    for (page, status) in [(REASONS, 422), (FILES, 422), (TOPOLOGY, 409)] {
        for Row { slug, title, becomes } in rows(page) {
            if types.iter().all(|known| known.slug != slug) {
                let advice = becomes.map_or_else(|| told.to_owned(), |becomes| format!("{told} What becomes of it: {becomes}."));
                types.push(ProblemType { slug, status, title, advice });
            }
        }
    }
    types.sort_by(|one, other| one.slug.cmp(&other.slug));
    types
});

/// Every problem type this service answers with, by its slug.
#[must_use]
pub fn problem_types() -> &'static [ProblemType] {
    &TYPES
}

/// A code of a table.
struct Row {
    slug: String,
    title: String,
    /// What becomes of the value, where the table tells.
    becomes: Option<String>,
}

/// The tables of codes of a page: each code with what stands under *when* or *what*, and under *what becomes of the value*.
fn rows(page: &str) -> Vec<Row> {
    let (mut rows, mut families) = (Vec::new(), Vec::new());
    let mut places = None;
    for line in page.lines() {
        let cells: Vec<&str> = line.trim().trim_matches('|').split(" | ").map(str::trim).collect();
        if !line.starts_with('|') {
            places = None;
        } else if let Some(code) = cells.iter().position(|cell| *cell == "code") {
            let place = |heading: &[&str]| cells.iter().position(|cell| heading.contains(cell));
            let becomes = cells.iter().position(|cell| cell.starts_with("what becomes"));
            places = place(&["when", "what"]).map(|when| (code, when, becomes));
        } else if let Some((code, when, becomes)) = places {
            let title = cells.get(when).copied().unwrap_or_default();
            let becomes = becomes.and_then(|becomes| cells.get(becomes)).filter(|cell| !matches!(**cell, "" | "–"));
            let mut row = |slug: String, title: String| rows.push(Row { slug, title, becomes: becomes.map(|cell| (*cell).to_owned()) });
            for code in quoted(cells.get(code).copied().unwrap_or_default()) {
                if let Some(family) = code.strip_suffix('…') {
                    // What breaks such a code stands in the other cell, word by word.
                    let (said, _) = title.split_once(':').unwrap_or((title, ""));
                    quoted(title).for_each(|word| row(format!("{family}{word}"), format!("{said}: {word}")));
                    families.push(family.trim_end_matches('-'));
                } else if let Some(end) = code.strip_prefix('…') {
                    families.iter().for_each(|family| row(format!("{family}{end}"), title.to_owned()));
                } else {
                    row(code.to_owned(), title.to_owned());
                }
            }
        }
    }
    rows
}

/// The codes of a cell.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    let is_code = |code: &&str| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || !b.is_ascii());
    cell.split('`').skip(1).step_by(2).filter(is_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_there_once_and_says_what_to_do() {
        for pair in problem_types().windows(2) {
            assert_ne!(pair[0].slug, pair[1].slug);
        }
        for found in problem_types() {
            assert!(!found.title.is_empty() && !found.advice.is_empty() && (400..600).contains(&found.status), "{found:?}");
        }
        for slug in [
            "not-found",
            "approval-required",
            "id-checksum",
            "csv-header",
            "parcel-overlap",
            "cql2-syntax",
            "parcel-code-length",
            "unit-code-county",
        ] {
            assert!(problem_types().iter().any(|found| found.slug == slug), "{slug}");
        }
    }
}
