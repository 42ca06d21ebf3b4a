//! A published case in the words of the public command, or why it cannot be said.

use serde_json::Value;

/// One published case.
pub struct Case {
    pub id: String,
    pub family: String,
    pub params: Value,
    /// (metric, value).
    pub rows: Vec<(String, f64)>,
}

/// Some of a case's values and the options of the run that gives them.
pub struct Run {
    /// What is simulated; not how long.
    pub model: Vec<String>,
    /// Fixed length and replications, where the values depend on them.
    pub fixed: Option<Vec<String>>,
    /// (metric, column, value).
    pub rows: Vec<(String, &'static str, f64)>,
}

/// Why a case or a value is not compared.
pub type Reason = &'static str;

/// Workers that are as good as unlimited: none of the cases ever has so many requests.
const UNLIMITED: usize = 10_000;

/// Hosts that are as good as infinitely many: what is left of the difference is of the order of
/// 1/n.
const MANY_HOSTS: u64 = 1_000;

/// Families whose feature the command does not have.
const NOT_YET: [(&str, Reason); 3] = [
    ("CPU+I/O cycles", "a random number of CPU and I/O phases"),
    ("SJF", "another order than first come first served: shortest job first"),
    ("SRPT", "another order than processor sharing: shortest remaining time"),
];

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().map_or_else(Vec::new, |values| values.iter().map(number).collect())
}

/// Seconds, in whole nanoseconds.
fn time(seconds: f64) -> String {
    let nanos = (seconds * 1e9).round();
    if nanos % 1e6 == 0.0 { format!("{}ms", nanos / 1e6) } else { format!("{nanos}ns") }
}

/// The squared coefficient of variation of a distribution, as the length of a run wants it.
pub fn scv(distribution: &Value) -> f64 {
    match distribution["dist"].as_str().unwrap_or("const") {
        "exp" | "any" => 1.0,
        "erlang" => 1.0 / number(&distribution["k"]),
        "gamma" => 1.0 / number(&distribution["shape"]),
        "hyperexp" => {
            let parts =
                || numbers(&distribution["p"]).into_iter().zip(numbers(&distribution["means"]));
            let mean: f64 = parts().map(|(p, m)| p * m).sum();
            2.0 * parts().map(|(p, m)| p * m * m).sum::<f64>() / mean / mean - 1.0
        }
        "lognormal" if distribution["cv"].is_number() => number(&distribution["cv"]).powi(2),
        "const" | "uniform" => 0.3,
        _ => 8.0,
    }
}

/// A distribution in the command's grammar.
fn distribution(distribution: &Value) -> Result<String, Reason> {
    let field = |name: &str| number(&distribution[name]);
    let mean = || time(field("mean"));
    Ok(match distribution["dist"].as_str().unwrap_or("") {
        "exp" | "any" => format!("exp({})", mean()),
        "const" => mean(),
        "erlang" => format!("erlang(mean={},k={})", mean(), distribution["k"]),
        "gamma" => format!("gamma(mean={},cv={})", mean(), 1.0 / field("shape").sqrt()),
        "weibull" => format!("weibull(mean={},shape={})", mean(), field("shape")),
        "pareto" => format!("pareto(min={},alpha={})", time(field("min")), field("alpha")),
        "uniform" => format!("uniform({},{})", time(field("min")), time(field("max"))),
        "hyperexp" => format!("hyperexp(mean=1s,cv={})", balanced_cv(distribution)?),
        "lognormal" if distribution["p99"].is_number() => {
            format!("lognormal(mean={},p99={})", mean(), time(field("p99")))
        }
        "lognormal" => format!("lognormal(mean={},cv={})", mean(), field("cv")),
        "mix" => {
            let parts =
                numbers(&distribution["p"]).into_iter().zip(numbers(&distribution["const"]));
            let parts = parts.map(|(p, value)| format!("{p}:{}", time(value)));
            format!("mix({})", parts.collect::<Vec<_>>().join(","))
        }
        "lomax" => return Err("the distribution: a Lomax distribution has no name in the grammar"),
        named => by_name(named, field("mean"))?,
    })
}

