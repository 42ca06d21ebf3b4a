//! The few lines for a server's own configuration that log CPU and wall time of every request, in a
//! format that [`formats`](super::formats) reads: CPU and I/O are then known of each request, and
//! nothing has to be inferred.

/// The servers, each with what is to be put where its first lines say.
pub(crate) const SERVERS: [(&str, &str); 4] = [
    ("gunicorn", include_str!("gunicorn.conf.py")),
    ("uvicorn", include_str!("uvicorn.py")),
    ("puma", include_str!("puma.rb")),
    ("php-fpm", include_str!("php-fpm.conf")),
];

/// The lines for a server, if there are any.
pub(crate) fn lines(server: &str) -> Option<&'static str> {
    SERVERS.iter().find(|(name, _)| *name == server).map(|(_, lines)| *lines)
}
