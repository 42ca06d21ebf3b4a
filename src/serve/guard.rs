//! Who may ask.
//!
//! On loopback every page of every site that the same browser shows could send requests here. So
//! the host must be this server by name (which stops names that are pointed at 127.0.0.1: DNS
//! rebinding), an origin must be the page itself, and only GET is served, and POST of a log that is
//! read and forgotten (what changes nothing cannot be forged to harm). From other machines a token is
//! needed, which the page has in the fragment of its address: that is never sent, logged or passed on
//! as a referrer.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Where a log is sent to.
pub(super) const FIT: &str = "/api/fit";

/// Where questions may come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Visitors {
    /// This machine.
    Loopback,
    /// Any machine that knows the token.
    Token(String),
}

/// What every request is held against.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    /// Where questions may come from.
    pub(crate) visitors: Visitors,
    /// The port that is served.
    pub(crate) port: u16,
}

/// A token of 128 random bits, in hexadecimal.
///
/// # Errors
/// The system has no random numbers.
pub(crate) fn token() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Guard {
    /// Whether a request may be answered.
    ///
    /// # Errors
    /// Status and sentence of the refusal.
    pub(crate) fn admit(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
    ) -> Result<(), (StatusCode, &'static str)> {
        let reads = method == Method::GET || method == Method::HEAD;
        // A log is too long for an address. It is read and forgotten: that changes nothing either.
        if !(reads || method == Method::POST && path == FIT) {
            return Err((
                StatusCode::METHOD_NOT_ALLOWED,
                "only questions (GET) and logs to read (POST /api/fit) are served",
            ));
        }
        let one = |name: HeaderName| {
            let mut values = headers.get_all(name).iter();
            let first = values.next().and_then(|value| value.to_str().ok());
            if values.next().is_some() { None } else { first }
        };
        let host = one(header::HOST).ok_or((StatusCode::BAD_REQUEST, "which host? one, please"))?;
        let here = [format!("127.0.0.1:{}", self.port), format!("localhost:{}", self.port)];
        if self.visitors == Visitors::Loopback && !here.iter().any(|name| name == host) {
            return Err((StatusCode::FORBIDDEN, "this server is not that host"));
        }
        let origin = one(header::ORIGIN);
        let strange = origin.is_some_and(|origin| origin != format!("http://{host}"));
        if strange || (origin.is_none() && headers.contains_key(header::ORIGIN)) {
            return Err((StatusCode::FORBIDDEN, "another page may not ask"));
        }
        // Of a picture or a link on another page a browser says this, and no origin.
        let site = HeaderName::from_static("sec-fetch-site");
        let from_here = |site: &str| matches!(site, "same-origin" | "none");
        let opened = path == "/" && reads;
        if headers.contains_key(&site) && !opened && !one(site).is_some_and(from_here) {
            return Err((StatusCode::FORBIDDEN, "another page may not ask"));
        }
        match &self.visitors {
            Visitors::Token(token) if path.starts_with("/api/") => {
                let given =
                    one(header::AUTHORIZATION).and_then(|text| text.strip_prefix("Bearer "));
                match given.is_some_and(|given| same(given.as_bytes(), token.as_bytes())) {
                    true => Ok(()),
                    false => Err((StatusCode::UNAUTHORIZED, "the token is missing or wrong")),
                }
            }
            _ => Ok(()),
        }
    }
}

/// Whether two secrets are the same, in a time that does not depend on where they differ.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differ = one.iter().zip(other).fold(0, |differ, (a, b)| differ | (a ^ b));
    one.len() == other.len() && differ == 0
}

/// What a page of this server may do: load from here, and nothing else.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Admits or refuses a request, and puts the headers on its answer.
pub(super) async fn watch(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let admitted = guard.admit(request.method(), request.uri().path(), request.headers());
    let mut response = match admitted {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(visitors: Visitors, headers: &[(HeaderName, &str)]) -> Result<(), u16> {
        let guard = Guard { visitors, port: 8000 };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value.parse().expect("a value"));
        }
        guard.admit(&Method::GET, "/api/answer", &map).map_err(|(status, _)| status.as_u16())
    }

    #[test]
    fn host_and_origin_are_held_exactly() {
        use header::{HOST, ORIGIN};
        for (headers, expect) in [
            (vec![(HOST, "127.0.0.1:8000")], Ok(())),
            (vec![(HOST, "localhost:8000")], Ok(())),
            (vec![(HOST, "localhost:8000"), (ORIGIN, "http://localhost:8000")], Ok(())),
            (vec![], Err(400)),
            (vec![(HOST, "localhost:8000"), (HOST, "localhost:8000")], Err(400)),
            (vec![(HOST, "evil.example:8000")], Err(403)),
            (vec![(HOST, "localhost:8000.evil.example")], Err(403)),
            (vec![(HOST, "localhost")], Err(403)),
            (vec![(HOST, "127.0.0.1:8001")], Err(403)),
            (vec![(HOST, "localhost:8000"), (ORIGIN, "null")], Err(403)),
            (vec![(HOST, "localhost:8000"), (ORIGIN, "https://localhost:8000")], Err(403)),
            (vec![(HOST, "localhost:8000"), (ORIGIN, "http://127.0.0.1:8000")], Err(403)),
            (vec![(HOST, "localhost:8000"), (ORIGIN, "http://localhost:8000.evil")], Err(403)),
        ] {
            assert_eq!(asked(Visitors::Loopback, &headers), expect, "{headers:?}");
        }
        let site = HeaderName::from_static("sec-fetch-site");
        let sites = [
            ("same-origin", Ok(())),
            ("none", Ok(())),
            ("cross-site", Err(403)),
            ("same-site", Err(403)),
        ];
        for (from, expect) in sites {
            let headers = [(HOST, "localhost:8000"), (site.clone(), from)];
            assert_eq!(asked(Visitors::Loopback, &headers), expect, "{from}");
        }
    }

    #[test]
    fn other_machines_need_the_token() {
        use header::{AUTHORIZATION, HOST};
        let visitors = || Visitors::Token("secret".to_owned());
        let with = |text| asked(visitors(), &[(HOST, "server:8000"), (AUTHORIZATION, text)]);
        assert_eq!(with("Bearer secret"), Ok(()));
        assert_eq!(with("Bearer secre"), Err(401));
        assert_eq!(with("secret"), Err(401));
        assert_eq!(asked(visitors(), &[(HOST, "server:8000")]), Err(401));
        let (one, other) = (token().expect("random"), token().expect("random"));
        assert!(one != other && one.len() == 32);
    }

    #[test]
    fn only_asking_is_served() {
        let guard = Guard { visitors: Visitors::Loopback, port: 8000 };
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("localhost:8000"));
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH] {
            assert!(guard.admit(&method, "/api/answer", &headers).is_err(), "{method}");
        }
    }
}
