//! What is wrong with a file of survivorship rules, and on which line?

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::{Criterion, Rules};

/// What is found in a file of rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The line, counted from 1.
    pub line: usize,
    /// What is there and what to write instead, in a sentence without a full stop.
    pub message: String,
}

/// What a file of rules may name.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary<'a> {
    /// What the rules are for: the file says it under `name`.
    pub kind: &'a str,
    /// The attributes of that kind.
    pub attributes: &'a [&'a str],
    /// The source systems that are registered.
    pub sources: &'a [&'a str],
}

impl Rules {
    /// Reads rules from TOML and looks at every name in them; beside the rules, what is no error and may be a slip: a source system that is
    /// not registered.
    ///
    /// # Errors
    /// Everything that is wrong, in the order of the lines.
    ///
    /// ```
    /// use jiku_golden::{Rules, Vocabulary};
    ///
    /// let known = Vocabulary { kind: "person", attributes: &["name", "address"], sources: &["gongan"] };
    /// let text = "name = 'person'\nversion = 2\n[default]\norder = ['trust', 'recncy']\n";
    /// let remarks = Rules::checked(text, known).expect_err("a slip");
    /// assert_eq!((remarks[0].line, remarks[0].message.as_str()), (4, "there is no rule \"recncy\"; did you mean \"recency\"?"));
    /// ```
    pub fn checked(text: &str, known: Vocabulary<'_>) -> Result<(Self, Vec<Remark>), Vec<Remark>> {
        let (table, unreadable) = DeTable::parse_recoverable(text);
        let mut reader = Reader { text, known, faults: Vec::new(), doubts: Vec::new(), seen: BTreeMap::new() };
        for error in &unreadable {
            reader.faults.push(remark(text, error));
        }
        if reader.faults.is_empty() {
            reader.file(table.get_ref());
        }
        if reader.faults.is_empty() {
            match toml::from_str::<Self>(text) {
                Ok(rules) => {
                    reader.groups(&rules, table.get_ref());
                    if reader.faults.is_empty() {
                        return Ok((rules, reader.doubts));
                    }
                }
                Err(error) => reader.faults.push(remark(text, &error)),
            }
        }
        reader.faults.sort_by_key(|fault| fault.line);
        Err(reader.faults)
    }
}

fn remark(text: &str, error: &toml::de::Error) -> Remark {
    let line = error.span().map_or(1, |span| line_of(text, span.start));
    Remark { line, message: plain(error.message().trim()) }
}

/// What the reader of TOML says, without the words of a programmer.
fn plain(said: &str) -> String {
    const WORDS: &[(&str, &str)] = &[
        ("\n", " "),
        ("expected u32", "expected a whole number from 0 on"),
        ("expected u8", "expected a whole number from 0 to 100"),
        ("expected a sequence", "expected a list in square brackets"),
        ("expected a map", "expected a table"),
        ("expected struct DefaultOrder", "expected a table with an order"),
        ("expected struct Group", "expected a table with columns and an order"),
        ("expected struct Past", "expected a table with a column"),
        ("missing field", "missing key"),
        ("invalid type: ", "the wrong kind of value: "),
        ("invalid value: ", "a value that cannot be: "),
        ("floating point", "the number"),
    ];
    WORDS.iter().fold(said.to_owned(), |said, (theirs, ours)| said.replace(theirs, ours))
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}

struct Reader<'a> {
    text: &'a str,
    known: Vocabulary<'a>,
    faults: Vec<Remark>,
    doubts: Vec<Remark>,
    /// On which line each attribute stands already.
    seen: BTreeMap<String, usize>,
}

