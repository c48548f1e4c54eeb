//! Who sent a record, and what do they call it?

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Kind;

/// The short code of a source system, such as `gongan`: lower-case letters, digits, `-` and `_`, at most 64.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SourceCode(String);

impl SourceCode {
    /// The longest code, in characters.
    pub const MAX_LEN: usize = 64;

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SourceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<SourceCode> for String {
    fn from(code: SourceCode) -> Self {
        code.0
    }
}

/// The text is no source code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a source code is 1 to {} lower-case letters, digits, - or _", SourceCode::MAX_LEN)]
pub struct InvalidSourceCode;

impl TryFrom<String> for SourceCode {
    type Error = InvalidSourceCode;

    fn try_from(text: String) -> Result<Self, InvalidSourceCode> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
        if (1..=Self::MAX_LEN).contains(&text.len()) && text.chars().all(allowed) { Ok(Self(text)) } else { Err(InvalidSourceCode) }
    }
}

impl std::str::FromStr for SourceCode {
    type Err = InvalidSourceCode;

    fn from_str(text: &str) -> Result<Self, InvalidSourceCode> {
        Self::try_from(text.to_owned())
    }
}

/// A department's system that sends records (来源系统).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSystem {
    /// Its code, unique.
    pub code: SourceCode,
    /// Its name for people to read.
    pub name: String,
    /// The department that answers for it.
    pub department: String,
    /// How far its values are trusted when sources disagree: 0 (not at all) to 100.
    pub trust: u8,
}

/// What a source calls a record: its outside name, unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RecordKey {
    /// The kind of entity it speaks of.
    pub kind: Kind,
    /// The source system.
    pub source: SourceCode,
    /// The source's own key, as sent.
    pub key: String,
}

impl RecordKey {
    /// The longest source key, in bytes.
    pub const MAX_KEY_BYTES: usize = 256;

    /// A number that depends on the key alone, never on the order of arrival: ties between records are broken by it,
    /// so that the same records in any order give the same clusters. FNV-1a, 64 bits, with a final mix.
    #[must_use]
    pub fn order(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let parts = [self.kind.as_str().as_bytes(), self.source.as_str().as_bytes(), self.key.as_bytes()];
        for byte in parts.into_iter().flat_map(|part| part.iter().copied().chain([0])) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hash ^= hash >> 32;
        hash = hash.wrapping_mul(0xd6e8_feb8_6659_fd93);
        hash ^ (hash >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_code_is_checked_at_the_door() {
        assert!("gongan-2".parse::<SourceCode>().is_ok());
        for bad in ["", "Gongan", "公安", "a b", &"a".repeat(65)] {
            assert!(bad.parse::<SourceCode>().is_err(), "{bad:?}");
        }
    }
}
