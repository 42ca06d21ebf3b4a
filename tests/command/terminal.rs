//! A terminal that tests hold the other end of, and what the program does on one.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{folder, program};

/// A pseudo-terminal.
pub struct Terminal {
    slave: String,
    said: Receiver<Vec<u8>>,
}

impl Terminal {
    pub fn open() -> Terminal {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let slave = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let (send, said) = channel();
        let mut master = File::from(master);
        // Reads to the end, so that the program never waits for a reader.
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = master.read(&mut buffer) {
                if send.send(buffer[..count].to_vec()).is_err() {
                    // The test has seen enough.
                }
            }
        });
        Terminal { slave, said }
    }

    /// The program's end.
    pub fn slave(&self) -> Stdio {
        OpenOptions::new().read(true).write(true).open(&self.slave).unwrap().into()
    }

    /// Returns when the program has printed `text`; panics if it closes the terminal before.
    pub fn wait_for(&self, text: &str) {
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains(text) {
            let Ok(bytes) = self.said.recv() else {
                panic!("'{text}' was not seen in: {}", String::from_utf8_lossy(&seen));
            };
            seen.extend(bytes);
        }
    }

    /// Everything that the program prints until it closes the terminal.
    fn all(self) -> String {
        let bytes: Vec<u8> = self.said.iter().flatten().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// What a run prints to a terminal.
fn on_a_terminal(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let folder = folder();
    let terminal = Terminal::open();
    let mut command = program(folder.path());
    command.args(arguments).envs(environment.iter().copied()).stdout(terminal.slave());
    let mut child = command.spawn().unwrap();
    drop(command);
    assert!(child.wait().unwrap().success());
    terminal.all()
}

const STORY: &[&str] = &["--workers", "1,4", "--service", "3s", "--clients", "3"];

#[test]
fn colour_on_a_terminal_unless_somebody_minds() {
    let never = [STORY, &["--color", "never"]].concat();
    let always = [STORY, &["--color", "always"]].concat();
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], bool);
    let cases: [Case<'_>; 7] = [
        (STORY, &[], true),
        (STORY, &[("NO_COLOR", "1")], false),
        (STORY, &[("NO_COLOR", "")], true),
        (STORY, &[("TERM", "dumb")], false),
        (&never, &[], false),
        (&always, &[("NO_COLOR", "1")], true),
        (&["--help"], &[("NO_COLOR", "1")], false),
    ];
    for (arguments, environment, coloured) in cases {
        let text = on_a_terminal(arguments, environment);
        assert_eq!(text.contains('\u{1b}'), coloured, "{arguments:?} {environment:?}");
    }
}