impl Reader<'_> {
    fn line<T>(&self, at: &Spanned<T>) -> usize {
        line_of(self.text, at.span().start)
    }

    fn fault<T>(&mut self, at: &Spanned<T>, message: String) {
        let line = self.line(at);
        self.faults.push(Remark { line, message });
    }

    /// Names the keys that are not known where they stand.
    fn keys(&mut self, table: &DeTable<'_>, known: &[&str]) {
        for key in table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            let message = format!("there is no key {:?} here{}", key.get_ref(), instead(key.get_ref(), known, "the keys are"));
            self.fault(key, message);
        }
    }

    fn file(&mut self, table: &DeTable<'_>) {
        self.keys(table, &["name", "version", "default", "attribute"]);
        if let Some(name) = table.get("name")
            && let Some(said) = text_of(name)
            && said != self.known.kind
        {
            self.fault(name, format!("the rules are for {said:?}, and not for {:?}", self.known.kind));
        }
        if let Some(DeValue::Table(default)) = table.get("default").map(Spanned::get_ref) {
            self.keys(default, &["order", "trust"]);
            self.choice(default);
        }
        for group in groups(table) {
            self.keys(group, &["columns", "order", "final", "former", "past", "trust"]);
            self.choice(group);
            for column in texts(group.get("columns")) {
                self.attribute(column);
                let (line, name) = (self.line(column), text_of(column).unwrap_or_default());
                if let Some(first) = self.seen.insert(name.to_owned(), line) {
                    self.fault(column, format!("{name:?} stands in two groups: it is on line {first} already"));
                }
            }
            group.get("former").into_iter().for_each(|column| self.attribute(column));
            if let Some(DeValue::Table(past)) = group.get("past").map(Spanned::get_ref) {
                self.keys(past, &["column", "values", "former"]);
                ["column", "former"].into_iter().filter_map(|key| past.get(key)).for_each(|column| self.attribute(column));
            }
        }
    }

    /// The rules of a group in their order, and how far it trusts sources.
    fn choice(&mut self, group: &DeTable<'_>) {
        let rules = Criterion::ALL.map(Criterion::as_str);
        let mut named: Vec<&str> = Vec::with_capacity(rules.len());
        for rule in texts(group.get("order")) {
            let name = text_of(rule).unwrap_or_default();
            if !rules.contains(&name) {
                self.fault(rule, format!("there is no rule {name:?}{}", instead(name, &rules, "the rules are")));
            } else if named.contains(&name) {
                self.fault(rule, format!("the rule {name:?} stands twice in this order: it decides the first time or not at all"));
            }
            named.push(name);
        }
        let Some(DeValue::Table(trust)) = group.get("trust").map(Spanned::get_ref) else { return };
        for (source, value) in trust {
            let name = source.get_ref().as_ref();
            if !self.known.sources.contains(&name) {
                let line = self.line(source);
                let message = format!("no department registered a source {name:?}{}", instead(name, self.known.sources, "registered are"));
                self.doubts.push(Remark { line, message });
            }
            let got = match value.get_ref() {
                DeValue::Integer(number) if number.to_string().parse::<u8>().is_ok_and(|trust| trust <= 100) => continue,
                DeValue::Integer(number) => number.to_string(),
                DeValue::Float(number) => number.to_string(),
                DeValue::String(text) => format!("{text:?}"),
                _ => "something else".to_owned(),
            };
            self.fault(value, format!("a trust is a whole number from 0 to 100, got {got}"));
        }
    }

    fn attribute(&mut self, column: &Spanned<DeValue<'_>>) {
        let Some(name) = text_of(column).filter(|name| !self.known.attributes.contains(name)) else { return };
        self.fault(column, format!("there is no attribute {name:?}{}", instead(name, self.known.attributes, "the attributes are")));
    }

    /// What can mean nothing although every name in it is known.
    fn groups(&mut self, rules: &Rules, table: &DeTable<'_>) {
        let at = |table: &DeTable<'_>| table.keys().map(|key| self.line(key)).min().unwrap_or(1);
        let lines: Vec<usize> = groups(table).map(at).collect();
        let default = table.get("default").map_or(1, |default| match default.get_ref() {
            DeValue::Table(default) => at(default),
            _ => self.line(default),
        });
        let wrong = rules.groups().iter().zip(lines).filter_map(|(group, line)| Some((line, group.check().err()?)));
        let wrong: Vec<_> = wrong.chain(rules.default.check().err().map(|error| (default, error))).collect();
        self.faults.extend(wrong.into_iter().map(|(line, error)| Remark { line, message: error.to_string() }));
    }
}

fn groups<'a, 'i>(table: &'a DeTable<'i>) -> impl Iterator<Item = &'a DeTable<'i>> {
    let listed: Option<&DeArray<'i>> = match table.get("attribute").map(Spanned::get_ref) {
        Some(DeValue::Array(groups)) => Some(groups),
        _ => None,
    };
    listed.into_iter().flatten().filter_map(|group| match group.get_ref() {
        DeValue::Table(group) => Some(group),
        _ => None,
    })
}

/// The texts of a list; what is something else is refused when the rules are read.
fn texts<'a, 'i>(list: Option<&'a Spanned<DeValue<'i>>>) -> impl Iterator<Item = &'a Spanned<DeValue<'i>>> {
    let listed: Option<&DeArray<'i>> = match list.map(Spanned::get_ref) {
        Some(DeValue::Array(listed)) => Some(listed),
        _ => None,
    };
    listed.into_iter().flatten().filter(|value| text_of(value).is_some())
}

fn text_of<'a>(value: &'a Spanned<DeValue<'_>>) -> Option<&'a str> {
    match value.get_ref() {
        DeValue::String(text) => Some(text),
        _ => None,
    }
}

