//! Does a feature meet a filter?
//!
//! Absent values make a condition unknown, as in SQL: neither true nor false, and a feature is found only when the whole
//! is true.

use super::accent::{without_accents, without_case};
use super::ast::{ArithmeticOperator, ArrayPredicate, Comparison, Expression, Geometry, Literal, SpatialPredicate, TemporalPredicate};
use super::like::like;
use crate::TimeSpan;
use crate::time::DAY_MICROS;

/// A value of a feature.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// A span of time; a moment is as long as it was given.
    Time(TimeSpan),
    /// A list.
    List(Vec<Value>),
    /// A geometry written in the filter.
    Geometry(Geometry),
    /// The feature's own geometry, by the name of its property.
    OwnGeometry(String),
}

/// What can be asked of a feature.
pub trait Feature {
    /// The value of a property, none when it is absent.
    fn property(&self, name: &str) -> Option<Value>;

    /// How two geometries lie to each other; none when it cannot be told.
    fn spatial(&self, predicate: SpatialPredicate, left: &Value, right: &Value) -> Option<bool>;

    /// The value of a function of the service.
    fn function(&self, name: &str, arguments: &[Option<Value>]) -> Option<Value>;
}

/// Whether the feature meets the filter.
#[must_use]
pub fn matches(filter: &Expression, feature: &impl Feature) -> bool {
    condition(filter, feature) == Some(true)
}

fn condition(expression: &Expression, feature: &impl Feature) -> Option<bool> {
    match expression {
        Expression::And(parts) => {
            let mut all = Some(true);
            for part in parts {
                match condition(part, feature) {
                    Some(false) => return Some(false),
                    Some(true) => {}
                    None => all = None,
                }
            }
            all
        }
        Expression::Or(parts) => {
            let mut any = Some(false);
            for part in parts {
                match condition(part, feature) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => any = None,
                }
            }
            any
        }
        Expression::Not(inner) => condition(inner, feature).map(|holds| !holds),
        Expression::Compare(comparison, left, right) => compare(*comparison, &value(left, feature)?, &value(right, feature)?),
        Expression::Like(text, pattern) => match (value(text, feature)?, value(pattern, feature)?) {
            (Value::Text(text), Value::Text(pattern)) => Some(like(&text, &pattern)),
            _ => None,
        },
        Expression::Between(inner, low, high) => {
            let (inner, low, high) = (value(inner, feature)?, value(low, feature)?, value(high, feature)?);
            Some(compare(Comparison::AtLeast, &inner, &low)? && compare(Comparison::AtMost, &inner, &high)?)
        }
        Expression::In(inner, list) => {
            let inner = value(inner, feature)?;
            let mut found = Some(false);
            for other in list {
                match value(other, feature).and_then(|other| compare(Comparison::Equal, &inner, &other)) {
                    Some(true) => return Some(true),
                    Some(false) => {}
                    None => found = None,
                }
            }
            found
        }
        Expression::IsNull(inner) => Some(value(inner, feature).is_none()),
        Expression::Spatial(predicate, left, right) => feature.spatial(*predicate, &value(left, feature)?, &value(right, feature)?),
        Expression::Temporal(predicate, left, right) => match (value(left, feature)?, value(right, feature)?) {
            (Value::Time(left), Value::Time(right)) => Some(temporal(*predicate, left, right)),
            _ => None,
        },
        Expression::Array(predicate, left, right) => match (value(left, feature)?, value(right, feature)?) {
            (Value::List(left), Value::List(right)) => Some(array(*predicate, &left, &right)),
            _ => None,
        },
        other => match value(other, feature)? {
            Value::Boolean(holds) => Some(holds),
            _ => None,
        },
    }
}

