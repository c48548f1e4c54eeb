//! Which keys does a record have? Records with an equal key are compared.
//!
//! A key is written as parts joined by `+`: a field, or a function of one. A record without a value for a part has no
//! key; a part of several values gives several keys.

use smallvec::SmallVec;

use crate::condition::{Argument, ConditionError, Reader};
use crate::dates::PartialDate;
use crate::dictionary::{Lexicon, PART, ValueId};
use crate::hash;
use crate::measure::words;
use crate::points::squares;

/// A key that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Something else stood where it should not.
    #[error(transparent)]
    Grammar(#[from] ConditionError),
    /// There is no such function.
    #[error("there is no key function {0:?}; docs/matching.md lists them")]
    UnknownFunction(String),
}

/// What a part takes from a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take {
    /// The value.
    Value,
    /// The values of all fields named, not only the first.
    Each,
    /// Nothing: every record has the same key.
    All,
    /// The year of a date.
    Year,
    /// Month and day of a date.
    MonthDay,
    /// The first characters.
    First(usize),
    /// The last characters.
    Last(usize),
    /// Characters from position to position.
    Slice(usize, usize),
    /// The characters in order.
    Sorted,
    /// Each word.
    Words,
    /// The value, and the value without each of its characters: values that one slip separates share a key.
    Deletions,
    /// The number divided by a cell's width, rounded down.
    Cell(usize),
    /// The squares that a point lies in ([`squares`]): points at most so many metres from each other have one in common.
    Near(usize),
}

/// A part of a key.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    take: Take,
    fields: SmallVec<[usize; 2]>,
}

/// Several hashes; nearly always one.
pub(crate) type Hashes = SmallVec<[u64; 2]>;

/// The most keys one rule gives one record.
const MAX_KEYS: usize = 64;

impl Part {
    pub(crate) const fn take(&self) -> Take {
        self.take
    }

    pub(crate) fn fields(&self) -> &[usize] {
        &self.fields
    }

    /// The hashes of a value, all its parts; nothing for no value.
    pub(crate) fn of_value(&self, value: &str, into: &mut Hashes) {
        if !value.is_empty() {
            value.split(PART).for_each(|part| self.of_text(part, into));
        }
    }

    /// The hashes of a text for this part.
    fn of_text(&self, text: &str, into: &mut Hashes) {
        let characters = |from: usize, to: usize| {
            let complete = text.chars().nth(to.saturating_sub(1)).is_some();
            complete.then(|| hash::characters(text.chars().skip(from).take(to - from.min(to))))
        };
        match self.take {
            Take::All => {}
            Take::Value | Take::Each => into.push(hash::bytes(text.as_bytes())),
            Take::Year => into.extend(PartialDate::parse(text).map(|date| hash::mix(u64::from(date.year)))),
            Take::MonthDay => into.extend(
                PartialDate::parse(text)
                    .filter(|date| date.is_full())
                    .map(|date| hash::mix(u64::from(date.month) * 32 + u64::from(date.day))),
            ),
            Take::First(count) => into.extend(characters(0, count)),
            Take::Last(count) => {
                let length = text.chars().count();
                into.extend(length.checked_sub(count).and_then(|from| characters(from, length)));
            }
            Take::Slice(from, to) => into.extend(characters(from, to)),
            Take::Sorted => {
                let mut sorted: SmallVec<[char; 16]> = text.chars().collect();
                sorted.sort_unstable();
                into.push(hash::characters(sorted.into_iter()));
            }
            Take::Words => into.extend(words(text).map(|word| hash::bytes(word.as_bytes()))),
            Take::Deletions => {
                into.push(hash::characters(text.chars()));
                for at in 0..text.chars().count() {
                    into.push(hash::characters(text.chars().enumerate().filter(|(index, _)| *index != at).map(|(_, c)| c)));
                }
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "cells are coarse")]
            Take::Cell(width) => {
                into.extend(text.parse::<f64>().ok().map(|number| hash::mix((number / width.max(1) as f64).floor() as i64 as u64)));
            }
            Take::Near(metres) => into.extend(squares(text, metres).into_iter().flatten()),
        }
    }

    /// The hashes of a record for this part, each once.
    fn of_row(&self, lexicon: Lexicon<'_>, dictionary_of: &[usize], row: &[ValueId]) -> Hashes {
        let mut hashes = Hashes::new();
        if self.take == Take::All {
            hashes.push(1);
            return hashes;
        }
        let mut of_value = |field: usize, id: ValueId| {
            if id != 0 {
                self.of_value(lexicon.text(dictionary_of[field], id), &mut hashes);
            }
        };
        if self.take == Take::Each {
            self.fields.iter().for_each(|field| of_value(*field, row[*field]));
        } else if let Some(told) = self.fields.iter().find(|field| row[**field] != 0) {
            of_value(*told, row[*told]);
        }
        if hashes.len() > 1 {
            hashes.sort_unstable();
            hashes.dedup();
        }
        hashes
    }
}

