//! How does a request with a JSON body reach its handler, to be read member by member?

use std::future::Future;
use std::pin::Pin;

use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, dev};

use crate::body::Body;
use crate::desk::Desk;
use crate::fields::Fields;
use crate::parameters::{Parameters, Query};
use crate::problem::Problem;

/// Who sends it, with which parameters, and its body.
pub(crate) struct Sent<P> {
    pub(crate) desk: Desk,
    pub(crate) request: HttpRequest,
    pub(crate) parameters: P,
    /// The bytes that spelled the body: the same request sent again is known by them.
    pub(crate) bytes: Bytes,
    /// The members of the body.
    pub(crate) fields: Fields,
}

impl<P: Parameters + 'static> FromRequest for Sent<P> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let desk = Desk::from_request(request, payload).into_inner();
        let asked = Query::<P>::from_request(request, payload).into_inner();
        let body = Body::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let (desk, Query(parameters)) = (desk?, asked?);
            let body = body.await?;
            Ok(Self { desk, request, parameters, bytes: body.1.clone(), fields: body.fields() })
        })
    }
}
