//! The balancer: it assigns a host to each attempt of a client when the client connects; a SYN that is
//! sent again goes to the same host.

use super::Engine;
use super::draws::RandomDraws;
use super::policies::Policies;
use crate::model::Runtime;
use crate::model::runtime::Balance;
use crate::random::Purpose;
use crate::record::Sink;
use crate::source::Source;

/// The state of a balancer: the attempts that are outstanding.
#[derive(Debug)]
pub(super) struct Balancer {
    balance: Balance,
    /// Attempts of each host that have not ended.
    outstanding: Vec<u32>,
    /// The host that was chosen last.
    last: u32,
}

impl Balancer {
    pub(crate) fn new(runtime: &Runtime) -> Self {
        let hosts = runtime.hosts();
        Balancer {
            balance: runtime.cluster.map_or(Balance::RoundRobin, |front| front.balance),
            outstanding: vec![0; hosts as usize],
            last: hosts - 1,
        }
    }

    /// The host of a new attempt.
    #[inline]
    fn assign(&mut self, random: RandomDraws, lane: u64) -> u32 {
        let host = if self.outstanding.len() == 1 { 0 } else { self.choose(random, lane) };
        self.last = host;
        self.outstanding[host as usize] += 1;
        host
    }

    /// An attempt at a host has ended.
    #[inline]
    fn ended(&mut self, host: u32) {
        self.outstanding[host as usize] -= 1;
    }

    fn choose(&self, random: RandomDraws, lane: u64) -> u32 {
        let hosts = self.outstanding.len() as u32;
        let outstanding = |host: &u32| self.outstanding[*host as usize];
        let mut draw = random.draws(Purpose::Balance, lane);
        match self.balance {
            Balance::RoundRobin => (self.last + 1) % hosts,
            Balance::Random { draws } => {
                let drawn = (0..draws).map(|_| draw(hosts));
                drawn.min_by_key(outstanding).unwrap_or(0)
            }
            Balance::LeastConnections => {
                let round = (1..=hosts).map(|step| (self.last + step) % hosts);
                round.min_by_key(outstanding).unwrap_or(0)
            }
            Balance::PowerOfTwo => {
                let first = draw(hosts);
                let second = draw(hosts - 1);
                let second = second + u32::from(second >= first);
                if outstanding(&second) < outstanding(&first) { second } else { first }
            }
            Balance::JoinIdle => {
                let mut idle = (0..hosts).filter(|host| outstanding(host) == 0);
                match idle.clone().count() as u32 {
                    0 => draw(hosts),
                    count => idle.nth(draw(count) as usize).unwrap_or(0),
                }
            }
        }
    }
}

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// Assigns a connection to a host.
    #[inline]
    pub(super) fn assign(&mut self, conn: u32) {
        let host = self.balancer.assign(self.random, self.connections.conn(conn).lane);
        self.connections.conn_mut(conn).host = host;
    }

    /// Nobody waits any more for what a connection was to bring: it was answered, it failed, or its
    /// client went, and then the balancer too lets remove_request (nginx `proxy_ignore_client_abort
    /// off`), whatever the host still does.
    #[inline]
    pub(super) fn release(&mut self, conn: u32) {
        if P::ONE_QUEUE {
            return;
        }
        self.balancer.ended(self.connections.conn(conn).host);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::runtime::{Class, Cluster};
    use crate::random::{Replication, Seed};

    const CHANCE: RandomDraws = RandomDraws { seed: Seed(1), replication: Replication(0) };

    fn balancer(hosts: u32, balance: Balance) -> Balancer {
        let front = Some(Cluster { hosts, balance });
        Balancer::new(&Runtime { cluster: front, ..Runtime::neutral(Class::Sync) })
    }

    /// From the first, in turn, whatever has ended.
    #[test]
    fn round_robin_goes_round() {
        let mut balancer = balancer(3, Balance::RoundRobin);
        let hosts: Vec<u32> = (0..4).map(|lane| balancer.assign(CHANCE, lane)).collect();
        assert_eq!(hosts, [0, 1, 2, 0]);
        balancer.ended(2);
        assert_eq!(balancer.assign(CHANCE, 4), 1);
    }

    /// All tie: 0, 1, 2. Then 1 ends and has fewest. Then 0, 1, 2 have one each, and the next after
    /// the last, which was 1, is 2; then 0 and 1 tie below 2, and the next after 2 is 0.
    #[test]
    fn of_those_that_tie_the_next_after_the_last_is_chosen() {
        let mut balancer = balancer(3, Balance::LeastConnections);
        let assign = |balancer: &mut Balancer| balancer.assign(CHANCE, 0);
        assert_eq!([0; 3].map(|_| assign(&mut balancer)), [0, 1, 2]);
        balancer.ended(1);
        assert_eq!([0; 3].map(|_| assign(&mut balancer)), [1, 2, 0]);
    }

    /// The share of choices that meet the busiest of four hosts, in 40,000: a blind one 1/4; the
    /// less busy of two different ones never; of two that may be the same one 1/16; a standard
    /// error is at most 0.0022, the bound is 5 of these. An idle host is always found.
    #[test]
    fn draws_meet_the_busiest_host_as_often_as_they_should() {
        let shares = [
            (Balance::RANDOM, 0.25),
            (Balance::Random { draws: 2 }, 1.0 / 16.0),
            (Balance::PowerOfTwo, 0.0),
            (Balance::JoinIdle, 0.0),
        ];
        for (balance, share) in shares {
            let mut balancer = balancer(4, balance);
            balancer.outstanding = vec![0, 1, 3, 2];
            let chosen: Vec<u32> = (0..40_000).map(|lane| balancer.choose(CHANCE, lane)).collect();
            let met = chosen.iter().filter(|host| **host == 2).count() as f64 / 40_000.0;
            assert!((met - share).abs() < 0.011, "{balance}: {met}");
            let idle = chosen.iter().filter(|host| **host == 0).count() as f64 / 40_000.0;
            let least = match balance {
                Balance::RANDOM => 0.25,
                Balance::JoinIdle => 1.0,
                // Whenever it is among the two: 1/2, or 1 - (3/4)^2.
                Balance::PowerOfTwo => 0.5,
                _ => 7.0 / 16.0,
            };
            assert!((idle - least).abs() < 0.0125, "{balance}: {idle}");
        }
    }

    /// Two different hosts that tie: all are chosen alike, 10,000 of 40,000 with a standard error
    /// of 87; so are idle ones.
    #[test]
    fn ties_of_random_are_even() {
        for balance in [Balance::PowerOfTwo, Balance::Random { draws: 2 }, Balance::JoinIdle] {
            let balancer = balancer(4, balance);
            let mut counts = [0i32; 4];
            (0..40_000).for_each(|lane| counts[balancer.choose(CHANCE, lane) as usize] += 1);
            assert!(counts.iter().all(|n| (n - 10_000).abs() < 435), "{balance}: {counts:?}");
        }
    }
}
