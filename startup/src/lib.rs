//! How the standard streams were when the program was started.
//!
//! Rust's runtime opens `/dev/null` in the place of a stream that was closed (`>&-`), before `main`:
//! what is printed goes nowhere, and nothing says so. Afterwards that cannot be told from a stream
//! that the caller opened on `/dev/null` for reading and writing, as Python's `subprocess.DEVNULL`
//! is. So it is looked at before the runtime starts, among the initialisers that the loader runs.
//!
//! On systems without such initialisers here every stream counts as open.

use std::sync::atomic::{AtomicU8, Ordering};

/// A bit for each of the streams 0, 1 and 2 that takes no output: it was closed, or open for reading.
static DEAF: AtomicU8 = AtomicU8::new(0);

/// Whether what is written to a standard stream (1: output, 2: error) goes nowhere, because it was
/// closed or open for reading only when the program was started.
pub fn takes_nothing(stream: u8) -> bool {
    stream < 8 && DEAF.load(Ordering::Relaxed) & (1 << stream) != 0
}

#[cfg(unix)]
extern "C" fn look() {
    use rustix::fs::{OFlags, fcntl_getfl};
    use rustix::stdio::{stderr, stdin, stdout};
    let deaf = |stream| {
        fcntl_getfl(stream).map_or(true, |flags| {
            flags & OFlags::RWMODE == OFlags::RDONLY || flags.contains(OFlags::PATH)
        })
    };
    let all = [deaf(stdin()), deaf(stdout()), deaf(stderr())];
    let bits = all.iter().rev().fold(0, |bits, deaf| bits << 1 | u8::from(*deaf));
    DEAF.store(bits, Ordering::Relaxed);
}

/// The loader calls what is in this section before the program starts: in ELF `.init_array`, in
/// Mach-O `__mod_init_func`. `look` asks the system about three descriptors and stores a number: it
/// needs nothing that is set up later, which is what makes this sound.
#[cfg(unix)]
#[used]
#[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".init_array"))]
#[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__mod_init_func"))]
static LOOK: extern "C" fn() = look;
