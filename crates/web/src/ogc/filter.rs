//! Which features meet a filter (OGC 19-079r2, CQL2)?
//!
//! Before any of them is looked at, every geometry of the filter is checked and made ready, and every `dwithin` and `nearest`
//! is answered by the index once. What must hold for the whole to hold tells where to look at all.

use std::cell::Cell;

use jiku_ogc::TimeSpan;
use jiku_ogc::cql2::{self, Expression, Feature, Geometry, Literal, Queryable, Queryables, SpatialPredicate, Value};
use jiku_registry::ParcelFeature;
use jiku_spatial::{AxisOrder, BoundingBox, Crs, Figure, RawGeometry, Relation, Snapshot, SpatialQuery};

use super::collections::Collection;
use super::{properties, systems};
use crate::problem::{self, Problem};

/// More work than this, counted in parcels looked at times parts of the filter, is refused.
const MOST_WORK: usize = 60_000_000;

/// So many positions of figures are looked at for one answer, where the box around a parcel does not tell how it lies: some
/// seconds of one processor.
const MOST_RELATED: usize = 4_000_000;

/// What may still be spent on the relations of shapes.
struct Budget(Cell<usize>);

impl Budget {
    /// Takes a cost off; once there is not enough nothing is left.
    fn spend(&self, cost: usize) -> bool {
        let left = self.0.get().checked_sub(cost);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }

    const fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// A filter that is ready to be asked of features.
pub(crate) struct Filter {
    budget: Budget,
    expression: Expression,
    figures: Vec<(Figure, BoundingBox)>,
    sets: Vec<Vec<u32>>,
    size: usize,
}

/// How a filter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// `cql2-text`.
    Text,
    /// `cql2-json`.
    Json,
}

/// Where the features that meet a filter can be.
#[derive(Debug, PartialEq)]
pub(crate) enum Reach {
    /// Among these slots, ascending.
    Slots(Vec<u32>),
    /// In this box.
    Box(BoundingBox),
    /// Anywhere.
    Anywhere,
}

impl Filter {
    /// Reads and checks a filter of features that lie in these places. `forbidden` says of a name that is no queryable whether it is one for others.
    pub(crate) fn new(
        text: &str,
        language: Language,
        crs: Crs,
        places: &Snapshot,
        queryables: &Queryables,
        forbidden: impl Fn(&str) -> Option<Problem>,
    ) -> Result<Self, Problem> {
        let parsed = match language {
            Language::Text => cql2::parse_text(text),
            Language::Json => {
                let value = jiku_ingest::parse(text.as_bytes(), &jiku_ingest::Limits::STANDARD).map_err(|error| {
                    // No filter that may be asked with is so deep.
                    refused(if error.code == "json-too-deep" { "cql2-too-complex" } else { "cql2-syntax" }, error.to_string())
                })?;
                cql2::parse_json(&value)
            }
        };
        let told = |error: cql2::Cql2Error| refused(error.code(), error.to_string());
        let expression = queryables.with_times(parsed.map_err(told)?);
        queryables.check(&expression).map_err(|error| match &error {
            cql2::Cql2Error::UnknownProperty { name, .. } => forbidden(name).unwrap_or_else(|| told(error)),
            _ => told(error),
        })?;
        let mut filter = Self {
            budget: Budget(Cell::new(MOST_RELATED)),
            expression: Expression::Literal(Literal::Boolean(true)),
            figures: Vec::new(),
            sets: Vec::new(),
            size: 0,
        };
        filter.expression = filter.ready(expression, crs, places)?;
        Ok(filter)
    }

    /// Refuses before the work what would cost too much.
    pub(crate) fn afford(&self, parcels: usize) -> Result<(), Problem> {
        if parcels.saturating_mul(self.size.max(1)) <= MOST_WORK {
            return Ok(());
        }
        Err(Problem::domain(400, "query-too-expensive", "the query would cost too much")
            .parameter("filter")
            .detail("the filter has too many parts for so many parcels: add a bbox, or fewer conditions"))
    }

