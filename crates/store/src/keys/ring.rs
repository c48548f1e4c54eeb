//! Which data keys are at hand, and which one does a query use?
//!
//! The ring of a store is put at the disposal of a thread for as long as one of its transactions runs; the columns find it
//! there, since a value on its way into a query knows nothing of the connection. The writer looks within its lock whether
//! there is a newer key; a reader that meets a value under a key it does not know asks once.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use aes_gcm_siv::Aes256GcmSiv;
use hmac::{Hmac, Mac as _};
use parking_lot::RwLock;
use sha2::Sha256;

use super::master::{Masters, random};
use super::packing::{pack, unpack};
use super::value;
use crate::error::OpenError;
use crate::rows::DataKeyRow;

/// The nonce of the look-up cipher: fixed, so that equal texts give equal values; SIV allows that.
const FIXED: [u8; NONCE] = *b"jiku look-up";

/// Bytes of a nonce and of a tag.
const NONCE: usize = 12;
const TAG: usize = 16;

/// The word for [`KeyUse::Data`] in the table of keys.
pub(crate) const DATA: &str = "data";
/// The word for [`KeyUse::Lookup`].
pub(crate) const LOOKUP: &str = "lookup";

/// What a data key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// Values that are only read.
    Data,
    /// Values that are looked up: under one key the same text always looks the same.
    Lookup,
}

impl KeyUse {
    /// The word in the table of keys.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Data => DATA,
            Self::Lookup => LOOKUP,
        }
    }
}

/// How a text looks in a column that is looked up, under one of the keys.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Look(pub(super) String);

/// Why a value cannot be sealed or opened; it never shows the value.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct SealError(&'static str);

/// The keys as they stood at one moment.
pub(crate) struct Keys {
    data: BTreeMap<i32, Aes256Gcm>,
    lookup: BTreeMap<i32, Aes256GcmSiv>,
    /// The look-up keys that values may stand under in what somebody reads now, the newest last: while values are brought
    /// under a new one there are two.
    asked: BTreeSet<i32>,
    /// Of the first look-up key, for other uses.
    secret: [u8; 32],
    /// The highest number of a key of any purpose.
    last: i32,
}

/// The keys of one database.
pub(crate) struct KeyRing {
    masters: RwLock<Arc<Masters>>,
    keys: RwLock<Arc<Keys>>,
    reload: Box<dyn Fn() -> Option<Vec<DataKeyRow>> + Send + Sync>,
}

/// The words that bind a wrapped key to its row.
pub(crate) fn about(number: i32, purpose: &str) -> String {
    format!("jiku data key {number} {purpose}")
}

/// A new row with a new key.
pub(crate) fn new_row(masters: &Masters, number: i32, purpose: &str, at: jiku_model::Timestamp) -> Result<DataKeyRow, OpenError> {
    let wrapped = masters.wrap(&random()?, &about(number, purpose))?;
    let (purpose, algorithm) = (purpose.to_owned(), if purpose == LOOKUP { "AES-256-GCM-SIV" } else { "AES-256-GCM" }.to_owned());
    Ok(DataKeyRow { number, purpose, algorithm, master: wrapped.master, wrapped: wrapped.bytes, created_at: at, retired_at: None })
}

fn derived(secret: &[u8; 32], label: &str) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(label.as_bytes());
    mac.finalize().into_bytes().into()
}

