//! The requests of a log as a trace that `simsrv --trace` takes: each with its arrival, and the CPU
//! and I/O that it took on an idle machine.

use std::fmt::Write as _;

use super::findings::Findings;
use super::scenario_text::MARK;

/// The trace.
///
/// # Errors
/// A sentence, if the log does not have what a trace needs.
pub fn text(findings: &Findings) -> Result<String, String> {
    let service = findings.service.as_ref().map_err(|why| format!("no trace: {why}"))?;
    if !service.timeline {
        return Err("no trace: the stamps of the log are too coarse to replay it".to_owned());
    }
    let share = service.cpu_share;
    let kept = &findings.ledger.kept;
    let of_request = |(request, total, cpu): &(usize, f64, f64)| {
        let cpu = match share {
            None => 0.0,
            Some(_) => cpu.min(*total),
        };
        Some((kept[*request].arrival?, cpu, (total - cpu).max(0.0)))
    };
    let mut all: Vec<(i64, f64, f64)> = service.of.iter().filter_map(of_request).collect();
    all.sort_by_key(|one| one.0);
    let first = all.first().ok_or("no trace: no request has an instant")?.0;
    let mut text = format!("{MARK}: the requests of the log, {} of them; ", all.len());
    let left_out = kept.len() - all.len();
    let _ = writeln!(text, "left out: {left_out} that failed or have no time");
    if share.is_none() {
        text.push_str("# NOT KNOWN: how much is CPU; taken as I/O\n");
    }
    text.push_str("arrival_s,cpu_s,io_s\n");
    for (arrival, cpu, io) in all {
        let after = (arrival - first) as f64 / 1e9;
        let _ = writeln!(text, "{after:.6},{cpu:.6},{io:.6}");
    }
    Ok(text)
}
