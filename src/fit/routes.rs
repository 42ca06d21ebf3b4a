//! Which requests are of one kind: the method and the path, with numbers and ids folded.

use std::collections::HashMap;

use regex_lite::Regex;

use super::bytes::shown;

/// The most routes that are told apart; what comes after is counted together.
pub(crate) const MOST: usize = 1_000;

/// The number of a route.
pub(crate) type RouteId = u16;

/// The routes of a log.
#[derive(Debug, Default)]
pub struct LogRoutes {
    wanted: Vec<(String, Regex)>,
    /// By what they are found; of wanted routes, by the raw path.
    known: HashMap<Vec<u8>, RouteId>,
    names: Vec<String>,
    folded: Vec<u8>,
}

/// The name of what no wanted pattern matches, and of what came after [`MOST`].
const OTHER: &str = "(other)";

impl LogRoutes {
    /// Routes by `NAME=REGEX`, the first that matches the path; none: by method and folded path.
    ///
    /// # Errors
    /// A sentence.
    pub fn new<'t>(wanted: impl IntoIterator<Item = &'t str>) -> Result<LogRoutes, String> {
        let mut routes = LogRoutes::default();
        for text in wanted {
            let (name, pattern) =
                text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(|| {
                    format!("--route '{text}': write NAME=REGEX, such as 'api=^/api/'")
                })?;
            let regex = Regex::new(pattern).map_err(|error| {
                format!("--route '{text}': '{pattern}' is not a regular expression: {error}")
            })?;
            routes.wanted.push((name.to_owned(), regex));
        }
        for (name, _) in &routes.wanted {
            if !routes.names.contains(name) {
                routes.names.push(name.clone());
            }
        }
        if !routes.wanted.is_empty() {
            routes.names.push(OTHER.to_owned());
        }
        Ok(routes)
    }

    /// The route of a request.
    pub(crate) fn of(&mut self, method: &[u8], path: &[u8]) -> RouteId {
        if !self.wanted.is_empty() {
            return self.wanted(path);
        }
        let mut folded = std::mem::take(&mut self.folded);
        folded.clear();
        fold(method, path, &mut folded);
        let found = self.known.get(&folded[..]).copied();
        let id = found.unwrap_or_else(|| self.add(&folded));
        self.folded = folded;
        id
    }

    fn wanted(&mut self, path: &[u8]) -> RouteId {
        if let Some(id) = self.known.get(path) {
            return *id;
        }
        let text = String::from_utf8_lossy(path);
        let found = self.wanted.iter().find(|(_, regex)| regex.is_match(&text));
        let name = found.map_or(OTHER, |(name, _)| name);
        let id = self.names.iter().position(|known| known == name).unwrap_or(0) as RouteId;
        if self.known.len() < MOST {
            self.known.insert(path.to_vec(), id);
        }
        id
    }

    fn add(&mut self, folded: &[u8]) -> RouteId {
        if self.names.len() >= MOST {
            let last = (self.names.len() - 1) as RouteId;
            OTHER.clone_into(&mut self.names[usize::from(last)]);
            return last;
        }
        let id = self.names.len() as RouteId;
        self.names.push(shown(folded, 60));
        self.known.insert(folded.to_vec(), id);
        id
    }

    /// The name of a route, safe on a terminal.
    pub(crate) fn name(&self, id: RouteId) -> &str {
        self.names.get(usize::from(id)).map_or("", String::as_str)
    }
}

/// `GET /users/17/orders` as `GET /users/{n}/orders`; ids with letters become `{id}`.
fn fold(method: &[u8], path: &[u8], into: &mut Vec<u8>) {
    into.extend_from_slice(method);
    if !method.is_empty() && !path.is_empty() {
        into.push(b' ');
    }
    for (number, part) in path.split(|byte| *byte == b'/').enumerate() {
        if number > 0 {
            into.push(b'/');
        }
        match kind(part) {
            PathPart::Name => into.extend_from_slice(part),
            PathPart::Number => into.extend_from_slice(b"{n}"),
            PathPart::Id => into.extend_from_slice(b"{id}"),
        }
    }
}

enum PathPart {
    Name,
    Number,
    Id,
}

/// A part of digits is a number; eight or more hexadecimal digits and dashes with a digit among
/// them, or twenty or more letters and digits with a digit among them, are an id.
fn kind(part: &[u8]) -> PathPart {
    let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return PathPart::Name;
    }
    if digits == part.len() {
        return PathPart::Number;
    }
    let all = |fits: fn(&u8) -> bool| part.iter().all(fits);
    let hexadecimal = part.len() >= 8 && all(|byte| byte.is_ascii_hexdigit() || *byte == b'-');
    let long = part.len() >= 20 && all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte));
    if hexadecimal || long { PathPart::Id } else { PathPart::Name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ids_are_folded() {
        let mut routes = LogRoutes::new([]).unwrap();
        for (path, name) in [
            ("/users/17/orders", "GET /users/{n}/orders"),
            ("/users/18/orders", "GET /users/{n}/orders"),
            ("/f/0b2f1c9e-8a55-4c1e-9a3f-2d3b8f6f7a10", "GET /f/{id}"),
            ("/v2/deadbeef42", "GET /v2/{id}"),
            ("/defaced", "GET /defaced"),
            ("/", "GET /"),
        ] {
            let id = routes.of(b"GET", path.as_bytes());
            assert_eq!(routes.name(id), name, "{path}");
        }
        assert_eq!(routes.names.len(), 5);
    }

    #[test]
    fn patterns_go_in_their_order() {
        let mut routes = LogRoutes::new(["api=^/api/", "rest=^/"]).unwrap();
        let mut name = |path: &str| {
            let id = routes.of(b"GET", path.as_bytes());
            routes.name(id).to_owned()
        };
        assert_eq!([name("/api/x"), name("/y"), name("z")], ["api", "rest", "(other)"]);
        assert!(LogRoutes::new(["api"]).unwrap_err().contains("NAME=REGEX"));
        assert!(LogRoutes::new(["api=("]).unwrap_err().contains("not a regular expression"));
    }

    #[test]
    fn routes_are_bounded() {
        let mut routes = LogRoutes::new([]).unwrap();
        for number in 0..2 * MOST {
            routes.of(b"GET", format!("/page-{number}x").as_bytes());
        }
        assert_eq!((routes.names.len(), routes.name(MOST as RouteId - 1)), (MOST, "(other)"));
    }
}
