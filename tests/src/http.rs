//! How does a test call the API?

use std::time::Duration;

use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};

/// A caller with a key and a purpose.
#[derive(Clone, Debug)]
pub struct Caller {
    agent: Agent,
    address: String,
    key: String,
}

/// An answer: its status and its body, if that is JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; null when there is none or it is no JSON.
    pub body: Value,
}

impl Answer {
    fn read(mut response: Response<Body>) -> Result<Self, ureq::Error> {
        let text = response.body_mut().with_config().limit(1 << 28).read_to_string()?;
        Ok(Self { status: response.status().as_u16(), body: serde_json::from_str(&text).unwrap_or_default() })
    }
}

impl Caller {
    /// Somebody with this key, calling `http://HOST:PORT`.
    #[must_use]
    pub fn new(address: &str, key: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(Duration::from_secs(60)));
        Self { agent: config.build().into(), address: address.to_owned(), key: key.to_owned() }
    }

    /// GET.
    ///
    /// # Errors
    /// When no whole answer came back.
    pub fn get(&self, path: &str) -> Result<Answer, ureq::Error> {
        let request = self.agent.get(format!("{}{path}", self.address));
        Answer::read(request.header("Authorization", format!("Bearer {}", self.key)).header("Purpose-Of-Use", "public-service").call()?)
    }

    /// POST with a body of this media type.
    ///
    /// # Errors
    /// When no whole answer came back.
    pub fn post(&self, path: &str, media_type: &str, body: &str) -> Result<Answer, ureq::Error> {
        let request = self.agent.post(format!("{}{path}", self.address)).header("Content-Type", media_type);
        Answer::read(request.header("Authorization", format!("Bearer {}", self.key)).header("Purpose-Of-Use", "public-service").send(body)?)
    }
}
