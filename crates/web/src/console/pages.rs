//! Which page answers which address?

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, FixedOffset, Utc};
use jiku_model::{Kind, TaskId};
use jiku_registry::{
    Actor, EntityView, Expected, Found, Include, Registry, RegistryError, Relationship, ReviewFilter, ReviewState, SearchQuery,
    SourceRecordView, View,
};

use super::form::Form;
use super::views::{
    Base, Hit, HomePage, JobLine, PairRow, RecordHead, RecordPage, ReviewPage, ReviewsPage, SearchPage, Side, SignInPage, TaskLine, Tie,
    VersionLine, columns, kind_title, name_of, row, word,
};
use super::{Language, difference, language, query, render, waterfall};
use crate::cursor;
use crate::desk::Desk;
use crate::gate::{PURPOSE_COOKIE, SESSION_COOKIE};
use crate::handlers::reviews::read_verdict;
use crate::handlers::sessions;
use crate::parameters::{Given, NoParameters, Parameters, Query};
use crate::permission::Right;
use crate::place::{Entity, Named};
use crate::precondition::Seen;
use crate::problem::{self, Problem};
use crate::state::State;
use crate::wire::review_tag;

type Page = Result<HttpResponse, Problem>;

/// What personal data is read for (使用目的): the word in the trace, in Chinese, in English.
const PURPOSES: &[(&str, &str)] = &[
    ("data-stewardship", "数据治理 data stewardship"),
    ("public-service", "公共服务 public service"),
    ("inspection", "监督检查 inspection"),
];

/// Entities shown for one search.
const HITS: usize = 30;

fn see(address: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, address.to_owned())).finish()
}

/// A moment as the pages write it: Beijing time, to the minute.
fn clock(moment: DateTime<Utc>) -> String {
    let beijing = FixedOffset::east_opt(8 * 3600).map_or_else(|| moment.fixed_offset(), |zone| moment.with_timezone(&zone));
    beijing.format("%Y-%m-%d %H:%M").to_string()
}

/// The language switch: a cookie, and back to where one was.
pub(crate) async fn language(request: HttpRequest) -> HttpResponse {
    let code = request.match_info().query("code");
    let here = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
    let referer = request.headers().get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or("");
    let back = referer
        .split_once("://")
        .and_then(|(_, rest)| rest.strip_prefix(here))
        .filter(|path| path.starts_with('/') && !path.starts_with("//"));
    let mut answer = see(back.unwrap_or("/"));
    if Language::parse(code).is_some() {
        let cookie = Cookie::build(language::COOKIE, code.to_owned())
            .path("/")
            .same_site(SameSite::Lax)
            .http_only(true)
            .max_age(Duration::days(365))
            .finish();
        // The cookie is made of two letters we know: it always fits a header.
        let _ = answer.add_cookie(&cookie);
    }
    answer
}

/// The sign-in page.
pub(crate) async fn sign_in_form(request: HttpRequest, _: Query<NoParameters>) -> HttpResponse {
    render(StatusCode::OK, &SignInPage { l: Language::of(&request), who: None, failed: false, purposes: PURPOSES })
}

/// Signs in: the session goes into a cookie that scripts cannot read.
pub(crate) async fn sign_in(request: HttpRequest, state: web::Data<State>, form: Form) -> Page {
    let purpose = PURPOSES.iter().map(|(word, _)| *word).find(|word| *word == form.text("purpose")).unwrap_or(PURPOSES[0].0);
    let session = match sessions::open(&state, form.text("name").to_owned(), form.text("password").to_owned()).await {
        Ok(session) => session,
        Err(problem) if problem.slug() == problem::SIGN_IN_FAILED.slug => {
            let page = SignInPage { l: Language::of(&request), who: None, failed: true, purposes: PURPOSES };
            return Ok(render(StatusCode::UNAUTHORIZED, &page));
        }
        Err(problem) => return Err(problem),
    };
    let cookie = |name, value: String| {
        Cookie::build(name, value)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(state.secure_cookies)
            .max_age(Duration::hours(8))
            .finish()
    };
    let mut answer = see("/");
    for cookie in [cookie(SESSION_COOKIE, session.token), cookie(PURPOSE_COOKIE, purpose.to_owned())] {
        answer.add_cookie(&cookie).map_err(|_| Problem::new(problem::INTERNAL))?;
    }
    Ok(answer)
}

/// Signs out.
pub(crate) async fn sign_out(request: HttpRequest, desk: Desk) -> Page {
    sessions::close(&desk, &request).await?;
    let mut answer = see("/sign-in");
    for name in [SESSION_COOKIE, PURPOSE_COOKIE] {
        let mut gone = Cookie::build(name, "").path("/").finish();
        gone.make_removal();
        // An empty cookie always fits a header.
        let _ = answer.add_cookie(&gone);
    }
    Ok(answer)
}

