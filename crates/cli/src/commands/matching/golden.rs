//! What does each cluster say as one row?
//!
//! The files are read once more, and the values of a cluster's records compete under survivorship rules: those of the kind, those
//! of a file, or for any table what most records say, then what says most.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use jiku_golden::{Member, Rules, compose, compose_of};
use jiku_model::{Attributes, Kind, ParseContext, RawRecord, RecordId, Timestamp};

use super::output::{Cell, TableFile};
use super::prepare::{Prepared, entity, hash};
use super::{Clusters, Input, MatchingArgs, titles};
use crate::failure::{Failure, Outcome, chain};

/// The rules of a table that is of no kind.
const ANY_TABLE: &str = "name = \"table\"\nversion = 1\n[default]\norder = [\"frequency\", \"completeness\"]\n";

/// Writes one row for each cluster: its number, how many records it has, and the value that survives in each column.
pub(crate) fn write_golden(
    path: &Path,
    survivorship: Option<&PathBuf>,
    args: &MatchingArgs,
    files: &[PathBuf],
    prepared: &Prepared,
    clusters: &Clusters,
) -> Outcome {
    let rules = match (survivorship, prepared.kind) {
        (Some(file), _) => fs::read_to_string(file).map_err(|error| Failure::input(format!("cannot read {}: {error}", file.display())))?,
        (None, Some(kind)) => entity(kind).default_survivorship().to_owned(),
        (None, None) => ANY_TABLE.to_owned(),
    };
    let rules =
        Rules::from_toml(&rules).map_err(|error| Failure::input(format!("the survivorship rules cannot be used: {}", chain(&error))))?;
    let (columns, said) = read(args, files, prepared)?;
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); clusters.count as usize];
    (0..).zip(&clusters.label).for_each(|(record, label)| members[*label as usize].push(record));

    let heads: Vec<(&str, Cell)> = [("cluster_id", Cell::Whole), ("records", Cell::Whole)]
        .into_iter()
        .chain(columns.iter().map(|column| (column.as_str(), Cell::Text)))
        .collect();
    let mut table = TableFile::create(path, &heads)?;
    for (label, records) in members.iter().enumerate() {
        let of = |record: &u32| Member {
            record: RecordId::new(prepared.kind.unwrap_or(Kind::Person), *record),
            order: hash(&prepared.ids[*record as usize]),
            source: "",
            trust: 50,
            verified: prepared.strong[*record as usize].is_some(),
            valid_from: said[*record as usize].get("valid_from"),
            received_at: Timestamp::UNIX_EPOCH,
            attributes: &said[*record as usize],
        };
        let members: Vec<Member<'_>> = records.iter().map(of).collect();
        let golden = match prepared.kind {
            Some(kind) => compose_of(entity(kind), &rules, &members, &[]),
            None => compose(&rules, &members, &[]),
        };
        let (label, size) = (label.to_string(), records.len().to_string());
        let value = |column: &String| golden.values.get(column).map_or("", |value| value.value.as_str());
        let row: Vec<&str> = [label.as_str(), size.as_str()].into_iter().chain(columns.iter().map(value)).collect();
        table.row(&row)?;
    }
    table.finish()
}

/// What each record says, in their order, and the columns there are.
fn read(args: &MatchingArgs, files: &[PathBuf], prepared: &Prepared) -> Result<(Vec<String>, Vec<Attributes>), Failure> {
    let kind = prepared.kind;
    let context = ParseContext { today: chrono::Local::now().date_naive() };
    let left_out: BTreeSet<&str> = args.id_column.iter().chain(&args.truth_column).map(String::as_str).collect();
    let (mut columns, mut said): (Vec<String>, Vec<Attributes>) = (Vec::new(), Vec::new());
    for (file, names) in files.iter().zip(&prepared.renamed) {
        let mut input = Input::open(file, args.charset)?;
        input.rename(names);
        // Where each column stands: several places when a table tells it twice.
        let places: Vec<(String, Vec<usize>)> = match kind {
            Some(kind) => {
                let named = |at: &usize| !left_out.contains(input.headers[*at].as_str());
                let standing =
                    |column: &jiku_model::Column| titles::places(&input.headers, kind, column).into_iter().filter(named).collect();
                entity(kind).columns().iter().map(|column| (column.name.to_owned(), standing(column))).collect()
            }
            None => {
                let headers = input.headers.iter().enumerate().filter(|(_, header)| !left_out.contains(header.as_str()));
                headers.map(|(at, header)| (header.clone(), vec![at])).collect()
            }
        };
        for (column, at) in &places {
            if !at.is_empty() && !columns.contains(column) {
                columns.push(column.clone());
            }
        }
        loop {
            let rows = input.chunk(1 << 14)?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let cells = places.iter().filter_map(|(column, places)| {
                    let told = places.iter().filter_map(|at| row.get(*at)).map(str::trim).find(|cell| !cell.is_empty())?;
                    Some((column.as_str(), told))
                });
                said.push(match kind {
                    Some(kind) => {
                        let raw: RawRecord = cells.map(|(column, told)| (column.to_owned(), told.into())).collect();
                        entity(kind).parse(&raw, &context).attributes
                    }
                    None => cells.collect(),
                });
            }
        }
    }
    Ok((columns, said))
}
