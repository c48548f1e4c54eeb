//! How do two names stand to one another?

use super::{comparison_key, full_reading, normalise};
use crate::characters::is_han;
use crate::look_alikes::{self, CharacterRelation};
use crate::{reading, surnames};

/// How two names stand to one another, the closest relation first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameRelation {
    /// One name, however written.
    Same,
    /// One character is a variant, a look-alike or a homophone of the other's.
    OneCharacter(CharacterRelation),
    /// The same reading throughout, or one in characters and one in letters.
    SameReading,
    /// The characters after the surname in another order.
    Transposed,
    /// A character was dropped or added.
    Dropped,
    /// No relation that a slip would explain.
    Different,
}

impl NameRelation {
    /// Whether a matcher should look at the pair when other evidence agrees.
    #[must_use]
    pub const fn is_candidate(self) -> bool {
        !matches!(self, Self::Different)
    }
}

/// Relates two names; they need not be normalised. Symmetric.
#[must_use]
pub fn relate(left: &str, right: &str) -> NameRelation {
    let (left, right) = (normalise(left), normalise(right));
    let (left, right) = (comparison_key(&left), comparison_key(&right));
    if left == right {
        return NameRelation::Same;
    }
    let letters = |name: &str| !name.chars().any(is_han);
    if letters(&left) != letters(&right) {
        let (typed, written) = if letters(&left) { (&left, &right) } else { (&right, &left) };
        let typed = reading::fold_typed(typed);
        let reads = full_reading(written) == typed || super::other_readings(written).contains(&typed);
        return if reads { NameRelation::SameReading } else { NameRelation::Different };
    }
    if letters(&left) {
        let readings = |name: &str| super::other_readings(name).into_iter().chain([full_reading(name)]).collect::<Vec<String>>();
        let others = readings(&right);
        if readings(&left).iter().any(|reading| others.contains(reading)) {
            return NameRelation::SameReading;
        }
    }
    let (a, b): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    if a.len() == b.len() {
        let differing: Vec<usize> = (0..a.len()).filter(|&at| a[at] != b[at]).collect();
        if let [at] = differing[..] {
            let relation = look_alikes::relate(a[at], b[at]);
            // A surname that sounds alike is a slip of the pen, one that merely sounds nearly alike is another family.
            let distinct = relation == CharacterRelation::Different || (at == 0 && relation == CharacterRelation::NearHomophone);
            let same_surname_reading = at == 0 && surnames::reading(a[0]).is_some() && surnames::reading(a[0]) == surnames::reading(b[0]);
            if same_surname_reading && distinct {
                return NameRelation::OneCharacter(CharacterRelation::Homophone);
            }
            return if distinct { NameRelation::Different } else { NameRelation::OneCharacter(relation) };
        }
        let (mut sorted_a, mut sorted_b) = (a.clone(), b.clone());
        sorted_a.sort_unstable();
        sorted_b.sort_unstable();
        if sorted_a == sorted_b && a.first() == b.first() {
            return NameRelation::Transposed;
        }
        return if full_reading(&left) == full_reading(&right) { NameRelation::SameReading } else { NameRelation::Different };
    }
    let (short, long) = if a.len() < b.len() { (&a, &b) } else { (&b, &a) };
    let dropped = long.len() == short.len() + 1
        && short.len() >= 2
        && (0..long.len()).any(|skip| long.iter().enumerate().filter(|&(at, _)| at != skip).map(|(_, c)| c).eq(short.iter()));
    if dropped { NameRelation::Dropped } else { NameRelation::Different }
}
