//! Which columns say once more what another one says?
//!
//! Evidence that repeats itself must not count twice: a name and the same name in capitals, a birth date and the year of birth, an address and its town, the
//! customer's number beside the customer's name in a list of orders.

use std::collections::HashMap;

use super::columns::{Column, ColumnKind, LeftOut, Profile, Role};
use super::home::Home;
use super::values;
use crate::hash;
use crate::model_file::ComparisonFile;

/// What another column says already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The header of the other column.
    pub by: String,
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// The other has the same text.
    Wholly,
    /// The other's text has this one in it: where the other is alike at all, nothing new is said.
    Within,
    /// Rows that share the other's value share this one, whatever else they are.
    Decided,
}

/// Rows that are looked at for what they share, and for their texts.
const LOOKED_AT: usize = 200_000;
const READ: usize = 5_000;
/// So large a share of the rows must repeat.
const NEARLY_ALL: f64 = 0.95;
/// Fewer pairs tell no share.
const FEWEST_PAIRS: u32 = 30;
/// The most pairs that are looked at of one column.
const MOST_PAIRS: usize = 20_000;

impl Profile {
    /// Finds the columns that repeat others: what has the same text is left out, the others remember what says the same.
    pub(super) fn find_repeats<R: AsRef<[String]>>(&mut self, rows: &[R]) {
        self.find_repeated_texts(rows);
        self.find_decided_values(rows);
        // What is compared with others as one counts once already.
        let home = Home::of(self);
        let joint: Vec<bool> = self.columns.iter().map(|column| home.is_joint() && home.has(column)).collect();
        let within = self.columns.iter_mut().zip(joint).filter(|(column, joint)| *joint && column.left_out.is_none());
        within.for_each(|(column, _)| column.said = None);
    }

    fn find_repeated_texts<R: AsRef<[String]>>(&mut self, rows: &[R]) {
        let step = (rows.len() / READ).max(1);
        let texts = |column: &Column, at: usize| -> Vec<Option<Vec<String>>> {
            let cells = rows.iter().step_by(step).map(|row| row.as_ref().get(at).map_or("", String::as_str));
            cells.map(|cell| column.canonical(cell).map(|text| words(&text))).collect()
        };
        let texts: Vec<Vec<Option<Vec<String>>>> =
            self.columns.iter().enumerate().map(|(at, column)| if is_told_once(column) { texts(column, at) } else { Vec::new() }).collect();
        for at in 0..self.columns.len() {
            for other in (0..self.columns.len()).filter(|other| *other != at) {
                let (column, by) = (&self.columns[at], &self.columns[other]);
                if column.said.is_some() || column.kind == ColumnKind::Ignored || by.kind == ColumnKind::Ignored {
                    continue;
                }
                let part_of = |held: &dyn Fn(&[String], &[String]) -> bool| repeated(&texts[at], &texts[other], held);
                // Of two that are the same the fuller one stays, of equally full ones the first.
                let stays = (column.missing, at) > (by.missing, other);
                if stays && part_of(&|part, whole| part.concat() == whole.concat()) {
                    self.columns[at].said = Some(Said { by: self.columns[other].header.clone(), how: How::Wholly });
                    (self.columns[at].kind, self.columns[at].left_out) = (ColumnKind::Ignored, Some(LeftOut::Repeats));
                } else if may_be_within(column, by) && part_of(&is_within) {
                    self.columns[at].said = Some(Said { by: self.columns[other].header.clone(), how: How::Within });
                }
            }
        }
    }

