//! What can be measured between two records, as one number?

use smallvec::SmallVec;

use crate::condition::{Argument, ConditionError};
use crate::dates::PartialDate;
use crate::dictionary::{Lexicon, PART, ValueId, has_parts};
use crate::kernels::Scratch;
use crate::model::Vocabulary;
use crate::points::{distance_m, offset};

/// A measure as a condition names it: what, of which fields.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measure {
    pub(crate) what: What,
    /// The field looked at; the first of several that has a value counts.
    pub(crate) fields: Vec<String>,
    /// The second field of `swapped` and `crossed`.
    pub(crate) other: Vec<String>,
    /// The numbers of `same_slice` and `same_end`.
    pub(crate) range: (usize, usize),
}

/// Kinds of measures. Yes-or-no ones give 1 or 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Both records have a value.
    Both,
    /// Exactly one record has a value.
    OneSided,
    /// The values are equal; one common part is enough.
    Same,
    /// Both have a value and they are not equal.
    Differs,
    /// Jaro–Winkler similarity.
    JaroWinkler,
    /// Levenshtein distance.
    Levenshtein,
    /// Optimal string alignment distance.
    Osa,
    /// 1 − optimal string alignment distance ÷ length of the longer.
    Similarity,
    /// Common words ÷ all words.
    Jaccard,
    /// Number of common words.
    SharedWords,
    /// Every word of one text is among the words of the other.
    ContainsWords,
    /// Twice the common pairs of neighbouring characters ÷ all of them (Dice).
    Bigrams,
    /// One text contains the other.
    Contains,
    /// Number of common characters.
    SharedCharacters,
    /// The length of the shorter text in characters.
    Length,
    /// Days between two full dates.
    Days,
    /// Years between two dates, from their years alone.
    Years,
    /// Differing digits of two full dates, neighbours that changed places once.
    DigitErrors,
    /// Day and month in each other's place.
    DayMonthSwapped,
    /// Equal years.
    SameYear,
    /// Equal month and day.
    SameMonthDay,
    /// Number of equal parts of the dates.
    SameDateParts,
    /// No known part of the dates differs.
    Compatible,
    /// A date is partial or a first of January.
    Vague,
    /// Absolute difference of two numbers.
    Difference,
    /// Difference of two numbers ÷ the larger.
    RelativeDifference,
    /// Metres between two points `latitude,longitude`.
    DistanceM,
    /// The same ÷ the sum of two lengths in metres: two circles of these radii touch at 1.
    Offset,
    /// Number of common parts.
    Overlap,
    /// Each field of one record equals the other field of the other record.
    Swapped,
    /// The smaller Jaro–Winkler similarity of the two swapped fields.
    SwappedSimilarity,
    /// A field of one record equals the other field of the other record.
    Crossed,
    /// Equal characters from position to position, counted from 0.
    SameSlice,
    /// Equal last characters.
    SameEnd,
    /// Equal but for characters that look alike.
    Lookalike,
    /// Equal pinyin but for sounds that are often confused (zh and z, l and n, ng and n).
    NearPinyin,
    /// Names for each other (nicknames), from the model's list.
    Alias,
    /// How many of a million records have the commoner of the two values, by the model's frequencies.
    Share,
}

/// What a measure tells of the values it is taken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measured {
    Date,
    Number,
}

impl What {
    /// What values the measure is made for, if it is made for some only.
    pub(crate) const fn of_values(self) -> Option<Measured> {
        match self {
            Self::Days
            | Self::Years
            | Self::DigitErrors
            | Self::DayMonthSwapped
            | Self::SameYear
            | Self::SameMonthDay
            | Self::SameDateParts
            | Self::Compatible
            | Self::Vague => Some(Measured::Date),
            Self::Difference | Self::RelativeDifference => Some(Measured::Number),
            _ => None,
        }
    }
}

