//! `simsrv serve` on a free port.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use super::http::{self, Answer};

pub struct Server {
    child: Child,
    pub port: u16,
    pub token: String,
}

impl Server {
    pub fn start(arguments: &[&str]) -> Server {
        let mut child = Command::new(env!("CARGO_BIN_EXE_simsrv"))
            .args(["serve", "--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("its output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        let address = line.split_once("://").and_then(|(_, rest)| rest.split_once(':'));
        let digits = address.expect("an address").1;
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let token = line.split_once("#token=").map(|(_, rest)| rest[..32].to_owned());
        Server {
            child,
            port: digits[..end].parse().expect("a port"),
            token: token.unwrap_or_default(),
        }
    }

    pub fn get(&self, path: &str) -> Answer {
        http::ask(self.port, "GET", path, &[&format!("Host: localhost:{}", self.port)], "")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
