//! The balancer: which host a client's attempt is given to. It chooses when the client connects, for
//! each attempt anew; a SYN that is sent again goes to the same host.

use super::Real;
use super::chance::Chance;
use crate::model::Practice;
use crate::model::practice::Balance;
use crate::random::Purpose;
use crate::source::Source;
use crate::tick::Fine;
use crate::visit::Sink;

/// What a balancer knows: what it has given.
#[derive(Debug)]
pub(super) struct Balancer {
    balance: Balance,
    /// Attempts that each host has been given and that have not ended.
    given: Vec<u32>,
    /// The host that was chosen last.
    last: u32,
}

impl Balancer {
    pub fn new(practice: &Practice) -> Self {
        let hosts = practice.hosts();
        Balancer {
            balance: practice.front.map_or(Balance::RoundRobin, |front| front.balance),
            given: vec![0; hosts as usize],
            last: hosts - 1,
        }
    }

    /// The host of an attempt, which counts as given.
    fn give(&mut self, chance: Chance, lane: u64) -> u32 {
        let host = if self.given.len() == 1 { 0 } else { self.choose(chance, lane) };
        self.last = host;
        self.given[host as usize] += 1;
        host
    }

    /// An attempt that was given to a host has ended.
    fn ended(&mut self, host: u32) {
        self.given[host as usize] -= 1;
    }

    fn choose(&self, chance: Chance, lane: u64) -> u32 {
        let hosts = self.given.len() as u32;
        let given = |host: &u32| self.given[*host as usize];
        let mut draw = chance.draws(Purpose::Balance, lane);
        match self.balance {
            Balance::RoundRobin => (self.last + 1) % hosts,
            Balance::Random { draws } => {
                let drawn = (0..draws).map(|_| draw(hosts));
                drawn.min_by_key(given).unwrap_or(0)
            }
            Balance::LeastConnections => {
                let round = (1..=hosts).map(|step| (self.last + step) % hosts);
                round.min_by_key(given).unwrap_or(0)
            }
            Balance::PowerOfTwo => {
                let first = draw(hosts);
                let second = draw(hosts - 1);
                let second = second + u32::from(second >= first);
                if given(&second) < given(&first) { second } else { first }
            }
            Balance::JoinIdle => {
                let mut idle = (0..hosts).filter(|host| given(host) == 0);
                match idle.clone().count() as u32 {
                    0 => draw(hosts),
                    count => idle.nth(draw(count) as usize).unwrap_or(0),
                }
            }
        }
    }
}

impl<S: Source<Fine>, K: Sink> Real<'_, S, K> {
    /// A connection is given to a host.
    pub(super) fn give(&mut self, conn: u32) {
        let host = self.balancer.give(self.chance, self.people.conn(conn).lane);
        self.people.conn_mut(conn).host = host;
    }

    /// Nobody waits any more for what a connection was to bring: it was answered, it failed, or its
    /// client went, and then the balancer too lets go (nginx `proxy_ignore_client_abort off`),
    /// whatever the host still does.
    pub(super) fn given_ends(&mut self, conn: u32) {
        self.balancer.ended(self.people.conn(conn).host);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::practice::{Class, Front};
    use crate::random::{Replication, Seed};

    const CHANCE: Chance = Chance { seed: Seed(1), replication: Replication(0) };

    fn balancer(hosts: u32, balance: Balance) -> Balancer {
        let front = Some(Front { hosts, balance });
        Balancer::new(&Practice { front, ..Practice::neutral(Class::Sync) })
    }

    /// From the first, in turn, whatever has ended.
    #[test]
    fn round_robin_goes_round() {
        let mut balancer = balancer(3, Balance::RoundRobin);
        let hosts: Vec<u32> = (0..4).map(|lane| balancer.give(CHANCE, lane)).collect();
        assert_eq!(hosts, [0, 1, 2, 0]);
        balancer.ended(2);
        assert_eq!(balancer.give(CHANCE, 4), 1);
    }

    /// All tie: 0, 1, 2. Then 1 ends and has fewest. Then 0, 1, 2 have one each, and the next after
    /// the last, which was 1, is 2; then 0 and 1 tie below 2, and the next after 2 is 0.
    #[test]
    fn of_those_that_tie_the_next_after_the_last_is_chosen() {
        let mut balancer = balancer(3, Balance::LeastConnections);
        let give = |balancer: &mut Balancer| balancer.give(CHANCE, 0);
        assert_eq!([0; 3].map(|_| give(&mut balancer)), [0, 1, 2]);
        balancer.ended(1);
        assert_eq!([0; 3].map(|_| give(&mut balancer)), [1, 2, 0]);
    }

    /// The share of choices that meet the busiest of four hosts, in 40,000: a blind one 1/4; the less
    /// busy of two different ones never; of two that may be the same one 1/16; a standard error is at most
    /// 0.0022, the bound is 5 of these. An idle host is always found.
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
            balancer.given = vec![0, 1, 3, 2];
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
    fn ties_of_chance_are_even() {
        for balance in [Balance::PowerOfTwo, Balance::Random { draws: 2 }, Balance::JoinIdle] {
            let balancer = balancer(4, balance);
            let mut counts = [0i32; 4];
            (0..40_000).for_each(|lane| counts[balancer.choose(CHANCE, lane) as usize] += 1);
            assert!(counts.iter().all(|n| (n - 10_000).abs() < 435), "{balance}: {counts:?}");
        }
    }
}
