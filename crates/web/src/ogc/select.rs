//! Which parcels are on a page?
//!
//! Without a sort a page goes on in the order of slots, which an edit does not change: nothing is shown twice or left out
//! because somebody edited in between. With one it goes on after the values of the last parcel shown.

use std::cmp::Ordering;

use jiku_ogc::{Direction, Sort, TimeSpan};
use jiku_registry::{ParcelFeature, ParcelView};
use jiku_spatial::BoundingBox;
use serde_json::{Value, json};

use super::collections::Collection;
use super::filter::{Filter, Reach, equals};
use super::properties::{self, SortValue, sort_value, valid_span};
use crate::problem::{self, Problem};

/// More parcels than this are not sorted.
const MOST_SORTED: usize = 200_000;

/// What is asked for.
pub(crate) struct Selection {
    pub(crate) collection: Collection,
    pub(crate) limit: usize,
    pub(crate) boxes: Option<Vec<BoundingBox>>,
    pub(crate) span: Option<TimeSpan>,
    /// Parcels that have ended by this day are left out, and how many of all these are.
    pub(crate) without: Option<(String, usize)>,
    pub(crate) filter: Option<Filter>,
    pub(crate) values: Vec<(&'static str, String)>,
    pub(crate) sort: Vec<Sort>,
    /// Where the page before ended.
    pub(crate) after: Option<String>,
}

/// A page.
pub(crate) struct Selected {
    pub(crate) slots: Vec<u32>,
    /// How many there are in all, where that is known without looking further.
    pub(crate) matched: Option<usize>,
    /// Where the next page goes on.
    pub(crate) next: Option<String>,
}

impl Selection {
    /// Whether answering takes so little that no thread is needed for it.
    pub(crate) fn is_light(&self) -> bool {
        self.sort.is_empty() && self.filter.is_none() && self.values.is_empty() && self.limit <= 1_000
    }

    /// Whether everything is asked for, so that all are known to match.
    fn is_everything(&self) -> bool {
        self.boxes.is_none() && self.span.is_none() && self.filter.is_none() && self.values.is_empty()
    }

    /// Answers.
    pub(crate) fn run(&self, view: &ParcelView) -> Result<Selected, Problem> {
        let selected = if self.sort.is_empty() { self.by_slot(view) } else { self.sorted(view) }?;
        self.filter.as_ref().map_or(Ok(()), Filter::was_affordable)?;
        Ok(selected)
    }

    fn fits(&self, view: &ParcelView, slot: u32, parcel: &ParcelFeature) -> bool {
        self.values.iter().all(|(property, value)| equals(self.collection, parcel, property, value))
            && self.without.as_ref().is_none_or(|(day, _)| parcel.value("valid_to").is_none_or(|to| to > day.as_str()))
            && self.span.is_none_or(|span| valid_span(parcel).is_some_and(|valid| span.intersects(valid)))
            && self
                .filter
                .as_ref()
                .is_none_or(|filter| filter.is_met(view.places(), slot, &|name| properties::value(self.collection, parcel, name)))
    }

    fn by_slot(&self, view: &ParcelView) -> Result<Selected, Problem> {
        let mut after = self.after.as_deref().map(read_slot).transpose()?;
        let wanted = self.limit + 1;
        let mut slots: Vec<u32> = Vec::with_capacity(wanted.min(1_001));
        let fitting = |slot: u32| view.get(slot).is_some_and(|parcel| self.fits(view, slot, parcel)).then_some(slot);
        match self.source(view)? {
            Source::Slots(candidates) => {
                let rest = candidates.into_iter().filter(|slot| after.is_none_or(|after| *slot > after));
                slots.extend(rest.filter_map(fitting).take(wanted));
            }
            Source::Boxes(boxes) => {
                // Pages of the index until the page is full: most candidates fit, so a few do.
                loop {
                    let piece = view.places().page_in_boxes(&boxes, after, if self.is_light() { wanted } else { 4_096 });
                    let Some(last) = piece.last().copied() else { break };
                    slots.extend(piece.into_iter().filter_map(fitting).take(wanted - slots.len()));
                    after = Some(last);
                    if slots.len() == wanted {
                        break;
                    }
                }
            }
            Source::All => {
                let from = after.map_or(Some(0), |slot: u32| slot.checked_add(1));
                let rest = from.into_iter().flat_map(|from| view.onward(from));
                slots.extend(rest.filter(|(slot, parcel)| self.fits(view, *slot, parcel)).map(|(slot, _)| slot).take(wanted));
            }
        }
        let more = slots.len() > self.limit;
        slots.truncate(self.limit);
        let next = slots.last().filter(|_| more).map(ToString::to_string);
        let whole = self.after.is_none() && !more;
        let matched = if self.is_everything() {
            Some(view.len() - self.without.as_ref().map_or(0, |(_, over)| *over))
        } else {
            whole.then_some(slots.len())
        };
        Ok(Selected { slots, matched, next })
    }

