//! Which comparisons fit the columns of an unknown table?

use std::collections::BTreeMap;

use super::columns::{Column, ColumnKind, Profile, Role};
use super::family::{self, among_family, family};
use super::home::Home;
use super::nicknames::NICKNAMES;
use crate::frequency::FrequencyFile;
use crate::model_file::{ComparisonFile, ConflictFile, Effect, LevelFile, ModelFile};

impl Profile {
    /// A model for the table: comparisons by the kinds of its columns, with rough numbers for training to fit, and no
    /// blocking rules yet.
    #[must_use]
    pub fn propose(&self, name: &str) -> ModelFile {
        let mut comparisons = Vec::new();
        let home = Home::of(self);
        for column in &self.columns {
            if home.is_led_by(column) {
                comparisons.push(home.comparison());
            } else if !home.has(column) {
                comparisons.extend(self.comparison(column, &home));
            }
        }
        comparisons.extend(self.whole_name().map(|(given, surname)| name_order(given, surname)));
        let relation = if self.tells_of_people() && home.tells_households(self) { vec![family()] } else { Vec::new() };
        if relation.is_empty() {
            comparisons.iter_mut().flat_map(|comparison| &mut comparison.level).for_each(|level| level.relations.clear());
        }
        if self.columns.iter().any(|column| column.kind == ColumnKind::Latitude)
            && self.columns.iter().any(|column| column.kind == ColumnKind::Longitude)
        {
            comparisons.push(points());
        }
        self.leave_out_what_is_said(&mut comparisons);
        // Until the values are counted each is as common as strangers agree.
        let term_frequency: BTreeMap<String, FrequencyFile> = comparisons
            .iter()
            .filter_map(|comparison: &ComparisonFile| Some((comparison.term_frequency.clone()?, comparison.usual_share()?)))
            .map(|(field, floor)| (field, FrequencyFile { floor, ..FrequencyFile::default() }))
            .collect();
        ModelFile {
            name: name.to_owned(),
            version: 0,
            about: "Proposed from the columns of a table and fitted to it without labels.".to_owned(),
            prior: (1.0 / f64::from(self.rows.max(2))).min(0.1),
            // Where relatives are told from matches, probabilities are the table's own, and two of three are enough.
            link: if relation.is_empty() { 2.0 } else { 1.0 },
            review: -1.0,
            max_block: 200,
            generic_above: 100,
            column: self.written(),
            aliases: NICKNAMES.iter().map(|group| group.split(' ').map(str::to_owned).collect()).collect(),
            relation,
            comparison: comparisons,
            conflict: self.conflicts(),
            term_frequency,
            ..ModelFile::default()
        }
    }

    fn comparison(&self, column: &Column, home: &Home<'_>) -> Option<ComparisonFile> {
        let field = column.field.as_str();
        let (levels, frequency) = match column.kind {
            ColumnKind::Name if column.chinese => (among_family(chinese_name(field), &family::CHINESE_NAME), true),
            ColumnKind::Name => match column.role {
                Some(Role::Given) => (among_family(name(field), &family::GIVEN_NAME), true),
                Some(Role::Surname) => (among_family(name(field), &family::SURNAME), true),
                None => (among_family(whole_name(field), &family::WHOLE_NAME), true),
                _ => (name(field), true),
            },
            ColumnKind::Date if column.is_birth() => (among_family(date(field), &family::BIRTH_DATE), false),
            ColumnKind::Date => (date(field), false),
            ColumnKind::Phone => (among_family(identifier(field), &family::PHONE), false),
            ColumnKind::Identifier => (identifier(field), false),
            ColumnKind::Postcode => (code(field), true),
            ColumnKind::Email => (among_family(email(field), &family::EMAIL), false),
            ColumnKind::Number => (number(field), false),
            ColumnKind::Category => (category(field), true),
            ColumnKind::Address => (among_family(address(field), &family::ADDRESS), true),
            ColumnKind::Text => (text(field), false),
            ColumnKind::Latitude | ColumnKind::Longitude | ColumnKind::Ignored => return None,
        };
        let (levels, frequency) = if column.several { (with_several(field, levels), false) } else { (levels, frequency) };
        let mut comparison = comparison(column.header.trim(), &[field], levels, frequency.then_some(field));
        if let (Some(Role::Given | Role::Surname), Some((given, surname))) = (column.role, self.whole_name()) {
            comparison.unless = Some(crossed(given, surname));
        }
        if column.kind == ColumnKind::Email && !column.several && self.tells_of_people() {
            comparison.unless = Some(numbered(field));
        }
        if column.role == Some(Role::Region) {
            comparison.unless = home.compared();
        }
        Some(comparison)
    }

