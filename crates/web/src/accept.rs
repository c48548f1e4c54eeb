//! Does the caller accept what we would answer?

/// Whether an `Accept` header admits one of the offered media types (RFC 9110, clause 12.5.1). No header admits everything.
pub(crate) fn admits(accept: &str, offered: &[&str]) -> bool {
    accept.trim().is_empty() || offered.iter().any(|offer| quality(accept, offer) > 0.0)
}

/// The offered media type the caller likes best; the first one wins a tie.
pub(crate) fn prefers<'a>(accept: &str, offered: &[&'a str]) -> Option<&'a str> {
    let mut best = None;
    for offer in offered {
        let liked = if accept.trim().is_empty() { 1.0 } else { quality(accept, offer) };
        if liked > 0.0 && best.is_none_or(|(_, other)| liked > other) {
            best = Some((*offer, liked));
        }
    }
    best.map(|(offer, _)| offer)
}

/// The weight of a media type: that of the most specific range that covers it.
fn quality(accept: &str, offer: &str) -> f32 {
    let (main, _) = offer.split_once('/').unwrap_or((offer, ""));
    let mut found = (0_u8, 0.0_f32);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or("");
        let specific = if media.eq_ignore_ascii_case(offer) {
            3
        } else if media.strip_suffix("/*").is_some_and(|prefix| prefix.eq_ignore_ascii_case(main)) {
            2
        } else if media == "*/*" || media == "*" {
            1
        } else {
            continue;
        };
        let weight = parts.find_map(|parameter| parameter.strip_prefix("q=")).map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if specific > found.0 {
            found = (specific, weight);
        }
    }
    found.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_range_decides() {
        let json = &["application/json"];
        for (accept, expected) in [
            ("", true),
            ("*/*", true),
            ("application/*", true),
            ("image/png", false),
            ("text/html, application/json;q=0.5", true),
            ("application/json;q=0, */*", false),
            ("text/html,*/*;q=0.8", true),
        ] {
            assert_eq!(admits(accept, json), expected, "{accept}");
        }
    }

    #[test]
    fn the_best_liked_offer_wins() {
        let offers = &["application/json", "application/geo+json"];
        for (accept, expected) in [
            ("", Some("application/json")),
            ("application/geo+json", Some("application/geo+json")),
            ("application/geo+json, application/json", Some("application/json")),
            ("application/geo+json, */*;q=0.1", Some("application/geo+json")),
            ("image/png", None),
        ] {
            assert_eq!(prefers(accept, offers), expected, "{accept}");
        }
    }
}
