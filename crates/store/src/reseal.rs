//! How are all values brought under the current key, while others read and write?
//!
//! After a new key of either use, and once when a database of a version without encryption is opened. Chunk by chunk, each in a
//! transaction of its own; interrupted, it goes on where values are not current yet, since each value names its key.

use std::time::{Duration, Instant};

use jiku_model::{DecisionId, EmergencyId, EntityId, ExportId, JobId, JudgementId, ProposalId, RecordId, Timestamp};

use crate::error::{OpenError, StoreError};
use crate::keys::ring::{KeyUse, new_row};
use crate::keys::value;
use crate::rows::{DataKeyRow, MetaRow};
use crate::store::{Backend, Store};

/// How many rows one transaction rewrites.
const CHUNK: i64 = 2_000;

/// How long others have an SQLite file to themselves between two transactions, where theirs took less: who waits for it looks again every tenth of a
/// second, and finds it free half of the time.
const PAUSE: Duration = Duration::from_millis(100);

/// The fact in `store_meta` that no value of this database is left as it came.
pub(crate) const SEALED: &str = "sealed";

/// Columns whose values are looked up.
const LOOKED_UP: &[&str] = &["source_key", "to_number", "party_number"];

/// A table with encrypted values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SealedTable {
    SourceRecord,
    SourceRecordRevision,
    EntityVersion,
    Judgement,
    Decision,
    ValueOverride,
    Rejection,
    IdempotencyKey,
    Person,
    LegalPerson,
    Parcel,
    Relationship,
    ParcelRight,
    Principal,
    MergeProposal,
    EmergencyAccess,
    ExportRequest,
}

impl SealedTable {
    const ALL: [Self; 17] = [
        Self::SourceRecord,
        Self::SourceRecordRevision,
        Self::EntityVersion,
        Self::Judgement,
        Self::Decision,
        Self::ValueOverride,
        Self::Rejection,
        Self::IdempotencyKey,
        Self::Person,
        Self::LegalPerson,
        Self::Parcel,
        Self::Relationship,
        Self::ParcelRight,
        Self::Principal,
        Self::MergeProposal,
        Self::EmergencyAccess,
        Self::ExportRequest,
    ];
}

/// A row with a value that does not open with the key it names: damaged, or put there by somebody who does not have the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DamagedRow {
    /// Its table.
    pub table: &'static str,
    /// Its key.
    pub row: String,
    /// What is wrong with it, and in which column.
    pub said: String,
}

/// The key of the last row a chunk rewrote, or looked at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    Record(RecordId),
    Entity(EntityId),
    Judgement(JudgementId),
    Decision(DecisionId),
    Job(JobId),
    Owner(String),
    Proposal(ProposalId),
    Emergency(EmergencyId),
    Export(ExportId),
}

/// Where a page of rows begins: after so many rows of a key.
pub(crate) type PageStart = (Mark, i64);

/// What a page showed: rows that do not open, and where the next page begins.
pub(crate) type LookedAt = (Vec<DamagedRow>, Option<PageStart>);

/// What values begin with that need no rewriting.
#[derive(Clone, Debug)]
pub(crate) struct Current {
    data: String,
    lookup: String,
}

impl Current {
    /// A condition: one of these columns holds a value that is not current.
    pub(crate) fn stale(&self, columns: &[&str]) -> String {
        let stale = columns.iter().map(|column| {
            let prefix = if LOOKED_UP.contains(column) { &self.lookup } else { &self.data };
            format!("substr({column}, 1, {}) <> '{prefix}'", prefix.len())
        });
        format!("({})", stale.collect::<Vec<_>>().join(" OR "))
    }
}

/// What a rewriting did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Rows written anew.
    pub rows: u64,
}

/// A key of a database, for people to read.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyReport {
    /// Its number.
    pub number: i32,
    /// What it is for.
    pub purpose: String,
    /// Its algorithm.
    pub algorithm: String,
    /// The master key that wraps it.
    pub master: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When no value was left under it.
    pub retired_at: Option<Timestamp>,
}

impl Store {
    /// A key for another use than encrypting values, the same on every node and for the life of the database.
    #[must_use]
    pub fn derived_key(&self, purpose: &str) -> [u8; 32] {
        self.ring.derive(purpose)
    }

    /// The keys of this database, and the file of the master keys.
    ///
    /// # Errors
    /// As the database fails.
    pub fn keys(&self) -> Result<(String, Vec<KeyReport>), StoreError> {
        let rows = self.read(|reader| reader.data_keys())?;
        let report = |row: DataKeyRow| KeyReport {
            number: row.number,
            purpose: row.purpose,
            algorithm: row.algorithm,
            master: row.master,
            created_at: row.created_at,
            retired_at: row.retired_at,
        };
        Ok((self.ring.masters().place().display().to_string(), rows.into_iter().map(report).collect()))
    }

