//! Closed clients and unlimited workers: shared cores, I/O and thinking.
//!
//! The classic of capacity planning: N clients, each thinking, then asking for CPU and I/O, with
//! nobody ever waiting for a worker. Exact mean value analysis gives the same numbers; the sum
//! over the product form, term by term, keeps its digits where load-dependent MVA loses them.

use super::capacity::cores_and_delay;
use super::{Result, not_negative};

/// What closed clients see in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosedClients {
    /// Answers per second.
    pub throughput: f64,
    /// `E[response]` in seconds.
    pub response_mean: f64,
    /// Time average of requests on the cores.
    pub mean_on_cpu: f64,
    /// `E[time on the cores]`, sharing included, in seconds.
    pub cpu_response_mean: f64,
    /// Mean share of the cores that is busy.
    pub core_utilisation: f64,
    /// L: the time average of requests in the system.
    pub(crate) mean_in_system: f64,
}

/// `clients` clients that think for `think_mean` seconds on average; times are means in seconds.
///
/// Condition: at least as many workers as clients; the distributions of think time, CPU and I/O are
/// free (but not all constant). Source: Baskett, Chandy, Muntz & Palacios (1975), J. ACM 22:248;
/// Reiser & Lavenberg (1980), J. ACM 27:313.
///
/// # Errors
/// No clients, no time at all, or a parameter out of range.
pub fn closed_clients(
    clients: usize,
    think_mean: f64,
    cores: f64,
    cpu_mean: f64,
    io_mean: f64,
) -> Result<ClosedClients> {
    not_negative("the time to think", think_mean)?;
    not_negative("the I/O", io_mean)?;
    let network = cores_and_delay(clients, cores, cpu_mean, io_mean + think_mean)?;
    let cpu_response_mean = network.mean_on_cpu / network.throughput;
    let response_mean = cpu_response_mean + io_mean;
    Ok(ClosedClients {
        throughput: network.throughput,
        response_mean,
        mean_on_cpu: network.mean_on_cpu,
        cpu_response_mean,
        core_utilisation: network.core_utilisation,
        mean_in_system: network.throughput * response_mean,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clients_by_hand() {
        // one core, CPU 1, think 1: p(n on the core) ~ 1/2, 1, 1
        let got = closed_clients(2, 1.0, 1.0, 1.0, 0.0).unwrap();
        assert!((got.throughput - 0.8).abs() < 1e-15);
        assert!((got.response_mean - 1.5).abs() < 1e-15);
        assert!((got.mean_in_system - 1.2).abs() < 1e-15);
    }
}
