//! The load test by which a prediction is tried, in the language of each tool: the load of the
//! scenario, a warm-up that does not count, and as limits the interval of the prediction.
//!
//! The tools do not send alike. k6, oha and vegeta send evenly; JMeter and Locust get many sources
//! that each send at exponential gaps, which together are a Poisson process. What is predicted is
//! predicted for the arrivals that the tool makes.

mod jmeter;
mod k6;
mod locust;
mod paths;
mod plan;
mod shell;
mod url;

pub use plan::{Limit, LoadTest, TestLoad, Think, Tool};
pub use url::Url;

/// The test as a text in the language of its tool.
pub fn text(test: &LoadTest) -> String {
    match test.tool {
        Tool::Jmeter => jmeter::text(test),
        Tool::K6 => k6::text(test),
        Tool::Locust => locust::text(test),
        Tool::Oha => shell::oha(test),
        Tool::Vegeta => shell::vegeta(test),
    }
}
