//! What does a golden record say when its source records disagree?
//!
//! [`Rules`] name, per attribute or per group of attributes that belong together, the criteria that choose between
//! values; [`compose`] applies them to the members of a cluster. Both are pure: the same members in any order give the
//! same [`Golden`] record, and every value knows the record it came from and the rule that chose it.
//!
//! ```
//! use jiku_golden::{Member, Rules, compose};
//! use jiku_model::{Attributes, Kind, RecordId, Timestamp};
//!
//! let rules = Rules::from_toml("name = 'people'\nversion = 1\n[default]\norder = ['trust', 'recency']").expect("valid rules");
//! let (police, clinic): (Attributes, Attributes) = ([("name", "张伟")].into_iter().collect(), [("name", "张玮")].into_iter().collect());
//! let member = |slot, trust, attributes| Member {
//!     record: RecordId::new(Kind::Person, slot), order: u64::from(slot), source: "any", trust, verified: false,
//!     valid_from: None, received_at: Timestamp::UNIX_EPOCH, attributes,
//! };
//! let golden = compose(&rules, &[member(0, 60, &clinic), member(1, 90, &police)], &[]);
//! assert_eq!(golden.values["name"].value, "张伟");
//! assert_eq!(golden.values["name"].rule, "trust");
//! ```

mod compose;
mod composition;
mod golden;
mod rules;

pub use compose::{Member, Override, compose, compose_of};
pub use composition::Composition;
pub use golden::{Golden, GoldenValue};
pub use rules::{Clause, Criterion, Remark, Rules, RulesError, Vocabulary};
