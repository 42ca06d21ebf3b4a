//! What must hold of any run, whatever the model: read off its records, in whole nanoseconds.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use simsrv::engine::Choice;
use simsrv::model::Discipline;
use simsrv::record::{Outcome, RequestRecord, Sink};
use simsrv::stats::tally::Tally;
use simsrv::stats::window::Window;
use simsrv::time::Time;

use crate::cases::{self, Case, Work, check, closed, on_any_server, times, trace};
use crate::command::{self, Row};
use crate::twin::Kind;

/// Any model: recorded requests, clients, arrivals by a distribution.
fn any_case() -> impl Strategy<Value = Case> {
    times().prop_flat_map(|times| {
        let work = prop_oneof![trace(times, 25), closed(times), cases::open(times, 25)].boxed();
        on_any_server(work, times)
    })
}

/// Models whose runs start and end with nobody there.
fn finite_case() -> impl Strategy<Value = Case> {
    times().prop_flat_map(|times| {
        on_any_server(prop_oneof![trace(times, 25), closed(times)].boxed(), times)
    })
}

fn served(records: &[RequestRecord]) -> impl Iterator<Item = &RequestRecord> {
    records.iter().filter(|record| record.outcome == Outcome::Served)
}

/// How many requests are in service just after an instant.
fn in_service(records: &[RequestRecord], now: Time) -> usize {
    served(records).filter(|record| record.start <= now && now < record.departure).count()
}

