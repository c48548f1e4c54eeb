//! How far has a file been taken, and which file is it?

use std::fmt::Write;
use std::io::{self, BufRead, BufReader, Read};

use sha2::{Digest, Sha256};

/// Bytes on their way in: counted, digested, and numbered by line.
pub(crate) struct Input {
    inner: BufReader<Tap>,
    line: u64,
    offset: u64,
    at_start: bool,
}

struct Tap {
    inner: Box<dyn Read + Send>,
    /// None when nobody will ask for it.
    digest: Option<Sha256>,
}

impl Read for Tap {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        if let Some(digest) = &mut self.digest {
            digest.update(&into[..count]);
        }
        Ok(count)
    }
}

/// A digest as it is printed: 64 hexadecimal digits.
pub(crate) fn hexadecimal(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::with_capacity(2 * bytes.as_ref().len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

const BUFFER: usize = 256 * 1024;

impl Input {
    /// Bytes that are digested, or not.
    pub(crate) fn new(inner: Box<dyn Read + Send>, digested: bool) -> Self {
        let tap = Tap { inner, digest: digested.then(Sha256::new) };
        Self { inner: BufReader::with_capacity(BUFFER, tap), line: 1, offset: 0, at_start: true }
    }

    /// The next bytes; none at the end. A byte order mark of UTF-8 at the start of the file is left out.
    pub(crate) fn chunk(&mut self) -> io::Result<&[u8]> {
        if self.at_start {
            self.at_start = false;
            if self.inner.fill_buf()?.starts_with(b"\xef\xbb\xbf") {
                self.inner.consume(3);
                self.offset += 3;
            }
        }
        self.inner.fill_buf()
    }

    /// Takes bytes of the last chunk.
    pub(crate) fn consume(&mut self, count: usize) {
        let lines = memchr::memchr_iter(b'\n', &self.inner.buffer()[..count]).count();
        self.line += lines as u64;
        self.offset += count as u64;
        self.inner.consume(count);
    }

    /// Takes bytes that hold no line end, or whose line ends the caller has counted.
    pub(crate) fn consume_counted(&mut self, count: usize, lines: u64) {
        self.line += lines;
        self.offset += count as u64;
        self.inner.consume(count);
    }

    /// The line at which reading stands, from 1.
    pub(crate) const fn line(&self) -> u64 {
        self.line
    }

    /// How many bytes have been taken.
    pub(crate) const fn offset(&self) -> u64 {
        self.offset
    }

    /// The SHA-256 of the whole file: reads what is left of it.
    pub(crate) fn digest(&mut self) -> io::Result<String> {
        loop {
            let count = self.inner.fill_buf()?.len();
            if count == 0 {
                let digest = self.inner.get_ref().digest.clone();
                return digest.map(|digest| hexadecimal(digest.finalize())).ok_or_else(|| io::Error::other("the file was not digested"));
            }
            self.inner.consume(count);
        }
    }
}
