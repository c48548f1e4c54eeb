//! `jiku quality`: how do the three bases stand, and how good is what each department sends?

use clap::{Args, ValueEnum};
use jiku_model::{Dimension, Kind, SourceCode};
use jiku_registry::{Period, ProblemCount, QualityQuery, QualityReport, Registry};
use serde_json::{Value, json};

use crate::console::Console;
use crate::failure::{Failure, Outcome};
use crate::settings::DatabaseArgs;
use crate::table::{Table, count};

/// Print the figures of the three bases, and the quality of the data by department, field and time
#[derive(Args, Debug)]
pub(crate) struct QualityArgs {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Only this kind: person, legal-person or parcel; its fields are then listed too
    #[arg(long)]
    kind: Option<Kind>,
    /// Only this source system; its fields are then listed too
    #[arg(long)]
    source: Option<SourceCode>,
    /// How the times of receipt are put together
    #[arg(long, value_enum, default_value = "day")]
    period: PeriodArg,
    /// Tell this column over time too, such as phone
    #[arg(long, value_name = "COLUMN")]
    field: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PeriodArg {
    Day,
    Week,
    Month,
}

pub(crate) fn run(args: &QualityArgs, console: &Console) -> Outcome {
    let registry = args.database.open()?;
    let period = match args.period {
        PeriodArg::Day => Period::Day,
        PeriodArg::Week => Period::Week,
        PeriodArg::Month => Period::Month,
    };
    if let Some(asked) = &args.source {
        let known: Vec<String> = registry.list_sources()?.iter().map(|source| source.code.to_string()).collect();
        if !known.contains(&asked.to_string()) {
            return Err(Failure::usage(format!("there is no source system {asked}; there are {}", known.join(", "))));
        }
    }
    let report = registry.quality(&QualityQuery { kind: args.kind, source: args.source.clone(), period, field: args.field.clone() })?;
    let (mut body, mut text) = bases(&registry)?;
    body["quality"] = quality_json(&report);
    text.push('\n');
    text.push_str(&by_source(&report));
    if args.kind.is_some() || args.source.is_some() || args.field.is_some() {
        text.push('\n');
        text.push_str(&by_field(&report));
        text.push('\n');
        text.push_str(&by_period(&report, args.field.as_deref()));
    }
    console.answer(&body, text);
    Ok(())
}

/// The figures of the three bases.
fn bases(registry: &Registry) -> Result<(Value, String), Failure> {
    let stats = registry.stats()?;
    let mut table = Table::new(["kind", "records", "withdrawn", "golden records", "duplicates", "tasks waiting", "memory MiB"]);
    let mut kinds = Vec::new();
    for of_kind in &stats.kinds {
        table.row([
            of_kind.kind.to_string(),
            count(of_kind.records),
            count(of_kind.withdrawn),
            count(of_kind.entities),
            count(of_kind.duplicates),
            count(of_kind.open_reviews),
            count(of_kind.memory_bytes.div_ceil(1 << 20)),
        ]);
        kinds.push(json!({
            "kind": of_kind.kind, "records": of_kind.records, "withdrawn": of_kind.withdrawn, "entities": of_kind.entities,
            "duplicates": of_kind.duplicates, "open_reviews": of_kind.open_reviews, "memory_bytes": of_kind.memory_bytes,
        }));
    }
    let body = json!({ "kinds": kinds, "sources": registry.list_sources()?, "position": stats.position });
    Ok((body, format!("{}  change log at {}\n", table.render(), stats.position)))
}

/// One line a source and kind: how many records have a problem in each dimension.
fn by_source(report: &QualityReport) -> String {
    let mut table = Table::new([
        "source",
        "kind",
        "trust",
        "records",
        "flagged",
        "twice",
        "incomplete",
        "invalid",
        "contradicting",
        "shared",
        "out of time",
    ]);
    for of_kind in &report.kinds {
        for of_source in &of_kind.sources {
            let of = |wanted: Dimension| {
                let found = of_source.dimensions.iter().find(|(dimension, _)| *dimension == wanted);
                share(found.map_or(0, |(_, records)| *records), of_source.records)
            };
            table.row([
                format!("{} ({})", of_source.source.code, of_source.source.name),
                of_kind.kind.to_string(),
                of_source.source.trust.to_string(),
                count(of_source.records),
                share(of_source.flagged, of_source.records),
                share(of_source.duplicates, of_source.records),
                of(Dimension::Completeness),
                of(Dimension::Validity),
                of(Dimension::Consistency),
                of(Dimension::Uniqueness),
                of(Dimension::Timeliness),
            ]);
        }
    }
    table.render()
}

/// One line a field: how often it is filled, and what is found wrong most often.
fn by_field(report: &QualityReport) -> String {
    let mut table = Table::new(["source", "kind", "field", "filled", "found wrong"]);
    let worst = |problems: &[ProblemCount], records| {
        problems
            .iter()
            .take(3)
            .map(|problem| format!("{} {}", problem.code, share(problem.records, records)))
            .collect::<Vec<_>>()
            .join(", ")
    };
    for of_kind in &report.kinds {
        for of_source in &of_kind.sources {
            let (source, kind) = (of_source.source.code.to_string(), of_kind.kind.to_string());
            for field in &of_source.fields {
                let (filled, wrong) = (share(field.filled, of_source.records), worst(&field.problems, of_source.records));
                table.row([source.clone(), kind.clone(), field.field.to_owned(), filled, wrong]);
            }
            if !of_source.problems.is_empty() {
                table.row([source, kind, "(the record)".to_owned(), String::new(), worst(&of_source.problems, of_source.records)]);
            }
        }
    }
    table.render()
}

/// One line a stretch of time.
fn by_period(report: &QualityReport, field: Option<&str>) -> String {
    let (filled, wrong) = (field.map(|field| format!("{field} filled")), field.map(|field| format!("{field} wrong")));
    let heads =
        ["source", "kind", "received from", "records", "flagged", "incomplete", "invalid", "contradicting", "shared", "out of time"];
    let mut table = Table::new(heads.into_iter().chain(filled.as_deref()).chain(wrong.as_deref()));
    let mut imports = Table::new(["files of", "started from", "rows", "rejected"]);
    for of_kind in &report.kinds {
        for of_source in &of_kind.sources {
            for period in &of_source.periods {
                let in_dimensions = period.dimensions.iter().map(|(_, records)| share(*records, period.records));
                let of_field = period.field.map(|field| [field.filled, field.problems].map(|records| share(records, period.records)));
                let mut row = vec![
                    of_source.source.code.to_string(),
                    of_kind.kind.to_string(),
                    period.from.to_string(),
                    count(period.records),
                    share(period.flagged, period.records),
                ];
                row.extend(in_dimensions.chain(of_field.into_iter().flatten()));
                row.resize(heads.len() + 2 * usize::from(field.is_some()), String::new());
                table.row(row);
            }
        }
        for period in &of_kind.imports {
            imports.row([of_kind.kind.to_string(), period.from.to_string(), count(period.rows), share(period.rejected, period.rows)]);
        }
    }
    format!("{}\n{}", table.render(), imports.render())
}

/// A share in per cent, and nothing where there is nothing.
fn share(part: u64, whole: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a share is shown with one decimal")]
    let percent = if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 };
    if part == 0 { "-".to_owned() } else { format!("{percent:.1} %") }
}

