//! How does a model that is written down become one that weighs?

use std::collections::{BTreeMap, HashSet};

use super::{Comparison, Conflict, Level, Model, ModelError, Relation, Vocabulary, numbers};
use crate::blocking::KeyRule;
use crate::bounds::Bound;
use crate::condition;
use crate::dictionary::Tables;
use crate::frequency::{FrequencyTable, log2};
use crate::gate::{Gated, Views};
use crate::measure::{Compiled, Measure};
use crate::model_file::{BlockingFile, ComparisonFile, LevelFile, ModelFile};
use crate::training::MAX_COMPARISONS;
use crate::within::contested;

/// The most measures a model may use: each has a bit that says whether it was taken for the pair at hand.
const MAX_MEASURES: usize = 128;
const MAX_LEVELS: usize = 200;

impl Model {
    /// Checks a model.
    ///
    /// # Errors
    /// As [`Model::from_toml`].
    pub fn new(file: ModelFile) -> Result<Self, ModelError> {
        numbers::check(&file)?;
        let mut compiler = Compiler::default();
        let mut comparisons: Vec<Comparison> =
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
        let mut frequencies = vec![Vec::new(); dictionary_of.iter().max().map_or(0, |last| last + 1)];
        let mut table_of = vec![None; compiler.fields.len()];
        for (field, table) in &file.term_frequency {
            let table = FrequencyTable::new(table)
                .map_err(|problem| ModelError::Content { place: format!("term frequency of {field:?}"), problem })?;
            let field = compiler.field(field);
            let tables = &mut frequencies[dictionary_of[field]];
            table_of[field] = Some(tables.len());
            tables.push(table);
        }
        let measures: Vec<Compiled> =
            compiler.measures.iter().map(|measure| compiler.compiled(measure, &dictionary_of, &table_of)).collect();
        let views = Views::of(&measures);
        comparisons.iter_mut().flat_map(Comparison::conditions).for_each(|condition| condition.ready(&measures, &views));
        for conflict in &mut conflicts {
            conflict.when.ready(&measures, &views);
            conflict.contested = contested(&conflict.when.condition, &measures);
        }
        let bound = |comparison: &Comparison| {
            let table = comparison.frequency.and_then(|field| frequencies[dictionary_of[field]].get(table_of[field]?));
            Bound::of(comparison, &measures, table)
        };
        let bounds: Vec<Bound> = comparisons.iter().map(bound).collect();
        let prior = log2(file.prior / (1.0 - file.prior));
        Ok(Self {
            prior,
            dictionary_of,
            frequencies: frequencies.into_iter().map(Tables::from).collect(),
            table_of,
            measures,
            views,
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

    /// Whether a model with these comparisons could be used and fitted.
    pub(crate) fn is_small_enough(file: &ModelFile) -> bool {
        let mut compiler = Compiler::default();
        let readable = file.comparison.iter().all(|comparison| compiler.comparison(file, comparison).is_ok());
        // Blocking rules take no measures.
        let readable = readable && file.conflict.iter().all(|conflict| compiler.condition("a conflict", &conflict.when).is_ok());
        readable && compiler.measures.len() <= MAX_MEASURES && file.comparison.len() <= MAX_COMPARISONS
    }
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

    fn condition(&mut self, place: &str, text: &str) -> Result<Gated, ModelError> {
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
        read.map(Gated::new).map_err(|source| ModelError::Condition { place: place.to_owned(), text: text.to_owned(), source })
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
        let table = comparison.term_frequency.as_ref().and_then(|field| file.term_frequency.get(field));
        let capped = table.is_some_and(|table| table.surnames.is_empty());
        Ok(Comparison { applies, main, shown, unless, frequency, chance, capped, levels })
    }

    fn level(&mut self, file: &ModelFile, place: &str, level: &LevelFile) -> Result<Level, ModelError> {
        let place = format!("{place}, level {:?}", level.name);
        let when = level.when.as_ref().map(|text| self.condition(&place, text)).transpose()?;
        let relations =
            file.relation.iter().map(|relation| level.relations.get(&relation.name).map(|share| log2(level.m / share))).collect();
        Ok(Level { when, weight: log2(level.m / level.u), relations, frequency: level.term_frequency.unwrap_or(0.0) })
    }

    fn rule(&mut self, rule: &BlockingFile) -> Result<KeyRule, ModelError> {
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

    fn compiled(&self, measure: &Measure, dictionary_of: &[usize], table_of: &[Option<usize>]) -> Compiled {
        let at = |name: &String| self.fields.iter().position(|field| field == name).expect("every field was numbered");
        let fields: Vec<usize> = measure.fields.iter().map(at).collect();
        let dictionary = dictionary_of[fields[0]];
        let table = fields.iter().find_map(|field| table_of[*field]);
        Compiled { what: measure.what, fields, other: measure.other.iter().map(at).collect(), range: measure.range, dictionary, table }
    }
}
