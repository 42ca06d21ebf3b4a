//! The options of a real server: any of them makes a [`Runtime`]; without them there is none.
//!
//! With `--class` everything else that is not said is as Gunicorn and Linux have it. Without it,
//! what is not said stays ideal, so that one thing can be looked at alone.

use std::sync::Arc;

use super::defaults;
use super::lists;
use super::raw_options::{Problem, RawOptions, shown};
use super::read::{self, Files, span, switch};
use crate::distribution::Distribution;
use crate::model::runtime::{
    Accept, AcceptQueue, Balance, Bias, Class, Clients, Cluster, DOUBLED, EventLoop, Lifecycle,
    Lock, MAX_HOSTS, MAX_POOL, OnFull, Overhead, Pool, PoolPer, Pooling, Quota, Spare, Spawning,
    SynSchedule, measured,
};
use crate::model::{Cores, Runtime};
use crate::time::Span;

/// Whether any option makes a server real.
pub(crate) fn wanted(raw: &RawOptions) -> bool {
    raw.iter().any(|(key, _)| key.real)
}

/// Gunicorn's default of `--worker-connections` (`gunicorn/config.py`, class
/// `WorkerConnections`), which the asgi worker does not look at.
const WORKER_CONNECTIONS: u32 = 1000;
/// CPython's default (`sys.getswitchinterval`).
const SWITCH_INTERVAL: Span = Span::from_nanos(5_000_000);
/// The pause before the first retry if nothing is said.
const BACKOFF: Span = Span::from_nanos(1_000_000_000);
/// The most by which a pause may grow.
const MOST_GROWTH: f64 = 100.0;

/// What was written about the class of workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chosen {
    /// Nothing: what is not said stays ideal.
    Ideal,
    /// `auto`: sync with one thread, gthread with more, as Gunicorn has it (`gunicorn/config.py`,
    /// `worker_class_str`).
    ByThreads,
    /// One of the classes.
    Class(Class),
}

fn chosen(text: &str) -> Result<Chosen, String> {
    Ok(if text == "auto" { Chosen::ByThreads } else { Chosen::Class(text.parse()?) })
}

/// What was written about real servers.
#[derive(Debug)]
pub(crate) struct RealServer<'a> {
    raw: &'a RawOptions,
    classes: Vec<Chosen>,
    accepts: Vec<Option<String>>,
    bias: Option<Bias>,
    clients: Clients,
    lifecycle: Lifecycle,
    spawning: Spawning,
    quota: Throttling,
    fronts: Vec<Option<Cluster>>,
    pools: Vec<Option<Pool>>,
    pooling: Pooling,
}

/// What a sweep goes through beside numbers of workers, threads and cores.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RuntimeAxes<'a> {
    class: Chosen,
    accept: Option<&'a str>,
    front: Option<Cluster>,
    pool: Option<Pool>,
}

impl<'a> RealServer<'a> {
    /// Reads the options; with `mid_life` the workers were started long before time 0.
    ///
    /// # Errors
    /// A sentence at the option.
    pub(crate) fn read(
        raw: &'a RawOptions,
        mid_life: bool,
        files: &dyn Files,
    ) -> Result<Self, Problem> {
        let classes = raw.parse("class", |text| lists::words(text, "classes", chosen))?;
        let accepts = raw.parse("accept", |text| lists::words(text, "policies", accept_word))?;
        let some = |list: Vec<_>| list.into_iter().map(Some).collect();
        Ok(RealServer {
            classes: classes.unwrap_or_else(|| vec![Chosen::Ideal]),
            accepts: accepts.map_or_else(|| vec![None], some),
            bias: raw.parse("accept-bias", str::parse::<Bias>)?,
            clients: clients(raw, files)?,
            lifecycle: lifecycle(raw, mid_life)?,
            spawning: spawning(raw)?,
            quota: quota(raw)?,
            fronts: fronts(raw)?,
            pools: pools(raw)?,
            pooling: pooling(raw)?,
            raw,
        })
    }

