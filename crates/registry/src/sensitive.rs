//! Does a text hold a number that names a person?

/// Whether somewhere in the text stands an identity number (GB 11643): 17 digits and a digit or X with a date of birth in
/// its place, or the old form of 15 digits. Full-width digits count as well.
#[must_use]
pub fn holds_personal_number(text: &str) -> bool {
    let mut run: Vec<u8> = Vec::new();
    for letter in text.chars().chain(['\n']) {
        let folded = match letter {
            '０'..='９' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
            'Ｘ' | 'ｘ' => 'X',
            other => other,
        };
        if folded.is_ascii_digit() {
            run.push(folded as u8 - b'0');
            continue;
        }
        if is_number(&run, matches!(folded, 'x' | 'X')) {
            return true;
        }
        run.clear();
    }
    false
}

fn is_number(digits: &[u8], x_follows: bool) -> bool {
    let value = |range: std::ops::Range<usize>| digits[range].iter().fold(0_u32, |sum, digit| sum * 10 + u32::from(*digit));
    let region = || (11..=91).contains(&value(0..2));
    match (digits.len(), x_follows) {
        (18, _) | (17, true) => {
            region() && (1800..=2199).contains(&value(6..10)) && (1..=12).contains(&value(10..12)) && (1..=31).contains(&value(12..14))
        }
        (15, _) => region() && (1..=12).contains(&value(8..10)) && (1..=31).contains(&value(10..12)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_numbers_are_noticed_and_other_numbers_are_not() {
        for (text, expected) in [
            ("q=11010119900307803X", true),
            ("q=110101199003078035", true),
            ("name=１１０１０１１９９００３０７８０３５", true),
            ("q=110101900307803", true),
            ("after=123456789012", false),
            ("q=999999999999999999", false),
            ("cursor=110101199003078035123", false),
            ("as_of=2026-05-01T08:00:00Z", false),
        ] {
            assert_eq!(holds_personal_number(text), expected, "{text}");
        }
    }
}
