//! What can be done with an incoming record before anything is locked?

use std::borrow::Cow;
use std::num::NonZeroU64;
use std::sync::Arc;

use jiku_model::{Attributes, Dimension, EntityKind, Features, Kind, ParseContext, Problem, RecordKey, Severity};
use jiku_parcel::survey::{self, Survey};

use crate::facade::Incoming;
use crate::kinds::noun;
use crate::memory::{beginnings, hash_token, strong_hash, token_hasher};
use crate::write::fingerprint::Fingerprints;

/// A record that was read, judged fit, and brought to the forms the indexes and the database want.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    pub(crate) key: RecordKey,
    pub(crate) order: u64,
    pub(crate) line: Option<u64>,
    pub(crate) row: Option<u64>,
    pub(crate) payload: String,
    pub(crate) fingerprint: Vec<u8>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) problems_json: String,
    pub(crate) content: Content,
}

/// What a record says, in every form that is derived from its values alone.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) attributes: Attributes,
    pub(crate) parsed: String,
    pub(crate) features: Features,
    pub(crate) strong: Option<NonZeroU64>,
    pub(crate) tokens: Vec<u64>,
    /// The boundary of a parcel: decoding and measuring it is dear.
    pub(crate) survey: Option<Arc<Survey>>,
}

/// A record that is refused.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    pub(crate) key: RecordKey,
    pub(crate) line: Option<u64>,
    pub(crate) row: Option<u64>,
    pub(crate) payload: Box<str>,
    pub(crate) problems: Box<[Problem]>,
}

/// Reads a record.
pub(crate) fn prepare(incoming: Incoming, context: &ParseContext, prints: &Fingerprints) -> Result<Prepared, Refused> {
    let Incoming { key, raw, payload, line, row } = incoming;
    let noun = noun(key.kind);
    let mut problems = check_key(&key);
    let (parsed, survey) = if key.kind == Kind::Parcel { survey::parse(&raw, context) } else { (noun.parse(&raw, context), None) };
    problems.extend(parsed.problems);
    let nul = payload.contains('\0') || key.key.contains('\0') || parsed.attributes.iter().any(|(_, value)| value.contains('\0'));
    if nul && !problems.iter().any(|problem| problem.code == "invalid-unicode") {
        let advice = "remove the NUL character: no database keeps it in a text";
        problems.push(Problem { field: None, ..Problem::new(Severity::Reject, Dimension::Validity, "", "invalid-unicode", advice) });
    }
    if problems.iter().any(|problem| problem.severity == Severity::Reject) {
        return Err(Refused { key, line, row, payload: payload.into(), problems: problems.into() });
    }
    let content = surveyed(noun, parsed.attributes, survey);
    let problems_json = serde_json::to_string(&problems).expect("problems are plain values");
    let fingerprint = prints.take(&key, &raw, &payload);
    Ok(Prepared { order: key.order(), fingerprint, key, line, row, payload, problems, problems_json, content })
}

fn check_key(key: &RecordKey) -> Vec<Problem> {
    let wrong = |code: &'static str, advice: &'static str| Problem {
        code: Cow::Borrowed(code),
        severity: Severity::Reject,
        dimension: Dimension::Validity,
        field: Some(Cow::Borrowed("source_key")),
        advice: Cow::Borrowed(advice),
    };
    if key.key.trim().is_empty() {
        vec![wrong("required", "give the record the key its source knows it by")]
    } else if key.key.len() > RecordKey::MAX_KEY_BYTES {
        vec![wrong("too-long", "use a key of at most 256 bytes")]
    } else {
        Vec::new()
    }
}

/// Everything that follows from a record's canonical values.
pub(crate) fn content(noun: &dyn EntityKind, attributes: Attributes) -> Content {
    let hex = attributes.get("geometry").filter(|_| noun.kind() == Kind::Parcel);
    let survey = hex.and_then(|hex| Survey::from_stored_hex(hex).ok());
    surveyed(noun, attributes, survey)
}

/// As [`content`], of a record whose boundary is known.
fn surveyed(noun: &dyn EntityKind, attributes: Attributes, survey: Option<Survey>) -> Content {
    let features = if noun.kind() == Kind::Parcel { survey::features(&attributes, survey.as_ref()) } else { noun.features(&attributes) };
    Content {
        parsed: serde_json::to_string(&attributes).expect("attributes are texts"),
        survey: survey.map(Arc::new),
        features,
        strong: strong(noun, &attributes),
        tokens: tokens(noun, &attributes),
        attributes,
    }
}

/// The hash of the verified number that no two entities share.
pub(crate) fn strong(noun: &dyn EntityKind, attributes: &Attributes) -> Option<NonZeroU64> {
    noun.strong_identifier(attributes).map(strong_hash)
}

/// The hashes of a record's search tokens, each once.
pub(crate) fn tokens(noun: &dyn EntityKind, attributes: &Attributes) -> Vec<u64> {
    let hasher = token_hasher();
    let whole = noun.search_tokens(attributes);
    let begun = beginnings::of(noun.kind(), &whole);
    let mut tokens: Vec<u64> = whole.iter().chain(&begun).map(|token| hash_token(&hasher, token)).collect();
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// Attributes as they are kept in the database.
pub(crate) fn read_attributes(parsed: &str) -> Result<Attributes, crate::RegistryError> {
    serde_json::from_str(parsed)
        .map_err(|error| crate::RegistryError::internal(format!("a record's parsed values are not readable: {error}")))
}

/// The day records are read on.
pub(crate) fn context(now: jiku_model::Timestamp) -> ParseContext {
    ParseContext { today: jiku_model::civil_day(now) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_needs_a_key_of_sensible_length() {
        let key = |key: &str| RecordKey { kind: Kind::Person, source: "gongan".parse().expect("valid"), key: key.to_owned() };
        assert_eq!(check_key(&key(" "))[0].code, "required");
        assert_eq!(check_key(&key(&"k".repeat(257)))[0].code, "too-long");
        assert!(check_key(&key("1")).is_empty());
    }
}
