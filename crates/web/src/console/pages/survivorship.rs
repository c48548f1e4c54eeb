//! Which survivorship rules choose golden values, which did before, and what would others change?

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::{Kind, SourceSystem};
use jiku_registry::{
    Actor, ClauseView, Composing, MAX_RULES_BYTES, PastView, Registry, RegistryError, RulesChange, RulesExample, RulesPreview, RulesRemark,
    RulesView, ValueView,
};
use serde_json::Value as Json;

use super::models::Asked;
use super::{Page, address_of, see};
use crate::console::clauses::{self, title};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::values::Value;
use crate::console::{Language, render, words};
use crate::desk::Desk;
use crate::parameters::{Query, invalid};
use crate::permission::Right;
use crate::previews::{Asked as Change, Progress, Told, begin};
use crate::problem::{self, Problem};

/// The page.
#[derive(Template)]
#[template(path = "survivorship.html")]
struct SurvivorshipPage {
    f: Frame,
    kind: &'static str,
    /// The word of addresses for the kind.
    plural: &'static str,
    kinds: Vec<(&'static str, &'static str, bool)>,
    one: &'static str,
    /// The version in use.
    version: i32,
    since: String,
    actor: String,
    comment: Option<String>,
    digest: String,
    /// How far golden records follow it: composed, of, changed.
    composing: Option<(String, String, String)>,
    clauses: Vec<Clause>,
    sources: Vec<(String, String, u8)>,
    warnings: Vec<String>,
    versions: Vec<Version>,
    toml: String,
    /// A preview that is on its way.
    running: Option<Running>,
    /// Why there is no preview: a sentence, and each slip in the file.
    failed: Option<(String, Vec<String>)>,
    preview: Option<Preview>,
    may_apply: bool,
}

/// How the values of some attributes are chosen.
struct Clause {
    attributes: String,
    /// Whether they come together from one record.
    together: bool,
    order: Vec<String>,
    /// What else is said.
    notes: Vec<String>,
}

/// A version of the rules that is kept.
struct Version {
    number: i32,
    in_use: bool,
    since: String,
    actor: String,
    comment: Option<String>,
    changed: String,
}

/// A preview that is on its way.
struct Running {
    /// The address at which it is asked after.
    address: String,
    /// For how many seconds it is worked on; none while others are.
    seconds: Option<u64>,
}

/// What a change of the rules would change.
struct Preview {
    /// What is put into use, in words.
    what: String,
    /// The field that says exactly this change again.
    field: (&'static str, String),
    /// The version it was compared with.
    version: i32,
    changed: String,
    looked_at: String,
    warnings: Vec<String>,
    attributes: Vec<(String, String, String)>,
    examples: Vec<Example>,
}

/// A golden value that would change.
struct Example {
    address: String,
    id: String,
    attribute: String,
    now: Said,
    then: Said,
}

/// A value, its source and its rule.
struct Said {
    value: Value,
    from: String,
}

/// The rules of a kind in words, with a preview that was asked for before.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Query(asked): Query<Asked>) -> Page {
    let f = Frame::of(&request, &desk);
    let kind = asked.kind;
    let looked = asked.preview.map(|id| {
        let looked = desk.state().previews.look(id, &desk.actor().principal, kind);
        looked.map(|(change, progress)| (id, change, progress)).ok_or_else(|| Problem::new(problem::NOT_FOUND))
    });
    let looked = looked.transpose()?;
    let (view, sources) = desk.run(move |registry, actor| look_up(registry, actor, kind)).await?;
    let in_use = view.clauses.clone();
    let mut page = page(f, view, &sources);
    if let Some((id, change, progress)) = looked {
        // A preview of something else has a page of its own.
        let Change::Rules(change) = change else { return Err(Problem::new(problem::NOT_FOUND)) };
        // What was typed is gone on with, however far the preview is.
        if let RulesChange::File(text) = &change {
            page.toml.clone_from(text);
        }
        let running = |seconds| Some(Running { address: format!("/survivorship?kind={kind}&preview={id}"), seconds });
        match progress {
            Progress::Waiting => page.running = running(None),
            Progress::Running(since) => page.running = running(Some(since.as_secs())),
            Progress::Failed(problem) => page.failed = Some(refused(page.f.l, &problem)),
            Progress::Done(Told::Rules(preview)) => page.preview = Some(told(page.f.l, *preview, &in_use, change, &sources)),
            Progress::Done(Told::Model(_)) => return Err(Problem::new(problem::NOT_FOUND)),
        }
    }
    Ok(render(StatusCode::OK, &page))
}