/// A blocking rule, compiled.
#[derive(Clone, Debug)]
pub(crate) struct KeyRule {
    salt: u64,
    parts: Vec<Part>,
    refine: Option<Vec<Part>>,
    split_above: Option<usize>,
}

impl KeyRule {
    /// A rule; keys of different rules differ because their texts do.
    pub(crate) fn new(text: &str, parts: Vec<Part>, refine: Option<Vec<Part>>, split_above: Option<usize>) -> Self {
        Self { salt: hash::bytes(text.as_bytes()), parts, refine, split_above }
    }

    /// Reads the parts of a key.
    pub(crate) fn parse_parts(text: &str, field: &mut dyn FnMut(&str) -> usize) -> Result<Vec<Part>, KeyError> {
        let mut reader = Reader::new(text);
        let mut parts = Vec::new();
        loop {
            parts.push(part(&mut reader, field)?);
            if !reader.take("+") {
                reader.end()?;
                return Ok(parts);
            }
        }
    }

    /// The record's keys under this rule.
    pub(crate) fn keys(&self, lexicon: Lexicon<'_>, dictionary_of: &[usize], row: &[ValueId]) -> Hashes {
        extend_keys(&self.parts, self.start(), lexicon, dictionary_of, row)
    }

    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What keys begin with.
    pub(crate) fn start(&self) -> Hashes {
        Hashes::from_slice(&[self.salt])
    }

    /// Whether hot keys can be split.
    pub(crate) const fn has_refine(&self) -> bool {
        self.refine.is_some()
    }

    /// The largest block of a table that stays whole.
    pub(crate) fn largest_whole(&self, max_block: usize) -> usize {
        self.split_above.filter(|_| self.has_refine()).map_or(max_block, |above| above.min(max_block))
    }

    /// What a hot key becomes; empty when the rule has no `refine` or the record no value for it.
    pub(crate) fn refined(&self, key: u64, lexicon: Lexicon<'_>, dictionary_of: &[usize], row: &[ValueId]) -> Hashes {
        match &self.refine {
            Some(parts) => extend_keys(parts, Hashes::from_slice(&[!key]), lexicon, dictionary_of, row),
            None => Hashes::new(),
        }
    }
}

fn extend_keys(parts: &[Part], mut keys: Hashes, lexicon: Lexicon<'_>, dictionary_of: &[usize], row: &[ValueId]) -> Hashes {
    for part in parts {
        combine(&mut keys, &part.of_row(lexicon, dictionary_of, row));
    }
    keys
}

/// Folds each of a part's hashes into each key.
pub(crate) fn combine(keys: &mut Hashes, hashes: &[u64]) {
    if let [hash] = hashes {
        keys.iter_mut().for_each(|key| *key = hash::fold(*key, *hash));
    } else {
        *keys = keys.iter().flat_map(|key| hashes.iter().map(|hash| hash::fold(*key, *hash))).take(MAX_KEYS).collect();
    }
}

