//! What if one comparison alone tells who is who?
//!
//! Fitting asks of each comparison what the others say of a pair. Where these say next to nothing (a list of e-mail addresses; texts, each with one of
//! two sections), all equal pairs would be strangers by them. Then only one thing is to go by: a value that hardly any two records share
//! names one thing, and one that many share does not.

use super::patterns::Patterns;
use crate::model_file::ModelFile;

/// The numbers of the one comparison that tells.
pub(super) struct Alone {
    pub(super) at: usize,
    pub(super) prior: f64,
    pub(super) m: Vec<f64>,
    pub(super) u: Vec<f64>,
}

/// Others that together tell fewer bits than this do not tell who is who.
const TELLING: f64 = 4.0;
/// How much likelier those that share a value hardly any two records share are one than two.
const ODDS: f64 = 16.0;
/// A level that so many matches are on by the written numbers is attributed to matches when it is rare.
const USUAL: f64 = 0.15;

impl Alone {
    /// The comparison beside which the others tell next to nothing, with its numbers among so many records.
    pub(super) fn of(file: &ModelFile, random: &Patterns, records: u32) -> Option<Self> {
        let most = |at: usize| file.comparison[at].level.iter().map(|level| (level.m / level.u).log2()).fold(0.0, f64::max);
        let at = (0..file.comparison.len()).max_by(|a, b| most(*a).total_cmp(&most(*b)).then(b.cmp(a)))?;
        let others: f64 = (0..file.comparison.len()).filter(|other| *other != at).map(most).sum();
        let levels = &file.comparison[at].level;
        if others >= TELLING || most(at) < TELLING || !file.relation.is_empty() {
            return None;
        }
        let mut pairs = vec![0.0; levels.len()];
        random.iter().filter_map(|(pattern, count)| Some((pattern.level(at)?, count))).for_each(|(level, count)| pairs[level] += count);
        let all = pairs.iter().sum::<f64>().max(1.0);
        let share = |level: usize| pairs[level] / all;
        // One other record on average, at most.
        let few = |level: usize| share(level) * f64::from(records) <= 1.0;
        let matches = |level: &usize| levels[*level].m >= USUAL && levels[*level].m / levels[*level].u >= 8.0 && few(*level);
        let prior = (0..levels.len()).filter(matches).map(share).sum::<f64>().max(0.5 / f64::from(records).powi(2));
        let u = |level: usize| if matches(&level) { prior * levels[level].m / ODDS } else { share(level).max(prior * levels[level].m) };
        Some(Self { at, prior, m: levels.iter().map(|level| level.m).collect(), u: (0..levels.len()).map(u).collect() })
    }

    /// A value that is not listed as common is as rare as the level's u: there is nothing else that would tell how rare it is.
    pub(super) fn set_floor(&self, file: &mut ModelFile) {
        let comparison = &file.comparison[self.at];
        let heeds = comparison.level.iter().position(|level| level.term_frequency.is_some());
        if let (Some(field), Some(level)) = (&comparison.term_frequency, heeds)
            && let Some(table) = file.term_frequency.get_mut(field)
        {
            table.floor = self.u[level].clamp(1e-12, 1.0);
        }
    }
}
