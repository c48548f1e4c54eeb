//! Do the named predicates hold as ISO 19125 defines them?

use jiku_spatial::{AxisOrder, Crs, Figure, ParcelGeometry, RawGeometry, Relation};

const ALL: [Relation; 8] = [
    Relation::Intersects,
    Relation::Disjoint,
    Relation::Equals,
    Relation::Touches,
    Relation::Within,
    Relation::Contains,
    Relation::Overlaps,
    Relation::Crosses,
];

fn region(wkt: &str) -> Figure {
    Figure::region(&RawGeometry::from_wkt(wkt).unwrap(), Crs::Crs84, AxisOrder::EastFirst).unwrap()
}

#[track_caller]
fn check(figure: &Figure, expected: &[Relation]) {
    let raw = RawGeometry::from_wkt("POLYGON((113.1 23.1,113.2 23.1,113.2 23.2,113.1 23.2,113.1 23.1))").unwrap();
    let parcel = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
    let found: Vec<Relation> = ALL.into_iter().filter(|relation| parcel.relates(*relation, figure) == Some(true)).collect();
    assert_eq!(found, expected);
}

#[test]
fn regions_lie_to_a_parcel_as_drawn() {
    use Relation::{Contains, Disjoint, Equals, Intersects, Overlaps, Touches, Within};
    check(&region("POLYGON((113.2 23.2,113.1 23.2,113.1 23.1,113.2 23.1,113.2 23.2))"), &[Intersects, Equals, Within, Contains]);
    check(&region("POLYGON((113 23,114 23,114 24,113 24,113 23))"), &[Intersects, Within]);
    check(&region("POLYGON((113.12 23.12,113.13 23.12,113.13 23.13,113.12 23.12))"), &[Intersects, Contains]);
    check(&region("POLYGON((113.15 23.15,113.3 23.15,113.3 23.3,113.15 23.15))"), &[Intersects, Overlaps]);
    check(&region("POLYGON((113.2 23.1,113.3 23.1,113.3 23.2,113.2 23.2,113.2 23.1))"), &[Intersects, Touches]);
    check(&region("POLYGON((113.2 23.133333333,113.3 23.1,113.3 23.2,113.2 23.133333333))"), &[Intersects, Touches]);
    check(&region("POLYGON((113.200000001 23.1,113.3 23.1,113.3 23.2,113.200000001 23.2,113.200000001 23.1))"), &[Disjoint]);
}

/// A star of so many rays around the middle of the squares below.
fn star(rays: u32) -> Figure {
    let corner = |at: u32| {
        let (turn, far) = (f64::from(at) / f64::from(2 * rays) * std::f64::consts::TAU, if at.is_multiple_of(2) { 0.05 } else { 0.031 });
        format!("{} {}", 113.05 + far * turn.cos(), 23.05 + far * turn.sin())
    };
    let ring: Vec<String> = (0..2 * rays).chain([0]).map(corner).collect();
    region(&format!("POLYGON(({}))", ring.join(",")))
}

#[test]
fn what_the_box_tells_is_what_the_library_tells() {
    let figure = star(7);
    let mut told = [0, 0];
    for (column, row) in (0..20).flat_map(|column| (0..20).map(move |row| (column, row))) {
        let at = |east: i32, north: i32| format!("{} {}", 113.0 + f64::from(east) * 0.005, 23.0 + f64::from(north) * 0.005);
        let ring = [at(column, row), at(column + 1, row), at(column + 1, row + 1), at(column, row + 1), at(column, row)].join(",");
        let raw = RawGeometry::from_wkt(&format!("POLYGON(({ring}))")).unwrap();
        let parcel = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
        let mut asked: Vec<(Relation, Option<bool>)> = Vec::new();
        for relation in ALL {
            let known = figure.told_by_box(relation, &parcel.bbox());
            told[usize::from(known.is_none())] += 1;
            assert!(known.is_none() || known == parcel.relates(relation, &figure), "{relation:?} at {column} {row}");
            asked.push((relation, parcel.relates(relation, &figure)));
        }
        let holds = |relation| asked.contains(&(relation, Some(true)));
        // The relations hang together whichever way each was told.
        assert_eq!(holds(Relation::Intersects), !holds(Relation::Disjoint));
        assert_eq!(
            holds(Relation::Intersects),
            holds(Relation::Within) || holds(Relation::Overlaps) || holds(Relation::Touches) || holds(Relation::Contains)
        );
    }
    assert!(told[0] > told[1], "most parcels lie away from the border: {told:?}");
    assert!(figure.cost(Relation::Touches) > figure.cost(Relation::Within) / 2 && star(400).cost(Relation::Touches) > 800);
    assert_eq!(
        star(400).cost(Relation::Within),
        figure.cost(Relation::Within),
        "a region's own tree does not grow dearer with its corners"
    );
}

#[test]
fn points_and_lines_lie_to_a_parcel_as_drawn() {
    use Relation::{Contains, Crosses, Disjoint, Intersects, Touches};
    check(&Figure::points(&[[113.15, 23.15]]).unwrap(), &[Intersects, Contains]);
    check(&Figure::points(&[[113.2, 23.15]]).unwrap(), &[Intersects, Touches]);
    check(&Figure::points(&[[113.3, 23.15]]).unwrap(), &[Disjoint]);
    check(&Figure::lines(&[vec![[113.0, 23.15], [113.3, 23.15]]]).unwrap(), &[Intersects, Crosses]);
    check(&Figure::lines(&[vec![[113.12, 23.15], [113.18, 23.15]]]).unwrap(), &[Intersects, Contains]);
    check(&Figure::lines(&[vec![[113.1, 23.0], [113.1, 23.3]]]).unwrap(), &[Intersects, Touches]);
}

#[test]
fn figures_that_cannot_be_asked_with_are_refused() {
    assert!(Figure::points(&[]).is_err());
    assert!(Figure::points(&[[f64::NAN, 0.0]]).is_err());
    assert!(Figure::lines(&[vec![[0.0, 0.0]]]).is_err());
    assert!(Figure::lines(&vec![vec![[0.0, 0.0], [1.0, 1.0]]; 3_000]).is_err());
    assert!(Figure::region(&RawGeometry::from_wkt("POLYGON((0 0,2 2,2 0,0 2,0 0))").unwrap(), Crs::Crs84, AxisOrder::EastFirst).is_err());
}

#[test]
fn a_parcel_knows_how_far_a_place_is() {
    let raw = RawGeometry::from_wkt("POLYGON((113.1 23.1,113.2 23.1,113.2 23.2,113.1 23.2,113.1 23.1))").unwrap();
    let parcel = ParcelGeometry::try_new(&raw, Crs::Crs84, AxisOrder::EastFirst).unwrap().geometry;
    assert_eq!(parcel.distance_m(113.15, 23.15), Some(0.0));
    assert_eq!(parcel.distance_m(1e9, 0.0), None);
    let away = parcel.distance_m(113.201, 23.15).unwrap();
    assert!((away - 102.3).abs() < 0.5, "{away}");
}