/// What a measure takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Field,
    TwoFields,
    FieldAndNumber,
    FieldAndTwoNumbers,
}

const MEASURES: &[(&str, What, Takes)] = &[
    ("both", What::Both, Takes::Field),
    ("one_sided", What::OneSided, Takes::Field),
    ("same", What::Same, Takes::Field),
    ("differs", What::Differs, Takes::Field),
    ("jaro_winkler", What::JaroWinkler, Takes::Field),
    ("levenshtein", What::Levenshtein, Takes::Field),
    ("osa", What::Osa, Takes::Field),
    ("similarity", What::Similarity, Takes::Field),
    ("jaccard", What::Jaccard, Takes::Field),
    ("shared_words", What::SharedWords, Takes::Field),
    ("contains_words", What::ContainsWords, Takes::Field),
    ("bigrams", What::Bigrams, Takes::Field),
    ("contains", What::Contains, Takes::Field),
    ("shared_characters", What::SharedCharacters, Takes::Field),
    ("length", What::Length, Takes::Field),
    ("days", What::Days, Takes::Field),
    ("years", What::Years, Takes::Field),
    ("digit_errors", What::DigitErrors, Takes::Field),
    ("day_month_swapped", What::DayMonthSwapped, Takes::Field),
    ("same_year", What::SameYear, Takes::Field),
    ("same_month_day", What::SameMonthDay, Takes::Field),
    ("same_date_parts", What::SameDateParts, Takes::Field),
    ("compatible", What::Compatible, Takes::Field),
    ("vague", What::Vague, Takes::Field),
    ("difference", What::Difference, Takes::Field),
    ("relative_difference", What::RelativeDifference, Takes::Field),
    ("distance_m", What::DistanceM, Takes::Field),
    ("offset", What::Offset, Takes::TwoFields),
    ("overlap", What::Overlap, Takes::Field),
    ("swapped", What::Swapped, Takes::TwoFields),
    ("swapped_similarity", What::SwappedSimilarity, Takes::TwoFields),
    ("crossed", What::Crossed, Takes::TwoFields),
    ("same_slice", What::SameSlice, Takes::FieldAndTwoNumbers),
    ("same_end", What::SameEnd, Takes::FieldAndNumber),
    ("lookalike", What::Lookalike, Takes::Field),
    ("near_pinyin", What::NearPinyin, Takes::Field),
    ("alias", What::Alias, Takes::Field),
    ("share", What::Share, Takes::Field),
];

impl Measure {
    /// Reads a measure's name and arguments.
    pub(crate) fn parse(name: &str, arguments: &[Argument]) -> Result<Self, ConditionError> {
        let (_, what, takes) =
            *MEASURES.iter().find(|(known, ..)| *known == name).ok_or_else(|| ConditionError::UnknownMeasure(name.to_owned()))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positions are small and not negative")]
        let position = |number: f32| number as usize;
        let measure = |fields: &Vec<String>, other: &[String], range| Self { what, fields: fields.clone(), other: other.to_vec(), range };
        match (takes, arguments) {
            (Takes::Field, [Argument::Fields(fields)]) => Ok(measure(fields, &[], (0, 0))),
            (Takes::TwoFields, [Argument::Fields(fields), Argument::Fields(other)]) => Ok(measure(fields, other, (0, 0))),
            (Takes::FieldAndNumber, [Argument::Fields(fields), Argument::Number(count)]) => Ok(measure(fields, &[], (0, position(*count)))),
            (Takes::FieldAndTwoNumbers, [Argument::Fields(fields), Argument::Number(from), Argument::Number(to)]) => {
                Ok(measure(fields, &[], (position(*from), position(*to))))
            }
            _ => Err(ConditionError::Arguments {
                measure: name.to_owned(),
                takes: match takes {
                    Takes::Field => "one field",
                    Takes::TwoFields => "two fields",
                    Takes::FieldAndNumber => "a field and a number",
                    Takes::FieldAndTwoNumbers => "a field and two numbers",
                },
            }),
        }
    }
}