    /// Whether the rows are of people: given names and surnames, or whole names.
    fn tells_of_people(&self) -> bool {
        let born = self.columns.iter().any(|column| column.kind == ColumnKind::Date && column.is_birth());
        let named = |column: &Column| {
            column.kind == ColumnKind::Name
                && column.role.is_none()
                && (column.is_of_a_person() || column.of_people || column.chinese && born)
        };
        self.whole_name().is_some() || self.columns.iter().any(named)
    }

    /// What no weight overrules: parent and child of one name stay apart, and nobody stands between two people of one birth date.
    fn conflicts(&self) -> Vec<ConflictFile> {
        let Some(birth) = self.columns.iter().find(|column| column.kind == ColumnKind::Date && column.is_birth() && !column.several) else {
            return Vec::new();
        };
        let born = &birth.field;
        let rule = |name: &str, zh: &str, when: String, effect| ConflictFile {
            name: name.to_owned(),
            zh: zh.to_owned(),
            when,
            effect,
            doubt: 0.0,
        };
        // Parent and child share a home, no number of their own: where there are numbers, a date beside an equal one is wrong.
        let numbered = self.columns.iter().any(|column| column.kind == ColumnKind::Identifier);
        let apart = format!("years({born}) > 14 and same_date_parts({born}) < 1");
        let generations = rule("a generation apart", "相差一代", apart, Effect::Apart);
        let mut rules: Vec<ConflictFile> = (!numbered).then_some(generations).into_iter().collect();
        if let Some((given, surname)) = self.whole_name() {
            rules.push(rule(
                "same birth date, another given name",
                "出生日期相同，名不同",
                format!(
                    "same({born}) and jaro_winkler({given}) < 0.8 and not alias({given}) and not contains({given}) and not ({})",
                    crossed(given, surname)
                ),
                Effect::Unbridged,
            ));
        }
        rules
    }

    /// The fields of given name and surname, when both are there.
    fn whole_name(&self) -> Option<(&str, &str)> {
        Some((self.role(Role::Given)?.field.as_str(), self.role(Role::Surname)?.field.as_str()))
    }
}

