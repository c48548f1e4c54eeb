//! How is a model fitted to a table without labels?
//!
//! The share u of strangers on each level comes from random pairs. The share m of matches comes from expectation–maximisation in passes, each over
//! the pairs that share the whole value of one field: a field whose pairs mostly match, so that namesakes are hardly among them, and
//! of the comparisons those that do not look at this field, so that each is free to disagree. Where there is no such field, or the written model knows
//! more than a table can teach, m comes from the candidates of all blocking rules together. The prior comes from the matches that two passes
//! find, and how many of each other's they find; without two passes, from all candidates.
//! Selecting pairs by their keys does not bias their odds, for the keys are part of what is compared. The written model is the prior belief: each of its
//! shares counts as so many pairs seen before. Of relatives the table teaches how many they are and what they share, a home or a telephone; that they
//! hardly ever agree in a given name or a birth date stays as it is written, for without labels who agrees in it cannot be told from a match. Where next to
//! nothing matches, nothing is learned of matches.

mod alone;
mod fit;
mod passes;
mod patterns;

use std::collections::BTreeMap;

pub(crate) use patterns::MAX_COMPARISONS;

use crate::batch::{Blocking, Records};
use crate::frequency::{self, FrequencyFile};
use crate::model::{Model, ModelError};
use crate::model_file::{ComparisonFile, ModelFile};
use alone::Alone;
use fit::Fit;
use patterns::{Seen, random_patterns};

/// How a model is trained.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Training {
    /// The seed of the sampling; the same seed gives the same model.
    pub seed: u64,
    /// How many random pairs u is estimated from.
    pub random_pairs: u64,
    /// How many candidate pairs m is estimated from, at most.
    pub candidate_pairs: u64,
    /// Whether m comes from passes, each over the pairs that share the value of one field; else from all candidates.
    pub passes: bool,
    /// How many pairs the written shares m count as.
    pub belief_m: f64,
    /// How many pairs more they count as for each matching pair that is expected, where m comes from all candidates. Namesakes and relatives are
    /// drawn into the matches when too little stands against it: then dates and names seem to differ among matches.
    pub belief_share: f64,
    /// The same for comparisons that tell matches from relatives, who are among the candidates too: by what the others say they are matches.
    pub belief_kin: f64,
    /// How many pairs the written shares u count as.
    pub belief_u: f64,
    /// How many hits each written share u counts as besides: a rare level keeps its share until so many random pairs show otherwise,
    /// a common one follows the table.
    pub hits_u: f64,
    /// How many matches are expected beside those that are found.
    pub unseen: f64,
    /// How many matching pairs the written numbers of related pairs count as.
    pub belief_relations: f64,
    /// How many rounds of expectation and maximisation.
    pub rounds: u32,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            seed: 1,
            random_pairs: 2_000_000,
            candidate_pairs: 4_000_000,
            passes: true,
            belief_m: 50.0,
            belief_share: 1.5,
            belief_kin: 10.0,
            belief_u: 20.0,
            hits_u: 0.0,
            unseen: 0.0,
            belief_relations: 50.0,
            rounds: 40,
        }
    }
}

impl Training {
    /// What a table of few pairs teaches counts for less: there one pair that agrees by accident is a large share, and one match that is missed
    /// is all of them.
    fn among(&self, possible: f64) -> Self {
        let few = if self.passes { (1.0 - possible / FEW).max(0.0) } else { 0.0 };
        Self { hits_u: self.hits_u.max(HITS * few), unseen: self.unseen.max(UNSEEN * few), ..*self }
    }
}

/// The pairs of 450 records.
const FEW: f64 = 100_000.0;
/// How many hits the written shares u count as in the smallest tables.
const HITS: f64 = 2.0;
/// How many matches are expected in the smallest tables beside those that are found.
const UNSEEN: f64 = 1.0;

/// What training found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainingReport {
    /// The random pairs seen.
    pub random_pairs: u64,
    /// The candidate pairs seen.
    pub candidate_pairs: u64,
    /// Matches expected among all pairs.
    pub expected_matches: f64,
    /// Rounds until nothing moved any more.
    pub rounds: u32,
    /// The fields whose equal values chose the pairs that m was estimated from, with the share of these pairs that match; none when it was
    /// estimated from all candidates.
    pub passes: Vec<(String, f64)>,
    /// Whether there were too few plain matches to learn from, so that what matches agree in is as it was written.
    pub few: bool,
    /// How large a share of the expected matches lies in pairs that match with a probability between 5 and 80 %.
    pub unsure: f64,
    /// Comparisons that strangers hardly agree in and in which yet so large a share of what is taken for matches differs that namesakes or
    /// members of one household may have been taken for matches.
    pub doubtful: Vec<(String, f64)>,
}

/// Is told the share of the work that is done, between 0 and 1.
pub type Progress<'a> = &'a (dyn Fn(f64) + Sync);

