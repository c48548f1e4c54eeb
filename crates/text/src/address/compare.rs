//! How far do two addresses agree, rung by rung?

use super::{Address, Rung};

/// How two addresses stand on one rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Agreement {
    /// Both tell the same.
    Same,
    /// They tell different things.
    Different,
    /// One tells nothing; that is no disagreement.
    Missing,
}

/// Two addresses rung by rung.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    rungs: [Agreement; Rung::ALL.len()],
}

impl Comparison {
    /// Compares two addresses.
    #[must_use]
    pub fn of(left: &Address, right: &Address) -> Self {
        Self {
            rungs: Rung::ALL.map(|rung| match (left.get(rung), right.get(rung)) {
                (Some(left), Some(right)) if bare(rung, left) == bare(rung, right) => Agreement::Same,
                (Some(_), Some(_)) => Agreement::Different,
                _ => Agreement::Missing,
            }),
        }
    }

    /// How they stand on a rung.
    #[must_use]
    pub const fn on(&self, rung: Rung) -> Agreement {
        self.rungs[rung as usize]
    }

    /// The lowest rung down to which nothing differs and that both tell; none when they part at once.
    #[must_use]
    pub fn agrees_down_to(&self) -> Option<Rung> {
        let parted = self.rungs.iter().position(|agreement| *agreement == Agreement::Different).unwrap_or(self.rungs.len());
        Rung::ALL[..parted].iter().rev().copied().find(|rung| self.on(*rung) == Agreement::Same)
    }

    /// The highest rung on which they differ.
    #[must_use]
    pub fn differs_from(&self) -> Option<Rung> {
        Rung::ALL.into_iter().find(|rung| self.on(*rung) == Agreement::Different)
    }
}

/// What counts on a rung: a room is its digits, with or without 室 and leading zeros; a group its name or number, whatever it is called.
pub(super) fn bare(rung: Rung, text: &str) -> &str {
    match rung {
        Rung::Group => ["村民小组", "村民组", "小组", "组"].iter().find_map(|word| text.strip_suffix(word)).unwrap_or(text),
        Rung::Room => text.trim_end_matches('室').trim_start_matches('0'),
        Rung::SubNumber => text.trim_start_matches('之'),
        Rung::Building => text.trim_end_matches(['栋', '座']),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(left: &str, right: &str, agrees: Option<Rung>, differs: Option<Rung>) {
        let comparison = Comparison::of(&Address::parse(left), &Address::parse(right));
        assert_eq!((comparison.agrees_down_to(), comparison.differs_from()), (agrees, differs), "{left} | {right}");
    }

    #[test]
    fn one_flat_written_in_two_ways_agrees_to_the_room() {
        check("广东省珠海市香洲区吉大路5号3幢2单元0501房", "珠海香洲区吉大路五号3栋2单元501", Some(Rung::Room), None);
    }

    #[test]
    fn neighbours_part_at_the_room() {
        check("广州市天河区天河路385号3201室", "广州市天河区天河路385号3202室", Some(Rung::Number), Some(Rung::Room));
    }

    #[test]
    fn a_group_is_one_by_any_word() {
        check("梅州市梅县区程江镇大和村木京村民小组12号", "梅州市梅县区程江镇大和村木京村民组12号", Some(Rung::Number), None);
        check("梅州市梅县区程江镇大和村三组12号", "梅州市梅县区程江镇大和村第3村民小组12号", Some(Rung::Number), None);
    }

    #[test]
    fn a_missing_rung_is_no_difference() {
        check("广州市天河区石牌街道天河路385号", "天河区天河路385号", Some(Rung::Number), None);
    }

    #[test]
    fn other_cities_part_at_once() {
        check("深圳市南山区科苑路15号", "广州市天河区天河路385号", Some(Rung::Province), Some(Rung::City));
    }
}
