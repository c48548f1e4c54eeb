//! Of which sex are most who bear a given name?

use std::sync::LazyLock;

use crate::table::{Table, rows, table};

/// The characters of given names that mostly men or mostly women bear.
static SEXES: LazyLock<Table<char, &'static str>> = LazyLock::new(|| {
    let mut sexes = table(512);
    for row in rows(include_str!("../../../../fixtures/reference/given_name_chars.csv")) {
        let sex = match row[3] {
            "m" => "1",
            "f" => "2",
            _ => continue,
        };
        sexes.extend(row[0].chars().next().map(|character| (character, sex)));
    }
    sexes
});

/// The code of the sex (GB/T 2261.1) of most who bear a given name, by the last of its characters that tells one. Takes a name in its comparison form.
///
/// ```
/// use jiku_text::person_name::given_sex;
/// assert_eq!([given_sex("志平"), given_sex("志萍"), given_sex("文")], [Some("1"), Some("2"), None]);
/// ```
#[must_use]
pub fn given_sex(given: &str) -> Option<&'static str> {
    given.chars().rev().find_map(|character| SEXES.get(&character).copied())
}
