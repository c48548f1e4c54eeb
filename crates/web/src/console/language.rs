//! In which language does a page speak?

use actix_web::HttpRequest;
use actix_web::http::header;
use chrono::{DateTime, FixedOffset, NaiveTime, Offset, TimeZone, Utc};

/// The cookie of the switch.
pub(crate) const COOKIE: &str = "jiku_language";

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// The language of a request: the switch, then what the browser prefers, then Chinese.
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let chosen = request.cookie(COOKIE).and_then(|cookie| Self::parse(cookie.value()));
        let preferred = || request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(preferred);
        chosen.or_else(preferred).unwrap_or(Self::Zh)
    }

    /// The language of this code.
    pub(crate) fn parse(code: &str) -> Option<Self> {
        match code {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The code in `lang` attributes.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// The text in this language; both stand side by side in the template.
    pub(crate) fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// A number of things, in groups of three: 1,234,567.
    pub(crate) fn count(self, number: u64) -> String {
        let digits = number.to_string();
        let mut text = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    }

    /// A moment in Beijing time, to the minute: 2026年11月25日 19:02, 25 Nov 2026, 19:02.
    pub(crate) fn moment(self, moment: DateTime<Utc>) -> String {
        let pattern = self.say("%Y年%-m月%-d日 %H:%M", "%-d %b %Y, %H:%M");
        beijing(moment).format(pattern).to_string()
    }

    /// A moment of these days in Beijing time, without its year: 11月25日 19:02, 25 Nov, 19:02.
    pub(crate) fn day_and_hour(self, moment: DateTime<Utc>) -> String {
        beijing(moment).format(self.say("%-m月%-d日 %H:%M", "%-d %b, %H:%M")).to_string()
    }

    /// A moment in Beijing time, to the second: versions of one record may follow each other within a minute.
    pub(crate) fn moment_to_the_second(self, moment: DateTime<Utc>) -> String {
        beijing(moment).format(self.say("%Y年%-m月%-d日 %H:%M:%S", "%-d %b %Y, %H:%M:%S")).to_string()
    }

    /// A share between 0 and 1 in per cent, to a tenth; what is not all or nothing is not rounded to it.
    pub(crate) fn percent(self, share: f64) -> String {
        match share {
            share if (0.9995..1.0).contains(&share) => ">99.9%".to_owned(),
            share if share > 0.0 && share < 0.0005 => "<0.1%".to_owned(),
            share => format!("{:.1}%", share * 100.0),
        }
    }

    /// How likely a model holds something to be; a model is never certain.
    pub(crate) fn probability(self, probability: f32) -> String {
        self.percent(f64::from(probability).clamp(f64::EPSILON, 1.0 - f64::EPSILON))
    }

    /// A match weight with its sign; a minus is as wide as a plus.
    pub(crate) fn weight(self, weight: f32) -> String {
        format!("{weight:+.2}").replace('-', "\u{2212}")
    }

    /// The other language: its code and its name for the switch.
    pub(crate) fn other(&self) -> (&'static str, &'static str) {
        match self {
            Self::Zh => ("en", "English"),
            Self::En => ("zh", "中文"),
        }
    }
}

/// A moment on the clocks of the country.
pub(crate) fn beijing(moment: DateTime<Utc>) -> DateTime<FixedOffset> {
    moment.with_timezone(&zone())
}

/// The time of the country, UTC+8 without summer time.
pub(crate) fn zone() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| Utc.fix())
}

/// When the day of a moment began in the country.
pub(crate) fn midnight(moment: DateTime<Utc>) -> DateTime<Utc> {
    let start = beijing(moment).date_naive().and_time(NaiveTime::MIN);
    zone().from_local_datetime(&start).single().map_or(moment, |start| start.to_utc())
}

/// The first language of an `Accept-Language` header that the pages speak, by weight.
fn preferred(header: &str) -> Option<Language> {
    let mut best: Option<(f32, Language)> = None;
    for range in header.split(',') {
        let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
        let language = Language::parse(tag.trim().split('-').next().unwrap_or("").to_ascii_lowercase().as_str());
        let weight: f32 = weight.trim().parse().unwrap_or(0.0);
        if let Some(language) = language
            && weight > 0.0
            && best.is_none_or(|(other, _)| weight > other)
        {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_follow_the_language() {
        let moment: DateTime<Utc> = "2026-11-25T17:02:30Z".parse().expect("a moment");
        assert_eq!(Language::Zh.moment(moment), "2026年11月26日 01:02");
        assert_eq!(Language::En.moment(moment), "26 Nov 2026, 01:02");
        for (number, expected) in [(0_u64, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(Language::Zh.count(number), expected);
        }
        assert_eq!(midnight(moment), "2026-11-25T16:00:00Z".parse::<DateTime<Utc>>().expect("a moment"));
        assert_eq!((Language::En.probability(1.0).as_str(), Language::En.probability(0.5).as_str()), (">99.9%", "50.0%"));
        assert_eq!(Language::En.weight(-3.5), "\u{2212}3.50");
        for (share, expected) in
            [(0.1234, "12.3%"), (0.999_99, ">99.9%"), (1.0, "100.0%"), (0.000_01, "<0.1%"), (0.0, "0.0%"), (0.9994, "99.9%")]
        {
            assert_eq!(Language::En.percent(share), expected, "{share}");
        }
    }

    #[test]
    fn the_best_liked_language_we_speak_wins() {
        for (header, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Some(Language::Zh)),
            ("en-GB,en;q=0.9,zh;q=0.8", Some(Language::En)),
            ("fr,en;q=0.3,zh;q=0.7", Some(Language::Zh)),
            ("fr", None),
            ("", None),
        ] {
            assert_eq!(preferred(header), expected, "{header}");
        }
    }
}
