//! What may one principal reach beyond its roles?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::{Kind, Sensitivity};
use jiku_registry::{Limits, PrincipalView, Sources, UsageView};

use super::accounts::role_word;
use super::{Tab, tabs};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::pages::{Page, see};
use crate::console::{Language, render, words};
use crate::desk::Desk;
use crate::parameters::{self, NoParameters, Query, invalid};
use crate::problem::{self, Problem};

/// A principal and its limits.
#[derive(Template)]
#[template(path = "office/principal.html")]
struct PrincipalPage {
    f: Frame,
    tabs: Vec<Tab>,
    view: PrincipalView,
    roles: String,
    divisions: String,
    sources: String,
    kinds: Vec<(&'static str, &'static str, bool)>,
    classes: Vec<Class>,
    usage: Option<UsageView>,
}

/// What the highest class of field is for one sort of use.
struct Class {
    name: &'static str,
    title: &'static str,
    choices: Vec<(&'static str, &'static str, bool)>,
}

const SENSITIVITIES: [Sensitivity; 4] = [Sensitivity::Public, Sensitivity::Internal, Sensitivity::Personal, Sensitivity::Sensitive];

pub(super) fn sensitivity_word(l: Language, class: Sensitivity) -> (&'static str, &'static str) {
    match class {
        Sensitivity::Public => ("public", l.say("公开", "public")),
        Sensitivity::Internal => ("internal", l.say("内部", "internal")),
        Sensitivity::Personal => ("personal", l.say("个人信息", "personal")),
        Sensitivity::Sensitive => ("sensitive", l.say("敏感个人信息（全部）", "sensitive personal: all")),
    }
}

fn name_of(request: &HttpRequest) -> Result<String, Problem> {
    Ok(parameters::decode(request.match_info().query("name"))?.into_owned())
}

/// A principal, what it may reach, and what it read today.
pub(crate) async fn show(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let f = Frame::of(&request, &desk);
    let name = name_of(&request)?;
    let wanted = name.clone();
    let (known, usage) = desk
        .run(move |registry, actor| {
            let known = registry.list_principals()?.into_iter().find(|view| view.name == wanted);
            Ok((known, registry.usage(actor)?))
        })
        .await?;
    let view = known.ok_or_else(|| Problem::new(problem::NOT_FOUND))?;
    let limits = &view.limits;
    let class = |name, title, highest: Sensitivity| Class {
        name,
        title,
        choices: SENSITIVITIES
            .into_iter()
            .map(|one| {
                let (word, title) = sensitivity_word(f.l, one);
                (word, title, one == highest)
            })
            .collect(),
    };
    let page = PrincipalPage {
        tabs: tabs(&f, "/office/accounts"),
        roles: view.roles.iter().map(|role| role_word(f.l, *role)).collect::<Vec<_>>().join(f.l.say("、", ", ")),
        divisions: limits.divisions.join(" "),
        sources: Vec::from(limits.sources.clone()).join(" "),
        kinds: Kind::ALL.into_iter().map(|kind| (kind.as_str(), words::base(f.l, kind), limits.kinds.contains(&kind))).collect(),
        classes: vec![
            class("read", f.l.say("可查看的字段", "fields shown"), limits.read),
            class("write", f.l.say("可报送、更正的字段", "fields sent or corrected"), limits.write),
            class("filter", f.l.say("可用于查询的字段", "fields searched by"), limits.filter),
            class("sort", f.l.say("可用于排序的字段", "fields ordered by"), limits.sort),
        ],
        usage: usage.into_iter().find(|usage| usage.principal == name),
        view,
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Sets the limits, or takes a lost second factor away.
pub(crate) async fn act(request: HttpRequest, desk: Desk, form: Form) -> Page {
    let name = name_of(&request)?;
    let known = name.clone();
    match form.text("act") {
        "limits" => {
            let limits = read(&form)?;
            desk.run(move |registry, actor| registry.set_limits(actor, &known, &limits)).await?;
            desk.state().forget_tokens();
        }
        "reset" => desk.run(move |registry, actor| registry.reset_second_factor(actor, &known)).await?,
        _ => return Err(Problem::new(problem::VALUE_INVALID).detail("act is limits or reset")),
    }
    Ok(see(&format!("/office/accounts/{}", request.match_info().query("name"))))
}

/// The source systems of a form, with spaces or commas between.
pub(super) fn sources(form: &Form) -> Result<Sources, Problem> {
    Sources::try_from(codes(form.text("sources"))).map_err(|error| Problem::new(problem::VALUE_INVALID).detail(error.to_string()))
}

fn codes(text: &str) -> Vec<String> {
    text.split([' ', ',', '，', '、']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The limits of the form; what is left empty is not limited, but for source systems.
fn read(form: &Form) -> Result<Limits, Problem> {
    let class = |name: &str| {
        let found = SENSITIVITIES.into_iter().find(|class| sensitivity_word(Language::En, *class).0 == form.text(name));
        found.ok_or_else(|| Problem::new(problem::VALUE_INVALID).detail("public, internal, personal or sensitive"))
    };
    let number = |name: &'static str| {
        let text = form.text(name);
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|_| invalid(name, "a number, or nothing")) }
    };
    Ok(Limits {
        divisions: codes(form.text("divisions")),
        sources: sources(form)?,
        kinds: Kind::ALL.into_iter().filter(|kind| !form.text(kind.as_str()).is_empty()).collect(),
        read: class("read")?,
        write: class("write")?,
        filter: class("filter")?,
        sort: class("sort")?,
        unmask: !form.text("unmask").is_empty(),
        emergency: !form.text("emergency").is_empty(),
        daily_persons: number("daily_persons")?,
        daily_requests: number("daily_requests")?,
        daily_entities: number("daily_entities")?,
        ..Limits::default()
    })
}
