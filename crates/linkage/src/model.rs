//! What is a match model, once it has been read and checked?

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use jiku_model::Verdict;

use crate::blocking::{KeyError, KeyRule};
use crate::bounds::Bound;
use crate::condition::{self, Condition, ConditionError};
use crate::dictionary::{Dictionary, ValueId};
use crate::frequency::{FrequencyTable, log2};
use crate::hash;
use crate::measure::{Compiled, Measure, Measured};
use crate::model_file::{BlockingFile, CalibrationFile, ComparisonFile, ConflictFile, Effect, LevelFile, ModelFile};
use crate::score::Outcome;
use crate::training::MAX_COMPARISONS;
use crate::within::contested;

/// A match model: a versioned, readable table of what agreement and disagreement say.
#[derive(Clone, Debug)]
pub struct Model {
    file: ModelFile,
    pub(crate) prior: f32,
    pub(crate) fields: Vec<String>,
    pub(crate) dictionary_of: Vec<usize>,
    pub(crate) frequencies: Vec<Option<Arc<FrequencyTable>>>,
    pub(crate) measures: Vec<Compiled>,
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

/// A field that a model speaks of and no record has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownField {
    /// Its name.
    pub field: String,
    /// Where the model speaks of it first.
    pub place: String,
    /// The names that records have, those most like it first.
    pub known: Vec<String>,
}

impl std::fmt::Display for UnknownField {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { field, place, known } = self;
        let (nearest, more) = known.split_at(known.len().min(12));
        let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
        write!(f, "{place} speaks of the field {field:?}, which no record has; there are {}{more}", nearest.join(", "))
    }
}

/// A comparison, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Comparison {
    pub(crate) applies: Option<Condition>,
    /// The first of the fields shown: without `applies`, both records must have a value of it.
    pub(crate) main: usize,
    pub(crate) shown: Vec<usize>,
    pub(crate) unless: Option<Condition>,
    pub(crate) frequency: Option<usize>,
    /// log2 of the share of strangers that agree by chance, on average: what a frequency is measured against.
    pub(crate) chance: f32,
    pub(crate) levels: Vec<Level>,
}

impl Comparison {
    /// What values of a share (log2) add on a level.
    pub(crate) fn frequency_weight(&self, level: &Level, share: f32) -> f32 {
        ((self.chance - share) * level.frequency * 2048.0).round() / 2048.0
    }
}

/// A level, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) when: Option<Condition>,
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
    pub(crate) when: Condition,
    pub(crate) effect: Effect,
    /// The fields that it says differ.
    pub(crate) contested: Vec<usize>,
}

/// Characters that look alike, and names that stand for each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    lookalikes: HashSet<(char, char)>,
    /// Names and their groups, by a hash of the name.
    aliases: HashMap<u64, Vec<(String, u32)>, BuildHasherDefault<Hashed>>,
}

/// Takes keys that are hashes already as they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash::bytes(bytes);
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Vocabulary {
    pub(crate) fn new(lookalikes: &[String], aliases: &[Vec<String>]) -> Self {
        let mut vocabulary = Self::default();
        for group in lookalikes {
            for a in group.chars() {
                vocabulary.lookalikes.extend(group.chars().map(|b| (a, b)));
            }
        }
        for (group, number) in aliases.iter().zip(0..) {
            for name in group {
                vocabulary.aliases.entry(hash::bytes(name.as_bytes())).or_default().push((name.clone(), number));
            }
        }
        vocabulary
    }

    pub(crate) fn look_alike(&self, left: char, right: char) -> bool {
        self.lookalikes.contains(&(left, right))
    }

    pub(crate) fn are_aliases(&self, left: &str, right: &str) -> bool {
        let groups = |name: &str| self.aliases.get(&hash::bytes(name.as_bytes())).map_or(&[][..], Vec::as_slice);
        let (lefts, rights) = (groups(left), groups(right));
        let mut of_left = lefts.iter().filter(|(name, _)| name == left).map(|(_, group)| group);
        of_left.any(|group| rights.iter().any(|(name, other)| name == right && other == group))
    }
}