impl Keys {
    fn unwrapped(masters: &Masters, rows: &[DataKeyRow]) -> Result<Self, OpenError> {
        let (mut data, mut lookup, mut asked, mut secret) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new(), None);
        for row in rows {
            let key = masters.unwrap(&row.master, &row.wrapped, &about(row.number, &row.purpose))?;
            if row.purpose == LOOKUP {
                lookup.insert(row.number, Aes256GcmSiv::new(&derived(&key, "look-up").into()));
                secret.get_or_insert(key);
                if row.retired_at.is_none() {
                    asked.insert(row.number);
                }
            } else {
                data.insert(row.number, Aes256Gcm::new(&key.into()));
            }
        }
        let secret = secret.filter(|_| !data.is_empty() && !asked.is_empty());
        let secret =
            secret.ok_or_else(|| OpenError::Other("the table data_key is incomplete; restore the database from a backup".to_owned()))?;
        Ok(Self { data, lookup, asked, secret, last: rows.iter().map(|row| row.number).max().unwrap_or(0) })
    }

    /// The number of the key of this use that values are written under.
    fn newest(&self, of: KeyUse) -> i32 {
        let newest = match of {
            KeyUse::Data => self.data.last_key_value().map(|(number, _)| *number),
            KeyUse::Lookup => self.asked.last().copied(),
        };
        newest.unwrap_or(0)
    }

    fn seal(&self, text: &str) -> Result<String, SealError> {
        self.seal_under(text, random().map_err(|_| NO_RANDOM)?)
    }

    /// Encrypts a value under a nonce, which is random and used for nothing else.
    pub(super) fn seal_under(&self, text: &str, nonce: [u8; NONCE]) -> Result<String, SealError> {
        let (number, cipher) = self.data.last_key_value().ok_or(NO_KEYS)?;
        let mut bytes = pack(text);
        let tag = cipher
            .encrypt_inout_detached(&nonce.into(), &[], bytes.as_mut_slice().into())
            .map_err(|_| SealError("the value is too long to be encrypted"))?;
        bytes.extend_from_slice(&tag);
        bytes.extend_from_slice(&nonce);
        Ok(value::write(value::RANDOM, *number, &bytes))
    }

    fn seal_for_lookup(&self, text: &str, number: i32) -> Result<String, SealError> {
        let mut bytes = text.as_bytes().to_vec();
        let cipher = self.lookup.get(&number).ok_or(NO_KEYS)?;
        let tag = cipher
            .encrypt_inout_detached(&FIXED.into(), &[], bytes.as_mut_slice().into())
            .map_err(|_| SealError("the value is too long to be encrypted"))?;
        bytes.extend_from_slice(&tag);
        Ok(value::write(value::LOOKUP, number, &bytes))
    }

    /// The text of a value; `None`, with its bytes as they were, when its key is not here.
    fn open(&self, algorithm: char, key: i32, bytes: &mut Vec<u8>) -> Result<Option<String>, SealError> {
        const WRONG: SealError = SealError("a value does not open with the key it names");
        const UNREADABLE: SealError = SealError("a value is packed in a way that this version does not know");
        match algorithm {
            value::RANDOM => {
                let Some(cipher) = self.data.get(&key) else { return Ok(None) };
                let nonce: [u8; NONCE] = take_end(bytes).ok_or(WRONG)?;
                let tag: [u8; TAG] = take_end(bytes).ok_or(WRONG)?;
                cipher.decrypt_inout_detached(&nonce.into(), &[], bytes.as_mut_slice().into(), &tag.into()).map_err(|_| WRONG)?;
            }
            value::LOOKUP => {
                let Some(cipher) = self.lookup.get(&key) else { return Ok(None) };
                let tag: [u8; TAG] = take_end(bytes).ok_or(WRONG)?;
                cipher.decrypt_inout_detached(&FIXED.into(), &[], bytes.as_mut_slice().into(), &tag.into()).map_err(|_| WRONG)?;
            }
            _ => return Err(SealError("a value names an algorithm that this version does not know")),
        }
        unpack(std::mem::take(bytes)).map(Some).ok_or(UNREADABLE)
    }
}

/// So many nonces: asking the system for each costs more than the encryption of a short text.
pub(super) fn nonces(count: usize) -> Result<Vec<[u8; NONCE]>, SealError> {
    let mut nonces = vec![[0; NONCE]; count];
    getrandom::fill(nonces.as_flattened_mut()).map_err(|_| NO_RANDOM)?;
    Ok(nonces)
}

/// Takes the last bytes off.
fn take_end<const N: usize>(bytes: &mut Vec<u8>) -> Option<[u8; N]> {
    let end = *bytes.last_chunk::<N>()?;
    bytes.truncate(bytes.len() - N);
    Some(end)
}

