//! How is the outcome of matching told?

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiku_linkage::{BlockingReport, Column, ColumnKind, Evaluation, JudgedPair, LeftOut, ScoreEvaluation};
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
                kind_of(column),
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
        if !training.passes.is_empty() {
            let passes: Vec<String> =
                training.passes.iter().map(|(field, purity)| format!("{field} ({:.0} % of which match)", 100.0 * purity)).collect();
            let _ = writeln!(text, "What matching pairs agree in was learned from the pairs that share {}.", passes.join(", "));
        }
    }
    for warning in warnings(prepared) {
        let _ = writeln!(text, "Warning: {warning}");
    }
    text
}

/// With so large a share of unclear matches the columns do not tell who is who.
const UNSURE: f64 = 0.5;

/// What ought to be looked at before the result is believed.
pub(crate) fn warnings(prepared: &Prepared) -> Vec<String> {
    let mut warnings = Vec::new();
    let doubtful = prepared.training.iter().flat_map(|training| &training.doubtful);
    let doubtful: Vec<String> = doubtful.map(|(name, share)| format!("{name} ({:.0} %)", 100.0 * share)).collect();
    if !doubtful.is_empty() {
        warnings.push(format!(
            "what is taken for matches often differs in {}: namesakes or members of one household may be among it. Look at the pairs just above the \
             threshold (--report); then link from a higher probability (--threshold 0.99999), leave out columns that repeat what others \
             say (--ignore), or edit the model (--save-model, --model)",
            doubtful.join(", ")
        ));
    }
    for column in prepared.profile.iter().flat_map(|profile| profile.columns.iter().filter(|column| profile.is_each_rows_own(column))) {
        warnings.push(format!(
            "every row has a {0} of its own: if it names the thing itself, no two rows are one; if it only names the row, leave it out (--ignore {0:?})",
            column.header
        ));
    }
    if let Some(training) = prepared.training.as_ref().filter(|training| training.few) {
        warnings.push(format!(
            "there are too few plain matches to learn from: what matching records agree in is as it was proposed, and about {:.0} matching pairs are expected. Look \
             at what is linked (--report)",
            training.expected_matches
        ));
    }
    if let Some(unsure) = prepared.training.as_ref().map(|training| training.unsure).filter(|unsure| *unsure > UNSURE) {
        warnings.push(format!(
            "of what is expected to match {:.0} % is hardly to be told from strangers by these columns: what is linked is the clearer part of it, the rest is \
             for review (--pairs)",
            100.0 * unsure
        ));
    }
    for (field, values) in &prepared.common {
        warnings.push(format!(
            "{} of {field} {} had by more than {} records each: they tell nobody apart, and count as missing (generic-above in the model)",
            count(*values as u64),
            if *values == 1 { "is" } else { "are" },
            prepared.model.file().generic_above
        ));
    }
    let (shared, records) = &prepared.shared;
    for (field, values) in shared {
        let above = prepared.model.file().shared.iter().find(|shared| shared.field == *field).map_or(0, |shared| shared.above);
        warnings.push(format!(
            "{} of {field} come with more than {above} different names each: they are nobody's, and count as missing with all that was read from them \
             ({} records have one)",
            count(*values as u64),
            count(*records as u64)
        ));
    }
    warnings
}

/// The kind of a column, and how its values are understood; of one that is not compared, why.
pub(crate) fn kind_of(column: &Column) -> String {
    let name = kind_name(column.kind);
    let said = column.said.as_ref().map_or("", |said| said.by.as_str());
    match column.left_out {
        Some(LeftOut::Repeats) => format!("{name}: repeats {said}"),
        Some(why) => format!("{name}: {}", left_out(why)),
        None => {
            let mut text = name.to_owned();
            if column.several && column.kind != ColumnKind::Ignored {
                text.push_str(", several in a cell");
            }
            if let Some(latest) = column.latest_year {
                let _ = write!(text, ", short years up to {latest}");
            }
            if column.decimal_comma {
                text.push_str(", decimal comma");
            }
            if column.said.is_some() {
                let _ = write!(text, ", where {said} does not say it");
            }
            text
        }
    }
}

