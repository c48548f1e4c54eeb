//! What is a unified social credit code (统一社会信用代码), and what does it tell?

use std::str::FromStr;
use std::sync::LazyLock;

use super::{Fault, OrganisationCode, Reading, Repair, ascii_number, checksum};
use crate::divisions;
use crate::table::rows;

/// A code of GB 32100-2015 whose form and check character are right. Department, category, region and the organisation
/// code inside may still be doubtful: [`CreditCode::doubts`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CreditCode([u8; 18]);

ascii_number!(CreditCode, 18);

static CATEGORIES: LazyLock<Vec<(u8, u8)>> = LazyLock::new(|| {
    rows(include_str!("../../../../fixtures/reference/uscc_categories.csv"))
        .map(|row| (row[0].as_bytes()[0], row[2].as_bytes()[0]))
        .collect()
});

impl CreditCode {
    pub(super) fn read_compact(compact: &str) -> Result<Reading<Self>, Fault> {
        compact.parse().map(|value| Reading { value, repair: Repair::Form })
    }

    /// Reads the code, and when its characters are wrong tries the usual slips of the pen (O for 0, I and l for 1, Z
    /// for 2, S for 5): the repair counts only when the check character then fits.
    ///
    /// # Errors
    /// The first fault of the text as written.
    pub fn read_or_repair(text: &str) -> Result<Reading<Self>, Fault> {
        Self::read(text).or_else(|fault| {
            let repaired: String = text
                .chars()
                .map(|c| match c {
                    'O' | 'o' => '0',
                    'I' | 'l' | 'i' => '1',
                    'Z' | 'z' => '2',
                    'S' | 's' => '5',
                    c => c,
                })
                .collect();
            Self::read(&repaired).map(|reading| Reading { repair: Repair::LookAlikes, ..reading }).map_err(|_| fault)
        })
    }

    /// The department that registers, one character.
    #[must_use]
    pub fn department(&self) -> &str {
        &self.as_str()[..1]
    }

    /// The category of organisation within the department, one character.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.as_str()[1..2]
    }

    /// The division of the authority that registered it first; it stays when the organisation moves.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.as_str()[2..8]
    }

    /// The organisation code inside, when its own check character is right.
    #[must_use]
    pub fn organisation_code(&self) -> Option<OrganisationCode> {
        self.as_str()[8..17].parse().ok()
    }

    /// What is doubtful about a code whose check character is right. None of it is a reason to refuse: departments and
    /// categories were added after the standard, and regions are renamed.
    #[must_use]
    pub fn doubts(&self) -> Vec<Fault> {
        let (department, category) = (self.0[0], self.0[1]);
        let mut doubts = Vec::new();
        if !CATEGORIES.iter().any(|pair| pair.0 == department) {
            doubts.push(Fault::Department);
        } else if !CATEGORIES.contains(&(department, category)) {
            doubts.push(Fault::Category);
        }
        let region = self.region();
        if region != "100000" && !region[..2].parse().is_ok_and(divisions::is_province) {
            doubts.push(Fault::Region);
        }
        if self.organisation_code().is_none() {
            doubts.push(Fault::OrgCodeChecksum);
        }
        doubts
    }

    /// Whether nothing speaks against using it as the strong key of a legal person.
    #[must_use]
    pub fn is_strong(&self) -> bool {
        self.doubts().iter().all(|doubt| *doubt == Fault::Category)
    }

    /// Whether it is the code of a sole trader (个体工商户), whose name is personal data.
    #[must_use]
    pub fn is_sole_trader(&self) -> bool {
        self.0.starts_with(b"92")
    }
}

impl FromStr for CreditCode {
    type Err = Fault;

    fn from_str(text: &str) -> Result<Self, Fault> {
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let code = <[u8; 18]>::try_from(text.as_bytes()).map_err(|_| Fault::Length)?;
        if code.iter().any(|&byte| checksum::credit_value(byte).is_none()) {
            return Err(Fault::Charset);
        }
        // A code of zeros passes the arithmetic.
        if super::is_filler(&code) {
            return Err(Fault::Placeholder);
        }
        if checksum::mod_31(&code[..17]) == Some(code[17]) { Ok(Self(code)) } else { Err(Fault::Checksum) }
    }
}