/// Distributions of which a table of insensitive values says only the name.
fn by_name(name: &str, mean: f64) -> Result<String, Reason> {
    let last = || name.trim_start_matches(|c: char| !c.is_ascii_digit());
    let of_mean = time(mean);
    match name {
        _ if name.starts_with("lognormal cv") => Ok(format!("lognormal({of_mean},cv={})", last())),
        _ if name.starts_with("hyperexp scv") => {
            let scv: f64 = last().parse().map_err(|_| "the distribution: no number")?;
            Ok(format!("hyperexp({of_mean},cv={})", scv.sqrt()))
        }
        _ if name.starts_with("pareto alpha") => Ok(format!("pareto({of_mean},alpha={})", last())),
        "uniform(0,2m)" => Ok(format!("uniform(0s,{})", time(2.0 * mean))),
        _ => Err("the distribution: a name that is not known here"),
    }
}

/// The cv of a hyperexponential distribution of mean 1 with balanced means, which is what the
/// grammar has.
fn balanced_cv(distribution: &Value) -> Result<f64, Reason> {
    let scv = scv(distribution).round();
    let share = (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt()) / 2.0;
    let balanced = (numbers(&distribution["p"])[0] - share).abs() < 1e-9;
    balanced.then(|| scv.sqrt()).ok_or("the distribution: its means are not balanced")
}

/// `--arrivals`, if they are not Poisson, and the rate.
fn open(arrival: &Value) -> Result<(f64, Option<String>), Reason> {
    let rate = number(&arrival["rate"]);
    Ok(match arrival["type"].as_str().unwrap_or("") {
        "poisson" => (rate, None),
        "periodic" => (rate, Some("constant".to_owned())),
        "renewal" if arrival["dist"] == "erlang" => {
            (rate, Some(format!("erlang(k={})", arrival["k"])))
        }
        "renewal" => {
            let (p, means) = (numbers(&arrival["p"]), numbers(&arrival["means"]));
            let mean: f64 = p.iter().zip(means).map(|(p, mean)| p * mean).sum();
            (1.0 / mean, Some(format!("hyperexp(cv={})", balanced_cv(arrival)?)))
        }
        "batch" => {
            let of = |size: f64| number(&arrival["batch_rate"]) * size;
            let size = &arrival["size"];
            if let Some(mean) = size["geometric_mean"].as_f64() {
                return Ok((of(mean), Some(format!("batch(geometric({mean}))"))));
            }
            if size == "mix" {
                // 1 with probability 0.7, 10 with 0.3, says the description.
                return Ok((of(3.7), Some("batch(mix(70%:1,30%:10))".to_owned())));
            }
            let fixed = size.as_str().and_then(|text| text.strip_prefix("fix")).unwrap_or("");
            let count: f64 = fixed.parse().map_err(|_| "batches of several sizes by weight")?;
            (of(count), Some(format!("batch({count})")))
        }
        "mmpp" => {
            let (rates, switch) = (numbers(&arrival["rates"]), numbers(&arrival["switch"]));
            let times = [1.0 / switch[0], 1.0 / switch[1]];
            let mean = (rates[0] * times[0] + rates[1] * times[1]) / (times[0] + times[1]);
            let state = |i: usize| format!("{}/s:{}", rates[i], time(times[i]));
            (mean, Some(format!("mmpp({},{})", state(0), state(1))))
        }
        _ => return Err("arrivals that cannot be said"),
    })
}

fn flag(name: &str, value: impl ToString) -> [String; 2] {
    [format!("--{name}"), value.to_string()]
}

/// Workers with a queue each are hosts of one worker behind a balancer.
fn hosts(params: &Value, dispatch: &str) -> Result<Vec<String>, Reason> {
    let balance = match dispatch {
        "random" => "random",
        "roundrobin" => "round-robin",
        "jsq" => "least-connections",
        "po2" => "power-of-two",
        "po2r" => "random(2)",
        "jiq" => "join-idle",
        _ => return Err("another way to choose a queue"),
    };
    let count = params["workers"].as_u64().unwrap_or(MANY_HOSTS);
    let mut options = flag("hosts", count).to_vec();
    options.extend(flag("balance", balance));
    options.extend(["--workers", "1", "--cores", "1", "--backlog", "unlimited"].map(str::to_owned));
    options.extend(flag("cpu", distribution(&params["cpu"])?));
    Ok(options)
}

