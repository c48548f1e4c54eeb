//! Can somebody choose parcels on the map, measure, and split one?

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
        browser.see("plan.geojson: 1 features lie over the map");
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
