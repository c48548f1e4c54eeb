//! Where do master keys come from?
//!
//! A file of lines `ID ALGORITHM BASE64`, the current key last; earlier ones still open what was wrapped with them. It is
//! made, for its owner only, when a database without keys is opened for the first time: beside an SQLite file as
//! `jiku.keys`, for PostgreSQL in the user's data folder.

use std::fmt::Write as _;
use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::error::OpenError;

/// The one algorithm for wrapping.
const ALGORITHM: &str = "AES-256-GCM";

const EXPLANATION: &str = "\
# Master keys of Jiku databases: ID ALGORITHM KEY, the current one last.
# With this file and a database everything can be read; without it nothing can, not even from a backup.
# Keep a copy in a safe place that is not where the backups are.
";

/// Which file holds the master keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeySource {
    /// `jiku.keys` beside an SQLite file; for PostgreSQL `jiku/jiku.keys` in the user's data folder.
    #[default]
    Usual,
    /// This file.
    File(PathBuf),
}

impl KeySource {
    /// The file for a database; `file` is that of an SQLite database.
    pub(crate) fn place(&self, file: Option<&Path>) -> Result<PathBuf, OpenError> {
        match (self, file) {
            (Self::File(place), _) => Ok(place.clone()),
            (Self::Usual, Some(file)) => Ok(file.with_file_name("jiku.keys")),
            (Self::Usual, None) => {
                let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
                let data = set("XDG_DATA_HOME").or_else(|| Some(set("HOME")?.join(".local/share")));
                Ok(data.ok_or(OpenError::NoPlaceForKeys)?.join("jiku/jiku.keys"))
            }
        }
    }
}

/// The master keys of a file.
pub(crate) struct Masters {
    place: PathBuf,
    keys: Vec<(String, Aes256Gcm)>,
}

/// A data key under a master key.
pub(crate) struct Wrapped {
    pub(crate) master: String,
    pub(crate) bytes: Vec<u8>,
}

impl Masters {
    /// No keys at all.
    pub(crate) const fn none() -> Self {
        Self { place: PathBuf::new(), keys: Vec::new() }
    }

    /// Reads the file; `None` when there is none.
    pub(crate) fn read(place: &Path) -> Result<Option<Self>, OpenError> {
        let unusable = |why: &str| OpenError::KeysUnusable { place: place.display().to_string(), why: why.to_owned() };
        let text = match fs::read_to_string(place) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err(unusable("cannot be read; check its permissions")),
            Err(_) => return Err(unusable("cannot be read")),
        };
        let mut keys = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            let (Some(id), Some(ALGORITHM), Some(key), None) = (words.next(), words.next(), words.next(), words.next()) else {
                return Err(unusable("is no key file: a line is `ID AES-256-GCM BASE64`"));
            };
            let bytes = STANDARD.decode(key).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            let bytes = bytes.ok_or_else(|| unusable("is no key file: a key is 32 bytes in base64"))?;
            keys.push((id.to_owned(), Aes256Gcm::new(&bytes.into())));
        }
        if keys.is_empty() {
            return Err(unusable("holds no key"));
        }
        Ok(Some(Self { place: place.to_owned(), keys }))
    }

    /// Reads the file, or makes it with one new key.
    pub(crate) fn read_or_make(place: &Path) -> Result<Self, OpenError> {
        if let Some(masters) = Self::read(place)? {
            return Ok(masters);
        }
        let failed = |_| OpenError::NotWritable(place.display().to_string());
        if let Some(folder) = place.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        // Whole before it has its name, so that two processes that start at once read one and the same key.
        let part = place.with_extension(format!("part-{}-{}", std::process::id(), random_id()?));
        write_private(&part, &format!("{EXPLANATION}{}", new_line()?)).map_err(failed)?;
        let named = fs::hard_link(&part, place);
        let removed = fs::remove_file(&part);
        match named {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
            _ => removed.map_err(failed)?,
        }
        tracing::info!(place = %place.display(), "made a file of master keys; keep a copy of it apart from the backups");
        Self::read(place)?.ok_or_else(|| OpenError::NotWritable(place.display().to_string()))
    }

    /// Adds a new current key to the file and reads it again.
    pub(crate) fn add(&self) -> Result<Self, OpenError> {
        let failed = |_| OpenError::NotWritable(self.place.display().to_string());
        let mut text = fs::read_to_string(&self.place).map_err(failed)?;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&new_line()?);
        let part = self.place.with_extension(format!("part-{}-{}", std::process::id(), random_id()?));
        write_private(&part, &text).and_then(|()| fs::rename(&part, &self.place)).map_err(failed)?;
        Self::read(&self.place)?.ok_or_else(|| OpenError::NotWritable(self.place.display().to_string()))
    }

    /// The id of the current key.
    pub(crate) fn current(&self) -> &str {
        self.keys.last().map_or("", |(id, _)| id)
    }

    /// The file.
    pub(crate) fn place(&self) -> &Path {
        &self.place
    }

    /// Wraps a data key with the current key; `about` binds it to its row.
    pub(crate) fn wrap(&self, key: &[u8; 32], about: &str) -> Result<Wrapped, OpenError> {
        let (id, cipher) = self.keys.last().ok_or(OpenError::NoRandomness)?;
        let nonce: [u8; 12] = random()?;
        let sealed = cipher.encrypt(&nonce.into(), Payload { msg: key, aad: about.as_bytes() }).map_err(|_| OpenError::NoRandomness)?;
        Ok(Wrapped { master: id.clone(), bytes: [&nonce[..], &sealed].concat() })
    }

    /// Opens a wrapped data key.
    pub(crate) fn unwrap(&self, master: &str, bytes: &[u8], about: &str) -> Result<[u8; 32], OpenError> {
        let wrong = || OpenError::WrongKeys { key: master.to_owned(), place: self.place.display().to_string() };
        let (_, cipher) = self.keys.iter().find(|(id, _)| id == master).ok_or_else(wrong)?;
        let (nonce, sealed) = bytes.split_first_chunk::<12>().ok_or_else(wrong)?;
        let key = cipher.decrypt(&(*nonce).into(), Payload { msg: sealed, aad: about.as_bytes() }).map_err(|_| wrong())?;
        key.try_into().map_err(|_| wrong())
    }
}

/// Random bytes of the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], OpenError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| OpenError::NoRandomness)?;
    Ok(bytes)
}

fn random_id() -> Result<String, OpenError> {
    Ok(random::<4>()?.iter().fold(String::from("m"), |mut id, byte| {
        // Writing into a string cannot fail.
        let _ = write!(id, "{byte:02x}");
        id
    }))
}

fn new_line() -> Result<String, OpenError> {
    Ok(format!("{} {ALGORITHM} {}\n", random_id()?, STANDARD.encode(random::<32>()?)))
}

fn write_private(place: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(place)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
