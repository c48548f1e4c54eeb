//! Does the service claim the conformance classes whose requirements it meets, and no other?

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiku_registry::Role;
use serde_json::Value;

use super::super::service::{Answer, Caller, Service};
use super::{land, requirements};

/// What the requirements are asked of: a grid of six by four parcels.
pub(super) struct World<'a> {
    pub(super) service: &'a Service,
    pub(super) caller: Caller<'a>,
}

/// A requirement: its class, its identifier in the standard, and how it is seen to be met.
pub(super) struct Requirement {
    pub(super) class: &'static str,
    pub(super) id: &'static str,
    pub(super) check: fn(&World<'_>),
}

impl World<'_> {
    pub(super) fn get(&self, path: &str) -> Answer {
        self.caller.get(&format!("/ogc{path}"))
    }

    /// A document that must be there.
    #[track_caller]
    pub(super) fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// A page of parcels.
    #[track_caller]
    pub(super) fn items(&self, query: &str) -> Value {
        self.json(&format!("/collections/parcels/items?{query}"))
    }

    /// How many parcels a query finds, asked in pages.
    #[track_caller]
    pub(super) fn count(&self, query: &str) -> usize {
        self.items(&format!("limit=1000&{query}"))["features"].as_array().expect("features").len()
    }

    /// Refused with 400.
    #[track_caller]
    pub(super) fn refused(&self, query: &str) {
        let answer = self.get(&format!("/collections/parcels/items?{query}"));
        assert_eq!((answer.status, answer.header("content-type")), (400, "application/problem+json"), "{query}: {}", answer.text);
    }

    /// A parameter of the description of items.
    pub(super) fn parameter(&self, name: &str) -> Value {
        let api = self.json("/api");
        let parameters = api["paths"]["/collections/parcels/items"]["get"]["parameters"].as_array().expect("parameters").clone();
        parameters.into_iter().find(|parameter| parameter["name"] == name).unwrap_or_else(|| panic!("{name} is not described"))
    }
}

/// A document's link of this relation; the media type begins so.
pub(super) fn link(document: &Value, rel: &str, media_type: &str) -> Option<String> {
    let links = document["links"].as_array()?;
    let found = links.iter().find(|link| link["rel"] == rel && link["type"].as_str().is_some_and(|own| own.starts_with(media_type)))?;
    found["href"].as_str().map(str::to_owned)
}

#[test]
fn every_claimed_class_meets_its_requirements_and_no_other_class_is_claimed() {
    let service = Service::sqlite();
    land::settle(&service, 6, 4);
    let world = World { service: &service, caller: service.caller(&[Role::Reader]).without("Purpose-Of-Use") };
    let mut met: BTreeMap<&str, bool> = BTreeMap::new();
    let mut failed: Vec<String> = Vec::new();
    for requirement in requirements::all() {
        let holds = catch_unwind(AssertUnwindSafe(|| (requirement.check)(&world))).is_ok();
        *met.entry(requirement.class).or_insert(true) &= holds;
        if !holds {
            failed.push(format!("{} {}", requirement.class, requirement.id));
        }
    }
    assert!(failed.is_empty(), "requirements that are not met:\n{}", failed.join("\n"));
    let claimed = world.json("/conformance")["conformsTo"].as_array().expect("classes").clone();
    let mut claimed: Vec<&str> = claimed.iter().filter_map(Value::as_str).collect();
    claimed.sort_unstable();
    let met: Vec<&str> = met.into_iter().filter(|(_, met)| *met).map(|(class, _)| class).collect();
    assert_eq!(claimed, met, "claimed and tested");
}
