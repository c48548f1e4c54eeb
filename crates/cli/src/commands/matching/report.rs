//! What does a matching run look like, as one HTML page with plots?

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use jiku_linkage::{Evaluation, Explanation, Pairs, ScoreEvaluation, ScoredEdge, WeightHistogram};

use super::{Clusters, Prepared};
use crate::failure::{Failure, Outcome};

/// Writes the report.
pub(crate) fn write_report(
    path: &Path,
    prepared: &Prepared,
    pairs: &Pairs,
    clusters: &Clusters,
    judged: Option<&(Evaluation, ScoreEvaluation)>,
) -> Outcome {
    let mut page = String::from(HEAD);
    let file = prepared.model.file();
    let _ = write!(
        page,
        "<h1>Matching report</h1><p>{} records, {} clusters. Model <b>{} {}</b>: prior {:.3e}, links from weight {:.1}, review from {:.1}. {} pairs were compared.</p>",
        prepared.records.len(),
        clusters.count,
        escape(&file.name),
        file.version,
        file.prior,
        file.link,
        file.review,
        pairs.scored
    );
    if let Some((evaluation, scores)) = judged {
        page.push_str(&judgement(evaluation, scores));
    }
    page.push_str(&columns(prepared));
    page.push_str(&histogram(&pairs.histogram, file.review, file.link));
    page.push_str(&cluster_sizes(clusters));
    page.push_str(&blocking(pairs));
    page.push_str(&levels(prepared));
    page.push_str(&samples(prepared, pairs));
    page.push_str("</body></html>\n");
    fs::write(path, page).map_err(|error| Failure::place(format!("cannot write {}: {error}", path.display())))
}