    /// Refuses an answer that came to its end because it cost too much.
    pub(crate) fn was_affordable(&self) -> Result<(), Problem> {
        if !self.budget.is_spent() {
            return Ok(());
        }
        Err(Problem::domain(400, "query-too-expensive", "the query would cost too much")
            .parameter("filter")
            .detail("too many parcels lie on the border of a shape with so many corners: add a bbox, or ask with a simpler shape"))
    }

    /// Whether a feature meets it: `value` has its values that are no geometry.
    pub(crate) fn is_met(&self, places: &Snapshot, slot: u32, value: &dyn Fn(&str) -> Option<Value>) -> bool {
        cql2::matches(&self.expression, &Candidate { filter: self, places, slot, value })
    }

    /// Where to look.
    pub(crate) fn reach(&self) -> Reach {
        self.reach_of(&self.expression)
    }

    fn reach_of(&self, expression: &Expression) -> Reach {
        match expression {
            Expression::And(parts) => {
                let mut boxed = Reach::Anywhere;
                for part in parts {
                    match self.reach_of(part) {
                        Reach::Slots(slots) => return Reach::Slots(slots),
                        Reach::Box(bbox) => boxed = Reach::Box(bbox),
                        Reach::Anywhere => {}
                    }
                }
                boxed
            }
            Expression::Spatial(predicate, left, right) if *predicate != SpatialPredicate::Disjoint => {
                [left, right].into_iter().find_map(|side| self.figure(side)).map_or(Reach::Anywhere, |(_, bbox)| Reach::Box(*bbox))
            }
            Expression::Property(name, _) => self.set(name).map_or(Reach::Anywhere, |set| Reach::Slots(set.to_vec())),
            _ => Reach::Anywhere,
        }
    }

    fn figure(&self, expression: &Expression) -> Option<&(Figure, BoundingBox)> {
        let Expression::Property(name, _) = expression else { return None };
        self.figure_named(name)
    }

    fn figure_named(&self, name: &str) -> Option<&(Figure, BoundingBox)> {
        self.figures.get(name.strip_prefix('#')?.parse::<usize>().ok()?)
    }

    fn set(&self, name: &str) -> Option<&[u32]> {
        self.sets.get(name.strip_prefix('@')?.parse::<usize>().ok()?).map(Vec::as_slice)
    }

    /// The expression with its geometries and its questions to the index made ready and named by number.
    fn ready(&mut self, expression: Expression, crs: Crs, places: &Snapshot) -> Result<Expression, Problem> {
        self.size += 1;
        let mut one = |inner: Box<Expression>| self.ready(*inner, crs, places).map(Box::new);
        Ok(match expression {
            Expression::Literal(Literal::Geometry(geometry)) => {
                let ready = figure(&geometry, crs)?;
                self.figures.push(ready);
                Expression::Property(format!("#{}", self.figures.len() - 1), 0)
            }
            Expression::Function(name, arguments, _) => {
                let set = near(&name, &arguments, crs, places)?;
                self.sets.push(set);
                Expression::Property(format!("@{}", self.sets.len() - 1), 0)
            }
            Expression::And(parts) => Expression::And(self.all(parts, crs, places)?),
            Expression::Or(parts) => Expression::Or(self.all(parts, crs, places)?),
            Expression::List(parts) => Expression::List(self.all(parts, crs, places)?),
            Expression::In(value, list) => {
                let value = one(value)?;
                Expression::In(value, self.all(list, crs, places)?)
            }
            Expression::Not(inner) => Expression::Not(one(inner)?),
            Expression::IsNull(inner) => Expression::IsNull(one(inner)?),
            Expression::CaseInsensitive(inner) => Expression::CaseInsensitive(one(inner)?),
            Expression::AccentInsensitive(inner) => Expression::AccentInsensitive(one(inner)?),
            Expression::Compare(word, left, right) => Expression::Compare(word, one(left)?, one(right)?),
            Expression::Like(left, right) => Expression::Like(one(left)?, one(right)?),
            Expression::Between(value, low, high) => Expression::Between(one(value)?, one(low)?, one(high)?),
            Expression::Arithmetic(word, left, right) => Expression::Arithmetic(word, one(left)?, one(right)?),
            Expression::Spatial(word, left, right) => Expression::Spatial(word, one(left)?, one(right)?),
            Expression::Temporal(word, left, right) => Expression::Temporal(word, one(left)?, one(right)?),
            Expression::Array(word, left, right) => Expression::Array(word, one(left)?, one(right)?),
            Expression::Interval(start, end) => Expression::Interval(one(start)?, one(end)?),
            Expression::Literal(_) | Expression::Property(..) => expression,
        })
    }