    /// Makes a new key; every value of this use written from now on is encrypted under it. [`Store::reseal`] brings the others over;
    /// until it has, values that are looked up are asked for under both keys.
    ///
    /// # Errors
    /// As the database fails, and when the system gives no random numbers.
    pub fn add_key(&self, of: KeyUse, at: Timestamp) -> Result<i32, StoreError> {
        let number = self.write(|writer| {
            let number = self.ring.last() + 1;
            writer.put_data_key(&new_row(&self.ring.masters(), number, of.word(), at).map_err(refused)?)?;
            Ok::<_, StoreError>(number)
        })?;
        self.reload_keys()?;
        Ok(number)
    }

    /// Adds a new current master key to the key file and wraps every data key with it. Nodes that run go on; before they
    /// start again they need the new file.
    ///
    /// # Errors
    /// As the database fails, and when the key file cannot be written.
    pub fn change_master_key(&self) -> Result<String, StoreError> {
        let masters = self.ring.masters().add().map_err(refused)?;
        self.write(|writer| {
            for mut row in writer.data_keys()? {
                let about = crate::keys::ring::about(row.number, &row.purpose);
                let key = self.ring.masters().unwrap(&row.master, &row.wrapped, &about).map_err(refused)?;
                let wrapped = masters.wrap(&key, &about).map_err(refused)?;
                (row.master, row.wrapped) = (wrapped.master, wrapped.bytes);
                writer.put_data_key(&row)?;
            }
            Ok::<_, StoreError>(())
        })?;
        let current = masters.current().to_owned();
        self.ring.use_masters(masters);
        Ok(current)
    }

