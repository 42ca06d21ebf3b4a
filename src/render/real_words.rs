//! What was assumed of a real server, in words.

use super::memory_words;
use super::number::{significant, time};
use crate::experiment::Plan;
use crate::model::runtime::{
    Accept, Balance, Bias, Class, EventLoop, Listen, OnFull, PoolPer, Pooling, Spawning,
};
use crate::model::{Backlog, Runtime, Server};
use crate::time::Span;

/// What was assumed of the real servers of a plan; nothing if there are none.
pub(super) fn assumed(plan: &Plan) -> Vec<String> {
    let mut servers = plan.cells.iter().map(|cell| cell.model.server());
    let Some(first) = servers.next() else { return Vec::new() };
    let Some(runtime) = &first.runtime else { return Vec::new() };
    let others = servers.filter_map(|server| server.runtime.as_ref());
    let several = others.clone().any(|other| other.class != runtime.class);
    let mut parts = balanced(plan);
    if several {
        parts.push("connections are accepted as each class accepts them".to_owned());
    } else {
        parts.extend(taken(runtime, first));
    }
    parts.extend(computed(runtime, first));
    parts.extend(contended(runtime));
    parts.push(queued(runtime, first));
    parts.extend(lived(runtime, first));
    parts.extend(waited(runtime));
    parts.extend(proxied(runtime));
    parts.extend(pooled(plan));
    parts
}

/// Who gets a request, of several hosts; what all cells have in common.
fn balanced(plan: &Plan) -> Vec<String> {
    let runtimes = || plan.cells.iter().filter_map(|cell| cell.model.server().runtime.as_ref());
    let fronts = || runtimes().filter_map(|runtime| runtime.cluster.filter(|f| f.hosts > 1));
    let Some(front) = fronts().next() else { return Vec::new() };
    let how = match front.balance {
        _ if fronts().any(|other| other.balance != front.balance) => "as given".to_owned(),
        Balance::RoundRobin => "in turn".to_owned(),
        Balance::RANDOM => "at random".to_owned(),
        Balance::Random { draws } => format!("the least busy of {draws} random ones"),
        Balance::LeastConnections => "the least busy one".to_owned(),
        Balance::PowerOfTwo => "the less busy of two random ones".to_owned(),
        Balance::JoinIdle => "an idle one, else any".to_owned(),
    };
    let each = "workers, cores and listen queue are those of each host".to_owned();
    vec![format!("a balancer chooses hosts, {how}"), each]
}

/// A pool behind.
fn pooled(plan: &Plan) -> Option<String> {
    let mut runtimes = plan.cells.iter().filter_map(|cell| cell.model.server().runtime.as_ref());
    let runtime = runtimes.find(|runtime| runtime.pool_size().is_some())?;
    let Pooling { per, overflow, timeout } = runtime.pooling;
    let mut text =
        "each I/O part holds a connection of the pool, and waits for one first come first served"
            .to_owned();
    match per {
        PoolPer::All => {}
        per => text += &format!("; each {} has its own", per.name()),
    }
    if overflow > 0 {
        text += &format!("; up to {overflow} more are opened while they are needed");
    }
    if let Some(timeout) = timeout {
        text += &format!("; after {} it fails", seconds(timeout));
    }
    Some(text)
}

/// Who takes a connection.
fn taken(runtime: &Runtime, server: &Server) -> Option<String> {
    let what = match runtime.class {
        Class::Sync | Class::Gthread if runtime.accept == Accept::Shared => {
            "idle workers accept connections from one queue"
        }
        Class::Gthread if runtime.accepts_locked(server) => {
            "a thread of each process accepts connections, when it has the lock"
        }
        Class::Gthread => "processes accept connections beyond their idle threads",
        Class::Gevent | Class::Asgi => match runtime.event_loop {
            EventLoop::Single => "event loops accept connections between bursts of CPU",
            EventLoop::Asyncio => "event loops accept all pending connections at once",
            EventLoop::Uvloop => "event loops accept one connection ahead",
        },
        Class::Sync => "each worker accepts connections when it is idle",
    };
    let how = match &runtime.accept {
        _ if server.workers == 1 => String::new(),
        Accept::Shared => String::new(),
        Accept::Random => ", at random".to_owned(),
        Accept::LeastLoaded => ", the one with the fewest first".to_owned(),
        Accept::RoundRobin => ", distributed round robin by a primary".to_owned(),
        Accept::ReusePort => ", each from its own queue (reuse-port)".to_owned(),
        Accept::Recorded(_) => ", as recorded".to_owned(),
        Accept::Greedy(Bias::Measured) => ", some more often (as measured)".to_owned(),
        Accept::Greedy(Bias::Linear) => ", some more often (2 : 1, 3 : 2 : 1, ...)".to_owned(),
        Accept::Greedy(Bias::Ratio(ratio)) => {
            format!(", each {} times as often as the one before", significant(*ratio))
        }
        Accept::Greedy(Bias::Parts(_)) => ", in the given shares".to_owned(),
    };
    Some(format!("{what}{how}"))
}

