//! Whose token is this, when another service has signed it?
//!
//! OpenID Connect: an identity provider that the operator names signs who somebody is and which roles they have; here the
//! signature, the issuer, the audience and the times are checked, and the provider's words become ours. A token that fails
//! anywhere is refused without a reason.

mod keys;
mod token;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiku_model::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use self::keys::KeySet;
use crate::{OpenError, Role};

/// How tokens of one identity provider are read: a TOML file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OidcSettings {
    /// The provider, exactly as its tokens say.
    issuer: String,
    /// Us, as its tokens say.
    audience: String,
    /// The file with the provider's public keys (RFC 7517), read anew when it changes; relative to the settings.
    jwks: PathBuf,
    /// The signature algorithms that are accepted.
    #[serde(default = "usual_algorithms")]
    algorithms: Vec<token::Algorithm>,
    /// How long a token may live at most, in seconds.
    #[serde(default = "usual_life")]
    longest_life_s: i64,
    /// Where in a token things stand.
    #[serde(default)]
    claims: Claims,
    /// Which of the provider's words is which of our roles; a role of ours by its own name unless there is a table.
    #[serde(default)]
    roles: BTreeMap<String, String>,
}

/// The names of claims; a dot leads into an object.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Claims {
    principal: String,
    department: String,
    roles: String,
    divisions: String,
}

impl Default for Claims {
    fn default() -> Self {
        let [principal, department, roles, divisions] = ["sub", "department", "roles", "divisions"].map(str::to_owned);
        Self { principal, department, roles, divisions }
    }
}

fn usual_algorithms() -> Vec<token::Algorithm> {
    vec![token::Algorithm::RS256, token::Algorithm::PS256, token::Algorithm::ES256, token::Algorithm::EdDSA]
}

const fn usual_life() -> i64 {
    600
}

/// Whom a good token names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) principal: String,
    pub(crate) department: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) divisions: Vec<String>,
}

/// An identity provider whose tokens are accepted.
pub(crate) struct Provider {
    settings: OidcSettings,
    roles: BTreeMap<String, Role>,
    keys: KeySet,
}

impl Provider {
    /// Reads the settings and the keys.
    pub(crate) fn open(file: &Path) -> Result<Self, OpenError> {
        let wrong = |reason: String| OpenError::Oidc { file: file.display().to_string(), reason };
        let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
        let settings: OidcSettings = toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
        if settings.issuer.is_empty() || settings.audience.is_empty() || settings.algorithms.is_empty() {
            return Err(wrong("issuer, audience and algorithms must not be empty".to_owned()));
        }
        let own = Role::ALL.into_iter().map(|role| (role.as_str().to_owned(), role));
        let named = settings
            .roles
            .iter()
            .map(|(theirs, ours)| Ok((theirs.clone(), ours.parse::<Role>().map_err(|error| wrong(error.to_string()))?)));
        let roles = if settings.roles.is_empty() { own.collect() } else { named.collect::<Result<_, OpenError>>()? };
        let place = file.parent().unwrap_or(Path::new(".")).join(&settings.jwks);
        let keys = KeySet::open(place).map_err(wrong)?;
        Ok(Self { settings, roles, keys })
    }

    /// Whether a text has the form of a signed token: three parts, the first a JSON object in base64.
    pub(crate) fn may_have_signed(text: &str) -> bool {
        text.starts_with("eyJ") && text.bytes().filter(|byte| *byte == b'.').count() == 2
    }

    /// Whom a token names at this moment; none when anything is wrong with it.
    pub(crate) fn read(&self, text: &str, now: Timestamp) -> Option<Named> {
        let keys = self.keys.at_hand();
        let claims = token::verified(text, &keys, &self.settings.algorithms)?;
        self.is_for_us(&claims, now.timestamp()).then_some(())?;
        let principal = text_at(&claims, &self.settings.claims.principal).filter(|name| is_name(name))?;
        let department = text_at(&claims, &self.settings.claims.department).filter(|name| is_name(name))?;
        let mut roles: Vec<Role> =
            words_at(&claims, &self.settings.claims.roles).iter().filter_map(|word| self.roles.get(word).copied()).collect();
        roles.sort_unstable();
        roles.dedup();
        let divisions = divisions_at(&claims, &self.settings.claims.divisions)?;
        Some(Named { principal, department, roles, divisions })
    }

    /// Issuer, audience and times (RFC 7519, clause 4.1), with a minute for clocks that differ.
    fn is_for_us(&self, claims: &Map<String, Value>, now: i64) -> bool {
        const LEEWAY_S: i64 = 60;
        let time = |name: &str| claims.get(name).and_then(Value::as_f64).map(|seconds| seconds as i64);
        let audience = match claims.get("aud") {
            Some(Value::String(one)) => *one == self.settings.audience,
            Some(Value::Array(several)) => several.iter().any(|one| *one == self.settings.audience),
            _ => false,
        };
        let (Some(ends), Some(begins)) = (time("exp"), time("iat")) else { return false };
        let waits = time("nbf").is_some_and(|from| from > now.saturating_add(LEEWAY_S));
        audience
            && claims.get("iss").is_some_and(|issuer| *issuer == self.settings.issuer)
            && ends.saturating_add(LEEWAY_S) > now
            && begins <= now.saturating_add(LEEWAY_S)
            && ends.saturating_sub(begins) <= self.settings.longest_life_s
            && !waits
    }
}

fn is_name(text: &str) -> bool {
    (1..=200).contains(&text.len()) && !text.trim().is_empty() && !text.chars().any(char::is_control)
}

/// The value under a name; a dot leads into an object, unless the whole name is that of a claim.
fn at<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    claims.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        at(claims.get(first)?.as_object()?, rest)
    })
}

fn text_at(claims: &Map<String, Value>, name: &str) -> Option<String> {
    at(claims, name)?.as_str().map(str::to_owned)
}

/// The divisions that a token names, none when it has no such claim. No divisions mean everywhere, so a claim that is there and is no list of
/// codes makes the token a bad one.
fn divisions_at(claims: &Map<String, Value>, name: &str) -> Option<Vec<String>> {
    let Some(claim) = at(claims, name) else { return Some(Vec::new()) };
    let words = words_at(claims, name);
    let given = claim.as_array().map_or(words.len(), Vec::len);
    let is_code = |word: &String| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    (given > 0 && words.len() == given && words.iter().all(is_code)).then_some(words)
}

/// The words of a list, or of a text with spaces.
fn words_at(claims: &Map<String, Value>, name: &str) -> Vec<String> {
    match at(claims, name) {
        Some(Value::Array(words)) => words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect(),
        Some(Value::String(words)) => words.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
