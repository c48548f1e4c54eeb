//! Where is what somebody typed into the one box?

use std::collections::HashSet;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::Kind;
use jiku_registry::{Actor, EntityView, ParcelQuery, Registry, RegistryError, SearchQuery};

use super::{Page, address_of, name_of};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::{Language, query, refusal, render, values, words};
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
    kind: &'a str,
    kinds: Vec<(&'static str, &'static str)>,
    found: Option<FoundPart>,
}

/// What was found.
struct FoundPart {
    hits: Vec<Hit>,
    /// As what the text was read, by the kinds that found something.
    read_as: Vec<&'static str>,
    /// Why nothing could be asked.
    notice: Option<String>,
    /// Whether there is more than is shown.
    more: bool,
    /// Whether no more than one character was typed.
    single: bool,
}

/// An entity that was found.
struct Hit {
    address: String,
    kind: &'static str,
    name: String,
    division: String,
    facts: Vec<String>,
    sources: String,
    /// Whether its sources contradict each other somewhere.
    differs: bool,
}

/// What the readings of a text found.
#[derive(Default)]
struct Answer {
    found: Vec<EntityView>,
    fields: Vec<String>,
    notice: Option<String>,
    more: bool,
}

/// The search page, nothing asked yet.
pub(crate) async fn form(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    Ok(render(StatusCode::OK, &SearchPage { kinds: kinds(f.l), f, text: "", kind: "", found: None }))
}

/// One box for everything: each kind is asked with each likely reading of the text, until there is enough.
pub(crate) async fn search(request: HttpRequest, desk: Desk, form: Form) -> Page {
    let f = Frame::of(&request, &desk);
    let (text, kind) = (form.text("q").to_owned(), form.text("kind").to_owned());
    if text.is_empty() {
        return Ok(render(StatusCode::OK, &SearchPage { kinds: kinds(f.l), f, text: "", kind: &kind, found: None }));
    }
    let asked: Vec<Kind> = kind.parse().map_or_else(|_| Kind::ALL.to_vec(), |kind| vec![kind]);
    let (typed, l) = (text.clone(), f.l);
    let answer = desk.run(move |registry, actor| look_for(registry, actor, l, &asked, &typed)).await?;
    let found = FoundPart {
        hits: answer.found.iter().map(|view| hit(f.l, view)).collect(),
        read_as: answer.fields.iter().map(|field| words::field(f.l, field)).collect(),
        notice: answer.notice,
        more: answer.more,
        single: text.chars().count() == 1,
    };
    Ok(render(StatusCode::OK, &SearchPage { kinds: kinds(f.l), f, text: &text, kind: &kind, found: Some(found) }))
}

fn kinds(l: Language) -> Vec<(&'static str, &'static str)> {
    Kind::ALL.into_iter().map(|kind| (kind.as_str(), words::base(l, kind))).collect()
}

/// The entities found, and why nothing could be asked when every reading was refused.
fn look_for(registry: &Registry, actor: &Actor, l: Language, kinds: &[Kind], text: &str) -> Result<Answer, RegistryError> {
    let (mut answer, mut understood, mut seen) = (Answer::default(), false, HashSet::new());
    for kind in kinds {
        for reading in query::readings(*kind, text) {
            if answer.found.len() >= HITS {
                break;
            }
            let field = reading.field.clone();
            match registry.search(actor, *kind, &SearchQuery { fields: vec![reading], limit: HITS, cursor: None }) {
                Ok(page) => {
                    understood = true;
                    answer.more |= page.next.is_some();
                    if !page.items.is_empty() && !answer.fields.contains(&field) {
                        answer.fields.push(field);
                    }
                    answer.found.extend(page.items.into_iter().filter(|view| seen.insert(view.id)));
                }
                Err(RegistryError::Invalid(problems)) => answer.notice = problems.first().map(|problem| refusal::in_words(l, problem)),
                Err(error) => return Err(error),
            }
        }
    }
    if answer.found.is_empty()
        && kinds.contains(&Kind::Parcel)
        && let Some(code) = beginning_of_code(text)
    {
        let page = registry.query_parcels(actor, &ParcelQuery { code_prefix: Some(code), limit: HITS, ..ParcelQuery::default() })?;
        (understood, answer.more) = (true, page.next.is_some());
        answer.fields.extend((!page.items.is_empty()).then(|| "code".to_owned()));
        answer.found.extend(page.items.into_iter().map(|hit| hit.parcel));
    }
    answer.more |= answer.found.len() > HITS;
    answer.found.truncate(HITS);
    answer.notice = answer.notice.filter(|_| !understood);
    Ok(answer)
}

/// The beginning of a parcel code, from the twelve digits of the cadastral zone on, short of the whole.
fn beginning_of_code(text: &str) -> Option<String> {
    let code: String = text.chars().filter(|letter| !letter.is_whitespace()).map(|letter| letter.to_ascii_uppercase()).collect();
    let (zone, rest) = code.split_at_checked(12)?;
    let follows = |(at, byte): (usize, u8)| if at < 2 { byte.is_ascii_uppercase() } else { byte.is_ascii_digit() };
    let fits = zone.bytes().all(|byte| byte.is_ascii_digit()) && rest.len() < 7 && rest.bytes().enumerate().all(follows);
    fits.then_some(code)
}

fn hit(l: Language, view: &EntityView) -> Hit {
    let value = |column: &str| view.values.get(column).map_or("", |value| value.value.as_str());
    let facts = ["id_number", "uscc", "parcel_code", "birth_date", "phone", "legal_representative", "right_holder", "address", "location"];
    let name = name_of(view);
    let shown = |column: &&str| Some(mask(column, value(column))).filter(|fact| !fact.is_empty() && *fact != name);
    let own = |column: &str| values::is_of_the_source(column) || column == "geometry";
    let disputed: Vec<&str> = words::columns(l, view.kind)
        .filter(|(column, _)| !own(column) && view.values.get(*column).is_some_and(|value| value.differing > 0))
        .map(|(_, title)| title)
        .collect();
    let count = l.count(view.member_count as u64);
    let named = disputed.iter().take(3).copied().collect::<Vec<_>>().join(l.say("、", ", "));
    let more = if disputed.len() > 3 { l.say("等", " …") } else { "" };
    let differs = !disputed.is_empty();
    let sources = match (l, view.member_count, differs) {
        (Language::Zh, 1, _) => "1 条来源记录".to_owned(),
        (Language::En, 1, _) => "1 source record".to_owned(),
        (Language::Zh, _, true) => format!("{count} 条来源记录，{named}{more}有分歧"),
        (Language::En, _, true) => format!("{count} source records differ in {named}{more}"),
        (Language::Zh, _, false) => format!("{count} 条来源记录，一致"),
        (Language::En, _, false) => format!("{count} source records agree"),
    };
    Hit {
        address: address_of(view.kind, view.id),
        kind: words::one(l, view.kind),
        division: values::meaning(l, view.kind, "division", value("division")),
        facts: facts.iter().filter_map(shown).collect(),
        name,
        sources,
        differs,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parcel_is_looked_for_by_the_beginning_of_its_code() {
        for (text, expected) in [
            ("440106001001", Some("440106001001")),
            ("440106 001001 gb0001", Some("440106001001GB0001")),
            ("440106001001GB00001", None),
            ("44010619900307881X", None),
            ("440106199003078811", None),
            ("13800138000", None),
            ("天河路", None),
        ] {
            assert_eq!(beginning_of_code(text).as_deref(), expected, "{text}");
        }
    }
}