/// The rules, and the source systems they speak of.
fn look_up(registry: &Registry, actor: &Actor, kind: Kind) -> Result<(RulesView, Vec<SourceSystem>), RegistryError> {
    Ok((registry.survivorship(actor, kind, None)?, registry.list_sources()?))
}

/// The largest form with a file of rules, in bytes: a form writes the end of a line in six, and other fields besides.
const MAX_RULES: usize = 6 * MAX_RULES_BYTES + 64 * 1024;

/// Previews a file or an earlier version, or puts what was previewed into use, as a decision.
pub(crate) async fn act(desk: Desk, form: Form<MAX_RULES>) -> Page {
    let kind: Kind = form.text("kind").parse().map_err(|_| invalid("kind", "person, legal-person or parcel"))?;
    let change = change(&form)?;
    if form.text("act") == "preview" {
        return Ok(see(&format!("/survivorship?kind={kind}&preview={}#preview", begin(&desk, kind, Change::Rules(change)))));
    }
    let expected: i32 = form.text("version").parse().map_err(|_| invalid("version", "the version in use"))?;
    let comment = Some(form.text("comment").to_owned()).filter(|comment| !comment.is_empty());
    desk.run(move |registry, actor| registry.apply_survivorship(actor, kind, &change, Some(expected), comment.as_deref())).await?;
    Ok(see(&format!("/survivorship?kind={kind}")))
}

/// What the form would put into use: a file, or a version that was in use before.
fn change(form: &Form<MAX_RULES>) -> Result<RulesChange, Problem> {
    let to = form.text("to");
    if !to.is_empty() {
        return Ok(RulesChange::Version(to.parse().map_err(|_| invalid("to", "a version of the rules"))?));
    }
    if form.text("toml").is_empty() {
        return Err(invalid("toml", "the text of a file of survivorship rules"));
    }
    Ok(RulesChange::File(form.lines("toml")))
}

/// Why there is no preview, in a sentence and with each slip in the file.
fn refused(l: Language, problem: &Problem) -> (String, Vec<String>) {
    let listed = problem.member("errors").and_then(Json::as_array).into_iter().flatten();
    let slips: Vec<String> = listed.filter_map(|slip| slip["advice"].as_str().map(str::to_owned)).collect();
    let sentence = if slips.is_empty() {
        problem.told().unwrap_or_else(|| problem.title())
    } else {
        l.say("文件有误，请改正后再预览。", "put the file right and preview it again.")
    };
    (sentence.to_owned(), slips)
}

fn page(f: Frame, view: RulesView, sources: &[SourceSystem]) -> SurvivorshipPage {
    let l = f.l;
    let kind = view.kind;
    SurvivorshipPage {
        kind: kind.as_str(),
        plural: kind.plural(),
        kinds: Kind::ALL.into_iter().map(|known| (known.as_str(), words::base(l, known), known == kind)).collect(),
        one: words::one(l, kind),
        version: view.in_use,
        since: l.moment(view.version.created_at),
        actor: view.version.actor,
        comment: view.version.comment,
        digest: format!("{}…", &view.version.digest[..16]),
        composing: view.composing.map(|Composing { of, composed, changed }| (l.count(composed), l.count(of), l.count(changed))),
        clauses: view.clauses.iter().map(|clause| line(l, kind, clause, sources)).collect(),
        sources: sources.iter().map(|source| (source.name.clone(), source.code.to_string(), source.trust)).collect(),
        warnings: view.warnings.iter().map(|remark| warned(l, remark)).collect(),
        versions: view
            .versions
            .into_iter()
            .map(|version| Version {
                number: version.version,
                in_use: version.active,
                since: l.moment(version.created_at),
                actor: version.actor,
                comment: version.comment,
                changed: l.count(version.changed),
            })
            .collect(),
        toml: view.toml,
        running: None,
        failed: None,
        preview: None,
        may_apply: f.may(Right::Models),
        f,
    }
}

