//! How is the outcome of matching told?

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiku_linkage::{BlockingReport, ColumnKind, Evaluation, JudgedPair, ScoreEvaluation};
use serde_json::{Value, json};

use super::clusters::explain_cluster;
use super::{Clusters, Prepared};
use crate::failure::{Failure, Outcome};
use crate::table::{Table, count};

/// What was found out about the table and the model: for a person to check.
pub(crate) fn describe(prepared: &Prepared) -> String {
    let mut text = String::new();
    if let Some(profile) = &prepared.profile {
        let mut table = Table::new(["column", "kind", "different", "empty", "unusable"]);
        for column in &profile.columns {
            table.row([
                column.header.clone(),
                kind_name(column.kind).to_owned(),
                count(u64::from(column.distinct)),
                count(u64::from(column.missing)),
                count(u64::from(column.unusable)),
            ]);
        }
        let _ = writeln!(text, "Columns:\n{}", table.render());
    }
    if !prepared.doubts.is_empty() {
        let mut table = Table::new(["column", "reason", "texts", "became"]);
        for (column, code, doubt) in prepared.doubts.iter() {
            table.row([column.to_owned(), code.to_owned(), count(doubt.texts), doubt.became().1.to_owned()]);
        }
        let _ = writeln!(
            text,
            "Dirty values (cells that are read together and say the same count once; docs/reason-codes.md):\n{}",
            table.render()
        );
    }
    let file = prepared.model.file();
    let _ = writeln!(
        text,
        "Model {} {}: {} blocking rules, {} comparisons, links from weight {:.1} on.",
        file.name,
        file.version,
        file.blocking.len(),
        file.comparison.len(),
        file.link
    );
    if let Some(training) = &prepared.training {
        let _ = writeln!(
            text,
            "Fitted without labels: {} random pairs, {} candidate pairs, {} rounds; about {:.0} matching pairs expected.",
            count(training.random_pairs),
            count(training.candidate_pairs),
            training.rounds,
            training.expected_matches
        );
    }
    text
}

pub(crate) const fn kind_name(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Name => "name",
        ColumnKind::Date => "date",
        ColumnKind::Identifier => "identifier",
        ColumnKind::Phone => "phone",
        ColumnKind::Postcode => "postcode",
        ColumnKind::Email => "e-mail",
        ColumnKind::Number => "number",
        ColumnKind::Category => "category",
        ColumnKind::Address => "address",
        ColumnKind::Text => "text",
        ColumnKind::Latitude => "latitude",
        ColumnKind::Longitude => "longitude",
        ColumnKind::Ignored => "not compared",
    }
}

/// Pairs per rule, cumulative, and the largest blocks; where the truth is known, also how many of the true pairs each rule reaches.
pub(crate) fn blocking_table(prepared: &Prepared, report: &BlockingReport) -> String {
    let mut heads = vec!["blocking rule", "pairs", "new", "in all", "largest block", "split", "left out"];
    let reach = prepared.truth.as_ref().map(|_| prepared.blocking.reach(true_pairs(prepared)));
    if reach.is_some() {
        heads.extend(["true pairs", "by this alone", "true in all"]);
    }
    let mut table = Table::new(heads);
    let (mut total, mut reached) = (0, 0);
    for (at, rule) in report.rules.iter().enumerate() {
        total += rule.new_pairs;
        let mut row = vec![
            rule.name.clone(),
            count(rule.pairs),
            count(rule.new_pairs),
            count(total),
            rule.largest.first().map_or_else(String::new, |size| count(u64::from(*size))),
            count(u64::from(rule.refined)),
            count(u64::from(rule.dropped)),
        ];
        if let Some(reach) = &reach {
            reached += reach.rules[at].new;
            let share = |part: u64| format!("{:.5}", part as f64 / reach.pairs.max(1) as f64);
            row.extend([share(reach.rules[at].pairs), share(reach.rules[at].alone), share(reached)]);
        }
        table.row(row);
    }
    let mut text = format!("{}{} of {} possible pairs are compared.\n", table.render(), count(total), count(report.possible));
    for rule in report.rules.iter().filter(|rule| rule.dropped > 0) {
        let _ = writeln!(
            text,
            "Warning: {} blocks of {:?} with {} records are too large and were left out.",
            count(u64::from(rule.dropped)),
            rule.name,
            count(u64::from(rule.dropped_records))
        );
    }
    text
}

/// The pairs of records of one entity; of two tables, those across.
fn true_pairs(prepared: &Prepared) -> Vec<(u32, u32)> {
    let mut entities: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (number, entity) in (0..).zip(prepared.truth.iter().flatten()).filter(|(_, entity)| !entity.is_empty()) {
        entities.entry(entity).or_default().push(number);
    }
    let crosses = |left: u32, right: u32| prepared.left_count.is_none_or(|count| (left < count) != (right < count));
    let pairs = |records: &Vec<u32>| -> Vec<(u32, u32)> {
        let after = |(at, left): (usize, &u32)| {
            let left = *left;
            records[at + 1..].iter().map(move |right| (left, *right))
        };
        records.iter().enumerate().flat_map(after).filter(|(left, right)| crosses(*left, *right)).collect()
    };
    entities.values().flat_map(pairs).collect()
}

