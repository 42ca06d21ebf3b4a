//! Every chart with plausible rows and with rows that mean harm.

use super::samples::{cell, story, story_rows, sweep, theory};
use super::*;
use crate::experiment::recorded::validation::{Comparison, Figures};
use crate::experiment::row::{Estimate, Stability};
use crate::experiment::timeseries::{Series, TimeSeries};
use crate::record::{Cause, EngineEvent, Sink};
use crate::time::{Span, Time};

/// All charts of the samples, by the names under which they can be looked at.
fn gallery() -> Vec<(&'static str, Picture)> {
    let by_workers = sweep(&[1, 2, 3, 4, 6, 8, 12, 16, 24, 32], &[4.0], &[60.0]);
    let many = sweep(&[1, 2, 4, 8, 16, 32], &[1.0, 2.0, 4.0, 8.0], &[60.0]);
    let map = sweep(&[1, 2, 4, 8, 12, 16, 24, 32], &[1.0, 2.0, 4.0, 8.0], &[60.0]);
    let columns: Vec<u32> = (1..=40).collect();
    let cores: Vec<f64> = (1..=16).map(f64::from).collect();
    let load: Vec<f64> = (1..=12).map(|step| f64::from(step) * 10.0).collect();
    let loaded = sweep(&[5], &[4.0], &load);
    let mut cases = Vec::new();
    for (number, name) in
        ["all CPU", "a quarter I/O", "half I/O", "three quarters waiting for a database", "all I/O"]
            .iter()
            .enumerate()
    {
        for rate in [20.0, 60.0] {
            let mut row = cell(4 + number as u32, 4.0, rate);
            row.axes.case = Some((*name).to_owned());
            row.axes.workers = 4;
            cases.push(row);
        }
    }
    let tail = [Measure::ResponseP50, Measure::ResponseP95, Measure::Throughput];
    vec![
        ("timeline", timeline(&[story(3, 1), story(3, 4)]).unwrap().picture()),
        ("timeline-long", timeline(&[odd_story(), story(30, 4)]).unwrap().picture()),
        ("timeline-one", timeline(&[story(3, 1)]).unwrap().picture()),
        ("response", response_by_workers(&by_workers).unwrap().picture()),
        (
            "response-log",
            response_by_workers(&sweep(&[2, 4, 5, 6, 8, 16], &[2.5], &[79.0])).unwrap().picture(),
        ),
        ("response-many", response_by_workers(&many).unwrap().picture()),
        (
            "response-story",
            response_by_workers(&story_rows(3, &[1, 2, 3, 4, 12, 32], &[8.0])).unwrap().picture(),
        ),
        ("response-40", response_by_workers(&sweep(&columns, &[8.0], &[100.0])).unwrap().picture()),
        ("wait", wait_by_workers(&waits(&by_workers)).unwrap().picture()),
        ("best", best_workers(&shares(), Measure::ResponseP95).unwrap().picture()),
        ("best-cores", best_workers(&map, Measure::ResponseP95).unwrap().picture()),
        ("throughput", throughput_by_workers(&by_workers).unwrap().picture()),
        ("throughput-many", throughput_by_workers(&many).unwrap().picture()),
        ("heat", heatmap(&map, Measure::ResponseP95).unwrap().picture()),
        (
            "heat-story",
            heatmap(&story_rows(3, &[1, 2, 3, 4], &[0.5, 1.0, 2.0, 4.0]), Measure::ResponseMax)
                .unwrap()
                .picture(),
        ),
        (
            "heat-40",
            heatmap(&sweep(&columns, &cores, &[100.0]), Measure::ResponseP95).unwrap().picture(),
        ),
        (
            "heat-throughput",
            heatmap(&sweep(&[1, 2, 4, 8], &[1.0, 2.0, 4.0], &[20.0, 60.0]), Measure::Throughput)
                .unwrap()
                .picture(),
        ),
        ("knee", knee(&loaded, None).unwrap().picture()),
        ("knee-curve", knee(&loaded, Some(&|rate| theory(5.0, rate))).unwrap().picture()),
        ("knee-many", knee(&sweep(&[2, 4, 8], &[4.0], &load), None).unwrap().picture()),
        ("ccdf", ccdf(&by_workers).unwrap().picture()),
        ("ccdf-one", ccdf(&by_workers[5..6]).unwrap().picture()),
        (
            "lines-cases",
            lines(&cases, Along::Case, &[Measure::ResponseP95], Some(Along::Rate))
                .unwrap()
                .picture(),
        ),
        ("lines-mixed", lines(&by_workers, Along::Workers, &tail, None).unwrap().picture()),
        ("over-time", over_time(&told(), &Series::ALL).unwrap().picture()),
        ("validation", predicted_against_measured(&compared()).unwrap().picture()),
        (
            "lines-cores",
            lines(&many, Along::Workers, &tail[..2], Some(Along::Cores)).unwrap().picture(),
        ),
    ]
}

