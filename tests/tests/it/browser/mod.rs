//! Does the console work for people, in a real browser?

mod access;
mod files;
mod language;
mod map;
mod office;
mod stewardship;
