//! What does every page have around it?
//!
//! The language, who is signed in, and the ways to the other pages: a way is shown when the route table has the page and
//! the caller's roles may go there. Each page struct holds a [`Frame`] as `f`; its template extends `layout.html`, fills
//! the blocks `title`, `heading`, `help` (a sentence or two: what is this page for?) and `main`, and speaks through
//! `f.say("中文", "English")`.

use actix_web::HttpRequest;
use chrono::DateTime;
use jiku_registry::Actor;

use super::{Language, assets};
use crate::desk::Desk;
use crate::gate::EMERGENCY_COOKIE;
use crate::permission::Right;
use crate::routes;

/// The pages one can always go to: address, Chinese, English.
const WAYS: &[(&str, &str, &str)] = &[
    ("/", "首页", "Home"),
    ("/search", "查询", "Search"),
    ("/reviews", "待审", "Reviews"),
    ("/decisions", "合并与拆分", "Merges"),
    ("/map", "地图", "Map"),
    ("/import", "导入", "Import"),
    ("/match", "比对", "Match"),
    ("/models", "模型", "Models"),
    ("/office", "数据办公室", "Data office"),
];

/// What surrounds a page.
pub(crate) struct Frame {
    /// The language of the page.
    pub(crate) l: Language,
    /// Who is signed in.
    pub(crate) who: Option<String>,
    /// Their department.
    pub(crate) department: String,
    /// Where they may go.
    pub(crate) ways: Vec<Way>,
    /// Whether personal values are shown in full.
    pub(crate) full: bool,
    /// Whether the caller may ask for that.
    pub(crate) may_unmask: bool,
    /// This page in full, and this page masked.
    pub(crate) address_in_full: String,
    pub(crate) address_masked: String,
    /// Until when an emergency lasts that the page is shown under.
    pub(crate) emergency: Option<String>,
    /// Whether the caller may reach beyond their rights in one.
    pub(crate) may_emergency: bool,
    rights: Vec<Right>,
}

/// A way to another page.
pub(crate) struct Way {
    pub(crate) address: &'static str,
    pub(crate) name: &'static str,
    /// Whether this is where one is.
    pub(crate) here: bool,
}

impl Frame {
    /// Around a page of somebody who is signed in.
    pub(crate) fn of(request: &HttpRequest, desk: &Desk) -> Self {
        Self::around(request, desk.actor())
    }

    /// Around a page for this caller.
    pub(crate) fn around(request: &HttpRequest, actor: &Actor) -> Self {
        let l = Language::of(request);
        let rights: Vec<Right> = Right::ALL.into_iter().filter(|right| right.is_held_by(&actor.roles)).collect();
        let open = |address| routes::right_of_page(address).is_some_and(|right| rights.contains(&right));
        let ways = WAYS.iter().filter(|(address, ..)| open(address)).map(|(address, zh, en)| Way {
            address,
            name: l.say(zh, en),
            here: leads_to(address, request.path()),
        });
        let (path, rest) = (request.path(), without_unmask(request.query_string()));
        let join = |query: String| if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        Self {
            l,
            who: Some(actor.principal.clone()),
            department: actor.department.clone(),
            ways: ways.collect(),
            full: actor.unmask && actor.may_unmask(),
            may_unmask: actor.may_unmask(),
            address_in_full: join(if rest.is_empty() { UNMASK.to_owned() } else { format!("{rest}&{UNMASK}") }),
            address_masked: join(rest),
            emergency: emergency(request, actor, l),
            may_emergency: actor.limits.emergency,
            rights,
        }
    }

    /// Around a page of somebody who is not, or not known to be.
    pub(crate) fn open(request: &HttpRequest) -> Self {
        Self {
            l: Language::of(request),
            who: None,
            department: String::new(),
            ways: Vec::new(),
            full: false,
            may_unmask: false,
            address_in_full: String::new(),
            address_masked: String::new(),
            emergency: None,
            may_emergency: false,
            rights: Vec::new(),
        }
    }

    /// What the address of a next page must carry so that it shows as much as this one.
    pub(crate) fn carry(&self) -> &'static str {
        if self.full { "?unmask=true" } else { "" }
    }

    /// Whether the caller may do this.
    pub(crate) fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// Whether the caller may search: the box in the head is for them.
    pub(crate) fn searches(&self) -> bool {
        self.ways.iter().any(|way| way.address == "/search")
    }

    /// The text in the language of the page.
    pub(crate) fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.l.say(zh, en)
    }

    /// A number of things.
    pub(crate) fn count(&self, number: &u64) -> String {
        self.l.count(*number)
    }

    /// The stamp of the files of the pages.
    pub(crate) fn stamp(&self) -> &'static str {
        assets::stamp()
    }
}

/// Until when the emergency lasts that this request was let in under.
fn emergency(request: &HttpRequest, actor: &Actor, l: Language) -> Option<String> {
    if !actor.purpose.as_ref().is_some_and(|purpose| purpose.starts_with("emergency:")) {
        return None;
    }
    let cookie = request.cookie(EMERGENCY_COOKIE)?;
    let seconds: i64 = cookie.value().split_once('.')?.1.parse().ok()?;
    DateTime::from_timestamp(seconds, 0).map(|end| l.moment(end))
}

/// How an address asks for personal values in full.
const UNMASK: &str = "unmask=true";

/// A query without that.
fn without_unmask(query: &str) -> String {
    query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("unmask=")).collect::<Vec<_>>().join("&")
}

/// Whether one who is at `path` has come by the way to `address`.
fn leads_to(address: &str, path: &str) -> bool {
    let record = ["/persons", "/legal-persons", "/parcels"].iter().any(|kind| path.starts_with(kind));
    match address {
        "/" => path == "/",
        "/search" if record => true,
        "/reviews" if path.starts_with("/proposals") => true,
        _ => path == address || path.strip_prefix(address).is_some_and(|rest| rest.starts_with('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_asked_for_in_full_or_masked_without_losing_its_other_parameters() {
        for (query, expected) in [("", ""), ("unmask=true", ""), ("a=1&unmask=true&b=2", "a=1&b=2")] {
            assert_eq!(without_unmask(query), expected);
        }
    }

    #[test]
    fn the_way_one_has_come_is_marked() {
        for (address, path, expected) in [
            ("/", "/", true),
            ("/", "/reviews", false),
            ("/reviews", "/reviews/0190a7a0", true),
            ("/reviews", "/reviews-of-others", false),
            ("/search", "/persons/0190a7a0", true),
            ("/map", "/parcels/0190a7a0", false),
        ] {
            assert_eq!(leads_to(address, path), expected, "{address} {path}");
        }
    }
}
