//! What is a match model, once it has been read and checked?

mod compile;
mod error;
mod numbers;
mod vocabulary;

use std::collections::HashSet;

use jiku_model::Verdict;

pub use self::error::{ModelError, UnknownField};
pub(crate) use self::vocabulary::Vocabulary;
use crate::blocking::KeyRule;
use crate::bounds::Bound;
use crate::dictionary::{Dictionary, Tables, ValueId};
use crate::gate::{Gated, Views};
use crate::measure::{Compiled, Measured};
use crate::model_file::{BlockingFile, CalibrationFile, ConflictFile, Effect, ModelFile};
use crate::profile::ColumnKind;
use crate::score::Outcome;

/// A match model: a versioned, readable table of what agreement and disagreement say.
#[derive(Clone, Debug)]
pub struct Model {
    file: ModelFile,
    pub(crate) prior: f32,
    pub(crate) fields: Vec<String>,
    pub(crate) dictionary_of: Vec<usize>,
    /// By dictionary.
    pub(crate) frequencies: Vec<Tables>,
    /// By field: the place of its frequency table among those of its dictionary.
    pub(crate) table_of: Vec<Option<usize>>,
    pub(crate) measures: Vec<Compiled>,
    /// What conditions see of two rows before any measure is taken.
    pub(crate) views: Views,
    pub(crate) comparisons: Vec<Comparison>,
    /// What each comparison can weigh at most.
    pub(crate) bounds: Vec<Bound>,
    /// The comparisons in the order in which they decide most.
    pub(crate) order: Vec<usize>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) conflicts: Vec<Conflict>,
    pub(crate) rules: Vec<KeyRule>,
    pub(crate) vocabulary: Vocabulary,
    /// By field: values that count as missing.
    generic: Vec<HashSet<String>>,
    /// Fields of identifiers, each with the others that tell the same ones.
    alike: Vec<(usize, Vec<usize>)>,
    /// Identifiers, what is read from them, and what is there when the record tells it itself.
    read_from: Vec<(usize, usize, usize)>,
    /// By field: where the model speaks of it first.
    places: Vec<String>,
}

/// A comparison, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) applies: Option<Gated>,
    /// The first of the fields shown: without `applies`, both records must have a value of it.
    pub(crate) main: usize,
    pub(crate) shown: Vec<usize>,
    pub(crate) unless: Option<Gated>,
    pub(crate) frequency: Option<usize>,
    /// log2 of the share of strangers that agree by chance, on average: what a frequency is measured against.
    pub(crate) chance: f32,
    /// Whether no level outweighs the first between values so common: not of names that are composed, where one with a lost character is as
    /// common as all it may be.
    pub(crate) capped: bool,
    pub(crate) levels: Vec<Level>,
}

impl Comparison {
    /// All its conditions.
    fn conditions(&mut self) -> impl Iterator<Item = &mut Gated> {
        self.applies.iter_mut().chain(&mut self.unless).chain(self.levels.iter_mut().filter_map(|level| level.when.as_mut()))
    }

    /// What values of a share (log2) add on a level.
    pub(crate) fn frequency_weight(&self, level: &Level, share: f32) -> f32 {
        let own = |level: &Level| ((self.chance - share) * level.frequency * 2048.0).round() / 2048.0;
        match self.levels.first() {
            Some(closest) if self.capped && closest.frequency > level.frequency && closest.weight >= level.weight => {
                own(level).min(closest.weight + own(closest) - level.weight)
            }
            _ => own(level),
        }
    }
}

/// A level, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) when: Option<Gated>,
    /// log2(m/u).
    pub(crate) weight: f32,
    /// log2(m/share among the relation's pairs); none where the relation behaves like strangers.
    pub(crate) relations: Vec<Option<f32>>,
    pub(crate) frequency: f32,
}

/// A relation, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Relation {
    /// log2 of the odds of a match against this relation, before anything is compared.
    pub(crate) prior: f32,
}

/// A conflict rule, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Conflict {
    pub(crate) when: Gated,
    pub(crate) effect: Effect,
    /// The fields that it says differ.
    pub(crate) contested: Vec<usize>,
}

impl Model {
    /// Reads and checks a model file.
    ///
    /// # Errors
    /// When the file is not well formed; the error says where and why.
    pub fn from_toml(text: &str) -> Result<Self, ModelError> {
        Self::new(toml::from_str(text).map_err(|error| ModelError::Shape(Box::new(error)))?)
    }

