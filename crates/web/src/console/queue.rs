//! Which review tasks does a steward go through?
//!
//! The filters of the list stay with them from task to task, in the address; none of them is personal.

use jiku_model::{Kind, SourceCode};
use jiku_registry::{Actor, ReviewFilter};

use crate::parameters::{Given, encode, invalid};
use crate::problem::Problem;

/// The filters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue {
    pub(crate) kind: Option<Kind>,
    pub(crate) reason: Option<String>,
    pub(crate) source: Option<SourceCode>,
    pub(crate) department: Option<String>,
    pub(crate) division: Option<String>,
    pub(crate) min: Option<f32>,
    pub(crate) max: Option<f32>,
    /// Only those one has taken oneself.
    pub(crate) mine: bool,
    /// Whether personal values are shown in full, task after task; each look is traced as such.
    pub(crate) unmask: bool,
}

impl Queue {
    /// Their names in an address.
    pub(crate) const NAMES: [&'static str; 8] = ["kind", "reason", "source", "department", "division", "min", "max", "mine"];

    /// Reads them; an empty field of a form is as good as none.
    pub(crate) fn read(given: &Given<'_>) -> Result<Self, Problem> {
        let text = |name| given.text(name).map(str::trim).filter(|text| !text.is_empty());
        let number = |name| {
            text(name)
                .map(|text| text.parse::<f32>().ok().filter(|number| number.is_finite()).ok_or_else(|| invalid(name, "a number")))
                .transpose()
        };
        Ok(Self {
            kind: text("kind").map(|text| text.parse().map_err(|_| invalid("kind", "person, legal-person or parcel"))).transpose()?,
            reason: text("reason").map(str::to_owned),
            source: text("source").map(|text| text.parse().map_err(|_| invalid("source", "the code of a source system"))).transpose()?,
            department: text("department").map(str::to_owned),
            division: text("division").map(str::to_owned).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit())),
            min: number("min")?,
            max: number("max")?,
            mine: text("mine").is_some(),
            unmask: false,
        })
    }

    /// As the part of an address after the question mark, with the mark; empty without filters.
    pub(crate) fn query(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut add = |name: &str, value: Option<String>| parts.extend(value.map(|value| format!("{name}={value}")));
        add("kind", self.kind.map(|kind| kind.to_string()));
        add(
            "reason",
            self.reason.as_ref().map(|reason| reason.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect()),
        );
        add("source", self.source.as_ref().map(|source| source.as_str().to_owned()));
        add("department", self.department.as_deref().map(encode));
        add("division", self.division.clone());
        add("min", self.min.map(|weight| weight.to_string()));
        add("max", self.max.map(|weight| weight.to_string()));
        add("mine", self.mine.then(|| "1".to_owned()));
        add("unmask", self.unmask.then(|| "true".to_owned()));
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// As the registry asks for them.
    pub(crate) fn filter(&self, actor: &Actor, limit: usize, cursor: Option<String>) -> ReviewFilter {
        ReviewFilter {
            kind: self.kind,
            state: None,
            reason: self.reason.clone(),
            assigned_to: self.mine.then(|| actor.principal.clone()),
            source: self.source.clone(),
            department: self.department.clone(),
            division: self.division.clone(),
            min_weight: self.min,
            max_weight: self.max,
            limit,
            cursor,
            explain: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_travel_in_the_address() {
        let queue = Queue {
            kind: Some(Kind::Person),
            reason: Some("unsure&x".into()),
            department: Some("公安&".into()),
            min: Some(1.5),
            mine: true,
            unmask: true,
            ..Queue::default()
        };
        assert_eq!(queue.query(), "?kind=person&reason=unsurex&department=%E5%85%AC%E5%AE%89%26&min=1.5&mine=1&unmask=true");
        assert_eq!(Queue::default().query(), "");
    }
}
