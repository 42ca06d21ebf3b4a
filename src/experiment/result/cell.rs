//! Everything that came out of a cell.

use crate::experiment::result::row::{Measures, Row};
use crate::experiment::run::replications::Batch;
use crate::experiment::run::saturation::Saturation;
use crate::experiment::run::stability::Overload;
use crate::record::RequestRecord;
use crate::theory::Known;

/// What came out of a cell. It has kilobytes, so that many of them are kept in boxes, and a cell that has
/// none yet takes no room.
#[derive(Clone, Debug)]
pub struct CellResult {
    /// The results.
    pub row: Row,
    /// Whether chance has no part in it: then one section says all.
    pub(crate) exact: bool,
    /// Each section's own value of each measure, for comparisons between cells.
    pub sections: Vec<Measures>,
    /// Why it is overloaded, if it is.
    pub(crate) overload: Option<Overload>,
    /// How near it is to its capacity, where arrivals are open.
    pub(crate) saturation: Option<Saturation>,
    /// What theory says of it, where something is known.
    pub(crate) theory: Option<Known>,
    /// The row at the higher load of `--headroom`, where that was asked for.
    pub headroom: Option<Box<Row>>,
    /// All records, in order of request, of an exact story of few requests.
    pub(crate) records: Option<Vec<RequestRecord>>,
    /// What was run; `None` if nothing was.
    pub(crate) batch: Option<Batch>,
    /// Whether the cell was clearly not the answer, so that it was not run to the precision.
    pub out: bool,
    /// Whether it is as far from the best as does not count, or at an objective's limit, as nearly as was looked:
    /// so it is open what it is.
    pub(crate) on_limit: bool,
}
