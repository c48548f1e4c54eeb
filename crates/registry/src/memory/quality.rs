//! Where do records come from, and how good are they, as they stand now?
//!
//! Twenty bytes a record, put and removed by slot like every other index: nothing is counted twice when a record is read
//! again, and the figures are made by one pass over the records when somebody asks.

use std::io;
use std::num::NonZeroI16;

use ahash::{AHashMap, AHashSet};
use chrono::{Days, NaiveDate};
use jiku_model::{Attributes, Dimension, EntityKind, ImageReader, ImageWriter, Problem, Timestamp, unfit};

use crate::RegistryError;

/// The first day that can be told; earlier ones count as it.
const FIRST_DAY: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day of the calendar");

/// What is remembered of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kept {
    /// Which columns hold a value: bit `n` is column `n` of the kind.
    filled: u64,
    /// Which problems it has: an entry of `Quality::problem_sets`.
    problems: u32,
    /// The source, or none where there is no record.
    source: Option<NonZeroI16>,
    /// The day it was received on, counted from [`FIRST_DAY`] in UTC.
    day: u16,
}

const NONE: Kept = Kept { filled: 0, problems: 0, source: None, day: 0 };

/// What one record adds, before it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Appraisal {
    filled: u64,
    /// The code of the division it names; empty for none.
    division: String,
    source: i16,
    day: u16,
    /// The problems as the database keeps them; `[]` for none.
    problems: String,
}

impl Appraisal {
    /// Appraises a record by its canonical values and its problems, a JSON list.
    pub(crate) fn of(noun: &dyn EntityKind, source: i16, attributes: &Attributes, problems: &str, received_at: Timestamp) -> Self {
        let has = |(number, column): (usize, &jiku_model::Column)| attributes.get(column.name).map(|_| 1_u64 << number);
        let filled = noun.columns().iter().enumerate().take(u64::BITS as usize).filter_map(has).fold(0, |all, bit| all | bit);
        let day = jiku_model::civil_day(received_at).signed_duration_since(FIRST_DAY).num_days().clamp(0, i64::from(u16::MAX));
        let division = attributes.get("division").unwrap_or_default().to_owned();
        Self { filled, division, source, day: u16::try_from(day).unwrap_or_default(), problems: problems.to_owned() }
    }
}

/// Texts that many records share, each once.
#[derive(Clone, Debug)]
struct Shared {
    texts: Vec<String>,
    numbers: AHashMap<String, u32>,
}

impl Shared {
    /// Its first text is that of a record without any.
    fn new(first: &str) -> Self {
        Self::of(vec![first.to_owned()])
    }

    fn of(texts: Vec<String>) -> Self {
        Self { numbers: texts.iter().cloned().zip(0..).collect(), texts }
    }

    fn number(&mut self, text: String) -> u32 {
        if let Some(number) = self.numbers.get(&text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.texts.push(text.clone());
        self.numbers.insert(text, number);
        number
    }

    fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        image.number(self.texts.len() as u64)?;
        self.texts.iter().try_for_each(|text| image.bytes(text.as_bytes()))
    }

    fn read(image: &mut ImageReader<'_>) -> io::Result<Self> {
        Ok(Self::of((0..image.number()?).map(|_| image.text()).collect::<io::Result<_>>()?))
    }

    fn heap_bytes(&self) -> usize {
        self.texts.iter().map(|text| 2 * text.capacity() + 64).sum()
    }
}

/// The records of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Quality {
    records: Vec<Kept>,
    /// Which division each names: an entry of `division_codes`.
    divisions: Vec<u32>,
    /// Each distinct list of problems; the first is the empty one.
    problem_sets: Shared,
    /// Each code of a division that is named; the first is none.
    division_codes: Shared,
}

impl Quality {
    pub(crate) fn new() -> Self {
        Self { records: Vec::new(), divisions: Vec::new(), problem_sets: Shared::new("[]"), division_codes: Shared::new("") }
    }