/// A measure with fields by number, ready to be taken.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) what: What,
    pub(crate) fields: Vec<usize>,
    pub(crate) other: Vec<usize>,
    pub(crate) range: (usize, usize),
    pub(crate) dictionary: usize,
    /// The place of the frequency table of its fields, if one of them has one.
    pub(crate) table: Option<usize>,
}

/// The first of several fields that has a value; 0 when none has.
pub(crate) fn first_of(row: &[ValueId], fields: &[usize]) -> ValueId {
    fields.iter().map(|field| row[*field]).find(|id| *id != 0).unwrap_or(0)
}

/// What a measure needs to look at.
pub(crate) struct Sight<'a> {
    pub(crate) lexicon: Lexicon<'a>,
    pub(crate) vocabulary: &'a Vocabulary,
}

impl Compiled {
    /// Takes the measure between two rows; NaN when a value is missing.
    pub(crate) fn take(&self, sight: &Sight<'_>, scratch: &mut Scratch, left: &[ValueId], right: &[ValueId]) -> f32 {
        let (a, b) = (first_of(left, &self.fields), first_of(right, &self.fields));
        let yes = |truth: bool| if truth { 1.0 } else { 0.0 };
        match self.what {
            What::Both => yes(a != 0 && b != 0),
            What::OneSided => yes((a != 0) != (b != 0)),
            What::Swapped | What::SwappedSimilarity | What::Crossed | What::Offset => {
                let (c, d) = (first_of(left, &self.other), first_of(right, &self.other));
                self.across(sight, scratch, [a, b, c, d])
            }
            _ if a == 0 || b == 0 => f32::NAN,
            What::Share => [a, b]
                .map(|id| {
                    self.table
                        .and_then(|table| sight.lexicon.share(self.dictionary, table, id))
                        .map_or(f32::NAN, |share| share.exp2() * 1e6)
                })
                .into_iter()
                .fold(f32::NAN, f32::max),
            What::Same | What::Differs if a != b && !has_parts(a | b) => yes(self.what == What::Differs),
            _ => match self.between_equals() {
                Some(value) if a == b => value,
                _ => self.best(sight, scratch, a, b),
            },
        }
    }

    /// What the measure is of two values that are one, where that needs no look at the text.
    pub(crate) const fn between_equals(&self) -> Option<f32> {
        match self.what {
            What::Same | What::JaroWinkler | What::Similarity | What::Jaccard | What::Bigrams | What::Compatible => Some(1.0),
            What::Differs | What::Osa | What::Levenshtein | What::Difference | What::RelativeDifference | What::DistanceM | What::Years => {
                Some(0.0)
            }
            _ => None,
        }
    }

    /// The measures that look at two fields of each record: `[left, right, left's other, right's other]`.
    fn across(&self, sight: &Sight<'_>, scratch: &mut Scratch, [a, b, c, d]: [ValueId; 4]) -> f32 {
        let text = |id| sight.lexicon.text(self.dictionary, id);
        let equal = |x: ValueId, y: ValueId| x != 0 && y != 0 && (x == y || has_parts(x | y) && share_part(text(x), text(y)));
        let yes = |truth: bool| if truth { 1.0 } else { 0.0 };
        match self.what {
            What::Crossed if (a == 0 || d == 0) && (b == 0 || c == 0) => f32::NAN,
            What::Crossed => yes(equal(a, d) || equal(c, b)),
            _ if a == 0 || b == 0 || c == 0 || d == 0 => f32::NAN,
            What::Swapped => yes(equal(a, d) && equal(c, b)),
            What::Offset => offset([a, b, c, d].map(text)),
            _ => narrow(scratch.jaro_winkler(text(a), text(d)).min(scratch.jaro_winkler(text(c), text(b)))),
        }
    }

