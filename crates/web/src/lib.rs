//! HTTP: what the outside sees of Jiku.
//!
//! `routes` is the whole face on one page: method, path, who may call it, which function answers. A handler extracts,
//! authorises, delegates to `jiku-registry` and answers; it holds no rule of the domain. Every error, also those that
//! actix itself would answer, leaves as problem details (RFC 9457) through the one table in `problem`.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let registry: jiku_registry::Registry = unimplemented!();
//! let listener = jiku_web::bind("127.0.0.1:8080".parse()?)?; // a taken port is told here, before any work
//! jiku_web::serve(jiku_web::ServeOptions::new(registry, listener))?; // returns after SIGTERM or Ctrl-C
//! # Ok(())
//! # }
//! ```

mod accept;
mod at_once;
mod base_map;
mod behind;
mod body;
mod connections;
mod console;
mod cursor;
mod decision;
mod desk;
mod edit;
mod fields;
mod gate;
mod handlers;
mod held;
mod idempotency;
mod metrics;
mod ogc;
mod openapi;
mod outcome;
mod pace;
mod parameters;
mod permission;
mod place;
mod precondition;
mod previews;
mod problem;
mod problem_types;
mod routes;
mod sent;
mod serve;
mod sign_ins;
mod starting;
mod state;
mod streams;
mod taken;
mod tls;
mod wire;

pub use base_map::{BaseMap, NoBaseMap};
pub use console::reason_in_chinese;
pub use openapi::json as openapi_json;
pub use permission::{Personal, Right};
pub use problem::{Problem, SORTS, Sort};
pub use problem_types::{ProblemType, problem_types};
pub use routes::{Entry, Face, PEOPLE_ALONE, ROUTES};
pub use serve::{Running, ServeError, ServeOptions, bind, serve, start};
pub use starting::Starting;
pub use tls::{TlsError, TlsFiles};
