//! What would a merge, an unmerge or a split do, or what did it do?
//!
//! Before and after side by side: golden values, source records with those that moved, redirects, and who is told.

use std::collections::BTreeSet;

use jiku_model::{Kind, RecordKey, SourceSystem};
use jiku_registry::{EntityImage, EntityState, MergeOutcome};

use super::values::Value;
use super::{Language, words};
use crate::precondition::joint_tag;

/// Before and after.
pub(crate) struct Outcome {
    pub(crate) before: Vec<Head>,
    pub(crate) after: Vec<Head>,
    pub(crate) rows: Vec<Row>,
    pub(crate) redirects: Vec<(String, String)>,
    /// The departments whose records are touched.
    pub(crate) told: Vec<String>,
    /// How many entities get a new version: as many entries in the change feed.
    pub(crate) entries: usize,
    /// What to send back to do exactly this.
    pub(crate) if_match: String,
}

/// The head of an entity's column.
pub(crate) struct Head {
    pub(crate) address: String,
    pub(crate) id: String,
    /// Its last part, which tells the entities of a page apart.
    pub(crate) short: String,
    pub(crate) state: &'static str,
    pub(crate) class: &'static str,
    /// Its source records.
    pub(crate) records: Vec<Member>,
}

/// A source record of an entity.
pub(crate) struct Member {
    pub(crate) source: String,
    pub(crate) key: String,
    /// It comes from elsewhere.
    pub(crate) moved: bool,
}

/// One column of the kind, before and after.
pub(crate) struct Row {
    pub(crate) title: &'static str,
    pub(crate) before: Vec<Value>,
    pub(crate) after: Vec<Value>,
}

/// An outcome as it is shown.
pub(crate) fn show(l: Language, kind: Kind, outcome: &MergeOutcome, sources: &[SourceSystem]) -> Outcome {
    let text = |image: &EntityImage, column: &str| image.values.get(column).map(|value| value.value.clone()).unwrap_or_default();
    // Of those that are merged away nothing is left to show but the redirect.
    let after: Vec<&EntityImage> = outcome.after.iter().filter(|image| image.state == EntityState::Active).collect();
    let rows = words::columns(l, kind).filter_map(|(column, title)| {
        // Where all become one, what of a value is lost stands out before.
        let only = if let [only] = after.as_slice() { text(only, column) } else { String::new() };
        let before: Vec<Value> = outcome.before.iter().map(|image| Value::beside(l, kind, column, &text(image, column), &only)).collect();
        let after: Vec<Value> = after
            .iter()
            .map(|image| {
                let earlier =
                    outcome.before.iter().find(|earlier| earlier.id == image.id).map(|earlier| text(earlier, column)).unwrap_or_default();
                Value::beside(l, kind, column, &text(image, column), &earlier)
            })
            .collect();
        (!before.iter().chain(&after).all(Value::is_empty)).then_some(Row { title, before, after })
    });
    let keys: BTreeSet<&RecordKey> = outcome.before.iter().chain(&outcome.after).flat_map(|image| &image.records).collect();
    let department = |key: &&RecordKey| {
        let source = sources.iter().find(|source| source.code == key.source);
        source.map_or_else(
            || key.source.to_string(),
            |source| if source.department.is_empty() { source.name.clone() } else { source.department.clone() },
        )
    };
    let told: BTreeSet<String> = keys.iter().map(department).collect();
    let active = outcome.before.iter().filter(|image| image.state == EntityState::Active).map(|image| (image.id, image.version));
    Outcome {
        rows: rows.collect(),
        before: outcome.before.iter().map(|image| head(l, kind, image, None, sources)).collect(),
        after: after.iter().map(|image| head(l, kind, image, Some(&outcome.before), sources)).collect(),
        redirects: outcome.redirects.iter().map(|redirect| (redirect.from.to_string(), redirect.to.to_string())).collect(),
        told: told.into_iter().collect(),
        entries: outcome.after.len(),
        if_match: joint_tag(active),
    }
}

fn head(l: Language, kind: Kind, image: &EntityImage, before: Option<&[EntityImage]>, sources: &[SourceSystem]) -> Head {
    let own = before.map(|before| before.iter().find(|earlier| earlier.id == image.id && earlier.state == EntityState::Active));
    let moved = |key: &RecordKey| own.is_some_and(|own| own.is_none_or(|own| !own.records.contains(key)));
    let member = |key: &RecordKey| Member { source: words::source(sources, &key.source), key: key.key.clone(), moved: moved(key) };
    Head {
        address: format!("/{}/{}", kind.plural(), image.id),
        id: image.id.to_string(),
        short: image.id.to_string().chars().skip(24).collect(),
        state: words::word(l, image.state.as_str()),
        class: if image.state == EntityState::Active { "good" } else { "bad" },
        records: image.records.iter().map(member).collect(),
    }
}