    pub(crate) fn put(&mut self, slot: u32, appraisal: Appraisal) {
        let problems = self.problem_sets.number(appraisal.problems);
        let at = slot as usize;
        if self.records.len() <= at {
            self.records.resize(at + 1, NONE);
            self.divisions.resize(at + 1, 0);
        }
        self.divisions[at] = self.division_codes.number(appraisal.division);
        self.records[at] = Kept { filled: appraisal.filled, problems, source: NonZeroI16::new(appraisal.source), day: appraisal.day };
    }

    pub(crate) fn remove(&mut self, slot: u32) {
        if let Some(record) = self.records.get_mut(slot as usize) {
            *record = NONE;
        }
    }

    /// Lays it aside.
    pub(crate) fn write(&self, image: &mut ImageWriter<'_>) -> io::Result<()> {
        let Self { records, divisions, problem_sets, division_codes } = self;
        problem_sets.write(image)?;
        division_codes.write(image)?;
        image.u64s(records.iter().map(|record| record.filled))?;
        image.u32s(records.iter().map(|record| record.problems))?;
        image.i16s(records.iter().map(|record| record.source.map_or(0, NonZeroI16::get)))?;
        image.u16s(records.iter().map(|record| record.day))?;
        image.u32s(divisions.iter().copied())
    }

    /// Takes up again what was laid aside.
    pub(crate) fn read(image: &mut ImageReader<'_>) -> io::Result<Self> {
        let (problem_sets, division_codes) = (Shared::read(image)?, Shared::read(image)?);
        let (filled, problems, sources, days) = (image.u64s()?, image.u32s()?, image.i16s()?, image.u16s()?);
        let divisions = image.u32s()?;
        let known = |numbers: &[u32], shared: &Shared| numbers.iter().all(|number| (*number as usize) < shared.texts.len());
        let fit = [problems.len(), sources.len(), days.len(), divisions.len()] == [filled.len(); 4];
        if !fit || !known(&problems, &problem_sets) || !known(&divisions, &division_codes) {
            return Err(unfit("the quality of records does not fit together"));
        }
        let rest = sources.into_iter().zip(days);
        let kept = |((filled, problems), (source, day))| Kept { filled, problems, source: NonZeroI16::new(source), day };
        let records = filled.into_iter().zip(problems).zip(rest).map(kept).collect();
        Ok(Self { records, divisions, problem_sets, division_codes })
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.records.capacity() * size_of::<Kept>()
            + self.divisions.capacity() * size_of::<u32>()
            + self.problem_sets.heap_bytes()
            + self.division_codes.heap_bytes()
    }

    /// The source of a record, and the code of the division it names; empty for none.
    pub(crate) fn origin(&self, slot: u32) -> Option<(i16, &str)> {
        let at = slot as usize;
        let source = self.records.get(at)?.source?.get();
        Some((source, self.division_codes.texts[self.divisions[at] as usize].as_str()))
    }

    /// What is known of a record, to compare two indexes: its origin, its columns, its day and its problems.
    pub(crate) fn entry(&self, slot: u32) -> Option<((i16, &str), u64, u16, &str)> {
        let kept = self.records.get(slot as usize)?;
        Some((self.origin(slot)?, kept.filled, kept.day, self.problem_sets.texts[kept.problems as usize].as_str()))
    }

