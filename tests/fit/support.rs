//! Logs as texts.

use simsrv::fit::ledger::{Ledger, LedgerRequest};
use simsrv::fit::routes::LogRoutes;

/// What a text holds.
pub fn read(text: &str, log_format: Option<&str>) -> Result<Ledger, String> {
    let mut ledger = Ledger::new(LogRoutes::new([])?);
    ledger.read("log", text.as_bytes(), log_format)?;
    Ok(ledger)
}

/// The same of a text that can be read.
#[track_caller]
pub fn ledger(text: &str, log_format: Option<&str>) -> Ledger {
    read(text, log_format).unwrap_or_else(|why| panic!("{why}\n{text}"))
}

/// The only request of a text, and the name of its format.
#[track_caller]
pub fn only(text: &str, log_format: Option<&str>) -> (LedgerRequest, &'static str) {
    let ledger = ledger(text, log_format);
    assert_eq!(ledger.kept.len(), 1, "{text}: {:?}", ledger.skipped);
    (ledger.kept[0], ledger.files[0].format)
}