    /// The best over all parts of both values.
    fn best(&self, sight: &Sight<'_>, scratch: &mut Scratch, a: ValueId, b: ValueId) -> f32 {
        let (left, right) = (sight.lexicon.text(self.dictionary, a), sight.lexicon.text(self.dictionary, b));
        if self.what == What::Overlap {
            #[expect(clippy::cast_precision_loss, reason = "a record has few parts")]
            return left.split(PART).filter(|part| right.split(PART).any(|other| other == *part)).count() as f32;
        }
        if !has_parts(a) && !has_parts(b) {
            return self.texts(sight, scratch, left, right);
        }
        if self.what == What::Differs {
            return if share_part(left, right) { 0.0 } else { 1.0 };
        }
        let smaller = self.smaller_is_closer();
        let mut best = f32::NAN;
        for part in left.split(PART) {
            for other in right.split(PART) {
                let value = self.texts(sight, scratch, part, other);
                // `min` and `max` prefer a number to NaN.
                best = if smaller { best.min(value) } else { best.max(value) };
            }
        }
        best
    }

    fn smaller_is_closer(&self) -> bool {
        matches!(
            self.what,
            What::Levenshtein
                | What::Osa
                | What::Days
                | What::Years
                | What::DigitErrors
                | What::Difference
                | What::RelativeDifference
                | What::DistanceM
        )
    }

