//! How good is what each department sends, field by field and over time?

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use askama::Template;
use chrono::{Datelike, Days, NaiveDate};
use jiku_model::{Kind, Severity, SourceCode};
use jiku_registry::SourceQuality;

use super::{Tab, tabs};
use crate::console::frame::Frame;
use crate::console::pages::Page;
use crate::console::{Language, plots, reasons, render, words};
use crate::desk::Desk;
use crate::parameters::{Given, Parameters, Query};
use crate::problem::Problem;

/// The quality page.
#[derive(Template)]
#[template(path = "office/quality.html")]
struct QualityPage {
    f: Frame,
    tabs: Vec<Tab>,
    bases: Vec<Base>,
    detail: Option<Detail>,
}

/// The sources of one base.
struct Base {
    kind: Kind,
    title: &'static str,
    sources: Vec<SourceLine>,
}

/// One source system.
struct SourceLine {
    address: String,
    name: String,
    department: String,
    records: u64,
    /// Shares in per cent, as text and as a width.
    flagged: Share,
    filled: Share,
    duplicates: u64,
}

/// A share, to be read and to be seen.
struct Share {
    text: String,
    percent: f64,
}

/// One source in detail.
struct Detail {
    title: String,
    fields: Vec<FieldLine>,
    bars: Vec<Bar>,
    /// The room of the plot, and the most records of a week.
    room: usize,
    most: String,
}

/// One column of a source.
struct FieldLine {
    title: &'static str,
    filled: Share,
    problems: Vec<(String, &'static str, u64, String)>,
}

/// The records of one week in the plot.
struct Bar {
    x: usize,
    height: f64,
    flagged: f64,
    label: String,
    /// Its first day, where there is room for it.
    day: Option<String>,
}

/// Which source to show in detail.
pub(crate) struct QualityParameters(Option<(Kind, SourceCode)>);

impl Parameters for QualityParameters {
    const NAMES: &'static [&'static str] = &["kind", "source"];

    fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let kind = given.value("kind", "person, legal-person or parcel")?;
        Ok(Self(kind.zip(given.value("source", "the code of a source system")?)))
    }
}

/// The quality of what the departments send.
pub(crate) async fn show(request: HttpRequest, desk: Desk, Query(QualityParameters(chosen)): Query<QualityParameters>) -> Page {
    desk.reaches_all()?;
    let f = Frame::of(&request, &desk);
    let state = desk.state().clone();
    let report = desk.run(move |_, _| state.recent_quality()).await?;
    let mut bases = Vec::new();
    let mut detail = None;
    for base in &report.kinds {
        let sources: Vec<&SourceQuality> = base.sources.iter().filter(|source| source.records > 0).collect();
        let worst = sources.iter().map(|source| plots::share(source.flagged, source.records)).fold(0.01, f64::max);
        let sources = sources.into_iter().map(|source| line(f.l, base.kind, source, worst)).collect();
        bases.push(Base { kind: base.kind, title: words::base(f.l, base.kind), sources });
        if let Some((kind, code)) = chosen.as_ref().filter(|(kind, _)| *kind == base.kind) {
            let source = base.sources.iter().find(|source| source.source.code == *code);
            detail = source.map(|source| in_detail(f.l, *kind, source)).or(detail);
        }
    }
    Ok(render(StatusCode::OK, &QualityPage { tabs: tabs(&f, "/office"), bases, detail, f }))
}

fn share(l: Language, part: u64, whole: u64) -> Share {
    let share = plots::share(part, whole);
    Share { text: l.percent(share), percent: (share * 1000.0).round() / 10.0 }
}

/// A source; its doubtful records are drawn against the worst source, for they are few.
fn line(l: Language, kind: Kind, source: &SourceQuality, worst: f64) -> SourceLine {
    let cells: u64 = source.fields.iter().map(|field| field.filled).sum();
    let used = source.fields.iter().filter(|field| field.filled > 0).count() as u64;
    SourceLine {
        address: format!("/office?kind={}&source={}#detail", kind.as_str(), source.source.code),
        name: source.source.name.clone(),
        department: source.source.department.clone(),
        records: source.records,
        flagged: Share {
            percent: plots::share(source.flagged, source.records) / worst * 100.0,
            ..share(l, source.flagged, source.records)
        },
        filled: share(l, cells, used * source.records),
        duplicates: source.duplicates,
    }
}

fn in_detail(l: Language, kind: Kind, source: &SourceQuality) -> Detail {
    let fields = source.fields.iter().filter(|field| field.filled > 0 || !field.problems.is_empty()).map(|field| FieldLine {
        title: l.say(field.title_zh, field.title_en),
        filled: share(l, field.filled, source.records),
        problems: field
            .problems
            .iter()
            .map(|problem| {
                let effect = match problem.severity {
                    Severity::Reject | Severity::Flag => l.say("存疑", "flagged"),
                    Severity::Note => l.say("已规整", "tidied"),
                };
                (problem.code.clone(), effect, problem.records, reasons::told(l, &problem.code, &problem.advice))
            })
            .collect(),
    });
    // At least half of the weeks have their room, so that one alone is not a wall.
    const WEEKS: usize = 26;
    const WEEK: usize = 30;
    let mut weeks: BTreeMap<NaiveDate, (u64, u64)> = BTreeMap::new();
    for day in &source.periods {
        let monday = day.from - Days::new(u64::from(day.from.weekday().num_days_from_monday()));
        let (records, flagged) = weeks.entry(monday).or_default();
        *records += day.records;
        *flagged += day.flagged;
    }
    let latest: Vec<(NaiveDate, (u64, u64))> = weeks.into_iter().rev().take(WEEKS).rev().collect();
    let most = latest.iter().map(|(_, (records, _))| *records).max().unwrap_or(0).max(1);
    #[expect(clippy::cast_precision_loss, reason = "heights on a page")]
    let height = |records: u64| (records as f64 / most as f64 * 80.0).max(if records > 0 { 1.5 } else { 0.0 });
    let room = latest.len().max(WEEKS / 2);
    let bars = latest.iter().enumerate().map(|(at, (from, (records, flagged)))| Bar {
        x: (room - latest.len() + at) * WEEK,
        day: (latest.len() - 1 - at).is_multiple_of(2).then(|| plots::date(l, *from)),
        height: height(*records),
        flagged: height(*flagged),
        label: format!("{from}: {} / {} {}", l.count(*records), l.count(*flagged), l.say("存疑", "flagged")),
    });
    Detail {
        title: format!("{} · {}", source.source.name, words::base(l, kind)),
        fields: fields.collect(),
        bars: bars.collect(),
        room: room * WEEK,
        most: l.count(most),
    }
}
