//! Which records does a synthetic province have?

use std::collections::VecDeque;

use chrono::NaiveDate;
use jiku_model::{Kind, RawRecord};
use serde_json::Value;

use crate::company::{Companies, Company, Sort};
use crate::mix::Mistakes;
use crate::parcel::Land;
use crate::people::{Households, Person};
use crate::place::Map;
use crate::random::Random;
use crate::source::SOURCES;
use crate::{company_records, parcel_records, person_records};

/// What sort of province to make; equal settings make equal provinces, on every machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Another seed, another province.
    pub seed: u64,
    /// How many people.
    pub people: u64,
    /// How many legal persons.
    pub companies: u64,
    /// How many parcels; they lie side by side.
    pub parcels: u64,
    /// Sources that send records, by code; all when empty.
    pub sources: Vec<String>,
    /// Prefixes of division codes where people live; all of Guangdong when empty.
    pub divisions: Vec<String>,
    /// How many mistakes the departments make.
    pub mistakes: Mistakes,
    /// The day on which the departments send their files.
    pub today: NaiveDate,
}

impl Settings {
    /// People, companies and parcels in numbers, all of Guangdong, all sources, usual mistakes.
    #[must_use]
    pub fn new(seed: u64, people: u64, companies: u64, parcels: u64) -> Self {
        let today = NaiveDate::from_ymd_opt(2026, 6, 30).unwrap_or_default();
        Self { seed, people, companies, parcels, sources: Vec::new(), divisions: Vec::new(), mistakes: Mistakes::all(1.0), today }
    }

    /// The province of `jiku demo`: Guangzhou in small.
    #[must_use]
    pub fn demo() -> Self {
        Self { divisions: vec!["4401".to_owned()], ..Self::new(20_260_630, 8_000, 1_200, 2_000) }
    }
}

/// A record of a department, and whom it truly speaks of. All people, organisations and rights are invented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SynthRecord {
    /// What it speaks of.
    pub kind: Kind,
    /// The code of its source.
    pub source: &'static str,
    /// What the source calls it.
    pub source_key: String,
    /// The values by standard column, in the order of files; missing ones are left out.
    pub fields: Vec<(&'static str, String)>,
    /// The number of the true entity among those of its kind, from 1.
    pub truth: u64,
}

impl SynthRecord {
    /// The value of a column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| *name == column).map(|(_, value)| value.as_str())
    }

    /// The record as a reader of a file would hand it over, without source and key.
    #[must_use]
    pub fn raw(&self) -> RawRecord {
        self.fields.iter().map(|(column, value)| ((*column).to_owned(), Value::String(value.clone()))).collect()
    }
}

/// How many true entities have been made so far, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// People.
    pub people: u64,
    /// Legal persons.
    pub companies: u64,
    /// Parcels.
    pub parcels: u64,
}

/// A stream of records, household by household; memory does not grow with the number of people.
///
/// ```
/// let province = jiku_synth::Province::new(jiku_synth::Settings::new(1, 100, 10, 20));
/// assert!(province.count() > 300);
/// ```
#[derive(Debug)]
pub struct Province {
    settings: Settings,
    households: Households,
    companies: Companies,
    land: Land,
    household_number: u64,
    made: Made,
    keys: [u64; SOURCES.len()],
    enabled: [bool; SOURCES.len()],
    last_company: Option<Company>,
    waiting: VecDeque<SynthRecord>,
}

