//! How does an encrypted value look in a column?
//!
//! `~`, a letter for the algorithm, the number of the key, a full stop, and base64url of the bytes:
//!
//! | letter | algorithm | bytes | same text, same value |
//! |---|---|---|---|
//! | `G` | AES-256-GCM | ciphertext, tag of 16, nonce of 12 | no |
//! | `S` | AES-256-GCM-SIV under a fixed nonce (RFC 8452) | ciphertext, tag of 16 | yes, so that it can be looked up |
//!
//! Before it is encrypted at random a long text is packed ([`super::packing`]).
//!
//! `4` is kept for SM4-GCM, `5` for a look-up under SM4: a value with either is refused by a version without them, and never taken for a
//! text. What begins otherwise was written before encryption came and is read as it stands.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The letter of AES-256-GCM.
pub(crate) const RANDOM: char = 'G';

/// The letter of AES-256-GCM-SIV under a fixed nonce.
pub(crate) const LOOKUP: char = 'S';

/// What a value under this algorithm and key begins with.
pub(crate) fn prefix(algorithm: char, key: i32) -> String {
    format!("~{algorithm}{key}.")
}

/// The value of these bytes.
pub(crate) fn write(algorithm: char, key: i32, bytes: &[u8]) -> String {
    let mut text = prefix(algorithm, key).into_bytes();
    let (head, longest) = (text.len(), bytes.len().div_ceil(3) * 4);
    text.resize(head + longest, 0);
    let length = URL_SAFE_NO_PAD.encode_slice(bytes, &mut text[head..]).expect("four digits for three bytes are enough");
    text.truncate(head + length);
    String::from_utf8(text).expect("digits are ASCII")
}

/// Algorithm, key and bytes of a value; `None` when the text is no encrypted value.
pub(crate) fn read(text: &str) -> Option<(char, i32, Vec<u8>)> {
    let (head, body) = text.strip_prefix('~')?.split_once('.')?;
    let algorithm = head.chars().next().filter(char::is_ascii_alphanumeric)?;
    let key = head[1..].parse().ok()?;
    Some((algorithm, key, URL_SAFE_NO_PAD.decode(body).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_names_its_algorithm_and_its_key() {
        let text = write(RANDOM, 12, &[0, 1, 254, 255]);
        assert_eq!(text, "~G12.AAH-_w");
        assert_eq!(read(&text), Some((RANDOM, 12, vec![0, 1, 254, 255])));
    }

    #[test]
    fn what_was_never_encrypted_is_told_apart() {
        for plain in ["", "{}", "[1]", "11010119900307003X", "~", "~.", "~G.", "~Gx.AA", "~G1", "~G1.*", "~张1.AA"] {
            assert_eq!(read(plain), None, "{plain}");
        }
    }
}