/// Tells of each of these ids how its cluster came to be; of two tables' records with one id, both.
pub(crate) fn explain(
    ids: &[String],
    prepared: &Prepared,
    pairs: &jiku_linkage::Pairs,
    clusters: &Clusters,
    text: &mut String,
    body: &mut Value,
) -> Outcome {
    for id in ids {
        let numbers: Vec<u32> = (0..).zip(&prepared.ids).filter(|(_, known)| *known == id).map(|(number, _)| number).collect();
        if numbers.is_empty() {
            let words = "--explain names no record of the table; give one of its ids, or a row number where no --id-column is";
            return Err(Failure::usage(words));
        }
        let told: String =
            numbers.into_iter().map(|number| explain_cluster(prepared, pairs, clusters, number)).collect::<Vec<_>>().join("\n");
        text.push('\n');
        text.push_str(&told);
        body["explained"][id] = json!(told.lines().collect::<Vec<_>>());
    }
    Ok(())
}

/// Judges clusters and scores by the truth, if it is told.
pub(crate) fn evaluate(prepared: &Prepared, clusters: &Clusters, pairs: &jiku_linkage::Pairs) -> Option<(Evaluation, ScoreEvaluation)> {
    let truth = prepared.truth.as_ref()?;
    let known = (0..truth.len()).filter(|at| !truth[*at].is_empty());
    let evaluation = Evaluation::of(known.map(|at| (clusters.label[at], truth[at].as_str())));
    let scores = pairs
        .edges
        .iter()
        .map(|edge| (edge, &truth[edge.left as usize], &truth[edge.right as usize]))
        .filter(|(_, left, right)| !left.is_empty() && !right.is_empty())
        .map(|(edge, left, right)| JudgedPair { weight: edge.weight, probability: edge.probability, truth: left == right })
        .collect();
    Some((evaluation, ScoreEvaluation::of(scores, evaluation.true_pairs)))
}

/// The evaluation as JSON.
pub(crate) fn evaluation_json(evaluation: &Evaluation) -> Value {
    json!({
        "records": evaluation.records,
        "precision": evaluation.precision(),
        "recall": evaluation.recall(),
        "f1": evaluation.f1(),
        "true_pairs": evaluation.true_pairs,
        "found_pairs": evaluation.found_pairs,
        "right_pairs": evaluation.right_pairs,
        "b_cubed": { "precision": evaluation.b_cubed_precision, "recall": evaluation.b_cubed_recall, "f1": evaluation.b_cubed_f1() },
        "clusters": evaluation.clusters,
        "entities": evaluation.entities,
        "exact_clusters": evaluation.exact_clusters,
        "mixed_clusters": evaluation.mixed_clusters,
    })
}

/// The evaluation for a person.
pub(crate) fn evaluation_text(evaluation: &Evaluation) -> String {
    let mut table = Table::new(["", "precision", "recall", "F1"]);
    let digits = |value: f64| format!("{value:.5}");
    table.row(["pairs".to_owned(), digits(evaluation.precision()), digits(evaluation.recall()), digits(evaluation.f1())]);
    table.row([
        "B-cubed".to_owned(),
        digits(evaluation.b_cubed_precision),
        digits(evaluation.b_cubed_recall),
        digits(evaluation.b_cubed_f1()),
    ]);
    format!(
        "{}{} clusters for {} entities; {} exactly right, {} join two entities or more.\n",
        table.render(),
        count(evaluation.clusters),
        count(evaluation.entities),
        count(evaluation.exact_clusters),
        count(evaluation.mixed_clusters)
    )
}

/// How well scores tell true pairs from others, as JSON: with every point of the curve, what each threshold links and leaves to review.
pub(crate) fn scores_json(scores: &ScoreEvaluation) -> Value {
    let all = scores.curve.last().map_or(0, |point| point.pairs);
    json!({
        "blocking_recall": scores.blocking_recall,
        "calibration_error": scores.calibration_error,
        "best_threshold": scores.best.0,
        "best_f1": scores.best.1,
        "calibration": scores.calibration.iter().map(|bin| json!({
            "predicted": bin.predicted, "observed": bin.observed, "pairs": bin.pairs,
        })).collect::<Vec<_>>(),
        "curve": scores.curve.iter().map(|point| json!({
            "threshold": point.threshold, "precision": point.precision, "recall": point.recall,
            "linked_pairs": point.pairs, "review_pairs": all - point.pairs,
        })).collect::<Vec<_>>(),
    })
}

/// The same for a person: thresholds around the best, with the load of reviewing all pairs that were told below them.
pub(crate) fn scores_text(scores: &ScoreEvaluation) -> String {
    let all = scores.curve.last().map_or(0, |point| point.pairs);
    let mut table = Table::new(["link from", "precision", "recall", "pairs linked", "pairs to review"]);
    for point in scores.curve.iter().filter(|point| (point.threshold - scores.best.0).abs() <= 6.0 && point.threshold.fract() == 0.0) {
        table.row([
            format!("{:.0}", point.threshold),
            format!("{:.5}", point.precision),
            format!("{:.5}", point.recall),
            count(point.pairs),
            count(all - point.pairs),
        ]);
    }
    format!(
        "{}The pairs hold {:.5} of the true ones; the best threshold is {:.1} (F1 {:.5}); the calibration error is {:.3}.\n",
        table.render(),
        scores.blocking_recall,
        scores.best.0,
        scores.best.1,
        scores.calibration_error
    )
}
