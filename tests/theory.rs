//! The module `theory` against values that others computed: closed forms, transform inversions and
//! numerically solved Markov chains (`tests/data/theory`).
//!
//! Every value is compared to the digits that are claimed for it, or to a relative 1e-9 (1e-5 where
//! a transform is inverted) if those are more. How many were compared is written down per family,
//! so that a row that is silently passed over is seen. One test shows that the comparison can
//! fail.

use std::collections::BTreeMap;

use serde_json::Value;
use simsrv::theory::approx::{TwoMoments, allen_cunneen, halfin_whitt};
use simsrv::theory::burst::drain;
use simsrv::theory::bursty::BurstyQueue;
use simsrv::theory::capacity::{cores_and_delay, gil_capacity, lattice_capacity, overload};
use simsrv::theory::closed::closed_clients;
use simsrv::theory::constant::Mdk;
use simsrv::theory::erlang::{
    Mmk, mm1_in_system_asymptotic_variance, mm1_wait_asymptotic_variance,
};
use simsrv::theory::finite::{BirthDeathQueue, Loss};
use simsrv::theory::network::{Network, RequestWalk, Stage, Steady};
use simsrv::theory::patience::{ErlangA, FixedPatience};
use simsrv::theory::renewal::Gimk;
use simsrv::theory::sharing::{
    SharedCores, cores_then_io, mm1_ps_response_variance, unlimited_at_most,
};
use simsrv::theory::single::{Inverted, Mg1};
use simsrv::theory::transform::Transform;
use simsrv::theory::{
    Answer, Arrivals, Known, Quantiles, RandomTime, TheoryModel, TimeDistribution, known,
};

/// Per family: (values compared, values of the family that the module does not give).
const EXPECTED: &[(&str, usize, usize)] = &[
    ("CPU+I/O cycles", 56, 0),
    ("CPU+I/O finite queue", 52, 16), // quantiles of the response
    ("CPU+I/O open", 512, 0),
    ("CPU+I/O unlimited workers", 18, 0),
    ("CPU+I/O+CPU finite", 14, 0),
    ("GI/M/k", 561, 0),
    ("GIL capacity", 58, 0),
    ("M/D/1", 51, 0),
    ("M/D/k", 160, 0),
    ("M/G/1", 475, 4), // parameters of a distribution
    ("M/G/1-PS", 153, 0),
    ("M/G/C-PS", 96, 0),
    ("M/G/inf", 1, 4), // rate x mean, and zero
    ("M/G/k/k", 40, 0),
    ("M/H2/C-LPS-N", 234, 0),
    ("M/M/1", 101, 0),
    ("M/M/1-PS", 21, 0),
    ("M/M/C-LPS-N", 120, 0),
    ("M/M/C-PS", 36, 0),
    ("M/M/k", 348, 0),
    ("M/M/k+D", 180, 0),
    ("M/M/k+M", 210, 0),
    ("M/M/k/K", 928, 0),
    ("M/PH/k", 187, 0),
    ("MMPP/M/k", 360, 0),
    ("M^X/M/k", 252, 0),
    ("capacity CPU+I/O", 90, 0),
    ("capacity insensitive", 18, 0),
    ("capacity lattice", 10, 0),
    ("closed CPU+I/O N workers", 56, 0),
    ("closed CPU+I/O unlimited workers", 50, 0),
    ("closed M/M/k//N", 165, 0),
    ("closed finite queue", 12, 0),
    ("dispatch random", 114, 0),
    ("dispatch round robin", 66, 0),
    ("drain", 9, 0),
    ("drain PS", 6, 0),
    ("overload", 8, 0),
];

/// One published value.
struct Row {
    model: String,
    metric: String,
    value: f64,
    digits: i32,
}

/// A model and what is known of it.
struct Model {
    family: String,
    params: Value,
    rows: Vec<Row>,
}

fn models() -> Vec<Model> {
    let read = |file: &str| {
        let path = format!("{}/tests/data/theory/{file}", env!("CARGO_MANIFEST_DIR"));
        csv::Reader::from_path(path).unwrap().into_records().map(Result::unwrap).collect::<Vec<_>>()
    };
    let mut values: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for record in read("values.csv") {
        let row = Row {
            model: record[0].to_owned(),
            metric: record[1].to_owned(),
            value: record[2].parse().unwrap(),
            digits: record[3].parse().unwrap(),
        };
        values.entry(row.model.clone()).or_default().push(row);
    }
    let model = |record: &csv::StringRecord| Model {
        family: record[1].to_owned(),
        params: serde_json::from_str(&record[3]).unwrap(),
        rows: values.remove(&record[0]).unwrap_or_default(),
    };
    read("models.csv").iter().map(model).collect()
}

