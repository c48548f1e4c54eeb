//! What does a query parameter say, and what is wrong with it?

/// A parameter that cannot be used: answered with 400.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: {message}")]
pub struct ParameterProblem {
    /// The parameter.
    pub parameter: String,
    /// The stable reason code.
    pub code: &'static str,
    /// What was expected.
    pub message: String,
}

impl ParameterProblem {
    fn new(parameter: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self { parameter: parameter.to_owned(), code, message: message.into() }
    }
}

/// Refuses the first parameter that is not among `known` (OGC 17-069r4, /req/core/query-param-unknown).
///
/// # Errors
/// The unknown parameter, with the names that are known.
pub fn check_known<'a>(parameters: impl IntoIterator<Item = &'a str>, known: &[&str]) -> Result<(), ParameterProblem> {
    match parameters.into_iter().find(|name| !known.contains(name)) {
        // The name comes from outside: cut to what may be shown.
        Some(name) => {
            let shown: String = name.chars().take(64).collect();
            Err(ParameterProblem::new(&shown, "parameter-unknown", format!("unknown parameter; known are {}", known.join(", "))))
        }
        None => Ok(()),
    }
}

/// Reads `limit`: at least 1, more than `most` counts as `most` (/req/core/fc-limit-response-1).
///
/// # Errors
/// When it is no positive whole number.
pub fn parse_limit(text: Option<&str>, default: usize, most: usize) -> Result<usize, ParameterProblem> {
    let Some(text) = text else { return Ok(default.min(most)) };
    let digits = !text.is_empty() && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<usize>() {
        Ok(limit) if digits && limit >= 1 => Ok(limit.min(most)),
        _ => Err(ParameterProblem::new("limit", "limit-invalid", format!("limit must be a whole number from 1 to {most}"))),
    }
}

/// A box as a parameter gives it: four numbers, or six with heights that are not looked at, in the order of its system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bbox {
    /// First axis, lower.
    pub first_min: f64,
    /// Second axis, lower.
    pub second_min: f64,
    /// First axis, upper; may be less than the lower one when it is a longitude: the box then crosses the antimeridian.
    pub first_max: f64,
    /// Second axis, upper.
    pub second_max: f64,
}

/// Reads `bbox`.
///
/// # Errors
/// When it is not four or six finite numbers, or the second axis runs backwards.
pub fn parse_bbox(text: &str) -> Result<Bbox, ParameterProblem> {
    let problem = |message: &str| ParameterProblem::new("bbox", "bbox-invalid", message);
    let numbers: Option<Vec<f64>> =
        text.split(',').take(7).map(|number| number.trim().parse().ok().filter(|number: &f64| number.is_finite())).collect();
    let numbers = numbers.ok_or_else(|| problem("bbox must be numbers with commas between them"))?;
    let (low, high) = match numbers.len() {
        4 => ([numbers[0], numbers[1]], [numbers[2], numbers[3]]),
        6 => ([numbers[0], numbers[1]], [numbers[3], numbers[4]]),
        count => return Err(problem(&format!("bbox must have 4 or 6 numbers, got {count}"))),
    };
    Bbox::try_new(low, high)
}

impl Bbox {
    /// The box from its lower to its upper corner.
    ///
    /// # Errors
    /// When the second axis runs backwards.
    pub fn try_new(low: [f64; 2], high: [f64; 2]) -> Result<Self, ParameterProblem> {
        if low[1] > high[1] {
            return Err(ParameterProblem::new("bbox", "bbox-invalid", "the lower corner of bbox lies above the upper one"));
        }
        Ok(Self { first_min: low[0], second_min: low[1], first_max: high[0], second_max: high[1] })
    }
}

/// Reads a `crs`, `bbox-crs` or `filter-crs`: one of the URIs that the collection lists, with or without brackets.
///
/// # Errors
/// When it is none of them (OGC 18-058r1, /req/crs/fc-crs-valid-value).
pub fn parse_crs<'a>(parameter: &str, text: &str, supported: &[&'a str]) -> Result<&'a str, ParameterProblem> {
    let text = text.trim().trim_start_matches(['[', '<']).trim_end_matches([']', '>']);
    let problem = || ParameterProblem::new(parameter, "crs-unsupported", format!("{parameter} must be one of {}", supported.join(", ")));
    supported.iter().copied().find(|uri| *uri == text).ok_or_else(problem)
}

