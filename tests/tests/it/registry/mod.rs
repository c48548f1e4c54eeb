//! The registry on a database of its own: does the heart of the service keep its promises?

mod accounts;
mod around;
mod asks;
mod cadastre;
mod cadastre_ends;
mod crowds;
mod decisions;
mod exports;
mod ground;
mod health;
mod holders;
mod imports;
mod laid_aside;
mod life;
mod limits;
mod models;
mod nodes;
mod order;
mod oversight;
mod pseudonyms;
mod quality;
mod stewardship;
pub(crate) mod support;
mod ties;
mod told;
mod unconfirmed;
mod walk;