/// The instants at which anything happens, in order.
fn instants(records: &[RequestRecord]) -> Vec<Time> {
    let mut all: Vec<Time> = records
        .iter()
        .flat_map(|record| [record.arrival, record.start, record.departure])
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The integral over time of some count of those who are there just after each instant.
fn area(records: &[RequestRecord], count: impl Fn(Time) -> u128) -> u128 {
    let instants = instants(records);
    let pieces = instants.windows(2);
    pieces.map(|ends| count(ends[0]) * u128::from((ends[1] - ends[0]).as_nanos())).sum()
}

// ---- one run -----------------------------------------------------------------------------------

/// First come, first served; everything in its order in time; nothing faster than its demand.
fn order_holds(case: &Case, records: &[RequestRecord]) -> TestCaseResult {
    for (number, record) in records.iter().enumerate() {
        prop_assert_eq!(record.request, number as u64);
        prop_assert!(record.arrival <= record.start && record.start <= record.departure);
        if record.outcome == Outcome::Served {
            prop_assert!(record.departure - record.start >= record.cpu, "{:?}", record);
        }
    }
    let starts: Vec<Time> = served(records).map(|record| record.start).collect();
    let fifo = case.discipline == Discipline::Fifo;
    prop_assert!(!fifo || starts.is_sorted(), "a request was overtaken: {starts:?}");
    prop_assert!(records.is_sorted_by_key(|record| record.arrival));
    Ok(())
}

/// A worker serves one at a time, and there are as many as there are.
fn workers_serve_one_at_a_time(case: &Case, records: &[RequestRecord]) -> TestCaseResult {
    let mut of_worker = BTreeMap::<u32, Vec<(Time, Time)>>::new();
    for record in served(records) {
        prop_assert!(record.worker < case.workers * case.threads);
        of_worker.entry(record.worker).or_default().push((record.start, record.departure));
    }
    for (worker, mut services) in of_worker {
        services.sort_unstable();
        let apart = services.windows(2).all(|pair| pair[0].1 <= pair[1].0);
        prop_assert!(apart, "worker {worker}: {services:?}");
    }
    Ok(())
}

/// While somebody waits, every worker is busy.
fn nobody_idles_while_somebody_waits(case: &Case, records: &[RequestRecord]) -> TestCaseResult {
    let slots = (case.workers * case.threads) as usize;
    let instants = instants(records);
    for record in records.iter().filter(|record| record.outcome != Outcome::Refused) {
        let waits = |now: &&Time| record.arrival <= **now && **now < record.start;
        for now in instants.iter().filter(waits) {
            prop_assert_eq!(in_service(records, *now), slots, "at {:?}: {:?}", now, record);
        }
    }
    Ok(())
}

/// Refused if and only if the queue is full and no worker idle. Where cores are shared two
/// instants may round to one nanosecond, and who left at this one may be there still: so bounds.
fn only_a_full_queue_refuses(case: &Case, records: &[RequestRecord]) -> TestCaseResult {
    let Some(places) = case.backlog else {
        prop_assert!(records.iter().all(|record| record.outcome != Outcome::Refused));
        return Ok(());
    };
    for record in records {
        let now = record.arrival;
        let before = &records[..record.request as usize];
        let in_house = || before.iter().filter(|other| other.outcome != Outcome::Refused);
        let surely = in_house().filter(|other| other.start > now).count() as u64;
        let perhaps = in_house().filter(|other| other.start >= now).count() as u64;
        if record.outcome == Outcome::Refused {
            prop_assert!(surely <= places && places <= perhaps, "{:?}", record);
        } else if record.start > now {
            prop_assert!(surely < places, "{:?}", record);
        }
    }
    Ok(())
}

/// No patience is outlived: who leaves was there for some of it, and not refused.
fn only_the_impatient_leave(case: &Case, records: &[RequestRecord]) -> TestCaseResult {
    let left = records.iter().filter(|record| record.outcome == Outcome::TimedOut).count();
    prop_assert!(case.patience.is_some() || left == 0);
    Ok(())
}

/// Requests that are inside an interval from start to end get no more CPU than the cores have in
/// it; with a lock, those of one process no more than one core has.
fn cores_are_not_outspent(case: &Case, records: &[RequestRecord]) -> TestCaseResult {
    // Each end of the interval may be rounded by half a nanosecond.
    let supply = |from: Time, to: Time, millicores: u128| {
        (u128::from((to - from).as_nanos()) + 1) * millicores
    };
    let process = |record: &RequestRecord| record.worker / case.threads;
    for from in served(records).map(|record| record.start) {
        for last in served(records).filter(|record| record.departure >= from) {
            let to = last.departure;
            let inside = || served(records).filter(|v| v.start >= from && v.departure <= to);
            let spent: u128 = inside().map(|v| u128::from(v.cpu.as_nanos()) * 1000).sum();
            prop_assert!(spent <= supply(from, to, u128::from(case.millicores)));
            if case.gil {
                let mates = inside().filter(|v| process(v) == process(last));
                let spent: u128 = mates.map(|v| u128::from(v.cpu.as_nanos()) * 1000).sum();
                prop_assert!(spent <= supply(from, to, 1000), "process of {:?}", last);
            }
        }
    }
    Ok(())
}

#[test]
fn every_run_keeps_the_rules() {
    check(4000, &any_case(), |case| {
        let records = case.records(Choice::Events);
        order_holds(&case, &records)?;
        workers_serve_one_at_a_time(&case, &records)?;
        only_a_full_queue_refuses(&case, &records)?;
        only_the_impatient_leave(&case, &records)?;
        cores_are_not_outspent(&case, &records)?;
        // Arrivals by a distribution go on after those that are watched, and keep workers busy.
        if !matches!(case.work, Work::Open { .. }) {
            nobody_idles_while_somebody_waits(&case, &records)?;
        }
        Ok(())
    });
}

// ---- sums --------------------------------------------------------------------------------------

/// Makes all phases CPU, so that a request that is in service computes.
fn all_cpu(mut case: Case) -> Case {
    match &mut case.work {
        Work::Trace(requests) => {
            requests.iter_mut().flat_map(|(_, phases)| phases).for_each(|p| p.0 = Kind::Cpu);
        }
        Work::Closed { phases, urgent, .. } => {
            let all = phases.iter_mut().chain(urgent.iter_mut().flatten());
            all.for_each(|phase| phase.0 = Kind::Cpu);
        }
        Work::Open { phases, .. } => {
            phases.iter_mut().for_each(|phase| phase.0 = Kind::Cpu);
        }
    }
    case
}

/// Units that compute just after an instant: requests in service, or processes with a lock.
fn computing(case: &Case, records: &[RequestRecord], now: Time) -> u128 {
    let there = served(records).filter(|record| record.start <= now && now < record.departure);
    let unit = |record: &RequestRecord| {
        if case.gil { record.worker / case.threads } else { record.worker }
    };
    there.map(unit).collect::<std::collections::BTreeSet<_>>().len() as u128
}

/// No core is idle while there is work for it: over a run of requests that only compute, the
/// cores are busy, min(C, n) of them at each instant, for exactly what was asked of them.
#[test]
fn busy_cores_do_all_the_work_and_nothing_else() {
    check(3000, &finite_case().prop_map(all_cpu), |case| {
        let records = case.records(Choice::Events);
        let cores = u128::from(case.millicores);
        let busy = area(&records, |now| cores.min(1000 * computing(&case, &records, now)));
        let demand: u128 = served(&records).map(|v| u128::from(v.cpu.as_nanos()) * 1000).sum();
        // Each instant is rounded by up to half a nanosecond, at which the count of cores may
        // change by all of them.
        let tolerance = (instants(&records).len() as u128) * cores / 2;
        prop_assert!(busy.abs_diff(demand) <= tolerance, "busy {busy}, asked for {demand}");
        Ok(())
    });
}

/// Little's law, exactly: over a run that starts and ends empty, the area under the number
/// of requests there is the sum of the times that they were there. So for those waiting and those
/// in service; and the tally counts the same areas.
#[test]
fn the_area_is_the_sum_of_the_times() {
    check(3000, &finite_case(), |case| {
        let records = case.records(Choice::Events);
        let mut tally = Tally::new(Window::ALL, true);
        records.iter().for_each(|record| tally.take(record));
        let count = |from: fn(&RequestRecord) -> Time, to: fn(&RequestRecord) -> Time| {
            area(&records, |now| {
                records.iter().filter(|v| from(v) <= now && now < to(v)).count() as u128
            })
        };
        let waiting = count(|v| v.arrival, |v| v.start);
        let serving = count(|v| v.start, |v| v.departure);
        let total: u128 = records.iter().map(|v| u128::from(v.response().as_nanos())).sum();
        prop_assert_eq!(waiting + serving, total);
        prop_assert_eq!((tally.queue_area, tally.busy_area), (waiting, serving));
        let cpu: u128 = served(&records).map(|v| u128::from(v.cpu.as_nanos())).sum();
        prop_assert_eq!(tally.cpu_area, cpu);
        prop_assert_eq!(tally.requests(), records.len() as u64);
        Ok(())
    });
}

// ---- the command -------------------------------------------------------------------------------

/// Rows of results, without the comments that name the command.
fn results(line: &str) -> Vec<String> {
    let text = command::simsrv(&command::words(line));
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// A line of the results without its last four columns, which compare it with its neighbours.
fn without_comparison(line: &str) -> String {
    let fields: Vec<&str> = line.split(',').collect();
    assert!(!line.contains("standing") || fields[fields.len() - 3] == "standing", "{line}");
    fields[..fields.len() - 4].join(",")
}

fn records(line: &str) -> Vec<Row> {
    command::records(&command::simsrv(&command::words(line)))
}

/// Loads that are drawn, with everything that a server can have.
const LOADS: [&str; 4] = [
    "--rate 40/s --service exp(50ms) --requests 800 --replications 3",
    "--rate 40/s --arrivals gamma(cv=2) --cpu exp(20ms) --io lognormal(mean=40ms,cv=2) \
     --requests 800 --replications 3 --backlog 3",
    "--clients 7 --think exp(100ms) --cpu exp(20ms) --io exp(30ms) --threads 2 --requests 100 \
     --replications 3",
    "--clients 5 --service uniform(1s,3s) --patience exp(2s) --requests 4 --replications 5",
];

#[test]
fn results_depend_neither_on_threads_nor_on_neighbours() {
    for load in LOADS {
        let sweep = format!("{load} --cores 1,2 --format csv --quiet");
        let one = results(&format!("{sweep} --workers 1..3 --jobs 1"));
        let two = results(&format!("{sweep} --workers 1..3 --jobs 2"));
        assert_eq!(one.len(), 1 + 6, "a header and a row for each cell: {load}");
        assert_eq!(one, two, "{load}");
        for (cell, (cores, workers)) in
            [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3)].into_iter().enumerate()
        {
            let alone = results(&format!(
                "{load} --format csv --quiet --cores {cores} --workers {workers}"
            ));
            let own = |line: &String| without_comparison(line);
            let expect: Vec<String> = [&one[0], &one[cell + 1]].into_iter().map(own).collect();
            assert_eq!(alone.iter().map(own).collect::<Vec<_>>(), expect, "{load}");
        }
    }
}

/// Where no core is shared a request's time in service is its demand.
#[test]
fn another_worker_shifts_nobodys_arrival_and_no_demand() {
    for load in [
        "--rate 30/s --service exp(50ms) --requests 300 --replications 1",
        "--rate 30/s --arrivals mmpp(90/s:1s,10/s:3s) --cpu exp(20ms) --io exp(30ms) \
         --requests 300 --replications 1 --backlog unlimited",
        "--clients 6 --think exp(100ms) --service exp(50ms) --requests 40 --replications 1",
    ] {
        let few = records(&format!("{load} --workers 2 --visits -"));
        let more = records(&format!("{load} --workers 3 --visits -"));
        // The demands of each client in the order in which it came; nobody is a client if there
        // are no clients.
        let demands = |rows: &[Row]| {
            let mut of_client = BTreeMap::<Option<u64>, Vec<Option<u64>>>::new();
            for row in rows {
                let demand = row.departure.zip(row.start).map(|(end, start)| end - start);
                of_client.entry(row.client).or_default().push(demand);
            }
            of_client
        };
        // Clients are watched until the first of them is done, so the others' numbers differ.
        let (some, others) = (demands(&few), demands(&more));
        assert!(some.keys().eq(others.keys()), "{load}");
        for (some, others) in some.values().zip(others.values()) {
            let both = some.len().min(others.len());
            assert!(both >= 25 && some[..both] == others[..both], "{load}");
        }
        let arrivals = |rows: &[Row]| rows.iter().map(|row| row.arrival).collect::<Vec<_>>();
        if load.contains("--rate") {
            assert_eq!(arrivals(&few), arrivals(&more), "{load}");
            assert_eq!(few.len(), 300, "{load}");
        }
        assert_ne!(few, more, "{load}: the third worker does something");
    }
}

#[test]
fn the_seed_decides_everything_and_replications_differ() {
    for load in LOADS {
        let line = |seed: u64| format!("{load} --workers 3 --visits - --seed {seed}");
        let bytes = |seed| command::simsrv(&command::words(&line(seed)));
        assert_eq!(bytes(7), bytes(7), "{load}");
        assert_ne!(bytes(7), bytes(8), "{load}");
        let rows = records(&line(7));
        let replication = |number| {
            let mine = rows.iter().filter(move |row| row.replication == number);
            mine.map(|row| (row.arrival, row.start, row.departure)).collect::<Vec<_>>()
        };
        assert!(!replication(1).is_empty() && replication(1) != replication(2), "{load}");
        assert_ne!(replication(2), replication(3), "{load}");
    }
}

/// Cells of a sweep that share their draws are what each is alone: all but the last columns, which
/// compare them. The listen queue is short enough to be full at times, and five cells need two
/// groups.
#[test]
fn cells_side_by_side_are_what_they_are_alone() {
    let rows = |workers: &str| -> Vec<Vec<String>> {
        let rest = "--cores 9 --service exp(1s) --rate 1.9/s --backlog 5 --requests 9000 --seed 3";
        let line = format!("--workers {workers} {rest} --format csv --quiet");
        let text = command::simsrv(&command::words(&line));
        let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
        lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let together = rows("1,2,3,4,9");
    assert_eq!(together.len(), 5);
    for row in &together {
        let alone = &rows(&row[0])[0];
        let measured = row.len() - 4;
        assert_eq!(row[..measured], alone[..measured], "{} workers", row[0]);
    }
}
