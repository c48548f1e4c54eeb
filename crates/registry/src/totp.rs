//! Does a one-time code fit now?
//!
//! Time-based one-time passwords, RFC 6238, as authenticator apps make them: HMAC-SHA-1, six digits, steps of 30 seconds.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// The length of a time step in seconds.
const STEP_S: i64 = 30;

/// Codes of so many steps before and after are accepted: clocks differ, and people type.
const DRIFT: i64 = 1;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The time step whose code this is, when it fits at `now` (seconds since 1970) and is later than `last`: a code works once.
pub(crate) fn accept(key: &[u8], code: &str, now: i64, last: Option<i64>) -> Option<i64> {
    let current = now.div_euclid(STEP_S);
    // Every step is computed, so that time does not tell which one fits.
    let fitting = (current - DRIFT..=current + DRIFT).filter(|step| same(&code_of(key, *step), code.trim()));
    fitting.fold(None, |found, step| found.or(Some(step))).filter(|step| last.is_none_or(|last| *step > last))
}

fn code_of(key: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 0xf);
    let number = u32::from_be_bytes([digest[offset] & 0x7f, digest[offset + 1], digest[offset + 2], digest[offset + 3]]);
    format!("{:06}", number % 1_000_000)
}

fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |difference, (one, other)| difference | (one ^ other)) == 0
}

/// A secret in base32 (RFC 4648), as authenticator apps take it.
pub(crate) fn write_secret(key: &[u8]) -> String {
    let mut text = String::with_capacity(key.len().div_ceil(5) * 8);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in key {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(ALPHABET[(bits >> held & 31) as usize]));
        }
    }
    if held > 0 {
        text.push(char::from(ALPHABET[(bits << (5 - held) & 31) as usize]));
    }
    text
}

/// The key of a secret of at least 16 bytes.
pub(crate) fn read_secret(text: &str) -> Option<Vec<u8>> {
    let mut key = Vec::with_capacity(text.len() * 5 / 8);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| known.eq_ignore_ascii_case(&letter))?;
        bits = bits << 5 | u32::try_from(value).ok()?;
        held += 5;
        if held >= 8 {
            held -= 8;
            key.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    (key.len() >= 16).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1; the last six of its eight digits.
    #[test]
    fn the_vectors_of_the_standard_hold() {
        let key = b"12345678901234567890";
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(accept(key, code, time, None), Some(time / 30), "{time}");
        }
    }

    #[test]
    fn a_code_works_once_and_for_a_minute_and_a_half() {
        let key = b"12345678901234567890";
        assert_eq!(accept(key, "287082", 59 + 30, None), Some(1));
        assert_eq!(accept(key, "287082", 59 + 61, None), None);
        assert_eq!(accept(key, "287082", 59, Some(1)), None);
        assert_eq!(accept(key, "28708", 59, None), None);
        assert_eq!(accept(key, "", 59, None), None);
    }

    #[test]
    fn a_secret_survives_being_written() {
        let key = *b"12345678901234567890";
        let text = write_secret(&key);
        assert_eq!(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(read_secret(&text.to_lowercase()).as_deref(), Some(&key[..]));
        assert_eq!(read_secret("GEZD"), None);
        assert_eq!(read_secret("not base32!"), None);
    }
}
