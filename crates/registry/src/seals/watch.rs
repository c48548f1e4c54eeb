//! Does the change log go on as it stood, while the service runs?
//!
//! What was seen once is kept in mind by its position and hash. Whoever changes, cuts off or slips in rows behind the service's back
//! breaks the chain at a place that is looked at within seconds.

use jiku_store::{GENESIS_HASH, Reader};

use crate::RegistryError;

/// At most this many rows are looked at in one go; what is beyond them waits for the next.
const LOOKED_AT: i64 = 20_000;

/// The last row that was seen to be right.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    position: i64,
    hash: Vec<u8>,
}

impl Default for Watch {
    fn default() -> Self {
        Self { position: 0, hash: GENESIS_HASH.to_vec() }
    }
}

impl Watch {
    /// From a row on that is known from outside, as from a seal.
    pub(crate) fn from(position: i64, hash: &[u8]) -> Self {
        Self { position, hash: hash.to_vec() }
    }

    /// Looks at what came since; the place where it does not go on, if there is one. From there on the rows are taken as they are, so that
    /// each break is told once.
    pub(crate) fn look(&mut self, reader: &mut Reader<'_>) -> Result<Option<i64>, RegistryError> {
        let mut rows = reader.changes(self.position - 1, LOOKED_AT)?.into_iter().peekable();
        let mut broken = None;
        if self.position > 0 {
            // The last row that was right must still be there, as it was.
            let same = rows.next_if(|row| row.position == self.position).is_some_and(|row| row.hash == self.hash);
            broken = (!same).then_some(self.position);
        }
        if broken.is_some() {
            *self = reader.last_change()?.map_or_else(Self::default, |row| Self { position: row.position, hash: row.hash });
            return Ok(broken);
        }
        for row in rows {
            let goes_on = row.position == self.position + 1 && row.hash_after(&self.hash).as_slice() == row.hash;
            if !goes_on && broken.is_none() {
                broken = Some(row.position);
            }
            (self.position, self.hash) = (row.position, row.hash);
        }
        Ok(broken)
    }
}