    /// All combinations of class, policies, hosts and pool, in the order of the sweep.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = RuntimeAxes<'_>> {
        let accepted = self.classes.iter().flat_map(move |class| {
            self.accepts.iter().map(move |accept| (*class, accept.as_deref()))
        });
        let balanced = accepted.flat_map(move |(class, accept)| {
            self.fronts.iter().map(move |front| (class, accept, *front))
        });
        balanced.flat_map(move |(class, accept, front)| {
            self.pools.iter().map(move |pool| RuntimeAxes { class, accept, front, pool: *pool })
        })
    }

    /// The runtime of a server with so many cores and threads, of a kind out of [`RealServer::kinds`].
    ///
    /// # Errors
    /// A sentence at the option.
    pub(crate) fn runtime(
        &self,
        RuntimeAxes { class: chosen, accept, front, pool }: RuntimeAxes<'_>,
        (cores, threads): (Cores, u32),
    ) -> Result<Option<Arc<Runtime>>, Problem> {
        if !wanted(self.raw) {
            return Ok(None);
        }
        let threaded = if threads > 1 { Class::Gthread } else { Class::Sync };
        let real = chosen != Chosen::Ideal;
        let class = if let Chosen::Class(class) = chosen { class } else { threaded };
        let mut runtime = if real { gunicorn(class) } else { Runtime::neutral(class) };
        if let Some(kind) = self.raw.parse("loop", str::parse::<EventLoop>)? {
            runtime.event_loop = kind;
        }
        if let Some(word) = accept {
            runtime.accept = policy(word, class);
        }
        if let (Some(bias), Accept::Greedy(_)) = (&self.bias, &runtime.accept) {
            runtime.accept = Accept::Greedy(bias.clone());
        }
        runtime.herd = true;
        runtime.clients = self.clients.clone();
        runtime.lifecycle = self.lifecycle;
        runtime.spawning = self.spawning;
        runtime.quota = self.quota.of(cores, real);
        (runtime.cluster, runtime.pool, runtime.pooling) = (front, pool, self.pooling);
        self.cpu(&mut runtime)?;
        self.accept_queue(&mut runtime)?;
        Ok(Some(Arc::new(runtime)))
    }

    fn cpu(&self, runtime: &mut Runtime) -> Result<(), Problem> {
        let raw = self.raw;
        let connections = raw.parse("worker-connections", |text| match text {
            "unlimited" => Ok(None),
            text => read::whole(text, "connections", 1, u64::from(u32::MAX)).map(Some),
        })?;
        if let Some(limit) = connections {
            runtime.worker_connections = limit.map(|limit| limit as u32);
        }
        let turns_away = raw.parse("at-limit", |text| match text {
            "wait" => Ok(false),
            "refuse" => Ok(true),
            other => Err(format!("'{}' is neither wait nor refuse", shown(other))),
        })?;
        runtime.turns_away = turns_away.unwrap_or(false);
        if let Some(interval) = raw.parse("switch-interval", span)? {
            runtime.switch_interval = Some(interval).filter(|interval| !interval.is_zero());
        }
        runtime.lock = raw.parse("lock", str::parse)?.unwrap_or(Lock::Python);
        runtime.slice = raw.parse("slice", span)?;
        runtime.contention = raw.parse("contention", str::parse)?;
        let or_auto = |name: &str| {
            raw.parse(name, |text| if text == "auto" { Ok(None) } else { span(text).map(Some) })
        };
        let per_io = runtime.overhead.per_io;
        match or_auto("overhead")? {
            // No overhead is none at all.
            Some(Some(Span::ZERO)) => runtime.overhead = Overhead::NONE,
            Some(Some(overhead)) => runtime.overhead = Overhead::of(overhead, per_io),
            Some(None) => runtime.overhead = Overhead { per_io, ..Overhead::measured() },
            None => {}
        }
        if let Some(per_io) = or_auto("overhead-io")? {
            runtime.overhead.per_io = per_io.unwrap_or(measured::OVERHEAD_IO);
        }
        Ok(())
    }

    fn accept_queue(&self, runtime: &mut Runtime) -> Result<(), Problem> {
        let raw = self.raw;
        let accept_queue = &mut runtime.accept_queue;
        let unix = raw.parse("listen", |text| match text {
            "tcp" => Ok(false),
            "unix" => Ok(true),
            other => Err(format!("'{}' is neither tcp nor unix", shown(other))),
        })?;
        let linux = ["somaxconn", "abort-on-overflow", "syn"].iter().any(|name| raw.has(name));
        if linux {
            *accept_queue = AcceptQueue::linux();
        }
        if unix == Some(true) {
            *accept_queue = AcceptQueue::unix();
        }
        if let Some(on_full) = raw.parse("on-full", |text| match text {
            "refuse" => Ok(OnFull::Refuse),
            "retransmit" => Ok(OnFull::Retransmit),
            other => Err(format!("'{}' is neither refuse nor retransmit", shown(other))),
        })? {
            let ideal = on_full == OnFull::Refuse;
            if unix == Some(true) && !ideal {
                let sentence = "a full Unix socket refuses at once: drop it, or give --listen tcp";
                let written = raw.get("on-full");
                return Err(written
                    .map_or_else(|| Problem::new(sentence), |value| Problem::at(value, sentence)));
            }
            *accept_queue = AcceptQueue {
                on_full,
                own: ideal,
                ..if ideal { AcceptQueue::ideal() } else { AcceptQueue::linux() }
            };
        }
        if let Some(most) =
            raw.parse("somaxconn", |t| read::whole(t, "places", 1, u64::from(u32::MAX)))?
        {
            accept_queue.somaxconn = most;
        }
        accept_queue.abort = switch(raw, "abort-on-overflow")?;
        if let Some(syn) = raw.parse("syn", |text| match text {
            "linear" => Ok(SynSchedule::Linear),
            "doubling" => Ok(SynSchedule::Doubling),
            other => Err(format!(
                "'{}' is neither linear (Linux 6.5 and later) nor doubling (before)",
                shown(other)
            )),
        })? {
            accept_queue.syn = syn;
        }
        Ok(())
    }
}

