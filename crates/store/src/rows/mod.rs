//! What does a row of each table hold?
//!
//! Plain public structs, one file per noun; the queries are in the folder `q` under the same names.

/// A row that is read, inserted and updated whole: the struct as written, and what diesel's derives would write for it
/// if they could bind types of another crate.
macro_rules! row {
    ($(#[$doc:meta])* pub struct $row:ident in $table:ident { $($(#[$about:meta])* pub $column:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Queryable, Selectable)]
        #[diesel(table_name = crate::schema::$table, check_for_backend(diesel::pg::Pg, diesel::sqlite::Sqlite))]
        pub struct $row { $($(#[$about])* pub $column: $type,)* }

        crate::rows::insertable! { $row in $table { $($column: $type,)* } }
    };
}

/// The part of [`row`] that writes.
macro_rules! insertable {
    ($row:ident in $table:ident { $($column:ident: $type:ty,)* }) => {
        const _: () = {
            use crate::schema::$table as columns;
            use crate::types::By;

            type Assignments<'a> = ($(diesel::dsl::Eq<columns::$column, By<&'a $type>>,)*);

            impl $row {
                fn assignments(&self) -> Assignments<'_> {
                    ($(columns::$column.eq(By(&self.$column)),)*)
                }
            }

            impl<'a> Insertable<columns::table> for &'a $row {
                type Values = <Assignments<'a> as Insertable<columns::table>>::Values;

                fn values(self) -> Self::Values {
                    self.assignments().values()
                }
            }

            impl diesel::internal::derives::insertable::UndecoratedInsertRecord<columns::table> for &$row {}

            // Names the statement that inserts an array of rows, so that it stays prepared.
            impl Insertable<columns::table> for $row {
                type Values = <($(diesel::dsl::Eq<columns::$column, By<$type>>,)*) as Insertable<columns::table>>::Values;

                fn values(self) -> Self::Values {
                    ($(columns::$column.eq(By(self.$column)),)*).values()
                }
            }

            impl<'a> AsChangeset for &'a $row {
                type Target = columns::table;
                type Changeset = <Assignments<'a> as AsChangeset>::Changeset;

                fn as_changeset(self) -> Self::Changeset {
                    self.assignments().as_changeset()
                }
            }
        };
    };
}

use insertable;

mod access;
mod accounts;
mod changes;
mod decisions;
mod entities;
mod golden;
mod jobs;
mod judgements;
mod oversight;
mod records;
mod reviews;
mod settings;

pub use access::{AccessRow, NewAccess, NewAccessPage};
pub use accounts::{ApiKeyRow, PrincipalRow, PurposeRow, SeenRow, SessionRow, UsageRow};
pub use changes::{ChangeRow, GENESIS_HASH, NewChange};
pub use decisions::{DecisionCount, DecisionEntityRow, DecisionFilter, DecisionRow, OverrideRow};
pub use entities::{EntityCount, EntityRow, VersionRow};
pub use golden::{FormerParcelRow, LegalPersonRow, LineageRow, ParcelGeometry, ParcelRow, PersonRow, RelationshipRow, RightRow};
pub use jobs::{IdempotencyRow, JobFilter, JobRow, RejectionRow};
pub use judgements::{JudgementRow, LedgerEntry};
pub use oversight::{EmergencyRow, ExportRow, ProposalRow};
pub use records::{RecordCount, RecordHead, RecordRow, RevisionRow, ScannedRecord};
pub use reviews::{ReviewCount, ReviewCursor, ReviewFilter, ReviewTaskRow};
pub use settings::{DataKeyRow, MetaRow, ModelRow, SourceRow, SurvivorshipRow};