    /// The measure between two single texts.
    #[expect(clippy::cast_precision_loss, reason = "lengths and distances are small")]
    fn texts(&self, sight: &Sight<'_>, scratch: &mut Scratch, left: &str, right: &str) -> f32 {
        let yes = |truth: bool| if truth { 1.0 } else { 0.0 };
        let dates = |measure: &dyn Fn(PartialDate, PartialDate) -> f32| match (PartialDate::parse(left), PartialDate::parse(right)) {
            (Some(left), Some(right)) => measure(left, right),
            _ => f32::NAN,
        };
        let full = |measure: &dyn Fn(PartialDate, PartialDate) -> f32| {
            dates(&|left, right| if left.is_full() && right.is_full() { measure(left, right) } else { f32::NAN })
        };
        let numbers = |measure: &dyn Fn(f64, f64) -> f64| match (left.parse::<f64>(), right.parse::<f64>()) {
            (Ok(left), Ok(right)) => narrow(measure(left, right)),
            _ => f32::NAN,
        };
        match self.what {
            What::Same => yes(left == right),
            What::JaroWinkler => narrow(scratch.jaro_winkler(left, right)),
            What::Levenshtein => scratch.levenshtein(left, right) as f32,
            What::Osa => scratch.osa(left, right) as f32,
            What::Similarity => scratch.similarity(left, right),
            What::Jaccard | What::SharedWords | What::ContainsWords => words_in_common(beginning(left), beginning(right), self.what),
            What::Bigrams => bigrams(scratch, beginning(left), beginning(right)),
            What::Contains => yes(left.contains(right) || right.contains(left)),
            What::SharedCharacters => {
                scratch.decode(beginning(left), beginning(right));
                common(&mut scratch.left, &mut scratch.right) as f32
            }
            What::Length => left.chars().count().min(right.chars().count()) as f32,
            What::Days => full(&|left, right| (left.day_number() - right.day_number()).abs() as f32),
            What::Years => dates(&|left, right| f32::from(left.year.abs_diff(right.year))),
            What::DigitErrors => full(&|left, right| f32::from(left.digit_errors(right))),
            What::DayMonthSwapped => dates(&|left, right| yes(left.day_and_month_swapped(right))),
            What::SameYear => dates(&|left, right| yes(left.year == right.year)),
            What::SameMonthDay => full(&|left, right| yes((left.month, left.day) == (right.month, right.day))),
            What::SameDateParts => dates(&|left, right| f32::from(left.equal_parts(right))),
            What::Compatible => dates(&|left, right| yes(left.is_compatible(right))),
            What::Vague => dates(&|left, right| yes(left.is_vague() || right.is_vague())),
            What::Difference => numbers(&|left, right| (left - right).abs()),
            What::RelativeDifference => numbers(&|left, right| {
                let largest = left.abs().max(right.abs());
                if largest == 0.0 { 0.0 } else { (left - right).abs() / largest }
            }),
            What::DistanceM => distance_m(left, right),
            What::SameSlice => yes(same_slice(left, right, self.range)),
            What::SameEnd => yes(same_end(left, right, self.range.1)),
            What::Lookalike => yes(lookalike(left, right, sight.vocabulary)),
            What::NearPinyin => yes(near_pinyin(left).eq(near_pinyin(right))),
            What::Alias => yes(sight.vocabulary.are_aliases(left, right)),
            What::Both
            | What::OneSided
            | What::Differs
            | What::Overlap
            | What::Swapped
            | What::SwappedSimilarity
            | What::Crossed
            | What::Offset
            | What::Share => {
                unreachable!("taken before texts are looked at")
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "measures need no more precision")]
fn narrow(value: f64) -> f32 {
    value as f32
}

/// The bytes of a text that words, pairs of characters and characters are looked for in: a pair of long texts takes no longer than one
/// of this length, and what begins alike for so long is told apart by `same`.
const LOOKED_AT: usize = 600;

/// What is looked at of a text.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LOOKED_AT)]
}

fn share_part(left: &str, right: &str) -> bool {
    left.split(PART).any(|part| right.split(PART).any(|other| part == other))
}

/// The words of a text: runs of letters and digits.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

#[expect(clippy::cast_precision_loss, reason = "texts have few words")]
fn words_in_common(left: &str, right: &str, what: What) -> f32 {
    fn distinct(text: &str) -> SmallVec<[&str; 12]> {
        let mut words: SmallVec<[&str; 12]> = words(text).collect();
        words.sort_unstable();
        words.dedup();
        words
    }
    let (left, right) = (distinct(left), distinct(right));
    let shared = left.iter().filter(|word| right.binary_search(word).is_ok()).count();
    let all = left.len() + right.len() - shared;
    match what {
        What::SharedWords => shared as f32,
        What::ContainsWords => f32::from(u8::from(shared > 0 && shared == left.len().min(right.len()))),
        _ if all == 0 => 0.0,
        _ => shared as f32 / all as f32,
    }
}

/// How many elements two lists have in common, each counted as often as it occurs in both. Sorts them.
fn common<T: Ord>(left: &mut [T], right: &mut [T]) -> usize {
    left.sort_unstable();
    right.sort_unstable();
    let (mut at, mut shared) = (0, 0);
    for element in left.iter() {
        while at < right.len() && right[at] < *element {
            at += 1;
        }
        if at < right.len() && right[at] == *element {
            shared += 1;
            at += 1;
        }
    }
    shared
}

#[expect(clippy::cast_precision_loss, reason = "texts are short")]
fn bigrams(scratch: &mut Scratch, left: &str, right: &str) -> f32 {
    scratch.decode(left, right);
    let pairs = |text: &[u32]| text.windows(2).map(|pair| (u64::from(pair[0]) << 32) | u64::from(pair[1])).collect::<SmallVec<[u64; 32]>>();
    let (mut left, mut right) = (pairs(&scratch.left), pairs(&scratch.right));
    let all = left.len() + right.len();
    if all == 0 { 0.0 } else { 2.0 * common(&mut left, &mut right) as f32 / all as f32 }
}

/// Metres along the mean earth (haversine) between two texts `latitude,longitude`.
fn same_slice(left: &str, right: &str, (from, to): (usize, usize)) -> bool {
    if from <= to && left.is_ascii() && right.is_ascii() {
        return left.get(from..to).is_some_and(|part| right.get(from..to) == Some(part));
    }
    let slice = |text: &'_ str| -> Option<String> {
        let part: String = text.chars().skip(from).take(to - from.min(to)).collect();
        (part.chars().count() == to - from.min(to)).then_some(part)
    };
    slice(left).is_some_and(|part| slice(right) == Some(part))
}