/// What the server and its requests are.
fn server(params: &Value) -> Result<Vec<String>, Reason> {
    if let Some(dispatch) = params["dispatch"].as_str() {
        return hosts(params, dispatch);
    }
    let mut options = Vec::new();
    let limited = params["workers"].as_u64().map(|n| n as usize);
    let workers = limited.unwrap_or(UNLIMITED);
    match params["gil"].as_object() {
        Some(gil) => {
            // One process leaves no choice.
            let random = gil.get("dispatch").is_some_and(|how| how == "random");
            if random && gil["processes"] != 1 {
                return Err("random dispatch to idle threads");
            }
            options.extend(flag("workers", &gil["processes"]));
            options.extend(flag("threads", &gil["threads"]));
        }
        None => options.extend(flag("workers", workers)),
    }
    options.extend(flag("cores", params["cores"].as_f64().unwrap_or(1.0)));
    let backlog = params["backlog"].as_u64().map_or("unlimited".to_owned(), |n| n.to_string());
    options.extend(flag("backlog", backlog));
    if params["patience"].is_object() {
        options.extend(flag("patience", distribution(&params["patience"])?));
    }
    if params["retry"].is_object() {
        options.extend(flag("on-full", "refuse"));
        options.extend(flag("retries", 10_000));
        options.extend(flag("retry-backoff", distribution(&params["retry"])?));
        options.extend(flag("retry-growth", 1));
    }
    let (cpu, io) = (&params["cpu"], &params["io"]);
    if let Some(parts) = cpu.as_array() {
        let phases = format!(
            "cpu:{} io:{} cpu:{}",
            distribution(&parts[0])?,
            distribution(io)?,
            distribution(&parts[1])?
        );
        options.extend(flag("phases", phases));
        return Ok(options);
    }
    let shares = numbers(&params["arrival"]["classes"]);
    if !shares.is_empty() {
        options.extend(flag("queue", "priority"));
        for (at, share) in (1..).zip(shares) {
            let own = &cpu[format!("class{at}")];
            let demand = distribution(if own.is_object() { own } else { cpu })?;
            options.extend(flag("route", format!("class{at} {share} cpu:{demand}")));
        }
        return Ok(options);
    }
    for (name, demand) in [("cpu", cpu), ("io", io)] {
        if demand.is_object() {
            options.extend(flag(name, distribution(demand)?));
        }
    }
    Ok(options)
}

/// Closed clients: how many, and how they think.
fn clients(arrival: &Value, workers: &Value) -> Result<Vec<String>, Reason> {
    let count = if arrival["type"] == "saturated" { workers } else { &arrival["clients"] };
    let mut options = flag("clients", count).to_vec();
    if arrival["think"].is_object() && number(&arrival["think"]["mean"]) > 0.0 {
        options.extend(flag("think", distribution(&arrival["think"])?));
    }
    Ok(options)
}

impl Case {
    /// Whether its clients wait for their answers.
    pub fn closed(&self) -> bool {
        matches!(self.params["arrival"]["type"].as_str(), Some("closed" | "saturated"))
    }

    pub fn value(&self, metric: &str) -> Option<f64> {
        self.rows.iter().find(|(name, _)| name == metric).map(|(_, value)| *value)
    }

    /// The runs that give the case's values, or why there is none.
    pub fn runs(&self) -> Result<Vec<Run>, Reason> {
        if let Some((_, why)) = NOT_YET.iter().find(|(family, _)| *family == self.family) {
            return Err(why);
        }
        let mut model = server(&self.params)?;
        let arrival = &self.params["arrival"];
        if self.closed() {
            model.extend(clients(arrival, &self.params["workers"])?);
        } else if arrival["type"] == "burst" {
            model.extend(flag("clients", &arrival["n"]));
            let fixed = flag("replications", 20_000).to_vec();
            return Ok(vec![Run { model, fixed: Some(fixed), rows: self.compared() }]);
        } else if let Some(load) = self.load_of_many() {
            model.extend(flag("rate", format!("{}/s", load * MANY_HOSTS as f64)));
        } else {
            let (rate, distribution) = open(arrival)?;
            model.extend(flag("rate", format!("{rate}/s")));
            model.extend(
                distribution.into_iter().flat_map(|distribution| flag("arrivals", distribution)),
            );
        }
        if self.family == "overload" {
            let fixed = flag("duration", "10000s").to_vec();
            return Ok(vec![Run { model, fixed: Some(fixed), rows: self.compared() }]);
        }
        if self.family == "M/M/1 transient" {
            return Ok(self.transient(&model));
        }
        Ok(vec![Run { model, fixed: None, rows: self.compared() }])
    }

    /// Of the limit of ever more queues, the load, which only its name says.
    pub fn load_of_many(&self) -> Option<f64> {
        self.id.strip_prefix("disp-po2-inf-r")?.parse().ok()
    }