    fn sorted(&self, view: &ParcelView) -> Result<Selected, Problem> {
        let mut found: Vec<(Vec<SortValue>, u32)> = Vec::new();
        let mut take = |slot: u32, parcel: &ParcelFeature| {
            if self.fits(view, slot, parcel) {
                found.push((self.sort.iter().map(|key| sort_value(parcel, &key.property)).collect(), slot));
            }
            found.len() <= MOST_SORTED
        };
        let room = match self.source(view)? {
            Source::Slots(slots) => {
                slots.into_iter().filter_map(|slot| Some((slot, view.get(slot)?))).all(|(slot, parcel)| take(slot, parcel))
            }
            Source::Boxes(boxes) => {
                let mut slots: Vec<u32> = boxes.iter().flat_map(|bbox| view.places().in_bbox(bbox)).collect();
                slots.sort_unstable();
                slots.dedup();
                slots.into_iter().filter_map(|slot| Some((slot, view.get(slot)?))).all(|(slot, parcel)| take(slot, parcel))
            }
            Source::All => view.onward(0).all(|(slot, parcel)| take(slot, parcel)),
        };
        if !room {
            return Err(Problem::domain(400, "query-too-expensive", "the query would cost too much")
                .parameter("sortby")
                .detail(format!("more than {MOST_SORTED} parcels are not sorted: add a bbox or a filter")));
        }
        let matched = found.len();
        let order = |left: &(Vec<SortValue>, u32), right: &(Vec<SortValue>, u32)| self.order(left, right);
        if let Some(after) = self.after.as_deref() {
            let last = read_sorted(after, self.sort.len())?;
            found.retain(|one| self.order(one, &last).is_gt());
        }
        let more = found.len() > self.limit;
        if more {
            found.select_nth_unstable_by(self.limit - 1, order);
            found.truncate(self.limit);
        }
        found.sort_unstable_by(order);
        let next = found.last().filter(|_| more).map(write_sorted);
        Ok(Selected { slots: found.into_iter().map(|(_, slot)| slot).collect(), matched: Some(matched), next })
    }

    /// By the keys in their directions, absent values last, then by slot.
    fn order(&self, left: &(Vec<SortValue>, u32), right: &(Vec<SortValue>, u32)) -> Ordering {
        let by_key = self.sort.iter().zip(left.0.iter().zip(&right.0)).map(|(key, (left, right))| match (left, right) {
            (SortValue::Absent, SortValue::Absent) => Ordering::Equal,
            (SortValue::Absent, _) => Ordering::Greater,
            (_, SortValue::Absent) => Ordering::Less,
            _ => {
                let order = match (left, right) {
                    (SortValue::Number(left), SortValue::Number(right)) => left.total_cmp(right),
                    (SortValue::Text(left), SortValue::Text(right)) => left.cmp(right),
                    _ => Ordering::Equal,
                };
                if key.direction == Direction::Descending { order.reverse() } else { order }
            }
        });
        by_key.fold(Ordering::Equal, Ordering::then).then(left.1.cmp(&right.1))
    }

    /// Where to look, after asking whether that can be afforded.
    fn source(&self, view: &ParcelView) -> Result<Source, Problem> {
        let reach = self.filter.as_ref().map_or(Reach::Anywhere, Filter::reach);
        let source = match (reach, &self.boxes) {
            (Reach::Slots(slots), Some(boxes)) => {
                let inside = |slot: &u32| view.places().meets(*slot, boxes);
                Source::Slots(slots.into_iter().filter(inside).collect())
            }
            (Reach::Slots(slots), None) => Source::Slots(slots),
            (_, Some(boxes)) => Source::Boxes(boxes.clone()),
            (Reach::Box(bbox), None) => Source::Boxes(vec![bbox]),
            (Reach::Anywhere, None) => Source::All,
        };
        if let Some(filter) = &self.filter {
            filter.afford(match &source {
                Source::Slots(slots) => slots.len(),
                Source::Boxes(boxes) => view.places().estimate(boxes),
                Source::All => view.len(),
            })?;
        }
        Ok(source)
    }
}

enum Source {
    Slots(Vec<u32>),
    Boxes(Vec<BoundingBox>),
    All,
}

pub(crate) fn bad_cursor() -> Problem {
    Problem::new(problem::CURSOR_INVALID).detail("follow the next link of the page before")
}

fn read_slot(text: &str) -> Result<u32, Problem> {
    text.parse().map_err(|_| bad_cursor())
}

fn write_sorted((keys, slot): &(Vec<SortValue>, u32)) -> String {
    let keys = keys.iter().map(|key| match key {
        SortValue::Number(number) => json!(number),
        SortValue::Text(text) => json!(text),
        SortValue::Absent => Value::Null,
    });
    json!([keys.collect::<Vec<_>>(), slot]).to_string()
}

fn read_sorted(text: &str, keys: usize) -> Result<(Vec<SortValue>, u32), Problem> {
    let (values, slot): (Vec<Value>, u32) = serde_json::from_str(text).map_err(|_| bad_cursor())?;
    let values: Vec<SortValue> = values
        .into_iter()
        .map(|value| match value {
            Value::Number(number) => number.as_f64().map_or(SortValue::Absent, SortValue::Number),
            Value::String(text) => SortValue::Text(text),
            _ => SortValue::Absent,
        })
        .collect();
    if values.len() == keys { Ok((values, slot)) } else { Err(bad_cursor()) }
}
