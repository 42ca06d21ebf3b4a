//! The page: what `simsrv serve` shows and what `--report` writes into one file. It opens no file
//! and no connection; every number on it comes from the same rows, and is rounded by the same
//! functions, as what the command prints.
//!
//! - [`question`]: options by name, read as data, never as paths, within limits;
//! - [`stages`]: one question as a coarse run, a finer one and the one that was asked;
//! - [`derived`]: the questions beside it: workers over cores, load against latency;
//! - `document`: results as the page reads them;
//! - [`fitted`]: a log as a question;
//! - `presets`: questions to begin with;
//! - [`motion`]: one replication, request by request and phase by phase;
//! - `assets`, `report`: the files of the page, and all of them in one;
//! - `texts`: a fit or a validation as one file.

pub(crate) mod assets;
pub mod derived;
pub(crate) mod document;
pub mod fitted;
pub mod motion;
pub(crate) mod presets;
pub mod question;
pub(crate) mod report;
pub mod stages;
pub(crate) mod texts;
