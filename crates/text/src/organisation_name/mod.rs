//! What is an organisation called, and how is the name compared?
//!
//! A company name is division + trade name (字号) + industry + form; a branch adds its own part to its parent's name.

mod parse;
mod read;
mod relation;
mod words;

pub use parse::{OrganisationName, parse};
pub use read::{NameIssue, NameReading, normalise, read};
pub use relation::{OrganisationRelation, relate};

use crate::simplified::simplify;

/// The form in which names are compared for equality: simplified, upper case, 有限责任公司 as 有限公司 (registers drop
/// and add 责任). Takes a normalised name.
#[must_use]
pub fn comparison_key(name: &str) -> String {
    let key = simplify(name);
    let key = if key.contains("有限责任公司") { key.replace("有限责任公司", "有限公司") } else { key.into_owned() };
    if key.bytes().any(|byte| byte.is_ascii_lowercase()) { key.to_ascii_uppercase() } else { key }
}
