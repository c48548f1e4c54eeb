//! What do `dedupe`, `link` and `train` share: from a table of any columns to clusters, without a database?

mod alignment;
mod all_rows;
mod clusters;
mod doubts;
mod golden;
mod ids;
mod input;
mod memory;
mod output;
mod prepare;
mod report;
mod results;
mod rows;
mod summary;
mod titles;

pub(super) use clusters::{Clusters, find_clusters};
pub(super) use input::Input;
pub(super) use output::{Cell, TableFile};
#[cfg(test)]
pub(super) use prepare::entity;
pub(super) use prepare::{Prepared, prepare};
pub(super) use results::ResultArgs;
pub(super) use summary::{blocking_recall, describe, evaluate, evaluation_json, evaluation_text, scores_json, scores_text, warnings};

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use jiku_ingest::Charset;
use jiku_linkage::{Model, Pairs, Weighing, score_pairs};
use jiku_model::Kind;

use crate::console::Console;
use crate::failure::Failure;

/// What the matching commands are told about their input.
#[derive(Args, Clone, Debug)]
pub(crate) struct MatchingArgs {
    /// The kind of the records, person, legal-person or parcel: standard columns, the shipped model; any table otherwise
    #[arg(long)]
    pub(super) kind: Option<Kind>,
    /// A model file to use as it is, such as an earlier run saved; without one the model is made and fitted
    #[arg(long, value_name = "FILE")]
    pub(super) model: Option<PathBuf>,
    /// The column that names a record; the number of the row when absent
    #[arg(long, value_name = "COLUMN")]
    pub(super) id_column: Option<String>,
    /// A column with the true entity: never compared, used to judge the result
    #[arg(long, value_name = "COLUMN")]
    pub(super) truth_column: Option<String>,
    /// A column that names the source of a record: never compared, see `jiku dedupe --duplicate-free`
    #[arg(long, value_name = "COLUMN")]
    pub(super) source_column: Option<String>,
    /// Further columns to leave out of the comparison
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub(super) ignore: Vec<String>,
    /// The character set of text files that are not UTF-8: gb18030
    #[arg(long)]
    pub(super) charset: Option<Charset>,
    /// Link pairs of at least this probability; the model's threshold when absent
    #[arg(long, value_name = "PROBABILITY")]
    pub(super) threshold: Option<f64>,
    /// The seed of the sampling; the same seed gives the same model
    #[arg(long, default_value_t = 1)]
    pub(super) seed: u64,
    /// Refuse a table that would take more memory than this, such as 8G; without it, more than is free
    #[arg(long, value_name = "SIZE")]
    pub(super) memory_limit: Option<memory::Bytes>,
    /// The columns of the right table under other names than the left one's: left and right.
    #[arg(skip)]
    pub(super) map: Vec<(String, String)>,
    /// Whether two tables are linked.
    #[arg(skip)]
    pub(super) links: bool,
    /// Whether a model that is given is fitted like one that was made.
    #[arg(skip)]
    pub(super) refit: bool,
    /// Use the shipped model of a kind as it is, instead of fitting it to the table: the prior, and the shares among matching pairs
    #[arg(long)]
    pub(super) as_shipped: bool,
}

impl MatchingArgs {
    /// The columns that are not compared.
    fn left_out(&self) -> impl Iterator<Item = &str> {
        self.id_column.iter().chain(&self.truth_column).chain(&self.source_column).chain(&self.ignore).map(String::as_str)
    }
}

/// Scores the pairs of prepared records.
pub(super) fn score(prepared: &Prepared, floor: f32, weighing: Weighing, console: &Console) -> Pairs {
    let progress = console.spinner("comparing pairs");
    let pairs = score_pairs(&prepared.model, &prepared.records, &prepared.blocking, prepared.left_count, floor, weighing);
    progress.done();
    pairs
}

/// The numbers of sources named as free of duplicates; `all` is every one.
pub(super) fn duplicate_free(names: &[String], prepared: &Prepared) -> Result<BTreeSet<u16>, Failure> {
    let known = &prepared.sources.names;
    let number = |name: &String| {
        let at = known.iter().position(|known| known == name).and_then(|at| u16::try_from(at).ok());
        at.ok_or_else(|| {
            let told: Vec<&str> = known.iter().take(20).map(String::as_str).collect();
            let told = if told.is_empty() {
                "there is one source only; name a column with --source-column, or give several files".to_owned()
            } else {
                format!("the sources are {}", told.join(", "))
            };
            Failure::usage(format!("--duplicate-free {name:?} is no source of the table: {told}"))
        })
    };
    match names {
        [all] if all == "all" && !known.is_empty() => Ok((0..known.len()).filter_map(|at| u16::try_from(at).ok()).collect()),
        names => names.iter().map(number).collect(),
    }
}

/// A model with another link threshold, given as a probability.
pub(super) fn with_threshold(model: Model, threshold: Option<f64>) -> Result<Model, Failure> {
    let Some(probability) = threshold else { return Ok(model) };
    if !(probability > 0.0 && probability < 1.0) {
        return Err(Failure::usage(format!("--threshold must lie between 0 and 1, got {probability}")));
    }
    let mut file = model.file().clone();
    #[expect(clippy::cast_possible_truncation, reason = "a threshold needs no more precision")]
    let link = (probability / (1.0 - probability)).log2() as f32;
    file.review = file.review.min(link);
    file.link = link;
    Model::new(file).map_err(|error| Failure::usage(crate::failure::chain(&error)))
}
