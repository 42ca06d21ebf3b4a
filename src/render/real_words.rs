//! What was assumed of a real server, in words.

use super::memory_words;
use super::number::{significant, time};
use crate::experiment::Plan;
use crate::model::practice::{Accept, Balance, Bias, Class, OnFull};
use crate::model::{Backlog, Practice, Server};
use crate::time::Span;

/// What was assumed of the real servers of a plan; nothing if there are none.
pub(super) fn assumed(plan: &Plan) -> Vec<String> {
    let mut servers = plan.cells.iter().map(|cell| cell.model.server());
    let Some(first) = servers.next() else { return Vec::new() };
    let Some(practice) = &first.practice else { return Vec::new() };
    let others = servers.filter_map(|server| server.practice.as_ref());
    let several = others.clone().any(|other| other.class != practice.class);
    let mut parts = balanced(plan);
    if several {
        parts.push("connections are taken as each class takes them".to_owned());
    } else {
        parts.extend(taken(practice, first));
    }
    parts.extend(computed(practice, first));
    parts.push(queued(practice, first));
    parts.extend(lived(practice, first));
    parts.extend(waited(practice));
    parts.extend(pooled(plan));
    parts
}

/// Who gets a request, of several hosts; what all cells have in common.
fn balanced(plan: &Plan) -> Vec<String> {
    let practices = || plan.cells.iter().filter_map(|cell| cell.model.server().practice.as_ref());
    let fronts = || practices().filter_map(|practice| practice.front.filter(|f| f.hosts > 1));
    let Some(front) = fronts().next() else { return Vec::new() };
    let how = match front.balance {
        _ if fronts().any(|other| other.balance != front.balance) => "as it is said".to_owned(),
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
    let mut practices = plan.cells.iter().filter_map(|cell| cell.model.server().practice.as_ref());
    let bounded = practices.any(|practice| practice.pool_size().is_some());
    bounded.then(|| {
        "each part off the CPU holds a connection of the pool, and waits for one in order of asking"
            .to_owned()
    })
}

/// Who takes a connection.
fn taken(practice: &Practice, server: &Server) -> Option<String> {
    let what = match practice.class {
        Class::Sync | Class::Gthread if practice.accept == Accept::Shared => {
            "idle workers take connections from one queue"
        }
        Class::Gthread => "processes take connections beyond their idle threads",
        Class::Gevent | Class::Asgi => "event loops take connections between bursts of CPU",
        Class::Sync => "each worker takes connections when it is idle",
    };
    let how = match &practice.accept {
        _ if server.workers == 1 => String::new(),
        Accept::Shared => String::new(),
        Accept::Random => ", at random".to_owned(),
        Accept::LeastLoaded => ", the one with the fewest first".to_owned(),
        Accept::RoundRobin => ", handed to them in turn by a primary".to_owned(),
        Accept::ReusePort => ", each from its own queue (reuse-port)".to_owned(),
        Accept::Recorded(_) => ", as they did".to_owned(),
        Accept::Greedy(Bias::Linear) => ", some more often (2 : 1, 3 : 2 : 1, ...)".to_owned(),
        Accept::Greedy(Bias::Ratio(ratio)) => {
            format!(", each {} times as often as the one before", significant(*ratio))
        }
        Accept::Greedy(Bias::Parts(_)) => ", in the parts that were given".to_owned(),
    };
    Some(format!("{what}{how}"))
}

fn seconds(span: Span) -> String {
    time(span.as_secs_f64())
}

/// Whose CPU time counts, and how it is shared.
fn computed(practice: &Practice, server: &Server) -> Vec<String> {
    let mut parts = Vec::new();
    let overhead = practice.overhead;
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
    if let Some(quota) = &practice.quota {
        parts.push(format!(
            "{} of CPU every {}, spent at full speed on {} cores",
            seconds(quota.budget(server.cores)),
            seconds(quota.period),
            quota.machine
        ));
    }
    if let Some(slice) = practice.slice {
        parts.push(format!("cores go round in slices of {}", seconds(slice)));
    }
    if let Some(interval) = practice.switch_interval.filter(|_| server.lock_matters()) {
        parts.push(format!("threads change every {}", seconds(interval)));
    }
    parts
}

/// The listen queue.
fn queued(practice: &Practice, server: &Server) -> String {
    if practice.accept == Accept::RoundRobin {
        return "a primary that takes every connection at once".to_owned();
    }
    let Backlog::Places(backlog) = server.backlog else {
        return "an unlimited listen queue".to_owned();
    };
    let places = practice.door.places(backlog);
    match practice.door.on_full {
        OnFull::Refuse => format!("a listen queue of {places}"),
        OnFull::Retransmit => {
            format!("a listen queue of {places}, beyond which SYNs are sent again")
        }
    }
}

/// How workers end.
fn lived(practice: &Practice, server: &Server) -> Vec<String> {
    let life = practice.life;
    let mut parts = Vec::new();
    if let Some(timeout) = life.timeout {
        parts.push(format!("workers that are silent for {} are killed", seconds(timeout)));
    }
    if life.max_requests > 0 {
        let more = match life.max_requests_jitter {
            0 => String::new(),
            jitter => format!(" and up to {jitter} more"),
        };
        parts.push(format!("workers end after {} requests{more}", life.max_requests));
    }
    parts.extend(memory_words::grown(server));
    let killed = server.memory.is_some_and(|m| m.kills(server.workers, server.threads));
    if (life.ends() || killed) && !life.boot.is_zero() {
        parts.push(format!("a new one boots for {}", seconds(life.boot)));
    }
    parts
}

/// What clients do.
fn waited(practice: &Practice) -> Option<String> {
    let clients = &practice.clients;
    let law = clients.timeout.as_ref()?;
    let tries = match clients.retries {
        0 => String::new(),
        1 => " and try once again".to_owned(),
        n => format!(" and try {n} times again"),
    };
    Some(format!("clients wait {law} for an answer{tries}"))
}
