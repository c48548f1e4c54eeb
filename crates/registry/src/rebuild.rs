//! How is everything derived made anew?
use crate::registry::Inner;
use crate::{Actor, RegistryError};
pub(crate) fn rebuild(_inner: &Inner, _actor: &Actor) -> Result<(), RegistryError> {
    Ok(())
}