pub(super) fn comparison(name: &str, fields: &[&str], level: Vec<LevelFile>, frequency: Option<&str>) -> ComparisonFile {
    ComparisonFile {
        name: name.to_owned(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        term_frequency: frequency.map(str::to_owned),
        level,
        ..ComparisonFile::default()
    }
}

/// A level; the last of a comparison has an empty condition. `frequency` 0 is none.
pub(super) fn level(name: &str, when: &str, m: f64, u: f64, frequency: f32) -> LevelFile {
    LevelFile {
        name: name.to_owned(),
        when: (!when.is_empty()).then(|| when.to_owned()),
        m,
        u,
        term_frequency: (frequency > 0.0).then_some(frequency),
        ..LevelFile::default()
    }
}

/// The levels of a column with several values in a cell. How common a list is says nothing of its values.
fn with_several(f: &str, mut levels: Vec<LevelFile>) -> Vec<LevelFile> {
    levels.iter_mut().for_each(|level| level.term_frequency = None);
    if let Some(closest) = levels.first() {
        let relations = closest.relations.iter().map(|(name, share)| (name.clone(), share / 4.0)).collect();
        let (m, u) = (closest.m / 2.0, closest.u / 10.0);
        levels.insert(0, LevelFile { relations, ..level("several in common", &format!("overlap({f}) >= 2"), m, u, 0.0) });
    }
    levels
}

fn name(f: &str) -> Vec<LevelFile> {
    let mut levels = vec![level("same", &format!("same({f})"), 0.75, 0.003, 1.0)];
    levels.push(level("names for each other", &format!("alias({f})"), 0.01, 0.001, 0.5));
    levels.push(level("one is the other's first letter", &format!("length({f}) <= 1 and same_slice({f}, 0, 1)"), 0.01, 0.005, 0.0));
    levels.push(level("one slip apart", &format!("length({f}) >= 3 and osa({f}) <= 1"), 0.07, 0.002, 0.5));
    levels.push(level("nearly the same", &format!("jaro_winkler({f}) >= 0.92"), 0.03, 0.003, 0.5));
    levels.push(level("one contains the other", &format!("length({f}) >= 3 and (contains({f}) or contains_words({f}))"), 0.01, 0.002, 0.5));
    levels.push(level("two slips apart", &format!("length({f}) >= 5 and osa({f}) <= 2"), 0.02, 0.003, 0.0));
    levels.push(level("alike", &format!("jaro_winkler({f}) >= 0.8"), 0.02, 0.02, 0.0));
    levels.push(level("different", "", 0.04, 0.95, 0.0));
    levels
}

/// The levels of given name and surname in one column: most who share a word of it share the surname.
fn whole_name(f: &str) -> Vec<LevelFile> {
    let mut levels = name(f);
    levels.insert(6, level("one word in common", &format!("shared_words({f}) >= 1"), 0.02, 0.01, 0.0));
    levels
}

/// Given name and surname are in each other's place, nearly or in part.
fn crossed(given: &str, surname: &str) -> String {
    format!(
        "swapped_similarity({given}, {surname}) >= 0.8 and not (same({given}) or same({surname})) or crossed({given}, {surname}) and not (same({given}) or same({surname}))"
    )
}

/// Both names at once, when they are in each other's place: the comparisons of each alone are then left out.
fn name_order(given: &str, surname: &str) -> ComparisonFile {
    let in_place = format!("not (same({given}) or same({surname}))");
    let levels = vec![
        level("in each other's place", &format!("swapped({given}, {surname}) and {in_place}"), 0.02, 1e-5, 0.0),
        level("nearly in each other's place", &format!("swapped_similarity({given}, {surname}) >= 0.8 and {in_place}"), 0.01, 3e-5, 0.0),
        level("one in the other's place", &format!("crossed({given}, {surname}) and {in_place}"), 0.01, 1e-3, 0.0),
        level("in their place", "", 0.96, 0.998, 0.0),
    ];
    // Which of two given names is meant is the given name's own matter, so the surname leads.
    let mut comparison = comparison("order of names", &[surname, given], among_family(levels, &family::NAME_ORDER), None);
    comparison.applies = Some(format!("crossed({given}, {surname}) >= 0"));
    comparison
}

fn chinese_name(f: &str) -> Vec<LevelFile> {
    vec![
        level("same", &format!("same({f})"), 0.85, 0.001, 1.0),
        level("same sound", &format!("same({f}_sound)"), 0.04, 0.002, 0.5),
        level("nearly the same sound", &format!("near_pinyin({f}_sound)"), 0.01, 0.002, 0.0),
        level("one character differs", &format!("length({f}) >= 3 and osa({f}) <= 1"), 0.03, 0.005, 0.5),
        level("one contains the other", &format!("length({f}) >= 2 and contains({f})"), 0.01, 0.001, 0.0),
        level("many characters in common", &format!("length({f}) >= 5 and bigrams({f}) >= 0.6"), 0.02, 0.005, 0.0),
        level("different", "", 0.04, 0.98, 0.0),
    ]
}

fn date(f: &str) -> Vec<LevelFile> {
    vec![
        level("same year, day not known", &format!("vague({f}) and (compatible({f}) or same_year({f}))"), 0.01, 5e-4, 0.0),
        level("same", &format!("same({f})"), 0.8, 1e-4, 0.0),
        level("day and month swapped", &format!("day_month_swapped({f})"), 0.01, 5e-5, 0.0),
        level("one digit differs", &format!("digit_errors({f}) <= 1"), 0.08, 0.001, 0.0),
        level("at most a month apart", &format!("days({f}) <= 31"), 0.02, 0.002, 0.0),
        level("two parts of three equal", &format!("same_date_parts({f}) >= 2"), 0.02, 0.005, 0.0),
        level("two digits differ", &format!("digit_errors({f}) <= 2"), 0.02, 0.01, 0.0),
        level("same year", &format!("same_year({f})"), 0.01, 0.015, 0.0),
        level("different", "", 0.03, 0.96, 0.0),
    ]
}

fn identifier(f: &str) -> Vec<LevelFile> {
    vec![
        level("same", &format!("same({f})"), 0.85, 1e-5, 0.0),
        level("one slip apart", &format!("length({f}) >= 5 and osa({f}) <= 1"), 0.07, 1e-5, 0.0),
        level("two slips apart", &format!("length({f}) >= 7 and osa({f}) <= 2"), 0.02, 1e-4, 0.0),
        level("different", "", 0.06, 0.9999, 0.0),
    ]
}

pub(super) fn code(f: &str) -> Vec<LevelFile> {
    vec![
        level("same", &format!("same({f})"), 0.8, 0.005, 1.0),
        level("one slip apart", &format!("length({f}) >= 3 and osa({f}) <= 1"), 0.1, 0.02, 0.0),
        level("different", "", 0.1, 0.97, 0.0),
    ]
}

fn email(f: &str) -> Vec<LevelFile> {
    vec![
        level("same", &format!("same({f})"), 0.7, 1e-4, 0.0),
        level("same before the @", &format!("same({f}_user)"), 0.06, 1e-4, 0.0),
        level("one or two slips apart", &format!("osa({f}) <= 2"), 0.1, 1e-4, 0.0),
        level("nearly the same", &format!("similarity({f}) >= 0.8"), 0.05, 1e-4, 0.0),
        level("alike before the @", &format!("jaro_winkler({f}_user) >= 0.9"), 0.03, 0.003, 0.0),
        level("different", "", 0.06, 0.996, 0.0),
    ]
}

/// Another number behind the same letters: namesakes have such addresses, for they are made of the name, and so does one person with two of them.
fn numbered(f: &str) -> String {
    format!("same({f}_letters) and length({f}_letters) >= 3 and not same({f}_user)")
}

fn number(f: &str) -> Vec<LevelFile> {
    vec![
        level("same", &format!("same({f})"), 0.8, 0.02, 0.0),
        level("within one per cent", &format!("relative_difference({f}) <= 0.01"), 0.08, 0.02, 0.0),
        level("within ten per cent", &format!("relative_difference({f}) <= 0.1"), 0.06, 0.06, 0.0),
        level("different", "", 0.06, 0.9, 0.0),
    ]
}

fn category(f: &str) -> Vec<LevelFile> {
    vec![
        level("same", &format!("same({f})"), 0.9, 0.2, 1.0),
        level("one slip apart", &format!("length({f}) >= 3 and osa({f}) <= 1"), 0.04, 0.02, 0.0),
        level("different", "", 0.06, 0.78, 0.0),
    ]
}

pub(super) fn address(f: &str) -> Vec<LevelFile> {
    vec![
        level("same", &format!("same({f})"), 0.7, 0.001, 1.0),
        level("one or two slips apart", &format!("length({f}) >= 5 and osa({f}) <= 2"), 0.12, 0.001, 0.5),
        level("nearly the same", &format!("jaro_winkler({f}) >= 0.9 or similarity({f}) >= 0.8"), 0.05, 0.002, 0.5),
        level("words in common", &format!("jaccard({f}) >= 0.5"), 0.03, 0.005, 0.0),
        level("alike", &format!("bigrams({f}) >= 0.5"), 0.03, 0.01, 0.0),
        level("different", "", 0.07, 0.98, 0.0),
    ]
}

fn text(f: &str) -> Vec<LevelFile> {
    vec![
        level("same", &format!("same({f})"), 0.6, 0.001, 0.0),
        level("most words in common", &format!("jaccard({f}) >= 0.7"), 0.15, 0.001, 0.0),
        level("many words in common", &format!("jaccard({f}) >= 0.4"), 0.1, 0.005, 0.0),
        level("alike", &format!("bigrams({f}) >= 0.6"), 0.07, 0.01, 0.0),
        level("different", "", 0.08, 0.98, 0.0),
    ]
}

fn points() -> ComparisonFile {
    let levels = vec![
        level("within 20 m", "distance_m(point) <= 20", 0.6, 1e-4, 0.0),
        level("within 200 m", "distance_m(point) <= 200", 0.2, 0.001, 0.0),
        level("within 2 km", "distance_m(point) <= 2000", 0.1, 0.01, 0.0),
        level("farther", "", 0.1, 0.989, 0.0),
    ];
    comparison("place on the map", &["point", "point_cell"], levels, None)
}
