//! The engine of events against its slow twin, and against the recursion, on random models.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use simsrv::engine::{Choice, recursion_fits};
use simsrv::model::Discipline;
use simsrv::record::{Outcome, RequestRecord};
use simsrv::time::Span;

use crate::cases::{self, Case, Times, Work, check, closed, more, on_any_server, times, trace};
use crate::twin::{End, Kind, Seen};

/// Half a nanosecond, and 1 % of one for the rounding of divisions: the engine gives the nearest.
const TOLERANCE: i128 = 510_000_000;

/// What the engine says of a request, next to what is true; `None` if it is that.
fn disagreement(seen: &Seen, record: &RequestRecord) -> Option<String> {
    let end = match record.outcome {
        Outcome::Served => End::Served,
        Outcome::Refused => End::Refused,
        Outcome::TimedOut => End::TimedOut,
        other => unreachable!("an ideal server does not know {other:?}"),
    };
    let worker = (end == End::Served).then_some(record.worker as usize);
    let near = [
        (record.arrival, seen.arrival),
        (record.start, seen.start),
        (record.departure, seen.departure),
    ]
    .iter()
    .all(|(time, exact)| {
        (i128::from(time.as_nanos()) * 1_000_000_000 - exact.billionths()).abs() <= TOLERANCE
    });
    let same = (record.request as usize, record.client as usize, worker, end)
        == (seen.request, seen.client, seen.worker, seen.end);
    (!same || !near).then(|| format!("engine: {record:?}\ntwin: {seen:?}"))
}

/// Runs both; counts the cases that the twin has to leave alone.
fn agrees_with_twin(case: &Case, left_alone: &Cell<u32>) -> Result<(), TestCaseError> {
    let Some(seen) = case.twin() else {
        left_alone.set(left_alone.get() + 1);
        return Ok(());
    };
    let records = case.records(Choice::Events);
    prop_assert_eq!(records.len(), seen.len());
    let first = seen.iter().zip(&records).find_map(|(seen, record)| disagreement(seen, record));
    prop_assert!(first.is_none(), "{}", first.unwrap_or_default());
    Ok(())
}

fn twins(cases: u32, strategy: impl Strategy<Value = Case>) {
    let left_alone = Cell::new(0);
    check(cases, &strategy, |case| agrees_with_twin(&case, &left_alone));
    let left_alone = left_alone.get();
    let cases = cases * more();
    assert!(left_alone * 20 <= cases, "{left_alone} of {cases} had too long fractions");
}

#[test]
fn recorded_requests_on_the_grid_agree_with_the_twin() {
    twins(6000, on_any_server(trace(Times::OnGrid, 14), Times::OnGrid));
}

#[test]
fn recorded_requests_off_the_grid_agree_with_the_twin() {
    twins(3000, on_any_server(trace(Times::Anywhere, 10), Times::Anywhere));
}

#[test]
fn clients_that_come_again_agree_with_the_twin() {
    twins(6000, times().prop_flat_map(|times| on_any_server(closed(times), times)));
}

/// Random cases are only worth something if what is tested happens in them: of each kind, so many
/// of 600 cases (about half of what is seen, so that another draw of cases does not disturb).
#[test]
fn the_cases_are_worth_trying() {
    let counts = RefCell::new(BTreeMap::<&str, u32>::new());
    let strategy = times().prop_flat_map(|times| {
        on_any_server(prop_oneof![trace(times, 14), closed(times)].boxed(), times)
    });
    check(600, &strategy, |case| {
        let records = case.records(Choice::Events);
        let some = |outcome| records.iter().any(|record| record.outcome == outcome);
        let departures: BTreeSet<_> = records.iter().map(|record| record.departure).collect();
        let model = case.model();
        let happens = [
            ("refused", some(Outcome::Refused)),
            ("timed out", some(Outcome::TimedOut)),
            ("served after a wait", records.iter().any(|v| v.wait() > Span::ZERO)),
            ("shared cores", model.contended()),
            ("a lock", model.contended() && model.server().lock_matters()),
            ("last come first", model.server().discipline == Discipline::Lifo),
            ("priorities", model.server().discipline == Discipline::Priority),
            ("several leave at once", departures.len() < records.len()),
            ("no time in service", records.iter().any(|v| v.response().is_zero())),
        ];
        for (what, happened) in happens {
            *counts.borrow_mut().entry(what).or_default() += u32::from(happened);
        }
        Ok(())
    });
    let counts = counts.into_inner();
    assert!(counts.values().all(|count| *count >= 40 * more()), "{counts:?}");
}