    fn all(&mut self, parts: Vec<Expression>, crs: Crs, places: &Snapshot) -> Result<Vec<Expression>, Problem> {
        parts.into_iter().map(|part| self.ready(part, crs, places)).collect()
    }
}

fn refused(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem::domain(400, code, "the filter cannot be used").parameter("filter").detail(detail)
}

/// The slots for which `dwithin(geometry, POINT, metres)` or `nearest(geometry, POINT, count)` holds, ascending.
fn near(name: &str, arguments: &[Expression], crs: Crs, places: &Snapshot) -> Result<Vec<u32>, Problem> {
    let [
        Expression::Property(property, _),
        Expression::Literal(Literal::Geometry(Geometry::Point(place))),
        Expression::Literal(Literal::Number(number)),
    ] = arguments
    else {
        return Err(refused("cql2-invalid", format!("{name} takes the property geometry, a POINT and a number")));
    };
    if property != "geometry" {
        return Err(refused("cql2-invalid", format!("{name} takes the property geometry first")));
    }
    let [lon, lat] = lon_lat(*place, crs)?;
    let told = |problem: jiku_spatial::QueryProblem| refused(problem.code(), problem.to_string());
    let query = if name.eq_ignore_ascii_case("dwithin") {
        SpatialQuery::radius(lon, lat, *number).map_err(told)?
    } else {
        let most = SpatialQuery::MAX_NEAREST;
        let fits = number.fract() == 0.0 && *number >= 1.0 && u32::try_from(most).is_ok_and(|most| *number <= f64::from(most));
        if !fits {
            return Err(refused("nearest-invalid", format!("the number of nearest parcels is a whole one from 1 to {most}, got {number}")));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked before")]
        let count = *number as usize;
        SpatialQuery::nearest(lon, lat, count).map_err(told)?
    };
    places.find(&query, &|_| true).map_err(told)
}

fn lon_lat([first, second]: [f64; 2], crs: Crs) -> Result<[f64; 2], Problem> {
    let (east, north) = if crs.is_north_first(AxisOrder::Authority) { (second, first) } else { (first, second) };
    crs.to_lon_lat(east, north).map_err(|_| refused("coordinate-range", "a position of the filter does not lie where filter-crs is used"))
}

/// A geometry of the filter as the engine takes it, and the box around it.
fn figure(geometry: &Geometry, crs: Crs) -> Result<(Figure, BoundingBox), Problem> {
    let place = |position: &[f64; 2]| lon_lat(*position, crs);
    let line = |positions: &Vec<[f64; 2]>| positions.iter().map(place).collect::<Result<Vec<_>, _>>();
    let rings = |rings: &Vec<Vec<[f64; 2]>>| rings.iter().map(line).collect::<Result<Vec<_>, _>>();
    let told = |problem: jiku_spatial::QueryProblem| refused(problem.code(), problem.to_string());
    let region = |parts: Vec<Vec<Vec<[f64; 2]>>>| {
        let raw = RawGeometry { parts, ..RawGeometry::default() };
        Figure::region(&raw, Crs::Crs84, AxisOrder::EastFirst).map_err(told)
    };
    let (figure, positions): (Figure, Vec<[f64; 2]>) = match geometry {
        Geometry::Point(position) => {
            let position = place(position)?;
            (Figure::points(&[position]).map_err(told)?, vec![position])
        }
        Geometry::MultiPoint(positions) => {
            let positions = line(positions)?;
            (Figure::points(&positions).map_err(told)?, positions)
        }
        Geometry::Line(positions) => {
            let positions = line(positions)?;
            (Figure::lines(std::slice::from_ref(&positions)).map_err(told)?, positions)
        }
        Geometry::MultiLine(lines) => {
            let lines = rings(lines)?;
            (Figure::lines(&lines).map_err(told)?, lines.concat())
        }
        Geometry::Polygon(polygon) => {
            let polygon = rings(polygon)?;
            (region(vec![polygon.clone()])?, polygon.concat())
        }
        Geometry::MultiPolygon(polygons) => {
            let polygons = polygons.iter().map(rings).collect::<Result<Vec<_>, _>>()?;
            (region(polygons.clone())?, polygons.concat().concat())
        }
        Geometry::Collection(members) => {
            let members = members.iter().map(|member| figure(member, crs)).collect::<Result<Vec<_>, _>>()?;
            let (figures, boxes): (Vec<Figure>, Vec<BoundingBox>) = members.into_iter().unzip();
            let corners = boxes.iter().map(BoundingBox::degrees).flat_map(|[west, south, east, north]| [[west, south], [east, north]]);
            (Figure::collection(figures).map_err(told)?, corners.collect())
        }
        Geometry::Box(corners) => {
            let polygons = rectangles(*corners, crs)?;
            (region(polygons.clone())?, polygons.concat().concat())
        }
    };
    let bbox = around(&positions)?;
    Ok((figure, bbox))
}

/// The polygons of a box, as the parameter `bbox` reads it: two when it crosses the antimeridian.
fn rectangles([first_min, second_min, first_max, second_max]: [f64; 4], crs: Crs) -> Result<Vec<Vec<Vec<[f64; 2]>>>, Problem> {
    let bbox = jiku_ogc::Bbox::try_new([first_min, second_min], [first_max, second_max]);
    let bbox = bbox.map_err(|problem| refused(problem.code, problem.message))?;
    let boxes = systems::boxes(bbox, crs).map_err(|problem| problem.parameter("filter"))?;
    let around =
        |[west, south]: [f64; 2], [east, north]: [f64; 2]| [[west, south], [east, south], [east, north], [west, north], [west, south]];
    if crs.is_projected() {
        // Its corners say more than the box of degrees around them.
        let ring = around([bbox.first_min, bbox.second_min], [bbox.first_max, bbox.second_max]);
        return Ok(vec![vec![ring.into_iter().map(|position| lon_lat(position, crs)).collect::<Result<Vec<_>, _>>()?]]);
    }
    let ring = |[west, south, east, north]: [f64; 4]| around([west, south], [east, north]).to_vec();
    Ok(boxes.iter().map(|own| vec![ring(own.degrees())]).collect())
}

fn around(positions: &[[f64; 2]]) -> Result<BoundingBox, Problem> {
    let edge = |axis: usize, pick: fn(f64, f64) -> f64| positions.iter().map(|position| position[axis]).reduce(pick).unwrap_or_default();
    let bbox = BoundingBox::from_degrees(edge(0, f64::min), edge(1, f64::min), edge(0, f64::max), edge(1, f64::max));
    bbox.ok_or_else(|| refused("coordinate-range", "a position of the filter is not on the globe"))
}

/// A feature as the filter asks of it.
struct Candidate<'a> {
    filter: &'a Filter,
    places: &'a Snapshot,
    slot: u32,
    value: &'a dyn Fn(&str) -> Option<Value>,
}