/// A class as Gunicorn and Linux have it.
fn gunicorn(class: Class) -> Runtime {
    let limited = matches!(class, Class::Gthread | Class::Gevent);
    Runtime {
        accept: Accept::of(class),
        event_loop: if class == Class::Asgi { EventLoop::Asyncio } else { EventLoop::Single },
        worker_connections: limited.then_some(WORKER_CONNECTIONS),
        switch_interval: Some(SWITCH_INTERVAL),
        overhead: Overhead::measured(),
        accept_queue: AcceptQueue::linux(),
        ..Runtime::neutral(class)
    }
}

fn accept_word(text: &str) -> Result<String, String> {
    match text {
        "shared" | "greedy" | "random" | "least-loaded" | "round-robin" | "reuse-port" => {
            Ok(text.to_owned())
        }
        other => Err(format!(
            "'{other}' is not a valid way to accept: write shared, greedy, random, least-loaded, \
             round-robin or reuse-port"
        )),
    }
}

fn policy(word: &str, class: Class) -> Accept {
    match word {
        "shared" => Accept::Shared,
        "random" => Accept::Random,
        "least-loaded" => Accept::LeastLoaded,
        "round-robin" => Accept::RoundRobin,
        "reuse-port" => Accept::ReusePort,
        _ => match Accept::of(class) {
            Accept::Greedy(bias) => Accept::Greedy(bias),
            _ => Accept::Greedy(Bias::Measured),
        },
    }
}