/// Two cells told over a minute, with a spike: a queue that drains and one that does not.
fn told() -> Vec<ChartRun<'static>> {
    let rows: &'static [Row] = Box::leak(sweep(&[2, 4], &[2.0], &[60.0]).into_boxed_slice());
    let (from, to) = (Span::from_secs_f64(20.0), Span::from_secs_f64(30.0));
    let tell = |(number, row): (u32, &'static Row)| {
        let mut course = TimeSeries::new(true);
        course.begin();
        for at in (0..600u32).map(|tenth| Time::from_nanos(u64::from(tenth) * 100_000_000)) {
            let second = at.as_secs_f64();
            let waiting = if second > 20.0 { 30.0 * f64::from(number + 1) } else { 0.0 };
            course.note(&EngineEvent::Waiting { at, requests: waiting as u64 });
            let mut record = story(1, 1).records[0];
            (record.arrival, record.start) = (at, at);
            record.departure = at + Span::from_secs_f64(0.05 + waiting / 50.0);
            course.take(&record);
        }
        let (from, to) = (Time::ZERO + from, Time::ZERO + to);
        course.note(&EngineEvent::Away { process: 0, from, to, cause: Cause::Timeout });
        let until = Time::ZERO + Span::from_secs_f64(60.0);
        ChartRun { row, course, event: Some((to.since(from), to.since(Time::ZERO))), until }
    };
    (0..).zip(rows).map(tell).collect()
}

/// Recorded runs of all sizes, one of which is far off, and one of which nothing is known.
fn compared() -> Vec<ComparedRun<'static>> {
    let run = |(at, class): (usize, &'static str)| {
        let size = 10f64.powi(at as i32 - 3);
        let measured = Figures::of(vec![size, 2.0 * size, 3.0 * size]);
        let predicted =
            Figures::of(vec![size * 1.02, 1.9 * size, 3.0 * size * (1.0 + at as f64 / 9.0)]);
        let figures = Comparison { measured, predicted, replays: vec![] };
        let name = "a run with a name that is as long as names of runs may well be";
        ComparedRun { name, class, figures: Box::leak(Box::new(figures)) }
    };
    let mut runs: Vec<ComparedRun<'_>> =
        ["sync", "gthread", "gevent", "asgi", "sync"].into_iter().enumerate().map(run).collect();
    let figures = Box::leak(Box::new(Comparison::default()));
    runs.push(ComparedRun { name: "nothing", class: "sync", figures });
    runs
}

