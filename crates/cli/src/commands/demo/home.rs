//! Where does the demo live: which folder, which database, and is it there already?

use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use super::summary::Summary;
use crate::commands::backup::run_tool;
use crate::failure::{Failure, Outcome};
use crate::settings::DatabaseUrl;

/// The SQLite database of a demo that names no other, in its folder.
const DATABASE: &str = "jiku.db";

/// The file by which starts of one demo know of each other.
const LOCK: &str = "demo.lock";

/// The demo's folder.
#[derive(Debug)]
pub(super) struct Home {
    folder: PathBuf,
    /// The outermost folder that this start made.
    made: Option<PathBuf>,
    /// Locked as long as the demo is at work: shared by those who open it, alone by who begins it anew.
    lock: File,
}

/// What the demo remembers between two starts. It holds the sign-in and the key of a demo, so only its owner may read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Memory {
    /// The database, without password; the one of the folder by its name alone, wherever the folder is looked at from.
    pub(super) database: String,
    /// How many people there are.
    pub(super) people: u64,
    /// The steward's sign-in.
    pub(super) steward: SignIn,
    /// The API key of the demo's curl commands; none before it is made.
    pub(super) key: Option<String>,
    /// What the commands to copy ask about; none as long as the data are not all in.
    pub(super) example: Option<Example>,
    /// The table; none as long as the data are not all in.
    pub(super) summary: Option<Summary>,
}

/// A person and a place in the demo to ask about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Example {
    pub(super) name: String,
    pub(super) birth_date: String,
    /// Longitude and latitude on a parcel.
    pub(super) place: Option<(f64, f64)>,
}

/// A name and a password.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct SignIn {
    pub(super) name: String,
    pub(super) password: String,
}

impl Memory {
    /// Of a demo that begins, with a password nobody else has.
    pub(super) fn new(database: String, people: u64) -> Result<Self, Failure> {
        let steward = SignIn { name: "steward".to_owned(), password: password()? };
        Ok(Self { database, people, steward, key: None, example: None, summary: None })
    }
}

/// Three groups of four letters and digits that cannot be mistaken for each other: 60 random bits.
fn password() -> Result<String, Failure> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz123456789";
    let mut random = [0_u8; 12];
    getrandom::fill(&mut random).map_err(|error| Failure::internal(format!("the system gives no random numbers: {error}")))?;
    let letters: String = random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    Ok(format!("{}-{}-{}", &letters[..4], &letters[4..8], &letters[8..]))
}

