//! What is counted, and how is it told (Prometheus text format 0.0.4)?

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::routes::ROUTES;

/// Upper bounds of the duration histogram, in microseconds.
const BOUNDS_US: [u64; 9] = [500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000, 1_000_000, 5_000_000];

/// The counters of one route.
#[derive(Default)]
struct Counters {
    by_class: [AtomicU64; 5],
    by_duration: [AtomicU64; BOUNDS_US.len()],
    micros: AtomicU64,
}

/// The counters of a server.
pub(crate) struct Metrics {
    started: Instant,
    routes: Vec<Counters>,
    elsewhere: Counters,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), routes: ROUTES.iter().map(|_| Counters::default()).collect(), elsewhere: Counters::default() }
    }

    /// Counts an answer of the route with this number, or of no route.
    pub(crate) fn count(&self, route: Option<usize>, status: u16, took: Duration) {
        let counters = route.and_then(|number| self.routes.get(number)).unwrap_or(&self.elsewhere);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(class) = counters.by_class.get(usize::from(status / 100).saturating_sub(1)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        if let Some(place) = BOUNDS_US.iter().position(|bound| micros <= *bound) {
            counters.by_duration[place].fetch_add(1, Ordering::Relaxed);
        }
        counters.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// Everything as Prometheus reads it; `figures` are further lines `name value`.
    pub(crate) fn text(&self, figures: &[(&str, f64)]) -> String {
        let mut text = String::with_capacity(8192);
        // Writing to a String cannot fail.
        let _ = self.write(&mut text, figures);
        text
    }

    fn write(&self, text: &mut String, figures: &[(&str, f64)]) -> std::fmt::Result {
        writeln!(text, "# HELP jiku_http_requests_total Answers by route and status class.\n# TYPE jiku_http_requests_total counter")?;
        for (labels, counters) in self.lines() {
            for (class, count) in counters.by_class.iter().enumerate() {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    writeln!(text, "jiku_http_requests_total{{{labels},status=\"{}xx\"}} {count}", class + 1)?;
                }
            }
        }
        writeln!(text, "# HELP jiku_http_request_seconds Time to answer.\n# TYPE jiku_http_request_seconds histogram")?;
        for (labels, counters) in self.lines() {
            let total: u64 = counters.by_class.iter().map(|count| count.load(Ordering::Relaxed)).sum();
            if total == 0 {
                continue;
            }
            let mut below = 0;
            for (bound, count) in BOUNDS_US.iter().zip(&counters.by_duration) {
                below += count.load(Ordering::Relaxed);
                writeln!(text, "jiku_http_request_seconds_bucket{{{labels},le=\"{}\"}} {below}", seconds(*bound))?;
            }
            writeln!(text, "jiku_http_request_seconds_bucket{{{labels},le=\"+Inf\"}} {total}")?;
            writeln!(text, "jiku_http_request_seconds_sum{{{labels}}} {}", seconds(counters.micros.load(Ordering::Relaxed)))?;
            writeln!(text, "jiku_http_request_seconds_count{{{labels}}} {total}")?;
        }
        writeln!(text, "# HELP jiku_uptime_seconds Since the server started.\n# TYPE jiku_uptime_seconds gauge")?;
        writeln!(text, "jiku_uptime_seconds {}", self.started.elapsed().as_secs())?;
        let mut described = "";
        for (name, value) in figures {
            let family = name.split('{').next().unwrap_or(name);
            if family != described {
                writeln!(text, "# TYPE {family} gauge")?;
                described = family;
            }
            writeln!(text, "{name} {value}")?;
        }
        Ok(())
    }

    fn lines(&self) -> impl Iterator<Item = (String, &Counters)> {
        let routes = ROUTES
            .iter()
            .zip(&self.routes)
            .map(|(route, counters)| (format!("method=\"{}\",route=\"{}\"", route.method, route.path), counters));
        routes.chain([("method=\"any\",route=\"none\"".to_owned(), &self.elsewhere)])
    }
}

#[expect(clippy::cast_precision_loss, reason = "a sum of microseconds is exact for the first 285 years")]
fn seconds(micros: u64) -> f64 {
    micros as f64 / 1_000_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_unknown_routes_are_counted_too() {
        let metrics = Metrics::new();
        metrics.count(None, 404, Duration::from_micros(400));
        metrics.count(None, 404, Duration::from_micros(3_000));
        metrics.count(Some(usize::MAX), 200, Duration::from_secs(60));
        let text = metrics.text(&[("jiku_entities{kind=\"person\"}", 7.0)]);
        for line in [
            "jiku_http_requests_total{method=\"any\",route=\"none\",status=\"4xx\"} 2",
            "jiku_http_request_seconds_bucket{method=\"any\",route=\"none\",le=\"0.0005\"} 1",
            "jiku_http_request_seconds_bucket{method=\"any\",route=\"none\",le=\"0.005\"} 2",
            "jiku_http_request_seconds_bucket{method=\"any\",route=\"none\",le=\"+Inf\"} 3",
            "jiku_entities{kind=\"person\"} 7",
        ] {
            assert!(text.lines().any(|other| other == line), "{line}\n{text}");
        }
    }
}
