//! What does the service's own record of a parcel say after an edit?
//!
//! An edit is a revision of a source record like any other, from a source system of the service itself. It holds what the
//! edit decides: values, and columns that are to be empty. What sources had said of these columns before is not heard
//! any more; what they say afterwards is weighed by the survivorship rules like anything else.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiku_model::{Attributes, RawRecord};
use serde_json::Value;

use crate::columns::COLUMNS;
use crate::rights::SHORT;

/// The source system of edits.
pub const SOURCE: &str = "parcel-edit";

/// The column of an edit's record that lists the columns it leaves empty, between spaces.
pub const LEFT_EMPTY: &str = "left_empty";

/// Columns that stand and fall together: who edits one of them decides all. The first is the leading one, and those after
/// the bar follow from it.
const TOGETHER: [(&[&str], &[&str]); 3] = [
    (&["geometry"], &["source_crs", "planar_area_m2", "ellipsoidal_area_m2"]),
    (&["land_use"], &["land_use_suffix", "land_use_scheme"]),
    (&["right_holder", "right_holder_id", "right_type", "right_share", "rights"], &[]),
];

/// Columns that only the service writes.
pub const COMPUTED: [&str; 6] = ["planar_area_m2", "ellipsoidal_area_m2", "source_crs", "land_use_scheme", "division", LEFT_EMPTY];

/// How long the beginning of a parcel code is.
pub const STEM: usize = 14;

/// By what a parcel is known.
const KNOWN_BY: [&str; 2] = ["parcel_code", "foreign_key"];

/// The columns an edit decides: its values and what it leaves empty.
pub fn decided(edit: &Attributes) -> impl Iterator<Item = &str> {
    let empty = edit.get(LEFT_EMPTY).unwrap_or_default().split_whitespace();
    edit.iter().map(|(column, _)| column).filter(|column| *column != LEFT_EMPTY).chain(empty)
}

/// The record of a parcel after some of its columns are changed. `golden` is what the parcel says now, `before` what its
/// edit's record said; a null in `changes` leaves the column empty.
#[must_use]
pub fn patched(golden: &Attributes, before: Option<&Attributes>, changes: &RawRecord) -> RawRecord {
    let mut edit = Edit::default();
    // What sources have taken over since is theirs.
    for (column, value) in before.into_iter().flat_map(Attributes::iter) {
        if golden.get(column) == Some(value) && !COMPUTED.contains(&column) {
            edit.set(column, value.into());
        }
    }
    let empty = before.and_then(|before| before.get(LEFT_EMPTY)).unwrap_or_default();
    edit.empty.extend(empty.split_whitespace().filter(|column| golden.get(column).is_none()).map(str::to_owned));
    edit.identify(golden);
    if edit.record.contains_key("geometry") {
        edit.keep(golden, "source_crs");
    }
    let changes = &besides_own_stem(golden, changes);
    for (leading, _) in TOGETHER {
        if leading.iter().any(|column| changes.contains_key(*column)) {
            for column in leading {
                edit.keep(golden, column);
            }
        }
    }
    if changes.contains_key("geometry") {
        edit.record.remove("source_crs");
    }
    // The list tells them all: the short columns follow from it, or go with it.
    if let Some(list) = changes.get("rights") {
        for column in SHORT {
            edit.record.remove(column);
            if list.is_null() && !changes.contains_key(column) {
                edit.leave_empty(column);
            }
        }
    }
    edit.put_all(changes);
    edit.finish()
}

/// Whether a change of some columns names one holder of a parcel whose rights are a list, which then says something else.
#[must_use]
pub fn contradicts_rights(golden: &Attributes, changes: &RawRecord) -> bool {
    golden.get("rights").is_some() && !changes.contains_key("rights") && SHORT.iter().any(|column| changes.contains_key(*column))
}

/// The record of a parcel after everything about it is said anew: what is not said is empty. A parcel keeps its code
/// unless another one is given.
#[must_use]
pub fn replaced(golden: &Attributes, values: &RawRecord) -> RawRecord {
    let mut edit = Edit::default();
    edit.identify(golden);
    edit.put_all(&besides_own_stem(golden, values));
    for column in COLUMNS.iter().map(|column| column.name).filter(|column| !COMPUTED.contains(column) && *column != "crs") {
        if !edit.record.contains_key(column) && !KNOWN_BY.contains(&column) {
            edit.leave_empty(column);
        }
    }
    edit.finish()
}

