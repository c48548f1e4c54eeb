//! Is a token signed by one of these keys?
//!
//! JSON Web Signature in its compact form (RFC 7515) with the guards of RFC 8725: the algorithm comes from our list and must be
//! one of the key's own kind, the key comes from the provider's set and never from the token.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::keys::{Material, PublicKey};

/// The longest token, in bytes.
const LONGEST: usize = 8 * 1024;

/// A signature algorithm (RFC 7518, clause 3, and RFC 8037). There is no `none` and none with a shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Algorithm {
    RS256,
    RS384,
    RS512,
    PS256,
    PS384,
    PS512,
    ES256,
    ES384,
    EdDSA,
}

/// The head of a token.
#[derive(Deserialize)]
struct Head {
    alg: Algorithm,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
    jwk: Option<Value>,
    jku: Option<Value>,
    x5c: Option<Value>,
    x5u: Option<Value>,
}

impl Head {
    /// Whether it asks for nothing that is not done here: extensions, keys of its own, another kind of token.
    fn is_plain(&self) -> bool {
        let own_key = [&self.crit, &self.jwk, &self.jku, &self.x5c, &self.x5u].into_iter().any(Option::is_some);
        let kind = self.typ.as_deref().map(|typ| typ.trim_start_matches("application/").to_ascii_lowercase());
        !own_key && kind.is_none_or(|kind| matches!(kind.as_str(), "jwt" | "at+jwt"))
    }
}

/// The claims of a token that one of the keys has signed.
pub(super) fn verified(text: &str, keys: &[PublicKey], allowed: &[Algorithm]) -> Option<Map<String, Value>> {
    if text.len() > LONGEST {
        return None;
    }
    let (signed, signature) = text.rsplit_once('.')?;
    let (head, body) = signed.split_once('.')?;
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
    let head: Head = serde_json::from_slice(&decode(head)?).ok()?;
    if !head.is_plain() || !allowed.contains(&head.alg) {
        return None;
    }
    let signature = decode(signature)?;
    let fitting = keys.iter().filter(|key| suits(key, &head));
    let mut candidates = fitting.filter(|key| head.kid.is_none() || key.id == head.kid);
    let key = candidates.next()?;
    // Without a name the key must be the only one that it can be.
    if candidates.next().is_some() || !is_signed(head.alg, &key.material, signed.as_bytes(), &signature) {
        return None;
    }
    serde_json::from_slice(&decode(body)?).ok()
}

/// Whether a key is for the algorithm of a head.
fn suits(key: &PublicKey, head: &Head) -> bool {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    let own = key.algorithm.as_deref().is_none_or(|name| name == format!("{:?}", head.alg));
    own && matches!(
        (head.alg, &key.material),
        (RS256 | RS384 | RS512 | PS256 | PS384 | PS512, Material::Rsa { .. })
            | (ES256, Material::P256(_))
            | (ES384, Material::P384(_))
            | (EdDSA, Material::Ed25519(_))
    )
}

fn is_signed(algorithm: Algorithm, key: &Material, message: &[u8], signature: &[u8]) -> bool {
    match key {
        Material::Rsa { n, e } => {
            let parameters = match algorithm {
                Algorithm::RS256 => &signature::RSA_PKCS1_2048_8192_SHA256,
                Algorithm::RS384 => &signature::RSA_PKCS1_2048_8192_SHA384,
                Algorithm::RS512 => &signature::RSA_PKCS1_2048_8192_SHA512,
                Algorithm::PS256 => &signature::RSA_PSS_2048_8192_SHA256,
                Algorithm::PS384 => &signature::RSA_PSS_2048_8192_SHA384,
                Algorithm::PS512 => &signature::RSA_PSS_2048_8192_SHA512,
                Algorithm::ES256 | Algorithm::ES384 | Algorithm::EdDSA => return false,
            };
            // The number without leading zeros, as the library wants it.
            let n = &n[n.iter().take_while(|byte| **byte == 0).count()..];
            RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).is_ok()
        }
        Material::P256(point) => UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok(),
        Material::P384(point) => UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point).verify(message, signature).is_ok(),
        Material::Ed25519(point) => UnparsedPublicKey::new(&signature::ED25519, point).verify(message, signature).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::keys_of;
    use super::*;

    const ALL: [Algorithm; 9] = [
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::EdDSA,
    ];

    #[test]
    fn every_rsa_algorithm_is_checked_as_another_implementation_signs() {
        let file: Value = serde_json::from_str(include_str!("../../../../fixtures/oidc/rsa.json")).expect("JSON");
        let keys = keys_of(&file.to_string()).expect("keys");
        for (name, token) in file["tokens"].as_object().expect("tokens") {
            let token = token.as_str().expect("a text");
            let own: Vec<Algorithm> = ALL.into_iter().filter(|algorithm| format!("{algorithm:?}") == *name).collect();
            assert_eq!(verified(token, &keys, &own).expect("signed")["sub"], "lin", "{name}");
            let others: Vec<Algorithm> = ALL.into_iter().filter(|algorithm| !own.contains(algorithm)).collect();
            assert_eq!(verified(token, &keys, &others), None, "{name} is not on the list");
            let mut bent = token.to_owned();
            bent.replace_range(token.len() - 5..token.len() - 4, if &token[token.len() - 5..token.len() - 4] == "A" { "B" } else { "A" });
            assert_eq!(verified(&bent, &keys, &ALL), None, "{name} with another signature");
        }
    }

    /// The example of RFC 7515, appendix A.3.
    #[test]
    fn the_example_of_the_standard_is_signed() {
        let keys = keys_of(
            r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#,
        )
        .expect("a key");
        let token = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
        assert_eq!(verified(token, &keys, &ALL).expect("signed")["iss"], "joe");
        assert_eq!(verified(token, &keys, &[Algorithm::EdDSA]), None);
    }
}
