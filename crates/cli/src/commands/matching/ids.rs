//! Does each row have an id of its own?

use std::path::PathBuf;

use jiku_ingest::Charset;
use rayon::prelude::*;

use super::prepare::hash;
use super::{Input, MatchingArgs};
use crate::failure::{Failure, Outcome};

/// Two rows of one id, by number, or one without an id.
pub(super) fn faulty(ids: &[String]) -> Option<(usize, usize)> {
    let mut hashes: Vec<(u64, usize)> = ids.par_iter().enumerate().map(|(at, id)| (hash(id), at)).collect();
    hashes.par_sort_unstable();
    let empty = ids.iter().position(String::is_empty).map(|at| (at, at));
    let repeated = hashes.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1).filter_map(|run| {
        let pairs = run.iter().enumerate().flat_map(|(at, second)| run[..at].iter().map(move |first| (first.1, second.1)));
        pairs.filter(|(first, second)| ids[*first] == ids[*second]).min_by_key(|(first, second)| (*second, *first))
    });
    empty.or_else(|| repeated.min_by_key(|(first, second)| (*second, *first)))
}

/// Refuses rows that have no id, or the id of another. `ids` are those of these files together.
pub(super) fn check(args: &MatchingArgs, ids: &[String], files: &[PathBuf]) -> Outcome {
    let Some((first, second)) = faulty(ids) else { return Ok(()) };
    let column = args.id_column.as_deref().unwrap_or_default();
    let advice = "every row needs an id of its own: name another column with --id-column, or none, and rows are numbered";
    let at = |row: usize| place(row, files, args.charset);
    Err(Failure::input(if first == second {
        format!("{} has no id in column {column}; {advice}", at(first)?)
    } else {
        format!("{} has the id {:?} in column {column}, which {} has already; {advice}", at(second)?, ids[first], at(first)?)
    }))
}

/// Where a row stands: its file and line, or its number where a file has no lines.
fn place(row: usize, files: &[PathBuf], charset: Option<Charset>) -> Result<String, Failure> {
    let mut before = 0;
    for file in files {
        let mut input = Input::open(file, charset)?;
        loop {
            let rows = input.chunk(1 << 14)?;
            if rows.is_empty() {
                break;
            }
            if let Some(found) = rows.get(row - before) {
                let line = found.position().map_or_else(|| format!("row {}", row + 1), |position| format!("line {}", position.line()));
                return Ok(format!("{} {line}", input.name));
            }
            before += rows.len();
        }
    }
    Ok(format!("row {}", row + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_that_repeats_an_id_or_has_none_is_found() {
        let of = |ids: &str| faulty(&ids.split(',').map(str::to_owned).collect::<Vec<_>>());
        for (ids, expected) in [("a,b,c", None), ("a,b,c,b,a", Some((1, 3))), ("a,,a", Some((1, 1))), ("x", None)] {
            assert_eq!(of(ids), expected, "{ids}");
        }
    }
}
