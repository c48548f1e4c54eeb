//! Can somebody choose parcels on the map, measure, look back, and draw, split, merge and adjust them?

use jiku_tests::browser::{Browser, key};
use jiku_tests::office::office;
use serde_json::{Value, json};

/// The map, with everything drawn.
fn open(browser: &Browser) {
    browser.go("/map");
    let _ = browser.find("#map[data-ready]");
}

/// A parcel with neighbours, shown in the middle of the map: its code, and its box.
fn show_one(browser: &Browser, place: usize) -> (String, [f64; 4]) {
    let found = browser.script(
        "const map = document.querySelector('#map').map;
         return fetch('/api/v1/parcels/query', { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/geo+json' },
             body: JSON.stringify({ bbox: [70, 10, 140, 50], limit: 200 }) }).then((answer) => answer.json()).then(({ features }) => {
           const simple = features.filter(({ geometry, properties }) => properties.parcel_code && geometry.type === 'Polygon' && geometry.coordinates.length === 1);
           const { geometry, properties } = simple[arguments[0]];
           const [xs, ys] = [0, 1].map((axis) => geometry.coordinates[0].map((place) => place[axis]));
           const box = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
           map.fitBounds([box.slice(0, 2), box.slice(2)], { padding: 200, maxZoom: 19, duration: 0 });
           return map.once('idle').then(() => [properties.parcel_code, box]);
         })",
        &[json!(place)],
    );
    let numbers: Vec<f64> = found[1].as_array().expect("a box").iter().filter_map(Value::as_f64).collect();
    (found[0].as_str().expect("a code").to_owned(), numbers.try_into().expect("four numbers"))
}

/// Where a place of the map is in the window.
fn pixel(browser: &Browser, lon: f64, lat: f64) -> (i64, i64) {
    let at = browser.script(
        "const map = document.querySelector('#map').map;
         const [{ x, y }, box] = [map.project([arguments[0], arguments[1]]), map.getCanvas().getBoundingClientRect()];
         return [Math.round(x + box.left), Math.round(y + box.top)]",
        &[json!(lon), json!(lat)],
    );
    (at[0].as_i64().expect("a pixel"), at[1].as_i64().expect("a pixel"))
}

fn chosen(browser: &Browser) -> i64 {
    browser.script("return document.querySelector('#map').choice.features.length", &[]).as_i64().expect("a number")
}

#[test]
fn parcels_are_chosen_by_a_click_and_by_a_box_and_summed_by_land_use() {
    office().visit("steward", |browser| {
        open(browser);
        browser.shoot("all");
        let (code, [west, south, east, north]) = show_one(browser, 0);
        browser.drag(&[pixel(browser, west.midpoint(east), south.midpoint(north))]);
        browser.see(&code);
        browser.shoot("card");
        browser.click("[data-tool=box]");
        let (wide, high) = ((east - west) * 0.9, (north - south) * 0.9);
        browser.drag(&[pixel(browser, west - wide, south - high)]);
        browser.drag(&[pixel(browser, east + wide, north + high)]);
        browser.wait_until("parcels in the box", || chosen(browser) >= 1 && browser.text("#map-status").contains("chosen"));
        browser.replace("#map-text", &code[..6]);
        browser.click("#map-find button");
        browser.wait_until("every parcel of the county", || chosen(browser) >= 2);
        assert!(browser.text("#sums").contains("m²"));
        browser.shoot("sums");
        let csv = browser.script(
            "const made = [];
             const old = URL.createObjectURL;
             URL.createObjectURL = (blob) => { made.push(blob); return old.call(URL, blob); };
             document.querySelector('#take-csv').click();
             URL.createObjectURL = old;
             return made[0].text()",
            &[],
        );
        let lines = csv.as_str().expect("CSV").lines().count();
        assert_eq!(i64::try_from(lines).expect("few"), chosen(browser) + 1, "a line for each parcel");

        browser.click("[data-tool=measure-line]");
        browser.drag(&[pixel(browser, west, south)]);
        browser.drag(&[pixel(browser, east, south)]);
        browser.press(key::ENTER);
        browser.see("Length:");
        assert!(browser.all("[data-tool=split]").is_empty(), "a steward edits no parcels");
    });
}