fn clients(raw: &RawOptions, files: &dyn Files) -> Result<Clients, Problem> {
    let distribution = |name: &str| read::distribution(raw, name, files);
    let most = u64::from(crate::model::runtime::MAX_RETRIES);
    let retries = raw.parse("retries", |text| read::whole(text, "retries", 0, most))?;
    Ok(Clients {
        timeout: distribution("client-timeout")?,
        proxy_timeout: raw.parse("proxy-timeout", span)?,
        retries: retries.unwrap_or(0) as u32,
        backoff: distribution("retry-backoff")?.unwrap_or(Distribution::Constant(BACKOFF)),
        keep_alive: raw.parse("keep-alive", span)?.filter(|kept| !kept.is_zero()),
        growth: raw.parse("retry-growth", growth)?.unwrap_or(DOUBLED),
    })
}

/// By how much a pause grows.
fn growth(text: &str) -> Result<f64, String> {
    let growth = text.parse().ok().filter(|growth| (1.0..=MOST_GROWTH).contains(growth));
    growth.ok_or_else(|| {
        format!(
            "'{}' is not a growth factor: write 1 (always the same) to {MOST_GROWTH}",
            shown(text)
        )
    })
}

fn lifecycle(raw: &RawOptions, mid_life: bool) -> Result<Lifecycle, Problem> {
    let whole =
        |name: &str| raw.parse(name, |text| read::whole(text, "requests", 0, u64::from(u32::MAX)));
    let timeout = raw.parse("timeout", span)?.filter(|timeout| !timeout.is_zero());
    let boot = raw.parse("boot", span)?.unwrap_or(Span::ZERO);
    let preload = switch(raw, "preload")?;
    let lifecycle = Lifecycle::endless();
    let max_requests = whole("max-requests")?.unwrap_or(0);
    Ok(Lifecycle {
        timeout,
        boot: if preload { Span::ZERO } else { boot },
        max_requests,
        max_requests_jitter: whole("max-requests-jitter")?.unwrap_or(0),
        mid_life: mid_life && max_requests > 0,
        graceful: raw.parse("graceful-timeout", span)?.unwrap_or(lifecycle.graceful),
    })
}

/// Which processes there are. What nobody says is as PHP-FPM and Apache have it (`www.conf.in`,
/// `fpm_conf.c`: `start_servers`; `prefork.c`: `DEFAULT_START_DAEMON`, `DEFAULT_MIN_FREE_DAEMON`,
/// `DEFAULT_MAX_FREE_DAEMON`).
fn spawning(raw: &RawOptions) -> Result<Spawning, Problem> {
    let count = |name: &str, least: u64| {
        let found =
            raw.parse(name, |text| read::whole(text, "workers", least, u64::from(u32::MAX)));
        Ok::<_, Problem>(found?.map(|count| count as u32))
    };
    let (start, least, most) =
        (count("start-workers", 1)?, count("min-spare", 1)?, count("max-spare", 1)?);
    let idle = raw.parse("idle-timeout", span)?.unwrap_or(IDLE_TIMEOUT);
    let spare = |usual: Spare| {
        let (least, most) = (least.unwrap_or(usual.least), most.unwrap_or(usual.most));
        Spare { start: start.unwrap_or(usual.start), least, most }
    };
    let word = raw.parse("spawn", |text| match text {
        "all" | "dynamic" | "prefork" | "ondemand" => Ok(text.to_owned()),
        other => Err(format!(
            "'{}' is not a way to start workers: write all, dynamic, ondemand or prefork",
            shown(other)
        )),
    })?;
    Ok(match word.as_deref() {
        Some("dynamic") => Spawning::Dynamic(spare(Spare { start: 2, least: 1, most: 3 })),
        Some("prefork") => Spawning::Prefork(spare(Spare { start: 5, least: 5, most: 10 })),
        Some("ondemand") => Spawning::OnDemand { idle },
        _ => Spawning::All,
    })
}

