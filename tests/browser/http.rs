//! HTTP/1.1 as far as the tests need it: one request on one connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// Status, headers as they came, and the body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: String,
    pub body: String,
}

/// Sends a request with the headers as given, and reads the whole answer.
pub fn ask(port: u16, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    let length = body.len();
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    headers.iter().for_each(|header| text += &format!("{header}\r\n"));
    text += &format!("Content-Length: {length}\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).expect("sent");
    read(BufReader::new(stream))
}

fn read(mut stream: BufReader<TcpStream>) -> Answer {
    let mut headers = String::new();
    while !headers.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut headers).expect("a line") > 0, "cut off: {headers}");
    }
    let status = headers.split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status");
    let length = headers.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = Vec::new();
    match length {
        Some(length) => {
            body.resize(length, 0);
            stream.read_exact(&mut body).expect("a body");
        }
        None => drop(stream.read_to_end(&mut body).expect("a body")),
    }
    Answer { status, headers, body: String::from_utf8(body).expect("text") }
}
