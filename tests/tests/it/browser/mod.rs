//! Does the console work for people, in a real browser?

mod language;
mod stewardship;