impl KeyRing {
    /// The ring of these rows; `reload` reads them again.
    pub(crate) fn new(
        masters: Masters,
        rows: &[DataKeyRow],
        reload: impl Fn() -> Option<Vec<DataKeyRow>> + Send + Sync + 'static,
    ) -> Result<Self, OpenError> {
        let keys = RwLock::new(Arc::new(Keys::unwrapped(&masters, rows)?));
        Ok(Self { masters: RwLock::new(Arc::new(masters)), keys, reload: Box::new(reload) })
    }

    /// A ring that opens nothing, for who reads only what is not encrypted.
    pub(crate) fn empty() -> Self {
        let (data, lookup, asked) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let keys = Keys { data, lookup, asked, secret: [0; 32], last: i32::MAX };
        Self { masters: RwLock::new(Arc::new(Masters::none())), keys: RwLock::new(Arc::new(keys)), reload: Box::new(|| None) }
    }

    /// The master keys.
    pub(crate) fn masters(&self) -> Arc<Masters> {
        Arc::clone(&self.masters.read())
    }

    /// Takes over master keys that were added to the file.
    pub(crate) fn use_masters(&self, masters: Masters) {
        *self.masters.write() = Arc::new(masters);
    }

    /// The highest number of a key that is known.
    pub(crate) fn last(&self) -> i32 {
        self.keys.read().last
    }

    /// The number of the key of this use that values are written under.
    pub(crate) fn newest(&self, of: KeyUse) -> i32 {
        self.keys.read().newest(of)
    }

    /// A key for another use, the same on every node and for the life of the database.
    pub(crate) fn derive(&self, purpose: &str) -> [u8; 32] {
        derived(&self.keys.read().secret, &format!("use: {purpose}"))
    }

    /// Takes over what the database holds now; a master key that is new is looked for in the file.
    pub(crate) fn install(&self, rows: &[DataKeyRow]) -> Result<(), OpenError> {
        let mut keys = match Keys::unwrapped(&self.masters(), rows) {
            Err(OpenError::WrongKeys { .. }) => {
                if let Some(masters) = Masters::read(self.masters().place())? {
                    self.use_masters(masters);
                }
                Keys::unwrapped(&self.masters(), rows)?
            }
            other => other?,
        };
        let mut known = self.keys.write();
        // Somebody may still read what was there before the last value left a key.
        keys.asked.extend(&known.asked);
        *known = Arc::new(keys);
        Ok(())
    }
}

/// A ring in use by a transaction.
struct InUse {
    ring: Arc<KeyRing>,
    keys: Arc<Keys>,
    /// What was sealed for a look-up by the newest key: a batch looks up what it then writes, and names a party in several tables.
    sealed: HashMap<String, String>,
}

impl InUse {
    fn use_keys(&mut self, keys: Arc<Keys>) {
        self.sealed.clear();
        self.keys = keys;
    }
}

thread_local! {
    static AT_HAND: RefCell<Vec<InUse>> = const { RefCell::new(Vec::new()) };
}

/// The ring is at hand for this thread until this is dropped.
pub(crate) struct AtHand(());

impl AtHand {
    pub(crate) fn new(ring: &Arc<KeyRing>) -> Self {
        let keys = Arc::clone(&ring.keys.read());
        AT_HAND.with_borrow_mut(|rings| rings.push(InUse { ring: Arc::clone(ring), keys, sealed: HashMap::new() }));
        Self(())
    }

    /// Uses the newest keys from here on.
    pub(crate) fn refresh(&self) {
        AT_HAND.with_borrow_mut(|rings| {
            if let Some(last) = rings.last_mut() {
                let keys = Arc::clone(&last.ring.keys.read());
                last.use_keys(keys);
            }
        });
    }
}

impl Drop for AtHand {
    fn drop(&mut self) {
        AT_HAND.with_borrow_mut(Vec::pop);
    }
}

