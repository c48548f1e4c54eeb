//! Which verified numbers turned out to be nobody's?

use std::num::NonZeroU64;

use ahash::AHashSet;
use jiku_linkage::Model;

use super::{hash_token, token_hasher};

/// The numbers that a model counts as missing, as records carry them: they hold nobody apart from anybody.
#[derive(Debug, Default)]
pub(crate) struct Nobodys(AHashSet<NonZeroU64>);

impl Nobodys {
    /// Those of a model.
    pub(crate) fn of(model: &Model) -> Self {
        Self(model.file().generic.values().flatten().map(|number| strong_hash(number.clone())).collect())
    }

    /// What a record's verified number says of whose it is, if anything.
    pub(crate) fn heed(&self, strong: Option<NonZeroU64>) -> Option<NonZeroU64> {
        strong.filter(|number| !self.0.contains(number))
    }
}

/// The hash by which a record carries its verified number.
pub(crate) fn strong_hash(number: String) -> NonZeroU64 {
    NonZeroU64::new(hash_token(&token_hasher(), &("strong", number))).unwrap_or(NonZeroU64::MIN)
}
