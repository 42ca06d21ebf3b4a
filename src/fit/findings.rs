//! Everything that was learned, from the logs or from a few figures.

use super::arrivals::{LoggedArrivals, arrivals};
use super::growth::{Growth, growth};
use super::ledger::Ledger;
use super::measured::{Measured, MeasuredModel, model};
use super::record::LoadTestSummary;
use super::routes::RouteId;
use super::service::{Deployment, Held, ServiceTimes, Share, WorkersFound, service};
use super::shape::SampleShape;

/// What was learned.
#[derive(Debug)]
pub struct Findings {
    /// What the files hold.
    pub(crate) ledger: Ledger,
    /// The server, as it was said.
    pub(crate) deployment: Deployment,
    /// How requests come.
    pub(crate) arrivals: Option<LoggedArrivals>,
    /// From arrival to answer, of served requests.
    pub(crate) response: Option<SampleShape>,
    /// The time on an idle machine, or why it is not known.
    pub(crate) service: Result<ServiceTimes, String>,
    /// Its samples, or none.
    pub(crate) total: Option<SampleShape>,
    /// The CPU in it.
    pub(crate) cpu: Option<SampleShape>,
    /// The rest of it.
    pub(crate) io: Option<SampleShape>,
    /// The model of two moments, where only figures are known.
    pub(crate) model: Option<MeasuredModel>,
    /// The figures of that model.
    pub(crate) figures: Option<Measured>,
    /// The number of workers that the log shows.
    pub(crate) found: WorkersFound,
    /// Whether workers were added while the log was written.
    pub(crate) growth: Option<Growth>,
    /// The routes, the most frequent first.
    pub(crate) routes: Vec<RouteFound>,
}

/// One route.
#[derive(Debug)]
pub(crate) struct RouteFound {
    /// Its number in the ledger.
    pub(crate) id: RouteId,
    /// Its name, safe on a terminal.
    pub(crate) name: String,
    /// Requests.
    pub(crate) requests: u64,
    /// Its share of all.
    pub(crate) share: f64,
    /// Its service times.
    pub(crate) service: Option<SampleShape>,
}

/// The share of CPU above and below which it counts as all or nothing.
const NEARLY: f64 = 0.005;

impl Findings {
    /// What a ledger and the figures beside it say.
    ///
    /// # Errors
    /// A sentence, if there is neither, or no such server.
    pub fn new(
        ledger: Ledger,
        measured: Option<Measured>,
        deployment: Deployment,
    ) -> Result<Findings, String> {
        deployment.check()?;
        let found = match ledger.requests {
            0 => Err("no log of requests was given".to_owned()),
            _ => service(&ledger, &deployment),
        };
        let (service, found) = match found {
            Ok((service, found)) => (Ok(service), found),
            Err(why) => (Err(why), WorkersFound::Nothing),
        };
        let arrivals = arrivals(&ledger);
        let response = SampleShape::of(responses(&ledger));
        let figures = match &service {
            Ok(_) => None,
            Err(_) => figures(&ledger, measured, arrivals.as_ref(), response.as_ref()),
        };
        let model = figures.as_ref().map(|figures| model(figures, &deployment)).transpose()?;
        let [total, cpu, io] = shapes(service.as_ref().ok());
        let routes = routes(&ledger, service.as_ref().ok());
        let growth = growth(&ledger);
        Ok(Findings {
            ledger,
            deployment,
            arrivals,
            response,
            service,
            total,
            cpu,
            io,
            model,
            figures,
            found,
            growth,
            routes,
        })
    }

    /// How the service was found, in a few words.
    pub(crate) fn method(&self) -> &'static str {
        match (&self.service, &self.model) {
            (Err(_), Some(_)) => "two moments",
            (Err(_), None) => "none",
            (Ok(service), _) => match (service.held, self.takes_sharing_out()) {
                (Held::Logged, false) => "logged",
                (Held::Logged, true) => "logged, shared cores taken out",
                (Held::Inverted, false) => "inverted",
                (Held::Inverted, true) => "inverted, shared cores taken out",
                (Held::AtOnce, _) => "event loop, shared cores taken out (approximate)",
            },
        }
    }

    fn takes_sharing_out(&self) -> bool {
        let Ok(service) = &self.service else { return false };
        !matches!(service.share, Share::Unneeded | Share::Unknown) && service.contended
    }
}

fn responses(ledger: &Ledger) -> Vec<f64> {
    let served = ledger.kept.iter().filter(|kept| kept.status.is_served());
    served.filter_map(|kept| Some(kept.response? as f64 / 1e9)).collect()
}

/// The figures that were given, those of a summary, or those of the log itself.
fn figures(
    ledger: &Ledger,
    measured: Option<Measured>,
    arrivals: Option<&LoggedArrivals>,
    response: Option<&SampleShape>,
) -> Option<Measured> {
    if measured.is_some() {
        return measured;
    }
    if let Some(summary) = ledger.summary.clone() {
        return Some(Measured { summary, think: None });
    }
    let quantiles =
        |shape: &SampleShape| [0.5, 0.95, 0.99].map(|p| (p, shape.quantile(p))).to_vec();
    let summary = LoadTestSummary {
        rate: Some(arrivals?.rate).filter(|rate| *rate > 0.0),
        mean: Some(response?.mean),
        quantiles: quantiles(response?),
        ..LoadTestSummary::default()
    };
    summary.says_something().then_some(Measured { summary, think: None })
}

/// The service, the CPU in it and the rest.
fn shapes(service: Option<&ServiceTimes>) -> [Option<SampleShape>; 3] {
    service.map_or([None, None, None], |service| shapes_of(service, |_| true))
}

/// The same of some requests, by their positions in the ledger.
pub(super) fn shapes_of(
    service: &ServiceTimes,
    which: impl Fn(usize) -> bool,
) -> [Option<SampleShape>; 3] {
    let of = |part: fn(&(usize, f64, f64)) -> f64| {
        let some = service.of.iter().filter(|(request, ..)| which(*request));
        SampleShape::of(some.map(part).collect())
    };
    let total = of(|one| one.1);
    match service.cpu_share {
        None => [total, None, None],
        Some(share) if share <= NEARLY => [total.clone(), None, total],
        Some(share) if share >= 1.0 - NEARLY => [total.clone(), total, None],
        Some(_) => [total, of(|one| one.2), of(|one| (one.1 - one.2).max(0.0))],
    }
}

fn routes(ledger: &Ledger, service: Option<&ServiceTimes>) -> Vec<RouteFound> {
    let mut samples: Vec<Vec<f64>> = vec![Vec::new(); ledger.by_route.len()];
    for (request, total, _) in service.into_iter().flat_map(|service| &service.of) {
        samples[usize::from(ledger.kept[*request].route)].push(*total);
    }
    let one = |(id, samples): (usize, Vec<f64>)| RouteFound {
        id: id as RouteId,
        name: ledger.routes.name(id as RouteId).to_owned(),
        requests: ledger.by_route[id],
        share: ledger.by_route[id] as f64 / ledger.requests.max(1) as f64,
        service: SampleShape::of(samples),
    };
    let mut routes: Vec<RouteFound> = samples.into_iter().enumerate().map(one).collect();
    routes.retain(|route| route.requests > 0);
    routes.sort_by_key(|route| std::cmp::Reverse(route.requests));
    routes
}