fn warned(l: Language, RulesRemark { line, message }: &RulesRemark) -> String {
    match l {
        Language::Zh => format!("第 {line} 行：{message}"),
        Language::En => format!("line {line}: {message}"),
    }
}

/// A clause in words.
fn line(l: Language, kind: Kind, clause: &ClauseView, sources: &[SourceSystem]) -> Clause {
    let listed = |parts: Vec<String>| parts.join(l.say("、", ", "));
    let value = |column: &str, text: &String| clauses::value(l, kind, column, text);
    let source = |code: &String| code.parse().map_or_else(|_| code.clone(), |code| words::source(sources, &code));
    let mut notes = Vec::new();
    if !clause.trust.is_empty() {
        let trusts = clause.trust.iter().map(|(code, trust)| format!("{} {trust}", source(code))).collect();
        notes.push(format!("{}{}", l.say("此处的可信度：", "trusted here: "), listed(trusts)));
    }
    if let Some(first) = clause.columns.first().filter(|_| !clause.final_values.is_empty()) {
        let finals = clause.final_values.iter().map(|text| value(first, text)).collect();
        notes.push(format!("{}{}", l.say("不可逆的值：", "nothing undoes: "), listed(finals)));
    }
    if let Some(former) = &clause.former {
        notes.push(format!("{}{}", l.say("曾用值见：", "former values are in: "), title(l, kind, former)));
    }
    if let Some(PastView { column, values, former }) = &clause.past {
        let mut past: Vec<String> = values.iter().map(|text| value(column, text)).collect();
        past.extend(former.iter().map(|former| title(l, kind, former)));
        let about = title(l, kind, column);
        notes.push(match l {
            Language::Zh => format!("{about}为“{}”者视为过去的记录", listed(past)),
            Language::En => format!("of the past is whose {about} is: {}", listed(past)),
        });
    }
    let attributes = clause.columns.iter().map(|column| title(l, kind, column)).collect();
    Clause {
        attributes: if clause.columns.is_empty() { l.say("其他各项", "everything else").to_owned() } else { listed(attributes) },
        together: clause.columns.len() > 1,
        order: clause.order.iter().map(|rule| clauses::rule_of(l, kind, clause, rule)).collect(),
        notes,
    }
}

/// A preview in words; `in_use` are the clauses by which values are chosen now.
fn told(l: Language, preview: RulesPreview, in_use: &[ClauseView], change: RulesChange, sources: &[SourceSystem]) -> Preview {
    let kind = preview.kind;
    let said = |view: &Option<ValueView>, by: &[ClauseView], column: &str, other: &Option<ValueView>| {
        let text = |view: &Option<ValueView>| view.as_ref().map_or_else(String::new, |view| view.value.clone());
        let from = view.as_ref().map_or_else(String::new, |view| {
            let rule = clauses::rule(l, kind, by, column, &view.rule);
            let source = view.source.as_ref().map(|key| words::source(sources, &key.source));
            source.into_iter().chain([rule]).collect::<Vec<_>>().join(l.say("，", ", "))
        });
        Said { value: Value::beside(l, kind, column, &text(view), &text(other)), from }
    };
    let example = |example: &RulesExample| Example {
        address: address_of(kind, example.entity),
        id: format!("…{}", &example.entity.to_string()[24..]),
        attribute: title(l, kind, &example.column),
        now: said(&example.now, in_use, &example.column, &None),
        then: said(&example.then, &preview.clauses, &example.column, &example.now),
    };
    let (what, field) = match change {
        RulesChange::File(text) => (l.say("启用这个文件", "Put this file into use").to_owned(), ("toml", text)),
        RulesChange::Version(to) => {
            let what = match l {
                Language::Zh => format!("重新启用版本 {to}"),
                Language::En => format!("Put version {to} into use again"),
            };
            (what, ("to", to.to_string()))
        }
    };
    Preview {
        what,
        field,
        version: preview.version,
        changed: l.count(preview.changed),
        looked_at: l.count(preview.looked_at),
        warnings: preview.warnings.iter().map(|remark| warned(l, remark)).collect(),
        attributes: preview
            .attributes
            .iter()
            .map(|change| (title(l, kind, &change.column), l.count(change.values), l.count(change.provenance)))
            .collect(),
        examples: preview.examples.iter().filter(|example| example.column != "geometry").map(example).collect(),
    }
}