fn dimensions(counted: &[(Dimension, u64)]) -> Value {
    Value::Object(counted.iter().map(|(dimension, records)| (dimension.as_str().to_owned(), json!(records))).collect())
}

fn quality_json(report: &QualityReport) -> Value {
    let problems = |problems: &[ProblemCount]| -> Vec<Value> {
        let body = |problem: &ProblemCount| json!({ "code": problem.code, "severity": problem.severity, "dimension": problem.dimension, "records": problem.records });
        problems.iter().map(body).collect()
    };
    let kinds = report.kinds.iter().map(|of_kind| {
        let sources = of_kind.sources.iter().map(|of_source| {
            let fields = of_source.fields.iter().map(|field| json!({ "field": field.field, "filled": field.filled, "problems": problems(&field.problems) }));
            let periods =
                of_source.periods.iter().map(|period| {
                let mut body = json!({ "from": period.from, "records": period.records, "flagged": period.flagged, "dimensions": dimensions(&period.dimensions) });
                if let Some(field) = period.field {
                    body["filled"] = json!(field.filled);
                    body["problems"] = json!(field.problems);
                }
                body
            });
            json!({
                "source": of_source.source.code, "records": of_source.records, "flagged": of_source.flagged,
                "duplicates": of_source.duplicates,
                "dimensions": dimensions(&of_source.dimensions),
                "fields": fields.collect::<Vec<_>>(), "problems": problems(&of_source.problems), "periods": periods.collect::<Vec<_>>(),
            })
        });
        let imports =
            of_kind.imports.iter().map(|period| json!({ "from": period.from, "rows": period.rows, "rejected": period.rejected }));
        json!({ "kind": of_kind.kind, "sources": sources.collect::<Vec<_>>(), "imports": imports.collect::<Vec<_>>() })
    });
    Value::Array(kinds.collect())
}
