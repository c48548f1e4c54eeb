//! Of what is a filter made?

use crate::{Moment, TimeSpan};

/// A filter, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A value.
    Literal(Literal),
    /// A property of the feature, with the character where it was named.
    Property(String, usize),
    /// A function of the service, with the character where it was named.
    Function(String, Vec<Expression>, usize),
    /// All hold.
    And(Vec<Expression>),
    /// At least one holds.
    Or(Vec<Expression>),
    /// Does not hold.
    Not(Box<Expression>),
    /// Two values compared.
    Compare(Comparison, Box<Expression>, Box<Expression>),
    /// A text against a pattern with `%` and `_`.
    Like(Box<Expression>, Box<Expression>),
    /// A number from one to another, ends included.
    Between(Box<Expression>, Box<Expression>, Box<Expression>),
    /// One of a list.
    In(Box<Expression>, Vec<Expression>),
    /// Is absent.
    IsNull(Box<Expression>),
    /// Two numbers.
    Arithmetic(ArithmeticOperator, Box<Expression>, Box<Expression>),
    /// A text without regard to case.
    CaseInsensitive(Box<Expression>),
    /// A text without regard to accents.
    AccentInsensitive(Box<Expression>),
    /// Two geometries.
    Spatial(SpatialPredicate, Box<Expression>, Box<Expression>),
    /// Two times.
    Temporal(TemporalPredicate, Box<Expression>, Box<Expression>),
    /// A span of time from the beginning of one time to the end of another, of which at least one is not written in the filter. What is
    /// absent leaves it open.
    Interval(Box<Expression>, Box<Expression>),
    /// Two lists.
    Array(ArrayPredicate, Box<Expression>, Box<Expression>),
    /// A list of values.
    List(Vec<Expression>),
}

/// A value written in a filter.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// TRUE or FALSE.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A date or a date and time.
    Moment(Moment),
    /// A span of time.
    Span(TimeSpan),
    /// A geometry.
    Geometry(Geometry),
}

/// A geometry written in a filter, positions in the order of the filter's coordinate reference system.
#[derive(Clone, Debug, PartialEq)]
pub enum Geometry {
    /// POINT
    Point([f64; 2]),
    /// MULTIPOINT
    MultiPoint(Vec<[f64; 2]>),
    /// LINESTRING
    Line(Vec<[f64; 2]>),
    /// MULTILINESTRING
    MultiLine(Vec<Vec<[f64; 2]>>),
    /// POLYGON: rings, the shell first.
    Polygon(Vec<Vec<[f64; 2]>>),
    /// MULTIPOLYGON
    MultiPolygon(Vec<Vec<Vec<[f64; 2]>>>),
    /// GEOMETRYCOLLECTION
    Collection(Vec<Geometry>),
    /// BBOX: lower and upper corner.
    Box([f64; 4]),
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal: $about:literal),* $(,)? })*) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $(#[doc = $about] $variant),* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in a filter.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            /// The one that a word names, in any case.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|own| own.as_str().eq_ignore_ascii_case(word))
            }
        }
    )* };
}

words! {
    /// How two values are compared.
    Comparison {
        Equal = "=": "Equal.", NotEqual = "<>": "Not equal.", Less = "<": "Less.", Greater = ">": "Greater.", AtMost = "<=": "At most.",
        AtLeast = ">=": "At least.",
    }
    /// What is computed of two numbers.
    ArithmeticOperator {
        Add = "+": "Sum.", Subtract = "-": "Difference.", Multiply = "*": "Product.", Divide = "/": "Quotient.", Modulo = "%": "Remainder.",
        IntegerDivide = "div": "Quotient without its fraction.", Power = "^": "Power.",
    }
    /// How two geometries lie to each other (ISO 19125, clause 6.1.15.3).
    SpatialPredicate {
        Intersects = "s_intersects": "Have a point in common.", Disjoint = "s_disjoint": "Have no point in common.",
        Equals = "s_equals": "Are the same set of points.", Touches = "s_touches": "Meet at their boundaries only.",
        Within = "s_within": "The first lies in the second.", Contains = "s_contains": "The second lies in the first.",
        Overlaps = "s_overlaps": "Have a part of their own dimension in common, and each a part of its own.",
        Crosses = "s_crosses": "Have a part of a lower dimension in common.",
    }
    /// How two times lie to each other (OGC 21-065r2, clause 7.8).
    TemporalPredicate {
        After = "t_after": "Begins after the other ends.", Before = "t_before": "Ends before the other begins.",
        Contains = "t_contains": "Begins before and ends after the other.", Disjoint = "t_disjoint": "Has no moment in common.",
        During = "t_during": "Begins after and ends before the other.", Equals = "t_equals": "Is the same.",
        FinishedBy = "t_finishedBy": "Begins before the other and ends with it.", Finishes = "t_finishes": "Begins after the other and ends with it.",
        Intersects = "t_intersects": "Has a moment in common.", Meets = "t_meets": "Ends when the other begins.", MetBy = "t_metBy": "Begins when the other ends.",
        OverlappedBy = "t_overlappedBy": "Begins within the other and ends after it.", Overlaps = "t_overlaps": "Begins before the other and ends within it.",
        StartedBy = "t_startedBy": "Begins with the other and ends after it.", Starts = "t_starts": "Begins with the other and ends before it.",
    }
    /// How two lists lie to each other.
    ArrayPredicate {
        Equals = "a_equals": "Have the same values.", Contains = "a_contains": "The first has all values of the second.",
        ContainedBy = "a_containedBy": "The second has all values of the first.", Overlaps = "a_overlaps": "Have a value in common.",
    }
}