    /// A value that comes with many rows which are otherwise unlike each other is not one thing told often. What these rows still share is decided by it.
    fn find_decided_values<R: AsRef<[String]>>(&mut self, rows: &[R]) {
        let compared: Vec<usize> = (0..self.columns.len()).filter(|at| is_told_once(&self.columns[*at])).collect();
        let step = (rows.len() / LOOKED_AT).max(1);
        let hashed = |row: &R| -> Vec<u64> {
            let value = |at: &usize| row.as_ref().get(*at).and_then(|cell| self.columns[*at].told(cell));
            compared.iter().map(|at| value(at).map_or(0, |value| hash::bytes(value.as_bytes()).max(1))).collect()
        };
        let mut rows: Vec<Vec<u64>> = rows.iter().step_by(step).map(hashed).collect();
        // The order of the rows must not show.
        rows.sort_unstable();
        let agreements: Vec<Agreement> = (0..compared.len()).map(|at| Agreement::of(&rows, at)).collect();
        for (at, agreement) in agreements.iter().enumerate() {
            for other in agreement.decided(&rows, at, &agreements) {
                let by = self.columns[compared[at]].header.clone();
                self.columns[compared[other]].said.get_or_insert(Said { by, how: How::Decided });
            }
        }
    }

    /// Leaves a comparison out of a pair in which another says the same.
    pub(super) fn leave_out_what_is_said(&self, comparisons: &mut [ComparisonFile]) {
        for column in &self.columns {
            let Some(said) = &column.said else { continue };
            let Some(by) = self.columns.iter().find(|by| by.header == said.by && by.kind != ColumnKind::Ignored) else { continue };
            let of = |column: &Column| match column.kind {
                ColumnKind::Latitude | ColumnKind::Longitude => "point".to_owned(),
                _ => column.field.clone(),
            };
            let alone = |comparison: &&ComparisonFile| comparison.fields.len() == 1 || comparison.fields[0] == "point";
            let closer = comparisons.iter().filter(alone).find(|comparison| comparison.fields[0] == of(by));
            let levels: Vec<&str> = closer.iter().flat_map(|closer| &closer.level).filter_map(|level| level.when.as_deref()).collect();
            let condition = match (said.how, levels.first()) {
                (How::Decided, Some(closest)) if of(by) == "point" => (*closest).to_owned(),
                (How::Decided, _) | (_, None) => format!("same({})", by.field),
                _ => levels.iter().map(|when| format!("({when})")).collect::<Vec<_>>().join(" or "),
            };
            let mut repeats = comparisons.iter_mut().filter(|comparison| comparison.fields.len() == 1 || comparison.fields[0] == "point");
            if let Some(comparison) = repeats.find(|comparison| comparison.fields[0] == of(column)) {
                comparison.unless = Some(match comparison.unless.take() {
                    Some(unless) if unless != condition => format!("{unless} or {condition}"),
                    _ => condition,
                });
            }
        }
    }
}

impl Column {
    /// What a cell tells, in the form in which two cells are the same.
    fn told(&self, cell: &str) -> Option<String> {
        match self.kind {
            ColumnKind::Latitude | ColumnKind::Longitude => values::plain(cell),
            _ => self.canonical(cell),
        }
    }
}

fn is_told_once(column: &Column) -> bool {
    column.kind != ColumnKind::Ignored && !column.several
}

/// Whether one column could be a part of another: of names, addresses, texts and dates other columns are, of addresses of e-mail that
/// a name is in them says nothing about whose name it is.
fn may_be_within(column: &Column, by: &Column) -> bool {
    let has_parts = matches!(by.kind, ColumnKind::Name | ColumnKind::Address | ColumnKind::Text | ColumnKind::Date);
    let is_of_a_person = matches!(column.role, Some(Role::Given | Role::Surname));
    has_parts && !is_of_a_person && !matches!(column.kind, ColumnKind::Email | ColumnKind::Phone | ColumnKind::Date)
}

