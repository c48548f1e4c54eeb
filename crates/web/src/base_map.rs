//! Where does a base map come from, if there is one?

use std::fmt;
use std::str::FromStr;

/// The template of a base map's tiles, such as `https://tiles.example/{z}/{x}/{y}.png`: the map works without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseMap(String);

/// The text is no template of tiles.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a base map is https://HOST/… or http://HOST/… with {{z}}, {{x}} and {{y}} in it, and without spaces, quotes or semicolons")]
pub struct NoBaseMap;

impl BaseMap {
    /// The template.
    #[must_use]
    pub fn template(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port: all that the policy of the map page lets through beside the server itself.
    pub(crate) fn origin(&self) -> &str {
        let host = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0[host..].find('/').map_or(self.0.len(), |at| host + at);
        &self.0[..end]
    }
}

impl FromStr for BaseMap {
    type Err = NoBaseMap;

    fn from_str(text: &str) -> Result<Self, NoBaseMap> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(NoBaseMap)?;
        let (host, path) = rest.split_once('/').ok_or(NoBaseMap)?;
        // The origin becomes part of a header: nothing in it may end the policy or begin another.
        let plain =
            !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']'));
        let whole = ["{z}", "{x}", "{y}"].iter().all(|part| path.contains(part));
        let quiet =
            !text.chars().any(|letter| letter.is_whitespace() || letter.is_control() || matches!(letter, '"' | '\'' | ';' | '<' | '>'));
        if plain && whole && quiet { Ok(Self(text.to_owned())) } else { Err(NoBaseMap) }
    }
}

impl fmt::Display for BaseMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_map_names_one_origin_and_nothing_that_could_widen_the_policy() {
        let map: BaseMap = "https://tiles.example:8443/vec/{z}/{x}/{y}.png?tk=1".parse().expect("a template");
        assert_eq!(map.origin(), "https://tiles.example:8443");
        for bad in [
            "tiles.example/{z}/{x}/{y}",
            "ftp://tiles.example/{z}/{x}/{y}",
            "https://tiles.example/{z}/{x}",
            "https:///{z}/{x}/{y}",
            "https://a; script-src *//{z}/{x}/{y}",
            "https://user@host/{z}/{x}/{y}",
            "https://host/{z}/{x}/{y} ",
        ] {
            assert_eq!(bad.parse::<BaseMap>(), Err(NoBaseMap), "{bad}");
        }
    }
}