    /// The rows of which an encrypted value does not open, also of versions that are no more current. Goes through all tables.
    ///
    /// # Errors
    /// As the database fails.
    pub fn damaged_rows(&self) -> Result<Vec<DamagedRow>, StoreError> {
        let mut damaged = Vec::new();
        for table in SealedTable::ALL {
            let mut after = None;
            loop {
                let (found, next) = self.read(|reader| reader.look_at_sealed(table, after.as_ref(), CHUNK))?;
                damaged.extend(found);
                after = next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(damaged)
    }

    /// Writes every value anew that is not under the newest key of its use, while others read and write, and marks the former
    /// keys as retired. `each` hears after every transaction how many rows there were so far.
    ///
    /// # Errors
    /// As the database fails; what was done stays done, and the next call goes on.
    pub fn reseal(&self, at: Timestamp, each: &mut dyn FnMut(u64)) -> Result<Resealed, StoreError> {
        let (data, lookup) = (self.ring.newest(KeyUse::Data), self.ring.newest(KeyUse::Lookup));
        let current = Current { data: value::prefix(value::RANDOM, data), lookup: value::prefix(value::LOOKUP, lookup) };
        let mut done = Resealed::default();
        for table in SealedTable::ALL {
            let mut after = None;
            loop {
                let begun = Instant::now();
                let (rows, last) = self.write(|writer| {
                    writer.allow_resealing(true)?;
                    let rewritten = writer.reseal(table, &current, after.clone(), CHUNK)?;
                    writer.allow_resealing(false)?;
                    Ok::<_, StoreError>(rewritten)
                })?;
                done.rows += rows as u64;
                each(done.rows);
                after = last;
                if (rows as i64) < CHUNK {
                    break;
                }
                // PostgreSQL's writers have turns.
                if self.backend() == Backend::Sqlite {
                    std::thread::sleep(begun.elapsed().max(PAUSE));
                }
            }
        }
        self.write(|writer| {
            for mut row in writer.data_keys()? {
                // Not the newest of now: another process may have made one since, and only what came before ours has left.
                let newest = if row.purpose == KeyUse::Lookup.word() { lookup } else { data };
                if row.number < newest && row.retired_at.is_none() {
                    row.retired_at = Some(at);
                    writer.put_data_key(&row)?;
                }
            }
            writer.put_meta(&MetaRow { name: SEALED.to_owned(), value: "all".to_owned() })
        })?;
        Ok(done)
    }
}

fn refused(error: OpenError) -> StoreError {
    StoreError::Internal(crate::Context { during: "keys", said: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_current_is_told_by_how_it_begins() {
        let current = Current { data: "~G3.".to_owned(), lookup: "~S1.".to_owned() };
        assert_eq!(current.stale(&["parsed", "source_key"]), "(substr(parsed, 1, 4) <> '~G3.' OR substr(source_key, 1, 4) <> '~S1.')");
    }

    #[test]
    fn values_of_a_version_without_encryption_are_encrypted_at_the_first_start() {
        use diesel::Connection as _;
        use diesel::connection::SimpleConnection as _;
        use jiku_model::Kind;

        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("base.db");
        let url = format!("sqlite://{}", file.display());
        drop(Store::open(&url).expect("a new database opens"));
        let (id, phone) = (RecordId::new(Kind::Person, 0), "13975310001");
        let mut connection = diesel::SqliteConnection::establish(&file.display().to_string()).expect("SQLite opens");
        let plain = format!(
            "DELETE FROM store_meta WHERE name = 'sealed';
             INSERT INTO source_record VALUES ({}, 1, 1, 'key-{phone}', 1, 'withdrawn', NULL, x'', 0, 1, '{{\"phone\":\"{phone}\"}}', '[]', 'raw {phone}');
             INSERT INTO source_record_revision VALUES ({}, 1, 'active', 0, 0, x'', '{phone}', '[]', '{phone}');
             INSERT INTO entity_version VALUES (zeroblob(16), 1, 0, 1, 'active', NULL, '{phone}', '[]');
             INSERT INTO person (entity, name, phone) VALUES (zeroblob(16), 'n', '{phone}');
             INSERT INTO relationship VALUES (zeroblob(16), 0, 1, 'r', '{phone}', 'n');",
            id.0, id.0
        );
        connection.batch_execute(&plain).expect("rows as an earlier version wrote them");
        drop(connection);
        let store = Store::open(&url).expect("the first start encrypts");
        let rows = store.read(|reader| reader.records(&[id])).expect("read");
        assert_eq!((rows[0].source_key.as_str(), rows[0].payload.as_str()), ("key-13975310001", "raw 13975310001"));
        let named = store.read(|reader| reader.relationships_to_numbers(&[phone.to_owned()])).expect("read");
        assert_eq!(named.len(), 1, "a number is looked up as before");
        assert_eq!(store.reseal(Timestamp::UNIX_EPOCH, &mut |_| {}).expect("again").rows, 0, "nothing is left to do");
        drop(store);
        for entry in std::fs::read_dir(folder.path()).expect("the folder") {
            let bytes = std::fs::read(entry.expect("an entry").path()).expect("its bytes");
            assert!(!bytes.windows(phone.len()).any(|window| window == phone.as_bytes()), "no page keeps a plain value");
        }
    }

    #[test]
    fn a_value_that_does_not_open_is_found_in_every_version() {
        use diesel::Connection as _;
        use diesel::connection::SimpleConnection as _;
        use jiku_model::Kind;

        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("base.db");
        let store = Store::open(&format!("sqlite://{}", file.display())).expect("a new database opens");
        let mut connection = diesel::SqliteConnection::establish(&file.display().to_string()).expect("SQLite opens");
        let id = RecordId::new(Kind::Person, 0).0;
        for revision in 1..=5 {
            let row = format!("INSERT INTO source_record_revision VALUES ({id}, {revision}, 'active', 0, 0, x'', 'p', '[]', 'raw');");
            connection.batch_execute(&row).expect("a revision");
        }
        connection.batch_execute("INSERT INTO person (entity, name, phone) VALUES (zeroblob(16), 'n', '139');").expect("a person");
        store.reseal(Timestamp::UNIX_EPOCH, &mut |_| {}).expect("they are encrypted");
        assert_eq!(store.damaged_rows().expect("a look"), []);
        let last =
            |column| format!("substr({column}, 1, length({column}) - 1) || CASE substr({column}, -1) WHEN 'A' THEN 'Q' ELSE 'A' END");
        let change = format!(
            "INSERT INTO store_meta VALUES ('resealing', 'on');
             UPDATE source_record_revision SET payload = {} WHERE revision IN (2, 5);
             UPDATE person SET phone = {};",
            last("payload"),
            last("phone")
        );
        connection.batch_execute(&change).expect("they are changed");
        let damaged = store.damaged_rows().expect("a look");
        let found: Vec<(&str, bool)> = damaged.iter().map(|row| (row.table, row.said.contains("does not open"))).collect();
        assert_eq!(found, [("source_record_revision", true), ("source_record_revision", true), ("person", true)], "{damaged:?}");
        assert!(damaged[0].row.ends_with(" 2") && damaged[1].row.ends_with(" 5"), "{damaged:?}");
        // Page by page, also in the middle of one record's revisions.
        let (mut after, mut rows) = (None, Vec::new());
        loop {
            let (found, next) =
                store.read(|reader| reader.look_at_sealed(SealedTable::SourceRecordRevision, after.as_ref(), 2)).expect("a page");
            rows.extend(found);
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(rows, damaged[..2]);
    }

    /// A column of the schema that is encrypted and that no table here rewrites would keep its old key for ever.
    #[test]
    fn every_encrypted_column_is_rewritten() {
        let schema = include_str!("schema.rs");
        let rewriting = include_str!("q/reseal.rs");
        for line in schema.lines().filter(|line| line.contains("Sealed") || line.contains("Token")) {
            let column = line.trim().split(' ').next().unwrap_or_default();
            assert!(rewriting.contains(&format!(" {column}")), "{column} is encrypted and not rewritten");
            assert_eq!(line.contains("Token"), LOOKED_UP.contains(&column), "{column}");
        }
    }
}