/// Words of letters and digits; of Chinese text each character is one. Of a long text its beginning.
fn words(text: &str) -> Vec<String> {
    const LONGEST: usize = 300;
    let mut words = vec![String::new()];
    for c in text.chars().take(LONGEST) {
        let of_itself = values::is_chinese(c.encode_utf8(&mut [0; 4]));
        if !c.is_alphanumeric() || of_itself {
            words.push(String::new());
        }
        if c.is_alphanumeric() {
            words.last_mut().expect("there is a word").push(c);
        }
        if of_itself {
            words.push(String::new());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether words follow each other in others, and are not all of them.
fn is_within(part: &[String], whole: &[String]) -> bool {
    part.len() < whole.len() && whole.windows(part.len().max(1)).any(|words| words == part)
}

/// Whether nearly all rows that tell one column tell the other so that it holds the one.
fn repeated(column: &[Option<Vec<String>>], by: &[Option<Vec<String>>], holds: &dyn Fn(&[String], &[String]) -> bool) -> bool {
    let (mut told, mut held) = (0_u32, 0_u32);
    let mut first: Option<&Vec<String>> = None;
    let mut varies = false;
    for (text, by) in column.iter().zip(by) {
        let Some(text) = text else { continue };
        told += 1;
        varies |= first.is_some_and(|first| first != text);
        first = first.or(Some(text));
        held += u32::from(by.as_ref().is_some_and(|by| holds(text, by)));
        // Most columns have nothing to do with each other, as a few rows show.
        if told == 100 && held < 50 {
            return false;
        }
    }
    varies && f64::from(held) >= NEARLY_ALL * f64::from(told)
}

/// How the rows that share a column's value agree in the others.
struct Agreement {
    /// Different values.
    distinct: usize,
    /// The share of pairs of rows that agree.
    chance: f64,
    /// How many rows have the value of a row, on average over the rows.
    rows_per_value: f64,
    /// By column: pairs that tell it in both rows, and those that agree.
    pairs: Vec<(u32, u32)>,
}

impl Agreement {
    /// `rows` are values as hashes by column, 0 where there is none.
    fn of(rows: &[Vec<u64>], at: usize) -> Self {
        let mut blocks: HashMap<u64, Vec<usize>> = HashMap::new();
        rows.iter().enumerate().filter(|(_, row)| row[at] != 0).for_each(|(number, row)| blocks.entry(row[at]).or_default().push(number));
        let mut blocks: Vec<(u64, Vec<usize>)> = blocks.into_iter().collect();
        blocks.sort_unstable();
        let told: f64 = blocks.iter().map(|(_, block)| block.len() as f64).sum();
        let squares: f64 = blocks.iter().map(|(_, block)| (block.len() as f64).powi(2)).sum();
        let mut pairs = vec![(0, 0); rows.first().map_or(0, Vec::len)];
        // Rows of one value from afar: neighbours are the likest, for the rows are sorted.
        let far = blocks.iter().flat_map(|(_, block)| {
            let half = block.len() / 2;
            (0..half).map(move |at| (block[at], block[at + half]))
        });
        for (left, right) in far.take(MOST_PAIRS) {
            for ((told, agree), (left, right)) in pairs.iter_mut().zip(rows[left].iter().zip(&rows[right])) {
                *told += u32::from(*left != 0 && *right != 0);
                *agree += u32::from(*left != 0 && left == right);
            }
        }
        let chance = (squares - told) / (told * (told - 1.0)).max(1.0);
        Self { distinct: blocks.len(), chance, rows_per_value: squares / told.max(1.0), pairs }
    }

    /// The columns that this one decides.
    fn decided(&self, rows: &[Vec<u64>], at: usize, all: &[Self]) -> Vec<usize> {
        // Two or three rows of a value may be one thing told again, with a new date and another amount.
        const MANY: f64 = 4.0;
        let is_told = |other: usize| self.pairs[other].0 >= FEWEST_PAIRS;
        let share = |other: usize| f64::from(self.pairs[other].1) / f64::from(self.pairs[other].0.max(1));
        let others = || (0..all.len()).filter(|other| *other != at && is_told(*other));
        let decides = |other: &usize| share(*other) >= 0.9 && 1.0 - share(*other) <= (1.0 - all[*other].chance) / 4.0;
        // What tells rows apart and is not decided must show that they are not one thing.
        let tells = |other: &usize| all[*other].chance < 0.05 && !decides(other);
        let mut telling = others().filter(tells).peekable();
        if rows.is_empty() || self.rows_per_value < MANY || telling.peek().is_none() || telling.any(|other| share(other) > 0.2) {
            return Vec::new();
        }
        let coarser = |other: &usize| (all[*other].distinct, at) < (self.distinct, *other);
        others().filter(decides).filter(coarser).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(headers: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Profile {
        let headers: Vec<String> = headers.iter().map(|header| (*header).to_owned()).collect();
        Profile::of(&headers, &rows.collect::<Vec<_>>(), &[])
    }

    fn said(profile: &Profile) -> Vec<Option<&str>> {
        profile.columns.iter().map(|column| column.said.as_ref().map(|said| said.by.as_str())).collect()
    }

    #[test]
    fn a_column_of_the_same_text_is_left_out_and_one_within_another_counts_where_that_says_nothing() {
        let names = ["Anna Miller", "Bob Stone", "Carl Fox", "Dora Long", "Emil Baum", "Anna Stone"];
        let towns = ["Leeds", "York", "Hull", "Bad Ems"];
        let row = |at: usize| {
            let (name, town) = (names[at % names.len()], towns[at % towns.len()]);
            let date = format!("19{}-0{}-1{}", 40 + at, 1 + at % 9, at % 7);
            let address = format!("{} High Street, {town}", 1 + at);
            vec![name.to_owned(), name.to_uppercase(), date.clone(), date[..4].to_owned(), address, town.to_owned()]
        };
        let profile = table(&["name", "name_upper", "birth_date", "birth_year", "notes", "branch"], (0..40).map(row));
        assert_eq!(said(&profile), [None, Some("name"), None, Some("birth_date"), None, Some("notes")]);
        assert_eq!(profile.columns[1].left_out, Some(LeftOut::Repeats));
        let model = profile.propose("any");
        let unless =
            |name: &str| model.comparison.iter().find(|comparison| comparison.name == name).and_then(|found| found.unless.as_deref());
        assert!(unless("birth_year").is_some_and(|unless| unless.contains("same(birth_date)")), "{:?}", unless("birth_year"));
        assert!(unless("branch").is_some_and(|unless| unless.contains("jaro_winkler(notes)")), "{:?}", unless("branch"));
        assert_eq!(unless("birth_date"), None);
        // A given name in an address of e-mail is no repetition.
        let people = (0..40).map(|at| vec![names[at % 6][..3].to_owned(), format!("{}.x{at}@a.org", &names[at % 6][..3])]);
        assert_eq!(said(&table(&["first_name", "email"], people)), [None, None]);
    }

    #[test]
    fn what_a_customer_decides_counts_once_in_a_list_of_orders() {
        let order = |at: usize| {
            let customer = (at * 7) % 50;
            let name = format!("{} Customer", ["Ada", "Bob", "Cleo", "Dirk", "Eva"][customer % 5].to_owned() + &"x".repeat(customer / 5));
            vec![
                name,
                format!("c{customer}@shop.org"),
                format!("2024-0{}-1{}", 1 + at % 9, (at / 9) % 9),
                format!("{}.50", (at * 13) % 499),
            ]
        };
        let headers = ["customer", "email", "order_date", "amount"];
        let orders = table(&headers, (0..500).map(order));
        assert_eq!(said(&orders), [None, Some("customer"), None, None]);
        let unless = orders.propose("any").comparison.iter().find(|one| one.name == "email").and_then(|one| one.unless.clone());
        assert!(unless.as_deref().is_some_and(|unless| unless.ends_with(" or same(customer)")), "{unless:?}");
        // A customer who comes twice may be one customer told twice, with another date and amount.
        let twice = |at: usize| {
            let mut row = order(at);
            (row[0], row[1]) = (format!("Customer {}", at / 2), format!("c{}@shop.org", at / 2));
            row
        };
        assert_eq!(said(&table(&headers, (0..500).map(twice))), [None; 4]);
        // Many records of one person that agree in all else are one person.
        let copies = |at: usize| order(at % 50);
        assert_eq!(said(&table(&headers, (0..500).map(copies))), [None; 4]);
    }
}