#[test]
fn a_file_laid_over_the_map_stays_in_the_browser() {
    office().visit("steward", |browser| {
        open(browser);
        let (_, [west, south, east, north]) = show_one(browser, 1);
        let path = office().folder().join("plan.geojson");
        let ring = json!([[west, south], [east, south], [east, north], [west, south]]);
        std::fs::write(
            &path,
            json!({ "type": "Feature", "properties": {}, "geometry": { "type": "Polygon", "coordinates": [ring] } }).to_string(),
        )
        .expect("a file");
        browser.click("details:has(#map-file) summary");
        browser.fill("#map-file", path.to_str().expect("a UTF-8 path"));
        browser.see("plan.geojson: 1 feature lies over the map");
        browser.shoot("overlay");
    });
}

#[test]
fn a_parcel_is_split_checked_first_and_the_split_undone() {
    office().visit("surveyor", |browser| {
        open(browser);
        let (code, [west, south, east, north]) = show_one(browser, 2);
        let (middle, margin) = (west.midpoint(east), (north - south) * 0.15);
        browser.drag(&[pixel(browser, middle, south.midpoint(north))]);
        browser.see(&code);
        browser.click("[data-tool=split]");
        browser.see("Draw the line");
        browser.drag(&[pixel(browser, middle, south - margin)]);
        browser.drag(&[pixel(browser, middle, north + margin)]);
        browser.press(key::ENTER);
        browser.see("Parcels after saving");
        browser.shoot("checked");
        browser.click("#edit-save:enabled");
        browser.see("Saved: 2 parcels.");
        assert_eq!(chosen(browser), 2);
        browser.shoot("split");
        browser.click("#edit-undo");
        browser.see("Undone");
        browser.drag(&[pixel(browser, middle, south.midpoint(north))]);
        browser.see(&code);
    });
}

/// Two neighbours of one land use, shown in the middle of the map: a place in each, and the middle of an edge they share.
fn show_neighbours(browser: &Browser) -> [[f64; 2]; 3] {
    let found = browser.script(
        "const map = document.querySelector('#map').map;
         return fetch('/api/v1/parcels/query', { method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/geo+json' },
             body: JSON.stringify({ bbox: [70, 10, 140, 50], limit: 200 }) }).then((answer) => answer.json()).then(({ features }) => {
           const simple = features.filter(({ geometry, properties }) => properties.land_use?.startsWith('07') && geometry.type === 'Polygon' && geometry.coordinates.length === 1);
           const ring = ({ geometry }) => geometry.coordinates[0];
           const middle = (one) => [0, 1].map((axis) => { const all = ring(one).map((place) => place[axis]); return (Math.min(...all) + Math.max(...all)) / 2; });
           for (const one of simple) for (const other of simple) {
             if (one.id >= other.id || one.properties.land_use !== other.properties.land_use || one.properties.right_holder === other.properties.right_holder) continue;
             const corners = new Set(ring(other).map(String));
             const at = ring(one).findIndex((place, at) => at && corners.has(String(place)) && corners.has(String(ring(one)[at - 1])));
             if (at < 0) continue;
             const [a, b] = [ring(one)[at - 1], ring(one)[at]];
             const box = [...ring(one), ...ring(other)];
             const [xs, ys] = [0, 1].map((axis) => box.map((place) => place[axis]));
             map.fitBounds([[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]], { padding: 150, maxZoom: 20, duration: 0 });
             return map.once('idle').then(() => [middle(one), middle(other), [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]]);
           }
           return null;
         })",
        &[],
    );
    let place = |at: usize| [0, 1].map(|axis: usize| found[at][axis].as_f64().expect("a degree"));
    [place(0), place(1), place(2)]
}

/// Chooses both, the second one with Shift.
fn choose_both(browser: &Browser, [one, other]: [[f64; 2]; 2]) {
    browser.drag(&[pixel(browser, one[0], one[1])]);
    browser.wait_until("the first", || chosen(browser) == 1);
    let both = "return document.querySelector('#map').choice.toggle([arguments[0], arguments[1]])";
    let _ = browser.script(both, &[json!(other[0]), json!(other[1])]);
    browser.see("2 parcels chosen");
}

fn undo(browser: &Browser) {
    browser.click("#edit-undo");
    browser.see("Undone");
}

