//! How is a file outside the database kept unreadable, and how is it seen that it is whole?
//!
//! A salt of 32 bytes, then pieces: length in four bytes, AES-256-GCM ciphertext, tag. The key is made from the database's own
//! and the salt, so no two files share one; the nonce is the number of the piece and whether it is the last, so pieces can
//! neither be left out nor exchanged nor cut off.

use std::io::{self, Read, Write};

use aes_gcm::aead::AeadInOut as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::master::random;
use crate::Store;

/// Bytes of a piece before it is encrypted.
const PIECE: usize = 256 * 1024;
const TAG: usize = 16;

/// Encrypts what is written to it; [`SealedWriter::finish`] makes it whole.
pub struct SealedWriter<W> {
    to: W,
    cipher: Aes256Gcm,
    piece: Vec<u8>,
    number: u64,
}

/// Decrypts what [`SealedWriter`] wrote.
pub struct SealedReader<R> {
    from: R,
    cipher: Aes256Gcm,
    piece: Vec<u8>,
    read: usize,
    number: u64,
    ended: bool,
}

impl Store {
    /// A file that only who opens this database can read, for `purpose`.
    ///
    /// # Errors
    /// When nothing can be written.
    pub fn seal_file<W: Write>(&self, purpose: &str, mut to: W) -> io::Result<SealedWriter<W>> {
        let salt: [u8; 32] = random().map_err(|_| io::Error::other("the system gives no random numbers"))?;
        to.write_all(&salt)?;
        Ok(SealedWriter { to, cipher: self.file_cipher(purpose, &salt), piece: Vec::with_capacity(PIECE + TAG), number: 0 })
    }

    /// Opens what [`Store::seal_file`] wrote for the same purpose; reading fails at the first byte that was changed.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open_file<R: Read>(&self, purpose: &str, mut from: R) -> io::Result<SealedReader<R>> {
        let mut salt = [0; 32];
        from.read_exact(&mut salt)?;
        Ok(SealedReader { from, cipher: self.file_cipher(purpose, &salt), piece: Vec::new(), read: 0, number: 0, ended: false })
    }

    fn file_cipher(&self, purpose: &str, salt: &[u8]) -> Aes256Gcm {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.derived_key(purpose)).expect("HMAC takes a key of any length");
        mac.update(salt);
        let key: [u8; 32] = mac.finalize().into_bytes().into();
        Aes256Gcm::new(&key.into())
    }
}

fn nonce(number: u64, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[..8].copy_from_slice(&number.to_le_bytes());
    nonce[8] = u8::from(last);
    nonce
}

impl<W: Write> SealedWriter<W> {
    fn send(&mut self, last: bool) -> io::Result<()> {
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce(self.number, last).into(), &[], self.piece.as_mut_slice().into())
            .map_err(|_| io::Error::other("a piece cannot be encrypted"))?;
        let len = u32::try_from(self.piece.len()).map_err(io::Error::other)?;
        self.to.write_all(&(len << 1 | u32::from(last)).to_le_bytes())?;
        self.to.write_all(&self.piece)?;
        self.to.write_all(&tag)?;
        self.piece.clear();
        self.number += 1;
        Ok(())
    }

    /// Writes what is left and the end; without it the file counts as cut off.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.send(true)?;
        self.to.flush()?;
        Ok(self.to)
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        if self.piece.len() == PIECE {
            self.send(false)?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl<R: Read> SealedReader<R> {
    fn next(&mut self) -> io::Result<()> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the file was changed, cut off, or written under another key");
        let mut head = [0; 4];
        self.from.read_exact(&mut head)?;
        let head = u32::from_le_bytes(head);
        let (len, last) = ((head >> 1) as usize, head & 1 == 1);
        if len > PIECE {
            return Err(damaged());
        }
        self.piece.resize(len, 0);
        self.from.read_exact(&mut self.piece)?;
        let mut tag = [0; TAG];
        self.from.read_exact(&mut tag)?;
        self.cipher
            .decrypt_inout_detached(&nonce(self.number, last).into(), &[], self.piece.as_mut_slice().into(), &tag.into())
            .map_err(|_| damaged())?;
        (self.read, self.ended, self.number) = (0, last, self.number + 1);
        Ok(())
    }
}

impl<R: Read> Read for SealedReader<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        while self.read == self.piece.len() && !self.ended {
            self.next()?;
        }
        let taken = bytes.len().min(self.piece.len() - self.read);
        bytes[..taken].copy_from_slice(&self.piece[self.read..self.read + taken]);
        self.read += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeySource;

    fn store(folder: &std::path::Path, name: &str) -> Store {
        let keys = KeySource::File(folder.join(format!("{name}.keys")));
        Store::open_with(&format!("sqlite://{}", folder.join(name).display()), &keys).expect("a new database opens")
    }

    #[test]
    fn a_file_comes_back_and_whatever_was_done_to_it_is_seen() {
        let folder = tempfile::tempdir().expect("a folder");
        let (own, other) = (store(folder.path(), "own.db"), store(folder.path(), "other.db"));
        let text = "440106199001011234 王伟 ".repeat(40_000);
        let mut writer = own.seal_file("test", Vec::new()).expect("memory takes it");
        writer.write_all(text.as_bytes()).expect("memory takes it");
        let sealed = writer.finish().expect("memory takes it");
        let opened = |store: &Store, purpose, bytes: &[u8]| {
            let mut text = String::new();
            store.open_file(purpose, bytes).and_then(|mut reader| reader.read_to_string(&mut text)).map(|_| text)
        };
        assert!(opened(&own, "test", &sealed).is_ok_and(|back| back == text));
        assert!(!sealed.windows(18).any(|bytes| bytes == b"440106199001011234"));
        assert!(opened(&other, "test", &sealed).is_err() && opened(&own, "other use", &sealed).is_err());
        let piece = 4 + PIECE + TAG;
        let mut exchanged = sealed.clone();
        exchanged[32..32 + 2 * piece].rotate_left(piece);
        let mut flipped = sealed.clone();
        flipped[400_000] ^= 1;
        for wrong in [&exchanged, &flipped, &sealed[..32 + 2 * piece], &sealed[..20], &sealed[..sealed.len() - 1]] {
            assert!(opened(&own, "test", wrong).is_err());
        }
    }
}
