//! A small story as bars: who waits, who is served, and when each is answered.

use super::axis::Axis;
use super::canvas::{Anchor, Frame, Scene};
use super::font::{self, Face};
use super::number;
use super::page::{EDGE, LegendEntry, LegendSample, Page, WIDTH, waiting_bar};
use super::palette::{AXIS, BLUE, GRID, Ink, SOFT, TEXT, VERMILLION};
use super::{ChartError, Sheet};
use crate::experiment::film::SharedCore;
use crate::record::{Outcome, RequestRecord};
use crate::time::Time;

/// Lanes that one panel shows.
const MOST_LANES: usize = 24;

/// Panels that one picture shows.
const MOST_PANELS: usize = 6;

/// So many instants have a tick each.
const MOST_INSTANTS: usize = 9;

const LANE_FACE: Face = Face::regular(13.0);
const PANEL_FACE: Face = Face::bold(14.0);
const TICK_FACE: Face = Face::regular(12.0);
const BAR_FACE: Face = Face::regular(11.5);
const HEAD: f64 = 26.0;
const FOOT: f64 = 8.0;

/// One cell's story.
#[derive(Clone, Debug, PartialEq)]
pub struct TimelineCell {
    /// What stands above its lanes: `1 worker`.
    pub(crate) label: String,
    /// Worker processes.
    pub(crate) workers: u32,
    /// Its requests; drawn in the order of their numbers.
    pub(crate) records: Vec<RequestRecord>,
    /// Where its requests shared the cores, if that is known.
    pub(crate) shared: Vec<SharedCore>,
}

/// One lane per request: hatched while it waits, solid while it is served, lighter where it has a part
/// of a core only, and its response time at the end. Cells stand below each other over one axis of time.
///
/// # Errors
/// If no cell has a record.
pub(crate) fn timeline(cells: &[TimelineCell]) -> Result<Sheet<'_>, ChartError> {
    let mut notes = Vec::new();
    let told: Vec<&TimelineCell> = cells.iter().filter(|cell| !cell.records.is_empty()).collect();
    let shown = shown(&told, &mut notes);
    let panels: Vec<CellTimeline> = shown.into_iter().map(CellTimeline::new).collect();
    notes.extend(panels.iter().filter_map(CellTimeline::note));
    let Some(end) = panels.iter().map(CellTimeline::end).max() else {
        return Err(ChartError::NoValues("visit"));
    };
    let lanes = panels.iter().flat_map(|panel| panel.lanes.iter().map(|lane| lane.name.as_str()));
    let left = EDGE + 8.0 + font::widest(lanes, LANE_FACE).min(200.0) + 10.0;
    let ends = panels.iter().flat_map(|panel| panel.lanes.iter().map(|lane| lane.end.as_str()));
    let right = WIDTH - EDGE - font::widest(ends, LANE_FACE) - 10.0;
    let axis = time_axis(&panels, end);
    let ruler = Ruler { left, right, axis };
    let height = panels.iter().map(CellTimeline::height).sum::<f64>() + 44.0;
    let title = title(&panels);
    let page = Page { name: "timeline".to_owned(), title, keys: keys(&panels), notes };
    Ok(Sheet::new(page, (WIDTH, height), move |scene, body| {
        let mut top = body.top;
        for panel in &panels {
            panel.draw(scene, &ruler, top);
            top += panel.height();
        }
        ruler.draw_labels(scene, top);
    }))
}

/// All cells, or of more than there is room for the first that look different.
fn shown<'a>(told: &[&'a TimelineCell], notes: &mut Vec<String>) -> Vec<&'a TimelineCell> {
    if told.len() <= MOST_PANELS {
        return told.to_vec();
    }
    let mut kinds: Vec<&TimelineCell> = Vec::new();
    for cell in told {
        if kinds.iter().all(|kind| (&kind.records, &kind.shared) != (&cell.records, &cell.shared)) {
            kinds.push(cell);
        }
    }
    notes.push(match kinds.len() {
        count if count > MOST_PANELS => {
            format!("The first {MOST_PANELS} of {count} stories that differ are shown.")
        }
        count => format!(
            "{count} of {} cells are shown; others have the bars of one of these.",
            told.len()
        ),
    });
    kinds.truncate(MOST_PANELS);
    kinds
}

