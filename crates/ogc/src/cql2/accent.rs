//! What is a text without case and without accents?

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text without its accents: `é` as `e`.
pub(super) fn without_accents(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).nfc().collect()
}

/// The text as it compares without regard to case.
pub(super) fn without_case(text: &str) -> String {
    // Upper first: ß and SS then agree.
    text.to_uppercase().to_lowercase()
}
