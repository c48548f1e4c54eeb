//! What is an organisation code (组织机构代码)?

use std::str::FromStr;

use super::{Fault, Reading, Repair, ascii_number, checksum};

/// An organisation code of GB 11714: eight characters and a check character, without the printed hyphen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrganisationCode([u8; 9]);

ascii_number!(OrganisationCode, 9);

impl OrganisationCode {
    pub(super) fn read_compact(compact: &str) -> Result<Reading<Self>, Fault> {
        compact.parse().map(|value| Reading { value, repair: Repair::Form })
    }

    /// The code as it is printed, `XXXXXXXX-X`.
    #[must_use]
    pub fn printed(&self) -> String {
        format!("{}-{}", &self.as_str()[..8], &self.as_str()[8..])
    }

    /// Whether it lies in the range PDY00001–PDY99999 that an owner may use for itself but not exchange.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.0.starts_with(b"PDY") && self.0[3..8].iter().all(u8::is_ascii_digit)
    }
}

impl FromStr for OrganisationCode {
    type Err = Fault;

    /// Reads the nine characters, with or without the hyphen before the last.
    fn from_str(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let mut code = [0; 9];
        match text.as_bytes() {
            plain if plain.len() == 9 => code.copy_from_slice(plain),
            printed if printed.len() == 10 && printed[8] == b'-' => {
                code[..8].copy_from_slice(&printed[..8]);
                code[8] = printed[9];
            }
            _ => return Err(Fault::Length),
        }
        if !code.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()) || !(code[8].is_ascii_digit() || code[8] == b'X') {
            return Err(Fault::Charset);
        }
        if checksum::gb_11714(&code[..8]) != Some(code[8]) {
            return Err(Fault::Checksum);
        }
        if code.iter().all(|&byte| byte == b'0') { Err(Fault::Placeholder) } else { Ok(Self(code)) }
    }
}