    /// The model as a file.
    ///
    /// # Panics
    /// Never: what was read can be written.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(&self.file).expect("a model file has only tables, texts and numbers")
    }

    /// The model as it is written down.
    #[must_use]
    pub const fn file(&self) -> &ModelFile {
        &self.file
    }

    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// The model's version.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.file.version
    }

    /// Pairs of at least this match weight (log2 odds) are linked.
    #[must_use]
    pub const fn link_threshold(&self) -> f32 {
        self.file.link
    }

    /// Pairs of at least this match weight, and below the link threshold, are reviewed.
    #[must_use]
    pub const fn review_threshold(&self) -> f32 {
        self.file.review
    }

    /// How likely a pair of this weight is a match, where no conflict rule decided.
    #[must_use]
    pub fn probability(&self, weight: f32) -> f32 {
        let odds = self.file.calibration.map_or(weight, |CalibrationFile { offset, slope }| offset + slope * weight);
        probability(odds)
    }

    /// How likely a pair is a match: what the evidence says, less the doubt of the conflict rule that decided. A rule that lifts an
    /// unlikely pair to a question, or keeps a likely one from being linked, makes it neither likelier nor unlikelier by that.
    pub(crate) fn probability_of(&self, outcome: &Outcome) -> f32 {
        self.probability(match outcome.conflict.map(|at| &self.file.conflict[at]) {
            Some(ConflictFile { effect: Effect::Apart, .. }) => outcome.weight,
            Some(ConflictFile { doubt, .. }) => outcome.related - doubt,
            None => outcome.weight,
        })
    }

    /// What the thresholds say of a match weight.
    #[must_use]
    pub fn verdict(&self, weight: f32) -> Verdict {
        if weight >= self.file.link {
            Verdict::Positive
        } else if weight >= self.file.review {
            Verdict::Unsure
        } else {
            Verdict::Negative
        }
    }

    /// The first field that the model speaks of and that is none of `known`: misspelt, or of another table.
    #[must_use]
    pub fn unknown_field<N: AsRef<str>>(&self, known: &[N]) -> Option<UnknownField> {
        let at = self.fields.iter().position(|field| known.iter().all(|known| known.as_ref() != field))?;
        let (field, place) = (self.fields[at].clone(), self.places[at].clone());
        let mut known: Vec<String> = known.iter().map(|known| known.as_ref().to_owned()).collect();
        known.sort();
        known.dedup();
        known.sort_by_key(|known| strsim::osa_distance(known, &field));
        Some(UnknownField { field, place, known })
    }

    /// The same model with one blocking rule: records with an equal value of a field.
    pub(crate) fn blocked_by(&self, field: usize, max_block: usize) -> Self {
        let name = self.fields[field].clone();
        let parts = KeyRule::parse_parts(&name, &mut |_| field).expect("a field is a key");
        let mut model = self.clone();
        model.rules = vec![KeyRule::new(&name, parts, None, None)];
        model.file.blocking = vec![BlockingFile { name: name.clone(), key: name, ..BlockingFile::default() }];
        model.file.max_block = max_block;
        model
    }

    /// What the measures that are taken of a field tell of its values.
    pub(crate) fn measured_as(&self, field: usize) -> Option<Measured> {
        self.measures.iter().filter(|measure| measure.fields.contains(&field)).find_map(|measure| measure.what.of_values())
    }

    /// Whether the model speaks of a field.
    pub(crate) fn has_field(&self, name: &str) -> bool {
        self.field(name).is_some()
    }

    /// The number of a field, if the model uses it.
    pub(crate) fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field == name)
    }

    /// Whether a value of a field stands for nobody in particular.
    pub(crate) fn is_generic(&self, field: usize, value: &str) -> bool {
        self.generic.get(field).is_some_and(|values| !values.is_empty() && values.contains(value))
    }

    /// Whether values of a field stand for nobody in particular.
    pub(crate) fn has_generic(&self, field: usize) -> bool {
        self.generic.get(field).is_some_and(|values| !values.is_empty())
    }

    /// Whether a value that a record shows in a field stands for nobody in particular.
    #[must_use]
    pub fn is_nobodys(&self, field: &str, value: &str) -> bool {
        self.field(field).is_some_and(|field| self.is_generic(field, value))
    }

    /// A field with those in which records tell the same identifiers.
    pub(crate) fn alike(&self, field: usize) -> Vec<usize> {
        let also = self.alike.iter().find(|(of, _)| *of == field).map_or(&[][..], |(_, also)| also.as_slice());
        std::iter::once(field).chain(also.iter().copied()).collect()
    }

    /// Takes out of a row what was read from an identifier that was left out of it, as far as the record does not tell it itself.
    pub(crate) fn forget_what_was_read(&self, row: &mut [ValueId], is_left_out: impl Fn(usize) -> bool) {
        for &(identifier, read, told) in &self.read_from {
            if row[identifier] == 0 && row[told] == 0 && is_left_out(identifier) {
                row[read] = 0;
            }
        }
    }

    /// The fields whose values are blocking keys by themselves, or name one thing by the kind of their column: what pairs lean on alone. Not those whose
    /// frequencies count: there a common value says little by that.
    pub(crate) fn key_fields(&self) -> Vec<usize> {
        let names = |key| match str::strip_prefix(key, "each(").and_then(|listed| listed.strip_suffix(')')) {
            Some(listed) => listed.split('|').map(str::trim).collect(),
            None => vec![key],
        };
        let keys = self.file.blocking.iter().flat_map(|rule| names(rule.key.trim()));
        let numbers =
            self.file.column.iter().filter(|column| matches!(column.kind, ColumnKind::Identifier | ColumnKind::Phone | ColumnKind::Email));
        let named = keys.chain(numbers.map(|column| column.field.as_str()));
        let mut fields: Vec<usize> = named.filter_map(|name| self.field(name)).filter(|field| self.table_of[*field].is_none()).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Empty dictionaries, one per group of fields that are compared with each other.
    pub(crate) fn dictionaries(&self) -> Vec<Dictionary> {
        self.frequencies.iter().map(|tables| Dictionary::new(tables.clone())).collect()
    }
}

