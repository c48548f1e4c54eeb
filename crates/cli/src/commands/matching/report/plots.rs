//! How are figures drawn, as inline SVG that follows the page's colours?

use std::fmt::Write as _;

use jiku_linkage::WeightHistogram;

use super::escape;

/// A bar that begins where the one before ended: one step of a waterfall between `low` and `high`.
pub(super) fn step(from: f64, to: f64, low: f64, high: f64, marks: &[f64]) -> String {
    const WIDTH: f64 = 280.0;
    let place = |weight: f64| (weight - low) / (high - low).max(1.0) * WIDTH;
    let (left, right) = (place(from.min(to)), place(from.max(to)));
    let class = if to >= from { "for" } else { "against" };
    let mut svg = format!(
        "<svg width={WIDTH} height=14 viewBox=\"0 0 {WIDTH} 14\" aria-hidden=true><rect x={left:.1} y=2 width={:.1} height=10 rx=1 class={class} />",
        (right - left).max(1.0)
    );
    for mark in marks.iter().map(|mark| place(*mark)).filter(|mark| (0.0..=WIDTH).contains(mark)) {
        let _ = write!(svg, "<path d=\"M{mark:.1} 0v14\" class=mark />");
    }
    svg + "</svg>"
}

/// A bar from the left, as long as its share of the whole.
pub(super) fn share(part: f64, whole: f64, class: &str) -> String {
    let long = if part > 0.0 { (part / whole.max(f64::MIN_POSITIVE) * 200.0).clamp(1.0, 200.0) } else { 0.0 };
    format!(
        "<svg width=200 height=12 viewBox=\"0 0 200 12\" aria-hidden=true><rect y=1 width={long:.1} height=10 rx=1 class={class} /></svg>"
    )
}

/// Points in the unit square, joined; with the diagonal when they should lie on it.
pub(super) fn square(caption: &str, up: &str, right: &str, points: &[(f64, f64)], diagonal: bool) -> String {
    let place = |(x, y): &(f64, f64)| (44.0 + x * 300.0, 218.0 - y * 200.0);
    let line: Vec<String> = points.iter().map(place).map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let mut svg = format!(
        "<figure><svg width=360 height=256 viewBox=\"0 0 360 256\" role=img aria-label=\"{}\"><rect x=44 y=18 width=300 height=200 class=axis />",
        escape(caption)
    );
    for tick in [0.25, 0.5, 0.75] {
        let (x, y) = place(&(tick, tick));
        let _ = write!(svg, "<path d=\"M44 {y:.1}h300M{x:.1} 18v200\" class=axis opacity=.5 />");
    }
    if diagonal {
        svg.push_str("<path d=\"M44 218L344 18\" class=mark />");
    }
    let _ = write!(svg, "<polyline points=\"{}\" class=curve />", line.join(" "));
    for point in points {
        let (x, y) = place(point);
        let _ = write!(svg, "<circle cx={x:.1} cy={y:.1} r=2.5 class=apart><title>{:.4}, {:.4}</title></circle>", point.0, point.1);
    }
    let _ = write!(
        svg,
        "<text x=38 y=222 text-anchor=end>0</text><text x=38 y=26 text-anchor=end>1</text><text x=344 y=234 text-anchor=end>1</text>\
         <text x=194 y=250 text-anchor=middle>{}</text><text x=14 y=118 text-anchor=middle transform=\"rotate(-90 14 118)\">{}</text></svg>\
         <figcaption>{}</figcaption></figure>",
        escape(right),
        escape(up),
        escape(caption)
    );
    svg
}

/// Pairs by weight; heights are logarithmic, for pairs of strangers are many.
pub(super) fn histogram(histogram: &WeightHistogram, review: f32, link: f32, review_word: &str, link_word: &str) -> String {
    let used = |count: &u64| *count > 0;
    let (first, last) = (histogram.counts.iter().position(used).unwrap_or(0), histogram.counts.iter().rposition(used).unwrap_or(0));
    let most = histogram.counts.iter().copied().max().unwrap_or(1).max(1) as f64;
    let bar = 820.0 / (last - first + 1) as f64;
    let height = |count: u64| if count == 0 { 0.0 } else { ((count as f64).log10() + 0.3) / (most.log10() + 0.3) * 190.0 };
    let place = |weight: f64| 30.0 + (weight - f64::from(WeightHistogram::LOWEST) - first as f64) * bar;
    let mut svg = String::from("<svg width=880 height=250 viewBox=\"0 0 880 250\" role=img><path d=\"M30 220h820\" class=axis />");
    for (bin, count) in histogram.counts.iter().enumerate().take(last + 1).skip(first) {
        let weight = WeightHistogram::LOWEST + i32::try_from(bin).unwrap_or(0);
        let low = weight as f32;
        let class = if low >= link {
            "for"
        } else if low >= review {
            "doubt"
        } else {
            "apart"
        };
        let (x, tall) = (place(f64::from(weight)), height(*count));
        let _ = write!(
            svg,
            "<rect x={x:.1} y={:.1} width={:.1} height={tall:.1} class={class}><title>{weight}: {count}</title></rect>",
            220.0 - tall,
            (bar - 1.0).max(0.5)
        );
        if weight % 10 == 0 {
            let _ = write!(svg, "<text x={x:.1} y=236 text-anchor=middle>{weight}</text>");
        }
    }
    for (weight, word, y) in [(review, review_word, 26), (link, link_word, 12)] {
        let x = place(f64::from(weight));
        let _ = write!(svg, "<path d=\"M{x:.1} 16V220\" class=mark /><text x={:.1} y={y}>{} {weight:.1}</text>", x + 4.0, escape(word));
    }
    svg + "</svg>"
}