fn part(reader: &mut Reader<'_>, field: &mut dyn FnMut(&str) -> usize) -> Result<Part, KeyError> {
    let mut names = reader.fields()?;
    let mut take = Take::Value;
    if names.len() == 1 && reader.peek() == Some("(") {
        let function = names.remove(0);
        if function == "all" {
            reader.expect("(")?;
            reader.expect(")")?;
            return Ok(Part { take: Take::All, fields: SmallVec::new() });
        }
        let arguments = reader.arguments()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positions are small and not negative")]
        let numbers: Vec<usize> = arguments
            .iter()
            .skip(1)
            .map(|argument| match argument {
                Argument::Number(number) => *number as usize,
                Argument::Fields(_) => 0,
            })
            .collect();
        take = match (function.as_str(), numbers.as_slice()) {
            ("each", []) => Take::Each,
            ("year", []) => Take::Year,
            ("month_day", []) => Take::MonthDay,
            ("first", [count]) => Take::First(*count),
            ("last", [count]) => Take::Last(*count),
            ("slice", [from, to]) => Take::Slice(*from, *to),
            ("sorted", []) => Take::Sorted,
            ("words", []) => Take::Words,
            ("deletions", []) => Take::Deletions,
            ("cell", [width]) => Take::Cell(*width),
            ("near", [metres]) => Take::Near(*metres),
            _ => return Err(KeyError::UnknownFunction(function)),
        };
        names = match arguments.into_iter().next() {
            Some(Argument::Fields(fields)) => fields,
            _ => return Err(KeyError::UnknownFunction(function)),
        };
    }
    Ok(Part { take, fields: names.iter().map(|name| field(name)).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::Dictionary;

    /// Whether two records `a/b` of fields a and b share a key.
    #[track_caller]
    fn check(key: &str, left: &str, right: &str, expected: bool) {
        let mut field = |name: &str| usize::from(name == "b");
        let rule = KeyRule::new(key, KeyRule::parse_parts(key, &mut field).expect("a key that can be read"), None, None);
        let mut dictionary = Dictionary::new(crate::dictionary::Tables::default());
        let mut row = |text: &str| text.split('/').map(|value| dictionary.intern(&value.replace('+', "\u{1f}"))).collect::<Vec<_>>();
        let rows = [row(left), row(right)];
        let dictionaries = [dictionary];
        let lexicon = Lexicon { base: &dictionaries, unseen: None };
        let [left_keys, right_keys] = rows.map(|row| rule.keys(lexicon, &[0, 0], &row));
        assert_eq!(left_keys.iter().any(|key| right_keys.contains(key)), expected, "{key}: {left} {right}");
    }

    #[test]
    fn equal_parts_give_an_equal_key_and_missing_ones_none() {
        check("a + b", "x/y", "x/y", true);
        check("a + b", "x/y", "x/z", false);
        check("a + b", "x/", "x/", false);
        check("a|b", "/y", "y/x", true);
        check("each(a|b)", "x/y", "z/x", true);
    }

    #[test]
    fn the_first_field_that_is_told_is_looked_up_where_its_own_values_are() {
        let mut field = |name: &str| usize::from(name == "b");
        let rule = KeyRule::new("a|b", KeyRule::parse_parts("a|b", &mut field).expect("a key that can be read"), None, None);
        let mut dictionaries =
            [Dictionary::new(crate::dictionary::Tables::default()), Dictionary::new(crate::dictionary::Tables::default())];
        let ids = ["x", "y"].map(|value| dictionaries[1].intern(value));
        let known = dictionaries[0].intern("y");
        let lexicon = Lexicon { base: &dictionaries, unseen: None };
        let keys = |row: &[ValueId]| rule.keys(lexicon, &[0, 1], row);
        assert_eq!(keys(&[0, ids[1]]), keys(&[known, 0]));
        assert_ne!(keys(&[0, ids[0]]), keys(&[known, 0]));
        assert!(keys(&[0, 0]).is_empty());
    }

    #[test]
    fn parts_of_values_are_keys() {
        check("year(a)", "1980-04-06/", "1980/", true);
        check("month_day(a)", "1980-04-06/", "1981-04-06/", true);
        check("month_day(a)", "1980-04/", "1980-04/", false);
        check("first(a, 2)", "abc/", "abd/", true);
        check("first(a, 2)", "a/", "a/", false);
        check("last(a, 2)", "abc/", "xbc/", true);
        check("slice(a, 1, 3)", "abcd/", "xbcy/", true);
        check("sorted(a)", "伟张/", "张伟/", true);
        check("words(a)", "high street/", "street low/", true);
        check("deletions(a)", "jonson/", "johnson/", true);
        check("deletions(a)", "brown/", "green/", false);
        check("cell(a, 10)", "11/", "19/", true);
        // A hundred-thousandth of a degree of latitude is 1.1 m.
        check("a", "138+139/", "139+137/", true);
        check("all()", "a/", "b/", true);
    }

    #[test]
    fn two_points_near_each_other_share_a_key_whichever_way_they_lie() {
        // A hundred-thousandth of a degree is 1.1 m.
        for place in [[23.12, 113.32], [-0.000_02, -0.000_02], [52.317_7, 5.545_7]] {
            for step in 0..36_u8 {
                let (east, north) = (f64::from(step) * 10.0).to_radians().sin_cos();
                let moved = |by: f64| format!("{:.6},{:.6}/", place[0] + north * by, place[1] + east * by);
                check("near(a, 8)", &moved(0.0), &moved(0.000_07), true);
                check("near(a, 8)", &moved(0.0), &moved(0.000_3), false);
            }
        }
        check("near(a, 8)", "23.1/", "23.1/", false);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let mut field = |_: &str| 0;
        assert_eq!(KeyRule::parse_parts("twice(a)", &mut field).unwrap_err(), KeyError::UnknownFunction("twice".to_owned()));
        assert!(matches!(KeyRule::parse_parts("a + ", &mut field), Err(KeyError::Grammar(_))));
    }
}
