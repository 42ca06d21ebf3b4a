//! Random models of every kind of server (`fuzz/models.rs`): each that is accepted ends, each request
//! ends once, and no more time is spent than workers and cores have. And models that once did not.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use simsrv::engine::{self, Choice, Deadline, End, Run};
use simsrv::experiment::row::{Flag, Measure, Row, Verdict};
use simsrv::experiment::sweep::sweep;
use simsrv::experiment::{Control, Plan};
use simsrv::model::Load;
use simsrv::random::{Replication, Seed};
use simsrv::record::{Outcome, RequestRecord, Sink};
use simsrv::render::table;
use simsrv::source::{ClosedSource, OpenSource, Returning};
use simsrv::time::{Span, Time};

use crate::cases::check;
use crate::models::{
    BYTES, MOST_RECORDS, Options, Ran, accepted, chosen, model, options, plan, run, run_with,
};

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), BYTES)
}

#[test]
fn random_models_end_and_spend_no_time_twice() {
    let tried = std::cell::Cell::new(0);
    check(2000, &any_bytes(), |bytes| {
        tried.set(tried.get() + u32::from(model(&bytes)));
        Ok(())
    });
    assert!(tried.get() >= 1500, "only {} of 2000 models were accepted", tried.get());
}

/// A stop, or a deadline that passes, ends every run after little more work, wherever it is: Ctrl-C and
/// `--max-time` hang on it. The work is counted in looks at a clock that is only asked.
#[test]
fn a_run_that_is_stopped_does_little_more() {
    let tried = std::cell::Cell::new(0);
    check(60, &any_bytes(), |bytes| {
        let (options, seed) = chosen(&bytes, true);
        let Some((_, model)) = accepted(options) else { return Ok(()) };
        tried.set(tried.get() + 1);
        let far = Time::ZERO + Span::from_nanos(u64::MAX >> 2);
        let after_stop = run(&model, seed, far);
        prop_assert_eq!(after_stop.end, End::Stopped);
        let more = after_stop.records.len() - MOST_RECORDS;
        prop_assert!(more <= 4_096, "{} records after the stop", more);
        let looks = AtomicUsize::new(0);
        let elapsed = || Duration::from_secs(looks.fetch_add(1, Ordering::Relaxed) as u64);
        let deadline = Some(Deadline { elapsed: &elapsed, most: Duration::from_secs(3) });
        let stop = AtomicBool::new(false);
        let (seed, replication) = (Seed(seed), Replication(0));
        let run = Run { seed, replication, until: far, stop: &stop, deadline };
        let mut count = Count(0);
        prop_assert_eq!(engine::run(&model, Choice::Auto, run, &mut count), End::Stopped);
        // Three looks that found time left, one that did not, and who asks again on the way out.
        prop_assert!(looks.into_inner() <= 8);
        prop_assert!(count.0 <= 4 * 4_096, "{} records until the deadline", count.0);
        Ok(())
    });
    assert!(tried.get() >= 30, "only {} models were accepted", tried.get());
}

/// Counts records.
struct Count(usize);

impl Sink for Count {
    fn take(&mut self, _: &RequestRecord) {
        self.0 += 1;
    }
}

/// What comes before the first request of a run ends as soon: the end of a window that is given as a
/// number of requests, and a crowd of clients.
#[test]
fn what_comes_before_a_run_is_stopped_as_well() {
    let seed = (Seed(1), Replication(0));
    let of_line = |line| plan(&options(line)).unwrap().cells[0].model.clone();
    let open = of_line("--service 1s --rate 0.5/s --duration 1s");
    let Load::Open(open) = open.load() else { panic!("an open loop") };
    // Without the look it would take hours.
    OpenSource::arrival_before(open, seed.0, seed.1, u64::MAX, || true);
    let closed = of_line("--service exp(1ms) --clients 16384 --think exp(1s) --duration 1s");
    let Load::Closed(closed) = closed.load() else { panic!("a closed loop") };
    // Of 4 x 4,096 clients three things are made ready: the order in which they come and two streams, or
    // two streams and the first draws.
    for most in 0..=12 {
        let made = |make: &dyn Fn(&dyn Fn() -> bool) -> bool| {
            let looks = AtomicUsize::new(0);
            let made = make(&|| looks.fetch_add(1, Ordering::Relaxed) >= most);
            (made, looks.into_inner())
        };
        let expect = if most < 12 { (false, most + 1) } else { (true, 12) };
        assert_eq!(made(&|stop| ClosedSource::new(closed, None, seed, stop).is_some()), expect);
        assert_eq!(made(&|stop| Returning::<u64>::new(closed, seed, stop).is_some()), expect);
    }
}

/// The rows of a plan whose time is over after so many looks at the clock; one thread makes the looks the
/// same each time.
fn rows_within(plan: &Plan, most: u64) -> Vec<Row> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let (looks, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let elapsed = || Duration::from_secs(looks.fetch_add(1, Ordering::Relaxed) as u64);
    let control = Control::new(&stop).within(Duration::from_secs(most), &elapsed);
    let (_, cells) = pool.install(|| sweep(plan.clone(), control, |_| ()));
    cells.into_iter().map(|cell| cell.expect("a row").row).collect()
}

