//! How is anything asked?

pub(crate) mod around;
pub(crate) mod decisions;
pub(crate) mod feed;
pub(crate) mod find;
pub(crate) mod maps;
pub(crate) mod minimal;
pub(crate) mod models;
pub(crate) mod parcels;
pub(crate) mod preview;
pub(crate) mod proposals;
pub(crate) mod quality;
pub(crate) mod resolve;
pub(crate) mod reviews;
pub(crate) mod rights;
pub(crate) mod search;
pub(crate) mod shared_numbers;
pub(crate) mod validate;
pub(crate) mod views;
