//! Is every reason code of people and legal persons in the catalogue?

const CATALOGUE: &str = include_str!("../../../docs/reason-codes.md");
const SOURCES: [&str; 3] =
    [include_str!("../../text/src/field.rs"), include_str!("../../person/src/parse.rs"), include_str!("../src/parse.rs")];

/// String literals that have the form of a reason code: lower-case words joined by hyphens.
fn codes(source: &str) -> impl Iterator<Item = &str> {
    source
        .split('"')
        .skip(1)
        .step_by(2)
        .filter(|text| text.contains('-') && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
}

#[test]
fn every_code_is_in_the_catalogue() {
    let mut seen = 0;
    for code in SOURCES.into_iter().flat_map(codes).chain(["required", "mojibake"]) {
        assert!(CATALOGUE.contains(&format!("`{code}`")), "{code} is missing in docs/reason-codes.md");
        seen += 1;
    }
    assert!(seen > 40, "only {seen} codes were found: the scan is broken");
}
