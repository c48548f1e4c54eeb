//! Which mistakes are made, and how many of each?

use std::str::FromStr;

/// How often departments err, by kind of mistake, as multiples of the table of `docs/synth.md`.
///
/// `FromStr` reads one number for all (`2`), or kinds by name on top of the usual (`names=3,numbers=0.5`).
///
/// ```
/// use jiku_synth::Mistakes;
/// let mix: Mistakes = "names=3,stale=2".parse().unwrap();
/// assert_eq!((mix.names, mix.numbers, mix.stale), (3.0, 1.0, 2.0));
/// assert_eq!("0".parse(), Ok(Mistakes::all(0.0)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mistakes {
    /// Names heard, read and typed wrongly.
    pub names: f64,
    /// Numbers with slips, of others, untidy, or filler.
    pub numbers: f64,
    /// Birth dates, and the sex.
    pub dates: f64,
    /// Addresses in other words, with rungs missing.
    pub places: f64,
    /// Records that were last looked at years ago.
    pub stale: f64,
    /// Second records of one person or company in one register.
    pub copies: f64,
}

impl Mistakes {
    /// So many of every kind. What was true once is no mistake: records grow old and addresses are written in many ways all the same.
    #[must_use]
    pub const fn all(rate: f64) -> Self {
        Self { names: rate, numbers: rate, dates: rate, copies: rate, places: 1.0, stale: 1.0 }
    }
}

/// The text is neither a number nor a list of kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAMix;

impl std::fmt::Display for NotAMix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number of 0 or more, or kinds: names, numbers, dates, places, stale, copies, as in names=3,numbers=0.5")
    }
}

impl std::error::Error for NotAMix {}

impl FromStr for Mistakes {
    type Err = NotAMix;

    fn from_str(text: &str) -> Result<Self, NotAMix> {
        let rate = |text: &str| text.trim().parse().ok().filter(|rate: &f64| rate.is_finite() && *rate >= 0.0).ok_or(NotAMix);
        if !text.contains('=') {
            return rate(text).map(Self::all);
        }
        let mut mix = Self::all(1.0);
        for part in text.split(',') {
            let (kind, value) = part.split_once('=').ok_or(NotAMix)?;
            let kind = match kind.trim() {
                "names" => &mut mix.names,
                "numbers" => &mut mix.numbers,
                "dates" => &mut mix.dates,
                "places" => &mut mix.places,
                "stale" => &mut mix.stale,
                "copies" => &mut mix.copies,
                _ => return Err(NotAMix),
            };
            *kind = rate(value)?;
        }
        Ok(mix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_mix_is_refused() {
        for text in ["", "many", "-1", "inf", "names", "names=x", "streets=2"] {
            assert_eq!(text.parse::<Mistakes>(), Err(NotAMix), "{text}");
        }
    }
}