/// Points of the comparison that cannot be drawn are left out; if none can be, that is said.
#[test]
fn comparisons_without_values_are_no_picture() {
    let figures = Comparison::default();
    let nothing = [ComparedRun { name: "nothing", class: "sync", figures: &figures }];
    let error = predicted_against_measured(&nothing).unwrap_err();
    assert_eq!(error, ChartError::NoValues("response time"));
    assert_eq!(over_time(&[], &Series::ALL).unwrap_err(), ChartError::NoValues("visit"));
    let row = cell(1, 1.0, 1.0);
    let empty =
        ChartRun { row: &row, course: TimeSeries::new(true), event: None, until: Time::MAX };
    assert_eq!(over_time(&[empty], &Series::ALL).unwrap_err(), ChartError::NoValues("visit"));
}

/// The same rows with waiting times from none at all to long.
fn waits(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    for row in &mut rows {
        let mean = row.measures.value(Measure::WaitMean).unwrap_or(0.0);
        for (measure, times) in
            [(Measure::WaitP50, 0.0), (Measure::WaitP95, 4.0), (Measure::WaitP99, 9.0)]
        {
            row.measures
                .set(measure, Estimate { value: mean * times, half_width: Some(mean * 0.1) });
        }
    }
    rows
}

/// Cases whose requests wait more and more for something else than the CPU.
fn shares() -> Vec<Row> {
    let mut rows = Vec::new();
    for (share, rate) in [(0, 20.0), (25, 40.0), (50, 55.0), (75, 70.0), (90, 79.0)] {
        for mut row in sweep(&[1, 2, 3, 4, 6, 8, 12, 16], &[2.0], &[rate]) {
            row.axes.case = Some(format!("{share} % I/O"));
            row.axes.rate_per_s = Some(20.0);
            rows.push(row);
        }
    }
    rows
}

/// Refused and timed-out requests, and clients that come again.
fn odd_story() -> TimelineCell {
    use crate::record::Outcome;
    let mut story = story(6, 2);
    for record in &mut story.records {
        record.client %= 3;
        record.arrival = Time::from_nanos(record.request * 400_000_000);
        record.start = record.start.max(record.arrival);
        record.departure = record.start + record.cpu;
    }
    let refused = &mut story.records[4];
    (refused.outcome, refused.start, refused.departure) =
        (Outcome::Refused, refused.arrival, refused.arrival);
    let gone = &mut story.records[5];
    gone.outcome = Outcome::TimedOut;
    gone.start = Time::from_nanos(4_500_000_000);
    gone.departure = gone.start;
    story.label = "2 workers, a short queue and little patience".to_owned();
    story
}

/// Writes the gallery where `SIMSRV_PICTURES` says, for those who want to look.
#[test]
#[ignore = "writes pictures"]
fn write_gallery() {
    let Some(folder) = std::env::var_os("SIMSRV_PICTURES") else { return };
    let folder = std::path::PathBuf::from(folder);
    for (name, picture) in gallery() {
        std::fs::write(folder.join(format!("{name}.png")), picture.png).unwrap();
        std::fs::write(folder.join(format!("{name}.svg")), picture.svg).unwrap();
    }
}

/// A text of an SVG, with the rectangle that it takes, in logical pixels.
#[derive(Debug)]
struct Word {
    words: String,
    frame: canvas::Frame,
}

/// The value of an attribute in an opening tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[start..].split('"').next()
}

/// Reads the texts back from an SVG whose coordinates are tenths of a pixel.
fn words(svg: &str) -> Vec<Word> {
    let read = |element: &str| {
        let (tag, rest) = element.split_once('>')?;
        let words = rest.split("</text>").next()?.trim();
        let words = words.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        let words = words.replace("&amp;", "&");
        let number = |name: &str| attribute(tag, name)?.parse::<f64>().ok();
        let (x, y, size) = (number("x")? / 10.0, number("y")? / 10.0, number("font-size")? / 10.0);
        let face = font::Face { size, bold: attribute(tag, "font-weight") == Some("bold") };
        let width = font::width(&words, face);
        let before = match attribute(tag, "text-anchor")? {
            "start" => 0.0,
            "middle" => width / 2.0,
            _ => width,
        };
        let (half, turned) = (size * 0.4, attribute(tag, "transform").is_some());
        let frame = match turned {
            true => canvas::Frame::new(x - half, y - width + before, x + half, y + before),
            false => canvas::Frame::new(x - before, y - half, x - before + width, y + half),
        };
        Some(Word { words, frame })
    };
    svg.split("<text").skip(1).filter_map(read).filter(|word| !word.words.is_empty()).collect()
}