const NO_RANDOM: SealError = SealError("the system gives no random numbers");
const NO_RING: SealError = SealError("no keys are at hand outside a transaction");
const NO_KEYS: SealError = SealError("this database was opened without keys");

/// The keys that this thread uses.
pub(super) fn at_hand() -> Result<Arc<Keys>, SealError> {
    AT_HAND.with_borrow(|rings| rings.last().map(|last| Arc::clone(&last.keys))).ok_or(NO_RING)
}

/// Encrypts a value; the same text never gives the same value twice.
pub(crate) fn seal(text: &str) -> Result<String, SealError> {
    if let Some(sealed) = super::ahead::take(text) {
        return Ok(sealed);
    }
    AT_HAND.with_borrow(|rings| rings.last().ok_or(NO_RING)?.keys.seal(text))
}

/// Encrypts a value that is looked up: the same text gives the same value, as long as the key is the newest.
pub(crate) fn seal_for_lookup(text: &str) -> Result<String, SealError> {
    AT_HAND.with_borrow_mut(|rings| {
        let InUse { keys, sealed, .. } = rings.last_mut().ok_or(NO_RING)?;
        if let Some(known) = sealed.get(text) {
            return Ok(known.clone());
        }
        let new = keys.seal_for_lookup(text, keys.newest(KeyUse::Lookup))?;
        sealed.insert(text.to_owned(), new.clone());
        Ok(new)
    })
}

/// How these texts may look in a column that is looked up, and the newest key that this knows of.
pub(crate) fn looks_of(texts: &[String]) -> Result<(i32, Vec<Look>), SealError> {
    AT_HAND.with_borrow_mut(|rings| {
        let InUse { keys, sealed, .. } = rings.last_mut().ok_or(NO_RING)?;
        let newest = keys.newest(KeyUse::Lookup);
        let mut looks = Vec::with_capacity(texts.len());
        for text in texts {
            for number in &keys.asked {
                let look = keys.seal_for_lookup(text, *number)?;
                if *number == newest && texts.len() > 1 {
                    sealed.insert(text.clone(), look.clone());
                }
                looks.push(Look(look));
            }
        }
        Ok((newest, looks))
    })
}

/// Decrypts a value; a text that was never encrypted is given back as it is.
pub(crate) fn open(text: &str) -> Result<String, SealError> {
    let Some((algorithm, key, mut bytes)) = value::read(text) else { return Ok(text.to_owned()) };
    let opened = AT_HAND.with_borrow(|rings| rings.last().ok_or(NO_RING)?.keys.open(algorithm, key, &mut bytes))?;
    match opened {
        Some(text) => Ok(text),
        None => renew()?.open(algorithm, key, &mut bytes)?.ok_or(SealError("a value names a key that this database does not have")),
    }
}

/// Reads the table of keys again for this thread and all others.
pub(crate) fn renew() -> Result<Arc<Keys>, SealError> {
    let ring = AT_HAND.with_borrow(|rings| rings.last().map(|last| Arc::clone(&last.ring))).ok_or(NO_RING)?;
    let rows = (ring.reload)().ok_or(SealError("the table of keys cannot be read"))?;
    ring.install(&rows).map_err(|_| SealError("a key of this database does not open with the master keys at hand"))?;
    let keys = Arc::clone(&ring.keys.read());
    AT_HAND.with_borrow_mut(|rings| {
        if let Some(last) = rings.last_mut() {
            last.use_keys(Arc::clone(&keys));
        }
    });
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_another_algorithm_is_refused_and_taken_for_no_text() {
        let keys = KeyRing::empty().keys.into_inner();
        for letter in ['4', '5', 'Z'] {
            let told = keys.open(letter, 1, &mut vec![0; 64]).err().map(|error| error.to_string());
            assert!(told.is_some_and(|told| told.contains("algorithm")), "{letter}");
        }
        assert!(keys.open(value::RANDOM, 1, &mut vec![0; 64]).is_ok_and(|text| text.is_none()), "a key that is not here");
    }
}
