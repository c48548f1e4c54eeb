//! What is a legal entity identifier (ISO 17442)?

use std::str::FromStr;

use super::{Fault, Reading, Repair, ascii_number, checksum};

/// A legal entity identifier: 18 letters and digits and two check digits (ISO 7064 MOD 97-10).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lei([u8; 20]);

ascii_number!(Lei, 20);

impl Lei {
    pub(super) fn read_compact(compact: &str) -> Result<Reading<Self>, Fault> {
        compact.parse().map(|value| Reading { value, repair: Repair::Form })
    }

    /// The prefix of the organisation that issued it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.as_str()[..4]
    }
}

impl FromStr for Lei {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let code = <[u8; 20]>::try_from(text.as_bytes()).map_err(|_| Fault::Length)?;
        if !code[18..].iter().all(u8::is_ascii_digit) {
            return Err(Fault::Charset);
        }
        match checksum::mod_97(&code) {
            None => Err(Fault::Charset),
            Some(1) => Ok(Self(code)),
            Some(_) => Err(Fault::Checksum),
        }
    }
}
