//! The words of each server: options of its command line and settings of its files.
//!
//! Gunicorn's are all that `gunicorn/config.py` (27.0.1) has, Puma's those of `lib/puma/cli.rb` and
//! what `puma.rb` usually has (8.0.2), uvicorn's those of `uvicorn/main.py` (0.54), PHP-FPM's those
//! of `www.conf.in`; of the others those that queueing hangs on.

mod gunicorn;
mod others;
mod ruby;
mod uwsgi;

use self::gunicorn::{GUNICORN, UVICORN};
use self::others::{APACHE, NODE, PHP_FPM, TOMCAT};
use self::ruby::{PASSENGER, PUMA};
use self::uwsgi::UWSGI;
use super::vocabulary::{Unknown, Word};
use crate::model::servers::Name;

/// The words of a server.
pub(super) fn words(name: Name) -> &'static [Word] {
    match name {
        Name::Gunicorn => GUNICORN,
        Name::Puma => PUMA,
        Name::PhpFpm => PHP_FPM,
        Name::Uwsgi => UWSGI,
        Name::Passenger => PASSENGER,
        Name::ApachePrefork => APACHE,
        Name::Tomcat => TOMCAT,
        Name::NodeCluster => NODE,
        Name::Uvicorn => UVICORN,
    }
}

/// What a word means that is not in the table of a server: in its files, and on its command line.
pub(super) fn unknown(name: Name, in_file: bool) -> Unknown {
    match (name, in_file) {
        (Name::ApachePrefork | Name::Tomcat, _) => Unknown::PassOver,
        (Name::Passenger | Name::NodeCluster, true) => Unknown::PassOver,
        (Name::NodeCluster, false) => Unknown::PassOver,
        (Name::Gunicorn | Name::Puma | Name::Uwsgi, true) => Unknown::Tell,
        _ => Unknown::Refuse,
    }
}