const HEAD: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>Matching report</title><style>\
body{font:15px/1.45 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b2430}\
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.15rem .7rem;border-bottom:1px solid #dde3ea;text-align:right}\
td:first-child,th:first-child{text-align:left}h2{margin-top:2.2rem}svg text{font:11px system-ui,sans-serif;fill:#46525f}\
.plus{fill:#2a8a5c}.minus{fill:#c2483d}.bar{fill:#4672b4}.review{fill:#d79a2b}details{margin:.4rem 0}</style><body>";

/// Text as HTML shows it.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn judgement(evaluation: &Evaluation, scores: &ScoreEvaluation) -> String {
    let mut html = format!(
        "<h2>Against the truth</h2><table><tr><th><th>precision<th>recall<th>F1\
         <tr><td>pairs<td>{:.5}<td>{:.5}<td>{:.5}<tr><td>B-cubed<td>{:.5}<td>{:.5}<td>{:.5}</table>\
         <p>{} of {} entities are exactly one cluster; {} clusters join two entities or more. Blocking reached {:.5} of the true pairs.</p>",
        evaluation.precision(),
        evaluation.recall(),
        evaluation.f1(),
        evaluation.b_cubed_precision,
        evaluation.b_cubed_recall,
        evaluation.b_cubed_f1(),
        evaluation.exact_clusters,
        evaluation.entities,
        evaluation.mixed_clusters,
        scores.blocking_recall
    );
    let points: Vec<(f64, f64)> = scores.curve.iter().map(|point| (point.recall, point.precision)).collect();
    html.push_str(&plot("Precision (up) by recall (right) of pairs, before clustering", &points, false));
    let bins: Vec<(f64, f64)> = scores.calibration.iter().map(|bin| (bin.predicted, bin.observed)).collect();
    let title = format!("Share true (up) by probability given (right); calibration error {:.3}", scores.calibration_error);
    html.push_str(&plot(&title, &bins, true));
    let _ = write!(
        html,
        "<p>Pairs alone are best told apart at weight {:.1} (F1 {:.5}). What a threshold costs:</p>",
        scores.best.0, scores.best.1
    );
    html.push_str("<table><tr><th>threshold<th>precision<th>recall<th>pairs");
    for point in scores.curve.iter().filter(|point| (point.threshold - scores.best.0).abs() <= 6.0 && point.threshold.fract() == 0.0) {
        let _ = write!(html, "<tr><td>{:.0}<td>{:.5}<td>{:.5}<td>{}", point.threshold, point.precision, point.recall, point.pairs);
    }
    html.push_str("</table>");
    html
}

/// Points in the unit square, joined; with the diagonal when they should lie on it.
fn plot(title: &str, points: &[(f64, f64)], diagonal: bool) -> String {
    let place = |(x, y): &(f64, f64)| format!("{:.1},{:.1}", 40.0 + x * 300.0, 220.0 - y * 200.0);
    let line: Vec<String> = points.iter().map(place).collect();
    let mut html = format!(
        "<h3>{}</h3><svg width=360 height=245 role=img><rect x=40 y=20 width=300 height=200 fill=none stroke=#b9c3cd />",
        escape(title)
    );
    if diagonal {
        html.push_str("<line x1=40 y1=220 x2=340 y2=20 stroke=#b9c3cd stroke-dasharray=4 />");
    }
    let _ = write!(html, "<polyline points=\"{}\" fill=none stroke=#4672b4 stroke-width=2 />", line.join(" "));
    for point in points {
        let (x, y) = (40.0 + point.0 * 300.0, 220.0 - point.1 * 200.0);
        let _ = write!(html, "<circle cx={x:.1} cy={y:.1} r=2.5 class=bar><title>{:.4}, {:.4}</title></circle>", point.0, point.1);
    }
    html.push_str("<text x=40 y=236>0</text><text x=332 y=236>1</text><text x=28 y=24>1</text></svg>");
    html
}

fn columns(prepared: &Prepared) -> String {
    let Some(profile) = &prepared.profile else { return String::new() };
    let mut html = String::from("<h2>Columns</h2><table><tr><th>column<th>kind<th>different<th>empty<th>unusable");
    for column in &profile.columns {
        let _ = write!(
            html,
            "<tr><td>{}<td>{:?}<td>{}<td>{}<td>{}",
            escape(&column.header),
            column.kind,
            column.distinct,
            column.missing,
            column.unusable
        );
    }
    html + "</table>"
}

/// Pairs by weight; heights are logarithmic, for non-matches are many.
fn histogram(histogram: &WeightHistogram, review: f32, link: f32) -> String {
    let height = |count: u64| if count == 0 { 0.0 } else { (count as f64).log10() * 24.0 + 4.0 };
    let mut html = String::from("<h2>Weights of all pairs compared</h2><svg width=860 height=240 role=img>");
    for (bin, count) in histogram.counts.iter().enumerate() {
        let weight = WeightHistogram::LOWEST + i32::try_from(bin).unwrap_or(0);
        let low = weight as f32;
        let class = if low >= link {
            "plus"
        } else if low >= review {
            "review"
        } else {
            "bar"
        };
        let (x, tall) = (20 + bin * 7, height(*count));
        let _ = write!(
            html,
            "<rect x={x} y={:.1} width=6 height={tall:.1} class={class}><title>{weight}: {count}</title></rect>",
            215.0 - tall
        );
        if weight % 10 == 0 {
            let _ = write!(html, "<text x={x} y=232>{weight}</text>");
        }
    }
    html + "</svg><p>Blue: apart; amber: review; green: linked. Heights are logarithmic.</p>"
}

fn cluster_sizes(clusters: &Clusters) -> String {
    let mut sizes = vec![0_usize; clusters.count as usize];
    clusters.label.iter().for_each(|label| sizes[*label as usize] += 1);
    let mut counts = std::collections::BTreeMap::new();
    sizes.iter().for_each(|size| *counts.entry(*size).or_insert(0_u64) += 1);
    let most = counts.values().copied().max().unwrap_or(1) as f64;
    let mut html = String::from("<h2>Sizes of clusters</h2><table><tr><th>records<th>clusters<th>");
    for (size, count) in counts {
        let _ = write!(
            html,
            "<tr><td>{size}<td>{count}<td style=\"text-align:left\"><svg width=310 height=12><rect width={:.1} height=12 class=bar /></svg>",
            (count as f64 / most * 300.0).max(1.0)
        );
    }
    html + "</table>"
}

fn blocking(pairs: &Pairs) -> String {
    let mut html = String::from("<h2>Blocking</h2><table><tr><th>rule<th>pairs<th>new<th>in all<th>largest block<th>split<th>left out");
    let mut total = 0;
    for rule in &pairs.blocking.rules {
        total += rule.new_pairs;
        let largest = rule.largest.first().copied().unwrap_or(0);
        let _ = write!(
            html,
            "<tr><td>{}<td>{}<td>{}<td>{total}<td>{largest}<td>{}<td>{}",
            escape(&rule.name),
            rule.pairs,
            rule.new_pairs,
            rule.refined,
            rule.dropped
        );
    }
    let _ = write!(html, "</table><p>{total} of {} possible pairs.</p>", pairs.blocking.possible);
    html
}

/// m, u and weight of every level.
fn levels(prepared: &Prepared) -> String {
    let mut html = String::from("<h2>What each outcome says</h2>");
    for comparison in &prepared.model.file().comparison {
        let _ = write!(html, "<h3>{}</h3><table><tr><th>level<th>m<th>u<th>weight<th>", escape(&comparison.name));
        for level in &comparison.level {
            let weight = (level.m / level.u).log2();
            let _ = write!(html, "<tr><td>{}<td>{:.4}<td>{:.2e}<td>{weight:+.1}<td>{}", escape(&level.name), level.m, level.u, bar(weight));
        }
        html.push_str("</table>");
    }
    html
}

/// A bar to the right for, to the left against.
fn bar(weight: f64) -> String {
    let long = (weight.abs() * 6.0).min(150.0);
    let (x, class) = if weight >= 0.0 { (150.0, "plus") } else { (150.0 - long, "minus") };
    format!("<svg width=300 height=12><rect x={x:.1} width={long:.1} height=12 class={class} /></svg>")
}

/// Waterfalls: pairs linked, to be reviewed and nearly so.
fn samples(prepared: &Prepared, pairs: &Pairs) -> String {
    let model = &prepared.model;
    let nearest = |wanted: f32, edges: &mut dyn Iterator<Item = &ScoredEdge>| {
        let mut edges: Vec<ScoredEdge> = edges.copied().collect();
        edges.sort_by(|a, b| {
            (a.weight - wanted).abs().total_cmp(&(b.weight - wanted).abs()).then((a.left, a.right).cmp(&(b.left, b.right)))
        });
        edges.truncate(4);
        edges
    };
    let (link, review) = (model.link_threshold(), model.review_threshold());
    let groups = [
        ("Linked, just above the threshold", nearest(link, &mut pairs.edges.iter().filter(|edge| edge.weight >= link))),
        ("For review", nearest((link + review) / 2.0, &mut pairs.edges.iter().filter(|edge| (review..link).contains(&edge.weight)))),
        ("Apart, just below", nearest(review, &mut pairs.edges.iter().filter(|edge| edge.weight < review))),
    ];
    let mut html = String::from("<h2>Pairs, explained</h2>");
    for (title, edges) in groups {
        let _ = write!(html, "<h3>{title}</h3>");
        for edge in edges {
            let explanation = prepared.records.explain(model, edge.left, edge.right).explain();
            let (left, right) = (&prepared.ids[edge.left as usize], &prepared.ids[edge.right as usize]);
            html.push_str(&waterfall(&explanation, left, right));
        }
    }
    html
}

fn waterfall(explanation: &Explanation, left: &str, right: &str) -> String {
    let mut html = format!(
        "<details open><summary>{} and {}: weight {:.1}, probability {:.4}</summary><table><tr><th>comparison<th>level<th>left<th>right<th>weight<th>\
         <tr><td>prior<td><td><td><td>{:+.1}<td>{}",
        escape(left),
        escape(right),
        explanation.weight,
        explanation.probability,
        explanation.prior,
        bar(f64::from(explanation.prior))
    );
    for line in &explanation.lines {
        let _ = write!(
            html,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{:+.1}<td>{}",
            escape(&line.comparison),
            escape(&line.level),
            escape(line.left.as_deref().unwrap_or("")),
            escape(line.right.as_deref().unwrap_or("")),
            line.weight,
            bar(f64::from(line.weight))
        );
    }
    html + "</table></details>"
}
