//! Do both databases keep the same promises?

mod catalogue;
mod changes;
mod entities;
mod ledger;
mod open;
mod people;
mod plans;
mod records;
mod samples;
mod transactions;
