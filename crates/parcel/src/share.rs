//! Which share of a right does a text state?

use jiku_text::characters::compact_number;

/// The largest denominator that is read: what certificates of inherited land reach.
const MAX_DENOMINATOR: u32 = 1_000_000;

/// A share in lowest terms (`1/2`; the whole is `1/1`) of `1/2`, `50%`, `0.5` or `1`; none when the text states no share.
pub(crate) fn canonical(text: &str) -> Option<String> {
    let compact = compact_number(text);
    let (numerator, denominator) = if let Some((above, below)) = compact.split_once('/') {
        (above.parse().ok()?, below.parse().ok()?)
    } else {
        let (number, scale) = compact.strip_suffix('%').map_or((compact.as_str(), 1), |number| (number, 100));
        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        if !(decimals.len() <= 4 && format!("{whole}{decimals}").bytes().all(|byte| byte.is_ascii_digit())) {
            return None;
        }
        let ten_power = 10_u32.pow(u32::try_from(decimals.len()).ok()?);
        (format!("{whole}{decimals}").parse().ok()?, ten_power.checked_mul(scale)?)
    };
    let divisor = greatest_common_divisor(numerator, denominator);
    let is_share = (1..=denominator).contains(&numerator) && denominator <= MAX_DENOMINATOR;
    is_share.then(|| format!("{}/{}", numerator / divisor, denominator / divisor))
}

/// Numerator and denominator of a canonical share.
pub(crate) fn parts(share: &str) -> Option<(u64, u64)> {
    let (numerator, denominator) = share.split_once('/')?;
    Some((numerator.parse().ok()?, denominator.parse().ok()?))
}

/// How shares together compare with the whole. What was rounded to hundredths of a per cent is the whole when no other
/// rounding of that many shares could be.
pub(crate) fn sum(shares: &[(u64, u64)]) -> std::cmp::Ordering {
    #[expect(clippy::cast_precision_loss, reason = "numbers up to a million, and not more than some hundred of them")]
    let (sum, rounding) = (
        shares.iter().map(|(numerator, denominator)| *numerator as f64 / *denominator as f64).sum::<f64>(),
        shares.len() as f64 * 0.000_05 + 1e-9,
    );
    if (sum - 1.0).abs() <= rounding { std::cmp::Ordering::Equal } else { sum.total_cmp(&1.0) }
}

const fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    if a == 0 { 1 } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_together_are_the_whole_or_not() {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let thirds = [(3333, 10_000); 3];
        for (shares, expected) in
            [(&[(1, 2), (1, 2)][..], Equal), (&thirds, Equal), (&[(1, 3), (1, 3)], Less), (&[(2, 3), (1, 2)], Greater)]
        {
            assert_eq!(sum(shares), expected, "{shares:?}");
        }
        assert_eq!(parts("1/2"), Some((1, 2)));
    }

    #[test]
    fn shares_are_read_as_certificates_state_them() {
        for (text, expected) in [
            ("1/2", Some("1/2")),
            ("2/4", Some("1/2")),
            ("50%", Some("1/2")),
            ("33.33％", Some("3333/10000")),
            ("0.25", Some("1/4")),
            ("1", Some("1/1")),
            ("100%", Some("1/1")),
            ("3/2", None),
            ("0", None),
            ("1/0", None),
            ("0/0", None),
            ("half", None),
            ("1/4294967296", None),
        ] {
            assert_eq!(canonical(text).as_deref(), expected, "{text}");
        }
    }
}
