//! How do the rows of a file become records, each distinct text read once?
//!
//! Most cells of a large file repeat: six departments tell one person's name, phone and home. Columns that are understood
//! apart from all others form a group, and each distinct text of a group is read, and its values looked up, once.

use std::hint::black_box;

use rayon::prelude::*;
use smallvec::SmallVec;

use super::Records;
use crate::dictionary::{Dictionary, ValueId, join_parts};
use crate::hash;
use crate::model::Model;
use crate::postings::table::{Entry, Table};

/// What the cells of a group say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading<N> {
    /// The features, as [`crate::MatchIndex`] takes them. No two groups may show the same feature.
    pub features: Vec<(N, String)>,
    /// A hash of the verified number that no two entities share.
    pub strong: Option<u64>,
}

/// How many texts or values are looked up together: what they lie behind is fetched from memory for all of them at once.
const AT_ONCE: usize = 16;

/// How the rows of a file are read, group by group.
pub trait RowReader: Sync {
    /// A row.
    type Row: Sync;
    /// The name of a feature.
    type Name: AsRef<str> + Send;

    /// Writes all that decides what the group says.
    fn text(&self, row: &Self::Row, group: usize, text: &mut Vec<u8>);

    /// What the group says. Rows with the same text must say the same.
    fn read(&self, row: &Self::Row, group: usize) -> Reading<Self::Name>;
}

/// Takes rows in.
pub struct Intake {
    groups: Vec<Group>,
}

/// The distinct texts of a group.
#[derive(Default)]
struct Group {
    /// Texts by 32 bits of their fingerprint.
    known: Table,
    /// A text is known by 128 bits: among 2^32 texts the chance that two share them is below one in 10^19.
    prints: Vec<u128>,
    strong: Vec<Option<u64>>,
    /// The fields that the group was seen to fill.
    fields: SmallVec<[usize; 8]>,
    /// The values of these fields, text after text.
    values: Vec<ValueId>,
}

/// What a text that is read for the first time says: fields by number, parts joined.
struct Said {
    values: SmallVec<[(usize, String); 6]>,
    strong: Option<u64>,
}

impl Intake {
    /// No rows yet, with so many groups.
    #[must_use]
    pub fn new(groups: usize) -> Self {
        Self { groups: (0..groups).map(|_| Group::default()).collect() }
    }

    /// Adds rows to the records; the verified numbers' hashes go to `strong`.
    ///
    /// # Panics
    /// When there are 2^32 records, or when two groups show the same feature.
    pub fn take<R: RowReader>(&mut self, model: &Model, records: &mut Records, strong: &mut Vec<Option<u64>>, reader: &R, rows: &[R::Row]) {
        // The number of each row's text in each group, and the rows whose text is new.
        let found: Vec<(Vec<u32>, Vec<u32>)> =
            self.groups.par_iter_mut().enumerate().map(|(number, group)| group.number(reader, rows, number)).collect();
        let new: Vec<(usize, u32)> =
            found.iter().enumerate().flat_map(|(group, (_, new))| new.iter().map(move |row| (group, *row))).collect();
        let said: Vec<Said> =
            new.par_iter().with_min_len(64).map(|(group, row)| say(model, reader.read(&rows[*row as usize], *group))).collect();
        let mut said_by_group: Vec<&[Said]> = Vec::with_capacity(found.len());
        let mut rest = said.as_slice();
        for (_, new) in &found {
            let (part, tail) = rest.split_at(new.len());
            said_by_group.push(part);
            rest = tail;
        }
        self.intern(model, records, &said_by_group);
        let width = records.width;
        let start = records.rows.len();
        records.rows.resize(start + rows.len() * width, 0);
        let groups = &self.groups;
        records.rows[start..].par_chunks_mut(width).with_min_len(1024).enumerate().for_each(|(at, row)| {
            for (group, (numbers, _)) in groups.iter().zip(&found) {
                for (field, value) in group.fields.iter().zip(group.values_of(numbers[at])) {
                    row[*field] = *value;
                }
            }
        });
        let of_row = |at: usize| groups.iter().zip(&found).find_map(|(group, (numbers, _))| group.strong[numbers[at] as usize]);
        strong.extend((0..rows.len()).map(of_row));
        let added = u32::try_from(rows.len()).ok().and_then(|added| records.count.checked_add(added));
        records.count = added.expect("fewer than 2^32 records");
    }

