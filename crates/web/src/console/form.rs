//! How is a page's form read?

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use crate::body::{media_type, read_all};
use crate::parameters;
use crate::problem::{self, Problem};

/// The largest form unless a page says otherwise, in bytes.
const MAX_FORM: usize = 64 * 1024;

/// The fields of a form of at most so many bytes.
pub(crate) struct Form<const MOST: usize = MAX_FORM>(Vec<(String, String)>);

impl<const MOST: usize> Form<MOST> {
    /// A field, trimmed; empty when absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// A text of several lines as it was before the browser sent it: it writes every end of a line as CR LF (HTML, "Constructing the entry list").
    pub(crate) fn lines(&self, name: &str) -> String {
        self.0.iter().find(|(known, _)| known == name).map_or_else(String::new, |(_, value)| value.replace("\r\n", "\n"))
    }

    /// Every value of a field that may come more than once.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        let mut fields = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            fields.push((parameters::decode(name)?.into_owned(), parameters::decode(value)?.into_owned()));
        }
        Ok(Self(fields))
    }
}

impl<const MOST: usize> FromRequest for Form<MOST> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (payload, request) = (payload.take(), request.clone());
        Box::pin(async move {
            if media_type(request.headers())?.as_deref() != Some("application/x-www-form-urlencoded") {
                return Err(Problem::new(problem::MEDIA_TYPE_UNSUPPORTED));
            }
            let bytes = read_all(&request, payload, MOST).await?;
            Self::parse(std::str::from_utf8(&bytes).map_err(|_| Problem::new(problem::ENCODING))?)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_field_is_decoded_and_trimmed() {
        let form = <Form>::parse("q=+%E5%BC%A0%E4%BC%9F+&kind=person&empty=").expect("a form");
        assert_eq!((form.text("q"), form.text("kind"), form.text("empty"), form.text("absent")), ("张伟", "person", "", ""));
        assert!(<Form>::parse("q=%FF").is_err());
    }
}
