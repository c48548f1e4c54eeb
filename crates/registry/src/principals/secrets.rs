//! How are secrets made, written and compared?
//!
//! A key or session token is kept as SHA-256 of its 256 random bits.

use sha2::{Digest, Sha256};

use super::Result;
use crate::RegistryError;

pub(super) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| RegistryError::internal(format!("the system gives no random numbers: {error}")))?;
    Ok(bytes)
}

pub(super) fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

/// Compares without telling by time where the difference lies.
pub(super) fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |difference, (one, other)| difference | (one ^ other)) == 0
}
