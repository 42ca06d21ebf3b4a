//! Which path is asked for in place of each route of a scenario, and in which order.

use super::url::Url;
use crate::fit::bytes::shown;
use crate::model::Route;

/// A route as a load test asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct RoutePath {
    /// The name of the route, safe in a comment of one line.
    pub(crate) name: String,
    /// Its share of the requests.
    pub(crate) share: f64,
    /// What is requested.
    pub(crate) url: Url,
}

/// The paths of some routes, at the address of `base`: those of `given`, as `NAME=/path`, else what the
/// name says from its `/` on, or the name itself; `{n}` and `{id}` become 1.
///
/// # Errors
/// A sentence, if a path is none, or is given for a route that there is not.
pub(super) fn of(routes: &[Route], base: &Url, given: &[String]) -> Result<Vec<RoutePath>, String> {
    let mut known = Vec::new();
    for text in given {
        let (name, path) = text
            .split_once('=')
            .filter(|(_, path)| path.starts_with('/'))
            .ok_or_else(|| format!("--path '{text}': write ROUTE=/path, such as login=/login"))?;
        if !routes.iter().any(|route| route.name == name) {
            let names: Vec<&str> = routes.iter().map(|route| route.name.as_str()).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return Err(format!("--path: there is no route '{name}'; the routes are {names}"));
        }
        if known.iter().any(|(other, _)| *other == name) {
            return Err(format!("--path: the route '{name}' has two paths: give one"));
        }
        known.push((name, path));
    }
    if !routes.is_empty() && base.path.contains('?') {
        return Err(format!(
            "--url: the routes have paths of their own: leave out '?' and what follows, or give each \
             --path 'ROUTE=/path?...', such as '{}=/path?a=b'",
            routes[0].name
        ));
    }
    let one = |route: &Route| {
        let named = || match route.name.find('/') {
            Some(at) => route.name[at..].replace("{n}", "1").replace("{id}", "1"),
            None => format!("/{}", route.name),
        };
        let given = known.iter().find(|(name, _)| *name == route.name);
        let path = given.map_or_else(named, |(_, path)| (*path).to_owned());
        let url = base.at(&path).map_err(|error| {
            let name = &route.name;
            match given {
                Some((_, path)) => format!("--path '{name}={path}': {error}"),
                None => format!("route '{name}' is no path: give --path '{name}=/path' ({error})"),
            }
        })?;
        let name = shown(route.name.as_bytes(), LONGEST);
        Ok(RoutePath { name, share: route.share, url })
    };
    routes.iter().map(one).collect()
}

/// The longest name that is shown.
const LONGEST: usize = 60;

/// How many requests a round has, of tools that take their targets from a list: the shortest that has
/// each route as often as its share says, to a twentieth.
const ROUNDS: [usize; 3] = [100, 1_000, 10_000];

fn length(paths: &[RoutePath]) -> usize {
    let near = |count: &usize| {
        let off = |path: &RoutePath| {
            let wanted = path.share * *count as f64;
            (wanted.round() - wanted).abs() / wanted
        };
        paths.iter().all(|path| off(path) <= 0.05)
    };
    ROUNDS.into_iter().find(near).unwrap_or(ROUNDS[ROUNDS.len() - 1])
}

/// The targets of a round, each as often as its share says, and evenly spread.
pub(super) fn round(paths: &[RoutePath]) -> Vec<&Url> {
    let mut sent = vec![0.0; paths.len()];
    let mut all = Vec::new();
    for number in 1..=length(paths) {
        let lacks = |at: usize| paths[at].share * number as f64 - sent[at];
        let most = (0..paths.len()).max_by(|a, b| lacks(*a).total_cmp(&lacks(*b)));
        if let Some(at) = most {
            sent[at] += 1.0;
            all.push(&paths[at].url);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(shares: &[(&str, f64)], given: &[&str]) -> Result<Vec<RoutePath>, String> {
        let route = |(name, share): &(&str, f64)| Route {
            name: (*name).to_owned(),
            share: *share,
            priority: 1,
            phases: Vec::new(),
        };
        let routes: Vec<Route> = shares.iter().map(route).collect();
        let given: Vec<String> = given.iter().map(|text| (*text).to_owned()).collect();
        of(&routes, &"http://127.0.0.1:8000/api/".parse().unwrap(), &given)
    }

    #[test]
    fn names_are_paths() {
        let shares = [("GET/orders/{n}", 0.7), ("login", 0.2), ("rest", 0.1)];
        let found = paths(&shares, &["rest=/about?x=1"]).unwrap();
        let urls: Vec<&str> = found.iter().map(|path| path.url.text.as_str()).collect();
        let base = "http://127.0.0.1:8000/api";
        let expected = ["/orders/1", "/login", "/about?x=1"].map(|path| format!("{base}{path}"));
        assert_eq!(urls, expected);
        assert!(paths(&shares, &["x=/y"]).unwrap_err().contains("no route 'x'"));
        assert!(paths(&shares, &["rest=y"]).unwrap_err().contains("write ROUTE=/path"));
        assert!(paths(&[("a'b", 1.0)], &[]).unwrap_err().contains("--path 'a'b=/path'"));
    }

    /// Of 100 requests 66 and 34, no two of the rarer one together; 3 of 1,000 where that is the share.
    #[test]
    fn a_round_has_each_as_often_as_it_should() {
        let found = paths(&[("a", 0.664), ("b", 0.336)], &[]).unwrap();
        let all = round(&found);
        let of = |name: &str| all.iter().filter(|url| url.path.ends_with(name)).count();
        assert_eq!((of("a"), of("b"), all.len()), (66, 34, 100));
        assert!(!all.windows(2).any(|pair| pair.iter().all(|url| url.path.ends_with('b'))));
        let found = paths(&[("a", 0.997), ("b", 0.003)], &[]).unwrap();
        let all = round(&found);
        let rare = all.iter().filter(|url| url.path.ends_with('b')).count();
        assert_eq!((rare, all.len()), (3, 1_000));
    }
}
