//! The examples run, and what they assert holds.

#[path = "../../examples/mm1.rs"]
mod mm1;
#[path = "../../examples/own_discipline.rs"]
mod own_discipline;
#[path = "../../examples/recorded.rs"]
mod recorded;
#[path = "../../examples/sweep.rs"]
mod sweep;

#[test]
fn the_mean_of_one_worker_is_that_of_theory() {
    mm1::main().unwrap();
}

#[test]
fn the_shortest_first_wait_as_theory_says() {
    own_discipline::main().unwrap();
}

#[test]
fn recorded_requests_are_answered_as_by_hand() {
    recorded::main().unwrap();
}

#[test]
fn three_workers_are_too_few() {
    sweep::main().unwrap();
}
