//! What is drawn depends on nothing but seed, purpose, replication and request (or client and its
//! request): not on the server, nor on who else is there. Seen where it matters, at the
//! accept_queue of the engine.

use simsrv::distribution::{ArrivalProcess, Distribution};
use simsrv::instant::SimInstant;
use simsrv::model::{Closed, Demand, Open, Phase, PhaseKind};
use simsrv::random::{Replication, Seed};
use simsrv::source::{ClosedSource, OpenSource, Source};
use simsrv::time::{Span, Time};

use crate::command::{records, simsrv, words};

const SEED: Seed = Seed(11);

fn phases(distributions: &[(PhaseKind, &str)]) -> Vec<Phase> {
    let phase = |(kind, distribution): &(PhaseKind, &str)| Phase {
        kind: *kind,
        demand: distribution.parse().unwrap(),
    };
    distributions.iter().map(phase).collect()
}

fn usual() -> Vec<Phase> {
    phases(&[(PhaseKind::Cpu, "exp(10ms)"), (PhaseKind::Io, "lognormal(mean=30ms,cv=2)")])
}

fn open(rate: &str, arrivals: &str, phases: Vec<Phase>) -> Open {
    let arrivals: ArrivalProcess = arrivals.parse().unwrap();
    Open { rate: rate.parse().unwrap(), arrivals, mix: phases.into() }
}

/// One request: when it comes, what it asks for, and for how long it waits.
#[derive(Clone, Debug, PartialEq)]
struct Request {
    client: u32,
    at: u64,
    demands: Vec<u64>,
    patience: u64,
}

fn take<S: Source>(source: &mut S) -> Request {
    let at = source.peek().to_time().as_nanos();
    let mut demands = vec![Demand::new(PhaseKind::Cpu, Span::ZERO); source.longest()];
    let arrival = source.take(&mut demands);
    let demands = demands[..arrival.phases].iter().map(|d| d.span().as_nanos()).collect();
    Request { client: arrival.client, at, demands, patience: arrival.patience.as_nanos() }
}

fn of_open(open: &Open, patience: Option<&str>, replication: u64, n: usize) -> Vec<Request> {
    let patience: Option<Distribution> = patience.map(|distribution| distribution.parse().unwrap());
    let mut source = OpenSource::new(open, patience.as_ref(), SEED, Replication(replication));
    (0..n).map(|_| take(&mut source)).collect()
}

/// Each client's requests in order, if each is answered after `served`.
fn of_closed(closed: &Closed, served: u64, n: usize) -> Vec<Vec<Request>> {
    let mut source = ClosedSource::new(closed, None, (SEED, Replication(0)), &|| false).unwrap();
    let mut seen = vec![Vec::new(); closed.clients as usize];
    for _ in 0..n {
        let request = take(&mut source);
        let now = Time::from_nanos(request.at + served);
        source.answered(request.client, true, SimInstant::of(now));
        seen[request.client as usize].push(request);
    }
    seen
}

/// Correlation of two series.
fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len().min(y.len());
    let mean = |v: &[f64]| v[..n].iter().sum::<f64>() / n as f64;
    let (a, b) = (mean(x), mean(y));
    let product = |v: &[f64], m: f64, w: &[f64], k: f64| -> f64 {
        v[..n].iter().zip(&w[..n]).map(|(p, q)| (p - m) * (q - k)).sum()
    };
    product(x, a, y, b) / (product(x, a, x, a) * product(y, b, y, b)).sqrt()
}

/// A patience, a third phase, another distribution of arrivals, another rate: what stays the same
/// stays the same, number by number.
#[test]
fn one_purpose_does_not_shift_another() {
    let base = of_open(&open("50/s", "poisson", usual()), None, 0, 2_000);
    let patient = of_open(&open("50/s", "poisson", usual()), Some("exp(1s)"), 0, 2_000);
    let bursty = of_open(&open("50/s", "mmpp(9/s:1s,1/s:1s)", usual()), None, 0, 2_000);
    let faster = of_open(&open("100/s", "poisson", usual()), None, 0, 2_000);
    let more = {
        let mut phases = usual();
        phases.extend(self::phases(&[(PhaseKind::Cpu, "gamma(mean=5ms,cv=2)")]));
        of_open(&open("50/s", "poisson", phases), None, 0, 2_000)
    };
    for (number, request) in base.iter().enumerate() {
        assert_eq!((request.at, &request.demands), (patient[number].at, &patient[number].demands));
        assert_eq!(request.demands, bursty[number].demands, "request {number}");
        assert_eq!(request.demands, faster[number].demands, "request {number}");
        assert_eq!(request.at, more[number].at, "request {number}");
        assert_eq!(request.demands, more[number].demands[..2], "request {number}");
        // twice the rate: half the time, but for rounding to whole ns
        assert!((2 * faster[number].at).abs_diff(request.at) <= 2, "request {number}");
    }
    assert_ne!(base, of_open(&open("50/s", "poisson", usual()), None, 1, 2_000));
}

