//! How is a parcel drawn among its neighbours?
//!
//! A picture to recognise it by, not a map: longitude and latitude on a plane that is true in the middle, north up, with a
//! bar for the scale.

use serde_json::Value;

use crate::wire::geojson;

/// A picture of shapes.
pub(crate) struct Picture {
    pub(crate) shapes: Vec<Shape>,
    /// The room the picture takes.
    pub(crate) width: f64,
    pub(crate) height: f64,
    /// The bar of the scale: its length in the picture, and what it stands for.
    pub(crate) bar: f64,
    pub(crate) scale: String,
}

/// A shape in the picture.
pub(crate) struct Shape {
    /// The outline, an SVG path.
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) address: String,
    /// `this`, `other` or `near`.
    pub(crate) class: &'static str,
}

/// A shape to be drawn.
pub(crate) struct Wanted<'a> {
    /// Hexadecimal well-known binary.
    pub(crate) geometry: &'a str,
    pub(crate) title: String,
    pub(crate) address: String,
    pub(crate) class: &'static str,
}

/// How far the picture reaches around a parcel, as a share of its longer side.
pub(crate) const MARGIN: f64 = 0.5;

type Rings = Vec<Vec<(f64, f64)>>;

/// The width of the picture, its greatest height, and the metres of a degree of latitude.
const WIDTH: f64 = 520.0;
const HIGHEST: f64 = 380.0;
const METRES: f64 = 111_320.0;

/// West, south, east and north of a geometry in degrees.
pub(crate) fn extent(geometry: &str) -> Option<[f64; 4]> {
    bounds(&rings(&geojson(geometry)?)?)
}

/// Draws the shapes; those that are `near` give way to the others and do not widen the picture.
pub(crate) fn draw(wanted: Vec<Wanted<'_>>) -> Option<Picture> {
    let shapes: Vec<(Rings, Wanted<'_>)> =
        wanted.into_iter().filter_map(|shape| Some((rings(&geojson(shape.geometry)?)?, shape))).collect();
    let main: Rings = shapes.iter().filter(|(_, shape)| shape.class != "near").flat_map(|(rings, _)| rings.clone()).collect();
    let [west, south, east, north] = bounds(&main)?;
    let squeeze = f64::midpoint(south, north).to_radians().cos();
    let (wide, high) = (((east - west) * squeeze).max(1e-6), (north - south).max(1e-6));
    let margin = wide.max(high) * MARGIN;
    let scale = (WIDTH / (wide + 2.0 * margin)).min(HIGHEST / (high + 2.0 * margin));
    let height = ((high + 2.0 * margin) * scale).max(160.0);
    let left = f64::midpoint(west, east) - WIDTH / scale / squeeze / 2.0;
    let top = f64::midpoint(south, north) + height / scale / 2.0;
    let place = |(lon, lat): &(f64, f64)| ((lon - left) * squeeze * scale, (top - lat) * scale);
    let path = |rings: &Rings| {
        let mut path = String::new();
        for ring in rings {
            for (at, point) in ring.iter().enumerate() {
                let (x, y) = place(point);
                path.push_str(&format!("{}{x:.1} {y:.1}", if at == 0 { "M" } else { "L" }));
            }
            path.push('Z');
        }
        path
    };
    let mut drawn: Vec<Shape> = shapes
        .iter()
        .map(|(rings, shape)| Shape { path: path(rings), title: shape.title.clone(), address: shape.address.clone(), class: shape.class })
        .collect();
    drawn.sort_by_key(|shape| shape.class != "near");
    let metres = WIDTH / scale * METRES / 5.0;
    let round = 10_f64.powf(metres.log10().floor());
    let bar = if metres / round >= 5.0 {
        5.0 * round
    } else if metres / round >= 2.0 {
        2.0 * round
    } else {
        round
    };
    let name = if bar >= 1000.0 { format!("{:.0} km", bar / 1000.0) } else { format!("{bar:.0} m") };
    Some(Picture { shapes: drawn, width: WIDTH, height, bar: bar / METRES * scale, scale: name })
}

fn rings(geometry: &Value) -> Option<Rings> {
    let ring = |ring: &Value| -> Option<Vec<(f64, f64)>> {
        ring.as_array()?.iter().map(|point| Some((point.get(0)?.as_f64()?, point.get(1)?.as_f64()?))).collect()
    };
    let polygon = |rings: &Value| -> Option<Rings> { rings.as_array()?.iter().map(ring).collect() };
    let coordinates = geometry.get("coordinates")?;
    match geometry.get("type")?.as_str()? {
        "Polygon" => polygon(coordinates),
        "MultiPolygon" => coordinates.as_array()?.iter().map(polygon).collect::<Option<Vec<Rings>>>().map(|all| all.concat()),
        _ => None,
    }
}

fn bounds(rings: &Rings) -> Option<[f64; 4]> {
    let mut points = rings.iter().flatten();
    let first = points.next()?;
    Some(points.fold([first.0, first.1, first.0, first.1], |[west, south, east, north], (lon, lat)| {
        [west.min(*lon), south.min(*lat), east.max(*lon), north.max(*lat)]
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square of a hundred-thousandth of a degree and more, as hexadecimal WKB.
    fn square(lon: f64, lat: f64, side: f64) -> String {
        let corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side), (0.0, 0.0)];
        let mut bytes = vec![1, 3, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0];
        for (x, y) in corners {
            bytes.extend((lon + x).to_le_bytes());
            bytes.extend((lat + y).to_le_bytes());
        }
        bytes.iter().map(|byte| format!("{byte:02X}")).collect()
    }

    #[test]
    fn a_parcel_fills_the_picture_and_its_neighbour_lies_under_it() {
        let (own, next) = (square(113.0, 23.0, 0.001), square(113.001, 23.0, 0.01));
        let wanted = |geometry, class| Wanted { geometry, title: String::new(), address: String::new(), class };
        let picture = draw(vec![wanted(&own, "this"), wanted(&next, "near")]).expect("a picture");
        assert_eq!(picture.shapes.iter().map(|shape| shape.class).collect::<Vec<_>>(), ["near", "this"]);
        assert!(picture.shapes[1].path.starts_with('M') && picture.shapes[1].path.ends_with('Z'));
        assert_eq!(picture.scale, "50 m");
        assert!((20.0..520.0).contains(&picture.bar), "{}", picture.bar);
        assert!(draw(vec![wanted("01", "this")]).is_none(), "what cannot be read is not drawn");
        assert_eq!(extent(&own).map(|extent| extent[0]), Some(113.0));
    }
}
