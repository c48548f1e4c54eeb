//! What is a seal?

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use jiku_model::Timestamp;
use jiku_store::AccessRow;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// The one algorithm for signing.
const ALGORITHM: &str = "Ed25519";

/// The end of the traces at one moment, signed. A line of a seal file, in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// When it was made.
    pub at: Timestamp,
    /// The last change-log position.
    pub position: i64,
    /// The hash of that row, in hexadecimal.
    pub hash: String,
    /// The access-log rows it speaks of: those after this id …
    pub access_after: i64,
    /// … up to this one.
    pub access_to: i64,
    /// SHA-256 over those rows, in hexadecimal.
    pub access_digest: String,
    /// The signature's algorithm.
    pub algorithm: String,
    /// The public key, in hexadecimal.
    pub public_key: String,
    /// The signature over everything above, in hexadecimal.
    pub signature: String,
}

/// Why seals cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The folder or a file in it cannot be used.
    #[error("the seals in {place} cannot be used: {why}")]
    Place {
        /// The file or folder.
        place: String,
        /// What the system says.
        why: String,
    },
    /// A line is no seal.
    #[error("line {line} of {place} is no seal")]
    Line {
        /// The file.
        place: String,
        /// Counted from 1.
        line: usize,
    },
}

impl Seal {
    /// The seal of this state, signed.
    pub(crate) fn new(key: &SigningKey, at: Timestamp, last: (i64, &[u8]), access: (i64, i64, &[u8])) -> Self {
        let mut seal = Self {
            at: jiku_model::truncate_to_micros(at),
            position: last.0,
            hash: hex(last.1),
            access_after: access.0,
            access_to: access.1,
            access_digest: hex(access.2),
            algorithm: ALGORITHM.to_owned(),
            public_key: hex(key.verifying_key().as_bytes()),
            signature: String::new(),
        };
        seal.signature = hex(&key.sign(seal.signed().as_bytes()).to_bytes());
        seal
    }

    /// The words that are signed.
    fn signed(&self) -> String {
        format!(
            "jiku seal 1\n{}\n{}\n{}\n{}\n{}\n{}\n",
            self.at.timestamp_micros(),
            self.position,
            self.hash,
            self.access_after,
            self.access_to,
            self.access_digest
        )
    }

    /// The hash of the last change that it seals.
    pub(crate) fn hash_bytes(&self) -> Option<Vec<u8>> {
        unhex(&self.hash)
    }

    /// Whether the signature is of this public key, in hexadecimal.
    #[must_use]
    pub fn is_signed_by(&self, public_key: &str) -> bool {
        let check = || {
            let key = VerifyingKey::from_bytes(&unhex(public_key)?.try_into().ok()?).ok()?;
            let signature = Signature::from_bytes(&unhex(&self.signature)?.try_into().ok()?);
            key.verify_strict(self.signed().as_bytes(), &signature).ok()
        };
        self.algorithm == ALGORITHM && self.public_key == public_key && check().is_some()
    }
}

/// SHA-256 over rows of the access log, column by column with lengths, so that no two lists of rows are written alike.
#[derive(Clone, Default)]
pub(crate) struct AccessDigest(Sha256);

impl AccessDigest {
    pub(crate) fn add(&mut self, row: &AccessRow) {
        let mut text = |text: &str| {
            self.0.update((text.len() as u64).to_be_bytes());
            self.0.update(text.as_bytes());
        };
        text(&row.id.to_string());
        text(&row.at.timestamp_micros().to_string());
        text(&row.principal);
        text(&row.department);
        text(row.purpose.as_deref().unwrap_or("\0"));
        text(&row.action);
        text(row.kind.as_str());
        text(&row.entity.map_or_else(String::new, |entity| entity.to_string()));
        text(&row.fields);
        text(row.request_id.as_deref().unwrap_or("\0"));
        // Rows of one entity, and of former versions, are written as they always were.
        if let Some(entities) = &row.entities {
            self.0.update((entities.len() as u64).to_be_bytes());
            self.0.update(entities);
        }
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

fn place_error(place: &Path) -> impl Fn(std::io::Error) -> SealError + '_ {
    |error| SealError::Place { place: place.display().to_string(), why: error.to_string() }
}

/// Appends a seal to the file of its day in a folder, durably.
pub(crate) fn append(folder: &Path, seal: &Seal) -> Result<(), SealError> {
    let file = folder.join(format!("seals-{}.ndjson", seal.at.format("%Y-%m-%d")));
    let failed = place_error(&file);
    let line = serde_json::to_string(seal).map_err(std::io::Error::other).map_err(&failed)? + "\n";
    let mut open = fs::OpenOptions::new().append(true).create(true).open(&file).map_err(&failed)?;
    open.write_all(line.as_bytes()).and_then(|()| open.sync_all()).map_err(&failed)
}

/// The last seal of the newest file in a folder.
pub(crate) fn last_seal(folder: &Path) -> Result<Option<Seal>, SealError> {
    let newest = files(folder)?.into_iter().max();
    Ok(newest.map_or_else(|| Ok(Vec::new()), |file| read_seals(&file))?.pop())
}

/// The seal files of a folder.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>, SealError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(place_error(folder))? {
        let path = entry.map_err(place_error(folder))?.path();
        if path.extension().is_some_and(|ending| ending == "ndjson") {
            files.push(path);
        }
    }
    Ok(files)
}

/// The seals in a file, or in every `.ndjson` file of a folder, by position. A last line that broke off is left out: the
/// machine stopped while it was written.
///
/// # Errors
/// When a file cannot be read or holds something else.
pub fn read_seals(place: &Path) -> Result<Vec<Seal>, SealError> {
    let files = if place.is_dir() { files(place)? } else { vec![place.to_owned()] };
    let mut seals: Vec<Seal> = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(place_error(&file))?;
        let last = text.lines().count();
        for (number, line) in (1..).zip(text.lines()) {
            match serde_json::from_str(line) {
                Ok(seal) => seals.push(seal),
                Err(_) if number == last && !text.ends_with('\n') => {}
                Err(_) => return Err(SealError::Line { place: file.display().to_string(), line: number }),
            }
        }
    }
    seals.sort_by_key(|seal| (seal.position, seal.access_to, seal.at));
    Ok(seals)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}
