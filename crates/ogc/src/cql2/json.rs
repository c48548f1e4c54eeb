//! What does a filter in the JSON encoding say (OGC 21-065r2, clause 8)?

use serde_json::{Map, Value};

use super::ast::{ArithmeticOperator, ArrayPredicate, Comparison, Expression, Geometry, Literal, SpatialPredicate, TemporalPredicate};
use super::error::Cql2Error;
use super::text::time_or_open;
use super::{MAX_DEPTH, MAX_NODES, MAX_POSITIONS};
use crate::{Moment, TimeSpan};

/// Reads a filter in the JSON encoding.
///
/// # Errors
/// What was expected; too deep or too many nodes.
pub fn parse_json(value: &Value) -> Result<Expression, Cql2Error> {
    Reader { nodes: 0, positions: 0 }.expression(value, 0)
}

struct Reader {
    nodes: usize,
    positions: usize,
}

type Read = Result<Expression, Cql2Error>;

const fn expected(what: &'static str) -> Cql2Error {
    Cql2Error::syntax(what, 0)
}

impl Reader {
    fn expression(&mut self, value: &Value, depth: usize) -> Read {
        self.nodes += 1;
        if depth > MAX_DEPTH {
            return Err(Cql2Error::TooMuch("deep"));
        }
        if self.nodes > MAX_NODES {
            return Err(Cql2Error::TooMuch("many conditions"));
        }
        match value {
            Value::Bool(value) => Ok(Expression::Literal(Literal::Boolean(*value))),
            Value::Number(number) => {
                number.as_f64().map(|number| Expression::Literal(Literal::Number(number))).ok_or(expected("a finite number"))
            }
            Value::String(text) => Ok(Expression::Literal(Literal::Text(text.clone()))),
            Value::Array(values) => Ok(Expression::List(self.all(values, depth)?)),
            Value::Object(object) => self.object(object, depth),
            Value::Null => Err(expected("a value; absence is asked for with isNull")),
        }
    }

    fn all(&mut self, values: &[Value], depth: usize) -> Result<Vec<Expression>, Cql2Error> {
        values.iter().map(|value| self.expression(value, depth + 1)).collect()
    }

    fn object(&mut self, object: &Map<String, Value>, depth: usize) -> Read {
        if let Some(op) = object.get("op") {
            let op = op.as_str().ok_or(expected("a text as op"))?;
            let arguments = object.get("args").and_then(Value::as_array).ok_or(expected("an array as args"))?;
            return self.operation(op, arguments, depth);
        }
        let text = |name: &str| object.get(name).and_then(Value::as_str);
        if let Some(name) = text("property") {
            return Ok(Expression::Property(name.to_owned(), 0));
        }
        if let Some(date) = text("date") {
            let moment = Moment::read(date).filter(|moment| matches!(moment, Moment::Date(_)));
            return moment.map(|moment| Expression::Literal(Literal::Moment(moment))).ok_or(expected("a date, YYYY-MM-DD"));
        }
        if let Some(timestamp) = text("timestamp") {
            let moment = Moment::read(timestamp).filter(|moment| matches!(moment, Moment::Instant(_)));
            return moment.map(|moment| Expression::Literal(Literal::Moment(moment))).ok_or(expected("a date and time of RFC 3339"));
        }
        if let Some(interval) = object.get("interval").and_then(Value::as_array) {
            let ends: Vec<&str> = interval.iter().filter_map(Value::as_str).collect();
            if interval.len() == 2 && ends.len() < 2 {
                let mut end = |value: &Value| match value {
                    Value::String(text) => time_or_open(text).map(Expression::Literal).ok_or(expected("a time or '..' in interval")),
                    _ => match self.expression(value, depth + 1)? {
                        end @ (Expression::Property(..) | Expression::Literal(Literal::Moment(_))) => Ok(end),
                        _ => Err(expected("a property, a time or '..' in interval")),
                    },
                };
                return Ok(Expression::Interval(Box::new(end(&interval[0])?), Box::new(end(&interval[1])?)));
            }
            let span = if let [start, end] = ends.as_slice() { TimeSpan::between(start, end) } else { None };
            return span.map(|span| Expression::Literal(Literal::Span(span))).ok_or(expected("a start and an end as interval"));
        }
        if let Some(corners) = object.get("bbox").and_then(Value::as_array) {
            let numbers: Vec<f64> = corners.iter().filter_map(Value::as_f64).collect();
            return match (corners.len(), numbers.as_slice()) {
                (4, [west, south, east, north]) | (6, [west, south, _, east, north, _]) => {
                    Ok(Expression::Literal(Literal::Geometry(Geometry::Box([*west, *south, *east, *north]))))
                }
                _ => Err(expected("four or six numbers as bbox")),
            };
        }
        if text("type") == Some("GeometryCollection") {
            let members = object.get("geometries").and_then(Value::as_array).ok_or(expected("an array as geometries"))?;
            let member = |member: &Value| match (member.get("type").and_then(Value::as_str), member.get("coordinates")) {
                (Some(kind), Some(coordinates)) => self.geometry(kind, coordinates),
                _ => Err(expected("a point, line or polygon of the collection")),
            };
            let members = members.iter().map(member).collect::<Result<Vec<_>, _>>()?;
            return Ok(Expression::Literal(Literal::Geometry(Geometry::Collection(members))));
        }
        let (Some(kind), Some(coordinates)) = (text("type"), object.get("coordinates")) else {
            return Err(expected("op, property, date, timestamp, interval, bbox or a GeoJSON geometry"));
        };
        self.geometry(kind, coordinates).map(|geometry| Expression::Literal(Literal::Geometry(geometry)))
    }