/// What the module says of a model: measure by measure, `None` where it does not say.
type Says = Box<dyn Fn(&str) -> Option<f64>>;

fn number(value: &Value) -> f64 {
    match value.as_f64() {
        Some(number) => number,
        None if value == "inf" => f64::INFINITY,
        None => panic!("{value} is not a number"),
    }
}

fn count(value: &Value) -> usize {
    value.as_u64().unwrap_or_else(|| panic!("{value} is not a count")) as usize
}

fn mean(distribution: &Value) -> f64 {
    if distribution.is_null() { 0.0 } else { number(&distribution["mean"]) }
}

/// The quantile in a metric such as `wait_p99` (99 %) or `resp_p999` (99.9 %).
fn quantile(distribution: &dyn TimeDistribution, metric: &str, prefix: &str) -> Option<f64> {
    let digits = metric.strip_prefix(prefix)?;
    let p: f64 = format!("0.{digits}").parse().ok()?;
    Some(distribution.quantile(p))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn hyperexponential(distribution: &Value) -> Vec<(f64, f64)> {
    numbers(&distribution["p"]).into_iter().zip(numbers(&distribution["means"])).collect()
}

fn transform(distribution: &Value) -> Transform {
    let field = |name: &str| number(&distribution[name]);
    let transform = match distribution["dist"].as_str().unwrap() {
        "exp" => Transform::exponential(field("mean")),
        "const" => Transform::constant(field("mean")),
        "erlang" => Transform::erlang(count(&distribution["k"]), mean_or_rate(distribution)),
        "gamma" => Transform::gamma(field("shape"), field("mean")),
        "hyperexp" => Transform::hyperexponential(&hyperexponential(distribution)),
        "weibull" => Transform::weibull(field("shape"), field("mean")),
        "lomax" => Transform::lomax(field("scale"), field("alpha")),
        "pareto" => Transform::pareto(field("min"), field("alpha")),
        "uniform" => Transform::uniform(field("min"), field("max")),
        "lognormal" if distribution["p99"].is_null() => {
            Transform::lognormal(field("mean"), field("cv"))
        }
        "lognormal" => lognormal_by_p99(field("mean"), field("p99")),
        "mix" => {
            let values = numbers(&distribution["const"]);
            let parts = numbers(&distribution["p"]).into_iter().zip(values);
            Transform::mixture(parts.map(|(p, x)| (p, Transform::constant(x).unwrap())).collect())
        }
        other => panic!("distribution {other}"),
    };
    transform.unwrap()
}

fn mean_or_rate(distribution: &Value) -> f64 {
    distribution["mean"].as_f64().unwrap_or_else(|| 1.0 / number(&distribution["rate"]))
}

/// sigma = z - sqrt(z² - 2 ln(p99 / mean)).
fn lognormal_by_p99(mean: f64, p99: f64) -> simsrv::theory::Result<Transform> {
    let z = 2.326_347_874_040_840_8_f64;
    let sigma = z - (z * z - 2.0 * (p99 / mean).ln()).sqrt();
    Transform::lognormal(mean, (sigma * sigma).exp_m1().sqrt())
}

fn open_queue(rate: f64, service: f64, workers: usize) -> Says {
    let queue = Mmk::new(rate, service, workers).unwrap();
    Box::new(move |metric| {
        Some(match metric {
            "wait_prob" => queue.wait_prob(),
            "wait_mean" => queue.wait_mean(),
            "resp_mean" => queue.response_mean(),
            "wait_var" => queue.wait_variance(),
            "resp_var" => queue.response_variance(),
            "L" => queue.mean_in_system(),
            "Lq" => queue.mean_queue(),
            "util_worker" => queue.utilisation(),
            "thr" => rate,
            "asymvar_wait" => mm1_wait_asymptotic_variance(rate, service).unwrap(),
            "asymvar_L" => mm1_in_system_asymptotic_variance(rate, service).unwrap(),
            "hw_approx_wait_prob" => halfin_whitt(rate * service, workers).unwrap().value,
            _ => {
                return quantiles(
                    &queue.wait_distribution(),
                    &queue.response_distribution(),
                    metric,
                );
            }
        })
    })
}

fn quantiles(
    wait: &dyn TimeDistribution,
    response: &dyn TimeDistribution,
    metric: &str,
) -> Option<f64> {
    quantile(wait, metric, "wait_p").or_else(|| quantile(response, metric, "resp_p"))
}

fn constant_service(rate: f64, service: f64, workers: usize) -> Says {
    let queue = Mdk::new(rate, service, workers).unwrap();
    let by_moments = Transform::constant(service).unwrap().moments();
    Box::new(move |metric| {
        Some(match metric {
            "wait_prob" => queue.wait_prob(),
            "wait_mean" => queue.wait_mean(),
            "resp_mean" => queue.response_mean(),
            "L" => queue.mean_in_system(),
            "Lq" => queue.mean_queue(),
            "util_worker" => queue.utilisation(),
            "wait_var" => Mg1::new(rate, by_moments).unwrap().wait_variance().unwrap(),
            _ if metric.starts_with("resp_p") => quantile(&queue, metric, "resp_p")? + service,
            _ => return quantile(&queue, metric, "wait_p"),
        })
    })
}

fn one_worker(rate: f64, service: Transform) -> Says {
    let queue = Mg1::new(rate, service.moments()).unwrap();
    let (wait, response) =
        (Inverted::wait(rate, &service).ok(), Inverted::response(rate, &service).ok());
    Box::new(move |metric| {
        Some(match metric {
            "wait_prob" | "util_worker" => queue.utilisation(),
            "wait_mean" => queue.wait_mean().unwrap(),
            "resp_mean" => queue.response_mean().unwrap(),
            "wait_var" => queue.wait_variance().unwrap(),
            "L" => queue.mean_in_system().unwrap(),
            "Lq" => queue.mean_queue().unwrap(),
            _ => return quantiles(wait.as_ref()?, response.as_ref()?, metric),
        })
    })
}

fn renewal(gap: &Transform, service: f64, workers: usize) -> Says {
    let queue = Gimk::new(gap, service, workers).unwrap();
    Box::new(move |metric| {
        Some(match metric {
            "sigma" => queue.sigma(),
            "wait_prob" => queue.wait_prob(),
            "wait_mean" => queue.wait_mean(),
            "resp_mean" => queue.response_mean(),
            "L" => queue.mean_in_system(),
            "Lq" => queue.mean_queue(),
            "util_worker" => queue.utilisation(),
            _ => {
                return quantiles(
                    &queue.wait_distribution(),
                    &queue.response_distribution(),
                    metric,
                );
            }
        })
    })
}

fn bounded(queue: BirthDeathQueue) -> Says {
    Box::new(move |metric| {
        Some(match metric {
            "loss_prob" => queue.loss_prob(),
            "thr" => queue.throughput(),
            "L" => queue.mean_in_system(),
            "Lq" => queue.mean_queue(),
            "resp_mean" => queue.response_mean(),
            "wait_mean" => queue.wait_mean(),
            "util_worker" => queue.utilisation(),
            "wait_prob" => queue.wait_prob(),
            _ => {
                return quantiles(
                    &queue.wait_distribution(),
                    &queue.response_distribution(),
                    metric,
                );
            }
        })
    })
}

fn loss(rate: f64, service: f64, workers: usize) -> Says {
    let queue = Loss::new(rate, service, workers).unwrap();
    Box::new(move |metric| {
        Some(match metric {
            "loss_prob" => queue.loss_prob(),
            "thr" => queue.throughput(),
            "L" => queue.mean_in_system(),
            "util_worker" => queue.utilisation(),
            _ => return None,
        })
    })
}

fn impatient(params: &Value, rate: f64, service: f64, workers: usize) -> Says {
    let patience = &params["patience"];
    if patience["dist"] == "exp" {
        let queue = ErlangA::new(rate, service, workers, mean(patience)).unwrap();
        return Box::new(move |metric| {
            Some(match metric {
                "abandon_prob" => queue.abandon_prob(),
                "thr" => queue.throughput(),
                "wait_prob" => queue.wait_prob(),
                "wait_mean_all" => queue.wait_mean_all(),
                "Lq" => queue.mean_queue(),
                "L" => queue.mean_in_system(),
                "util_worker" => queue.utilisation(),
                _ => return None,
            })
        });
    }
    let queue = FixedPatience::new(rate, service, workers, mean(patience)).unwrap();
    Box::new(move |metric| {
        Some(match metric {
            "abandon_prob" => queue.abandon_prob(),
            "thr" => queue.throughput(),
            "wait_prob" => queue.wait_prob(),
            "wait_mean_all" => queue.wait_mean_all(),
            "wait_mean_served" => queue.wait_mean_served(),
            "util_worker" => queue.utilisation(),
            _ => return None,
        })
    })
}

fn shared(params: &Value, rate: f64) -> Says {
    let cpu = if params["cpu"]["mean"].is_null() { 1.0 } else { mean(&params["cpu"]) };
    let cores = number(&params["cores"]);
    let workers = params["workers"].as_u64().map(|n| n as usize);
    let queue = SharedCores::new(rate, cpu, cores, workers).unwrap();
    let distribution = queue.response_distribution().unwrap();
    Box::new(move |metric| {
        Some(match metric {
            "resp_mean" => queue.response_mean(),
            "resp_var" => mm1_ps_response_variance(rate, cpu).unwrap(),
            "L" => queue.mean_in_system(),
            "Lq" => queue.mean_queue(),
            "L_p95" => queue.in_system_quantile(0.95) as f64,
            "P_L_0" => queue.in_system_prob(0),
            "util_cpu" => queue.core_utilisation(),
            "util_worker" => queue.worker_utilisation(),
            "slowdown" => queue.slowdown(),
            "wait_prob" => queue.wait_prob(),
            "wait_mean" => queue.wait_mean(),
            "resp_mean_given_x0.1" => 0.1 * queue.slowdown(),
            "resp_mean_given_x1" => queue.slowdown(),
            "resp_mean_given_x5" => 5.0 * queue.slowdown(),
            _ => return quantiles(&queue.wait_distribution(), &distribution, metric),
        })
    })
}

fn cpu_then_io_unlimited(params: &Value, rate: f64) -> Says {
    let (cores, cpu, io) = (number(&params["cores"]), mean(&params["cpu"]), mean(&params["io"]));
    let response = cores_then_io(rate, cores, cpu, io).unwrap();
    Box::new(move |metric| {
        Some(match metric {
            "resp_mean" => response,
            "L" => rate * response,
            "util_cpu" => rate * cpu / cores,
            _ => return None,
        })
    })
}

fn saturated(params: &Value) -> Says {
    let workers = count(&params["workers"]);
    let (cores, cpu, io) = (number(&params["cores"]), mean(&params["cpu"]), mean(&params["io"]));
    let network = cores_and_delay(workers, cores, cpu, io).unwrap();
    let lattice = params["cpu"]["dist"] == "const" && params["io"]["dist"] == "const";
    Box::new(move |metric| {
        Some(match metric {
            "thr" if lattice => lattice_capacity(workers, cores, cpu, io).unwrap(),
            "thr" | "insensitive_value_not_reached" => network.throughput,
            "util_cpu" => network.core_utilisation,
            "resp_mean" => workers as f64 / network.throughput,
            _ => return None,
        })
    })
}

fn saturated_with_gil(params: &Value) -> Says {
    let (processes, threads) =
        (count(&params["gil"]["processes"]), count(&params["gil"]["threads"]));
    let (cores, cpu, io) = (number(&params["cores"]), mean(&params["cpu"]), mean(&params["io"]));
    let throughput = gil_capacity(processes, threads, cores, cpu, io).unwrap();
    Box::new(move |metric| {
        Some(match metric {
            "thr" => throughput,
            "util_cpu" => throughput * cpu / cores,
            _ => return None,
        })
    })
}

fn job(params: &Value) -> RequestWalk {
    let (cpu, io) = (&params["cpu"], &params["io"]);
    if let Some(parts) = cpu.as_array() {
        let io = Stage::io(mean(io));
        return RequestWalk::sequence(&[
            Stage::cpu(mean(&parts[0])),
            io,
            Stage::cpu(mean(&parts[1])),
        ]);
    }
    match cpu["dist"].as_str().unwrap() {
        "hyperexp" => {
            let parts = hyperexponential(cpu).into_iter().map(|(p, mean)| (p, Stage::cpu(mean)));
            RequestWalk::one_of(&parts.collect::<Vec<_>>())
        }
        "erlang" => {
            let stages = count(&cpu["k"]);
            RequestWalk::sequence(&vec![Stage::cpu(mean(cpu) / stages as f64); stages])
        }
        _ if !params["p_more"].is_null() => {
            RequestWalk::cycles(mean(cpu), mean(io), number(&params["p_more"]))
        }
        _ => RequestWalk::sequence(&[Stage::cpu(mean(cpu)), Stage::io(mean(io))]),
    }
}

fn network(params: &Value) -> Says {
    let workers = count(&params["workers"]);
    let network = Network::new(job(params), workers, number(&params["cores"])).unwrap();
    let capacity = network.capacity();
    let backlog = params["backlog"].as_u64().map(|n| n as usize);
    let arrival = &params["arrival"];
    let steady: Steady = match (arrival["type"].as_str().unwrap(), backlog) {
        ("closed", backlog) => {
            network.closed(count(&arrival["clients"]), mean(&arrival["think"]), backlog)
        }
        (_, Some(backlog)) => network.finite(number(&arrival["rate"]), backlog),
        (_, None) => network.open(number(&arrival["rate"])),
    }
    .unwrap();
    let rate = arrival["rate"].as_f64();
    let cpu = transform_or_none(&params["cpu"]);
    let waits = steady.wait_distribution().unwrap();
    Box::new(move |metric| {
        Some(match metric {
            "thr" => steady.throughput,
            "loss_prob" => steady.loss_prob,
            "L" => steady.mean_in_system,
            "Lq" => steady.mean_queue,
            "wait_prob" => steady.wait_prob,
            "wait_mean" => steady.wait_mean(),
            "resp_mean" => steady.response_mean(),
            "cpu_n" => steady.mean_on_cpu,
            "io_n" => steady.mean_in_io,
            "util_cpu" => steady.core_utilisation,
            "util_worker" => steady.worker_utilisation,
            "cpu_resp_mean" => steady.cpu_response_mean(),
            "capacity" => capacity,
            "allen_cunneen_wait_mean" => {
                let moments = cpu.as_ref()?.moments();
                let (arrival_scv, service_scv) = (1.0, moments.scv());
                let service_mean = moments.mean;
                let model =
                    TwoMoments { rate: rate?, arrival_scv, service_mean, service_scv, workers };
                allen_cunneen(model).unwrap().value
            }
            _ => return quantile(&waits, metric, "wait_p"),
        })
    })
}

fn transform_or_none(distribution: &Value) -> Option<Transform> {
    distribution.is_object().then(|| transform(distribution))
}

fn closed_unlimited(params: &Value) -> Says {
    let arrival = &params["arrival"];
    let (cores, cpu, io) = (number(&params["cores"]), mean(&params["cpu"]), mean(&params["io"]));
    let clients = count(&arrival["clients"]);
    let got = closed_clients(clients, mean(&arrival["think"]), cores, cpu, io).unwrap();
    Box::new(move |metric| {
        Some(match metric {
            "thr" => got.throughput,
            "resp_mean" => got.response_mean,
            "cpu_n" => got.mean_on_cpu,
            "util_cpu" => got.core_utilisation,
            "cpu_resp_mean" => got.cpu_response_mean,
            _ => return None,
        })
    })
}

fn bursty(queue: BurstyQueue) -> Says {
    Box::new(move |metric| {
        Some(match metric {
            "L" => queue.mean_in_system(),
            "Lq" => queue.mean_queue(),
            "resp_mean" => queue.response_mean(),
            "wait_mean" => queue.wait_mean(),
            "wait_prob" => queue.wait_prob(),
            "util_worker" => queue.utilisation(),
            "P_n_ge_k_time" => queue.busy_prob(),
            _ => {
                return quantiles(
                    &queue.wait_distribution(),
                    &queue.response_distribution(),
                    metric,
                );
            }
        })
    })
}

fn batch_sizes(size: &Value) -> Vec<(usize, f64)> {
    match size.as_str() {
        Some("mix") => vec![(1, 0.7), (10, 0.3)],
        Some(fixed) => vec![(fixed.trim_start_matches("fix").parse().unwrap(), 1.0)],
        None => {
            let p = 1.0 / number(&size["geometric_mean"]);
            (1..400).map(|n| (n, p * (1.0 - p).powi(n as i32 - 1))).collect()
        }
    }
}

fn overloaded(rate: f64, service: f64, workers: usize) -> Says {
    assert!(Mmk::new(rate, service, workers).is_err(), "an overload has no steady state");
    let drift = overload(rate, workers as f64 / service).unwrap();
    Box::new(move |metric| {
        Some(match metric {
            "thr" => drift.throughput,
            "queue_growth_per_s" => drift.queue_growth,
            "wait_growth" => drift.wait_growth,
            "util_worker" => 1.0,
            _ => return None,
        })
    })
}

fn drained(params: &Value, service: f64) -> Says {
    let at_once = number(&params["cores"]).min(number(&params["workers"]));
    let got = drain(count(&params["arrival"]["n"]), at_once, service).unwrap();
    Box::new(move |metric| {
        Some(match metric {
            "makespan_mean" => got.makespan_mean,
            "makespan_var" => got.makespan_variance,
            "resp_mean" => got.response_mean,
            _ => return None,
        })
    })
}

fn unlimited(rate: f64, service: f64) -> Says {
    Box::new(move |metric| {
        Some(match metric {
            "P_L_le_10" => unlimited_at_most(rate, service, 10).unwrap(),
            _ => return None,
        })
    })
}

/// What the module says of a model of a family.
fn says(model: &Model) -> Says {
    let params = &model.params;
    let arrival = &params["arrival"];
    let rate = arrival["rate"].as_f64().unwrap_or(f64::NAN);
    let workers = params["workers"].as_u64().map_or(usize::MAX, |n| n as usize);
    let service = ["cpu", "io"]
        .iter()
        .map(|distribution| &params[*distribution])
        .find(|distribution| distribution.is_object());
    let service_mean =
        service.and_then(|distribution| distribution["mean"].as_f64()).unwrap_or(f64::NAN);
    match model.family.as_str() {
        "M/M/1" | "M/M/k" => open_queue(rate, service_mean, workers),
        "M/G/inf" => unlimited(rate, service_mean),
        "M/D/1" | "M/D/k" => constant_service(rate, service_mean, workers),
        "M/G/1" => one_worker(rate, transform(service.unwrap())),
        "GI/M/k" if arrival["type"] == "periodic" => {
            renewal(&Transform::constant(1.0 / rate).unwrap(), service_mean, workers)
        }
        "GI/M/k" => renewal(&transform(arrival), service_mean, workers),
        "dispatch random" => {
            let (all, one) = (workers as f64, open_queue(rate / workers as f64, service_mean, 1));
            Box::new(move |metric| {
                let copies = if matches!(metric, "L" | "Lq" | "thr") { all } else { 1.0 };
                one(metric).map(|value| copies * value)
            })
        }
        "dispatch round robin" => {
            let gap = Transform::erlang(workers, workers as f64 / rate).unwrap();
            renewal(&gap, service_mean, 1)
        }
        "M/M/k/K" => {
            let places = workers + count(&params["backlog"]);
            bounded(BirthDeathQueue::mmkk(rate, service_mean, workers, places).unwrap())
        }
        "M/G/k/k" => loss(rate, service_mean, workers),
        "M/M/k+M" | "M/M/k+D" => impatient(params, rate, service_mean, workers),
        "closed M/M/k//N" | "closed finite queue" => {
            let (clients, think) = (count(&arrival["clients"]), mean(&arrival["think"]));
            let queue = match params["backlog"].as_u64() {
                None => BirthDeathQueue::machine_repair(clients, think, service_mean, workers),
                Some(backlog) => {
                    let places = workers + backlog as usize;
                    BirthDeathQueue::closed_finite(clients, think, service_mean, workers, places)
                }
            };
            bounded(queue.unwrap())
        }
        "M/G/1-PS" | "M/M/1-PS" | "M/G/C-PS" | "M/M/C-PS" | "M/M/C-LPS-N" => shared(params, rate),
        "CPU+I/O unlimited workers" => cpu_then_io_unlimited(params, rate),
        "M/PH/k"
        | "M/H2/C-LPS-N"
        | "CPU+I/O open"
        | "CPU+I/O cycles"
        | "CPU+I/O finite queue"
        | "CPU+I/O+CPU finite"
        | "closed CPU+I/O N workers" => network(params),
        "capacity CPU+I/O" | "capacity insensitive" | "capacity lattice" => saturated(params),
        "GIL capacity" => saturated_with_gil(params),
        "closed CPU+I/O unlimited workers" => closed_unlimited(params),
        "MMPP/M/k" => {
            let switch = numbers(&arrival["switch"]);
            let switch = [vec![0.0, switch[0]], vec![switch[1], 0.0]];
            let rates = numbers(&arrival["rates"]);
            bursty(BurstyQueue::modulated(&rates, &switch, service_mean, workers).unwrap())
        }
        "M^X/M/k" => {
            let sizes = batch_sizes(&arrival["size"]);
            let batch_rate = number(&arrival["batch_rate"]);
            bursty(BurstyQueue::batches(batch_rate, &sizes, service_mean, workers).unwrap())
        }
        "overload" => overloaded(rate, service_mean, workers),
        "drain" | "drain PS" => drained(params, service_mean),
        other => panic!("family {other} has no formula here"),
    }
}

/// How far a value may be from the one published, relative to it.
fn tolerance(row: &Row, family: &str) -> f64 {
    let by_inversion = family == "M/G/1" && row.metric.contains("_p");
    let claimed = 10f64.powi(1 - row.digits);
    claimed.max(if by_inversion { 1e-5 } else { 1e-9 })
}

/// Values of 1e-6 and less were published to fewer digits than they claim.
const ABSOLUTE: f64 = 1e-13;

/// The values of `model`, as published times `distort`, that differ, as sentences; and how many
/// were compared and left out.
fn compare(model: &Model, distort: f64) -> (Vec<String>, usize, usize) {
    let says = says(model);
    let (mut differ, mut compared, mut left_out) = (Vec::new(), 0, 0);
    for row in &model.rows {
        let Some(got) = says(&row.metric) else {
            left_out += 1;
            continue;
        };
        compared += 1;
        let expected = row.value * distort;
        let allowed = (tolerance(row, &model.family) * expected.abs()).max(ABSOLUTE);
        let near = (got - expected).abs() <= allowed; // NaN is not near
        if !near {
            differ.push(format!("{} {}: got {got}, expected {expected}", row.model, row.metric));
        }
    }
    (differ, compared, left_out)
}

#[test]
fn the_module_gives_the_published_values() {
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut differ = Vec::new();
    for model in models() {
        let (sentences, compared, left_out) = compare(&model, 1.0);
        differ.extend(sentences);
        let entry = counts.entry(model.family.clone()).or_default();
        *entry = (entry.0 + compared, entry.1 + left_out);
    }
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
    let expected: BTreeMap<String, (usize, usize)> =
        EXPECTED.iter().map(|&(family, n, left)| (family.to_owned(), (n, left))).collect();
    assert_eq!(counts, expected, "compared and left out, by family");
}

/// One model of each family, its values off by three times what is allowed at most: every value
/// above 1e-6 must be seen to differ.
#[test]
fn the_comparison_can_fail() {
    let mut families: Vec<String> = Vec::new();
    for model in models() {
        if families.contains(&model.family) {
            continue;
        }
        let distort = if model.family == "M/G/1" { 1.0 + 3e-5 } else { 1.0 + 3e-7 };
        let (differ, compared, _) = compare(&model, distort);
        let says = says(&model);
        let told = model.rows.iter().filter(|row| says(&row.metric).is_some());
        let small = told.filter(|row| row.value.abs() < 1e-6).count();
        assert!(compared > 0, "{}", model.family);
        assert!(differ.len() >= compared - small, "{}: {differ:?}", model.family);
        families.push(model.family);
    }
    assert_eq!(families.len(), EXPECTED.len());
}

/// The distribution of a time as [`known`] takes it; `None` if it is none that is told there.
fn demand(distribution: &Value) -> Option<RandomTime> {
    if distribution.is_null() {
        return Some(RandomTime::none());
    }
    Some(match distribution["dist"].as_str()? {
        "exp" if mean(distribution) == 0.0 => RandomTime::none(),
        "exp" => RandomTime::exponential(mean(distribution)),
        "any" => return None,
        named if named.contains(' ') => return None,
        _ if distribution["dist"] == "lognormal"
            && distribution["p99"].is_null()
            && distribution["cv"].is_null() =>
        {
            None?
        }
        _ => RandomTime::of_transform(transform(distribution)),
    })
}

/// The model as [`known`] takes it; `None` if it has more than is told there.
fn theory_model(model: &Model) -> Option<TheoryModel> {
    const TOLD: [&str; 10] = [
        "arrival",
        "workers",
        "cores",
        "cpu",
        "io",
        "backlog",
        "patience",
        "patience_scope",
        "phases",
        "gil",
    ];
    let params = model.params.as_object()?;
    let two_phases =
        params.get("phases").is_none_or(|phases| *phases == serde_json::json!(["cpu", "io"]));
    if params.keys().any(|key| !TOLD.contains(&key.as_str())) || !two_phases {
        return None;
    }
    let params = &model.params;
    let arrival = &params["arrival"];
    let rate = arrival["rate"].as_f64();
    let arrivals = match arrival["type"].as_str()? {
        "poisson" => Arrivals::Poisson { rate: rate? },
        "periodic" => Arrivals::Renewal { gap: RandomTime::constant(1.0 / rate?) },
        "renewal" => Arrivals::Renewal { gap: RandomTime::of_transform(transform(arrival)) },
        "closed" => {
            let think = demand(&arrival["think"])?;
            Arrivals::Closed { clients: count(&arrival["clients"]), think }
        }
        _ => return None,
    };
    let small = |name: &str| params[name].as_u64().map(|n| n as usize);
    Some(TheoryModel {
        arrivals,
        cpu: demand(&params["cpu"])?,
        io: demand(&params["io"])?,
        phases: Vec::new(),
        workers: small("workers"),
        cores: params["cores"].as_f64().unwrap_or(f64::INFINITY),
        backlog: small("backlog"),
        patience: if params["patience"].is_null() { None } else { demand(&params["patience"]) },
        gil_threads: params["gil"]["threads"].as_u64().map(|n| n as usize),
    })
}

fn told(known: &Known, metric: &str) -> Option<f64> {
    let of = |quantiles: Option<Quantiles>, p: &str| {
        let quantiles = quantiles?;
        Some(match p {
            "50" => quantiles.p50,
            "90" => quantiles.p90,
            "95" => quantiles.p95,
            "99" => quantiles.p99,
            "999" => quantiles.p999,
            _ => return None,
        })
    };
    match metric {
        "thr" => known.throughput,
        "loss_prob" => known.refused_share,
        "abandon_prob" => known.timed_out_share,
        "L" => known.in_system_mean,
        "Lq" => known.queue_mean,
        "wait_prob" => known.wait_prob,
        "wait_mean" | "wait_mean_served" => known.wait_mean,
        "resp_mean" => known.response_mean,
        "util_cpu" => known.core_utilisation,
        "util_worker" => known.worker_utilisation,
        "capacity" => known.capacity,
        _ => match metric.strip_prefix("wait_p") {
            Some(p) => of(known.wait, p),
            None => of(known.response, metric.strip_prefix("resp_p")?),
        },
    }
}

/// What [`known`] picks for a model is what was published of it, wherever it calls itself exact.
#[test]
fn what_is_known_of_a_model_is_what_was_published() {
    let (mut exact, mut compared, mut differ) = (0, 0, Vec::new());
    for model in models() {
        let Some(theory) = theory_model(&model) else { continue };
        let known = known(&theory);
        if known.answer != Answer::Exact {
            continue;
        }
        exact += 1;
        for row in &model.rows {
            let Some(got) = told(&known, &row.metric) else { continue };
            compared += 1;
            // a queue that is as good as unlimited is taken to be unlimited
            let allowed = 10.0 * tolerance(row, &model.family) * row.value.abs() + 1e-10;
            let near = (got - row.value).abs() <= allowed;
            if !near {
                let (model, metric, value) = (&row.model, &row.metric, row.value);
                differ.push(format!("{model} {metric}: got {got}, expected {value}"));
            }
        }
    }
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
    assert_eq!((exact, compared), (405, 4_269), "models answered exactly, values compared");
}