/// Width and height of an SVG.
fn size(svg: &str) -> (f64, f64) {
    let tag = svg.split('>').next().unwrap_or("");
    let side = |name| attribute(tag, name).and_then(|side| side.parse().ok()).unwrap();
    (side("width"), side("height"))
}

/// Each text has the width that was reckoned with, also in another font.
#[test]
fn texts_of_an_svg_have_their_width() {
    let mut scene = canvas::Scene::new(200.0, 50.0);
    let face = font::Face::bold(16.0);
    scene.text((10.0, 20.0), "a < b", face, palette::TEXT, canvas::Anchor::Start);
    let svg = scene.to_svg("x");
    let tag = svg.split("<text").nth(1).expect("a text").split('>').next().expect("a tag");
    let width: f64 = attribute(tag, "textLength").expect("a width").parse().expect("a number");
    assert!((width / 10.0 - font::width("a < b", face)).abs() < 0.1, "{width}");
}

/// Faults that an eye would find: words outside the picture, words that meet.
fn faults(svg: &str) -> Vec<String> {
    let ((width, height), words) = (size(svg), words(svg));
    let mut faults = Vec::new();
    for (number, word) in words.iter().enumerate() {
        let frame = word.frame;
        if frame.left < 0.0 || frame.top < 0.0 || frame.right > width || frame.bottom > height {
            faults.push(format!("outside: {word:?}"));
        }
        for other in &words[..number] {
            let meets = |a: (f64, f64), b: (f64, f64)| a.0 < b.1 - 1.0 && b.0 < a.1 - 1.0;
            let across = meets((frame.left, frame.right), (other.frame.left, other.frame.right));
            if across && meets((frame.top, frame.bottom), (other.frame.top, other.frame.bottom)) {
                faults.push(format!("meet: {word:?} {other:?}"));
            }
        }
    }
    faults
}

/// Decodes a PNG and gives its size; panics where it is none.
fn decoded(bytes: &[u8]) -> (u32, u32) {
    let mut reader = png::Decoder::new(bytes).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert!(pixels.iter().any(|part| *part < 128), "an empty picture");
    (info.width, info.height)
}

fn count(svg: &str, part: &str) -> usize {
    svg.matches(part).count()
}

#[test]
fn pictures_have_their_size_and_no_words_meet_or_leave_them() {
    for (name, picture) in gallery() {
        let (width, height) = size(&picture.svg);
        let pixels = decoded(&picture.png);
        assert_eq!(
            (f64::from(pixels.0), f64::from(pixels.1)),
            (2.0 * width, 2.0 * height),
            "{name}"
        );
        assert!(width >= 800.0 && height >= 200.0, "{name}");
        let found = faults(&picture.svg);
        assert!(found.is_empty(), "{name}: {found:#?}");
        let title: String = picture.title.split_whitespace().collect();
        let shown: String = words(&picture.svg).into_iter().map(|word| word.words).collect();
        assert!(shown.split_whitespace().collect::<String>().contains(&title), "{name}");
    }
}

#[test]
fn the_search_for_faults_finds_them() {
    let face = font::Face::regular(12.0);
    let mut scene = canvas::Scene::new(100.0, 50.0);
    scene.text((50.0, 20.0), "some words", face, palette::TEXT, canvas::Anchor::Middle);
    assert!(faults(&scene.to_svg("")).is_empty());
    scene.text((60.0, 24.0), "others", face, palette::TEXT, canvas::Anchor::Middle);
    scene.text((95.0, 45.0), "too far", face, palette::TEXT, canvas::Anchor::Start);
    let found = faults(&scene.to_svg(""));
    assert!(found.len() == 2 && found[0].starts_with("meet"), "{found:?}");
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    let rows = sweep(&[1, 2, 4, 8], &[2.0, 4.0], &[60.0]);
    let story = [story(3, 1), story(3, 4)];
    assert_eq!(default_charts(&rows, Some(&story)), default_charts(&rows, Some(&story)));
}