/// A model file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The file is not TOML of the right shape.
    #[error("the model file is not well formed")]
    Shape(#[source] Box<toml::de::Error>),
    /// A condition cannot be read.
    #[error("{place}: the condition {text:?} cannot be read")]
    Condition {
        /// The comparison, level or conflict.
        place: String,
        /// The condition.
        text: String,
        /// What is wrong with it.
        #[source]
        source: ConditionError,
    },
    /// A blocking key cannot be read.
    #[error("blocking rule {rule:?}: the key {text:?} cannot be read")]
    Key {
        /// The rule.
        rule: String,
        /// The key.
        text: String,
        /// What is wrong with it.
        #[source]
        source: KeyError,
    },
    /// A number is out of range.
    #[error("{place}: {what} must be {range}, got {value}")]
    Range {
        /// Where.
        place: String,
        /// Which number.
        what: &'static str,
        /// What it may be.
        range: &'static str,
        /// What it is.
        value: f64,
    },
    /// Something is missing or too much.
    #[error("{place}: {problem}")]
    Content {
        /// Where.
        place: String,
        /// What is wrong.
        problem: String,
    },
}

/// The most measures a model may use: each has a bit that says whether it was taken for the pair at hand.
const MAX_MEASURES: usize = 128;
const MAX_LEVELS: usize = 200;

impl Model {
    /// Reads and checks a model file.
    ///
    /// # Errors
    /// When the file is not well formed; the error says where and why.
    pub fn from_toml(text: &str) -> Result<Self, ModelError> {
        Self::new(toml::from_str(text).map_err(|error| ModelError::Shape(Box::new(error)))?)
    }