/// Ticks stand at the instants when something happens, if these are few.
fn time_axis(panels: &[CellTimeline], end: Time) -> Axis {
    let mut axis = Axis::seconds("time since the first arrival", 0.0, end.as_secs_f64());
    let records = panels.iter().flat_map(|panel| panel.lanes.iter().map(|lane| &lane.record));
    let mut instants: Vec<Time> =
        records.flat_map(|record| [record.arrival, record.start, record.departure]).collect();
    instants.sort_unstable();
    instants.dedup();
    if instants.len() <= MOST_INSTANTS {
        let unit = number::time_unit(end.as_secs_f64()).seconds;
        let tick = |seconds: f64| (seconds, number::short(seconds / unit, 3));
        axis.ticks = instants.into_iter().map(|instant| tick(instant.as_secs_f64())).collect();
    }
    axis
}

fn title(panels: &[CellTimeline]) -> String {
    let labels: Vec<&str> = panels.iter().map(|panel| panel.label.as_str()).collect();
    let count = panels.first().map_or(0, |panel| panel.count);
    let requests = match (count, panels.iter().all(|panel| panel.count == count)) {
        (_, false) => String::new(),
        (1, true) => "1 request, ".to_owned(),
        (count, true) => format!("{count} requests, "),
    };
    let compared = match (panels, labels.as_slice()) {
        ([panel], [label]) => {
            let last = number::seconds(panel.last.as_secs_f64(), 3);
            format!("{label}: the last leaves after {last}")
        }
        (_, [one, other]) => format!("{one} against {other}"),
        // So many names are no title: they stand above their panels.
        (panels, _) if labels.len() > 3 => format!("{} cells", panels.len()),
        _ => labels.join(", "),
    };
    format!("Who waits for whom — {requests}{compared}")
}

fn keys(panels: &[CellTimeline]) -> Vec<LegendEntry> {
    let has = |outcome| {
        panels.iter().any(|panel| panel.lanes.iter().any(|lane| lane.record.outcome == outcome))
    };
    let mut keys = vec![
        LegendEntry::new("waiting", LegendSample::Waiting),
        LegendEntry::new(
            "being served; the number at the end of the bar is the response time",
            LegendSample::Box(BLUE),
        ),
    ];
    let slow = panels.iter().flat_map(|panel| &panel.lanes).flat_map(|lane| &lane.shared);
    if let Some(slowest) = slow.map(|part| part.speed).min_by(f64::total_cmp) {
        let words =
            format!("with a part of a core only, down to {} %", number::short(100.0 * slowest, 2));
        keys.push(LegendEntry::new(&words, LegendSample::Box(lighter(slowest))));
    }
    if Outcome::ALL.into_iter().any(|outcome| outcome != Outcome::Served && has(outcome)) {
        keys.push(LegendEntry::new("not served", LegendSample::Cross(VERMILLION)));
    }
    keys
}

/// One request's bar and its words, its times counted from the first arrival.
struct RequestBar {
    name: String,
    end: String,
    record: RequestRecord,
    /// Where it had a part of a core only.
    shared: Vec<SharedCore>,
}

/// One cell's lanes.
struct CellTimeline<'a> {
    label: &'a String,
    lanes: Vec<RequestBar>,
    /// Requests in all, of which some may have no lane.
    count: usize,
    /// When the last of them left.
    last: Time,
}

