//! What does a filter in the text encoding say (OGC 21-065r2, annex B)?

use super::ast::{ArithmeticOperator, ArrayPredicate, Comparison, Expression, Geometry, Literal, SpatialPredicate, TemporalPredicate};
use super::error::Cql2Error;
use super::lexer::{Token, TokenKind, tokens};
use super::{MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_POSITIONS};
use crate::{Moment, TimeSpan};

/// Reads a filter in the text encoding.
///
/// ```
/// let filter = jiku_ogc::cql2::parse_text("land_use = '0701' AND NOT area < 100").unwrap();
/// ```
///
/// # Errors
/// What was expected at which character; too long, too deep or too many nodes.
pub fn parse_text(text: &str) -> Result<Expression, Cql2Error> {
    if text.len() > MAX_BYTES {
        return Err(Cql2Error::TooMuch("long"));
    }
    let mut parser = Parser { tokens: tokens(text)?, next: 0, depth: 0, nodes: 0, positions: 0 };
    let expression = parser.or()?;
    if parser.peek().kind == TokenKind::End { Ok(expression) } else { Err(parser.expected("AND, OR or the end")) }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    next: usize,
    depth: usize,
    nodes: usize,
    positions: usize,
}

type Parsed = Result<Expression, Cql2Error>;

impl<'a> Parser<'a> {
    fn peek(&self) -> &Token<'a> {
        &self.tokens[self.next]
    }

    fn advance(&mut self) -> Token<'a> {
        let token = self.tokens[self.next].clone();
        self.next = (self.next + 1).min(self.tokens.len() - 1);
        token
    }

    fn expected(&self, what: &'static str) -> Cql2Error {
        Cql2Error::syntax(what, self.peek().at)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek().kind, TokenKind::Word(own) if own.eq_ignore_ascii_case(word));
        if found {
            self.advance();
        }
        found
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek().kind, TokenKind::Symbol(own) if own == symbol);
        if found {
            self.advance();
        }
        found
    }

    fn need(&mut self, symbol: &'static str) -> Result<(), Cql2Error> {
        if self.take(symbol) { Ok(()) } else { Err(self.expected(symbol)) }
    }

    /// Counts a node more.
    fn count(&mut self) -> Result<(), Cql2Error> {
        self.nodes += 1;
        if self.nodes > MAX_NODES { Err(Cql2Error::TooMuch("many conditions")) } else { Ok(()) }
    }

    /// Runs a rule one level deeper.
    fn deeper(&mut self, rule: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Cql2Error::TooMuch("deep"));
        }
        self.count()?;
        let parsed = rule(self);
        self.depth -= 1;
        parsed
    }

    fn or(&mut self) -> Parsed {
        self.deeper(|parser| {
            let mut parts = vec![parser.and()?];
            while parser.take_word("OR") {
                parts.push(parser.and()?);
            }
            Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Or(parts) })
        })
    }

    fn and(&mut self) -> Parsed {
        let mut parts = vec![self.not()?];
        while self.take_word("AND") {
            parts.push(self.not()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::And(parts) })
    }

    fn not(&mut self) -> Parsed {
        if self.take_word("NOT") { self.deeper(Self::not).map(|inner| Expression::Not(Box::new(inner))) } else { self.predicate() }
    }

    /// A value, or a value with what is asked of it.
    fn predicate(&mut self) -> Parsed {
        let left = self.sum()?;
        if let TokenKind::Symbol(symbol) = self.peek().kind
            && let Some(comparison) = Comparison::from_word(symbol)
        {
            self.advance();
            return Ok(Expression::Compare(comparison, Box::new(left), Box::new(self.sum()?)));
        }
        if self.take_word("IS") {
            let negated = self.take_word("NOT");
            if !self.take_word("NULL") {
                return Err(self.expected("NULL"));
            }
            return Ok(negate(negated, Expression::IsNull(Box::new(left))));
        }
        let before = self.next;
        let negated = self.take_word("NOT");
        let asked = if self.take_word("LIKE") {
            Expression::Like(Box::new(left), Box::new(self.sum()?))
        } else if self.take_word("BETWEEN") {
            let low = self.sum()?;
            if !self.take_word("AND") {
                return Err(self.expected("AND"));
            }
            Expression::Between(Box::new(left), Box::new(low), Box::new(self.sum()?))
        } else if self.take_word("IN") {
            self.need("(")?;
            let mut values = vec![self.sum()?];
            while self.take(",") {
                values.push(self.sum()?);
            }
            self.need(")")?;
            Expression::In(Box::new(left), values)
        } else {
            self.next = before;
            return Ok(left);
        };
        Ok(negate(negated, asked))
    }

    fn sum(&mut self) -> Parsed {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek().kind {
                TokenKind::Symbol("+") => ArithmeticOperator::Add,
                TokenKind::Symbol("-") => ArithmeticOperator::Subtract,
                _ => return Ok(left),
            };
            self.advance();
            let right = self.product()?;
            left = self.arithmetic(operator, left, right)?;
        }
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.power()?;
        loop {
            let operator = match self.peek().kind {
                TokenKind::Symbol("*") => ArithmeticOperator::Multiply,
                TokenKind::Symbol("/") => ArithmeticOperator::Divide,
                TokenKind::Symbol("%") => ArithmeticOperator::Modulo,
                TokenKind::Word(word) if word.eq_ignore_ascii_case("DIV") => ArithmeticOperator::IntegerDivide,
                _ => return Ok(left),
            };
            self.advance();
            let right = self.power()?;
            left = self.arithmetic(operator, left, right)?;
        }
    }

    fn power(&mut self) -> Parsed {
        let base = self.primary()?;
        if !self.take("^") {
            return Ok(base);
        }
        let exponent = self.deeper(Self::power)?;
        self.arithmetic(ArithmeticOperator::Power, base, exponent)
    }

    fn arithmetic(&mut self, operator: ArithmeticOperator, left: Expression, right: Expression) -> Parsed {
        self.count()?;
        Ok(Expression::Arithmetic(operator, Box::new(left), Box::new(right)))
    }

    fn primary(&mut self) -> Parsed {
        self.count()?;
        let token = self.advance();
        match token.kind {
            TokenKind::Number(number) => Ok(Expression::Literal(Literal::Number(number))),
            TokenKind::Text(text) => Ok(Expression::Literal(Literal::Text(text))),
            TokenKind::Quoted(name) => Ok(Expression::Property(name, token.at)),
            TokenKind::Symbol("(") => self.parenthesis(),
            TokenKind::Symbol("+") => self.deeper(Self::primary),
            TokenKind::Symbol("-") => match self.deeper(Self::primary)? {
                Expression::Literal(Literal::Number(number)) => Ok(Expression::Literal(Literal::Number(-number))),
                inner => self.arithmetic(ArithmeticOperator::Subtract, Expression::Literal(Literal::Number(0.0)), inner),
            },
            TokenKind::Word(word) => self.word(word, token.at),
            TokenKind::Symbol(_) | TokenKind::End => Err(Cql2Error::syntax("a property, a value or (", token.at)),
        }
    }

    /// What stands in parentheses: an expression, or a list of values.
    fn parenthesis(&mut self) -> Parsed {
        if self.take(")") {
            return Ok(Expression::List(Vec::new()));
        }
        let first = self.or()?;
        let mut values = vec![first];
        while self.take(",") {
            values.push(self.or()?);
        }
        self.need(")")?;
        Ok(if values.len() == 1 { values.remove(0) } else { Expression::List(values) })
    }

    fn word(&mut self, word: &str, at: usize) -> Parsed {
        match word.to_ascii_uppercase().as_str() {
            "TRUE" => return Ok(Expression::Literal(Literal::Boolean(true))),
            "FALSE" => return Ok(Expression::Literal(Literal::Boolean(false))),
            "AND" | "OR" | "NOT" | "LIKE" | "BETWEEN" | "IN" | "IS" | "NULL" | "DIV" => {
                return Err(Cql2Error::syntax("a property, a value or (", at));
            }
            geometry @ ("POINT" | "MULTIPOINT" | "LINESTRING" | "MULTILINESTRING" | "POLYGON" | "MULTIPOLYGON" | "GEOMETRYCOLLECTION")
                if matches!(self.peek().kind, TokenKind::Symbol("(")) || self.is_word("Z") =>
            {
                return self.geometry(geometry).map(|geometry| Expression::Literal(Literal::Geometry(geometry)));
            }
            _ => {}
        }
        if !self.take("(") {
            return Ok(Expression::Property(word.to_owned(), at));
        }
        let arguments = self.arguments()?;
        self.call(word, arguments, at)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek().kind, TokenKind::Word(own) if own.eq_ignore_ascii_case(word))
    }

    fn arguments(&mut self) -> Result<Vec<Expression>, Cql2Error> {
        if self.take(")") {
            return Ok(Vec::new());
        }
        let mut arguments = vec![self.or()?];
        while self.take(",") {
            arguments.push(self.or()?);
        }
        self.need(")")?;
        Ok(arguments)
    }

    /// A name with arguments: a predicate, a wrapper of texts, a value of time, a box or a function of the service.
    fn call(&mut self, name: &str, arguments: Vec<Expression>, at: usize) -> Parsed {
        let count = arguments.len();
        let wrong = |expected| Err(Cql2Error::syntax(expected, at));
        let texts: Vec<&str> = arguments
            .iter()
            .filter_map(|argument| if let Expression::Literal(Literal::Text(text)) = argument { Some(text.as_str()) } else { None })
            .collect();
        let literal = |literal: Option<Literal>, expected| literal.map(Expression::Literal).ok_or(Cql2Error::syntax(expected, at));
        match (name.to_ascii_uppercase().as_str(), texts.as_slice(), count) {
            ("DATE", [text], 1) => {
                return literal(
                    Moment::read(text).filter(|moment| matches!(moment, Moment::Date(_))).map(Literal::Moment),
                    "a date, YYYY-MM-DD",
                );
            }
            ("TIMESTAMP", [text], 1) => {
                return literal(
                    Moment::read(text).filter(|moment| matches!(moment, Moment::Instant(_))).map(Literal::Moment),
                    "a date and time of RFC 3339",
                );
            }
            ("INTERVAL", [start, end], 2) => {
                return literal(TimeSpan::between(start, end).map(Literal::Span), "a start and an end, '..' when open");
            }
            ("INTERVAL", _, 2) => {
                let ends: Option<Vec<Expression>> = arguments.into_iter().map(interval_end).collect();
                let ends = ends.and_then(|ends| <[Expression; 2]>::try_from(ends).ok());
                let [start, end] =
                    ends.ok_or(Cql2Error::syntax("a start and an end: properties, times in quotes, or '..' when open", at))?;
                return Ok(Expression::Interval(Box::new(start), Box::new(end)));
            }
            ("DATE" | "TIMESTAMP" | "INTERVAL", ..) => return wrong("a time in quotes"),
            ("BBOX", [], 4 | 6) => {
                let numbers: Vec<f64> = arguments.iter().filter_map(number).collect();
                let corners = match numbers.as_slice() {
                    [west, south, east, north] | [west, south, _, east, north, _] => {
                        Some(Literal::Geometry(Geometry::Box([*west, *south, *east, *north])))
                    }
                    _ => None,
                };
                return literal(corners, "four or six numbers");
            }
            ("BBOX", ..) => return wrong("four or six numbers"),
            ("CASEI" | "ACCENTI", _, 1) => {
                let inner = arguments.into_iter().next().map(Box::new).ok_or(Cql2Error::syntax("one argument", at))?;
                return Ok(if name.eq_ignore_ascii_case("CASEI") {
                    Expression::CaseInsensitive(inner)
                } else {
                    Expression::AccentInsensitive(inner)
                });
            }
            ("CASEI" | "ACCENTI", ..) => return wrong("one argument"),
            _ => {}
        }
        let predicate = (SpatialPredicate::from_word(name), TemporalPredicate::from_word(name), ArrayPredicate::from_word(name));
        if predicate == (None, None, None) {
            return Ok(Expression::Function(name.to_owned(), arguments, at));
        }
        let [left, right] = <[Expression; 2]>::try_from(arguments).map_err(|_| Cql2Error::syntax("two arguments", at))?;
        let (left, right) = (Box::new(left), Box::new(right));
        match predicate {
            (Some(predicate), ..) => Ok(Expression::Spatial(predicate, left, right)),
            (_, Some(predicate), _) => Ok(Expression::Temporal(predicate, left, right)),
            (.., Some(predicate)) => Ok(Expression::Array(predicate, left, right)),
            (None, None, None) => wrong("a predicate"),
        }
    }

    fn geometry(&mut self, kind: &str) -> Result<Geometry, Cql2Error> {
        self.take_word("Z");
        Ok(match kind {
            "POINT" => {
                self.need("(")?;
                let position = self.position()?;
                self.need(")")?;
                Geometry::Point(position)
            }
            "LINESTRING" => Geometry::Line(self.list(Self::position)?),
            "MULTIPOINT" => Geometry::MultiPoint(self.list(|parser| {
                let wrapped = parser.take("(");
                let position = parser.position()?;
                if wrapped {
                    parser.need(")")?;
                }
                Ok(position)
            })?),
            "MULTILINESTRING" => Geometry::MultiLine(self.list(|parser| parser.list(Self::position))?),
            "POLYGON" => Geometry::Polygon(self.list(|parser| parser.list(Self::position))?),
            "MULTIPOLYGON" => Geometry::MultiPolygon(self.list(|parser| parser.list(|parser| parser.list(Self::position)))?),
            "GEOMETRYCOLLECTION" => Geometry::Collection(self.list(Self::member)?),
            _ => return Err(self.expected("a geometry")),
        })
    }

    /// A geometry of a collection, which is none itself.
    fn member(&mut self) -> Result<Geometry, Cql2Error> {
        let token = self.advance();
        match token.kind {
            TokenKind::Word(word) if !word.eq_ignore_ascii_case("GEOMETRYCOLLECTION") => self.geometry(&word.to_ascii_uppercase()),
            _ => Err(Cql2Error::syntax("a point, line or polygon of the collection", token.at)),
        }
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T, Cql2Error>) -> Result<Vec<T>, Cql2Error> {
        self.need("(")?;
        let mut items = vec![item(self)?];
        while self.take(",") {
            items.push(item(self)?);
        }
        self.need(")")?;
        Ok(items)
    }

    fn position(&mut self) -> Result<[f64; 2], Cql2Error> {
        self.positions += 1;
        if self.positions > MAX_POSITIONS {
            return Err(Cql2Error::TooMuch("many positions"));
        }
        let position = [self.coordinate()?, self.coordinate()?];
        if !matches!(self.peek().kind, TokenKind::Symbol("," | ")")) {
            self.coordinate()?;
        }
        Ok(position)
    }

    fn coordinate(&mut self) -> Result<f64, Cql2Error> {
        let negative = self.take("-");
        match self.peek().kind {
            TokenKind::Number(number) => {
                self.advance();
                Ok(if negative { -number } else { number })
            }
            _ => Err(self.expected("a number")),
        }
    }
}

fn negate(negated: bool, expression: Expression) -> Expression {
    if negated { Expression::Not(Box::new(expression)) } else { expression }
}

/// An end of an interval of which not both are written: a property, a time, or `..`.
fn interval_end(expression: Expression) -> Option<Expression> {
    match expression {
        Expression::Literal(Literal::Text(text)) => time_or_open(&text).map(Expression::Literal),
        Expression::Property(..) | Expression::Literal(Literal::Moment(_)) => Some(expression),
        _ => None,
    }
}

/// A time, or `..`.
pub(super) fn time_or_open(text: &str) -> Option<Literal> {
    if matches!(text, "" | "..") { Some(Literal::Span(TimeSpan::OPEN)) } else { Moment::read(text).map(Literal::Moment) }
}

const fn number(expression: &Expression) -> Option<f64> {
    if let Expression::Literal(Literal::Number(number)) = expression { Some(*number) } else { None }
}
