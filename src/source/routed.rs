//! Which route a request is of.

use rand::RngExt;

use crate::model::Mix;
use crate::random::Stream;

/// Draws routes by their shares.
#[derive(Debug)]
pub(super) struct RouteDraw {
    /// Where the part of each route ends, in order.
    ends: Vec<f64>,
}

impl RouteDraw {
    /// Of a mix.
    pub(super) fn new(mix: &Mix) -> Self {
        let mut end = 0.0;
        let ends = mix.kinds().iter().map(|kind| {
            end += kind.share;
            end
        });
        RouteDraw { ends: ends.collect() }
    }

    /// The route of the next request of a stream, from 0.
    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> u16 {
        let drawn = stream.random::<f64>();
        let route = self.ends.partition_point(|end| *end <= drawn);
        // The sum of the shares may lie below 1 by a rounding.
        route.min(self.ends.len() - 1) as u16
    }
}
