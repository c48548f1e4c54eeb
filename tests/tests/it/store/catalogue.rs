//! Is every column of every table explained and labelled?

use std::fmt::Write as _;

use jiku_model::Sensitivity;
use jiku_store::Backend;
use jiku_store::catalogue::TABLES;
use jiku_tests::stores::Database;

fn labelled() -> Vec<(&'static str, &'static str)> {
    let mut columns: Vec<_> = TABLES.iter().flat_map(|table| table.columns.iter().map(|column| (table.name, column.name))).collect();
    columns.sort_unstable();
    columns
}

jiku_tests::on_both_stores! {
    every_column_has_a_label_and_every_label_a_column;
    the_comments_in_the_database_are_those_of_the_catalogue;
}

fn every_column_has_a_label_and_every_label_a_column(database: &Database) {
    let mut found: Vec<_> = database.store().columns().unwrap().into_iter().map(|column| (column.table_name, column.column_name)).collect();
    found.sort_unstable();
    let found: Vec<(&str, &str)> = found.iter().map(|(table, column)| (table.as_str(), column.as_str())).collect();
    assert_eq!(found, labelled());
}

fn the_comments_in_the_database_are_those_of_the_catalogue(database: &Database) {
    let store = database.store();
    for column in store.columns().unwrap() {
        let table = TABLES.iter().find(|table| table.name == column.table_name).expect("every table is in the catalogue");
        let entry = table.columns.iter().find(|entry| entry.name == column.column_name).expect("every column is in the catalogue");
        let expected = (store.backend() == Backend::Postgres).then(|| (entry.about.to_owned(), table.about.to_owned()));
        assert_eq!(column.about.zip(column.table_about), expected, "{}.{}", table.name, entry.name);
    }
}

/// The page of the documentation as the catalogue and the databases have it.
fn data_model() -> String {
    let word = |sensitivity| match sensitivity {
        Sensitivity::Public => "public",
        Sensitivity::Internal => "internal",
        Sensitivity::Personal => "personal",
        Sensitivity::Sensitive => "sensitive",
    };
    let sqlite = Database::sqlite().store().columns().expect("the columns are listed");
    let postgres = Database::postgres().map(|database| database.store().columns().expect("the columns are listed")).unwrap_or_default();
    let type_in = |columns: &[jiku_store::ColumnFound], table: &str, name: &str| {
        columns
            .iter()
            .find(|column| column.table_name == table && column.column_name == name)
            .map(|column| column.column_type.clone())
            .unwrap_or_default()
    };
    let mut page = String::new();
    for table in TABLES {
        write!(
            page,
            "\n### {}\n\n{}.\n\n| column | SQLite | PostgreSQL | label | holds |\n|---|---|---|---|---|\n",
            table.name, table.about
        )
        .expect("a string takes all");
        for column in table.columns {
            let types = [&sqlite, &postgres].map(|columns| type_in(columns, table.name, column.name));
            writeln!(page, "| {} | {} | {} | {} | {} |", column.name, types[0], types[1], word(column.sensitivity), column.about)
                .expect("a string takes all");
        }
    }
    page
}

#[test]
fn the_data_model_page_is_up_to_date() {
    if Database::postgres().is_none() {
        return;
    }
    let file = jiku_tests::binary::repository().join("docs/data-model.md");
    let page = std::fs::read_to_string(&file).unwrap_or_default();
    let (text, tables) = page.split_once("## The tables\n").expect("docs/data-model.md has a part \"The tables\"");
    let expected = data_model();
    if std::env::var_os("JIKU_BLESS").is_some() {
        std::fs::write(&file, format!("{text}## The tables\n{expected}")).expect("the page is written");
    } else {
        assert!(tables == expected, "docs/data-model.md is out of date; run this test with JIKU_BLESS=1");
    }
}
