//! How good is what each source sends, by field and over time?

use std::collections::BTreeMap;

use ahash::AHashMap;
use chrono::{Datelike, Days, NaiveDate};
use jiku_model::{Dimension, Kind, Problem, Severity};
use rayon::prelude::*;

use crate::RegistryError;
use crate::facade::{
    FieldPeriod, FieldQuality, ImportPeriod, KindQuality, Period, ProblemCount, QualityPeriod, QualityQuery, QualityReport, SourceQuality,
};
use crate::imports;
use crate::memory::{DayTally, Lookup, Shelf, Tally, is_flagged};
use crate::registry::Inner;

type Result<T> = std::result::Result<T, RegistryError>;

/// The most jobs that are looked through for rejected rows.
const MOST_JOBS: usize = 1_000;

pub(crate) fn quality(inner: &Inner, query: &QualityQuery) -> Result<QualityReport> {
    let known = |name: &str| Kind::ALL.into_iter().any(|kind| crate::columns(kind).iter().any(|column| column.name == name));
    if query.field.as_deref().is_some_and(|name| !known(name)) {
        return Err(RegistryError::invalid("field", "value-invalid", "a column of persons, legal persons or parcels, such as phone"));
    }
    let position = inner.core.position();
    let jobs = imports::all_jobs(inner, MOST_JOBS)?;
    let asked = |kind: &Kind| query.kind.is_none_or(|wanted| wanted == *kind);
    let kinds = Kind::ALL.into_iter().filter(asked).map(|kind| {
        let mut rows: BTreeMap<NaiveDate, (u64, u64)> = BTreeMap::new();
        for job in jobs.iter().filter(|job| job.kind == kind) {
            let period = rows.entry(query.period.start(jiku_model::civil_day(job.started_at))).or_default();
            *period = (period.0 + job.progress.rows, period.1 + job.progress.rejected);
        }
        let imports = rows.into_iter().map(|(from, (rows, rejected))| ImportPeriod { from, rows, rejected });
        Ok(KindQuality { kind, sources: sources(inner, inner.core.shelf(kind), query)?, imports: imports.collect() })
    });
    Ok(QualityReport { kinds: kinds.collect::<Result<_>>()?, position })
}

fn sources(inner: &Inner, shelf: &Shelf, query: &QualityQuery) -> Result<Vec<SourceQuality>> {
    let known = inner.core.sources();
    let shared = inner.shared_numbers.of(&inner.core, shelf.kind);
    let lookup = shelf.lookup.read();
    let wanted = |number: i16| known.get(number).filter(|source| query.source.as_ref().is_none_or(|code| source.code == *code));
    let column = |name: &str| shelf.noun.columns().iter().position(|column| column.name == name);
    let field = match query.field.as_deref() {
        // A kind without the column has nothing to tell of it.
        Some(name) => column(name).map(|number| (number, name)),
        None => None,
    };
    let tallies: Vec<(i16, Tally)> = lookup.quality.tally(field, (&shared, &number_of_several(shelf.kind)))?.into_iter().collect();
    let mut found: Vec<SourceQuality> = tallies
        .into_par_iter()
        .filter_map(|(number, tally)| wanted(number).map(|source| (source.clone(), tally)))
        .map(|(source, tally)| {
            let (fields, problems) = fields(shelf, &tally);
            SourceQuality {
                source,
                records: tally.slots.len() as u64,
                flagged: tally.problems.iter().filter(|(set, _)| is_flagged(set)).map(|(_, records)| records).sum(),
                duplicates: duplicates(&lookup, &tally),
                dimensions: dimensions(&tally),
                fields,
                problems,
                periods: periods(&tally, query.period, field.is_some()),
            }
        })
        .collect();
    found.sort_by(|one, other| one.source.code.cmp(&other.source.code));
    Ok(found)
}

/// What is wrong with a record whose number another person or organisation has too. Records that are joined later, or corrected, have it no more.
fn number_of_several(kind: Kind) -> Problem {
    let column = if kind == Kind::LegalPerson { "uscc" } else { "id_number" };
    let advice = "find out whose number it is: records that are kept apart have it, so one of them tells another's, or they are one";
    Problem::new(Severity::Flag, Dimension::Uniqueness, column, "id-shared", advice)
}

