//! Where is what somebody typed into the one box?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::Kind;
use jiku_registry::{Actor, EntityView, Registry, RegistryError, SearchQuery};

use super::{Page, address_of, name_of};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::{Language, query, render, words};
use crate::desk::Desk;
use crate::parameters::{NoParameters, Query};

/// Entities shown for one search.
const HITS: usize = 30;

/// The search page with what was found.
#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage<'a> {
    f: Frame,
    text: &'a str,
    hits: Vec<Hit>,
    asked: bool,
    notice: Option<String>,
}

/// An entity that was found.
struct Hit {
    address: String,
    kind: &'static str,
    name: String,
    facts: Vec<String>,
    members: usize,
}

/// The search page, nothing asked yet.
pub(crate) async fn form(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let page = SearchPage { f: Frame::of(&request, &desk), text: "", hits: Vec::new(), asked: false, notice: None };
    Ok(render(StatusCode::OK, &page))
}

/// One box for everything: each kind is asked with each likely reading of the text, until there is enough.
pub(crate) async fn search(request: HttpRequest, desk: Desk, form: Form) -> Page {
    let f = Frame::of(&request, &desk);
    let text = form.text("q").to_owned();
    let kinds: Vec<Kind> = form.text("kind").parse().map_or_else(|_| Kind::ALL.to_vec(), |kind| vec![kind]);
    let asked = text.clone();
    let (found, notice) = desk.run(move |registry, actor| look_for(registry, actor, &kinds, &asked)).await?;
    let hits = found.iter().map(|view| hit(f.l, view)).collect();
    Ok(render(StatusCode::OK, &SearchPage { f, text: &text, hits, asked: true, notice }))
}

/// The entities found, and why nothing could be asked when every reading was refused.
fn look_for(registry: &Registry, actor: &Actor, kinds: &[Kind], text: &str) -> Result<(Vec<EntityView>, Option<String>), RegistryError> {
    let (mut found, mut notice, mut understood): (Vec<EntityView>, Option<String>, bool) = (Vec::new(), None, false);
    for kind in kinds {
        for reading in query::readings(*kind, text) {
            match registry.search(actor, *kind, &SearchQuery { fields: vec![reading], limit: HITS, cursor: None }) {
                Ok(page) => {
                    understood = true;
                    found.extend(page.items);
                }
                Err(RegistryError::Invalid(problems)) => notice = problems.first().map(|problem| problem.advice.to_string()),
                Err(error) => return Err(error),
            }
            if found.len() >= HITS {
                break;
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|view| seen.insert(view.id));
    found.truncate(HITS);
    Ok((found, notice.filter(|_| !understood)))
}

fn hit(l: Language, view: &EntityView) -> Hit {
    let facts = ["id_number", "uscc", "parcel_code", "birth_date", "phone", "address", "location", "right_holder"]
        .iter()
        .filter_map(|column| view.values.get(*column).map(|value| mask(column, &value.value)))
        .collect();
    Hit { address: address_of(view.kind, view.id), kind: words::base(l, view.kind), name: name_of(view), facts, members: view.member_count }
}

/// A sensitive value in a list: numbers keep first and last character, phones the last four.
fn mask(column: &str, value: &str) -> String {
    let letters: Vec<char> = value.chars().collect();
    let shown: fn(usize, usize) -> bool = match column {
        "id_number" => |at, length| at == 0 || at + 1 == length,
        "phone" => |at, length| at + 4 >= length,
        _ => |_, _| true,
    };
    letters.iter().enumerate().map(|(at, letter)| if shown(at, letters.len()) { *letter } else { '*' }).collect()
}
