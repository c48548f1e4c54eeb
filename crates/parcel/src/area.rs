//! How many square metres does a text state?

use jiku_text::characters::compact_number;

/// The largest area a parcel may state, square metres: ten times the largest county of China.
const MAX_AREA_M2: f64 = 2e12;
const UNITS: [(&str, f64); 9] = [
    ("平方米", 1.0),
    ("㎡", 1.0),
    ("M2", 1.0),
    ("M²", 1.0),
    ("公顷", 10_000.0),
    ("HA", 10_000.0),
    ("平方公里", 1e6),
    ("KM2", 1e6),
    // 15 mu make a hectare.
    ("亩", 10_000.0 / 15.0),
];

/// Square metres of a text such as `1,234.5`, `1234.5 平方米`, `3亩`; none when it states no positive area.
pub(crate) fn square_metres(text: &str) -> Option<f64> {
    let compact = compact_number(text).replace([',', '，'], "");
    let (number, factor) = UNITS.iter().find_map(|(unit, factor)| Some((compact.strip_suffix(unit)?, *factor))).unwrap_or((&compact, 1.0));
    // Minus signs are hyphens and fall with them in compact form.
    if text.contains(['-', '−', '－']) || !number.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let area = number.parse::<f64>().ok()? * factor;
    (area > 0.0 && area <= MAX_AREA_M2).then_some(area)
}

/// An area in its canonical form: square metres, at most four decimals, no needless zeros.
pub(crate) fn canonical(area_m2: f64) -> String {
    let text = format!("{area_m2:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_read_in_the_units_of_certificates() {
        for (text, expected) in [
            ("1234.50", Some("1234.5")),
            ("1,234.5", Some("1234.5")),
            ("１２３", Some("123")),
            ("120.5 平方米", Some("120.5")),
            ("2公顷", Some("20000")),
            ("3亩", Some("2000")),
            ("0", None),
            ("-5", None),
            ("1e309", None),
            ("nan", None),
            ("见附图", None),
        ] {
            assert_eq!(square_metres(text).map(canonical).as_deref(), expected, "{text}");
        }
    }
}