fn value(expression: &Expression, feature: &impl Feature) -> Option<Value> {
    Some(match expression {
        Expression::Literal(literal) => match literal {
            Literal::Boolean(value) => Value::Boolean(*value),
            Literal::Number(number) => Value::Number(*number),
            Literal::Text(text) => Value::Text(text.clone()),
            Literal::Moment(moment) => Value::Time((*moment).into()),
            Literal::Span(span) => Value::Time(*span),
            Literal::Geometry(geometry) => Value::Geometry(geometry.clone()),
        },
        Expression::Property(name, _) => feature.property(name)?,
        Expression::Function(name, arguments, _) => {
            let arguments: Vec<Option<Value>> = arguments.iter().map(|argument| value(argument, feature)).collect();
            feature.function(name, &arguments)?
        }
        Expression::Arithmetic(operator, left, right) => match (value(left, feature)?, value(right, feature)?) {
            (Value::Number(left), Value::Number(right)) => Value::Number(arithmetic(*operator, left, right)?),
            _ => return None,
        },
        Expression::CaseInsensitive(inner) => match value(inner, feature)? {
            Value::Text(text) => Value::Text(without_case(&text)),
            _ => return None,
        },
        Expression::AccentInsensitive(inner) => match value(inner, feature)? {
            Value::Text(text) => Value::Text(without_accents(&text)),
            _ => return None,
        },
        Expression::Interval(start, end) => {
            let time = |expression| match value(expression, feature) {
                None => Some(TimeSpan::OPEN),
                Some(Value::Time(span)) => Some(span),
                Some(_) => None,
            };
            let span = TimeSpan { start: time(start)?.start, end: time(end)?.end };
            (span.start <= span.end).then_some(Value::Time(span))?
        }
        Expression::List(values) => Value::List(values.iter().map(|inner| value(inner, feature)).collect::<Option<_>>()?),
        other => Value::Boolean(condition(other, feature)?),
    })
}

fn compare(comparison: Comparison, left: &Value, right: &Value) -> Option<bool> {
    let order = match (left, right) {
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right)?,
        (Value::Boolean(left), Value::Boolean(right)) => left.cmp(right),
        (Value::Time(left), Value::Time(right)) => (left.start, left.end).cmp(&(right.start, right.end)),
        _ => return None,
    };
    Some(match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::Greater => order.is_gt(),
        Comparison::AtMost => order.is_le(),
        Comparison::AtLeast => order.is_ge(),
    })
}

/// The result, none when there is none: a division by zero, or a number too large.
fn arithmetic(operator: ArithmeticOperator, left: f64, right: f64) -> Option<f64> {
    let result = match operator {
        ArithmeticOperator::Add => left + right,
        ArithmeticOperator::Subtract => left - right,
        ArithmeticOperator::Multiply => left * right,
        ArithmeticOperator::Divide => left / right,
        ArithmeticOperator::Modulo => left % right,
        ArithmeticOperator::IntegerDivide => (left / right).trunc(),
        ArithmeticOperator::Power => left.powf(right),
    };
    result.is_finite().then_some(result)
}

/// How two times lie to each other. The end of one that was given by the day and the beginning of the other meet on that day, though it is longer
/// than a moment: one that begins before and one that ends after it do not overlap on it.
const fn temporal(predicate: TemporalPredicate, left: TimeSpan, right: TimeSpan) -> bool {
    let ((a, b), (c, d)) = ((left.start, left.end), (right.start, right.end));
    match predicate {
        TemporalPredicate::After => a > d,
        TemporalPredicate::Before => b < c,
        TemporalPredicate::Contains => a < c && b > d,
        TemporalPredicate::Disjoint => b < c || a > d,
        TemporalPredicate::During => a > c && b < d,
        TemporalPredicate::Equals => a == c && b == d,
        TemporalPredicate::FinishedBy => a < c && b == d,
        TemporalPredicate::Finishes => a > c && b == d,
        TemporalPredicate::Intersects => a <= d && c <= b,
        TemporalPredicate::Meets => b == c || meet_on_a_day(left, right),
        TemporalPredicate::MetBy => a == d || meet_on_a_day(right, left),
        TemporalPredicate::OverlappedBy => a > c && a < d && b > d && !meet_on_a_day(right, left),
        TemporalPredicate::Overlaps => a < c && b > c && b < d && !meet_on_a_day(left, right),
        TemporalPredicate::StartedBy => a == c && b > d,
        TemporalPredicate::Starts => a == c && b < d,
    }
}

/// Whether the first ends with the day with which the second begins.
const fn meet_on_a_day(first: TimeSpan, second: TimeSpan) -> bool {
    first.start < second.start
        && first.end < second.end
        && second.start.rem_euclid(DAY_MICROS) == 0
        && first.end.saturating_sub(second.start) == DAY_MICROS - 1
}

fn array(predicate: ArrayPredicate, left: &[Value], right: &[Value]) -> bool {
    let all_in = |inner: &[Value], outer: &[Value]| inner.iter().all(|value| outer.contains(value));
    match predicate {
        ArrayPredicate::Equals => all_in(left, right) && all_in(right, left),
        ArrayPredicate::Contains => all_in(right, left),
        ArrayPredicate::ContainedBy => all_in(left, right),
        ArrayPredicate::Overlaps => left.iter().any(|value| right.contains(value)),
    }
}
