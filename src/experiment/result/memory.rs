//! What a row says of memory: how much is needed, and whether that is there.

use crate::experiment::result::row::{Estimate, Flag, Measure, Row};
use crate::model::{Model, Server};
use crate::stats::tally::Tally;

/// Writes into a row what its processes need, or, where they grow, the most that they took in any
/// run; and whether they fit.
pub(crate) fn tell(model: &Model, sections: &[Tally], row: &mut Row) {
    let server = model.server();
    let Some(memory) = server.memory else { return };
    let needed = memory.needed(server.workers, server.threads);
    let most = sections.iter().map(|tally| tally.memory).max().unwrap_or(0);
    row.measures.set(Measure::Memory, Estimate::exact(needed.max(most) as f64));
    if !fits(model) {
        row.flags.insert(0, Flag::OverMemory);
    }
}

/// Whether the processes of a cell fit, before any has grown; so does what nobody asks about.
pub(crate) fn fits(model: &Model) -> bool {
    let server = model.server();
    server.memory.is_none_or(|memory| memory.fits(server.workers, server.threads))
}

impl Row {
    /// Whether its processes fit into the memory.
    pub(crate) fn fits(&self) -> bool {
        !self.flags.contains(&Flag::OverMemory)
    }
}

/// Requests that a worker serves, more or less, before it is killed because memory ran out;
/// `None` if none ever is. The largest of n workers that grow alike, and of which one after another
/// is killed, has grown by 2 R / (n + 1) when the room R is used up: the others have grown by
/// (n - 1)/n, ..., 1/n of that.
pub(crate) fn requests_of_a_life(server: &Server) -> Option<f64> {
    let memory = server.memory.filter(|memory| memory.kills(server.workers, server.threads))?;
    let room = memory.room(server.workers, server.threads)? as f64;
    let largest = 2.0 * room / (f64::from(server.workers) + 1.0);
    Some((largest / memory.leak.bytes() as f64).max(1.0))
}