#[test]
fn the_story_of_three_users_is_told() {
    let picture = timeline(&[story(3, 1), story(3, 4)]).unwrap().picture();
    let words: Vec<String> = words(&picture.svg).into_iter().map(|word| word.words).collect();
    for expect in ["user 1", "user 2", "user 3", "3 s", "6 s", "9 s", "1 worker", "4 workers"] {
        assert!(words.iter().any(|word| word == expect), "no '{expect}' in {words:?}");
    }
    // Six bars of service; the key has one more box of the same colour.
    assert_eq!(count(&picture.svg, "opacity=\"1\" fill=\"#0072B2\" stroke=\"none\""), 6 + 1);
}

/// Of many cells those that look alike are shown once: eight cells, three pictures.
#[test]
fn stories_with_the_same_bars_are_told_once() {
    let cells = [1, 1, 1, 2, 2, 2, 3, 4].map(|workers| story(3, workers));
    let picture = timeline(&cells).unwrap().picture();
    let words: Vec<String> = words(&picture.svg).into_iter().map(|word| word.words).collect();
    for (expect, times) in [("1 worker", 1), ("2 workers", 1), ("3 workers", 1), ("4 workers", 0)] {
        assert_eq!(words.iter().filter(|word| *word == expect).count(), times, "{words:?}");
    }
    let note = "3 of 8 cells are shown; others have the bars of one of these.";
    assert!(words.contains(&note.to_owned()), "{words:?}");
}