fn seconds(span: Span) -> String {
    time(span.as_secs_f64())
}

/// Whose CPU time counts, and how it is shared.
fn computed(runtime: &Runtime, server: &Server) -> Vec<String> {
    let mut parts = Vec::new();
    let overhead = runtime.overhead;
    let request = overhead.before.saturating_add(overhead.after);
    parts.push(match (request.is_zero(), overhead.per_io.is_zero()) {
        (true, true) => "no overhead per request".to_owned(),
        (_, true) => format!("the server takes {} of CPU a request", seconds(request)),
        _ => format!(
            "the server takes {} of CPU a request and {} a blocking call",
            seconds(request),
            seconds(overhead.per_io)
        ),
    });
    if let Some(quota) = &runtime.quota {
        parts.push(format!(
            "{} of CPU every {}, spent at full speed on {} cores",
            seconds(quota.budget(server.cores)),
            seconds(quota.period),
            quota.machine
        ));
    }
    if let Some(slice) = runtime.slice {
        parts.push(format!("cores are shared in time slices of {}", seconds(slice)));
    }
    if let Some(interval) = runtime.switch_interval.filter(|_| server.lock_matters()) {
        parts.push(format!("threads switch every {}", seconds(interval)));
    }
    parts
}

/// The listen queue.
fn queued(runtime: &Runtime, server: &Server) -> String {
    if runtime.accept == Accept::RoundRobin {
        return "a primary that accepts every connection at once".to_owned();
    }
    let Backlog::Places(backlog) = server.backlog else {
        return "an unlimited listen queue".to_owned();
    };
    let places = runtime.accept_queue.places(backlog);
    match runtime.accept_queue.on_full {
        OnFull::Refuse if runtime.accept_queue.listen == Listen::Unix => {
            format!("a Unix socket with a listen queue of {places}, which refuses when it is full")
        }
        OnFull::Refuse => format!("a listen queue of {places}"),
        OnFull::Retransmit => {
            format!("a listen queue of {places}, beyond which SYNs are retransmitted")
        }
    }
}

/// Which workers there are, if not all from the beginning.
fn started(spawning: Spawning, workers: u32) -> Option<String> {
    let first = spawning.start(workers);
    match spawning {
        Spawning::All => None,
        Spawning::Dynamic(spare) => Some(format!(
            "{first} workers at first, and each second as many as {} idle ones lack, up to 1, 2, 4, ...",
            spare.least
        )),
        Spawning::Prefork(spare) => Some(format!(
            "{first} workers at first, and each second 1, 2, 4, ... more while fewer than {} are idle",
            spare.least
        )),
        Spawning::OnDemand { idle } => Some(format!(
            "a worker starts for each connection that finds none, and ends when it was idle for {}",
            seconds(idle)
        )),
    }
}

/// How workers end.
fn lived(runtime: &Runtime, server: &Server) -> Vec<String> {
    let life = runtime.lifecycle;
    let mut parts = Vec::new();
    parts.extend(started(runtime.spawning, server.workers));
    if let Some(timeout) = life.timeout {
        parts.push(format!("workers that are silent for {} are killed", seconds(timeout)));
    }
    if life.max_requests > 0 {
        let more = match life.max_requests_jitter {
            0 => String::new(),
            jitter => format!(" and up to {jitter} more"),
        };
        parts.push(format!("workers restart after {} requests{more}", life.max_requests));
    }
    parts.extend(memory_words::grown(server));
    let killed = server.memory.is_some_and(|m| m.kills(server.workers, server.threads));
    if (life.ends() || killed) && !life.boot.is_zero() {
        parts.push(format!("a new one boots for {}", seconds(life.boot)));
    }
    parts
}

/// How busy workers slow each other down.
fn contended(runtime: &Runtime) -> Option<String> {
    let law = runtime.contention?;
    let (sigma, kappa) = (law.sigma, law.kappa);
    Some(format!(
        "with n busy workers CPU time is 1 + {sigma} (n - 1) + {kappa} n (n - 1) times as long"
    ))
}

/// How long a proxy waits.
fn proxied(runtime: &Runtime) -> Option<String> {
    let timeout = runtime.clients.proxy_timeout?;
    Some(format!("a proxy answers 504 after {}", seconds(timeout)))
}

/// What clients do.
fn waited(runtime: &Runtime) -> Option<String> {
    let clients = &runtime.clients;
    let distribution = clients.timeout.as_ref()?;
    let tries = match clients.retries {
        0 => String::new(),
        1 => " and retry once".to_owned(),
        n => format!(" and retry {n} times"),
    };
    Some(format!("clients wait {distribution} for an answer{tries}"))
}