    /// Checks a model.
    ///
    /// # Errors
    /// As [`Model::from_toml`].
    pub fn new(file: ModelFile) -> Result<Self, ModelError> {
        check_numbers(&file)?;
        let mut compiler = Compiler::default();
        let comparisons: Vec<Comparison> =
            file.comparison.iter().map(|comparison| compiler.comparison(&file, comparison)).collect::<Result<_, _>>()?;
        let mut conflicts = file
            .conflict
            .iter()
            .map(|conflict| {
                let when = compiler.condition(&format!("conflict {:?}", conflict.name), &conflict.when)?;
                Ok(Conflict { when, effect: conflict.effect, contested: Vec::new() })
            })
            .collect::<Result<Vec<Conflict>, ModelError>>()?;
        let rules = file.blocking.iter().map(|rule| compiler.rule(rule)).collect::<Result<Vec<KeyRule>, _>>()?;
        if compiler.measures.len() > MAX_MEASURES {
            let problem = format!("at most {MAX_MEASURES} different measures can be used, got {}", compiler.measures.len());
            return Err(ModelError::Content { place: "the model".to_owned(), problem });
        }
        for field in file.term_frequency.keys() {
            compiler.place = format!("term frequency of {field:?}");
            compiler.field(field);
        }
        for field in file.generic.keys() {
            if !compiler.fields.contains(field) {
                let problem = format!("the model uses no field {field:?}");
                return Err(ModelError::Content { place: "generic values".to_owned(), problem });
            }
        }
        for field in file.shared.iter().flat_map(|shared| [&shared.field, &shared.by].into_iter().chain(&shared.also)) {
            if !compiler.fields.contains(field) {
                let problem = format!("the model uses no field {field:?}");
                return Err(ModelError::Content { place: "shared values".to_owned(), problem });
            }
        }
        let mut read_from = Vec::new();
        for shared in file.shared.iter().filter(|shared| !shared.tells.is_empty()) {
            compiler.place = "shared values".to_owned();
            let identifier = compiler.field(&shared.field);
            read_from.extend(shared.tells.iter().map(|(read, told)| (identifier, compiler.field(read), compiler.field(told))));
        }
        let generic = |field: &String| file.generic.get(field).map_or_else(HashSet::new, |values| values.iter().cloned().collect());
        let mut generic: Vec<HashSet<String>> = compiler.fields.iter().map(generic).collect();
        let mut alike = Vec::new();
        for shared in file.shared.iter().filter(|shared| !shared.also.is_empty()) {
            let (field, also) = (compiler.field(&shared.field), shared.also.iter().map(|field| compiler.field(field)).collect::<Vec<_>>());
            // What is nobody's in one of them is nobody's in the others.
            let nobodys: HashSet<String> = also.iter().fold(generic[field].clone(), |all, other| &all | &generic[*other]);
            also.iter().chain([&field]).for_each(|field| generic[*field].clone_from(&nobodys));
            alike.push((field, also));
        }
        let dictionary_of = compiler.dictionaries();
        let mut frequencies = vec![None; dictionary_of.iter().max().map_or(0, |last| last + 1)];
        for (field, table) in &file.term_frequency {
            let table = FrequencyTable::new(table)
                .map_err(|problem| ModelError::Content { place: format!("term frequency of {field:?}"), problem })?;
            frequencies[dictionary_of[compiler.field(field)]] = Some(Arc::new(table));
        }
        let measures: Vec<Compiled> = compiler.measures.iter().map(|measure| compiler.compiled(measure, &dictionary_of)).collect();
        for conflict in &mut conflicts {
            conflict.contested = contested(&conflict.when, &measures);
        }
        let bound = |comparison: &Comparison| {
            let table = comparison.frequency.and_then(|field| frequencies[dictionary_of[field]].as_deref());
            Bound::of(comparison, &measures, table)
        };
        let bounds: Vec<Bound> = comparisons.iter().map(bound).collect();
        let prior = log2(file.prior / (1.0 - file.prior));
        Ok(Self {
            prior,
            dictionary_of,
            frequencies,
            measures,
            comparisons,
            order: Bound::order(&bounds),
            bounds,
            relations: file.relation.iter().map(|relation| Relation { prior: -log2(relation.per_match) }).collect(),
            conflicts,
            rules,
            vocabulary: Vocabulary::new(&file.lookalikes, &file.aliases),
            fields: compiler.fields,
            generic,
            alike,
            read_from,
            places: compiler.places,
            file,
        })
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

    /// Whether a model with these comparisons could be used and fitted.
    pub(crate) fn is_small_enough(file: &ModelFile) -> bool {
        let mut compiler = Compiler::default();
        let readable = file.comparison.iter().all(|comparison| compiler.comparison(file, comparison).is_ok());
        // Blocking rules take no measures, and a proposed model has no conflict rules.
        readable && compiler.measures.len() <= MAX_MEASURES && file.comparison.len() <= MAX_COMPARISONS
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

    /// The fields whose values are blocking keys by themselves: what pairs lean on alone.
    pub(crate) fn key_fields(&self) -> Vec<usize> {
        let names = |key| match str::strip_prefix(key, "each(").and_then(|listed| listed.strip_suffix(')')) {
            Some(listed) => listed.split('|').map(str::trim).collect(),
            None => vec![key],
        };
        let keys = self.file.blocking.iter().flat_map(|rule| names(rule.key.trim()));
        let mut fields: Vec<usize> = keys.filter_map(|name| self.field(name)).collect();
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Empty dictionaries, one per group of fields that are compared with each other.
    pub(crate) fn dictionaries(&self) -> Vec<Dictionary> {
        self.frequencies.iter().map(|frequency| Dictionary::new(frequency.clone())).collect()
    }
}

/// The probability that belongs to odds, given as their log2.
#[expect(clippy::cast_possible_truncation, reason = "a probability needs no more precision")]
fn probability(odds: f32) -> f32 {
    (1.0 / (1.0 + (-f64::from(odds)).exp2())) as f32
}

fn check_numbers(file: &ModelFile) -> Result<(), ModelError> {
    let open = |place: &str, what, value: f64| {
        if value > 0.0 && value < 1.0 {
            Ok(())
        } else {
            Err(ModelError::Range { place: place.to_owned(), what, range: "above 0 and below 1", value })
        }
    };
    open("the model", "prior", file.prior)?;
    for (place, calibration) in [("calibration", file.calibration), ("calibration-fitted", file.calibration_fitted)] {
        let Some(CalibrationFile { offset, slope }) = calibration else { continue };
        if !(offset.is_finite() && slope.is_finite() && slope > 0.0) {
            let problem = format!("the slope must be above 0 and both numbers finite, got offset {offset} and slope {slope}");
            return Err(ModelError::Content { place: place.to_owned(), problem });
        }
    }
    if let Some(conflict) = file.conflict.iter().find(|conflict| !(conflict.doubt.is_finite() && conflict.doubt >= 0.0)) {
        let place = format!("conflict {:?}", conflict.name);
        return Err(ModelError::Range { place, what: "doubt", range: "0 or more", value: f64::from(conflict.doubt) });
    }
    for relation in &file.relation {
        if relation.per_match.is_nan() || relation.per_match <= 0.0 {
            let place = format!("relation {:?}", relation.name);
            return Err(ModelError::Range { place, what: "per-match", range: "above 0", value: relation.per_match });
        }
    }
    if file.review.is_nan() || file.link.is_nan() || file.review > file.link {
        let problem = format!("the review threshold must not exceed the link threshold, got {} and {}", file.review, file.link);
        return Err(ModelError::Content { place: "the model".to_owned(), problem });
    }
    if let Some(link) = file.link_fitted.filter(|link| link.is_nan() || *link < file.review) {
        let problem = format!("the review threshold must not exceed the link threshold of a fitted model, got {} and {link}", file.review);
        return Err(ModelError::Content { place: "the model".to_owned(), problem });
    }
    for comparison in &file.comparison {
        for level in &comparison.level {
            let place = format!("comparison {:?}, level {:?}", comparison.name, level.name);
            open(&place, "m", level.m)?;
            open(&place, "u", level.u)?;
            for (name, share) in &level.relations {
                open(&place, "the share of a relation", *share)?;
                if !file.relation.iter().any(|relation| relation.name == *name) {
                    return Err(ModelError::Content { place, problem: format!("there is no relation {name:?}") });
                }
            }
        }
    }
    Ok(())
}

/// Numbers fields and measures while conditions are read.
#[derive(Default)]
struct Compiler {
    fields: Vec<String>,
    measures: Vec<Measure>,
    /// What is being read.
    place: String,
    /// By field: what was being read when it was met.
    places: Vec<String>,
}

impl Compiler {
    fn field(&mut self, name: &str) -> usize {
        self.fields.iter().position(|field| field == name).unwrap_or_else(|| {
            self.fields.push(name.to_owned());
            self.places.push(self.place.clone());
            self.fields.len() - 1
        })
    }

    fn condition(&mut self, place: &str, text: &str) -> Result<Condition, ModelError> {
        place.clone_into(&mut self.place);
        let mut number = |measure: Measure| {
            self.measures.iter().position(|known| *known == measure).unwrap_or_else(|| {
                self.measures.push(measure);
                self.measures.len() - 1
            })
        };
        let read = condition::parse(text, &mut number);
        for at in 0..self.measures.len() {
            for name in self.measures[at].fields.clone().into_iter().chain(self.measures[at].other.clone()) {
                self.field(&name);
            }
        }
        read.map_err(|source| ModelError::Condition { place: place.to_owned(), text: text.to_owned(), source })
    }

    fn comparison(&mut self, file: &ModelFile, comparison: &ComparisonFile) -> Result<Comparison, ModelError> {
        let place = format!("comparison {:?}", comparison.name);
        self.place.clone_from(&place);
        let wrong = |problem: &str| ModelError::Content { place: place.clone(), problem: problem.to_owned() };
        let shown: Vec<usize> = comparison.fields.iter().map(|field| self.field(field)).collect();
        let main = *shown.first().ok_or_else(|| wrong("at least one field must be named"))?;
        match comparison.level.split_last() {
            Some((last, others)) if last.when.is_none() && others.iter().all(|level| level.when.is_some()) => {}
            _ => return Err(wrong("every level but the last needs a condition, and the last has none")),
        }
        if comparison.level.len() > MAX_LEVELS {
            return Err(wrong("there are too many levels"));
        }
        let mut optional = |text: &Option<String>| text.as_ref().map(|text| self.condition(&place, text)).transpose();
        let (applies, unless) = (optional(&comparison.applies)?, optional(&comparison.unless)?);
        let levels = comparison.level.iter().map(|level| self.level(file, &place, level)).collect::<Result<_, _>>()?;
        let chance = comparison.level.iter().find(|level| level.term_frequency.is_some()).map_or(0.0, |level| log2(level.u));
        if let Some(field) = &comparison.term_frequency
            && !file.term_frequency.contains_key(field)
        {
            return Err(wrong(&format!("there is no term frequency table for {field:?}")));
        }
        self.place.clone_from(&place);
        let frequency = comparison.term_frequency.as_ref().map(|field| self.field(field));
        Ok(Comparison { applies, main, shown, unless, frequency, chance, levels })
    }

    fn level(&mut self, file: &ModelFile, place: &str, level: &LevelFile) -> Result<Level, ModelError> {
        let place = format!("{place}, level {:?}", level.name);
        let when = level.when.as_ref().map(|text| self.condition(&place, text)).transpose()?;
        let relations =
            file.relation.iter().map(|relation| level.relations.get(&relation.name).map(|share| log2(level.m / share))).collect();
        Ok(Level { when, weight: log2(level.m / level.u), relations, frequency: level.term_frequency.unwrap_or(0.0) })
    }

    fn rule(&mut self, rule: &crate::model_file::BlockingFile) -> Result<KeyRule, ModelError> {
        self.place = format!("blocking rule {:?}", rule.name);
        let read = |text: &str, fields: &mut dyn FnMut(&str) -> usize| {
            KeyRule::parse_parts(text, fields).map_err(|source| ModelError::Key { rule: rule.name.clone(), text: text.to_owned(), source })
        };
        let parts = read(&rule.key, &mut |name| self.field(name))?;
        let refine = rule.refine.as_ref().map(|text| read(text, &mut |name| self.field(name))).transpose()?;
        Ok(KeyRule::new(&rule.key, parts, refine, rule.split_above))
    }

    /// Which dictionary each field uses: fields that one measure looks at share one.
    fn dictionaries(&self) -> Vec<usize> {
        let mut group: Vec<usize> = (0..self.fields.len()).collect();
        let at = |name: &String| self.fields.iter().position(|field| field == name).expect("every field was numbered");
        for measure in &self.measures {
            let fields: Vec<usize> = measure.fields.iter().chain(&measure.other).map(at).collect();
            let to = fields.iter().map(|field| group[*field]).min().unwrap_or(0);
            let from: Vec<usize> = fields.iter().map(|field| group[*field]).collect();
            group.iter_mut().filter(|other| from.contains(other)).for_each(|other| *other = to);
        }
        let mut numbers = BTreeMap::new();
        group.iter().for_each(|root| {
            let next = numbers.len();
            numbers.entry(*root).or_insert(next);
        });
        group.iter().map(|root| numbers[root]).collect()
    }

    fn compiled(&self, measure: &Measure, dictionary_of: &[usize]) -> Compiled {
        let at = |name: &String| self.fields.iter().position(|field| field == name).expect("every field was numbered");
        let fields: Vec<usize> = measure.fields.iter().map(at).collect();
        let dictionary = dictionary_of[fields[0]];
        Compiled { what: measure.what, fields, other: measure.other.iter().map(at).collect(), range: measure.range, dictionary }
    }
}

#[cfg(test)]
mod tests {
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
