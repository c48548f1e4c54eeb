//! What do the numbers of two rows' values tell of a condition, before any text is looked at?
//!
//! Most conditions ask first whether two values are there, equal or different. A value is stored once, so its number answers that, unless
//! it has several parts; and what two rows' numbers say of all fields is worked out in one go for a pair, 64 fields in a few words.

use crate::condition::{Condition, Relation};
use crate::dictionary::{ValueId, has_parts};
use crate::measure::{Compiled, What, first_of};

/// How many fields are seen at a time.
const LANES: usize = 32;
/// How many fields at most are seen by themselves: those of the lowest numbers.
const SINGLE: usize = 56;
/// How many lists of fields at most, of which the first with a value counts, are seen.
const SEVERAL: usize = 8;

/// Which fields, and lists of fields, have a bit in [`Seen`]: a field the bit of its number, a list one behind all of these.
#[derive(Clone, Debug)]
pub(crate) struct Views {
    several: Vec<Vec<usize>>,
}

impl Views {
    /// Those that measures look at.
    pub(crate) fn of(measures: &[Compiled]) -> Self {
        let mut several: Vec<Vec<usize>> = Vec::new();
        for measure in measures.iter().filter(|measure| measure.fields.len() > 1) {
            if several.len() < SEVERAL && !several.contains(&measure.fields) {
                several.push(measure.fields.clone());
            }
        }
        Self { several }
    }

    /// The bit of what a measure looks at; none when it has none.
    fn bit(&self, fields: &[usize]) -> u64 {
        match fields {
            [field] if *field < SINGLE => 1 << field,
            [_] => 0,
            several => self.several.iter().position(|known| known == several).map_or(0, |at| 1 << (SINGLE + at)),
        }
    }

    /// The values of the fields from [`LANES`] on, then those of the lists.
    fn further(&self, row: &[ValueId]) -> [ValueId; LANES] {
        let mut values = [0; LANES];
        values.iter_mut().zip(row.get(LANES..SINGLE.min(row.len())).unwrap_or_default()).for_each(|(value, told)| *value = *told);
        values[SINGLE - LANES..].iter_mut().zip(&self.several).for_each(|(value, fields)| *value = first_of(row, fields));
        values
    }
}

/// What the numbers of two rows say, a bit for each view.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    /// One of the rows, or both, have a value.
    any: u64,
    /// Both rows have a value.
    both: u64,
    /// They have the same.
    same: u64,
    /// They have two single, different ones.
    differs: u64,
    /// They have two, one of them with several parts: only the texts tell.
    open: u64,
}

impl Seen {
    /// Looks at two rows.
    pub(crate) fn of(views: &Views, left: &[ValueId], right: &[ValueId]) -> Self {
        let [any, both, equal, parts] = match (left.first_chunk(), right.first_chunk()) {
            (Some(left), Some(right)) => lanes(left, right),
            _ => lanes(&beginning(left), &beginning(right)),
        };
        let [mut any, mut both, mut equal, mut parts] = [any, both, equal, parts].map(u64::from);
        if left.len() > LANES || !views.several.is_empty() {
            let further = lanes(&views.further(left), &views.further(right)).map(|bits| u64::from(bits) << LANES);
            [any, both, equal, parts] = [any | further[0], both | further[1], equal | further[2], parts | further[3]];
        }
        let (same, other) = (both & equal, both & !equal);
        Self { any, both, same, differs: other & !parts, open: other & parts }
    }
}

/// The first values of a short row.
fn beginning(row: &[ValueId]) -> [ValueId; LANES] {
    let mut values = [0; LANES];
    values.iter_mut().zip(row).for_each(|(value, told)| *value = *told);
    values
}

/// Of each pair of values: whether one is there, both are there, they are equal, and one has several parts.
fn lanes(left: &[ValueId; LANES], right: &[ValueId; LANES]) -> [u32; 4] {
    let [mut any, mut both, mut equal, mut parts] = [0_u32; 4];
    for at in 0..LANES {
        let (a, b, bit) = (left[at], right[at], 1 << at);
        any |= if a | b != 0 { bit } else { 0 };
        both |= if (a != 0) & (b != 0) { bit } else { 0 };
        equal |= if a == b { bit } else { 0 };
        parts |= if has_parts(a | b) { bit } else { 0 };
    }
    [any, both, equal, parts]
}

/// What must be seen of two rows for a condition to hold, a bit for each view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Needs {
    any: u64,
    both: u64,
    not_both: u64,
    not_same: u64,
    not_different: u64,
}

impl Needs {
    /// Whether the condition cannot hold of the rows seen.
    #[inline]
    const fn refuse(&self, seen: &Seen) -> bool {
        (self.any & !seen.any)
            | (self.both & !seen.both)
            | (self.not_both & seen.both)
            | (self.not_same & seen.same)
            | (self.not_different & seen.differs)
            != 0
    }

