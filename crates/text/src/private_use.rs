//! Which code point did a private-use character of the old national character sets get later?

use std::sync::LazyLock;

use crate::table::{Table, rows, table};

static MAPPED: LazyLock<Table<char, char>> = LazyLock::new(|| {
    let mut mapped = table(128);
    for row in rows(include_str!("../../../fixtures/reference/private_use_gbk.csv")) {
        let hex = |text: &str| u32::from_str_radix(text, 16).ok().and_then(char::from_u32);
        if let (Some(private), Some(public)) = (hex(row[0]), hex(row[1])) {
            mapped.insert(private, public);
        }
    }
    mapped
});

/// The public code point of a private-use character of GBK and GB 18030-2000 (user-defined area FE50–FEA0).
///
/// A character of any other private area has no meaning outside the system that made it: none.
#[must_use]
pub fn public_form(c: char) -> Option<char> {
    MAPPED.get(&c).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_national_area_is_known_and_no_other() {
        assert_eq!(public_form('\u{E816}'), Some('\u{20087}'));
        assert_eq!(public_form('\u{E863}'), Some('\u{4DAE}'));
        assert_eq!(public_form('\u{E000}'), None);
        assert_eq!(public_form('张'), None);
    }
}
