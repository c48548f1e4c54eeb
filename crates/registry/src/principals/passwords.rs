//! How is a password kept, and known again?
//!
//! As an argon2id hash with its salt and its parameters.

use argon2::{Algorithm, Argon2, Params, Version};

use super::Result;
use super::secrets::{hex, same, unhex};
use crate::RegistryError;

/// `argon2id$m,t,p$salt$hash`, with the parameters of the day so that they can grow.
pub(super) fn hash_password(password: &str, salt: &[u8]) -> Result<String> {
    let params = Params::default();
    let hash = argon2id(password, salt, params.clone())?;
    Ok(format!("argon2id${},{},{}${}${}", params.m_cost(), params.t_cost(), params.p_cost(), hex(salt), hex(&hash)))
}

pub(super) fn check_password(password: &str, kept: &str) -> Result<bool> {
    let broken = || RegistryError::internal("a password hash is not readable");
    let parts: Vec<&str> = kept.split('$').collect();
    let ["argon2id", params, salt, hash] = parts.as_slice() else { return Err(broken()) };
    let params: Vec<u32> = params.split(',').filter_map(|number| number.parse().ok()).collect();
    let [memory, time, lanes] = params.as_slice() else { return Err(broken()) };
    let params = Params::new(*memory, *time, *lanes, None).map_err(|_| broken())?;
    let (salt, hash) = (unhex(salt).ok_or_else(broken)?, unhex(hash).ok_or_else(broken)?);
    Ok(same(&argon2id(password, &salt, params)?, &hash))
}

fn argon2id(password: &str, salt: &[u8], params: Params) -> Result<[u8; 32]> {
    let mut hash = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .map_err(|error| RegistryError::internal(format!("a password cannot be hashed: {error}")))?;
    Ok(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_again_and_another_is_not() {
        let kept = hash_password("correct horse", &[7; 16]).expect("hashes");
        assert!(kept.starts_with("argon2id$") && !kept.contains("horse"));
        assert!(check_password("correct horse", &kept).expect("readable"));
        assert!(!check_password("correct hose", &kept).expect("readable"));
        assert!(check_password("x", "md5$1$2").is_err());
    }
}
