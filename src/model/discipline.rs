//! Which of the waiting requests a free worker takes.

use std::fmt;
use std::str::FromStr;

use super::ModelError;
use crate::time::{Span, Time};

/// A request that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What the queue gives back when it is the request's turn.
    pub id: u32,
    /// Its route, from 0, in the order in which they are given.
    pub route: u16,
    /// When it came.
    pub arrival: Time,
    /// Its whole demand, CPU and I/O.
    pub demand: Span,
}

/// The order in which waiting requests are taken, as an object. A queue discipline of your own is a
/// type with this trait, given as [`Discipline::Own`] (`examples/own_discipline.rs`).
pub trait Order: fmt::Debug {
    /// A request joins the queue.
    fn join(&mut self, request: Waiting);

    /// Takes out the request that is next, and gives its [`id`](Waiting::id); `None` if none waits. A
    /// request whose client has left stays until its turn.
    fn next(&mut self) -> Option<u32>;
}

/// A discipline of your own: its name, and how an empty queue is made.
#[derive(Clone, Copy)]
pub struct OwnOrder {
    /// What it is called; two of one name are taken for the same.
    pub name: &'static str,
    /// Makes a queue in which nobody waits.
    pub empty: fn() -> Box<dyn Order>,
}

impl fmt::Debug for OwnOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OwnOrder").field(&self.name).finish()
    }
}

impl PartialEq for OwnOrder {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for OwnOrder {}

/// The discipline of the listen queue. A request in service is never interrupted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Discipline {
    /// The one that has waited longest.
    #[default]
    Fifo,
    /// The one that came last.
    Lifo,
    /// Of the route with the lowest priority number; of these the one that has waited longest.
    Priority,
    /// One of your own.
    Own(OwnOrder),
}

impl Discipline {
    /// All disciplines that have a word.
    pub(crate) const ALL: [Discipline; 3] =
        [Discipline::Fifo, Discipline::Lifo, Discipline::Priority];

    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Discipline::Fifo => "fifo",
            Discipline::Lifo => "lifo",
            Discipline::Priority => "priority",
            Discipline::Own(order) => order.name,
        }
    }
}

impl fmt::Display for Discipline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Discipline {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        Discipline::ALL.into_iter().find(|discipline| discipline.name() == text).ok_or_else(|| {
            ModelError::text(text, " is not a discipline: write fifo, lifo or priority")
        })
    }
}