impl<'a> CellTimeline<'a> {
    fn new(cell: &'a TimelineCell) -> Self {
        let mut records: Vec<&RequestRecord> = cell.records.iter().collect();
        records.sort_by_key(|record| record.request);
        let begin = records.iter().map(|record| record.arrival).min().unwrap_or(Time::ZERO);
        let lanes = records.iter().take(MOST_LANES).map(|record| RequestBar {
            name: lane_name(record, &records),
            end: end_words(record),
            record: shifted(record, begin),
            shared: shared_of(record, begin, &cell.shared),
        });
        let last = records.iter().map(|record| record.departure).max().unwrap_or(begin);
        CellTimeline {
            label: &cell.label,
            lanes: lanes.collect(),
            count: records.len(),
            last: Time::ZERO + (last - begin),
        }
    }

    fn end(&self) -> Time {
        self.lanes.iter().map(|lane| lane.record.departure).max().unwrap_or(Time::ZERO)
    }

    fn note(&self) -> Option<String> {
        let (shown, count) = (self.lanes.len(), self.count);
        let cut = shown < count;
        cut.then(|| format!("{}: the first {shown} of {count} requests are shown.", self.label))
    }

    /// Lanes grow thinner where there are many.
    fn lane_height(&self) -> f64 {
        if self.lanes.len() <= 8 { 30.0 } else { 20.0 }
    }

    fn height(&self) -> f64 {
        HEAD + self.lane_height() * self.lanes.len() as f64 + FOOT
    }

    fn draw(&self, scene: &mut Scene, ruler: &Ruler, top: f64) {
        let label = font::shortened(self.label, PANEL_FACE, WIDTH - 2.0 * EDGE);
        scene.text((EDGE, top + HEAD / 2.0), &label, PANEL_FACE, TEXT, Anchor::Start);
        let lanes_top = top + HEAD;
        ruler.draw_grid(scene, lanes_top, top + self.height() - FOOT / 2.0);
        for (number, lane) in self.lanes.iter().enumerate() {
            let top = lanes_top + self.lane_height() * number as f64;
            lane.draw(scene, ruler, top, self.lane_height());
        }
    }
}

/// `user 2` where each client comes once, `user 2, request 5` where clients come again, `request
/// 5` where nobody tells clients apart.
fn lane_name(record: &RequestRecord, records: &[&RequestRecord]) -> String {
    let request = record.request.saturating_add(1);
    let user = u64::from(record.client) + 1;
    let mut clients: Vec<u32> = records.iter().map(|record| record.client).collect();
    clients.sort_unstable();
    clients.dedup();
    match clients.len() {
        count if count == records.len() => format!("user {user}"),
        1 => format!("request {request}"),
        _ => format!("user {user}, request {request}"),
    }
}

fn end_words(record: &RequestRecord) -> String {
    let time = number::seconds(record.response().as_secs_f64(), 3);
    match record.outcome {
        Outcome::Served => time,
        Outcome::Refused => "refused".to_owned(),
        Outcome::TimedOut => format!("timed out, {time}"),
        Outcome::PoolTimeout => format!("pool timeout, {time}"),
        Outcome::ProxyTimeout => format!("504, {time}"),
        Outcome::Failed => format!("500, {time}"),
        Outcome::Closed => format!("closed, {time}"),
        Outcome::Reset => format!("reset, {time}"),
        Outcome::GaveUp => format!("gave up, {time}"),
        Outcome::OutOfMemory => format!("out of memory, {time}"),
        Outcome::NoConnection => format!("no connection, {time}"),
    }
}

fn shifted(record: &RequestRecord, begin: Time) -> RequestRecord {
    let at = |time: Time| Time::ZERO + (time - begin);
    let (arrival, start, departure) = (at(record.arrival), at(record.start), at(record.departure));
    RequestRecord { arrival, start, departure, ..*record }
}

