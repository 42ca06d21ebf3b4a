//! A simulated world for the outputs: a system that fails at any one of its operations, or at all from
//! one on, as a disk that fills up or a program that is killed. Every command that writes is run with
//! every operation failing in turn. No file is lost, none is half, and the exit code is right.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::outcome;
use super::system::{NewFile, System, simulated};

type Folder = BTreeMap<PathBuf, Vec<u8>>;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// One operation fails, those after it succeed.
    Once,
    /// The disk is full from then on: nothing new is made or written; names can still be changed.
    Full,
    /// Nothing is done any more, as after a kill.
    Dead,
}

/// The real system, of which operations fail.
struct World {
    fault: Fault,
    /// The number of the operation that fails, from 0.
    at: usize,
    done: Cell<usize>,
    /// What was printed.
    printed: RefCell<Vec<u8>>,
}

impl World {
    /// Counts an operation, which takes room on the disk or does not; an error if it fails.
    fn operation(&self, room: bool) -> io::Result<()> {
        let number = self.done.replace(self.done.get() + 1);
        let fails = match self.fault {
            Fault::Once => number == self.at,
            Fault::Full => room && number >= self.at,
            Fault::Dead => number >= self.at,
        };
        if fails { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

/// The same, shared with the files that are made.
struct Shared(Rc<World>);

/// A file of the world, and whether something was written to it.
struct WorldFile(Rc<World>, File, bool);

/// Standard output of the world.
struct Printed(Rc<World>);

impl System for Shared {
    fn stdout(&self) -> Box<dyn Write> {
        Box::new(Printed(Rc::clone(&self.0)))
    }

    fn stderr(&self) -> Box<dyn Write> {
        Box::new(io::sink())
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.0.operation(true)?;
        fs::create_dir_all(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn NewFile>> {
        self.0.operation(true)?;
        let file = OpenOptions::new().write(true).create_new(true).open(path)?;
        Ok(Box::new(WorldFile(Rc::clone(&self.0), file, false)))
    }

    fn append(&self, _: &Path) -> io::Result<Box<dyn Write>> {
        self.0.operation(true)?;
        Ok(self.stdout())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.0.operation(false)?;
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.0.operation(false)?;
        fs::remove_file(path)
    }
}

impl Write for WorldFile {
    /// Writes no more than half at first, and what fails all the same.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let half = if self.2 { bytes } else { &bytes[..bytes.len().div_ceil(2)] };
        self.2 = true;
        self.1.write_all(half)?;
        self.0.operation(true)?;
        Ok(half.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl NewFile for WorldFile {
    fn permit(&self, permissions: Permissions) -> io::Result<()> {
        self.0.operation(false)?;
        self.1.set_permissions(permissions)
    }

    fn sync(&self) -> io::Result<()> {
        self.0.operation(true)
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // The terminal is not on the disk.
        if self.0.fault != Fault::Full {
            self.0.operation(false)?;
        }
        self.0.printed.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every file below a folder.
fn files(folder: &Path, into: &mut Folder) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            let bytes = fs::read(&path).unwrap();
            into.insert(path, bytes);
        }
    }
}

fn all(folder: &Path) -> Folder {
    let mut into = Folder::new();
    files(folder, &mut into);
    into
}

/// Makes a folder what it was.
fn restore(folder: &Path, before: &Folder) {
    fs::remove_dir_all(folder).unwrap();
    fs::create_dir_all(folder).unwrap();
    for (path, bytes) in before {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// Runs a command in a world; gives its exit code, the operations it made and what it printed.
fn run(words: &[String], fault: Fault, at: usize) -> (u8, usize, Vec<u8>) {
    let (done, printed) = (Cell::new(0), RefCell::new(Vec::new()));
    let world = Rc::new(World { fault, at, done, printed });
    simulated::use_instead(Some(Rc::new(Shared(Rc::clone(&world)))));
    let arguments = std::iter::once("simsrv".to_owned()).chain(words.iter().cloned());
    let code = outcome(arguments.map(Into::into));
    simulated::use_instead(None);
    (code, world.done.get(), world.printed.take())
}

/// Lets each operation of a command fail in turn. In `line` `@` stands for the folder.
fn hold(folder: &Path, line: &str) {
    let words: Vec<String> =
        line.split_whitespace().map(|word| word.replace('@', &folder.to_string_lossy())).collect();
    let before = all(folder);
    let (code, operations, printed) = run(&words, Fault::Once, usize::MAX);
    assert_eq!(code, 0, "{line}");
    assert!(operations > 1, "{line}: {operations} operations");
    let after = all(folder);
    for fault in [Fault::Once, Fault::Full, Fault::Dead] {
        for at in 0..operations {
            restore(folder, &before);
            let (code, _, told) = run(&words, fault, at);
            let left = all(folder);
            let case = format!("{line}: {fault:?} at {at} of {operations}");
            lost_nothing(&before, &after, &left, &case);
            // What failed once may have been written after all, when it was tried again.
            let whole = left == after && told == printed;
            assert!(code == 74 || code == 0 && whole, "{case}: exit {code}, all there: {whole}");
            if fault == Fault::Once && left != before && !line.starts_with("run ") {
                let differ = |path: &&PathBuf| left.get(*path) != after.get(*path);
                let lost = after.keys().filter(differ).count();
                assert!(lost <= 1, "{case}: one that fails keeps {lost} from being written");
            }
        }
    }
    restore(folder, &before);
}

/// Every file is what it was, or what it was to become; none is new but those that were asked for.
fn lost_nothing(before: &Folder, after: &Folder, left: &Folder, case: &str) {
    for (path, bytes) in left {
        let known = [before.get(path), after.get(path)].contains(&Some(bytes));
        assert!(known, "{case}: '{}' is neither old nor new", path.display());
    }
    for path in before.keys() {
        assert!(left.contains_key(path), "{case}: '{}' is gone", path.display());
    }
}

const STORY: &str = "--service 3s --clients 3 --workers 1,2";

/// A folder for a test.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let kept = tempfile::tempdir().unwrap();
    let folder = kept.path().join("work");
    fs::create_dir(&folder).unwrap();
    (kept, folder)
}

fn old(folder: &Path, names: &[&str]) {
    names.iter().for_each(|name| fs::write(folder.join(name), "# simsrv 0.0.9\n").unwrap());
}

#[test]
fn results_survive_any_fault() {
    let (_kept, at) = folder();
    let exports = "--export-csv @/a --export-json @/b --export-markdown @/c --visits @/d";
    hold(&at, &format!("{STORY} {exports}"));
    old(&at, &["a", "b", "c", "d"]);
    hold(&at, &format!("{STORY} {exports}"));
    hold(&at, &format!("{STORY} --export-csv @/a --format json"));
    hold(&at, &format!("{STORY} --export-csv @/a --visits -"));
    hold(&at, &format!("theory {STORY} --export-csv @/a --export-json @/b"));
    hold(&at, &format!("{STORY} --server puma --export-config @/e --export-csv @/f --report @/g"));
}

#[test]
fn scenarios_survive_any_fault() {
    let (_kept, at) = folder();
    for (name, out) in [("a.toml", "a.csv"), ("b.toml", "b.csv")] {
        let text = format!("service = '3s'\nclients = 3\nexport-csv = '{out}'\n");
        fs::write(at.join(name), text).unwrap();
    }
    old(&at, &["b.csv"]);
    hold(&at, "run @/a.toml @/b.toml");
}

#[test]
fn pictures_survive_any_fault() {
    let (_kept, at) = folder();
    hold(&at, "--service 3s --clients 2 --workers 1 --plot @/new/folder");
    let visits = format!("--service 3s --clients 2 --visits {}/v.csv", at.display());
    let words: Vec<String> = visits.split(' ').map(str::to_owned).collect();
    assert_eq!(run(&words, Fault::Once, usize::MAX).0, 0);
    hold(&at, "plot @/v.csv -o @/drawn");
}

#[test]
fn parts_and_fits_survive_any_fault() {
    let (_kept, at) = folder();
    let part = |part: &str| {
        format!(
            "--service exp(3s) --clients 3 --replications 4 --shard {part}/2 --export-csv @/{part}"
        )
    };
    hold(&at, &part("1"));
    for number in ["1", "2"] {
        let words = part(number).replace('@', &at.to_string_lossy());
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        assert_eq!(run(&words, Fault::Once, usize::MAX).0, 0);
    }
    hold(&at, "merge @/1 @/2 --export-csv @/whole.csv");
    fs::write(at.join("a.log"), include_str!("../../docs/27-from-your-log.in/access.log")).unwrap();
    fs::write(at.join("t.csv"), "phases,scheduled_s,done_s\ncpu:1,0,1\ncpu:1,2,3\n").unwrap();
    hold(&at, "validate @/t.csv --workers 1 --plot @/va");
    hold(&at, "fit @/a.log -o @/s.toml");
}
