//! What is a person called, and how is the name compared?

mod parts;
mod read;
mod relation;

pub use parts::{NameParts, splits};
pub use read::{NameIssue, NameReading, normalise, read};
pub use relation::{NameRelation, relate};

use std::borrow::Cow;

use crate::characters::is_han;
use crate::simplified::simplify_char;
use crate::{private_use, reading, surnames};

/// The form in which names are compared for equality: simplified, Latin letters in upper case, private-use characters
/// with a known code point replaced. Takes a normalised name.
#[must_use]
pub fn comparison_key(name: &str) -> Cow<'_, str> {
    let fold = |c: char| {
        let c = private_use::public_form(c).unwrap_or(c);
        if c.is_ascii() { c.to_ascii_uppercase() } else { simplify_char(c) }
    };
    if name.chars().all(|c| fold(c) == c) { Cow::Borrowed(name) } else { Cow::Owned(name.chars().map(fold).collect()) }
}

/// The reading of a whole name, run together: the surname as surnames are read (单雄信 is `shanxiongxin`), Latin names in
/// lower case without spaces. Takes a comparison key.
#[must_use]
pub fn full_reading(name: &str) -> String {
    let mut run = String::with_capacity(name.len() * 2);
    let mut rest = name.chars();
    match NameParts::of(name).surname {
        Some(surname) if surname.starts_with(is_han) => {
            let mut characters = surname.chars();
            match (characters.next(), characters.next()) {
                (Some(first), Some(second)) if surnames::compound(first, second).is_some() => {
                    run.push_str(surnames::compound(first, second).map_or("", |found| found.reading));
                }
                (first, second) => {
                    for c in first.into_iter().chain(second) {
                        run.push_str(surnames::reading(c).unwrap_or_default());
                    }
                }
            }
            rest.by_ref().take(surname.chars().count()).for_each(drop);
        }
        _ => {}
    }
    for c in rest {
        reading::push(&mut run, c);
    }
    run
}

/// The other readings under which the name may be looked for, because its surname is read in two ways.
#[must_use]
pub fn other_readings(name: &str) -> Vec<String> {
    let mut characters = name.chars();
    let Some(first) = characters.next().filter(|&c| is_han(c)) else { return Vec::new() };
    let given: String = reading::readings(characters.as_str());
    surnames::other_readings(first).map(|surname| format!("{surname}{given}")).collect()
}

/// The first letters of the reading.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut initials = reading::initials(name);
    if let Some(first) = name.chars().next().and_then(surnames::reading).and_then(|surname| surname.chars().next())
        && !initials.is_empty()
    {
        initials.replace_range(..1, first.encode_utf8(&mut [0; 4]));
    }
    initials
}