const fn left_out(why: LeftOut) -> &'static str {
    match why {
        LeftOut::Named => "named on the command line",
        LeftOut::Empty => "empty",
        LeftOut::Constant => "one value only",
        LeftOut::RowNumber => "counts the rows",
        LeftOut::RepeatsName => "repeats given name and surname",
        LeftOut::Repeats => "repeats another column",
        LeftOut::TellsLess => "tells less than the others, of which there are enough",
        LeftOut::NotInModel => "the model does not speak of it",
    }
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

/// The share of the true pairs that are candidates, where the truth is told: no threshold gets beyond it.
pub(crate) fn blocking_recall(prepared: &Prepared) -> Option<f64> {
    prepared.truth.as_ref()?;
    let (reached, all) = prepared.blocking.reached(&entities(prepared), prepared.left_count);
    Some(if all == 0 { 1.0 } else { reached as f64 / all as f64 })
}

/// The records of each entity.
fn entities(prepared: &Prepared) -> Vec<Vec<u32>> {
    let mut entities: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (number, entity) in (0..).zip(prepared.truth.iter().flatten()).filter(|(_, entity)| !entity.is_empty()) {
        entities.entry(entity).or_default().push(number);
    }
    entities.into_values().collect()
}

/// The pairs of records of one entity; of two tables, those across.
fn true_pairs(prepared: &Prepared) -> Vec<(u32, u32)> {
    let crosses = |left: u32, right: u32| prepared.left_count.is_none_or(|count| (left < count) != (right < count));
    let pairs = |records: &Vec<u32>| -> Vec<(u32, u32)> {
        let after = |(at, left): (usize, &u32)| {
            let left = *left;
            records[at + 1..].iter().map(move |right| (left, *right))
        };
        records.iter().enumerate().flat_map(after).filter(|(left, right)| crosses(*left, *right)).collect()
    };
    entities(prepared).iter().flat_map(pairs).collect()
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

/// How well scores tell true pairs from others, as JSON: with every point of the curve, what each threshold links and leaves to review, that is
/// from the weight `review` on.
pub(crate) fn scores_json(scores: &ScoreEvaluation, review: f32) -> Value {
    json!({
        "pairs_recall": scores.recall,
        "calibration_error": scores.calibration_error,
        "best_threshold": scores.best.0,
        "best_f1": scores.best.1,
        "review_from": review,
        "calibration": scores.calibration.iter().map(|bin| json!({
            "predicted": bin.predicted, "observed": bin.observed, "pairs": bin.pairs,
        })).collect::<Vec<_>>(),
        "curve": scores.curve.iter().map(|point| json!({
            "threshold": point.threshold, "precision": point.precision, "recall": point.recall,
            "linked_pairs": point.pairs, "review_pairs": scores.to_review(point, review),
        })).collect::<Vec<_>>(),
    })
}

/// The same for a person: thresholds around the best, with the load of review.
pub(crate) fn scores_text(scores: &ScoreEvaluation, review: f32) -> String {
    let mut table = Table::new(["link from", "precision", "recall", "pairs linked", "pairs to review"]);
    for point in scores.curve.iter().filter(|point| (point.threshold - scores.best.0).abs() <= 6.0 && point.threshold.fract() == 0.0) {
        table.row([
            format!("{:.0}", point.threshold),
            format!("{:.5}", point.precision),
            format!("{:.5}", point.recall),
            count(point.pairs),
            count(scores.to_review(point, review)),
        ]);
    }
    format!(
        "{}Pairs are for review from weight {review:.1} up to the threshold. The pairs hold {:.5} of the true ones; the best threshold is {:.1} (F1 {:.5}); \
         the calibration error is {:.3}.\n",
        table.render(),
        scores.recall,
        scores.best.0,
        scores.best.1,
        scores.calibration_error
    )
}
