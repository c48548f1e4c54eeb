//! What can a comparison weigh at most, as far as the numbers of two values tell?

use crate::condition::Condition;
use crate::dictionary::{ValueId, has_parts};
use crate::frequency::FrequencyTable;
use crate::measure::{Compiled, What};
use crate::model::{Comparison, Level};

/// The most a comparison can weigh, before any text is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bound {
    /// When nothing is known.
    any: f32,
    /// When both records have a value of the main field, and these are two single, different ones.
    differs: f32,
    /// Whether the comparison needs values of the main field.
    needs_main: bool,
    main: usize,
    /// How far the levels lie apart: what says much is looked at first.
    spread: f32,
}

impl Bound {
    /// The bound of a comparison; `table` has the frequencies its levels use.
    pub(crate) fn of(comparison: &Comparison, measures: &[Compiled], table: Option<&FrequencyTable>) -> Self {
        let most = |level: &Level| {
            let ends = table.map_or([0.0; 2], |table| [table.lowest(), 0.0]);
            let more = ends.map(|share| comparison.frequency_weight(level, share));
            level.weight + more[0].max(more[1]).max(0.0)
        };
        let highest = |levels: &mut dyn Iterator<Item = &Level>| levels.map(most).fold(f32::NEG_INFINITY, f32::max);
        let any = highest(&mut comparison.levels.iter());
        let left = |level: &&Level| level.when.as_ref().is_none_or(|when| may_hold(&when.condition, comparison.main, measures));
        let differs = highest(&mut comparison.levels.iter().filter(left));
        let lowest = comparison.levels.iter().map(|level| level.weight).fold(f32::INFINITY, f32::min);
        // What does not apply, or repeats another, weighs nothing.
        let least = if comparison.applies.is_some() || comparison.unless.is_some() { 0.0 } else { f32::NEG_INFINITY };
        Self {
            any: any.max(least),
            differs: differs.max(least),
            needs_main: comparison.applies.is_none(),
            main: comparison.main,
            spread: any - lowest,
        }
    }

    /// The most the comparison can weigh between two rows.
    pub(crate) fn between(&self, left: &[ValueId], right: &[ValueId]) -> f32 {
        let (a, b) = (left[self.main], right[self.main]);
        if a == 0 || b == 0 {
            return if self.needs_main { 0.0 } else { self.any };
        }
        if a == b || has_parts(a) || has_parts(b) { self.any } else { self.differs }
    }

    /// The comparisons in the order in which they decide most.
    pub(crate) fn order(bounds: &[Self]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..bounds.len()).collect();
        order.sort_by(|a, b| bounds[*b].spread.total_cmp(&bounds[*a].spread).then(a.cmp(b)));
        order
    }
}

/// Whether a condition can hold when the main field has two single, different values.
fn may_hold(condition: &Condition, main: usize, measures: &[Compiled]) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| may_hold(part, main, measures)),
        Condition::Any(parts) => parts.iter().any(|part| may_hold(part, main, measures)),
        Condition::Not(inner) => !must_hold(inner, main, measures),
        Condition::Test { measure, relation, bound } => known(&measures[*measure], main).is_none_or(|value| relation.holds(value, *bound)),
    }
}

/// Whether a condition surely holds then.
fn must_hold(condition: &Condition, main: usize, measures: &[Compiled]) -> bool {
    match condition {
        Condition::All(parts) => parts.iter().all(|part| must_hold(part, main, measures)),
        Condition::Any(parts) => parts.iter().any(|part| must_hold(part, main, measures)),
        Condition::Not(inner) => !may_hold(inner, main, measures),
        Condition::Test { measure, relation, bound } => known(&measures[*measure], main).is_some_and(|value| relation.holds(value, *bound)),
    }
}

/// What a measure gives then, if that is certain.
fn known(measure: &Compiled, main: usize) -> Option<f32> {
    match measure.what {
        _ if measure.fields.first() != Some(&main) => None,
        What::Both | What::Differs => Some(1.0),
        What::Same | What::OneSided => Some(0.0),
        _ => None,
    }
}