/// A contest whose time is over in its first round (16 replications of each cell) keeps the replications
/// that were finished.
#[test]
fn a_contest_that_runs_out_of_time_keeps_what_was_finished() {
    let line =
        "--workers 4,5 --cpu exp(10ms) --io exp(70ms) --rate 30/s --requests 20000 --select best";
    let plan = plan(&options(line)).unwrap();
    let some = |rows: &Vec<Row>| rows.iter().any(|row| (2..16).contains(&row.replications));
    let rows = (1..60).map(|fifth| rows_within(&plan, 5 * fifth)).find(some);
    let rows = rows.expect("a limit within the first round");
    let kept = rows.iter().find(|row| row.replications > 0).unwrap();
    assert!(kept.measures.get(Measure::ResponseMean).is_some());
    assert!(kept.flags.contains(&Flag::Partial), "{:?}", kept.flags);
    assert_eq!(kept.standing.map(|standing| standing.verdict), Some(Verdict::Undecided));
}

#[test]
fn a_cell_that_was_not_reached_names_the_limit() {
    let line = "--workers 4 --cpu exp(10ms) --io exp(70ms) --rate 30/s --requests 20000";
    let rows = rows_within(&plan(&options(line)).unwrap(), 0);
    let table = table::plain(&[(&rows[0], None)], 120);
    assert!(table.contains("not run: --max-time was over"), "{table}");
}

/// Clients that do not think and whose requests take no time would stop the clock.
#[test]
fn a_model_that_stands_still_is_refused() {
    let why = plan(&options("--service 0s --clients 1 --duration 1s")).unwrap_err();
    assert!(why.contains("take no time") && why.contains("--think"), "{why}");
}

/// Where requests are refused, given up or left at the instant of their arrival, the client comes
/// again after a pause, so the clock moves. (Without the pause every line but the last two stands
/// still.)
#[test]
fn clients_that_are_not_served_come_again_after_a_pause() {
    for line in [
        "--service 3s --clients 2 --client-timeout 1s --backlog 1 --duration 10s",
        "--threads 3 --service 1ms --clients 2 --duration 10s --worker-connections 1 \
         --at-limit refuse",
        "--service 3s --clients 2 --patience 0s --duration 10s --backlog unlimited",
        "--class sync --service 1s --workers 2 --clients 5 --accept reuse-port \
         --max-requests 1 --boot 5s --duration 100s",
        "--service 3s --clients 7 --client-timeout mix(90%:0s,10%:50ms) --duration 10s \
         --backlog 5 --worker-connections 1",
        "--service 3s --clients 9 --backlog 3 --duration 10s",
        "--server passenger --service 100ms --clients 150 --duration 10s",
        "--server gunicorn --service 3s --clients 5000 --backlog 1 --duration 10s",
        "--class gevent --service 3s --clients 500 --duration 10s",
    ] {
        let plan = plan(&options(line)).unwrap_or_else(|why| panic!("{line}: {why}"));
        let until = Time::ZERO + Span::from_nanos(1_500_000_000);
        assert_eq!(run(&plan.cells[0].model, 1, until).end, End::Complete, "{line}");
    }
}

/// By hand: a worker is busy for 30 ms with the first of two clients, and there is no queue. The
/// second is refused at 0, 10, 20 and 30 ms: the first comes again at 30 ms as well, and before it,
/// because its last request is older.
#[test]
fn a_refused_client_comes_again_after_10_ms() {
    let line = "--service 30ms --clients 2 --backlog 0 --duration 10s";
    let model = plan(&options(line)).unwrap().cells[0].model.clone();
    for choice in [Choice::Events, Choice::Recursion] {
        let until = Time::ZERO + Span::from_nanos(40_000_000);
        let Ran { records, .. } = run_with(&model, choice, 1, until);
        let told = |record: &RequestRecord| {
            (record.client, record.arrival.as_nanos() / 1_000_000, record.outcome)
        };
        let (served, refused) = (Outcome::Served, Outcome::Refused);
        let expect = [
            (0, 0, served),
            (1, 0, refused),
            (1, 10, refused),
            (1, 20, refused),
            (0, 30, served),
            (1, 30, refused),
        ];
        // What comes later is run until the requests of that time are done.
        let told: Vec<_> = records.iter().map(told).filter(|(_, at, _)| *at < 40).collect();
        assert_eq!(told, expect, "{choice:?}");
    }
}

/// Without an option the queue of an ideal server has room for all clients that go on for ever.
#[test]
fn no_client_is_turned_away_by_a_default() {
    let plan = plan(&options("--service 10ms --clients 5000 --duration 1s")).unwrap();
    let until = Time::ZERO + Span::from_nanos(200_000_000);
    let Ran { records, .. } = run(&plan.cells[0].model, 1, until);
    assert!(records.iter().all(|record| record.outcome == Outcome::Served));
}

