//! How does another match model come into use, and what would it change?
//!
//! A model is asked about all records while others go on writing; only what differs from the ledger is then written, in one
//! transaction: judgements, clusters, golden records, review tasks, the new version of the model and the decision. Canonical ids
//! stay where most records stay. Going back is applying an earlier version: history is added, never rewritten.

use std::sync::Arc;

use ahash::AHashSet;
use jiku_linkage::{Model, ModelFile};
use jiku_model::Kind;
use jiku_store::{DecisionRow, ModelRow};
use serde_json::json;

use crate::facade::{DecisionKind, ModelChange, ModelOutcome};
use crate::memory::Shelf;
use crate::rejudge::Anew;
use crate::write::draft::Note;
use crate::write::reload::index;
use crate::write::session::{Session, transact};
use crate::write::state::Core;
use crate::{Actor, RegistryError, generic};

type Result<T> = std::result::Result<T, RegistryError>;

/// Another model, ready to be asked.
pub(crate) struct Proposed {
    pub(crate) model: Arc<Model>,
    /// The version in use it was made from.
    pub(crate) from: i32,
    /// The number it gets when it comes into use.
    to: i32,
    /// Only pairs of these records can be seen otherwise; all when absent.
    pub(crate) among: Option<AHashSet<u32>>,
}

impl Proposed {
    /// The model that a change makes of the one in use.
    pub(crate) fn of(core: &Core, kind: Kind, change: &ModelChange) -> Result<Self> {
        let shelf = core.shelf(kind);
        let kept = core.store.read(|reader| Ok::<_, RegistryError>(reader.models(kind)?))?;
        let to = kept.iter().map(|row| row.version).max().unwrap_or_default().max(shelf.model_version()) + 1;
        let mut among = None;
        let mut file = match change {
            ModelChange::Thresholds { link, review } => {
                let file = shelf.model().file().clone();
                let review = review.unwrap_or(file.review);
                // What would be the link threshold of a fitted model does not stay below the review threshold either.
                ModelFile { link: *link, review, link_fitted: file.link_fitted.map(|fitted| fitted.max(review)), ..file }
            }
            ModelChange::Version(version) => {
                let row =
                    kept.iter().find(|row| row.version == *version).ok_or(RegistryError::NotFound { what: "version of the model" })?;
                read(&row.toml)?.file().clone()
            }
            ModelChange::Model(toml) => read(toml)?.file().clone(),
            ModelChange::Generic(values) => {
                let mut file = shelf.model().file().clone();
                for (field, values) in values {
                    file.generic.entry(field.clone()).or_default().extend(values.iter().cloned());
                }
                among = Some(shelf.matching.read().slots_with(values));
                file
            }
        };
        if file.blocking.is_empty() || file.comparison.is_empty() {
            return Err(wrong("the model has no blocking rule or no comparison: it would find nobody"));
        }
        file.version = u32::try_from(to).unwrap_or(u32::MAX);
        let model = Model::new(file).map_err(|error| wrong(&chain(&error)))?;
        if let Some(unknown) = model.unknown_field(shelf.noun.feature_names()) {
            return Err(wrong(&unknown.to_string()));
        }
        Ok(Self { model: Arc::new(model), from: shelf.model_version(), to, among })
    }

    /// Asks the model about all records it may see otherwise; nobody waits meanwhile.
    pub(crate) fn ask(&self, core: &Core, shelf: &Shelf) -> Result<Anew> {
        Anew::of(core, shelf, Arc::clone(&self.model), self.among.clone())
    }
}

fn read(toml: &str) -> Result<Model> {
    Model::from_toml(toml).map_err(|error| wrong(&chain(&error)))
}

fn wrong(reason: &str) -> RegistryError {
    RegistryError::invalid("model", "model-invalid", reason.to_owned())
}

/// An error with what caused it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // TOML draws the place over several lines: the first says where, the last what.
        let drawn = cause.to_string();
        let mut lines = drawn.lines().map(str::trim).filter(|line| !line.is_empty());
        let said = match (lines.next(), lines.next_back()) {
            (Some(place), Some(fault)) => format!("{place}: {fault}"),
            (place, _) => place.unwrap_or_default().to_owned(),
        };
        text = format!("{text}: {said}");
        source = cause.source();
    }
    text
}

/// Refuses when another version is in use than the caller saw.
fn check(shelf: &Shelf, expected: Option<i32>) -> Result<()> {
    match expected {
        Some(expected) if expected != shelf.model_version() => {
            let message = format!("version {} of the model is in use, not {expected}: look again and decide anew", shelf.model_version());
            Err(RegistryError::conflict("model-stale", message))
        }
        _ => Ok(()),
    }
}

/// Puts another model into use, with everything that follows.
pub(crate) fn apply(
    core: &Core,
    actor: &Actor,
    kind: Kind,
    change: &ModelChange,
    expected: Option<i32>,
    comment: Option<&str>,
) -> Result<ModelOutcome> {
    let shelf = core.shelf(kind);
    check(shelf, expected)?;
    let proposed = Proposed::of(core, kind, change)?;
    let anew = proposed.ask(core, shelf)?;
    transact(core, |session| {
        check(shelf, Some(proposed.from))?;
        write(session, kind, actor, change, comment, &proposed, anew)
    })
}

fn write(
    session: &mut Session<'_, '_>,
    kind: Kind,
    actor: &Actor,
    change: &ModelChange,
    comment: Option<&str>,
    proposed: &Proposed,
    mut anew: Anew,
) -> Result<ModelOutcome> {
    let before = session.state.graphs[index(kind)].figures();
    let mut draft = anew.draft(session, kind, &actor.principal)?;
    if let ModelChange::Generic(_) = change {
        generic::flag(session, &mut draft, proposed)?;
    }
    let after = session.state.graphs[index(kind)].figures();
    let file = proposed.model.file();
    let toml = proposed.model.to_toml();
    session.writer.put_model(&ModelRow {
        kind,
        version: proposed.to,
        toml,
        active: true,
        created_at: draft.at,
        actor: actor.principal.clone(),
    })?;
    draft.decisions.push(DecisionRow {
        id: draft.decision,
        kind,
        action: DecisionKind::Model.as_str().to_owned(),
        actor: actor.principal.clone(),
        at: draft.at,
        comment: comment.map(str::to_owned),
        undone_by: None,
        body: json!({
            "change": change.as_str(), "from": proposed.from, "to": proposed.to, "link": file.link, "review": file.review,
        })
        .to_string(),
    });
    // Followers make their own index under the new model, and read again whatever lies near.
    let body = json!({ "records": [], "model": proposed.to, "decision": draft.decision });
    draft.notes.push(Note { actor: actor.principal.clone(), event: "remodelled", entity: None, body });
    let (decision, changed, judged) = (draft.decision, draft.entities.len() as u64, draft.judgements.len() as u64);
    session.write(draft)?;
    session.adopt(kind, proposed.to, anew.index);
    Ok(ModelOutcome {
        kind,
        version: proposed.to,
        decision,
        entities: (before.entities, after.entities),
        tasks: (before.open_tasks, after.open_tasks),
        changed,
        judged,
        shared: Vec::new(),
        position: session.writer.last_position()?,
    })
}
