//! Does a text follow a pattern?

/// Whether `text` follows `pattern`: `%` stands for any characters, `_` for one, `\` takes the meaning from what follows.
pub(super) fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern = steps(pattern);
    // Greedy with one way back, to the last `%`: linear in the text for each step between two of them.
    let (mut at, mut step, mut back) = (0, 0, None);
    while at < text.len() {
        match pattern.get(step) {
            Some(Step::Many) => {
                back = Some((step, at));
                step += 1;
            }
            Some(Step::One) => (at, step) = (at + 1, step + 1),
            Some(Step::Exactly(c)) if *c == text[at] => (at, step) = (at + 1, step + 1),
            _ => match back {
                Some((many, from)) => {
                    back = Some((many, from + 1));
                    (at, step) = (from + 1, many + 1);
                }
                None => return false,
            },
        }
    }
    pattern[step..].iter().all(|step| *step == Step::Many)
}

#[derive(PartialEq)]
enum Step {
    Many,
    One,
    Exactly(char),
}

fn steps(pattern: &str) -> Vec<Step> {
    let mut characters = pattern.chars();
    let mut steps = Vec::new();
    while let Some(c) = characters.next() {
        steps.push(match c {
            '%' if steps.last() == Some(&Step::Many) => continue,
            '%' => Step::Many,
            '_' => Step::One,
            '\\' => Step::Exactly(characters.next().unwrap_or('\\')),
            c => Step::Exactly(c),
        });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn patterns_match_as_sql_has_them() {
        for (text, pattern, expected) in [
            ("广州市天河区", "广州%", true),
            ("广州市天河区", "%天河_", true),
            ("广州市天河区", "%天河", false),
            ("abcabc", "%abc", true),
            ("abcabd", "%abc", false),
            ("", "%%", true),
            ("", "_", false),
            ("50%", "50\\%", true),
            ("500", "50\\%", false),
            ("a.c", "a.c", true),
            ("abc", "a.c", false),
        ] {
            assert_eq!(like(text, pattern), expected, "{text} {pattern}");
        }
        assert!(!like(&"a".repeat(10_000), &format!("{}b", "a%".repeat(1_000))));
    }
}