/// The parts of one request, with times counted from the first arrival.
fn shared_of(record: &RequestRecord, begin: Time, all: &[SharedCore]) -> Vec<SharedCore> {
    let at = |time: Time| Time::ZERO + (time - begin);
    let own = all.iter().filter(|part| part.request == record.request);
    own.map(|part| SharedCore { from: at(part.from), to: at(part.to), ..*part }).collect()
}

/// The blue of a request that computes at a part of the speed of a core: the less, the lighter.
fn lighter(speed: f64) -> Ink {
    BLUE.over_white(0.35 + 0.65 * speed)
}

impl RequestBar {
    fn draw(&self, scene: &mut Scene, ruler: &Ruler, top: f64, height: f64) {
        let record = &self.record;
        let (arrival, start) = (ruler.across(record.arrival), ruler.across(record.start));
        let departure = ruler.across(record.departure);
        let gap = if height > 25.0 { 5.0 } else { 3.0 };
        let bar = |left: f64, right: f64| Frame::new(left, top + gap, right, top + height - gap);
        let y = top + height / 2.0;
        let name = font::shortened(&self.name, LANE_FACE, ruler.left - EDGE - 10.0);
        scene.text((ruler.left - 10.0, y), &name, LANE_FACE, TEXT, Anchor::End);
        if start - arrival > 0.5 {
            waiting_bar(scene, bar(arrival, start));
        }
        let mut end = departure;
        if record.outcome == Outcome::Served {
            // A request of no length is still seen.
            let frame = bar(start, departure.max(start + 2.0));
            scene.rectangle(frame, BLUE);
            for part in &self.shared {
                let (from, to) = (ruler.across(part.from), ruler.across(part.to));
                scene.rectangle(Frame { left: from, right: to, ..frame }, lighter(part.speed));
            }
            self.draw_worker(scene, frame);
        } else {
            scene.cross((departure + 6.0, y), 5.0, VERMILLION);
            end += 10.0;
        }
        scene.text((end + 7.0, y), &self.end, LANE_FACE, TEXT, Anchor::Start);
    }

    /// Who serves it, where the bar has room to say so.
    fn draw_worker(&self, scene: &mut Scene, frame: Frame) {
        let words = format!("worker {}", u64::from(self.record.worker) + 1);
        if font::width(&words, BAR_FACE) + 10.0 < frame.width() {
            let slowest = self.shared.iter().map(|part| part.speed).fold(1.0, f64::min);
            let ink = lighter(slowest).contrasting();
            scene.text(frame.middle(), &words, BAR_FACE, ink, Anchor::Middle);
        }
    }
}

/// The axis of time that all panels share.
struct Ruler {
    left: f64,
    right: f64,
    axis: Axis,
}

impl Ruler {
    fn place(&self, seconds: f64) -> f64 {
        self.left + self.axis.scale.share(seconds).clamp(0.0, 1.0) * (self.right - self.left)
    }

    fn across(&self, time: Time) -> f64 {
        self.place(time.as_secs_f64())
    }

    fn draw_grid(&self, scene: &mut Scene, top: f64, bottom: f64) {
        for (value, _) in &self.axis.ticks {
            let x = self.place(*value);
            scene.line(&[(x, top), (x, bottom)], GRID, 1.0, &[]);
        }
        scene.line(&[(self.left, top), (self.left, bottom)], AXIS, 1.0, &[]);
    }

    fn draw_labels(&self, scene: &mut Scene, top: f64) {
        scene.line(&[(self.left, top), (self.right, top)], AXIS, 1.0, &[]);
        for (value, words) in self.axis.roomy_ticks(self.right - self.left) {
            let x = self.place(*value);
            scene.line(&[(x, top), (x, top + 4.0)], AXIS, 1.0, &[]);
            scene.text((x, top + 13.0), words, TICK_FACE, TEXT, Anchor::Middle);
        }
        let middle = f64::midpoint(self.left, self.right);
        scene.text((middle, top + 32.0), &self.axis.title, LANE_FACE, SOFT, Anchor::Middle);
    }
}