/// The first page: the figures of the three bases.
pub(crate) async fn home(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let l = Language::of(&request);
    let (stats, jobs) = desk.run(|registry, _| Ok((registry.stats()?, registry.jobs(8)?))).await?;
    let bases = stats.kinds.into_iter().map(|stats| Base {
        title: kind_title(l, stats.kind),
        duplicate_share: (stats.duplicates * 100).checked_div(stats.records).unwrap_or(0),
        stats,
    });
    let jobs = jobs.into_iter().map(|job| JobLine {
        name: job.name,
        kind: kind_title(l, job.kind),
        state: word(l, job.state.as_str()),
        rows: job.progress.rows,
        rejected: job.progress.rejected,
        updated_at: clock(job.updated_at),
    });
    let page = HomePage {
        l,
        who: Some(&desk.actor().principal),
        bases: bases.collect(),
        position: stats.position,
        jobs: jobs.collect(),
        may_review: Right::SeeReviews.is_held_by(&desk.actor().roles),
    };
    Ok(render(StatusCode::OK, &page))
}

/// The search page, nothing asked yet.
pub(crate) async fn search_form(request: HttpRequest, desk: Desk, _: Query<NoParameters>) -> Page {
    let page = SearchPage {
        l: Language::of(&request),
        who: Some(&desk.actor().principal),
        text: "",
        hits: Vec::new(),
        asked: false,
        notice: None,
    };
    Ok(render(StatusCode::OK, &page))
}

/// One box for everything: each kind is asked with each likely reading of the text, until there is enough.
pub(crate) async fn search(request: HttpRequest, desk: Desk, form: Form) -> Page {
    let l = Language::of(&request);
    let text = form.text("q").to_owned();
    let kinds: Vec<Kind> = form.text("kind").parse().map_or_else(|_| Kind::ALL.to_vec(), |kind| vec![kind]);
    let asked = text.clone();
    let (found, notice) = desk.run(move |registry, actor| look_for(registry, actor, &kinds, &asked)).await?;
    let hits = found.iter().map(|view| hit(l, view)).collect();
    let page = SearchPage { l, who: Some(&desk.actor().principal), text: &text, hits, asked: true, notice };
    Ok(render(StatusCode::OK, &page))
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
    Hit { address: address_of(view), kind: kind_title(l, view.kind), name: name_of(view), facts, members: view.member_count }
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

fn address_of(view: &EntityView) -> String {
    format!("/{}/{}", view.kind.plural(), view.id)
}

/// The record page: golden values with their sources side by side.
pub(crate) async fn record(request: HttpRequest, desk: Desk, Entity(kind, id): Entity, _: Query<NoParameters>) -> Page {
    let l = Language::of(&request);
    let view = View { as_of: None, include: Include::ALL };
    match desk.run(move |registry, actor| registry.find(actor, kind, id, &view)).await? {
        Found::Record(entity) => Ok(render(StatusCode::OK, &record_page(l, &desk.actor().principal, *entity))),
        Found::Moved(survivor) => Ok(see(&format!("/{}/{survivor}", kind.plural()))),
        Found::Retired { since } => {
            let detail = match l {
                Language::Zh => format!("自 {} 起，所有来源记录均已撤回。", clock(since)),
                Language::En => format!("All its source records were withdrawn; retired since {}.", clock(since)),
            };
            Err(Problem::new(problem::GONE).detail(detail))
        }
    }
}

fn record_page(l: Language, who: &str, mut entity: EntityView) -> RecordPage<'_> {
    let sources: Vec<SourceRecordView> = entity.sources.take().unwrap_or_default();
    let rows = columns(l, entity.kind).filter_map(|(name, title)| row(l, title, entity.values.get(name), name, &sources)).collect();
    let records = sources.iter().map(|record| RecordHead {
        source: record.key.source.to_string(),
        key: record.key.key.clone(),
        received: clock(record.received_at),
        problems: record.problems.len(),
    });
    let mut ties: Vec<Tie> = Vec::new();
    for tie in entity.relationships.take().into_iter().chain(entity.parcels.take()).flatten() {
        let tie = tie_line(l, &entity, tie);
        if !ties.iter().any(|other| other.role == tie.role && other.address == tie.address && other.name == tie.name) {
            ties.push(tie);
        }
    }
    let versions = entity.history.take().unwrap_or_default().into_iter().map(|version| VersionLine {
        version: version.version,
        state: word(l, version.state.as_str()),
        from: clock(version.recorded_from),
        members: version.members.len(),
    });
    RecordPage {
        l,
        who: Some(who),
        kind: kind_title(l, entity.kind),
        name: name_of(&entity),
        recorded: clock(entity.recorded_from),
        records: records.collect(),
        rows,
        ties,
        versions: versions.collect(),
        entity,
    }
}

