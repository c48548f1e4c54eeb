//! In which character set is a file?

use std::borrow::Cow;
use std::str::FromStr;

use encoding_rs::{Encoding, GB18030, UTF_8};

/// A character set a sender can declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// GB 18030, which holds GBK and GB 2312.
    Gb18030,
}

/// The text names no character set that is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("charset must be utf-8 or gb18030 (gbk, gb2312), got {0:?}")]
pub struct UnknownCharset(pub String);

impl FromStr for Charset {
    type Err = UnknownCharset;

    fn from_str(text: &str) -> Result<Self, UnknownCharset> {
        match Encoding::for_label(text.trim().as_bytes()) {
            Some(encoding) if encoding == UTF_8 => Ok(Self::Utf8),
            // The label gb2312 and its kin mean GBK to the WHATWG, of which GB 18030 is a superset.
            Some(encoding) if encoding == GB18030 || encoding == encoding_rs::GBK => Ok(Self::Gb18030),
            _ => Err(UnknownCharset(text.to_owned())),
        }
    }
}

impl Charset {
    /// The name on the command line and in mapping files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gb18030 => "gb18030",
        }
    }

    /// The text these bytes spell, or how many of them are good.
    pub(crate) fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| error.valid_up_to()),
            Self::Gb18030 if bytes.is_ascii() => Ok(Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect())),
            Self::Gb18030 => {
                let mut decoder = GB18030.new_decoder_without_bom_handling();
                let mut text = String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(0));
                match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
                    (encoding_rs::DecoderResult::InputEmpty, _) => Ok(Cow::Owned(text)),
                    (encoding_rs::DecoderResult::Malformed(length, _), read) => Err(read.saturating_sub(usize::from(length))),
                    (encoding_rs::DecoderResult::OutputFull, read) => Err(read),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bad_byte_is_counted() {
        assert_eq!(Charset::Utf8.decode(b"ab\xd5\xc5"), Err(2));
        assert_eq!(Charset::Gb18030.decode(b"\xd5\xc5\xce\xb0"), Ok(Cow::Borrowed("张伟")));
        assert_eq!(Charset::Gb18030.decode(b"ab\xff"), Err(2));
        // A character beyond the basic plane takes four bytes.
        let (bytes, ..) = GB18030.encode("𠮷");
        assert_eq!(Charset::Gb18030.decode(&bytes).as_deref(), Ok("𠮷"));
    }

    #[test]
    fn old_names_mean_gb18030() {
        for name in ["GB18030", "gbk", "GB2312", "gb_2312-80"] {
            assert_eq!(name.parse(), Ok(Charset::Gb18030), "{name}");
        }
        assert!("latin1".parse::<Charset>().is_err());
    }
}
