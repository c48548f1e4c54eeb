//! What does a match model say, how has it fared, and what would another one change?

use std::cmp::Ordering;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use jiku_model::Kind;
use jiku_registry::{
    AccuracyBand, Actor, ComparisonView, ModelChange, ModelView, Registry, RegistryError, RegroupView, ThresholdPoint, ThresholdPreview,
};
use uuid::Uuid;

use super::{Page, address_of, see};
use crate::console::form::Form;
use crate::console::frame::Frame;
use crate::console::plots::{self, Step};
use crate::console::{Language, render, words};
use crate::desk::Desk;
use crate::parameters::{Given, Parameters, Query, invalid};
use crate::permission::Right;
use crate::previews::{Asked as Change, Progress, Told, begin};
use crate::problem::{self, Problem};

/// The page.
#[derive(Template)]
#[template(path = "models.html")]
struct ModelsPage {
    f: Frame,
    kind: &'static str,
    kinds: Vec<(&'static str, &'static str, bool)>,
    one: &'static str,
    version: i32,
    about: String,
    prior: String,
    link: String,
    review: String,
    /// The thresholds that were asked for last: a link, and a review where one was given.
    asked: String,
    asked_review: String,
    link_odds: String,
    comparisons: Vec<Comparison>,
    blocking: Vec<(String, String)>,
    versions: Vec<Version>,
    conflicts: Vec<(String, &'static str)>,
    relations: Vec<String>,
    load: Vec<Step>,
    /// The tasks that wait.
    waiting: String,
    load_most: String,
    accuracy: Vec<Accuracy>,
    /// A preview that is on its way.
    running: Option<Running>,
    /// Why there is no preview.
    failed: Option<String>,
    preview: Option<Preview>,
    /// A model file of which there is no preview: it is put right, not pasted again.
    refused: String,
    may_apply: bool,
}

/// A preview that is on its way.
struct Running {
    /// The address at which it is asked after.
    address: String,
    /// For how many seconds it is worked on; none while others are.
    seconds: Option<u64>,
}

/// A version of the model that is kept.
struct Version {
    number: i32,
    in_use: bool,
    since: String,
    actor: String,
}

/// A comparison with its levels.
struct Comparison {
    name: String,
    levels: Vec<Level>,
}

/// A level: how often it is met among pairs of one entity and among strangers, and the weight that follows.
struct Level {
    name: String,
    m: String,
    u: String,
    m_length: f64,
    u_length: f64,
    weight: String,
    x: f64,
    width: f64,
    class: &'static str,
}

/// What stewards said of pairs of a range of weights.
struct Accuracy {
    range: String,
    judged: String,
    share: String,
    /// The interval on a scale of 100: its left end, its width, and the share itself.
    low: f64,
    width: f64,
    at: f64,
    interval: String,
}

/// What a change of the model would change.
struct Preview {
    /// What is put into use, in words.
    what: String,
    /// The fields that say exactly this change again.
    fields: Vec<(&'static str, String)>,
    /// The version it was compared with.
    version: i32,
    link: String,
    review: String,
    entities: (String, String),
    tasks: (String, String),
    changes: String,
    examples: Vec<Regrouped>,
}

/// Entities whose records would be put together anew.
struct Regrouped {
    entities: Vec<(String, String)>,
    after: String,
    what: &'static str,
}

/// Of which kind, and with which preview; of the match model, or of the survivorship rules.
pub(crate) struct Asked {
    pub(super) kind: Kind,
    /// A preview that was asked for before.
    pub(super) preview: Option<Uuid>,
}

impl Parameters for Asked {
    const NAMES: &'static [&'static str] = &["kind", "preview"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let kind = given.value("kind", "person, legal-person or parcel")?;
        Ok(Self { kind: kind.unwrap_or(Kind::Person), preview: given.value("preview", "the id of a preview")? })
    }
}

/// The model of a kind in words and pictures, with a preview that was asked for before.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Query(asked): Query<Asked>) -> Page {
    if let Some(id) = asked.preview {
        return going_on(&request, &desk, asked.kind, id).await;
    }
    let f = Frame::of(&request, &desk);
    let kind = asked.kind;
    let seen = desk.run(move |registry, actor| look_up(registry, actor, kind)).await?;
    Ok(render(StatusCode::OK, &page(f, seen)))
}

/// The model, and how many tasks of its kind wait.
fn look_up(registry: &Registry, actor: &Actor, kind: Kind) -> Result<(ModelView, u64), RegistryError> {
    let waiting = registry.recent_stats().kinds.iter().find(|stats| stats.kind == kind).map_or(0, |stats| stats.open_reviews);
    Ok((registry.model(actor, kind)?, waiting))
}

/// Begins a preview of other thresholds, for whoever sees the model: it changes nothing.
pub(crate) async fn preview(desk: Desk, form: Form) -> Page {
    let kind = kind_of(&form)?;
    let change = thresholds(&form)?;
    Ok(see(&format!("/models?kind={kind}&preview={}#preview", begin(&desk, kind, Change::Model(change)))))
}

