//! Where does each record of a line format end?

use crate::fault::FileFault;
use crate::input::Input;
use crate::limits::Limits;

/// Takes records apart at a byte that ends (or, in a text sequence, begins) each of them.
pub(crate) struct Lines {
    separator: u8,
    limits: Limits,
    buffer: Vec<u8>,
}

/// One record's bytes are in [`Lines::bytes`].
#[derive(Debug)]
pub(crate) struct Line {
    /// The line it begins on.
    pub(crate) line: u64,
    /// Whether it was longer than the limit; its bytes are then cut.
    pub(crate) too_long: bool,
}

impl Lines {
    pub(crate) const fn new(separator: u8, limits: Limits) -> Self {
        Self { separator, limits, buffer: Vec::new() }
    }

    /// The bytes of the last record, without white space around it.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.trim_ascii()
    }

    /// Passes over blank lines at once: a few bytes in gzip stand for a thousand million of them. False at the end.
    fn skip_blank(&self, input: &mut Input) -> Result<bool, FileFault> {
        let (line, mut skipped) = (input.line(), 0_u64);
        loop {
            let chunk = input.chunk().map_err(|error| FileFault::unreadable(&error))?;
            if chunk.is_empty() {
                return Ok(false);
            }
            let blank = chunk.iter().position(|&byte| byte != self.separator && !byte.is_ascii_whitespace());
            let length = blank.unwrap_or(chunk.len());
            input.consume(length);
            if blank.is_some() {
                return Ok(true);
            }
            skipped += length as u64;
            if skipped > self.limits.give_up_bytes {
                return Err(self.limits.nothing_but_blank().at(line, input.offset()));
            }
        }
    }

    /// The next record that is not blank, none at the end.
    pub(crate) fn next(&mut self, input: &mut Input) -> Result<Option<Line>, FileFault> {
        loop {
            if !self.skip_blank(input)? {
                return Ok(None);
            }
            let (line, mut taken, mut ended) = (input.line(), 0_u64, false);
            self.buffer.clear();
            while !ended {
                let chunk = input.chunk().map_err(|error| FileFault::unreadable(&error))?;
                if chunk.is_empty() {
                    break;
                }
                let end = memchr::memchr(self.separator, chunk);
                let length = end.unwrap_or(chunk.len());
                let room = self.limits.row_bytes.saturating_sub(self.buffer.len());
                self.buffer.extend_from_slice(&chunk[..length.min(room)]);
                taken += length as u64;
                ended = end.is_some();
                if self.separator == b'\n' {
                    input.consume_counted(length + usize::from(ended), u64::from(ended));
                } else {
                    input.consume(length + usize::from(ended));
                }
                if taken > self.limits.give_up_bytes {
                    return Err(self.limits.no_end().at(line, input.offset()));
                }
            }
            if !self.buffer.trim_ascii().is_empty() {
                let too_long = taken > self.limits.row_bytes as u64;
                return Ok(Some(Line { line, too_long }));
            }
            if !ended {
                return Ok(None);
            }
        }
    }
}
