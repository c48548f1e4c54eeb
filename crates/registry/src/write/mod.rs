//! How is anything written?
//!
//! A request becomes a [`draft::Draft`] inside a [`session::Session`]: records enter ([`batch`]) or a steward decides
//! ([`stewardship`], [`overrides`]); then [`settle`] draws the consequences and [`tasks`] derives the review queue. How many doubtful pairs
//! of one record wait in it, [`crowds`] says; who works on one, [`assignment`]. What other
//! kinds concluded from the records that changed is decided again ([`ties`]). What is read meanwhile keeps the writer's [`pace`].

pub(crate) mod assignment;
pub(crate) mod batch;
pub(crate) mod cadastre;
pub(crate) mod crowds;
pub(crate) mod draft;
pub(crate) mod fingerprint;
pub(crate) mod images;
pub(crate) mod overrides;
pub(crate) mod pace;
pub(crate) mod parcels;
pub(crate) mod prepare;
pub(crate) mod proposals;
pub(crate) mod queue;
pub(crate) mod reload;
pub(crate) mod session;
pub(crate) mod settle;
pub(crate) mod state;
pub(crate) mod stewardship;
pub(crate) mod tasks;
pub(crate) mod ties;
pub(crate) mod typed;