fn kind_of<const MOST: usize>(form: &Form<MOST>) -> Result<Kind, Problem> {
    form.text("kind").parse().map_err(|_| invalid("kind", "person, legal-person or parcel"))
}

/// Other thresholds; the one for reviews stays as it is where none is given.
fn thresholds<const MOST: usize>(form: &Form<MOST>) -> Result<ModelChange, Problem> {
    let number = |name: &'static str| {
        form.text(name).parse::<f32>().ok().filter(|number| number.is_finite()).ok_or_else(|| invalid(name, "a number"))
    };
    let review = if form.text("review").is_empty() { None } else { Some(number("review")?) };
    Ok(ModelChange::Thresholds { link: number("link")?, review })
}

/// The largest form with a model file, in bytes: a trained model says how common values are.
const MAX_MODEL: usize = 8 * 1024 * 1024;

/// Previews a model file or an earlier version, or puts what was previewed into use, as a decision that can be opened.
pub(crate) async fn act(desk: Desk, form: Form<MAX_MODEL>) -> Page {
    let kind = kind_of(&form)?;
    let change = change(&form)?;
    if form.text("act") == "preview" {
        return Ok(see(&format!("/models?kind={kind}&preview={}#preview", begin(&desk, kind, Change::Model(change)))));
    }
    let expected: i32 = form.text("version").parse().map_err(|_| invalid("version", "the version in use"))?;
    let comment = Some(form.text("comment").to_owned()).filter(|comment| !comment.is_empty());
    desk.run(move |registry, actor| registry.apply_model(actor, kind, &change, Some(expected), comment.as_deref())).await?;
    Ok(see(&format!("/models?kind={kind}")))
}

/// The model with a preview that was asked for before, as far as it is.
async fn going_on(request: &HttpRequest, desk: &Desk, kind: Kind, id: Uuid) -> Page {
    let f = Frame::of(request, desk);
    let looked = desk.state().previews.look(id, &desk.actor().principal, kind);
    // A preview of something else has a page of its own.
    let Some((Change::Model(change), progress)) = looked else { return Err(Problem::new(problem::NOT_FOUND)) };
    let seen = desk.run(move |registry, actor| look_up(registry, actor, kind)).await?;
    let mut page = page(f, seen);
    // What was typed is gone on with, however far the preview is.
    if let ModelChange::Thresholds { link, review } = &change {
        page.asked = link.to_string();
        page.asked_review = review.map_or_else(String::new, |review| review.to_string());
    }
    let running = |seconds| Some(Running { address: format!("/models?kind={kind}&preview={id}"), seconds });
    match progress {
        Progress::Waiting => page.running = running(None),
        Progress::Running(since) => page.running = running(Some(since.as_secs())),
        Progress::Failed(problem) => {
            page.failed = Some(problem.told().unwrap_or_else(|| problem.title()).to_owned());
            if let ModelChange::Model(text) = change {
                page.refused = text;
            }
        }
        Progress::Done(Told::Model(preview)) => {
            page.asked = preview.link.to_string();
            page.preview = Some(told(page.f.l, &preview, change));
        }
        Progress::Done(Told::Rules(_)) => return Err(Problem::new(problem::NOT_FOUND)),
    }
    Ok(render(StatusCode::OK, &page))
}

/// What the form would change: to a model file, to a version that was in use before, or other thresholds.
fn change(form: &Form<MAX_MODEL>) -> Result<ModelChange, Problem> {
    let (model, to) = (form.text("model"), form.text("to"));
    if !model.is_empty() {
        Ok(ModelChange::Model(model.to_owned()))
    } else if !to.is_empty() {
        Ok(ModelChange::Version(to.parse().map_err(|_| invalid("to", "a version of the model"))?))
    } else if form.text("link").is_empty() {
        Err(invalid("model", "the text of a model file, such as jiku train writes"))
    } else {
        thresholds(form)
    }
}

fn page(f: Frame, (view, waiting): (ModelView, u64)) -> ModelsPage {
    let l = f.l;
    let named = |zh: &str, en: &str| if zh.is_empty() { en.to_owned() } else { l.say(zh, en).to_owned() };
    let heaviest =
        view.comparisons.iter().flat_map(|comparison| &comparison.levels).map(|level| f64::from(level.weight.abs())).fold(1.0, f64::max);
    let effect = |effect: &str| match effect {
        "apart" => l.say("分开", "kept apart"),
        "review" => l.say("一律送审", "always reviewed"),
        _ => l.say("不自动归并", "never linked without review"),
    };
    ModelsPage {
        kind: view.kind.as_str(),
        kinds: Kind::ALL.into_iter().map(|known| (known.as_str(), words::base(l, known), known == view.kind)).collect(),
        prior: format!("{:.1}", view.prior.log2()).replace('-', "\u{2212}"),
        link: l.weight(view.link),
        review: l.weight(view.review),
        asked: view.link.to_string(),
        asked_review: String::new(),
        link_odds: l.probability(view.link_probability),
        comparisons: view.comparisons.iter().map(|comparison| lines(l, comparison, heaviest)).collect(),
        conflicts: view.conflicts.iter().map(|conflict| (named(&conflict.zh, &conflict.name), effect(conflict.effect))).collect(),
        relations: view.relations.iter().map(|relation| named(&relation.zh, &relation.name)).collect(),
        load: load(l, view.link, &view.thresholds),
        waiting: l.count(waiting),
        load_most: l.count(view.thresholds.iter().map(|point| point.review_pairs).max().unwrap_or(0)),
        accuracy: view.accuracy.iter().filter(|band| band.judged > 0).map(|band| accuracy(l, band)).collect(),
        running: None,
        failed: None,
        preview: None,
        refused: String::new(),
        may_apply: f.may(Right::Models),
        blocking: view.blocking.into_iter().map(|rule| (named(&rule.zh, &rule.name), rule.key)).collect(),
        versions: view
            .versions
            .into_iter()
            .map(|version| Version {
                number: version.version,
                in_use: version.active,
                since: l.moment(version.created_at),
                actor: version.actor,
            })
            .collect(),
        one: words::one(l, view.kind),
        version: view.in_use,
        about: named(&view.about_zh, &view.about),
        f,
    }
}

