//! From logs to figures: every format, the service times of recorded runs, models of few figures.

mod few_figures;
mod formats;
mod predictions;
mod recordings;
mod support;
