//! How do encrypted columns travel to and from each database?

use std::io::Write as _;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Text;
use diesel::sqlite::Sqlite;

use super::ring::{Look, open, seal, seal_for_lookup};
use crate::types::sql::{Sealed, Token};

macro_rules! encrypted_column {
    ($sql:ty, $seal:ident) => {
        impl FromSql<$sql, Pg> for String {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                Ok(open(std::str::from_utf8(value.as_bytes())?)?)
            }
        }

        impl FromSql<$sql, Sqlite> for String {
            fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                Ok(open(&<Self as FromSql<Text, Sqlite>>::from_sql(value)?)?)
            }
        }

        impl ToSql<$sql, Pg> for str {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all($seal(self)?.as_bytes())?;
                Ok(IsNull::No)
            }
        }

        impl ToSql<$sql, Sqlite> for str {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value($seal(self)?);
                Ok(IsNull::No)
            }
        }

        impl<DB: Backend> ToSql<$sql, DB> for String
        where
            str: ToSql<$sql, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.as_str().to_sql(out)
            }
        }
    };
}

encrypted_column!(Sealed, seal);
encrypted_column!(Token, seal_for_lookup);

impl ToSql<Token, Pg> for Look {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<Token, Sqlite> for Look {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_str());
        Ok(IsNull::No)
    }
}
