//! What was wrong with a record, where, and what should its sender do?

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// What a problem does to the record that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth telling: the value was repaired or normalised; the raw value is kept.
    Note,
    /// The record is accepted; the value is kept raw but not used as evidence, or used with care.
    Flag,
    /// The record is certainly wrong and is not accepted.
    Reject,
}

/// The data-quality dimension a problem counts under (GB/T 36344-2018).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dimension {
    /// A value is missing.
    Completeness,
    /// A value breaks its format or code list.
    Validity,
    /// Two values contradict each other.
    Consistency,
    /// A value that should be one entity's own is shared.
    Uniqueness,
    /// A value is out of date or out of time.
    Timeliness,
}

impl Dimension {
    /// Every dimension.
    pub const ALL: [Self; 5] = [Self::Completeness, Self::Validity, Self::Consistency, Self::Uniqueness, Self::Timeliness];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completeness => "completeness",
            Self::Validity => "validity",
            Self::Consistency => "consistency",
            Self::Uniqueness => "uniqueness",
            Self::Timeliness => "timeliness",
        }
    }
}

/// One thing found wrong, as a value: a steward fixes a record once, not five times.
///
/// The offending value itself is never part of a problem: problems travel through logs, reports and answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// A stable reason code such as `id-checksum`; the catalogue is in `docs/reason-codes.md`.
    pub code: Cow<'static, str>,
    /// What it does to the record.
    pub severity: Severity,
    /// The data-quality dimension.
    pub dimension: Dimension,
    /// The column concerned; none when the whole record is meant.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<Cow<'static, str>>,
    /// What to do, in one sentence without the value.
    pub advice: Cow<'static, str>,
}

impl Problem {
    /// A problem of `field` under `code`.
    #[must_use]
    pub const fn new(severity: Severity, dimension: Dimension, field: &'static str, code: &'static str, advice: &'static str) -> Self {
        Self { code: Cow::Borrowed(code), severity, dimension, field: Some(Cow::Borrowed(field)), advice: Cow::Borrowed(advice) }
    }
}