fn same_end(left: &str, right: &str, count: usize) -> bool {
    let (mut left, mut right) = (left.chars().rev(), right.chars().rev());
    (0..count).all(|_| left.next().is_some_and(|c| right.next() == Some(c)))
}

/// Whether a character stands for one that some system could not write.
pub(crate) const fn is_lost(c: char) -> bool {
    matches!(c, '?' | '？' | '□' | '〓' | '\u{FFFD}')
}

/// Whether the texts differ only in characters that look alike; one that was lost looks like any other.
fn lookalike(left: &str, right: &str, vocabulary: &Vocabulary) -> bool {
    let (mut left, mut right) = (left.chars(), right.chars());
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(a), Some(b)) if a == b || is_lost(a) != is_lost(b) || vocabulary.look_alike(a, b) => {}
            _ => return false,
        }
    }
}

/// Pinyin with sounds folded that are often confused: zh to z, ch to c, sh to s, ng to n, l to n.
fn near_pinyin(text: &str) -> impl Iterator<Item = u8> + '_ {
    let bytes = text.as_bytes();
    (0..bytes.len()).filter_map(move |at| {
        let before = at.checked_sub(1).map(|at| bytes[at]);
        match (before, bytes[at]) {
            (Some(b'z' | b'c' | b's'), b'h') | (Some(b'n'), b'g') => None,
            (_, b'l') => Some(b'n'),
            (_, other) => Some(other),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::Dictionary;

    /// The measure `name` of field `f` between two values; several parts are joined by `+`.
    #[track_caller]
    fn check(measure: &str, left: &str, right: &str, expected: f32) {
        let mut reader = crate::condition::Reader::new(measure);
        let name = reader.word("a measure").expect("a name").to_owned();
        let parsed = Measure::parse(&name, &reader.arguments().expect("arguments")).expect("a known measure");
        let compiled = Compiled { what: parsed.what, fields: vec![0], other: vec![1], range: parsed.range, dictionary: 0, table: None };
        let mut dictionary = Dictionary::new(crate::dictionary::Tables::default());
        let mut row = |text: &str| -> Vec<ValueId> {
            let mut parts = text.split('/').map(|value| dictionary.intern(&value.replace('+', "\u{1f}"))).collect::<Vec<_>>();
            parts.resize(2, 0);
            parts
        };
        let (left_row, right_row) = (row(left), row(right));
        let vocabulary = Vocabulary::new(&["己已巳".to_owned()], &[vec!["bob".to_owned(), "robert".to_owned()]]);
        let dictionaries = [dictionary];
        let sight = Sight { lexicon: Lexicon { base: &dictionaries, unseen: None }, vocabulary: &vocabulary };
        let mut scratch = Scratch::default();
        for (a, b) in [(&left_row, &right_row), (&right_row, &left_row)] {
            let value = compiled.take(&sight, &mut scratch, a, b);
            assert!(value == expected || (value.is_nan() && expected.is_nan()), "{measure} {left} {right}: {value}, not {expected}");
        }
    }

    #[test]
    fn missing_is_not_different() {
        for measure in ["same(f)", "differs(f)", "osa(f)", "days(f)"] {
            check(measure, "", "x", f32::NAN);
        }
        check("both(f)", "", "x", 0.0);
        check("one_sided(f)", "", "x", 1.0);
    }

    #[test]
    fn the_best_part_of_several_counts() {
        check("same(f)", "138+139", "139+137", 1.0);
        check("differs(f)", "138+139", "139+137", 0.0);
        check("osa(f)", "138+555", "556", 1.0);
        check("overlap(f)", "a+b+c", "b+c+d", 2.0);
    }

    #[test]
    fn dates_are_compared_by_the_calendar() {
        check("days(f)", "1980-04-06", "1980-04-16", 10.0);
        check("days(f)", "1980-04", "1980-04-16", f32::NAN);
        check("compatible(f)", "1980-04", "1980-04-16", 1.0);
        check("day_month_swapped(f)", "1980-04-06", "1980-06-04", 1.0);
        check("vague(f)", "1980-01-01", "1980-06-04", 1.0);
        check("years(f)", "1950", "1980-06-04", 30.0);
    }

    #[test]
    fn texts_are_compared_by_words_pairs_and_characters() {
        check("jaccard(f)", "high street 7", "street high", 2.0 / 3.0);
        check("shared_words(f)", "high street 7", "street high", 2.0);
        check("contains_words(f)", "JOHN A SMITH", "SMITH, JOHN", 1.0);
        check("contains_words(f)", "KIM MIN SU", "KIM MIN HO", 0.0);
        check("contains_words(f)", "", "KIM", f32::NAN);
        check("bigrams(f)", "night", "nacht", 0.25);
        check("shared_characters(f)", "伟张", "张伟", 2.0);
        check("contains(f)", "王伟", "王伟国", 1.0);
        check("length(f)", "王伟", "王伟国", 2.0);
    }

    #[test]
    fn of_long_texts_the_beginning_is_compared() {
        let (left, right) = ("high street ".repeat(2_000), format!("{}low road", "high street ".repeat(2_000)));
        check("jaccard(f)", &left, &right, 1.0);
        check("bigrams(f)", &left, &right, 1.0);
        check("same(f)", &left, &right, 0.0);
        check("shared_characters(f)", &"王伟".repeat(9_000), &"伟王".repeat(9_000), 200.0);
    }

    #[test]
    fn numbers_and_places_are_compared_by_distance() {
        check("difference(f)", "10", "12.5", 2.5);
        check("relative_difference(f)", "10", "12.5", 0.2);
        check("difference(f)", "ten", "12", f32::NAN);
        check("distance_m(f)", "23.1,113.2", "23.1,113.2", 0.0);
        check("offset(f, g)", "23.1,113.2/5", "23.1,113.2/7", 0.0);
        check("offset(f, g)", "0,0/60", "0,90/16", 131_678.38);
        check("offset(f, g)", "23.1,113.2/0", "23.1,113.3/0", f32::NAN);
        check("offset(f, g)", "23.1,113.2", "23.1,113.3/7", f32::NAN);
    }

    #[test]
    fn parts_of_a_number_are_compared_alone() {
        check("same_slice(f, 6, 14)", "440106198004061234", "440101198004069999", 1.0);
        check("same_slice(f, 6, 14)", "4401", "4401", 0.0);
        check("same_slice(f, 1, 3)", "粤A1234", "粤A1299", 1.0);
        check("same_slice(f, 1, 3)", "粤A1234", "粤B1234", 0.0);
        check("same_end(f, 4)", "13800001234", "02088881234", 1.0);
    }

    #[test]
    fn names_may_look_or_sound_alike_or_stand_for_each_other() {
        check("lookalike(f)", "王己", "王巳", 1.0);
        check("lookalike(f)", "王己", "王伟", 0.0);
        check("lookalike(f)", "李?明", "李䶮明", 1.0);
        check("lookalike(f)", "李?明", "李䶮民", 0.0);
        check("near_pinyin(f)", "zhangling", "zanglin", 1.0);
        check("alias(f)", "bob", "robert", 1.0);
    }

    #[test]
    fn fields_may_be_in_each_others_place() {
        check("swapped(f, g)", "anna/clark", "clark/anna", 1.0);
        check("crossed(f, g)", "李梅/王梅", "王梅", 1.0);
        check("swapped_similarity(f, g)", "anna/clark", "clark/anna", 1.0);
    }
}
