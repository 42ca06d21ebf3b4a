//! One request of each format: its instants, its time, its status, by hand.

use simsrv::fit::formats::{FORMATS, SUMMARIES};
use simsrv::fit::record::Status;

use super::support::{ledger, only, read};

const MS: i64 = 1_000_000;
/// 2026-11-23 02:36:18 UTC.
const THEN: i64 = 1_795_401_378_000 * MS;

/// What is expected of one request: its arrival and departure, its response and held time in
/// milliseconds after [`THEN`], and its status.
struct Case {
    format: &'static str,
    given: Option<&'static str>,
    text: &'static str,
    span: Option<(i64, i64)>,
    response: Option<i64>,
    held: Option<i64>,
    status: Status,
}

const OK: Status = Status::Code(200);

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { format: "gunicorn", given: None, span: Some((-501, 0)), response: None, held: Some(501), status: OK,
        text: r#"127.0.0.1 - - [23/Nov/2026:02:36:18 +0000] "GET /?p=i500 HTTP/1.0" 200 3 "-" "curl" T=0 M=501 D=501000 pid=<13131>"# },
    Case { format: "gunicorn", given: Some(r#"%(t)s %(p)s "%(r)s" %(s)s %(L)s"#), span: Some((-501, 0)), response: None, held: Some(501), status: OK,
        text: r#"[23/Nov/2026:02:36:18 +0000] <7> "GET / HTTP/1.0" 200 0.501000"# },
    Case { format: "nginx", given: None, span: Some((-125, 878)), response: Some(1003), held: None, status: OK,
        text: r#"127.0.0.1 - - [23/Nov/2026:02:36:18 +0000] "GET / HTTP/1.1" 200 3 "-" "curl/7.88.1" rt=1.010 uct=0.000 uht=1.003 urt=1.003 msec=1795401378.878"# },
    Case { format: "nginx", given: Some("log_format x '$remote_addr [$msec] \"$request\" '\n '$status $request_time $upstream_response_time';"),
        span: Some((-20, 0)), response: Some(20), held: None, status: OK,
        text: r#"::1 [1795401378.000] "GET / HTTP/1.1" 200 0.025 0.500, 0.020"# },
    Case { format: "nginx", given: None, span: Some((-20, 0)), response: Some(20), held: None, status: OK,
        text: r#"::1 - - [23/Nov/2026:02:36:18 +0000] "GET / HTTP/1.1" 200 3 "-" "curl" 0.020 0.025"# },
    Case { format: "apache", given: Some("apache"), span: Some((0, 500)), response: None, held: Some(500), status: OK,
        text: r#"127.0.0.1 - - [23/Nov/2026:02:36:18 +0000] "GET / HTTP/1.1" 200 3 "-" "curl" 500000"# },
    Case { format: "apache", given: Some(r#"%h %l %u [%{end:usec}t] \"%r\" %>s %b %{ms}T"#), span: Some((-500, 0)), response: None, held: Some(500), status: OK,
        text: r#"::1 - - [1795401378000000] "GET / HTTP/1.1" 200 3 500"# },
    Case { format: "uvicorn", given: None, span: None, response: None, held: None, status: OK,
        text: r#"INFO:     127.0.0.1:5000 - "GET /a HTTP/1.1" 200 OK"# },
    Case { format: "php-fpm", given: None, span: Some((0, 13)), response: None, held: Some(12), status: OK,
        text: r#"- -  23/Nov/2026:02:36:18 +0000 "GET /index.php?a=b" 200 /srv/index.php 12.500 2048 80.00%"# },
    Case { format: "php-fpm", given: Some(r#"%{micro}d %s"#), span: None, response: None, held: Some(12), status: Status::Code(502),
        text: "12500 502" },
    Case { format: "alb", given: None, span: Some((-23, 500)), response: Some(523), held: None, status: OK,
        text: r#"http 2026-11-23T02:36:18.500000Z app/lb/1 1.2.3.4:5 10.0.0.1:80 0.000 0.523 0.000 200 200 34 366 "GET http://x:80/a HTTP/1.1" "curl" - -"# },
    Case { format: "heroku", given: None, span: Some((-8, 0)), response: Some(8), held: None, status: OK,
        text: r#"2026-11-23T02:36:18.000000+00:00 heroku[router]: at=info method=GET path="/a" host=x request_id=1 fwd="1.2.3.4" dyno=web.1 connect=1ms service=8ms status=200 bytes=21"# },
    Case { format: "caddy", given: None, span: Some((-250, 0)), response: Some(250), held: None, status: OK,
        text: r#"{"level":"info","ts":1795401378.000,"logger":"http.log.access","msg":"handled request","request":{"method":"GET","uri":"/a?b","headers":{"X":["{"]}},"duration":0.25,"status":200}"# },
    Case { format: "traefik", given: None, span: Some((0, 250)), response: Some(250), held: None, status: OK,
        text: r#"{"Duration":251000000,"OriginDuration":250000000,"RequestMethod":"GET","RequestPath":"/a","DownstreamStatus":200,"StartUTC":"2026-11-23T02:36:18Z"}"# },
    Case { format: "jmeter", given: None, span: Some((0, 250)), response: Some(250), held: None, status: OK,
        text: "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success\n1795401378000,250,Home,200,OK,T 1-1,true" },
    Case { format: "jmeter", given: None, span: Some((0, 250)), response: Some(250), held: None, status: Status::Failed,
        text: "timeStamp;elapsed;label;responseCode;success\n2026/11/23 02:36:18.000;250;Home;Non HTTP response code: java.net.X;false" },
    Case { format: "jmeter-xml", given: None, span: Some((0, 250)), response: Some(250), held: None, status: OK,
        text: "<?xml version=\"1.0\"?>\n<testResults version=\"1.2\">\n<httpSample t=\"250\" lt=\"9\" ts=\"1795401378000\" s=\"true\" lb=\"Home\" rc=\"200\"/>\n</testResults>" },
    Case { format: "k6-csv", given: None, span: Some((-222, 0)), response: Some(221), held: None, status: OK,
        text: "metric_name,timestamp,metric_value,method,name,status\nhttp_reqs,1795401378,1,GET,http://x/,200\nhttp_req_duration,1795401378,221.5,GET,http://x/,200" },
    Case { format: "k6-json", given: None, span: Some((-222, 0)), response: Some(221), held: None, status: OK,
        text: "{\"type\":\"Metric\",\"data\":{\"name\":\"x\"},\"metric\":\"http_req_duration\"}\n{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":{\"time\":\"2026-11-23T02:36:18Z\",\"value\":221.5,\"tags\":{\"status\":\"200\",\"method\":\"GET\",\"name\":\"http://x/\"}}}" },
    Case { format: "vegeta-csv", given: None, span: Some((0, 250)), response: Some(250), held: None, status: OK,
        text: "1795401378000000000,200,250000000,0,3,,Cg==,,0,GET,http://x/a,Cg==" },
    Case { format: "vegeta-json", given: None, span: Some((0, 250)), response: Some(250), held: None, status: OK,
        text: r#"{"attack":"","seq":0,"code":200,"timestamp":"2026-11-23T02:36:18Z","latency":250000000,"method":"GET","url":"http://x/a"}"# },
    Case { format: "gatling", given: None, span: Some((0, 250)), response: Some(250), held: None, status: Status::Good,
        text: "RUN\tsim\tid\t1\t \t3.9\nREQUEST\t\tHome\t1795401378000\t1795401378250\tOK\t " },
    Case { format: "ab-table", given: None, span: Some((0, 250)), response: Some(250), held: None, status: Status::Unknown,
        text: "starttime\tseconds\tctime\tdtime\tttime\twait\nMon Nov 23 02:36:18 2026\t1795401378\t1\t249\t250\t249" },
    Case { format: "combined", given: None, span: Some((0, 0)), response: None, held: None, status: OK,
        text: r#"127.0.0.1 - - [23/Nov/2026:02:36:18 +0000] "GET / HTTP/1.1" 200 3 "-" "curl""# },
];

#[test]
fn each_format_is_recognised_and_read() {
    for case in CASES {
        let (kept, format) = only(case.text, case.given);
        let what = format!("{}: {}", case.format, case.text);
        assert_eq!(format, case.format, "{what}");
        // to the millisecond, downwards
        let floor = |nanos: i64| nanos.div_euclid(MS);
        let span = kept.arrival.zip(kept.departure);
        let span = span.map(|(from, to)| (floor(from - THEN), floor(to - THEN + MS - 1)));
        assert_eq!(span, case.span, "{what}");
        assert_eq!(kept.response.map(|nanos| floor(nanos as i64)), case.response, "{what}");
        assert_eq!(kept.held.map(|nanos| floor(nanos as i64)), case.held, "{what}");
        assert_eq!(kept.status, case.status, "{what}");
    }
}

#[test]
fn no_format_is_without_a_case() {
    // their starts count from the start of the test
    let others = ["hey", "oha"];
    for format in FORMATS {
        let found = CASES.iter().any(|case| case.format == format.name);
        assert!(found || others.contains(&format.name), "{}", format.name);
    }
}

#[test]
fn results_that_count_from_their_start_are_read() {
    let hey = "response-time,DNS+dialup,DNS,Request-write,Response-delay,Response-read,status-code,offset\n\
               0.2500,0.0010,0.0000,0.0000,0.2490,0.0000,200,0.1000";
    let (kept, format) = only(hey, None);
    assert_eq!((format, kept.response, kept.arrival), ("hey", Some(250_000_000), Some(100 * MS)));
    let oha = "request-start,DNS,DNS+dialup,Response-delay,request-duration,bytes,status\n\
               0.1,0,0.001,0.24,0.25,3,200";
    let (kept, format) = only(oha, None);
    assert_eq!((format, kept.response, kept.departure), ("oha", Some(250_000_000), Some(350 * MS)));
}

#[test]
fn the_cpu_of_php_fpm_is_its_share_of_the_time() {
    let line = r#"- -  23/Nov/2026:02:36:18 +0000 "GET /i.php" 200 /srv/i.php 12.500 2048 80.00%"#;
    let (kept, _) = only(line, None);
    assert_eq!(kept.cpu, Some(10_000_000));
}

#[test]
fn the_header_of_a_proxy_is_the_arrival() {
    let line = r#"::1 - - [23/Nov/2026:02:36:18 +0000] "GET / HTTP/1.0" 200 3 "-" "c" D=501055 pid=<1> xrs=t=1795401376.868"#;
    let (kept, _) = only(line, None);
    assert_eq!((kept.arrival, kept.departure), (Some(1_795_401_376_868 * MS), None));
    assert_eq!(kept.held, Some(501_055_000));
}

/// A transaction and the parts of a sample would be counted twice.
#[test]
fn what_would_count_twice_is_skipped_with_its_reason() {
    let csv = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,success\n\
               1000,300,Home,200,OK,T 1-1,true\n\
               1000,100,Home-0,200,OK,T 1-1,true\n\
               1100,200,Home-1,200,OK,T 1-1,true\n\
               1000,300,T,,\"Number of samples in transaction : 1, number of failing samples : 0\",T 1-1,true\n";
    let xml = "<testResults>\n<httpSample t=\"300\" ts=\"1000\" s=\"true\" lb=\"Home\" rc=\"200\">\n\
               <httpSample t=\"100\" ts=\"1000\" s=\"true\" lb=\"Home-0\" rc=\"302\"/>\n\
               <httpSample t=\"200\" ts=\"1100\" s=\"true\" lb=\"Home-1\" rc=\"200\"/>\n\
               </httpSample>\n\
               <sample t=\"1\" ts=\"1\" s=\"true\" lb=\"T\" rm=\"Number of samples in transaction : 1\"/>\n";
    for text in [csv, xml] {
        let ledger = ledger(text, None);
        let counts: Vec<u64> = ledger.skipped.values().map(|skipped| skipped.count).collect();
        assert_eq!((ledger.requests, counts), (1, vec![2, 1]), "{:?}", ledger.skipped);
    }
}

#[test]
fn lines_that_do_not_parse_are_counted_by_reason_and_the_first_is_shown() {
    let good =
        r#"::1 - - [23/Nov/2026:02:36:18 +0000] "GET / HTTP/1.1" 200 3 "-" "c" rt=0.020 urt=0.020"#;
    let text = format!(
        "{good}\r\n\nbroken \x1b[2J\u{202e}\n{good}\nbroken\n{}\n",
        good.replace("urt=0.020", "urt=-")
    );
    let ledger = ledger(&text, None);
    assert_eq!(ledger.requests, 2);
    let skipped: Vec<(u64, u64)> =
        ledger.skipped.values().map(|skipped| (skipped.count, skipped.first.1)).collect();
    assert_eq!(skipped, [(2, 3), (1, 6)], "{:?}", ledger.skipped);
    let shown = &ledger.skipped["a field is missing"].first.2;
    assert_eq!(shown, "broken \\u{1b}[2J\\u{202e}");
}

#[test]
fn what_cannot_be_read_is_refused_with_its_first_lines() {
    for (text, given, parts) in [
        ("", None, vec!["is empty"]),
        ("\n\n", None, vec!["is empty"]),
        ("hello\nworld\n", None, vec!["not in a format that is known", "hello", "--log-format"]),
        ("hello\n", Some("jmeter"), vec!["the first lines are not of the format 'jmeter'"]),
        ("hello\n", Some("gatlin"), vec!["'gatlin' is not a known log format"]),
        ("hello\n", Some("%(h)s %(D)s"), vec!["no line of 'log'", "line 1", "hello"]),
        ("hello\n", Some("$a"), vec!["has no field that is read"]),
        ("hello\n", Some("$status$request"), vec!["two fields of the log format touch"]),
        ("\u{0}\u{1}", None, vec!["is not text"]),
    ] {
        let why = read(text, given).unwrap_err();
        assert!(parts.iter().all(|part| why.contains(part)), "{text:?} {given:?}: {why}");
    }
}

/// Each summary as its program prints it: requests a second, mean and p99 in milliseconds, users.
#[test]
fn each_summary_is_read() {
    let wrk = "Running 30s test @ http://x/\n  12 threads and 400 connections\n  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency   635.91us    0.89ms  12.92ms   93.69%\n    Req/Sec    56.20k     8.07k   62.00k    86.54%\n  Latency Distribution\n     50%  250.00us\n     99%    2.93ms\n  22464657 requests in 30.00s, 17.76GB read\nRequests/sec: 748868.53\n";
    let ab = "Concurrency Level:      100\nTime taken for tests:   1.0 seconds\nComplete requests:      1029\nFailed requests:        2\nRequests per second:    1029.00 [#/sec] (mean)\nTime per request:       97.182 [ms] (mean)\nPercentage of the requests served within a certain time (ms)\n  50%     90\n  99%    180\n 100%    200 (longest request)\n";
    let hey = "Summary:\n  Total:\t1.0 secs\n  Average:\t0.0820 secs\n  Requests/sec:\t1029.5\nLatency distribution:\n  50% in 0.0800 secs\n  99% in 0.1800 secs\n";
    let vegeta = "Requests      [total, rate, throughput]         1200, 120.00, 65.87\nDuration      [total, attack, wait]             10.094965987s, 9.949883921s, 145.082066ms\nLatencies     [min, mean, 50, 90, 95, 99, max]  90.438129ms, 113.172398ms, 108.272568ms, 140.18235ms, 247.771566ms, 264.815246ms, 314.2ms\n";
    let k6 = "     http_req_duration..............: avg=120.5ms min=1ms med=100ms max=1s p(90)=200ms p(95)=1.2s\n     http_reqs......................: 3000   99.5/s\n     vus_max........................: 10     min=10 max=10\n";
    let k6_json = r#"{"metrics":{"http_req_duration":{"avg":120.5,"med":100,"p(95)":200},"http_reqs":{"count":3000,"rate":99.5},"vus_max":{"value":10}}}"#;
    let oha = r#"{"summary":{"successRate":1.0,"average":0.082,"requestsPerSec":1029.5},"latencyPercentiles":{"p50":0.08,"p99":0.18}}"#;
    let locust = "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Requests/s,50%,99%\nGET,/,9,0,1,1,1,1,1\n,Aggregated,1000,3,80,82.0,37.45,80,180\n";
    let history = "Timestamp,User Count,Type,Name,Requests/s,Failures/s,50%,99%,Total Request Count,Total Failure Count,Total Average Response Time\n1,50,,Aggregated,1,0,1,1,1,0,1\n2,100,,Aggregated,37.45,0,80,180,1000,3,82.0\n";
    for (name, text, rate, mean, top, users) in [
        ("wrk", wrk, 748_868.53, 0.635_91, Some(2.93), Some(400)),
        ("ab", ab, 1029.0, 97.182, Some(180.0), Some(100)),
        ("hey-summary", hey, 1029.5, 82.0, Some(180.0), None),
        ("vegeta-report", vegeta, 120.0, 113.172_398, Some(264.815_246), None),
        ("k6-summary", k6, 99.5, 120.5, None, Some(10)),
        ("k6-summary", k6_json, 99.5, 120.5, None, Some(10)),
        ("oha-json", oha, 1029.5, 82.0, Some(180.0), None),
        ("locust", locust, 37.45, 82.0, Some(180.0), None),
        ("locust-history", history, 37.45, 82.0, Some(180.0), Some(100)),
    ] {
        let ledger = ledger(text, None);
        assert_eq!(ledger.files[0].format, name);
        let summary = ledger.summary.expect(name);
        let near = |one: f64, other: f64| (one - other).abs() < 1e-6 * other;
        assert!(near(summary.rate.unwrap(), rate), "{name}: {summary:?}");
        assert!(near(summary.mean.unwrap() * 1e3, mean), "{name}: {summary:?}");
        let found = summary.quantiles.iter().find(|(p, _)| (*p - 0.99).abs() < 1e-9);
        assert!(found.is_some() == top.is_some(), "{name}: {summary:?}");
        assert!(found.zip(top).is_none_or(|(found, top)| near(found.1 * 1e3, top)), "{summary:?}");
        assert_eq!(summary.users, users, "{name}");
    }
    assert!(SUMMARIES.len() >= 10);
}

/// No bytes make a reader panic: every prefix and every flipped byte of every case.
#[test]
fn broken_files_are_refused_or_counted() {
    for case in CASES {
        let bytes = case.text.as_bytes();
        for end in 0..bytes.len() {
            let mut broken = bytes.to_vec();
            broken[end] ^= 0x55;
            for part in [&bytes[..end], &broken] {
                let mut ledger = simsrv::fit::ledger::Ledger::default();
                let _ = ledger.read("log", part, case.given);
            }
        }
    }
}
