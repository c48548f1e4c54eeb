//! Who may come in, and how are they known again?

mod accounts;
mod api_keys;
mod authentication;
mod passwords;
mod second_factor;
mod secrets;
mod sign_ins;

pub(crate) use self::accounts::{create_user, enable, list_principals, set_limits, stewards};
pub(crate) use self::api_keys::{create_key, list_keys, revoke_key};
pub(crate) use self::authentication::{Tokens, authenticate};
pub(crate) use self::second_factor::{change_second_factor, new_secret, set_second_factor};
pub(crate) use self::sign_ins::{sign_in, sign_out};
use crate::RegistryError;

type Result<T> = std::result::Result<T, RegistryError>;

/// One answer to every wrong name, password or token.
fn refused() -> RegistryError {
    RegistryError::Forbidden("the name, password, session or key is not valid".into())
}