/// The probability that belongs to odds, given as their log2.
#[expect(clippy::cast_possible_truncation, reason = "a probability needs no more precision")]
fn probability(odds: f32) -> f32 {
    (1.0 / (1.0 + (-f64::from(odds)).exp2())) as f32
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::index::MatchIndex;

    const MODEL: &str = r#"
        name = "people"
        version = 1
        prior = 0.001
        link = 5.0
        review = 0.0
        calibration = { offset = 1.0, slope = 0.5 }
        [[blocking]]
        name = "number"
        key = "number"
        [[comparison]]
        name = "name"
        fields = ["name"]
        level = [{ name = "same", when = "same(name)", m = 0.9, u = 0.001 }, { name = "other", m = 0.1, u = 0.999 }]
        [[comparison]]
        name = "number"
        fields = ["number"]
        level = [{ name = "same", when = "same(number)", m = 0.9, u = 0.000001 }, { name = "other", m = 0.1, u = 0.999999 }]
        [[conflict]]
        name = "another sex"
        when = "differs(sex)"
        effect = "review"
        doubt = 3.0
        [[conflict]]
        name = "another state"
        when = "differs(state)"
        effect = "apart"
    "#;

    fn score(left: [&str; 4], right: [&str; 4]) -> (f32, f32) {
        let features = |values: [&str; 4]| -> Vec<(&'static str, String)> {
            ["name", "number", "sex", "state"].into_iter().zip(values.map(str::to_owned)).filter(|(_, value)| !value.is_empty()).collect()
        };
        let mut index = MatchIndex::new(Arc::new(Model::from_toml(MODEL).expect("well formed")));
        index.insert(0, &features(left));
        let scored = index.score(&features(right), 0).expect("there");
        (scored.weight, scored.probability)
    }

    /// log2 of the odds of a probability.
    fn bits(probability: f32) -> f32 {
        (probability / (1.0 - probability)).log2()
    }

    #[test]
    fn a_probability_is_told_by_the_line_of_the_calibration() {
        let (weight, told) = score(["a", "1", "", ""], ["b", "1", "", ""]);
        assert!((bits(told) - (1.0 + 0.5 * weight)).abs() < 0.01, "{weight} {told}");
    }

    #[test]
    fn a_question_by_rule_makes_a_pair_neither_likelier_nor_unlikelier() {
        let (evidence, _) = score(["a", "1", "", ""], ["b", "2", "", ""]);
        let (lifted, told) = score(["a", "1", "m", ""], ["b", "2", "f", ""]);
        assert_eq!(lifted, 0.0);
        assert!((bits(told) - (1.0 + 0.5 * (evidence - 3.0))).abs() < 0.01, "{evidence} {told}");
        let (evidence, _) = score(["a", "1", "", ""], ["a", "1", "", ""]);
        let (held, told) = score(["a", "1", "m", ""], ["a", "1", "f", ""]);
        assert!(held < 5.0 && (bits(told) - (1.0 + 0.5 * (evidence - 3.0))).abs() < 0.05, "{held} {told}");
    }

    #[test]
    fn a_pair_held_apart_is_as_unlikely_as_it_weighs() {
        let (weight, told) = score(["a", "1", "", "x"], ["a", "1", "", "y"]);
        assert_eq!(weight, -20.0);
        assert!(told < 0.002, "{told}");
    }

    #[test]
    fn a_calibration_that_turns_the_order_round_is_refused() {
        let error = Model::from_toml(&MODEL.replace("slope = 0.5", "slope = -1.0")).expect_err("refused").to_string();
        assert!(error.contains("calibration") && error.contains("-1"), "{error}");
        let error = Model::from_toml(&MODEL.replace("doubt = 3.0", "doubt = -3.0")).expect_err("refused").to_string();
        assert!(error.contains("another sex") && error.contains("doubt"), "{error}");
    }
}
