//! How much is a registered capital?

use std::fmt;

use jiku_text::characters::{is_space, narrow};
use jiku_text::numerals;

/// An amount of money in whole hundredths, with its currency when told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capital {
    cents: u64,
    currency: Option<&'static str>,
}

const CURRENCIES: [(&str, &str); 20] = [
    ("人民币", "CNY"),
    ("RMB", "CNY"),
    ("CNY", "CNY"),
    ("¥", "CNY"),
    ("美元", "USD"),
    ("USD", "USD"),
    ("$", "USD"),
    ("港元", "HKD"),
    ("港币", "HKD"),
    ("HKD", "HKD"),
    ("澳门元", "MOP"),
    ("MOP", "MOP"),
    ("新台币", "TWD"),
    ("TWD", "TWD"),
    ("欧元", "EUR"),
    ("EUR", "EUR"),
    ("日元", "JPY"),
    ("JPY", "JPY"),
    ("英镑", "GBP"),
    ("GBP", "GBP"),
];

impl Capital {
    /// Reads `100万元人民币`, `1,000,000.00`, `500万美元`, `壹佰万元整`. None when the text is no amount.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let mut rest: String =
            text.chars().map(narrow).filter(|&c| !is_space(c) && c != ',' && c != '，').collect::<String>().to_ascii_uppercase();
        let mut currency = None;
        for (word, code) in CURRENCIES {
            if rest.contains(word) {
                rest = rest.replace(word, "");
                currency = currency.or(Some(code));
            }
        }
        for end in ["整", "正", "圆", "元"] {
            if let Some(cut) = rest.strip_suffix(end) {
                rest.truncate(cut.len());
                currency = currency.or(Some("CNY"));
            }
        }
        let (rest, unit) = [("亿", 100_000_000), ("万", 10_000), ("萬", 10_000)]
            .iter()
            .find_map(|(word, unit)| rest.strip_suffix(word).map(|cut| (cut.to_owned(), *unit)))
            .unwrap_or((rest, 1_u64));
        let cents = hundredths(&rest).or_else(|| numerals::value(&rest).map(|value| u64::from(value) * 100))?;
        Some(Self { cents: cents.checked_mul(unit)?, currency })
    }
}

fn hundredths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction: u64 = format!("{fraction:0<2}").get(..2)?.parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(100)?.checked_add(fraction)
}

impl fmt::Display for Capital {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cents / 100)?;
        if !self.cents.is_multiple_of(100) {
            write!(f, ".{:02}", self.cents % 100)?;
        }
        match self.currency {
            Some(currency) => write!(f, " {currency}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(Capital::read(text).map(|capital| capital.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn amounts_are_read_in_every_unit() {
        check("100万元人民币", Some("1000000 CNY"));
        check("人民币100.5万元", Some("1005000 CNY"));
        check("1,000,000.00", Some("1000000"));
        check("500万美元", Some("5000000 USD"));
        check("壹佰万元整", Some("1000000 CNY"));
        check("1.2亿元", Some("120000000 CNY"));
        check("1000000 CNY", Some("1000000 CNY"));
    }

    #[test]
    fn words_are_no_amount() {
        check("无", None);
        check("万元", None);
        check("", None);
    }
}