/// Cases that were found by the tests above and once failed.
#[test]
fn what_once_disagreed_agrees() {
    let closed = |clients, requests, think: &str, demands: &[&str]| Work::Closed {
        clients,
        requests,
        think: think.to_owned(),
        phases: demands
            .iter()
            .map(|distribution| (Kind::Cpu, (*distribution).to_owned()))
            .collect(),
        urgent: None,
    };
    let case = |millicores, patience: Option<&str>, work, seed| Case {
        workers: 4,
        threads: 1,
        gil: false,
        millicores,
        backlog: None,
        patience: patience.map(str::to_owned),
        discipline: Discipline::Fifo,
        work,
        seed,
    };
    let demands = ["1s", "mix(50%:2s,50%:2s)", "mix(50%:1s,50%:3s)"];
    let think = "mix(50%:1s,50%:2s)";
    let once_wrong = [
        // A deadline rounded to whole nanoseconds: who left at it came again 0.2 ns late.
        case(3000, Some("0ns"), closed(5, 4, "2s", &demands), 292),
        // Two clients at one instant, reached by divisions rounded differently: 3 before 0.
        case(250, None, closed(4, 3, think, &[think]), 295),
    ];
    for case in &once_wrong {
        let left_alone = Cell::new(0);
        agrees_with_twin(case, &left_alone).unwrap_or_else(|error| panic!("{error}\n{case:#?}"));
        assert_eq!(left_alone.get(), 0);
    }
}

/// Models that the recursion fits: a core for every worker, or requests that do not compute; and of
/// clients that leave and of full queues only one.
fn uncontended() -> impl Strategy<Value = Case> {
    let work = |times| prop_oneof![trace(times, 40), cases::open(times, 60), closed(times)].boxed();
    let any = times().prop_flat_map(move |times| on_any_server(work(times), times));
    any.prop_map(|mut case| {
        case.threads = 1;
        case.millicores = 4000;
        case.discipline = Discipline::Fifo;
        if let Work::Closed { urgent, .. } = &mut case.work {
            *urgent = None;
            case.patience = None;
        } else if case.patience.is_some() {
            case.backlog = None;
        }
        case
    })
}

#[test]
fn the_recursion_agrees_bit_for_bit() {
    check(10_000, &uncontended(), |case| {
        prop_assert_eq!(recursion_fits(&case.model()), Ok(()));
        let (events, recursion) = (case.records(Choice::Events), case.records(Choice::Recursion));
        prop_assert_eq!(events.len(), recursion.len());
        for (event, recursive) in events.iter().zip(&recursion) {
            let mut event = *event;
            if event.outcome != Outcome::Served {
                // The worker of a request that nobody served means nothing.
                event.worker = recursive.worker;
            }
            prop_assert_eq!(event, *recursive);
        }
        Ok(())
    });
}

/// Whoever only counts is served by the fastest loop that fits (the recursion, the short loop for
/// shared cores, blocks of records): it hears what the loop over events says one by one.
#[test]
fn whoever_only_counts_hears_the_same() {
    let work = |times| prop_oneof![trace(times, 30), cases::open(times, 60), closed(times)].boxed();
    let any = times().prop_flat_map(move |times| on_any_server(work(times), times));
    check(8_000, &any, |case| {
        prop_assert_eq!(case.nameless(Choice::Auto), case.nameless(Choice::Events));
        let mut named = case.records(Choice::Events);
        for record in &mut named {
            (record.request, record.client, record.worker, record.route) = (0, 0, 0, 0);
        }
        named.sort_by_key(|v| (v.arrival, v.start, v.departure, v.cpu, v.outcome.name()));
        prop_assert_eq!(case.nameless(Choice::Events), named);
        Ok(())
    });
}