impl Feature for Candidate<'_> {
    fn property(&self, name: &str) -> Option<Value> {
        match name.as_bytes().first() {
            Some(b'#') => Some(Value::OwnGeometry(name.to_owned())),
            Some(b'@') => Some(Value::Boolean(self.filter.set(name)?.binary_search(&self.slot).is_ok())),
            _ if name == "geometry" => self.places.bbox(self.slot).map(|_| Value::OwnGeometry(name.to_owned())),
            _ => (self.value)(name),
        }
    }

    fn spatial(&self, predicate: SpatialPredicate, left: &Value, right: &Value) -> Option<bool> {
        let (Value::OwnGeometry(left), Value::OwnGeometry(right)) = (left, right) else { return None };
        let (name, turned) = match (left.as_str(), right.as_str()) {
            ("geometry", "geometry") => {
                return Some(matches!(
                    predicate,
                    SpatialPredicate::Intersects | SpatialPredicate::Equals | SpatialPredicate::Within | SpatialPredicate::Contains
                ));
            }
            ("geometry", name) => (name, false),
            (name, "geometry") => (name, true),
            _ => return None,
        };
        let relation = match (predicate, turned) {
            (SpatialPredicate::Intersects, _) => Relation::Intersects,
            (SpatialPredicate::Disjoint, _) => Relation::Disjoint,
            (SpatialPredicate::Equals, _) => Relation::Equals,
            (SpatialPredicate::Touches, _) => Relation::Touches,
            (SpatialPredicate::Within, false) | (SpatialPredicate::Contains, true) => Relation::Within,
            (SpatialPredicate::Contains, false) | (SpatialPredicate::Within, true) => Relation::Contains,
            (SpatialPredicate::Overlaps, _) => Relation::Overlaps,
            (SpatialPredicate::Crosses, _) => Relation::Crosses,
        };
        let (figure, bbox) = self.filter.figure_named(name)?;
        // Apart by their boxes, or away from the border: no need to look at the shapes.
        let own = self.places.bbox(self.slot)?;
        if !own.intersects(bbox) {
            return Some(relation == Relation::Disjoint);
        }
        if let Some(told) = figure.told_by_box(relation, &own) {
            return Some(told);
        }
        if !self.filter.budget.spend(figure.cost(relation)) {
            return None;
        }
        self.places.geometry(self.slot)?.relates(relation, figure)
    }

    fn function(&self, _: &str, _: &[Option<Value>]) -> Option<Value> {
        // Every function became a property when the filter was made ready.
        None
    }
}

