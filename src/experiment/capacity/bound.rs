//! A throughput bound and the resource that sets it.

/// What bounds a server's throughput.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource {
    /// All workers (threads) hold a request.
    Workers,
    /// All cores compute.
    Cores,
    /// Each process computes with one thread, the others wait for its lock.
    Locks,
    /// Neither alone: some workers wait for a core while others hold it idle during I/O.
    Both,
    /// All connections of the pool behind are held.
    Pool,
    /// Neither alone: workers are held while they wait for the pool.
    WorkersAndPool,
}

impl Resource {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Resource::Workers => "workers",
            Resource::Cores => "cores",
            Resource::Locks => "one thread at a time in each worker (the GIL)",
            Resource::Both => "workers and cores together",
            Resource::Pool => "the pool's connections",
            Resource::WorkersAndPool => "workers, held while they wait for the pool",
        }
    }
}

/// The most that a server can answer, and what bounds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// Requests per second.
    pub per_second: f64,
    /// What is used up first.
    pub(crate) bound: Resource,
}
