//! What is forgotten by rule?

/// After how many days what is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetentionRules {
    /// Rows that were refused, after their import last moved.
    pub rejections_days: i64,
    /// What each principal read on a day, as counted for quotas.
    pub usage_days: i64,
}

/// What was forgotten, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Rows that were refused.
    pub rejections: u64,
    /// Answers kept for repeated requests.
    pub answers: u64,
    /// Sessions that had ended.
    pub sessions: u64,
    /// Counts of quotas.
    pub counts: u64,
}