/// The direction of a sort key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The least first.
    Ascending,
    /// The greatest first.
    Descending,
}

/// A sort key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Sort {
    /// The property.
    pub property: String,
    /// The direction.
    pub direction: Direction,
}

/// Reads `sortby`: properties with commas between them, each with `+` or `-` in front or nothing.
///
/// # Errors
/// When a property is not sortable, named twice, or the list is empty.
pub fn parse_sort(text: &str, sortables: &[&str]) -> Result<Vec<Sort>, ParameterProblem> {
    let problem = |message: String| ParameterProblem::new("sortby", "sortby-invalid", message);
    let mut keys: Vec<Sort> = Vec::new();
    for key in text.split(',') {
        // A plus sign in a query string may come as a space.
        let (direction, property) = match key.trim_start_matches(' ').strip_prefix('-') {
            Some(property) => (Direction::Descending, property),
            None => (Direction::Ascending, key.trim_start_matches(' ').strip_prefix('+').unwrap_or(key.trim_start_matches(' '))),
        };
        if !sortables.contains(&property) {
            return Err(problem(format!("sortable are {}", sortables.join(", "))));
        }
        if keys.iter().any(|other| other.property == property) {
            return Err(problem(format!("{property} is named twice")));
        }
        keys.push(Sort { property: property.to_owned(), direction });
    }
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_positive_whole_numbers_up_to_a_ceiling() {
        for (text, expected) in [(None, Ok(10)), (Some("1"), Ok(1)), (Some("99999"), Ok(1000)), (Some("999999999999999999"), Ok(1000))] {
            assert_eq!(parse_limit(text, 10, 1000), expected);
        }
        for text in ["", "0", "-1", "+5", "1.5", "abc", "99999999999999999999", " 5"] {
            assert_eq!(parse_limit(Some(text), 10, 1000).unwrap_err().code, "limit-invalid", "{text}");
        }
    }

    #[test]
    fn boxes_have_four_or_six_finite_numbers() {
        let bbox = |first_min, second_min, first_max, second_max| Bbox { first_min, second_min, first_max, second_max };
        assert_eq!(parse_bbox("113,23,114,24"), Ok(bbox(113.0, 23.0, 114.0, 24.0)));
        assert_eq!(parse_bbox("113,23,0,114,24,100"), Ok(bbox(113.0, 23.0, 114.0, 24.0)));
        assert_eq!(parse_bbox("170,-10,-170,10"), Ok(bbox(170.0, -10.0, -170.0, 10.0)));
        for text in ["", "1,2,3", "1,2,3,4,5", "1,2,3,x", "1,2,3,nan", "1,2,inf,4", "1,24,2,23", "1,2,3,4,5,6,7"] {
            assert_eq!(parse_bbox(text).unwrap_err().code, "bbox-invalid", "{text}");
        }
    }

    #[test]
    fn only_listed_systems_properties_and_parameters_are_taken() {
        let crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
        assert_eq!(parse_crs("crs", crs84, &[crs84]), Ok(crs84));
        assert_eq!(parse_crs("crs", &format!("[{crs84}]"), &[crs84]), Ok(crs84));
        assert_eq!(parse_crs("crs", "EPSG:3857", &[crs84]).unwrap_err().code, "crs-unsupported");
        let keys = parse_sort("-area, land_use", &["area", "land_use"]).unwrap();
        assert_eq!(
            keys.iter().map(|key| (key.property.as_str(), key.direction)).collect::<Vec<_>>(),
            [("area", Direction::Descending), ("land_use", Direction::Ascending)]
        );
        for text in ["", "owner", "area,area", "area,", "--area"] {
            assert_eq!(parse_sort(text, &["area"]).unwrap_err().code, "sortby-invalid", "{text}");
        }
        assert_eq!(check_known(["limit", "bbox"], &["limit", "bbox"]), Ok(()));
        assert_eq!(check_known(["limit", "limmit"], &["limit"]).unwrap_err().parameter, "limmit");
    }
}