/// Fits a model to records and their candidates: frequency tables, u, m and prior.
///
/// # Errors
/// When the model has too many comparisons, or the fitted numbers make no model.
pub fn train(
    model: &Model,
    records: &mut Records,
    blocking: &Blocking,
    training: &Training,
    progress: Progress<'_>,
) -> Result<(Model, TrainingReport), ModelError> {
    if model.comparisons.len() > MAX_COMPARISONS || model.comparisons.iter().any(|comparison| comparison.levels.len() > 29) {
        let problem = format!("at most {MAX_COMPARISONS} comparisons of 29 levels can be trained");
        return Err(ModelError::Content { place: "the model".to_owned(), problem });
    }
    let possible = f64::from(records.len()) * (f64::from(records.len()) - 1.0) / 2.0;
    let training = &training.among(possible);
    let mut file = model.file().clone();
    learn_frequencies(&mut file, model, records);
    let model = &Model::new(file.clone())?;
    records.take_frequencies(model);
    let random = random_patterns(model, records, training, &|done| progress(0.4 * done));
    let seen = Seen::new(model, records, blocking, training, &|done| progress(0.4 + 0.4 * done));
    let mut fit = Fit::new(model);
    fit.alone = Alone::of(&file, &random, records.len()).filter(|_| training.passes);
    if let Some(alone) = &fit.alone {
        alone.set_floor(&mut file);
    }
    let passes = if training.passes && fit.alone.is_none() {
        fit.take_strangers(&random, training);
        passes::passes(model, records, &fit, training)
    } else {
        Vec::new()
    };
    let mut report = TrainingReport {
        random_pairs: random.iter().map(|(_, count)| *count as u64).sum(),
        candidate_pairs: seen.pairs,
        ..TrainingReport::default()
    };
    let among = (possible * seen.share, seen.share);
    report.rounds = fit.settle(&random, &seen.patterns, &passes, among, training, progress);
    // In a small table few matches are the rule, and belief is strong there already.
    report.few = training.passes && passes.is_empty() && fit.alone.is_none() && possible > FEW && fit.plain < passes::ENOUGH;
    if report.few {
        fit = Fit::new(model);
        fit.few = true;
        fit.take_strangers(&random, training);
        report.rounds += fit.settle(&random, &seen.patterns, &[], among, training, progress);
    }
    report.expected_matches = fit.prior * possible;
    report.passes = passes.iter().map(|pass| (pass.field.clone(), pass.purity)).collect();
    report.doubtful = fit.doubtful(&file);
    report.unsure = fit.unsure(&seen.patterns);
    fit.write(&mut file);
    file.version += 1;
    file.link = file.link_fitted.take().unwrap_or(file.link);
    if training.passes && !report.doubtful.is_empty() {
        file.link = file.link.max(LINK_OF_DOUBTFUL);
    }
    file.calibration = file.calibration_fitted.take().or(file.calibration);
    let trained = Model::new(file)?;
    records.take_frequencies(&trained);
    Ok((trained, report))
}

/// From which weight on a model links whose fit is doubtful: what it weighs below may be another of the household, or of the kind.
const LINK_OF_DOUBTFUL: f32 = 10.0;

/// The most values a frequency table lists.
const LISTED_VALUES: usize = 20_000;

/// Of a value that so many records have the share is told by them; of what comes less often two may be one thing's, told twice.
const OFTEN: u32 = 5;

/// Counts values for every frequency table of the model. No value counts as rarer than two records' share, for a slip of the pen makes rare values too; nor, in a
/// table so small that two records are a large share of it, as commoner than the written shares of strangers say, unless more records have it.
fn learn_frequencies(file: &mut ModelFile, model: &Model, records: &Records) {
    let count = f64::from(records.len().max(1));
    let usual = |comparison: &ComparisonFile| Some((comparison.term_frequency.clone()?, comparison.usual_share()?));
    let usual: BTreeMap<String, f64> = file.comparison.iter().filter_map(usual).collect();
    for (field, table) in &mut file.term_frequency {
        let Some(number) = model.field(field) else { continue };
        let mut counts = records.counts(model, number);
        if !table.surnames.is_empty() {
            *table = frequency::of_names(table, &counts);
            continue;
        }
        let floor = (2.0 / count).min(usual.get(field).copied().unwrap_or(1.0)).clamp(1e-9, 0.5);
        let share = |seen: u32| f64::from(if seen < OFTEN { seen.saturating_sub(2) } else { seen }) / count;
        counts.retain(|(_, seen)| share(*seen) > floor);
        counts.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        counts.truncate(LISTED_VALUES);
        let learned = counts.into_iter().map(|(value, seen)| (value.to_owned(), round(share(seen))));
        *table = FrequencyFile { values: learned.collect(), floor: round(floor), ..table.clone() };
    }
}

/// Four significant digits of what is nearer, the value or what is left to one: what a person can read.
fn round(value: f64) -> f64 {
    if value > 0.9 && value < 1.0 {
        return 1.0 - round(1.0 - value);
    }
    let scale = 10_f64.powi(3 - value.abs().log10().floor() as i32);
    (value * scale).round() / scale
}