/// What may have been meant; where nothing is near, what there is.
fn instead(name: &str, known: &[&str], there_are: &str) -> String {
    let near = known.iter().map(|word| (strsim::osa_distance(name, word), *word)).min();
    match near.filter(|(distance, word)| *distance <= name.chars().count().max(word.chars().count()).div_ceil(3)) {
        Some((_, word)) => format!("; did you mean {word:?}?"),
        None if known.is_empty() => String::new(),
        None => format!("; {there_are} {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: Vocabulary<'_> = Vocabulary {
        kind: "person",
        attributes: &["name", "former_name", "address", "division", "status", "phone"],
        sources: &["gongan", "minzheng"],
    };

    /// The remarks as `line: message`.
    #[track_caller]
    fn check(body: &str, expected: &[&str]) {
        let text = format!("name = 'person'\nversion = 1\n{body}");
        let remarks = Rules::checked(&text, KNOWN).map_or_else(|faults| faults, |(_, doubts)| doubts);
        let told: Vec<String> = remarks.into_iter().map(|remark| format!("{}: {}", remark.line, remark.message)).collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn every_slip_is_named_with_its_line_and_the_nearest_name() {
        check("[default]\norder = ['trust']\n", &[]);
        check(
            "[default]\nordr = ['trust']\n[[attribute]]\ncolumns = ['adress', 'divison']\norder = ['recency', 'trsut']\n",
            &[
                "4: there is no key \"ordr\" here; did you mean \"order\"?",
                "6: there is no attribute \"adress\"; did you mean \"address\"?",
                "6: there is no attribute \"divison\"; did you mean \"division\"?",
                "7: there is no rule \"trsut\"; did you mean \"trust\"?",
            ],
        );
        check(
            "[default]\norder = ['trust']\n[[attribute]]\ncolumns = ['fone']\norder = ['recency']\n",
            &["6: there is no attribute \"fone\"; did you mean \"phone\"?"],
        );
        check(
            "[defaults]\norder = ['trust']\n[default]\norder = ['luck']\n",
            &[
                "3: there is no key \"defaults\" here; did you mean \"default\"?",
                "6: there is no rule \"luck\"; the rules are trust, recency, completeness, frequency, verified, current, intact, present, final",
            ],
        );
        check(
            "[default]\norder = ['trust']\n[[attribute]]\ncolumns = ['name']\norder = ['current']\nformer = 'formername'\n[[attribute]]\n\
             columns = ['phone']\norder = ['present']\npast = { colum = 'status', values = ['moved-away'] }\n",
            &[
                "8: there is no attribute \"formername\"; did you mean \"former_name\"?",
                "12: there is no key \"colum\" here; did you mean \"column\"?",
            ],
        );
    }

    #[test]
    fn a_source_that_nobody_registered_is_a_doubt_and_no_error() {
        check(
            "[default]\norder = ['trust']\ntrust = { gongan = 90, gognan = 40, shebao = 1 }\n",
            &[
                "5: no department registered a source \"gognan\"; did you mean \"gongan\"?",
                "5: no department registered a source \"shebao\"; registered are gongan, minzheng",
            ],
        );
        check("[default]\norder = ['trust']\ntrust = { gongan = 101 }\n", &["5: a trust is a whole number from 0 to 100, got 101"]);
    }

    #[test]
    fn what_can_mean_nothing_is_named_where_it_stands() {
        check(
            "[default]\norder = ['trust']\n[[attribute]]\ncolumns = ['name', 'phone']\norder = ['trust']\n[[attribute]]\ncolumns = ['phone']\norder = ['recency']\n",
            &["9: \"phone\" stands in two groups: it is on line 6 already"],
        );
        check("[default]\norder = []\n", &["4: an attribute group needs at least one attribute under columns and one rule under order"]);
        check(
            "[default]\norder = ['recency']\ntrust = { gongan = 1 }\n",
            &["4: how far sources are trusted is said only where the rule \"trust\" is in the order"],
        );
        let reason = super::super::RulesError::Final.to_string();
        check("[default]\norder = ['trust']\n[[attribute]]\norder = ['final']\ncolumns = ['status']\n", &[&format!("6: {reason}")]);
        check(
            "[default]\norder = ['trust', 'recency', 'trust']\n",
            &["4: the rule \"trust\" stands twice in this order: it decides the first time or not at all"],
        );
    }

    #[test]
    fn what_is_no_such_value_is_told_in_plain_words() {
        check("[default]\norder = 'trust'\n", &["4: the wrong kind of value: string \"trust\", expected a list in square brackets"]);
        check("[[attribute]]\ncolumns = ['name']\norder = ['trust']\n", &["1: missing key `default`"]);
        check(
            "[default]\norder = ['trust']\ntrust = { gongan = 'high', minzheng = 0.5 }\n",
            &["5: a trust is a whole number from 0 to 100, got \"high\"", "5: a trust is a whole number from 0 to 100, got 0.5"],
        );
        check(
            "[default]\norder = ['present']\n[[attribute]]\ncolumns = ['name']\norder = ['present']\npast = 'former_name'\n",
            &["8: the wrong kind of value: string \"former_name\", expected a table with a column"],
        );
        let faults = Rules::checked("name = 'person'\nversion = -1\n[default]\norder = ['trust']\n", KNOWN).expect_err("no number");
        assert!(!faults[0].message.contains("u32"), "{faults:?}");
    }

    #[test]
    fn what_is_no_toml_and_what_is_for_another_kind_is_refused() {
        let faults = Rules::checked("name = 'person'\nversion = 1\n[default\norder = ['trust']\n", KNOWN).expect_err("no TOML");
        assert_eq!(faults[0].line, 3);
        let text = "name = 'parcel'\nversion = 1\n[default]\norder = ['trust']\n";
        let faults = Rules::checked(text, KNOWN).expect_err("another kind");
        assert_eq!(faults, [Remark { line: 1, message: "the rules are for \"parcel\", and not for \"person\"".to_owned() }]);
    }
}
