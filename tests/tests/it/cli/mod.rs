//! What does the person at the command line see, and what is left after the worst moment?

mod any_table;
mod bench;
mod crash;
mod demo;
mod health;
mod households;
mod ingest;
mod layers;
mod matching;
mod ogc_page;
mod people;
mod readme;
mod results;
mod slips;
mod spreadsheets;
mod survivorship;
mod threads;

/// A new database on each store, with nothing in it; PostgreSQL is left out only by hand.
fn stores(folder: &std::path::Path) -> Vec<String> {
    std::iter::once(jiku_tests::command::sqlite_in(folder)).chain(jiku_tests::postgres::database()).map(jiku_tests::command::made).collect()
}

/// A folder that is gone after the test.
fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
