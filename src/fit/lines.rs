//! Lines out of files of any size, packed or not, in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

use memchr::memchr;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

/// The longest line that is read; longer ones are counted and passed over.
pub(crate) const LONGEST: usize = 64 << 10;

/// Bytes that are held at once: what a format is recognised by, and the longest summary.
const HELD: usize = 1 << 20;

/// A file of lines.
pub(crate) struct LogLines<R> {
    inner: R,
    buffer: Vec<u8>,
    /// The part of the buffer that is filled and not yet handed out.
    start: usize,
    end: usize,
    ended: bool,
}

/// A line, without its end.
pub(crate) enum LogLine<'l> {
    /// What stands in it.
    Whole(&'l [u8]),
    /// The beginning of one that is longer than [`LONGEST`].
    TooLong(&'l [u8]),
}

impl<R: Read> LogLines<R> {
    /// Begins to read; a byte order mark is passed over.
    ///
    /// # Errors
    /// Those of reading.
    pub(crate) fn open(inner: R) -> io::Result<Self> {
        let buffer = vec![0; HELD];
        let mut lines = LogLines { inner, buffer, start: 0, end: 0, ended: false };
        lines.fill()?;
        if lines.held().starts_with(b"\xef\xbb\xbf") {
            lines.start = 3;
        }
        Ok(lines)
    }

    /// What is held: the front of the file before the first [`LogLines::next`].
    pub(crate) fn held(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Whether [`LogLines::held`] is all that is left.
    pub(crate) fn is_all_held(&self) -> bool {
        self.ended
    }

    /// The first lines that are held, at most `count`; one that is cut off only if it is the last.
    pub(crate) fn first(&self, count: usize) -> Vec<&[u8]> {
        let mut lines: Vec<&[u8]> = self.held().split(|byte| *byte == b'\n').collect();
        if lines.last().is_some_and(|line| line.is_empty() || (lines.len() > 1 && !self.ended)) {
            lines.pop();
        }
        lines.truncate(count);
        lines.into_iter().map(without_return).collect()
    }

    /// The next line.
    ///
    /// # Errors
    /// Those of reading.
    #[allow(clippy::should_implement_trait)]
    pub(crate) fn next(&mut self) -> io::Result<Option<LogLine<'_>>> {
        loop {
            if let Some(length) = memchr(b'\n', self.held()) {
                let from = self.start;
                self.start += length + 1;
                let line = without_return(&self.buffer[from..from + length]);
                return Ok(Some(if line.len() > LONGEST {
                    LogLine::TooLong(&line[..LONGEST])
                } else {
                    LogLine::Whole(line)
                }));
            }
            if self.ended {
                let from = std::mem::replace(&mut self.start, self.end);
                let line = without_return(&self.buffer[from..self.end]);
                return Ok((!line.is_empty()).then_some(LogLine::Whole(line)));
            }
            if self.held().len() > LONGEST {
                return self.pass_over().map(Some);
            }
            self.fill()?;
        }
    }

    /// Passes over a line that is too long.
    fn pass_over(&mut self) -> io::Result<LogLine<'_>> {
        let front = self.held()[..LONGEST].to_vec();
        loop {
            if let Some(length) = memchr(b'\n', self.held()) {
                self.start += length + 1;
                break;
            }
            self.start = self.end;
            if self.ended {
                break;
            }
            self.fill()?;
        }
        // the front stays behind what is filled next
        self.buffer.truncate(HELD);
        self.buffer.extend_from_slice(&front);
        Ok(LogLine::TooLong(&self.buffer[HELD..]))
    }

    /// Moves what is held to the front and fills the rest.
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.truncate(HELD);
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        while self.end < HELD && !self.ended {
            match self.inner.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Unpacks what gzip or Zstandard packed, which its first bytes show; the rest as it is.
///
/// # Errors
/// Those of reading.
pub(crate) fn unpacked<'r>(inner: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let mut inner = BufReader::new(inner);
    let front = inner.fill_buf()?;
    if front.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(flate2::bufread::MultiGzDecoder::new(inner)));
    }
    if front.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        return Ok(Box::new(Frames { inner: Some(inner), frame: None }));
    }
    Ok(Box::new(inner))
}

type FrameReader<R> = StreamingDecoder<BufReader<R>, FrameDecoder>;

/// Frames of Zstandard, one behind another.
struct Frames<R: Read> {
    /// The rest of the file, between two frames.
    inner: Option<BufReader<R>>,
    frame: Option<FrameReader<R>>,
}

impl<R: Read> Read for Frames<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let count = frame.read(into)?;
                if count > 0 || into.is_empty() {
                    return Ok(count);
                }
                self.inner = self.frame.take().map(FrameReader::into_inner);
            }
            let Some(mut inner) = self.inner.take() else { return Ok(0) };
            if inner.fill_buf()?.is_empty() {
                return Ok(0);
            }
            let broken = |error| io::Error::new(io::ErrorKind::InvalidData, format!("{error}"));
            self.frame = Some(FrameReader::new(inner).map_err(broken)?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(bytes: &[u8]) -> Vec<String> {
        let mut lines = LogLines::open(unpacked(bytes).unwrap()).unwrap();
        let mut read = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            read.push(match line {
                LogLine::Whole(line) => String::from_utf8_lossy(line).into_owned(),
                LogLine::TooLong(line) => format!("{} bytes and more", line.len()),
            });
        }
        read
    }

    #[test]
    fn lines_end_as_every_system_ends_them() {
        assert_eq!(read(b"\xef\xbb\xbfa\r\nb\n\nc"), ["a", "b", "", "c"]);
        assert_eq!(read(b""), Vec::<String>::new());
    }

    #[test]
    fn packed_files_are_unpacked() {
        let text = b"one\ntwo\n";
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text).unwrap();
        let packed = packed.finish().unwrap();
        assert_eq!(read(&[&packed[..], &packed].concat()), ["one", "two", "one", "two"]);
        let level = ruzstd::encoding::CompressionLevel::Fastest;
        let packed = ruzstd::encoding::compress_to_vec(&text[..], level);
        assert_eq!(read(&[&packed[..], &packed].concat()), ["one", "two", "one", "two"]);
    }

    #[test]
    fn a_long_line_is_passed_over_in_bounded_memory() {
        let long = vec![b'x'; 3 * HELD];
        let text = [b"a\n", &long[..], b"\nb\n"].concat();
        assert_eq!(read(&text), ["a", "65536 bytes and more", "b"]);
        assert_eq!(read(&long), ["65536 bytes and more"]);
        let many = "0123456789\n".repeat(HELD / 4);
        assert!(read(many.as_bytes()).iter().all(|line| line == "0123456789"));
    }
}
