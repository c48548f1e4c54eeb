//! Are the names that come with one identifier more than one bearer has?

use std::cmp::Reverse;

use crate::kernels::Scratch;
use crate::model_file::SharedFile;

/// Names of fewer characters are alike only when they are equal: 云 and 海 differ in one character, and in all they have.
const SHORTEST: usize = 2;

/// More different names than these are a crowd, however like each other they are: nobody makes so many slips.
const MOST: usize = 100;

/// Whether an identifier comes with more different names than the model allows; takes each different one once.
pub(crate) fn is_crowd(shared: &SharedFile, mut names: Vec<&str>) -> bool {
    if names.len() <= shared.above {
        return false;
    }
    let Some(slips) = shared.alike.filter(|_| names.len() <= MOST) else { return true };
    let mut scratch = Scratch::default();
    // The name that most others are slips of is the name; the same names are the same crowd in whatever order they came.
    names.sort_unstable();
    let mut likes = |name: &str| names.iter().filter(|other| is_alike(&mut scratch, other, name, slips)).count();
    let mut ranked: Vec<(usize, &str)> = names.iter().map(|name| (likes(name), *name)).collect();
    ranked.sort_by_key(|(likes, _)| Reverse(*likes));
    let mut unlike: Vec<&str> = Vec::new();
    for (_, name) in ranked {
        if !unlike.iter().any(|other| is_alike(&mut scratch, other, name, slips)) {
            unlike.push(name);
        }
    }
    unlike.len() > shared.above
}

/// Whether one name is the other with a few slips, or holds it: 云海 and 云诲, 云海 and 云海信息.
fn is_alike(scratch: &mut Scratch, left: &str, right: &str, slips: usize) -> bool {
    let is_long = |name: &str| name.chars().nth(SHORTEST - 1).is_some();
    is_long(left) && is_long(right) && (left.contains(right) || right.contains(left) || scratch.osa(left, right) <= slips)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_one_name_are_no_crowd() {
        let shared = |alike| SharedFile { above: 2, alike, ..SharedFile::default() };
        let slips = vec!["云海", "云梅", "元海", "云诲", "云海信息"];
        assert!(is_crowd(&shared(None), slips.clone()), "counted to the letter");
        assert!(!is_crowd(&shared(Some(1)), slips.clone()));
        assert!(!is_crowd(&shared(Some(1)), slips.iter().rev().copied().collect()));
        assert!(is_crowd(&shared(Some(1)), vec!["云海", "云梅", "金舵", "同辉"]));
        let many: Vec<String> = (0..=MOST).map(|number| format!("云海{number}")).collect();
        assert!(is_crowd(&shared(Some(1)), many.iter().map(String::as_str).collect()));
        // Of names of one character none is a slip of another.
        assert!(is_crowd(&shared(Some(1)), vec!["云", "海", "金"]));
    }
}
