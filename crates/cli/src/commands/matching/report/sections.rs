//! What does each section of the report say?

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiku_linkage::{Column, ColumnKind, Explanation, LeftOut, ScoredEdge};
use jiku_resolution::HoldReason;

use super::{Run, escape, plots};
use crate::table::count;

impl Run<'_> {
    fn say<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.language.say(zh, en)
    }

    fn heading(&self, zh: &str, en: &str) -> String {
        format!("<h2>{}</h2>", self.say(zh, en))
    }

    fn in_review(&self) -> u64 {
        let model = &self.prepared.model;
        self.pairs.edges.iter().filter(|edge| model.verdict(edge.weight) == jiku_model::Verdict::Unsure).count() as u64
    }

    pub(super) fn summary(&self) -> String {
        let records = u64::from(self.prepared.records.len());
        let tiles = [
            (count(records), self.say("条记录", "records")),
            (count(u64::from(self.clusters.count)), self.say("个实体（簇）", "clusters")),
            (count(records - u64::from(self.clusters.count)), self.say("条重复记录", "records that repeat another")),
            (count(self.pairs.scored), self.say("对记录已比较", "pairs compared")),
            (count(self.in_review()), self.say("对待人工复核", "pairs worth a review")),
            (count(self.clusters.held.len() as u64), self.say("条连接被拦下", "links held back")),
        ];
        let mut html = String::from("<div class=tiles>");
        for (figure, word) in tiles {
            let _ = write!(html, "<div class=tile><b>{figure}</b><span>{word}</span></div>");
        }
        html + "</div>"
    }

    /// What was done, in words.
    pub(super) fn deeds(&self) -> String {
        let file = self.prepared.model.file();
        let mut html = self.heading("做了什么", "What was done");
        html.push_str("<ol>");
        let mut line = |zh: String, en: String| {
            let _ = write!(html, "<li>{}", escape(self.say(&zh, &en)));
        };
        line(
            format!(
                "使用模型“{}”第 {} 版：{} 条分块规则决定比较哪些记录，{} 项比较给出证据。",
                file.name,
                file.version,
                file.blocking.len(),
                file.comparison.len()
            ),
            format!(
                "Model “{}”, version {}: {} blocking rules choose which records are compared, {} comparisons give evidence.",
                file.name,
                file.version,
                file.blocking.len(),
                file.comparison.len()
            ),
        );
        if let Some(training) = &self.prepared.training {
            line(
                format!(
                    "不用标注拟合模型：看了 {} 对随机记录和 {} 对候选记录，迭代 {} 轮，估计约有 {:.0} 对匹配。",
                    count(training.random_pairs),
                    count(training.candidate_pairs),
                    training.rounds,
                    training.expected_matches
                ),
                format!(
                    "The model was fitted without labels to {} random and {} candidate pairs in {} rounds; about {:.0} pairs are expected to match.",
                    count(training.random_pairs),
                    count(training.candidate_pairs),
                    training.rounds,
                    training.expected_matches
                ),
            );
        }
        line(
            format!(
                "权重（log2 几率）不低于 {:.1} 的记录对连接，{:.1} 至 {:.1} 之间的交人工复核；先验 {:.2e}。",
                file.link, file.review, file.link, file.prior
            ),
            format!(
                "Pairs of a weight (log2 of the odds) of {:.1} or more are linked, those from {:.1} to {:.1} are for review; the prior is {:.2e}.",
                file.link, file.review, file.link, file.prior
            ),
        );
        line(
            "由最重的连接开始逐个合并；有冲突证件号、被多数记录对反对、或只靠一座“桥”相连的部分不合并。".to_owned(),
            "Links join from the heaviest down; parts with conflicting numbers, that most pairs speak against, or that one bridge holds together stay apart.".to_owned(),
        );
        html + "</ol>"
    }

    pub(super) fn truth(&self) -> String {
        let Some((evaluation, scores)) = self.judged else { return String::new() };
        let mut html = self.heading("与真值对照", "Against the truth");
        let _ = write!(
            html,
            "<table><tr><th class=t><th>{}<th>{}<th>F1<tr><td class=t>{}<td>{:.5}<td>{:.5}<td>{:.5}<tr><td class=t>B-cubed<td>{:.5}<td>{:.5}<td>{:.5}</table>",
            self.say("准确率", "precision"),
            self.say("召回率", "recall"),
            self.say("记录对", "pairs"),
            evaluation.precision(),
            evaluation.recall(),
            evaluation.f1(),
            evaluation.b_cubed_precision,
            evaluation.b_cubed_recall,
            evaluation.b_cubed_f1()
        );
        let (exact, entities, mixed) = (count(evaluation.exact_clusters), count(evaluation.entities), count(evaluation.mixed_clusters));
        let reached = super::super::blocking_recall(self.prepared).unwrap_or(1.0);
        let zh =
            format!("{entities} 个实体中 {exact} 个恰好成为一个簇；{mixed} 个簇混入了两个以上实体。分块覆盖了 {reached:.5} 的真匹配。");
        let en = format!(
            "{exact} of {entities} entities are exactly one cluster; {mixed} clusters join two entities or more. Blocking reached {reached:.5} of the true pairs."
        );
        let _ = write!(html, "<p>{}</p><div class=plots>", self.say(&zh, &en));
        let curve: Vec<(f64, f64)> = scores.curve.iter().map(|point| (point.recall, point.precision)).collect();
        html.push_str(&plots::square(
            self.say("各阈值下的准确率与召回率（聚类之前）", "Precision and recall of pairs at every threshold, before clustering"),
            self.say("准确率", "precision"),
            self.say("召回率", "recall"),
            &curve,
            false,
        ));
        let bins: Vec<(f64, f64)> = scores.calibration.iter().map(|bin| (bin.predicted, bin.observed)).collect();
        let zh = format!("概率是否可信：点应落在对角线上；0.01 至 0.99 之间的平均偏差为 {:.3}", scores.calibration_error);
        let en = format!(
            "Whether probabilities can be trusted: points should lie on the diagonal; the mean distance between 0.01 and 0.99 is {:.3}",
            scores.calibration_error
        );
        html.push_str(&plots::square(
            self.say(&zh, &en),
            self.say("真实比例", "share true"),
            self.say("模型概率", "probability given"),
            &bins,
            true,
        ));
        html.push_str("</div>");
        self.advice(&mut html);
        html
    }

    /// What each threshold costs in errors and in review.
    fn advice(&self, html: &mut String) {
        let Some((_, scores)) = self.judged else { return };
        let review = self.prepared.model.review_threshold();
        let _ = write!(
            html,
            "<h3>{}</h3><div class=wide><table><tr><th>{}<th>{}<th>{}<th>{}<th>{}",
            self.say("阈值的代价", "What a threshold costs"),
            self.say("连接阈值", "link from"),
            self.say("准确率", "precision"),
            self.say("召回率", "recall"),
            self.say("连接的记录对", "pairs linked"),
            self.say("待复核的记录对", "pairs to review")
        );
        for point in scores.curve.iter().filter(|point| (point.threshold - scores.best.0).abs() <= 8.0 && point.threshold.fract() == 0.0) {
            let class = if point.threshold.to_bits() == scores.best.0.floor().to_bits() { " class=sum" } else { "" };
            let _ = write!(
                html,
                "<tr{class}><td>{:.0}<td>{:.5}<td>{:.5}<td>{}<td>{}",
                point.threshold,
                point.precision,
                point.recall,
                count(point.pairs),
                count(scores.to_review(point, review))
            );
        }
        let zh = format!("只看记录对，阈值 {:.1} 的 F1 最好（{:.5}）。", scores.best.0, scores.best.1);
        let en = format!("For pairs alone the threshold {:.1} has the best F1 ({:.5}).", scores.best.0, scores.best.1);
        let _ = write!(html, "</table></div><p class=soft>{}</p>", self.say(&zh, &en));
    }

    pub(super) fn weights(&self) -> String {
        let file = self.prepared.model.file();
        let (review, link) = (self.say("复核", "review"), self.say("连接", "link"));
        let mut html = self.heading("全部比较过的记录对的权重", "Weights of all pairs compared");
        html.push_str("<figure class=wide>");
        html.push_str(&plots::histogram(&self.pairs.histogram, file.review, file.link, review, link));
        let caption =
            self.say("蓝：分开；黄：复核；绿：连接。高度取对数。", "Blue: apart; amber: review; green: linked. Heights are logarithmic.");
        html + "<figcaption>" + caption + "</figcaption></figure>"
    }

    /// Waterfalls: pairs linked, to be reviewed, and nearly so.
    pub(super) fn samples(&self) -> String {
        let model = &self.prepared.model;
        let (link, review) = (model.link_threshold(), model.review_threshold());
        let nearest = |wanted: f32, holds: &dyn Fn(f32) -> bool| {
            let mut edges: Vec<ScoredEdge> = self.pairs.edges.iter().filter(|edge| holds(edge.weight)).copied().collect();
            edges.sort_by(|a, b| {
                (a.weight - wanted).abs().total_cmp(&(b.weight - wanted).abs()).then((a.left, a.right).cmp(&(b.left, b.right)))
            });
            edges.truncate(4);
            edges
        };
        let groups = [
            (self.say("刚过连接阈值", "Linked, just above the threshold"), nearest(link, &|weight| weight >= link)),
            (self.say("待复核", "For review"), nearest((link + review) / 2.0, &|weight| (review..link).contains(&weight))),
            (self.say("刚好不到复核阈值", "Apart, just below"), nearest(review, &|weight| weight < review)),
        ];
        let mut html = self.heading("记录对的证据", "Pairs, explained");
        let note = self.say(
            "每行从上一行结束处开始：绿色支持同一实体，红色反对；虚线是复核与连接阈值。",
            "Each line begins where the one before ended: green speaks for one entity, red against it; dashed are the thresholds of review and link.",
        );
        let _ = write!(html, "<p class=soft>{note}</p>");
        for (title, edges) in groups.iter().filter(|(_, edges)| !edges.is_empty()) {
            let _ = write!(html, "<h3>{title}</h3>");
            for (at, edge) in edges.iter().enumerate() {
                let explanation = self.prepared.records.explain(model, edge.left, edge.right).explain();
                let (left, right) = (&self.prepared.ids[edge.left as usize], &self.prepared.ids[edge.right as usize]);
                html.push_str(&self.waterfall(&explanation, left, right, at == 0));
            }
        }
        html
    }

    fn waterfall(&self, explanation: &Explanation, left: &str, right: &str, open: bool) -> String {
        let model = &self.prepared.model;
        let mut steps = vec![(0.0, f64::from(explanation.prior))];
        for line in &explanation.lines {
            let from = steps.last().map_or(0.0, |step| step.1);
            steps.push((from, from + f64::from(line.weight)));
        }
        let ends = || steps.iter().flat_map(|step| [step.0, step.1]).chain([0.0]);
        let (low, high) = (ends().fold(0.0, f64::min) - 1.0, ends().fold(f64::from(model.link_threshold()), f64::max) + 1.0);
        let marks = [f64::from(model.review_threshold()), f64::from(model.link_threshold())];
        let bar = |step: &(f64, f64)| plots::step(step.0, step.1, low, high, &marks);
        let mut html = format!(
            "<details{}><summary>{} – {}: {:.1} ({:.1} %)</summary><div class=wide><table><tr><th class=t>{}<th class=t>{}<th class=t>{}<th class=t>{}<th>{}<th>\
             <tr><td class=t>{}<td><td><td><td>{:+.1}<td>{}",
            if open { " open" } else { "" },
            escape(left),
            escape(right),
            explanation.weight,
            explanation.probability * 100.0,
            self.say("比较项", "comparison"),
            self.say("结果", "level"),
            escape(left),
            escape(right),
            self.say("权重", "weight"),
            self.say("先验", "prior"),
            explanation.prior,
            bar(&steps[0])
        );
        for (line, step) in explanation.lines.iter().zip(&steps[1..]) {
            let _ = write!(
                html,
                "<tr><td class=t>{}<td class=t>{}<td class=t>{}<td class=t>{}<td>{:+.1}<td>{}",
                escape(self.say(&line.comparison_zh, &line.comparison)),
                escape(self.say(&line.level_zh, &line.level)),
                escape(line.left.as_deref().unwrap_or("")),
                escape(line.right.as_deref().unwrap_or("")),
                line.weight,
                bar(step)
            );
        }
        let sum = plots::step(0.0, f64::from(explanation.weight), low, high, &marks);
        let _ = write!(
            html,
            "<tr class=sum><td class=t>{}<td><td><td><td>{:+.1}<td>{sum}</table></div></details>",
            self.say("合计", "in all"),
            explanation.weight
        );
        html
    }

    /// m, u and weight of every level.
    pub(super) fn levels(&self) -> String {
        let mut html = self.heading("每种结果说明什么", "What each outcome says");
        let note = self.say(
            "m：同一实体的记录对中出现该结果的比例；u：陌生记录对中的比例；权重 = log2(m/u)。",
            "m: the share of pairs of one entity with this outcome; u: the share of pairs of strangers; the weight is log2(m/u).",
        );
        let _ = write!(html, "<p class=soft>{note}</p>");
        for comparison in &self.prepared.model.file().comparison {
            let _ = write!(
                html,
                "<h3>{}</h3><div class=wide><table><tr><th class=t>{}<th>m<th><th>u<th><th>{}<th>",
                escape(self.say(&comparison.zh, &comparison.name)),
                self.say("结果", "level"),
                self.say("权重", "weight")
            );
            for level in &comparison.level {
                let weight = (level.m / level.u).log2();
                let _ = write!(
                    html,
                    "<tr><td class=t>{}<td>{:.4}<td>{}<td>{:.2e}<td>{}<td>{weight:+.1}<td>{}",
                    escape(self.say(&level.zh, &level.name)),
                    level.m,
                    plots::share(level.m, 1.0, "for"),
                    level.u,
                    plots::share(level.u, 1.0, "apart"),
                    plots::step(0.0, weight, -15.0, 30.0, &[0.0])
                );
            }
            html.push_str("</table></div>");
        }
        html
    }

    pub(super) fn blocking(&self) -> String {
        let mut html = self.heading("分块", "Blocking");
        let heads = [
            self.say("规则", "rule"),
            self.say("记录对", "pairs"),
            self.say("新增", "new"),
            "",
            self.say("累计", "in all"),
            self.say("最大的块", "largest block"),
            self.say("拆分的块", "split"),
            self.say("略去的块", "left out"),
        ];
        html.push_str("<div class=wide><table><tr><th class=t>");
        html.push_str(&heads.join("<th>"));
        let most = self.pairs.blocking.rules.iter().map(|rule| rule.new_pairs).max().unwrap_or(1) as f64;
        let mut total = 0;
        for rule in &self.pairs.blocking.rules {
            total += rule.new_pairs;
            let _ = write!(
                html,
                "<tr><td class=t>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}<td>{}",
                escape(&rule.name),
                count(rule.pairs),
                count(rule.new_pairs),
                plots::share(rule.new_pairs as f64, most, "apart"),
                count(total),
                count(u64::from(rule.largest.first().copied().unwrap_or(0))),
                count(u64::from(rule.refined)),
                count(u64::from(rule.dropped))
            );
        }
        let zh = format!("共有 {} 个可能的记录对，比较了 {} 对。", count(self.pairs.blocking.possible), count(total));
        let en = format!("{} of {} possible pairs are compared.", count(total), count(self.pairs.blocking.possible));
        let _ = write!(html, "</table></div><p class=soft>{}</p>", self.say(&zh, &en));
        html
    }

    pub(super) fn sizes(&self) -> String {
        let mut sizes = vec![0_usize; self.clusters.count as usize];
        self.clusters.label.iter().for_each(|label| sizes[*label as usize] += 1);
        let mut counts = BTreeMap::new();
        sizes.iter().for_each(|size| *counts.entry(*size).or_insert(0_u64) += 1);
        let most = counts.values().copied().max().unwrap_or(1) as f64;
        let mut html = self.heading("簇的大小", "Sizes of clusters");
        let _ = write!(html, "<table><tr><th>{}<th>{}<th>", self.say("记录数", "records"), self.say("簇数", "clusters"));
        for (size, number) in counts {
            let _ = write!(html, "<tr><td>{size}<td>{}<td>{}", count(number), plots::share(number as f64, most, "apart"));
        }
        html + "</table>"
    }

    /// Links that were not used, by reason.
    pub(super) fn held(&self) -> String {
        let mut reasons: BTreeMap<HoldReason, u64> = BTreeMap::new();
        self.clusters.held.iter().for_each(|held| *reasons.entry(held.reason).or_default() += 1);
        if reasons.is_empty() {
            return String::new();
        }
        let mut html = self.heading("被拦下的连接", "Links held back");
        html.push_str("<ul>");
        for (reason, number) in reasons {
            let (zh, en) = match reason {
                HoldReason::CannotLink => ("有规则或人工判定把两边分开", "a rule or a steward keeps the two sides apart"),
                HoldReason::ConflictingIdentifier => ("两边有不同的有效证件号", "the two sides hold different verified numbers"),
                HoldReason::TooLarge => ("簇会过大", "the cluster would become too large"),
                HoldReason::Bridge => ("两个紧密的部分之间只有一座桥", "only a bridge holds two dense parts together"),
                HoldReason::OutVoted => ("两边的记录对总体上反对", "the pairs across the two sides speak against it on the whole"),
                HoldReason::Contested => {
                    ("另有一簇与之几乎同样相符，而两簇不能合一", "another cluster, which cannot be one with the first, fits nearly as well")
                }
                HoldReason::DuplicateFreeSource => {
                    ("声明无重复的来源会有两条记录", "a source without duplicates would have two records in it")
                }
            };
            let _ = write!(html, "<li>{}: {}", count(number), self.say(zh, en));
        }
        html + "</ul>"
    }

    pub(super) fn columns(&self) -> String {
        let Some(profile) = &self.prepared.profile else { return self.doubts() };
        let mut html = self.heading("列与脏数据", "Columns, and dirty values found");
        let heads = [
            self.say("列", "column"),
            self.say("种类", "kind"),
            self.say("不同的值", "different"),
            self.say("空", "empty"),
            self.say("无法使用", "unusable"),
        ];
        html.push_str("<div class=wide><table><tr><th class=t>");
        html.push_str(&heads.join("<th>"));
        html.push_str("<th>");
        let rows = f64::from(self.prepared.records.len());
        for column in &profile.columns {
            let _ = write!(
                html,
                "<tr><td class=t>{}<td>{}<td>{}<td>{}<td>{}<td>{}",
                escape(&column.header),
                self.kind(column),
                count(u64::from(column.distinct)),
                count(u64::from(column.missing)),
                count(u64::from(column.unusable)),
                plots::share(f64::from(column.missing + column.unusable), rows, "doubt")
            );
        }
        let note = self.say(
            "无法使用：占位值（不详、1900-01-01、111111 等）和不合该列种类的值，按缺失处理。条形：空与无法使用的比例。",
            "Unusable: placeholders (unknown, 1900-01-01, 111111 …) and values that are not of the column's kind; they count as missing. Bars: the share empty or unusable.",
        );
        html.push_str("</table></div>");
        for warning in crate::commands::matching::warnings(self.prepared) {
            let _ = write!(html, "<p>{}", escape(&warning));
        }
        html + "<p class=soft>" + note + "</p>"
    }

    /// What was found wrong with the values of a kind's columns.
    fn doubts(&self) -> String {
        let doubts = &self.prepared.doubts;
        let mut html = self.heading("脏数据", "Dirty values found");
        if doubts.is_empty() {
            return html + "<p>" + self.say("没有发现。", "None.") + "</p>";
        }
        let heads = [
            self.say("列", "column"),
            self.say("原因", "reason"),
            self.say("不同的写法", "different texts"),
            self.say("处理", "what became of them"),
        ];
        let _ = write!(
            html,
            "<div class=wide><table><tr><th class=t>{}<th class=t>{}<th>{}<th class=t>{}",
            heads[0], heads[1], heads[2], heads[3]
        );
        for (column, code, doubt) in doubts.iter() {
            let (zh, en) = doubt.became();
            let reason = self.say(jiku_web::reason_in_chinese(code).unwrap_or_default(), &doubt.advice);
            let _ = write!(
                html,
                "<tr><td class=t>{}<td class=t>{} <code>{}</code><td>{}<td class=t>{}",
                escape(column),
                escape(reason),
                escape(code),
                count(doubt.texts),
                self.say(zh, en)
            );
        }
        html + "</table></div>"
    }

    fn kind(&self, column: &Column) -> String {
        let zh = match column.kind {
            ColumnKind::Name => "姓名",
            ColumnKind::Date => "日期",
            ColumnKind::Identifier => "编号",
            ColumnKind::Phone => "电话",
            ColumnKind::Postcode => "邮编",
            ColumnKind::Email => "电子邮箱",
            ColumnKind::Number => "数字",
            ColumnKind::Category => "类别",
            ColumnKind::Address => "地址",
            ColumnKind::Text => "文本",
            ColumnKind::Latitude => "纬度",
            ColumnKind::Longitude => "经度",
            ColumnKind::Ignored => "不比较",
        };
        let why = match column.left_out {
            None if column.said.is_some() => "，另一列已说明时不计",
            None if column.several => "，一格多值",
            None => "",
            Some(LeftOut::Named) => "：命令行已指明",
            Some(LeftOut::Empty) => "：空列",
            Some(LeftOut::Constant) => "：只有一个值",
            Some(LeftOut::RowNumber) => "：行号",
            Some(LeftOut::RepeatsName) => "：重复姓和名",
            Some(LeftOut::Repeats) => "：重复另一列",
            Some(LeftOut::TellsLess) => "：列已够多，此列说明得较少",
            Some(LeftOut::NotInModel) => "：模型未用",
        };
        self.say(&format!("{zh}{why}"), &crate::commands::matching::summary::kind_of(column)).to_owned()
    }
}