impl Home {
    /// Makes the folder and sees that it can be written; to begin anew, that nobody else has its demo open.
    pub(super) fn enter(folder: &Path, anew: bool) -> Result<Self, Failure> {
        let made = folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.exists()).last().map(Path::to_owned);
        let unwritable = |error: std::io::Error| {
            Failure::place(format!("the folder {} cannot be written ({}); choose another with --dir", folder.display(), plain(&error)))
        };
        let probe = folder.join(".write-test");
        fs::create_dir_all(folder).and_then(|()| fs::write(&probe, b"")).and_then(|()| fs::remove_file(&probe)).map_err(unwritable)?;
        let lock = File::options().create(true).append(true).open(folder.join(LOCK)).map_err(unwritable)?;
        match if anew { lock.try_lock() } else { lock.try_lock_shared() } {
            Ok(()) => Ok(Self { folder: folder.to_owned(), made, lock }),
            Err(TryLockError::Error(error)) => Err(unwritable(error)),
            Err(TryLockError::WouldBlock) => {
                let folder = folder.display();
                Err(Failure::place(if anew {
                    format!("the demo in {folder} is open; stop it before you begin it anew with --reset")
                } else {
                    format!("the demo in {folder} is just being begun anew; try again in a minute")
                }))
            }
        }
    }

    /// Lets others open the demo, as soon as it is there.
    pub(super) fn share(&self) -> Outcome {
        self.lock
            .lock_shared()
            .map_err(|error| Failure::place(format!("{} cannot be locked: {}", self.folder.join(LOCK).display(), plain(&error))))
    }

    /// What the demo remembers its database by.
    pub(super) fn name_of(&self, database: &DatabaseUrl) -> String {
        if *database == self.database() { DATABASE.to_owned() } else { database.to_string() }
    }

    /// Takes the folders away again that were made for nothing; what has something in it stays.
    pub(super) fn leave(&self) {
        let Some(outermost) = &self.made else { return };
        // What cannot be removed keeps its folder, which is seen at once.
        let _ = fs::remove_file(self.folder.join(LOCK));
        for folder in self.folder.ancestors().take_while(|folder| folder.starts_with(outermost)) {
            if fs::remove_dir(folder).is_err() {
                break;
            }
        }
    }

    /// The SQLite database of a demo that names no other.
    pub(super) fn database(&self) -> DatabaseUrl {
        DatabaseUrl::of_file(&self.folder.join(DATABASE))
    }

    /// Where the departments' files lie.
    pub(super) fn files(&self) -> PathBuf {
        self.folder.join("files")
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn memory(&self) -> PathBuf {
        self.folder.join("demo.json")
    }

    /// What an earlier start left, if there was one.
    pub(super) fn recall(&self) -> Result<Option<Memory>, Failure> {
        let path = self.memory();
        match fs::read_to_string(&path) {
            Ok(text) => match serde_json::from_str(&text) {
                Ok(memory) => Ok(Some(memory)),
                Err(_) => Err(Failure::place(format!("{} is not of this version's demo; start again with --reset", path.display()))),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Failure::place(format!("{} cannot be read: {}", path.display(), plain(&error)))),
        }
    }

    /// Remembers for the next start.
    pub(super) fn remember(&self, memory: &Memory) -> Outcome {
        let part = self.folder.join("demo.json.part");
        let written = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part).and_then(|mut file| {
            serde_json::to_writer_pretty(&mut file, memory)?;
            file.write_all(b"\n")?;
            file.sync_all()
        });
        written
            .and_then(|()| fs::rename(&part, self.memory()))
            .map_err(|error| Failure::place(format!("{} cannot be written: {}", self.memory().display(), plain(&error))))
    }

    /// Removes what a demo made in this folder, and nothing else. From a PostgreSQL database that was a demo's its tables go.
    pub(super) fn clear(&self, database: &DatabaseUrl) -> Outcome {
        let folder = self.folder.display();
        if database.file().is_none() {
            match self.recall()? {
                Some(memory) if memory.database == self.name_of(database) => empty(database)?,
                _ => return Err(Failure::usage(format!("{database} was not filled by the demo in {folder}, so it is not emptied"))),
            }
        } else if self.folder.join(DATABASE).exists()
            && self.recall().is_ok_and(|memory| memory.is_none_or(|memory| memory.database != self.name_of(database)))
        {
            return Err(Failure::usage(format!(
                "jiku.db in {folder} was not filled by a demo, so it is not removed; choose another folder with --dir"
            )));
        }
        let mut gone = vec![fs::remove_file(self.memory())];
        gone.extend(["jiku.db", "jiku.db-wal", "jiku.db-shm"].iter().map(|name| fs::remove_file(self.folder.join(name))));
        gone.push(fs::remove_dir_all(self.folder.join("jiku.db.index")));
        if let Ok(entries) = fs::read_dir(self.files()) {
            let made = entries.filter_map(Result::ok).map(|entry| entry.path());
            gone.extend(
                made.filter(|path| path.extension().is_some_and(|ending| ending == "csv" || ending == "geojson")).map(fs::remove_file),
            );
        }
        match gone.into_iter().filter_map(Result::err).find(|error| error.kind() != std::io::ErrorKind::NotFound) {
            None => Ok(()),
            Some(error) => Err(Failure::place(format!("the folder {folder} cannot be emptied: {}", plain(&error)))),
        }
    }
}

/// The system's words without its number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Takes Jiku's tables out of a PostgreSQL database by PostgreSQL's own client. What others keep there stays.
fn empty(database: &DatabaseUrl) -> Outcome {
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--command", &jiku_registry::removal()]);
    run_tool(command, database, "the tables of the database were not removed, nothing was changed; see that it can be reached and is yours")
        .map(drop)
}