    const fn and(self, other: Self) -> Self {
        Self {
            any: self.any | other.any,
            both: self.both | other.both,
            not_both: self.not_both | other.not_both,
            not_same: self.not_same | other.not_same,
            not_different: self.not_different | other.not_different,
        }
    }

    const fn or(self, other: Self) -> Self {
        Self {
            any: self.any & other.any,
            both: self.both & other.both,
            not_both: self.not_both & other.not_both,
            not_same: self.not_same & other.not_same,
            not_different: self.not_different & other.not_different,
        }
    }
}

/// A condition behind what must be seen for it to hold.
#[derive(Clone, Debug)]
pub(crate) struct Gated {
    /// The condition as it is written.
    pub(crate) condition: Condition,
    needs: Needs,
    /// The views by which `needs` decide some of its parts: where one of them is open, the condition is looked at as it is written.
    decisive: u64,
    /// The parts that `needs` do not decide; all of them must hold.
    rest: Vec<Part>,
}

/// A part of a condition that texts must be looked at for.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    Any(Vec<Gated>),
    /// Whether the test comes out as `wanted`.
    Test {
        measure: usize,
        relation: Relation,
        bound: f32,
        wanted: bool,
    },
}

/// What is to be looked at where the numbers do not refuse.
pub(crate) enum Rest<'a> {
    /// The condition holds when all of these do.
    Parts(&'a [Part]),
    /// The condition as it is written.
    Whole(&'a Condition),
}

impl Gated {
    /// A condition before the measures it names are known.
    pub(crate) const fn new(condition: Condition) -> Self {
        Self { condition, needs: Needs { any: 0, both: 0, not_both: 0, not_same: 0, not_different: 0 }, decisive: 0, rest: Vec::new() }
    }

    /// Works out what must be seen.
    pub(crate) fn ready(&mut self, measures: &[Compiled], views: &Views) {
        let compiler = Compiler { measures, views };
        *self = compiler.gated(&self.condition, true);
    }

    /// Whether it cannot hold between the rows seen.
    #[inline]
    pub(crate) const fn is_refused(&self, seen: &Seen) -> bool {
        self.needs.refuse(seen)
    }

    /// What is left to be looked at where it is not refused.
    pub(crate) const fn rest(&self, seen: &Seen) -> Rest<'_> {
        if self.decisive & seen.open == 0 { Rest::Parts(self.rest.as_slice()) } else { Rest::Whole(&self.condition) }
    }
}

struct Compiler<'a> {
    measures: &'a [Compiled],
    views: &'a Views,
}

impl Compiler<'_> {
    /// A condition, or its contrary.
    fn gated(&self, condition: &Condition, wanted: bool) -> Gated {
        let mut gated = Gated::new(if wanted { condition.clone() } else { Condition::Not(Box::new(condition.clone())) });
        gated.needs = self.needs(condition, wanted);
        self.collect(condition, wanted, &mut gated);
        gated
    }

    /// Sorts the parts that must all hold into those that the numbers decide and the rest.
    fn collect(&self, condition: &Condition, wanted: bool, gated: &mut Gated) {
        match (condition, wanted) {
            (Condition::Not(inner), _) => self.collect(inner, !wanted, gated),
            (Condition::All(parts), true) | (Condition::Any(parts), false) => {
                parts.iter().for_each(|part| self.collect(part, wanted, gated));
            }
            (Condition::Any(parts), true) | (Condition::All(parts), false) => {
                gated.rest.push(Part::Any(parts.iter().map(|part| self.gated(part, wanted)).collect()));
            }
            (&Condition::Test { measure, relation, bound }, _) => match self.decided(measure, relation, bound) {
                Some(bit) => gated.decisive |= bit,
                None => gated.rest.push(Part::Test { measure, relation, bound, wanted }),
            },
        }
    }

    /// Whether the numbers decide a test: the view that must not be open for that, if any.
    fn decided(&self, measure: usize, relation: Relation, bound: f32) -> Option<u64> {
        let Compiled { what, fields, .. } = &self.measures[measure];
        let bit = self.views.bit(fields);
        match what {
            _ if bit == 0 || !is_yes(relation, bound) => None,
            What::Both => Some(0),
            What::Same | What::Differs => Some(bit),
            _ => None,
        }
    }

    fn needs(&self, condition: &Condition, wanted: bool) -> Needs {
        match (condition, wanted) {
            (Condition::Not(inner), _) => self.needs(inner, !wanted),
            (Condition::All(parts), true) | (Condition::Any(parts), false) => {
                parts.iter().map(|part| self.needs(part, wanted)).fold(Needs::default(), Needs::and)
            }
            (Condition::Any(parts), true) | (Condition::All(parts), false) => {
                parts.iter().map(|part| self.needs(part, wanted)).reduce(Needs::or).unwrap_or_default()
            }
            (Condition::Test { measure, relation, bound }, _) => self.test_needs(*measure, *relation, *bound, wanted),
        }
    }

    /// What must be seen for a test to come out as wanted.
    fn test_needs(&self, measure: usize, relation: Relation, bound: f32, wanted: bool) -> Needs {
        let measure = &self.measures[measure];
        let bit = self.views.bit(&measure.fields);
        let mut needs = Needs::default();
        match (measure.what, wanted) {
            (What::Both | What::OneSided, _) if !is_yes(relation, bound) => {}
            (What::OneSided, true) => (needs.any, needs.not_both) = (bit, bit),
            (What::OneSided, false) => {}
            (What::Both, true) => needs.both = bit,
            (What::Both, false) => needs.not_both = bit,
            // Of fields crossed one row has the one and the other row the other, at least.
            _ if !measure.other.is_empty() => needs.any = if wanted { bit | self.views.bit(&measure.other) } else { 0 },
            _ => {
                if wanted {
                    // A measure of a missing value fails every comparison.
                    needs.both = bit;
                }
                if measure.between_equals().is_some_and(|value| relation.holds(value, bound) != wanted) {
                    needs.not_same = bit;
                }
                if matches!(measure.what, What::Same | What::Differs) {
                    let value = if measure.what == What::Differs { 1.0 } else { 0.0 };
                    if relation.holds(value, bound) != wanted {
                        needs.not_different = bit;
                    }
                }
            }
        }
        needs
    }
}

