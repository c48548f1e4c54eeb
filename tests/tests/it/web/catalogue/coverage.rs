//! Which rows of the catalogue are asked, and which are not yet?

use std::collections::BTreeSet;

/// Rows that no test here asks, each with the reason. The list may only shrink: a row that a test names must not be here.
const NOT_ASKED: &[(u32, &str)] = &[
    (27, "a name that a hundred thousand people share: a measure of speed, docs/benchmarks.md"),
    (73, "no polygon is known that panics the library; a panic in one record is contained, as a test of the registry shows"),
    (99, "there are no webhooks: changes are fetched, the service calls nobody"),
    (100, "there are no webhooks: changes are fetched, the service calls nobody"),
];

/// How long the list was at its shortest.
const MOST: usize = 4;

#[test]
fn every_row_is_asked_or_says_why_not() {
    let mut asked = BTreeSet::new();
    for text in
        [include_str!("api.rs"), include_str!("geometry.rs"), include_str!("rights.rs"), include_str!("values.rs"), include_str!("wire.rs")]
    {
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
    let waiting: BTreeSet<u32> = NOT_ASKED.iter().map(|(number, _)| *number).collect();
    let lost: Vec<u32> = (1..=100).filter(|number| !asked.contains(number) && !waiting.contains(number)).collect();
    assert!(lost.is_empty(), "these rows are neither asked nor explained: {lost:?}");
    let both: Vec<&u32> = waiting.intersection(&asked).collect();
    assert!(both.is_empty(), "these rows are asked: take them off the list: {both:?}");
    assert!(NOT_ASKED.len() <= MOST, "the list may only shrink");
}
