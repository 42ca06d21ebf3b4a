//! The listen queue: which request is next, by the discipline of the server; clients may leave it.

use std::collections::{BTreeSet, VecDeque};

use crate::model::{self, Discipline, Route, Waiting};

/// Connections that wait. Those whose clients left are skipped when their turn comes.
#[derive(Debug)]
pub(super) enum Queue {
    Fifo(VecDeque<u32>),
    Lifo(Vec<u32>),
    /// A queue for each priority, and the one of each route.
    Priority {
        queues: Vec<VecDeque<u32>>,
        of_route: Vec<u16>,
    },
    Own(Box<dyn model::Order>),
}

/// Connections that may have left before they are looked for.
const MOST_LEFT: usize = 64;

impl Queue {
    /// Empty; `routes` are those of the requests.
    pub(super) fn new(discipline: Discipline, routes: &[Route]) -> Self {
        match discipline {
            Discipline::Fifo => Queue::Fifo(VecDeque::new()),
            Discipline::Lifo => Queue::Lifo(Vec::new()),
            Discipline::Own(order) => Queue::Own((order.empty)()),
            Discipline::Priority => {
                let priorities: BTreeSet<u16> = routes.iter().map(|route| route.priority).collect();
                let rank = |route: &Route| priorities.range(..route.priority).count() as u16;
                Queue::Priority {
                    queues: vec![VecDeque::new(); priorities.len().max(1)],
                    of_route: routes.iter().map(rank).collect(),
                }
            }
        }
    }

    /// A connection joins, whose request `described` describes.
    #[inline]
    pub(crate) fn push(&mut self, conn: u32, described: impl Fn() -> Waiting) {
        match self {
            Queue::Fifo(conns) => conns.push_back(conn),
            Queue::Lifo(conns) => conns.push(conn),
            Queue::Priority { queues, of_route } => {
                let rank = of_route.get(described().route as usize).copied().unwrap_or(0);
                queues[rank as usize].push_back(conn);
            }
            Queue::Own(order) => order.join(described()),
        }
    }

    /// Takes out the connection that is next, whether its client still waits or not.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<u32> {
        match self {
            Queue::Fifo(conns) => conns.pop_front(),
            Queue::Lifo(conns) => conns.pop(),
            Queue::Priority { queues, .. } => queues.iter_mut().find_map(VecDeque::pop_front),
            Queue::Own(order) => order.next(),
        }
    }

    /// The connections in order of arrival, where they are served so; else none.
    pub(crate) fn in_order(&self) -> impl Iterator<Item = u32> {
        let conns = if let Queue::Fifo(conns) = self { Some(conns.iter().copied()) } else { None };
        conns.into_iter().flatten()
    }

    /// Takes out a connection, where they are served in order of arrival.
    pub(crate) fn remove(&mut self, conn: u32) {
        if let Queue::Fifo(conns) = self {
            conns.retain(|other| *other != conn);
        }
    }

    /// Takes out connections whose clients have left, those of `gone`, before their turn comes;
    /// `waiting` still wait. In order of arrival it is those at the head.
    pub(crate) fn take_out(
        &mut self,
        waiting: u64,
        gone: impl Fn(u32) -> bool,
        mut out: impl FnMut(u32),
    ) {
        let most = 2 * waiting as usize + MOST_LEFT;
        let mut stays = |conn: &u32| {
            let left = gone(*conn);
            if left {
                out(*conn);
            }
            !left
        };
        match self {
            Queue::Fifo(conns) => {
                while conns.front().is_some_and(|conn| !stays(conn)) {
                    conns.pop_front();
                }
            }
            Queue::Lifo(conns) if conns.len() > most => conns.retain(&mut stays),
            Queue::Priority { queues, .. }
                if queues.iter().map(VecDeque::len).sum::<usize>() > most =>
            {
                queues.iter_mut().for_each(|conns| conns.retain(&mut stays));
            }
            Queue::Lifo(_) | Queue::Priority { .. } | Queue::Own(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{Span, Time};

    fn routes(priorities: &[u16]) -> Vec<Route> {
        let route = |priority: &u16| Route {
            name: priority.to_string(),
            share: 1.0,
            priority: *priority,
            phases: Vec::new(),
        };
        priorities.iter().map(route).collect()
    }

    fn of_route(id: u32, route: u16) -> Waiting {
        Waiting { id, route, arrival: Time::ZERO, demand: Span::ZERO }
    }

    /// Connections 0 to 4 join, of the routes 0, 1, 2, 1, 0.
    fn order(discipline: Discipline, priorities: &[u16]) -> Vec<u32> {
        let mut queue = Queue::new(discipline, &routes(priorities));
        [0, 1, 2, 1, 0]
            .into_iter()
            .zip(0..)
            .for_each(|(route, conn)| queue.push(conn, || of_route(conn, route)));
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
        (0..200).for_each(|conn| queue.push(conn, || of_route(conn, 0)));
        let mut out = Vec::new();
        queue.take_out(50, |conn| conn < 150, |conn| out.push(conn));
        assert_eq!((out.len(), queue.pop()), (150, Some(199)));
        queue.take_out(49, |_| true, |_| panic!("few have left"));
    }
}