/// Whether a yes-or-no measure passes a test by yes alone.
fn is_yes(relation: Relation, bound: f32) -> bool {
    relation.holds(1.0, bound) && !relation.holds(0.0, bound)
}

#[cfg(test)]
mod tests {
    use crate::batch::Records;
    use crate::model::Model;
    use crate::score::Scorer;

    /// A model whose only comparison has one level with a condition.
    fn model(condition: &str) -> Model {
        let text = format!(
            r#"
            name = "one condition"
            version = 1
            prior = 0.01
            link = 3.0
            review = 0.0
            blocking = [{{ name = "all", key = "all()" }}]
            [[comparison]]
            name = "any"
            fields = ["a", "b", "c"]
            applies = "both(a) or not both(a)"
            level = [{{ name = "so", when = "{condition}", m = 0.9, u = 0.1 }}, {{ name = "not so", m = 0.1, u = 0.9 }}]
            "#
        );
        Model::from_toml(&text).expect("a model of one condition")
    }

    #[test]
    fn what_the_numbers_tell_is_what_the_texts_tell() {
        let values = ["", "1990-01-02", "1990-02-01", "1990-01-02\u{1f}1991"];
        let conditions = [
            "same(a)",
            "differs(a)",
            "not same(a)",
            "not differs(a)",
            "both(a) and not both(b)",
            "one_sided(a) and same(b)",
            "not one_sided(a)",
            "same(a|b)",
            "not same(a|b) and differs(c)",
            "osa(a) > 1 and not same(b)",
            "osa(a) <= 2 and not osa(b) <= 2",
            "same(a) >= 0",
            "differs(a) < 0.5",
            "same(a) or same(b) and not same(c)",
            "not (same(a) and (differs(b) or both(c)))",
            "not (same(a) or not both(b))",
            "(same(a) or same(b) or same(c)) and (differs(a) or differs(b) or differs(c))",
            "crossed(a, b) or swapped(b, c)",
            "not crossed(a, b) and jaro_winkler(c) < 0.9",
            "years(a) >= 1 and not same(b) and (vague(a) or not same_month_day(a))",
            "compatible(a|b) and not day_month_swapped(c)",
        ];
        for condition in conditions {
            let model = model(condition);
            let when = model.comparisons[0].levels[0].when.as_ref().expect("the level has a condition");
            let mut records = Records::new(&model);
            for told in 0..64 {
                let told = [("a", told % 4), ("b", told / 4 % 4), ("c", told / 16)].map(|(field, at)| (field, values[at].to_owned()));
                let told: Vec<(&str, String)> = told
                    .iter()
                    .flat_map(|(field, value)| value.split('\u{1f}').filter(|part| !part.is_empty()).map(|part| (*field, part.to_owned())))
                    .collect();
                records.push(&model, &told);
            }
            let mut scorer = Scorer::new(&model, records.lexicon());
            for (left, right) in (0..64).flat_map(|left| (0..64).map(move |right| (left, right))) {
                let (left, right) = (records.row(left), records.row(right));
                scorer.compare(left, right);
                let (told, written) = (scorer.levels[0] == 0, scorer.holds_as_written(&when.condition, left, right));
                assert_eq!(told, written, "{condition} of {left:?} and {right:?}");
            }
        }
    }
}
