//! Several hosts behind a balancer and one pool behind them: stories worked out by hand, and models
//! with an exact answer. The published values of queues that are chosen one way or another are in
//! `oracles`; a slow twin is in `hosts_twin`.

use simsrv::model::Backlog;
use simsrv::model::runtime::{Accept, AcceptQueue, Balance, Class, Cluster, Pool};
use simsrv::record::Outcome;

use crate::command::{simsrv, words};
use crate::runtime::{Story, ms, near_all};

/// Hosts of one worker each.
fn behind(balance: Balance, hosts: u32, requests: &[(f64, &'static str)]) -> Story {
    let mut story = Story::of(Class::Sync, requests);
    story.runtime.cluster = Some(Cluster { hosts, balance });
    story
}

/// Workers of one host with a pool behind.
fn before(pool: u32, class: Class, workers: u32, requests: &[(f64, &'static str)]) -> Story {
    let mut story = Story::of(class, requests);
    story.workers = workers;
    story.runtime.pool = Some(Pool::Connections(pool));
    story
}

fn workers(story: &Story) -> Vec<u32> {
    story.records(1).iter().map(|record| record.worker).collect()
}

/// The first and third go to the first host, where the third waits for 10 s; so it goes in turn,
/// though the other host is idle from 1 s on.
#[test]
fn round_robin_gives_in_turn_whatever_the_hosts_do() {
    let requests = [(0.0, "io:10"), (0.0, "io:1"), (1.5, "io:1"), (1.6, "io:1")];
    let story = behind(Balance::RoundRobin, 2, &requests);
    near_all(&story.served(), &[10.0, 1.0, 11.0, 2.6]);
    assert_eq!(workers(&story), [0, 1, 0, 1]);
}

/// At 0.5 s each host has one: after the second, chosen last, comes the first. At 0.6 s the second
/// has fewer, at 1.5 s still: its one was answered at 1 s, its next is answered at 2 s.
#[test]
fn least_connections_gives_to_who_has_fewer() {
    let requests = [(0.0, "io:10"), (0.0, "io:1"), (0.5, "io:1"), (0.6, "io:1"), (1.5, "io:1")];
    let story = behind(Balance::LeastConnections, 2, &requests);
    near_all(&story.served(), &[10.0, 1.0, 11.0, 2.0, 3.0]);
    assert_eq!(workers(&story), [0, 1, 0, 1, 1]);
}

/// The third finds the first host busy and no place in its queue. It comes again at 0.7 s, and then
/// it is the other's turn.
#[test]
fn a_client_that_tries_again_is_given_anew() {
    let requests = [(0.0, "io:10"), (0.1, "io:0.2"), (0.2, "io:0.3")];
    let mut story = behind(Balance::RoundRobin, 2, &requests);
    story.backlog = Backlog::Places(0);
    story.runtime.clients.retries = 1;
    story.runtime.clients.backoff = "500ms".parse().expect("a distribution");
    near_all(&story.served(), &[10.0, 0.3, 1.0]);
    assert_eq!(workers(&story), [0, 1, 1]);
}

/// One place in each queue. The fifth finds that of the first host taken by the third; its SYN is
/// sent again after 1, 2, 3, 4, 5, 7 and 11 s (and 23 ms), always to the first host, though the
/// second idles: at 7.423 s it is still full, at 11.423 s it is not.
#[test]
fn a_syn_is_sent_again_to_the_same_host() {
    let requests =
        [(0.0, "io:10"), (0.1, "io:0.1"), (0.2, "io:0.1"), (0.3, "io:0.1"), (0.4, "io:0.1")];
    let mut story = behind(Balance::RoundRobin, 2, &requests);
    story.backlog = Backlog::Places(0);
    story.runtime.accept_queue = AcceptQueue::linux();
    near_all(&story.served(), &[10.0, 0.2, 10.1, 0.4, 11.523]);
    assert_eq!(workers(&story), [0, 1, 0, 1, 0]);
}

/// The first client gives up after 1 s, and with it the balancer: from then on it counts nothing on
/// the first host, which works on for 9 s more. Both hosts tie at 1.5 s, the first is next, and the
/// third client waits there in vain, beside an idle host.
#[test]
fn a_balancer_does_not_see_work_for_nobody() {
    let requests = [(0.0, "io:10"), (0.1, "io:0.5"), (1.5, "io:0.2")];
    let mut story = behind(Balance::LeastConnections, 2, &requests);
    story.runtime.clients.timeout = Some("1s".parse().expect("a distribution"));
    let expect = [(1.0, Outcome::GaveUp), (0.6, Outcome::Served), (2.5, Outcome::GaveUp)];
    assert_eq!(story.ends(1), expect);
}

/// Four bursts of 1 s on hosts of one core and two workers: two share each core until 2 s. On one
/// such host two share it and two wait: 2 s and 4 s.
#[test]
fn each_host_has_cores_of_its_own() {
    let mut story = behind(Balance::RoundRobin, 2, &[(0.0, "cpu:1"); 4]);
    (story.workers, story.cores) = (2, "1");
    near_all(&story.served(), &[2.0; 4]);
    story.runtime.cluster = None;
    near_all(&story.served(), &[2.0, 2.0, 4.0, 4.0]);
}

/// Each host has a primary of its own, that hands connections out in turn to its two loops: what a
/// host does with every other connection is what it does with them alone.
#[test]
fn each_host_has_a_primary_of_its_own() {
    let first = [(0.0, "cpu:4"), (0.2, "cpu:1"), (0.4, "cpu:1"), (0.6, "cpu:1"), (0.8, "cpu:1")];
    let second = [(0.1, "cpu:1"), (0.3, "cpu:2"), (0.5, "cpu:1"), (0.7, "cpu:1"), (0.9, "cpu:1")];
    let of = |hosts: u32, requests: &[(f64, &'static str)]| {
        let mut story = behind(Balance::RoundRobin, hosts, requests);
        story.runtime.class = Class::Asgi;
        story.runtime.accept = Accept::RoundRobin;
        story.workers = 2;
        story.served()
    };
    let expect = of(1, &first);
    assert_eq!(expect.len(), 5);
    let mut both: Vec<(f64, &'static str)> = first.iter().chain(&second).copied().collect();
    both.sort_by(|a, b| a.0.total_cmp(&b.0));
    let together = of(2, &both);
    let every_other =
        |from: usize| together.iter().copied().skip(from).step_by(2).collect::<Vec<_>>();
    near_all(&every_other(0), &expect);
    near_all(&every_other(1), &of(1, &second));
}

/// Loops, locks and kills are those of each host. Two loops: a burst of 3 s blocks the first host
/// only. Each host's worker that is silent for 2 s is killed at a look of that host's arbiter.
#[test]
fn each_host_has_loops_and_an_arbiter_of_its_own() {
    let requests = [(0.0, "cpu:3"), (0.1, "cpu:1"), (0.2, "cpu:1"), (0.3, "cpu:1")];
    let mut story = behind(Balance::RoundRobin, 2, &requests);
    story.runtime.class = Class::Asgi;
    near_all(&story.served(), &[3.0, 1.1, 4.0, 2.1]);
    let mut story = behind(Balance::RoundRobin, 2, &[(0.0, "io:5"), (0.0, "io:5")]);
    story.runtime.lifecycle.timeout = Some(ms(2000));
    let kills = |seed| {
        let ends = story.ends(seed);
        assert!(ends.iter().all(|(at, how)| *how == Outcome::Failed && (2.0..3.0).contains(at)));
        ends[0].0 - ends[1].0
    };
    // Looks of two hosts have phases of their own: two in 20 within 1 ms happen with probability
    // 0.04.
    let together = (0..20).filter(|seed| kills(*seed).abs() < 1e-3).count();
    assert!(together < 2, "{together} of 20");
}

/// One connection for all: who asked first goes first, whichever host it asks from.
#[test]
fn the_pool_serves_in_order_of_asking() {
    let requests = [(0.0, "io:1"), (0.1, "io:1"), (0.2, "io:1"), (0.3, "io:1")];
    near_all(&before(1, Class::Sync, 4, &requests).served(), &[1.0, 2.0, 3.0, 4.0]);
    near_all(&before(2, Class::Sync, 4, &requests).served(), &[1.0, 1.1, 2.0, 2.1]);
    let mut story = before(1, Class::Sync, 2, &requests);
    story.runtime.cluster = Some(Cluster { hosts: 2, balance: Balance::RoundRobin });
    near_all(&story.served(), &[1.0, 2.0, 3.0, 4.0]);
}

/// Who waits for the pool holds its worker: the third request, which only computes, starts at 2 s.
/// In an event loop it does not: 0.3 s.
#[test]
fn waiting_for_the_pool_holds_a_worker_but_no_loop() {
    let requests = [(0.0, "io:2"), (0.0, "io:2"), (0.2, "cpu:0.1")];
    near_all(&before(1, Class::Sync, 2, &requests).served(), &[2.0, 4.0, 2.1]);
    let mut threads = before(1, Class::Gthread, 1, &requests);
    threads.threads = 2;
    near_all(&threads.served(), &[2.0, 4.0, 2.1]);
    for class in [Class::Gevent, Class::Asgi] {
        near_all(&before(1, class, 1, &requests).served(), &[2.0, 4.0, 0.3]);
    }
}

/// A loop: the first computes until 1 s and holds the connection until 3 s, the second computes
/// until 2 s, waits, and holds it until 5 s; its last burst ends at 6 s, the first's at 4 s.
#[test]
fn a_loop_goes_on_while_its_requests_wait_for_the_pool() {
    let requests = [(0.0, "cpu:1 io:2 cpu:1"), (0.0, "cpu:1 io:2 cpu:1")];
    near_all(&before(1, Class::Gevent, 1, &requests).served(), &[4.0, 6.0]);
}

/// At 1 s the first gives its connection back and asks again: the second, who waits, goes first.
/// Two who ask at the same instant: the lower worker first.
#[test]
fn who_waits_goes_before_who_asks_again() {
    let requests = [(0.0, "io:1 io:1"), (0.0, "io:1")];
    near_all(&before(1, Class::Sync, 2, &requests).served(), &[3.0, 2.0]);
    let requests = [(0.0, "cpu:1 io:1"), (0.0, "cpu:1 io:1"), (0.0, "io:1 io:1")];
    // The third holds it until 1 s, when all three ask: 1-2 the first, 2-3 the second, 3-4 the
    // third.
    near_all(&before(1, Class::Sync, 3, &requests).served(), &[2.0, 3.0, 4.0]);
}

/// The first holds the connection when it is killed, between 2 and 3 s: from then on the second has
/// it.
#[test]
fn a_killed_worker_lets_go_of_the_pool() {
    let mut story = before(1, Class::Sync, 2, &[(0.0, "io:5"), (1.5, "io:0.5")]);
    story.runtime.lifecycle.timeout = Some(ms(2000));
    for seed in 0..50 {
        let ends = story.ends(seed);
        assert_eq!(ends[0].1, Outcome::Failed);
        near_all(&[ends[1].0], &[ends[0].0 + 0.5]);
        assert_eq!(ends[1].1, Outcome::Served);
    }
}

/// The measures of a story: two workers, two requests of 2 s off the CPU. With one connection the
/// second waits 2 s for it, so 1 s on average, and it is held for all of the 4 s. Of four, two are
/// held for all of the 2 s. A pool without a bound is never waited for.
#[test]
fn the_wait_for_the_pool_is_measured() {
    let run = |pool: &str| {
        let line = "--workers 2 --io 2s --clients 2 --format csv --pool";
        let text = simsrv(&[words(line), vec![pool.to_owned()]].concat());
        let field = |name: &str| column(&text, name);
        (field("pool_wait_mean_s"), field("pool_utilisation"), field("response_mean_s"))
    };
    assert_eq!(run("1"), (Some(1.0), Some(1.0), Some(3.0)));
    assert_eq!(run("2"), (Some(0.0), Some(1.0), Some(2.0)));
    assert_eq!(run("4"), (Some(0.0), Some(0.5), Some(2.0)));
    assert_eq!(run("unlimited"), (Some(0.0), None, Some(2.0)));
}

/// A column of the first row.
fn column(csv: &str, name: &str) -> Option<f64> {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(csv.as_bytes());
    let at = reader.headers().expect("a header").iter().position(|header| header == name);
    let record = reader.records().next().expect("a row").expect("a row");
    record[at.unwrap_or_else(|| panic!("no column {name}"))].parse().ok()
}

/// Erlang's C.
fn erlang_c(servers: u32, load: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 0.0);
    for n in 0..servers {
        sum += term;
        term *= load / f64::from(n + 1);
    }
    let all = term * f64::from(servers) / (f64::from(servers) - load);
    all / (sum + all)
}

/// Runs 400,000 requests in 20 replications, and holds columns against exact values: each within 4
/// standard errors or 0.5 %, whichever is more (a chance of 6e-5 each).
#[track_caller]
fn holds(line: &str, exact: &[(&str, f64)]) {
    let run = " --requests 20000 --replications 20 --seed 5 --jobs 2 --format csv";
    let text = simsrv(&words(&(line.to_owned() + run)));
    for (name, value) in exact {
        let got = column(&text, name).expect("a value");
        let error = column(&text, &format!("{name}_ci")).expect("an interval") / 2.093;
        let near = (got - value).abs() <= (4.0 * error).max(0.005 * value.abs());
        assert!(near, "{line}: {name} is {got} ± {error}, exact {value}");
    }
}

/// Pure I/O before a pool of N is M/M/N, however the wait is parted between workers and pool; the
/// workers are held meanwhile. With workers without end all of it is the pool's.
#[test]
fn pure_io_before_a_pool_is_a_queue_of_many_servers() {
    let wait = erlang_c(5, 4.0) * 0.1 / (5.0 - 4.0);
    let exact = [("response_mean_s", 0.1 + wait), ("pool_utilisation", 0.8)];
    holds("--workers 8 --io exp(100ms) --rate 40/s --pool 5 --backlog unlimited", &exact);
    let apart = [exact[0], exact[1], ("pool_wait_mean_s", wait), ("wait_mean_s", 0.0)];
    holds("--hosts 3 --workers 300 --io exp(100ms) --rate 40/s --pool 5", &apart);
}

/// One event loop computes one burst after another, and then a request needs the pool: two queues
/// in a row, M/M/1 and M/M/2, which do not know of each other (Jackson 1957; Burke 1956).
#[test]
fn a_loop_before_a_pool_is_two_queues_in_a_row() {
    let wait = erlang_c(2, 1.4) * 0.07 / (2.0 - 1.4);
    let cpu = 1.0 / (50.0 - 20.0);
    let line =
        "--class asgi --overhead 0 --overhead-io 0 --workers 1 --cpu exp(20ms) --io exp(70ms)";
    let exact = [
        ("response_mean_s", cpu + 0.07 + wait),
        ("pool_wait_mean_s", wait),
        ("pool_utilisation", 0.7),
        ("core_utilisation", 0.4 / 8.0),
    ];
    holds(&format!("{line} --rate 20/s --pool 2 --backlog unlimited"), &exact);
    // Three such hosts, chosen blindly, before one pool of 6 at the same load.
    let wait = erlang_c(6, 4.2) * 0.07 / (6.0 - 4.2);
    let exact = [("response_mean_s", cpu + 0.07 + wait), ("pool_wait_mean_s", wait)];
    let line =
        format!("{line} --hosts 3 --balance random --rate 60/s --pool 6 --backlog unlimited");
    holds(&line, &exact);
}

/// Workers that are always busy before a pool: as many clients as workers that come again at once.
/// The product form of `theory::pooled` says how many answers a second they give, on one host and
/// on three.
#[test]
fn workers_that_wait_for_the_pool_do_as_much_as_theory_says() {
    for (hosts, workers, pool) in [(1u32, 6u32, 3usize), (3, 2, 3), (2, 4, 2)] {
        let capacity = simsrv::theory::pooled::capacity_behind_a_pool(
            hosts as usize,
            (workers as usize, 1.0),
            0.02,
            (pool, 0.05),
        )
        .expect("a capacity");
        let clients = hosts * workers;
        // Of so many clients none ever waits for a worker, if each host has as many as it has
        // workers.
        let text = simsrv(&words(&format!(
            "--hosts {hosts} --balance least-connections --workers {workers} --cores 1 --pool {pool} \
             --cpu exp(20ms) --io exp(50ms) --clients {clients} --duration 500s --replications 20 \
             --jobs 2 --format csv"
        )));
        let got = column(&text, "throughput_per_s").expect("a value");
        let error = column(&text, "throughput_per_s_ci").expect("an interval") / 2.093;
        let near = (got - capacity).abs() <= (4.0 * error).max(0.005 * capacity);
        assert!(near, "{hosts} x {workers}, {pool}: {got} ± {error}, exact {capacity}");
        assert_eq!(column(&text, "wait_mean_s"), Some(0.0));
    }
}

/// What is over the pool's or the hosts' bound is said, and why; what is below is not.
#[test]
fn overload_of_hosts_and_of_the_pool_is_said() {
    let told = |line: &str| {
        let text = simsrv(&words(&format!("{line} --requests 200 --replications 2")));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let line = "--workers 20 --io exp(100ms) --rate 60/s";
    let text = told(&format!("{line} --pool 5"));
    assert!(text.contains("at most 50/s") && text.contains("the pool's connections"), "{text}");
    assert!(!told(&format!("{line} --pool 7")).contains("verloaded:"));
    // Two hosts of two workers and 50 ms: at most 80/s.
    let line = "--hosts 2 --workers 2 --service exp(50ms)";
    assert!(told(&format!("{line} --rate 81/s")).contains("at most 80/s"));
    assert!(!told(&format!("{line} --rate 79/s")).contains("verloaded:"));
    // Two workers with a core each and one connection, 1 s of each: 0.8/s (`theory::pooled`).
    let line = "--workers 2 --cpu exp(1s) --io exp(1s) --pool 1";
    let text = told(&format!("{line} --rate 0.85/s"));
    assert!(text.contains("at most 0.8/s") && text.contains("wait for the pool"), "{text}");
    assert!(!told(&format!("{line} --rate 0.79/s")).contains("verloaded:"));
}