/// A line without a name has no sample of it in the margin.
#[test]
fn one_cell_over_time_needs_no_key() {
    let told = told();
    let svg = |cells: &[ChartRun<'_>]| over_time(cells, &[Series::Backlog]).unwrap().picture().svg;
    let leaders = |svg: &str| count(svg, "opacity=\"0.45\"");
    assert!(leaders(&svg(&told)) > 0);
    assert_eq!(leaders(&svg(&told[..1])), 0);
}

/// All requests of a story may come at once: one point is no line, and has a mark.
#[test]
fn one_point_over_time_is_seen() {
    let mut course = TimeSeries::new(true);
    course.begin();
    for seconds in 1..4u32 {
        let mut record = story(1, 1).records[0];
        (record.arrival, record.start) = (Time::ZERO, Time::ZERO);
        record.departure = Time::ZERO + Span::from_secs_f64(f64::from(seconds));
        course.take(&record);
    }
    let row = &sweep(&[1], &[1.0], &[60.0])[0];
    let run = ChartRun { row, course, event: None, until: Time::MAX };
    let svg = over_time(&[run], &[Series::Response]).unwrap().picture().svg;
    assert_eq!(count(&svg, "<circle"), 1);
    assert_eq!(
        count(&over_time(&told()[..1], &[Series::Response]).unwrap().picture().svg, "<circle"),
        0
    );
}

/// Nothing is said about bars where none is drawn, whatever else the rows hold.
#[test]
fn bars_are_explained_where_there_are_some() {
    let mut rows = sweep(&[4, 8, 16], &[4.0], &[60.0]);
    for row in &mut rows {
        let memory = f64::from(row.axes.workers) * 1e8;
        row.measures.set(Measure::Memory, Estimate::exact(memory));
    }
    let drawn = |measure| lines(&rows, Along::Workers, &[measure], None).unwrap().picture().svg;
    assert!(!drawn(Measure::Memory).contains("confidence intervals"));
    assert!(drawn(Measure::ResponseP95).contains("confidence intervals"));
}

#[test]
fn unserved_requests_are_named() {
    let picture = timeline(&[odd_story()]).unwrap().picture();
    let words: Vec<String> = words(&picture.svg).into_iter().map(|word| word.words).collect();
    assert!(words.contains(&"refused".to_owned()), "{words:?}");
    assert!(words.contains(&"timed out, 2.5 s".to_owned()), "{words:?}");
}

#[test]
fn every_point_has_its_mark() {
    // Three cells settle; p95 is the line with discs, and its name beside it has one more.
    let picture =
        response_by_workers(&sweep(&[1, 2, 4, 8, 16], &[4.0], &[60.0])).unwrap().picture();
    assert_eq!(count(&picture.svg, "<circle"), 3 + 1);
    assert!(picture.svg.contains("overloaded"));
    assert_eq!(words(&picture.svg).iter().filter(|word| word.words == "overloaded").count(), 2);
}

#[test]
fn every_cell_of_the_heat_map_has_its_value() {
    let rows = sweep(&[1, 2, 4, 8], &[1.0, 2.0, 4.0], &[60.0]);
    let picture = heatmap(&rows, Measure::ResponseP95).unwrap().picture();
    let words = words(&picture.svg);
    let settled = rows.iter().filter(|row| row.stability == Stability::Yes).count();
    let times = words.iter().filter(|word| word.words.ends_with(" ms") && word.frame.right < 700.0);
    assert_eq!(times.count(), settled);
    // The others are hatched, and hold no word.
    assert!(settled < rows.len() && words.iter().any(|word| word.words == "overloaded"));
    assert!(words.iter().all(|word| word.words != "–"));
}

#[test]
fn narrow_cells_leave_their_unit_to_the_note() {
    let workers: Vec<u32> = (6..=18).collect();
    let rows = sweep(&workers, &[4.0, 8.0], &[60.0]);
    let picture = heatmap(&rows, Measure::ResponseP95).unwrap().picture();
    let words = words(&picture.svg);
    let has = |text: &str| words.iter().any(|word| word.words == text);
    assert!(has("Figures in cells are in ms.") && !has("ms"));
}

#[test]
fn the_knee_knows_its_capacity() {
    let load: Vec<f64> = (1..=12).map(|step| f64::from(step) * 10.0).collect();
    let picture = knee(&sweep(&[5], &[4.0], &load), None).unwrap().picture();
    assert!(picture.svg.contains("capacity = 100/s") && picture.svg.contains("mean (theory)"));
    let stable = knee(&sweep(&[5], &[4.0], &load[..5]), None).unwrap().picture();
    assert!(!stable.svg.contains("capacity") && !stable.svg.contains("never"));
}

#[test]
fn what_does_not_fit_is_said() {
    let many: Vec<f64> = (1..=9).map(f64::from).collect();
    let picture = response_by_workers(&sweep(&[16, 32], &many, &[10.0])).unwrap().picture();
    assert!(picture.svg.contains("6 of 9 combinations are shown, evenly spread."));
    let picture = ccdf(&sweep(&[16], &many, &[10.0])).unwrap().picture();
    assert!(picture.svg.contains("8 of 9 cells are shown"));
}

#[test]
fn charts_that_do_not_fit_the_rows_say_why() {
    let rows = sweep(&[4], &[4.0], &[60.0]);
    let error = response_by_workers(&rows).unwrap_err().to_string();
    assert_eq!(
        error,
        "this chart needs at least two values of workers: give a list such as --workers 1,2,4,8"
    );
    assert!(knee(&rows, None).unwrap_err().to_string().contains("--rate"));
    assert!(timeline(&[]).unwrap_err().to_string().contains("no row has a visit"));
    let never = sweep(&[1, 2], &[1.0], &[100.0]);
    assert_eq!(response_by_workers(&never).unwrap_err(), ChartError::NoValues("response time"));
    assert_eq!(
        lines(&rows, Along::Cores, &[Measure::WaitMean], None).unwrap_err(),
        ChartError::Same(Along::Cores)
    );
}

#[test]
fn the_axes_that_vary_choose_the_charts() {
    let names = |rows: &[Row], story: Option<&[TimelineCell]>| {
        let pictures = default_charts(rows, story);
        pictures.into_iter().map(|picture| picture.name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&[], None), "");
    assert_eq!(names(&sweep(&[4], &[4.0], &[60.0]), None), "response-ccdf");
    assert_eq!(
        names(&sweep(&[4, 8], &[4.0, 8.0], &[60.0]), None),
        "response-by-workers throughput-by-workers heatmap-response-p95-s response-ccdf"
    );
    assert_eq!(names(&sweep(&[4], &[4.0], &[20.0, 60.0]), None), "knee response-ccdf");
    assert_eq!(
        names(&story_rows(3, &[1, 4], &[1.0, 8.0]), Some(&[story(3, 1)])),
        "timeline response-by-workers throughput-by-workers heatmap-response-max-s"
    );
}

/// Rows in which every number is one of `values` by turns.
fn hostile(values: [f64; 3]) -> Vec<Row> {
    let mut rows = sweep(&[1, 2, u32::MAX], &[1.0, 4.0], &[20.0, 60.0]);
    let case = "a case\nwith \u{1} <odd> & \"letters\" that is far too long for any axis 漢字";
    for (number, row) in rows.iter_mut().enumerate() {
        let value = values[number % 3];
        for measure in Measure::ALL {
            row.measures.set(measure, Estimate { value, half_width: Some(value) });
        }
        row.response_ccdf = vec![(value, value), (0.5, value), (value, 1.0), (0.1, 2.0)];
        row.theory_response_mean_s = Some(value);
        if number % 4 == 0 {
            row.axes.rate_per_s = Some(value);
            row.axes.cores = value;
            row.axes.case = Some(case.to_owned());
        }
    }
    rows
}

#[test]
fn no_value_makes_a_chart_panic_or_writes_outside() {
    for values in [
        [f64::NAN, 1.0, f64::INFINITY],
        [f64::NEG_INFINITY, f64::NAN, f64::NAN],
        [0.0, -1.0, 1e300],
        [1e29, 1e-29, f64::MIN_POSITIVE],
        [-1e29, 1e29, 0.0],
    ] {
        let rows = hostile(values);
        let mut pictures = default_charts(&rows, None);
        pictures.extend(default_charts(&rows[..1], None));
        pictures.extend(knee(&rows[1..3], Some(&|_| values[0])).map(Sheet::picture));
        pictures.extend(wait_by_workers(&rows).map(Sheet::picture));
        pictures.extend(best_workers(&rows, Measure::WaitMean).map(Sheet::picture));
        let measures = [Measure::WaitMean, Measure::RefusedShare, Measure::QueueMean];
        pictures
            .extend(lines(&rows, Along::Case, &measures, Some(Along::Workers)).map(Sheet::picture));
        pictures.extend(lines(&rows, Along::Cores, &measures[..1], None).map(Sheet::picture));
        for picture in pictures {
            decoded(&picture.png);
            let faults = faults(&picture.svg);
            assert!(faults.is_empty(), "{values:?}: {} {faults:#?}", picture.name);
        }
    }
}

#[test]
fn no_story_makes_the_timeline_panic() {
    use crate::time::Time;
    for end in [0, 1, 3_000, u64::MAX] {
        let mut cell = story(2, 1);
        for record in &mut cell.records {
            record.start = Time::from_nanos(end / 2);
            record.departure = Time::from_nanos(end);
        }
        let picture = timeline(&[cell]).unwrap().picture();
        assert!(faults(&picture.svg).is_empty(), "{end}: {:#?}", faults(&picture.svg));
    }
}
