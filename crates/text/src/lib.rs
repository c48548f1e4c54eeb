//! Text to comparison keys: what people and systems write, brought to forms that can be compared.
//!
//! Nothing here reads a file, a clock or a random number; the code lists are built into the program.

pub mod address;
mod autonomous;
pub mod characters;
pub mod code_list;
pub mod dates;
pub mod divisions;
pub mod field;
pub mod identifier;
pub mod look_alikes;
pub mod masking;
pub mod numerals;
pub mod organisation_name;
pub mod person_name;
pub mod place;
mod polyphones;
pub mod private_use;
pub mod reading;
mod simplified;
pub mod surnames;
mod table;
mod townships;
mod zones;

pub use simplified::{simplify, simplify_char};