/// Without the beginning of a code that the parcel has already: a request that asked for the next serial can be sent again as it was, and
/// the parcel keeps the one it got.
fn besides_own_stem<'a>(golden: &Attributes, values: &'a RawRecord) -> Cow<'a, RawRecord> {
    let stem = values.get("parcel_code").and_then(Value::as_str).and_then(stem);
    let own = golden.get("parcel_code").is_some_and(|code| stem.is_some_and(|stem| code.starts_with(&stem)));
    if !own {
        return Cow::Borrowed(values);
    }
    let mut others = values.clone();
    others.remove("parcel_code");
    Cow::Owned(others)
}

/// The first 14 characters of a parcel code (sub-district and kind of right), when a text is no more: they ask for the next serial.
#[must_use]
pub fn stem(told: &str) -> Option<String> {
    let told = told.replace([' ', '-'], "").to_uppercase();
    (told.len() == STEM).then_some(told)
}

/// The record of a parcel that is new: what `from` says in these columns, unless `values` say something else.
#[must_use]
pub fn fresh(from: &Attributes, columns: &[&str], values: &RawRecord) -> RawRecord {
    let mut edit = Edit::default();
    for column in columns {
        edit.keep(from, column);
    }
    for (leading, _) in TOGETHER {
        if leading.iter().any(|column| values.contains_key(*column)) {
            for column in leading {
                edit.record.remove(*column);
            }
        }
    }
    edit.put_all(values);
    edit.empty.clear();
    edit.finish()
}

/// The columns that tell the right in a parcel.
pub const RIGHT: &[&str] = TOGETHER[2].0;

#[derive(Default)]
struct Edit {
    record: RawRecord,
    empty: BTreeSet<String>,
}

impl Edit {
    fn set(&mut self, column: &str, value: Value) {
        self.empty.remove(column);
        self.record.insert(column.to_owned(), value);
    }

    /// Holds on to a golden value.
    fn keep(&mut self, golden: &Attributes, column: &str) {
        if let Some(value) = golden.get(column).filter(|_| !self.record.contains_key(column)) {
            self.set(column, value.into());
        }
    }

    fn identify(&mut self, golden: &Attributes) {
        for column in KNOWN_BY {
            self.keep(golden, column);
        }
    }

    /// Leading columns first, since they clear what follows from them.
    fn put_all(&mut self, values: &RawRecord) {
        let leads = |column: &str| TOGETHER.iter().any(|(leading, _)| leading.contains(&column));
        let (first, then): (Vec<_>, Vec<_>) = values.iter().partition(|(column, _)| leads(column));
        for (column, value) in first.into_iter().chain(then) {
            self.put(column, value);
        }
    }

