//! Are match models and survivorship rules those that came into use?

use jiku_model::Kind;
use jiku_store::Reader;

use super::Findings;
use crate::RegistryError;

/// Compares them with the digests that were written beside them.
pub(super) fn check(kind: Kind, reader: &mut Reader<'_>, findings: &mut Findings) -> Result<(), RegistryError> {
    let models = reader.models(kind)?.into_iter().map(|row| ("model", row.version, row.digest()));
    let rules = reader.survivorships(kind)?.into_iter().map(|row| ("survivorship", row.version, row.digest()));
    for (area, version, digest) in models.chain(rules).collect::<Vec<_>>() {
        // What an earlier version wrote has none.
        if reader.meta(&digest.name)?.is_some_and(|known| known != digest.value) {
            findings.add(area, format!("{kind} {version}"), "its text, or who made it and when, is not what was written");
        }
    }
    Ok(())
}
