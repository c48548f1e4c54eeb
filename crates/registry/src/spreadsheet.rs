//! What does a spreadsheet make of a value?

use std::borrow::Cow;

/// The value as a cell that no spreadsheet runs: one that begins like a formula gets a quote before it (OWASP ASVS 5.0, 1.2.10), also
/// one whose first sign is wide, as East Asian input methods write it.
#[must_use]
pub fn guarded_cell(value: &str) -> Cow<'_, str> {
    if value.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n', '\0']) {
        Cow::Owned(format!("'{value}"))
    } else {
        Cow::Borrowed(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_is_quoted() {
        for value in ["=HYPERLINK(1)", "+8613800138000", "-1", "@a", "\t=1", "\n=1", "＝1+1", "＠a"] {
            assert_eq!(guarded_cell(value), format!("'{value}"));
        }
        assert_eq!(guarded_cell("张伟"), "张伟");
    }
}