    /// Of several classes of requests with demands of their own, the mean demand.
    pub fn mean_of_classes(&self) -> Option<f64> {
        let shares = numbers(&self.params["arrival"]["classes"]);
        let mean = |at: usize| self.params["cpu"][format!("class{at}")]["mean"].as_f64();
        (1..).zip(shares).map(|(at, share)| Some(share * mean(at)?)).sum()
    }

    /// Queues that do not help each other, because who comes is given to them blindly.
    pub fn queues_apart(&self) -> f64 {
        match self.params["dispatch"].as_str() {
            Some("random" | "roundrobin") => number(&self.params["workers"]),
            _ => 1.0,
        }
    }

    fn compared(&self) -> Vec<(String, &'static str, f64)> {
        let one = |(metric, value): &(String, f64)| {
            // Ours are the tries beyond the first.
            let first = if metric == "attempts_per_request" { 1.0 } else { 0.0 };
            Some((metric.clone(), self.column(metric).ok()?, *value - first))
        };
        self.rows.iter().filter_map(one).collect()
    }

    /// The mean wait of the first n: a replication is n requests long, from an empty start.
    fn transient(&self, model: &[String]) -> Vec<Run> {
        let run = |(metric, value): &(String, f64)| {
            let first: u64 = metric.strip_prefix("wait_avg_first")?.parse().ok()?;
            let fixed = [
                flag("requests", first),
                flag("warmup", "0s"),
                flag("replications", (500_000 / first).min(5_000)),
            ];
            let rows = vec![(metric.clone(), "wait_mean_s", *value)];
            Some(Run { model: model.to_vec(), fixed: Some(fixed.concat()), rows })
        };
        self.rows.iter().filter_map(run).collect()
    }

    /// The column of a metric, or why there is none.
    pub fn column(&self, metric: &str) -> Result<&'static str, Reason> {
        const COLUMNS: [(&str, &str); 25] = [
            ("thr", "throughput_per_s"),
            ("loss_prob", "refused_share"),
            ("abandon_prob", "timed_out_share"),
            ("L", "in_system_mean"),
            ("Lq", "queue_mean"),
            ("wait_prob", "wait_prob"),
            ("wait_mean", "wait_mean_s"),
            ("wait_mean_served", "wait_mean_s"),
            ("wait_mean_class1", "wait_mean_s@class1"),
            ("wait_mean_class2", "wait_mean_s@class2"),
            ("resp_mean", "response_mean_s"),
            ("wait_p50", "wait_p50_s"),
            ("wait_p90", "wait_p90_s"),
            ("wait_p95", "wait_p95_s"),
            ("wait_p99", "wait_p99_s"),
            ("resp_p50", "response_p50_s"),
            ("resp_p90", "response_p90_s"),
            ("resp_p95", "response_p95_s"),
            ("resp_p99", "response_p99_s"),
            ("resp_p999", "response_p999_s"),
            ("util_worker", "worker_utilisation"),
            ("util_cpu", "core_utilisation"),
            ("sojourn_mean", "response_mean_s"),
            ("attempts_per_request", "retries_per_request"),
            ("queue_growth_per_s", "growth_per_s"),
        ];
        // Our clients are in the system while they wait to come again.
        if self.params["retry"].is_object() && metric == "L" {
            return Err("those in the system without those who will come again");
        }
        if let Some((_, column)) = COLUMNS.iter().find(|(name, _)| *name == metric) {
            return self.finite_variance(column).map(|()| *column);
        }
        match metric {
            "makespan_mean" => Ok("makespan_s"),
            _ if metric.starts_with("wait_avg_first") => Ok("wait_mean_s"),
            _ if metric.starts_with("wait_mean_n") => Err("the n-th request by itself"),
            _ if metric.ends_with("_var") || metric.starts_with("asymvar") => Err("a variance"),
            _ if metric.starts_with("wait_p") => Err("a percentile without a column"),
            _ => Err("a value without a column"),
        }
    }

    /// Without a third moment of the service the mean wait of one worker has no variance, and no
    /// interval is right.
    fn finite_variance(&self, column: &str) -> Result<(), Reason> {
        let alpha = self.params["cpu"]["alpha"].as_f64().unwrap_or(9.0);
        let means = ["wait_mean_s", "response_mean_s", "queue_mean", "in_system_mean"];
        match self.family == "M/G/1" && alpha <= 3.0 && means.contains(&column) {
            true => Err("a mean whose estimate has an infinite variance (heavy tail)"),
            false => Ok(()),
        }
    }
}