fn lines(l: Language, comparison: &ComparisonView, heaviest: f64) -> Comparison {
    let named = |zh: &str, en: &str| if zh.is_empty() { en.to_owned() } else { l.say(zh, en).to_owned() };
    let share = |share: f64| if share >= 0.001 { format!("{:.1}%", share * 100.0) } else { format!("{share:.0e}") };
    // Shares span many powers of ten: the bars go by the logarithm, from one in a billion to all.
    let length = |share: f64| ((share.max(1e-9).log10() + 9.0) / 9.0 * 100.0).clamp(0.0, 100.0);
    let levels = comparison.levels.iter().map(|level| {
        let half = f64::from(level.weight.abs()) / heaviest * 50.0;
        Level {
            name: named(&level.zh, &level.name),
            m: share(level.m),
            u: share(level.u),
            m_length: length(level.m),
            u_length: length(level.u),
            weight: l.weight(level.weight),
            x: if level.weight < 0.0 { 50.0 - half } else { 50.0 },
            width: half,
            class: if level.weight < 0.0 { "against" } else { "for" },
        }
    });
    Comparison { name: named(&comparison.zh, &comparison.name), levels: levels.collect() }
}

/// How many pairs stewards would be asked about at other link thresholds.
fn load(l: Language, link: f32, points: &[ThresholdPoint]) -> Vec<Step> {
    let short = |weight: f32| format!("{weight:+.0}").replace('-', "\u{2212}");
    // A threshold between two steps is drawn at the nearer one.
    let nearest = points.iter().map(|point| (point.link - link).abs()).fold(f32::INFINITY, f32::min);
    let in_use = points.iter().position(|point| (point.link - link).abs() <= nearest);
    plots::steps(l, points.iter().enumerate().map(|(at, point)| (short(point.link), point.review_pairs, Some(at) == in_use)).collect())
}

fn accuracy(l: Language, band: &AccuracyBand) -> Accuracy {
    let bound = |edge: Option<f32>| edge.map_or_else(String::new, |edge| l.weight(edge));
    let share = plots::share(band.same, band.judged);
    let (low, high) = band.interval;
    Accuracy {
        range: format!("{} … {}", bound(band.from), bound(band.to)),
        judged: l.count(band.judged),
        share: l.percent(share),
        low: low * 100.0,
        width: (high - low) * 100.0,
        at: share * 100.0,
        interval: format!("{} – {}", l.percent(low), l.percent(high)),
    }
}

fn told(l: Language, preview: &ThresholdPreview, change: ModelChange) -> Preview {
    let pair = |(now, then): (u64, u64)| (l.count(now), l.count(then));
    let example = |example: &RegroupView| Regrouped {
        entities: example.entities.iter().map(|id| (address_of(preview.kind, *id), format!("…{}", &id.to_string()[24..]))).collect(),
        after: example.records_after.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + "),
        what: match example.entities.len().cmp(&example.records_after.len()) {
            Ordering::Less => l.say("拆开", "parted"),
            Ordering::Equal => l.say("重组", "put together anew"),
            Ordering::Greater => l.say("合并", "joined"),
        },
    };
    let (what, fields) = match change {
        ModelChange::Model(text) => (l.say("启用这个模型文件", "Put this model file into use").to_owned(), vec![("model", text)]),
        ModelChange::Version(to) => {
            let what = match l {
                Language::Zh => format!("重新启用版本 {to}"),
                Language::En => format!("Put version {to} into use again"),
            };
            (what, vec![("to", to.to_string())])
        }
        ModelChange::Thresholds { .. } | ModelChange::Generic(_) => (
            l.say("启用这些线", "Put these thresholds into use").to_owned(),
            vec![("link", preview.link.to_string()), ("review", preview.review.to_string())],
        ),
    };
    Preview {
        what,
        fields,
        version: preview.version,
        link: l.weight(preview.link),
        review: l.weight(preview.review),
        entities: pair(preview.entities),
        tasks: pair(preview.tasks),
        changes: l.count(preview.changes),
        examples: preview.examples.iter().map(example).collect(),
    }
}
