//! What is inside a paging cursor?
//!
//! The position the registry gave, bound to the list it was given for: an altered cursor, or one from another list, filter
//! or caller, is refused instead of answering with the wrong page. It carries no rights, so a checksum is enough.

use sha2::{Digest, Sha256};

use crate::problem::{self, Problem};

const CHECK_BYTES: usize = 12;

/// The opaque text of a position in `list`: the endpoint, its filters and the caller, in any fixed wording.
pub(crate) fn wrap(list: &str, position: &str) -> String {
    let mut bytes = check(list, position).to_vec();
    bytes.extend_from_slice(position.as_bytes());
    encode(&bytes)
}

/// The position inside a cursor that was given out for `list`.
pub(crate) fn unwrap(list: &str, cursor: &str) -> Result<String, Problem> {
    let invalid = || {
        Problem::new(problem::CURSOR_INVALID).detail("use next_cursor of the page before, with the same filters, or leave the cursor out")
    };
    let bytes = decode(cursor).ok_or_else(invalid)?;
    let (sum, position) = bytes.split_at_checked(CHECK_BYTES).ok_or_else(invalid)?;
    let position = std::str::from_utf8(position).map_err(|_| invalid())?;
    if check(list, position) == sum { Ok(position.to_owned()) } else { Err(invalid()) }
}

fn check(list: &str, position: &str) -> [u8; CHECK_BYTES] {
    let mut hash = Sha256::new();
    hash.update(b"jiku cursor 1\0");
    hash.update(list.as_bytes());
    hash.update([0]);
    hash.update(position.as_bytes());
    let mut sum = [0; CHECK_BYTES];
    sum.copy_from_slice(&hash.finalize()[..CHECK_BYTES]);
    sum
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 for URLs without padding (RFC 4648, clause 5).
fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(ALPHABET[(group >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

/// The bytes, if the text is what [`encode`] makes of them: one text for one value.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    for chunk in text.as_bytes().chunks(4) {
        let mut group = 0_u32;
        for byte in chunk {
            group = group << 6 | u32::try_from(ALPHABET.iter().position(|letter| letter == byte)?).ok()?;
        }
        group <<= 6 * (4 - chunk.len());
        bytes.extend_from_slice(&group.to_be_bytes()[1..chunk.len()]);
    }
    (encode(&bytes) == text).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_for_its_own_list_only() {
        for position in ["", "1", "12", "123", "2026-05-01|0190a7a0"] {
            let cursor = wrap("reviews open", position);
            assert_eq!(unwrap("reviews open", &cursor).expect("our own cursor"), position);
            assert_eq!(unwrap("reviews closed", &cursor).map_err(|p| p.slug().to_owned()), Err("cursor-invalid".to_owned()));
        }
    }

    #[test]
    fn what_nobody_gave_out_is_refused() {
        for number in 0..5_000_u32 {
            let bytes = Sha256::digest(number.to_le_bytes());
            let bytes = &bytes[..number as usize % (bytes.len() + 1)];
            for text in [String::from_utf8_lossy(bytes).into_owned(), encode(bytes)] {
                assert!(unwrap("changes", &text).is_err(), "{text:?}");
            }
        }
    }

    #[test]
    fn every_altered_character_is_noticed() {
        let cursor = wrap("changes", "4711");
        for place in 0..cursor.len() {
            for letter in [b'A', b'b', b'!', b'_'] {
                let mut altered = cursor.clone().into_bytes();
                if altered[place] == letter {
                    continue;
                }
                altered[place] = letter;
                let altered = String::from_utf8(altered).expect("ASCII");
                assert!(unwrap("changes", &altered).is_err(), "{altered}");
            }
            assert!(unwrap("changes", &cursor[..place]).is_err());
        }
    }
}
