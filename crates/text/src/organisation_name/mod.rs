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
/// and add 责任), short forms of authorities written out (市监局). Takes a normalised name.
#[must_use]
pub fn comparison_key(name: &str) -> String {
    let key = simplify(name);
    let mut key = if key.contains("有限责任公司") { key.replace("有限责任公司", "有限公司") } else { key.into_owned() };
    if key.ends_with(['局', '委', '办', '会'])
        && let Some((short, long)) = words::SHORT_AUTHORITIES.iter().find(|(short, _)| key.ends_with(short))
    {
        key.truncate(key.len() - short.len());
        key.push_str(long);
    }
    if key.bytes().any(|byte| byte.is_ascii_lowercase()) { key.to_ascii_uppercase() } else { key }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_of_authorities_are_written_out() {
        for (short, long) in [
            ("天河区市监局", "天河区市场监督管理局"),
            ("广州市卫健委", "广州市卫生健康委员会"),
            ("石牌街道办", "石牌街道办事处"),
            ("大和村委会", "大和村民委员会"),
            ("广州市公安局", "广州市公安局"),
        ] {
            assert_eq!(comparison_key(short), long);
        }
    }
}
