//! Which public keys does an identity provider sign with just now?
//!
//! A JSON Web Key Set (RFC 7517) in a file that the operator keeps fresh: it is read anew when it changes, so that keys roll
//! over while the service runs. A file that cannot be read leaves the keys that were good.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use serde::Deserialize;

/// How often the file is looked at.
const LOOKED_AT_EVERY: Duration = Duration::from_secs(2);

/// The largest set that is read.
const MOST_BYTES: u64 = 1 << 20;

/// A public key for signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

/// A key with its name, and the one algorithm it is for when the set says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PublicKey {
    pub(super) id: Option<String>,
    pub(super) algorithm: Option<String>,
    pub(super) material: Material,
}

/// The keys of a file.
pub(super) struct KeySet {
    file: PathBuf,
    known: Mutex<Known>,
}

struct Known {
    keys: Arc<Vec<PublicKey>>,
    written: Option<(SystemTime, u64)>,
    looked: Instant,
}

impl KeySet {
    pub(super) fn open(file: PathBuf) -> Result<Self, String> {
        let written = stamp(&file);
        let keys = Arc::new(read(&file)?);
        Ok(Self { file, known: Mutex::new(Known { keys, written, looked: Instant::now() }) })
    }

    /// The keys as the file has them, or had them a moment ago.
    pub(super) fn at_hand(&self) -> Arc<Vec<PublicKey>> {
        let mut known = self.known.lock();
        if known.looked.elapsed() >= LOOKED_AT_EVERY {
            known.looked = Instant::now();
            let written = stamp(&self.file);
            if written != known.written {
                match read(&self.file) {
                    Ok(keys) => (known.keys, known.written) = (Arc::new(keys), written),
                    Err(reason) => tracing::warn!(reason, "the identity provider's keys cannot be read; the former ones stay"),
                }
            }
        }
        Arc::clone(&known.keys)
    }
}

fn stamp(file: &PathBuf) -> Option<(SystemTime, u64)> {
    let facts = std::fs::metadata(file).ok()?;
    Some((facts.modified().ok()?, facts.len()))
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<Jwk>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

fn read(file: &PathBuf) -> Result<Vec<PublicKey>, String> {
    let about = |reason: String| format!("{}: {reason}", file.display());
    if std::fs::metadata(file).map_err(|error| about(error.to_string()))?.len() > MOST_BYTES {
        return Err(about("a key set has at most 1 MiB".to_owned()));
    }
    let text = std::fs::read_to_string(file).map_err(|error| about(error.to_string()))?;
    keys_of(&text).map_err(about)
}

/// The keys of a set that we can check signatures with.
pub(super) fn keys_of(text: &str) -> Result<Vec<PublicKey>, String> {
    let set: Set = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let keys: Vec<PublicKey> = set.keys.into_iter().filter_map(public_key).collect();
    if keys.is_empty() { Err("there is no RSA, P-256, P-384 or Ed25519 key for signatures in it".to_owned()) } else { Ok(keys) }
}

/// A key we can check signatures with. Secret ones, those for encryption and those of other kinds are left out: a set may hold
/// more than we know.
fn public_key(key: Jwk) -> Option<PublicKey> {
    if key.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let bytes = |text: &Option<String>| BASE64_URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
    let coordinates = |length: usize| {
        let (x, y) = (bytes(&key.x)?, bytes(&key.y)?);
        // An uncompressed point (SEC 1, clause 2.3.3).
        (x.len() == length && y.len() == length).then(|| [vec![4], x, y].concat())
    };
    let material = match (key.kty.as_str(), key.crv.as_deref()) {
        ("RSA", _) => Material::Rsa { n: bytes(&key.n)?, e: bytes(&key.e)? },
        ("EC", Some("P-256")) => Material::P256(coordinates(32)?),
        ("EC", Some("P-384")) => Material::P384(coordinates(48)?),
        ("OKP", Some("Ed25519")) => Material::Ed25519(bytes(&key.x).filter(|bytes| bytes.len() == 32)?),
        _ => return None,
    };
    Some(PublicKey { id: key.kid, algorithm: key.alg, material })
}
