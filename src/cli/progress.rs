//! A bar on standard error while cells are simulated, if somebody looks.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over so many cells; hidden if nobody looks or quiet was asked for.
pub(super) fn bar(cells: usize, quiet: bool) -> ProgressBar {
    if quiet || cells < 2 || !stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} cells, {eta} left");
    let bar = ProgressBar::new(cells as u64);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
