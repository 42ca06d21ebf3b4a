//! The address that is tested. It is written into programs of five languages: what would need to be
//! quoted in one of them is refused.

use std::str::FromStr;

/// An address of HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// All of it.
    pub(crate) text: String,
    /// `http` or `https`.
    pub(crate) scheme: String,
    /// The host, with brackets around an IPv6 address.
    pub(crate) host: String,
    /// The port, if one is given.
    pub(crate) port: Option<u16>,
    /// The path with its query, from the `/` on.
    pub(crate) path: String,
}

/// A text that is not the address of a load test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "write an address such as http://127.0.0.1:8000/orders (letters, digits and \
     -._~:/?#[]@&+,=% only)"
)]
pub struct NotAnAddress;

impl Url {
    /// A path below this address.
    ///
    /// # Errors
    /// [`NotAnAddress`], if it has characters that no path has.
    pub(super) fn at(&self, path: &str) -> Result<Url, NotAnAddress> {
        let end = self.text.len() - self.path.len();
        let front = self.path.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        format!("{}{front}{path}", &self.text[..end]).parse()
    }
}

impl FromStr for Url {
    type Err = NotAnAddress;

    fn from_str(text: &str) -> Result<Url, NotAnAddress> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@&+,=%".contains(c);
        if !text.chars().all(plain) {
            return Err(NotAnAddress);
        }
        let (scheme, rest) = text.split_once("://").ok_or(NotAnAddress)?;
        if !["http", "https"].contains(&scheme) {
            return Err(NotAnAddress);
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let colon = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
        let (host, port) = match colon {
            Some(at) => {
                (&authority[..at], Some(authority[at + 1..].parse().map_err(|_| NotAnAddress)?))
            }
            None => (authority, None),
        };
        if host.is_empty() || host.contains('@') {
            return Err(NotAnAddress);
        }
        let (scheme, host) = (scheme.to_owned(), host.to_owned());
        Ok(Url { text: format!("{scheme}://{authority}{path}"), scheme, host, port, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let url: Url = "http://127.0.0.1:8000/a?b=c&d=1".parse().unwrap();
        assert_eq!((url.host.as_str(), url.port), ("127.0.0.1", Some(8000)));
        assert_eq!((url.path.as_str(), url.scheme.as_str()), ("/a?b=c&d=1", "http"));
        let url: Url = "https://[::1]".parse().unwrap();
        assert_eq!((url.host.as_str(), url.port, url.path.as_str()), ("[::1]", None, "/"));
        for wrong in
            ["", "127.0.0.1", "ftp://a/", "http://", "http://a:x/", "http://a/'", "http://a/$(b)"]
        {
            assert!(wrong.parse::<Url>().is_err(), "{wrong}");
        }
    }
}
