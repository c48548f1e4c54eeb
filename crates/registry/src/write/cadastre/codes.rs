//! Which parcel code does a new parcel get?
//!
//! Serials are counted within a sub-district and its feature letters (GB/T 37346-2019, 4.2.3). A code that a parcel
//! carries or ever lost is not given out again.

use std::collections::BTreeMap;

use jiku_model::EntityId;
use jiku_parcel::edit::STEM;
use jiku_store::Reader;

use super::Result;
use crate::RegistryError;

/// Codes given out in one edit.
#[derive(Default)]
pub(super) struct Issued {
    last: BTreeMap<String, u32>,
}

impl Issued {
    /// The next code of a sub-district and feature.
    pub(super) fn next(&mut self, reader: &mut Reader<'_>, stem: &str) -> Result<String> {
        let last = match self.last.get(stem) {
            Some(last) => *last,
            None => {
                let last = reader.last_code(&format!("{stem}00000"), &format!("{stem}99999"))?;
                last.and_then(|code| code.get(STEM..)?.parse().ok()).unwrap_or(0)
            }
        };
        if last >= 99_999 {
            return Err(RegistryError::conflict("codes-exhausted", "this sub-district has no serial left: name another one"));
        }
        self.last.insert(stem.to_owned(), last + 1);
        Ok(format!("{stem}{:05}", last + 1))
    }
}

/// Refuses a code that another parcel carries, or that any parcel lost.
pub(super) fn must_be_free(reader: &mut Reader<'_>, code: &str, own: Option<EntityId>) -> Result<()> {
    let codes = [code.to_owned()];
    if reader.parcels_by_code(&codes)?.iter().any(|(id, _)| Some(*id) != own) {
        let message = "another parcel carries this code: leave the serial out and the next free one is given";
        return Err(RegistryError::conflict("parcel-code-taken", message));
    }
    if reader.former_parcels_by_code(&codes)?.iter().any(|row| Some(row.entity) != own) {
        let message = "a parcel that is no more had this code, and codes are never given out again: leave the serial out";
        return Err(RegistryError::conflict("parcel-code-retired", message));
    }
    Ok(())
}