    fn put(&mut self, column: &str, value: &Value) {
        let follows = TOGETHER.iter().find(|(leading, _)| *leading == [column]).map_or(&[][..], |(_, follows)| follows);
        if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
            self.leave_empty(column);
        } else {
            self.set(column, value.clone());
            // A class without a suffix has none, whatever the class before had.
            self.empty.extend(follows.iter().filter(|follow| !COMPUTED.contains(*follow)).map(|follow| (*follow).to_owned()));
        }
        for follow in follows.iter().filter(|follow| !COMPUTED.contains(*follow)) {
            self.record.remove(*follow);
        }
    }

    fn leave_empty(&mut self, column: &str) {
        let follows = TOGETHER.iter().find(|(leading, _)| *leading == [column]).map_or(&[][..], |(_, follows)| follows);
        for column in std::iter::once(&column).chain(follows) {
            self.record.remove(*column);
            self.empty.insert((*column).to_owned());
        }
    }

    fn finish(mut self) -> RawRecord {
        self.empty.remove("crs");
        self.record.insert("source".to_owned(), SOURCE.into());
        if !self.empty.is_empty() {
            let columns: Vec<&str> = self.empty.iter().map(String::as_str).collect();
            self.record.insert(LEFT_EMPTY.to_owned(), columns.join(" ").into());
        }
        self.record
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn golden() -> Attributes {
        Attributes::from_iter([
            ("parcel_code", "440106001001GB00001"),
            ("land_use", "0201"),
            ("land_use_suffix", "K"),
            ("land_use_scheme", "GB/T 21010-2017"),
            ("location", "天河路1号"),
            ("right_holder", "张三"),
            ("right_holder_id", "1"),
        ])
    }

    #[track_caller]
    fn check(got: RawRecord, expected: Value) {
        assert_eq!(Value::Object(got.into_iter().collect()), expected);
    }

    fn raw(value: Value) -> RawRecord {
        value.as_object().expect("an object").clone().into_iter().collect()
    }

    #[test]
    fn a_patch_decides_what_it_names_and_what_stands_with_it() {
        let known = "440106001001GB00001";
        check(
            patched(&golden(), None, &raw(json!({ "location": null }))),
            json!({ "source": SOURCE, "parcel_code": known, "left_empty": "location" }),
        );
        check(
            patched(&golden(), None, &raw(json!({ "right_holder": "李四" }))),
            json!({ "source": SOURCE, "parcel_code": known, "right_holder": "李四", "right_holder_id": "1" }),
        );
        check(
            patched(&golden(), None, &raw(json!({ "land_use": "0701" }))),
            json!({ "source": SOURCE, "parcel_code": known, "land_use": "0701", "left_empty": "land_use_suffix" }),
        );
    }

    #[test]
    fn a_list_of_rights_takes_the_place_of_the_one_right() {
        let several = json!([{ "right_holder": "李四" }, { "right_holder": "王五" }]);
        check(
            patched(&golden(), None, &raw(json!({ "rights": several }))),
            json!({ "source": SOURCE, "parcel_code": "440106001001GB00001", "rights": several }),
        );
        let mut listed = golden();
        listed.set("rights", several.to_string());
        assert!(contradicts_rights(&listed, &raw(json!({ "right_holder": "李四" }))));
        assert!(!contradicts_rights(&golden(), &raw(json!({ "right_holder": "李四" }))));
        check(
            patched(&listed, None, &raw(json!({ "rights": null }))),
            json!({
                "source": SOURCE, "parcel_code": "440106001001GB00001",
                "left_empty": "right_holder right_holder_id right_share right_type rights",
            }),
        );
    }

    #[test]
    fn a_later_patch_keeps_the_earlier_ones_unless_a_source_has_taken_over() {
        let before = Attributes::from_iter([("location", "天河路1号"), ("right_holder", "王五"), ("left_empty", "right_type")]);
        check(
            patched(&golden(), Some(&before), &raw(json!({ "land_use": null }))),
            json!({
                "source": SOURCE, "parcel_code": "440106001001GB00001", "location": "天河路1号",
                "left_empty": "land_use land_use_scheme land_use_suffix right_type",
            }),
        );
    }

    #[test]
    fn a_replacement_leaves_empty_what_it_does_not_say() {
        let got = replaced(&golden(), &raw(json!({ "land_use": "0701" })));
        assert_eq!((&got["parcel_code"], &got["land_use"]), (&json!("440106001001GB00001"), &json!("0701")));
        let empty: Vec<&str> = got["left_empty"].as_str().expect("a text").split(' ').collect();
        assert!(["location", "right_holder", "geometry", "planar_area_m2", "land_use_suffix"].iter().all(|column| empty.contains(column)));
        assert!(!["parcel_code", "crs", "division", "land_use"].iter().any(|column| empty.contains(column)), "{empty:?}");
    }

    #[test]
    fn the_beginning_of_its_own_code_leaves_a_parcel_its_code() {
        let known = "440106001001GB00001";
        for changes in [json!({ "parcel_code": "440106001001GB" }), json!({ "parcel_code": "440106 001001 gb" })] {
            assert_eq!(patched(&golden(), None, &raw(changes.clone()))["parcel_code"], known);
            assert_eq!(replaced(&golden(), &raw(changes))["parcel_code"], known);
        }
        let other = raw(json!({ "parcel_code": "440106001002GB" }));
        assert_eq!(replaced(&golden(), &other)["parcel_code"], "440106001002GB", "another sub-district is not understood as nothing");
    }

    #[test]
    fn a_new_parcel_takes_over_what_it_is_told_to() {
        check(
            fresh(&golden(), &["location", "right_holder", "right_holder_id"], &raw(json!({ "right_holder": "李四" }))),
            json!({ "source": SOURCE, "location": "天河路1号", "right_holder": "李四" }),
        );
    }
}
