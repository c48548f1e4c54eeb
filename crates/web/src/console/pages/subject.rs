//! What do all pages about one entity have in common?
//!
//! The head with its ways: values, why it is one, history, readers, decisions, and what a steward can do from here.

use jiku_model::{EntityId, Kind};

use super::address_of;
use crate::console::frame::Frame;
use crate::console::words;
use crate::permission::Right;

/// The head of a page about an entity.
pub(crate) struct Subject {
    pub(crate) address: String,
    pub(crate) id: EntityId,
    pub(crate) kind: &'static str,
    /// The rooms: last part of the address, name, whether one is there.
    pub(crate) rooms: Vec<(&'static str, &'static str, bool)>,
}

impl Subject {
    /// The head; `here` is the last part of the address, empty for the record itself.
    pub(crate) fn new(f: &Frame, kind: Kind, id: EntityId, here: &'static str) -> Self {
        let mut rooms = Vec::new();
        if f.may(Right::Read) {
            rooms.push(("", f.say("取值与来源", "Values and sources")));
            rooms.push(("/why", f.say("为何归为一个", "Why one?")));
            rooms.push(("/history", f.say("历史版本", "History")));
        }
        if f.may(Right::SeeReviews) {
            rooms.push(("/decisions", f.say("人工判定", "Decisions")));
        }
        if f.may(Right::Audit) {
            rooms.push(("/readers", f.say("查看留痕", "Who read it")));
        }
        if f.may(Right::Steward) {
            rooms.push(("/merge", f.say("合并…", "Merge…")));
            rooms.push(("/split", f.say("拆分…", "Split…")));
        }
        Self {
            address: address_of(kind, id),
            id,
            kind: words::one(f.l, kind),
            rooms: rooms.into_iter().map(|(room, name)| (room, name, room == here)).collect(),
        }
    }
}