/// A filter on one property by a parameter of its own: `land_use=0701`.
pub(crate) fn equals(collection: Collection, parcel: &ParcelFeature, property: &str, wanted: &str) -> bool {
    let at = |micros: i64| TimeSpan::read(wanted).is_some_and(|span| span.intersects(TimeSpan { start: micros, end: micros }));
    match property {
        "id" => return collection.item_id(parcel) == wanted,
        "parcel" => return parcel.id.to_string() == wanted,
        "version" => return wanted.parse::<f64>().is_ok_and(|wanted| (wanted - f64::from(parcel.version)).abs() < f64::EPSILON),
        "recorded_at" => return at(parcel.recorded_at_micros()),
        "recorded_to" => return parcel.ended_at_micros().is_some_and(at),
        _ => {}
    }
    let Some(own) = parcel.value(property) else { return false };
    match properties::kind_of(property) {
        Queryable::Number => own.parse::<f64>().ok() == wanted.parse::<f64>().ok(),
        _ => own == wanted,
    }
}

/// Refuses a value that a property cannot have.
pub(crate) fn check_value(property: &str, value: &str) -> Result<(), Problem> {
    let (fits, needed) = match (properties::kind_of(property), property) {
        (Queryable::Number, _) => (value.parse::<f64>().is_ok_and(f64::is_finite), "a number is needed"),
        (Queryable::Time, "valid_from" | "valid_to") => {
            (!value.contains('/') && properties::span_of_date(value).is_some(), "a day is needed, or a month or a year")
        }
        (Queryable::Time, _) => (!value.contains('/') && TimeSpan::read(value).is_some(), "a day or an RFC 3339 date and time is needed"),
        _ => (true, ""),
    };
    if fits { Ok(()) } else { Err(Problem::new(problem::PARAMETER_INVALID).parameter(property).detail(needed)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_that_is_spent_stays_so() {
        let budget = Budget(Cell::new(10));
        assert!(budget.spend(9) && !budget.is_spent());
        assert!(!budget.spend(2) && budget.is_spent());
        assert!(!budget.spend(1), "nothing is left for a cheaper question");
    }
}
