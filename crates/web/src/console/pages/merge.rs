//! Which entities should be one?

use std::collections::BTreeSet;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::EntityId;
use jiku_registry::{Expected, Found, View};

use super::subject::Subject;
use super::{Page, address_of, name_of, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::outcome::{self, Outcome};
use crate::console::{render, words};
use crate::desk::Desk;
use crate::parameters::{Given, NoParameters, Parameters, Query, invalid};
use crate::place::{Entity, OfKind, id};
use crate::precondition::Seen;
use crate::problem::{self, Problem};

/// The most entities merged at a time.
const MOST: usize = 20;
/// Suggestions shown.
const SUGGESTIONS: usize = 8;

/// The page where one chooses whom to merge with.
#[derive(Template)]
#[template(path = "merge_choose.html")]
struct ChoosePage {
    f: Frame,
    s: Subject,
    name: String,
    plural: &'static str,
    alike: Vec<Alike>,
}

/// An entity that looks like this one.
struct Alike {
    id: String,
    address: String,
    name: String,
    facts: String,
    weight: String,
    probability: String,
}

/// The page that shows what a merge would do.
#[derive(Template)]
#[template(path = "merge.html")]
struct MergePage {
    f: Frame,
    plural: &'static str,
    ids: String,
    count: usize,
    outcome: Outcome,
    /// Why one steward alone may not.
    risks: Vec<&'static str>,
    /// The review task one goes on with.
    then: Option<String>,
}

/// Whom this entity should be merged with: those that look like it are suggested.
pub(crate) async fn choose(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let (found, alike) = desk
        .run(move |registry, actor| Ok((registry.find(actor, kind, id, &View::default())?, registry.alike(actor, kind, id, SUGGESTIONS)?)))
        .await?;
    let Found::Record(entity) = found else { return Err(Problem::new(problem::NOT_FOUND)) };
    let alike = alike.into_iter().filter_map(|candidate| {
        let view = candidate.golden?;
        let value = |column: &str| view.values.get(column).map(|value| value.value.clone());
        let facts = ["birth_date", "uscc", "land_use", "address", "location"].iter().filter_map(|column| value(column));
        Some(Alike {
            id: view.id.to_string(),
            address: address_of(kind, view.id),
            name: name_of(&view),
            facts: facts.collect::<Vec<_>>().join(" · "),
            weight: f.l.weight(candidate.weight),
            probability: f.l.probability(candidate.probability),
        })
    });
    let page =
        ChoosePage { s: Subject::new(&f, kind, id, "/merge"), name: name_of(&entity), plural: kind.plural(), alike: alike.collect(), f };
    Ok(render(StatusCode::OK, &page))
}

/// The entities to merge, and the review task one goes on with when one came from another.
pub(crate) struct Chosen {
    ids: Vec<EntityId>,
    then: Option<String>,
}

impl Parameters for Chosen {
    const NAMES: &'static [&'static str] = &["ids", "with", "then"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let ids = read_ids(&format!("{} {}", given.text("ids").unwrap_or(""), given.text("with").unwrap_or("")))?;
        Ok(Self { ids, then: given.text("then").and_then(review) })
    }
}

/// The address of a review task, and nothing else.
fn review(text: &str) -> Option<String> {
    let is_ours = text.starts_with("/reviews/") && text.bytes().all(|byte| byte.is_ascii_graphic());
    is_ours.then(|| text.to_owned())
}

fn read_ids(text: &str) -> Result<Vec<EntityId>, Problem> {
    // An address of a record page is as good as its id.
    let words = text.split([' ', ',', '\n', '\r']).map(|word| word.rsplit('/').next().unwrap_or(word)).filter(|word| !word.is_empty());
    let ids: BTreeSet<EntityId> = words.map(id).collect::<Result<_, _>>()?;
    if (2..=MOST).contains(&ids.len()) {
        Ok(ids.into_iter().collect())
    } else {
        Err(invalid("ids", "two to twenty different canonical ids"))
    }
}

/// What a merge would do.
pub(crate) async fn preview(request: HttpRequest, desk: Desk, OfKind(kind): OfKind, Query(asked): Query<Chosen>) -> Page {
    let f = Frame::of(&request, &desk);
    let Chosen { ids, then } = asked;
    let chosen = ids.clone();
    let (outcome, sources) = desk
        .run(move |registry, actor| Ok((registry.merge(actor, kind, &chosen, None, &Expected::new(), true)?, registry.list_sources()?)))
        .await?;
    let page = MergePage {
        plural: kind.plural(),
        count: ids.len(),
        ids: ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
        risks: outcome.risks.iter().map(|risk| words::word(f.l, risk.as_str())).collect(),
        outcome: outcome::show(f.l, kind, &outcome, &sources),
        then,
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Merges as previewed, or proposes that to another steward.
pub(crate) async fn merge(desk: Desk, OfKind(kind): OfKind, form: Form) -> Page {
    let ids = read_ids(form.text("ids"))?;
    let seen: Expected = Seen::parse(form.text("if_match"))?.into();
    let comment = Some(form.text("comment").to_owned()).filter(|comment| !comment.is_empty());
    if form.text("act") == "propose" {
        let made = desk.run(move |registry, actor| registry.propose_merge(actor, kind, &ids, comment.as_deref(), &seen)).await?;
        let Some(then) = review(form.text("then")) else { return Ok(see(&format!("/proposals/{}", made.id))) };
        let joint = if then.contains('?') { '&' } else { '?' };
        return Ok(see(&format!("{then}{joint}decided=proposed")));
    }
    let outcome = desk.run(move |registry, actor| registry.merge(actor, kind, &ids, comment.as_deref(), &seen, false)).await?;
    let decision = outcome.decision.ok_or_else(|| Problem::new(problem::INTERNAL))?;
    Ok(see(&format!("/decisions/{decision}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_on_with_a_review_and_nowhere_else() {
        for (text, is_ours) in [("/reviews/0190a7a0?mine=1", true), ("//evil.example", false), ("/reviews/a b", false), ("/search", false)]
        {
            assert_eq!(review(text).is_some(), is_ours, "{text}");
        }
    }

    #[test]
    fn ids_may_be_pasted_in_any_form_but_must_be_several() {
        let (one, other) = ("0190a7a0-0000-7000-8000-000000000001", "0190a7a0-0000-7000-8000-000000000002");
        for (text, expected) in [
            (format!("{one},{other}"), Some(2)),
            (format!("{one} http://127.0.0.1/persons/{other}"), Some(2)),
            (format!("{one} {one}"), None),
            ("x".to_owned(), None),
        ] {
            assert_eq!(read_ids(&text).ok().map(|ids| ids.len()), expected, "{text}");
        }
    }
}
