//! Is every reason code of parcels in the catalogue?

const CATALOGUE: &str = include_str!("../../../docs/reason-codes.md");
const SOURCES: [&str; 3] =
    [include_str!("../src/parse.rs"), include_str!("../src/rights.rs"), include_str!("../../spatial/src/problem.rs")];

/// String literals that have the form of a reason code: lower-case words joined by hyphens.
fn codes(source: &str) -> impl Iterator<Item = &str> {
    let form =
        |text: &&str| text.contains('-') && !text.ends_with('-') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    source.split('"').skip(1).step_by(2).filter(form)
}

#[test]
fn every_code_is_in_the_catalogue() {
    // The first half of the codes of code faults; the catalogue names them with their ends.
    let prefixes = ["parcel-code", "unit-code"];
    let mut seen = 0;
    for code in SOURCES.into_iter().flat_map(codes).filter(|code| !prefixes.contains(code)) {
        assert!(CATALOGUE.contains(&format!("`{code}`")), "{code} is missing in docs/reason-codes.md");
        seen += 1;
    }
    assert!(seen > 30, "only {seen} codes were found: the scan is broken");
}
