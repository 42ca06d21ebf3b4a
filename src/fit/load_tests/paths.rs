//! Which path is asked for in place of each route of a scenario, and in which order.

use super::url::Url;
use crate::fit::bytes::shown;
use crate::model::Route;

/// A route as a load test asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct RoutePath {
    /// The name of the route, safe in a comment of one line.
    pub name: String,
    /// Its share of the requests.
    pub share: f64,
    /// What is requested.
    pub url: Url,
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
        known.push((name, path));
    }
    let one = |route: &Route| {
        let named = || match route.name.find('/') {
            Some(at) => route.name[at..].replace("{n}", "1").replace("{id}", "1"),
            None => format!("/{}", route.name),
        };
        let given = known.iter().find(|(name, _)| *name == route.name);
        let path = given.map_or_else(named, |(_, path)| (*path).to_owned());
        let url = base.at(&path).map_err(|error| {
            format!(
                "route '{}' is no path: give --path '{}=/path' ({error})",
                route.name, route.name
            )
        })?;
        let name = shown(route.name.as_bytes(), LONGEST);
        Ok(RoutePath { name, share: route.share, url })
    };
    routes.iter().map(one).collect()
}

/// The longest name that is shown.
const LONGEST: usize = 60;

/// How many requests a round has, of tools that take their targets from a list.
const ROUND: usize = 100;

/// The targets of a round, each as often as its share says, at least once, and evenly spread.
pub(super) fn round(paths: &[RoutePath]) -> Vec<&Url> {
    let mut sent = vec![0.0; paths.len()];
    let least: f64 = paths.iter().map(|path| path.share.max(1.0 / ROUND as f64)).sum();
    let mut all = Vec::new();
    for number in 1..=ROUND {
        let lacks =
            |at: usize| paths[at].share.max(1.0 / ROUND as f64) / least * number as f64 - sent[at];
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

    /// Of 100 requests 66 and 34, no three of the rarer one together; the rarest comes at least once.
    #[test]
    fn a_round_has_each_as_often_as_it_should() {
        let found = paths(&[("a", 0.664), ("b", 0.336)], &[]).unwrap();
        let all = round(&found);
        let of = |name: &str| all.iter().filter(|url| url.path.ends_with(name)).count();
        assert_eq!((of("a"), of("b"), all.len()), (66, 34, 100));
        assert!(!all.windows(2).any(|pair| pair.iter().all(|url| url.path.ends_with('b'))));
        let found = paths(&[("a", 0.9999), ("b", 0.0001)], &[]).unwrap();
        assert_eq!(round(&found).iter().filter(|url| url.path.ends_with('b')).count(), 1);
    }
}
