//! How do our nouns travel to and from each database?
//!
//! | SQL type | SQLite | PostgreSQL | Rust |
//! |---|---|---|---|
//! | [`sql::Guid`] | `BLOB`, 16 bytes | `uuid` | the ids of `jiku-model` |
//! | [`sql::Instant`] | `INTEGER`, microseconds since 1970 | `timestamptz` | `Timestamp` |
//! | [`sql::RecordNumber`] | `INTEGER` | `bigint` | `RecordId` |
//! | [`sql::KindNumber`] | `INTEGER` | `smallint` | `Kind` |
//! | [`sql::Word`] | `TEXT` | `text` | enums with a fixed list of words |
//! | [`sql::Sealed`], [`sql::Token`] | `TEXT` | `text` | `String`, encrypted on the way in ([`crate::keys`]) |

use std::fmt;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, Queryable};
use diesel::expression::{AsExpression, TypedExpressionType};
use diesel::internal::derives::as_expression::Bound;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, Binary, SmallInt, SqlType, Text};
use diesel::sqlite::Sqlite;
use jiku_model::{
    DecisionId, EmergencyId, EntityId, ExportId, JobId, JudgementId, JudgementOrigin, Kind, ProposalId, RecordId, TaskId, Timestamp,
    Verdict,
};
use uuid::Uuid;

/// The SQL types of the schema that diesel does not bring.
pub(crate) mod sql {
    use diesel::query_builder::QueryId;
    use diesel::sql_types::SqlType;

    /// A 128-bit id.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
    pub struct Guid;

    /// A moment, to the microsecond.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
    pub struct Instant;

    /// The number of a source record.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 20, array_oid = 1016), sqlite_type(name = "Long"))]
    pub struct RecordNumber;

    /// The number of a kind.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 21, array_oid = 1005), sqlite_type(name = "SmallInt"))]
    pub struct KindNumber;

    /// A text that is encrypted in the database; the same text never looks the same twice.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 25, array_oid = 1009), sqlite_type(name = "Text"))]
    pub struct Sealed;

    /// A text that is encrypted in the database and looked up: the same text always looks the same.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 25, array_oid = 1009), sqlite_type(name = "Text"))]
    pub struct Token;

    /// One word of a fixed list.
    #[derive(Clone, Copy, Debug, SqlType, QueryId)]
    #[diesel(postgres_type(oid = 25, array_oid = 1009), sqlite_type(name = "Text"))]
    pub struct Word;
}

use sql::{Guid, Instant, KindNumber, RecordNumber, Word};

/// A value of ours on its way into a query, where diesel's own traits cannot be written for types of another crate.
#[derive(Clone, Copy, Debug)]
pub struct By<T>(pub(crate) T);

impl<T, ST> AsExpression<ST> for By<T>
where
    ST: SqlType + TypedExpressionType,
{
    type Expression = Bound<ST, Self>;

    fn as_expression(self) -> Self::Expression {
        Bound::new(self)
    }
}

impl<T, ST, DB> ToSql<ST, DB> for By<T>
where
    T: ToSql<ST, DB> + fmt::Debug,
    DB: Backend,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// Lets a type be read from a column of ours.
macro_rules! reads_from {
    ($rust:ty, $sql:ty) => {
        impl<DB: Backend> Queryable<$sql, DB> for $rust
        where
            Self: FromSql<$sql, DB>,
        {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
}

macro_rules! uuid_column {
    ($($id:ident)*) => { $(
        reads_from!($id, Guid);

        impl FromSql<Guid, Pg> for $id {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                <Uuid as FromSql<diesel::sql_types::Uuid, Pg>>::from_sql(value).map(Self)
            }
        }

        impl FromSql<Guid, Sqlite> for $id {
            fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                let bytes = <Vec<u8> as FromSql<Binary, Sqlite>>::from_sql(value)?;
                Ok(Self(Uuid::from_slice(&bytes)?))
            }
        }

        impl ToSql<Guid, Pg> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <Uuid as ToSql<diesel::sql_types::Uuid, Pg>>::to_sql(&self.0, out)
            }
        }

        impl ToSql<Guid, Sqlite> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.0.as_bytes().as_slice());
                Ok(IsNull::No)
            }
        }
    )* };
}

uuid_column! { EntityId JudgementId DecisionId TaskId JobId ProposalId EmergencyId ExportId }

impl FromSql<Instant, Pg> for Timestamp {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <Self as FromSql<diesel::sql_types::Timestamptz, Pg>>::from_sql(value)
    }
}

impl FromSql<Instant, Sqlite> for Timestamp {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Sqlite>>::from_sql(value)?;
        Self::from_timestamp_micros(micros).ok_or_else(|| format!("{micros} microseconds lie outside the calendar").into())
    }
}

impl ToSql<Instant, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <Self as ToSql<diesel::sql_types::Timestamptz, Pg>>::to_sql(self, out)
    }
}

