//! How does a request become a decision that is taken once?

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use jiku_registry::{Actor, Registry, RegistryError};
use serde::Serialize;

use crate::desk::Desk;
use crate::handlers::Answer;
use crate::idempotency::decide;
use crate::parameters::NoParameters;
use crate::problem::Problem;
use crate::sent::Sent;

/// A request to decide something, without parameters.
pub(crate) type DecisionRequest = Sent<NoParameters>;

impl DecisionRequest {
    /// Refuses a body that anything is wrong with.
    pub(crate) fn finish(self) -> Result<Asked, Problem> {
        self.fields.finish()?;
        Ok(Asked { desk: self.desk, request: self.request, bytes: self.bytes })
    }
}

/// A request whose body was read and found in order.
pub(crate) struct Asked {
    desk: Desk,
    request: HttpRequest,
    bytes: Bytes,
}

impl Asked {
    /// Decides once per idempotency key.
    pub(crate) async fn decide<T, F>(self, work: F) -> Answer<HttpResponse>
    where
        T: Serialize,
        F: FnOnce(&Registry, &Actor) -> Result<T, RegistryError> + Send + 'static,
    {
        decide(&self.desk, &self.request, &self.bytes, work).await
    }
}