fn tie_line(l: Language, entity: &EntityView, tie: Relationship) -> Tie {
    let outward = tie.from == entity.id;
    let address = if outward { tie.to } else { Some((tie.from_kind, tie.from)) }.map(|(kind, id)| format!("/{}/{id}", kind.plural()));
    let name = if outward { tie.name.or(tie.number) } else { None };
    Tie { role: word(l, &tie.role).to_owned(), name: name.unwrap_or_else(|| kind_title(l, tie.from_kind).to_owned()), address }
}

/// From which page of the list.
pub(crate) struct ReviewsParameters(Option<String>);

/// The list the cursors of the review page belong to.
const REVIEWS: &str = "console reviews";

impl Parameters for ReviewsParameters {
    const NAMES: &'static [&'static str] = &["cursor"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        given.text("cursor").map(|text| cursor::unwrap(REVIEWS, text)).transpose().map(Self)
    }
}

/// The open review tasks, the most urgent first.
pub(crate) async fn reviews(request: HttpRequest, desk: Desk, Query(ReviewsParameters(cursor)): Query<ReviewsParameters>) -> Page {
    let l = Language::of(&request);
    let filter = ReviewFilter { limit: 25, cursor, ..ReviewFilter::default() };
    let page = desk.run(move |registry, actor| registry.reviews(actor, &filter)).await?;
    let next = page.next.as_deref().map(|position| cursor::wrap(REVIEWS, position));
    let tasks = page.items.into_iter().map(|task| {
        let name = |record: &SourceRecordView| {
            let value = ["name", "parcel_code", "location"].iter().find_map(|column| record.attributes.get(column));
            value.unwrap_or(&record.key.key).to_owned()
        };
        TaskLine {
            address: format!("/reviews/{}", task.id),
            kind: kind_title(l, task.kind),
            left: name(&task.left.record),
            right: name(&task.right.record),
            weight: format!("{:+.2}", task.weight),
            probability: format!("{:.1} %", task.probability * 100.0),
            opened: clock(task.opened_at),
            reason: word(l, &task.reason).to_owned(),
        }
    });
    Ok(render(StatusCode::OK, &ReviewsPage { l, who: Some(&desk.actor().principal), tasks: tasks.collect(), next }))
}

/// One review task: the pair side by side, and why the model cannot tell.
pub(crate) async fn review(request: HttpRequest, desk: Desk, Named(task): Named<TaskId>, _: Query<NoParameters>) -> Page {
    let l = Language::of(&request);
    let view = desk.run(move |registry, actor| registry.review(actor, task)).await?;
    let rows = columns(l, view.kind).filter_map(|(name, title)| {
        let (left, right) =
            (view.left.record.attributes.get(name).unwrap_or_default(), view.right.record.attributes.get(name).unwrap_or_default());
        let class = match (left, right) {
            ("", "") => return None,
            ("", _) | (_, "") => "none",
            (left, right) if left == right => "same",
            _ => "other",
        };
        let (left, right) =
            if class == "none" { (difference::whole(left), difference::whole(right)) } else { difference::pieces(left, right) };
        Some(PairRow { title: title.to_owned(), left, right, class })
    });
    let side = |side: &jiku_registry::ReviewSide| Side {
        source: side.record.key.source.to_string(),
        key: side.record.key.key.clone(),
        address: format!("/{}/{}", view.kind.plural(), side.entity),
    };
    let page = ReviewPage {
        l,
        who: Some(&desk.actor().principal),
        address: format!("/reviews/{}", view.id),
        kind: kind_title(l, view.kind),
        reason: word(l, &view.reason).to_owned(),
        left: side(&view.left),
        right: side(&view.right),
        rows: rows.collect(),
        picture: view.explanation.as_ref().map(|explanation| waterfall::draw(explanation, l)),
        if_match: review_tag(&view),
        open: view.state == ReviewState::Open,
    };
    Ok(render(StatusCode::OK, &page))
}

/// A verdict from the review page; the next task follows.
pub(crate) async fn judge(desk: Desk, Named(task): Named<TaskId>, form: Form) -> Page {
    let verdict =
        read_verdict(form.text("verdict")).ok_or_else(|| Problem::new(problem::VALUE_INVALID).detail("positive, negative or unsure"))?;
    let seen: Expected = Seen::parse(form.text("if_match"))?.into();
    let comment = Some(form.text("comment").to_owned()).filter(|comment| !comment.is_empty());
    let next = desk
        .run(move |registry, actor| {
            registry.judge(actor, task, verdict, comment.as_deref(), &seen)?;
            let waiting = registry.reviews(actor, &ReviewFilter { limit: 1, ..ReviewFilter::default() })?;
            Ok(waiting.items.first().map(|task| task.id))
        })
        .await?;
    Ok(see(&next.map_or_else(|| "/reviews".to_owned(), |task| format!("/reviews/{task}"))))
}
