//! Which code did a county of Guangdong have in the year a number was given out?

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::reference::{Division, Reference, rows};

const CHANGES: &str = include_str!("../../../fixtures/reference/division_changes_44.csv");
const HISTORY: &str = include_str!("../../../fixtures/reference/divisions_history.csv");

/// Numbers have been given out since 1984; who was born before got one then.
const FIRST_YEAR: i32 = 1984;
const LAST_YEAR: i32 = 2026;

/// A code and the name it stood for: codes were given out again.
type Place = (&'static str, &'static str);

/// The code that numbers of this place began with for those born in this year.
pub(crate) fn code_at_birth(division: &Division, birth_year: i32) -> &'static str {
    static CODES: OnceLock<HashMap<&'static str, Vec<&'static str>>> = OnceLock::new();
    let codes = CODES.get_or_init(|| {
        let history = History::read();
        let years = |division: &Division| (FIRST_YEAR..=LAST_YEAR).map(|year| history.code_in(division, year)).collect();
        Reference::get().guangdong.iter().map(|division| (division.code, years(division))).collect()
    });
    let year = usize::try_from(birth_year.clamp(FIRST_YEAR, LAST_YEAR) - FIRST_YEAR).unwrap_or(0);
    codes.get(division.code).and_then(|years| years.get(year)).copied().unwrap_or(division.code)
}

struct History {
    /// What a place was before, and the year of the change.
    before: HashMap<Place, (i32, Place)>,
    /// Every code of a county with its name and its years.
    counties: Vec<(Place, i32, i32)>,
}

impl History {
    fn read() -> Self {
        let changes = rows(CHANGES).filter(|row| !row[3].is_empty() && !row[5].is_empty());
        let before = changes.filter_map(|row| Some(((row[5], row[6]), (row[0].parse().ok()?, (row[3], row[4])))));
        let year = |text: &str, unknown: i32| text.parse().unwrap_or(unknown);
        let counties = rows(HISTORY)
            .filter(|row| row[0].starts_with("44") && !row[0].ends_with("00"))
            .map(|row| ((row[0], row[1]), year(row[2], 0), year(row[3], 9999)));
        Self { before: before.collect(), counties: counties.collect() }
    }

    fn code_in(&self, division: &Division, year: i32) -> &'static str {
        let mut place = (division.code, if division.county.is_empty() { division.city } else { division.county });
        for _ in 0..8 {
            match self.before.get(&place).filter(|(changed, _)| *changed > year) {
                Some((_, earlier)) => place = *earlier,
                None => break,
            }
        }
        let exists = |(_, start, end): &&(Place, i32, i32)| (*start..=*end).contains(&year);
        let own: Vec<_> = self.counties.iter().filter(|(known, ..)| *known == place).collect();
        if own.is_empty() || own.iter().any(exists) {
            return place.0;
        }
        // A district that is younger than the number: it was cut from another one of its city.
        let existing = |same: usize| {
            let near = self.counties.iter().filter(move |((code, _), ..)| code[..same] == division.code[..same]);
            near.filter(exists).map(|((code, _), ..)| *code).next_back()
        };
        existing(5).or_else(|| existing(4)).unwrap_or(place.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_begins_with_the_code_of_its_time() {
        let of = |code: &str, year: i32| {
            let guangdong = &Reference::get().guangdong;
            code_at_birth(guangdong.iter().find(|division| division.code == code).expect("a county"), year)
        };
        assert_eq!((of("440606", 1950), of("440606", 1998), of("440606", 2010)), ("440623", "440681", "440606"));
        // Tianhe was founded in 1985.
        assert_eq!((&of("440106", 1980)[..5], of("440106", 1990)), ("44010", "440106"));
        assert_ne!(of("440106", 1980), "440106");
        // Longhua was cut from Bao'an in 2016.
        let before = of("440309", 1980);
        assert!(before.starts_with("4403") && before != "440309", "{before}");
    }
}
