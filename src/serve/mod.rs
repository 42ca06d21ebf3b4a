//! `simsrv serve`: the page over HTTP, on loopback unless other machines are let in with a token.
//!
//! - `guard`: who may ask: method, host, origin, token; and the headers of every answer;
//! - `lanes`: how many questions run at once, how long, and how they end when the page has gone;
//! - `routes`: what may be asked.
//!
//! Asking changes nothing: every question is a GET (a log, which is read and forgotten, a POST), no
//! request names a file, and nothing is kept.

pub(crate) mod guard;
mod lanes;
mod routes;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;

use self::guard::{Guard, Visitors};
use self::lanes::Lanes;

/// How often the end is looked for.
const TICK: Duration = Duration::from_millis(50);

/// How to serve.
#[derive(Clone, Copy, Debug)]
pub struct ServeSettings {
    /// The port; 0 takes a free one.
    pub port: u16,
    /// Whether other machines may ask, with a token.
    pub remote: bool,
    /// Threads that simulate.
    pub jobs: usize,
    /// How long a question runs at most: what is finished then is shown.
    pub longest: Duration,
}

/// Serves until `stop` is set. `ready` gets the address of the page once it can be opened.
///
/// # Errors
/// The port cannot be had, or the system has no random numbers for a token.
pub fn run(settings: ServeSettings, stop: &AtomicBool, ready: impl FnOnce(&str)) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let lanes = Lanes::new(settings.jobs, settings.longest);
    runtime.block_on(async {
        let all = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let ip = if settings.remote { all } else { IpAddr::V4(Ipv4Addr::LOCALHOST) };
        let listener = TcpListener::bind(SocketAddr::new(ip, settings.port)).await?;
        let port = listener.local_addr()?.port();
        let (visitors, address) = if settings.remote {
            let token = guard::token()?;
            let address = format!("http://{}:{port}/#token={token}", own_address());
            (Visitors::Token(token), address)
        } else {
            (Visitors::Loopback, format!("http://{ip}:{port}/"))
        };
        let app = routes::router(Arc::new(Guard { visitors, port }), Arc::new(lanes));
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        ready(&address);
        while !stop.load(Ordering::Relaxed) && !server.is_finished() {
            tokio::time::sleep(TICK).await;
        }
        // Questions that still run are dropped with their connections, which ends them.
        server.abort();
        Ok(())
    })
}

/// The address by which other machines are likely to reach this one: that of the way out. No packet
/// is sent: to connect a UDP socket chooses the way and nothing more (`man 7 udp`).
fn own_address() -> IpAddr {
    // An address of documentation (RFC 5737) stands for any that is far away.
    let far = (Ipv4Addr::new(192, 0, 2, 1), 9);
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0));
    let way = socket.and_then(|socket| socket.connect(far).and_then(|()| socket.local_addr()));
    way.map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip())
}
