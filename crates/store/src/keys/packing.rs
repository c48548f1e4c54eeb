//! How is a text made small before it is encrypted?
//!
//! An encrypted text cannot be compressed any more, and the large ones are JSON with the same names again and again. So they are
//! compressed first (LZ4 blocks), against a dictionary of these names: what is packed and what is not are told apart by the first
//! byte, which no text has. Values written before this came, and short ones, stand as they are.

use super::blocks::{Dictionary, positions_in};

/// No text in UTF-8 begins with it.
const MARK: u8 = 0xff;
/// The first dictionary. Values on disk depend on every byte of it: another one gets another number.
const FIRST: u8 = 1;
static WORDS: &[u8] = include_bytes!("dictionary.txt");
static DICTIONARY: Dictionary = Dictionary::new(WORDS, || positions_in(WORDS));
/// Shorter texts gain nothing.
const SHORTEST: usize = 96;
/// Mark, dictionary and length.
const HEAD: usize = 6;

/// The bytes of a text, packed when that is shorter.
pub(super) fn pack(text: &str) -> Vec<u8> {
    let Some(length) = u32::try_from(text.len()).ok().filter(|_| text.len() >= SHORTEST) else { return text.into() };
    let long = || lz4_flex::block::compress_with_dict(text.as_bytes(), WORDS);
    let block = DICTIONARY.compress(text.as_bytes()).unwrap_or_else(long);
    if block.len() + HEAD >= text.len() {
        return text.into();
    }
    let mut bytes = Vec::with_capacity(HEAD + block.len() + 32);
    bytes.extend_from_slice(&[MARK, FIRST]);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&block);
    bytes
}

/// The text of these bytes; `None` when they are neither text nor packed in a way that is known here.
pub(super) fn unpack(bytes: Vec<u8>) -> Option<String> {
    let [MARK, rest @ ..] = bytes.as_slice() else { return String::from_utf8(bytes).ok() };
    let [FIRST, a, b, c, d, block @ ..] = rest else { return None };
    let length = usize::try_from(u32::from_le_bytes([*a, *b, *c, *d])).ok()?;
    // A block grows at most 255 times: a length beyond that was never written.
    let length = Some(length).filter(|length| *length <= (block.len() + WORDS.len()).saturating_mul(256))?;
    String::from_utf8(lz4_flex::block::decompress_with_dict(block, length, WORDS).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn json_with_known_names_shrinks_and_comes_back() {
        let golden = r#"{"values":{"division":{"value":"440106","record":3298534883329,"rule":"only","agreeing":1,"differing":0},"land_use":{"value":"0702","record":3298534883329,"rule":"only","agreeing":1,"differing":0},"parcel_code":{"value":"440106001001JC00001","record":3298534883329,"rule":"only","agreeing":1,"differing":0}}}"#;
        let packed = pack(golden);
        assert!(packed.len() * 3 < golden.len(), "{} of {}", packed.len(), golden.len());
        assert_eq!(unpack(packed).as_deref(), Some(golden));
        for text in ["", "{}", "张三", &"x".repeat(95), "\u{1}short"] {
            assert_eq!((pack(text).as_slice(), unpack(text.into()).as_deref()), (text.as_bytes(), Some(text)));
        }
    }

    #[test]
    fn the_dictionary_is_the_one_that_values_on_disk_were_packed_with() {
        let digest: String = Sha256::digest(WORDS).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, "7484817febfdded14489dc74f18cb6f5c16e69b5783daa339ae868d47c26b20d");
    }

    #[test]
    fn what_nobody_packed_is_refused() {
        for bytes in [
            vec![MARK],
            vec![MARK, 2, 1, 0, 0, 0, 0],
            vec![MARK, FIRST, 255, 255, 255, 255, 0],
            vec![MARK, FIRST, 9, 0, 0, 0, 240],
            vec![0xc3],
        ] {
            assert_eq!(unpack(bytes.clone()), None, "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in "\\PC{0,400}", names in "([a-z_]{1,12}\":\"){0,60}") {
            for text in [text, names] {
                prop_assert_eq!(unpack(pack(&text)), Some(text));
            }
        }

        #[test]
        fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            unpack([vec![MARK, FIRST], bytes].concat());
        }
    }
}
