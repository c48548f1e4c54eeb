//! When does a level hold? A condition such as `same(name) and days(birth_date) <= 10`.
//!
//! Grammar: `or` binds weakest, then `and`, then `not`; parentheses group; a test is a measure, bare or compared with
//! a number. A measure of a missing value fails every comparison.

use crate::measure::Measure;

/// A condition over numbered measures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Test { measure: usize, relation: Relation, bound: f32 },
}

/// How a measure is compared with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relation {
    AtLeast,
    AtMost,
    Above,
    Below,
}

impl Relation {
    /// Whether the relation holds; never for NaN.
    pub(crate) fn holds(self, value: f32, bound: f32) -> bool {
        match self {
            Self::AtLeast => value >= bound,
            Self::AtMost => value <= bound,
            Self::Above => value > bound,
            Self::Below => value < bound,
        }
    }
}

/// A condition or a key that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConditionError {
    /// Something else stood where it should not.
    #[error("expected {expected}, got {got:?}")]
    Expected {
        /// What was expected.
        expected: &'static str,
        /// What stood there; empty at the end.
        got: String,
    },
    /// There is no measure of this name.
    #[error("there is no measure {0:?}; docs/matching.md lists them")]
    UnknownMeasure(String),
    /// The measure takes other arguments.
    #[error("{measure} takes {takes}")]
    Arguments {
        /// The measure.
        measure: String,
        /// What it takes.
        takes: &'static str,
    },
}

/// Reads a condition; measures are looked up, or numbered, by `number`.
pub(crate) fn parse(text: &str, number: &mut dyn FnMut(Measure) -> usize) -> Result<Condition, ConditionError> {
    let mut reader = Reader::new(text);
    let condition = any(&mut reader, number)?;
    reader.end()?;
    Ok(condition)
}

fn any(reader: &mut Reader<'_>, number: &mut dyn FnMut(Measure) -> usize) -> Result<Condition, ConditionError> {
    let mut parts = vec![all(reader, number)?];
    while reader.take("or") {
        parts.push(all(reader, number)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
}

fn all(reader: &mut Reader<'_>, number: &mut dyn FnMut(Measure) -> usize) -> Result<Condition, ConditionError> {
    let mut parts = vec![factor(reader, number)?];
    while reader.take("and") {
        parts.push(factor(reader, number)?);
    }
    Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
}

fn factor(reader: &mut Reader<'_>, number: &mut dyn FnMut(Measure) -> usize) -> Result<Condition, ConditionError> {
    if reader.take("not") {
        return Ok(Condition::Not(Box::new(factor(reader, number)?)));
    }
    if reader.take("(") {
        let inner = any(reader, number)?;
        reader.expect(")")?;
        return Ok(inner);
    }
    let name = reader.word("a measure")?.to_owned();
    let arguments = reader.arguments()?;
    let measure = number(Measure::parse(&name, &arguments)?);
    let relation = [(">=", Relation::AtLeast), ("<=", Relation::AtMost), (">", Relation::Above), ("<", Relation::Below)]
        .into_iter()
        .find_map(|(sign, relation)| reader.take(sign).then_some(relation));
    Ok(match relation {
        Some(relation) => Condition::Test { measure, relation, bound: reader.number()? },
        None => Condition::Test { measure, relation: Relation::AtLeast, bound: 0.5 },
    })
}

/// An argument of a measure or of a key part: field names (the first that has a value counts) or a number.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Argument {
    Fields(Vec<String>),
    Number(f32),
}

/// Reads words and signs one after the other.
pub(crate) struct Reader<'a> {
    tokens: Vec<&'a str>,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text.trim_start();
        while let Some(first) = rest.chars().next() {
            let in_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-');
            let end = if in_word(first) {
                rest.find(|c| !in_word(c)).unwrap_or(rest.len())
            } else if rest.starts_with(">=") || rest.starts_with("<=") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push(&rest[..end]);
            rest = rest[end..].trim_start();
        }
        Self { tokens, at: 0 }
    }

    /// The next token without taking it.
    pub(crate) fn peek(&self) -> Option<&'a str> {
        self.tokens.get(self.at).copied()
    }

    /// Takes the next token if it is this one.
    pub(crate) fn take(&mut self, token: &str) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    pub(crate) fn expect(&mut self, token: &'static str) -> Result<(), ConditionError> {
        if self.take(token) { Ok(()) } else { Err(self.wrong(token)) }
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), ConditionError> {
        if self.peek().is_none() { Ok(()) } else { Err(self.wrong("the end")) }
    }

    pub(crate) fn word(&mut self, expected: &'static str) -> Result<&'a str, ConditionError> {
        let word = self.peek().filter(|token| token.starts_with(|c: char| c.is_alphabetic())).ok_or_else(|| self.wrong(expected))?;
        self.at += 1;
        Ok(word)
    }

    pub(crate) fn number(&mut self) -> Result<f32, ConditionError> {
        let number = self.peek().and_then(|token| token.parse().ok()).ok_or_else(|| self.wrong("a number"))?;
        self.at += 1;
        Ok(number)
    }

    /// `(a|b, 3)`.
    pub(crate) fn arguments(&mut self) -> Result<Vec<Argument>, ConditionError> {
        self.expect("(")?;
        let mut arguments = Vec::new();
        loop {
            if self.peek().is_some_and(|token| token.starts_with(|c: char| c.is_ascii_digit())) {
                arguments.push(Argument::Number(self.number()?));
            } else {
                arguments.push(Argument::Fields(self.fields()?));
            }
            if !self.take(",") {
                self.expect(")")?;
                return Ok(arguments);
            }
        }
    }

    /// `a|b`.
    pub(crate) fn fields(&mut self) -> Result<Vec<String>, ConditionError> {
        let mut fields = vec![self.word("a field")?.to_owned()];
        while self.take("|") {
            fields.push(self.word("a field")?.to_owned());
        }
        Ok(fields)
    }

    fn wrong(&self, expected: &'static str) -> ConditionError {
        ConditionError::Expected { expected, got: self.peek().unwrap_or_default().to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<&str, &str>) {
        let mut measures = Vec::new();
        let mut number = |measure: Measure| {
            measures.push(measure);
            measures.len() - 1
        };
        let read = parse(text, &mut number).map(|condition| shape(&condition)).map_err(|error| error.to_string());
        assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned));
    }

    fn shape(condition: &Condition) -> String {
        let join = |parts: &[Condition], sign: &str| format!("({})", parts.iter().map(shape).collect::<Vec<_>>().join(sign));
        match condition {
            Condition::All(parts) => join(parts, "&"),
            Condition::Any(parts) => join(parts, "|"),
            Condition::Not(inner) => format!("!{}", shape(inner)),
            Condition::Test { measure, relation, bound } => format!("{measure}{relation:?}{bound}"),
        }
    }

    #[test]
    fn and_binds_stronger_than_or() {
        check("same(a) or same(b) and osa(c) <= 1", Ok("(0AtLeast0.5|(1AtLeast0.5&2AtMost1))"));
        check("(same(a) or same(b)) and not same(c|d)", Ok("((0AtLeast0.5|1AtLeast0.5)&!2AtLeast0.5)"));
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        check("same(a) and", Err("expected a measure, got \"\""));
        check("same(a) same(b)", Err("expected the end, got \"same\""));
        check("sane(a)", Err("there is no measure \"sane\"; docs/matching.md lists them"));
        check("swapped(a)", Err("swapped takes two fields"));
    }
}