/// `pm.process_idle_timeout` (`www.conf.in`).
const IDLE_TIMEOUT: Span = Span::from_nanos(10_000_000_000);

/// What was written about a CPU quota.
#[derive(Clone, Copy, Debug)]
struct Throttling {
    /// `None`: nothing; `Some(None)`: none, a fraction is a slower core.
    period: Option<Option<Span>>,
    machine: Option<Cores>,
}

/// The period of a quota where nothing is said (Kubernetes `cpuCFSQuotaPeriod`, Docker
/// `--cpu-period`; Linux `kernel/sched/fair.c`, `default_cfs_period`).
const QUOTA_PERIOD: Span = Span::from_nanos(100_000_000);

impl Throttling {
    /// The quota of so many cores: where it was asked for, and of a real server with a fraction of a
    /// core, which is what a container has.
    fn of(self, cores: Cores, real: bool) -> Option<Quota> {
        let fraction = real && !cores.millicores().is_multiple_of(1000);
        let period = self.period.unwrap_or(fraction.then_some(QUOTA_PERIOD))?;
        let least = Cores::whole(cores.millicores().div_ceil(1000));
        let usual = Cores::whole(defaults::CORES).max(least);
        Some(Quota { period, machine: self.machine.unwrap_or(usual), phase: None })
    }
}

fn quota(raw: &RawOptions) -> Result<Throttling, Problem> {
    let machine = raw.parse("machine-cores", |text| text.parse::<Cores>())?;
    let period = raw.parse("quota-period", |text| match text {
        "none" => Ok(None),
        text => match span(text)? {
            Span::ZERO => Err("a period of 0: write such as 100ms, or none".to_owned()),
            period => Ok(Some(period)),
        },
    })?;
    Ok(Throttling { period, machine })
}

/// Hosts and policies of a balancer, in the order of the sweep; one host and nobody before it, if
/// nothing is said.
fn fronts(raw: &RawOptions) -> Result<Vec<Option<Cluster>>, Problem> {
    let hosts = raw.parse("hosts", |text| lists::counts(text, "hosts", MAX_HOSTS))?;
    let balances = raw
        .parse("balance", |text| lists::words(text, "ways to choose", str::parse::<Balance>))?
        .unwrap_or_else(|| vec![Balance::RoundRobin]);
    let Some(hosts) = hosts else { return Ok(vec![None]) };
    let of = |hosts: u32| balances.iter().map(move |balance| Cluster { hosts, balance: *balance });
    Ok(hosts.into_iter().flat_map(of).map(Some).collect())
}

fn pooling(raw: &RawOptions) -> Result<Pooling, Problem> {
    let most = u64::from(MAX_POOL);
    let overflow = raw.parse("pool-overflow", |text| read::whole(text, "connections", 0, most))?;
    Ok(Pooling {
        per: raw.parse("pool-per", str::parse)?.unwrap_or(PoolPer::All),
        overflow: overflow.unwrap_or(0) as u32,
        timeout: raw.parse("pool-timeout", span)?,
    })
}

fn pools(raw: &RawOptions) -> Result<Vec<Option<Pool>>, Problem> {
    let counts = |text: &str| -> Result<Vec<Pool>, String> {
        let sizes = lists::counts(text, "connections", MAX_POOL)?;
        Ok(sizes.into_iter().map(Pool::Connections).collect())
    };
    let pools = raw.parse("pool", |text| {
        let word = |item: &&str| item.trim() == "unlimited";
        let (words, numbers): (Vec<&str>, Vec<&str>) = text.split(',').partition(word);
        let mut pools = match (&words[..], &numbers[..]) {
            ([_, ..], []) => Vec::new(),
            _ => counts(&numbers.join(","))?,
        };
        pools.extend(words.first().map(|_| Pool::Unlimited));
        Ok::<_, String>(pools)
    })?;
    Ok(pools.map_or_else(|| vec![None], |pools| pools.into_iter().map(Some).collect()))
}