    fn operation(&mut self, op: &str, arguments: &[Value], depth: usize) -> Read {
        let mut parts = self.all(arguments, depth)?;
        match (op, parts.len()) {
            ("and", 2..) => return Ok(Expression::And(parts)),
            ("or", 2..) => return Ok(Expression::Or(parts)),
            ("and" | "or", _) => return Err(expected("at least two args of and, or")),
            ("between", 3) => {
                let [value, low, high] = <[Expression; 3]>::try_from(parts).map_err(|_| expected("three args of between"))?;
                return Ok(Expression::Between(Box::new(value), Box::new(low), Box::new(high)));
            }
            ("between", _) => return Err(expected("three args of between")),
            ("not" | "isNull" | "casei" | "accenti", 1) => {
                let inner = Box::new(parts.remove(0));
                return Ok(match op {
                    "not" => Expression::Not(inner),
                    "isNull" => Expression::IsNull(inner),
                    "casei" => Expression::CaseInsensitive(inner),
                    _ => Expression::AccentInsensitive(inner),
                });
            }
            ("not" | "isNull" | "casei" | "accenti", _) => return Err(expected("one arg")),
            _ => {}
        }
        let comparison = Comparison::from_word(op);
        let arithmetic = ArithmeticOperator::from_word(op);
        let spatial = SpatialPredicate::from_word(op);
        let temporal = TemporalPredicate::from_word(op);
        let array = ArrayPredicate::from_word(op);
        let of_two = comparison.is_some() || arithmetic.is_some() || spatial.is_some() || temporal.is_some() || array.is_some();
        if !of_two && !matches!(op, "like" | "in") {
            return Ok(Expression::Function(op.to_owned(), parts, 0));
        }
        let [left, right] = <[Expression; 2]>::try_from(parts).map_err(|_| expected("two args"))?;
        let (left, right) = (Box::new(left), Box::new(right));
        if op == "in" {
            let Expression::List(values) = *right else { return Err(expected("an array as the second arg of in")) };
            return Ok(Expression::In(left, values));
        }
        Ok(match (comparison, arithmetic, spatial, temporal, array) {
            (Some(comparison), ..) => Expression::Compare(comparison, left, right),
            (_, Some(operator), ..) => Expression::Arithmetic(operator, left, right),
            (_, _, Some(predicate), ..) => Expression::Spatial(predicate, left, right),
            (_, _, _, Some(predicate), _) => Expression::Temporal(predicate, left, right),
            (.., Some(predicate)) => Expression::Array(predicate, left, right),
            (None, None, None, None, None) => Expression::Like(left, right),
        })
    }

    fn geometry(&mut self, kind: &str, coordinates: &Value) -> Result<Geometry, Cql2Error> {
        Ok(match kind {
            "Point" => Geometry::Point(self.position(coordinates)?),
            "MultiPoint" => Geometry::MultiPoint(self.positions(coordinates)?),
            "LineString" => Geometry::Line(self.positions(coordinates)?),
            "MultiLineString" => Geometry::MultiLine(self.rings(coordinates)?),
            "Polygon" => Geometry::Polygon(self.rings(coordinates)?),
            "MultiPolygon" => {
                let parts = coordinates.as_array().ok_or(expected("an array of polygons"))?;
                Geometry::MultiPolygon(parts.iter().map(|part| self.rings(part)).collect::<Result<_, _>>()?)
            }
            _ => return Err(expected("a GeoJSON geometry type")),
        })
    }

    fn rings(&mut self, value: &Value) -> Result<Vec<Vec<[f64; 2]>>, Cql2Error> {
        value.as_array().ok_or(expected("an array of arrays of positions"))?.iter().map(|ring| self.positions(ring)).collect()
    }

    fn positions(&mut self, value: &Value) -> Result<Vec<[f64; 2]>, Cql2Error> {
        value.as_array().ok_or(expected("an array of positions"))?.iter().map(|position| self.position(position)).collect()
    }

    fn position(&mut self, value: &Value) -> Result<[f64; 2], Cql2Error> {
        self.positions += 1;
        if self.positions > MAX_POSITIONS {
            return Err(Cql2Error::TooMuch("many positions"));
        }
        let numbers =
            value.as_array().filter(|numbers| (2..=3).contains(&numbers.len())).ok_or(expected("a position of two or three numbers"))?;
        let coordinate = |at: usize| numbers[at].as_f64().ok_or(expected("a number"));
        Ok([coordinate(0)?, coordinate(1)?])
    }
}
