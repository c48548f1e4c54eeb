//! The words and sentences of the OGC API: parameters, links, conformance, filters.
//!
//! Parsers and types only: nothing here answers a request. OGC 17-069r4 (Features part 1), 18-058r1 (part 2), 19-079r2
//! (part 3), 21-065r2 (CQL2), 20-057 (Tiles).

pub mod conformance;
pub mod cql2;
mod link;
mod parameter;
mod time;

pub use link::{Link, MediaType, links_header};
pub use parameter::{Bbox, Direction, ParameterProblem, Sort, check_known, parse_bbox, parse_crs, parse_limit, parse_sort};
pub use time::{Moment, TimeSpan};
