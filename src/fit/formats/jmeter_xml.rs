//! JMeter's results as XML: one element a line, `ts` the start and `t` the elapsed time in
//! milliseconds (apache/jmeter, `SampleResultConverter.java`).

use memchr::memmem;

use super::jmeter::status;
use super::{Format, LineReader, Unread};
use crate::fit::bytes::{MILLISECOND, epoch, nanos, path};
use crate::fit::record::{LoggedRequest, RequestEnd};

/// The format.
pub(crate) const FORMAT: Format = Format {
    name: "jmeter-xml",
    title: "JMeter results (JTL, XML)",
    times: "ts and t in ms; the wait for a worker is in it",
    recognise,
    only_named: false,
};

fn recognise(first: &[&[u8]]) -> Option<Box<dyn LineReader>> {
    let root = first.iter().any(|line| memmem::find(line, b"<testResults").is_some());
    root.then(|| Box::new(OpenSamples::default()) as Box<dyn LineReader>)
}

/// Inside how many samples a line stands.
#[derive(Default)]
struct OpenSamples {
    /// Open samples that count by themselves: what is inside is a part of them.
    counted: usize,
    /// Open transactions around them.
    transactions: usize,
}

impl LineReader for OpenSamples {
    fn read<'l>(&mut self, line: &'l [u8]) -> Result<Option<LoggedRequest<'l>>, Unread> {
        let text = line.trim_ascii();
        if text.starts_with(b"</httpSample") || text.starts_with(b"</sample") {
            let open = if self.counted > 0 { &mut self.counted } else { &mut self.transactions };
            *open = open.saturating_sub(1);
            return Ok(None);
        }
        if !text.starts_with(b"<httpSample ") && !text.starts_with(b"<sample ") {
            return Ok(None);
        }
        let tag = &text[..memchr::memchr(b'>', text).ok_or("its element does not end")? + 1];
        let is_open = !tag.ends_with(b"/>");
        let get = |name: &str| attribute(tag, name);
        if get("rm").starts_with(b"Number of samples in transaction") {
            self.transactions += usize::from(is_open);
            return Err("it is a transaction: the sum of samples that stand by themselves");
        }
        let part = self.counted > 0;
        self.counted += usize::from(is_open);
        if part {
            return Err("it is a sub-sample: a part of the sample around it");
        }
        let stamp = epoch(get("ts"), MILLISECOND).ok_or("its ts is not a number of ms")?;
        Ok(Some(LoggedRequest {
            stamp: Some((RequestEnd::Arrival, stamp)),
            response: Some(nanos(get("t"), MILLISECOND).ok_or("its t is not a number of ms")?),
            status: status(get("rc"), get("s")),
            path: path(get("lb")),
            ..LoggedRequest::default()
        }))
    }
}

/// The value of an attribute; empty if there is none.
fn attribute<'l>(tag: &'l [u8], name: &str) -> &'l [u8] {
    let wanted = format!(" {name}=\"");
    let Some(at) = memmem::find(tag, wanted.as_bytes()) else { return b"" };
    let value = &tag[at + wanted.len()..];
    &value[..memchr::memchr(b'"', value).unwrap_or(0)]
}
