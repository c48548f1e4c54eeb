//! How does a request become a decision that is taken once?

use std::future::Future;
use std::pin::Pin;

use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev};
use jiku_registry::{Actor, Expected, Registry, RegistryError};
use serde::Serialize;

use crate::body::Body;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::handlers::Answer;
use crate::idempotency::decide;
use crate::parameters::{NoParameters, Query};
use crate::precondition::Seen;
use crate::problem::Problem;

/// A request to decide something, without parameters: who sends it, and its body, to be read member by member.
pub(crate) struct DecisionRequest {
    desk: Desk,
    request: HttpRequest,
    bytes: Bytes,
    /// The members of the body.
    pub(crate) fields: Fields,
}

impl FromRequest for DecisionRequest {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let desk = Desk::from_request(request, payload).into_inner();
        let asked = Query::<NoParameters>::from_request(request, payload).into_inner();
        let body = Body::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let (desk, _) = (desk?, asked?);
            let body = body.await?;
            Ok(Self { desk, request, bytes: body.1.clone(), fields: body.fields() })
        })
    }
}

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

    /// The same on the versions that the sender saw, which If-Match must name.
    pub(crate) async fn decide_on_seen<T, F>(self, work: F) -> Answer<HttpResponse>
    where
        T: Serialize,
        F: FnOnce(&Registry, &Actor, &Expected) -> Result<T, RegistryError> + Send + 'static,
    {
        let seen: Expected = Seen::required(&self.request)?.into();
        self.decide(move |registry, actor| work(registry, actor, &seen)).await
    }
}
