//! Which columns of one table are those of another?

use std::collections::BTreeSet;

/// How many rows of each table are looked at.
const LOOKED_AT: usize = 20_000;
/// The share of the fewer different values that two columns must have in common to be taken for one.
const IN_COMMON: f64 = 0.3;

/// A column of another table that is taken for one of the first: under whose name, and by what.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pairing {
    pub(super) left: String,
    pub(super) right: String,
    /// The share of values in common; none when the names say it.
    pub(super) in_common: Option<f64>,
}

/// Pairs the columns that only one of two tables has: first by their names, without case and marks, then by the values in common, the
/// most first. Columns of `apart` are not looked at.
pub(super) fn pairings(left: (&[String], &[Vec<String>]), right: (&[String], &[Vec<String>]), apart: &[&str]) -> Vec<Pairing> {
    let only = |headers: &[String], others: &[String]| -> Vec<usize> {
        let lower = |header: &String| header.to_lowercase();
        let known: BTreeSet<String> = others.iter().map(lower).collect();
        (0..headers.len()).filter(|at| !known.contains(&lower(&headers[*at])) && !apart.contains(&headers[*at].as_str())).collect()
    };
    let (mut lefts, mut rights) = (only(left.0, right.0), only(right.0, left.0));
    let mut found = Vec::new();
    let plain = |header: &str| header.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    lefts.retain(|&at| {
        let same = rights.iter().position(|&other| !plain(&left.0[at]).is_empty() && plain(&left.0[at]) == plain(&right.0[other]));
        if let Some(place) = same {
            let right = right.0[rights.remove(place)].clone();
            found.push(Pairing { left: left.0[at].clone(), right, in_common: None });
        }
        same.is_none()
    });
    let left_values: Vec<BTreeSet<String>> = lefts.iter().map(|at| values(left.1, *at)).collect();
    let right_values: Vec<BTreeSet<String>> = rights.iter().map(|at| values(right.1, *at)).collect();
    let mut shares: Vec<(f64, usize, usize)> = Vec::new();
    for (at, values) in left_values.iter().enumerate() {
        for (other, others) in right_values.iter().enumerate() {
            let fewer = values.len().min(others.len());
            let share = values.intersection(others).count() as f64 / fewer.max(1) as f64;
            // Two columns of few values, such as yes and no, have them in common by chance.
            if fewer >= 10 && share >= IN_COMMON {
                shares.push((share, at, other));
            }
        }
    }
    shares.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut taken_left, mut taken_right) = (BTreeSet::new(), BTreeSet::new());
    for (share, at, other) in shares {
        if !taken_left.contains(&at) && !taken_right.contains(&other) {
            taken_left.insert(at);
            taken_right.insert(other);
            let (left, right) = (left.0[lefts[at]].clone(), right.0[rights[other]].clone());
            found.push(Pairing { left, right, in_common: Some(share) });
        }
    }
    found
}

fn values(rows: &[Vec<String>], at: usize) -> BTreeSet<String> {
    let plain = |row: &Vec<String>| {
        let text: String = row.get(at)?.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        (!text.is_empty()).then_some(text)
    };
    let step = (rows.len() / LOOKED_AT).max(1);
    rows.iter().step_by(step).filter_map(plain).collect()
}

/// The headers of a table that another has not, whatever the case.
pub(super) fn missing<'h>(headers: &'h [String], others: &[String], apart: &[&str]) -> Vec<&'h str> {
    let told = |header: &&str| others.iter().any(|other| other.to_lowercase() == header.to_lowercase());
    headers.iter().map(String::as_str).filter(|header| !told(header) && !apart.contains(header)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_other_names_are_paired_by_name_and_by_values() {
        let rows = |values: &[&dyn Fn(usize) -> String]| -> Vec<Vec<String>> {
            (0..40).map(|number| values.iter().map(|value| value(number)).collect()).collect()
        };
        let headers = |names: &str| names.split(',').map(str::to_owned).collect::<Vec<String>>();
        let (left, right) = (headers("id,Given Name,town,member"), headers("given_name,place,active"));
        let left_rows = rows(&[&|n| n.to_string(), &|n| format!("anna{n}"), &|n| format!("Town {n}"), &|n| (n % 2).to_string()]);
        let right_rows = rows(&[&|n| format!("x{n}"), &|n| format!("TOWN-{}", n + 15), &|n| (n % 2).to_string()]);
        let found = pairings((&left, &left_rows), (&right, &right_rows), &["id"]);
        let pairing = |left: &str, right: &str, in_common| Pairing { left: left.to_owned(), right: right.to_owned(), in_common };
        assert_eq!(found, [pairing("Given Name", "given_name", None), pairing("town", "place", Some(25.0 / 40.0))]);
    }
}
