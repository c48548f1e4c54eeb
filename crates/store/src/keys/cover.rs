//! By what name does a text go among those who may not see it?
//!
//! The same text has the same name, so that it can be followed, compared and asked for; only who holds the keys of this database can
//! tell what it stands for. The name is the text itself, encrypted (AES-256-GCM-SIV under a fixed nonce, RFC 8452) under a key that
//! stays for the life of the database.

use aes_gcm_siv::aead::AeadInOut as _;
use aes_gcm_siv::{Aes256GcmSiv, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::store::Store;

/// What a name begins with.
const SIGN: &str = "~C.";

/// Fixed, so that equal texts have equal names; SIV allows that.
const NONCE: [u8; 12] = *b"jiku covered";
const TAG: usize = 16;

impl Store {
    fn cover_cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new(&self.derived_key("cover").into())
    }

    /// The name that stands for a text.
    #[must_use]
    pub fn cover(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        let tag = self.cover_cipher().encrypt_inout_detached(&NONCE.into(), &[], bytes.as_mut_slice().into());
        // Only what is longer than any memory cannot be encrypted.
        bytes.extend_from_slice(&tag.expect("a text is below 64 GiB"));
        format!("{SIGN}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The text that a name stands for; none when it is no name of this database's.
    #[must_use]
    pub fn uncover(&self, name: &str) -> Option<String> {
        let mut bytes = URL_SAFE_NO_PAD.decode(name.strip_prefix(SIGN)?).ok()?;
        let tag: [u8; TAG] = *bytes.last_chunk()?;
        bytes.truncate(bytes.len() - TAG);
        self.cover_cipher().decrypt_inout_detached(&NONCE.into(), &[], bytes.as_mut_slice().into(), &tag.into()).ok()?;
        String::from_utf8(bytes).ok()
    }
}
