//! How do the rows of several files come under one line of headers?

use std::path::PathBuf;

use super::alignment::{missing, pairings};
use super::prepare::{CHUNK, Places, Sources, inputs, rename};
use super::{Input, MatchingArgs, ids};
use crate::console::Console;
use crate::failure::{Failure, Outcome};

/// Rows of one or more tables under the headers of the first.
#[derive(Default)]
pub(super) struct AllRows {
    pub(super) headers: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    pub(super) ids: Vec<String>,
    pub(super) truth: Vec<String>,
    pub(super) sources: Sources,
    pub(super) left_count: Option<u32>,
    pub(super) renamed: Vec<Vec<(String, String)>>,
}

impl AllRows {
    /// Reads the files, the first of which is open already, and tells how their columns were understood.
    pub(super) fn read(args: &MatchingArgs, files: &[PathBuf], first: Input, console: &Console) -> Result<Self, Failure> {
        let progress = console.spinner("reading");
        let mut all = Self { headers: first.headers.clone(), ..Self::default() };
        for (number, input) in inputs(files, first, args.charset).enumerate() {
            let mut input = input?;
            rename(&mut input, args, number);
            if let Some(header) = input.repeated_header() {
                let name = &input.name;
                return Err(Failure::input(format!("{name} line 1: two columns are called {header:?}; give one of them another name")));
            }
            let before = all.rows.len();
            let places = Places::of(&input, args, None, files, (number, before))?;
            let mut rows: Vec<Vec<String>> = Vec::new();
            loop {
                let chunk = input.chunk(CHUNK)?;
                if chunk.is_empty() {
                    break;
                }
                for row in &chunk {
                    all.ids.push(places.id(row, all.ids.len()));
                    places.note_source(row, &mut all.sources)?;
                    all.truth.push(places.truth(row));
                    rows.push((0..input.headers.len()).map(|at| row.get(at).unwrap_or_default().to_owned()).collect());
                }
                progress.rows((before + rows.len()) as u64);
            }
            input.uneven_rows().into_iter().for_each(|told| console.say(told));
            if args.links && args.id_column.is_some() {
                ids::check(args, &all.ids[before..], &files[number..=number])?;
            }
            all.take(args, rows, input, console)?;
            if number == 0 && files.len() == 2 {
                all.left_count = u32::try_from(all.rows.len()).ok();
            }
        }
        progress.done();
        if args.id_column.is_some() && !args.links {
            ids::check(args, &all.ids, files)?;
        }
        Ok(all)
    }

    /// Takes the rows of a file in: those of a further one with its columns in the order of the first.
    fn take(&mut self, args: &MatchingArgs, mut rows: Vec<Vec<String>>, mut input: Input, console: &Console) -> Outcome {
        if self.renamed.is_empty() {
            self.rows = rows;
            self.renamed.push(Vec::new());
            return Ok(());
        }
        let apart: Vec<&str> = args.left_out().collect();
        let found = pairings((&self.headers, &self.rows), (&input.headers, &rows), &apart);
        for pairing in &found {
            let (left, right) = (&pairing.left, &pairing.right);
            let why = pairing.in_common.map_or_else(|| "its name".to_owned(), |share| format!("{:.0} % of its values", 100.0 * share));
            let otherwise = if args.links { "; say otherwise with --map LEFT=RIGHT, or leave it out with --ignore" } else { "" };
            console.say(format!("The column {right:?} of {} is taken for {left:?}, by {why}{otherwise}.", input.name));
        }
        let names: Vec<(String, String)> = found.into_iter().map(|pairing| (pairing.left, pairing.right)).collect();
        input.rename(&names);
        let order: Vec<Option<usize>> = self.headers.iter().map(|header| input.column(header)).collect();
        let compared = self.headers.iter().zip(&order).filter(|(header, at)| at.is_some() && !apart.contains(&header.as_str()));
        if compared.count() == 0 {
            let map = if args.links { "pair them with --map LEFT=RIGHT" } else { "give them the same headers" };
            return Err(Failure::input(format!(
                "{} has no column of the first table, which has {}; it has {}: {map}",
                input.name,
                self.headers.join(", "),
                input.headers.join(", ")
            )));
        }
        let (here, there) = (missing(&self.headers, &input.headers, &apart), missing(&input.headers, &self.headers, &apart));
        if !here.is_empty() {
            console.say(format!("{} does not have {}: there it counts as missing.", input.name, here.join(", ")));
        }
        if !there.is_empty() {
            let map = if args.links { "; pair it with --map LEFT=RIGHT if it is one of the left table's" } else { "" };
            console.say(format!("Only {} has {}: not compared{map}.", input.name, there.join(", ")));
        }
        let in_order =
            |row: &mut Vec<String>| order.iter().map(|at| at.map_or_else(String::new, |at| std::mem::take(&mut row[at]))).collect();
        self.rows.extend(rows.iter_mut().map(in_order));
        self.renamed.push(args.map.iter().cloned().chain(names).collect());
        Ok(())
    }
}
