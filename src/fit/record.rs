//! What every format is read as: one request.

use crate::model::MAX_CLIENTS;

/// An instant as a log has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogStamp {
    /// Nanoseconds since 1970, or since the start of a load test.
    pub(crate) nanos: i64,
    /// The step of the clock in nanoseconds: how finely the log has it.
    pub(crate) step: u64,
}

/// Which end of a request a stamp is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestEnd {
    /// The request came.
    Arrival,
    /// It was answered.
    Departure,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The log does not have it.
    Unknown,
    /// The HTTP status.
    Code(u16),
    /// The format says that it went well, without a status.
    Good,
    /// There was no answer, or the load test counts it as failed.
    Failed,
}

impl Status {
    /// Whether the time is one of a request that was served: the rest is counted apart.
    pub(crate) fn is_served(self) -> bool {
        match self {
            Status::Unknown | Status::Good => true,
            Status::Failed => false,
            Status::Code(code) => code < 500 && code != 499 && code != 408 && code >= 100,
        }
    }

    /// Whether a limit cut the request off, so that its time is a lower bound: 408, 499 (nginx:
    /// the client left), 504.
    pub fn is_cut_off(self) -> bool {
        matches!(self, Status::Code(408 | 499 | 504))
    }
}

/// One request of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LoggedRequest<'l> {
    /// An instant and which end of the request it is.
    pub(crate) stamp: Option<(RequestEnd, LogStamp)>,
    /// When a proxy in front got the request, if a header brought it here.
    pub(crate) forwarded: Option<LogStamp>,
    /// From arrival to answer in nanoseconds: the wait for a worker is in it.
    pub(crate) response: Option<u64>,
    /// How long a worker held the request in nanoseconds: the wait for a worker is not in it.
    pub(crate) held: Option<u64>,
    /// CPU time in nanoseconds.
    pub(crate) cpu: Option<u64>,
    /// How it ended.
    pub(crate) status: Status,
    /// The method; empty where the format has none.
    pub(crate) method: &'l [u8],
    /// The path, or the name of the request in a load test; empty where the format has none.
    pub(crate) path: &'l [u8],
    /// The worker process.
    pub(crate) process: Option<u64>,
    /// The user or thread of a load test.
    pub(crate) user: Option<u64>,
}

impl Default for LoggedRequest<'_> {
    fn default() -> Self {
        LoggedRequest {
            stamp: None,
            forwarded: None,
            response: None,
            held: None,
            cpu: None,
            status: Status::Unknown,
            method: b"",
            path: b"",
            process: None,
            user: None,
        }
    }
}

/// What a load test says of all requests together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadTestSummary {
    /// Requests in all.
    pub(crate) requests: Option<u64>,
    /// Of these, failed.
    pub(crate) failed: Option<u64>,
    /// Requests a second.
    pub rate: Option<f64>,
    /// Users (connections, virtual users) at once.
    pub users: Option<u64>,
    /// Mean response time in seconds.
    pub mean: Option<f64>,
    /// Percentiles of the response time: share (0.95) and seconds, in increasing order.
    pub quantiles: Vec<(f64, f64)>,
}

impl LoadTestSummary {
    /// The users at once, where a closed loop may have so many.
    pub(crate) fn clients(&self) -> Option<u64> {
        self.users.filter(|users| (1..=u64::from(MAX_CLIENTS)).contains(users))
    }

    /// Whether there is enough for a model: a rate and a time.
    pub(crate) fn says_something(&self) -> bool {
        self.rate.is_some() && (self.mean.is_some() || !self.quantiles.is_empty())
    }
}
