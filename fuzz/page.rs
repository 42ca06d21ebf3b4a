//! What a page sends: questions, and requests of HTTP.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::AtomicBool;
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use simsrv::experiment::Cell;
use simsrv::experiment::row::Stability;
use simsrv::page::question::PageQuestion;
use simsrv::page::stages::QuestionStage;
use simsrv::page::{derived, motion};
use simsrv::serve::{self, ServeSettings};

use super::models::here;
use super::text;

/// The most requests that are simulated here, and the most cells, workers and clients of a question that
/// is more than read.
const MOST: u128 = 500;
const MOST_CELLS: usize = 12;
const MOST_AT_ONCE: u32 = 50;

/// Options as lines `NAME=VALUE`.
pub fn question(bytes: &[u8]) {
    let pairs = text(bytes).lines().filter_map(|line| line.split_once('='));
    let question = match PageQuestion::read(pairs) {
        Ok(question) => question,
        Err(problem) => return assert!(problem.to_string().len() > 10, "{problem}"),
    };
    let small = |cell: &Cell| {
        let clients = cell.axes.clients.unwrap_or(0);
        cell.model.server().slots().max(clients) <= MOST_AT_ONCE
    };
    if question.plan().cells.len() <= MOST_CELLS && question.plan().cells.iter().all(small) {
        here(|| asked(&question, bytes.len() % 3));
    }
}

/// What a page does with a question: what is beside it, its stages, and a short run of its first cell.
fn asked(question: &PageQuestion, cell: usize) {
    let _ = derived::map(question);
    let _ = derived::load(question, cell);
    for number in 0..3 {
        let _ = QuestionStage::of(question, number);
    }
    let Ok(one) = derived::one(question, 0) else { return };
    let short = [("requests", "3".to_owned()), ("replications", "2".to_owned())];
    if let Ok(short) = one.with(&short)
        && short.plan().least_requests().is_some_and(|least| least <= MOST)
    {
        let stop = AtomicBool::new(false);
        let stage = QuestionStage { question: short, number: 2, last: true };
        let results = stage.run(&stop);
        // Of an overloaded server they come after millions of others.
        if results.rows().all(|row| row.stability != Stability::No) {
            motion::document(&one.plan().cells[0], one.plan().settings.seed, 50, &stop);
        }
    }
}

/// How long a question is let run: what is finished then is shown, as after a minute of the command.
const LONGEST: Duration = Duration::from_millis(2);

/// The port of a server that serves as long as the process.
fn port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    static STOP: AtomicBool = AtomicBool::new(false);
    *PORT.get_or_init(|| {
        let (ready, address) = mpsc::channel();
        std::thread::spawn(move || {
            let settings = ServeSettings { port: 0, remote: false, jobs: 1, longest: LONGEST };
            let told = |address: &str| ready.send(address.to_owned()).expect("a listener");
            serve::run(settings, &STOP, told).expect("a server");
        });
        let address = address.recv().expect("an address");
        let port = address.trim_end_matches('/').rsplit(':').next().expect("a port");
        port.parse().expect("a port")
    })
}

thread_local! {
    static CONNECTION: RefCell<Option<BufReader<TcpStream>>> = const { RefCell::new(None) };
}

/// The first line is method and path, then come headers until an empty line, then the body. An answer
/// that takes long is not waited for: the run of a page that has gone ends.
pub fn http(bytes: &[u8]) {
    let head = bytes.windows(2).position(|two| two == b"\n\n").unwrap_or(bytes.len());
    let body = bytes.get(head + 2..).unwrap_or_default();
    let mut lines = bytes[..head].split(|byte| *byte == b'\n');
    let mut sent = lines.next().unwrap_or_default().to_vec();
    sent.extend_from_slice(b" HTTP/1.1\r\n");
    let framing = ["content-length", "transfer-encoding", "connection", "expect", "upgrade"];
    let frames = |line: &[u8]| {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let name = String::from_utf8_lossy(name).trim().to_ascii_lowercase();
        framing.contains(&&name[..])
    };
    for line in lines.filter(|line| !frames(line)) {
        let host = String::from_utf8_lossy(line).replace("PORT", &port().to_string());
        let whole = if host.contains(&port().to_string()) { host.as_bytes() } else { line };
        sent.extend_from_slice(whole);
        sent.extend_from_slice(b"\r\n");
    }
    sent.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
    sent.extend_from_slice(body);
    let headless = sent.starts_with(b"HEAD ");
    CONNECTION.with_borrow_mut(|kept| {
        if kept.is_none() {
            check_alive();
        }
        let stream = kept.get_or_insert_with(connection);
        match stream.get_mut().write_all(&sent).and_then(|()| answer(stream, headless)) {
            Ok(true) => {}
            Ok(false) | Err(_) => *kept = None,
        }
    });
}

fn connection() -> BufReader<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port())).expect("the server listens");
    stream.set_nodelay(true).expect("an option");
    stream.set_read_timeout(Some(Duration::from_millis(100))).expect("an option");
    BufReader::new(stream)
}

/// Whether the server still answers.
fn check_alive() {
    let mut stream = connection();
    stream.get_mut().set_read_timeout(Some(Duration::from_secs(20))).expect("an option");
    let port = port();
    let sent = format!("GET /api/none HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    stream.get_mut().write_all(sent.as_bytes()).expect("sent");
    let mut status = String::new();
    stream.read_line(&mut status).expect("the server answers");
    assert!(status.starts_with("HTTP/1.1 404"), "{status}");
}

/// Reads an answer, perhaps without a body; whether the connection can be used again.
fn answer(stream: &mut BufReader<TcpStream>, headless: bool) -> std::io::Result<bool> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_until(b'\n', &mut head)? == 0 {
            return Ok(false);
        }
    }
    let head = String::from_utf8(head).expect("a head is text").to_ascii_lowercase();
    let status = head.split(' ').nth(1).and_then(|text| text.parse::<u16>().ok());
    let status = status.expect("a status");
    assert!(status < 500 || status == 503, "{head}");
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
    let length = field("content-length: ").and_then(|text| text.parse().ok());
    let Some(length) = length.filter(|_| field("connection: close").is_none()) else {
        return Ok(false);
    };
    // What is not of the protocol is refused before the page is asked.
    let own = field("x-content-type-options: nosniff").is_some();
    assert!(own || status == 400 || status == 414 || status == 431, "{head}");
    let mut body = vec![0; if headless { 0 } else { length }];
    let body = stream.read_exact(&mut body).map(|()| body);
    Ok(body.is_ok())
}
