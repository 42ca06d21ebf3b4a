//! The page, as a browser sees it and as other programs ask for it. Where there is no browser the
//! tests of [`page`] say so and are skipped; `.ci/browser` installs Debian's.
#![cfg(feature = "serve")]

mod driver;
mod http;
mod page;
mod server;
mod serving;

use std::process::Command;

/// What a command of the page prints as CSV.
fn printed(command: &str) -> String {
    let words = shlex::split(command).expect("a command");
    let program = Command::new(env!("CARGO_BIN_EXE_simsrv"))
        .args(&words[1..])
        .args(["--format", "csv"])
        .output()
        .expect("the program starts");
    assert!(program.status.success(), "{}", String::from_utf8_lossy(&program.stderr));
    String::from_utf8(program.stdout).expect("text")
}

/// A CSV without its comments.
fn bare(csv: &str) -> String {
    csv.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n")
}
