//! The engine of real servers: with nothing real about them it says what the engine of ideal ones
//! says, though it is another program; and each thing that is real, by hand-worked stories.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use simsrv::engine::Choice;
use simsrv::model::practice::{Class, Practice};
use simsrv::model::{Model, Server};
use simsrv::visit::{Outcome, Visit};

use crate::cases::{Case, Times, check, closed, more, on_any_server, open, times, trace};

/// The case's model with a practice that changes nothing.
fn neutral(case: &Case) -> Model {
    let model = case.model();
    let class = if case.threads > 1 { Class::Gthread } else { Class::Sync };
    let practice = Some(Arc::new(Practice::neutral(class)));
    let server = Server { practice, ..model.server().clone() };
    Model::new(model.load().clone(), server).expect("a model")
}

/// Times may differ by a nanosecond: both engines round what they divide, in another order.
fn near(one: &Visit, other: &Visit) -> bool {
    let times =
        |visit: &Visit| [visit.arrival, visit.start, visit.departure].map(|time| time.as_nanos());
    let rest = |visit: &Visit| (visit.request, visit.client, visit.cpu, visit.outcome);
    let served = one.outcome == Outcome::Served;
    rest(one) == rest(other)
        && (!served || one.worker == other.worker)
        && times(one).iter().zip(times(other)).all(|(a, b)| a.abs_diff(b) <= 1)
}

fn same_visits(cases: u32, strategy: impl Strategy<Value = Case>) {
    check(cases, &strategy, |case| {
        let ideal = case.visits(Choice::Events);
        let real = case.visits_of(&neutral(&case), Choice::Auto);
        prop_assert_eq!(ideal.len(), real.len());
        let differs = ideal.iter().zip(&real).find(|(a, b)| !near(a, b));
        prop_assert!(differs.is_none(), "{:?}", differs);
        Ok(())
    });
}

#[test]
fn a_neutral_practice_changes_nothing_for_recorded_requests() {
    same_visits(3000, times().prop_flat_map(|times| on_any_server(trace(times, 14), times)));
}

#[test]
fn a_neutral_practice_changes_nothing_for_clients_that_come_again() {
    same_visits(3000, times().prop_flat_map(|times| on_any_server(closed(times), times)));
}

/// Longer runs: 300 requests each.
#[test]
fn a_neutral_practice_changes_nothing_for_open_arrivals() {
    same_visits(300, times().prop_flat_map(|times| on_any_server(open(times, 300), times)));
}

/// What is compared above does happen in the cases: of 400, each so often.
#[test]
fn the_neutral_cases_are_worth_trying() {
    let counts = RefCell::new(BTreeMap::<&str, u32>::new());
    let strategy = on_any_server(
        prop_oneof![trace(Times::OnGrid, 14), closed(Times::OnGrid)].boxed(),
        Times::OnGrid,
    );
    check(400, &strategy, |case| {
        let visits = case.visits_of(&neutral(&case), Choice::Auto);
        let some = |outcome| visits.iter().any(|visit| visit.outcome == outcome);
        let locked = case.threads > 1 && case.model().contended() && case.gil;
        let happens = [
            ("refused", some(Outcome::Refused)),
            ("timed out", some(Outcome::TimedOut)),
            ("a lock", locked),
        ];
        for (what, happened) in happens {
            *counts.borrow_mut().entry(what).or_default() += u32::from(happened);
        }
        Ok(())
    });
    let counts = counts.into_inner();
    assert!(counts.values().all(|count| *count >= 30 * more()), "{counts:?}");
}
