//! The short form of fuzzing: every reader on its corpus, and on mutations of it that are the same each
//! time. The long form is in `fuzz/`.

use std::path::Path;

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

#[path = "../../fuzz/readers.rs"]
mod targets;

/// Mutations of each file of a corpus: fewer where a reader runs what it has read.
fn mutations(name: &str) -> u32 {
    match name {
        "model" => 100,
        "http" | "part" | "question" => 200,
        "log" | "load_test" => 400,
        _ => 2_000,
    }
}

/// How many times as many are wanted, each time with another seed: `SIMSRV_FUZZ=100` takes an hour.
fn times() -> u64 {
    std::env::var("SIMSRV_FUZZ").map_or(1, |times| times.parse().expect("a number"))
}

/// The longest mutation, in bytes.
const LONGEST: usize = 2_048;

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("{}", folder.display()));
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

struct Mutator<'a> {
    random: Xoshiro256PlusPlus,
    others: &'a [Vec<u8>],
}

impl Mutator<'_> {
    fn below(&mut self, bound: usize) -> usize {
        (self.random.next_u64() % bound.max(1) as u64) as usize
    }

    fn piece(&mut self, of: &[u8]) -> Vec<u8> {
        let from = self.below(of.len());
        let to = from + self.below(of.len() - from + 1);
        of[from..to].to_vec()
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        const ODD: [&str; 12] = [
            "nan",
            "inf",
            "-1",
            "1e400",
            "1e-320",
            "18446744073709551616",
            "..",
            "\u{feff}",
            "\u{202e}",
            "\0",
            "\u{1b}[2J",
            "9999999999999999999999999",
        ];
        let at = self.below(bytes.len() + 1);
        let others = self.others;
        match self.below(6) {
            0 if !bytes.is_empty() => {
                let at = self.below(bytes.len());
                bytes[at] ^= 1 << self.below(8);
            }
            1 => {
                let end = at + self.below(bytes.len() - at + 1);
                bytes.drain(at..end);
            }
            2 => {
                let own = bytes.clone();
                let piece = self.piece(&own);
                bytes.splice(at..at, piece);
            }
            3 => {
                let other = self.below(others.len());
                let piece = self.piece(&others[other]);
                bytes.splice(at..at, piece);
            }
            4 => {
                let odd = ODD[self.below(ODD.len())];
                bytes.splice(at..at, odd.bytes());
            }
            _ => bytes.insert(at, b"0123456789.,:()%=/-+e \n'\"[]"[self.below(27)]),
        }
        bytes.truncate(LONGEST);
    }
}

#[test]
fn readers_refuse_or_read_whatever_they_get() {
    let mut tried = 0u64;
    let all =
        (1..=times()).flat_map(|seed| targets::READERS.iter().map(move |reader| (seed, *reader)));
    for (seed, (name, read)) in all {
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "fuzz/corpus/{name} is empty");
        let random = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut mutator = Mutator { random, others: &corpus };
        for sound in &corpus {
            read(sound);
            for _ in 0..mutations(name) {
                let mut bytes = sound.clone();
                for _ in 0..=mutator.below(4) {
                    mutator.mutate(&mut bytes);
                }
                let done = std::panic::catch_unwind(|| read(&bytes));
                assert!(done.is_ok(), "{name} panics at {:?}", String::from_utf8_lossy(&bytes));
                tried += 1;
            }
        }
    }
    println!("{tried} inputs");
    assert!(tried > 50_000, "{tried}");
}

/// Every reader has a target of its own for the long form.
#[test]
fn every_reader_is_a_fuzz_target() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).unwrap();
    for (name, _) in targets::READERS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        let target = std::fs::read_to_string(root.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(target.contains(&format!("readers::{name}(bytes)")), "{name}");
    }
}