/// Records beyond the first of their entity within the source.
fn duplicates(lookup: &Lookup, tally: &Tally) -> u64 {
    let mut entities: Vec<_> = tally.slots.iter().filter_map(|slot| lookup.entity(*slot)).collect();
    let records = entities.len();
    entities.par_sort_unstable();
    entities.dedup();
    (records - entities.len()) as u64
}

fn dimensions(tally: &Tally) -> Vec<(Dimension, u64)> {
    let has = |set: &[Problem], dimension| set.iter().any(|problem| problem.dimension == dimension);
    let count = |dimension| tally.problems.iter().filter(|(set, _)| has(set, dimension)).map(|(_, records)| records).sum();
    Dimension::ALL.iter().map(|dimension| (*dimension, count(*dimension))).collect()
}

/// By column, and of whole records.
fn fields(shelf: &Shelf, tally: &Tally) -> (Vec<FieldQuality>, Vec<ProblemCount>) {
    let mut counts: AHashMap<(Option<&str>, &str), (&Problem, u64)> = AHashMap::new();
    for (set, records) in &tally.problems {
        let mut named: Vec<(Option<&str>, &str)> = Vec::new();
        for problem in set {
            let name = (problem.field.as_deref(), problem.code.as_ref());
            // A record that has a problem twice is one record.
            if !named.contains(&name) {
                named.push(name);
                counts.entry(name).or_insert((problem, 0)).1 += records;
            }
        }
    }
    let columns = shelf.noun.columns();
    let of = |wanted: &dyn Fn(Option<&str>) -> bool| {
        let mut problems: Vec<ProblemCount> = counts
            .iter()
            .filter(|((field, _), _)| wanted(*field))
            .map(|((_, code), (problem, records))| ProblemCount {
                code: (*code).to_owned(),
                severity: problem.severity,
                dimension: problem.dimension,
                advice: problem.advice.to_string(),
                records: *records,
            })
            .collect();
        problems.sort_by(|one, other| other.records.cmp(&one.records).then_with(|| one.code.cmp(&other.code)));
        problems
    };
    let fields = columns.iter().enumerate().map(|(number, column)| FieldQuality {
        field: column.name,
        title_zh: column.title_zh,
        title_en: column.title_en,
        filled: tally.filled.get(number).copied().unwrap_or_default(),
        problems: of(&|field| field == Some(column.name)),
    });
    let elsewhere = |field: Option<&str>| field.is_none_or(|field| columns.iter().all(|column| column.name != field));
    (fields.collect(), of(&elsewhere))
}

fn periods(tally: &Tally, period: Period, with_field: bool) -> Vec<QualityPeriod> {
    let mut periods: BTreeMap<NaiveDate, DayTally> = BTreeMap::new();
    for (day, of_day) in tally.days() {
        periods.entry(period.start(day)).or_default().join(&of_day);
    }
    let told = |(from, sum): (NaiveDate, DayTally)| QualityPeriod {
        from,
        records: sum.records,
        flagged: sum.flagged,
        dimensions: Dimension::ALL.into_iter().zip(sum.dimensions).collect(),
        field: with_field.then_some(FieldPeriod { filled: sum.filled, problems: sum.problems }),
    };
    periods.into_iter().map(told).collect()
}

impl Period {
    /// The first day of the stretch a day lies in.
    fn start(self, day: NaiveDate) -> NaiveDate {
        match self {
            Self::Day => day,
            Self::Week => day - Days::new(u64::from(day.weekday().num_days_from_monday())),
            Self::Month => day.with_day(1).unwrap_or(day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_put_together_from_their_first_one() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        for (period, expected) in [(Period::Day, "2026-11-25"), (Period::Week, "2026-11-23"), (Period::Month, "2026-11-01")] {
            assert_eq!(period.start(day("2026-11-25")), day(expected));
        }
        assert_eq!(Period::Week.start(day("2026-11-23")), day("2026-11-23"));
    }
}
