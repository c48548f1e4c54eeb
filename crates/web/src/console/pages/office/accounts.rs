//! Who may sign in, and which systems hold a key?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_registry::{ApiKeyView, Limits, NewKey, NewUser, PrincipalView, Role, Sources};

use super::principal::sources;
use super::{Tab, tabs};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::pages::{Page, see};
use crate::console::{Language, render};
use crate::desk::Desk;
use crate::parameters::{self, NoParameters, Query};
use crate::problem::{self, Problem};

/// Users and keys.
#[derive(Template)]
#[template(path = "office/accounts.html")]
struct AccountsPage {
    f: Frame,
    tabs: Vec<Tab>,
    people: Vec<PersonLine>,
    keys: Vec<KeyLine>,
    roles: Vec<(&'static str, &'static str)>,
    /// A key just made: told once.
    secret: Option<String>,
}

/// A principal.
struct PersonLine {
    view: PrincipalView,
    roles: String,
    address: String,
    since: String,
    /// Whether it reaches less than its roles.
    limited: bool,
}

/// A key.
struct KeyLine {
    view: ApiKeyView,
    since: String,
    until: String,
    state: &'static str,
    works: bool,
}

/// What a role may do, in two or three words.
pub(crate) fn role_word(l: Language, role: Role) -> &'static str {
    match role {
        Role::Reader => l.say("查询", "reader: asks"),
        Role::Verifier => l.say("核验", "verifier: yes or no"),
        Role::Source => l.say("报送", "source: sends records"),
        Role::Steward => l.say("数据管理员", "steward: judges and merges"),
        Role::GisEditor => l.say("宗地编辑", "GIS editor: edits parcels"),
        Role::DataOffice => l.say("数据办公室", "data office: quality and sources"),
        Role::Auditor => l.say("审计", "auditor: reads the traces"),
        Role::SystemAdmin => l.say("系统管理", "system administrator"),
        Role::SecurityAdmin => l.say("安全管理", "security administrator"),
    }
}

/// Users and keys.
pub(crate) async fn show(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    page(&request, &desk, None).await
}

async fn page(request: &HttpRequest, desk: &Desk, secret: Option<String>) -> Page {
    let f = Frame::of(request, desk);
    let (people, keys) = desk.run(|registry, _| Ok((registry.list_principals()?, registry.list_keys()?))).await?;
    let people = people.into_iter().map(|view| PersonLine {
        roles: view.roles.iter().map(|role| role_word(f.l, *role)).collect::<Vec<_>>().join(f.l.say("、", ", ")),
        since: f.l.moment(view.created_at),
        address: format!("/office/accounts/{}", parameters::encode(&view.name)),
        limited: Limits { sources: Sources::default(), ..view.limits.clone() } != Limits::default(),
        view,
    });
    let now = chrono::Utc::now();
    let keys = keys.into_iter().map(|view| {
        let (works, state) = match (view.revoked_at, view.expires_at) {
            (Some(_), _) => (false, f.l.say("已吊销", "revoked")),
            (None, Some(until)) if until < now => (false, f.l.say("已过期", "expired")),
            _ => (true, f.l.say("有效", "works")),
        };
        let until = view.expires_at.map(|until| f.l.moment(until)).unwrap_or_default();
        KeyLine { since: f.l.moment(view.created_at), until, state, works, view }
    });
    let page = AccountsPage {
        tabs: tabs(&f, "/office/accounts"),
        people: people.collect(),
        keys: keys.collect(),
        roles: Role::ALL.into_iter().map(|role| (role.as_str(), role_word(f.l, role))).collect(),
        secret,
        f,
    };
    Ok(render(StatusCode::OK, &page))
}

/// Makes a user or a key, lets somebody in or no longer, ends a key.
pub(crate) async fn act(request: HttpRequest, desk: Desk, form: Form) -> Page {
    let name = form.text("name").to_owned();
    let roles: Vec<Role> = Role::ALL.into_iter().filter(|role| !form.text(role.as_str()).is_empty()).collect();
    let department = form.text("department").to_owned();
    match form.text("act") {
        "user" => {
            let user = NewUser {
                name,
                department,
                roles,
                password: form.text("password").to_owned(),
                staff_number: None,
                sources: sources(&form)?,
            };
            desk.run(move |registry, actor| registry.create_user(actor, &user)).await?;
        }
        "key" => {
            let key = NewKey { principal: name, department, roles, expires_at: None, sources: sources(&form)? };
            let (_, secret) = desk.run(move |registry, actor| registry.create_key(actor, &key)).await?;
            return page(&request, &desk, Some(secret)).await;
        }
        "enable" | "disable" => {
            let enabled = form.text("act") == "enable";
            desk.run(move |registry, actor| registry.enable_principal(actor, &name, enabled)).await?;
            desk.state().forget_tokens();
        }
        "revoke" => {
            desk.run(move |registry, actor| registry.revoke_key(actor, &name)).await?;
            desk.state().forget_tokens();
        }
        _ => return Err(Problem::new(problem::VALUE_INVALID).detail("act is user, key, enable, disable or revoke")),
    }
    Ok(see("/office/accounts"))
}