/// A process with more threads than connections accepts no more than these: the others wait in the
/// queue, and none is refused.
#[test]
fn a_process_at_its_limit_accepts_nothing() {
    let line = "--threads 3 --worker-connections 1 --io 50ms --clients 3 --requests 2 \
                --backlog unlimited";
    let plan = plan(&options(line)).unwrap();
    let Ran { records, .. } = run(&plan.cells[0].model, 1, Time::MAX);
    assert!(records.iter().all(|record| record.outcome == Outcome::Served));
    assert_eq!(records.last().map(|record| record.departure.as_nanos()), Some(300_000_000));
}

/// Connections whose clients left keep no run alive, and what is done for them counts while it is
/// done: three clients that wait for 1 s keep the worker busy for 1 s.
#[test]
fn connections_of_clients_that_left_keep_no_run_alive() {
    for line in [
        "--server gunicorn --patience 10ms --service 20ms --clients 2",
        "--class sync --accept reuse-port --workers 2 --max-requests 2 --service 1s --clients 8",
    ] {
        let plan = plan(&options(line)).unwrap_or_else(|why| panic!("{line}: {why}"));
        assert_eq!(run(&plan.cells[0].model, 1, Time::MAX).end, End::Complete, "{line}");
    }
    let line = "--class sync --overhead 0s --client-timeout 1s --service 3s --clients 3";
    let plan = plan(&options(line)).unwrap();
    let Ran { records, wasted, .. } = run(&plan.cells[0].model, 1, Time::MAX);
    assert!(records.iter().all(|record| record.outcome == Outcome::GaveUp));
    assert_eq!(wasted, [1_000_000_000; 2]);
}

/// The overhead that is charged is the overhead that is taken: a warm worker that is never idle
/// takes 0.45 ms, not 0.65 ms, for a request, and the core is never busier than it is.
#[test]
fn the_overhead_charged_is_the_overhead_taken() {
    let line = "--class sync --workers 1 --cores 1 --service 1ms --clients 5 --requests 40";
    let plan = plan(&options(line)).unwrap();
    let Ran { records, .. } = run(&plan.cells[0].model, 1, Time::MAX);
    let cpu: u64 = records.iter().map(|record| record.cpu.as_nanos()).sum();
    let last = records.iter().map(|record| record.departure.as_nanos()).max().unwrap();
    assert_eq!(cpu, last, "the core is busy from the first request to the last");
}

/// F6: an event loop gives one sign of life a second. A request that computes for 1.5 s at a stretch is
/// killed if the last sign before it was `a` > 0.5 s old and the arbiter, which looks once a second, looks
/// in the a - 0.5 s that are more than 2 s after that sign: as both are uniform, the integral from 0.5 to
/// 1 of a - 0.5, which is 1/8. Of 5,000 requests the share spreads by 0.0047; of two streams, whose latest
/// sign is younger, it would be 1/24.
#[test]
fn a_process_has_one_stream_of_heartbeats() {
    let line = "--class gevent --workers 1 --cores 1 --cpu 1500ms --overhead 0s --timeout 2s \
                --max-requests 1 --rate 0.002/s --requests 5000";
    let plan = plan(&options(line)).unwrap();
    let until = Time::ZERO + Span::from_secs_f64(5_000.0 / 0.002);
    let Ran { records, .. } = run(&plan.cells[0].model, 1, until);
    let killed = records.iter().filter(|record| record.outcome != Outcome::Served).count();
    let share = killed as f64 / records.len() as f64;
    assert!((share - 0.125).abs() < 0.015, "{killed} of {}", records.len());
}

/// F25: what would lie beyond the end of time (2^64 ns) is refused, not cut short.
#[test]
fn times_beyond_the_clock_are_refused() {
    for (line, part) in [
        ("--service 18446744073s --clients 1", "292 years"),
        ("--cpu 1s --io 5000000h --clients 1", "292 years"),
        ("--service 2000000h --clients 9", "the most is 584"),
        ("--service 1s --clients 2 --think 5000000h --requests 3", "the most is 584"),
        ("--class sync --service 1s --clients 7 --boot 999999h --max-requests 1", "584 years"),
    ] {
        let why = plan(&options(line)).expect_err(line);
        assert!(why.contains(part), "{line}: {why}");
    }
}

/// F12: of the rates of `mmpp` only the ratios count, however near they are to the ends of the range of
/// floats; it was an endless draw.
#[test]
fn rates_of_states_count_by_their_ratios() {
    let arrivals = |rates: &str| -> Vec<Time> {
        let options: Options = [
            options("--service 1us --rate 10/s --duration 100s"),
            vec![("arrivals", rates.to_owned())],
        ]
        .concat();
        let model = plan(&options).unwrap().cells[0].model.clone();
        let until = Time::ZERO + Span::from_nanos(100_000_000_000);
        run(&model, 1, until).records.iter().map(|record| record.arrival).collect()
    };
    let usual = arrivals("mmpp(1/s:1s,3/s:2s)");
    assert!(usual.len() > 500);
    assert_eq!(arrivals("mmpp(1e-306/s:1s,3e-306/s:2s)").len(), usual.len());
    assert!(arrivals("mmpp(1e-310/s:1s,1e-310/s:1s)").len() > 500);
}
