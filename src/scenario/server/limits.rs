//! Limits of a container or a unit, as options: CPUs are a quota, replicas are hosts.

use crate::servers::words::{Does, Said, ServerWord, as_is, never, unquoted, whole, with};

/// The words of limits, each of one kind of file.
pub(super) const WORDS: &[ServerWord] = &[
    with(&["cpus"], Does::Special("cores", cpus, cores)),
    with(&["cpu-quota"], Does::Special("cores", percent, never)),
    with(&["memory"], Does::Special("memory", kubernetes, never)),
    with(&["compose-memory"], Does::Special("memory", binary, never)),
    with(&["memory-max"], Does::Special("memory", binary, never)),
    with(&["replicas"], Does::Special("hosts", replicas, as_is)),
];

/// Cores of the machine beneath a quota if nothing is said (`--machine-cores`).
const MACHINE: f64 = 8.0;

/// A share of the CPU time of each 100 ms (`kernel/sched/fair.c`, `default_cfs_period`; Compose and
/// Kubernetes use the same).
fn quota(cores: f64) -> Result<Vec<Said>, String> {
    if !(cores.is_finite() && cores >= 0.001) {
        return Err("a quota must be at least a thousandth of a core".to_owned());
    }
    let mut said = vec![
        ("cores", format!("{}", (cores * 1000.0).round() / 1000.0)),
        ("quota-period", "100ms".to_owned()),
    ];
    if cores > MACHINE {
        said.push(("machine-cores", format!("{:.0}", cores.ceil())));
    }
    Ok(said)
}

fn cpus(text: &str) -> Result<Vec<Said>, String> {
    let text = unquoted(text);
    let wrong = |_| format!("'{text}' is not a number of CPUs");
    match text.strip_suffix('m') {
        Some(millis) => quota(millis.parse::<f64>().map_err(wrong)? / 1000.0),
        None => quota(text.parse().map_err(wrong)?),
    }
}

/// As many millicores or cores.
fn cores(value: &str) -> Option<String> {
    value.trim_end_matches('m').parse::<f64>().is_ok().then(|| value.to_owned())
}

/// `CPUQuota=50%`.
fn percent(text: &str) -> Result<Vec<Said>, String> {
    let number = unquoted(text).strip_suffix('%').and_then(|text| text.trim().parse::<f64>().ok());
    quota(number.ok_or_else(|| format!("'{text}' is not a share such as 50%"))? / 100.0)
}

/// Kubernetes: `Mi` and `Gi` are powers of 1024, `M` and `G` of 1000.
fn kubernetes(text: &str) -> Result<Vec<Said>, String> {
    let text = unquoted(text);
    let at = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let unit = match unit {
        "Ki" | "Mi" | "Gi" => unit.trim_end_matches('i').to_owned(),
        "k" => "KB".to_owned(),
        "M" | "G" => format!("{unit}B"),
        "" => "B".to_owned(),
        _ => return Err(format!("'{text}' is not a size that is known here")),
    };
    Ok(vec![("memory", format!("{number}{unit}"))])
}

/// Compose and systemd: `m` and `g` are powers of 1024 (`mb` and `gb` too).
fn binary(text: &str) -> Result<Vec<Said>, String> {
    let text = unquoted(text).to_ascii_uppercase();
    if text == "INFINITY" {
        return Ok(Vec::new());
    }
    let at = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let unit = match unit.trim_end_matches('B') {
        "" => "B",
        letter @ ("K" | "M" | "G") => letter,
        _ => return Err(format!("'{text}' is not a size that is known here")),
    };
    Ok(vec![("memory", format!("{number}{unit}"))])
}

fn replicas(text: &str) -> Result<Vec<Said>, String> {
    let hosts = whole(text, 1)?;
    Ok(if hosts == "1" { Vec::new() } else { vec![("hosts", hosts)] })
}
