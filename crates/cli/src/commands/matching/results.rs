//! What can `dedupe` and `link` be asked for besides their own table?

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use jiku_linkage::{Evaluation, Pairs, ScoreEvaluation, Weighing};
use serde_json::Value;

use super::golden::write_golden;
use super::output::{Cell, TableFile};
use super::report::{Language, write_report};
use super::{Clusters, MatchingArgs, Prepared, summary};
use crate::console::{Console, probe};
use crate::failure::{Failure, Outcome};

/// What is written and told besides.
#[derive(Args, Clone, Debug)]
pub(crate) struct ResultArgs {
    /// Where the scored pairs go, those of a weight of -6.6 (odds of one to a hundred) or more, and those that would be but for a
    /// rule that holds them apart: CSV, or Parquet when it ends in .parquet
    #[arg(long, value_name = "FILE")]
    pairs: Option<PathBuf>,
    /// Where one row for each cluster goes, with the value that survives in each column: CSV or Parquet
    #[arg(long, value_name = "FILE")]
    golden: Option<PathBuf>,
    /// Survivorship rules for --golden, as TOML; those of the kind, or what most records say, when absent
    #[arg(long, value_name = "FILE", requires = "golden")]
    survivorship: Option<PathBuf>,
    /// Tell step by step how the cluster of this record came to be: joins in order of strength, what was held apart and why
    #[arg(long, value_name = "RECORD_ID")]
    explain: Vec<String>,
    /// Where the model goes, as TOML, to be read, edited and used again
    #[arg(long, value_name = "FILE")]
    save_model: Option<PathBuf>,
    /// Where a report to look at goes, as one HTML file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// The language of the report; that of the table when absent
    #[arg(long, value_enum, requires = "report")]
    language: Option<Language>,
    /// Tell what each blocking rule brings, and with --truth-column how many of the true pairs it reaches
    #[arg(long)]
    explain_blocking: bool,
}

/// The lowest weight of pairs that are kept to be looked at or judged: a probability of 0.001.
const SEEN: f32 = -10.0;
/// The lowest weight of pairs that are written: odds of one to a hundred.
const WRITTEN: f32 = -6.629;

impl ResultArgs {
    /// Refuses files that could not be written, before the work that they are to hold.
    pub(crate) fn probe(&self, output: &Path) -> Outcome {
        let others = [&self.pairs, &self.golden, &self.save_model, &self.report];
        others.into_iter().flatten().map(PathBuf::as_path).chain([output]).try_for_each(probe)
    }

    /// Pairs below this weight need not be kept.
    pub(crate) fn floor(&self, prepared: &Prepared) -> f32 {
        let wanted = match self {
            _ if prepared.truth.is_some() || self.report.is_some() => SEEN,
            Self { pairs: Some(_), .. } => WRITTEN,
            _ => f32::INFINITY,
        };
        wanted.min(prepared.model.review_threshold())
    }

    /// Only a report shows what the pairs weigh that are far from a match.
    pub(crate) const fn weighing(&self) -> Weighing {
        if self.report.is_some() { Weighing::ToTheEnd } else { Weighing::UntilDecided }
    }

    /// Tells of the blocking rules, if that was asked for.
    pub(crate) fn tell_blocking(&self, prepared: &Prepared, pairs: &Pairs, console: &Console) {
        if self.explain_blocking {
            console.say(summary::blocking_table(prepared, &pairs.blocking));
        }
    }

    /// Writes everything that was asked for.
    pub(crate) fn write(
        &self,
        args: &MatchingArgs,
        files: &[PathBuf],
        prepared: &Prepared,
        found: (&Pairs, &Clusters),
        judged: Option<&(Evaluation, ScoreEvaluation)>,
    ) -> Outcome {
        let (pairs, clusters) = found;
        if let Some(path) = &self.pairs {
            write_pairs(path, prepared, pairs, clusters)?;
        }
        if let Some(path) = &self.save_model {
            fs::write(path, prepared.model.to_toml())
                .map_err(|error| Failure::place(format!("cannot write {}: {error}", path.display())))?;
        }
        if let Some(path) = &self.golden {
            write_golden(path, self.survivorship.as_ref(), args, files, prepared, clusters)?;
        }
        if let Some(path) = &self.report {
            write_report(path, self.language, prepared, pairs, clusters, judged)?;
        }
        Ok(())
    }

    /// Tells how the clusters of the records named came to be.
    pub(crate) fn tell_clusters(
        &self,
        prepared: &Prepared,
        pairs: &Pairs,
        clusters: &Clusters,
        text: &mut String,
        body: &mut Value,
    ) -> Outcome {
        summary::explain(&self.explain, prepared, pairs, clusters, text, body)
    }
}

/// The pairs worth telling: ids, weight, probability, verdict, and whether the two ended in one cluster.
fn write_pairs(path: &Path, prepared: &Prepared, pairs: &Pairs, clusters: &Clusters) -> Outcome {
    let columns = [
        ("left_id", Cell::Text),
        ("right_id", Cell::Text),
        ("weight", Cell::Real),
        ("probability", Cell::Real),
        ("verdict", Cell::Text),
        ("same_cluster", Cell::Text),
    ];
    let mut table = TableFile::create(path, &columns)?;
    // More may have been kept for a report, or to be judged.
    let lowest = WRITTEN.min(prepared.model.review_threshold());
    for edge in pairs.edges.iter().filter(|edge| edge.weight >= lowest || edge.apart) {
        let together = clusters.label[edge.left as usize] == clusters.label[edge.right as usize];
        table.row(&[
            &prepared.ids[edge.left as usize],
            &prepared.ids[edge.right as usize],
            &format!("{:.3}", edge.weight),
            &format!("{:.6}", edge.probability),
            prepared.model.verdict(edge.weight).as_str(),
            if together { "true" } else { "false" },
        ])?;
    }
    table.finish()
}
