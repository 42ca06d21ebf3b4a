//! nginx's access log. `$request_time` runs from the first byte of the client to the last byte
//! sent, `$upstream_response_time` from the connection to the server behind to its last byte; both
//! hold the wait for a worker. The line is written when the request ends (nginx,
//! `ngx_http_log_module`, `ngx_http_upstream_module`).

use super::Format;
use super::access::{self, LogServer};
use super::template::{Field, LoggedSpan, Template};
use crate::fit::bytes::SECOND;
use crate::fit::record::RequestEnd;

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "nginx",
    title: "nginx access log",
    times: "response in $upstream_response_time or $request_time, s with 3 decimals; the wait \
            for a worker is in it",
    recognise: |first| access::guess(first, LogServer::Nginx),
    only_named: false,
};

/// Compiles a `log_format`: with or without the directive, its name and its quotes.
///
/// # Errors
/// A sentence.
pub(crate) fn compile(text: &str) -> Result<Template, String> {
    let text = unquoted(text);
    let mut template = Template::default();
    let mut rest = text.as_str();
    while let Some(at) = rest.find('$') {
        template.literal(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        let inner = rest.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let (name, after) = inner.unwrap_or_else(|| {
            let other = |c: char| !c.is_ascii_alphanumeric() && c != '_';
            rest.split_at(rest.find(other).unwrap_or(rest.len()))
        });
        template.push(field(name), b"");
        rest = after;
    }
    template.literal(rest.as_bytes());
    Ok(template)
}

/// What stands in quotes of `log_format name 'one' 'two';`, or the text itself.
fn unquoted(text: &str) -> String {
    let Some(rest) = text.trim().strip_prefix("log_format") else { return text.to_owned() };
    let rest = rest.trim_end().trim_end_matches(';');
    rest.split('\'').skip(1).step_by(2).collect()
}

fn field(name: &str) -> Field {
    match name {
        "time_local" | "time_iso8601" | "msec" => Field::Stamp(RequestEnd::Departure),
        "request" => Field::RequestLine,
        "request_method" => Field::Method,
        "request_uri" | "uri" | "document_uri" => Field::Path,
        "status" => Field::Status,
        "request_time" => Field::Time(LoggedSpan::Response, SECOND),
        "upstream_response_time" => Field::Time(LoggedSpan::Upstream, SECOND),
        _ => Field::Ignored,
    }
}
