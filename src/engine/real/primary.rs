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
    /// A connection comes to the primary of its host.
    pub(super) fn hand_out(&mut self, conn: u32) {
        let host = self.people.conn(conn).host;
        let free = self.hosts.primary(host).and_then(std::collections::VecDeque::pop_front);
        let own = free.map(|process| self.hosts.door_of(process));
        let door = own.unwrap_or_else(|| self.hosts.primary_door(host));
        self.people.conn_mut(conn).door = door;
        self.join(conn);
    }

    /// A process has taken what it was handed (or that has gone): it is handed the next, or is free.
    pub(super) fn taken_over(&mut self, process: u32) {
        let (host, _) = self.hosts.place_of(process);
        if self.hosts.primary(host).is_none() {
            return;
        }
        let door = self.hosts.door_of(process);
        if !self.listens(process) || self.hosts.doors[door as usize].waiting > 0 {
            return;
        }
        if let Some(conn) = self.next_at_primary(host) {
            self.people.conn_mut(conn).door = door;
            self.join(conn);
        } else if let Some(free) = self.hosts.primary(host)
            && !free.contains(&process)
        {
            free.push_back(process);
        }
    }

    /// Whoever has waited longest at the primary of a host.
    fn next_at_primary(&mut self, host: u32) -> Option<u32> {
        let door = self.hosts.primary_door(host);
        loop {
            let conn = self.hosts.doors[door as usize].queue.pop_front()?;
            if self.people.conn(conn).stage == Stage::Queued {
                self.hosts.doors[door as usize].waiting -= 1;
                return Some(conn);
            }
            self.people.close(conn);
        }
    }

    /// A process ends: it is handed nothing any more, and what waits for it is handed to another.
    pub(super) fn pass_over(&mut self, process: u32) {
        let (host, _) = self.hosts.place_of(process);
        let Some(free) = self.hosts.primary(host) else { return };
        free.retain(|other| *other != process);
        let number = self.hosts.door_of(process);
        for conn in self.people.at_door(number) {
            let door = &mut self.hosts.doors[number as usize];
            door.queue.retain(|other| *other != conn);
            door.waiting -= 1;
            self.hand_out(conn);
        }
    }
}