/// Other clients, and answers that come sooner or later, do not shift a client's own requests.
#[test]
fn another_client_does_not_shift_anybody() {
    let closed = |clients| Closed {
        clients,
        ramp: None,
        requests: None,
        think: "exp(1s)".parse().unwrap(),
        mix: usual().into(),
    };
    let alone = of_closed(&closed(1), 10_000_000, 200);
    let demands = |requests: &[Request]| -> Vec<Vec<u64>> {
        requests.iter().map(|request| request.demands.clone()).collect()
    };
    // without what the answer itself took, the times of coming are sums of thinking times
    let thinking = |requests: &[Request], served: u64| -> Vec<u64> {
        requests.windows(2).map(|pair| pair[1].at - pair[0].at - served).collect()
    };
    for (clients, served) in [(2, 10_000_000), (7, 3_000_000), (7, 900_000_000)] {
        let together = of_closed(&closed(clients), served, 2_000);
        let first = &together[0];
        let n = first.len().min(alone[0].len());
        assert!(n > 100, "{n}");
        assert_eq!(demands(&first[..n]), demands(&alone[0][..n]), "{clients} clients");
        assert_eq!(thinking(&first[..n], served), thinking(&alone[0][..n], 10_000_000));
    }
    let seven = of_closed(&closed(7), 3_000_000, 2_000);
    let nine = of_closed(&closed(9), 5_000_000, 2_000);
    for client in 0..7 {
        let n = seven[client].len().min(nine[client].len());
        assert_eq!(demands(&seven[client][..n]), demands(&nine[client][..n]), "client {client}");
    }
}

/// Gaps, demands of each phase and patience, of two replications and of two clients: every pair is
/// uncorrelated, in step and one step apart. 20,000 pairs each; |r| < 5/√20000 = 0.0354 (level
/// 6e-7 each; there are fewer than 100 pairs). Series of the same stream are found out.
#[test]
fn what_sources_hand_over_is_uncorrelated() {
    let n = 20_000;
    let open = open(
        "50/s",
        "poisson",
        phases(&[(PhaseKind::Cpu, "exp(10ms)"), (PhaseKind::Io, "exp(30ms)")]),
    );
    let mut series: Vec<(String, Vec<f64>)> = Vec::new();
    for replication in 0..2 {
        let requests = of_open(&open, Some("exp(1s)"), replication, n);
        let mut add = |what: &str, of: &dyn Fn(usize) -> u64| {
            series.push((format!("{what} {replication}"), (0..n).map(|i| of(i) as f64).collect()));
        };
        add("gap", &|i| requests[i].at - if i == 0 { 0 } else { requests[i - 1].at });
        add("cpu", &|i| requests[i].demands[0]);
        add("io", &|i| requests[i].demands[1]);
        add("patience", &|i| requests[i].patience);
    }
    let closed = Closed {
        clients: 2,
        ramp: None,
        requests: None,
        think: "exp(1s)".parse().unwrap(),
        mix: open.mix.clone(),
    };
    for (client, requests) in of_closed(&closed, 1, 2 * n + 2_000).into_iter().enumerate() {
        let of = |of: &dyn Fn(usize) -> u64| (0..n).map(|i| of(i) as f64).collect();
        series.push((format!("client {client} cpu"), of(&|i| requests[i].demands[0])));
        series.push((format!("client {client} io"), of(&|i| requests[i].demands[1])));
        series
            .push((format!("client {client} think"), of(&|i| requests[i + 1].at - requests[i].at)));
    }
    let bound = 5.0 / (n as f64).sqrt();
    for (at, (name, x)) in series.iter().enumerate() {
        for (other, y) in &series[at + 1..] {
            for (a, b) in [(&x[..], &y[..]), (&x[1..], &y[..]), (&x[..], &y[1..])] {
                let r = correlation(a, b);
                assert!(r.abs() < bound, "{name} and {other}: {r}");
            }
        }
        assert!(correlation(&x[1..], x).abs() < bound, "{name} and itself, one apart");
        assert!(correlation(x, x) > bound);
    }
}

/// As the command shows it: in every cell of a sweep request number i of a replication arrives at
/// the same instant and takes the same CPU (there is a core for each thread, so that is the time
/// from start to departure), whatever the number of workers, threads and cores, of threads of the
/// program, and of cells beside it.
#[test]
fn every_cell_sees_the_same_requests() {
    let run = |axes: &str, jobs: &str| {
        let line = format!(
            "{axes} --gil off --cpu exp(10ms) --rate 90/s --arrivals gamma(cv=2) --requests 300 \
             --replications 3 --seed 5 --quiet --jobs {jobs} --visits -"
        );
        records(&simsrv(&words(&line)))
    };
    let all = run("--workers 1,2,8 --threads 1,2 --cores 16,32", "2");
    let of = |cell: u64| all.iter().filter(move |row| row.cell == cell);
    assert!(of(1).count() >= 900);
    for cell in 2..=12 {
        assert_eq!(of(cell).count(), of(1).count(), "cell {cell}");
        for (one, other) in of(1).zip(of(cell)) {
            let drawn = |row: &crate::command::Row| {
                let takes = row.departure.unwrap() - row.start.unwrap();
                (row.replication, row.request, row.arrival, takes)
            };
            assert_eq!(drawn(one), drawn(other), "cell {cell}");
        }
    }
    assert!(of(1).zip(of(3)).any(|(one, other)| one.start != other.start));
    // a cell alone, and with one thread of the program
    let alone = run("--workers 8 --threads 2 --cores 32", "1");
    let inside: Vec<_> = of(12).map(|row| crate::command::Row { cell: 1, ..row.clone() }).collect();
    assert_eq!(alone, inside);
}
