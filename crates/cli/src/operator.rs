//! Who acts when a command acts, and how does the façade's refusal read on the command line?

use std::path::Path;

use jiku_model::Problem;
use jiku_registry::{Actor, KeySource, OpenError, Options, Registry, RegistryError};
use jiku_web::ServeError;

use crate::failure::{Failure, Reason, chain};
use crate::settings::DatabaseUrl;

/// The person at the keyboard, as the traces will name them: `cli:` and the name of the system's user.
pub(crate) fn operator() -> Actor {
    let user = ["SUDO_USER", "LOGNAME", "USER"].iter().find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()));
    Actor::operator(&format!("cli:{}", user.as_deref().unwrap_or("unknown")))
}

/// How a database is opened: its master keys are in the usual place unless a file is named.
pub(crate) fn options(database: &DatabaseUrl, keys: Option<&Path>) -> Options {
    let keys = keys.map_or(KeySource::Usual, |file| KeySource::File(file.to_owned()));
    Options { keys, ..Options::new(database.secret()) }
}

/// Opens the registry on a database, with what is special about it.
pub(crate) fn open_with(database: &DatabaseUrl, keys: Option<&Path>, set: impl FnOnce(&mut Options)) -> Result<Registry, Failure> {
    let mut options = options(database, keys);
    set(&mut options);
    Ok(Registry::open(options)?)
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        tracing::info!(error = chain(&error), "the registry does not open");
        match &error {
            OpenError::Load(inner) => Self::database(format!("the database cannot be loaded: {}", sentence(inner))),
            _ => Self::database(error.to_string()),
        }
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        let reason = match &error {
            RegistryError::Conflict { code: "import-elsewhere" | "model-stale" | "survivorship-stale", .. } => Reason::Overtaken,
            RegistryError::NotFound { .. }
            | RegistryError::Conflict { .. }
            | RegistryError::Stale { .. }
            | RegistryError::Topology(_)
            | RegistryError::Forbidden(_)
            | RegistryError::SameHands(_)
            | RegistryError::FieldForbidden { .. }
            | RegistryError::Exhausted { .. } => Reason::Usage,
            RegistryError::Invalid(_) => Reason::Input,
            RegistryError::Unavailable { code: "seal-unavailable", .. } => Reason::Place,
            RegistryError::Unavailable { .. } => Reason::Database,
            RegistryError::Internal(_) => Reason::Internal,
        };
        Self::new(reason, sentence(&error))
    }
}

impl From<ServeError> for Failure {
    fn from(error: ServeError) -> Self {
        Self::place(chain(&error))
    }
}

fn sentence(error: &RegistryError) -> String {
    match error {
        RegistryError::Invalid(problems) => advice(problems),
        _ => chain(error),
    }
}

/// Problems in one line: field, code and what to do.
pub(crate) fn advice(problems: &[Problem]) -> String {
    let lines = problems.iter().map(|problem| match &problem.field {
        Some(field) => format!("{field}: {} ({})", problem.advice, problem.code),
        None => format!("{} ({})", problem.advice, problem.code),
    });
    lines.collect::<Vec<_>>().join("; ")
}
