//! When does a refusal leave, so that the time it took tells nothing?
//!
//! An entity that is out of reach takes more looking than one that is not there, a question about somebody out of reach more than one about
//! nobody, and an account that is known takes another write than one that is not. All these leave on a grid: the time that shows is the grid's.

use std::time::Duration;

use actix_web::http::StatusCode;
use jiku_registry::Actor;

use crate::routes::Entry;

/// For misses and questions of who reaches only a part of the entities: far more than the looking takes.
const MISS: Duration = Duration::from_millis(10);

/// For sign-ins that are refused: some times what checking a password takes.
const SIGN_IN: Duration = Duration::from_millis(100);

/// How long an answer is held back that is ready after `spent`; none when nothing could be told from it.
pub(crate) fn held_back(entry: &Entry, status: StatusCode, caller: Option<&Actor>, spent: Duration) -> Option<Duration> {
    let signs_in = entry.method == "POST" && matches!(entry.path, "/api/v1/sessions" | "/sign-in");
    if signs_in && status.is_client_error() {
        Some(until_next(SIGN_IN, spent))
    } else if (status == StatusCode::NOT_FOUND || asks(entry)) && caller.is_some_and(|actor| actor.limits.is_scoped()) {
        Some(until_next(MISS, spent))
    } else {
        None
    }
}

/// Whether somebody is looked for who may be out of reach, also where the answer then is the same as for nobody.
fn asks(entry: &Entry) -> bool {
    const QUESTIONS: [&str; 9] = ["search", "exists", "same", "pseudonym", "resolve", "match", "query", "aggregate", "records"];
    entry.method == "POST" && entry.path.rsplit('/').next().is_some_and(|last| QUESTIONS.contains(&last))
}

/// The time until the next line of a grid that begins with the request.
fn until_next(grid: Duration, spent: Duration) -> Duration {
    let over = spent.as_nanos() % grid.as_nanos();
    let left = grid.as_nanos() - over;
    Duration::from_nanos(u64::try_from(left).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiku_registry::Limits;

    use super::*;
    use crate::routes::ROUTES;

    #[test]
    fn questions_of_who_reaches_a_part_leave_on_the_grid_whatever_their_answer() {
        let route = |path: &str| ROUTES.iter().find(|entry| entry.method == "POST" && entry.path == path).expect("a route");
        let whole = Actor::operator("whole");
        let limits = Limits { divisions: vec!["4401".to_owned()], ..Limits::default() };
        let part = Actor { limits: Arc::new(limits), ..Actor::operator("part") };
        let held = |path: &str, actor: &Actor| held_back(route(path), StatusCode::OK, Some(actor), Duration::ZERO).is_some();
        for question in ["search", "exists", "same", "pseudonym", "resolve", "match"] {
            let path = format!("/api/v1/{{kind}}/{question}");
            assert!(held(&path, &part) && !held(&path, &whole), "{path}");
        }
        assert!(held("/search", &part) && held("/api/v1/parcels/query", &part) && held("/api/v1/parcels/aggregate", &part));
        assert!(held("/api/v1/{kind}/records", &part), "what became of a record takes longer where it meets somebody");
        assert!(!held("/api/v1/{kind}/merge", &part));
    }

    #[test]
    fn whatever_the_looking_took_the_answer_leaves_on_the_grid() {
        for (spent, expected) in [(0, 10_000), (1, 9_999), (9_999, 1), (10_000, 10_000), (23_000, 7_000)] {
            let spent = Duration::from_micros(spent);
            assert_eq!(until_next(MISS, spent), Duration::from_micros(expected), "{spent:?}");
            assert_eq!((spent + until_next(MISS, spent)).as_micros() % MISS.as_micros(), 0);
        }
    }
}
