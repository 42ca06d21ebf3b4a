//! A primary process that takes every connection at once and hands it to the processes in turn, as
//! Node's cluster does (`lib/internal/cluster/round_robin_handle.js`): a process is in the list of
//! the free until it is handed a connection, and again as soon as it has accepted it, whether or not
//! it still works on others. While no process is free, connections wait at the primary.
//!
//! Each process has a listener of its own, where the one connection waits that it has been handed;
//! the last listener is the primary's.

use super::Engine;
use super::connections::ConnectionStage;
use super::policies::Policies;
use crate::record::Sink;
use crate::source::Source;

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// A connection comes to the primary of its host.
    pub(super) fn hand_out(&mut self, conn: u32) {
        let host = self.connections.conn(conn).host;
        let free = self.hosts.primary(host).and_then(std::collections::VecDeque::pop_front);
        let own = free.map(|process| self.hosts.listener_of(process));
        let listener = own.unwrap_or_else(|| self.hosts.primary_listener(host));
        self.connections.conn_mut(conn).listener = listener;
        self.join(conn);
    }

    /// A process has accepted the connection that it was handed (or its client has left): it is
    /// handed the next, or is free.
    #[inline]
    pub(super) fn on_accepted(&mut self, process: u32) {
        let (host, _) = self.hosts.place_of(process);
        if self.hosts.primary(host).is_none() {
            return;
        }
        let listener = self.hosts.listener_of(process);
        if !self.listens(process) || self.hosts.listeners[listener as usize].waiting > 0 {
            return;
        }
        if let Some(conn) = self.next_at_primary(host) {
            self.connections.conn_mut(conn).listener = listener;
            self.join(conn);
        } else if let Some(free) = self.hosts.primary(host)
            && !free.contains(&process)
        {
            free.push_back(process);
        }
    }

    /// Removes the connection that has waited longest at the primary of a host.
    fn next_at_primary(&mut self, host: u32) -> Option<u32> {
        let listener = self.hosts.primary_listener(host);
        loop {
            let conn = self.hosts.listeners[listener as usize].queue.pop()?;
            if self.connections.conn(conn).stage == ConnectionStage::Queued {
                self.hosts.listeners[listener as usize].waiting -= 1;
                return Some(conn);
            }
            self.connections.remove_connection(conn);
        }
    }

    /// A process ends: it is handed no more connections, and those that wait for it go to another.
    pub(super) fn deregister(&mut self, process: u32) {
        let (host, _) = self.hosts.place_of(process);
        let Some(free) = self.hosts.primary(host) else { return };
        free.retain(|other| *other != process);
        let number = self.hosts.listener_of(process);
        for conn in self.connections.at_listener(number) {
            let listener = &mut self.hosts.listeners[number as usize];
            listener.queue.remove(conn);
            listener.waiting -= 1;
            self.hand_out(conn);
        }
    }
}
