//! What clients, and a proxy before the server, do about slow and missing answers.

use super::super::ModelError;
use crate::distribution::Distribution;
use crate::time::Span;

/// The most times that a client tries again.
pub(crate) const MAX_RETRIES: u32 = 10_000;

/// By how much the pause grows with each retry where nothing else is said.
pub(crate) const DOUBLED: f64 = 2.0;

/// How clients behave.
#[derive(Clone, Debug, PartialEq)]
pub struct Clients {
    /// How long a client waits for the answer to one attempt; `None`: for ever. Whoever gives up
    /// closes the connection; the server does not see that before it has done the work.
    pub timeout: Option<Distribution>,
    /// How long a proxy waits for the answer to one attempt before it answers with a 504 itself;
    /// `None`: there is no proxy. It closes its connection to the server, which does not see that
    /// before it has done the work, as with clients that give up (nginx `proxy_read_timeout`,
    /// `src/http/ngx_http_upstream.c`, `ngx_http_upstream_process_header` with
    /// `NGX_HTTP_UPSTREAM_FT_TIMEOUT`; Heroku's router answers H12 after 30 s).
    pub proxy_timeout: Option<Span>,
    /// How often a client tries again after an attempt that failed.
    pub retries: u32,
    /// Pause before the first retry.
    pub backoff: Distribution,
    /// How long a server keeps the connection of a client that was answered for its next request;
    /// `None`: every request has a connection of its own.
    pub keep_alive: Option<Span>,
    /// Each further pause is so many times as long: 1 or more.
    pub growth: f64,
}

impl Clients {
    /// Clients that wait for ever and do not try again.
    pub(crate) fn patient() -> Self {
        let backoff = Distribution::Constant(Span::ZERO);
        Clients {
            timeout: None,
            proxy_timeout: None,
            retries: 0,
            backoff,
            keep_alive: None,
            growth: DOUBLED,
        }
    }

    /// Whether clients, or a proxy, wait for an answer only so long.
    pub(crate) fn hurry(&self) -> bool {
        self.timeout.is_some() || self.proxy_timeout.is_some()
    }

    /// Whether chance has a part.
    pub(crate) fn random(&self) -> bool {
        self.timeout.as_ref().is_some_and(|distribution| distribution.constant().is_none())
            || self.retries > 0 && self.backoff.constant().is_none()
    }

    pub(super) fn check(&self) -> Result<(), ModelError> {
        if self.retries > MAX_RETRIES {
            let given = format!("{} retries", self.retries);
            return Err(ModelError::TooMany { given, most: MAX_RETRIES });
        }
        if self.timeout.as_ref().is_some_and(Distribution::is_zero) {
            return Err(ModelError::NoTime(
                "clients that do not wait at all: write --client-timeout 10s",
            ));
        }
        if self.proxy_timeout.is_some_and(Span::is_zero) {
            return Err(ModelError::NoTime(
                "a proxy that does not wait at all: write --proxy-timeout 60s",
            ));
        }
        Ok(())
    }
}