#[test]
fn neighbours_are_merged_and_a_shared_boundary_is_moved_for_both() {
    office().visit("surveyor", |browser| {
        open(browser);
        let [one, other, edge] = show_neighbours(browser);
        choose_both(browser, [one, other]);
        browser.click("[data-tool=unite]");
        browser.see("say who holds the new parcel");
        browser.fill("#map-edit input[name=right_holder]", "端木赐");
        browser.click("#edit-check");
        browser.see("Parcels after saving");
        browser.shoot("merged-beforehand");
        browser.click("#edit-save:enabled");
        browser.see("Saved: 1 parcel.");
        undo(browser);

        choose_both(browser, [one, other]);
        browser.click("[data-tool=adjust]");
        browser.see("Drag a corner");
        let (x, y) = pixel(browser, edge[0], edge[1]);
        browser.drag(&[(x, y), (x + 4, y + 4), (x + 9, y + 9)]);
        browser.click("#edit-check");
        browser.see("Parcels after saving");
        browser.shoot("adjusted-beforehand");
        browser.click("#edit-save:enabled");
        browser.see("Saved: 2 parcels.");
        undo(browser);
    });
}

#[test]
fn a_parcel_is_drawn_beside_the_others_checked_and_undone() {
    office().visit("surveyor", |browser| {
        open(browser);
        let (code, _) = show_one(browser, 0);
        let edge = browser.script(
            "const map = document.querySelector('#map').map;
             return fetch('/ogc/tiles/parcels.json').then((answer) => answer.json()).then(({ bounds: [, south, east, north] }) => {
               map.jumpTo({ center: [east + 0.0006, (south + north) / 2], zoom: 18 });
               return map.once('idle').then(() => [east, (south + north) / 2]);
             })",
            &[],
        );
        let (east, middle) = (edge[0].as_f64().expect("a longitude"), edge[1].as_f64().expect("a latitude"));
        browser.click("[data-tool=create]");
        browser.see("Draw the new parcel");
        for (lon, lat) in [(0.0003, -0.0002), (0.0007, -0.0002), (0.0007, 0.0002), (0.0003, 0.0002)] {
            browser.drag(&[pixel(browser, east + lon, middle + lat)]);
        }
        browser.press(key::ENTER);
        browser.fill("#edit-parcel_code", &code[..14]);
        browser.fill("#edit-location", "试验路1号");
        browser.click("#edit-check");
        browser.see("Topology: nothing found.");
        browser.shoot("drawn");
        browser.click("#edit-save:enabled");
        browser.see("Saved: 1 parcel.");
        undo(browser);
    });
}

#[test]
fn parcels_are_chosen_by_polygon_and_radius_measured_and_seen_as_of_yesterday() {
    office().visit("steward", |browser| {
        open(browser);
        let (_, [west, south, east, north]) = show_one(browser, 3);
        let (wide, high, centre) = (east - west, north - south, [west.midpoint(east), south.midpoint(north)]);
        let corners = [(west - wide * 0.3, south - high * 0.3), (east + wide * 0.3, south - high * 0.3), (centre[0], north + high * 0.4)];
        let draw = || {
            for (lon, lat) in corners {
                browser.drag(&[pixel(browser, lon, lat)]);
            }
            browser.press(key::ENTER);
        };
        browser.click("[data-tool=polygon]");
        draw();
        browser.wait_until("parcels in the polygon", || chosen(browser) >= 2);
        assert!(browser.text("#sums").contains("m²"));
        let in_polygon = chosen(browser);
        browser.click("[data-tool=radius]");
        browser.see("Drag from the centre");
        browser.drag(&[pixel(browser, centre[0], centre[1]), pixel(browser, centre[0] + wide * 0.1, centre[1])]);
        browser.wait_until("the one around the centre", || (1..in_polygon).contains(&chosen(browser)));
        browser.shoot("radius");
        browser.click("[data-tool=measure-area]");
        draw();
        browser.see("perimeter");

        let labels = browser.script(
            "const map = document.querySelector('#map').map;
             return map.queryRenderedFeatures({ layers: ['label'] }).map(({ properties }) => properties.parcel_code)",
            &[],
        );
        let mut codes: Vec<&str> = labels.as_array().expect("labels").iter().filter_map(Value::as_str).collect();
        let all = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert!(all > 0 && codes.len() == all, "each parcel wears one label: {all} labels of {} parcels", codes.len());

        let slide = "const slider = document.querySelector('#map-date');
             slider.value = Number(slider.max) - arguments[0];
             slider.dispatchEvent(new Event('change'))";
        let _ = browser.script(slide, &[json!(30)]);
        browser.see("0 parcels as recorded on");
        browser.shoot("a-month-ago");
        let _ = browser.script(slide, &[json!(0)]);
        browser.wait_until("the parcels of now", || browser.text("#map-date-told") == "now");
    });
}
