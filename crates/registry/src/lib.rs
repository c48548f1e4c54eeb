//! What can the service do?
//!
//! [`Registry`] is the façade: its public functions are the use cases, and there is no other way to the data. It owns
//! the transactions, the in-memory indexes, the traces and the queue of writes; it knows no HTTP and no SQL.

mod actor;
mod acts;
mod alarms;
mod audit;
mod cadastre;
mod emergency;
mod error;
mod exports;
mod facade;
mod follower;
mod generic;
mod imports;
mod ingest;
mod kinds;
mod limits;
mod load;
mod memory;
mod norms;
mod notes;
mod oidc;
mod principals;
mod purposes;
mod read;
mod rebuild;
mod recalled;
mod registry;
mod rejudge;
mod remodel;
mod requests;
mod retention;
mod rights;
mod scope;
mod seals;
mod sensitive;
mod shown;
mod snapshot;
mod spreadsheet;
mod survivorship;
mod totp;
mod usage;
mod verify;
mod write;

pub use actor::{Actor, Role, UnknownRole};
pub use error::{OpenError, RegistryError};
pub use facade::*;
pub use imports::{ImportBatch, Portion, too_many_rejected};
pub use jiku_linkage::{Explanation, ExplanationLine};
pub use jiku_parcel::rights::{ParcelRight, RightCategory};
pub use jiku_spatial::topology::Tolerances;
pub use jiku_store::catalogue::removal;
pub use kinds::{code_name, columns, computed_parcel_columns, inspect};
pub use limits::{FieldUse, Limits, Sources, UnknownSources};
pub use memory::{DivisionExtent, DivisionExtents, MapTile, ParcelFeature, ParcelView};
pub use registry::{AsItIs, Office, Options, Registry};
pub use seals::{Extent, Seal, SealError, TraceReport, check_traces, read_seals};
pub use sensitive::holds_personal_number;
pub use spreadsheet::guarded_cell;
pub use usage::DepartmentQuotas;
pub use verify::damage;
