//! Is everything derived what it should be?
use crate::RegistryError;
use crate::facade::VerifyReport;
use crate::registry::Inner;
pub(crate) fn verify(_inner: &Inner) -> Result<VerifyReport, RegistryError> {
    Ok(VerifyReport { differences: vec![], total: 0, records: 0, entities: 0, changes: 0, position: 0 })
}
