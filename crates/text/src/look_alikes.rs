//! Which characters are taken for one another?

use std::sync::LazyLock;

use crate::characters::{is_han, is_lost};
use crate::reading::{are_near, syllable};
use crate::simplified::simplify_char;
use crate::table::{Table, rows, table};

/// How two characters stand to one another, the closest relation first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CharacterRelation {
    /// One character, or its traditional form.
    Same,
    /// Two ways to write one character or surname (闫/阎, 堃/坤).
    Variant,
    /// They look alike (己/已).
    LookAlike,
    /// They sound alike (伟/玮).
    Homophone,
    /// They sound nearly alike (chen/cheng).
    NearHomophone,
    /// No relation.
    Different,
}

static LISTED: LazyLock<Table<(char, char), CharacterRelation>> = LazyLock::new(|| {
    let mut listed = table(512);
    for row in rows(include_str!("../../../fixtures/reference/confusable_chars.csv")) {
        let relation = match row[2] {
            "shape" => CharacterRelation::LookAlike,
            "variant" | "traditional" | "surname-variant" => CharacterRelation::Variant,
            "homophone" => CharacterRelation::Homophone,
            _ => CharacterRelation::NearHomophone,
        };
        if let (Some(left), Some(right)) = (row[0].chars().next(), row[1].chars().next()) {
            // Neighbours in one list entry are kept both ways; the closer relation wins where a pair is listed twice.
            for pair in [(left, right), (right, left)] {
                let known = listed.entry(pair).or_insert(relation);
                *known = relation.min(*known);
            }
        }
    }
    listed
});

/// How the two characters stand to one another.
#[must_use]
pub fn relate(left: char, right: char) -> CharacterRelation {
    let (left, right) = (simplify_char(left), simplify_char(right));
    if left == right {
        return CharacterRelation::Same;
    }
    if let Some(&relation) = LISTED.get(&(left, right)) {
        return relation;
    }
    if is_lost(left) || is_lost(right) {
        return CharacterRelation::LookAlike;
    }
    if !is_han(left) || !is_han(right) {
        return if left.eq_ignore_ascii_case(&right) { CharacterRelation::Same } else { CharacterRelation::Different };
    }
    match (syllable(left), syllable(right)) {
        (Some(left), Some(right)) if left == right => CharacterRelation::Homophone,
        (Some(left), Some(right)) if are_near(left, right) => CharacterRelation::NearHomophone,
        _ => CharacterRelation::Different,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_symmetric_and_named() {
        for (left, right, expected) in [
            ('张', '張', CharacterRelation::Same),
            ('闫', '阎', CharacterRelation::Variant),
            ('己', '已', CharacterRelation::LookAlike),
            ('伟', '玮', CharacterRelation::Homophone),
            ('林', '凌', CharacterRelation::NearHomophone),
            ('芳', '强', CharacterRelation::Different),
        ] {
            assert_eq!(relate(left, right), expected, "{left} {right}");
            assert_eq!(relate(right, left), expected, "{right} {left}");
        }
    }
}
