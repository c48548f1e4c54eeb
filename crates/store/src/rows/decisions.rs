//! What are the rows of decisions and value overrides?

use diesel::prelude::*;
use jiku_model::{DecisionId, EntityId, Kind, RecordId, Timestamp};

row! {
    /// Acts of stewards and of the engine that may write several judgements.
    pub struct DecisionRow in decision {
        /// Its id.
        pub id: DecisionId,
        /// 1 person, 2 legal person, 3 parcel.
        pub kind: Kind,
        /// What was done: merge, unmerge, judge, override, undo, ….
        pub action: String,
        /// The principal who did it.
        pub actor: String,
        /// When.
        pub at: Timestamp,
        /// Why, in the actor's words.
        pub comment: Option<String>,
        /// The decision that undid it, if any.
        pub undone_by: Option<DecisionId>,
        /// What it did in full, a JSON object.
        pub body: String,
    }
}

row! {
    /// Which entities a decision touched.
    pub struct DecisionEntityRow in decision_entity {
        /// The entity.
        pub entity: EntityId,
        /// The decision.
        pub decision: DecisionId,
    }
}

row! {
    /// A steward's own value for one field, anchored at a source record, until released.
    pub struct OverrideRow in value_override {
        /// The decision that set it.
        pub decision: DecisionId,
        /// The source record whose entity it follows.
        pub record: RecordId,
        /// The standard column.
        pub column_name: String,
        /// The value; none means: leave empty.
        pub value: Option<String>,
        /// Who set it.
        pub actor: String,
        /// Why.
        pub reason: String,
        /// When.
        pub at: Timestamp,
        /// When it was released, if ever.
        pub released_at: Option<Timestamp>,
        /// The decision that released it.
        pub released_by: Option<DecisionId>,
    }
}

/// Which decisions a page shows; an absent field does not restrict.
#[derive(Clone, Debug, Default)]
pub struct DecisionFilter {
    /// Of one kind.
    pub kind: Option<Kind>,
    /// Of one principal.
    pub actor: Option<String>,
    /// Acts of these names.
    pub actions: Option<Vec<String>>,
}

/// How many decisions of one sort somebody made.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct DecisionCount {
    /// The principal.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// How many.
    pub count: i64,
}