    /// Looks the new values up: each dictionary by itself, in the order of groups and texts, so that the numbers do not
    /// depend on the number of threads.
    fn intern(&mut self, model: &Model, records: &mut Records, said: &[&[Said]]) {
        for (group, said) in self.groups.iter_mut().zip(said) {
            let mut fields = group.fields.clone();
            said.iter().flat_map(|said| &said.values).for_each(|(field, _)| {
                if !fields.contains(field) {
                    fields.push(*field);
                }
            });
            group.widen(fields);
        }
        for field in 0..model.fields.len() {
            let owners = self.groups.iter().filter(|group| group.fields.contains(&field)).count();
            assert!(owners <= 1, "two groups show the feature {:?}", model.fields[field]);
        }
        let groups = &self.groups;
        // For each dictionary: the values of each of its fields, in the order of the group's new texts.
        let columns: Vec<Vec<(usize, usize, Vec<ValueId>)>> = records
            .dictionaries
            .par_iter_mut()
            .enumerate()
            .map(|(number, dictionary)| {
                let mut columns = Vec::new();
                for (at, (group, said)) in groups.iter().zip(said).enumerate() {
                    for (place, field) in group.fields.iter().enumerate().filter(|(_, field)| model.dictionary_of[**field] == number) {
                        let mut values = Vec::with_capacity(said.len());
                        for said in said.chunks(AT_ONCE) {
                            Dictionary::touch(said.iter().map(|said| (&*dictionary, said.value(*field))));
                            values.extend(said.iter().map(|said| dictionary.intern(said.value(*field))));
                        }
                        columns.push((at, place, values));
                    }
                }
                columns
            })
            .collect();
        for (at, (group, said)) in self.groups.iter_mut().zip(said).enumerate() {
            let (width, start) = (group.fields.len(), group.values.len());
            group.values.resize(start + said.len() * width, 0);
            for (_, place, values) in columns.iter().flatten().filter(|(of, ..)| *of == at) {
                values.iter().enumerate().for_each(|(text, value)| group.values[start + text * width + place] = *value);
            }
            group.strong.extend(said.iter().map(|said| said.strong));
        }
    }
}

impl Said {
    fn value(&self, field: usize) -> &str {
        self.values.iter().find(|(known, _)| *known == field).map_or("", |(_, value)| value)
    }
}

impl Group {
    /// The number of each row's text, and the rows whose text was not known.
    fn number<R: RowReader>(&mut self, reader: &R, rows: &[R::Row], group: usize) -> (Vec<u32>, Vec<u32>) {
        let (mut numbers, mut new, mut text) = (Vec::with_capacity(rows.len()), Vec::new(), Vec::new());
        for rows in rows.chunks(AT_ONCE) {
            let print = |row| {
                text.clear();
                reader.text(row, group, &mut text);
                hash::fingerprint(&text)
            };
            let prints: SmallVec<[u128; AT_ONCE]> = rows.iter().map(print).collect();
            self.touch(&prints);
            for print in prints {
                let number = self.known.find_where(key_of(print), |number| self.prints[number as usize] == print).unwrap_or_else(|| {
                    let number = u32::try_from(self.prints.len()).expect("fewer than 2^32 texts");
                    self.prints.push(print);
                    self.known.insert(Entry { key: key_of(print), at: number });
                    new.push(u32::try_from(numbers.len()).expect("fewer than 2^32 rows"));
                    number
                });
                numbers.push(number);
            }
        }
        (numbers, new)
    }

    /// Reads what looking these texts up will read, one sort of place for all of them before the next, as [`Table::touch`] says why.
    fn touch(&self, prints: &[u128]) {
        black_box(prints.iter().fold(0, |touched, print| touched ^ self.known.touch(key_of(*print))));
        let known = prints.iter().filter_map(|print| self.known.find(key_of(*print)));
        black_box(known.fold(0, |touched, entry| touched ^ self.prints[entry.at as usize]));
    }

    fn values_of(&self, text: u32) -> &[ValueId] {
        let width = self.fields.len();
        &self.values[text as usize * width..(text as usize + 1) * width]
    }

    /// Makes room for further fields.
    fn widen(&mut self, fields: SmallVec<[usize; 8]>) {
        let (before, after) = (self.fields.len(), fields.len());
        if after > before && before > 0 {
            let wider =
                self.values.chunks_exact(before).flat_map(|values| values.iter().copied().chain(std::iter::repeat_n(0, after - before)));
            self.values = wider.collect();
        } else if after > before {
            self.values = vec![0; self.strong.len() * after];
        }
        self.fields = fields;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "32 bits of a well mixed hash are kept")]
const fn key_of(print: u128) -> u32 {
    print as u32
}

/// What the model wants to know of a reading.
fn say<N: AsRef<str>>(model: &Model, reading: Reading<N>) -> Said {
    let mut said = Said { values: SmallVec::new(), strong: reading.strong };
    let mut several = SmallVec::<[usize; 2]>::new();
    let known = reading.features.into_iter().filter_map(|(name, value)| Some((model.field(name.as_ref())?, value)));
    for (field, value) in known {
        match said.values.iter_mut().find(|(other, _)| *other == field) {
            Some((_, first)) => {
                first.push(crate::dictionary::PART);
                first.push_str(&value);
                if !several.contains(&field) {
                    several.push(field);
                }
            }
            None => said.values.push((field, value)),
        }
    }
    for field in several {
        if let Some((_, value)) = said.values.iter_mut().find(|(other, _)| *other == field) {
            *value = join_parts(&mut value.split(crate::dictionary::PART).collect());
        }
    }
    said
}
