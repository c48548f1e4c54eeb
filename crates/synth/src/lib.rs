//! Which records would the departments of a province keep, if everything in it were invented and the truth known?
//!
//! [`Province`] streams the records of people in families, of the organisations they represent and of the land both hold,
//! as eleven systems of ten departments would have written them down, each with its own coverage and habits; every record says which
//! true entity it speaks of. All people, organisations, addresses and rights are invented; identity numbers are valid
//! by their check characters and can by chance be somebody's, so none is joined with a real name.

mod company;
mod company_records;
mod dress;
mod file;
mod history;
mod mistake;
mod mix;
mod name;
mod number;
mod parcel;
mod parcel_records;
mod people;
mod person_records;
mod place;
mod province;
mod random;
mod reference;
mod source;

pub use dress::mapping;
pub use file::{CsvFiles, feature, header};
pub use mix::{Mistakes, NotAMix};
pub use province::{Made, Province, Settings, SynthRecord};
pub use source::{SOURCES, Source};