    /// Counts everything, by source; one column, by its number and name, also by the day. Some records have one problem more, which only the other
    /// records tell: it is theirs as long as these say so, and is kept nowhere.
    pub(crate) fn tally(
        &self,
        field: Option<(usize, &str)>,
        (among, more): (&AHashSet<u32>, &Problem),
    ) -> Result<AHashMap<i16, Tally>, RegistryError> {
        let sets: Vec<Vec<Problem>> = self
            .problem_sets
            .texts
            .iter()
            .map(|set| serde_json::from_str(set).map_err(|error| RegistryError::internal(format!("problems are not readable: {error}"))))
            .collect::<Result<_, _>>()?;
        let with_more = |set: &Vec<Problem>| set.iter().chain([more]).cloned().collect::<Vec<_>>();
        let marks: Vec<[Marks; 2]> = sets.iter().map(|set| [Marks::of(set, field), Marks::of(&with_more(set), field)]).collect();
        let mut tallies: AHashMap<i16, Tally> = AHashMap::new();
        for (slot, kept) in (0..).zip(&self.records) {
            let Some(source) = kept.source else { continue };
            let tally = tallies.entry(source.get()).or_default();
            tally.slots.push(slot);
            let filled = field.is_some_and(|(number, _)| kept.filled >> number & 1 == 1);
            let has_more = among.contains(&slot);
            tally.days.entry(kept.day).or_default().add(marks[kept.problems as usize][usize::from(has_more)], filled);
            *tally.sets.entry((kept.problems, has_more)).or_default() += 1;
            let mut left = kept.filled;
            while left != 0 {
                tally.filled[left.trailing_zeros() as usize] += 1;
                left &= left - 1;
            }
        }
        for tally in tallies.values_mut() {
            for ((number, has_more), records) in std::mem::take(&mut tally.sets) {
                let set = &sets[number as usize];
                let set = if has_more { with_more(set) } else { set.clone() };
                tally.problems.extend((!set.is_empty()).then_some((set, records)));
            }
        }
        Ok(tallies)
    }
}

/// Whether a record with these problems was accepted with a doubt; notes are none.
pub(crate) fn is_flagged(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity >= jiku_model::Severity::Flag)
}

/// What a list of problems adds to the figures of a day.
#[derive(Clone, Copy, Debug)]
struct Marks {
    flagged: bool,
    /// Bit `n` is the dimension `Dimension::ALL[n]`.
    dimensions: u8,
    /// Whether the column that was asked for has one of them.
    field: bool,
}

impl Marks {
    fn of(set: &[Problem], field: Option<(usize, &str)>) -> Self {
        let bit = |dimension: &Dimension| Dimension::ALL.iter().position(|known| known == dimension).map_or(0, |at| 1_u8 << at);
        Self {
            flagged: is_flagged(set),
            dimensions: set.iter().map(|problem| bit(&problem.dimension)).fold(0, |all, bit| all | bit),
            field: set.iter().any(|problem| problem.field.as_deref().is_some_and(|name| field.is_some_and(|(_, asked)| name == asked))),
        }
    }
}

/// The records of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct DayTally {
    pub(crate) records: u64,
    pub(crate) flagged: u64,
    /// In the order of `Dimension::ALL`.
    pub(crate) dimensions: [u64; Dimension::ALL.len()],
    /// Records with a value in the column that was asked for.
    pub(crate) filled: u64,
    /// Records with a problem of that column.
    pub(crate) problems: u64,
}

impl DayTally {
    fn add(&mut self, marks: Marks, filled: bool) {
        self.records += 1;
        self.flagged += u64::from(marks.flagged);
        for (at, records) in self.dimensions.iter_mut().enumerate() {
            *records += u64::from(marks.dimensions >> at & 1);
        }
        self.filled += u64::from(filled);
        self.problems += u64::from(marks.field);
    }

    /// Adds another day to it.
    pub(crate) fn join(&mut self, other: &Self) {
        self.records += other.records;
        self.flagged += other.flagged;
        self.dimensions.iter_mut().zip(other.dimensions).for_each(|(sum, records)| *sum += records);
        self.filled += other.filled;
        self.problems += other.problems;
    }
}

/// What one source's records add up to.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    /// The records, ascending.
    pub(crate) slots: Vec<u32>,
    /// How many records have a value in each column.
    pub(crate) filled: [u64; 64],
    /// Distinct lists of problems and how many records have exactly these.
    pub(crate) problems: Vec<(Vec<Problem>, u64)>,
    days: std::collections::BTreeMap<u16, DayTally>,
    /// By the list of problems, and whether there is one more.
    sets: AHashMap<(u32, bool), u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { slots: Vec::new(), filled: [0; 64], problems: Vec::new(), days: Default::default(), sets: AHashMap::new() }
    }
}

impl Tally {
    /// The records by the day they were received on, oldest first.
    pub(crate) fn days(&self) -> impl Iterator<Item = (NaiveDate, DayTally)> {
        self.days.iter().map(|(day, tally)| (FIRST_DAY + Days::new(u64::from(*day)), *tally))
    }
}
