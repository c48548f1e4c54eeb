//! How is a filter written in the JSON encoding?

use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use super::ast::{Expression, Geometry, Literal};
use crate::{Moment, TimeSpan};

/// The filter in the JSON encoding; [`super::parse_json`] reads it back as the same tree, but for the places of names.
#[must_use]
pub fn to_json(expression: &Expression) -> Value {
    let op = |op: &str, arguments: Vec<Value>| json!({"op": op, "args": arguments});
    let all = |parts: &[Expression]| parts.iter().map(to_json).collect::<Vec<_>>();
    match expression {
        Expression::Literal(literal) => literal_json(literal),
        Expression::Property(name, _) => json!({"property": name}),
        Expression::Function(name, arguments, _) => op(name, all(arguments)),
        Expression::And(parts) => op("and", all(parts)),
        Expression::Or(parts) => op("or", all(parts)),
        Expression::Not(inner) => op("not", vec![to_json(inner)]),
        Expression::Compare(comparison, left, right) => op(comparison.as_str(), vec![to_json(left), to_json(right)]),
        Expression::Like(text, pattern) => op("like", vec![to_json(text), to_json(pattern)]),
        Expression::Between(value, low, high) => op("between", vec![to_json(value), to_json(low), to_json(high)]),
        Expression::In(value, list) => op("in", vec![to_json(value), Value::Array(all(list))]),
        Expression::IsNull(inner) => op("isNull", vec![to_json(inner)]),
        Expression::Arithmetic(operator, left, right) => op(operator.as_str(), vec![to_json(left), to_json(right)]),
        Expression::CaseInsensitive(inner) => op("casei", vec![to_json(inner)]),
        Expression::AccentInsensitive(inner) => op("accenti", vec![to_json(inner)]),
        Expression::Spatial(predicate, left, right) => op(predicate.as_str(), vec![to_json(left), to_json(right)]),
        Expression::Temporal(predicate, left, right) => op(predicate.as_str(), vec![to_json(left), to_json(right)]),
        Expression::Interval(start, end) => json!({"interval": [interval_end(start), interval_end(end)]}),
        Expression::Array(predicate, left, right) => op(predicate.as_str(), vec![to_json(left), to_json(right)]),
        Expression::List(values) => Value::Array(all(values)),
    }
}

fn interval_end(expression: &Expression) -> Value {
    match expression {
        Expression::Literal(Literal::Span(span)) if *span == TimeSpan::OPEN => json!(".."),
        Expression::Literal(Literal::Moment(Moment::Date(date))) => json!(date.to_string()),
        Expression::Literal(Literal::Moment(Moment::Instant(micros))) => json!(timestamp(*micros)),
        other => to_json(other),
    }
}

fn literal_json(literal: &Literal) -> Value {
    match literal {
        Literal::Boolean(value) => json!(value),
        Literal::Number(number) => json!(number),
        Literal::Text(text) => json!(text),
        Literal::Moment(Moment::Date(date)) => json!({"date": date.to_string()}),
        Literal::Moment(Moment::Instant(micros)) => json!({"timestamp": timestamp(*micros)}),
        Literal::Span(TimeSpan { start, end }) => {
            let end_of = |micros: i64, open: i64| if micros == open { "..".to_owned() } else { timestamp(micros) };
            json!({"interval": [end_of(*start, i64::MIN), end_of(*end, i64::MAX)]})
        }
        Literal::Geometry(geometry) => geometry_json(geometry),
    }
}

fn timestamp(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros).unwrap_or_default().to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn geometry_json(geometry: &Geometry) -> Value {
    match geometry {
        Geometry::Point(position) => json!({"type": "Point", "coordinates": position}),
        Geometry::MultiPoint(positions) => json!({"type": "MultiPoint", "coordinates": positions}),
        Geometry::Line(positions) => json!({"type": "LineString", "coordinates": positions}),
        Geometry::MultiLine(lines) => json!({"type": "MultiLineString", "coordinates": lines}),
        Geometry::Polygon(rings) => json!({"type": "Polygon", "coordinates": rings}),
        Geometry::MultiPolygon(parts) => json!({"type": "MultiPolygon", "coordinates": parts}),
        Geometry::Collection(geometries) => {
            json!({"type": "GeometryCollection", "geometries": geometries.iter().map(geometry_json).collect::<Vec<_>>()})
        }
        Geometry::Box(corners) => json!({"bbox": corners}),
    }
}
