//! Is every row of the catalogue asked?

use std::collections::BTreeSet;

#[test]
fn every_row_is_asked() {
    let mut asked = BTreeSet::new();
    for text in [
        include_str!("api.rs"),
        include_str!("geometry.rs"),
        include_str!("otherwise.rs"),
        include_str!("rights.rs"),
        include_str!("values.rs"),
        include_str!("wire.rs"),
    ] {
        for (at, _) in text.match_indices('B') {
            let digits: String = text[at + 1..].chars().take_while(char::is_ascii_digit).collect();
            let before = text[..at].chars().last();
            if let Ok(number) = digits.parse::<u32>()
                && matches!(before, Some('"' | ' ' | '–'))
            {
                asked.insert(number);
            }
        }
        // B19–B25 and the like.
        for (at, _) in text.match_indices('–') {
            let first = text[..at].rsplit('B').next().and_then(|digits| digits.parse::<u32>().ok());
            let last =
                text[at + '–'.len_utf8()..].strip_prefix('B').map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
            if let (Some(first), Some(Ok(last))) = (first, last.map(|digits| digits.parse::<u32>())) {
                asked.extend(first..=last);
            }
        }
    }
    let lost: Vec<u32> = (1..=100).filter(|number| !asked.contains(number)).collect();
    assert!(lost.is_empty(), "these rows are not asked: {lost:?}");
}
