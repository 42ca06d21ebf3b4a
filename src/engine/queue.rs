//! The listen queue: which request is next, by the discipline of the server; clients may leave it.

use std::collections::{BTreeSet, VecDeque};

use crate::model::{self, Discipline, Route, Waiting};
use crate::time::{Span, Time};

/// Requests that wait, by slot. Those that left are passed over when their turn comes.
#[derive(Debug)]
pub(super) struct Queue {
    order: Order,
    waiting: u64,
}

#[derive(Debug)]
enum Order {
    Fifo(VecDeque<u32>),
    Lifo(Vec<u32>),
    /// A queue for each priority, and the one of each route.
    Priority {
        queues: Vec<VecDeque<u32>>,
        of_route: Vec<u16>,
    },
    Own(Box<dyn model::Order>),
}

/// Slots that may have left before they are looked for.
const MOST_LEFT: usize = 64;

impl Queue {
    /// Empty; `routes` are those of the requests.
    pub(super) fn new(discipline: Discipline, routes: &[Route]) -> Self {
        let order = match discipline {
            Discipline::Fifo => Order::Fifo(VecDeque::new()),
            Discipline::Lifo => Order::Lifo(Vec::new()),
            Discipline::Own(order) => Order::Own((order.empty)()),
            Discipline::Priority => {
                let priorities: BTreeSet<u16> = routes.iter().map(|route| route.priority).collect();
                let rank = |route: &Route| priorities.range(..route.priority).count() as u16;
                Order::Priority {
                    queues: vec![VecDeque::new(); priorities.len().max(1)],
                    of_route: routes.iter().map(rank).collect(),
                }
            }
        };
        Queue { order, waiting: 0 }
    }

    /// How many wait.
    #[inline]
    pub(super) fn waiting(&self) -> u64 {
        self.waiting
    }

    /// A request joins; `demand` is its whole demand.
    #[inline]
    pub(super) fn push(
        &mut self,
        slot: u32,
        (route, arrival): (u16, Time),
        demand: impl Fn() -> Span,
    ) {
        match &mut self.order {
            Order::Fifo(slots) => slots.push_back(slot),
            Order::Lifo(slots) => slots.push(slot),
            Order::Priority { queues, of_route } => {
                let rank = of_route.get(route as usize).copied().unwrap_or(0);
                queues[rank as usize].push_back(slot);
            }
            Order::Own(order) => {
                order.join(Waiting { id: slot, route, arrival, demand: demand() });
            }
        }
        self.waiting += 1;
    }

    /// The slot that is next, whether it still waits or not.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<u32> {
        match &mut self.order {
            Order::Fifo(slots) => slots.pop_front(),
            Order::Lifo(slots) => slots.pop(),
            Order::Priority { queues, .. } => queues.iter_mut().find_map(VecDeque::pop_front),
            Order::Own(order) => order.next(),
        }
    }

    /// One of those waiting is started, or has left.
    #[inline]
    pub(super) fn one_less(&mut self) {
        self.waiting -= 1;
    }

    /// Takes out slots that left and whose turn may never come: those of `gone`. In a FIFO queue it
    /// comes soon.
    pub(super) fn take_out(&mut self, gone: impl Fn(u32) -> bool, mut out: impl FnMut(u32)) {
        let most = 2 * self.waiting as usize + MOST_LEFT;
        let mut stays = |slot: &u32| {
            let left = gone(*slot);
            if left {
                out(*slot);
            }
            !left
        };
        match &mut self.order {
            Order::Lifo(slots) if slots.len() > most => slots.retain(&mut stays),
            Order::Priority { queues, .. }
                if queues.iter().map(VecDeque::len).sum::<usize>() > most =>
            {
                queues.iter_mut().for_each(|slots| slots.retain(&mut stays));
            }
            _ => {}
        }
    }
}

/// When those who wait will leave: (deadline, slot), least first.
pub(super) type Deadlines<T> = BTreeSet<(T, u32)>;

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(priorities: &[u16]) -> Vec<Route> {
        let route = |priority: &u16| Route {
            name: priority.to_string(),
            share: 1.0,
            priority: *priority,
            phases: Vec::new(),
        };
        priorities.iter().map(route).collect()
    }

    /// Slots 0 to 4 join, of the routes 0, 1, 2, 1, 0.
    fn order(discipline: Discipline, priorities: &[u16]) -> Vec<u32> {
        let mut queue = Queue::new(discipline, &routes(priorities));
        [0, 1, 2, 1, 0]
            .into_iter()
            .zip(0..)
            .for_each(|(route, slot)| queue.push(slot, (route, Time::ZERO), || Span::ZERO));
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn the_discipline_says_which_is_next() {
        assert_eq!(order(Discipline::Fifo, &[3, 1, 2]), [0, 1, 2, 3, 4]);
        assert_eq!(order(Discipline::Lifo, &[3, 1, 2]), [4, 3, 2, 1, 0]);
        assert_eq!(order(Discipline::Priority, &[30, 1, 7]), [1, 3, 2, 0, 4]);
        assert_eq!(order(Discipline::Priority, &[2, 1, 2]), [1, 3, 0, 2, 4], "two of one priority");
        assert_eq!(order(Discipline::Priority, &[]), [0, 1, 2, 3, 4], "no routes");
    }

    /// Under a stack the first may wait for ever: what has left does not stay.
    #[test]
    fn those_who_left_are_taken_out() {
        let mut queue = Queue::new(Discipline::Lifo, &[]);
        (0..200).for_each(|slot| queue.push(slot, (0, Time::ZERO), || Span::ZERO));
        (0..150).for_each(|_| queue.one_less());
        let mut out = Vec::new();
        queue.take_out(|slot| slot < 150, |slot| out.push(slot));
        assert_eq!((out.len(), queue.pop()), (150, Some(199)));
        queue.take_out(|_| true, |_| panic!("few have left"));
    }
}