impl ToSql<Instant, Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.timestamp_micros());
        Ok(IsNull::No)
    }
}

reads_from!(RecordId, RecordNumber);

impl FromSql<RecordNumber, Pg> for RecordId {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <i64 as FromSql<BigInt, Pg>>::from_sql(value).map(Self)
    }
}

impl FromSql<RecordNumber, Sqlite> for RecordId {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        <i64 as FromSql<BigInt, Sqlite>>::from_sql(value).map(Self)
    }
}

impl<DB> ToSql<RecordNumber, DB> for RecordId
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

reads_from!(Kind, KindNumber);

fn kind_from(number: i16) -> deserialize::Result<Kind> {
    Kind::from_number(number).ok_or_else(|| format!("no kind has the number {number}").into())
}

impl FromSql<KindNumber, Pg> for Kind {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        kind_from(<i16 as FromSql<SmallInt, Pg>>::from_sql(value)?)
    }
}

impl FromSql<KindNumber, Sqlite> for Kind {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        kind_from(<i16 as FromSql<SmallInt, Sqlite>>::from_sql(value)?)
    }
}

impl ToSql<KindNumber, Pg> for Kind {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        <i16 as ToSql<SmallInt, Pg>>::to_sql(&self.number(), &mut out.reborrow())
    }
}

impl ToSql<KindNumber, Sqlite> for Kind {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(i32::from(self.number()));
        Ok(IsNull::No)
    }
}

/// A word that is not on the list of its column.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a word of its column")]
pub struct UnknownWord(String);

macro_rules! word_column {
    ($word:ident: $($variant:ident)*) => {
        reads_from!($word, Word);

        impl FromSql<Word, Pg> for $word {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                let text = std::str::from_utf8(value.as_bytes())?;
                [$(Self::$variant),*].into_iter().find(|word| word.as_str() == text).ok_or_else(|| UnknownWord(text.to_owned()).into())
            }
        }

        impl FromSql<Word, Sqlite> for $word {
            fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                let text = <String as FromSql<Text, Sqlite>>::from_sql(value)?;
                [$(Self::$variant),*].into_iter().find(|word| word.as_str() == text).ok_or_else(|| UnknownWord(text).into())
            }
        }

        impl<DB> ToSql<Word, DB> for $word
        where
            DB: Backend,
            str: ToSql<Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                <str as ToSql<Text, DB>>::to_sql(self.as_str(), out)
            }
        }
    };
}

word_column!(Verdict: Positive Negative Unsure);
word_column!(JudgementOrigin: Model Rule Steward);

macro_rules! own_word {
    ($(#[$doc:meta])* $word:ident { $($(#[$about:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $word { $($(#[$about])* $variant,)* }

        impl $word {
            /// The word in SQL and JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl fmt::Display for $word {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.as_str()) }
        }

        impl FromStr for $word {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                match text { $($text => Ok(Self::$variant),)* _ => Err(UnknownWord(text.to_owned())) }
            }
        }

        word_column!($word: $($variant)*);
    };
}

own_word! {
    /// Whether a source still holds a record.
    RecordState {
        /// It does.
        Active = "active",
        /// It took the record back; history keeps it.
        Withdrawn = "withdrawn",
    }
}

own_word! {
    /// Where a canonical id stands.
    EntityState {
        /// It has members and a golden record.
        Active = "active",
        /// It was merged into another, its redirect.
        Merged = "merged",
        /// It has no members any more.
        Retired = "retired",
    }
}

own_word! {
    /// Where a review task stands.
    TaskState {
        /// It waits for a steward.
        Open = "open",
        /// A steward answered it.
        Decided = "decided",
        /// It no longer needs an answer.
        Closed = "closed",
    }
}

own_word! {
    /// Where a proposed merge stands.
    ProposalState {
        /// It waits for a second steward.
        Open = "open",
        /// Another steward approved it, and it was carried out.
        Approved = "approved",
        /// Another steward said no.
        Rejected = "rejected",
        /// Who proposed it took it back.
        Withdrawn = "withdrawn",
        /// What it was about changed before anybody approved it.
        Stale = "stale",
    }
}

own_word! {
    /// Where an export that was asked for stands.
    ExportState {
        /// It waits for a security administrator.
        Open = "open",
        /// A security administrator approved it; its file may be written, once.
        Approved = "approved",
        /// A security administrator said no.
        Rejected = "rejected",
        /// Who asked for it took it back.
        Withdrawn = "withdrawn",
        /// Its file was begun.
        Taken = "taken",
    }
}

own_word! {
    /// Where a job stands.
    JobState {
        /// It is at work, or its process died.
        Running = "running",
        /// It was interrupted and can go on.
        Paused = "paused",
        /// It is complete.
        Done = "done",
        /// It ended early.
        Failed = "failed",
    }
}