impl Province {
    /// A province to read record by record.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let map = Map::new(&settings.divisions);
        let land = Land::new(settings.seed, settings.today, settings.parcels, &map);
        let enabled = SOURCES.map(|source| settings.sources.is_empty() || settings.sources.iter().any(|code| code == source.code));
        Self {
            households: Households::new(map, settings.today, settings.mistakes.numbers),
            companies: Companies::new(settings.today),
            land,
            household_number: 0,
            made: Made::default(),
            keys: [0; SOURCES.len()],
            enabled,
            last_company: None,
            waiting: VecDeque::new(),
            settings,
        }
    }

    /// How many entities the records so far speak of, at most.
    #[must_use]
    pub const fn made(&self) -> Made {
        self.made
    }

    fn send(&mut self, code: &'static str, truth: u64, fields: Vec<(&'static str, String)>) {
        let Some(place) = SOURCES.iter().position(|source| source.code == code).filter(|&place| self.enabled[place]) else { return };
        self.keys[place] += 1;
        let source_key = format!("{}{:08}", code[..2].to_uppercase(), self.keys[place]);
        self.waiting.push_back(SynthRecord { kind: SOURCES[place].kind, source: code, source_key, fields, truth });
    }

    /// How many of `total` things should exist once this share of the people does.
    fn due(&self, total: u64) -> u64 {
        if self.settings.people == 0 {
            total
        } else {
            u64::try_from(u128::from(total) * u128::from(self.made.people) / u128::from(self.settings.people)).unwrap_or(total)
        }
    }

    fn next_household(&mut self) {
        self.household_number += 1;
        let mut random = Random::new(self.settings.seed, self.household_number);
        let mut household = self.households.next(&mut random);
        let missing = self.settings.people - self.made.people;
        household.truncate(usize::try_from(missing).unwrap_or(usize::MAX));
        self.made.people += household.len() as u64;
        for person in &household {
            self.send_person(&mut random, person);
        }
        let adults: Vec<&Person> = household.iter().filter(|person| person.can_act(self.settings.today)).collect();
        let done = self.made.people >= self.settings.people;
        if let Some(representative) = adults.first().copied().or_else(|| household.first().filter(|_| done)) {
            self.send_companies(&mut random, representative, &adults);
            self.send_parcels(&mut random, representative);
        }
    }

    fn send_person(&mut self, random: &mut Random, person: &Person) {
        let (today, mix) = (self.settings.today, self.settings.mistakes);
        for desk in &person_records::DESKS {
            if desk.covers(random, person, today) {
                let copies = 1 + u32::from(random.chance(desk.again * mix.copies));
                for _ in 0..copies {
                    let fields = desk.record(random, person, today, mix);
                    self.send(desk.source, person.truth, fields);
                }
                if let Some(fields) = desk.record_of_moved(random, person, today, mix) {
                    self.send(desk.source, person.truth, fields);
                }
            }
        }
    }

    fn send_companies(&mut self, random: &mut Random, representative: &Person, adults: &[&Person]) {
        while self.made.companies < self.due(self.settings.companies) {
            let head = if adults.is_empty() { representative } else { adults[random.index(adults.len())] };
            let others: Vec<&Person> = adults.iter().copied().filter(|person| person.truth != head.truth).collect();
            let division = if random.chance(0.8) { head.home.division } else { self.households.map().division(random) };
            let branch_of = self.last_company.take().filter(|company| company.sort == Sort::Company && random.chance(0.09));
            let company = match branch_of {
                Some(parent) => self.companies.branch(random, &parent, head, division),
                None => self.companies.next(random, head, &others, division),
            };
            self.made.companies += 1;
            for desk in &company_records::DESKS {
                if desk.covers(random, &company) {
                    for _ in 0..1 + u32::from(random.chance(desk.again * self.settings.mistakes.copies)) {
                        let fields = desk.record(random, &company, self.settings.mistakes);
                        self.send(desk.source, company.truth, fields);
                    }
                }
            }
            self.last_company = Some(company);
        }
    }

    fn send_parcels(&mut self, random: &mut Random, holder: &Person) {
        while self.made.parcels < self.due(self.settings.parcels) {
            let Some(parcel) = self.land.next(random, holder, self.last_company.as_ref()) else { return };
            self.made.parcels += 1;
            let fields = parcel_records::record(random, &parcel, self.settings.mistakes.numbers);
            self.send("ziran", parcel.truth, fields);
        }
    }
}

impl Iterator for Province {
    type Item = SynthRecord;

    fn next(&mut self) -> Option<SynthRecord> {
        while self.waiting.is_empty() && self.made.people < self.settings.people {
            self.next_household();
        }
        self.waiting.pop_front()
    }
}
