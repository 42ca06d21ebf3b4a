//! A primary process that takes every connection at once and hands it to the processes in turn, as
//! Node's cluster does (`lib/internal/cluster/round_robin_handle.js`): a process is in the list of
//! the free until it is handed a connection, and again as soon as it has taken it, whether or not it
//! still works on others. While no process is free, connections wait at the primary.
//!
//! Each process has a door of its own, where the one connection waits that it has been handed; the
//! last door is the primary's.

use super::Real;
use super::people::Stage;
use crate::source::Source;
use crate::tick::Fine;
use crate::visit::Sink;

impl<S: Source<Fine>, K: Sink> Real<'_, S, K> {
    /// A connection comes to the primary.
    pub(super) fn hand_out(&mut self, conn: u32) {
        let free = self.host.primary.as_mut().and_then(std::collections::VecDeque::pop_front);
        let door = free.unwrap_or(self.primary_door());
        self.people.conn_mut(conn).door = door;
        self.join(conn);
    }

    fn primary_door(&self) -> u32 {
        self.host.doors.len() as u32 - 1
    }

    /// A process has taken what it was handed (or that has gone): it is handed the next, or is free.
    pub(super) fn taken_over(&mut self, process: u32) {
        if self.host.primary.is_none()
            || process == self.primary_door()
            || !self.listens(process)
            || self.host.doors[process as usize].waiting > 0
        {
            return;
        }
        if let Some(conn) = self.next_at_primary() {
            self.people.conn_mut(conn).door = process;
            self.join(conn);
        } else if let Some(free) = &mut self.host.primary
            && !free.contains(&process)
        {
            free.push_back(process);
        }
    }

    /// Whoever has waited longest at the primary.
    fn next_at_primary(&mut self) -> Option<u32> {
        let door = self.primary_door();
        loop {
            let conn = self.host.doors[door as usize].queue.pop_front()?;
            if self.people.conn(conn).stage == Stage::Queued {
                self.host.doors[door as usize].waiting -= 1;
                return Some(conn);
            }
            self.people.close(conn);
        }
    }

    /// A process ends: it is handed nothing any more, and what waits for it is handed to another.
    pub(super) fn pass_over(&mut self, process: u32) {
        let Some(free) = &mut self.host.primary else { return };
        free.retain(|other| *other != process);
        for conn in self.people.at_door(process) {
            let door = &mut self.host.doors[process as usize];
            door.queue.retain(|other| *other != conn);
            door.waiting -= 1;
            self.hand_out(conn);
        }
    }
}
