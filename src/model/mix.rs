//! What requests ask for: all the same, or several kinds (routes) in shares.

use std::convert::Infallible;

use super::ModelError;
use super::request::{Phase, PhaseKind};

/// The most routes of a load.
pub const MAX_ROUTES: usize = 100;

/// One kind of requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Its name; empty where there is one kind only.
    pub name: String,
    /// Its share of all requests; the shares of a mix add up to 1.
    pub share: f64,
    /// With a priority queue the requests of the lowest number are served first.
    pub priority: u16,
    /// What its requests ask for.
    pub phases: Vec<Phase>,
}

/// The kinds of requests of a load, at least one. Which kind a request is of is drawn, request by
/// request.
#[derive(Clone, Debug, PartialEq)]
pub struct Mix(Vec<Route>);

impl From<Vec<Phase>> for Mix {
    fn from(phases: Vec<Phase>) -> Self {
        Mix(vec![Route { name: String::new(), share: 1.0, priority: 1, phases }])
    }
}

impl Mix {
    /// The kinds of a load. A single one needs no name: all requests are alike.
    ///
    /// # Errors
    /// [`ModelError::Range`] if there are none or too many, [`ModelError::SameName`],
    /// [`ModelError::Shares`].
    pub fn new(mut routes: Vec<Route>) -> Result<Mix, ModelError> {
        if routes.is_empty() || routes.len() > MAX_ROUTES {
            let given = routes.len();
            return Err(ModelError::Range { given, what: "routes", most: MAX_ROUTES });
        }
        for (at, route) in routes.iter().enumerate() {
            if routes[..at].iter().any(|other| other.name == route.name) {
                return Err(ModelError::SameName(route.name.clone()));
            }
        }
        let sum: f64 = routes.iter().map(|route| route.share).sum();
        if routes.iter().any(|route| route.share <= 0.0) || (sum - 1.0).abs() > 1e-6 {
            return Err(ModelError::Shares(sum));
        }
        routes.iter_mut().for_each(|route| route.share /= sum);
        if let [only] = &mut routes[..] {
            only.name.clear();
        }
        Ok(Mix(routes))
    }

    /// All kinds.
    pub(crate) fn kinds(&self) -> &[Route] {
        &self.0
    }

    /// The kinds, where there are several; none where all requests are alike.
    pub(crate) fn routes(&self) -> &[Route] {
        if self.0.len() > 1 { &self.0 } else { &[] }
    }

    /// The phases of every request; none where there are several kinds, which have their own.
    pub(crate) fn alike(&self) -> &[Phase] {
        match &self.0[..] {
            [only] => &only.phases,
            _ => &[],
        }
    }

    /// The phases of all kinds, each with the share of the requests that have it.
    pub(crate) fn phases(&self) -> impl Iterator<Item = (f64, &Phase)> {
        self.0.iter().flat_map(|kind| kind.phases.iter().map(|phase| (kind.share, phase)))
    }

    /// Mean number of phases of a kind, per request.
    pub(crate) fn mean_count(&self, kind: PhaseKind) -> f64 {
        self.phases().filter(|(_, phase)| phase.kind == kind).map(|(share, _)| share).sum()
    }

    /// The most phases of any request.
    pub(crate) fn longest(&self) -> usize {
        self.0.iter().map(|kind| kind.phases.len()).max().unwrap_or(0)
    }

    /// The same kinds with other phases.
    pub(crate) fn map(&self, change: impl Fn(&Phase) -> Phase) -> Mix {
        let changed = self.try_map(|phase| Ok::<_, Infallible>(change(phase)));
        changed.unwrap_or_else(|never| match never {})
    }

    /// The same kinds with other phases, if there are such.
    ///
    /// # Errors
    /// The first of `change`.
    pub(crate) fn try_map<E>(&self, change: impl Fn(&Phase) -> Result<Phase, E>) -> Result<Mix, E> {
        let kind = |kind: &Route| {
            let phases = kind.phases.iter().map(&change).collect::<Result<_, E>>()?;
            Ok(Route { phases, ..kind.clone() })
        };
        self.0.iter().map(kind).collect::<Result<_, E>>().map(Mix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(name: &str, share: f64) -> Route {
        let demand = "1s".parse().unwrap();
        let phases = vec![Phase { kind: PhaseKind::Cpu, demand }];
        Route { name: name.to_owned(), share, priority: 1, phases }
    }

    #[test]
    fn a_mix_of_one_is_no_mix() {
        let mix = Mix::new(vec![route("a", 1.0)]).unwrap();
        assert_eq!(mix, Mix::from(route("a", 1.0).phases));
        assert!(mix.routes().is_empty() && mix.alike().len() == 1);
        let two = Mix::new(vec![route("a", 0.25), route("b", 0.75)]).unwrap();
        assert!(two.routes().len() == 2 && two.alike().is_empty());
        assert!((two.mean_count(PhaseKind::Cpu) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_mix_is_refused() {
        for (routes, part) in [
            (vec![], "0 routes"),
            (vec![route("a", 0.5), route("a", 0.5)], "two routes are named 'a'"),
            (vec![route("a", 0.5), route("b", 0.4)], "add up to 90.0000 %"),
            (vec![route("a", 1.0), route("b", 0.0)], "each is above 0"),
        ] {
            let error = Mix::new(routes).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
