//! Which part of a name is the surname?

use crate::characters::{is_han, is_lost, is_private_use};
use crate::{reading, surnames};

/// A name in two parts. The surname is absent where there is none (own name · father's name, Tibetan and Mongol names)
/// or none can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameParts<'n> {
    /// The surname.
    pub surname: Option<&'n str>,
    /// The given name, or the whole name.
    pub given: &'n str,
}

impl<'n> NameParts<'n> {
    /// The likeliest reading of a normalised name. Four characters that begin with two surnames are read as a double
    /// surname (陈方安生); whether that is right cannot be told from text, see [`splits`].
    #[must_use]
    pub fn of(name: &'n str) -> Self {
        let whole = Self { surname: None, given: name };
        let at = |characters: usize| name.char_indices().nth(characters).map_or(name.len(), |(at, _)| at);
        let cut = |characters: usize| {
            let (surname, given) = name.split_at(at(characters));
            Self { surname: Some(surname), given }
        };
        if name.contains('·') {
            return whole;
        }
        if !name.starts_with(is_han) || !name.chars().all(|c| is_han(c) || is_private_use(c) || is_lost(c)) {
            return Self::of_mixed(name).unwrap_or(whole);
        }
        let mut characters = name.chars();
        let (Some(first), Some(second)) = (characters.next(), characters.next()) else { return whole };
        let length = 2 + characters.count();
        if length >= 3 && surnames::compound(first, second).is_some() {
            return cut(2);
        }
        match length {
            2 | 3 => cut(1),
            4 if surnames::single(first).is_none() => whole,
            4 if surnames::single(second).is_some_and(|surname| surname.share_percent >= 0.05) => cut(2),
            4 => cut(1),
            _ => whole,
        }
    }

    /// Names with Latin letters: `ZHANG WEI` and `WEI ZHANG` by the reading, `SMITH, JOHN` by the comma, otherwise the
    /// last word is the surname.
    fn of_mixed(name: &'n str) -> Option<Self> {
        if name.starts_with(is_han) {
            let end = name.find(|c: char| !is_han(c))?;
            let parts = NameParts::of(&name[..end]);
            return parts.surname.map(|surname| Self { surname: Some(surname), given: &name[surname.len()..] });
        }
        if let Some((surname, given)) =
            name.split_once(',').filter(|(surname, given)| !surname.trim().is_empty() && !given.trim().is_empty())
        {
            return Some(Self { surname: Some(surname.trim()), given: given.trim() });
        }
        let (first, last) = (name.split(' ').next()?, name.rsplit(' ').next()?);
        if first.len() == name.len() {
            return None;
        }
        let is_surname = |word: &str| surnames::is_reading(&reading::fold_typed(word));
        if is_surname(first) || !is_surname(last) && name.chars().filter(|&c| c == ' ').count() == 0 {
            return Some(Self { surname: Some(first), given: name[first.len()..].trim_start() });
        }
        Some(Self { surname: Some(last), given: name[..name.len() - last.len()].trim_end() })
    }
}

/// All ways to read a name of Han characters, the likeliest first.
#[must_use]
pub fn splits(name: &str) -> Vec<(&str, &str)> {
    let characters: Vec<(usize, char)> = name.char_indices().collect();
    if characters.len() < 2 || !characters.iter().all(|&(_, c)| is_han(c)) {
        return Vec::new();
    }
    let at = |count: usize| characters.get(count).map_or(name.len(), |&(at, _)| at);
    let (first, second) = (characters[0].1, characters[1].1);
    let single = surnames::single(first).is_some();
    let compound = surnames::compound(first, second).is_some();
    let double = characters.len() == 4 && single && surnames::single(second).is_some();
    let mut found = Vec::new();
    if compound && characters.len() > 2 {
        found.push(name.split_at(at(2)));
    }
    if single {
        found.push(name.split_at(at(1)));
    }
    if double && !compound {
        found.push(name.split_at(at(2)));
    }
    if compound && characters.len() == 2 {
        found.push((name, ""));
    }
    found
}
