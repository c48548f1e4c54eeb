//! Does a filter speak of what the collection has?

use super::ast::{Expression, Literal};
use super::error::Cql2Error;
use crate::Moment;

/// The type of a queryable property, or of a function's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Queryable {
    /// A text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A date or a date and time.
    Time,
    /// A geometry.
    Geometry,
    /// A list.
    List,
}

/// What a collection lets filters speak of.
#[derive(Clone, Debug, Default)]
pub struct Queryables {
    /// Properties by name.
    pub properties: Vec<(&'static str, Queryable)>,
    /// Functions by name: the types of their arguments and of their value.
    pub functions: Vec<(&'static str, Vec<Queryable>, Queryable)>,
}

impl Queryables {
    /// Checks a filter: names are known, types fit, and the whole is true or false.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn check(&self, filter: &Expression) -> Result<(), Cql2Error> {
        self.need(filter, Queryable::Boolean)
    }

    /// The filter with each text that is compared with a property of time, and that reads as a date or a date and time, as that time: programs that build
    /// filters from a schema, such as QGIS, write no `DATE(…)`.
    #[must_use]
    pub fn with_times(&self, filter: Expression) -> Expression {
        let all = |parts: Vec<Expression>| parts.into_iter().map(|part| self.with_times(part)).collect();
        match filter {
            Expression::And(parts) => Expression::And(all(parts)),
            Expression::Or(parts) => Expression::Or(all(parts)),
            Expression::Not(inner) => Expression::Not(Box::new(self.with_times(*inner))),
            Expression::Compare(comparison, left, right) => {
                let (of_time, beside_time) = (self.is_of_time(&left), self.is_of_time(&right));
                let left = if beside_time { Box::new(as_time(*left)) } else { left };
                let right = if of_time { Box::new(as_time(*right)) } else { right };
                Expression::Compare(comparison, left, right)
            }
            Expression::In(value, list) if self.is_of_time(&value) => Expression::In(value, list.into_iter().map(as_time).collect()),
            other => other,
        }
    }

    fn is_of_time(&self, expression: &Expression) -> bool {
        let Expression::Property(name, _) = expression else { return false };
        self.properties.iter().any(|(own, kind)| own == name && *kind == Queryable::Time)
    }

    fn need(&self, expression: &Expression, wanted: Queryable) -> Result<(), Cql2Error> {
        match self.type_of(expression)? {
            Some(found) if found != wanted => Err(Cql2Error::WrongType(format!("{} is needed, got {}", wanted.name(), found.name()))),
            _ => Ok(()),
        }
    }

    /// Both of the same type, one of `allowed`.
    fn alike(&self, left: &Expression, right: &Expression, allowed: &[Queryable]) -> Result<(), Cql2Error> {
        let Some(found) = self.type_of(left)? else { return Ok(()) };
        if !allowed.contains(&found) {
            return Err(Cql2Error::WrongType(format!("{} cannot be compared like this", found.name())));
        }
        self.need(right, found)
    }

    /// The type of an expression whose parts fit; none of an empty list.
    fn type_of(&self, expression: &Expression) -> Result<Option<Queryable>, Cql2Error> {
        use Queryable::{Boolean, Geometry, List, Number, Text, Time};
        Ok(Some(match expression {
            Expression::Literal(literal) => match literal {
                Literal::Boolean(_) => Boolean,
                Literal::Number(_) => Number,
                Literal::Text(_) => Text,
                Literal::Moment(_) | Literal::Span(_) => Time,
                Literal::Geometry(_) => Geometry,
            },
            Expression::Property(name, at) => {
                let known = || self.properties.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
                let unknown = || Cql2Error::UnknownProperty { name: name.clone(), at: *at, known: known() };
                self.properties.iter().find(|(own, _)| own == name).ok_or_else(unknown)?.1
            }
            Expression::Function(name, arguments, at) => {
                let function = self.functions.iter().find(|(own, ..)| own.eq_ignore_ascii_case(name));
                let (_, types, value) = function.ok_or_else(|| Cql2Error::UnknownFunction { name: name.clone(), at: *at })?;
                if types.len() != arguments.len() {
                    return Err(Cql2Error::WrongType(format!("{name} takes {} arguments, got {}", types.len(), arguments.len())));
                }
                arguments.iter().zip(types).try_for_each(|(argument, wanted)| self.need(argument, *wanted))?;
                *value
            }
            Expression::And(parts) | Expression::Or(parts) => {
                parts.iter().try_for_each(|part| self.need(part, Boolean))?;
                Boolean
            }
            Expression::Not(inner) => {
                self.need(inner, Boolean)?;
                Boolean
            }
            Expression::Compare(_, left, right) => {
                self.alike(left, right, &[Text, Number, Boolean, Time])?;
                Boolean
            }
            Expression::Like(text, pattern) => {
                self.need(text, Text)?;
                self.need(pattern, Text)?;
                Boolean
            }
            Expression::Between(value, low, high) => {
                [value, low, high].into_iter().try_for_each(|part| self.need(part, Number))?;
                Boolean
            }
            Expression::In(value, list) => {
                list.iter().try_for_each(|other| self.alike(value, other, &[Text, Number, Boolean, Time]))?;
                Boolean
            }
            Expression::IsNull(inner) => {
                self.type_of(inner)?;
                Boolean
            }
            Expression::Arithmetic(_, left, right) => {
                self.need(left, Number)?;
                self.need(right, Number)?;
                Number
            }
            Expression::CaseInsensitive(inner) | Expression::AccentInsensitive(inner) => {
                self.need(inner, Text)?;
                Text
            }
            Expression::Spatial(_, left, right) => {
                self.alike(left, right, &[Geometry])?;
                Boolean
            }
            Expression::Temporal(_, left, right) => {
                self.alike(left, right, &[Time])?;
                Boolean
            }
            Expression::Interval(start, end) => {
                self.need(start, Time)?;
                self.need(end, Time)?;
                Time
            }
            Expression::Array(_, left, right) => {
                self.alike(left, right, &[List])?;
                Boolean
            }
            Expression::List(values) => {
                values.iter().try_for_each(|value| self.type_of(value).map(|_| ()))?;
                List
            }
        }))
    }
}

/// A text that reads as a moment as that moment; anything else as it is.
fn as_time(expression: Expression) -> Expression {
    match &expression {
        Expression::Literal(Literal::Text(text)) => {
            Moment::read(text).map_or(expression, |moment| Expression::Literal(Literal::Moment(moment)))
        }
        _ => expression,
    }
}

impl Queryable {
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Boolean => "a condition",
            Self::Time => "a time",
            Self::Geometry => "a geometry",
            Self::List => "a list",
        }
    }
}
